#include "alert/incidents.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alert/sentence.h"
#include "alert/words.h"
#include "base/hash.h"
#include "base/str.h"

#define SECOND		1000000000ull
#define UPDATE_NS	(60 * SECOND)
#define FRESH		32u	/* alerts between two records; with more there is another record */
#define DEVICE		64u	/* bytes of a device's name */
#define TECHNIQUES	128u
#define TITLE_DEEDS	3u

enum deed_kind { DEED_ACT, DEED_NOTE, DEED_STATE, DEED_SPOOF, DEED_OUT };

static const struct deed_row { const char *type; enum deed_kind kind; const char *words; } deeds[] = {
#define DEED(type, kind, words) { type, DEED_##kind, words },
#include "alert/deeds.def"
#undef DEED
};

/* What the title says of it, in the order in which it happened. */
struct deed {
	const struct deed_row	*row;
	uint8_t			 severity;
	uint64_t		 first_ns;
	char			 device[DEVICE];	/* "PLC 10.20.1.12", the first one */
	struct addr		 addr, actor;	/* zero: none */
	bool			 others;	/* it was done to others, too */
};

struct group {
	uint64_t		 id;		/* 0: no incident yet */
	char			 uid[ALERT_UID_LEN + 1];
	bool			 used, dirty, has_attacker, has_mac, more_targets;
	uint8_t			 mac[6];	/* of the attacker, as it was seen first */
	uint8_t			 severity, reported_severity;
	struct addr		 attacker, targets[INCIDENT_TARGETS];
	uint32_t		 n_targets;
	struct incident_type	 types[INCIDENT_TYPES];
	uint32_t		 n_types;
	struct incident_stage	 stages[ATTACK_TACTICS];
	uint32_t		 n_stages;
	struct deed		 deeds[INCIDENT_TYPES];
	uint32_t		 n_deeds;
	char			 techniques[TECHNIQUES], advice[INCIDENT_ADVICE];
	uint64_t		 alerts, of_3;	/* all; of severity 3 */
	uint32_t		 types_of_3;
	uint64_t		 first_ns, last_ns, first_frame, last_frame, reported_ns;
	char			 fresh[FRESH][ALERT_UID_LEN + 1];
	uint32_t		 n_fresh;
};

struct incidents {
	uint64_t		 quiet_ns;
	struct incident_sink	 sink;
	struct counters		*counters;
	uint64_t		 n, now_ns;
	struct group		 groups[INCIDENTS_MAX];
};

static const struct deed_row *
deed_of(enum alert_type t)
{
	const char *text = alert_type_row(t)->text;

	for (size_t i = 0; ; i++)
		if (strncmp(text, deeds[i].type, strlen(deeds[i].type)) == 0)
			return &deeds[i];
}

static bool
is_act(const struct deed_row *row)
{
	return row->kind == DEED_ACT || row->kind == DEED_NOTE;
}

const char *
incident_words(enum alert_type t)
{
	return deed_of(t)->words;
}

/* ---- who did it to whom ------------------------------------------------------------------ */

/* The two ends of an alert by role.  Without a flow the one that sent is the client. */
static const struct addr *
endpoint_of(const struct finding *f, bool server)
{
	if (f->flow != NULL)
		return &f->flow->addr[server ? flow_server(f->flow) : flow_client(f->flow)];
	return server != f->to_client ? &f->dst : &f->src;
}

static bool
is_known(const struct addr *a)
{
	static const struct addr none, v4_none = { { [10] = 0xff, [11] = 0xff } };

	return !addr_same(a, &none) && !addr_same(a, &v4_none);
}

struct parts {
	const struct deed_row	*deed;
	const struct addr	*actor, *target;	/* NULL: nobody, none */
	const struct addr	*also;			/* whom somebody in another's name spoke to; NULL none */
	const uint8_t		*mac;			/* of who sent it; NULL not known */
};

/* The hardware address that the one who did it sent from. */
static const uint8_t *
mac_of(const struct finding *f)
{
	if (f->flow != NULL) {
		unsigned end = addr_same(&f->flow->addr[0], &f->src) ? 0 : 1;

		return f->flow->mac_known[end] ? f->flow->mac[end] : NULL;
	}
	return f->packet != NULL ? f->packet->mac_src : NULL;
}

static bool
parts_of(const struct alert *a, struct parts *p)
{
	const struct finding *f = a->finding;

	*p = (struct parts){ .deed = deed_of(f->type), .mac = mac_of(f) };
	switch (p->deed->kind) {
	case DEED_OUT:
		return false;
	case DEED_ACT:
	case DEED_NOTE:
		p->actor = endpoint_of(f, false);
		p->target = f->any_dst ? NULL : endpoint_of(f, true);
		break;
	case DEED_STATE:
		p->target = endpoint_of(f, true);
		break;
	case DEED_SPOOF:
		p->target = &f->src;
		p->also = f->any_dst || f->flow == NULL ? NULL : &f->dst;
		break;
	}
	if (p->actor != NULL && !is_known(p->actor))
		p->actor = NULL;
	if (p->target != NULL && (!is_known(p->target) || addr_is_local(p->target)))
		p->target = NULL;
	return p->actor != NULL || p->target != NULL;
}

/* ---- which group ------------------------------------------------------------------------------ */

static bool
has_target(const struct group *g, const struct addr *a)
{
	for (uint32_t i = 0; a != NULL && i < g->n_targets; i++)
		if (addr_same(&g->targets[i], a))
			return true;
	return false;
}

/* How close: 2 the same attacker, 1 the same device, 0 not at all.  Who takes another's address is known by the
 * hardware address. */
static unsigned
related(const struct group *g, const struct parts *p)
{
	if (p->deed->kind == DEED_SPOOF && p->mac != NULL && g->has_mac && memcmp(g->mac, p->mac, sizeof(g->mac)) == 0)
		return 2;
	if (p->actor != NULL && g->has_attacker && addr_same(&g->attacker, p->actor))
		return 2;
	return has_target(g, p->target) || has_target(g, p->actor) || has_target(g, p->also) ||
	    (p->target != NULL && g->has_attacker && !is_act(p->deed) && addr_same(&g->attacker, p->target));
}

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
		unsigned how = g->used && !is_over(n, g, now_ns) ? related(g, p) : 0;

		if (how > closest || (how > 0 && how == closest && g->last_ns > best->last_ns)) {
			best = g;
			closest = how;
		}
	}
	return best;
}

/* ---- words ---------------------------------------------------------------------------------------- */

static void
put_words(struct strbuf *s, const struct deed *d)
{
	const char *at = strchr(d->row->words, '%');

	if (at == NULL) {
		strbuf_put(s, d->row->words);
		return;
	}
	strbuf_printf(s, "%.*s%s%s%s", (int)(at - d->row->words), d->row->words, d->device, d->others ? " and others" : "",
	    at + 1);
}

/* Is it said?  pass 0: what says most; 1: what says little, too; 2: also what is for the file. */
static bool
belongs_in_title(const struct deed *d, unsigned pass)
{
	return pass == 2 || (d->severity <= 3 && (pass == 1 || d->row->kind != DEED_NOTE));
}

/* Which deeds the title has: the first, the last, and of those between the gravest, the later of equals. */
static uint32_t
pick_deeds(const struct group *g, uint32_t pick[TITLE_DEEDS])
{
	uint32_t of[INCIDENT_TYPES], n = 0, middle = 1;

	for (unsigned pass = 0; n == 0 && pass < 3; pass++)
		for (uint32_t i = 0; i < g->n_deeds; i++)
			if (belongs_in_title(&g->deeds[i], pass))
				of[n++] = i;
	for (uint32_t i = 1; i + 1 < n; i++)
		if (g->deeds[of[i]].severity <= g->deeds[of[middle]].severity)
			middle = i;
	if (n == 0)
		return 0;
	pick[0] = of[0];
	if (n > 2)
		pick[1] = of[middle];
	if (n > 1)
		pick[n > 2 ? 2 : 1] = of[n - 1];
	return n < TITLE_DEEDS ? n : TITLE_DEEDS;
}

static void
make_title(const struct group *g, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);
	char who[ADDR_TEXT_MAX];
	uint32_t pick[TITLE_DEEDS], n = pick_deeds(g, pick);
	const struct deed *before = NULL;

	for (uint32_t i = 0; i < n; i++) {
		const struct deed *d = &g->deeds[pick[i]];

		const bool act = is_act(d->row);

		/* Who did it, where that is not whoever did what stands before. */
		if (act && (before == NULL || !addr_same(&before->actor, &d->actor))) {
			(void)addr_print(&d->actor, who);
			strbuf_printf(&s, "%s%s ", s.len > 0 ? "; " : "", who);
		} else
			strbuf_put(&s, s.len == 0 ? "" : act ? ", then " : "; ");
		if (act)
			before = d;
		put_words(&s, d);
	}
	if (to[0] == 's' && n > 0 && g->deeds[pick[0]].row->kind == DEED_SPOOF)
		to[0] = 'S';
}

/* ---- one more alert -------------------------------------------------------------------------------- */

static void
add_target(struct group *g, const struct addr *a)
{
	if (a == NULL || has_target(g, a))
		return;
	if (g->n_targets == INCIDENT_TARGETS)
		g->more_targets = true;
	else
		g->targets[g->n_targets++] = *a;
}

static void
add_technique(struct group *g, const char *id, size_t n)
{
	size_t len = strlen(g->techniques);

	for (const char *at = strstr(g->techniques, id); at != NULL; at = strstr(at + 1, id))
		if (strncmp(at, id, n) == 0 && (at[n] == ' ' || at[n] == '\0'))
			return;
	if (len + n + 2 > sizeof(g->techniques))
		return;
	if (len > 0)
		g->techniques[len++] = ' ';
	memcpy(g->techniques + len, id, n);
	g->techniques[len + n] = '\0';
}

static void
add_stages(struct group *g, const struct alert *a)
{
	const char *list = a->techniques, *at;
	size_t n;

	while (list != NULL && (at = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(at, n);
		char id[16];
		uint32_t i;

		if (n >= sizeof(id))
			continue;
		memcpy(id, at, n);
		id[n] = '\0';
		add_technique(g, row != NULL ? row->id : id, row != NULL ? strlen(row->id) : n);
		if (row == NULL)
			continue;
		for (i = 0; i < g->n_stages && g->stages[i].tactic != row->tactic; i++)
			;
		if (i < g->n_stages)
			continue;
		for (g->n_stages++; i > 0 && g->stages[i - 1].first_ns > a->ts_ns; i--)
			g->stages[i] = g->stages[i - 1];
		g->stages[i] = (struct incident_stage){ row->tactic, a->ts_ns };
	}
}

/* Of more types than there is space for, the last place counts the rest. */
static void
add_type(struct group *g, const struct alert *a)
{
	enum alert_type t = a->finding->type;
	struct incident_type *x;
	uint32_t i;

	for (i = 0; i < g->n_types && g->types[i].type != t; i++)
		;
	if (i == INCIDENT_TYPES)
		i--;
	if (i == g->n_types) {
		/* Some things are only known when they are over. */
		for (g->n_types++; i > 0 && g->types[i - 1].first_ns > a->ts_ns; i--)
			g->types[i] = g->types[i - 1];
		g->types[i] = (struct incident_type){ .type = t, .severity = a->severity, .first_ns = a->ts_ns };
	}
	x = &g->types[i];
	x->alerts++;
	x->last_ns = a->ts_ns;
	if (a->severity < x->severity)
		x->severity = a->severity;
}

static void
name_device(const struct finding *f, const struct parts *p, char to[DEVICE])
{
	struct strbuf s = strbuf_on(to, DEVICE);
	char text[ADDR_TEXT_MAX];

	if (f->op != NULL && p->deed->kind != DEED_SPOOF) {
		words_device(&s, f->op);
		return;
	}
	if (p->target != NULL)
		(void)addr_print(p->target, text);
	strbuf_put(&s, p->target != NULL ? text : "other devices");
}

static void
add_deed(struct group *g, const struct alert *a, const struct parts *p)
{
	struct deed *d;
	uint32_t i;

	for (i = 0; i < g->n_deeds; i++) {
		d = &g->deeds[i];
		/* Rows with the same words are one deed. */
		if (strcmp(d->row->words, p->deed->words) != 0 ||
		    (p->actor != NULL && !addr_same(&d->actor, p->actor)))
			continue;
		d->others |= p->target != NULL && !addr_same(p->target, &d->addr);
		if (a->severity < d->severity)
			d->severity = a->severity;
		return;
	}
	if (g->n_deeds == INCIDENT_TYPES)
		return;
	for (i = g->n_deeds++; i > 0 && g->deeds[i - 1].first_ns > a->ts_ns; i--)
		g->deeds[i] = g->deeds[i - 1];
	d = &g->deeds[i];
	*d = (struct deed){ .row = p->deed, .severity = a->severity, .first_ns = a->ts_ns };
	if (p->target != NULL)
		d->addr = *p->target;
	if (p->actor != NULL)
		d->actor = *p->actor;
	name_device(a->finding, p, d->device);
}

/* ---- out -------------------------------------------------------------------------------------------- */

static void
emit(struct incidents *n, struct group *g, enum incident_kind kind, uint64_t ts_ns)
{
	char title[INCIDENT_TITLE];
	const struct incident i = { .kind = kind, .id = g->id, .uid = g->uid, .ts_ns = ts_ns > g->last_ns ? ts_ns : g->last_ns,
	    .severity = g->severity, .title = title, .advice = g->advice, .has_attacker = g->has_attacker,
	    .attacker = g->attacker, .targets = g->targets, .n_targets = g->n_targets, .more_targets = g->more_targets,
	    .types = g->types, .n_types = g->n_types, .stages = g->stages, .n_stages = g->n_stages,
	    .techniques = g->techniques, .alerts = g->alerts, .first_ns = g->first_ns, .last_ns = g->last_ns,
	    .first_frame = g->first_frame, .last_frame = g->last_frame, .fresh = g->fresh, .n_fresh = g->n_fresh };

	make_title(g, title, sizeof(title));
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
		emit(n, g, INCIDENT_CLOSED, now_ns);
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

static void
add(struct group *g, const struct alert *a, const struct parts *p)
{
	bool news = true;

	/* Not a device that something was done to before: somebody may speak in its name. */
	if (p->actor != NULL && !g->has_attacker && !has_target(g, p->actor)) {
		g->attacker = *p->actor;
		g->has_attacker = true;
		g->has_mac = p->mac != NULL;
		if (g->has_mac)
			memcpy(g->mac, p->mac, sizeof(g->mac));
	}
	/* What somebody else did to a device of it makes no further devices its own. */
	if (p->actor == NULL || (g->has_attacker && addr_same(p->actor, &g->attacker))) {
		add_target(g, p->target);
		add_target(g, p->also);
	}
	if (g->alerts++ == 0) {
		g->first_ns = a->ts_ns;
		g->first_frame = a->frame;
	}
	for (uint32_t i = 0; i < g->n_types; i++)
		news &= g->types[i].type != a->finding->type;
	if (a->severity == 3) {
		g->of_3++;
		g->types_of_3 += news;
	}
	add_type(g, a);
	add_stages(g, a);
	add_deed(g, a, p);
	if (a->severity < g->severity) {
		g->severity = a->severity;
		(void)sentence_fill(a->finding, alert_type_row(a->finding->type)->check, g->advice, sizeof(g->advice));
	}
	if (a->ts_ns > g->last_ns)
		g->last_ns = a->ts_ns;
	if (a->frame > 0)
		g->last_frame = a->frame;
	(void)snprintf(g->fresh[g->n_fresh++], sizeof(g->fresh[0]), "%s", a->uid);
	g->dirty = true;
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
	g = find(n, &p, a->ts_ns);
	if (a->kind == ALERT_UPDATE) {
		/* What was merged into an alert keeps its incident open. */
		if (g != NULL && a->last_ns > g->last_ns)
			g->last_ns = a->last_ns;
		return;
	}
	if (g == NULL)
		g = begin(n, a->ts_ns);
	add(g, a, &p);
	if (g->id == 0 && (g->severity <= 2 || (g->of_3 >= 3 && g->types_of_3 >= 2))) {
		becomes(n, g);
		emit(n, g, INCIDENT_FIRST, a->ts_ns);
	} else if (g->id != 0 && (g->severity < g->reported_severity || g->n_fresh == FRESH))
		emit(n, g, INCIDENT_UPDATE, a->ts_ns);
	/* Before it is one, the first alert names it. */
	if (g->n_fresh == FRESH)
		g->n_fresh--;
}

void
incidents_tick(struct incidents *n, uint64_t now_ns)
{
	n->now_ns = now_ns;
	for (uint32_t i = 0; i < INCIDENTS_MAX; i++) {
		struct group *g = &n->groups[i];

		if (!g->used)
			continue;
		if (is_over(n, g, now_ns))
			end(n, g, now_ns >= g->last_ns ? g->last_ns + n->quiet_ns : now_ns);
		else if (g->id != 0 && g->dirty && (now_ns < g->reported_ns || now_ns - g->reported_ns >= UPDATE_NS))
			emit(n, g, INCIDENT_UPDATE, now_ns);
	}
}

void
incidents_finish(struct incidents *n, uint64_t now_ns)
{
	for (uint32_t i = 0; i < INCIDENTS_MAX; i++)
		if (n->groups[i].used && n->groups[i].id != 0 && n->groups[i].dirty)
			emit(n, &n->groups[i], INCIDENT_UPDATE, now_ns);
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
