#include "web/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/attack.h"
#include "web/report_parts.h"
#include "web/static.h"

#define DAY_NS	UINT64_C(86400000000000)

/* ---- shared ------------------------------------------------------------------------------ */

void
report_section(struct html *h, const char *id, const char *title, const char *lead)
{
	html_f(h, "<section id=\"%s\" aria-labelledby=\"h-%s\"><h2 id=\"h-%s\">%s</h2>", id, id, id, title);
	if (lead != NULL)
		html_f(h, "<p class=\"lead\">%s</p>", lead);
}

void
report_section_end(struct html *h)
{
	html_raw(h, "</section>\n");
}

void
report_who_inline(struct html *h, const struct view *v, const struct addr *a)
{
	static const struct addr none;
	const struct keep_asset *x = view_find_asset(v, a);

	if (addr_same(a, &none))
		return;
	if (x != NULL && x->name[0] != '\0') {
		html_raw(h, "<b>");
		html_bytes(h, x->name, strlen(x->name), 64);
		html_raw(h, "</b> ");
	}
	html_raw(h, "<span class=\"addr\">");
	html_addr(h, a);
	html_raw(h, "</span>");
}

void
report_who(struct html *h, const struct view *v, const struct addr *a)
{
	html_raw(h, report_is_attacker(v, a) ? "<td class=\"who bad\">" : "<td class=\"who\">");
	report_who_inline(h, v, a);
	html_raw(h, "</td>");
}

void
report_cell(struct html *h, const char *text)
{
	html_raw(h, "<td>");
	html_text(h, text);
	html_raw(h, "</td>");
}

void
report_cell_number(struct html *h, uint64_t n)
{
	html_raw(h, "<td class=\"n\">");
	if (n > 0)
		html_number(h, n);
	html_raw(h, "</td>");
}

void
report_severity(struct html *h, unsigned severity)
{
	static const char *const words[] = { "", "act now", "look today", "know about it", "for the file" };

	if (severity >= 1 && severity <= 4)
		html_f(h, "<span class=\"sev s%u\"><b>%u</b> %s</span>", severity, severity, words[severity]);
}

void
report_techniques(struct html *h, const char *ids)
{
	const char *at;
	size_t n;
	bool any = false;

	while ((at = attack_next(&ids, &n)) != NULL) {
		const struct attack_row *row = attack_row(at, n);

		html_raw(h, any ? ", " : "");
		html_bytes(h, at, n, 16);
		if (row != NULL)
			html_f(h, " %s", row->name);
		any = true;
	}
}

void
report_cut(struct html *h, const char *which, uint64_t shown, uint64_t all, const char *command)
{
	if (all <= shown)
		return;
	html_f(h, "<p class=\"cut\">%s", which != NULL && shown > 0 ? which : "");
	html_number(h, shown);
	html_raw(h, " of ");
	html_number(h, all);
	html_f(h, " are shown here%s%s%s.</p>", command != NULL ? "; <code>" : "", command != NULL ? command : "", command != NULL ? "</code> lists all" : "");
}

void
report_table(struct html *h, const char *caption, const char *heads)
{
	html_f(h, "<div class=\"scroll\" tabindex=\"0\" role=\"group\" aria-label=\"%s\"><table><caption class=\"unseen\">%s</caption><thead><tr>", caption, caption);
	while (*heads != '\0') {
		size_t n = strcspn(heads, "|");
		bool number = heads[0] == '#';

		html_f(h, "<th scope=\"col\"%s>%.*s</th>", number ? " class=\"n\"" : "", (int)(n - number), heads + number);
		heads += n + (heads[n] == '|');
	}
	html_raw(h, "</tr></thead><tbody>");
}

void
report_table_end(struct html *h)
{
	html_raw(h, "</tbody></table></div>");
}

bool
report_is_attacker(const struct view *v, const struct addr *a)
{
	for (uint32_t i = 0; i < view_n(v, KEEP_INCIDENT); i++) {
		const struct keep_incident *x = view_incident(v, i);

		if (x->severity <= 2 && x->part_of[0] == '\0' && addr_same(&x->attacker, a))
			return true;
	}
	return false;
}

uint64_t
report_sight(const struct view *v, const char *name)
{
	uint64_t sum = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++)
		if (strcmp(view_sight(v, i)->name, name) == 0)
			sum += view_sight(v, i)->value;
	return sum;
}

/* ---- the page ------------------------------------------------------------------------------ */

static void
put_file(struct html *h, const char *name, const char *media)
{
	for (const struct web_file *f = web_files; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0) {
			html_f(h, "<style%s%s%s>", media != NULL ? " media=\"" : "", media != NULL ? media : "", media != NULL ? "\"" : "");
			html_css(h, f->bytes, f->n);
			html_raw(h, "</style>");
		}
}

struct part { const char *id, *title; bool there; };

static void
put_nav(struct html *h, const struct part *parts, size_t n)
{
	html_raw(h, "<nav aria-label=\"Sections\"><ul>");
	for (size_t i = 0; i < n; i++)
		if (parts[i].there)
			html_f(h, "<li><a href=\"#%s\">%s</a></li>", parts[i].id, parts[i].title);
	html_raw(h, "</ul></nav>");
}

static void
figure(struct html *h, uint64_t n, const char *one, const char *many, const char *of)
{
	html_raw(h, "<div class=\"figure\"><b>");
	html_number(h, n);
	html_f(h, "</b> <span>%s%s</span></div>", n == 1 ? one : many, of);
}

static void
put_figures(struct html *h, const struct view *v)
{
	uint64_t operations = 0, changes = 0, grave = 0, devices = 0, incidents = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_TALK); i++)
		operations += view_talk(v, i)->plant ? view_talk(v, i)->count : 0;
	for (uint32_t i = 0; i < view_n(v, KEEP_DEED); i++)
		changes += view_deed(v, i)->count;
	for (uint32_t i = 0; i < view_n(v, KEEP_ALERT); i++)
		grave += view_alert(v, i)->severity <= 2;
	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++)
		devices += view_asset(v, i)->proven;
	for (uint32_t i = 0; i < view_n(v, KEEP_INCIDENT); i++)
		incidents += view_incident(v, i)->part_of[0] == '\0';
	html_raw(h, "<div class=\"figures\">");
	figure(h, incidents, "incident", "incidents", "");
	figure(h, grave, "alert", "alerts", " to act on");
	figure(h, changes, "write or command", "writes and commands", "");
	figure(h, operations, "operation", "operations", " in all");
	figure(h, devices, "device", "devices", "");
	html_raw(h, "</div>");
}

/* What the page was not made of, because there is too much of it. */
static void
put_unread(struct html *h, const struct view *v)
{
	static const struct { enum keep_kind k; const char *what; } kinds[] = {
		{ KEEP_ALERT, "alerts" }, { KEEP_INCIDENT, "incidents" }, { KEEP_DEED, "writes and commands" }, { KEEP_TALK, "conversations" },
		{ KEEP_ASSET, "devices" }, { KEEP_FACT, "facts of the baseline" }, { KEEP_HEALTH, "rows of health" }, { KEEP_TAG, "tags" },
	};
	bool any = false;

	for (size_t i = 0; i < COUNTOF(kinds); i++) {
		const struct view_rows *r = &v->of[kinds[i].k];

		if (r->all <= r->n)
			continue;
		html_raw(h, any ? ", " : "<p class=\"notice\">There is more than one page can hold. This one was made of the latest ");
		html_number(h, r->n);
		html_raw(h, " of ");
		html_number(h, r->all);
		html_f(h, " %s", kinds[i].what);
		any = true;
	}
	if (any)
		html_raw(h, "; figures below count these. <code>--since</code> and <code>--until</code> choose a time.</p>");
}

static void
put_head(struct html *h, const struct view *v, const struct report_want *w, const char *kind)
{
	uint64_t first, last;

	html_raw(h, "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
	    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">"
	    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
	    "<meta name=\"referrer\" content=\"no-referrer\"><meta name=\"color-scheme\" content=\"light dark\"><title>");
	html_attr(h, w->title != NULL && w->title[0] != '\0' ? w->title : kind);
	html_raw(h, "</title>");
	put_file(h, "theme.css", NULL);
	put_file(h, "dark.css", "(prefers-color-scheme: dark)");
	put_file(h, "report.css", NULL);
	put_file(h, "map.css", NULL);
	html_raw(h, "</head><body><a class=\"skip\" href=\"#main\">To the content</a><header><p class=\"kind\">thermowell · ");
	html_f(h, "%s</p><h1>", kind);
	html_text(h, w->title != NULL && w->title[0] != '\0' ? w->title : w->form == REPORT_AUDIT ? "What a passive sensor can show" : "What happened in the plant network");
	html_raw(h, "</h1><p class=\"span\">");
	if (view_span(v, &first, &last)) {
		html_time(h, first);
		html_raw(h, " – ");
		html_time(h, last);
		html_raw(h, " UTC (");
		html_duration(h, last - first);
		html_raw(h, ")");
	} else
		html_raw(h, "Nothing was recorded.");
	html_raw(h, "</p></header>");
}

static void
put_foot(struct html *h)
{
	html_raw(h, "<footer><p>Made by thermowell " PACKAGE_VERSION " from traffic alone: no device was asked anything. Times are UTC, by the clock of the "
	    "capture. What the sensor did not see is not in here.</p></footer></body></html>\n");
}

static void
write_plant(struct html *h, const struct view *v, const struct report_want *w)
{
	const struct part parts[] = {
		{ "seen", "Seen and not seen", true }, { "incidents", "Incidents", true }, { "map", "Map", view_n(v, KEEP_ASSET) > 0 },
		{ "zones", "Between zones", report_has_zones(v) },
		{ "deeds", "Writes and commands", true }, { "tags", "Values", view_n(v, KEEP_TAG) > 0 }, { "alerts", "Other alerts", true },
		{ "changes", "Against the baseline", true }, { "health", "Health", view_n(v, KEEP_HEALTH) > 0 },
		{ "devices", "Devices", true }, { "talks", "Conversations", true },
	};

	put_head(h, v, w, "report");
	put_nav(h, parts, COUNTOF(parts));
	html_raw(h, "<main id=\"main\">\n");
	put_unread(h, v);
	put_figures(h, v);
	report_seen(h, v);
	report_incidents(h, v);
	report_map(h, v);
	report_zones(h, v);
	report_deeds(h, v);
	report_tags(h, v, w);
	report_alerts(h, v);
	report_changes(h, v);
	report_health(h, v);
	report_devices(h, v);
	report_talks(h, v);
	html_raw(h, "</main>");
	put_foot(h);
}

void
report_write(struct html *h, const struct view *v, const struct report_want *w)
{
	uint64_t first, last;

	h->one_day = view_span(v, &first, &last) && first / DAY_NS == last / DAY_NS;
	if (w->form == REPORT_PLANT) {
		write_plant(h, v, w);
		return;
	}
	put_head(h, v, w, "evidence for an audit");
	html_raw(h, "<main id=\"main\">\n");
	report_audit(h, v);
	report_seen(h, v);
	html_raw(h, "</main>");
	put_foot(h);
}
