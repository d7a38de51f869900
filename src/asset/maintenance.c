#include "asset/maintenance.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "record/operation.h"

#define NETS	16u	/* of one window */
#define SECOND	1000000000ull

struct window {
	const char	*name;
	uint64_t	 from_ns, to_ns;
	uint32_t	 intents;	/* a bit each; 0: whatever is done */
	unsigned	 n_nets, n_zones;
	struct { struct addr first; unsigned bits; } nets[NETS];
	const struct zone *zones[NETS];
};
_Static_assert(OP_INTENT_COUNT <= 32, "a set of intents has 32 bits");

struct maintenance {
	const struct zones	*zones;
	unsigned		 n;
	struct window		 of[MAINTENANCES_MAX];
};

#define complain(e, at, ...) err_add(e, (at)->file, (at)->line, (at)->column, __VA_ARGS__)

static bool
is_leap(unsigned y)
{
	return (y % 4 == 0 && y % 100 != 0) || y % 400 == 0;
}

/* "2026-11-30T06:00Z", UTC; 0: it is none. */
static uint64_t
time_of(const char *text)
{
	static const unsigned before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	unsigned y, mo, d, h = 0, mi = 0;
	int used = 0;
	uint64_t days;

	if (text == NULL || sscanf(text, "%4u-%2u-%2u%n", &y, &mo, &d, &used) != 3)
		return 0;
	if (text[used] == 'T' || text[used] == ' ') {
		int more = 0;

		if (sscanf(text + used + 1, "%2u:%2u%n", &h, &mi, &more) != 2)
			return 0;
		used += 1 + more;
	}
	if (text[used] == 'Z')
		used++;
	if (text[used] != '\0' || y < 1970 || y > 2200 || mo < 1 || mo > 12 || d < 1 || d > 31 || h > 23 || mi > 59)
		return 0;
	days = 365u * (y - 1970) + (y - 1969) / 4 - (y - 1901) / 100 + (y - 1601) / 400 + before[mo - 1] + (mo > 2 && is_leap(y)) + d - 1;
	return ((days * 24 + h) * 60 + mi) * 60 * SECOND;
}

static void
take_lists(struct maintenance *m, struct window *w, const struct maintenance_settings *s, struct err *e)
{
	const char *list = s->assets;
	char word[64];

	while (str_next_text(&list, word, sizeof(word)))
		if (w->n_nets == NETS) {
			complain(e, &s->at, "more than %u assets in one maintenance: make two of it", NETS);
			break;
		} else if (addr_net_read(word, &w->nets[w->n_nets].first, &w->nets[w->n_nets].bits))
			w->n_nets++;
	for (list = s->zones; str_next_text(&list, word, sizeof(word)); ) {
		const struct zone *z = zones_named(m->zones, word, strlen(word));

		if (w->n_zones == NETS) {
			complain(e, &s->at, "more than %u zones in one maintenance: make two of it", NETS);
			break;
		}
		if (z != NULL)
			w->zones[w->n_zones++] = z;
		else
			complain(e, &s->at, "there is no zone \"%s\" for this maintenance", word);
	}
	for (list = s->intents; str_next_text(&list, word, sizeof(word)); )
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++)
			if (strcmp(op_intent_name((enum op_intent)i), word) == 0)
				w->intents |= 1u << i;
}

static void
take(struct maintenance *m, const struct maintenance_settings *s, struct err *e)
{
	struct window *w = &m->of[m->n];
	int problems = e->n;

	*w = (struct window){ .name = s->name, .from_ns = time_of(s->from), .to_ns = time_of(s->to) };
	if (s->name == NULL || strlen(s->name) > 31)
		complain(e, &s->at, "this entry of maintenance needs a name of at most 31 characters");
	if (w->from_ns == 0 || w->to_ns == 0)
		complain(e, &s->at, "this maintenance needs from and to, as in 2026-11-30T06:00Z (UTC)");
	else if (w->from_ns >= w->to_ns)
		complain(e, &s->at, "this maintenance ends before it begins");
	take_lists(m, w, s, e);
	m->n += e->n == problems;
}

struct maintenance *
maintenance_open(const struct maintenances_settings *s, const struct zones *z, struct err *e)
{
	struct maintenance *m;

	if (s->n == 0)
		return NULL;
	m = calloc(1, sizeof(*m));
	if (m == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return NULL;
	}
	m->zones = z;
	for (uint64_t i = 0; i < s->n && i < MAINTENANCES_MAX; i++)
		take(m, &s->of[i], e);
	return m;
}

void
maintenance_close(struct maintenance *m)
{
	free(m);
}

static bool
is_of(const struct maintenance *m, const struct window *w, const struct addr *a)
{
	for (unsigned i = 0; i < w->n_nets; i++) {
		const struct addr net = addr_prefix(a, w->nets[i].bits), first = addr_prefix(&w->nets[i].first, w->nets[i].bits);

		if (addr_same(&net, &first))
			return true;
	}
	for (unsigned i = 0; i < w->n_zones; i++)
		if (zones_of(m->zones, a) == w->zones[i])
			return true;
	return false;
}

const char *
maintenance_of(const struct maintenance *m, uint64_t now_ns, const struct addr ends[2], uint32_t intent)
{
	for (unsigned i = 0; m != NULL && i < m->n; i++) {
		const struct window *w = &m->of[i];

		if (now_ns < w->from_ns || now_ns >= w->to_ns)
			continue;
		if (w->intents != 0 && (intent >= 32 || (w->intents >> intent & 1u) == 0))
			continue;
		if ((w->n_nets == 0 && w->n_zones == 0) || is_of(m, w, &ends[0]) || is_of(m, w, &ends[1]))
			return w->name;
	}
	return NULL;
}

const char *
maintenance_of_alert(const struct maintenance *m, const struct alert *a)
{
	const struct finding *f = a->finding;
	const struct addr ends[2] = { f->src, f->dst };

	return maintenance_of(m, a->first_ns, ends, f->op != NULL ? (uint32_t)f->op->intent : MAINTENANCE_NO_INTENT);
}
