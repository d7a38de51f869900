#include "alert/alerts.h"

#include <stdlib.h>
#include <string.h>

#include "alert/rates.h"
#include "alert/sentence.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/str.h"
#include "record/attack.h"

#define SECOND		1000000000ull
#define SENTENCE_KEPT	320u
#define WHAT_KEPT	64u
#define FILE_KEPT	48u

/* A written alert that counts what is like it.  All windows last equally long, so
 * they end in the order in which they began: a ring. */
struct window {
	uint64_t	 hash, id, count, first_ns, last_ns, flow_id;
	struct finding	 finding;	/* what is borrowed for the call only is NULL, or points into: */
	char		 what[WHAT_KEPT], expected[WHAT_KEPT];
	char		 sentence[SENTENCE_KEPT], file[FILE_KEPT];
};

struct alerts {
	uint64_t		 merge_ns;
	struct alert_sink	 sink;
	struct counters		*counters;
	struct alert_evidence	 evidence;
	struct rates		*rates;
	uint64_t		 next_id, now_ns;
	uint64_t		 key;		/* of the hash */
	struct window		*ring;		/* owned; n_ring */
	uint32_t		 n_ring, head, n;	/* oldest, and how many */
	struct hmap		 map;		/* hash -> place in the ring */
	char			 text[ALERT_SENTENCE_MAX];
};

static void
tell(struct alerts *a, struct alert *al)
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

/* Text that anything may stand before: the end of the ring's slot is its end. */
static const char *
keep(char *to, size_t size, const char *text)
{
	size_t n;

	if (text == NULL)
		return NULL;
	n = strlen(text);
	if (n >= size)
		n = size - 1;
	memcpy(to, text, n);
	to[n] = '\0';
	return to;
}

static void
tell_held(void *arg, const struct rates_held *h)
{
	struct alerts *a = arg;
	struct alert al = { .kind = ALERT_HELD, .ts_ns = a->now_ns > h->last.ts_ns ? a->now_ns :
	    h->last.ts_ns, .finding = &h->last, .held = h->n, .first_ns = h->last.ts_ns,
	    .last_ns = h->last.ts_ns };
	struct strbuf s = strbuf_on(a->text, sizeof(a->text));

	strbuf_printf(&s, "%llu more alerts like this were held back within a minute: %s.",
	    (unsigned long long)h->n, h->last.rule != NULL && h->last.rule->msg != NULL ?
	    h->last.rule->msg : alert_type_row(h->last.type)->title);
	al.sentence = a->text;
	tell(a, &al);
}

/* The oldest window ends. */
static void
end_window(struct alerts *a, uint64_t now_ns)
{
	struct window *w = &a->ring[a->head];

	(void)hmap_remove(&a->map, w->hash, a->head);
	a->head = a->head + 1 == a->n_ring ? 0 : a->head + 1;
	a->n--;
	if (w->count > 1) {
		struct alert al = { .kind = ALERT_UPDATE, .id = w->id, .ts_ns = now_ns > w->last_ns ?
		    now_ns : w->last_ns, .flow_id = w->flow_id, .finding = &w->finding,
		    .count = w->count, .first_ns = w->first_ns, .last_ns = w->last_ns,
		    .sentence = w->sentence,
		    .evidence_file = w->file[0] != '\0' ? w->file : NULL };

		tell(a, &al);
	}
}

/* What findings of one alert share. */
struct same {
	uint64_t	 type, sid, gid, key;
	struct addr	 src, dst;
};

static struct same
same_of(const struct finding *f)
{
	static const struct addr nobody;

	return (struct same){ .type = (uint64_t)f->type, .sid = f->rule != NULL ? f->rule->sid : 0,
	    .gid = f->rule != NULL ? f->rule->gid : 0, .key = f->key, .src = f->src, .dst = f->any_dst ? nobody : f->dst };
}

static struct window *
find(struct alerts *a, const struct finding *f, uint64_t hash)
{
	struct same mine = same_of(f);

	for (uint32_t at = hmap_first(&a->map, hash); at != HMAP_END;
	    at = hmap_next(&a->map, hash, at)) {
		struct window *w = &a->ring[hmap_value(&a->map, at)];
		struct same other = same_of(&w->finding);

		if (w->hash == hash && memcmp(&mine, &other, sizeof(mine)) == 0)
			return w;
	}
	return NULL;
}

static void
open_window(struct alerts *a, const struct alert *al, uint64_t hash)
{
	const struct finding *f = al->finding;
	uint32_t at;
	struct window *w;

	if (a->n == a->n_ring) {
		count(a->counters, CNT_ALERT_EVICTED);
		end_window(a, f->ts_ns);
	}
	at = a->head + a->n;
	if (at >= a->n_ring)
		at -= a->n_ring;
	w = &a->ring[at];
	w->hash = hash;
	w->id = al->id;
	w->count = 1;
	w->first_ns = w->last_ns = f->ts_ns;
	w->flow_id = al->flow_id;
	w->finding = *f;
	w->finding.op = NULL;
	w->finding.packet = NULL;
	w->finding.anomaly = NULL;
	w->finding.flow = NULL;
	w->finding.what = keep(w->what, sizeof(w->what), f->what);
	w->finding.expected = keep(w->expected, sizeof(w->expected), f->expected);
	(void)keep(w->sentence, sizeof(w->sentence), al->sentence);
	w->file[0] = '\0';
	(void)keep(w->file, sizeof(w->file), al->evidence_file);
	if (hmap_put(&a->map, hash, at))
		a->n++;
}

static void
end_old(struct alerts *a, uint64_t now_ns)
{
	while (a->n > 0) {
		uint64_t first = a->ring[a->head].first_ns;

		/* A clock that was set back by more than a window ends it too. */
		if (now_ns >= first ? now_ns - first < a->merge_ns : first - now_ns < a->merge_ns)
			return;
		end_window(a, now_ns >= first ? first + a->merge_ns : now_ns);
	}
}

void
alerts_finding(struct alerts *a, const struct finding *f)
{
	struct alert al = { .kind = ALERT_FIRST, .ts_ns = f->ts_ns, .finding = f, .count = 1,
	    .first_ns = f->ts_ns, .last_ns = f->ts_ns, .flow_id = f->flow != NULL ? f->flow->id : 0 };
	struct same mine = same_of(f);
	uint64_t hash = 0;

	if (f->ts_ns > a->now_ns)
		a->now_ns = f->ts_ns;
	if (f->flow != NULL && f->flow->alerts < UINT32_MAX)
		f->flow->alerts++;
	if (a->merge_ns > 0) {
		struct window *w;

		end_old(a, a->now_ns);
		hash = hash_bytes(a->key, &mine, sizeof(mine));
		w = find(a, f, hash);
		if (w != NULL) {
			w->count++;
			if (f->ts_ns > w->last_ns)
				w->last_ns = f->ts_ns;
			count(a->counters, CNT_ALERT_MERGED);
			return;
		}
	}
	if (!rates_pass(a->rates, f)) {
		count(a->counters, CNT_ALERT_HELD);
		return;
	}
	count(a->counters, CNT_ALERT_ALL);
	al.id = ++a->next_id;
	al.sentence = sentence_make(f, a->text, sizeof(a->text));
	if (a->evidence.file != NULL)
		al.evidence_file = a->evidence.file(a->evidence.arg, al.id, f);
	if (a->merge_ns > 0)
		open_window(a, &al, hash);
	tell(a, &al);
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
	a->now_ns = now_ns;
	while (a->n > 0)
		end_window(a, now_ns);
	rates_tick(a->rates, now_ns, true);
}

void
alerts_set_evidence(struct alerts *a, const struct alert_evidence *e)
{
	a->evidence = *e;
}

struct alerts *
alerts_open(const struct settings *s, const struct alert_sink *sink, struct counters *c)
{
	struct alerts *a = calloc(1, sizeof(*a));
	const struct rates_sink held = { tell_held, a };

	if (a == NULL)
		return NULL;
	a->merge_ns = s->alert.merge_s * SECOND;
	a->sink = *sink;
	a->counters = c;
	a->key = hash_key();
	a->n_ring = (uint32_t)(s->alert.windows > 0 ? s->alert.windows : 1);
	a->ring = a->merge_ns > 0 ? calloc(a->n_ring, sizeof(*a->ring)) : NULL;
	a->rates = rates_open(s->alert.limit, &held, c);
	if (a->rates == NULL || (a->merge_ns > 0 &&
	    (a->ring == NULL || hmap_open(&a->map, a->n_ring) != 0))) {
		alerts_close(a);
		return NULL;
	}
	return a;
}

size_t
alerts_memory(const struct alerts *a)
{
	return sizeof(*a) + rates_memory(a->rates) + (a->ring != NULL ?
	    a->n_ring * sizeof(*a->ring) + hmap_memory(&a->map) : 0);
}

void
alerts_close(struct alerts *a)
{
	if (a == NULL)
		return;
	rates_close(a->rates);
	if (a->ring != NULL)
		hmap_close(&a->map);
	free(a->ring);
	free(a);
}
