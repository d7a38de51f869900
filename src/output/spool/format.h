/* format.h - what stands in the files of a spool; doc/spool.md says the same for people, and a test holds
 * it to these structs.
 *
 * Numbers are in the byte order of the machine that wrote them: a spool stays on its machine, and another order
 * is refused as a damaged one.  A CRC is CRC-32 as zlib has it, over everything named with the CRC itself as 0.
 */
#ifndef OUTPUT_SPOOL_FORMAT_H
#define OUTPUT_SPOOL_FORMAT_H

#include "output/transport/transport.h"

#define SPOOL_VERSION	1u

/* The file "state": two slots; that with the higher generation counts.  A slot is written while the other one
 * stands, so one of them is whole whatever happens. */
#define SPOOL_SLOT	512u
#define SPOOL_STATE_MAGIC "TWSPOOLS"
struct spool_slot {
	char		magic[8];	/* SPOOL_STATE_MAGIC without its NUL */
	uint32_t	version;	/* SPOOL_VERSION */
	uint32_t	crc;		/* of the slot */
	uint64_t	generation;	/* the slot is generation & 1 */
	uint64_t	forgotten;	/* records up to this number have arrived */
	uint64_t	next;		/* number of the next record, when this was written */
	uint64_t	dropped[4];	/* since the spool was made, by enum spool_drop */
	uint8_t		reserved[440];	/* 0 */
};
_Static_assert(sizeof(struct spool_slot) == SPOOL_SLOT, "a slot of a spool's state is 512 bytes");

/* A file "NUMBER.seg" (16 hexadecimal digits): this, then records to its end. */
#define SPOOL_SEGMENT_MAGIC "TWSPOOL1"
struct spool_segment {
	char		magic[8];	/* SPOOL_SEGMENT_MAGIC without its NUL */
	uint32_t	version;	/* SPOOL_VERSION */
	uint32_t	crc;		/* of this header */
	uint64_t	number;		/* as in its name; higher is later */
	uint64_t	first;		/* number that its first record had when it was begun */
	uint8_t		reserved[32];	/* 0 */
};
_Static_assert(sizeof(struct spool_segment) == 64, "the header of a segment is 64 bytes");

/* A record: this, then head.len bytes, a line with its newline.  Numbers of records grow by one, over all
 * segments; where some are missing they were dropped. */
#define SPOOL_RECORD_MAGIC 0x52735754u	/* "TWsR" in little-endian order */
struct spool_record {
	uint32_t	magic;		/* SPOOL_RECORD_MAGIC */
	uint32_t	crc;		/* of this header and the line */
	uint64_t	number;		/* from 1 */
	struct line_head head;		/* time, device, length, class, severity, type */
};
_Static_assert(sizeof(struct spool_record) == 48, "the header of a record is 48 bytes");

/* No number is higher: it would take 584 years at a thousand million lines a second. */
#define SPOOL_NUMBER_MAX (UINT64_MAX / 2)

/* Longest line. */
#define SPOOL_LINE_MAX	OUTPUT_LINE_MAX

#endif
