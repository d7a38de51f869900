/* metrics_text.c - figures as Prometheus reads them: each with a line of help and its type. */
#include "engine/metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

#define PREFIX	"thermowell_"

static void
head(FILE *to, const char *name, bool gauge, const char *help)
{
	fprintf(to, "# HELP %s ", name);
	for (; *help != '\0'; help++)
		if (*help == '\\')
			fputs("\\\\", to);
		else
			fputc(*help == '\n' ? ' ' : *help, to);
	fprintf(to, "\n# TYPE %s %s\n", name, gauge ? "gauge" : "counter");
}

/* The name of a figure by its path in records: "decoder.pkts" is thermowell_decoder_pkts_total. */
static void
name_of(const char *path, bool gauge, struct strbuf *to)
{
	char one[2] = { 0 };

	strbuf_put(to, PREFIX);
	for (const char *p = path; *p != '\0'; p++) {
		one[0] = *p;
		strbuf_put(to, *p == '.' || *p == '-' ? "_" : one);
	}
	/* What is called a total already is not called so twice. */
	if (!gauge && (strlen(path) < 6 || strcmp(path + strlen(path) - 6, ".total") != 0))
		strbuf_put(to, "_total");
}

static void
print_counters(const struct counters *c, FILE *to)
{
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const struct counter_row *row = counter_row((enum counter_id)i);
		bool gauge = (row->marks & COUNTER_NOW) != 0;
		char name[160];
		struct strbuf s = strbuf_on(name, sizeof(name));

		name_of(row->path, gauge, &s);
		head(to, name, gauge, row->what);
		fprintf(to, "%s %" PRIu64 "\n", name, c->v[i]);
	}
}

static void
print_judged(const struct snapshot *s, FILE *to)
{
	head(to, PREFIX "operations_total", false, "operations of plant protocols that are over");
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++)
			fprintf(to, PREFIX "operations_total{protocol=\"%s\",intent=\"%s\"} %" PRIu64 "\n", protocols[p]->name,
			    op_intent_name((enum op_intent)i), s->operations_of[p][i]);
	head(to, PREFIX "alerts_total", false, "alerts by severity, 1 is the gravest; 0: one of their own");
	for (unsigned i = 0; i < COUNTOF(s->alerts_of); i++)
		fprintf(to, PREFIX "alerts_total{severity=\"%u\"} %" PRIu64 "\n", i, s->alerts_of[i]);
}

/* ---- outputs ------------------------------------------------------------------------------------ */

static void
label(const char *text, FILE *to)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\')
			fprintf(to, "\\%c", *text);
		else
			fputc(*text == '\n' ? ' ' : *text, to);
}

struct sink_row {
	const char	*name, *what;
	bool		 gauge, relayed;	/* of sinks alone that have something before their transport */
	size_t		 at;
};

static const struct sink_row sink_rows[] = {
	{ "lines", "lines handed to the writer", false, false, offsetof(struct sink_counts, lines) },
	{ "lost", "lines that did not fit into the queue", false, false, offsetof(struct sink_counts, lost) },
	{ "lost_alerts", "of them alerts", false, false, offsetof(struct sink_counts, lost_alerts) },
	{ "filtered", "records that zones, assets or protocols of the output leave out", false, false, offsetof(struct sink_counts, filtered) },
	{ "limited", "records above the rate of the output", false, false, offsetof(struct sink_counts, limited) },
	{ "written_bytes", "bytes carried away", false, false, offsetof(struct sink_counts, bytes) },
	{ "queue_bytes", "bytes in the queue", true, false, offsetof(struct sink_counts, waiting) },
	{ "failures", "times that the target began to fail", false, false, offsetof(struct sink_counts, failures) },
	{ "reconnects", "times that it was found again", false, false, offsetof(struct sink_counts, reconnects) },
#define SINK_COUNT(member, what) { #member, what, false, true, offsetof(struct sink_counts, member) },
#include "output/sink_counts.def"
#undef SINK_COUNT
};

/* Of outputs that know one. */
static void
print_certificates(const struct snapshot *s, FILE *to)
{
	static const char name[] = PREFIX "sink_certificate_expiry_time_seconds";
	bool begun = false;

	for (const struct sink_counts *k = s->sinks; k < s->sinks + s->n_sinks; k++) {
		if (k->certificate_until_s == 0)
			continue;
		if (!begun)
			head(to, name, true, "when the certificate of the receiver, or our own, expires, the earlier of both, in seconds since 1970");
		begun = true;
		fprintf(to, "%s{sink=\"", name);
		label(k->name, to);
		fprintf(to, "\",transport=\"%s\"} %" PRIu64 "\n", k->transport, k->certificate_until_s);
	}
}

static void
print_sinks(const struct snapshot *s, FILE *to)
{
	for (const struct sink_row *r = sink_rows; r < sink_rows + COUNTOF(sink_rows); r++) {
		bool gauge = r->gauge || strncmp(r->name, "waiting", 7) == 0, begun = false;
		char name[96];

		(void)snprintf(name, sizeof(name), PREFIX "sink_%s%s", r->name, gauge ? "" : "_total");
		for (const struct sink_counts *k = s->sinks; k < s->sinks + s->n_sinks; k++) {
			uint64_t v;

			if (r->relayed && !k->relayed)
				continue;
			if (!begun)
				head(to, name, gauge, r->what);
			begun = true;
			memcpy(&v, (const char *)k + r->at, sizeof(v));
			fprintf(to, "%s{sink=\"", name);
			label(k->name, to);
			fprintf(to, "\",transport=\"%s\",format=\"%s\"} %" PRIu64 "\n", k->transport, k->format, v);
		}
	}
}

static void
number(FILE *to, const char *name, const char *what, double v)
{
	head(to, name, true, what);
	fprintf(to, "%s %.15g\n", name, v);
}

static void
gauge(FILE *to, const char *name, const struct values_gauge *g, double v)
{
	fprintf(to, "%s{tag=\"", name);
	label(g->tag, to);
	fputs("\",group=\"", to);
	label(g->group, to);
	fputs("\",unit=\"", to);
	label(g->unit, to);
	fprintf(to, "\"} %.15g\n", v);
}

/* Of tags that the tag file exports. */
static void
print_values(const struct snapshot *s, FILE *to)
{
	if (s->n_gauges == 0)
		return;
	head(to, PREFIX "process_value", true, "the present value of a tag, in its unit");
	for (unsigned i = 0; i < s->n_gauges; i++)
		gauge(to, PREFIX "process_value", &s->gauges[i], s->gauges[i].value);
	head(to, PREFIX "process_seen_time_seconds", true, "when the value of a tag was last seen on the wire, since 1970");
	for (unsigned i = 0; i < s->n_gauges; i++)
		gauge(to, PREFIX "process_seen_time_seconds", &s->gauges[i], (double)s->gauges[i].ts_ns / 1e9);
}

void
metrics_print(const struct metrics_view *v, FILE *to)
{
	const struct snapshot *s = &v->snapshot;

	head(to, PREFIX "info", true, "the program, always 1");
	fputs(PREFIX "info{version=\"" PACKAGE_VERSION "\"} 1\n", to);
	number(to, PREFIX "start_time_seconds", "when the sensor was started, since 1970", (double)v->start_s);
	number(to, PREFIX "last_frame_time_seconds", "time of the last frame, since 1970; 0: none came", (double)s->frame_ns / 1e9);
	number(to, PREFIX "processing_delay_seconds", "the longest time of the last second between a frame and its being read; 0: none came", (double)v->delay_ns / 1e9);
	number(to, PREFIX "rules", "rules that run", s->rules);
	print_judged(s, to);
	print_sinks(s, to);
	print_certificates(s, to);
	print_values(s, to);
	print_counters(&s->counters, to);
}
