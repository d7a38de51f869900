/* ethertype.h - EtherTypes that decode knows (IEEE 802 numbers). */
#ifndef DECODE_ETHERTYPE_H
#define DECODE_ETHERTYPE_H

enum ether_type {
	ETHER_LEN_MAX	= 1500,		/* up to here it is a length: IEEE 802.3, 3.2.6 */
	ETHER_IPV4	= 0x0800,
	ETHER_ARP	= 0x0806,
	ETHER_ERSPAN3	= 0x22eb,	/* inside GRE only */
	ETHER_TEB	= 0x6558,	/* an Ethernet frame, inside GRE and Geneve only */
	ETHER_VLAN	= 0x8100,
	ETHER_IPV6	= 0x86dd,
	ETHER_PPP_GRE	= 0x880b,	/* inside GRE only */
	ETHER_MPLS	= 0x8847,
	ETHER_MPLS_UP	= 0x8848,	/* upstream-assigned label (was: multicast) */
	ETHER_PPPOE	= 0x8864,	/* session stage */
	ETHER_PROFINET	= 0x8892,
	ETHER_QINQ	= 0x88a8,
	ETHER_GOOSE	= 0x88b8,
	ETHER_ERSPAN	= 0x88be,	/* inside GRE only */
	ETHER_LLDP	= 0x88cc,
	ETHER_PRP	= 0x88fb,	/* supervision frames; also the PRP trailer's suffix */
	ETHER_QINQ_OLD1	= 0x9100,
	ETHER_QINQ_OLD2	= 0x9200,
	ETHER_QINQ_OLD3	= 0x9300,
	ETHER_CMD	= 0x8909,	/* Cisco MetaData */
	ETHER_MACSEC	= 0x88e5,
	ETHER_PBB	= 0x88e7,	/* the I-TAG of 802.1ah */
	ETHER_VNTAG	= 0x8926,
	ETHER_ETAG	= 0x893f,	/* 802.1BR */
	ETHER_NSH	= 0x894f,	/* RFC 8300 */
	ETHER_HSR	= 0x892f,
	/* What network devices say to their neighbours: no conversation is in it. */
	ETHER_WAKE	= 0x0842,	/* wake-on-LAN */
	ETHER_RARP	= 0x8035,
	ETHER_PAUSE	= 0x8808,
	ETHER_SLOW	= 0x8809,	/* LACP and others */
	ETHER_PPPOE_DISC = 0x8863,
	ETHER_EAPOL	= 0x888e,
	ETHER_LLTD	= 0x88d9,
	ETHER_MRP	= 0x88e3,	/* media redundancy, IEC 62439-2 */
	ETHER_MVRP	= 0x88f5,
	ETHER_MMRP	= 0x88f6,
	ETHER_PTP	= 0x88f7,
	ETHER_CFM	= 0x8902,	/* connectivity faults, 802.1ag */
	ETHER_LOOPTEST	= 0x9000,
	ETHER_DLR	= 0x80e1	/* device level ring of EtherNet/IP */
};

#endif
