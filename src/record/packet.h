/* packet.h - what decode hands to stream: the innermost IP packet of a frame.
 *
 * Made once per frame (or per reassembled datagram) in the worker's own
 * storage; every pointer in it is borrowed and dies with the frame.
 */
#ifndef RECORD_PACKET_H
#define RECORD_PACKET_H

#include "record/addr.h"
#include "record/frame.h"

#define PACKET_VLANS 3

/* What is known about how the packet arrived. */
enum packet_flag {
	PKT_TRUNCATED		= 1u << 0,	/* snap length truncated the payload: payload_len < wire payload */
	PKT_REBUILT	= 1u << 1,	/* put together from IP fragments */
	PKT_TUNNELLED	= 1u << 2,	/* inside GRE, ERSPAN, VXLAN, Geneve, IP in IP ... */
	PKT_BAD_IP_SUM	= 1u << 3,	/* IPv4 header checksum wrong (only set with -k all) */
	PKT_BAD_L4_SUM	= 1u << 4,	/* TCP/UDP checksum wrong (only set with -k all) */
	PKT_PRP_A	= 1u << 5,	/* PRP trailer, LAN A (IEC 62439-3) */
	PKT_PRP_B	= 1u << 6,	/* PRP trailer, LAN B */
	PKT_HSR		= 1u << 7,	/* HSR tag */
	PKT_FRAGMENT	= 1u << 8,	/* one fragment as it came; only where headers are shown */
	PKT_OUTER	= 1u << 9,	/* carries a tunnel whose inside follows; the same */
	PKT_LONG	= 1u << 10	/* its IP header claims more bytes than the frame had on the wire: a
					 * mirror cut it and does not say so, or it is forged and its
					 * receiver drops it; payload_wire is what was there */
};

/* TCP flags, RFC 9293, 3.1 */
enum tcp_flag {
	TCP_FIN = 0x01, TCP_SYN = 0x02, TCP_RST = 0x04, TCP_PSH = 0x08,
	TCP_ACK = 0x10, TCP_URG = 0x20, TCP_ECE = 0x40, TCP_CWR = 0x80
};

enum ip_protocol {
	IP_ICMP = 1, IP_IGMP = 2, IP_IPIP = 4, IP_TCP = 6, IP_UDP = 17, IP_IPV6 = 41,
	IP_GRE = 47, IP_ICMPV6 = 58, IP_IPIP_KA9Q = 94, IP_ETHERIP = 97, IP_ENCAP = 98,
	IP_L2TP = 115, IP_SCTP = 132, IP_MPLS = 137
};

/* ip_frag: RFC 791, 3.1 */
enum ip_frag_bits {
	IP_FRAG_RESERVED = 0x8000, IP_FRAG_DONT = 0x4000, IP_FRAG_MORE = 0x2000,
	IP_FRAG_OFFSET = 0x1fff		/* in units of 8 bytes */
};

struct packet {
	uint64_t	 ts_ns;		/* of the frame; of the last fragment when rebuilt */
	uint64_t	 frame;		/* number of that frame */
	uint16_t	 source;	/* interface or file of that frame */
	uint16_t	 flags;		/* PKT_* */
	uint32_t	 wire_len;	/* of that frame on the wire, link header included */

	struct addr	 src, dst;
	uint16_t	 sport, dport;	/* 0 unless TCP, UDP or SCTP */
	uint8_t		 ip_v;		/* 4 or 6; 0: no IP, nothing below is set */
	uint8_t		 proto;		/* IANA protocol number of the payload */
	uint8_t		 ttl;		/* or hop limit */
	uint8_t		 tos;		/* or traffic class */
	uint16_t	 ip_id;		/* IPv4 identification; 0 for IPv6 */
	uint16_t	 ip_frag;	/* IP_FRAG_*: IPv4 flags and fragment offset as on the wire;
					 * of IPv6 those that its fragment header says; of a rebuilt
					 * datagram 0 */

	uint8_t		 tcp_flags;	/* TCP_* */
	uint8_t		 icmp_type, icmp_code;
	uint16_t	 window;	/* as sent, not scaled */
	uint32_t	 seq, ack;

	uint8_t		 n_vlan;	/* tags kept, outermost first */
	uint16_t	 vlan[PACKET_VLANS];	/* VLAN identifiers, 1-4094 */
	uint16_t	 ether_type;	/* of the innermost frame, after tags; 0 without */
	const uint8_t	*mac_src, *mac_dst;	/* 6 bytes of the innermost Ethernet header, or NULL */

	uint16_t	 arp_op;	/* 1 request, 2 reply, ... of ARP for IPv4 over Ethernet; 0: no ARP */
	const uint8_t	*arp_mac;	/* 6 bytes: the sender as ARP says it, or NULL */
	struct addr	 arp_src, arp_dst;	/* sender's and target's address, if arp_op */

	const uint8_t	*l2;		/* of a packet without IP (ip_v 0): what follows its EtherType, or of 802.3 its
					 * length; l2_len bytes are captured.  Else NULL */
	uint32_t	 l2_len;

	const uint8_t	*l3;		/* innermost IP header, for nDPI; l3_len bytes are captured */
	uint32_t	 l3_len;
	const uint8_t	*payload;	/* after the TCP, UDP or ICMP header */
	uint32_t	 payload_len;	/* bytes captured at payload */
	uint32_t	 payload_wire;	/* bytes it had on the wire, by the IP length; >= payload_len */
};

/* The VLAN that its sender is in: of the innermost tag; 0 without. */
static inline uint16_t
packet_vlan(const struct packet *p)
{
	return p->n_vlan > 0 && p->n_vlan <= PACKET_VLANS ? p->vlan[p->n_vlan - 1] : 0;
}

#endif
