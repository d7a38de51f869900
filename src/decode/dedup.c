#include "decode/dedup.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

#define WAYS		4u	/* entries a bucket: one cache line */
#define LINE		64u
#define PRP_FACTOR	10u	/* PRP: window x 10 */
#define SAME_DIVISOR	4u	/* indistinguishable frames: window / 4 */
#define SINGLE_PROOF	1024u	/* packets that came once: this mirror makes no copies */
#define CUT_BYTES	20u	/* of a frame cut by the snap length; holds the TCP checksum */

/* when: capture time in us << 16 | PRP LAN << 14 | 14 bits of the look. */
#define LAN_SHIFT	14u
#define LOOK_MASK	0x3fffu
#define TIME_SHIFT	16u
#define TIME_MASK	((UINT64_C(1) << 48) - 1)

struct dedup_entry {
	uint64_t	print;
	uint64_t	when;	/* 0: empty */
};

struct dedup_bucket {
	struct dedup_entry	e[WAYS];	/* the latest first */
};

/* What copies share below the payload, for IPv6; no padding, it is hashed as
 * bytes. */
struct dedup_head6 {
	struct addr	src, dst;
	uint32_t	frag;
	uint32_t	wire;
	uint8_t		proto;
	uint8_t		tos;
	uint8_t		six;	/* tells it from IPv4 */
	uint8_t		zero[5];
};

_Static_assert(sizeof(struct dedup_head6) == 48, "hashed as bytes: no padding");
_Static_assert(sizeof(struct dedup_bucket) == LINE, "one cache line a bucket");
_Static_assert(WAYS == 4, "the search is written out");

int
dedup_open(struct dedup *t, uint64_t slots, uint64_t window_us)
{
	uint64_t n = 1;
	uintptr_t at;

	*t = (struct dedup){ .window_us = window_us, .key = hash_key() };
	while (n * WAYS < slots && n < (UINT64_C(1) << 24))
		n *= 2;
	t->block = calloc((size_t)n + 1, sizeof(struct dedup_bucket));
	if (t->block == NULL)
		return -1;
	at = ((uintptr_t)t->block + LINE - 1) & ~(uintptr_t)(LINE - 1);
	t->buckets = (struct dedup_bucket *)at;
	t->mask = n - 1;
	return 0;
}

void
dedup_close(struct dedup *t)
{
	free(t->block);
	t->block = NULL;
	t->buckets = NULL;
}

size_t
dedup_memory(const struct dedup *t)
{
	return t->buckets != NULL ? (size_t)(t->mask + 2) * sizeof(struct dedup_bucket) : 0;
}

/* PRP LAN: 1 is A, 2 is B; or 0. */
static unsigned
lan_of(const struct packet *p)
{
	_Static_assert(PKT_PRP_B == PKT_PRP_A << 1, "two bits of one number");
	return p->flags / PKT_PRP_A & 3u;
}

/* A few bits of all that a switch or router changes on the way.  Only for packets
 * without an identification of their own. */
static __attribute__((noinline)) unsigned
look(const struct dedup *t, const struct packet *p)
{
	uint8_t b[12 + 2 * PACKET_VLANS + 4] = { 0 };

	if (p->mac_dst != NULL)
		memcpy(b, p->mac_dst, 6);
	if (p->mac_src != NULL)
		memcpy(b + 6, p->mac_src, 6);
	memcpy(b + 12, p->vlan, 2 * (size_t)p->n_vlan);
	b[18] = p->ttl;
	b[19] = p->n_vlan;
	memcpy(b + 20, &p->source, 2);
	return (unsigned)hash_bytes(t->key, b, sizeof(b)) & LOOK_MASK;
}

/* hash_bytes() without its last steps, which spread the bits for a table: prints are
 * only compared.  Two rows of products, because one would wait for each before the next.
 * At least 16 bytes; the last 16 are taken whole, some twice. */
static uint64_t
print_bytes(uint64_t h, uint64_t key, const uint8_t *p, uint32_t n)
{
	const uint8_t *last = p + n - 16;
	uint64_t a, b, c, d, k = key ^ 0xe7037ed1a0b428dbu, g = h ^ 0xa0761d6478bd642fu;

	h ^= n * 0x9e3779b97f4a7c15u;
	for (; last - p > 16; p += 32) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		memcpy(&c, p + 16, 8);
		memcpy(&d, p + 24, 8);
		h = hash_mix(a ^ h, b ^ k);
		g = hash_mix(c ^ g, d ^ k);
	}
	if (p < last) {
		memcpy(&a, p, 8);
		memcpy(&b, p + 8, 8);
		h = hash_mix(a ^ h, b ^ k);
	}
	memcpy(&a, last, 8);
	memcpy(&b, last + 8, 8);
	return hash_mix(a ^ h, b ^ g ^ 0x589965cc75374cc3u);
}

static __attribute__((noinline)) uint64_t
head6(const struct dedup *t, const struct packet *p, uint32_t frag, uint32_t wire)
{
	struct dedup_head6 head = { .src = p->src, .dst = p->dst, .frag = frag, .wire = wire,
	    .proto = p->proto, .tos = p->tos, .six = 6 };

	return hash_bytes(t->key, &head, sizeof(head));
}

/* For packets shorter than a TCP header.  Apart, because reading a number of bytes
 * that is not known costs every caller a guarded stack. */
static __attribute__((noinline)) uint64_t
print_short(uint64_t h, const uint8_t *l4, uint32_t n)
{
	return hash_bytes(h, l4, n);
}

static __attribute__((noinline)) uint64_t
place_short(const struct packet *p, const uint8_t *l4, uint32_t n)
{
	uint64_t a = 0, b = 0;

	if (n >= 8) {
		memcpy(&a, l4, 8);
		memcpy(&b, l4 + n - 8, 8);
	} else if (n > 0)
		memcpy(&a, l4, n);
	return hash_mix(a ^ 0xa0761d6478bd642fu, b ^ p->ip_id ^ 0xe7037ed1a0b428dbu);
}

static uint64_t
fingerprint(const struct dedup *t, const struct packet *p, uint32_t frag, const uint8_t *l4,
    uint32_t l4_len, uint32_t l4_wire)
{
	uint64_t h;

	if (p->ip_v == 4) {
		/* In registers, because nearly every frame of a plant pays for it. */
		uint32_t src, dst;

		memcpy(&src, p->src.b + 12, 4);
		memcpy(&dst, p->dst.b + 12, 4);
		h = hash_mix(((uint64_t)src << 32 | dst) ^ t->key ^ 0xa0761d6478bd642fu,
		    ((uint64_t)p->ip_id << 48 | (uint64_t)p->proto << 40 | (uint64_t)p->tos << 32 |
		    (frag & 0xffffu) << 16 | (l4_wire & 0xffffu)) ^ t->key ^ 0xe7037ed1a0b428dbu);
	} else
		h = head6(t, p, frag, l4_wire);
	/* A tag more or less moves the cut: take what every copy still has. */
	if (l4_len < l4_wire && l4_len > CUT_BYTES)
		l4_len = CUT_BYTES;
	return l4_len < CUT_BYTES ? print_short(h, l4, l4_len) : print_bytes(h, t->key, l4, l4_len);
}

/* The bucket.  Not of the key: which print is evicted from a full bucket shows in
 * the counters, and these must come out the same in every run.  Whoever aims at
 * one bucket makes its copies pass, no more, and is counted; to pass for a copy
 * he would need the keyed print. */
static uint64_t
place(const struct packet *p, const uint8_t *l4, uint32_t l4_len)
{
	uint64_t a, b;
	uint32_t seq;

	if (l4_len < CUT_BYTES)
		return place_short(p, l4, l4_len);
	memcpy(&a, l4, 8);
	memcpy(&b, l4 + CUT_BYTES - 8, 8);	/* TCP: flags, window, checksum */
	memcpy(&seq, l4 + 4, 4);
	a += (uint64_t)seq << 32 | seq;
	return hash_mix(a ^ 0xa0761d6478bd642fu, b ^ p->ip_id ^ 0xe7037ed1a0b428dbu);
}

/* How far apart copies of this one may be, when the first was `e`. */
static uint64_t
window_of(const struct dedup *t, const struct dedup_entry *e, unsigned way, bool has_id,
    unsigned mark)
{
	unsigned other = (unsigned)(e->when >> LAN_SHIFT) & 3u;

	if (way != 0 && other != 0 && way != other)
		return t->window_us * PRP_FACTOR;
	return !has_id && mark == (e->when & LOOK_MASK) ? t->window_us / SAME_DIVISOR : t->window_us;
}

/* A datagram without identification that comes again in an identical frame: the
 * sender's own repetition, if of the many others that came lately, and that no
 * sender repeats so soon, none came twice. */
static bool
genuine(struct dedup *t, const struct packet *p, bool sure)
{
	if (!sure && p->proto != IP_TCP)
		return t->single >= SINGLE_PROOF;
	t->single = 0;
	return false;
}

enum dedup_result
dedup_seen(struct dedup *t, const struct packet *p, uint32_t frag, const uint8_t *l4,
    uint32_t l4_len, uint32_t l4_wire)
{
	uint64_t print = fingerprint(t, p, frag, l4, l4_len, l4_wire);
	struct dedup_entry *e = t->buckets[place(p, l4, l4_len) & t->mask].e;
	uint64_t now = (p->ts_ns / 1000) & TIME_MASK, then;
	bool has_id = (p->ip_v == 4 && p->ip_id != 0) || frag != 0;
	unsigned way = lan_of(p), mark = has_id ? 0 : look(t, p), i;
	enum dedup_result result = DEDUP_NEW;
	t->single += has_id || p->proto == IP_TCP;
	i = e[0].print == print ? 0 : e[1].print == print ? 1 : e[2].print == print ? 2 :
	    e[3].print == print ? 3 : WAYS;
	if (i < WAYS && e[i].when != 0) {
		then = e[i].when >> TIME_SHIFT;
		/* Interfaces may be merged slightly out of order. */
		if ((now > then ? now - then : then - now) <= window_of(t, &e[i], way, has_id, mark) &&
		    !genuine(t, p, has_id || way != 0 || mark != (e[i].when & LOOK_MASK)))
			return DEDUP_COPY;
	} else {
		/* The one that came first is evicted. */
		i = WAYS - 1;
		if (e[i].when != 0 && now - (e[i].when >> TIME_SHIFT) < t->window_us)
			result = DEDUP_FORGOT;
	}
	switch (i) {
	case 3:
		e[3] = e[2];
		__attribute__((fallthrough));
	case 2:
		e[2] = e[1];
		__attribute__((fallthrough));
	case 1:
		e[1] = e[0];
		break;
	default:
		break;
	}
	e->print = print;
	e->when = now << TIME_SHIFT | way << LAN_SHIFT | mark;
	if (e->when == 0)
		e->when = 1;	/* the epoch itself is not "empty" */
	return result;
}
