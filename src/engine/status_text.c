#include "engine/status_text.h"

#include <string.h>

#include "base/str.h"

/* 11520 as 3 h 12 min. */
static void
print_span(json_int_t s, FILE *to)
{
	if (s >= 86400)
		fprintf(to, "%" JSON_INTEGER_FORMAT " d %" JSON_INTEGER_FORMAT " h", s / 86400, s / 3600 % 24);
	else if (s >= 3600)
		fprintf(to, "%" JSON_INTEGER_FORMAT " h %" JSON_INTEGER_FORMAT " min", s / 3600, s / 60 % 60);
	else if (s >= 60)
		fprintf(to, "%" JSON_INTEGER_FORMAT " min", s / 60);
	else
		fprintf(to, "%" JSON_INTEGER_FORMAT " s", s);
}

/* A time of ours, cut to the second: 2026-11-30 11:00:00 UTC. */
static void
print_time(const char *text, FILE *to)
{
	if (strlen(text) >= 19 && text[10] == 'T')
		fprintf(to, "%.10s %.8s UTC", text, text + 11);
	else
		fputs(text, to);
}

static void
print_number(const json_t *status, const char *key, const char *label, FILE *to)
{
	const json_t *n = json_object_get(status, key);

	if (json_is_integer(n))
		fprintf(to, "  %-12s %12" JSON_INTEGER_FORMAT "\n", label, json_integer_value(n));
}

static void
print_head(const json_t *status, FILE *to)
{
	const json_t *list = json_object_get(status, "interfaces"), *one;
	const json_t *console = json_object_get(status, "console");
	const char *sensor = json_text_of(status, "sensor");
	size_t i;

	fprintf(to, "thermowell %s", json_text_of(status, "program"));
	if (sensor[0] != '\0')
		fprintf(to, " \"%s\"", sensor);
	fprintf(to, ", process %" JSON_INTEGER_FORMAT, json_number_of(status, "pid"));
	if (json_array_size(list) > 0)
		fputs(", watches", to);
	json_array_foreach(list, i, one)
		fprintf(to, "%s %s", i > 0 ? "," : "", json_is_string(one) ? json_string_value(one) : "?");
	if (json_number_of(status, "captures") > 0)
		fprintf(to, ", replays %" JSON_INTEGER_FORMAT " capture%s", json_number_of(status, "captures"),
		    json_number_of(status, "captures") == 1 ? "" : "s");
	fputs(", for ", to);
	print_span(json_number_of(status, "uptime"), to);
	fputs(" (since ", to);
	print_time(json_text_of(status, "started"), to);
	fputs(")\n", to);
	json_array_foreach(json_object_get(status, "needs_restart"), i, one)
		fprintf(to, "%s%s%s", i == 0 ? "  needs a restart: " : ", ", json_is_string(one) ? json_string_value(one) : "?",
		    i + 1 == json_array_size(json_object_get(status, "needs_restart")) ? "\n" : "");
	if (strcmp(json_text_of(status, "sandbox"), "off") == 0)
		fputs("  the sandbox is switched off: nothing limits what this process may do\n", to);
	if (console != NULL)
		fprintf(to, "  console at %s; Landlock for its files: %s\n", json_text_of(console, "listen"), json_text_of(console, "landlock"));
}

/* What became of the lines of an output that knows. */
static void
print_relay(const json_t *one, FILE *to)
{
	static const struct { const char *key, *what; } rows[] = {
		{ "arrived", "arrived" }, { "repeated", "sent again" }, { "waiting_lines", "wait" }, { "rejected", "rejected by the receiver" },
		{ "dropped_full", "dropped: the spool was full" }, { "dropped_old", "dropped: too old" },
		{ "dropped_damaged", "damaged in the spool" }, { "dropped_asked", "dropped by an operator" }, { "dropped_format", "not written in this format" },
	};

	for (size_t i = 0; i < COUNTOF(rows); i++)
		if (i == 0 || json_number_of(one, rows[i].key) > 0)
			fprintf(to, ", %" JSON_INTEGER_FORMAT " %s", json_number_of(one, rows[i].key), rows[i].what);
	if (json_object_get(one, "waiting_since") != NULL)
		fprintf(to, " (since %s)", json_text_of(one, "waiting_since"));
	if (json_object_get(one, "certificate_until") != NULL)
		fprintf(to, ", certificate good until %.10s", json_text_of(one, "certificate_until"));
	if (strcmp(json_text_of(one, "spool"), "failing") == 0)
		fputs(", its spool cannot be written", to);
}

static void
print_output(const json_t *one, FILE *to)
{
	fprintf(to, "  output %s (%s, %s): %" JSON_INTEGER_FORMAT " lines, %" JSON_INTEGER_FORMAT " bytes",
	    json_text_of(one, "name"), json_text_of(one, "format"), json_text_of(one, "transport"),
	    json_number_of(one, "lines"), json_number_of(one, "bytes"));
	if (json_number_of(one, "waiting") > 0)
		fprintf(to, ", %" JSON_INTEGER_FORMAT " bytes wait", json_number_of(one, "waiting"));
	if (json_number_of(one, "lost") > 0)
		fprintf(to, ", %" JSON_INTEGER_FORMAT " lines lost (%" JSON_INTEGER_FORMAT " alerts)",
		    json_number_of(one, "lost"), json_number_of(one, "lost_alerts"));
	if (json_number_of(one, "limited") > 0)
		fprintf(to, ", %" JSON_INTEGER_FORMAT " above its rate", json_number_of(one, "limited"));
	if (json_object_get(one, "arrived") != NULL)
		print_relay(one, to);
	if (json_number_of(one, "failures") > 0)
		fprintf(to, ", failed %" JSON_INTEGER_FORMAT " times, found again %" JSON_INTEGER_FORMAT " times",
		    json_number_of(one, "failures"), json_number_of(one, "reconnects"));
	fputc('\n', to);
	if (json_text_of(one, "problem")[0] != '\0')
		fprintf(to, "    %s\n", json_text_of(one, "problem"));
}

static void
print_store(const json_t *store, FILE *to)
{
	if (store != NULL)
		fprintf(to, "  %-12s %s: %" JSON_INTEGER_FORMAT " rows written, %s\n", "store", json_text_of(store, "file"),
		    json_number_of(store, "rows"), json_text_of(store, "state"));
}

/* "9 good, 1 worse"; the worse ones first. */
static void
print_health(const json_t *health, FILE *to)
{
	static const char *const conditions[] = { "failing", "worse", "good", "learning" };
	unsigned n = 0;

	for (size_t i = 0; i < COUNTOF(conditions); i++)
		if (json_number_of(health, conditions[i]) > 0)
			fprintf(to, "%s%" JSON_INTEGER_FORMAT " %s", n++ > 0 ? ", " : "  health       ", json_number_of(health, conditions[i]),
			    conditions[i]);
	fputs(n > 0 ? "\n" : "", to);
}

void
status_text(const json_t *status, FILE *to)
{
	static const struct { const char *key, *label; } rows[] = {
		{ "packets", "packets" }, { "dropped", "dropped" }, { "operations", "operations" },
		{ "alerts", "alerts" }, { "rules", "rules" },
	};
	const json_t *visibility = json_object_get(status, "visibility"), *one;
	const char *frame = json_text_of(status, "last_frame");
	size_t i;

	print_head(status, to);
	for (i = 0; i < COUNTOF(rows); i++)
		print_number(status, rows[i].key, rows[i].label, to);
	fputs("  last frame   ", to);
	if (frame[0] != '\0')
		print_time(frame, to);
	else
		fputs("none yet", to);
	fputc('\n', to);
	print_health(json_object_get(status, "health"), to);
	json_array_foreach(json_object_get(status, "outputs"), i, one)
		print_output(one, to);
	print_store(json_object_get(status, "store"), to);
	fprintf(to, "%s\n", json_text_of(visibility, "sentence"));
	json_array_foreach(json_object_get(visibility, "advice"), i, one)
		if (json_is_string(one))
			fprintf(to, "  %s\n", json_string_value(one));
}
