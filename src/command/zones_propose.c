#include "command/zones.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define LIST_MAX	3900u	/* of a list in the configuration there are 4,096 bytes */
#define PORTS_MAX	12u	/* different ones between two zones; of more it is the transport */
#define ROLES_MAX	6u

struct host {
	struct addr	 addr;
	bool		 inside;
	int		 level;
	const char	*role;		/* NULL: not known */
	int		 zone;		/* -1: outside */
};

struct zone_made {
	struct addr	net;
	unsigned	bits;
	int		level;
	uint32_t	n_hosts;
	char		name[48];
};

struct proposal {
	const struct seen	*seen;
	struct host		*hosts;		/* owned; sorted by address */
	uint32_t		 n_hosts;
	struct zone_made	 zones[ZONES_MAX];
	unsigned		 n_zones;
};

/* ---- who there is -------------------------------------------------------------------------- */

static int
by_address(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

static struct host *
host_of(const struct proposal *p, const struct addr *a)
{
	return bsearch(a, p->hosts, p->n_hosts, sizeof(*p->hosts), by_address);
}

/* Old plants have public addresses of their own: what shares 16 (or 48) bits is one network. */
static bool
is_near(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, addr_is_v4(a) ? 14 : 6) == 0;
}

static bool
gather(struct proposal *p, const struct zones_known *known)
{
	uint32_t n = seen_count(p->seen), kept = 0;

	p->hosts = calloc((size_t)n * 2 + 1, sizeof(*p->hosts));
	if (p->hosts == NULL)
		return false;
	for (uint32_t i = 0; i < n; i++) {
		p->hosts[p->n_hosts++].addr = seen_at(p->seen, i)->client;
		p->hosts[p->n_hosts++].addr = seen_at(p->seen, i)->server;
	}
	qsort(p->hosts, p->n_hosts, sizeof(*p->hosts), by_address);
	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (kept == 0 || !addr_same(&p->hosts[kept - 1].addr, &p->hosts[i].addr))
			p->hosts[kept++] = p->hosts[i];
	p->n_hosts = kept;
	for (uint32_t i = 0; i < kept; i++) {
		struct host *h = &p->hosts[i];

		h->inside = addr_is_private(&h->addr) || (!addr_is_public(&h->addr) && !addr_is_local(&h->addr));
		h->level = known != NULL ? known->level(known->arg, &h->addr, &h->role) : ZONE_NO_LEVEL;
		h->zone = -1;
	}
	for (uint32_t i = 0; i < n; i++) {
		const struct seen_row *r = seen_at(p->seen, i);
		struct host *client = host_of(p, &r->client), *server = host_of(p, &r->server);

		if (r->proto == OP_UNKNOWN)
			continue;
		client->inside |= is_near(&r->client, &r->server);
		server->inside |= is_near(&r->client, &r->server);
		/* Nothing better is known: who is asked controls, who asks supervises. */
		if (server->level == ZONE_NO_LEVEL)
			server->level = 1;
		if (client->level == ZONE_NO_LEVEL)
			client->level = 2;
	}
	return true;
}

/* ---- zones ----------------------------------------------------------------------------------- */

/* A zone for each network of this length.  False: there are too many. */
static bool
divide(struct proposal *p, unsigned v4, unsigned v6)
{
	p->n_zones = 0;
	for (uint32_t i = 0; i < p->n_hosts; i++) {
		struct host *h = &p->hosts[i];
		unsigned bits = addr_is_v4(&h->addr) ? 96 + v4 : v6;
		struct addr net = addr_prefix(&h->addr, bits);
		struct zone_made *z = p->n_zones > 0 ? &p->zones[p->n_zones - 1] : NULL;

		if (!h->inside)
			continue;
		/* Sorted by address: those of one network stand together. */
		if (z == NULL || z->bits != bits || !addr_same(&z->net, &net)) {
			if (p->n_zones == ZONES_MAX)
				return false;
			z = &p->zones[p->n_zones++];
			*z = (struct zone_made){ .net = net, .bits = bits };
		}
		h->zone = (int)p->n_zones - 1;
		z->n_hosts++;
	}
	return true;
}

/* The level that most of its devices have; of equals the lower one, which is worth more. */
static int
level_of(const struct proposal *p, int zone)
{
	uint32_t n[6] = { 0 };
	int best = ZONE_NO_LEVEL;

	for (uint32_t i = 0; i < p->n_hosts; i++)
		if (p->hosts[i].zone == zone && p->hosts[i].level >= 0 && p->hosts[i].level < 6)
			n[p->hosts[i].level]++;
	for (int l = 0; l < 6; l++)
		if (n[l] > 0 && (best == ZONE_NO_LEVEL || n[l] > n[best]))
			best = l;
	return best;
}

static void
name_zones(struct proposal *p)
{
	static const char *const words[] = { "process", "control", "supervision", "operations", "office", "office" };

	for (unsigned i = 0; i < p->n_zones; i++) {
		unsigned same = 0, number = 0;

		p->zones[i].level = level_of(p, (int)i);
		(void)snprintf(p->zones[i].name, sizeof(p->zones[i].name), "%s",
		    p->zones[i].level >= 0 ? words[p->zones[i].level] : "other");
		for (unsigned k = 0; k < i; k++)
			same += strncmp(p->zones[k].name, p->zones[i].name, strlen(p->zones[i].name)) == 0;
		number = same + 1;
		if (same > 0)
			(void)snprintf(p->zones[i].name + strlen(p->zones[i].name), 12, "-%u", number);
	}
}

/* "6 addresses: controller (3), hmi (1), not known (2)" */
static void
print_hosts(const struct proposal *p, unsigned zone, FILE *to)
{
	struct { const char *role; uint32_t n; } roles[ROLES_MAX] = { { NULL, 0 } };
	uint32_t rest = 0;
	unsigned n = 0, i;

	for (uint32_t k = 0; k < p->n_hosts; k++) {
		const struct host *h = &p->hosts[k];

		if (h->zone != (int)zone)
			continue;
		for (i = 0; i < n && (h->role == NULL || strcmp(roles[i].role, h->role) != 0); i++)
			;
		if (h->role == NULL || (i == n && n == ROLES_MAX)) {
			rest++;
			continue;
		}
		n += i == n;
		roles[i].role = h->role;
		roles[i].n++;
	}
	fprintf(to, "  # %" PRIu32 " address%s", p->zones[zone].n_hosts, p->zones[zone].n_hosts == 1 ? "" : "es");
	for (i = 0; i < n; i++)
		fprintf(to, "%s%s (%" PRIu32 ")", i == 0 ? ": " : ", ", roles[i].role, roles[i].n);
	if (n > 0 && rest > 0)
		fprintf(to, ", not known (%" PRIu32 ")", rest);
	fputc('\n', to);
}

static void
print_zones(const struct proposal *p, FILE *to)
{
	char text[ADDR_TEXT_MAX];

	fputs("zones:\n", to);
	for (unsigned i = 0; i < p->n_zones; i++) {
		const struct zone_made *z = &p->zones[i];

		print_hosts(p, i, to);
		(void)addr_print(&z->net, text);
		fprintf(to, "  - name: %s\n    subnets: [ \"%s/%u\" ]\n", z->name, text,
		    addr_is_v4(&z->net) ? z->bits - 96 : z->bits);
		if (z->level != ZONE_NO_LEVEL)
			fprintf(to, "    level: %d\n", z->level);
	}
}

/* ---- conduits ----------------------------------------------------------------------------------- */

/* What goes from one zone to another. */
struct between {
	uint32_t	 intents[OP_PROTO_COUNT];
	bool		 proto[OP_PROTO_COUNT];
	char		 words[LIST_MAX];	/* of other traffic: "tls", "tcp/443" */
	uint32_t	 ports[2];		/* of TCP and UDP among them */
	uint32_t	 pairs;
};

static bool
has_word(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = strstr(list, word); at != NULL; at = strstr(at + 1, word))
		if ((at == list || at[-1] == ' ') && (at[n] == ',' || at[n] == '\0'))
			return true;
	return false;
}

static void
add_word(struct between *b, const char *word)
{
	size_t n = strlen(b->words);

	if (!has_word(b->words, word) && n + strlen(word) + 3 < sizeof(b->words))
		(void)snprintf(b->words + n, sizeof(b->words) - n, "%s%s", n > 0 ? ", " : "", word);
}

static bool
goes(const struct proposal *p, const struct seen_row *r, int from, int to)
{
	return host_of(p, &r->client)->zone == from && host_of(p, &r->server)->zone == to;
}

static void
collect(const struct proposal *p, int from, int to, struct between *b)
{
	static const char *const transports[2] = { "tcp/", "udp/" };
	char ports[LIST_MAX];

	memset(b, 0, sizeof(*b));
	/* How many ports, first: of many the transport stands for all. */
	for (unsigned pass = 0; pass < 2; pass++) {
		ports[0] = '\0';
		for (uint32_t i = 0; i < seen_count(p->seen); i++) {
			const struct seen_row *r = seen_at(p->seen, i);
			unsigned t = strncmp(r->word, transports[1], 4) == 0;

			if (!goes(p, r, from, to))
				continue;
			b->pairs += pass;
			if (r->proto != OP_UNKNOWN) {
				b->proto[r->proto] = true;
				b->intents[r->proto] |= r->intents;
			} else if (strncmp(r->word, transports[t], 4) != 0)
				add_word(b, r->word);
			else if (pass == 1)
				add_word(b, b->ports[t] > PORTS_MAX ? t == 0 ? "tcp" : "udp" : r->word);
			else if (!has_word(ports, r->word)) {
				size_t n = strlen(ports);

				b->ports[t]++;
				if (n + strlen(r->word) + 3 < sizeof(ports))
					(void)snprintf(ports + n, sizeof(ports) - n, "%s%s", n > 0 ? ", " : "", r->word);
			}
		}
	}
}

static const char *
zone_name(const struct proposal *p, int zone)
{
	return zone < 0 ? ZONE_OUTSIDE : p->zones[zone].name;
}

static void
print_head(const struct proposal *p, int from, int to, FILE *f)
{
	fprintf(f, "  - from: [ %s ]\n    to: [ %s ]\n    protocols: [ ", zone_name(p, from), zone_name(p, to));
}

/* One conduit for all protocols with the same intents, one for all other traffic. */
static unsigned
print_between(const struct proposal *p, int from, int to, const struct between *b, FILE *f)
{
	bool done[OP_PROTO_COUNT] = { false };
	unsigned made = 0;

	for (unsigned i = OP_UNKNOWN + 1; i < OP_PROTO_COUNT; i++) {
		bool any = false;

		if (!b->proto[i] || done[i])
			continue;
		print_head(p, from, to, f);
		for (unsigned k = i; k < OP_PROTO_COUNT; k++) {
			if (!b->proto[k] || b->intents[k] != b->intents[i])
				continue;
			fprintf(f, "%s%s", k == i ? "" : ", ", protocols[k]->name);
			done[k] = true;
		}
		fputs(" ]\n    intents: [ ", f);
		for (unsigned n = 0; n < OP_INTENT_COUNT; n++)
			if ((b->intents[i] >> n & 1u) != 0 && n != INTENT_SESSION) {
				fprintf(f, "%s%s", any ? ", " : "", op_intent_name((enum op_intent)n));
				any = true;
			}
		fprintf(f, "%s ]\n", any ? "" : op_intent_name(INTENT_SESSION));
		made++;
	}
	if (b->words[0] != '\0') {
		print_head(p, from, to, f);
		fprintf(f, "%s ]\n", b->words);
		made++;
	}
	return made;
}

static unsigned
print_conduits(const struct proposal *p, struct between *b, FILE *to)
{
	unsigned made = 0;

	fputs("\nconduits:\n", to);
	for (int from = -1; from < (int)p->n_zones; from++)
		for (int at = -1; at < (int)p->n_zones; at++) {
			if (from == at)
				continue;
			collect(p, from, at, b);
			if (b->pairs > 0)
				made += print_between(p, from, at, b, to);
		}
	if (made == 0)
		fputs("  []  # nothing went from one to another\n", to);
	return made;
}

bool
zones_propose(const struct seen *s, const struct zones_known *known, FILE *to, struct err *e)
{
	static const struct { unsigned v4, v6; } lengths[] = { { 24, 64 }, { 16, 56 }, { 8, 48 }, { 0, 0 } };
	struct proposal *p = calloc(1, sizeof(*p));
	struct between *b = malloc(sizeof(*b));
	bool good = false;
	unsigned made;

	if (p == NULL || b == NULL || (p->seen = s, !gather(p, known))) {
		err_add(e, NULL, 0, 0, "not enough memory");
		goto out;
	}
	for (size_t i = 0; i < COUNTOF(lengths) && !good; i++)
		good = divide(p, lengths[i].v4, lengths[i].v6);
	if (p->n_zones == 0) {
		err_add(e, NULL, 0, 0, "no traffic between addresses of a plant was seen: there is nothing to make zones of");
		good = false;
		goto out;
	}
	name_zones(p);
	fputs("# What was seen, as zones and conduits.  It allows all of it, attacks among it:\n"
	    "# look at each conduit, and take out what should not be.  -c FILE loads it.\n", to);
	if (s->lost > 0)
		fprintf(to, "# Incomplete: %" PRIu64 " more pairs of addresses did not fit.\n", s->lost);
	print_zones(p, to);
	made = print_conduits(p, b, to);
	if (made > CONDUITS_MAX)
		err_add(e, NULL, 0, 0, "%u conduits were printed, and a configuration has at most %u: put zones together",
		    made, CONDUITS_MAX);
	good = made <= CONDUITS_MAX;
out:
	if (p != NULL)
		free(p->hosts);
	free(p);
	free(b);
	return good;
}
