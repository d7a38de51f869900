/* The IEC 60870-5-104 dissector in its room: framing, numbers, pairing, what contradicts
 * itself. */
#include "iec104_kit.h"
#include "fresh_kit.h"

static void
a_command_from_start_to_termination(void **state)
{
	(void)state;
	kit_raw(&k, MASTER, "680407000000");
	says("? 1 ca 0 Start Data Transfer, session, pending\n");
	kit_raw(&k, STATION, "68040B000000");
	says("= 1 ca 0 Start Data Transfer, session, answered\n");
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
	says("? 2 ca 47 Single Command (execute), operate, pending {operate} [>45 5000+1 = 1] qualifier=0 select=0\n");
	kit_asdu(&k, STATION, "2D 01 07 00 2F00 881300 01");
	says("");
	kit_asdu(&k, STATION, "2D 01 0A 00 2F00 881300 01");
	mentions("= 2 ca 47 Single Command (execute), operate, answered {operate} [>45 5000+1 = 1]", NULL);
	assert_int_equal(k.anomalies, 0);
	assert_int_equal(k.flow.client_end, 0);
	assert_int_equal(k.flow.role_source, ROLE_CONTENT);
}

static void
refusals(void **state)
{
	static const struct { const char *answer, *what; } each[] = {
		{ "2D 01 47 00 2F00 881300 01", "exception {operate} 7 negative confirmation" },
		{ "2D 01 6C 00 2F00 881300 01", "exception {operate} 44 unknown type identification" },
		{ "2D 01 6D 00 2F00 881300 01", "exception {operate} 45 unknown cause of transmission" },
		{ "2D 01 6E 00 2F00 881300 01", "exception {operate} 46 unknown common address" },
		{ "2D 01 2F 00 2F00 881300 01", "exception {operate} 47 unknown information object address" },
	};

	(void)state;
	kit_begun(&k);
	for (size_t i = 0; i < sizeof(each) / sizeof(each[0]); i++) {
		kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
		(void)kit_said(&k);
		kit_asdu(&k, STATION, each[i].answer);
		mentions(each[i].what, NULL);
	}
	assert_int_equal(k.anomalies, 0);
}

static void
a_select_and_what_becomes_of_it(void **state)
{
	(void)state;
	kit_begun(&k);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 81");
	mentions("(select), operate, pending {select}", NULL);
	kit_asdu(&k, STATION, "2D 01 07 00 2F00 881300 81");
	mentions("= 2 ca 47 Single Command (select), operate, answered", NULL);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
	mentions("select_tx=1", NULL);
	kit_asdu(&k, STATION, "2D 01 07 00 2F00 881300 01");
	kit_asdu(&k, STATION, "2D 01 0A 00 2F00 881300 01");
	(void)kit_said(&k);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 81");
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 00");
	mentions("!iec104_execute_differs", NULL);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 891300 81");
	(void)kit_said(&k);
	kit_asdu(&k, MASTER, "2D 01 08 00 2F00 891300 81");
	mentions("(deactivate), operate, pending [>45 5001+1 = 1]", NULL);
	kit_asdu(&k, STATION, "2D 01 09 00 2F00 891300 81");
	mentions("(deactivate), operate, answered", NULL);
	/* Without a select it is a direct command. */
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 891300 01");
	assert_null(strstr(kit_said(&k), "select_tx"));
}

static void
interrogated_objects_name_their_interrogation(void **state)
{
	(void)state;
	kit_begun(&k);
	kit_asdu(&k, MASTER, "64 01 06 00 2F00 000000 14");
	mentions("Interrogation Command (station interrogation), read, pending", NULL);
	kit_asdu(&k, STATION, "64 01 07 00 2F00 000000 14");
	kit_asdu(&k, STATION, "01 82 14 00 2F00 010000 00 01");
	mentions("= 3 ca 47 Single-Point Information, read, answered [1 1+2 = ", NULL);
	kit_asdu(&k, STATION, "01 01 14 00 3000 010000 00");
	mentions("!iec104_no_activation", NULL);
	kit_asdu(&k, STATION, "64 01 0A 00 2F00 000000 14");
	mentions("= 2 ca 47 Interrogation Command (station interrogation), read, answered", NULL);
}

static void
scattered_and_following_addresses(void **state)
{
	(void)state;
	kit_begun(&k);
	kit_asdu(&k, STATION, "01 04 03 00 2F00 050000 00 090000 01 0A0000 00 FFFFFF 01");
	mentions("[1 5+1 = ", NULL);
	kit_asdu(&k, STATION, "0D 82 03 00 2F00 FEFFFF 0000803F 00 00000040 80");
	mentions("[13 16777214+2 = ", NULL);
	assert_int_equal(k.last_item.count, 2);
}

static void
numbers_of_apdus(void **state)
{
	(void)state;
	kit_begun(&k);
	k.send[STATION] = 0;
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	assert_int_equal(k.anomalies, 0);
	k.send[STATION] = 3;
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	mentions("! iec104_sequence\n", NULL);
	/* They are of 15 bits. */
	k.send[STATION] = 0x7fff;
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	mentions("! iec104_sequence\n", NULL);
	kit_raw(&k, MASTER, "680401000000");
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	assert_null(strstr(kit_said(&k), "! iec104_sequence"));
	/* What was not sent cannot be acknowledged. */
	kit_raw(&k, MASTER, "680401000400");
	mentions("! iec104_acknowledgment\n", NULL);
}

static void
the_window_is_twelve(void **state)
{
	(void)state;
	kit_begun(&k);
	for (unsigned i = 0; i < 12; i++)
		kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	assert_int_equal(k.anomalies, 0);
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00");
	mentions("! iec104_window\n", NULL);
	assert_int_equal(k.anomalies, 1);
}

static void
faults_first(void **state)
{
	(void)state;
	kit_raw(&k, MASTER, "6805430000 0000");
	mentions("!iec104_control_field", NULL);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
	mentions("Single Command (execute), operate, pending", NULL);
	kit_asdu(&k, MASTER, "2D 01 11 00 2F00 881300 01");
	mentions("!iec104_cause", NULL);
	kit_asdu(&k, MASTER, "16 01 06 00 2F00 881300 01");
	mentions("Reserved Type", NULL);
	kit_asdu(&k, STATION, "01 05 03 00 2F00 010000 00");
	mentions("!iec104_asdu_length", NULL);
	kit_asdu(&k, STATION, "01 01 03 00 2F00 010000 00 00");
	mentions("!iec104_trailing_bytes", NULL);
	kit_asdu(&k, STATION, "01 00 03 00 2F00");
	mentions("!iec104_object_count", NULL);
	kit_asdu(&k, STATION, "01 01");
	mentions("!iec104_asdu_length", NULL);
	kit_asdu(&k, STATION, "2D 01 06 00 2F00 010000 01");
	mentions("!iec104_wrong_direction", NULL);
}

/* On another port two that agree are wanted, and what only begins with 0x68 is nothing. */
static void
on_another_port(void **state)
{
	(void)state;
	kit_close(&k);
	kit_open(&k, 9999);
	kit_raw(&k, MASTER, "680E0000000045010600000001000001");
	kit_raw(&k, STATION, "6868686868686868");
	kit_raw(&k, MASTER, "680455555555");
	says("");
	kit_close(&k);
	kit_open(&k, 9999);
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
	says("");
	kit_asdu(&k, STATION, "2D 01 07 00 2F00 881300 01");
	mentions("Single Command (execute), operate, pending", NULL);
}

static void
a_lost_segment_proves_nothing(void **state)
{
	(void)state;
	kit_begun(&k);
	dissect_gap(k.dissect, &k.flow, MASTER, 16, k.now_ns, k.frame, 0);
	k.flow.gaps[MASTER]++;
	k.send[MASTER]++;
	kit_asdu(&k, STATION, "2D 01 07 00 2F00 881300 01");
	says("= 2 ca 47 Single Command, operate, one-sided {operate} [>45 5000+1 = 1] <qualifier=0 <select=0\n");
	kit_asdu(&k, MASTER, "2D 01 06 00 2F00 881300 01");
	assert_int_equal(k.anomalies, 0);
}

static void
a_cut_anywhere_changes_nothing(void **state)
{
	static const char *const asdus[] = { "2D 01 06 00 2F00 881300 01", "64 01 06 00 2F00 000000 14",
		"67 01 06 00 2F00 000000 A5C31E0D5B0617", "7A 01 0D 00 2F00 840300 0100 00 01" };
	char whole[KIT_TEXT];
	uint8_t wire[300];

	(void)state;
	for (size_t i = 0; i < sizeof(asdus) / sizeof(asdus[0]); i++)
		for (size_t at = 0; at == 0 || at < kit_wrap(&k, MASTER, asdus[i], wire); at++) {
			size_t n;

			kit_close(&k);
			kit_open(&k, KIT_PORT);
			kit_begun(&k);
			n = kit_wrap(&k, MASTER, asdus[i], wire);
			if (at == 0) {
				kit_send(&k, MASTER, wire, n);
				snprintf(whole, sizeof(whole), "%s", kit_said(&k));
				assert_true(whole[0] == '?');
				continue;
			}
			kit_send(&k, MASTER, wire, at);
			says("");
			kit_send(&k, MASTER, wire + at, n - at);
			says(whole);
		}
}

/* Each octet of a message changed to each value: survived in both directions. */
static void
any_octet_may_be_wrong(void **state)
{
	uint8_t wire[300];

	(void)state;
	for (unsigned dir = 0; dir < 2; dir++)
		for (size_t at = 0; at < 30; at++)
			for (unsigned v = 0; v < 256; v += at < 2 ? 1 : 7) {
				size_t n;

				kit_close(&k);
				kit_open(&k, KIT_PORT);
				kit_begun(&k);
				n = kit_wrap(&k, (enum flow_dir)dir, "0D 82 03 00 2F00 FEFFFF 0000803F 00 00000040 80 2D01", wire);
				if (at >= n)
					break;
				wire[at] = (uint8_t)v;
				kit_send(&k, (enum flow_dir)dir, wire, n);
			}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_command_from_start_to_termination), T(refusals), T(a_select_and_what_becomes_of_it),
		T(interrogated_objects_name_their_interrogation), T(scattered_and_following_addresses),
		T(numbers_of_apdus), T(the_window_is_twelve), T(faults_first), T(on_another_port),
		T(a_lost_segment_proves_nothing), T(a_cut_anywhere_changes_nothing), T(any_octet_may_be_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
