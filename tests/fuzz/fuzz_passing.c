/* Fuzz what is read in passing: every parser of passing.def, and the flows around them.
 *
 * Byte 0 picks the parser; past the last one the bytes go through passing_bytes() in pieces.
 * Byte 1: 1 from the server, 2 no more bytes will come, 4 a datagram; the rest is the message.  In pieces
 * byte 2 is the length of a piece, less one, and byte 3 the port.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "passing/parsers.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static passing_read *const parsers[] = {
#define PASSING_TCP(name, offset, magic, function)	function,
#define PASSING_UDP(name, port, function)		function,
#define PASSING_FRAME(name, type, function)		function,
#include "passing/passing.def"
};

static const uint16_t ports[] = {
#define PASSING_UDP(name, port, function)		port,
#include "passing/passing.def"
	80
};

static void
require(int what)
{
	if (!what)
		abort();
}

struct check {
	unsigned	facts;
	uint8_t		sum;
};

/* Every byte of a value must be there to read. */
static void
learn(void *arg, const struct passing_fact *f)
{
	struct check *k = arg;

	require(f->n > 0 && f->key < ATTRIBUTE_COUNT && f->source < ATTRIBUTE_SOURCES);
	require(f->who.has_addr || f->who.has_mac);
	for (size_t i = 0; i < f->n; i++)
		k->sum = (uint8_t)(k->sum + f->value[i]);
	k->facts++;
}

static void
one(const struct passing_sink *sink, unsigned at, unsigned flags, const uint8_t *p, size_t n)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, a[4] = { 10, 1, 2, 3 }, b[4] = { 10, 1, 2, 4 };
	struct check *k = sink->arg;
	struct passing_ctx x = { .sink = sink, .source = ATTR_BY_DNS, .from = passing_addr(addr_v4(a)),
	    .to = passing_addr(addr_v4(b)), .from_server = (flags & 1) != 0, .last = (flags & 2) != 0 };

	if ((flags & 8) != 0)
		x.from = passing_mac(mac);
	/* What wants more has learned nothing, and at the end nothing wants more. */
	if (parsers[at](&x, cur_of(p, n)) == PASSING_MORE)
		require(k->facts == 0);
}

static void
pieces(const struct passing_sink *sink, unsigned flags, const uint8_t *p, size_t n)
{
	static const uint8_t a[4] = { 10, 1, 2, 3 }, b[4] = { 10, 1, 2, 4 };
	struct flow_slots slots = { 0 };
	struct counters counters = { { 0 } };
	struct passing *passing = passing_open(sink, &slots, 1, &counters);
	size_t piece = n > 0 ? p[0] + 1u : 1;
	struct flow f = { .addr = { addr_v4(a), addr_v4(b) }, .port = { 40000, ports[n > 1 ? p[1] % COUNTOF(ports) : 0] },
	    .proto = (flags & 4) != 0 ? IP_UDP : IP_TCP };

	f.slots = calloc(1, slots.size);
	require(passing != NULL && f.slots != NULL);
	for (size_t at = 2; at < n; at += piece) {
		struct flow_bytes bytes = { .flow = &f, .dir = (flags & 1) != 0 ? DIR_FROM_1 : DIR_FROM_0,
		    .n = (uint32_t)(n - at < piece ? n - at : piece), .datagram = (flags & 4) != 0, .ts_ns = at };
		uint8_t *copy = malloc(bytes.n);	/* of its length, so that reading on is seen */

		require(copy != NULL);
		memcpy(copy, p + at, bytes.n);
		bytes.p = copy;
		passing_bytes(passing, &bytes);
		free(copy);
	}
	passing_flow_ended(passing, &f);
	free(f.slots);
	passing_close(passing);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct check k = { 0 };
	const struct passing_sink sink = { learn, &k };
	uint8_t *copy;

	if (len < 2)
		return 0;
	copy = malloc(len - 2 > 0 ? len - 2 : 1);
	require(copy != NULL);
	memcpy(copy, data + 2, len - 2);
	if (data[0] % (COUNTOF(parsers) + 1) < COUNTOF(parsers))
		one(&sink, data[0] % (COUNTOF(parsers) + 1), data[1], copy, len - 2);
	else
		pieces(&sink, data[1], copy, len - 2);
	free(copy);
	return 0;
}
