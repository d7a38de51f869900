#include "alert/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "alert/rates.h"
#include "alert/sentence.h"
#include "alert/windows.h"
#include "base/hash.h"
#include "base/str.h"
#include "record/attack.h"

#define SECOND		1000000000ull
#define ASKED_NS	(300 * SECOND)	/* how long the outcome of a command is waited for at most */

struct alerts {
	uint64_t		 merge_ns, window_ns;
	struct alert_sink	 sink;
	struct counters		*counters;
	struct alert_evidence	 evidence;
	struct rates		*rates;
	struct windows		 windows;
	const uint64_t		*clock;		/* borrowed; NULL: now_ns is all that is known */
	uint64_t		 next_id, now_ns;
	uint64_t		 salt;		/* of ids: sensor and, live, this run */
	char			 uid[ALERT_UID_LEN + 1];
	char			 text[ALERT_SENTENCE_MAX];
};

static void
emit(struct alerts *a, struct alert *al)
{
	const struct finding *f = al->finding;

	al->type = alert_type_row(f->type);
	al->severity = f->rule != NULL ? f->rule->severity : al->type->severity;
	al->signature = f->rule != NULL && f->rule->msg != NULL ? f->rule->msg : al->type->title;
	al->techniques = f->rule != NULL && f->rule->techniques != NULL ? f->rule->techniques :
	    al->type->techniques;
	al->category = f->rule != NULL ? f->rule->category : alert_class_text(al->type->class_);
	a->sink.alert(a->sink.arg, al);
}

static uint8_t
severity_of(const struct finding *f)
{
	return f->rule != NULL ? f->rule->severity : alert_type_row(f->type)->severity;
}

/* 128 bits of the sensor, the time, the type and a counter.  Fixed keys: the id must be
 * the same wherever the capture is replayed. */
static const char *
make_uid(struct alerts *a, const struct finding *f, uint64_t ts_ns, uint64_t counter)
{
	static const char digits[] = "0123456789abcdef";
	const uint64_t parts[5] = { a->salt, ts_ns, f->rule != NULL ? f->rule->gid : ALERT_GID,
	    f->rule != NULL ? f->rule->sid : alert_type_row(f->type)->sid, counter };

	for (unsigned half = 0; half < 2; half++) {
		uint64_t h = hash_bytes(half + 1, parts, sizeof(parts));

		for (unsigned i = 0; i < ALERT_UID_LEN / 2; i++)
			a->uid[half * (ALERT_UID_LEN / 2) + i] = digits[h >> (60 - 4 * i) & 15];
	}
	a->uid[ALERT_UID_LEN] = '\0';
	return a->uid;
}

static void
report_suppressed(void *arg, const struct rates_suppressed *h)
{
	struct alerts *a = arg;
	uint64_t ts_ns = a->now_ns > h->last.ts_ns ? a->now_ns : h->last.ts_ns;
	struct alert al = { .kind = ALERT_SUPPRESSED, .ts_ns = ts_ns, .finding = &h->last, .suppressed = h->n,
	    .first_ns = h->last.ts_ns, .last_ns = h->last.ts_ns, .n_targets = h->n_targets,
	    .targets = h->named, .n_named = h->n_named };
	struct strbuf s = strbuf_on(a->text, sizeof(a->text));
	char address[ADDR_TEXT_MAX];

	strbuf_printf(&s, "%llu more alerts like this were held back within a minute: %s",
	    (unsigned long long)h->n, h->last.rule != NULL && h->last.rule->msg != NULL ?
	    h->last.rule->msg : alert_type_row(h->last.type)->title);
	for (uint32_t i = 0; i < h->n_named; i++) {
		(void)addr_print(&h->named[i].addr, address);
		strbuf_printf(&s, "%s%s", i == 0 ? "; about " : ", ", address);
		if (h->named[i].has_unit && h->named[i].unit != 0)
			strbuf_printf(&s, " unit %u", h->named[i].unit);
	}
	if (h->n_targets > h->n_named && h->n_named > 0)
		strbuf_printf(&s, " and %llu more", (unsigned long long)(h->n_targets - h->n_named));
	strbuf_put(&s, ".");
	al.sentence = a->text;
	al.uid = make_uid(a, &h->last, ts_ns, ++a->next_id);
	emit(a, &al);
}

/* ---- windows ------------------------------------------------------------------ */

static struct alert
update_of(const struct window *w, uint64_t ts_ns)
{
	return (struct alert){ .kind = ALERT_UPDATE, .id = w->id, .uid = w->uid,
	    .ts_ns = ts_ns > w->last_ns ? ts_ns : w->last_ns, .frame = w->last_frame,
	    .flow_id = w->flow_id, .finding = &w->finding, .count = w->count, .first_ns = w->first_ns,
	    .last_ns = w->last_ns, .sentence = w->sentence, .has_outcome = w->asked,
	    .outcome = (enum op_outcome)w->best, .outcomes = w->asked ? w->outcomes : NULL,
	    .evidence_file = w->file[0] != '\0' ? w->file : NULL };
}

static void
end_window(struct alerts *a, struct window *w, uint64_t now_ns)
{
	/* What was written already needs no repetition. */
	if (w->count > w->reported || w->ends > w->reported_ends) {
		struct alert al = update_of(w, now_ns);

		emit(a, &al);
	}
	windows_remove(&a->windows, w);
}

static void
end_old(struct alerts *a, uint64_t now_ns)
{
	struct window *w;

	while ((w = windows_oldest(&a->windows)) != NULL) {
		uint64_t since = w->since_ns;

		/* A clock that was set back by more than a window ends it too. */
		if (now_ns >= since ? now_ns - since < a->window_ns : since - now_ns < a->window_ns)
			return;
		if (w->pending && now_ns >= w->first_ns && now_ns - w->first_ns < ASKED_NS)
			windows_keep(&a->windows, w, now_ns);
		else
			end_window(a, w, now_ns >= since ? since + a->window_ns : now_ns);
	}
}

static void
open_window(struct alerts *a, const struct alert *al, bool proven)
{
	if (a->windows.in_use == a->windows.n) {
		count(a->counters, CNT_ALERT_EVICTED);
		end_window(a, windows_victim(&a->windows), al->finding->ts_ns);
	}
	(void)windows_add(&a->windows, al, proven);
}

/* ---- what became of a command ------------------------------------------------- */

/* Which outcome is the most that somebody must know of. */
static unsigned
rank(enum op_outcome o)
{
	switch (o) {
	case OUTCOME_PENDING:
		return 0;
	case OUTCOME_EXCEPTION:
		return 2;
	case OUTCOME_ANSWERED:
		return 3;
	default:
		return 1;
	}
}

/* Was the conversation taken up by its other end?  Else anybody can have made it up. */
static bool
is_proven(const struct finding *f)
{
	const struct flow *flow = f->flow;
	unsigned server;

	if (f->op != NULL && f->op->response.seen)
		return true;
	if (flow == NULL)
		return false;
	server = flow_server(flow);
	return flow->payload[server] > 0 ||
	    (flow->packets[server] > 0 && (flow->tcp_flags[server] & TCP_SYN) != 0 &&
	    (flow->tcp_flags[server ^ 1u] & TCP_ACK) != 0);
}

/* True when there is an alert that it belongs to. */
static bool
outcome(struct alerts *a, const struct finding *f)
{
	struct window *w = windows_find(&a->windows, f);
	enum op_outcome o = f->op->outcome;
	bool its_own;
	struct alert al;

	if (w == NULL)
		return false;
	count(a->counters, CNT_ALERT_OUTCOMES);
	w->outcomes[o]++;
	w->ends++;
	if (is_proven(f))
		windows_prove(&a->windows, w);
	its_own = w->pending && w->tx == f->tx && w->flow_id == (f->flow != NULL ? f->flow->id : 0);
	if (its_own)
		w->pending = false;
	if (f->ts_ns > w->last_ns || its_own)
		windows_touch(w, f);
	/* Another one that was merged into it: only when it came to more. */
	if (rank(o) <= rank((enum op_outcome)w->best) && !its_own)
		return true;
	if (rank(o) >= rank((enum op_outcome)w->best))
		w->best = (uint8_t)o;
	w->reported = w->count;
	w->reported_ends = w->ends;
	if (a->clock != NULL && *a->clock > a->now_ns)
		a->now_ns = *a->clock;
	/* That there was no answer is known when it was waited for long enough. */
	al = update_of(w, f->op->response.seen || f->ts_ns > a->now_ns ? f->ts_ns : a->now_ns);
	al.finding = f;
	al.outcome = o;
	al.frame = f->op->response.seen ? f->op->response.frame : w->last_frame;
	(void)sentence_make(f, w->sentence, sizeof(w->sentence));
	emit(a, &al);
	return true;
}

/* ---- in ------------------------------------------------------------------------- */

/* It is like an alert that is open. */
static bool
merge(struct alerts *a, const struct finding *f)
{
	struct window *w = windows_find(&a->windows, f);

	if (w == NULL)
		return false;
	w->count++;
	w->asked |= f->stage == FINDING_ASKED;
	windows_touch(w, f);
	count(a->counters, CNT_ALERT_MERGED);
	return true;
}

void
alerts_finding(struct alerts *a, const struct finding *f)
{
	struct alert al = { .kind = ALERT_FIRST, .ts_ns = f->ts_ns, .frame = f->frame, .finding = f,
	    .count = 1, .first_ns = f->ts_ns, .last_ns = f->ts_ns,
	    .flow_id = f->flow != NULL ? f->flow->id : 0, .has_outcome = f->stage != FINDING_WHOLE && f->op != NULL };
	bool proven = is_proven(f);

	if (f->ts_ns > a->now_ns)
		a->now_ns = f->ts_ns;
	if (f->flow != NULL && f->stage != FINDING_OUTCOME && f->flow->alerts < UINT32_MAX)
		f->flow->alerts++;
	end_old(a, a->now_ns);
	if (f->stage == FINDING_OUTCOME && f->op != NULL) {
		if (outcome(a, f))
			return;
		/* Its alert was suppressed, or its window evicted.  That it was never answered is no
		 * news; that it was, is. */
		if (!proven) {
			count(a->counters, CNT_ALERT_OUTCOMES);
			return;
		}
	} else if (a->merge_ns > 0 && merge(a, f))
		return;
	if (!rates_pass(a->rates, f, severity_of(f), proven)) {
		count(a->counters, CNT_ALERT_SUPPRESSED);
		return;
	}
	count(a->counters, CNT_ALERT_ALL);
	al.id = ++a->next_id;
	al.uid = make_uid(a, f, f->ts_ns, al.id);
	al.severity = severity_of(f);
	al.sentence = sentence_make(f, a->text, sizeof(a->text));
	if (al.has_outcome)
		al.outcome = f->op->outcome;
	if (a->evidence.file != NULL)
		al.evidence_file = a->evidence.file(a->evidence.arg, al.id, f);
	if (a->merge_ns > 0 || f->stage == FINDING_ASKED)
		open_window(a, &al, proven);
	emit(a, &al);
}

void
alerts_tick(struct alerts *a, uint64_t now_ns)
{
	a->now_ns = now_ns;
	end_old(a, now_ns);
	rates_tick(a->rates, now_ns, false);
}

void
alerts_finish(struct alerts *a, uint64_t now_ns)
{
	struct window *w;

	a->now_ns = now_ns;
	while ((w = windows_oldest(&a->windows)) != NULL)
		end_window(a, w, now_ns);
	rates_tick(a->rates, now_ns, true);
}

void
alerts_forget_rules(struct alerts *a, uint64_t now_ns)
{
	a->now_ns = now_ns;
	for (uint32_t i = 0, n = a->windows.n; i < n; i++) {
		struct window *w = &a->windows.all[i];

		if (w->hash != 0 && w->finding.rule != NULL)
			end_window(a, w, now_ns);
	}
	rates_forget_rules(a->rates);
}

void
alerts_set_evidence(struct alerts *a, const struct alert_evidence *e)
{
	a->evidence = *e;
}

struct alerts *
alerts_open(const struct alerts_env *env)
{
	const struct settings *s = env->settings;
	struct alerts *a = calloc(1, sizeof(*a));
	const struct rates_sink suppressed = { report_suppressed, a };
	const struct rates_settings limits = { .limit = s->alert.limit, .key = env->key,
	    .own_limit = s->alert.limit_is_set ? s->alert.limit : 0 };
	uint32_t n = (uint32_t)(s->alert.windows > 0 ? s->alert.windows : 1);

	if (a == NULL)
		return NULL;
	a->merge_ns = s->alert.merge_s * SECOND;
	a->window_ns = a->merge_ns > 0 ? a->merge_ns : ASKED_NS;
	a->sink = env->sink;
	a->counters = env->counters;
	a->clock = env->now_ns;
	a->salt = hash_bytes(env->run, s->output.sensor != NULL ? s->output.sensor : "",
	    s->output.sensor != NULL ? strlen(s->output.sensor) : 0);
	a->rates = rates_open(&limits, &suppressed, env->counters);
	if (a->rates == NULL || windows_open(&a->windows, n, env->key, a->merge_ns == 0) != 0) {
		alerts_close(a);
		return NULL;
	}
	return a;
}

size_t
alerts_memory(const struct alerts *a)
{
	return sizeof(*a) + rates_memory(a->rates) + windows_memory(&a->windows);
}

void
alerts_close(struct alerts *a)
{
	if (a == NULL)
		return;
	rates_close(a->rates);
	windows_close(&a->windows);
	free(a);
}
