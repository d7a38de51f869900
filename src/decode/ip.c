/* ip.c - IPv4 (RFC 791) and IPv6 (RFC 8200), and the way into reassembly. */
#include "decode/walk.h"

#include "base/checksum.h"

#define IP4_HEADER	20u
#define IP6_HEADER	40u
#define IP6_EXT_MAX	16u	/* extension headers followed in one packet */

#define IP4_FRAGMENT	0x3fffu	/* more-fragments bit and offset */
#define IP4_MORE	0x2000u
#define IP4_OFFSET	0x1fffu

enum ip6_ext {
	EXT_HOP = 0, EXT_ROUTING = 43, EXT_FRAGMENT = 44, EXT_AH = 51, EXT_DEST = 60,
	EXT_MOBILITY = 135, EXT_HIP = 139, EXT_SHIM6 = 140
};

enum step
walk_ip(struct decoder *d, struct walk *w)
{
	struct cursor look = w->c;
	unsigned version = cur_u8(&look) >> 4;

	if (!cur_ok(&look))
		return walk_short(d, w, "IP header");
	if (version == 4)
		return STEP_IP4;
	if (version == 6)
		return STEP_IP6;
	return walk_bad(d, w, ANOM_DEC_IP_VERSION, NULL);
}

/* A new IP layer: what an outer one left in the packet is no longer true. */
static void
enter(struct walk *w, uint8_t version)
{
	struct packet *p = &w->p;

	p->ip_v = version;
	p->sport = p->dport = 0;
	p->tcp_flags = p->icmp_type = p->icmp_code = 0;
	p->payload = NULL;
	p->payload_len = p->payload_wire = 0;
	w->sum_possible = (p->flags & PKT_LONG) == 0;
}

/* The layer has `len` bytes from here, says its header.  What does not end in the frame
 * is cut there, if a mirror says that it cuts.  Else there is only doubt: some mirrors cut
 * and do not say so, but a length that is forged must not put a session's place out of
 * reach, so what counts is what was there.  If more was sent, the next segment shows it. */
static void
limit(struct decoder *d, struct walk *w, uint32_t len)
{
	size_t left = cur_left(&w->c);

	if (walk_limit(w, len))
		return;
	if (w->shortened) {
		w->missing = (uint32_t)(len - left);
		return;
	}
	w->p.flags |= PKT_LONG;
	count(d->counters, CNT_DEC_IP_LONG);
	walk_report(d, w, ANOM_DEC_IP_LEN, "longer than the frame");
}

/* Take a fragment in; when its datagram is whole, begin again at its header. */
static enum step
fragment(struct decoder *d, struct walk *w, const struct fragment *f)
{
	bool v4 = f->ip_v == 4;
	struct defrag_lost lost;
	struct datagram *g;
	const uint8_t *whole;
	uint32_t len;
	unsigned events;

	count(d->counters, v4 ? CNT_DEFRAG_V4 : CNT_DEFRAG_V6);
	decode_tick(d, w->f->ts_ns);
	w->p.ip_frag = (uint16_t)(f->offset / 8 | (f->more ? IP_FRAG_MORE : 0) |
	    (w->p.ip_frag & (IP_FRAG_DONT | IP_FRAG_RESERVED)));
	w->p.payload = f->data;
	w->p.payload_len = f->len;
	w->p.payload_wire = f->len + w->missing;
	if (w->missing > 0 || (w->p.flags & PKT_LONG) != 0)
		return walk_drop(d, CNT_DEFRAG_REFUSED);	/* its end was never captured */
	if (d->dedup.buckets != NULL) {
		uint32_t place = 0x8000u | f->offset / 8 << 1 | (f->more ? 1 : 0);
		enum dedup_result r;

		/* IPv6 keeps the identification in the fragment header. */
		r = dedup_seen(&d->dedup, &w->p, v4 ? place : (f->id * 0x9e3779b1u) ^ place,
		    f->data, f->len, f->len);
		if (r == DEDUP_COPY)
			return walk_drop(d, CNT_DEC_DUPLICATES);
		if (r == DEDUP_FORGOT)
			count(d->counters, CNT_DEC_DEDUP_FULL);
	}
	walk_show(d, w, PKT_FRAGMENT);
	/* RFC 1858, 3 and 4: no genuine stack splits a TCP header. */
	if (f->proto == IP_TCP && ((f->offset == 0 && f->len < 20) || f->offset == 8))
		walk_report(d, w, ANOM_DEC_FRAG_TINY, NULL);
	if (w->n_whole == WALK_REBUILT)
		return walk_too_deep(d, w, "fragments inside fragments");
	g = defrag_add(&d->defrag, f, &events, &lost);
	if ((events & DEFRAG_MADE_ROOM) != 0) {
		count(d->counters, CNT_DEFRAG_EVICTED);
		walk_gave_up(d, &lost, w->f->ts_ns, "pushed out by others");
	}
	if ((events & DEFRAG_GAVE_UP) != 0) {
		count(d->counters, CNT_DEFRAG_TIMEOUT);
		walk_gave_up(d, &lost, w->f->ts_ns, "wrong header checksums, and others of it with right ones");
	}
	if ((events & DEFRAG_DECOY) != 0)
		walk_report(d, w, ANOM_DEC_IP_SUM, "fragments of one datagram with right and with wrong ones");
	if ((events & DEFRAG_OVERLAPS) != 0)
		count(d->counters, CNT_DEFRAG_OVERLAP);
	if ((events & DEFRAG_CONTRADICTS) != 0)
		walk_report(d, w, ANOM_DEC_FRAG_OVERLAP, NULL);
	if ((events & DEFRAG_TOO_BIG) != 0)
		return walk_bad(d, w, ANOM_DEC_FRAG_TOO_BIG, NULL);
	if ((events & DEFRAG_UNEVEN) != 0)
		walk_report(d, w, ANOM_DEC_IP_LEN, "fragment that is no multiple of 8 bytes");
	if (g == NULL)
		return walk_drop(d, (events & DEFRAG_REFUSED) != 0 ? CNT_DEFRAG_REFUSED :
		    CNT_DEFRAG_KEPT);
	count(d->counters, v4 ? CNT_DEFRAG_V4_DONE : CNT_DEFRAG_V6_DONE);
	w->whole[w->n_whole++] = g;
	whole = defrag_bytes(g, &len);
	w->c = cur_of(whole, len);
	w->origin = whole;
	w->missing = 0;
	w->rebuilt = true;
	w->p.flags |= PKT_REBUILT;
	return v4 ? STEP_IP4 : STEP_IP6;
}

enum step
walk_ip4(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;
	const uint8_t *l3 = cur_bytes(c, IP4_HEADER);
	unsigned first, header;
	uint16_t len, frag;
	bool rebuilt = w->rebuilt, bad_sum = false;

	if (l3 == NULL)
		return walk_short(d, w, "IPv4 header");
	first = l3[0];
	header = (first & 15) * 4;
	len = be16_of(l3 + 2);
	frag = be16_of(l3 + 6);
	if (first >> 4 != 4)
		return walk_bad(d, w, ANOM_DEC_IP_VERSION, NULL);
	if (header < IP4_HEADER)
		return walk_bad(d, w, ANOM_DEC_IP_HEADER_LEN, NULL);
	/* Length 0: the card would have cut it into segments later (TSO). */
	if (len != 0 && len < header)
		return walk_bad(d, w, ANOM_DEC_IP_LEN, "shorter than its header");
	p->flags &= (uint16_t)~PKT_LONG;
	if (len != 0)
		limit(d, w, len - IP4_HEADER);
	cur_skip(c, header - IP4_HEADER);
	if (!cur_ok(c))
		return walk_short(d, w, "IPv4 options");

	w->rebuilt = false;
	enter(w, 4);
	if (len == 0)
		w->sum_possible = false;
	p->src = addr_v4(l3 + 12);
	p->dst = addr_v4(l3 + 16);
	p->proto = l3[9];
	p->ttl = l3[8];
	p->tos = l3[1];
	p->ip_id = be16_of(l3 + 4);
	p->ip_frag = frag;
	p->l3 = l3;
	p->l3_len = (uint32_t)(c->end - l3);
	if (!rebuilt) {		/* a rebuilt one was counted in pieces, and its sum is none */
		count(d->counters, CNT_DEC_IPV4);
		if (d->s.checksums == CHECKSUM_ALL || (frag & IP4_FRAGMENT) != 0)
			bad_sum = sum_fold(sum_add(0, l3, header)) != 0;
		if (d->s.checksums == CHECKSUM_ALL && bad_sum) {
			p->flags |= PKT_BAD_IP_SUM;
			walk_report(d, w, ANOM_DEC_IP_SUM, NULL);
			return walk_drop(d, CNT_DEC_IP_SUM);
		}
	}
	if ((frag & IP4_FRAGMENT) != 0) {
		struct fragment f = { .src = p->src, .dst = p->dst, .id = p->ip_id, .ip_v = 4,
		    .proto = p->proto, .more = (frag & IP4_MORE) != 0, .bad_sum = bad_sum,
		    .offset = (frag & IP4_OFFSET) * 8u, .data = c->p,
		    .len = (uint32_t)cur_left(c), .head = l3, .head_len = header,
		    .ts_ns = w->f->ts_ns, .frame = w->f->number, .source = w->f->source };

		return fragment(d, w, &f);
	}
	return STEP_PROTO;
}

/* Extension headers, RFC 8200, 4.  The next header that is none of them is left
 * in w->p.proto. */
static enum step
extensions(struct decoder *d, struct walk *w, uint8_t next)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;

	for (unsigned n = 0; n <= IP6_EXT_MAX; n++) {
		unsigned after, len, frag;
		uint32_t id;

		p->proto = next;
		switch (next) {
		case EXT_HOP:
			if (n != 0)
				return walk_bad(d, w, ANOM_DEC_IP6_EXT, "hop-by-hop is not the first");
			break;
		case EXT_ROUTING:
		case EXT_DEST:
		case EXT_MOBILITY:
		case EXT_HIP:
		case EXT_SHIM6:
		case EXT_FRAGMENT:
		case EXT_AH:
			break;
		default:
			return STEP_PROTO;
		}
		after = cur_u8(c);
		len = cur_u8(c);
		if (next == EXT_FRAGMENT) {
			frag = cur_be16(c);
			id = cur_be32(c);
			if (!cur_ok(c))
				return walk_short(d, w, "IPv6 fragment header");
			/* RFC 6946: first and last at once needs no other. */
			if ((frag & 0xfff9) != 0) {
				struct fragment f = { .src = p->src, .dst = p->dst, .id = id,
				    .ip_v = 6, .proto = (uint8_t)after, .more = (frag & 1) != 0,
				    .offset = frag & 0xfff8, .data = c->p,
				    .len = (uint32_t)cur_left(c), .head = p->l3,
				    .head_len = IP6_HEADER, .ts_ns = w->f->ts_ns,
				    .frame = w->f->number, .source = w->f->source };

				p->proto = (uint8_t)after;
				return fragment(d, w, &f);
			}
		} else {
			/* Until the last hop the checksum counts another destination. */
			if (next == EXT_ROUTING) {
				struct cursor look = *c;

				cur_skip(&look, 1);
				if (cur_u8(&look) != 0)
					w->sum_possible = false;
			}
			/* RFC 4302, 2.2: AH counts words of four, less two. */
			cur_skip(c, next == EXT_AH ? (len + 2) * 4 - 2 : (len + 1) * 8 - 2);
		}
		if (!cur_ok(c))
			return w->missing > 0 || w->shortened ? walk_drop(d, CNT_DEC_CUT_HEADER) :
			    walk_bad(d, w, ANOM_DEC_IP6_EXT, "longer than the packet");
		next = (uint8_t)after;
	}
	return walk_bad(d, w, ANOM_DEC_IP6_EXT, "too many");
}

enum step
walk_ip6(struct decoder *d, struct walk *w)
{
	struct cursor *c = &w->c;
	struct packet *p = &w->p;
	const uint8_t *l3 = c->p, *src, *dst;
	uint32_t first = cur_be32(c);
	uint16_t len = cur_be16(c);
	uint8_t next = cur_u8(c), ttl = cur_u8(c);
	bool rebuilt = w->rebuilt;

	src = cur_bytes(c, 16);
	dst = cur_bytes(c, 16);
	if (!cur_ok(c))
		return walk_short(d, w, "IPv6 header");
	if (first >> 28 != 6)
		return walk_bad(d, w, ANOM_DEC_IP_VERSION, NULL);
	/* Length 0: a jumbogram or one that the card would have cut; or really empty. */
	p->flags &= (uint16_t)~PKT_LONG;
	if (len != 0 || next == 59)
		limit(d, w, len);
	w->rebuilt = false;
	enter(w, 6);
	if (len == 0)
		w->sum_possible = false;
	p->src = addr_v6(src);
	p->dst = addr_v6(dst);
	p->ttl = ttl;
	p->tos = (uint8_t)(first >> 20);
	p->ip_id = p->ip_frag = 0;
	p->l3 = l3;
	p->l3_len = (uint32_t)(c->end - l3);
	if (!rebuilt)
		count(d->counters, CNT_DEC_IPV6);
	return extensions(d, w, next);
}
