/* match_say.h - messages of Modbus and DNP3 for tests of the rule matcher. */
#ifndef TESTS_MATCH_SAY_H
#define TESTS_MATCH_SAY_H

#include "match_kit.h"

#include "dissectors/dnp3/dnp3.h"

static inline void
modbus_say(struct kit *k, enum flow_dir dir, uint16_t id, const char *pdu, uint32_t n)
{
	uint8_t b[300] = { (uint8_t)(id >> 8), (uint8_t)id, 0, 0, 0, (uint8_t)(n + 1), 1 };

	memcpy(b + 7, pdu, n);
	kit_bytes(k, dir, b, n + 7);
}

static inline void
dnp3_say(struct kit *k, bool master, const char *app, uint32_t n)
{
	uint8_t b[300] = { 0x05, 0x64, (uint8_t)(n + 6), master ? 0xc4 : 0x44, master ? 4 : 3, 0,
	    master ? 3 : 4, 0 };
	uint8_t user[250] = { 0xc0 };
	uint32_t at = 10;

	memcpy(user + 1, app, n);
	n++;
	b[8] = (uint8_t)dn_crc(b, 8);
	b[9] = (uint8_t)(dn_crc(b, 8) >> 8);
	for (uint32_t i = 0; i < n; i += 16) {
		uint32_t m = n - i < 16 ? n - i : 16;

		memcpy(b + at, user + i, m);
		b[at + m] = (uint8_t)dn_crc(user + i, m);
		b[at + m + 1] = (uint8_t)(dn_crc(user + i, m) >> 8);
		at += m + 2;
	}
	kit_bytes(k, master ? DIR_FROM_0 : DIR_FROM_1, b, at);
}

#define MB(k, dir, id, pdu) modbus_say(k, dir, id, pdu, sizeof(pdu) - 1)
#define DNP3(k, master, app) dnp3_say(k, master, app, sizeof(app) - 1)

#endif
