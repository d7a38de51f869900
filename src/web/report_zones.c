/* report_zones.c - what went from one zone to another: the conduits that are used. */
#include "web/report_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "web/map.h"

#define PAIRS	100u

struct pair {
	char		from[64], to[64];
	char		services[128], intents[128];
	uint64_t	operations, conversations, first_ns, last_ns;
	uint32_t	alerts;		/* that no conduit allows it */
};

struct pairs {
	struct pair	of[PAIRS];
	uint32_t	n, left_out;
};

static void
zone_of(const struct view *v, const struct addr *a, char *to, size_t size)
{
	const struct keep_asset *x = view_find_asset(v, a);

	if (x != NULL && x->zone[0] != '\0')
		(void)snprintf(to, size, "%s", x->zone);
	else
		(void)snprintf(to, size, "%s", x == NULL && !addr_is_private(a) && !addr_is_local(a) && !addr_is_mac(a) ? "the internet" : "no zone");
}

/* NULL: within one zone, or there are too many. */
static struct pair *
pair_of(struct pairs *p, const struct view *v, const struct addr *src, const struct addr *dst)
{
	static const struct addr none;
	char from[64], to[64];

	if (addr_same(src, &none) || addr_same(dst, &none))
		return NULL;
	zone_of(v, src, from, sizeof(from));
	zone_of(v, dst, to, sizeof(to));
	if (strcmp(from, to) == 0)
		return NULL;
	for (uint32_t i = 0; i < p->n; i++)
		if (strcmp(p->of[i].from, from) == 0 && strcmp(p->of[i].to, to) == 0)
			return &p->of[i];
	if (p->n == PAIRS) {
		p->left_out++;
		return NULL;
	}
	memcpy(p->of[p->n].from, from, sizeof(from));
	memcpy(p->of[p->n].to, to, sizeof(to));
	return &p->of[p->n++];
}

static int
by_zone(const void *x, const void *y)
{
	const struct pair *a = x, *b = y;
	int d = (a->alerts < b->alerts) - (a->alerts > b->alerts);

	if (d == 0)
		d = strcmp(a->from, b->from);
	return d != 0 ? d : strcmp(a->to, b->to);
}

static void
gather(struct pairs *p, const struct view *v)
{
	for (uint32_t i = 0; i < view_n(v, KEEP_TALK); i++) {
		const struct keep_talk *t = view_talk(v, i);
		struct pair *x = pair_of(p, v, &t->client, &t->server);

		if (x == NULL)
			continue;
		/* What came to nothing went nowhere. */
		if (strcmp(t->service, "refused") != 0 && strcmp(t->service, "unanswered") != 0)
			map_add_word(x->services, sizeof(x->services), t->service);
		if (t->plant)
			map_add_word(x->intents, sizeof(x->intents), t->intent);
		*(t->plant ? &x->operations : &x->conversations) += t->count;
		x->first_ns = x->first_ns == 0 || t->first_ns < x->first_ns ? t->first_ns : x->first_ns;
		x->last_ns = t->last_ns > x->last_ns ? t->last_ns : x->last_ns;
	}
	for (uint32_t i = 0; i < view_n(v, KEEP_ALERT); i++) {
		const struct keep_alert *a = view_alert(v, i);
		struct pair *x = strncmp(a->type, "zone.", 5) == 0 ? pair_of(p, v, &a->src, &a->dst) : NULL;

		if (x != NULL)
			x->alerts++;
	}
	qsort(p->of, p->n, sizeof(p->of[0]), by_zone);
}

static void
put_pair(struct html *h, const struct pair *x)
{
	html_raw(h, x->alerts > 0 ? "<tr><td class=\"who bad\">" : "<tr><td>");
	html_text(h, x->from);
	html_raw(h, "</td>");
	report_cell(h, x->to);
	report_cell(h, x->services);
	report_cell(h, x->intents);
	report_cell_number(h, x->operations);
	report_cell_number(h, x->conversations);
	report_cell_number(h, x->alerts);
	html_raw(h, "<td>");
	html_when(h, x->first_ns);
	html_raw(h, "</td><td>");
	html_when(h, x->last_ns);
	html_raw(h, "</td></tr>");
}

bool
report_has_zones(const struct view *v)
{
	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++)
		if (view_asset(v, i)->zone[0] != '\0')
			return true;
	return false;
}

void
report_zones(struct html *h, const struct view *v)
{
	struct pairs *p = report_has_zones(v) ? calloc(1, sizeof(*p)) : NULL;

	if (p == NULL)
		return;
	gather(p, v);
	report_section(h, "zones", "Between zones", "Which zone asked which for what. \"Not allowed\" counts alerts about traffic that no conduit of the configuration allows; "
	    "without conduits nothing is forbidden between zones.");
	if (p->n == 0)
		html_raw(h, "<p>Nothing went from one zone to another.</p>");
	else {
		report_table(h, "Between zones", "From|To|Protocols|For what|#Operations|#Other conversations|#Not allowed|First|Last");
		for (uint32_t i = 0; i < p->n; i++)
			put_pair(h, &p->of[i]);
		report_table_end(h);
	}
	if (p->left_out > 0)
		html_raw(h, "<p class=\"cut\">There are more pairs of zones than are shown here.</p>");
	free(p);
	report_section_end(h);
}
