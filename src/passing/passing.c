#include "passing/passing.h"

#include <stdlib.h>

#include "base/list.h"
#include "base/pool.h"
#include "base/str.h"
#include "passing/macs.h"
#include "passing/parsers.h"

#define PASSING_LLC	0u	/* packet.ether_type of 802.3 with LLC */

static const struct frame_row { enum attribute_source source; uint16_t type; passing_read *read; } frame_rows[] = {
#define PASSING_FRAME(name, type, function) { ATTR_BY_##name, type, function },
#include "passing/passing.def"
};

static const struct udp_row { enum attribute_source source; uint16_t port; passing_read *read; } udp_rows[] = {
#define PASSING_UDP(name, port, function) { ATTR_BY_##name, port, function },
#include "passing/passing.def"
};

static const struct tcp_row {
	enum attribute_source source;
	uint8_t		 offset, n;
	const char	*magic;
	passing_read	*read;
} tcp_rows[] = {
#define PASSING_TCP(name, offset, magic, function) { ATTR_BY_##name, offset, sizeof(magic) - 1, magic, function },
#include "passing/passing.def"
};

/* The beginning of one direction of a flow, of which more may come. */
struct buffer {
	struct link	 by_use;
	struct flow	*flow;
	uint16_t	 vlan;
	uint8_t		 dir;
	uint32_t	 n;
	uint8_t		 bytes[PASSING_BYTES];
};

struct passing {
	struct passing_sink sink;	/* whose facts they become */
	struct passing_sink own;	/* of the parsers: through named() */
	struct counters	*counters;
	struct pool	 buffers;
	struct link	 by_use;
	uint32_t	 slot;
	struct macs	 macs;
};

/* A fact about a MAC is one about its address, if that is known. */
static void
named(void *arg, const struct passing_fact *f)
{
	struct passing *p = arg;
	struct passing_fact known = *f;

	if (f->who.has_mac && f->who.has_addr)
		macs_seen(&p->macs, f->who.mac, &f->who.addr, f->ts_ns);
	else if (f->who.has_mac)
		known.who.has_addr = macs_addr(&p->macs, f->who.mac, &known.who.addr);
	p->sink.learn(p->sink.arg, &known);
}

struct passing *
passing_open(const struct passing_sink *sink, struct flow_slots *slots, uint64_t key, struct counters *c)
{
	struct passing *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->sink = *sink;
	p->own = (struct passing_sink){ named, p };
	p->counters = c;
	macs_open(&p->macs, key, c);
	list_init(&p->by_use);
	p->slot = flow_slot_reserve(slots, sizeof(struct passing_slot));
	if (pool_open(&p->buffers, PASSING_BUFFERS, sizeof(struct buffer)) != 0) {
		free(p);
		return NULL;
	}
	return p;
}

void
passing_close(struct passing *p)
{
	if (p == NULL)
		return;
	pool_close(&p->buffers);
	free(p);
}

size_t
passing_memory(const struct passing *p)
{
	return sizeof(*p) + pool_memory(&p->buffers);
}

uint32_t
passing_slot_number(const struct passing *p)
{
	return p->slot;
}

static struct passing_slot *
slot_of(const struct passing *p, const struct flow *f)
{
	return flow_slot(f, p->slot);
}

static uint16_t
flow_vlan(const struct flow *f)
{
	return f->n_vlan > 0 ? f->vlan[f->n_vlan - 1] : 0;
}

static struct passing_ctx
flow_ctx(const struct passing *p, const struct flow *f, unsigned dir, enum attribute_source source, uint64_t ts_ns)
{
	return (struct passing_ctx){ .sink = &p->own, .source = source, .from = passing_addr(f->addr[dir]),
	    .to = passing_addr(f->addr[dir ^ 1u]), .vlan = flow_vlan(f), .ts_ns = ts_ns,
	    .from_server = dir == flow_server(f) };
}

/* ---- datagrams ---- */

static void
datagram(struct passing *p, const struct flow_bytes *b, struct passing_slot *s)
{
	uint32_t now = (uint32_t)(b->ts_ns / PASSING_AGAIN_NS);
	const struct flow *f = b->flow;

	for (size_t i = 0; i < COUNTOF(udp_rows); i++) {
		const struct udp_row *row = &udp_rows[i];
		struct passing_ctx x;

		if (f->port[0] != row->port && f->port[1] != row->port)
			continue;
		if (s->since != now) {
			s->since = now;
			s->n[0] = s->n[1] = 0;
		}
		if (s->n[b->dir] >= PASSING_DATAGRAMS)
			return;
		s->n[b->dir]++;
		x = flow_ctx(p, f, b->dir, row->source, b->ts_ns);
		x.last = true;
		(void)row->read(&x, cur_of(b->p, b->n));
		return;
	}
	s->done = 3;
}

/* ---- streams ---- */

static void
give_back(struct passing *p, struct buffer *k)
{
	struct passing_slot *s = slot_of(p, k->flow);

	s->done |= (uint8_t)(1u << k->dir);
	s->waits &= (uint8_t)~(1u << k->dir);
	list_remove(&k->by_use);
	pool_put(&p->buffers, k);
}

/* All bytes that there will be. */
static void
read_last(struct passing *p, struct buffer *k)
{
	const struct tcp_row *row = &tcp_rows[slot_of(p, k->flow)->row[k->dir]];
	struct passing_ctx x = flow_ctx(p, k->flow, k->dir, row->source, k->flow->last_ns);

	x.last = true;
	if (k->flow->protocol == NULL)	/* a dissector may have claimed it since */
		(void)row->read(&x, cur_of(k->bytes, k->n));
	give_back(p, k);
}

static void
keep(struct passing *p, const struct flow_bytes *b, struct passing_slot *s, unsigned row)
{
	struct buffer *k;

	if (p->buffers.first_free == POOL_NONE) {
		count(p->counters, CNT_PASSING_EVICTED);
		read_last(p, LIST_OWNER(p->by_use.next, struct buffer, by_use));
	}
	k = pool_get(&p->buffers);
	k->flow = b->flow;
	k->dir = (uint8_t)b->dir;
	k->n = b->n;
	memcpy(k->bytes, b->p, b->n);
	list_append(&p->by_use, &k->by_use);
	s->row[b->dir] = (uint8_t)row;
	s->buffer[b->dir] = (uint16_t)pool_index(&p->buffers, k);
	s->waits |= (uint8_t)(1u << b->dir);
}

/* The first bytes of a direction. */
static void
begin(struct passing *p, const struct flow_bytes *b, struct passing_slot *s)
{
	for (unsigned i = 0; i < COUNTOF(tcp_rows); i++) {
		const struct tcp_row *row = &tcp_rows[i];
		struct passing_ctx x;

		if (b->n < (uint32_t)row->offset + row->n || memcmp(b->p + row->offset, row->magic, row->n) != 0)
			continue;
		x = flow_ctx(p, b->flow, b->dir, row->source, b->ts_ns);
		x.last = b->n >= PASSING_BYTES;
		if (row->read(&x, cur_of(b->p, x.last ? PASSING_BYTES : b->n)) == PASSING_MORE && !x.last)
			keep(p, b, s, i);
		else
			s->done |= (uint8_t)(1u << b->dir);
		return;
	}
	s->done |= (uint8_t)(1u << b->dir);
}

static void
go_on(struct passing *p, const struct flow_bytes *b, struct passing_slot *s)
{
	struct buffer *k = pool_at(&p->buffers, s->buffer[b->dir]);
	const struct tcp_row *row = &tcp_rows[s->row[b->dir]];
	struct passing_ctx x = flow_ctx(p, b->flow, b->dir, row->source, b->ts_ns);
	uint32_t n = PASSING_BYTES - k->n;

	if (n > b->n)
		n = b->n;
	memcpy(k->bytes + k->n, b->p, n);
	k->n += n;
	x.last = k->n == PASSING_BYTES;
	list_touch(&p->by_use, &k->by_use);
	if (row->read(&x, cur_of(k->bytes, k->n)) == PASSING_DONE || x.last)
		give_back(p, k);
}

void
passing_bytes(struct passing *p, const struct flow_bytes *b)
{
	struct passing_slot *s = slot_of(p, b->flow);

	if (b->n == 0 || b->pdu || (s->done >> b->dir & 1u) != 0)
		return;
	if (b->datagram)
		datagram(p, b, s);
	else if (b->flow->gaps[b->dir] == 0)
		((s->waits >> b->dir & 1u) != 0 ? go_on : begin)(p, b, s);
	else if ((s->waits >> b->dir & 1u) != 0)
		read_last(p, pool_at(&p->buffers, s->buffer[b->dir]));
	else
		s->done |= (uint8_t)(1u << b->dir);
}

void
passing_flow_ended(struct passing *p, struct flow *f)
{
	struct passing_slot *s = slot_of(p, f);

	for (unsigned dir = 0; dir < 2; dir++)
		if ((s->waits >> dir & 1u) != 0)
			read_last(p, pool_at(&p->buffers, s->buffer[dir]));
}

/* ---- frames ---- */

void
passing_frame(struct passing *p, const struct packet *pkt)
{
	if (pkt->arp_op != 0) {
		macs_seen(&p->macs, pkt->arp_mac, &pkt->arp_src, pkt->ts_ns);
		return;
	}
	if (pkt->l2_len == 0 || pkt->mac_src == NULL)
		return;
	for (size_t i = 0; i < COUNTOF(frame_rows); i++)
		if (frame_rows[i].type == pkt->ether_type) {
			const struct passing_ctx x = { .sink = &p->own, .source = frame_rows[i].source,
			    .from = passing_mac(pkt->mac_src), .vlan = packet_vlan(pkt), .ts_ns = pkt->ts_ns, .last = true };

			(void)frame_rows[i].read(&x, cur_of(pkt->l2, pkt->l2_len));
			return;
		}
}
