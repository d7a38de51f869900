/* Segments of DNP3 and the fragments they are joined to: order, numbers, ends that are
 * missing, several outstations at once. */
#include "dnp3_kit.h"
#include "fresh_kit.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_fragment_without_end_is_reported),
		T(transport_numbers_wrap),
		T(fragments_of_many_frames_are_joined),
		T(segments_out_of_order_are_reported),
		T(outstations_behind_one_connection_stay_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
