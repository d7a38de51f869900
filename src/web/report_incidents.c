/* report_incidents.c - incidents with what was done in them, other alerts, deviations. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/alert_type.h"

#define SECOND	UINT64_C(1000000000)

/* ---- one alert ------------------------------------------------------------------------- */

static void
put_evidence(struct html *h, const struct keep_alert *a)
{
	html_raw(h, "<dt>Where</dt><dd>");
	if (a->first_frame != 0) {
		html_f(h, "frame %" PRIu64, a->first_frame);
		if (a->last_frame != a->first_frame && a->last_frame != 0)
			html_f(h, " to %" PRIu64, a->last_frame);
	}
	if (a->flow_id != 0)
		html_f(h, "%sflow %" PRIu64, a->first_frame != 0 ? ", " : "", a->flow_id);
	if (a->evidence[0] != '\0') {
		html_raw(h, ", file <span class=\"addr\">");
		html_text(h, a->evidence);
		html_raw(h, "</span>");
	}
	html_raw(h, "</dd><dt>Its frames</dt><dd><code>thermowell extract -r CAPTURE --alert ");
	html_bytes(h, a->uid, strlen(a->uid) < 12 ? strlen(a->uid) : 12, 12);
	html_raw(h, " -w OUT.pcapng</code></dd>");
}

static void
put_row_text(struct html *h, const char *head, const char *text)
{
	html_f(h, "<dt>%s</dt><dd>", head);
	html_text(h, text);
	html_raw(h, "</dd>");
}

static void
put_techniques(struct html *h, const char *ids)
{
	if (ids[0] == '\0')
		return;
	html_raw(h, "<dt>ATT&amp;CK for ICS</dt><dd>");
	report_techniques(h, ids);
	html_raw(h, "</dd>");
}

/* From when to when, after a <dt>. */
static void
put_when(struct html *h, uint64_t first_ns, uint64_t last_ns)
{
	html_raw(h, "<dt>When</dt><dd>");
	html_when(h, first_ns);
	/* In whole seconds, as it is shown. */
	if (last_ns / SECOND > first_ns / SECOND) {
		html_raw(h, " – ");
		html_when(h, last_ns);
	}
	html_raw(h, "</dd>");
}

static void
put_alert(struct html *h, const struct view *v, const struct keep_alert *a)
{
	enum alert_type t = alert_type_by_text(a->type);
	const struct alert_type_row *row = t < ALERT_TYPE_COUNT && t != ALERT_RULE ? alert_type_row(t) : NULL;
	const struct keep_action *seen = view_last_action(v, "alert", a->uid, "acknowledge");

	html_f(h, "<li class=\"alert s%u\"><details><summary>", a->severity);
	report_severity(h, a->severity);
	html_raw(h, " ");
	html_when(h, a->first_ns);
	html_raw(h, " <span class=\"sentence\">");
	html_text(h, a->sentence[0] != '\0' ? a->sentence : a->signature);
	html_raw(h, "</span>");
	if (a->count > 1) {
		html_raw(h, " <span class=\"soft\">× ");
		html_number(h, a->count);
		html_raw(h, "</span>");
	}
	html_raw(h, "</summary><dl class=\"facts\">");
	put_when(h, a->first_ns, a->last_ns);
	html_raw(h, "<dt>Kind</dt><dd>");
	html_text(h, a->signature);
	html_raw(h, " <code>");
	html_text(h, a->type);
	html_f(h, "</code>, sid %" PRIu32 "</dd>", a->sid);
	put_techniques(h, a->techniques);
	if (a->outcome[0] != '\0')
		put_row_text(h, "Outcome", a->outcome);
	if (row != NULL) {
		put_row_text(h, "What it can do", row->effect);
		put_row_text(h, "Check first", row->check);
		put_row_text(h, "When it is a false alarm", row->benign);
	}
	put_evidence(h, a);
	if (a->maintenance[0] != '\0')
		put_row_text(h, "During announced work", a->maintenance);
	if (seen != NULL) {
		put_row_text(h, "Acknowledged by", seen->who);
		if (seen->text[0] != '\0')
			put_row_text(h, "With the words", seen->text);
	}
	html_raw(h, "</dl></details></li>");
}

/* ---- incidents ---------------------------------------------------------------------------- */

/* The gravest first, of equals the latest. */
static int
graver(const void *x, const void *y)
{
	const struct keep_incident *a = *(const struct keep_incident *const *)x, *b = *(const struct keep_incident *const *)y;

	if (a->severity != b->severity)
		return a->severity < b->severity ? -1 : 1;
	if (a->first_ns != b->first_ns)
		return a->first_ns > b->first_ns ? -1 : 1;
	return strcmp(a->uid, b->uid);
}

/* What an attacker wrote and commanded meanwhile: who did what to whom, from what was to what is. */
static void
put_deeds_of(struct html *h, const struct view *v, const struct keep_incident *x)
{
	static const struct addr none;
	uint32_t n = 0;

	if (addr_same(&x->attacker, &none))
		return;
	for (uint32_t i = 0; i < view_n(v, KEEP_DEED); i++) {
		const struct keep_deed *d = view_deed(v, i);

		if (!addr_same(&d->client, &x->attacker) || d->ts_ns + 1000000000u < x->first_ns || d->ts_ns > x->last_ns + 1000000000u)
			continue;
		if (n++ == 0) {
			html_raw(h, "<h4>What it wrote and commanded</h4>");
			report_table(h, "Writes and commands of this incident", "Time|To|What|Outcome");
		}
		if (n > REPORT_OF_ONE)
			continue;
		html_raw(h, "<tr><td>");
		html_when(h, d->ts_ns);
		html_raw(h, "</td>");
		report_who(h, v, &d->server);
		html_raw(h, "<td>");
		report_deed_words(h, d);
		html_raw(h, "</td><td>");
		html_text(h, d->outcome);
		html_raw(h, "</td></tr>");
	}
	if (n > 0) {
		report_table_end(h);
		report_cut(h, "The first ", n < REPORT_OF_ONE ? n : REPORT_OF_ONE, n, NULL);
	}
}

#define TARGETS	12u

static void
put_targets(struct html *h, const struct view *v, const struct keep_incident *x)
{
	struct addr known[TARGETS + 1];
	const struct keep_alert *a;
	uint32_t at = VIEW_BEGIN;
	unsigned n = 0;

	while (n <= TARGETS && (a = view_next_alert(v, x->uid, &at)) != NULL) {
		static const struct addr none;
		bool again = addr_same(&a->dst, &none) || addr_same(&a->dst, &x->attacker);

		for (unsigned k = 0; k < n; k++)
			again |= addr_same(&known[k], &a->dst);
		if (!again)
			known[n++] = a->dst;
	}
	if (n == 0)
		return;
	html_raw(h, "<dt>To whom</dt><dd>");
	for (unsigned k = 0; k < n && k < TARGETS; k++) {
		html_raw(h, k > 0 ? ", " : "");
		report_who_inline(h, v, &known[k]);
	}
	html_raw(h, n > TARGETS ? " and others</dd>" : "</dd>");
}

/* A rule sends to its own text: to that of the gravest. */
static void
put_advice(struct html *h, const struct view *v, const struct keep_incident *x)
{
	const struct keep_alert *a, *gravest = NULL;
	uint32_t at = VIEW_BEGIN;

	if (x->advice[0] == '\0')
		return;
	if (strcmp(x->advice, alert_type_row(ALERT_RULE)->check) != 0) {
		put_row_text(h, "First", x->advice);
		return;
	}
	while ((a = view_next_alert(v, x->uid, &at)) != NULL)
		if (strcmp(a->type, "rule") == 0 && (gravest == NULL || a->severity < gravest->severity))
			gravest = a;
	if (gravest != NULL)
		html_f(h, "<dt>First</dt><dd>What its rule is about: <code>thermowell rules explain %" PRIu32 "</code></dd>", gravest->sid);
}

static void
put_incident(struct html *h, const struct view *v, const struct keep_incident *x, bool open)
{
	static const struct addr none;
	const struct keep_alert *a;
	uint32_t n = 0, at = VIEW_BEGIN;

	html_f(h, "<article class=\"incident s%u\"><h3>", x->severity);
	report_severity(h, x->severity);
	html_raw(h, " ");
	html_text(h, x->title);
	html_raw(h, "</h3><dl class=\"facts\">");
	put_when(h, x->first_ns, x->last_ns);
	if (!addr_same(&x->attacker, &none)) {
		html_raw(h, "<dt>Who</dt><dd>");
		report_who_inline(h, v, &x->attacker);
		html_raw(h, "</dd>");
	}
	put_targets(h, v, x);
	if (x->stages[0] != '\0')
		put_row_text(h, "Stages", x->stages);
	put_techniques(h, x->techniques);
	put_advice(h, v, x);
	if (x->maintenance[0] != '\0')
		put_row_text(h, "During announced work", x->maintenance);
	html_raw(h, "</dl>");
	put_deeds_of(h, v, x);
	html_f(h, "<details%s><summary>Its alerts</summary><ol class=\"alerts\">", open ? " open" : "");
	for (; (a = view_next_alert(v, x->uid, &at)) != NULL; n++)
		if (n < REPORT_OF_ONE)
			put_alert(h, v, a);
	html_raw(h, "</ol></details>");
	report_cut(h, "The first ", n < REPORT_OF_ONE ? n : REPORT_OF_ONE, n, "thermowell alerts");
	html_raw(h, "</article>");
}

void
report_incidents(struct html *h, const struct view *v)
{
	const struct keep_incident **list = calloc((size_t)view_n(v, KEEP_INCIDENT) + 1, sizeof(*list));
	uint32_t n = 0;

	report_section(h, "incidents", "Incidents", "Alerts that belong together: the same attacker, or a device that it was at.");
	for (uint32_t i = 0; list != NULL && i < view_n(v, KEEP_INCIDENT); i++)
		if (view_incident(v, i)->part_of[0] == '\0')
			list[n++] = view_incident(v, i);
	if (n > 0)
		qsort(list, n, sizeof(list[0]), graver);
	if (n == 0)
		html_raw(h, "<p class=\"good\">None.</p>");
	for (uint32_t i = 0; i < n && i < REPORT_INCIDENTS; i++)
		put_incident(h, v, list[i], i == 0);
	report_cut(h, "The gravest ", n < REPORT_INCIDENTS ? n : REPORT_INCIDENTS, n, "thermowell incidents");
	free(list);
	report_section_end(h);
}

/* ---- alerts outside incidents, by kind ------------------------------------------------------ */

struct kind { const char *type; uint8_t severity; uint32_t n; };

static int
by_gravity(const void *x, const void *y)
{
	const struct kind *a = x, *b = y;

	return a->severity != b->severity ? (a->severity < b->severity ? -1 : 1) : strcmp(a->type, b->type);
}

/* So many of a kind that each of those still to come has something left. */
static uint32_t
share(uint32_t left, uint32_t kinds)
{
	uint32_t each = left / kinds;

	return each > REPORT_OF_KIND ? REPORT_OF_KIND : each > 3 ? each : 3;
}

/* true where it is part of an incident. */
static bool *
in_incidents(const struct view *v)
{
	bool *in = calloc((size_t)view_n(v, KEEP_ALERT) + 1, sizeof(*in));

	for (uint32_t i = 0; in != NULL && i < view_n(v, KEEP_MEMBER); i++) {
		const struct keep_alert *a = view_find_alert(v, view_member(v, i)->alert);

		if (a != NULL)
			in[a - view_alert(v, 0)] = true;
	}
	return in;
}

#define KINDS	200u

static uint32_t
kinds_of(const struct view *v, const bool *in, struct kind kinds[KINDS])
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_ALERT); i++) {
		const struct keep_alert *a = view_alert(v, i);
		uint32_t k = 0;

		if (in[i])
			continue;
		while (k < n && (strcmp(kinds[k].type, a->type) != 0 || kinds[k].severity != a->severity))
			k++;
		if (k == KINDS)
			continue;
		if (k == n)
			kinds[n++] = (struct kind){ a->type, a->severity, 0 };
		kinds[k].n++;
	}
	qsort(kinds, n, sizeof(kinds[0]), by_gravity);
	return n;
}

static void
put_kind(struct html *h, const struct view *v, const bool *in, const struct kind *k, uint32_t most)
{
	const uint32_t skipped = k->n > most ? k->n - most : 0;
	uint32_t n = 0;
	bool head = false;

	for (uint32_t i = 0; i < view_n(v, KEEP_ALERT); i++) {
		const struct keep_alert *a = view_alert(v, i);

		if (in[i] || strcmp(a->type, k->type) != 0 || a->severity != k->severity)
			continue;
		if (!head) {
			html_raw(h, "<details class=\"kind\"><summary>");
			report_severity(h, k->severity);
			html_raw(h, " ");
			html_text(h, strcmp(k->type, "rule") == 0 ? "Rules" : a->signature);
			html_raw(h, " <span class=\"soft\">");
			html_number(h, k->n);
			html_raw(h, "</span></summary><ol class=\"alerts\">");
			head = true;
		}
		if (n++ >= skipped)
			put_alert(h, v, a);
	}
	html_raw(h, "</ol>");
	report_cut(h, "The latest ", k->n - skipped, k->n, "thermowell alerts");
	html_raw(h, "</details>");
}

void
report_alerts(struct html *h, const struct view *v)
{
	bool *in = in_incidents(v);
	struct kind kinds[KINDS] = { { NULL, 0, 0 } };
	uint32_t n = in != NULL ? kinds_of(v, in, kinds) : 0, left = REPORT_ALERTS;

	report_section(h, "alerts", "Other alerts", "Those that are part of no incident, by kind.");
	if (n == 0)
		html_raw(h, "<p class=\"good\">None.</p>");
	for (uint32_t i = 0; i < n; i++) {
		uint32_t most = share(left, n - i), used = kinds[i].n < most ? kinds[i].n : most;

		put_kind(h, v, in, &kinds[i], most);
		left -= used < left ? used : left;
	}
	free(in);
	report_section_end(h);
}

/* ---- the baseline ----------------------------------------------------------------------------- */

static uint32_t
put_states(struct html *h, const struct view *v)
{
	uint32_t of[FACT_STATES] = { 0 };

	for (uint32_t i = 0; i < view_n(v, KEEP_FACT); i++)
		if (view_fact(v, i)->state < FACT_STATES)
			of[view_fact(v, i)->state]++;
	if (view_n(v, KEEP_FACT) == 0) {
		html_raw(h, "<p>No baseline was learned: nothing is known of what is usual here. <code>thermowell --learn</code> begins one.</p>");
		return 0;
	}
	html_raw(h, "<dl class=\"facts\"><dt>Facts learned</dt><dd>");
	html_number(h, of[FACT_LEARNED]);
	html_raw(h, "</dd><dt>Accepted by an operator</dt><dd>");
	html_number(h, of[FACT_ACCEPTED]);
	html_raw(h, "</dd><dt>Rejected</dt><dd>");
	html_number(h, of[FACT_REJECTED]);
	html_raw(h, "</dd><dt>New, and not yet decided</dt><dd>");
	html_number(h, of[FACT_OPEN]);
	html_raw(h, "</dd></dl>");
	return of[FACT_OPEN];
}

void
report_changes(struct html *h, const struct view *v)
{
	uint32_t open, n = 0;

	report_section(h, "changes", "Against the baseline", NULL);
	open = put_states(h, v);
	for (uint32_t i = 0; open > 0 && i < view_n(v, KEEP_FACT); i++) {
		const struct fact *f = view_fact(v, i);
		char text[FACT_LINE_MAX];

		if (f->state != FACT_OPEN)
			continue;
		if (n++ == 0)
			report_table(h, "What deviated from the baseline and is not decided", "What is new|First seen|Last seen|#Times");
		if (n > REPORT_TALKS)
			continue;
		html_raw(h, "<tr><td>");
		(void)fact_print_key(&f->key, text, sizeof(text));
		html_text(h, text);
		html_raw(h, "</td><td>");
		html_when(h, f->first_ns);
		html_raw(h, "</td><td>");
		html_when(h, f->last_ns);
		html_raw(h, "</td><td class=\"n\">");
		html_number(h, f->count);
		html_raw(h, "</td></tr>");
	}
	if (n > 0) {
		report_table_end(h);
		report_cut(h, NULL, n < REPORT_TALKS ? n : REPORT_TALKS, n, "thermowell baseline show");
	}
	report_section_end(h);
}
