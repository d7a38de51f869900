#include "detect/baseline/worktime.h"

#include <inttypes.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"

/* What the numbers of a fact are: parts of the week, the last week, how many. */
enum { N_WEEK = HOURS_PARTS, N_WEEKS };

struct hours
worktime_load(const struct fact *f)
{
	struct hours h = { .week = (uint32_t)fact_whole(f->n[N_WEEK], UINT32_MAX),
	    .weeks = (uint32_t)fact_whole(f->n[N_WEEKS], UINT32_MAX) };

	for (uint32_t i = 0; i < HOURS_PARTS; i++)
		h.seen[i] = fact_whole(f->n[i], (1ull << HOURS_PART) - 1);
	return h;
}

static void
save_hours(const struct hours *h, struct fact *f)
{
	for (uint32_t i = 0; i < HOURS_PARTS; i++)
		f->n[i].d = (double)h->seen[i];
	f->n[N_WEEK].d = h->week;
	f->n[N_WEEKS].d = h->weeks;
}

/* A device that is written to all the time is not looked up each time. */
static struct fact *
find(struct worktime *w, struct facts *facts, const struct fact_key *k)
{
	const bool program = k->code != 0;
	const uint32_t n = facts_of_kind(facts, FACT_KIND_HOURS);
	struct worktime_known *x;
	struct fact *f;
	uint64_t at[2];

	memcpy(at, &k->server, sizeof(at));
	x = &w->known[hash_mix(at[0] ^ program ^ 0xa0761d6478bd642fu, at[1] ^ 0xe7037ed1a0b428dbu) % WORKTIME_KNOWN];
	if (x->epoch == facts_epoch(facts) && x->n == n && x->program == program && addr_same(&x->server, &k->server))
		return x->fact != FACTS_NO_FACT ? facts_at(facts, x->fact) : NULL;
	f = facts_find(facts, k);
	*x = (struct worktime_known){ .server = k->server, .epoch = facts_epoch(facts), .n = n, .program = program,
	    .fact = f != NULL ? facts_number(facts, f) : FACTS_NO_FACT };
	return f;
}

bool
worktime_operation(struct worktime *w, struct baseline *b, const struct sighting *s, struct deviation *d)
{
	struct facts *facts = baseline_facts(b);
	const struct operation *op = s->op;
	bool program = op->intent == INTENT_PROGRAM_WRITE || op->intent == INTENT_CONFIG || op->intent == INTENT_MODE;
	const struct fact_key k = { .kind = FACT_KIND_HOURS, .server = s->addr[OP_SERVER], .code = program };
	bool learns = s->may_learn && baseline_learns(b, &k, s->now_ns);
	struct fact *f = find(w, facts, &k);
	struct strbuf expected;
	struct hours h;

	if (f == NULL && (!learns || baseline_see(b, &k, s, &f) == BASELINE_NEW || f == NULL))
		return false;
	h = worktime_load(f);
	if (learns) {
		uint32_t weeks = h.weeks;

		f->count++;
		f->last_ns = s->now_ns;
		if (hours_learn(&h, s->now_ns) || h.weeks != weeks) {
			save_hours(&h, f);
			facts_touch(facts, f);
		}
		return false;
	}
	if (f->state != FACT_LEARNED || !hours_settled(&h) || hours_usual(&h, s->now_ns))
		return false;
	d->type = ALERT_BASELINE_HOUR;
	d->fact = f;
	d->key = hash_bytes(baseline_env(b)->key, &k, sizeof(k));
	d->score = 60;
	d->numbers[d->n_numbers++] = (struct finding_number){ "weeks", h.weeks };
	expected = strbuf_on(d->expected, sizeof(d->expected));
	strbuf_printf(&expected, "never at this hour of the week in %" PRIu32 " weeks", h.weeks);
	return true;
}
