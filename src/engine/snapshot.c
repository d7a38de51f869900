#include "engine/snapshot.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "detect/health/health.h"
#include "detect/match/rules.h"
#include "output/visibility.h"

#define SECOND	UINT64_C(1000000000)

void
snapshot_take(struct snapshot *s, struct worker *w, uint64_t frame_ns)
{
	const void *rules = detect_find(w->detect, &rules_detector), *values = detect_find(w->detect, &detector_values);
	const void *wire = detect_find(w->detect, &detector_wire);

	if (w->capture != NULL)
		capture_update_counters(w->capture);
	s->counters = w->counters;
	s->frame_ns = frame_ns;
	s->operations = summary_operations(&w->summary);
	s->alerts = summary_alerts(&w->summary);
	memcpy(s->operations_of, w->summary.operations, sizeof(s->operations_of));
	memcpy(s->alerts_of, w->summary.alerts, sizeof(s->alerts_of));
	s->n_sinks = output_counts(w->output, s->sinks);
	memset(s->health, 0, sizeof(s->health));
	if (wire != NULL)
		wire_conditions(wire, s->health);
	s->has_store = w->store != NULL;
	if (s->has_store)
		store_state(w->store, &s->store);
	s->n_gauges = values != NULL ? values_gauges(values, s->gauges) : 0;
	s->rules = rules != NULL ? rules_of(rules)->n_rules : 0;
}

/* As in records: UTC, microseconds.  NULL for no time. */
static json_t *
time_text(uint64_t ns)
{
	time_t t = (time_t)(ns / SECOND);
	struct tm tm;
	char day[32], text[64];
	struct strbuf b = strbuf_on(text, sizeof(text));

	if (ns == 0 || gmtime_r(&t, &tm) == NULL || strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm) == 0)
		return NULL;
	strbuf_printf(&b, "%s.%06u+0000", day, (unsigned)(ns % SECOND / 1000));
	return json_string(text);
}

static json_t *
interfaces(const struct capture *cap)
{
	json_t *list = json_array();

	for (unsigned i = 0; i < capture_sources(cap); i++)
		(void)json_array_append_new(list, json_from_text(capture_source_name(cap, (uint16_t)i)));
	return list;
}

/* Counters by the path that they have in stats records, flat; those that are 0 are left out. */
static json_t *
counters(const struct counters *c, bool of_visibility)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (c->v[i] > 0 && (!of_visibility || visibility_row((enum counter_id)i)))
			(void)json_object_set_new(all, counter_row(i)->path, json_integer((json_int_t)c->v[i]));
	return all;
}

static json_t *
visibility(const struct counters *c)
{
	const char *advice[VISIBILITY_ADVICE_MAX];
	char sentence[12288];
	struct strbuf b = strbuf_on(sentence, sizeof(sentence));
	unsigned n = visibility_advice(c, advice);
	json_t *list = json_array();

	visibility_sentence(c, &b);
	for (unsigned i = 0; i < n; i++)
		(void)json_array_append_new(list, json_string(advice[i]));
	return json_pack("{s:s, s:o, s:o}", "sentence", sentence, "counters", counters(c, true), "advice", list);
}

static void
add_relay(json_t *o, const struct sink_counts *k)
{
#define SINK_COUNT(member, what) (void)json_object_set_new(o, #member, json_integer((json_int_t)k->member));
#include "output/sink_counts.def"
#undef SINK_COUNT
	if (k->oldest_ns != 0)
		(void)json_object_set_new(o, "waiting_since", time_text(k->oldest_ns));
	if (k->certificate_until_s != 0)
		(void)json_object_set_new(o, "certificate_until", time_text(k->certificate_until_s * UINT64_C(1000000000)));
	if (k->spooled)
		(void)json_object_set_new(o, "spool", json_string(k->spool_failing ? "failing" : "good"));
	if (k->problem[0] != '\0')
		(void)json_object_set_new(o, "problem", json_from_text(k->problem));
}

static json_t *
outputs(const struct snapshot *s)
{
	json_t *list = json_array();

	for (const struct sink_counts *k = s->sinks; k < s->sinks + s->n_sinks; k++) {
		json_t *o = json_pack("{s:s, s:s, s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}",
		    "name", k->name, "format", k->format, "transport", k->transport,
		    "lines", (json_int_t)k->lines, "lost", (json_int_t)k->lost,
		    "lost_alerts", (json_int_t)k->lost_alerts, "filtered", (json_int_t)k->filtered, "limited", (json_int_t)k->limited,
		    "bytes", (json_int_t)k->bytes, "waiting", (json_int_t)k->waiting, "failures", (json_int_t)k->failures,
		    "reconnects", (json_int_t)k->reconnects);

		if (o != NULL && k->relayed)
			add_relay(o, k);
		(void)json_array_append_new(list, o);
	}
	return list;
}

static json_t *
store(const struct snapshot *s)
{
	const struct store_state *t = &s->store;

	if (!s->has_store)
		return NULL;
	return json_pack("{s:o, s:o*, s:I, s:I, s:I, s:I, s:s}", "file", json_from_text(t->file),
	    "baseline", t->baseline_file != NULL ? json_from_text(t->baseline_file) : NULL, "rows", (json_int_t)t->rows,
	    "waiting", (json_int_t)t->waiting, "transactions", (json_int_t)t->transactions, "failures", (json_int_t)t->failures,
	    "state", t->full ? "disk full" : t->failing ? "failing" : "good");
}

/* How many devices are in each condition; none that nobody is in. */
static json_t *
health(const struct snapshot *s)
{
	json_t *all = json_object();

	for (unsigned i = 0; i < HEALTH_CONDITIONS; i++)
		if (s->health[i] > 0)
			(void)json_object_set_new(all, health_condition_text(i), json_integer((json_int_t)s->health[i]));
	return all;
}

static json_t *
console(const struct snapshot_of *of)
{
	return of->landlock != NULL && of->landlock[0] != '\0' ? json_pack("{s:o, s:s}", "listen", json_from_text(of->settings->console.listen),
	    "landlock", of->landlock) : NULL;
}

json_t *
snapshot_status(const struct snapshot *s, const struct snapshot_of *of, json_t *restart)
{
	const bool live = capture_is_live(of->capture);
	const char *sensor = of->settings->output.sensor;
	const uint64_t *v = s->counters.v;
	struct timespec now = { 0 };
	uint64_t now_ns;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	now_ns = (uint64_t)now.tv_sec * SECOND + (uint64_t)now.tv_nsec;
	return json_pack("{s:s, s:I, s:s*, s:o*, s:o*, s:s, s:o*, s:o*, s:o*, s:I, s:o*, s:I, s:I, s:I, s:I, s:I, s:o, s:o*, s:o, s:o, s:o, s:o*}",
	    "program", PACKAGE_VERSION, "pid", (json_int_t)getpid(), "sandbox", of->sandbox, "needs_restart", restart,
	    "sensor", sensor != NULL && sensor[0] != '\0' ? json_from_text(sensor) : NULL,
	    "mode", live ? "live" : "replay",
	    "interfaces", live ? interfaces(of->capture) : NULL,
	    "captures", live ? NULL : json_integer((json_int_t)capture_sources(of->capture)),
	    "started", time_text(of->start_ns),
	    "uptime", (json_int_t)((now_ns > of->start_ns ? now_ns - of->start_ns : 0) / SECOND),
	    "last_frame", time_text(s->frame_ns),
	    "packets", (json_int_t)v[CNT_DEC_PACKETS], "dropped", (json_int_t)(v[CNT_CAP_DROPS] + v[CNT_CAP_IFDROPS]),
	    "operations", (json_int_t)s->operations, "alerts", (json_int_t)s->alerts, "rules", (json_int_t)s->rules,
	    "outputs", outputs(s), "store", store(s), "health", health(s), "visibility", visibility(&s->counters), "counters", counters(&s->counters, false), "console", console(of));
}
