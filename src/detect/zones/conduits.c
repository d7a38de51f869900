#include "detect/zones/conduits.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/app.h"
#include "detect/rules/rule.h"

#define OUTSIDE		ZONES_MAX	/* its bit in a set of zones */
#define PROTOCOLS_MAX	64u		/* words of one conduit that are no control protocols */
#define INTENTS_ALL	((1u << OP_INTENT_COUNT) - 1)

/* A transport with ports, or a name. */
struct traffic {
	char		app[TALK_WORD_MAX];	/* "" none: */
	uint8_t		ip_proto;
	uint16_t	lo, hi;			/* ports of the server */
};

struct conduit {
	uint64_t	 zones[2];		/* from, to: a bit each */
	bool		 outside[2];
	uint32_t	 protos;		/* PROTO_BIT() */
	uint32_t	 intents;		/* a bit each */
	bool		 any;			/* protocol */
	bool		 some;			/* intents are named: it is for operations alone */
	uint32_t	 n;
	struct traffic	*traffic;		/* owned */
	const struct conduit_settings *as;
};

struct conduits {
	struct conduit			*of;	/* owned */
	uint32_t			 n;
	const struct zones		*zones;
	const struct rule_lookup	*names;
	struct err			*e;	/* while opening */
};

#define complain(c, at, ...) err_add((c)->e, (at)->file, (at)->line, (at)->column, __VA_ARGS__)

/* ---- reading the configuration ---------------------------------------------------------- */

static void
take_zones(struct conduits *c, struct conduit *k, unsigned end, const char *list)
{
	const char *word;
	char name[64];
	size_t n;

	if (list == NULL) {
		k->zones[end] = UINT64_MAX;
		k->outside[end] = true;
	}
	while ((n = str_next(&list, &word)) > 0) {
		const struct zone *z = zones_named(c->zones, word, n);
		const char *near;

		if (n == strlen(ZONE_ANY) && memcmp(word, ZONE_ANY, n) == 0) {
			k->zones[end] = UINT64_MAX;
			k->outside[end] = true;
		} else if (n == strlen(ZONE_OUTSIDE) && memcmp(word, ZONE_OUTSIDE, n) == 0)
			k->outside[end] = true;
		else if (z != NULL)
			k->zones[end] |= (uint64_t)1 << z->number;
		else {
			(void)snprintf(name, sizeof(name), "%.*s", (int)n, word);
			near = zones_nearest(c->zones, name);
			complain(c, &k->as->at, "%s: there is no zone '%s'%s%s%s", end == 0 ? "from" : "to", name,
			    near != NULL ? "; did you mean '" : "", near != NULL ? near : "", near != NULL ? "'?" : "");
		}
	}
}

static bool
is_app(const struct conduits *c, const char *name)
{
	return c->names == NULL || app_known(c->names, name);
}

static const char *
nearest(const struct conduits *c, const char *word)
{
	static const char *const transports[] = { "tcp", "udp", "icmp" };
	unsigned least = 3, d;
	const char *best = NULL;
	struct rule_name n;

#define NEAR(name) \
	if ((d = str_distance(word, name)) < least) { \
		least = d; \
		best = name; \
	}
	for (unsigned i = 0; i < COUNTOF(transports); i++)
		NEAR(transports[i])
	for (unsigned i = OP_UNKNOWN + 1; i < OP_PROTO_COUNT; i++)
		NEAR(protocols[i]->name)
	for (uint32_t i = 0; c->names != NULL && c->names->nth(NAMES_APP, i, &n); i++)
		NEAR(n.name)
#undef NEAR
	return best;
}

/* "tcp", "tcp/443", "udp/5000-5010", "icmp", "ip/47". */
static bool
take_transport(struct traffic *t, const char *word)
{
	size_t n = strcspn(word, "/");
	unsigned lo = 0, hi = 65535;
	int used = 0;

	*t = (struct traffic){ .hi = 65535 };
	if (n == 3 && memcmp(word, "tcp", 3) == 0)
		t->ip_proto = IP_TCP;
	else if (n == 3 && memcmp(word, "udp", 3) == 0)
		t->ip_proto = IP_UDP;
	else if (strcmp(word, "icmp") == 0)
		t->ip_proto = IP_ICMP;
	else if (n == 2 && memcmp(word, "ip/", 3) == 0) {
		if (sscanf(word + 3, "%3u%n", &lo, &used) != 1 || word[3 + used] != '\0' || lo > 255)
			return false;
		t->ip_proto = (uint8_t)lo;
		return true;
	} else
		return false;
	if (word[n] == '\0')
		return true;
	word += n + 1;
	if (sscanf(word, "%5u%n", &lo, &used) != 1)
		return false;
	hi = lo;
	word += used;
	if (*word == '-' && sscanf(word + 1, "%5u%n", &hi, &used) == 1)
		word += 1 + used;
	t->lo = (uint16_t)lo;
	t->hi = (uint16_t)hi;
	return *word == '\0' && lo <= hi && hi <= 65535;
}

static void
take_protocols(struct conduits *c, struct conduit *k)
{
	const char *list = k->as->protocols, *word, *near;
	char name[TALK_WORD_MAX];
	size_t n;

	k->any = list == NULL;
	while ((n = str_next(&list, &word)) > 0) {
		const struct protocol *p = protocol_spelled(word, n);

		(void)snprintf(name, sizeof(name), "%.*s", (int)n, word);
		if (p != NULL)
			k->protos |= p->family == p->proto ? protocol_family(p->proto) : PROTO_BIT(p->proto);
		else if (k->n == PROTOCOLS_MAX)
			complain(c, &k->as->at, "protocols: a conduit has at most %u that are no control protocols",
			    PROTOCOLS_MAX);
		else if (take_transport(&k->traffic[k->n], name))
			k->n++;
		else if (strchr(name, '/') == NULL && n < sizeof(name) && is_app(c, name)) {
			k->traffic[k->n] = (struct traffic){ 0 };
			(void)snprintf(k->traffic[k->n++].app, sizeof(name), "%s", name);
		} else {
			near = nearest(c, name);
			complain(c, &k->as->at, "protocols: '%s' is no protocol%s%s%s", name,
			    near != NULL ? "; did you mean '" : ": a control protocol, the name of other traffic, tcp, udp, "
			    "icmp, or tcp/443", near != NULL ? near : "", near != NULL ? "'?" : "");
		}
	}
}

static void
take_intents(struct conduit *k)
{
	const char *list = k->as->intents, *word;
	size_t n;

	k->some = list != NULL;
	k->intents = list == NULL ? INTENTS_ALL : 0;
	while ((n = str_next(&list, &word)) > 0)
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++) {
			const char *name = op_intent_name((enum op_intent)i);

			if (strlen(name) == n && memcmp(name, word, n) == 0)
				k->intents |= 1u << i;
		}
}

struct conduits *
conduits_open(const struct zones_settings *s, const struct zones *z, const struct rule_lookup *names, struct err *e)
{
	struct conduits *c;

	if (z == NULL)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (c == NULL || (c->of = calloc((size_t)s->n_conduits + 1, sizeof(*c->of))) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for conduits");
		conduits_close(c);
		return NULL;
	}
	c->zones = z;
	c->names = names;
	c->e = e;
	for (uint32_t i = 0; i < s->n_conduits; i++) {
		struct conduit *k = &c->of[c->n++];

		k->as = &s->conduits[i];
		k->traffic = calloc(PROTOCOLS_MAX, sizeof(*k->traffic));
		if (k->traffic == NULL) {
			err_add(e, NULL, 0, 0, "no memory for conduits");
			conduits_close(c);
			return NULL;
		}
		take_zones(c, k, 0, k->as->from);
		take_zones(c, k, 1, k->as->to);
		take_protocols(c, k);
		take_intents(k);
	}
	c->e = NULL;
	return c;
}

void
conduits_close(struct conduits *c)
{
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < c->n; i++)
		free(c->of[i].traffic);
	free(c->of);
	free(c);
}

size_t
conduits_memory(const struct conduits *c)
{
	return c == NULL ? 0 : sizeof(*c) + c->n * (sizeof(*c->of) + PROTOCOLS_MAX * sizeof(struct traffic));
}

/* ---- judging ------------------------------------------------------------------------------- */

static bool
leads(const struct conduit *k, unsigned end, const struct zone *z)
{
	return z == NULL ? k->outside[end] : (k->zones[end] >> z->number & 1) != 0;
}

/* "tls.google" is "tls" and "google", too. */
static bool
app_is(const char *name, const char *word)
{
	size_t n = strlen(word);

	if (name == NULL || strcmp(name, word) == 0)
		return name != NULL;
	for (const char *at = strstr(name, word); at != NULL; at = strstr(at + 1, word))
		if ((at == name || at[-1] == '.') && (at[n] == '\0' || at[n] == '.'))
			return true;
	return false;
}

static bool
carries(const struct conduit *k, const struct talk *t)
{
	if (k->any)
		return true;
	if (t->proto != OP_UNKNOWN && (k->protos & PROTO_BIT(t->proto)) != 0)
		return true;
	for (uint32_t i = 0; i < k->n; i++) {
		const struct traffic *x = &k->traffic[i];

		if (x->app[0] != '\0' ? app_is(t->app, x->app) :
		    (x->ip_proto == t->ip_proto || (x->ip_proto == IP_ICMP && t->ip_proto == IP_ICMPV6)) &&
		    (t->ip_proto == IP_TCP || t->ip_proto == IP_UDP ? t->port >= x->lo && t->port <= x->hi : true))
			return true;
	}
	return false;
}

static bool
allows(const struct conduit *k, const struct talk *t)
{
	if (!leads(k, 0, t->from) || !leads(k, 1, t->to) || !carries(k, t))
		return false;
	/* Whoever may read may connect; a conversation without any operation has done no more. */
	return t->intent == TALK_NO_INTENT ? !k->some || t->proto != OP_UNKNOWN :
	    t->intent == INTENT_SESSION || (k->intents >> t->intent & 1u) != 0;
}

bool
conduits_allow(const struct conduits *c, const struct talk *t)
{
	if (t->from == t->to)
		return true;
	for (uint32_t i = 0; i < c->n; i++)
		if (allows(&c->of[i], t))
			return true;
	return false;
}

/* ---- words ------------------------------------------------------------------------------------ */

static void
put_list(struct strbuf *to, const char *list)
{
	for (; *list != '\0'; list++)
		strbuf_printf(to, *list == ',' ? ", " : "%c", *list);
}

void
conduits_words(const struct conduits *c, const struct zone *from, const struct zone *to, struct strbuf *s)
{
	bool any = false;

	for (uint32_t i = 0; i < c->n; i++) {
		const struct conduit *k = &c->of[i];

		if (!leads(k, 0, from) || !leads(k, 1, to))
			continue;
		strbuf_put(s, any ? ", " : "");
		any = true;
		if (k->any)
			strbuf_put(s, k->some ? "control protocols" : "anything");
		else
			put_list(s, k->as->protocols);
		if (k->some) {
			strbuf_put(s, " (");
			put_list(s, k->as->intents);
			strbuf_put(s, ")");
		}
	}
}

void
talk_word(const struct talk *t, char to[TALK_WORD_MAX])
{
	struct strbuf s = strbuf_on(to, TALK_WORD_MAX);

	size_t n = t->app != NULL ? strcspn(t->app, ".") : 0;

	/* What is called like a control protocol and was not read as one is known by its port. */
	if (n > 0 && protocol_spelled(t->app, n) == NULL)
		strbuf_printf(&s, "%.*s", (int)n, t->app);
	else if (t->ip_proto == IP_TCP || t->ip_proto == IP_UDP)
		strbuf_printf(&s, "%s/%u", t->ip_proto == IP_UDP ? "udp" : "tcp", t->port);
	else if (t->ip_proto == IP_ICMP || t->ip_proto == IP_ICMPV6)
		strbuf_put(&s, "icmp");
	else
		strbuf_printf(&s, "ip/%u", t->ip_proto);
}
