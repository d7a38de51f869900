#include "engine/summary.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "base/shown.h"
#include "base/str.h"
#include "output/visibility.h"

void
summary_operation(struct summary *s, const struct operation *op)
{
	if (op->phase != OP_FINISHED)
		return;
	s->operations[op->proto][op->intent]++;
	s->outcomes[op->outcome]++;
}

void
summary_anomaly(struct summary *s, const struct anomaly *a)
{
	s->anomalies[a->id]++;
}

void
summary_alert(struct summary *s, const struct alert *a)
{
	if (a->kind == ALERT_FIRST)
		s->by_type[a->finding->type]++;
	if (a->kind == ALERT_FIRST)
		s->alerts[a->severity >= 1 && a->severity <= 4 ? a->severity : 0]++;
	else if (a->kind == ALERT_SUPPRESSED)
		s->suppressed += a->suppressed;
}

void
summary_flow(struct summary *s, const struct flow *f)
{
	bool ot = f->protocol != NULL;

	s->flows++;
	s->ot_flows += ot;
	if (s->first_ns == 0 || f->first_ns < s->first_ns)
		s->first_ns = f->first_ns;
	if (f->last_ns > s->last_ns)
		s->last_ns = f->last_ns;
}

/* 1234567 as 1,234,567. */
static const char *
grouped(uint64_t v, char room[32])
{
	char digits[24];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v), o = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			room[o++] = ',';
		room[o++] = digits[i];
	}
	room[o] = '\0';
	return room;
}

/* Of more than there is space for the gravest stay; what turned out to be part of another goes. */
void
summary_incident(struct summary *s, const struct incident *i)
{
	uint32_t at, worst = 0;

	for (at = 0; at < s->n_incidents && s->incidents[at].id != i->id; at++)
		if (s->incidents[at].severity >= s->incidents[worst].severity)
			worst = at;
	if (at == s->n_incidents && i->kind != INCIDENT_FIRST)
		return;
	if (i->part_of != NULL) {
		s->n_incidents--;
		memmove(&s->incidents[at], &s->incidents[at + 1], (s->n_incidents - at) * sizeof(s->incidents[0]));
		return;
	}
	if (at == SUMMARY_INCIDENTS) {
		s->more_incidents++;
		if (s->incidents[worst].severity <= i->severity)
			return;
		memmove(&s->incidents[worst], &s->incidents[worst + 1], (--at - worst) * sizeof(s->incidents[0]));
	} else
		s->n_incidents += at == s->n_incidents;
	s->incidents[at].id = i->id;
	s->incidents[at].first_ns = i->first_ns;
	s->incidents[at].severity = i->severity;
	(void)snprintf(s->incidents[at].title, sizeof(s->incidents[at].title), "%s", i->title);
}

static void
print_row(FILE *to, const char *label, uint64_t v, const char *what)
{
	char room[32];

	fprintf(to, "  %-15s %13s  %s\n", label, grouped(v, room), what);
}

/* The same, where one of them takes other words. */
static void
print_count(FILE *to, const char *label, uint64_t v, const char *one, const char *many)
{
	print_row(to, label, v, v == 1 ? one : many);
}

static void
print_time(FILE *to, uint64_t ns)
{
	time_t t = (time_t)(ns / 1000000000u);
	struct tm tm;
	char text[40];

	if (gmtime_r(&t, &tm) != NULL && strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) > 0)
		fprintf(to, "%s UTC", text);
}

/* Which EtherTypes or IP protocols. */
static void
print_which(const struct unfollowed *u, bool ip, FILE *to)
{
	for (unsigned i = 0; i < u->n; i++) {
		const char *name = unfollowed_name(&u->of[i]);
		char what[64];

		if (u->of[i].ip != ip)
			continue;
		if (ip)
			(void)snprintf(what, sizeof(what), "of protocol %u", u->of[i].number);
		else
			(void)snprintf(what, sizeof(what), "of EtherType 0x%04x%s%s%s", u->of[i].number,
			    name != NULL ? " (" : "", name != NULL ? name : "", name != NULL ? ")" : "");
		print_row(to, "", u->of[i].frames, what);
	}
}

static void
print_blind(const struct counters *c, const struct unfollowed *u, FILE *to)
{
	unsigned said = 0;

	for (int i = 0; i < CNT_COUNT; i++) {
		if (!visibility_hides((enum counter_id)i) || c->v[i] == 0)
			continue;
		print_row(to, said++ == 0 ? "not seen" : "", c->v[i],
		    visibility_words((enum counter_id)i, c->v[i]));
		if (u != NULL && (i == CNT_DEC_UNKNOWN_TYPE || i == CNT_DEC_IP_PROTO))
			print_which(u, i == CNT_DEC_IP_PROTO, to);
	}
	if (said == 0)
		fprintf(to, "  %-15s %13s  %s\n", "not seen", "nothing", c->v[CNT_DEC_PACKETS] == 0 ?
		    "no frame came, so none was missed" :
		    "every frame was read and understood down to its conversation");
}

static void
print_operations(const struct summary *s, FILE *to)
{
	static const char *const intents[] = {
#define OP_INTENT(id, text, what) what,
#include "record/op_names.def"
	};
	char label[48];

	for (int p = 0; p < OP_PROTO_COUNT; p++)
		for (int i = 0; i < OP_INTENT_COUNT; i++) {
			if (s->operations[p][i] == 0)
				continue;
			(void)snprintf(label, sizeof(label), "%s %s", protocols[p]->name,
			    op_intent_name((enum op_intent)i));
			print_row(to, label, s->operations[p][i], intents[i]);
		}
	if (s->outcomes[OUTCOME_EXCEPTION] > 0)
		print_count(to, "refused", s->outcomes[OUTCOME_EXCEPTION],
		    "operation that the device answered with an exception",
		    "operations that the device answered with an exception");
	if (s->outcomes[OUTCOME_UNANSWERED] > 0)
		print_count(to, "unanswered", s->outcomes[OUTCOME_UNANSWERED],
		    "operation without an answer", "operations without an answer");
	if (s->outcomes[OUTCOME_ONE_SIDED] > 0)
		print_count(to, "one-sided", s->outcomes[OUTCOME_ONE_SIDED],
		    "operation of which only one side is in the capture",
		    "operations of which only one side is in the capture");
}

static void
print_anomalies(const struct summary *s, FILE *to)
{
	char label[80];

	for (int i = 1; i < ANOMALY_COUNT; i++) {
		const struct anomaly_row *row = anomaly_row((enum anomaly_id)i);

		if (s->anomalies[i] == 0)
			continue;
		(void)snprintf(label, sizeof(label), "%s.%s", anomaly_layer_name(row->layer), row->text);
		fprintf(to, "  %-29s %" PRIu64 " x  %s\n", label, s->anomalies[i], row->what);
	}
}

#define TYPES_SHOWN 8u

/* The types that most alerts are of. */
static void
print_types(const struct summary *s, FILE *to)
{
	bool shown[ALERT_TYPE_COUNT] = { false };
	unsigned n = 0, left = 0;

	for (; n < TYPES_SHOWN; n++) {
		unsigned best = ALERT_TYPE_COUNT;

		for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++)
			if (!shown[i] && s->by_type[i] > 0 && (best == ALERT_TYPE_COUNT || s->by_type[i] > s->by_type[best]))
				best = i;
		if (best == ALERT_TYPE_COUNT)
			return;
		shown[best] = true;
		fprintf(to, "  %-29s %" PRIu64 " x  %s\n", alert_type_row((enum alert_type)best)->text, s->by_type[best],
		    alert_type_row((enum alert_type)best)->title);
	}
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++)
		left += !shown[i] && s->by_type[i] > 0;
	if (left > 0)
		fprintf(to, "  and %u more types\n", left);
}

static void
print_alerts(const struct summary *s, FILE *to)
{
	static const char *const words[] = { "with a severity of their own", "act now", "look today",
	    "know about it", "for the file" };
	uint64_t all = s->suppressed;
	char room[32], label[16];

	for (unsigned i = 0; i < COUNTOF(words); i++)
		all += s->alerts[i];
	if (all == 0)
		return;
	fprintf(to, "\nAlerts: %s\n", grouped(all - s->suppressed, room));
	for (unsigned i = 1; i <= COUNTOF(words); i++) {
		unsigned severity = i % (unsigned)COUNTOF(words);

		if (s->alerts[severity] == 0)
			continue;
		(void)snprintf(label, sizeof(label), "severity %u", severity);
		print_row(to, severity != 0 ? label : "other", s->alerts[severity], words[severity]);
	}
	if (s->suppressed > 0)
		print_row(to, "suppressed", s->suppressed, "by the limit of their type and target (alerts.limit)");
	print_types(s, to);
}

static void
print_incidents(const struct summary *s, FILE *to)
{
	char text[INCIDENT_TITLE + 64];

	if (s->n_incidents == 0)
		return;
	fprintf(to, "\nIncidents: %u\n", (unsigned)(s->n_incidents + s->more_incidents));
	for (uint32_t i = 0; i < s->n_incidents; i++) {
		struct strbuf b = strbuf_on(text, sizeof(text));
		time_t t = (time_t)(s->incidents[i].first_ns / 1000000000u);
		struct tm tm;
		char when[40] = "?";

		if (gmtime_r(&t, &tm) != NULL)
			(void)strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
		shown_put(&b, s->incidents[i].title, SIZE_MAX);
		fprintf(to, "  %s  %u  %s\n", when, s->incidents[i].severity, text);
	}
	if (s->more_incidents > 0)
		fprintf(to, "  and %u more: thermowell incidents\n", (unsigned)s->more_incidents);
}

uint64_t
summary_operations(const struct summary *s)
{
	uint64_t n = 0;

	for (int p = 0; p < OP_PROTO_COUNT; p++)
		for (int i = 0; i < OP_INTENT_COUNT; i++)
			n += s->operations[p][i];
	return n;
}

uint64_t
summary_alerts(const struct summary *s)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < COUNTOF(s->alerts); i++)
		n += s->alerts[i];
	return n;
}

void
summary_print(const struct summary *s, const struct assets_count *hosts, const struct counters *c,
    const struct unfollowed *u, FILE *to)
{
	uint64_t operations = summary_operations(s), anomalies = 0;
	char room[32];

	for (int i = 1; i < ANOMALY_COUNT; i++)
		anomalies += s->anomalies[i];

	fprintf(to, "\nWhat was seen");
	if (s->first_ns != 0) {
		fprintf(to, ", ");
		print_time(to, s->first_ns);
		fprintf(to, " to ");
		print_time(to, s->last_ns);
	}
	fprintf(to, "\n");
	print_count(to, "packets", c->v[CNT_DEC_PACKETS], "frame in the capture", "frames in the capture");
	/* A copy of a frame takes nothing away from what was seen. */
	if (c->v[CNT_DEC_DUPLICATES] > 0)
		print_count(to, "duplicates", c->v[CNT_DEC_DUPLICATES],
		    "of them is a copy of another, left out",
		    "of them are copies of others, left out");
	print_count(to, "hosts", hosts->hosts, "address", hosts->more ? "addresses, or more" : "addresses");
	print_count(to, "OT devices", hosts->control, "of them takes part in control traffic",
	    "of them take part in control traffic");
	print_row(to, "conversations", s->flows, "between two endpoints");
	print_count(to, "OT sessions", s->ot_flows, "of them carries a control protocol",
	    "of them carry control protocols");
	print_blind(c, u, to);
	fprintf(to, "\nWhat was done: %s operation%s\n", grouped(operations, room), operations == 1 ? "" : "s");
	print_operations(s, to);
	if (anomalies > 0) {
		fprintf(to, "\nWhat broke a specification or looked wrong: %s\n", grouped(anomalies, room));
		print_anomalies(s, to);
	}
	print_alerts(s, to);
	print_incidents(s, to);
	fprintf(to, "\n");
}

size_t
summary_alert_line(const struct alert *a, char *to, size_t size, bool color)
{
	static const char *const colors[] = { "0", "1;31", "31", "33", "2" };
	static const char end[] = "\033[0m\n";
	unsigned severity = a->severity >= 1 && a->severity <= 4 ? a->severity : 0;
	time_t t = (time_t)(a->ts_ns / 1000000000u);
	struct strbuf s = strbuf_on(to, size - sizeof(end));
	struct tm tm;
	char text[40] = "?";

	if (gmtime_r(&t, &tm) != NULL)
		(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	if (color)
		strbuf_printf(&s, "\033[%sm", colors[severity]);
	strbuf_printf(&s, "%s  %u  ", text, a->severity);
	shown_put(&s, a->sentence != NULL ? a->sentence : a->signature, SIZE_MAX);
	if (a->kind == ALERT_UPDATE && a->count > 1)
		strbuf_printf(&s, " (%" PRIu64 " times)", a->count);
	s.size = size;
	strbuf_put(&s, color ? end : "\n");
	return s.len;
}
