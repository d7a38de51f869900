/* s7plus_kit.h - what tests of S7comm-plus share. */
#ifndef TESTS_S7PLUS_KIT_H
#define TESTS_S7PLUS_KIT_H

#include "s7_kit.h"
#include "s7plus_examples.h"

#include "dissect/dissector.h"
#include "dissectors/s7/plus.h"
#include "record/s7.h"

/* Header, opcode and head, body, trailer; in a TPKT. */
static size_t
message(uint8_t version, uint8_t opcode, uint16_t function, uint16_t sequence, const char *body,
    bool trailer, uint8_t *to)
{
	uint8_t b[4000];
	size_t n = 4;

	if (opcode != 0) {
		const uint8_t head[] = { opcode, 0, 0, (uint8_t)(function >> 8), (uint8_t)function,
		    0, 0, (uint8_t)(sequence >> 8), (uint8_t)sequence };

		memcpy(b + n, head, sizeof(head));
		n += sizeof(head);
		if (opcode == 0x31)
			n += kit_hex("00000394", b + n);
		b[n++] = 0x34;
	}
	n += kit_hex(body, b + n);
	b[0] = 0x72;
	b[1] = version;
	b[2] = (uint8_t)((n - 4) >> 8);
	b[3] = (uint8_t)(n - 4);
	if (trailer) {
		const uint8_t end[] = { 0x72, version, 0, 0 };

		memcpy(b + n, end, sizeof(end));
		n += sizeof(end);
	}
	return kit_carry(b, n, true, to);
}

static void
send(struct kit *k, enum flow_dir dir, uint8_t version, uint8_t opcode, uint16_t function,
    uint16_t sequence, const char *body)
{
	uint8_t b[4100];

	kit_send(k, dir, b, message(version, opcode, function, sequence, body, true, b));
}

#endif
