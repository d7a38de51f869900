#include "stream/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "stream/internal.h"

#define RINGS_MAX 2048u	/* 2 MiB of delivered bytes to compare retransmissions with */

struct stream *
stream_open(const struct stream_settings *set, const struct stream_sink *sink, struct counters *c)
{
	struct stream *st = calloc(1, sizeof(*st));
	uint32_t n = (uint32_t)(set->max_flows > 0 ? set->max_flows : 1), blocks;
	uint64_t window = set->flow_window_kib * 1024 / BLOCK_SIZE;
	const uint64_t s_ns = 1000000000u;

	if (st == NULL)
		return NULL;
	st->set = *set;
	st->sink = *sink;
	st->c = c;
	st->key = hash_key();
	st->gap_wait_ns = set->gap_wait_ms * 1000000u;
	/* The largest segment there is (64 KiB) must fit an empty window. */
	blocks = (uint32_t)(set->segment_memory_mib << 20) / BLOCK_SIZE;
	blocks = blocks < 64 ? 64 : blocks;
	st->max_blocks = window < 40 ? 40 : window > blocks ? blocks : (uint32_t)window;
	st->wait = st->born = (struct list){ POOL_NONE, POOL_NONE };
	for (unsigned i = 0; i < LRU_COUNT; i++)
		st->lru[i] = (struct list){ POOL_NONE, POOL_NONE };
	st->timeout_ns[LRU_TCP_NEW] = set->tcp_new_timeout_s * s_ns;
	st->timeout_ns[LRU_TCP] = st->timeout_ns[LRU_TCP_ONE] = set->tcp_timeout_s * s_ns;
	st->timeout_ns[LRU_TCP_OT] = st->timeout_ns[LRU_TCP_OT_ONE] = set->tcp_timeout_s * s_ns;
	st->timeout_ns[LRU_TCP_CLOSED] = set->tcp_closed_timeout_s * s_ns;
	st->timeout_ns[LRU_UDP_NEW] = set->udp_new_timeout_s * s_ns;
	st->timeout_ns[LRU_UDP] = set->udp_timeout_s * s_ns;
	st->timeout_ns[LRU_UDP_OT] = st->timeout_ns[LRU_UDP_OT_ONE] = set->udp_timeout_s * s_ns;
	st->timeout_ns[LRU_OTHER] = set->other_timeout_s * s_ns;
	if (pool_open(&st->flows, n, sizeof(struct slot) + sink->slots) != 0 ||
	    pool_open(&st->blocks, blocks, BLOCK_SIZE) != 0 ||
	    pool_open(&st->rings, n < RINGS_MAX / 2 ? 2 * n : RINGS_MAX, sizeof(struct ring)) != 0 ||
	    hmap_open(&st->map, n) != 0) {
		stream_close(st);
		return NULL;
	}
	/* Without a namer flows stay unnamed; it has said why. */
	if (set->ndpi)
		st->namer = namer_open(set, c);
	return st;
}

void
stream_ready(struct stream *st)
{
	if (st->namer != NULL)
		(void)namer_wake(st->namer);
}

void
stream_anomaly(struct stream *st, struct slot *s, unsigned dir, enum anomaly_id id,
    uint32_t offset)
{
	struct anomaly a = {
		.id = id,
		.ts_ns = st->at.ts_ns,
		.frame = st->at.frame,
		.source = st->at.source,
		.offset = offset,
		.flow = &s->f,
		.from_end = dir,
		.packet = st->packet,
	};

	st->sink.anomaly(st->sink.arg, &a);
}

static bool
clock_moves(const struct stream *st, uint64_t now_ns)
{
	return now_ns > st->now_ns || st->now_ns - now_ns > BACK_NS;
}

static void
clock_to(struct stream *st, uint64_t now_ns)
{
	uint32_t i;

	if (clock_moves(st, now_ns))
		st->now_ns = now_ns;
	/* Holes that were waited for long enough, before anything newer. */
	while ((i = st->wait.first) != POOL_NONE) {
		struct slot *s = slot_at(st, i);

		if (st->now_ns - s->wait_ns < st->gap_wait_ns)
			break;
		reasm_expire(st, s);
	}
}

void
stream_packet(struct stream *st, const struct packet *p)
{
	struct slot *s;
	struct flow *f;
	uint64_t hash;
	unsigned dir = 0;

	if (p->ip_v == 0) {
		stream_show(st, p, NULL, 0);
		return;
	}
	/* What the clock brings about happens at this time, but belongs to the
	 * last frame that was seen. */
	if (st->wait.first != POOL_NONE) {
		st->at.ts_ns = p->ts_ns;
		clock_to(st, p->ts_ns);
	} else if (clock_moves(st, p->ts_ns))
		st->now_ns = p->ts_ns;
	st->at = (struct stream_at){ .ts_ns = p->ts_ns, .frame = p->frame, .source = p->source };
	st->packet = p;

	s = table_find(st, p, &hash, &dir);
	if (s != NULL && table_stale(st, s, p->ts_ns)) {
		table_end(st, s, FLOW_END_TIMEOUT);
		s = NULL;
	}
	if (p->proto == IP_TCP)
		s = tcp_segment(st, s, hash, &dir, p);
	else if (s == NULL) {
		dir = 0;
		s = table_add(st, p, hash, dir);
	}
	if (s == NULL) {
		count(st->c, CNT_FLOW_REFUSED);
		stream_show(st, p, NULL, 0);
		goto out;
	}
	count(st->c, CNT_FLOW_FRAMES);
	f = &s->f;
	if (p->ts_ns > f->last_ns)
		f->last_ns = p->ts_ns;
	if ((p->tcp_flags & TCP_RST) == 0)
		f->heard_ns[dir] = p->ts_ns;
	if (p->payload_wire > 0)
		f->spoke_ns[dir] = p->ts_ns;
	if (!f->mac_known[dir] && p->mac_src != NULL) {
		memcpy(f->mac[dir], p->mac_src, sizeof(f->mac[dir]));
		f->mac_known[dir] = true;
	}
	if (p->proto != IP_TCP) {
		if (f->packets[dir]++ == 0) {
			if (f->packets[dir ^ 1] > 0)
				f->state = FLOW_ESTABLISHED;
			table_heard(st, s, dir, p);
		}
		f->bytes[dir] += p->wire_len;
		f->ttl[dir] = p->ttl;
		stream_show(st, p, f, dir);
	}
	if (p->proto == IP_UDP && (p->flags & (PKT_BAD_IP_SUM | PKT_BAD_L4_SUM)) == 0) {
		f->payload[dir] += p->payload_len;
		st->sink.datagram(st->sink.arg, f, (enum flow_dir)dir, p->payload, p->payload_len,
		    p->payload_len < p->payload_wire, &st->at);
	}
	if (s->name_state != NAME_DONE)
		namer_packet(st, s, dir, p);
	table_touch(st, s);
out:
	st->packet = NULL;
}

void
stream_tick(struct stream *st, uint64_t now_ns)
{
	st->at.ts_ns = now_ns;
	clock_to(st, now_ns);
	table_expire(st);
}

void
stream_finish(struct stream *st, uint64_t now_ns)
{
	if (now_ns > st->now_ns)
		st->now_ns = now_ns;
	st->at.ts_ns = st->now_ns;
	while (st->born.first != POOL_NONE) {
		struct slot *s = slot_at(st, st->born.first);

		s->f.shutdown = true;
		table_end(st, s, FLOW_END_SHUTDOWN);
	}
}

size_t
stream_memory(const struct stream *st)
{
	return sizeof(*st) + pool_memory(&st->flows) + pool_memory(&st->blocks) +
	    pool_memory(&st->rings) + hmap_memory(&st->map) +
	    (st->namer != NULL ? namer_memory(st->namer) : 0);
}

void
stream_close(struct stream *st)
{
	if (st == NULL)
		return;
	namer_close(st->namer);
	hmap_close(&st->map);
	pool_close(&st->rings);
	pool_close(&st->blocks);
	pool_close(&st->flows);
	free(st);
}
