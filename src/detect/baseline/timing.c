/* timing.c - how regularly a client asks for the same, and who no longer does; for what changes
 * something, at which hours (worktime.c).
 *
 * A polled key (the same client, device and request) that proves to be steady becomes a fact
 * with its period (period.h).  One that is overdue is a poll that is missing.  That is said once a conversation, until all of it came back: when a
 * client stops, all that it polled is missing.  While the sensor sees nothing at all, time
 * stands still here: whose fault that is the detector of the sensor's own condition says.
 *
 * Each poll that may be overdue has one second in a wheel.  It is looked at when that second comes, and most have come
 * by then and get another: a tick costs what is due, however many polls there are.
 */
#include "detect/baseline/timing.h"

#include "detect/baseline/model.h"
#include "detect/baseline/pace.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/baseline/wheel.h"
#include "detect/baseline/worktime.h"
#include "detect/baseline/dense.h"

#define POLLS	4096u		/* at least; else */
#define POLLS_OF_FACTS	2u	/* one for so many facts: each has a range, a poll and often a value */
#define LONGEST_NS (365 * 86400 * SECOND)	/* of anything that is polled */
#define QUIET_NS SECOND		/* at least so long nothing at all is no pause between two polls */

#define STAGE_NS (10 * SECOND)	/* whether a poll is still learned is asked so often, whether it is again */
#define KNOWN_NS (60 * SECOND)	/* so often */
#define LOOK_NS	(5 * SECOND)	/* and so often which one is the fastest */
#define AGAIN_NS (600 * SECOND)	/* one that nothing is judged by, or whose device is gone, is looked at so often */
#define FASTER	8u		/* polls in a row, so that it is another pace and no haste */

/* What the numbers of a fact are. */
enum { N_TYPICAL, N_LONGEST, N_GAPS, N_LONG, N_BEYOND, N_PACE };
_Static_assert(N_PACE == PACE_NUMBER, "pace.h");

struct poll {
	struct dense_row row;
	uint64_t	 dark_ns;	/* of the sensor, when it came last */
	struct recent	 recent;
	struct period	 period;
	uint64_t	 stage_ns;	/* when it was asked whether it is learned; 0: never */
	uint32_t	 key, epoch;	/* of its fact: hash of its key, and when that was compared (of both the lower half) */
	uint32_t	 fact;		/* FACTS_NO_FACT: none */
	uint32_t	 listed;	/* the how manieth that got a fact; 0: it never had one */
	bool		 learns;
	bool		 missing;	/* and counted so at its peer */
	bool		 stopped;	/* while it was learned: that it does not come is how it is */
	int8_t		 paced;		/* -1: faster, 1: slower than it was learned, and counted so at its peer */
	uint8_t		 faster;	/* polls in a row, by the median */
	struct pace	 pace;
};

/* Of a client of a device. */
struct peer_timing {
	uint64_t	 last_ns;	/* operation */
	uint32_t	 missing;	/* polls */
	uint32_t	 paced;		/* polls that have another period */
};

struct timing {
	struct baseline	*b;
	struct facts	*facts;
	struct dense	 polls;
	uint32_t	 of_client;	/* slot: struct peer_timing */
	/* When the sensor saw nothing at all. */
	uint64_t	 packets, packet_ns;	/* how many there were, and when the last one was noticed */
	uint64_t	 dark_ns;	/* altogether */
	uint64_t	 fastest_ns;	/* period of any poll that is judged; 0: there is none */
	uint32_t	 fastest;	/* its place */
	uint64_t	 searched_ns;	/* when it was looked for among all */
	uint32_t	 n_listed;
	uint32_t	 n_late, *late;	/* places of those that are overdue at this tick */
	uint64_t	 now_ns;	/* of it */
	struct wheel	 wheel;		/* of places of polls */
	struct worktime	 hours;
};

/* ---- a poll comes --------------------------------------------------------------------- */

static struct fact_key
poll_key(const struct sighting *s)
{
	const struct operation *op = s->op;
	struct fact_key k = { .kind = FACT_KIND_POLL, .proto = (uint8_t)op->proto, .client = s->addr[OP_CLIENT],
	    .server = s->addr[OP_SERVER], .unit = op->unit, .function = op->function, .subfunction = op->subfunction };

	if (op->n_items > 0) {
		uint64_t span = op_item_span(&op->items[0]);

		k.space = op->items[0].space;
		k.number = op->items[0].number;
		k.first = op->items[0].first;
		k.last = k.first + (span > 0 ? (uint32_t)span - 1 : 0);
		/* Of polls with the same first item their length tells others; that of the answer is
		 * another each time. */
		k.code = op->request.len;
	}
	return k;
}

struct period
timing_period(const struct fact *f)
{
	struct period p = { .typical_ns = fact_whole(f->n[N_TYPICAL], LONGEST_NS), .longest_ns = fact_whole(f->n[N_LONGEST], LONGEST_NS),
	    .n = (uint32_t)fact_whole(f->n[N_GAPS], UINT32_MAX), .n_long = (uint32_t)fact_whole(f->n[N_LONG], UINT32_MAX) };
	uint64_t beyond_ns = fact_whole(f->n[N_BEYOND], LONGEST_NS);

	if (f->state == FACT_ACCEPTED && beyond_ns > p.longest_ns)
		p.longest_ns = beyond_ns;
	return p;
}

static uint32_t
key_hash(const struct timing *m, const struct fact_key *k)
{
	return (uint32_t)hash_bytes(baseline_env(m->b)->key, k, sizeof(*k));
}

/* Facts come and go: what has its number is another one when the key is. */
static struct fact *
fact_of(struct timing *m, struct poll *p)
{
	struct fact *f = p->fact != FACTS_NO_FACT ? facts_at(m->facts, p->fact) : NULL;

	if (f != NULL && p->epoch != (uint32_t)facts_epoch(m->facts) && key_hash(m, &f->key) != p->key)
		f = NULL;
	if (f == NULL)
		p->fact = FACTS_NO_FACT;
	p->epoch = (uint32_t)facts_epoch(m->facts);
	return f;
}

static uint32_t
place_of(const struct timing *m, const struct poll *p)
{
	return dense_place(&m->polls, p);
}

/* Since when it is overdue; later than now: not yet. */
static uint64_t
overdue_ns(const struct timing *m, const struct poll *p)
{
	return p->recent.last_ns + (m->dark_ns - p->dark_ns) + period_late_ns(&p->period);
}

/* Look at it in the second of at_ns, or before. */
static void
schedule(struct timing *m, const struct poll *p, uint64_t at_ns)
{
	uint32_t i = place_of(m, p);

	if (!wheel_has(&m->wheel, i) || wheel_due_s(&m->wheel, i) > at_ns / SECOND)
		wheel_put(&m->wheel, i, at_ns / SECOND);
}

/* Is anything judged by its fact? */
static bool
is_judged(const struct poll *p, const struct fact *f)
{
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED) && period_steady(&p->period);
}

static void
note_fastest(struct timing *m, const struct poll *p)
{
	if (m->fastest_ns != 0 && m->fastest_ns <= p->period.typical_ns)
		return;
	m->fastest_ns = p->period.typical_ns;
	m->fastest = place_of(m, p);
}

static void
has_fact(struct timing *m, struct poll *p, const struct fact *f)
{
	p->fact = facts_number(m->facts, f);
	p->key = key_hash(m, &f->key);
	p->epoch = (uint32_t)facts_epoch(m->facts);
	if (p->listed == 0)
		p->listed = ++m->n_listed;
}

/* Into its fact, which it has once it is steady; then each time that it doubled, or paused
 * for longer. */
static void
keep(struct timing *m, struct poll *p, const struct sighting *s)
{
	struct fact *f = fact_of(m, p);

	if (f == NULL) {
		const struct fact_key k = poll_key(s);

		if (!period_steady(&p->period))
			return;
		if (baseline_see(m->b, &k, s, &f) == BASELINE_NEW || f == NULL)
			return;
		has_fact(m, p, f);
	} else if (p->period.n < 2 * f->n[N_GAPS].d && p->period.longest_ns <= fact_whole(f->n[N_LONGEST], LONGEST_NS) &&
	    pace_is_kept(f, p->pace))
		return;
	f->n[N_TYPICAL].d = (double)p->period.typical_ns;
	f->n[N_LONGEST].d = (double)p->period.longest_ns;
	f->n[N_GAPS].d = p->period.n;
	f->n[N_LONG].d = p->period.n_long;
	pace_keep(f, p->pace);
	f->count = p->period.n;
	f->last_ns = s->now_ns;
	facts_touch(m->facts, f);
	if (is_judged(p, f))
		note_fastest(m, p);
}

/* Which poll it is: whoever asks the same for the same. */
static uint64_t
poll_of(const struct sighting *s)
{
	const struct operation *op = s->op;
	uint64_t h = hash_mix(s->peer ^ ((uint64_t)op->function << 32 | op->subfunction) ^ 0xa0761d6478bd642fu,
	    ((uint64_t)op->unit << 32 | op->request.len) ^ 0xe7037ed1a0b428dbu);

	if (op->n_items > 0) {
		const struct op_item *it = &op->items[0];

		h = hash_mix(h ^ ((uint64_t)it->first << 32 | it->count), ((uint64_t)it->number << 32 | it->space) ^
		    0x589965cc75374cc3u);
	}
	return h | 1u;
}

/* Is it learned?  If it was not before, an earlier run may have learned it. */
static void
ask_stage(struct timing *m, struct poll *p, const struct sighting *s)
{
	const struct fact_key k = poll_key(s);
	const struct fact *f;

	p->learns = baseline_learns(m->b, &k, s->now_ns);
	if (p->stage_ns == 0 && (f = facts_find(m->facts, &k)) != NULL) {
		p->period = timing_period(f);
		p->pace = pace_of(f);
		has_fact(m, p, f);
	}
	p->stage_ns = s->now_ns;
}

/* -1 faster, 1 slower.  After a pause some clients make up for what they missed: faster is what stays so. */
static int
pace_now(struct poll *p, const struct fact *f, uint64_t median)
{
	int differs;

	p->pace = pace_of(f);
	differs = pace_differs(&p->pace, p->period.typical_ns, median);
	if (differs >= 0)
		p->faster = 0;
	else if (p->faster < FASTER)
		p->faster++;
	return differs < 0 && p->faster < FASTER ? p->paced : differs;
}

/* It comes at another pace, by the median of its last five gaps: told once a conversation, until all of it
 * is as it was.  While `gap` is an ordinary one there is nothing to look at. */
static bool
paced(struct timing *m, struct poll *p, struct peer_timing *peer, uint64_t gap, struct deviation *d)
{
	struct strbuf what, expected;
	struct fact *f;
	uint64_t median;
	int now;

	if (p->paced == 0 && p->faster == 0 && (gap == 0 || (gap < 2 * p->period.typical_ns && 2 * gap > p->period.typical_ns)))
		return false;
	median = recent_median(&p->recent);
	f = fact_of(m, p);
	if (median == 0 || !is_judged(p, f) || (now = pace_now(p, f, median)) == p->paced)
		return false;
	if (p->paced != 0 && peer->paced > 0)
		peer->paced--;
	p->paced = (int8_t)now;
	if (now == 0 || peer->paced++ > 0)
		return false;
	pace_note_beyond(f, median);
	facts_touch(m->facts, f);
	what = strbuf_on(d->what, sizeof(d->what));
	expected = strbuf_on(d->expected, sizeof(d->expected));
	*d = (struct deviation){ .type = ALERT_BASELINE_PACE, .fact = f, .score = 70, .key = f->key.proto + 0x101u + (now < 0) };
	d->numbers[d->n_numbers++] = (struct finding_number){ "period_ms", (int64_t)(median / 1000000) };
	d->numbers[d->n_numbers++] = (struct finding_number){ "usual_ms", (int64_t)(p->period.typical_ns / 1000000) };
	strbuf_printf(&what, "every %.3g s", (double)median / 1e9);
	strbuf_printf(&expected, "every %.3g s", (double)p->period.typical_ns / 1e9);
	return true;
}

/* True: it deviates. */
static bool
came(struct timing *m, struct poll *p, struct peer_timing *peer, const struct sighting *s, struct deviation *d)
{
	uint64_t gap = recent_came(&p->recent, s->op->request.ts_ns);
	bool waits;

	p->stopped = false;
	if (p->missing) {
		p->missing = false;
		if (peer->missing > 0)
			peer->missing--;
	}
	if (p->stage_ns == 0 || s->now_ns - p->stage_ns >= (p->learns ? STAGE_NS : KNOWN_NS))
		ask_stage(m, p, s);
	if (p->learns && s->may_learn && gap > 0 && p->dark_ns == m->dark_ns) {
		const uint64_t median = recent_median(&p->recent);

		period_learn(&p->period, gap, median);
		pace_learn(&p->pace, median);
		keep(m, p, s);
	}
	p->dark_ns = m->dark_ns;
	if (p->fact == FACTS_NO_FACT)
		return false;
	/* What is learned may make it due sooner. */
	waits = wheel_has(&m->wheel, place_of(m, p));
	if (waits && !p->learns)
		return paced(m, p, peer, gap, d);
	if (!waits && is_judged(p, fact_of(m, p)))
		note_fastest(m, p);
	schedule(m, p, overdue_ns(m, p));
	return !p->learns && paced(m, p, peer, gap, d);
}

static bool
timing_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct timing *m = arg;
	const struct operation *op = s->op;
	struct peer_timing *peer;
	struct asset_client *c;
	struct poll *p;

	if (s->at == NULL || s->at->server == NULL || s->at->client == NULL)
		return false;
	if (op->outcome == OUTCOME_UNSOLICITED || !op->request.seen)
		return false;
	c = assets_client(baseline_env(m->b)->assets, s->at->server, s->at->client, op->proto, s->now_ns);
	peer = asset_slot(c, m->of_client);
	peer->last_ns = s->now_ns;
	if ((detect_of(op) & DETECT_OF_CHANGE) != 0)
		return worktime_operation(&m->hours, m->b, s, d);
	p = dense_get_noted(&m->polls, poll_of(s), s->now_ns, s->notes != NULL ? &s->notes->poll : NULL);
	if (p->recent.last_ns == 0) {
		/* The one that was in its place may still wait. */
		wheel_remove(&m->wheel, place_of(m, p));
		p->fact = FACTS_NO_FACT;
	}
	return came(m, p, peer, s, d);
}

/* ---- a poll does not come ---------------------------------------------------------------- */

static struct peer_timing *
peer_of(struct timing *m, const struct fact_key *k)
{
	struct asset *server = assets_find(baseline_env(m->b)->assets, &k->server, 0), *x;
	struct asset_client *c;

	if (server == NULL)
		return NULL;
	ASSET_EACH_CLIENT(c, server) {
		x = c->client;
		if (c->proto == k->proto && memcmp(&x->addr, &k->client, sizeof(k->client)) == 0)
			return asset_slot(c, m->of_client);
	}
	return NULL;
}

static void
report(struct timing *m, struct fact *f, const struct poll *p, const struct peer_timing *peer, uint64_t now_ns)
{
	const uint64_t missing_ns = now_ns - p->recent.last_ns;
	struct finding at = { .ts_ns = now_ns, .src = f->key.client, .dst = f->key.server, .proto = IP_TCP };
	struct deviation d = { .type = ALERT_BASELINE_POLL, .fact = f, .score = 70 };
	struct strbuf what = strbuf_on(d.what, sizeof(d.what)), expected = strbuf_on(d.expected, sizeof(d.expected));

	d.key = f->key.proto + 1u;	/* one for the conversation */
	if ((double)missing_ns > f->n[N_BEYOND].d) {
		f->n[N_BEYOND].d = (double)missing_ns;
		facts_touch(m->facts, f);
	}
	d.numbers[d.n_numbers++] = (struct finding_number){ "missing_ms", (int64_t)(missing_ns / 1000000) };
	d.numbers[d.n_numbers++] = (struct finding_number){ "period_ms", (int64_t)(p->period.typical_ns / 1000000) };
	strbuf_put(&what, peer->last_ns > p->recent.last_ns + p->period.typical_ns ? "one of its polls, while others go on" :
	    "all that it polled");
	strbuf_printf(&expected, "every %.3g s", (double)p->period.typical_ns / 1e9);
	baseline_report(m->b, &d, &at);
}

/* Its second has come. */
static void
look(void *arg, uint32_t place)
{
	struct timing *m = arg;
	struct poll *p = dense_at(&m->polls, place);
	struct fact *f = fact_of(m, p);

	if (f == NULL)
		return;
	if (!is_judged(p, f)) {
		schedule(m, p, m->now_ns + AGAIN_NS);
		return;
	}
	note_fastest(m, p);
	if (p->missing || p->stopped)
		return;
	if (m->now_ns <= overdue_ns(m, p)) {
		schedule(m, p, overdue_ns(m, p));
		return;
	}
	m->late[m->n_late++] = place;
}

static void
is_late(struct timing *m, struct poll *p, uint64_t now_ns)
{
	struct fact *f = fact_of(m, p);
	struct peer_timing *peer;

	if (f == NULL)
		return;
	p->stopped = baseline_learns(m->b, &f->key, now_ns);
	if (p->stopped)
		return;
	if ((peer = peer_of(m, &f->key)) == NULL) {
		schedule(m, p, now_ns + AGAIN_NS);
		return;
	}
	p->missing = true;
	if (peer->missing++ == 0)
		report(m, f, p, peer, now_ns);
}

/* The one that was the fastest may have gone, or have become slower. */
static uint64_t
fastest_ns(struct timing *m, uint64_t now_ns)
{
	struct poll *p = dense_at(&m->polls, m->fastest);

	if (m->fastest_ns == 0 || (p->period.typical_ns == m->fastest_ns && is_judged(p, fact_of(m, p))) ||
	    now_ns - m->searched_ns < LOOK_NS)
		return m->fastest_ns;
	m->searched_ns = now_ns;
	m->fastest_ns = 0;
	for (uint32_t i = 0; i < m->polls.used; i++) {
		p = dense_at(&m->polls, i);
		if (is_judged(p, fact_of(m, p)))
			note_fastest(m, p);
	}
	return m->fastest_ns;
}

/* Nothing at all came for longer than the fastest poll would explain.  What came since the last tick came in its second: while
 * there are frames there is a tick a second. */
static void
look_around(struct timing *m, uint64_t now_ns)
{
	uint64_t n = baseline_env(m->b)->counters->v[CNT_DEC_PACKETS], since;

	if (m->packet_ns == 0)
		m->packet_ns = now_ns;
	since = m->packet_ns + (n != m->packets ? SECOND : 0);
	if (now_ns > since && now_ns - since > QUIET_NS) {
		uint64_t fastest = fastest_ns(m, now_ns);

		if (fastest > 0 && now_ns - since > 5 * fastest) {
			m->dark_ns += now_ns - since;
			m->packet_ns = now_ns;
		}
	}
	if (n != m->packets) {
		m->packets = n;
		m->packet_ns = now_ns;
	}
}

/* In the order in which they got their facts, which does not depend on the hash: the first one of a
 * conversation speaks for it. */
static void
sort_late(struct timing *m)
{
	for (uint32_t gap = m->n_late / 2; gap > 0; gap /= 2)
		for (uint32_t i = gap; i < m->n_late; i++) {
			uint32_t at = m->late[i], j = i;
			uint32_t listed = ((const struct poll *)dense_at(&m->polls, at))->listed;

			for (; j >= gap && ((const struct poll *)dense_at(&m->polls, m->late[j - gap]))->listed > listed; j -= gap)
				m->late[j] = m->late[j - gap];
			m->late[j] = at;
		}
}

static void
timing_tick(void *arg, uint64_t now_ns)
{
	struct timing *m = arg;

	look_around(m, now_ns);
	m->now_ns = now_ns;
	wheel_turn(&m->wheel, now_ns / SECOND, look, m);
	sort_late(m);
	for (uint32_t i = 0; i < m->n_late; i++)
		is_late(m, dense_at(&m->polls, m->late[i]), now_ns);
	m->n_late = 0;
}

/* ---- the model ---------------------------------------------------------------------------- */

static void
timing_close(void *arg)
{
	struct timing *m = arg;

	dense_close(&m->polls);
	wheel_close(&m->wheel);
	free(m->late);
	free(m);
}

static void *
timing_open(struct baseline *b, struct err *e)
{
	const struct detect_env *env = baseline_env(b);
	const uint64_t of_facts = env->settings->baseline.facts / POLLS_OF_FACTS;
	const uint32_t n = of_facts > POLLS ? (uint32_t)of_facts : POLLS;
	struct timing *m = calloc(1, sizeof(*m));

	(void)e;
	if (m == NULL)
		return NULL;
	m->b = b;
	m->facts = baseline_facts(b);
	m->of_client = assets_slot(env->assets, ASSET_CLIENT, sizeof(struct peer_timing));
	m->late = calloc(n, sizeof(*m->late));
	if (m->late == NULL || wheel_open(&m->wheel, n) != 0 ||
	    dense_open(&m->polls, n, sizeof(struct poll), env->counters, CNT_BASELINE_STATES) != 0) {
		timing_close(m);
		return NULL;
	}
	return m;
}

static size_t
timing_memory(const void *arg)
{
	const struct timing *m = arg;

	return sizeof(*m) + dense_memory(&m->polls) + wheel_memory(&m->wheel) + m->polls.n * sizeof(*m->late);
}

const struct model model_timing = {
	.name = "timing",
	.open = timing_open,
	.operation = timing_operation,
	.tick = timing_tick,
	.memory = timing_memory,
	.close = timing_close,
};
