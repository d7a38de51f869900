#include "output/transport/digest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "output/jsonw.h"

#define WIDTH 76u	/* of a line of a mail */

void
digest_time(char to[20], uint64_t ns)
{
	char text[20];

	jsonw_second(text, ns / 1000000000u);
	memcpy(to, text, 19);
	to[10] = ' ';
	to[19] = '\0';
}

static void
count_name(struct digest_count *of, unsigned *n, uint64_t *others, const char *name)
{
	unsigned i = 0;

	while (i < *n && strncmp(of[i].name, name, DIGEST_TITLE - 1) != 0)
		i++;
	if (i == *n && *n == DIGEST_KINDS) {
		++*others;
		return;
	}
	if (i == *n) {
		(void)snprintf(of[i].name, DIGEST_TITLE, "%s", name);
		of[i].n = 0;
		++*n;
	}
	of[i].n++;
	/* The most first, and those that came first of equals. */
	for (; i > 0 && of[i - 1].n < of[i].n; i--) {
		struct digest_count c = of[i];

		of[i] = of[i - 1];
		of[i - 1] = c;
	}
}

static void
add_sentence(struct digest *d, const struct digest_item *it)
{
	unsigned severity = it->severity != 0 ? it->severity : 9, i = d->n_sentences;
	struct digest_sentence s = { .ts_ns = it->ts_ns, .severity = severity };

	if (i == DIGEST_SENTENCES && d->sentences[i - 1].severity <= severity)
		return;
	(void)snprintf(s.text, sizeof(s.text), "%s", it->sentence);
	i -= i == DIGEST_SENTENCES;
	for (; i > 0 && d->sentences[i - 1].severity > severity; i--)
		d->sentences[i] = d->sentences[i - 1];
	d->sentences[i] = s;
	d->n_sentences += d->n_sentences < DIGEST_SENTENCES;
}

void
digest_add(struct digest *d, const struct digest_item *i)
{
	d->n++;
	d->by_severity[i->severity < 5 ? i->severity : 0]++;
	count_name(d->types, &d->n_types, &d->other_types, i->title);
	if (i->device[0] != '\0')
		count_name(d->devices, &d->n_devices, &d->other_devices, i->device);
	if (i->sentence[0] != '\0')
		add_sentence(d, i);
}

/* Words from column `indent` on, `first` before the first line. */
static void
put_words(struct text *to, const char *text, unsigned indent)
{
	unsigned column = indent;

	while (*text != '\0') {
		size_t n = strcspn(text, " \t\r\n");

		if (n > 0 && column > indent && column + 1 + n > WIDTH) {
			text_printf(to, "\n%*s", (int)indent, "");
			column = indent;
		} else if (n > 0 && column > indent) {
			text_str(to, " ");
			column++;
		}
		text_put(to, text, n);
		column += (unsigned)n;
		text += n + (text[n] != '\0');
	}
	text_str(to, "\n");
}

void
digest_print_item(const struct digest_item *i, struct text *to)
{
	char time[20];

	digest_time(time, i->ts_ns);
	if (i->severity > 0 && i->severity < 9)
		text_printf(to, "%s UTC, severity %u: %s\n    ", time, i->severity, i->title);
	else
		text_printf(to, "%s UTC: %s\n    ", time, i->title);
	put_words(to, i->sentence, 4);
}

static void
print_counts(struct text *to, const char *head, const struct digest_count *of, unsigned n, uint64_t others)
{
	if (n == 0)
		return;
	text_printf(to, "\n%s\n", head);
	for (unsigned i = 0; i < n; i++)
		text_printf(to, "%8" PRIu64 "  %s\n", of[i].n, of[i].name);
	if (others > 0)
		text_printf(to, "%8" PRIu64 "  others\n", others);
}

void
digest_print(const struct digest *d, const char *sensor, uint64_t now_ns, struct text *to)
{
	char since[20], until[20];

	digest_time(since, d->since_ns);
	digest_time(until, now_ns);
	text_printf(to, "%s reported %" PRIu64 " alert%s between %s and %s UTC.\n\n", sensor, d->n, d->n == 1 ? "" : "s", since, until);
	for (unsigned i = 1; i < 5; i++)
		if (d->by_severity[i] > 0)
			text_printf(to, "%8" PRIu64 "  of severity %u%s\n", d->by_severity[i], i, i == 1 ? ", the gravest" : "");
	if (d->by_severity[0] > 0)
		text_printf(to, "%8" PRIu64 "  of no or another severity\n", d->by_severity[0]);
	print_counts(to, "What happened", d->types, d->n_types, d->other_types);
	print_counts(to, "To which device", d->devices, d->n_devices, d->other_devices);
	if (d->n_sentences > 0)
		text_str(to, d->n > d->n_sentences ? "\nThe gravest of them\n" : "\nOne by one\n");
	for (unsigned i = 0; i < d->n_sentences; i++) {
		const struct digest_sentence *s = &d->sentences[i];
		char time[20];

		digest_time(time, s->ts_ns);
		text_printf(to, "  %s  ", time);
		put_words(to, s->text, 4);
	}
}
