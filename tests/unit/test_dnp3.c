/* The DNP3 dissector in its room: framing, transport, pairing, objects that
 * contradict themselves. */
#include "dnp3_kit.h"
#include "fresh_kit.h"

#define POLL	"C0 01 3C02 06 3C03 06 3C04 06 3C01 06"
#define ANSWER	"C0 81 0000 1E02 00 0001 01 0A00 01 F6FF 0101 00 0003 05"

static void
a_poll_and_its_answer(void **state)
{
	(void)state;
	kit_app(&k, MASTER, POLL);
	says("? 1 unit 10 #0 Read (integrity poll), read, pending [g60v2] [g60v3] [g60v4] [g60v1]\n");
	kit_app(&k, OUTSTATION, ANSWER);
	says("= 1 unit 10 #0 Read (integrity poll), read, answered [g60v2] [g60v3] [g60v4] [g60v1]"
	    " [g30v2 0+2 = 0:10/01,1:-10/01] [g1v1 0+4 = 0:1,1:0,2:1,3:0]\n");
	assert_int_equal(k.anomalies, 0);
	assert_int_equal(k.flow.client_end, 0);
	assert_int_equal(k.flow.role_source, ROLE_CONTENT);
}

static void
polls_have_names(void **state)
{
	static const struct { const char *objects, *name; } polls[] = {
		{ "3C01 06", "(class 0 poll)" }, { "3C02 06", "(class 1 poll)" },
		{ "3C03 06", "(class 2 poll)" }, { "3C04 07 10", "(class 3 poll)" },
		{ "3C02 06 3C03 06 3C04 06", "(event poll)" }, { "3C02 06 3C03 06", "(event poll)" },
		{ "3C02 06 3C03 06 3C04 06 3C01 06", "(integrity poll)" },
		{ "3C01 06 3C02 06", "(class 0 and event poll)" },
		{ "1E00 06", "Read, read" }, { "3C02 06 1E00 06", "Read, read" },
		{ "00FE 00 0000", "Read, identify" }, { "3201 07 01", "Read, time" },
		{ "7901 06", "Read, diagnose" },
	};

	(void)state;
	for (unsigned i = 0; i < COUNTOF(polls); i++) {
		char app[64];

		(void)snprintf(app, sizeof(app), "C%X 01 %s", i, polls[i].objects);
		kit_app(&k, MASTER, app);
		mentions(polls[i].name, NULL);
	}
}

static void
every_prefix_says_nothing(void **state)
{
	uint8_t app[200], wire[400];
	size_t n = kit_hex(POLL, app);

	(void)state;
	n = kit_fragment(&k, MASTER, app, n, wire);
	for (size_t len = 1; len < n; len++) {
		struct kit *one = calloc(1, sizeof(*one));

		assert_non_null(one);
		kit_open(one, KIT_PORT);
		kit_send(one, MASTER, wire, len);
		assert_int_equal(one->operations + one->anomalies, 0);
		kit_send(one, MASTER, wire + len, n - len);
		assert_int_equal(one->operations, 1);
		assert_int_equal(one->anomalies, 0);
		kit_close(one);
		free(one);
	}
}

/* With the CRC put right, so that the change is read. */
static void
every_changed_byte_is_survived(void **state)
{
	static const char *const messages[] = {
		POLL, "C1 03 0C01 28 0100 0700 41 01 64000000 C8000000 00",
		"C2 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000 00000000 0100 0004 0800 'log.txt'",
		"C3 02 3201 07 01 230100008001", ANSWER,
		"C0 81 0000 3301 07 01 230100008001 0203 28 0200 0100 81 E803 0200 01 0000",
		"D5 82 9000 0202 17 02 01 81 230100008001 02 01 230100008001",
		"C4 81 0000 00F8 00 0000 01 04 'S-17' 6E05 00 0000 'hello' 7805 5B 01 1000 01000000 0100 01 02 00 0400 'stev' AA",
	};

	(void)state;
	for (size_t m = 0; m < COUNTOF(messages); m++) {
		uint8_t app[300], wire[400];
		size_t n = kit_hex(messages[m], app);

		for (size_t at = 0; at < n; at++) {
			uint8_t was = app[at];

			for (unsigned v = 0; v < 256; v += v < 16 || v > 240 ? 1 : 7) {
				enum flow_dir dir = app[1] & 0x80 ? OUTSTATION : MASTER;

				app[at] = (uint8_t)v;
				kit_send(&k, dir, wire, kit_fragment(&k, dir, app, n, wire));
				(void)kit_said(&k);
			}
			app[at] = was;
		}
	}
	assert_int_equal(k.counters.v[CNT_APP_BUG], 0);
	assert_int_equal(k.counters.v[CNT_APP_ARENA_FULL], 0);
	kit_app(&k, MASTER, POLL);
	mentions("(integrity poll)", NULL);
}

static void
wrong_crcs_are_told_apart(void **state)
{
	uint8_t app[200], wire[400];
	size_t n = kit_hex(POLL, app);

	(void)state;
	kit_app(&k, MASTER, POLL);
	(void)kit_said(&k);
	n = kit_fragment(&k, MASTER, app, n, wire);
	wire[12] ^= 1;		/* user data */
	kit_send(&k, MASTER, wire, n);
	says("! BAD_TRANSPORT_CRC\n");
	wire[12] ^= 1;
	wire[4] ^= 1;		/* header */
	kit_send(&k, MASTER, wire, n);
	says("! BAD_LINK_CRC\n");
	kit_app(&k, MASTER, "C1 01 3C01 06");
	mentions("(class 0 poll)", NULL);
}

static void
link_functions_are_operations(void **state)
{
	uint8_t wire[300], user[3] = { 0xc0, 0xc0, 0 };

	(void)state;
	kit_send(&k, MASTER, wire, kit_frame(0xc9, 10, 1, NULL, 0, wire));
	says("? 1 unit 10 #0 Link: Request Link Status, session, pending\n");
	kit_send(&k, OUTSTATION, wire, kit_frame(0x0b, 1, 10, NULL, 0, wire));
	says("= 1 unit 10 #0 Link: Request Link Status, session, answered\n");
	kit_send(&k, MASTER, wire, kit_frame(0xc0, 10, 1, NULL, 0, wire));
	says("? 2 unit 10 #0 Link: Reset Link States, session, pending\n");
	kit_send(&k, OUTSTATION, wire, kit_frame(0x01, 1, 10, NULL, 0, wire));
	says("= 2 unit 10 #0 Link: Reset Link States, session, exception 111 NACK\n");
	/* Confirmed user data and its acknowledgment. */
	kit_send(&k, MASTER, wire, kit_frame(0xf3, 10, 1, user, 3, wire));
	mentions("Confirm", NULL);
	kit_send(&k, OUTSTATION, wire, kit_frame(0x00, 1, 10, NULL, 0, wire));
	mentions("Link: Confirmed User Data, session, answered", NULL);
	kit_send(&k, OUTSTATION, wire, kit_frame(0x00, 1, 10, NULL, 0, wire));
	mentions("Link: Acknowledgment, session, one-sided", NULL);	/* of nothing that was seen */
	/* A reserved function, and data where none belongs. */
	kit_send(&k, MASTER, wire, kit_frame(0xc7, 10, 1, NULL, 0, wire));
	mentions("Link: Reserved", "!reserved_link_function");
	kit_send(&k, MASTER, wire, kit_frame(0xc9, 10, 1, user, 3, wire));
	mentions("Link: Request Link Status", "!link_length");
	kit_send(&k, MASTER, wire, kit_frame(0xc2, 10, 1, NULL, 0, wire));
	mentions("Link: Test Link States", "!link_control");
	/* An outstation asks, too. */
	kit_send(&k, OUTSTATION, wire, kit_frame(0x49, 1, 10, NULL, 0, wire));
	mentions("unit 10 #0 Link: Request Link Status, session, pending", NULL);
}

/* A frame of the link layer with either direction bit, and a command behind it in the
 * same segment: the command is seen, and who sent it. */
static void
a_link_frame_hides_no_command(void **state)
{
	static const uint8_t controls[] = { 0x00, 0x80, 0x0b, 0x8b, 0x49, 0xc9, 0x40, 0xc0, 0x01, 0x0f };

	(void)state;
	for (unsigned i = 0; i < COUNTOF(controls); i++) {
		uint8_t wire[300], user[3] = { 0xc0, 0xc0, 0x0d };
		size_t n;

		kit_close(&k);
		kit_open(&k, i % 2 == 0 ? KIT_PORT : 40001);
		n = kit_frame(controls[i], 10, 1, NULL, 0, wire);
		n += kit_frame(0xc4, 10, 1, user, 3, wire + n);
		if (i % 2 != 0)
			n += kit_frame(0xc4, 10, 1, user, 3, wire + n);
		kit_send(&k, MASTER, wire, n);
		mentions("unit 10 #0 Cold Restart, mode, pending", NULL);
		assert_int_equal(k.flow.client_end, 0);
		assert_int_equal(k.flow.role_source, ROLE_CONTENT);
		assert_int_equal(flow_blind_bytes(&k.flow), 0);
	}
}

/* The direction bit of a link frame is believed until a function code knows better. */
static void
a_direction_bit_is_only_a_hint(void **state)
{
	uint8_t wire[300];

	(void)state;
	kit_send(&k, MASTER, wire, kit_frame(0x49, 10, 1, NULL, 0, wire));
	assert_int_equal(k.flow.client_end, 1);
	kit_app(&k, MASTER, POLL);
	assert_int_equal(k.flow.client_end, 0);
	kit_send(&k, MASTER, wire, kit_frame(0x49, 10, 1, NULL, 0, wire));
	kit_send(&k, MASTER, wire, kit_frame(0x49, 10, 1, NULL, 0, wire));
	kit_send(&k, MASTER, wire, kit_frame(0x49, 10, 1, NULL, 0, wire));
	assert_int_equal(k.flow.client_end, 0);
}

#define UNFINISHED "! unfinished_fragment"

static void
a_fragment_without_end_is_reported(void **state)
{
	static uint8_t wire[8192], more[250];
	uint8_t restart[3] = { 0x40, 0xc0, 0x0d }, again[2] = { 0x41, 0 };
	size_t n;

	(void)state;
	/* At the end of the session. */
	kit_send(&k, MASTER, wire, kit_frame(0xc4, 10, 1, restart, 3, wire));
	says("");
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	mentions(UNFINISHED, NULL);
	assert_int_equal(k.counters.v[CNT_APP_DNP3_UNFINISHED], 1);
	/* When a gap takes its end away. */
	kit_send(&k, MASTER, wire, kit_frame(0xc4, 10, 1, restart, 3, wire));
	dissect_gap(k.dissect, &k.flow, MASTER, 20, k.now_ns, k.frame, 0);
	mentions(UNFINISHED, NULL);
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	/* When it is older than any device needs. */
	kit_send(&k, MASTER, wire, kit_frame(0xc4, 10, 1, restart, 3, wire));
	k.now_ns += DN_STALE_NS + 1;
	kit_app(&k, OUTSTATION, "D0 82 0000");
	mentions(UNFINISHED, "Unsolicited");
	again[0] = 0x81;	/* its end comes after all */
	kit_send(&k, MASTER, wire, kit_frame(0xc4, 10, 1, again, 2, wire));
	mentions("Cold Restart, mode, pending", NULL);
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	/* When it is longer than any device takes, once. */
	more[0] = 0x40;
	more[1] = 0xc0;
	more[2] = 0x0d;
	n = kit_frame(0xc4, 10, 1, more, 250, wire);
	for (unsigned i = 1; i < 17; i++) {
		more[0] = (uint8_t)i;
		n += kit_frame(0xc4, 10, 1, more, 250, wire + n);
	}
	kit_send(&k, MASTER, wire, n);
	mentions(UNFINISHED, NULL);
	/* A session that was seen from its start begins with a first segment. */
	kit_close(&k);
	kit_open(&k, KIT_PORT);
	again[0] = 0x81;
	kit_send(&k, MASTER, wire, kit_frame(0xc4, 10, 1, again, 2, wire));
	mentions("! transport_sequence", NULL);
}

/* Unsolicited responses count on their own; after a restart they begin anew (1815 4.2.2.6:
 * bit 7 of the first octet of indications). */
static void
numbers_begin_anew_after_a_restart(void **state)
{
	(void)state;
	kit_app(&k, OUTSTATION, "F3 82 0000");
	kit_app(&k, OUTSTATION, "F4 82 0000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F0 82 8000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F1 82 8000");
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F9 82 7F00");
	mentions("!sequence_jump", NULL);
	/* Numbers have four bits, those of transport segments six. */
	k.anomalies = 0;
	for (unsigned i = 10; i < 33; i++) {
		char app[16];

		(void)snprintf(app, sizeof(app), "F%X 82 0000", i & 15);
		kit_app(&k, OUTSTATION, app);
	}
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F0 82 0000");		/* the last one once more */
	assert_int_equal(k.anomalies, 0);
	kit_app(&k, OUTSTATION, "F2 82 0000");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "F7 82 003F");
	mentions("!sequence_jump", NULL);
}

static void
transport_numbers_wrap(void **state)
{
	static uint8_t app[1000], wire[2000];

	(void)state;
	app[0] = 0xc0;
	app[1] = 0x81;
	k.transport[OUTSTATION] = 62;
	kit_send(&k, OUTSTATION, wire, kit_fragment(&k, OUTSTATION, app, sizeof(app), wire));
	mentions("link_frames=5", NULL);
	assert_int_equal(k.counters.v[CNT_APP_DNP3_UNFINISHED], 0);
}

/* On its own port the first frame is judged as every other. */
static void
a_first_frame_with_a_fault_is_reported(void **state)
{
	static const struct { int octet; uint8_t value; const char *anomaly; bool lost; } faults[] = {
		{ 8, 0x5a, "! BAD_LINK_CRC", true },
		{ 12, 0x5a, "! BAD_TRANSPORT_CRC", false },	/* function: the block's CRC is wrong */
	};

	(void)state;
	for (unsigned i = 0; i < 2 * COUNTOF(faults); i++) {
		uint8_t wire[300], user[3] = { 0xc0, 0xc0, 0x0d };
		size_t n;

		kit_close(&k);
		kit_open(&k, KIT_PORT);
		k.flow.proto = i % 2 == 0 ? 6 : 17;
		n = kit_frame(0xc4, 10, 1, user, 3, wire);
		wire[faults[i / 2].octet] = faults[i / 2].value;
		kit_send(&k, MASTER, wire, n);
		mentions(faults[i / 2].anomaly, NULL);
		assert_int_equal(flow_blind_bytes(&k.flow), faults[i / 2].lost ? n : 0);
		kit_app(&k, MASTER, "C1 0D");
		mentions("Cold Restart, mode, pending", NULL);
	}
	/* Datagrams that end inside a frame. */
	for (size_t n = 3; n < 15; n++) {
		uint8_t wire[300], user[3] = { 0xc0, 0xc0, 0x0d };

		kit_close(&k);
		kit_open(&k, KIT_PORT);
		k.flow.proto = 17;
		(void)kit_frame(0xc4, 10, 1, user, 3, wire);
		kit_send(&k, MASTER, wire, n);
		mentions("! short_datagram", NULL);
		assert_int_equal(flow_blind_bytes(&k.flow), n);
	}
}

static void
addresses_are_judged(void **state)
{
	(void)state;
	k.outstation = 0xffff;
	kit_app(&k, MASTER, "C0 02 3201 07 01 230100008001");
	says("? 1 unit 65535 #0 Write, time, pending [>g50v1 = 0:1649267441955]\n"
	    "= 1 unit 65535 #0 Write, time, no-answer-expected [>g50v1 = 0:1649267441955]\n");
	kit_app(&k, MASTER, POLL);
	mentions("!broadcast_read", NULL);
	k.outstation = 0xfffc;
	kit_app(&k, MASTER, POLL);
	says("? 3 unit 65532 #0 Read (integrity poll), read, pending [g60v2] [g60v3] [g60v4] [g60v1]\n");
	k.outstation = 0xfff5;
	kit_app(&k, MASTER, POLL);
	mentions("! reserved_address", NULL);
	k.outstation = 10;
	k.master = 0xfffe;
	kit_app(&k, MASTER, POLL);
	mentions("! reserved_address", NULL);
}

static size_t
long_answer(uint8_t *app, unsigned points)
{
	size_t n = kit_hex("C0 81 0000 1E04 01 0000", app);

	app[n++] = (uint8_t)(points - 1);
	app[n++] = (uint8_t)((points - 1) >> 8);
	for (unsigned i = 0; i < points; i++) {
		app[n++] = (uint8_t)i;
		app[n++] = (uint8_t)(i >> 8);
	}
	return n;
}

static void
fragments_of_many_frames_are_joined(void **state)
{
	static uint8_t app[5000], wire[8000];
	size_t n;

	(void)state;
	kit_app(&k, MASTER, "C0 01 1E04 06");
	(void)kit_said(&k);
	n = kit_fragment(&k, OUTSTATION, app, long_answer(app, 1000), wire);
	for (size_t at = 0; at < n; at += 100)
		kit_send(&k, OUTSTATION, wire + at, n - at < 100 ? n - at : 100);
	mentions("answered [g30v4] [g30v4 0+1000 = 0:0,1:1,2:2", "998:998,999:999] <link_frames=9\n");
	assert_int_equal(k.anomalies, 0);

	/* More than a device must take, and more than is kept. */
	kit_app(&k, MASTER, "C0 01 1E04 06");
	n = kit_fragment(&k, OUTSTATION, app, long_answer(app, 1500), wire);
	kit_send(&k, OUTSTATION, wire, n);
	mentions("1499:1499]", "!fragment_too_long\n");
	kit_app(&k, MASTER, "C0 01 1E04 06");
	n = kit_fragment(&k, OUTSTATION, app, long_answer(app, 2400), wire);
	kit_send(&k, OUTSTATION, wire, n);
	mentions("2040:2040", "!fragment_too_long !contradictory_count");
}

static void
segments_out_of_order_are_reported(void **state)
{
	static uint8_t app[5000], wire[8000];
	size_t n;

	(void)state;
	kit_app(&k, MASTER, "C0 01 1E04 06");
	(void)kit_said(&k);
	n = kit_fragment(&k, OUTSTATION, app, long_answer(app, 400), wire);
	/* A first segment begins anew; any other that comes twice is dropped in silence. */
	kit_send(&k, OUTSTATION, wire, 292);
	kit_send(&k, OUTSTATION, wire, 292);
	kit_send(&k, OUTSTATION, wire + 292, 292);
	says("! transport_sequence\n");
	kit_send(&k, OUTSTATION, wire + 292, 292);	/* repeated */
	kit_send(&k, OUTSTATION, wire + 584, 292);
	kit_send(&k, OUTSTATION, wire + 876, n - 876);
	mentions("answered", "399:399]");
	/* One is missing. */
	kit_send(&k, OUTSTATION, wire, 292);
	kit_send(&k, OUTSTATION, wire + 584, 292);
	mentions("! transport_sequence", NULL);
	kit_send(&k, OUTSTATION, wire + 876, n - 876);
	mentions("! transport_sequence", NULL);
}

static void
outstations_behind_one_connection_stay_apart(void **state)
{
	static uint8_t app[5000], wire[2][8000];
	size_t n[2];

	(void)state;
	for (unsigned i = 0; i < 2; i++) {
		k.outstation = (uint16_t)(10 + i);
		kit_app(&k, MASTER, "C0 01 1E04 06");
	}
	for (unsigned i = 0; i < 2; i++) {
		k.outstation = (uint16_t)(10 + i);
		n[i] = kit_fragment(&k, OUTSTATION, app, long_answer(app, 200 + 10 * i), wire[i]);
	}
	(void)kit_said(&k);
	kit_send(&k, OUTSTATION, wire[0], 292);
	kit_send(&k, OUTSTATION, wire[1], 292);
	kit_send(&k, OUTSTATION, wire[0] + 292, n[0] - 292);
	mentions("= 1 unit 10 ", "199:199]");
	kit_send(&k, OUTSTATION, wire[1] + 292, n[1] - 292);
	mentions("= 2 unit 11 ", "209:209]");
	assert_int_equal(k.anomalies, 0);
	/* More pairs than are remembered: counted, and the conversation goes on. */
	for (unsigned i = 0; i < 40; i++) {
		k.outstation = (uint16_t)(100 + i);
		kit_app(&k, MASTER, "C0 01 1E04 06");
	}
	assert_true(k.counters.v[CNT_APP_DNP3_STREAMS] > 0);
	kit_app(&k, OUTSTATION, "C0 81 0000 1E04 00 0000 0500");
	mentions("unit 139 #0 Read, read, answered", "0:5]");
}

static void
answers_of_many_fragments(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C3 01 1E00 06");
	(void)kit_said(&k);
	kit_app(&k, OUTSTATION, "A3 81 0000 1E04 00 0000 0100");	/* FIR, CON */
	says("= 1 unit 10 #3 Read, read, answered [g30v0] [g30v4 0+1 = 0:1]\n");
	kit_app(&k, MASTER, "C3 00");
	says("? 2 unit 10 #3 Confirm, session, pending confirms_tx=0\n"
	    "= 2 unit 10 #3 Confirm, session, answered confirms_tx=0\n");
	kit_app(&k, OUTSTATION, "24 81 0000 1E04 00 0101 0200");	/* CON */
	says("= 3 unit 10 #4 Read, read, answered [g30v4 1+1 = 1:2] <continues_tx=0\n");
	kit_app(&k, OUTSTATION, "45 81 0000 1E04 00 0202 0300");	/* FIN */
	says("= 4 unit 10 #5 Read, read, answered [g30v4 2+1 = 2:3] <continues_tx=0\n");
	kit_app(&k, OUTSTATION, "46 81 0000 1E04 00 0202 0300");	/* of nothing */
	mentions("one-sided", "!sequence_jump");
}

static void
select_before_operate(void **state)
{
#define CROB "0C01 17 01 07 03 01 64000000 64000000 "
	(void)state;
	kit_app(&k, MASTER, "C0 04 " CROB "00");
	mentions("Operate, operate, pending [>g12v1 = 7:3]", "!operate_without_select");
	kit_app(&k, OUTSTATION, "C0 81 0000 " CROB "02");
	mentions("exception 102 NO_SELECT", "[g12v1 = 7:3 status 2]");
	kit_app(&k, MASTER, "C1 03 " CROB "00");
	kit_app(&k, OUTSTATION, "C1 81 0000 " CROB "00");
	(void)kit_said(&k);
	kit_app(&k, MASTER, "C2 04 " CROB "00");
	mentions("select_tx=1\n", NULL);
	kit_app(&k, OUTSTATION, "C2 81 0000 " CROB "00");
	mentions("Operate, operate, answered", NULL);
	/* Another point, another number, or a read between them. */
	kit_app(&k, MASTER, "C3 03 " CROB "00");
	kit_app(&k, MASTER, "C4 04 0C01 17 01 08 03 01 64000000 64000000 00");
	mentions("Operate", "!operate_differs");
	kit_app(&k, MASTER, "C5 03 " CROB "00");
	kit_app(&k, MASTER, "C7 04 " CROB "00");
	mentions("Operate", "!operate_differs !sequence_jump");
	kit_app(&k, MASTER, "C8 03 " CROB "00");
	kit_app(&k, MASTER, "C9 01 3C01 06");
	kit_app(&k, MASTER, "CA 04 " CROB "00");
	mentions("Operate", "!operate_without_select");
	/* Analog outputs, and a device that refuses by indication. */
	kit_app(&k, MASTER, "CB 05 2902 17 01 02 E803 00");
	kit_app(&k, OUTSTATION, "CB 81 0002");
	mentions("Direct Operate, operate, exception 2 OBJECT_UNKNOWN iin 0002 [>g41v2 = 2:1000]", NULL);
	kit_app(&k, MASTER, "CC 06 2902 17 01 02 E803 00");
	mentions("No Acknowledgment, operate, pending", "No Acknowledgment, operate, no-answer-expected");
}

static void
unsolicited_responses_are_operations(void **state)
{
	(void)state;
	kit_app(&k, OUTSTATION, "F0 82 9000");
	says("= 1 unit 10 #0 Unsolicited Response, report, unsolicited iin 9000\n");
	kit_app(&k, MASTER, "D0 00");
	mentions("confirms_tx=0", NULL);
	kit_app(&k, MASTER, "D0 00");
	mentions("!unexpected_confirm", NULL);
	kit_app(&k, OUTSTATION, "F1 82 0000 0201 17 01 05 81");
	says("= 4 unit 10 #1 Unsolicited Response, report, unsolicited [g2v1 = 5:1/81]\n");
	kit_app(&k, OUTSTATION, "F1 82 0000 0201 17 01 05 81");
	mentions("<repeated=1", NULL);
	kit_app(&k, OUTSTATION, "F5 82 0000 0201 17 01 05 81");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "E6 82 0000");		/* no UNS */
	mentions("!application_control", NULL);
	kit_app(&k, OUTSTATION, "37 82 0000");		/* not a whole one */
	mentions("!application_control", NULL);
}

static void
every_function_code(void **state)
{
	(void)state;
	for (unsigned f = 0; f < 256; f++) {
		const struct func_desc *row = func_find(dn_funcs, DN_N_FUNCS, f, FUNC_NO_SUB);
		char app[32], name[80];

		k.outstation = f >= 128 ? 500 : 10;
		(void)snprintf(app, sizeof(app), "%s%X %02X%s", f == 130 ? "F" : "C", f & 15, f,
		    f >= 128 ? " 0000" : "");
		kit_app(&k, f >= 128 ? OUTSTATION : MASTER, app);
		(void)snprintf(name, sizeof(name), " %s, ", row != NULL ? row->name : "Reserved");
		mentions(name, row != NULL ? NULL : "!reserved_function");
	}
}

static void
requests_and_answers_that_do_not_fit(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	(void)kit_said(&k);
	kit_app(&k, OUTSTATION, "C5 81 0000");
	mentions("Response, read, one-sided", "!response_without_request");
	kit_app(&k, OUTSTATION, "C6 81 C0C0");
	mentions("iin c0c0", "!reserved_iin");
	kit_app(&k, MASTER, "C1 01 3C01 06");
	dissect_tick(k.dissect, k.now_ns + 20000000000u);
	mentions("unanswered", NULL);
	kit_app(&k, OUTSTATION, "C1 81 0000");
	mentions("one-sided", "!late_response");
	kit_app(&k, MASTER, "C2 81 0000");
	mentions("!wrong_direction", NULL);
	kit_app(&k, OUTSTATION, "C2 01 3C01 06");
	mentions("!wrong_direction", NULL);
	kit_app(&k, MASTER, "80 01 3C01 06");
	mentions("!application_control", NULL);
	kit_app(&k, MASTER, "D5 01 3C01 06");
	mentions("!application_control", NULL);
	kit_app(&k, MASTER, "C9 01 3C01 06");
	mentions("!sequence_jump", NULL);
	kit_app(&k, OUTSTATION, "C9 81");
	mentions("!MALFORMED", NULL);
	kit_app(&k, MASTER, "C9");
	says("! MALFORMED\n");
}

static void
a_flood_of_requests(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	for (unsigned i = 1; i <= 40; i++) {
		char app[32];

		k.outstation = (uint16_t)(10 + i / 16);
		(void)snprintf(app, sizeof(app), "C%X 01 3C01 06", i & 15);
		kit_app(&k, MASTER, app);
	}
	mentions("! FLOODED", "unanswered");
}

static void
objects_that_contradict_themselves(void **state)
{
	static const struct { const char *objects, *items, *anomaly; } rows[] = {
		{ "1E04 00 0500", "[g30v4]", "!range_order" },
		{ "1E04 02 00000000 FFFFFFFF 0100", "= 0:1]", "!range_order !contradictory_count" },
		{ "1E04 00 0009 0100 0200", "[g30v4 0+10 = 0:1,1:2]", "!contradictory_count" },
		{ "1E04 17 05 01 0100 02 0200", "[g30v4 = 1:1,2:2]", "!contradictory_count" },
		{ "0101 01 0000 FF0F FF", "[g1v1 0+4096 = 0:1,1:1,2:1,3:1,4:1,5:1,6:1,7:1]",
		    "!contradictory_count" },
		{ "1E04 37 01 01 0100", NULL, "!contradictory_count" },
		{ "1E04 77 01 01 0100", "[g30v4]", "!unknown_qualifier" },
		{ "1E04 0A 01", "[g30v4]", "!unknown_qualifier" },
		{ "1E04 87 01 0100", "[g30v4]", "!unknown_qualifier" },
		{ "1E04 06", "[g30v4]", "!unknown_qualifier" },
		{ "1E07 00 0000 0100", "[g30v7", "!UNKNOWN_OBJECT" },
		{ "0501 00 0000 0100 1E04 00 0000 0100", "[g5v1", "!UNKNOWN_OBJECT" },
		{ "0501 5B 01 0200 0100 1E04 00 0000 0100", "[g30v4 0+1 = 0:1]", "!UNKNOWN_OBJECT" },
		{ "1E00 00 0000", "[g30v0 0+1]", "!variation_without_data" },
		{ "4604 07 01 0000", "[g70v4]", "!unknown_qualifier" },
		{ "4603 5B 01 0400 00000000", "[g70v3]", "!contradictory_count" },
		{ "4608 5B 01 FF00 'ab'", "[g70v8]", "!contradictory_count" },
		{ "4604 5B 02 0D00 01000000 00000000 0000 0000 00", "[g70v4]", "!contradictory_count" },
		{ "1E", "", "!MALFORMED" },
		{ "1E04 00 00", "", "!MALFORMED" },
		{ "6E00 08 FFFF", "[g110v0]", NULL },
	};

	(void)state;
	for (unsigned i = 0; i < COUNTOF(rows); i++) {
		char app[200];

		(void)snprintf(app, sizeof(app), "F%X 82 0000 %s", i & 15, rows[i].objects);
		kit_app(&k, OUTSTATION, app);
		mentions(rows[i].items != NULL ? rows[i].items : "Unsolicited", rows[i].anomaly);
	}
}

static void
limits_are_reported_not_kept(void **state)
{
	static uint8_t app[5000], wire[8000];
	size_t n;

	(void)state;
	/* 8,000 double-bit points in 2,000 octets. */
	n = kit_hex("F0 82 0000 0301 01 0000 3F1F", app);
	memset(app + n, 0xe4, 2000);
	kit_send(&k, OUTSTATION, wire, kit_fragment(&k, OUTSTATION, app, n + 2000, wire));
	mentions("!TOO_MANY_POINTS", "4095:3]");
	/* 600 object headers. */
	n = kit_hex("C0 01", app);
	for (unsigned i = 0; i < 600; i++)
		n += kit_hex("1E00 06", app + n);
	kit_send(&k, MASTER, wire, kit_fragment(&k, MASTER, app, n, wire));
	mentions("!TOO_MANY_OBJECTS", NULL);
	assert_int_equal(k.counters.v[CNT_APP_ARENA_FULL], 0);
}

static void
attributes_become_facts(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 00FE 00 0000");
	kit_app(&k, OUTSTATION, "C0 81 0000 00FC 00 0000 01 04 'ACME' 00FA 00 0000 01 03 'R-1'"
	    " 00F8 00 0000 01 02 '42' 00F2 00 0000 01 03 '1.0' 00F0 00 0000 02 02 0008");
	mentions("Read, identify, answered [g0v254 0+1] [g0v252 0+1 = 0:41434d45]",
	    " vendor:252=\"ACME\" model:250=\"R-1\" serial:248=\"42\" firmware:242=\"1.0\"\n");
	assert_int_equal(k.anomalies, 0);
}

static void
files_have_names_and_statuses(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C2 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000 00000000"
	    " 0100 0004 0800 'log.txt'");
	mentions("Open File, file, pending [>g70v3]", "filename=6c6f672e747874");
	kit_app(&k, OUTSTATION, "C2 81 0000 4604 5B 01 0D00 00000000 00000000 0000 0800 03");
	mentions("exception 203 FILE_NOT_FOUND", "<status_code=3");
	kit_app(&k, MASTER, "C3 01 4605 5B 01 0800 78563412 00000000");
	mentions("Read, file, pending [>g70v5]", "file_handle=305419896");
}

#define OPENED(n, name) \
	kit_app(&k, MASTER, "C" n " 19 4603 5B 01 1F00 1A00 0500 000000000000 FF01 00000000" \
	    " 00000000 0100 0004 0700 '" name "'"); \
	kit_app(&k, OUTSTATION, "C" n " 81 0000 4604 5B 01 0D00 11000000 00000000 0004 0700 00")
#define BLOCK_ASKED(n) kit_app(&k, MASTER, "C" n " 01 4605 5B 01 0800 11000000 00000000")

static void
blocks_have_the_name_of_their_file(void **state)
{
	(void)state;
	BLOCK_ASKED("0");
	assert_null(strstr(k.text, "file=612e747874"));
	OPENED("1", "a.txt");
	BLOCK_ASKED("2");
	mentions("Read, file, pending [>g70v5]", "file_data= file=612e747874");
	kit_app(&k, OUTSTATION, "C2 81 0000 4605 5B 01 0A00 11000000 00000080 'ok'");
	mentions("Read, file, answered", "file=612e747874");
	/* Not closed: refused. */
	kit_app(&k, MASTER, "C3 1A 4604 5B 01 0D00 11000000 00000000 0000 0700 00");
	kit_app(&k, OUTSTATION, "C3 81 0000 4604 5B 01 0D00 11000000 00000000 0000 0700 10");
	BLOCK_ASKED("4");
	mentions("Read, file, pending", "file=612e747874");
	/* Another one under the same handle. */
	OPENED("5", "b.txt");
	BLOCK_ASKED("6");
	mentions("Read, file, pending", "file=622e747874");
	kit_app(&k, MASTER, "C7 1A 4604 5B 01 0D00 11000000 00000000 0000 0700 00");
	kit_app(&k, OUTSTATION, "C7 81 0000 4604 5B 01 0D00 11000000 00000000 0000 0700 00");
	mentions("Close File, file, answered", "file=622e747874");
	BLOCK_ASKED("8");
	assert_null(strstr(k.text, "file=622e747874"));
}

static void
attributes_of_every_type_have_their_name(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 00FE 00 0000");
	kit_app(&k, OUTSTATION, "C0 81 0000 00F0 00 0000 02 02 0008 00D9 00 0000 03 02 18FC"
	    " 00CC 00 0000 04 04 0000C03F 00C6 00 0000 07 06 0100000000 00"
	    " 00F8 00 0101 01 02 '42'");
	assert_null(strstr(k.text, "device_serial_number"));	/* set 1 is the user's own */
	mentions("Read, identify, answered", "<maximum_transmit_fragment_size=2048"
	    " <local_timing_accuracy=-1000 <device_location_longitude=1.5 <configuration_build_date=");
}

static void
authentication_errors_have_names(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 20 7802 5B 01 0A00 05000000 0100 DEADBEEF");
	kit_app(&k, OUTSTATION, "C0 83 0000 7807 5B 01 0F00 05000000 0100 0000 01 000000000000");
	mentions("Authentication Request, auth, exception 301 AUTHENTICATION_FAILED", NULL);
}

/* What detectors ask instead of codes and indications. */
static void
functions_are_commands_conditions_and_refusals(void **state)
{
	(void)state;
	k.flow.ttl[MASTER] = 31;
	k.flow.ttl[OUTSTATION] = 254;
	kit_app(&k, MASTER, "C0 03 " CROB "00");
	assert_int_equal(k.last.command, CMD_SELECT);
	assert_string_equal(k.last.action, "latch on");
	assert_int_equal(k.last_item.point, POINT_BINARY_OUTPUT);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	assert_int_equal(k.last.link[OP_SERVER].number, 10);
	assert_int_equal(k.last.link[OP_SERVER].len, 2);
	assert_false(k.last.has_status);
	kit_app(&k, OUTSTATION, "C0 81 9005 " CROB "00");
	assert_int_equal(k.last.command, CMD_SELECT);
	assert_true(k.last.has_status);
	assert_int_equal(k.last.status, 0x9005);
	assert_int_equal(k.last.condition, OP_RESTARTED);
	assert_int_equal(k.last.refused, OP_REFUSED_FUNCTION | OP_REFUSED_VALUE);
	assert_int_equal(k.last.exception, 1);
	assert_int_equal(k.last.request.ttl, 31);
	assert_int_equal(k.last.response.ttl, 254);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	kit_app(&k, MASTER, "C1 04 " CROB "00");
	assert_int_equal(k.last.command, CMD_OPERATE);
	/* Nobody asked: nothing is refused. */
	kit_app(&k, OUTSTATION, "F0 82 4028");
	assert_int_equal(k.last.condition, OP_TROUBLE | OP_OVERFLOW | OP_CORRUPT);
	assert_int_equal(k.last.refused, 0);
	assert_int_equal(k.last.link[OP_CLIENT].number, 1);
	assert_int_equal(k.last.link[OP_SERVER].number, 10);

	kit_app(&k, MASTER, "C2 02 3201 07 01 000000000000");
	assert_int_equal(k.last.command, CMD_TIME);
	assert_int_equal(k.last_item.point, POINT_CLOCK);
	kit_app(&k, MASTER, "C3 02 5001 00 07 07 00");
	assert_int_equal(k.last.command, CMD_NONE);
	assert_false(k.last.wants_confirm);
	kit_app(&k, MASTER, "E4 01 3C01 06");
	assert_true(k.last.wants_confirm);
	assert_int_equal(k.last_item.point, POINT_CLASS_0);
	kit_app(&k, MASTER, "C5 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000"
	    "00000000 0100 0004 0800 'log.txt'");
	assert_int_equal(k.last.command, CMD_FILE_READ);
	kit_app(&k, MASTER, "C6 19 4603 5B 01 2100 1A00 0700 000000000000 FF01 00000000"
	    "00000000 0300 0004 0900 'log.txt'");
	assert_int_equal(k.last.command, CMD_FILE_WRITE);
	assert_null(k.last.login_refused);
	kit_app(&k, MASTER, "C7 20 7802 5B 01 0A00 05000000 0100 DEADBEEF");
	kit_app(&k, OUTSTATION, "C7 83 0000 7807 5B 01 0F00 05000000 0100 0000 01 000000000000");
	assert_non_null(k.last.login_refused);
}

static void
an_odd_port_udp_and_noise(void **state)
{
	uint8_t app[200], wire[600];
	size_t n, m;

	(void)state;
	kit_close(&k);
	kit_open(&k, 4711);
	kit_app(&k, MASTER, POLL);
	assert_int_equal(k.operations, 1);	/* a checksum that holds is enough anywhere */
	kit_app(&k, OUTSTATION, ANSWER);
	mentions("= 1 unit 10", NULL);
	/* Noise, then a frame behind it in the same segment. */
	memset(wire, 0x05, 30);
	n = kit_hex("C1 01 3C01 06", app);
	m = kit_fragment(&k, MASTER, app, n, wire + 30);
	kit_send(&k, MASTER, wire, 30 + m);
	mentions("! lost_sync", "(class 0 poll)");
	assert_int_equal(flow_blind_bytes(&k.flow), 30);

	kit_close(&k);
	kit_open(&k, KIT_PORT);
	k.flow.proto = 17;
	n = kit_fragment(&k, MASTER, app, kit_hex(POLL, app), wire);
	m = kit_fragment(&k, MASTER, app, kit_hex("C1 01 3C01 06", app), wire + n);
	kit_send(&k, MASTER, wire, n + m);	/* two frames in a datagram */
	mentions("(integrity poll)", "(class 0 poll)");
	kit_send(&k, MASTER, wire, n - 3);
	says("! short_datagram\n");
}

static void
a_gap_is_not_held_against_anybody(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 01 3C01 06");
	kit_app(&k, OUTSTATION, "C0 81 0000");
	dissect_gap(k.dissect, &k.flow, MASTER, 100, k.now_ns, 9, 0);
	dissect_gap(k.dissect, &k.flow, OUTSTATION, 100, k.now_ns, 9, 0);
	(void)kit_said(&k);
	k.anomalies = 0;
	k.transport[OUTSTATION] = 17;
	kit_app(&k, OUTSTATION, "C9 81 0000");
	kit_app(&k, MASTER, "CC 04 0C01 17 01 07 03 01 64000000 64000000 00");
	kit_app(&k, MASTER, "C5 00");
	assert_int_equal(k.anomalies, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_poll_and_its_answer),
		T(polls_have_names),
		T(every_prefix_says_nothing),
		T(every_changed_byte_is_survived),
		T(wrong_crcs_are_told_apart),
		T(link_functions_are_operations),
		T(a_link_frame_hides_no_command),
		T(a_direction_bit_is_only_a_hint),
		T(a_fragment_without_end_is_reported),
		T(numbers_begin_anew_after_a_restart),
		T(transport_numbers_wrap),
		T(a_first_frame_with_a_fault_is_reported),
		T(addresses_are_judged),
		T(fragments_of_many_frames_are_joined),
		T(segments_out_of_order_are_reported),
		T(outstations_behind_one_connection_stay_apart),
		T(answers_of_many_fragments),
		T(select_before_operate),
		T(unsolicited_responses_are_operations),
		T(every_function_code),
		T(requests_and_answers_that_do_not_fit),
		T(a_flood_of_requests),
		T(objects_that_contradict_themselves),
		T(limits_are_reported_not_kept),
		T(attributes_become_facts),
		T(files_have_names_and_statuses),
		T(blocks_have_the_name_of_their_file),
		T(attributes_of_every_type_have_their_name),
		T(authentication_errors_have_names),
		T(functions_are_commands_conditions_and_refusals),
		T(an_odd_port_udp_and_noise),
		T(a_gap_is_not_held_against_anybody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
