#include "stream/internal.h"

#include <string.h>

#include "base/cursor.h"
#include "base/hash.h"

/* Both directions of a conversation have one key.  VLAN identifiers are not
 * part of it, as the two directions of a routed conversation have different ones:
 * pick() looks at them.  Neither is the interface: taps give each direction an
 * interface of its own. */
struct key {
	struct addr	lo, hi;
	uint16_t	lo_port, hi_port;
	uint32_t	proto;
};

/* Identifiers must not depend on the secret key of the table. */
#define ID_KEY 0x7468726d77656c6cu
#define ID_BITS 53	/* JSON readers keep integers in a double */

static void
key_of(struct key *k, const struct packet *p, bool *swapped)
{
	uint16_t sport = p->sport, dport = p->dport;
	uint8_t answer;
	int order;

	if (p->proto == IP_ICMP || p->proto == IP_ICMPV6) {
		/* A question and its answer share a key; anything else has its type and code. */
		sport = p->icmp_type;
		if (icmp_answer(p->ip_v, p->icmp_type, &answer))
			sport = dport = (uint16_t)(answer < sport ? answer : sport);
		else
			sport = dport = (uint16_t)(0x8000u | (unsigned)p->icmp_type << 8 | p->icmp_code);
	}
	order = memcmp(p->src.b, p->dst.b, sizeof(p->src.b));
	*swapped = order > 0 || (order == 0 && sport > dport);
	k->lo = *swapped ? p->dst : p->src;
	k->hi = *swapped ? p->src : p->dst;
	k->lo_port = *swapped ? dport : sport;
	k->hi_port = *swapped ? sport : dport;
	k->proto = p->proto;
}

static void
list_cut(struct stream *st, struct list *l, uint32_t i, size_t at)
{
#define LINK(j) ((struct link *)(void *)((uint8_t *)slot_at(st, j) + at))
	struct link *k = LINK(i);

	if (k->prev != POOL_NONE)
		LINK(k->prev)->next = k->next;
	else
		l->first = k->next;
	if (k->next != POOL_NONE)
		LINK(k->next)->prev = k->prev;
	else
		l->last = k->prev;
}

static void
list_add(struct stream *st, struct list *l, uint32_t i, size_t at)
{
	struct link *k = LINK(i);

	k->prev = l->last;
	k->next = POOL_NONE;
	if (l->last != POOL_NONE)
		LINK(l->last)->next = i;
	else
		l->first = i;
	l->last = i;
#undef LINK
}

static inline uint64_t
vlans_of(const struct packet *p)
{
	return p->n_vlan == 0 ? 0 : (uint64_t)p->n_vlan << 48 | (uint64_t)p->vlan[0] << 32 |
	    (uint64_t)(p->n_vlan > 1 ? p->vlan[1] : 0) << 16 | (p->n_vlan > 2 ? p->vlan[2] : 0u);
}

static enum lru_class
class_of(const struct slot *s)
{
	const struct flow *f = &s->f;
	bool two = flow_two_sided(f);

	if (f->proto == IP_TCP) {
		if (f->state == FLOW_CLOSED)
			return LRU_TCP_CLOSED;
		if (f->state == FLOW_NEW)
			return LRU_TCP_NEW;
		return flow_is_ot(f) ? (two ? LRU_TCP_OT : LRU_TCP_OT_ONE) : two ? LRU_TCP : LRU_TCP_ONE;
	}
	if (f->proto == IP_UDP)
		return flow_is_ot(f) ? (two ? LRU_UDP_OT : LRU_UDP_OT_ONE) : two ? LRU_UDP : LRU_UDP_NEW;
	return LRU_OTHER;
}

/* To the end of its class. */
static void
lru_add(struct stream *st, struct slot *s, uint32_t i)
{
	uint64_t end_ns;

	s->class = (uint8_t)class_of(s);
	s->lru_ns = s->f.last_ns;
	list_add(st, &st->lru[s->class], i, offsetof(struct slot, lru));
	end_ns = s->lru_ns + st->timeout_ns[s->class];
	if (end_ns < st->expire_ns)
		st->expire_ns = end_ns;
}

void
table_class(struct stream *st, struct slot *s)
{
	uint32_t i = pool_index(&st->flows, s);

	list_cut(st, &st->lru[s->class], i, offsetof(struct slot, lru));
	lru_add(st, s, i);
}

void
table_heard(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	s->vlans[dir] = vlans_of(p);
	s->crossed = s->vlans[dir ^ 1] != VLANS_UNHEARD && s->vlans[dir ^ 1] != s->vlans[dir];
	if (s->crossed)
		count(st->c, CNT_FLOW_CROSSED);
	table_class(st, s);
}

void
table_wait(struct stream *st, struct slot *s)
{
	if (s->waiting)
		return;
	s->waiting = true;
	s->wait_ns = st->now_ns;
	list_add(st, &st->wait, pool_index(&st->flows, s), offsetof(struct slot, wait));
}

void
table_unwait(struct stream *st, struct slot *s)
{
	if (!s->waiting)
		return;
	s->waiting = false;
	list_cut(st, &st->wait, pool_index(&st->flows, s), offsetof(struct slot, wait));
}

/* ---- VLANs ---- */

static bool near(uint32_t a, uint32_t b) { return a - b + JOIN_SEQ <= 2 * JOIN_SEQ; }

/* Two VLANs with the same addresses and ports are two conversations.  But a mirror of
 * routed ports shows each direction of one in a VLAN of its own: a flow of which only
 * one direction was heard may have its reverse in another VLAN, if the numbers agree. */
static bool
may_cross(const struct slot *s, unsigned dir, const struct packet *p)
{
	const struct side *own = &s->side[dir], *peer = &s->side[dir ^ 1];

	if (p->proto != IP_TCP)
		return true;
	return ((p->tcp_flags & TCP_ACK) != 0 && (peer->flags & SIDE_INIT) != 0 && near(p->ack, peer->next_seq)) ||
	    ((own->flags & SIDE_TOP) != 0 && near(p->seq, own->top));
}

static bool
is_icmp(const struct packet *p)
{
	return p->proto == IP_ICMP || p->proto == IP_ICMPV6;
}

/* An end of an IPv4 flow with ports as one number. */
static uint64_t
end_of(const struct addr *a, uint16_t port)
{
	return (uint64_t)be32_of(a->b + 12) << 16 | port;
}

/* The same for both directions: of two ends, the greater number comes second. */
static uint64_t
hash_ends(const struct stream *st, uint64_t a, uint64_t b, uint8_t proto)
{
	uint64_t lo = a < b ? a : b, hi = a < b ? b : a;

	return hash_mix(hash_mix(lo ^ st->key ^ 0xa0761d6478bd642fu,
	    ((uint64_t)proto << 48 | hi) ^ 0xe7037ed1a0b428dbu) ^ st->key, 0x8ebc6af09c88c6e3u);
}

/* Which end of `s` sent this packet?  -1: it is not of this conversation. */
static int
end_in(const struct slot *s, const struct packet *p)
{
	const struct flow *f = &s->f;
	unsigned d = !addr_same(&f->addr[0], &p->src);

	if (f->proto != p->proto)
		return -1;
	if (is_icmp(p)) {
		if (!(p->icmp_type == s->icmp[0] || p->icmp_type == s->icmp[1]))
			return -1;
	} else {
		/* Both ends may have one address. */
		if (d == 0 && f->port[0] != p->sport)
			d = 1;
		if (f->port[d] != p->sport || f->port[d ^ 1] != p->dport)
			return -1;
	}
	return addr_same(&f->addr[d], &p->src) && addr_same(&f->addr[d ^ 1], &p->dst) ? (int)d : -1;
}

/* By the whole key, and in any VLAN: of several flows between these ends that which
 * the sender was heard in, then the reverse in the same VLAN, then one that has both
 * VLANs, then one whose reverse may be in another. */
static __attribute__((noinline)) struct slot *
find_any(struct stream *st, const struct packet *p, uint64_t hash, unsigned *dir)
{
	uint64_t vlans = vlans_of(p);
	struct slot *best = NULL;
	unsigned rank = 0;

	for (uint32_t at = hmap_first(&st->map, hash); at != HMAP_END; at = hmap_next(&st->map, hash, at)) {
		struct slot *s = slot_at(st, hmap_value(&st->map, at));
		int d = s->hash == hash ? end_in(s, p) : -1;
		uint64_t own, reverse;
		unsigned r;

		if (d < 0)
			continue;
		own = s->vlans[d];
		reverse = s->vlans[d ^ 1];
		r = own == vlans ? 4 : own == VLANS_UNHEARD ? (reverse == vlans ? 3 :
		    may_cross(s, (unsigned)d, p) ? 1 : 0) : s->crossed && reverse == vlans ? 2 : 0;
		if (r > rank) {
			rank = r;
			best = s;
			*dir = (unsigned)d;
		}
	}
	return best;
}

static __attribute__((noinline)) struct slot *
find_by_key(struct stream *st, const struct packet *p, uint64_t *hash, unsigned *dir)
{
	struct key k;
	bool swapped;

	key_of(&k, p, &swapped);
	*hash = hash_bytes(st->key, &k, sizeof(k));
	return find_any(st, p, *hash, dir);
}

/* Which end of an IPv4 flow with ports is `src`, if the other is `dst`?  2: neither. */
static inline unsigned
end_by(const struct slot *s, uint64_t src, uint64_t dst, uint8_t proto)
{
	if (s->f.proto != proto)
		return 2;
	return s->end[0] == src && s->end[1] == dst ? 0 : s->end[0] == dst && s->end[1] == src ? 1 : 2;
}

struct slot *
table_find(struct stream *st, const struct packet *p, uint64_t *hash, unsigned *dir)
{
	uint64_t src, dst, h, vlans = vlans_of(p);
	bool other = false;

	if (p->ip_v != 4 || is_icmp(p))
		return find_by_key(st, p, hash, dir);
	src = end_of(&p->src, p->sport);
	dst = end_of(&p->dst, p->dport);
	/* An answer comes soon after its question. */
	if (st->last != NULL) {
		unsigned d = end_by(st->last, src, dst, p->proto);

		if (d < 2 && st->last->vlans[d] == vlans) {
			*hash = st->last->hash;
			*dir = d;
			return st->last;
		}
	}
	*hash = h = hash_ends(st, src, dst, p->proto);
	for (uint32_t at = hmap_first(&st->map, h); at != HMAP_END; at = hmap_next(&st->map, h, at)) {
		struct slot *s = slot_at(st, hmap_value(&st->map, at));
		unsigned d = end_by(s, src, dst, p->proto);

		if (d > 1)
			continue;
		*dir = d;
		if (s->vlans[d] == vlans) {
			st->last = s;
			return s;
		}
		other = true;
	}
	return other ? find_any(st, p, h, dir) : NULL;
}

/* Ports that only plants use: those of our dissectors and of protocols that nobody reads yet. */
static bool
plant_port(uint16_t port)
{
	static const uint16_t others[] = { 802, 1089, 1090, 1091, 1911, 2222, 4840, 4911, 5094, 9600,
	    18245, 19999, 34962, 34963, 34964, 44818, 47808, 0 };

	return protocol_has_port(others, port) || protocol_at_port(port) != NULL;
}

bool
table_plant_port(const struct flow *f)
{
	return plant_port(f->port[0]) || plant_port(f->port[1]);
}

/* Who answers, judged by the ports alone: a known service, else the clearly
 * lower number.  -1: cannot tell. */
static int
server_by_port(const struct packet *p)
{
	bool s = plant_port(p->sport), d = plant_port(p->dport);

	if (s != d)
		return d;
	if (p->sport == p->dport || (p->sport >= 32768 && p->dport >= 32768))
		return -1;
	return p->dport < p->sport;
}

/* Make space: closed flows first, then those that nobody has answered, then those that
 * no dissector talks to; of equals the longest quiet one.  Whoever forges packets
 * makes flows of one end only, and pushes out only what he forged before. */
static void
evict(struct stream *st)
{
	static const uint8_t rank[][6] = {
		{ LRU_TCP_CLOSED, LRU_COUNT },
		{ LRU_TCP_NEW, LRU_TCP_ONE, LRU_UDP_NEW, LRU_OTHER, LRU_COUNT },
		{ LRU_TCP_OT_ONE, LRU_UDP_OT_ONE, LRU_COUNT },
		{ LRU_TCP, LRU_UDP, LRU_COUNT },
		{ LRU_TCP_OT, LRU_UDP_OT, LRU_COUNT },
	};
	struct slot *victim = NULL;

	for (size_t r = 0; r < sizeof(rank) / sizeof(rank[0]) && victim == NULL; r++) {
		for (size_t i = 0; rank[r][i] != LRU_COUNT; i++) {
			uint32_t first = st->lru[rank[r][i]].first;

			if (first == POOL_NONE)
				continue;
			if (victim == NULL || slot_at(st, first)->lru_ns < victim->lru_ns)
				victim = slot_at(st, first);
		}
	}
	if (victim != NULL) {
		count(st->c, CNT_FLOW_EVICTED);
		table_end(st, victim, FLOW_END_EVICTED);
	}
}

struct slot *
table_add(struct stream *st, const struct packet *p, uint64_t hash, unsigned dir)
{
	struct slot *s = pool_get(&st->flows);
	struct { struct key k; uint64_t first_ns; } id;
	struct flow *f;
	bool swapped;
	uint32_t i;
	int server;

	if (s == NULL) {
		evict(st);
		s = pool_get(&st->flows);
		if (s == NULL)
			return NULL;
	}
	memset(s, 0, sizeof(*s) + st->sink.slots);
	s->f.slots = (unsigned char *)(s + 1);
	i = pool_index(&st->flows, s);
	if (!hmap_put(&st->map, hash, i)) {
		pool_put(&st->flows, s);
		return NULL;
	}
	f = &s->f;
	s->hash = hash;
	memset(&id, 0, sizeof(id));
	key_of(&id.k, p, &swapped);
	id.first_ns = p->ts_ns;
	f->id = hash_bytes(ID_KEY ^ vlans_of(p), &id, sizeof(id)) >> (64 - ID_BITS);
	if (f->id == 0)
		f->id = 1;
	f->addr[dir] = p->src;
	f->addr[dir ^ 1] = p->dst;
	f->port[dir] = p->sport;
	f->port[dir ^ 1] = p->dport;
	f->proto = p->proto;
	f->ip_v = p->ip_v;
	f->source = p->source;
	f->first_ns = f->last_ns = p->ts_ns;
	f->first_frame = p->frame;
	f->n_vlan = p->n_vlan < FLOW_VLANS ? p->n_vlan : FLOW_VLANS;
	memcpy(f->vlan, p->vlan, f->n_vlan * sizeof(f->vlan[0]));
	for (unsigned d = 0; d < 2; d++)
		s->side[d].head = s->side[d].ring = s->side[d].old_head = s->side[d].old_tail = POOL_NONE;
	s->end[dir] = p->ip_v == 4 && !is_icmp(p) ? end_of(&p->src, p->sport) : UINT64_MAX;
	s->end[dir ^ 1] = p->ip_v == 4 && !is_icmp(p) ? end_of(&p->dst, p->dport) : UINT64_MAX;
	s->vlans[0] = s->vlans[1] = VLANS_UNHEARD;
	s->name = POOL_NONE;
	switch (p->proto) {
	case IP_TCP:
		count(st->c, CNT_FLOW_TCP);
		count(st->c, CNT_TCP_SESSIONS);
		break;
	case IP_UDP:
		count(st->c, CNT_FLOW_UDP);
		break;
	case IP_ICMP:
	case IP_ICMPV6:
		count(st->c, p->proto == IP_ICMP ? CNT_FLOW_ICMP4 : CNT_FLOW_ICMP6);
		f->port[0] = p->icmp_type;
		f->port[1] = p->icmp_code;
		s->icmp[0] = s->icmp[1] = p->icmp_type;
		(void)icmp_answer(p->ip_v, p->icmp_type, &s->icmp[1]);
		break;
	default:
		break;
	}
	if ((p->proto == IP_TCP || p->proto == IP_UDP || p->proto == IP_SCTP) &&
	    (server = server_by_port(p)) >= 0)
		flow_set_client(f, (unsigned)server ^ 1u ^ dir, ROLE_PORT);
	lru_add(st, s, i);
	list_add(st, &st->born, i, offsetof(struct slot, born));
	s->f.app_maybe = true;
	count(st->c, CNT_FLOW_TOTAL);
	st->c->v[CNT_FLOW_ACTIVE] = st->flows.in_use;
	if (st->sink.begun != NULL)
		st->sink.begun(st->sink.arg, f);
	return s;
}

void
table_end(struct stream *st, struct slot *s, enum flow_end_reason why)
{
	uint32_t i = pool_index(&st->flows, s);

	if (s->f.proto == IP_TCP)
		reasm_flush(st, s);
	if (s->f.state == FLOW_CLOSED && why != FLOW_END_EVICTED)
		why = FLOW_END_CLOSED;
	namer_forget(st, s);
	st->sink.closed(st->sink.arg, &s->f, why, st->now_ns);
	table_unwait(st, s);
	reasm_free(st, s);
	list_cut(st, &st->lru[s->class], i, offsetof(struct slot, lru));
	list_cut(st, &st->born, i, offsetof(struct slot, born));
	(void)hmap_remove(&st->map, s->hash, i);
	if (st->last == s)
		st->last = NULL;
	pool_put(&st->flows, s);
	st->c->v[CNT_FLOW_ACTIVE] = st->flows.in_use;
}

void
table_expire(struct stream *st)
{
	/* Nothing of any class is old enough, and the clock was not set back. */
	if (st->now_ns < st->expire_ns && st->now_ns >= st->expired_ns)
		return;
	st->expired_ns = st->now_ns;
	st->expire_ns = UINT64_MAX;
	for (unsigned c = 0; c < LRU_COUNT; c++) {
		uint32_t i;

		while ((i = st->lru[c].first) != POOL_NONE) {
			struct slot *s = slot_at(st, i);

			if (s->lru_ns > st->now_ns) {
				/* Heard of before the clock was set back. */
				s->f.last_ns = st->now_ns;
				table_class(st, s);
				continue;
			}
			if (st->now_ns - s->lru_ns < st->timeout_ns[c]) {
				if (s->lru_ns + st->timeout_ns[c] < st->expire_ns)
					st->expire_ns = s->lru_ns + st->timeout_ns[c];
				break;
			}
			if (table_stale(st, s, st->now_ns))
				table_end(st, s, FLOW_END_TIMEOUT);
			else
				table_class(st, s);	/* heard of since its last move */
		}
	}
}
