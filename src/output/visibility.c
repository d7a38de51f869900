#include "output/visibility.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* Ordered by what is worth mending first. */
static const char adv_drops[] =
	"Give the sensor more time for each packet: a larger capture.buffer, a narrower "
	"filter, or a faster machine.";
static const char adv_if[] =
	"Look at the mirror port and its cable: the interface itself dropped frames.";
static const char adv_down[] =
	"Look at the cable and the switch port: the interface went away.";
static const char adv_gap[] =
	"Look at the mirror port: it loses frames when the ports it copies carry more than "
	"it can.  A tap, or mirroring fewer ports, helps.";
static const char adv_snap[] =
	"Capture whole frames (snap length 0 or 262144).";
static const char adv_file[] =
	"The capture file was cut; take it again or accept that its end is missing.";
static const char adv_flows[] =
	"Raise the table that was full, in the settings of stream or dissect, or narrow the filter.";
static const char adv_sides[] =
	"Mirror both directions of the port (on many switches: both, not rx or tx alone), whole frames.";
static const char adv_devices[] =
	"Raise detect.devices or detect.trackers, or look for who makes so many addresses up.";
static const char adv_disk[] =
	"Make room on the disk of the log directory, or log fewer record types.";
static const char adv_mirror[] =
	"Let the switch mirror whole frames (no truncation in the ERSPAN session).";
static const char adv_secret[] =
	"Mirror a port behind the end of the encryption, where the same traffic is readable.";
static const char adv_time[] =
	"Capture with time stamps (pcapng enhanced packet blocks, or pcap).";
static const char adv_report[] =
	"The sensor lost count of what it read: please report it, with the capture if you can.";
static const char adv_points[] =
	"Raise process.points, or name the values that matter (process.tags).";
static const char adv_link[] =
	"Frames of an unknown link type: tell the authors which tap or tunnel made them.";

static const struct wording {
	const char	*one, *many;	/* after the number; NULL: its description is used */
	enum counter_id	 with;		/* a second number that belongs to the first; 0: none */
	const char	*with_word;
	const char	*advice;
} wordings[CNT_COUNT] = {
#define WORDS(id, one, many, with, with_word, advice) [CNT_##id] = { one, many, with, with_word, advice },
#include "output/visibility_words.def"
#undef WORDS
};

/* Stands in brackets behind another row, if that row is shown. */
static bool
in_brackets(const struct counters *d, enum counter_id id)
{
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (wordings[i].with == id && id != 0 && wordings[i].with_word != NULL && d->v[i] > 0)
			return true;
	return false;
}

bool
visibility_row(enum counter_id id)
{
	return (counter_marks[id] & (COUNTER_HIDES | COUNTER_SHOWN)) != 0;
}

bool
visibility_hides(enum counter_id id)
{
	return (counter_marks[id] & COUNTER_HIDES) != 0;
}

bool
visibility_blind(const struct counters *before, const struct counters *now)
{
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (now->v[i] != before->v[i] && visibility_row((enum counter_id)i))
			return true;
	return false;
}

/* 12,345 */
static void
number(struct strbuf *s, uint64_t v)
{
	char digits[24], text[32];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v), at = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	strbuf_put(s, text);
}

const char *
visibility_words(enum counter_id id, uint64_t n)
{
	if (wordings[id].one == NULL)
		return counter_row(id)->what;
	return n == 1 ? wordings[id].one : wordings[id].many;
}

static void
put_row(const struct counters *d, enum counter_id id, struct strbuf *to)
{
	const struct wording *w = &wordings[id];
	uint64_t n = d->v[id];

	if (w->one == NULL) {
		strbuf_put(to, counter_row(id)->what);
		strbuf_put(to, ": ");
		number(to, n);
		return;
	}
	number(to, n);
	strbuf_put(to, " ");
	strbuf_put(to, visibility_words(id, n));
	if (w->with_word == NULL || d->v[w->with] == 0)
		return;
	strbuf_put(to, " (");
	number(to, d->v[w->with]);
	strbuf_put(to, " ");
	strbuf_put(to, w->with_word);
	strbuf_put(to, d->v[w->with] == 1 ? ")" : "s)");
}

void
visibility_sentence(const struct counters *d, struct strbuf *to)
{
	bool any = false;

	strbuf_put(to, "The sensor saw ");
	number(to, d->v[CNT_DEC_PACKETS]);
	strbuf_put(to, d->v[CNT_DEC_PACKETS] == 1 ? " packet" : " packets");
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		if (!visibility_hides(i) || d->v[i] == 0 || in_brackets(d, i))
			continue;
		strbuf_put(to, any ? "; " : ", but not everything: ");
		put_row(d, i, to);
		any = true;
	}
	if (!any)
		strbuf_put(to, " and missed nothing");
	/* A copy of a frame takes nothing away from what was seen. */
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (visibility_row(i) && !visibility_hides(i) && d->v[i] > 0) {
			strbuf_put(to, "; ");
			put_row(d, i, to);
		}
	strbuf_put(to, ".");
}

const char *
visibility_advice_of(enum counter_id id)
{
	return wordings[id].advice;
}

unsigned
visibility_advice(const struct counters *d, const char *advice[VISIBILITY_ADVICE_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < CNT_COUNT && n < VISIBILITY_ADVICE_MAX; i++) {
		bool known = wordings[i].advice == NULL || d->v[i] == 0;

		for (unsigned k = 0; k < n; k++)
			known = known || advice[k] == wordings[i].advice;
		if (!known)
			advice[n++] = wordings[i].advice;
	}
	return n;
}
