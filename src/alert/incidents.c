#include "alert/incidents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/group.h"
#include "base/hash.h"
#include "base/str.h"

#define SECOND		1000000000ull
#define UPDATE_NS	(60 * SECOND)

struct incidents {
	uint64_t		 quiet_ns;
	struct incident_sink	 sink;
	struct counters		*counters;
	uint64_t		 n, now_ns;
	uint64_t		 due_ns;	/* nothing ends and nothing is written before; 0: look at the next tick */
	struct group		 groups[INCIDENTS_MAX];
};

static bool
is_over(const struct incidents *n, const struct group *g, uint64_t now_ns)
{
	/* A clock that was set back by more than that ends it, too. */
	return now_ns >= g->last_ns ? now_ns - g->last_ns >= n->quiet_ns : g->last_ns - now_ns >= n->quiet_ns;
}

/* The closest; of equals the one that was active last. */
static struct group *
find(struct incidents *n, const struct parts *p, uint64_t now_ns)
{
	struct group *best = NULL;
	unsigned closest = 0;

	for (uint32_t i = 0; i < INCIDENTS_MAX; i++) {
		struct group *g = &n->groups[i];
		unsigned how = g->used && !is_over(n, g, now_ns) && group_fits(g, p) ? group_related(g, p) : 0;

		if (how > closest || (how > 0 && how == closest && g->last_ns > best->last_ns)) {
			best = g;
			closest = how;
		}
	}
	return best;
}

/* ---- out -------------------------------------------------------------------------------------------- */

static void
emit(struct incidents *n, struct group *g, enum incident_kind kind, uint64_t ts_ns, const char *part_of)
{
	char title[INCIDENT_TITLE];
	const struct incident i = { .kind = kind, .id = g->id, .uid = g->uid, .ts_ns = ts_ns > g->last_ns ? ts_ns : g->last_ns,
	    .severity = g->severity, .title = title, .advice = g->advice, .has_attacker = g->has_attacker,
	    .attacker = g->attacker, .targets = g->targets, .n_targets = g->n_targets, .more_targets = g->more_targets,
	    .types = g->types, .n_types = g->n_types, .stages = g->stages, .n_stages = g->n_stages,
	    .techniques = g->techniques, .alerts = g->alerts, .first_ns = g->first_ns, .last_ns = g->last_ns,
	    .first_frame = g->first_frame, .last_frame = g->last_frame, .fresh = g->fresh, .n_fresh = g->n_fresh,
	    .maintenance = g->maintenance[0] != '\0' ? g->maintenance : NULL, .part_of = part_of };

	group_title(g, title, sizeof(title));
	g->reported_ns = i.ts_ns;
	g->reported_severity = g->severity;
	g->dirty = false;
	n->sink.incident(n->sink.arg, &i);
	g->n_fresh = 0;
}

static void
end(struct incidents *n, struct group *g, uint64_t now_ns)
{
	if (g->id != 0)
		emit(n, g, INCIDENT_CLOSED, now_ns, NULL);
	g->used = false;
}

/* The one that was quiet longest, of those that are none yet before those that are. */
static struct group *
begin(struct incidents *n, uint64_t now_ns)
{
	struct group *g = NULL;

	for (uint32_t i = 0; i < INCIDENTS_MAX; i++) {
		struct group *x = &n->groups[i];

		if (!x->used) {
			g = x;
			break;
		}
		if (g == NULL || (x->id == 0) > (g->id == 0) || ((x->id == 0) == (g->id == 0) && x->last_ns < g->last_ns))
			g = x;
	}
	if (g->used) {
		count(n->counters, CNT_INCIDENTS_EVICTED);
		end(n, g, now_ns);
	}
	memset(g, 0, sizeof(*g));
	g->used = true;
	g->severity = UINT8_MAX;
	return g;
}

/* Ids are made of the first alert's: the same in each replay. */
static void
becomes(struct incidents *n, struct group *g)
{
	static const char digits[] = "0123456789abcdef";

	g->id = ++n->n;
	for (unsigned half = 0; half < 2; half++) {
		uint64_t h = hash_bytes(0x696e63u + half, g->fresh[0], ALERT_UID_LEN);

		for (unsigned i = 0; i < ALERT_UID_LEN / 2; i++)
			g->uid[half * (ALERT_UID_LEN / 2) + i] = digits[h >> (60 - 4 * i) & 15];
	}
	count(n->counters, CNT_INCIDENTS);
}

/* Which of two goes on: the incident before what is none yet, of two incidents the first. */
static bool
is_before(const struct group *a, const struct group *b)
{
	return a->id != 0 && b->id != 0 ? a->id < b->id : a->id != 0 || b->id != 0 ? a->id != 0 : a->first_ns <= b->first_ns;
}

/* An alert belongs to several groups: they are one from now on.  The later incident is closed and names the
 * earlier one. */
static struct group *
join(struct incidents *n, struct group *g, const struct parts *p, uint64_t now_ns)
{
	for (uint32_t i = 0; i < INCIDENTS_MAX; i++) {
		struct group *x = &n->groups[i], *gone;

		if (x == g || !x->used || is_over(n, x, now_ns) || !group_fits(x, p) || group_related(x, p) == 0)
			continue;
		gone = is_before(g, x) ? x : g;
		g = gone == x ? g : x;
		group_fold(g, gone);
		if (gone->id != 0)
			emit(n, gone, INCIDENT_CLOSED, now_ns, g->uid);
		gone->used = false;
	}
	return g;
}

void
incidents_alert(struct incidents *n, const struct alert *a)
{
	struct parts p;
	struct group *g;

	if (n->quiet_ns == 0 || a->kind == ALERT_SUPPRESSED || !parts_of(a, &p))
		return;
	if (a->ts_ns > n->now_ns)
		n->now_ns = a->ts_ns;
	n->due_ns = 0;
	g = find(n, &p, a->ts_ns);
	if (a->kind == ALERT_UPDATE) {
		/* What was merged into an alert keeps its incident open. */
		if (g != NULL && a->last_ns > g->last_ns)
			g->last_ns = a->last_ns;
		return;
	}
	if (g == NULL)
		g = begin(n, a->ts_ns);
	else if (a->severity <= 3)
		g = join(n, g, &p, a->ts_ns);
	group_add(g, a, &p);
	if (g->id == 0 && (g->severity <= 2 || (g->of_3 >= 3 && g->types_of_3 >= 2))) {
		becomes(n, g);
		emit(n, g, INCIDENT_FIRST, a->ts_ns, NULL);
	} else if (g->id != 0 && (g->severity < g->reported_severity || g->n_fresh == GROUP_FRESH))
		emit(n, g, INCIDENT_UPDATE, a->ts_ns, NULL);
	/* Before it is one, the first alert names it. */
	if (g->n_fresh == GROUP_FRESH)
		g->n_fresh--;
}

/* When there is something to do for it if no alert comes. */
static uint64_t
due(const struct incidents *n, const struct group *g)
{
	uint64_t over = g->last_ns + n->quiet_ns, update = g->reported_ns + UPDATE_NS;

	return g->id != 0 && g->dirty && update < over ? update : over;
}

/* Ten times a second, over rows of kilobytes: not before something is due. */
void
incidents_tick(struct incidents *n, uint64_t now_ns)
{
	bool back = now_ns < n->now_ns;

	n->now_ns = now_ns;
	if (now_ns < n->due_ns && !back)
		return;
	n->due_ns = UINT64_MAX;
	for (uint32_t i = 0; i < INCIDENTS_MAX; i++) {
		struct group *g = &n->groups[i];

		if (!g->used)
			continue;
		if (is_over(n, g, now_ns)) {
			end(n, g, now_ns >= g->last_ns ? g->last_ns + n->quiet_ns : now_ns);
			continue;
		}
		if (g->id != 0 && g->dirty && (now_ns < g->reported_ns || now_ns - g->reported_ns >= UPDATE_NS))
			emit(n, g, INCIDENT_UPDATE, now_ns, NULL);
		if (due(n, g) < n->due_ns)
			n->due_ns = due(n, g);
	}
}

void
incidents_finish(struct incidents *n, uint64_t now_ns)
{
	for (uint32_t i = 0; i < INCIDENTS_MAX; i++)
		if (n->groups[i].used && n->groups[i].id != 0 && n->groups[i].dirty)
			emit(n, &n->groups[i], INCIDENT_UPDATE, now_ns, NULL);
}

struct incidents *
incidents_open(uint64_t quiet_s, const struct incident_sink *sink, struct counters *counters)
{
	struct incidents *n = calloc(1, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->quiet_ns = quiet_s * SECOND;
	n->sink = *sink;
	n->counters = counters;
	return n;
}

void
incidents_close(struct incidents *n)
{
	free(n);
}

size_t
incidents_memory(const struct incidents *n)
{
	return sizeof(*n);
}
