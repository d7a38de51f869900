#include "web/map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "web/map_parts.h"

static const char *const bands[MAP_BANDS] = {
	"outside", "4–5 · enterprise", "3.5 · DMZ", "3 · operations", "2 · supervision", "1 · control", "0 · process", "level not known",
};
enum { BAND_OUTSIDE, BAND_ENTERPRISE, BAND_DMZ, BAND_3, BAND_2, BAND_1, BAND_0, BAND_UNKNOWN };

const char *
map_band_name(unsigned band)
{
	return bands[band < MAP_BANDS ? band : BAND_UNKNOWN];
}

unsigned
map_band(const struct keep_asset *a)
{
	if (!a->has_level)
		return !addr_is_private(&a->of.addr) && !addr_is_mac(&a->of.addr) && !addr_is_local(&a->of.addr) && a->zone[0] == '\0' ? BAND_OUTSIDE : BAND_UNKNOWN;
	return a->level >= 40 ? BAND_ENTERPRISE : a->level > 30 ? BAND_DMZ : a->level > 20 ? BAND_3 : a->level > 10 ? BAND_2 :
	    a->level > 0 ? BAND_1 : BAND_0;
}

/* ---- who stands on it ------------------------------------------------------------------ */

static int
by_addr(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

struct map_device *
map_find(const struct map *m, const struct addr *a)
{
	return bsearch(a, m->devices, m->n_devices, sizeof(*m->devices), by_addr);
}

/* Groups, and all hosts of a network: no device. */
static bool
is_group(const struct addr *a)
{
	return addr_is_v4(a) ? a->b[12] >= 224 || a->b[15] == 255 || a->b[12] == 0 : !addr_is_mac(a) && a->b[0] == 0xff;
}

/* Addresses of the internet that somebody talked with are no devices of the inventory. */
static void
add_outside(struct map *m)
{
	const struct view *v = m->v;
	uint32_t known = m->n_devices;

	for (uint32_t i = 0; i < view_n(v, KEEP_TALK); i++)
		for (unsigned end = 0; end < 2 && m->n_outside < MAP_OUTSIDE; end++) {
			const struct addr *a = end == 0 ? &view_talk(v, i)->client : &view_talk(v, i)->server;
			bool again = addr_is_mac(a) || addr_is_private(a) || addr_is_local(a) || is_group(a) ||
			    bsearch(a, m->devices, known, sizeof(*m->devices), by_addr) != NULL;

			for (uint32_t k = 0; k < m->n_outside && !again; k++)
				again = addr_same(&m->outside[k].of.addr, a);
			if (again)
				continue;
			m->outside[m->n_outside].of.addr = *a;
			m->devices[m->n_devices++] = (struct map_device){ .addr = *a, .row = &m->outside[m->n_outside++], .band = BAND_OUTSIDE, .outside = true };
		}
	if (m->n_devices > known)
		qsort(m->devices, m->n_devices, sizeof(*m->devices), by_addr);
}

static bool
gather(struct map *m)
{
	const struct view *v = m->v;

	m->devices = calloc((size_t)view_n(v, KEEP_ASSET) + MAP_OUTSIDE, sizeof(*m->devices));
	m->outside = calloc(MAP_OUTSIDE, sizeof(*m->outside));
	if (m->devices == NULL || m->outside == NULL)
		return false;
	/* In the order of addresses. */
	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++) {
		const struct keep_asset *a = view_asset(v, v->assets[i]);
		struct map_device *last = m->n_devices > 0 ? &m->devices[m->n_devices - 1] : NULL;

		if (a->of.has_unit) {
			if (last != NULL && addr_same(&last->addr, &a->of.addr))
				last->units++;
			continue;
		}
		if (is_group(&a->of.addr) || (last != NULL && addr_same(&last->addr, &a->of.addr)))
			continue;
		m->devices[m->n_devices++] = (struct map_device){ .addr = a->of.addr, .row = a, .band = map_band(a), .outside = map_band(a) == BAND_OUTSIDE };
	}
	add_outside(m);
	return true;
}

static void
mark(struct map *m)
{
	const struct view *v = m->v;

	for (uint32_t i = 0; i < view_n(v, KEEP_INCIDENT); i++) {
		const struct keep_incident *x = view_incident(v, i);
		struct map_device *d = x->severity <= 2 && x->part_of[0] == '\0' ? map_find(m, &x->attacker) : NULL;

		if (d != NULL)
			d->attacker = true;
	}
	for (uint32_t i = 0; i < view_n(v, KEEP_ALERT); i++) {
		const struct keep_alert *a = view_alert(v, i);
		const struct map_device *from = a->severity <= 2 ? map_find(m, &a->src) : NULL;
		struct map_device *to = from != NULL && from->attacker ? map_find(m, &a->dst) : NULL;

		if (to != NULL && to != from && to->band != BAND_OUTSIDE)
			to->attacked = true;
	}
	for (uint32_t i = 0; i < view_n(v, KEEP_TALK); i++) {
		const struct keep_talk *t = view_talk(v, i);
		struct map_device *c = map_find(m, &t->client), *s = map_find(m, &t->server);

		if (c == NULL || s == NULL)
			continue;
		c->talks = s->talks = true;
		c->plant |= t->plant;
		s->plant |= t->plant;
		if (t->plant && map_changes(t->intent))
			c->writes = true;
	}
}

/* Who never answered and is in no conversation is an address, not a device. */
static void
leave_out(struct map *m)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < m->n_devices; i++)
		if (m->devices[i].talks || (m->devices[i].row->proven && m->devices[i].row->control_ns != 0))
			m->devices[n++] = m->devices[i];
	m->n_devices = n;
}

/* ---- lines ------------------------------------------------------------------------------- */

static struct map_line *
line_of(struct map *m, uint32_t from, uint32_t to)
{
	for (uint32_t i = 0; i < m->n_lines; i++)
		if (m->lines[i].from == from && m->lines[i].to == to)
			return &m->lines[i];
	if (m->n_lines == MAP_LINES)
		return NULL;
	m->lines[m->n_lines] = (struct map_line){ .from = from, .to = to };
	return &m->lines[m->n_lines++];
}

void
map_add_word(char *to, size_t size, const char *word)
{
	size_t n = strlen(to), k = strlen(word);

	for (const char *at = strstr(to, word); at != NULL; at = strstr(at + 1, word))
		if ((at == to || at[-1] == ' ') && (at[k] == '\0' || at[k] == ','))
			return;
	if (n + k + 3 < size)
		(void)snprintf(to + n, size - n, "%s%s", n > 0 ? ", " : "", word);
}

static void
make_lines(struct map *m)
{
	const struct view *v = m->v;
	const bool others = m->n_devices <= MAP_ALONE;

	for (uint32_t i = 0; i < view_n(v, KEEP_TALK); i++) {
		const struct keep_talk *t = view_talk(v, i);
		const struct map_device *c = map_find(m, &t->client), *s = map_find(m, &t->server);
		const bool matters = c != NULL && (t->plant || c->attacker || c->band == BAND_OUTSIDE || (s != NULL && s->band == BAND_OUTSIDE));
		struct map_line *l;

		if (c == NULL || s == NULL || c->box == s->box)
			continue;
		l = others || matters ? line_of(m, c->box, s->box) : NULL;
		if (l == NULL) {
			m->left_out++;
			continue;
		}
		l->plant |= t->plant;
		l->changes |= t->plant && map_changes(t->intent);
		l->count += t->count;
		map_add_word(l->protocols, sizeof(l->protocols), t->service);
		if (t->intent[0] != '\0')
			map_add_word(l->intents, sizeof(l->intents), t->intent);
	}
}

/* Lines along which an attacker was reported, and those that no conduit allows. */
static void
mark_lines(struct map *m)
{
	for (uint32_t i = 0; i < view_n(m->v, KEEP_ALERT); i++) {
		const struct keep_alert *a = view_alert(m->v, i);
		const bool refused = strncmp(a->type, "zone.", 5) == 0;
		const struct map_device *from = a->severity <= 2 || refused ? map_find(m, &a->src) : NULL, *to;

		if (from == NULL || (!from->attacker && !refused) || (to = map_find(m, &a->dst)) == NULL)
			continue;
		for (uint32_t k = 0; k < m->n_lines; k++)
			if (m->lines[k].from == from->box && m->lines[k].to == to->box) {
				m->lines[k].attack |= from->attacker && a->severity <= 2;
				m->lines[k].refused |= refused;
			}
	}
}

bool
map_changes(const char *intent)
{
	static const char *const words[] = { "write", "operate", "mode", "program-write", "config", "file", "time", "alarm" };

	for (size_t i = 0; i < COUNTOF(words); i++)
		if (strcmp(intent, words[i]) == 0)
			return true;
	return false;
}

/* What somebody has to know who reads it. */
static void
tell(const struct map *m, struct map_facts *facts)
{
	for (uint32_t i = 0; i < m->n_boxes; i++)
		facts->zones |= m->boxes[i].zone[0] != '\0';
	for (uint32_t i = 0; i < m->n_lines; i++) {
		const struct map_line *l = &m->lines[i];

		*(l->attack ? &facts->attacks : l->changes ? &facts->writes : l->plant ? &facts->reads : &facts->others) = true;
		facts->refused |= l->refused;
	}
}

bool
map_write(struct html *h, const struct view *v, bool link, struct map_facts *facts)
{
	struct map *m = calloc(1, sizeof(*m));
	bool good = m != NULL;

	*facts = (struct map_facts){ 0 };
	if (good) {
		m->v = v;
		m->link = link;
		good = gather(m);
	}
	if (good) {
		mark(m);
		leave_out(m);
		map_fold(m);
		make_lines(m);
		mark_lines(m);
		good = m->n_devices > 0;
	}
	if (good) {
		map_place(m);
		map_draw(h, m);
		*facts = (struct map_facts){ .devices = m->n_devices, .boxes = m->n_boxes, .folded = m->folded, .lines = m->n_lines, .left_out = m->left_out };
		tell(m, facts);
	}
	if (m != NULL) {
		free(m->devices);
		free(m->outside);
	}
	free(m);
	return good;
}
