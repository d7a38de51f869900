/* decode.c - the loop over layers, and what can go wrong in them.
 *
 * Followed: Ethernet II and 802.3 with LLC/SNAP; Linux cooked 1 and 2; raw IP;
 * BSD and OpenBSD loopback; PPP with and without HDLC framing or protocol field
 * compression; 802.1Q, 802.1ad and the three older tag types, any number; VN-Tag,
 * E-Tag, Cisco MetaData, MACsec without encryption, PBB (802.1ah), NSH; HSR tag
 * and PRP trailer (IEC 62439-3); MPLS with IP or an Ethernet pseudowire, control
 * word or not; PPPoE sessions; IPv4 with options; IPv6 with hop-by-hop, routing,
 * destination, fragment, authentication, mobility, HIP and shim6 headers; IPv4
 * authentication headers; GRE versions 0 and 1 (PPTP), NVGRE, ERSPAN I, II and
 * III; EtherIP; L2TP version 3; MPLS in IP; IP in IP; over UDP what tunnels.def
 * lists; fragments of both IP versions, also of and in tunnels.  TCP, UDP, ICMP
 * and SCTP headers are read; nothing above them.
 *
 * Not followed, counted, and handed on as the IP packet or non-IP frame that they
 * are: encrypted MACsec, ESP (also with null encryption), WireGuard, OpenVPN, TRILL,
 * 802.11, compressed PPP payloads, PPP multilink, compressed TCP/IP headers, other
 * payloads of the tunnels above.
 *
 * Every frame comes to one end: it reaches a flow, or one counter with the mark FRAME
 * (counters.def).  What makes no sense is dropped with an anomaly and a counter.  What the
 * snap length cut off is no malformation: the packet goes on with what was captured.  An
 * IP length beyond the end of the frame is reported; what was there goes on (PKT_LONG).
 * With `checksums: all` the header of every IPv4 layer and the transport header
 * of the innermost packet are verified, and what is wrong is not handed on.
 *
 * Duplicates are looked for in the innermost packet, so that copies match whose
 * tags, tunnels or MAC addresses differ; and in fragments before they are put
 * together, or the second copy would begin a datagram that never completes.
 */
#include "decode/decode.h"

#include <stdlib.h>
#include <string.h>

#include "decode/walk.h"

struct decoder *
decode_open(const struct decode_settings *s, const struct decode_sink *sink, struct counters *c)
{
	struct decoder *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->s = *s;
	d->sink = *sink;
	d->counters = c;
	plain_open(&d->plain);
	tunnels_open(&d->tunnels, &s->tunnels);
	if (defrag_open(&d->defrag, s->defrag_datagrams,
	    s->defrag_timeout_s * UINT64_C(1000000000)) != 0) {
		free(d);
		return NULL;
	}
	if (s->dedup && dedup_open(&d->dedup, s->dedup_slots, s->dedup_window_us) != 0) {
		defrag_close(&d->defrag);
		free(d);
		return NULL;
	}
	return d;
}

void
decode_close(struct decoder *d)
{
	if (d == NULL)
		return;
	defrag_close(&d->defrag);
	dedup_close(&d->dedup);
	free(d);
}

const struct unfollowed *
decode_unfollowed(const struct decoder *d)
{
	return &d->unfollowed;
}

size_t
decode_memory(const struct decoder *d)
{
	return sizeof(*d) + defrag_memory(&d->defrag) + dedup_memory(&d->dedup);
}

void
walk_report(struct decoder *d, struct walk *w, enum anomaly_id id, const char *detail)
{
	struct anomaly a = { .id = id, .ts_ns = w->f->ts_ns, .frame = w->f->number,
	    .source = w->f->source, .offset = (uint32_t)(w->c.p - w->origin),
	    .packet = &w->p, .detail = detail };

	d->sink.anomaly(d->sink.arg, &a);
}

enum step
walk_bad(struct decoder *d, struct walk *w, enum anomaly_id id, const char *detail)
{
	walk_report(d, w, id, detail);
	return walk_drop(d, CNT_DEC_INVALID);
}

enum step
walk_short(struct decoder *d, struct walk *w, const char *detail)
{
	if (w->missing > 0 || w->shortened)
		return walk_drop(d, CNT_DEC_CUT_HEADER);
	return walk_bad(d, w, ANOM_DEC_SHORT, detail);
}

/* No IP: all that speaks of IP is cleared, an outer tunnel's packet too. */
static void
no_ip(struct walk *w)
{
	struct packet *p = &w->p;

	p->ip_v = p->proto = p->ttl = p->tos = p->tcp_flags = p->icmp_type = p->icmp_code = 0;
	p->ip_id = p->ip_frag = p->sport = p->dport = p->window = 0;
	p->seq = p->ack = 0;
	p->l3 = p->payload = NULL;
	p->l3_len = p->payload_len = p->payload_wire = 0;
	p->l2 = w->c.p;
	p->l2_len = (uint32_t)cur_left(&w->c);
}

enum step
walk_too_deep(struct decoder *d, struct walk *w, const char *detail)
{
	walk_report(d, w, ANOM_DEC_TOO_DEEP, detail);
	return walk_drop(d, CNT_DEC_TOO_DEEP);
}

void
walk_show(struct decoder *d, const struct walk *w, uint16_t flag)
{
	struct packet p;

	if (d->sink.header == NULL || w->p.ip_v == 0)
		return;
	p = w->p;
	p.flags |= flag;
	d->sink.header(d->sink.arg, &p);
}

static bool
is_copy(struct decoder *d, const struct packet *p, const uint8_t *l4, uint32_t l4_len,
    uint32_t l4_wire)
{
	enum dedup_result r;

	if (d->dedup.buckets == NULL)
		return false;
	r = dedup_seen(&d->dedup, p, 0, l4, l4_len, l4_wire);
	if (r == DEDUP_FORGOT)
		count(d->counters, CNT_DEC_DEDUP_FULL);
	else if (r == DEDUP_COPY)
		count(d->counters, CNT_DEC_DUPLICATES);
	return r == DEDUP_COPY;
}

/* A whole packet: drop it if it is a copy or, when asked to look, damaged. */
static void
finish(struct decoder *d, struct walk *w)
{
	if (w->p.ip_v != 0 && is_copy(d, &w->p, w->l4, w->l4_len, w->l4_wire))
		return;
	if (d->s.checksums == CHECKSUM_ALL && w->p.ip_v != 0 && w->sum_possible &&
	    !walk_l4_sum_ok(w)) {
		count(d->counters, CNT_DEC_L4_SUM);
		w->p.flags |= PKT_BAD_L4_SUM;
		walk_report(d, w, ANOM_DEC_L4_SUM, NULL);
		return;
	}
	d->sink.packet(d->sink.arg, &w->p);
}

static void
walk_run(struct decoder *d, struct walk *w)
{
	enum step step = walk_link(d, w);

	for (unsigned layers = 0; layers < WALK_LAYERS; layers++) {
		switch (step) {
		case STEP_DROP:
			return;
		case STEP_OTHER:
			no_ip(w);
			count(d->counters, CNT_DEC_NOT_IP);
			finish(d, w);
			return;
		case STEP_OUT:
			finish(d, w);
			return;
		case STEP_ETHER:	step = walk_ether(d, w); break;
		case STEP_TYPE:		step = walk_type(d, w); break;
		case STEP_PPP:		step = walk_ppp(d, w); break;
		case STEP_IP:		step = walk_ip(d, w); break;
		case STEP_IP4:		step = walk_ip4(d, w); break;
		case STEP_IP6:		step = walk_ip6(d, w); break;
		case STEP_PROTO:	step = walk_proto(d, w); break;
		case STEP_UDP_TUNNEL:	step = walk_udp_tunnel(d, w); break;
		}
	}
	(void)walk_too_deep(d, w, NULL);
}

/* A frame without a plain one's form: layer by layer.  Its large struct would cost
 * the plain ones, too, if it were a part of decode_frame(). */
static __attribute__((noinline)) void
walk_frame(struct decoder *d, const struct frame *f)
{
	struct walk w;

	w.f = f;
	w.c = cur_of(f->data, f->cap_len);
	w.origin = w.c.p;
	w.missing = f->wire_len > f->cap_len ? f->wire_len - f->cap_len : 0;
	if (w.missing > 0)
		count(d->counters, CNT_DEC_CUT);
	w.type = 0;
	w.tags = w.labels = w.n_whole = 0;
	w.shortened = w.rebuilt = w.sum_possible = false;
	w.l4 = NULL;
	w.l4_len = w.l4_wire = 0;
	w.p = (struct packet){ .ts_ns = f->ts_ns, .frame = f->number, .source = f->source,
	    .wire_len = f->wire_len };

	walk_run(d, &w);

	if (w.tags > 0)
		count(d->counters, w.tags == 1 ? CNT_DEC_VLAN :
		    w.tags == 2 ? CNT_DEC_QINQ : CNT_DEC_QINQINQ);
	for (unsigned i = 0; i < w.n_whole; i++)
		defrag_release(&d->defrag, w.whole[i]);
}

void
decode_frame(struct decoder *d, const struct frame *f)
{
	const struct packet *p = &d->plain;
	uint32_t l4_len;

	count(d->counters, CNT_DEC_PACKETS);
	count_n(d->counters, CNT_DEC_BYTES, f->wire_len);
	if (d->s.checksums == CHECKSUM_ALL || !plain_read(&d->plain, f, &d->tunnels)) {
		walk_frame(d, f);
		return;
	}
	count(d->counters, CNT_DEC_ETHERNET);
	count(d->counters, CNT_DEC_IPV4);
	count(d->counters, p->proto == IP_TCP ? CNT_DEC_TCP : CNT_DEC_UDP);
	l4_len = p->l3_len - PLAIN_IP_HEADER;
	if (!is_copy(d, p, p->l3 + PLAIN_IP_HEADER, l4_len, l4_len))
		d->sink.packet(d->sink.arg, p);
}

void
walk_gave_up(struct decoder *d, const struct defrag_lost *lost, uint64_t now_ns,
    const char *detail)
{
	struct packet p = { .ts_ns = now_ns, .frame = lost->frame, .source = lost->source,
	    .src = lost->src, .dst = lost->dst, .ip_v = lost->ip_v, .proto = lost->proto };
	struct anomaly a = { .id = ANOM_DEC_FRAG_TIMEOUT, .ts_ns = now_ns, .frame = lost->frame,
	    .source = lost->source, .packet = &p, .detail = detail };

	count_n(d->counters, CNT_DEFRAG_LOST, lost->kept);
	d->sink.anomaly(d->sink.arg, &a);
}

static __attribute__((noinline)) void
give_up_fragments(struct decoder *d, uint64_t now_ns, bool all)
{
	struct defrag_lost lost;

	while (defrag_expire(&d->defrag, now_ns, all, &lost)) {
		count(d->counters, CNT_DEFRAG_TIMEOUT);
		walk_gave_up(d, &lost, now_ns, all ? "the capture ended" : NULL);
	}
}

void
decode_tick(struct decoder *d, uint64_t now_ns)
{
	if (d->defrag.oldest != POOL_NONE)
		give_up_fragments(d, now_ns, false);
}

void
decode_finish(struct decoder *d, uint64_t now_ns)
{
	give_up_fragments(d, now_ns, true);
}
