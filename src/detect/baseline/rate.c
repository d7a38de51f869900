#include "detect/baseline/rate.h"

#include <inttypes.h>

#include "base/str.h"
#include "detect/baseline/window.h"

#define NOTED	65536u		/* bytes: of less nothing is kept */
#define FLOOR	(4u << 20)	/* never too much: a picture, a recipe, a page */

enum { N_LARGEST, N_BEYOND };

uint64_t
rate_largest(const struct fact *f)
{
	uint64_t most = fact_whole(f->n[N_LARGEST], UINT64_MAX), beyond = fact_whole(f->n[N_BEYOND], UINT64_MAX);

	return f->state == FACT_ACCEPTED && beyond > most ? beyond : most;
}

static void
learn(struct baseline *b, const struct fact_key *k, const struct sighting *s, uint64_t bytes)
{
	struct fact *f = facts_find(baseline_facts(b), k);

	if (bytes < NOTED)
		return;
	if (f != NULL)
		facts_seen(baseline_facts(b), f, 1, s->now_ns);
	else if (baseline_see(b, k, s, &f) == BASELINE_NEW || f == NULL)
		return;
	if ((double)bytes <= f->n[N_LARGEST].d)
		return;
	f->n[N_LARGEST].d = (double)bytes;
	facts_touch(baseline_facts(b), f);
}

static void
turn(struct baseline *b, struct flow_rate *r, const struct flow *f, const struct fact_key *k, uint64_t now_ns)
{
	const struct sighting s = { .now_ns = now_ns, .may_learn = !baseline_grave_flow(b, f) };
	uint64_t bytes = f->payload[0] + f->payload[1], largest;
	const struct fact *known;
	/* What came after a pause came in more than ten seconds. */
	bool whole = r->end_ns != 0 && now_ns < r->end_ns + WINDOW_NS;
	bool learns = s.may_learn && baseline_learns(b, k, now_ns);

	if (learns && whole)
		learn(b, k, &s, bytes - r->begun);
	known = learns ? NULL : facts_find(baseline_facts(b), k);
	largest = known != NULL && known->state != FACT_OPEN ? WINDOW_FACTOR * rate_largest(known) : 0;
	*r = (struct flow_rate){ .end_ns = now_ns + WINDOW_NS, .begun = bytes,
	    .most = learns ? UINT64_MAX : bytes + (largest > FLOOR ? largest : FLOOR) };
}

bool
rate_look(struct baseline *b, struct flow_rate *r, const struct flow *f, const struct fact_key *k, uint64_t now_ns,
    struct deviation *d)
{
	uint64_t bytes = f->payload[0] + f->payload[1] - r->begun;
	struct strbuf what = strbuf_on(d->what, sizeof(d->what)), expected = strbuf_on(d->expected, sizeof(d->expected));
	struct fact *known;

	if (now_ns >= r->end_ns) {
		turn(b, r, f, k, now_ns);
		return false;
	}
	r->most = UINT64_MAX;
	known = facts_find(baseline_facts(b), k);
	d->type = ALERT_BASELINE_RATE;
	strbuf_printf(&what, "%" PRIu64 " bytes", bytes);
	if (known != NULL && known->state != FACT_OPEN)
		strbuf_printf(&expected, "at most %" PRIu64, rate_largest(known));
	else
		strbuf_put(&expected, "few");
	if (known == NULL)
		known = facts_add(baseline_facts(b), k, FACT_OPEN, now_ns);
	if (known != NULL && (double)bytes > known->n[N_BEYOND].d) {
		known->n[N_BEYOND].d = (double)bytes;
		facts_touch(baseline_facts(b), known);
	}
	d->fact = known;
	d->score = 60;
	d->numbers[d->n_numbers++] = (struct finding_number){ "bytes", (int64_t)bytes };
	d->numbers[d->n_numbers++] = (struct finding_number){ "window_s", WINDOW_NS / SECOND };
	return true;
}
