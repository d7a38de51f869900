/* S7comm-plus: fragments, what carries it, and hostile bytes. */
#include "s7plus_kit.h"

/* The same without a trailer: a fragment. */
static void
part(struct kit *k, enum flow_dir dir, uint8_t version, uint8_t opcode, uint16_t function,
    uint16_t sequence, const char *body)
{
	uint8_t b[4100];

	kit_send(k, dir, b, message(version, opcode, function, sequence, body, false, b));
}

/* ---- fragments ------------------------------------------------------ */

#define HMAC "20 000102030405060708090A0B0C0D0E0F101112131415161718191A1B1C1D1E1F"

static void
fragments_become_one_message(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open(&k, 102);
	/* Bodies are given whole here: the HMAC stands before the opcode. */
	part(&k, DIR_FROM_0, 3, 0, 0, 0, HMAC "31 0000 04F2 0000 0009 00000394 34 00000034 01 90");
	assert_string_equal(kit_said(&k), "");
	part(&k, DIR_FROM_0, 3, 0, 0, 0, HMAC "77 0008");
	/* The controller speaks in between; so may the other end of the line. */
	send(&k, DIR_FROM_0, 0xfe, 0, 0, 0, "00000000 00000001 00000000 00000000");
	assert_non_null(strstr(kit_said(&k), "System Event"));
	send(&k, DIR_FROM_0, 3, 0, 0, 0, HMAC "01 " QUAL " 00 07 00000000");
	said = kit_said(&k);
	assert_non_null(strstr(said, "Set Variable, mode, pending [>s7-object #52 2167+1 = 1]"));
	assert_null(strstr(said, "unread"));
	/* A notification amid an answer. */
	part(&k, DIR_FROM_1, 3, 0, 0, 0, HMAC "32 0000 04F2 0000 0009 34");
	send(&k, DIR_FROM_1, 3, 0, 0, 0, HMAC "33 7040006F 0400 0000 0000 00 5F 03 00 00000000");
	assert_non_null(strstr(kit_said(&k), "Notification, report, unsolicited"));
	send(&k, DIR_FROM_1, 3, 0, 0, 0, HMAC "00 07 00000000");
	assert_non_null(strstr(kit_said(&k), "Set Variable, mode, answered"));
	kit_close(&k);
}

static void
what_is_too_long_is_read_from_its_beginning(void **unused)
{
	struct kit k;
	char zeros[1801];

	(void)unused;
	memset(zeros, '0', sizeof(zeros) - 1);
	zeros[1800] = '\0';
	kit_open(&k, 102);
	part(&k, DIR_FROM_0, 3, 0x31, 0x04ca, 9, "00000003 0004 00 00000000 09 A1 8A0E0007 940E 00 00 "
	    "A3 9359 0003 0007 A3 9365 0014 00 C000");
	for (int i = 0; i < 9; i++)
		part(&k, DIR_FROM_0, 3, 0, 0, 0, zeros);
	assert_string_equal(kit_said(&k), "");
	send(&k, DIR_FROM_0, 3, 0, 0, 0, "A2 00000000");
	assert_non_null(strstr(kit_said(&k), "Create Object, program-write, pending "
	    "[>s7-object #2316173319 2521+1 = 7]"));
	assert_int_equal(k.counters.v[CNT_APP_S7_CUT], 1);
	kit_close(&k);
}

static void
an_order_without_its_end_is_told(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open(&k, 102);
	/* Another one begins. */
	part(&k, DIR_FROM_0, 2, 0x31, 0x04f2, 9, "00000034 01 9077 0008 01");
	send(&k, DIR_FROM_0, 2, 0x31, 0x04f2, 10, "00000034 01 9077 0008 03 " QUAL " 00 07");
	said = kit_said(&k);
	assert_non_null(strstr(said, "! s7plus_header"));
	assert_non_null(strstr(said, "requested_mode='STOP'"));
	assert_non_null(strstr(said, "requested_mode='RUN'"));
	/* Bytes that never come. */
	part(&k, DIR_FROM_0, 2, 0x31, 0x04f2, 11, "00000034 01 9077 0008 03");
	assert_string_equal(kit_said(&k), "");
	dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 100, k.now_ns, k.frame, 0);
	assert_non_null(strstr(kit_said(&k), "requested_mode='RUN'"));
	/* A fragment whose beginning was lost. */
	send(&k, DIR_FROM_1, 3, 0, 0, 0, "69 6A6B6C6D 6E6F7071");
	assert_non_null(strstr(kit_said(&k), "Continuation, unknown, one-sided"));
	kit_close(&k);
}

/* ---- carrier -------------------------------------------------------- */

static void
tls_is_told_once_and_hides_nothing(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	send(&k, DIR_FROM_0, 1, 0x31, 0x05b3, 1, "00000000");
	send(&k, DIR_FROM_1, 1, 0x32, 0x05b3, 1, "00 00000000");
	kit_said(&k);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 16 0301 0004 01020304");
	assert_string_equal(kit_said(&k), "= 2 TLS session: content is encrypted, session, "
	    "unsolicited tls_record='handshake' tls_version=769\n");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 17 0303 0004 01020304");
	/* The rest of a record: its bytes may look like anything. */
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 72 02 FF01 02030405");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 32 01 00000001 0101 0001 0203");
	assert_string_equal(kit_said(&k), "");
	/* But clear text stays clear. */
	send(&k, DIR_FROM_0, 2, 0x31, 0x04f2, 10, "00000034 01 9077 0008 01 " QUAL " 00 07");
	assert_non_null(strstr(kit_said(&k), "requested_mode='STOP'"));
	kit_close(&k);
}

static void
old_firmware_answers_with_another_opcode(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	send(&k, DIR_FROM_0, 2, 0x31, 0x04f2, 5, "1000006A 01 881D 0007 0006 " QUAL " 00 07");
	kit_said(&k);
	send(&k, DIR_FROM_1, 2, 0x02, 0x04f2, 5, "00 00 00000000");
	assert_non_null(strstr(kit_said(&k), "Set Variable, session, answered"));
	kit_close(&k);
}

/* ---- hostile -------------------------------------------------------- */

static size_t
example_bytes(size_t i, bool response, uint8_t *to)
{
	const struct plus_example *e = &plus_examples[i];

	return message(e->version, response ? 0x32 : 0x31, e->function, (uint16_t)i,
	    response ? e->rsp : e->req, true, to);
}

/* Every body cut anywhere, its length telling the truth. */
static void
every_prefix_runs_clean(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(plus_examples); i++) {
		uint8_t q[2][4100], b[4100];
		size_t n[2] = { example_bytes(i, false, q[0]), example_bytes(i, true, q[1]) };

		for (int side = 0; side < 2; side++)
			for (size_t len = 4 + 10; len < n[side] - 7 - 4; len++) {
				uint8_t body[4100];

				memcpy(body, q[side] + 7, len);
				body[2] = (uint8_t)((len - 4) >> 8);
				body[3] = (uint8_t)(len - 4);
				memcpy(body + len, q[side] + n[side] - 4, 4);
				if (side == 1)
					kit_send(&k, DIR_FROM_0, q[0], n[0]);
				kit_send(&k, side == 0 ? DIR_FROM_0 : DIR_FROM_1, b,
				    kit_carry(body, len + 4, true, b));
				kit_said(&k);
			}
	}
	kit_close(&k);
}

static void
every_single_byte_change_runs_clean(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 102);
	for (size_t i = 0; i < COUNTOF(plus_examples); i++) {
		uint8_t q[2][4100];
		size_t n[2] = { example_bytes(i, false, q[0]), example_bytes(i, true, q[1]) };

		for (int side = 0; side < 2; side++)
			for (size_t at = 7; at < n[side]; at++)
				for (unsigned v = 1; v < 256; v++) {
					if (side == 1)
						kit_send(&k, DIR_FROM_0, q[0], n[0]);
					q[side][at] ^= (uint8_t)v;
					kit_send(&k, side == 0 ? DIR_FROM_0 : DIR_FROM_1,
					    q[side], n[side]);
					q[side][at] ^= (uint8_t)v;
					k.out = strbuf_on(k.text, sizeof(k.text));
				}
	}
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fragments_become_one_message),
		cmocka_unit_test(what_is_too_long_is_read_from_its_beginning),
		cmocka_unit_test(an_order_without_its_end_is_told),
		cmocka_unit_test(tls_is_told_once_and_hides_nothing),
		cmocka_unit_test(old_firmware_answers_with_another_opcode),
		cmocka_unit_test(every_prefix_runs_clean),
		cmocka_unit_test(every_single_byte_change_runs_clean),
	};

	return cmocka_run_group_tests_name("s7plus", tests, NULL, NULL);
}
