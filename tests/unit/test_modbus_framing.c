/* Framings of Modbus: ADUs cut, joined and changed anywhere, datagrams, RTU and ASCII, and
 * how each is recognised on another port. */
#include "modbus_kit.h"

#include "dissectors/modbus/modbus.h"
#include "modbus_examples.h"

static void
several_adus_in_a_segment_and_adus_over_segments(void **unused)
{
	struct kit k;
	uint8_t b[600];
	size_t n, cut;

	(void)unused;
	kit_open_known(&k);
	n = kit_adu(&k, "06 0001 0003", b);
	k.transaction++;
	n += kit_adu(&k, "05 00AC FF00", b + n);
	for (cut = 1; cut < n; cut++) {
		kit_send(&k, DIR_FROM_0, b, cut);
		kit_send(&k, DIR_FROM_0, b + cut, n - cut);
		(void)kit_said(&k);
		kit_send(&k, DIR_FROM_1, b, cut);
		kit_send(&k, DIR_FROM_1, b + cut, n - cut);
		assert_non_null(strstr(kit_said(&k), "[>coil 172+1 = 1]\n"));
	}
	assert_int_equal(k.operations, 2 + 4 * (n - 1));
	assert_int_equal(k.anomalies, 0);
	kit_close(&k);
}

static void
every_prefix_asks_for_more_and_says_nothing(void **unused)
{
	struct kit k;
	uint8_t b[600];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		kit_open_known(&k);
		size_t n = kit_adu(&k, examples[i].request, b), said = k.operations;

		for (size_t at = 0; at < n; at++) {
			assert_int_equal(k.operations, said);
			kit_send(&k, DIR_FROM_0, b + at, 1);
		}
		assert_int_equal(k.operations, said + 1);
		assert_string_not_equal(kit_said(&k), "");
		n = kit_adu(&k, examples[i].answer, b);
		for (size_t at = 0; at < n; at++) {
			assert_int_equal(k.operations, said + 1);
			kit_send(&k, DIR_FROM_1, b + at, 1);
		}
		assert_int_equal(k.operations, said + 2);
		kit_close(&k);
	}
}

static void
every_single_byte_change_is_survived(void **unused)
{
	struct kit k;
	uint8_t q[600], a[600];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		kit_open_known(&k);
		size_t nq = kit_adu(&k, examples[i].request, q);
		size_t na = kit_adu(&k, examples[i].answer, a);

		kit_exchange_changed(&k, q, nq, a, na);
		/* And then it is in step again. */
		kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
		for (int again = 0; again < 3; again++)
			kit_exchange(&k, "03 0000 0001", "03 02 0007");
		assert_non_null(strstr(kit_said(&k), "[holding 0+1 = 7]"));
		kit_close(&k);
	}
}

static void
a_strange_port_needs_two_that_agree(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 4711);
	kit_mbap(&k, DIR_FROM_0, "03 0000 0001");
	assert_null(k.flow.protocol);
	kit_mbap(&k, DIR_FROM_1, "03 02 0007");
	assert_string_equal(k.flow.protocol->name, "modbus");
	assert_int_equal(k.operations, 2);
	kit_close(&k);
}

static void
udp_datagrams_are_read(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	k.flow.proto = 17;
	kit_exchange(&k, "03 006B 0003", "03 06 022B 0000 0064");
	assert_non_null(strstr(kit_said(&k), "[holding 107+3 = 555,0,100]"));
	kit_close(&k);
}

static size_t
rtu(const char *hex, uint8_t *to)
{
	size_t n = kit_hex(hex, to);
	uint16_t crc = mb_crc16(to, n);

	to[n] = (uint8_t)crc;
	to[n + 1] = (uint8_t)(crc >> 8);
	return n + 2;
}

static void
the_crc_is_the_specifications(void **unused)
{
	/* MBSL 6.2.2, figure of an 02 07 message: CRC 41 12. */
	static const uint8_t message[] = { 0x02, 0x07 };

	(void)unused;
	assert_int_equal(mb_crc16(message, 2), 0x1241);
}

static void
rtu_is_known_by_its_checksum(void **unused)
{
	struct kit k;
	uint8_t b[300];

	(void)unused;
	kit_open(&k, 4001);
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		char hex[700];
		unsigned before = k.operations;

		snprintf(hex, sizeof(hex), "11 %s", examples[i].request);
		kit_send(&k, DIR_FROM_0, b, rtu(hex, b));
		snprintf(hex, sizeof(hex), "11 %s", examples[i].answer);
		kit_send(&k, DIR_FROM_1, b, rtu(hex, b));
		assert_int_equal(k.operations, before + 2);
		assert_non_null(strstr(kit_said(&k), ", answered"));
	}
	kit_close(&k);
}

static void
rtu_frames_are_split_and_joined(void **unused)
{
	struct kit k;
	uint8_t b[300], a[300];
	size_t n, m;

	(void)unused;
	kit_open(&k, 4001);
	n = rtu("11 03 006B 0003", b);
	m = rtu("11 03 06 022B 0000 0064", a);
	kit_send(&k, DIR_FROM_0, b, n);
	kit_send(&k, DIR_FROM_1, a, m);
	for (size_t cut = 1; cut < m; cut++) {
		unsigned before = k.operations;

		memcpy(b + n, b, n);
		kit_send(&k, DIR_FROM_0, b, 2 * n);
		kit_send(&k, DIR_FROM_1, a, cut);
		kit_send(&k, DIR_FROM_1, a + cut, m - cut);
		kit_send(&k, DIR_FROM_1, a, m);
		assert_int_equal(k.operations, before + 4);
	}
	assert_int_equal(k.anomalies, 0);
	/* A broadcast has no answer. */
	(void)kit_said(&k);
	kit_send(&k, DIR_FROM_0, b, rtu("00 06 0001 0003", b));
	assert_non_null(strstr(kit_said(&k), "write, unanswered [>holding 1+1 = 3]"));
	kit_close(&k);
}

/* The first eight bytes of this answer, whose last value equals the low byte of the CRC before it, are a whole request. */
static void
an_rtu_frame_may_hold_a_shorter_one(void **unused)
{
	struct kit k;
	uint8_t b[300], a[300];
	size_t n, m;

	(void)unused;
	kit_open(&k, 4001);
	n = rtu("05 03 000A 0002", b);
	m = rtu("05 03 04 0121 000C", a);
	assert_int_equal(mb_crc16(a, 6), a[6] | a[7] << 8);
	for (unsigned i = 0; i < 3; i++) {
		kit_send(&k, DIR_FROM_0, b, n);
		kit_send(&k, DIR_FROM_1, a, m);
	}
	memcpy(a + m, a, m);
	memcpy(b + n, b, n);
	kit_send(&k, DIR_FROM_0, b, 2 * n);
	(void)kit_said(&k);
	kit_send(&k, DIR_FROM_1, a, 2 * m);
	assert_non_null(strstr(kit_said(&k), "[holding 10+2 = 289,12]"));
	assert_int_equal(k.operations, 10);
	assert_int_equal(k.anomalies, 0);
	kit_close(&k);
}

static size_t
ascii(const char *hex, uint8_t *to)
{
	uint8_t b[300];
	size_t n = kit_hex(hex, b), at = 1;

	b[n] = mb_lrc(b, n);
	to[0] = ':';
	for (size_t i = 0; i <= n; i++, at += 2)
		(void)snprintf((char *)to + at, 3, "%02X", b[i]);
	to[at++] = '\r';
	to[at++] = '\n';
	return at;
}

static void
ascii_is_known_by_its_checksum(void **unused)
{
	struct kit k;
	uint8_t b[700];
	size_t n;

	(void)unused;
	kit_open(&k, 4002);
	kit_send(&k, DIR_FROM_0, b, ascii("11 03 006B 0003", b));
	n = ascii("11 03 06 022B 0000 0064", b);
	for (size_t i = 0; i < n; i++)
		kit_send(&k, DIR_FROM_1, b + i, 1);
	assert_non_null(strstr(kit_said(&k),
	    "= 1 unit 17 3 Read Holding Registers, read, answered [holding 107+3 = 555,0,100]\n"));
	n = ascii("11 06 0001 0003", b);
	b[4] ^= 1;
	kit_send(&k, DIR_FROM_0, b, n);
	assert_string_equal(kit_said(&k), "! bad_checksum\n");
	kit_send(&k, DIR_FROM_0, b, ascii("11 06 0001 0003", b));
	assert_non_null(strstr(kit_said(&k), "? 2 unit 17 6"));
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(several_adus_in_a_segment_and_adus_over_segments),
		cmocka_unit_test(every_prefix_asks_for_more_and_says_nothing),
		cmocka_unit_test(every_single_byte_change_is_survived),
		cmocka_unit_test(a_strange_port_needs_two_that_agree),
		cmocka_unit_test(udp_datagrams_are_read),
		cmocka_unit_test(the_crc_is_the_specifications),
		cmocka_unit_test(rtu_is_known_by_its_checksum),
		cmocka_unit_test(rtu_frames_are_split_and_joined),
		cmocka_unit_test(an_rtu_frame_may_hold_a_shorter_one),
		cmocka_unit_test(ascii_is_known_by_its_checksum),
	};

	return cmocka_run_group_tests_name("modbus-framing", tests, NULL, NULL);
}
