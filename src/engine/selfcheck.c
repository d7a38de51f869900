#include "engine/selfcheck.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "engine/surroundings.h"

#define SECOND		UINT64_C(1000000000)
#define MINUTE		(60 * SECOND)
#define DAY_S		86400u

/* A minute's worth is judged, when it has enough in it. */
#define DROPS_MIN	20u
#define DROPS_PERCENT	1.0
#define SIDED_MIN	100u
#define SIDED_PERCENT	80.0
#define DISK_PERCENT	5u	/* and back to 7: what hovers at a limit is reported once */
#define DISK_OVER	7u
#define BEHIND_S	120u	/* a line has waited for so long */
#define EXPIRES_DAYS	14u

struct selfcheck {
	struct finding_sink	sink;
	uint64_t		next_ns, minute_ns;
	/* As they were a minute ago. */
	uint64_t		frames, drops, operations, one_sided;
	uint64_t		jumps;
	unsigned		reloads_failed, rules_bad;
	/* What is the case now. */
	bool			dropping, sided, bad_rules;
	bool			low[SURROUNDINGS_DISKS];
	bool			behind[SINKS_MAX + 1], expires[SINKS_MAX + 1];
	uint64_t		waits_ns[SINKS_MAX + 1];	/* since when a sink has something that waits */
	uint64_t		carried[SINKS_MAX + 1];		/* bytes, then */
};

struct selfcheck *
selfcheck_open(const struct finding_sink *sink)
{
	struct selfcheck *c = calloc(1, sizeof(*c));

	if (c != NULL)
		c->sink = *sink;
	return c;
}

void
selfcheck_close(struct selfcheck *c)
{
	free(c);
}

static void
report(const struct selfcheck *c, enum alert_type type, uint64_t now_ns, const char *what, uint64_t key)
{
	const struct finding f = { .type = type, .ts_ns = now_ns, .what = what, .key = key };

	c->sink.finding(c->sink.arg, &f);
}

/* From now on it is so, and was not before. */
static bool
begins(bool *was, bool is)
{
	bool begun = is && !*was;

	*was = is;
	return begun;
}

static double
percent(uint64_t part, uint64_t whole)
{
	return whole == 0 ? 0 : (double)part * 100 / (double)whole;
}

static void
look_at_wire(struct selfcheck *c, const struct selfcheck_view *v)
{
	const uint64_t *n = v->counters->v;
	uint64_t drops = n[CNT_CAP_DROPS] + n[CNT_CAP_IFDROPS], all = 0;
	uint64_t lost = drops - c->drops, frames = n[CNT_DEC_PACKETS] - c->frames, sided, ops;
	char text[160];
	struct strbuf s = strbuf_on(text, sizeof(text));

	for (unsigned i = 0; i < OP_OUTCOME_COUNT; i++)
		all += v->outcomes[i];
	ops = all - c->operations;
	sided = v->outcomes[OUTCOME_ONE_SIDED] - c->one_sided;
	if (begins(&c->dropping, lost >= DROPS_MIN && percent(lost, lost + frames) >= DROPS_PERCENT)) {
		strbuf_printf(&s, "%" PRIu64 " of %" PRIu64 " frames of a minute (%.1f %%)", lost, lost + frames, percent(lost, lost + frames));
		report(c, ALERT_SENSOR_DROPS, v->now_ns, text, 0);
	}
	s = strbuf_on(text, sizeof(text));
	if (begins(&c->sided, ops >= SIDED_MIN ? percent(sided, ops) >= SIDED_PERCENT : c->sided)) {
		strbuf_printf(&s, "%" PRIu64 " of %" PRIu64 " operations of a minute", sided, ops);
		report(c, ALERT_SENSOR_ONE_SIDED, v->now_ns, text, 0);
	}
	c->drops = drops;
	c->frames = n[CNT_DEC_PACKETS];
	if (ops >= SIDED_MIN) {
		c->operations = all;
		c->one_sided = v->outcomes[OUTCOME_ONE_SIDED];
	}
}

static void
look_at_clock(struct selfcheck *c, const struct selfcheck_view *v)
{
	int64_t by;
	uint64_t jumps = surroundings_jumps(v->surroundings, &by), s = (uint64_t)(by < 0 ? -by : by) / SECOND;
	char text[64];
	struct strbuf b = strbuf_on(text, sizeof(text));

	if (jumps == c->jumps)
		return;
	c->jumps = jumps;
	strbuf_printf(&b, "%s by %" PRIu64 " seconds", by < 0 ? "back" : "forward", s);
	report(c, ALERT_SENSOR_CLOCK, v->now_ns, text, jumps);
}

static void
look_at_disks(struct selfcheck *c, const struct selfcheck_view *v)
{
	struct disk_state disk[SURROUNDINGS_DISKS];
	unsigned n = surroundings_disks(v->surroundings, disk);
	char text[400];

	for (unsigned i = 0; i < n; i++) {
		struct strbuf s = strbuf_on(text, sizeof(text));

		if (!disk[i].known || !begins(&c->low[i], disk[i].free_percent < (c->low[i] ? DISK_OVER : DISK_PERCENT)))
			continue;
		strbuf_printf(&s, "%s %u %% are free, %" PRIu64 " MiB", disk[i].path, disk[i].free_percent, disk[i].free_bytes >> 20);
		report(c, ALERT_SENSOR_DISK, v->now_ns, text, i);
	}
}

/* For how long something has waited there, in seconds: by the oldest line where that is known, else since
 * the last time that anything went away. */
static uint64_t
waits_s(struct selfcheck *c, unsigned i, const struct sink_counts *k, uint64_t now_ns)
{
	if (k->waiting == 0 && k->waiting_lines == 0) {
		c->waits_ns[i] = 0;
		return 0;
	}
	if (k->oldest_ns != 0 && k->oldest_ns < now_ns)
		return (now_ns - k->oldest_ns) / SECOND;
	if (c->waits_ns[i] == 0 || c->waits_ns[i] > now_ns || k->bytes != c->carried[i]) {
		c->waits_ns[i] = now_ns;
		c->carried[i] = k->bytes;
	}
	return (now_ns - c->waits_ns[i]) / SECOND;
}

static void
look_at_sinks(struct selfcheck *c, const struct selfcheck_view *v)
{
	char text[400];

	for (unsigned i = 0; i < v->n_sinks && i <= SINKS_MAX; i++) {
		const struct sink_counts *k = &v->sinks[i];
		uint64_t s = waits_s(c, i, k, v->now_ns), now_s = v->now_ns / SECOND;
		struct strbuf b = strbuf_on(text, sizeof(text));

		if (begins(&c->behind[i], s >= BEHIND_S)) {
			strbuf_printf(&b, "\"%s\" (%s) has what waits for %" PRIu64 " s%s%s", k->name, k->transport, s,
			    k->problem[0] != '\0' ? ": " : "", k->problem);
			report(c, ALERT_SENSOR_BEHIND, v->now_ns, text, i);
		}
		b = strbuf_on(text, sizeof(text));
		if (begins(&c->expires[i], k->certificate_until_s != 0 &&
		    k->certificate_until_s < now_s + EXPIRES_DAYS * DAY_S)) {
			if (k->certificate_until_s <= now_s)
				strbuf_printf(&b, "\"%s\" has expired", k->name);
			else
				strbuf_printf(&b, "\"%s\" expires in %" PRIu64 " days", k->name,
				    (k->certificate_until_s - now_s) / DAY_S);
			report(c, ALERT_SENSOR_CERTIFICATE, v->now_ns, text, i);
		}
	}
}

static void
look_at_rules(struct selfcheck *c, const struct selfcheck_view *v)
{
	char text[96];
	struct strbuf s = strbuf_on(text, sizeof(text));

	if (v->reloads_failed != c->reloads_failed)
		report(c, ALERT_SENSOR_RULES, v->now_ns, "Rules were read again and not taken over; those that ran go on running", 0);
	c->reloads_failed = v->reloads_failed;
	if (v->rules_bad != c->rules_bad && v->rules_bad > 0) {
		strbuf_printf(&s, "%u rule%s left out because of a fault in %s", v->rules_bad, v->rules_bad == 1 ? " was" : "s were",
		    v->rules_bad == 1 ? "it" : "them");
		report(c, ALERT_SENSOR_RULES, v->now_ns, text, 1);
	}
	c->rules_bad = v->rules_bad;
}

bool
selfcheck_due(const struct selfcheck *c, uint64_t now_ns)
{
	/* Also when the clock was set back. */
	return now_ns >= c->next_ns || c->next_ns - now_ns > SECOND;
}

void
selfcheck_look(struct selfcheck *c, const struct selfcheck_view *v)
{
	c->next_ns = v->now_ns + SECOND;
	look_at_clock(c, v);
	look_at_disks(c, v);
	look_at_sinks(c, v);
	look_at_rules(c, v);
	if (v->now_ns >= c->minute_ns || c->minute_ns - v->now_ns > MINUTE) {
		/* The first time is no minute: it only says where counting begins. */
		if (c->minute_ns != 0)
			look_at_wire(c, v);
		c->minute_ns = v->now_ns + MINUTE;
	}
}
