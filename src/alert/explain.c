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
paragraph(FILE *to, const char *heading, const char *text)
{
	char plain[1024];
	const char *p = sentence_plain(text, plain, sizeof(plain));
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

static void
techniques(FILE *to, const char *list)
{
	const char *id;
	size_t n;

	if (*list == '\0')
		return;
	fputs("ATT&CK for ICS v" ATTACK_VERSION "\n", to);
	while ((id = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(id, n);

		fprintf(to, "  %-9.*s  %s (%s)", (int)n, id, row != NULL ? row->name : "?",
		    row != NULL ? attack_tactic_row(row->tactic)->name : "?");
		if (row != NULL && row->before[0] != '\0' && strcmp(row->before, row->id) != 0)
			fprintf(to, ", until v18 %s", row->before);
		fputc('\n', to);
	}
	fputc('\n', to);
}

static const char *
severity_words(unsigned severity)
{
	static const char *const words[] = { "?", "act now", "look today", "know about it", "for the file" };

	return severity < COUNTOF(words) ? words[severity] : "?";
}

static enum alert_type
type_of(const char *word)
{
	char *end;
	unsigned long sid = strtoul(word, &end, 10);

	if (*word != '\0' && *end == '\0')
		return sid <= UINT32_MAX ? alert_type_by_sid((uint32_t)sid) : ALERT_TYPE_COUNT;
	return alert_type_by_text(word);
}

bool
explain_type(const char *word, FILE *to)
{
	enum alert_type t = type_of(word);
	const struct alert_type_row *row = alert_type_row(t);

	if (t == ALERT_TYPE_COUNT)
		return false;
	fprintf(to, "%s\n\n%s, gid %u sid %" PRIu32 ", severity %u (%s)\n\n", row->title, row->text,
	    ALERT_GID, row->sid, row->severity, severity_words(row->severity));
	paragraph(to, "What happened", row->sentence);
	paragraph(to, "What it can do to the process", row->effect);
	paragraph(to, "What to check first", row->check);
	paragraph(to, "When it is a false alarm", row->benign);
	techniques(to, row->techniques);
	if (row->rows[0] != '\0')
		fprintf(to, "Rows of the published alert catalogues: %s\n", row->rows);
	return true;
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
