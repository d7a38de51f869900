#include "alert/explain.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "alert/sentence.h"
#include "base/str.h"
#include "record/alert_type.h"
#include "record/attack.h"

#define WIDTH 78u

/* A paragraph under a heading, broken at blanks. */
static void
paragraph(FILE *to, const char *heading, const char *p)
{
	size_t column = 2;

	fprintf(to, "%s\n  ", heading);
	while (*p != '\0') {
		size_t n = strcspn(p, " ");

		if (column > 2 && column + n + 1 > WIDTH) {
			fputs("\n  ", to);
			column = 2;
		} else if (column > 2) {
			fputc(' ', to);
			column++;
		}
		fprintf(to, "%.*s", (int)n, p);
		column += n;
		p += n + (p[n] == ' ');
	}
	fputs("\n\n", to);
}

static const char *
severity_words(unsigned severity)
{
	static const char *const words[] = { "?", "act now", "look today", "know about it", "for the file" };

	return severity < COUNTOF(words) ? words[severity] : "?";
}

enum alert_type
explain_find(const char *word)
{
	char *end;
	unsigned long sid = strtoul(word, &end, 10);

	if (*word != '\0' && *end == '\0')
		return sid <= UINT32_MAX ? alert_type_by_sid((uint32_t)sid) : ALERT_TYPE_COUNT;
	return alert_type_by_text(word);
}

/* A sentence for people who have no finding yet. */
static json_t *
plain(const char *text)
{
	char to[1024];

	return json_from_text(sentence_plain(text, to, sizeof(to)));
}

static json_t *
techniques(const char *list)
{
	json_t *all = json_array();
	const char *id;
	size_t n;

	while ((id = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(id, n);
		bool renamed = row != NULL && row->before[0] != '\0' && strcmp(row->before, row->id) != 0;
		json_t *one = json_pack("{s:s%, s:s, s:s, s:s*}", "id", id, n, "name", row != NULL ? row->name : "?",
		    "tactic", row != NULL ? attack_tactic_row(row->tactic)->name : "?",
		    "former_id", renamed ? row->before : NULL);

		if (json_array_append_new(all, one) != 0) {
			json_decref(all);
			return NULL;
		}
	}
	return all;
}

json_t *
explain_type(enum alert_type t)
{
	const struct alert_type_row *row = alert_type_row(t);

	return json_pack("{s:s, s:I, s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:s, s:o, s:s}", "type", row->text,
	    "gid", (json_int_t)ALERT_GID, "sid", (json_int_t)row->sid, "severity", (json_int_t)row->severity,
	    "urgency", severity_words(row->severity), "title", row->title, "category", row->class_,
	    "happened", plain(row->sentence), "effect", plain(row->effect), "check", plain(row->check),
	    "benign", plain(row->benign), "attack_version", ATTACK_VERSION, "techniques", techniques(row->techniques),
	    "catalogues", row->rows);
}

static void
print_techniques(const json_t *list, const char *version, FILE *to)
{
	const json_t *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	fprintf(to, "ATT&CK for ICS v%s\n", version);
	json_array_foreach(list, i, one) {
		const char *former = json_text_of(one, "former_id");

		fprintf(to, "  %-9s  %s (%s)%s%s\n", json_text_of(one, "id"), json_text_of(one, "name"),
		    json_text_of(one, "tactic"), former[0] != '\0' ? ", until v18 " : "", former);
	}
	fputc('\n', to);
}

void
explain_print(const json_t *what, FILE *to)
{
	const char *rows = json_text_of(what, "catalogues");

	fprintf(to, "%s\n\n%s, gid %lld sid %lld, severity %lld (%s)\n\n", json_text_of(what, "title"),
	    json_text_of(what, "type"), (long long)json_number_of(what, "gid"), (long long)json_number_of(what, "sid"),
	    (long long)json_number_of(what, "severity"), json_text_of(what, "urgency"));
	paragraph(to, "What happened", json_text_of(what, "happened"));
	paragraph(to, "What it can do to the process", json_text_of(what, "effect"));
	paragraph(to, "What to check first", json_text_of(what, "check"));
	paragraph(to, "When it is a false alarm", json_text_of(what, "benign"));
	print_techniques(json_object_get(what, "techniques"), json_text_of(what, "attack_version"), to);
	if (rows[0] != '\0')
		fprintf(to, "Rows of the published alert catalogues: %s\n", rows);
}

void
explain_list(FILE *to)
{
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++) {
		const struct alert_type_row *row = alert_type_row((enum alert_type)i);

		fprintf(to, "%" PRIu32 "  %u  %-28s %s\n", row->sid, row->severity, row->text, row->title);
	}
}

const char *
explain_nearest(const char *word)
{
	const char *best = alert_type_row(ALERT_RULE)->text;
	unsigned least = UINT32_MAX;

	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++) {
		const char *text = alert_type_row((enum alert_type)i)->text;
		unsigned d = str_distance(word, text);

		if (d < least) {
			least = d;
			best = text;
		}
	}
	return best;
}
