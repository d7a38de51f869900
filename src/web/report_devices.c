/* report_devices.c - devices with what is known of them, and who talks to whom. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "record/attribute.h"
#include "record/protocol.h"
#include "web/map.h"

/* ---- devices ----------------------------------------------------------------------------- */

static void
put_values(struct html *h, const struct view *v, const struct keep_asset *a)
{
	const struct keep_attribute *x;

	html_raw(h, "<dl class=\"facts\">");
	for (uint32_t i = 0; i < 40 && (x = view_value_of(v, &a->of, i)) != NULL; i++) {
		html_raw(h, "<dt>");
		html_text(h, x->key);
		html_raw(h, "</dt><dd>");
		html_bytes(h, x->value, x->len, 160);
		html_raw(h, " <span class=\"soft\">");
		html_text(h, x->source);
		html_f(h, ", %u %%</span></dd>", x->confidence);
	}
	html_raw(h, "</dl>");
}

static void
put_device(struct html *h, const struct view *v, const struct keep_asset *a)
{
	char address[ADDR_TEXT_MAX];
	bool first = true;

	(void)addr_print(&a->of.addr, address);
	if (a->of.has_unit)
		html_raw(h, "<tr><td class=\"who unit\">");
	else
		html_f(h, "<tr id=\"d-%s\"><td class=\"who%s\">", address, report_is_attacker(v, &a->of.addr) ? " bad" : "");
	if (view_value_of(v, &a->of, 0) != NULL)
		html_raw(h, "<details><summary>");
	if (a->name[0] != '\0') {
		html_raw(h, "<b>");
		html_bytes(h, a->name, strlen(a->name), 64);
		html_raw(h, "</b> ");
	}
	html_f(h, "<span class=\"addr\">%s</span>", address);
	if (a->of.has_unit)
		html_f(h, " <span class=\"soft\">%s %" PRIu32 "</span>", protocols[a->of.proto]->unit.before != NULL ? protocols[a->of.proto]->unit.before : "unit", a->of.unit);
	if (view_value_of(v, &a->of, 0) != NULL) {
		html_raw(h, "</summary>");
		put_values(h, v, a);
		html_raw(h, "</details>");
	}
	html_raw(h, "</td><td>");
	html_text(h, a->role);
	if (a->role[0] != '\0' && a->confidence < 100)
		html_f(h, " <span class=\"soft\">%u %%</span>", a->confidence);
	html_raw(h, "</td><td class=\"n\">");
	if (a->has_level)
		html_f(h, "%.*f", a->level % 10 != 0 ? 1 : 0, a->level / 10.0);
	html_raw(h, "</td>");
	report_cell(h, a->zone);
	report_cell(h, a->vendor);
	report_cell(h, a->model);
	report_cell(h, a->firmware);
	html_raw(h, "<td>");
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if ((a->protocols >> p & 1) != 0) {
			html_f(h, "%s%s", first ? "" : ", ", protocols[p]->name);
			first = false;
		}
	html_raw(h, "</td><td>");
	html_when(h, a->first_ns);
	html_raw(h, "</td><td>");
	html_when(h, a->last_ns);
	html_raw(h, "</td></tr>");
}

/* Who takes part in the plant's traffic, then others that answered; the rest are addresses. */
static unsigned
rank(const struct keep_asset *a)
{
	return a->control_ns != 0 || a->protocols != 0 ? 0 : a->proven ? 1 : 2;
}

void
report_devices(struct html *h, const struct view *v)
{
	uint32_t of[3] = { 0 }, shown = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++)
		of[rank(view_asset(v, i))]++;
	report_section(h, "devices", "Devices", NULL);
	html_raw(h, "<p class=\"lead\">");
	html_number(h, of[0]);
	html_raw(h, " take part in plant traffic, ");
	html_number(h, of[1]);
	html_raw(h, " others answered somebody; of ");
	html_number(h, of[2]);
	html_raw(h, " addresses no answer was seen.</p>");
	if (of[0] + of[1] > 0) {
		report_table(h, "Devices", "Device|Role|#Level|Zone|Vendor|Model|Firmware|Speaks|First seen|Last seen");
		for (unsigned r = 0; r < 2; r++)
			for (uint32_t i = 0; i < view_n(v, KEEP_ASSET) && shown < REPORT_DEVICES; i++) {
				const struct keep_asset *a = view_asset(v, v->assets[i]);

				if (rank(a) == r) {
					put_device(h, v, a);
					shown++;
				}
			}
		report_table_end(h);
		report_cut(h, NULL, shown, of[0] + of[1], "thermowell assets");
	}
	report_section_end(h);
}

/* ---- conversations -------------------------------------------------------------------------- */

/* Those of the plant first, then who asked most. */
static int
by_weight(const void *x, const void *y)
{
	const struct keep_talk *a = *(const struct keep_talk *const *)x, *b = *(const struct keep_talk *const *)y;
	int d;

	if (a->plant != b->plant)
		return a->plant ? -1 : 1;
	d = memcmp(&a->server, &b->server, sizeof(a->server));
	if (d == 0)
		d = memcmp(&a->client, &b->client, sizeof(a->client));
	if (d == 0)
		d = strcmp(a->service, b->service);
	return d != 0 ? d : (a->count < b->count) - (a->count > b->count);
}

static bool
same_talk(const struct keep_talk *a, const struct keep_talk *b)
{
	return a->plant == b->plant && addr_same(&a->client, &b->client) && addr_same(&a->server, &b->server) && strcmp(a->service, b->service) == 0;
}

/* Those of one client, server and protocol: n rows that differ in their intents. */
static void
put_talk(struct html *h, const struct view *v, const struct keep_talk *const *t, uint32_t n)
{
	static const struct addr none;
	struct keep_talk all = *t[0];

	for (uint32_t i = 1; i < n; i++) {
		all.count += t[i]->count;
		all.bytes += t[i]->bytes;
		all.refused += t[i]->refused;
		all.unanswered += t[i]->unanswered;
		all.first_ns = t[i]->first_ns < all.first_ns ? t[i]->first_ns : all.first_ns;
		all.last_ns = t[i]->last_ns > all.last_ns ? t[i]->last_ns : all.last_ns;
	}
	html_raw(h, "<tr>");
	report_who(h, v, &all.client);
	if (addr_same(&all.server, &none))
		html_raw(h, "<td class=\"soft\">several</td>");
	else
		report_who(h, v, &all.server);
	report_cell(h, all.service);
	html_raw(h, "<td>");
	for (uint32_t i = 0; i < n && all.plant; i++) {
		html_raw(h, i > 0 ? ", " : "");
		html_raw(h, map_changes(t[i]->intent) ? "<b>" : "");
		html_text(h, t[i]->intent);
		html_raw(h, map_changes(t[i]->intent) ? "</b> " : " ");
		html_number(h, t[i]->count);
	}
	html_raw(h, "</td>");
	report_cell_number(h, all.count);
	report_cell_number(h, all.refused);
	report_cell_number(h, all.unanswered);
	html_raw(h, "<td class=\"n\">");
	html_size(h, all.bytes);
	html_raw(h, "</td><td>");
	html_when(h, all.first_ns);
	html_raw(h, "</td><td>");
	html_when(h, all.last_ns);
	html_raw(h, "</td></tr>");
}

/* Returns how many there are; the first of them are shown. */
static uint32_t
put_talks(struct html *h, const struct view *v, const struct keep_talk *const *list, uint32_t n)
{
	uint32_t all = 0;

	for (uint32_t i = 0; i < n; all++) {
		uint32_t k = i + 1;

		while (k < n && same_talk(list[i], list[k]))
			k++;
		if (all < REPORT_TALKS)
			put_talk(h, v, list + i, k - i);
		i = k;
	}
	return all;
}

void
report_talks(struct html *h, const struct view *v)
{
	const uint32_t n = view_n(v, KEEP_TALK);
	const struct keep_talk **list = calloc((size_t)n + 1, sizeof(*list));
	uint32_t all;

	report_section(h, "talks", "Conversations", "Who asked whom for what. Of plant protocols operations are counted, of other traffic conversations that have ended.");
	for (uint32_t i = 0; list != NULL && i < n; i++)
		list[i] = view_talk(v, i);
	if (list != NULL && n > 0) {
		qsort(list, n, sizeof(list[0]), by_weight);
		report_table(h, "Conversations", "Client|Server|Protocol|For what|#Count|#Refused|#Unanswered|#Bytes|First|Last");
		all = put_talks(h, v, list, n);
		report_table_end(h);
		report_cut(h, NULL, all < REPORT_TALKS ? all : REPORT_TALKS, all, NULL);
	} else
		html_raw(h, "<p>None.</p>");
	free(list);
	report_section_end(h);
}
