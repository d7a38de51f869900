/* sensor.c - does the sensor itself see, and can it remember?
 *
 * Every table has a ceiling and a counter.  Whoever wants to hide an operation can try
 * to fill the table that it would be seen by: halves of messages, new conversations,
 * made-up addresses.  Such a flood is itself an alert, once a minute for each table.
 */
#include "detect/health/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "detect/emit.h"

#define MINUTE_S	60u
#define LOOK_FRAMES	64u	/* so many can be evicted only by so many frames */

static const struct table {
	enum counter_id	 counter;
	uint64_t	 limit;		/* in a minute */
	enum alert_type	 type;
	const char	*what;
} tables[] = {
	/* A command whose other half is still to come is lost with each of these. */
	{ CNT_APP_PART_EVICTED, 1, ALERT_HALVES_EVICTED, "beginnings of messages" },
	/* One client that never waits for an answer reaches the limit of its own flow. */
	{ CNT_APP_PAIR_EVICTED, 1024, ALERT_STATE_EVICTED, "requests that wait for their answers" },
	{ CNT_APP_CONV_EVICTED, 1, ALERT_STATE_EVICTED, "conversations that are being read" },
	{ CNT_APP_CAND_EVICTED, 64, ALERT_STATE_EVICTED, "conversations that were not recognised yet" },
	{ CNT_FLOW_EVICTED, 64, ALERT_STATE_EVICTED, "conversations" },
	{ CNT_APP_DNP3_STREAMS, 64, ALERT_STATE_EVICTED, "DNP3 stations and unfinished fragments" },
	{ CNT_TCP_SEGMENT_DROP, 64, ALERT_STATE_EVICTED, "TCP segments that came too early" },
	{ CNT_DEFRAG_EVICTED, 64, ALERT_STATE_EVICTED, "IP fragments" },
	/* A plant has as many as it has; more at a time are made up. */
	{ CNT_DETECT_DEVICES, 256, ALERT_STATE_EVICTED, "devices" },
	{ CNT_DETECT_TRACKERS, 1024, ALERT_STATE_EVICTED, "hosts that were watched for scans" },
	{ CNT_ALERT_EVICTED, 256, ALERT_STATE_EVICTED, "open alerts" },
	{ CNT_STORE_FULL, 1, ALERT_STORE_FAILED, "its disk is full" },
	{ CNT_STORE_FAILED, 1, ALERT_STORE_FAILED, "the system refuses it, as the log says" },
};
#define TABLES	(sizeof(tables) / sizeof(tables[0]))

struct sensor {
	struct health		h;
	uint64_t		quiet_s;
	uint64_t		frames, frames_ns;	/* when the count of frames last moved */
	uint64_t		files;		/* captures begun until then */
	bool			blind;
	/* Of a replay, which tells of all its pauses at its end. */
	uint64_t		pauses, pauses_ns, longest_ns, longest_at_ns;
	uint64_t		looked_at;	/* frames when the tables were last looked at */
	struct {
		uint64_t	seen;		/* the counter, then */
		uint64_t	n, since_ns;	/* in this minute; 0: none began */
	}	minute[TABLES];
};

static void *
sensor_open(const struct detect_env *env, struct err *e)
{
	struct sensor *d = health_open(env, sizeof(*d), 0);

	(void)e;
	if (d != NULL)
		d->quiet_s = d->h.s->quiet_s;
	return d;
}

static void
report(struct sensor *d, const struct table *t, uint64_t n, uint64_t now_ns)
{
	const struct rate_settings r = { .n = t->limit, .within_s = MINUTE_S };
	struct finding f = { .type = t->type, .ts_ns = now_ns, .what = t->what, .key = t->counter };

	finding_add_rate(&f, n, &r);
	emit(&d->h.env, &f);
}

static void
look_at_tables(struct sensor *d, uint64_t now_ns)
{
	for (unsigned i = 0; i < TABLES; i++) {
		uint64_t n = d->h.env.counters->v[tables[i].counter], more = n - d->minute[i].seen;
		uint64_t since = d->minute[i].since_ns;

		if (more == 0)
			continue;
		d->minute[i].seen = n;
		if (since == 0 || now_ns < since || now_ns - since >= MINUTE_S * SECOND) {
			d->minute[i].since_ns = now_ns > 0 ? now_ns : 1;
			d->minute[i].n = 0;
		}
		d->minute[i].n += more;
		if (d->minute[i].n >= tables[i].limit && d->minute[i].n - more < tables[i].limit)
			report(d, &tables[i], d->minute[i].n, now_ns);
	}
}

static void
no_traffic(struct sensor *d, uint64_t at_ns, uint64_t window_ns, const char *what)
{
	struct finding f = { .type = ALERT_NO_TRAFFIC, .ts_ns = at_ns, .what = what };

	finding_add_number(&f, "window_s", window_ns / SECOND);
	finding_add_number(&f, "limit_s", d->quiet_s);
	if (what != NULL) {
		finding_add_number(&f, "pauses", d->pauses);
		finding_add_number(&f, "pauses_s", d->pauses_ns / SECOND);
	}
	emit(&d->h.env, &f);
}

/* Live it is reported as soon as it is too long; of captures, which may be hours apart, once at their end. */
static __attribute__((noinline)) void
pause_seen(struct sensor *d, uint64_t now_ns)
{
	uint64_t ns = now_ns - d->frames_ns;

	d->blind = true;
	if (d->h.env.live) {
		no_traffic(d, now_ns, ns, NULL);
		return;
	}
	d->pauses++;
	d->pauses_ns += ns;
	if (ns > d->longest_ns) {
		d->longest_ns = ns;
		d->longest_at_ns = now_ns;
	}
}

static void
report_pauses(struct sensor *d)
{
	char text[64];

	if (d->pauses == 0)
		return;
	(void)snprintf(text, sizeof(text), "the longest of %" PRIu64 " pauses", d->pauses);
	no_traffic(d, d->longest_at_ns, d->longest_ns, d->pauses > 1 ? text : NULL);
}

static void
look_at_wire(struct sensor *d, uint64_t now_ns)
{
	uint64_t frames = d->h.env.counters->v[CNT_DEC_PACKETS];
	uint64_t files = d->h.env.counters->v[CNT_CAP_FURTHER];

	if (files != d->files) {	/* between two captures nobody listened */
		d->files = files;
		d->frames_ns = 0;
	}
	if (d->frames_ns != 0 && now_ns > d->frames_ns && now_ns - d->frames_ns >= d->quiet_s * SECOND && !d->blind)
		pause_seen(d, now_ns);
	if (frames != d->frames || d->frames_ns == 0 || now_ns < d->frames_ns) {
		d->frames = frames;
		d->frames_ns = now_ns;
		d->blind = false;
	}
}

static void
sensor_tick(void *arg, uint64_t now_ns)
{
	struct sensor *d = arg;
	uint64_t frames = d->h.env.counters->v[CNT_DEC_PACKETS];

	if (frames - d->looked_at >= LOOK_FRAMES || frames < d->looked_at) {
		d->looked_at = frames;
		look_at_tables(d, now_ns);
	}
	look_at_wire(d, now_ns);
}

/* What was evicted since the last look. */
static void
sensor_finish(void *arg, uint64_t now_ns)
{
	struct sensor *d = arg;

	look_at_tables(d, now_ns);
	look_at_wire(d, now_ns);
	report_pauses(d);
}

const struct detector detector_sensor = {
	.name = "sensor",
	.open = sensor_open,
	.tick = sensor_tick,
	.finish = sensor_finish,
	.idle = health_idle,
	.memory = health_memory,
	.close = free,
};
