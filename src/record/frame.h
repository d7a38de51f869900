/* frame.h - what capture hands to decode: one frame as it was on the wire. */
#ifndef RECORD_FRAME_H
#define RECORD_FRAME_H

#include <stdint.h>

struct frame {
	uint64_t	 ts_ns;		/* capture clock: ns since 1970 UTC; the engine has no other */
	uint64_t	 number;	/* 1-based over the whole run, as tshark counts one file */
	const uint8_t	*data;		/* borrowed: valid until the next frame is asked for */
	uint32_t	 cap_len;	/* bytes at data */
	uint32_t	 wire_len;	/* bytes the frame had on the wire; >= cap_len when cut by snaplen */
	uint16_t	 link;		/* LINKTYPE_ value as in the capture file (tcpdump.org/linktypes) */
	uint16_t	 source;	/* index of the interface or file; capture_source_name() */
};

/* LINKTYPE_ values that decode understands. */
enum link_type {
	LINK_NULL = 0,		/* BSD loopback, family in host order of the writer */
	LINK_ETHERNET = 1,
	LINK_PPP = 9,
	LINK_RAW_BSD = 12,	/* DLT_RAW as some systems wrote it into files */
	LINK_RAW_OPENBSD = 14,
	LINK_RAW = 101,		/* raw IPv4 or IPv6 */
	LINK_LOOP = 108,	/* OpenBSD loopback, family in network order */
	LINK_SLL = 113,		/* Linux cooked */
	LINK_IPV4 = 228,
	LINK_IPV6 = 229,
	LINK_SLL2 = 276		/* Linux cooked, version 2 */
};

#endif
