/* Under S7: TPKT and COTP.  Connections, fragments, and whose messages they carry. */
#include "s7_kit.h"

static void
a_connection_says_rack_slot_and_kind(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_tpdu(&k, DIR_FROM_1, CC);
	assert_string_equal(kit_said(&k), "");	/* the carrier alone proves nothing */
	assert_null(k.flow.protocol);
	kit_s7(&k, DIR_FROM_0, 1, 1, "F0 00 0001 0001 01E0", "");
	assert_string_equal(k.flow.protocol->name, "s7comm");
	assert_string_equal(kit_said(&k),
	    "? 1 Connect, session, pending\n= 1 Connect, session, answered\n"
	    "? 2 Setup communication, session, pending max_amq_calling=1 max_amq_called=1 pdu_size=480\n");
	kit_tpdu(&k, DIR_FROM_0, "06 80 0002 0001 80");
	assert_string_equal(kit_said(&k), "= 2 Setup communication, session, unanswered "
	    "max_amq_calling=1 max_amq_called=1 pdu_size=480 ended_by='disconnect request'\n");
	kit_tpdu(&k, DIR_FROM_1, "04 70 0001 02");
	assert_non_null(strstr(kit_said(&k), "TPDU Error"));
	/* Nobody has to confirm it. */
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	assert_string_equal(kit_said(&k), "= 3 Disconnect, session, unsolicited\n");
	kit_close(&k);
}

static void
a_disconnect_and_its_confirm_are_one(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned end = 0; end < 2; end++) {
		kit_open(&k, KIT_PORT);
		kit_tpdu(&k, DIR_FROM_0, CR);
		kit_tpdu(&k, DIR_FROM_1, CC);
		kit_s7(&k, DIR_FROM_0, 1, 1, "29 0000000000 09 'P_PROGRAM'", "");
		kit_s7(&k, DIR_FROM_1, 3, 1, "29", "");
		kit_s7(&k, DIR_FROM_0, 1, 2, "29 0000000000 09 'P_PROGRAM'", "");
		(void)kit_said(&k);
		kit_tpdu(&k, end == 0 ? DIR_FROM_0 : DIR_FROM_1, "06 80 0002 0001 80");
		assert_string_equal(kit_said(&k), "= 3 PLC Stop, mode, unanswered "
		    "service='P_PROGRAM' ended_by='disconnect request'\n");
		kit_tpdu(&k, end == 0 ? DIR_FROM_1 : DIR_FROM_0, "05 C0 0001 0002");
		assert_string_equal(kit_said(&k), "= 4 Disconnect, session, answered\n");
		/* Another connection over the same TCP session ends what is left of one. */
		kit_tpdu(&k, DIR_FROM_0, CR);
		kit_tpdu(&k, DIR_FROM_1, CC);
		kit_s7(&k, DIR_FROM_0, 1, 3, "29 0000000000 09 'P_PROGRAM'", "");
		(void)kit_said(&k);
		kit_tpdu(&k, DIR_FROM_0, CR);
		assert_non_null(strstr(kit_said(&k), "PLC Stop, mode, unanswered "
		    "service='P_PROGRAM' ended_by='new connection request'\n"));
		kit_close(&k);
	}
}

static void
an_error_behind_data_refuses_no_connection(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);	/* its CC is lost */
	kit_s7(&k, DIR_FROM_0, 1, 1, "F0 00 0001 0001 01E0", "");
	kit_said(&k);
	kit_tpdu(&k, DIR_FROM_1, "04 70 0001 02");
	assert_non_null(strstr(kit_said(&k), "TPDU Error, session, unsolicited"));
	kit_tpdu(&k, DIR_FROM_1, "06 80 0001 0002 80");
	assert_non_null(strstr(kit_said(&k), "Setup communication, session, unanswered"));
	/* A new one is refused. */
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_said(&k);
	kit_tpdu(&k, DIR_FROM_1, "06 80 0001 0002 80");
	assert_non_null(strstr(kit_said(&k), "Connect, session, exception"));
	kit_close(&k);
}

static void
fragments_without_an_end_are_told(void **unused)
{
	struct kit k;

	(void)unused;
	/* At the end of the conversation, at a gap, at a disconnect. */
	for (int how = 0; how < 3; how++) {
		kit_open_known(&k);
		kit_tpdu(&k, DIR_FROM_0, "02 F0 00 32 01 0000 0009 0010 0000 29 0000000000 09");
		kit_tpdu(&k, DIR_FROM_0, "02 F0 00 'P_PROGRAM'");
		assert_string_equal(kit_said(&k), "");
		if (how == 0)
			dissect_closed(k.dissect, &k.flow, k.now_ns);
		else if (how == 1)
			dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 100, k.now_ns, k.frame, 0);
		else
			kit_tpdu(&k, DIR_FROM_1, "06 80 0002 0001 80");
		assert_string_equal(kit_said(&k), "! s7_fragments\n");
		kit_close(&k);
	}
	/* With their end they are one. */
	kit_open_known(&k);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 00 32 01 0000 0009 0010 0000 29 0000000000 09");
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 'P_PROGRAM'");
	assert_string_equal(kit_said(&k), "? 2 PLC Stop, mode, pending service='P_PROGRAM'\n");
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	assert_null(strstr(kit_said(&k), "s7_fragments"));
	kit_close(&k);
	/* At the limit. */
	kit_open_known(&k);
	for (int i = 0; i < 9; i++) {
		uint8_t b[600];

		memset(b, 0x41, sizeof(b));
		memcpy(b, "\3\0\2\x58\2\xf0\0", 7);
		if (i == 0)
			memcpy(b + 7, "\x32\1\0\0\0\x9\0\x10\0\0\x29\0\0\0\0\0\x9P_PROGRAM", 26);
		kit_send(&k, DIR_FROM_0, b, sizeof(b));
	}
	assert_non_null(strstr(kit_said(&k), "! s7_fragments\n"));
	kit_close(&k);
}

static void
fragments_are_joined_and_segments_hold_several(void **unused)
{
	struct kit k;
	uint8_t pdu[100], b[400];
	size_t n = kit_pdu(1, 7, "04 01 12 0A 10 02 0001 0000 83 000320", "", pdu) - 7, m = 0;

	(void)unused;
	kit_open_known(&k);
	for (size_t cut = 1; cut < n; cut++) {
		m = kit_carry(pdu + 7, cut, false, b);
		m += kit_carry(pdu + 7 + cut, n - cut, true, b + m);
		kit_send(&k, DIR_FROM_0, b, m);
		assert_non_null(strstr(kit_said(&k), "Read Var, read, pending [s7-flag MB100]\n"));
		kit_s7(&k, DIR_FROM_1, 3, 7, "04 01", "FF 04 0008 2A");
		(void)kit_said(&k);
	}
	m = kit_carry(pdu + 7, n, true, b);
	m += kit_carry(pdu + 7, n, true, b + m);
	k.operations = 0;
	kit_send(&k, DIR_FROM_0, b, m);
	assert_int_equal(k.operations, 2);
	kit_close(&k);
}

static void
rdp_and_mms_are_not_s7(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, "2A E0 0000 0000 00 'Cookie: mstshash=eltons' 0D0A 0100 0800 00000000");
	kit_tpdu(&k, DIR_FROM_1, "0E D0 0000 1234 00 0200 0800 02000000");
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 7F 65 82 01 94 04 01 01");
	assert_string_equal(kit_said(&k), "");
	assert_null(k.flow.protocol);
	kit_close(&k);
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_tpdu(&k, DIR_FROM_1, CC);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 0D 06 05 00 13 01 00 16 01 02");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 0E 06 05 00 13 01 00 16 01 02");
	assert_string_equal(kit_said(&k), "");
	assert_null(k.flow.protocol);
	kit_close(&k);
}

static void
any_port_by_content(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 4711);
	kit_s7(&k, DIR_FROM_0, 1, 9, "F0 00 0001 0001 01E0", "");
	assert_string_equal(kit_said(&k), "");
	kit_s7(&k, DIR_FROM_1, 3, 9, "F0 00 0001 0001 00F0", "");
	assert_string_equal(k.flow.protocol->name, "s7comm");
	assert_non_null(strstr(kit_said(&k), "answered"));
	kit_close(&k);
}

static void
plus_is_read_as_far_as_it_is_clear(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 72 02 001F 31 0000 04F2 0000 0005 00000388 34 "
	    "00000034 01 9077 00 08 01 00000000 000000 72020000");
	assert_string_equal(k.flow.protocol->name, "s7comm-plus");
	assert_string_equal(kit_said(&k), "? 1 Set Variable, mode, pending [>s7-object #52 2167+1 = 1] transport_flags=52 "
	    "object=52 object_name='CPU execution unit' requested_state=1 "
	    "requested_mode='STOP'\n");
	assert_int_equal(k.last.command, CMD_STOP);
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 72 02 000C 32 0000 04F2 0000 0005 34 00 00 72020000");
	assert_true(k.last.has_status && k.last.status == 0);
	assert_non_null(strstr(kit_said(&k), "answered"));
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 72 FE 0004 01020304");
	assert_non_null(strstr(kit_said(&k), "System Event, report, unsolicited"));
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 16 0303 0004 01020304");
	assert_string_equal(kit_said(&k),
	    "= 3 TLS session: content is encrypted, session, unsolicited "
	    "tls_record='handshake' tls_version=771\n");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 16 0303 0004 01020304");
	assert_string_equal(kit_said(&k), "");
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_says_rack_slot_and_kind),
		cmocka_unit_test(a_disconnect_and_its_confirm_are_one),
		cmocka_unit_test(an_error_behind_data_refuses_no_connection),
		cmocka_unit_test(fragments_without_an_end_are_told),
		cmocka_unit_test(fragments_are_joined_and_segments_hold_several),
		cmocka_unit_test(rdp_and_mms_are_not_s7),
		cmocka_unit_test(any_port_by_content),
		cmocka_unit_test(plus_is_read_as_far_as_it_is_clear),
	};

	return cmocka_run_group_tests_name("s7-connection", tests, NULL, NULL);
}
