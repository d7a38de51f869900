#include "alert/group.h"

#include <stdio.h>
#include <string.h>

#include "alert/incidents.h"
#include "alert/sentence.h"
#include "alert/words.h"
#include "base/str.h"

static const struct deed_row deeds[] = {
#define DEED(type, kind, words) { type, DEED_##kind, words },
#include "alert/deeds.def"
#undef DEED
};


static const struct deed_row *
deed_of(enum alert_type t)
{
	const char *text = alert_type_row(t)->text;

	for (size_t i = 0; ; i++)
		if (strncmp(text, deeds[i].type, strlen(deeds[i].type)) == 0)
			return &deeds[i];
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

bool
parts_of(const struct alert *a, struct parts *p)
{
	const struct finding *f = a->finding;

	*p = (struct parts){ .deed = deed_of(f->type), .mac = mac_of(f),
	    .maintenance = a->maintenance != NULL ? a->maintenance : "" };
	switch (p->deed->kind) {
	case DEED_OUT:
		return false;
	case DEED_ACT:
	case DEED_NOTE:
		/* What goes to many is about who sent it. */
		p->actor = f->any_dst ? &f->src : endpoint_of(f, false);
		p->target = f->any_dst ? NULL : endpoint_of(f, true);
		break;
	case DEED_SEND:
		p->actor = &f->src;
		p->target = f->any_dst ? NULL : &f->dst;
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

/* ---- does it belong to it ------------------------------------------------------------------ */

static bool
has_target(const struct group *g, const struct addr *a)
{
	for (uint32_t i = 0; a != NULL && i < g->n_targets; i++)
		if (addr_same(&g->targets[i], a))
			return true;
	return false;
}

static bool
has_actor(const struct group *g, const struct addr *a)
{
	for (uint32_t i = 0; i < g->n_actors; i++)
		if (addr_same(&g->actors[i], a))
			return true;
	return g->has_attacker && addr_same(&g->attacker, a);
}

bool
group_fits(const struct group *g, const struct parts *p)
{
	return strncmp(g->maintenance, p->maintenance, sizeof(g->maintenance) - 1) == 0;
}

unsigned
group_related(const struct group *g, const struct parts *p)
{
	if (p->deed->kind == DEED_SPOOF && p->mac != NULL && g->has_mac && memcmp(g->mac, p->mac, sizeof(g->mac)) == 0)
		return 2;
	if (p->actor != NULL && has_actor(g, p->actor))
		return 2;
	return has_target(g, p->target) || has_target(g, p->actor) || has_target(g, p->also) ||
	    (p->target != NULL && g->has_attacker && !deed_is_act(p->deed) && addr_same(&g->attacker, p->target));
}

/* ---- one more alert ------------------------------------------------------------------------ */

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
add_actor(struct group *g, const struct addr *a)
{
	if (!has_actor(g, a) && g->n_actors < GROUP_ACTORS)
		g->actors[g->n_actors++] = *a;
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
add_stage(struct group *g, enum attack_tactic tactic, uint64_t first_ns)
{
	uint32_t i, to = g->n_stages;

	for (i = 0; i < g->n_stages && g->stages[i].tactic != tactic; i++)
		;
	if (i < g->n_stages && g->stages[i].first_ns <= first_ns)
		return;
	if (i < g->n_stages)
		to = i;
	else
		g->n_stages++;
	for (; to > 0 && g->stages[to - 1].first_ns > first_ns; to--)
		g->stages[to] = g->stages[to - 1];
	g->stages[to] = (struct incident_stage){ tactic, first_ns };
}

static void
add_stages(struct group *g, const struct alert *a)
{
	const char *list = a->techniques, *at;
	size_t n;

	while (list != NULL && (at = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(at, n);
		char id[16];

		if (n >= sizeof(id))
			continue;
		memcpy(id, at, n);
		id[n] = '\0';
		add_technique(g, row != NULL ? row->id : id, row != NULL ? strlen(row->id) : n);
		if (row == NULL)
			continue;
		add_stage(g, row->tactic, a->ts_ns);
	}
}

/* Of more types than there is space for, the last place counts the rest. */
static void
add_types(struct group *g, const struct incident_type *more)
{
	struct incident_type sum = *more;
	uint32_t i;

	for (i = 0; i < g->n_types && g->types[i].type != more->type; i++)
		;
	if (i == INCIDENT_TYPES)
		i--;
	if (i < g->n_types) {
		const struct incident_type *x = &g->types[i];

		sum = (struct incident_type){ .type = x->type, .severity = x->severity < more->severity ? x->severity : more->severity,
		    .alerts = x->alerts + more->alerts, .first_ns = x->first_ns < more->first_ns ? x->first_ns : more->first_ns,
		    .last_ns = x->last_ns > more->last_ns ? x->last_ns : more->last_ns };
	} else
		g->n_types++;
	/* Some things are only known when they are over. */
	for (; i > 0 && g->types[i - 1].first_ns > sum.first_ns; i--)
		g->types[i] = g->types[i - 1];
	g->types[i] = sum;
}

static void
name_device(const struct finding *f, const struct parts *p, char to[GROUP_DEVICE])
{
	struct strbuf s = strbuf_on(to, GROUP_DEVICE);
	char text[ADDR_TEXT_MAX];

	if (f->op != NULL && p->deed->kind != DEED_SPOOF) {
		words_device(&s, f->op);
		return;
	}
	if (p->target != NULL)
		(void)addr_print(p->target, text);
	strbuf_put(&s, p->target != NULL ? text : "other devices");
}

/* It is told where it became what it is: what was for the file before is no beginning of an incident. */
static void
grows_graver(struct group *g, uint32_t i, uint8_t severity, uint64_t ts_ns)
{
	struct deed d = g->deeds[i];

	if (severity <= 2 && d.severity > 2 && ts_ns > d.first_ns)
		d.first_ns = ts_ns;
	d.severity = severity;
	for (; i + 1 < g->n_deeds && g->deeds[i + 1].first_ns < d.first_ns; i++)
		g->deeds[i] = g->deeds[i + 1];
	g->deeds[i] = d;
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
			grows_graver(g, i, a->severity, a->ts_ns);
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

/* What to check first: of the gravest alert.  A rule has no such words, and only sends to its text: whatever else says something is better. */
static void
take_advice(struct group *g, const struct finding *f, unsigned severity)
{
	const uint8_t of = f->type == ALERT_RULE ? 5 : (uint8_t)severity;

	if (g->advice_of != 0 && of >= g->advice_of)
		return;
	g->advice_of = of;
	(void)sentence_fill(f, alert_type_row(f->type)->check, g->advice, sizeof(g->advice));
}

void
group_add(struct group *g, const struct alert *a, const struct parts *p)
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
	if (p->actor != NULL && a->severity <= 3 && p->deed->kind != DEED_NOTE && !has_target(g, p->actor))
		add_actor(g, p->actor);
	/* What somebody else did to a device of it makes no further devices its own. */
	if (p->actor == NULL || (g->has_attacker && addr_same(p->actor, &g->attacker))) {
		add_target(g, p->target);
		add_target(g, p->also);
	}
	if (g->alerts++ == 0) {
		g->first_ns = a->ts_ns;
		g->first_frame = a->frame;
		(void)snprintf(g->maintenance, sizeof(g->maintenance), "%s", p->maintenance);
	}
	for (uint32_t i = 0; i < g->n_types; i++)
		news &= g->types[i].type != a->finding->type;
	if (a->severity == 3) {
		g->of_3++;
		g->types_of_3 += news;
	}
	add_types(g, &(struct incident_type){ .type = a->finding->type, .severity = a->severity, .alerts = 1, .first_ns = a->ts_ns,
	    .last_ns = a->ts_ns });
	add_stages(g, a);
	add_deed(g, a, p);
	take_advice(g, a->finding, a->severity);
	if (a->severity < g->severity)
		g->severity = a->severity;
	if (a->ts_ns > g->last_ns)
		g->last_ns = a->ts_ns;
	if (a->frame > 0)
		g->last_frame = a->frame;
	(void)snprintf(g->fresh[g->n_fresh++], sizeof(g->fresh[0]), "%s", a->uid);
	g->dirty = true;
}

/* ---- two that turn out to be one -------------------------------------------------------------- */

static void
fold_deeds(struct group *g, const struct group *from)
{
	for (uint32_t k = 0; k < from->n_deeds; k++) {
		const struct deed *d = &from->deeds[k];
		uint32_t i;

		for (i = 0; i < g->n_deeds && (strcmp(g->deeds[i].row->words, d->row->words) != 0 ||
		    !addr_same(&g->deeds[i].actor, &d->actor)); i++)
			;
		if (i < g->n_deeds) {
			g->deeds[i].others |= d->others || !addr_same(&g->deeds[i].addr, &d->addr);
			if (d->severity < g->deeds[i].severity)
				grows_graver(g, i, d->severity, d->first_ns);
		}
		if (i < g->n_deeds || g->n_deeds == INCIDENT_TYPES)
			continue;
		for (i = g->n_deeds++; i > 0 && g->deeds[i - 1].first_ns > d->first_ns; i--)
			g->deeds[i] = g->deeds[i - 1];
		g->deeds[i] = *d;
	}
}

static void
fold_ends(struct group *g, const struct group *from)
{
	if (!g->has_attacker && from->has_attacker) {
		g->attacker = from->attacker;
		g->has_attacker = true;
		g->has_mac = from->has_mac;
		memcpy(g->mac, from->mac, sizeof(g->mac));
	} else if (from->has_attacker)
		add_actor(g, &from->attacker);
	for (uint32_t i = 0; i < from->n_actors; i++)
		add_actor(g, &from->actors[i]);
	for (uint32_t i = 0; i < from->n_targets; i++)
		add_target(g, &from->targets[i]);
	g->more_targets |= from->more_targets;
}

static void
fold_techniques(struct group *g, const struct group *from)
{
	const char *list = from->techniques, *at;
	size_t n;

	while ((at = attack_next(&list, &n)) != NULL) {
		char id[16];

		if (n >= sizeof(id))
			continue;
		memcpy(id, at, n);
		id[n] = '\0';
		add_technique(g, id, n);
	}
}

void
group_fold(struct group *g, const struct group *from)
{
	fold_ends(g, from);
	for (uint32_t i = 0; i < from->n_types; i++)
		add_types(g, &from->types[i]);
	for (uint32_t i = 0; i < from->n_stages; i++)
		add_stage(g, from->stages[i].tactic, from->stages[i].first_ns);
	fold_deeds(g, from);
	fold_techniques(g, from);
	g->alerts += from->alerts;
	g->of_3 += from->of_3;
	g->types_of_3 = 0;
	for (uint32_t i = 0; i < g->n_types; i++)
		g->types_of_3 += g->types[i].severity == 3;
	if (from->severity < g->severity)
		g->severity = from->severity;
	if (from->advice_of != 0 && (g->advice_of == 0 || from->advice_of < g->advice_of)) {
		g->advice_of = from->advice_of;
		(void)snprintf(g->advice, sizeof(g->advice), "%s", from->advice);
	}
	if (from->first_ns < g->first_ns) {
		g->first_ns = from->first_ns;
		g->first_frame = from->first_frame;
	}
	g->last_ns = from->last_ns > g->last_ns ? from->last_ns : g->last_ns;
	g->last_frame = from->last_frame > g->last_frame ? from->last_frame : g->last_frame;
	for (uint32_t i = 0; i < from->n_fresh && g->n_fresh < GROUP_FRESH - 1; i++)
		memcpy(g->fresh[g->n_fresh++], from->fresh[i], sizeof(from->fresh[0]));
	g->dirty = true;
}
