/* report_seen.c - what the sensor saw and did not see, and the map. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "record/protocol.h"
#include "web/map.h"

static bool
begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

static unsigned
runs(const struct view *v)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++)
		n += strcmp(view_sight(v, i)->name, "source.0") == 0;
	return n;
}

static void
put_sources(struct html *h, const struct view *v)
{
	unsigned n = 0;

	html_raw(h, "<dt>Read from</dt><dd>");
	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++) {
		const struct keep_sight *s = view_sight(v, i);
		bool again = false;

		if (!begins(s->name, "source."))
			continue;
		for (uint32_t k = 0; k < i && !again; k++)
			again = begins(view_sight(v, k)->name, "source.") && strcmp(view_sight(v, k)->text, s->text) == 0;
		if (again || n++ >= 12)
			continue;
		html_raw(h, n > 1 ? ", <span class=\"addr\">" : "<span class=\"addr\">");
		html_text(h, s->text);
		html_raw(h, "</span>");
	}
	if (n > 12)
		html_f(h, " and %u more", n - 12);
	html_raw(h, "</dd>");
}

static void
put_read(struct html *h, const struct view *v)
{
	bool any = false;

	html_raw(h, "<dt>Frames</dt><dd>");
	html_number(h, report_sight(v, "decoder.pkts"));
	html_raw(h, "</dd><dt>Read as plant protocols</dt><dd>");
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++) {
		uint64_t n = report_sight(v, counter_row(protocols[p]->counters.tx)->path);

		if (n == 0)
			continue;
		html_raw(h, any ? ", " : "");
		html_number(h, n);
		html_f(h, " operations of %s", protocols[p]->name);
		any = true;
	}
	html_raw(h, any ? "</dd>" : "nothing</dd>");
	html_raw(h, "<dt>Of what conversations carried</dt><dd>");
	html_size(h, report_sight(v, "accounting.bytes.read"));
	html_raw(h, " read, ");
	html_size(h, report_sight(v, "accounting.bytes.blind"));
	html_raw(h, " of plant protocols could not be read, ");
	html_size(h, report_sight(v, "accounting.bytes.other_protocols"));
	html_raw(h, " of other protocols, ");
	html_size(h, report_sight(v, "accounting.bytes.unrecognised"));
	html_raw(h, " of none that is known</dd><dt>Judged with</dt><dd>");
	html_number(h, report_sight(v, "detect.rules.loaded") / (runs(v) > 0 ? runs(v) : 1));
	html_raw(h, " rules, ");
	if (report_sight(v, "baseline.facts") > 0)
		html_raw(h, "the baseline, ");
	html_raw(h, "and the built-in detectors");
	if (report_sight(v, "baseline.facts") == 0)
		html_raw(h, "; no baseline: what is unusual but not forbidden is not reported");
	html_raw(h, "</dd>");
}

/* The same of all runs is one row: where it is first named. */
static bool
is_first(const struct view *v, uint32_t i)
{
	for (uint32_t k = 0; k < i; k++)
		if (strcmp(view_sight(v, k)->name, view_sight(v, i)->name) == 0)
			return false;
	return true;
}

static void
put_not_seen(struct html *h, const struct view *v)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++)
		n += view_sight(v, i)->hides && view_sight(v, i)->value > 0 && is_first(v, i);
	html_raw(h, "<h3>Not seen</h3>");
	if (n == 0) {
		html_raw(h, "<p class=\"good\">Of the frames that came, nothing was missed. What never passes the place where the sensor listens, it cannot know.</p>");
		return;
	}
	html_raw(h, "<p>Operations may be hidden in these; what this page says is true of the rest.</p><ul class=\"blind\">");
	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++) {
		const struct keep_sight *s = view_sight(v, i);

		if (!s->hides || s->value == 0 || !is_first(v, i))
			continue;
		html_raw(h, "<li><b>");
		html_number(h, report_sight(v, s->name));
		html_raw(h, "</b> ");
		html_text(h, s->text);
		if (s->advice[0] != '\0') {
			html_raw(h, ". <span class=\"soft\">");
			html_text(h, s->advice);
			html_raw(h, "</span>");
		}
		html_raw(h, "</li>");
	}
	html_raw(h, "</ul>");
}

static void
put_unfollowed(struct html *h, const struct view *v)
{
	bool any = false;

	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++) {
		const struct keep_sight *s = view_sight(v, i);

		if (!begins(s->name, "unfollowed."))
			continue;
		html_raw(h, any ? ", " : "<p>Seen and not followed: ");
		html_text(h, s->text);
		html_raw(h, " (");
		html_number(h, s->value);
		html_raw(h, " frames)");
		any = true;
	}
	if (any)
		html_raw(h, ".</p>");
}

void
report_seen(struct html *h, const struct view *v)
{
	report_section(h, "seen", "Seen and not seen", NULL);
	html_raw(h, "<dl class=\"facts\">");
	put_sources(h, v);
	put_read(h, v);
	html_raw(h, "</dl>");
	put_not_seen(h, v);
	put_unfollowed(h, v);
	report_section_end(h);
}

/* Of what is in this map. */
static void
put_legend(struct html *h, const struct map_facts *facts)
{
	const struct { bool there; const char *box, *mark, *words; } items[] = {
		{ facts->reads, "0 0 40 12", "<path class=\"l-read\" d=\"M2 6h36\"/>", "reads" },
		{ facts->writes, "0 0 40 12", "<path class=\"l-write\" d=\"M2 6h36\"/>", "writes or commands, too" },
		{ facts->attacks, "0 0 40 12", "<path class=\"l-attack\" d=\"M2 6h36\"/>", "of an attacker" },
		{ facts->others, "0 0 40 12", "<path class=\"l-other\" d=\"M2 6h36\"/>", "other traffic" },
		{ facts->refused, "0 0 14 14", "<path class=\"l-refused\" d=\"M3 3l8 8m0-8l-8 8\"/>", "no conduit allows it" },
		{ facts->zones, "0 0 40 12", "<rect class=\"zone\" x=\"1\" y=\"1\" width=\"38\" height=\"10\" rx=\"3\"/>", "zone of the configuration" },
		{ facts->folded > 0, "0 0 40 12", "<g class=\"box\"><rect class=\"back\" x=\"5\" y=\"1\" width=\"33\" height=\"8\" rx=\"2\"/>"
		    "<rect x=\"2\" y=\"3\" width=\"33\" height=\"8\" rx=\"2\"/></g>", "several devices" },
	};

	html_raw(h, "<ul class=\"legend\">");
	for (size_t i = 0; i < COUNTOF(items); i++)
		if (items[i].there)
			html_f(h, "<li><svg viewBox=\"%s\" aria-hidden=\"true\">%s</svg> %s</li>", items[i].box, items[i].mark, items[i].words);
	html_raw(h, "</ul>");
}

void
report_map(struct html *h, const struct view *v)
{
	struct map_facts facts;
	size_t at;

	if (view_n(v, KEEP_ASSET) == 0)
		return;
	report_section(h, "map", "Map", "Each band is a Purdue level, from the configuration where it says so, else guessed from what a device does.");
	at = h->len;
	html_raw(h, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"Map\">");
	if (!map_write(h, v, true, &facts)) {
		h->len = at;
		html_raw(h, "<p>No device answered, and nobody talked.</p>");
		report_section_end(h);
		return;
	}
	html_raw(h, "</div>");
	put_legend(h, &facts);
	html_raw(h, "<p class=\"cut\">");
	html_number(h, facts.devices);
	html_raw(h, facts.devices == 1 ? " device" : " devices");
	if (facts.folded > 0) {
		html_raw(h, " in ");
		html_number(h, facts.boxes);
		html_raw(h, " boxes: ");
		html_number(h, facts.folded);
		html_raw(h, " of one level and one zone or network share theirs");
	}
	if (facts.left_out > 0) {
		html_raw(h, "; ");
		html_number(h, facts.left_out);
		html_raw(h, " conversations of other traffic are not drawn");
	}
	html_raw(h, ".</p>");
	report_section_end(h);
}
