#include "asset/asset.h"

#include <stdlib.h>
#include <string.h>

#include "asset/zones.h"
#include "base/hash.h"
#include "base/hmap.h"
#include "base/pool.h"

#define RANKS	4u	/* proven, and more than an address: the lowest is evicted first */
#define ALIGN	sizeof(uint64_t)

struct assets {
	struct assets_want	want;
	size_t			size[ASSET_KINDS];	/* of a row with its slots */
	struct pool		rows, units, clients;
	struct hmap		by_addr, by_unit;
	struct link		rows_by_use[RANKS];	/* longest quiet first */
	struct link		units_by_use[2], clients_by_use[2];	/* the proven ones apart */
	struct assets_count	count;
	struct asset_ends	ends;			/* of the operation that was shown last */
	struct {
		void	(*gone)(void *arg, struct asset *x, struct asset_unit *u);
		void	*arg;
	}			watchers[ASSET_WATCHERS];
	unsigned		n_watchers;
};

/* ---- memory ------------------------------------------------------------------------ */

struct assets *
assets_new(const struct assets_want *w)
{
	struct assets *a = calloc(1, sizeof(*a));

	if (a == NULL)
		return NULL;
	a->want = *w;
	a->ends.of = a;
	a->size[ASSET_DEVICE] = sizeof(struct asset);
	a->size[ASSET_UNIT] = sizeof(struct asset_unit);
	a->size[ASSET_CLIENT] = sizeof(struct asset_client);
	for (unsigned i = 0; i < RANKS; i++)
		list_init(&a->rows_by_use[i]);
	for (unsigned i = 0; i < 2; i++) {
		list_init(&a->units_by_use[i]);
		list_init(&a->clients_by_use[i]);
	}
	return a;
}

uint32_t
assets_slot(struct assets *a, enum asset_kind kind, size_t size)
{
	size_t at = (a->size[kind] + ALIGN - 1) / ALIGN * ALIGN;

	a->size[kind] = at + size;
	return (uint32_t)at;
}

void
assets_watch(struct assets *a, void (*gone)(void *arg, struct asset *x, struct asset_unit *u), void *arg)
{
	if (a->n_watchers == ASSET_WATCHERS)
		abort();	/* a fault of the program, found by its first start */
	a->watchers[a->n_watchers].gone = gone;
	a->watchers[a->n_watchers++].arg = arg;
}

static void
report_gone(struct assets *a, struct asset *x, struct asset_unit *u)
{
	for (unsigned i = 0; i < a->n_watchers; i++)
		a->watchers[i].gone(a->watchers[i].arg, x, u);
}

int
assets_open(struct assets *a)
{
	uint32_t n = (uint32_t)a->want.devices;

	return pool_open(&a->rows, n * ASSET_ROWS, a->size[ASSET_DEVICE]) == 0 &&
	    pool_open(&a->units, n, a->size[ASSET_UNIT]) == 0 &&
	    pool_open(&a->clients, n * ASSET_PAIRS, a->size[ASSET_CLIENT]) == 0 &&
	    hmap_open(&a->by_addr, n * ASSET_ROWS) == 0 && hmap_open(&a->by_unit, n) == 0 ? 0 : -1;
}

void
assets_close(struct assets *a)
{
	if (a == NULL)
		return;
	hmap_close(&a->by_unit);
	hmap_close(&a->by_addr);
	pool_close(&a->clients);
	pool_close(&a->units);
	pool_close(&a->rows);
	free(a);
}

size_t
assets_memory(const struct assets *a)
{
	return sizeof(*a) + pool_memory(&a->rows) + pool_memory(&a->units) + pool_memory(&a->clients) +
	    hmap_memory(&a->by_addr) + hmap_memory(&a->by_unit);
}

/* ---- order of use -------------------------------------------------------------------- */

static void
seen(struct assets *a, struct asset *x, uint64_t now_ns)
{
	if (now_ns - x->seen_ns < ASSET_USE_NS)
		return;
	x->first_ns = x->first_ns != 0 ? x->first_ns : now_ns;	/* the operator named it before */
	x->seen_ns = now_ns;
	list_touch(&a->rows_by_use[x->rank], &x->by_use);
}

static void
rank_up(struct assets *a, struct asset *x, unsigned rank)
{
	if (rank == x->rank)
		return;
	x->rank = (uint8_t)rank;
	list_remove(&x->by_use);
	list_append(&a->rows_by_use[rank], &x->by_use);
}

/* Something is known of it beyond its address. */
static void
known(struct assets *a, struct asset *x)
{
	rank_up(a, x, x->rank | 1u);
}

void
assets_prove(struct assets *a, struct asset *x)
{
	x->proven = true;
	rank_up(a, x, x->rank | 2u);
}

static void
takes_part(struct assets *a, struct asset *x, uint64_t since_ns)
{
	if (x->control_ns != 0)
		return;
	x->control_ns = since_ns > 0 ? since_ns : 1;
	a->count.control += x->in_flow;
	known(a, x);
}

/* ---- rows ------------------------------------------------------------------------------ */

static uint64_t
hash_addr(const struct assets *a, const struct addr *addr, uint16_t vlan)
{
	return hash_bytes(a->want.key ^ vlan, addr, sizeof(*addr));
}

static uint16_t
vlan_of(const struct assets *a, const uint16_t *vlan, unsigned n)
{
	return a->want.by_vlan && n > 0 ? vlan[n - 1] : 0;
}

static struct asset *
find(const struct assets *a, const struct addr *addr, uint16_t vlan, uint64_t hash)
{
	for (uint32_t at = hmap_first(&a->by_addr, hash); at != HMAP_END; at = hmap_next(&a->by_addr, hash, at)) {
		struct asset *x = pool_at(&a->rows, hmap_value(&a->by_addr, at));

		if (addr_same(&x->addr, addr) && x->vlan == vlan)
			return x;
	}
	return NULL;
}

static uint64_t
hash_unit(const struct assets *a, const struct asset *device, unsigned proto, uint32_t unit)
{
	const uint32_t key[] = { pool_index(&a->rows, device), proto, unit, 0 };

	return hash_bytes(a->want.key, key, sizeof(key));
}

static void
drop_unit(struct assets *a, struct asset_unit *u)
{
	report_gone(a, u->device, u);
	if (u->device->unit == u)
		u->device->unit = NULL;
	list_remove(&u->by_use);
	list_remove(&u->of);
	(void)hmap_remove(&a->by_unit, hash_unit(a, u->device, u->proto, u->unit), pool_index(&a->units, u));
	pool_put(&a->units, u);
}

static void
drop_client(struct assets *a, struct asset_client *c)
{
	if (c->server->client == c)
		c->server->client = NULL;
	list_remove(&c->by_use);
	list_remove(&c->of_server);
	list_remove(&c->of_client);
	pool_put(&a->clients, c);
}

static void
drop(struct assets *a, struct asset *x)
{
	while (!list_empty(&x->units))
		drop_unit(a, LIST_OWNER(x->units.next, struct asset_unit, of));
	while (!list_empty(&x->clients))
		drop_client(a, LIST_OWNER(x->clients.next, struct asset_client, of_server));
	while (!list_empty(&x->servers))
		drop_client(a, LIST_OWNER(x->servers.next, struct asset_client, of_client));
	report_gone(a, x, NULL);
	count(a->want.counters, (x->rank & 1u) != 0 ? CNT_DETECT_DEVICES : CNT_ASSET_ADDRESSES);
	a->count.hosts -= x->in_flow;
	a->count.control -= x->in_flow && x->control_ns != 0;
	a->count.more = true;
	list_remove(&x->by_use);
	(void)hmap_remove(&a->by_addr, hash_addr(a, &x->addr, x->vlan), pool_index(&a->rows, x));
	pool_put(&a->rows, x);
}

/* Whoever is missed least; not `keep`, which is in hand. */
static void
evict(struct assets *a, const struct asset *keep)
{
	for (unsigned r = 0; r < RANKS; r++)
		for (struct link *l = a->rows_by_use[r].next; l != &a->rows_by_use[r]; l = l->next) {
			struct asset *x = LIST_OWNER(l, struct asset, by_use);

			if (x == keep)
				continue;
			drop(a, x);
			return;
		}
}

/* `keep`, if any, stays where it is. */
static struct asset *
get(struct assets *a, const struct addr *addr, uint16_t vlan, uint64_t now_ns, const struct asset *keep)
{
	uint64_t hash = hash_addr(a, addr, vlan);
	struct asset *x = find(a, addr, vlan, hash);
	uint32_t generation;

	if (x != NULL) {
		seen(a, x, now_ns);
		return x;
	}
	if (a->rows.in_use == a->rows.n)
		evict(a, keep);
	x = pool_get(&a->rows);
	generation = x->generation + 1;
	memset(x, 0, a->size[ASSET_DEVICE]);
	x->generation = generation;
	x->addr = *addr;
	x->vlan = vlan;
	x->first_ns = x->seen_ns = now_ns;
	x->zone = zones_of(a->want.zones, addr);
	list_init(&x->units);
	list_init(&x->clients);
	list_init(&x->servers);
	list_append(&a->rows_by_use[0], &x->by_use);
	(void)hmap_put(&a->by_addr, hash, pool_index(&a->rows, x));
	return x;
}

struct asset *
assets_find(const struct assets *a, const struct addr *addr, uint16_t vlan)
{
	if (!a->want.by_vlan)
		vlan = 0;
	return find(a, addr, vlan, hash_addr(a, addr, vlan));
}

struct asset *
assets_get(struct assets *a, const struct addr *addr, uint16_t vlan, uint64_t now_ns)
{
	return get(a, addr, a->want.by_vlan ? vlan : 0, now_ns, NULL);
}

struct asset *
assets_next(const struct assets *a, const struct asset *x)
{
	const struct link *l = x != NULL ? x->by_use.next : a->rows_by_use[0].next;

	for (unsigned r = x != NULL ? x->rank : 0; ; l = a->rows_by_use[r].next) {
		if (l != &a->rows_by_use[r])
			return LIST_OWNER((struct link *)(uintptr_t)l, struct asset, by_use);
		if (++r == RANKS)
			return NULL;
	}
}

/* ---- units --------------------------------------------------------------------------------- */

static struct asset_unit *
new_unit(struct assets *a, struct asset *device, uint8_t proto, uint32_t unit, uint64_t hash, uint64_t now_ns)
{
	struct asset_unit *u = pool_get(&a->units);

	if (u == NULL) {
		drop_unit(a, LIST_OWNER(a->units_by_use[list_empty(&a->units_by_use[0])].next, struct asset_unit, by_use));
		count(a->want.counters, CNT_DETECT_DEVICES);
		u = pool_get(&a->units);
	}
	memset(u, 0, a->size[ASSET_UNIT]);
	u->device = device;
	u->proto = proto;
	u->unit = unit;
	u->seen_ns = now_ns;
	list_append(&a->units_by_use[0], &u->by_use);
	list_append(&device->units, &u->of);
	(void)hmap_put(&a->by_unit, hash, pool_index(&a->units, u));
	known(a, device);
	return u;
}

static struct asset_unit *
find_unit(const struct assets *a, const struct asset *device, unsigned proto, uint32_t unit, uint64_t hash)
{
	for (uint32_t at = hmap_first(&a->by_unit, hash); at != HMAP_END; at = hmap_next(&a->by_unit, hash, at)) {
		struct asset_unit *u = pool_at(&a->units, hmap_value(&a->by_unit, at));

		if (u->device == device && u->proto == proto && u->unit == unit)
			return u;
	}
	return NULL;
}

struct asset_unit *
assets_find_unit(const struct assets *a, const struct addr *addr, uint16_t vlan, enum op_proto proto, uint32_t unit)
{
	const struct asset *x = assets_find(a, addr, vlan);

	return x != NULL ? find_unit(a, x, proto, unit, hash_unit(a, x, proto, unit)) : NULL;
}

struct asset_unit *
assets_unit(struct assets *a, struct asset *device, enum op_proto proto, uint32_t unit, uint64_t now_ns)
{
	uint64_t hash = hash_unit(a, device, proto, unit);
	struct asset_unit *u = find_unit(a, device, proto, unit, hash);

	return u != NULL ? u : new_unit(a, device, (uint8_t)proto, unit, hash, now_ns);
}

/* ---- flows and operations --------------------------------------------------------------- */

void
assets_flow_begun(struct assets *a, struct flow *f)
{
	uint16_t vlan = vlan_of(a, f->vlan, f->n_vlan);

	for (unsigned end = 0; end < 2; end++) {
		struct asset *x = get(a, &f->addr[end], vlan, f->first_ns, NULL);

		if (!x->in_flow) {
			x->in_flow = true;
			a->count.hosts++;
			a->count.control += x->control_ns != 0;
		}
		f->asset[end] = x;
		f->asset_generation[end] = x->generation;
	}
}

/* A forged opening is answered, too; nobody answers the answer. */
static bool
shook_hands(const struct flow *f)
{
	return f->proto == IP_TCP && f->syn[0] && f->syn[1] && f->packets[0] > 1 && (f->tcp_flags[0] & TCP_RST) == 0;
}

void
assets_flow_ended(struct assets *a, struct flow *f)
{
	bool proven = (f->payload[0] > 0 && f->payload[1] > 0) || shook_hands(f);

	for (unsigned end = 0; end < 2; end++) {
		struct asset *x = asset_of(f, end);

		if (x == NULL)
			continue;
		seen(a, x, f->last_ns);
		if (proven)
			assets_prove(a, x);
		if (f->protocol != NULL)
			takes_part(a, x, f->last_ns);
	}
}

static struct asset *
end_of(struct assets *a, const struct flow *f, unsigned end, uint64_t now_ns, const struct asset *keep)
{
	struct asset *x = asset_of(f, end);

	return x != NULL ? x : get(a, &f->addr[end], vlan_of(a, f->vlan, f->n_vlan), now_ns, keep);
}

/* Of an operation that came without a flow. */
static void
ends_of(struct assets *a, const struct op_ends *ends, uint64_t now_ns, struct asset_ends *at)
{
	uint16_t vlan = vlan_of(a, ends->vlan, ends->n_vlan);

	at->client = get(a, &ends->addr[OP_CLIENT], vlan, now_ns, NULL);
	at->server = get(a, &ends->addr[OP_SERVER], vlan, now_ns, at->client);
}

void
assets_find_ends(struct asset_ends *at)
{
	const struct operation *op = at->op;
	const struct flow *f = op->flow;
	uint64_t now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	struct assets *a = at->of;
	struct asset_unit *u;

	at->op = NULL;
	if (f != NULL) {
		at->client = end_of(a, f, flow_client(f), now_ns, NULL);
		at->server = end_of(a, f, flow_server(f), now_ns, at->client);
	} else
		ends_of(a, op->ends, now_ns, at);
	u = at->server->unit;
	if (u == NULL || u->unit != op->unit || u->proto != op->proto)
		u = at->server->unit = assets_unit(a, at->server, op->proto, op->unit, now_ns);
	at->unit = u;
	if (now_ns - u->seen_ns < ASSET_USE_NS && now_ns - at->client->seen_ns < ASSET_USE_NS)
		return;
	seen(a, at->server, now_ns);
	seen(a, at->client, now_ns);
	u->seen_ns = now_ns;
	list_touch(&a->units_by_use[u->proven], &u->by_use);
}

static void
note(struct assets *a, const struct asset_ends *at, const struct operation *op)
{
	uint64_t since_ns = op->request.seen ? op->request.ts_ns : op->response.ts_ns;

	takes_part(a, at->server, since_ns);
	takes_part(a, at->client, since_ns);
	at->unit->obeyed |= op->outcome == OUTCOME_ANSWERED;
	if (!op->response.seen)
		return;
	assets_prove(a, at->server);
	assets_prove(a, at->client);
	if (at->unit->proven)
		return;
	at->unit->proven = true;
	list_remove(&at->unit->by_use);
	list_append(&a->units_by_use[1], &at->unit->by_use);
}

void
assets_operation(struct assets *a, const struct operation *op)
{
	struct asset_ends *at = &a->ends;

	if (op->flow == NULL && (op->ends == NULL || !op->ends->has_addr)) {
		*at = (struct asset_ends){ .of = a };
		return;
	}
	at->op = op;
	if (op->phase != OP_FINISHED)
		return;
	assets_find_ends(at);
	/* That the device answers is shown each time, to be noted once. */
	if (!(at->unit->proven && at->unit->obeyed && at->client->proven && at->client->control_ns != 0))
		note(a, at, op);
}

struct asset_ends *
assets_ends(struct assets *a)
{
	return &a->ends;
}

/* ---- ports ------------------------------------------------------------------------------- */

struct asset_port *
asset_port(struct asset *x, uint16_t vlan, uint16_t source)
{
	for (unsigned i = 0; i < ASSET_PORTS; i++)
		if (x->ports[i].seen_ns != 0 && x->ports[i].vlan == vlan && x->ports[i].source == source)
			return &x->ports[i];
	return NULL;
}

struct asset_port *
assets_port(struct assets *a, struct asset *x, uint16_t vlan, uint16_t source)
{
	struct asset_port *p = asset_port(x, vlan, source);

	if (p != NULL)
		return p;
	p = x->ports;
	for (unsigned i = 1; i < ASSET_PORTS; i++)
		if (x->ports[i].seen_ns < p->seen_ns)
			p = &x->ports[i];
	*p = (struct asset_port){ .vlan = vlan, .source = source };
	known(a, x);
	return p;
}

/* ---- clients -------------------------------------------------------------------------------- */

static bool
cheaper(const struct asset_client *c, const struct asset_client *than)
{
	return c->proven != than->proven ? !c->proven : c->last_ns < than->last_ns;
}

/* A device has as many clients as are remembered of it, or the table is full. */
static void
make_room(struct assets *a, const struct asset *server, uint8_t proto)
{
	struct asset_client *c, *victim = NULL;
	unsigned n = 0;

	ASSET_EACH_CLIENT(c, server)
		if (c->proto == proto) {
			n++;
			victim = victim == NULL || cheaper(c, victim) ? c : victim;
		}
	if (n < ASSET_CLIENTS) {
		if (a->clients.in_use < a->clients.n)
			return;
		victim = LIST_OWNER(a->clients_by_use[list_empty(&a->clients_by_use[0])].next, struct asset_client, by_use);
	}
	drop_client(a, victim);
	count(a->want.counters, CNT_DETECT_CLIENTS);
}

static struct asset_client *
new_client(struct assets *a, struct asset *server, struct asset *client, uint8_t proto, uint64_t now_ns)
{
	struct asset_client *c;

	make_room(a, server, proto);
	c = pool_get(&a->clients);
	memset(c, 0, a->size[ASSET_CLIENT]);
	c->server = server;
	c->client = client;
	c->proto = proto;
	c->first_ns = c->use_ns = now_ns;
	list_append(&a->clients_by_use[0], &c->by_use);
	list_append(&server->clients, &c->of_server);
	list_append(&client->servers, &c->of_client);
	known(a, server);
	known(a, client);
	return c;
}

struct asset_client *
assets_find_client(struct assets *a, struct asset *server, struct asset *client, enum op_proto proto, uint64_t now_ns)
{
	struct asset_client *c, *found = NULL;

	ASSET_EACH_CLIENT(c, server)
		if (c->client == client && c->proto == proto) {
			found = c;
			break;
		}
	if (found == NULL)
		found = new_client(a, server, client, (uint8_t)proto, now_ns);
	server->client = found;
	if (now_ns - found->use_ns >= ASSET_USE_NS) {
		found->use_ns = now_ns;
		list_touch(&a->clients_by_use[found->proven], &found->by_use);
	}
	return found;
}

void
assets_prove_client(struct assets *a, struct asset_client *c)
{
	if (c->proven)
		return;
	c->proven = true;
	list_remove(&c->by_use);
	list_append(&a->clients_by_use[1], &c->by_use);
}

struct assets_count
assets_count(const struct assets *a)
{
	return a->count;
}
