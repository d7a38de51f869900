/* defrag.h - IP fragments put together again.
 *
 * A fixed number of datagrams, each with space for the largest there can be; the
 * operating system gives a page only when a fragment is written into it.  When
 * all are in use the one begun first is evicted.  The bytes that came first
 * stay (as in stream); a later fragment that says otherwise is reported.
 *
 * A receiver drops a fragment whose IPv4 header checksum is wrong, and an attacker can
 * send such ones between the others.  But where checksums are left to a network card, or
 * addresses were rewritten, all are wrong.  So the two kinds are never mixed: each makes a
 * datagram of its own, and where there are both the one with right checksums counts.
 */
#ifndef DECODE_DEFRAG_H
#define DECODE_DEFRAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/hmap.h"
#include "base/pool.h"
#include "record/addr.h"

#define DEFRAG_HEAD_MAX	60u	/* longest IP header that is kept */

struct datagram;	/* one that is being put together */

struct defrag {
	struct pool	 pool;		/* of struct datagram */
	struct hmap	 map;		/* key hash -> pool index */
	uint64_t	 hash_key;
	uint64_t	 timeout_ns;
	uint32_t	 oldest, newest; /* begun first and last; POOL_NONE: none */
	bool		 open;
};

/* One fragment as it was found; pointers are borrowed for the call. */
struct fragment {
	struct addr	 src, dst;
	uint32_t	 id;		/* 16 bits for IPv4 */
	uint8_t		 ip_v;
	uint8_t		 proto;		/* IPv4: part of the key; IPv6: of the payload */
	bool		 more;		/* not the last one */
	bool		 bad_sum;	/* the checksum of its IPv4 header is wrong */
	uint32_t	 offset;	/* bytes, a multiple of 8 */
	const uint8_t	*data;
	uint32_t	 len;
	const uint8_t	*head;		/* IP header without fragment header */
	uint32_t	 head_len;	/* 20-60; 40 for IPv6 */
	uint64_t	 ts_ns;
	uint64_t	 frame;
	uint16_t	 source;
};

/* What a fragment did; bits. */
enum defrag_event {
	DEFRAG_OVERLAPS	= 1u << 0,	/* some of its bytes were here already */
	DEFRAG_CONTRADICTS = 1u << 1,	/* and were different; set once per datagram */
	DEFRAG_TOO_BIG	= 1u << 2,	/* it ends after byte 65,535; not kept */
	DEFRAG_MADE_ROOM = 1u << 3,	/* an incomplete datagram was dropped for it */
	DEFRAG_UNEVEN	= 1u << 4,	/* not the last one, and no multiple of 8 bytes; cut to one */
	DEFRAG_REFUSED	= 1u << 5,	/* not taken: empty, beyond the end, no memory */
	DEFRAG_DECOY	= 1u << 6,	/* of this datagram there are fragments with right and with wrong
					 * header checksums; set once per datagram */
	DEFRAG_GAVE_UP	= 1u << 7	/* those with wrong ones were dropped, because the others made a whole */
};

/* Told of each datagram that is given up. */
struct defrag_lost {
	struct addr	 src, dst;
	uint8_t		 ip_v, proto;
	uint64_t	 frame;		/* of its latest fragment */
	uint32_t	 kept;		/* fragments of it that were taken */
	uint16_t	 source;
};

/* Memory for n datagrams; n 0 opens a table that keeps nothing.  0, or -1 when
 * there is no memory. */
int		 defrag_open(struct defrag *df, uint64_t n, uint64_t timeout_ns);
void		 defrag_close(struct defrag *df);
size_t		 defrag_memory(const struct defrag *df);

/* Take a fragment.  When it completes its datagram, that is returned and is the
 * caller's until defrag_release(); NULL otherwise.  `events` is set, and with
 * DEFRAG_MADE_ROOM or DEFRAG_GAVE_UP `lost` too. */
struct datagram	*defrag_add(struct defrag *df, const struct fragment *f, unsigned *events,
		    struct defrag_lost *lost);

/* The whole datagram, IP header first; *len bytes. */
const uint8_t	*defrag_bytes(const struct datagram *g, uint32_t *len);

void		 defrag_release(struct defrag *df, struct datagram *g);

/* Give up the oldest datagram if it is too old at now_ns, or `any`: true, and who it
 * was.  Call until false. */
bool		 defrag_expire(struct defrag *df, uint64_t now_ns, bool any,
		    struct defrag_lost *lost);

#endif
