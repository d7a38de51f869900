/* dissect_fuzz.h - a hostile conversation for the dissectors of one protocol.
 *
 * A target is a fuzz_X.c that defines `fuzz_target`, linked with dissect_fuzz.c.
 *
 * Input: one byte (bit 0: a strange port, bit 1: UDP where the protocol has it,
 * bit 2: joined midway), then pieces: one byte (bit 7: from the server's end, the
 * rest: length; 127: a second byte is added), then that many bytes.  Each piece is
 * one segment or datagram.
 *
 * Held: every value, name and fact of an operation can be read; no dissector
 * breaks a rule of its room; and over TCP, unless the place was lost, single bytes
 * give the same operations as the pieces of a conversation that begins with a
 * whole PDU.
 */
#ifndef TESTS_DISSECT_FUZZ_H
#define TESTS_DISSECT_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/hash.h"
#include "dissect/dissect.h"
#include "dissect/dissector.h"

struct fuzz_target {
	const struct dissector *const *dissectors;	/* ends with NULL */
	uint16_t	 port;		/* the known one */
	bool		 udp;		/* datagrams, too */

	/* Reads all that the detail of an operation points to: what it was told apart
	 * by.  Aborts when it is wrong in itself. */
	uint64_t	(*sum_detail)(const struct operation *op);

	/* With one of these above 0 the conversation is not compared: the place was lost,
	 * and segment borders are used to find it again. */
	const enum counter_id *lost;
	size_t		 n_lost;

	/* Nor when this was reported: how long a message is was judged by what is in the same
	 * segment.  ANOM_NONE: it never is. */
	enum anomaly_id	 wrong_length;

	/* Nor with these different: the flow was not recognised both times. */
	const enum counter_id *flows;
	size_t		 n_flows;
};

extern const struct fuzz_target fuzz_target;

/* Reads every byte. */
static inline uint64_t
fuzz_touch(const uint8_t *p, size_t n)
{
	return hash_bytes(n, p, n);
}

static inline uint64_t
fuzz_mix(uint64_t h)
{
	return hash_mix(h, 0x9e3779b97f4a7c15u);
}

static inline uint64_t
fuzz_value(const struct op_value *v)
{
	return v->kind == VALUE_BYTES ? fuzz_touch(v->bytes, v->len) : v->u;
}

#endif
