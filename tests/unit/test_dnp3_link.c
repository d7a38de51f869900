/* Link frames of DNP3: checksums, functions, addresses, direction, and where a frame is
 * found: cut anywhere, on another port, in a datagram, behind noise. */
#include "dnp3_kit.h"
#include "fresh_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_prefix_says_nothing),
		T(wrong_crcs_are_told_apart),
		T(link_functions_are_operations),
		T(a_link_frame_hides_no_command),
		T(a_direction_bit_is_only_a_hint),
		T(a_first_frame_with_a_fault_is_reported),
		T(addresses_are_judged),
		T(an_odd_port_udp_and_noise),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
