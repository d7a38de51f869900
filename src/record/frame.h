/* frame.h - what capture hands to decode: one frame as it was on the wire. */
#ifndef RECORD_FRAME_H
#define RECORD_FRAME_H

#include <stdint.h>

struct frame {
	uint64_t	 ts_ns;		/* capture clock: ns since 1970 UTC; the engine has no other */
	uint64_t	 number;	/* 1-based; in files the file's own, as tshark counts it, and the
				 * file: see frame_in_file() */
	const uint8_t	*data;		/* borrowed: valid until the next frame is asked for */
	uint32_t	 cap_len;	/* bytes at data */
	uint32_t	 wire_len;	/* bytes the frame had on the wire; >= cap_len when truncated by snaplen */
	uint16_t	 link;		/* LINKTYPE_ value as in the capture file (tcpdump.org/linktypes) */
	uint16_t	 source;	/* index of the interface or file; capture_source_name() */
};

/* A frame's number is that within its file.  So that it also means one frame of the run,
 * where there are several files, the file's index stands above it. */
#define FRAME_FILE_SHIFT 40

static inline uint64_t
frame_number(uint16_t file, uint64_t in_file)
{
	return (uint64_t)file << FRAME_FILE_SHIFT | in_file;
}

static inline uint64_t
frame_in_file(uint64_t number)
{
	return number & ((UINT64_C(1) << FRAME_FILE_SHIFT) - 1);
}

static inline uint16_t
frame_file(uint64_t number)
{
	return (uint16_t)(number >> FRAME_FILE_SHIFT);
}

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
