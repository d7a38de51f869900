/* walk.h - inside the decode module: one frame on its way from the link header
 * to the innermost IP packet.
 *
 * Each layer is one function: it reads its header from w->c, narrows the window
 * to what its length field covers and says which layer comes next.  walk_run()
 * in decode.c is the loop; nothing here calls itself.
 */
#ifndef DECODE_WALK_H
#define DECODE_WALK_H

#include "base/cursor.h"
#include "decode/decode.h"
#include "decode/dedup.h"
#include "decode/defrag.h"
#include "decode/tunnels.h"
#include "record/unfollowed.h"

#define WALK_LAYERS	32	/* steps followed in one frame; every tag is one */
#define WALK_REBUILT	4	/* reassemblies inside each other in one frame */

enum step {
	STEP_DROP,	/* nothing comes out; the reason was counted */
	STEP_OTHER,	/* the frame carries no IP: out with ip_v 0 */
	STEP_OUT,	/* the packet is complete */
	STEP_ETHER,	/* a MAC header */
	STEP_TYPE,	/* what w->type says, an EtherType */
	STEP_PPP,	/* a PPP protocol field, perhaps after ff 03 */
	STEP_IP,	/* IPv4 or IPv6, by the version nibble */
	STEP_IP4,
	STEP_IP6,
	STEP_PROTO,	/* what w->p.proto says, an IP protocol */
	STEP_UDP_TUNNEL	/* a UDP datagram that may carry a packet */
};

struct walk {
	const struct frame	*f;
	struct cursor		 c;		/* bytes captured of the current layer */
	uint32_t		 missing;		/* bytes of the layer on the wire after c.end */
	uint16_t		 type;		/* EtherType that comes next */
	uint8_t			 tags;		/* 802.1Q tags so far, kept or not */
	uint8_t			 labels;	/* MPLS labels so far */
	uint8_t			 n_whole;
	bool			 shortened;	/* a mirror cut the inner frame (ERSPAN T bit) */
	bool			 rebuilt;	/* c is on a reassembled datagram */
	bool			 sum_possible;	/* the L4 bytes are complete and not left to the card */
	const uint8_t		*origin;	/* offsets in reports count from here */
	const uint8_t		*l4;		/* the IP payload, after extension headers */
	uint32_t		 l4_len;	/* captured */
	uint32_t		 l4_wire;	/* on the wire */
	struct datagram		*whole[WALK_REBUILT];	/* given back when the frame is done */
	struct packet		 p;
};

struct decoder {
	struct decode_settings	 s;
	struct decode_sink	 sink;
	struct counters		*counters;	/* borrowed */
	struct defrag		 defrag;
	struct dedup		 dedup;
	struct tunnels		 tunnels;
	struct unfollowed	 unfollowed;
	struct packet		 plain;		/* the last one that plain_read() gave */
	uint16_t		 told_link;	/* unknown link type that was reported */
	bool			 told;
};

/* plain.c: a shorter way for plain frames. */
#define PLAIN_IP_HEADER	20u
void	plain_open(struct packet *p);
/* Fill `p`, opened, from a plain frame: the IP header has PLAIN_IP_HEADER bytes, then
 * comes TCP or UDP, and no tunnel.  False: it is none, and p means nothing. */
bool	plain_read(struct packet *p, const struct frame *f, const struct tunnels *t);

/* link.c: link types, tags, MPLS, PPP. */
enum step	walk_link(struct decoder *d, struct walk *w);
enum step	walk_ether(struct decoder *d, struct walk *w);
enum step	walk_type(struct decoder *d, struct walk *w);
enum step	walk_ppp(struct decoder *d, struct walk *w);

/* tags.c: those tags that are no VLAN's. */
enum step	walk_tag(struct decoder *d, struct walk *w);
enum step	walk_next_protocol(struct walk *w, unsigned next);

/* like.c.  `wire` is the bytes on the wire from c on. */
/* Could an Ethernet header begin here?  Then its type is known, or a length. */
bool		like_ether(struct cursor c);
/* Could an IP header begin here? */
bool		like_ip(struct cursor c, uint32_t wire);
/* The same beyond doubt: IPv4 with a right checksum; IPv6 that ends where its carrier does,
 * with TCP, UDP or ICMP whose checksum is right. */
bool		surely_ip(struct cursor c, uint32_t wire);
/* A known type, and where it says IP or ARP that is there. */
bool		surely_ether(struct cursor c, uint32_t wire);

/* ip.c */
enum step	walk_ip(struct decoder *d, struct walk *w);
enum step	walk_ip4(struct decoder *d, struct walk *w);
enum step	walk_ip6(struct decoder *d, struct walk *w);

/* transport.c: TCP, UDP, ICMP, SCTP, and what else an IP protocol can be. */
enum step	walk_proto(struct decoder *d, struct walk *w);
/* Is the checksum of a finished TCP, UDP or ICMP packet right, or not there? */
bool		walk_l4_sum_ok(const struct walk *w);

/* tunnel.c */
/* The packet so far carries a tunnel, whose inside comes next. */
enum step	walk_inside(struct decoder *d, struct walk *w, enum step next);
enum step	walk_gre(struct decoder *d, struct walk *w);
enum step	walk_etherip(struct decoder *d, struct walk *w);

/* udp_tunnel.c: the datagram is complete in w->p, w->c is on its payload. */
enum step	walk_udp_tunnel(struct decoder *d, struct walk *w);
enum step	walk_l2tp3(struct decoder *d, struct walk *w);

/* decode.c: what can go wrong.  `detail` is static text or NULL. */
void		walk_report(struct decoder *d, struct walk *w, enum anomaly_id id,
		    const char *detail);
/* The frame ends here, as what `counter` counts: one of those in account.c. */
static inline enum step
walk_drop(struct decoder *d, enum counter_id counter)
{
	count(d->counters, counter);
	return STEP_DROP;
}

/* No IP comes: the frame goes out without, and ends as what `counter` counts. */
static inline enum step
walk_other(struct decoder *d, enum counter_id counter)
{
	count(d->counters, counter);
	return STEP_OTHER;
}

/* The same for an EtherType that is not followed. */
static inline enum step
walk_unknown_type(struct decoder *d, uint16_t type)
{
	unfollowed_add(&d->unfollowed, false, type);
	return walk_other(d, CNT_DEC_UNKNOWN_TYPE);
}

enum step	walk_too_deep(struct decoder *d, struct walk *w, const char *detail);
/* A header that is not the innermost one, to who wants it; `flag` is one of PKT_*. */
void		walk_show(struct decoder *d, const struct walk *w, uint16_t flag);
/* A datagram that will never be whole. */
void		walk_gave_up(struct decoder *d, const struct defrag_lost *lost, uint64_t now_ns,
		    const char *detail);
/* Malformed: counted and reported. */
enum step	walk_bad(struct decoder *d, struct walk *w, enum anomaly_id id,
		    const char *detail);
/* A header ran out of bytes: malformed, unless the snap length cut it. */
enum step	walk_short(struct decoder *d, struct walk *w, const char *detail);

/* The rest of the layer is n bytes: forget what follows (padding, trailers).
 * False when the wire did not have that many: then all there is stays. */
static inline bool
walk_limit(struct walk *w, uint32_t n)
{
	size_t left = cur_left(&w->c);

	if (n <= left) {
		/* In place: cur_take() of no bytes is a window somewhere else, and
		 * lengths are counted from the header up to here. */
		w->c.end = w->c.p + n;
		w->missing = 0;
		return true;
	}
	if (n - left <= w->missing) {
		w->missing = (uint32_t)(n - left);
		return true;
	}
	return false;
}

/* Bytes of the layer on the wire from here on. */
static inline uint32_t
walk_wire(const struct walk *w)
{
	return (uint32_t)cur_left(&w->c) + w->missing;
}

/* Continue in another layer of EtherType `type`. */
static inline enum step
walk_next(struct walk *w, uint16_t type)
{
	w->type = type;
	return STEP_TYPE;
}

/* Keep a VLAN identifier; priority tags (0) and those beyond the third are not kept. */
static inline void
walk_vlan(struct walk *w, uint16_t vid)
{
	if (vid != 0 && w->p.n_vlan < PACKET_VLANS)
		w->p.vlan[w->p.n_vlan++] = vid;
}

#endif
