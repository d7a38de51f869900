/* Objects of DNP3 in a message: those that contradict themselves, limits, and what
 * attributes, files and authentication say. */
#include "dnp3_kit.h"
#include "fresh_kit.h"

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
authentication_errors_have_names(void **state)
{
	(void)state;
	kit_app(&k, MASTER, "C0 20 7802 5B 01 0A00 05000000 0100 DEADBEEF");
	kit_app(&k, OUTSTATION, "C0 83 0000 7807 5B 01 0F00 05000000 0100 0000 01 000000000000");
	mentions("Authentication Request, auth, exception 301 AUTHENTICATION_FAILED", NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_changed_byte_is_survived),
		T(objects_that_contradict_themselves),
		T(limits_are_reported_not_kept),
		T(attributes_become_facts),
		T(attributes_of_every_type_have_their_name),
		T(files_have_names_and_statuses),
		T(blocks_have_the_name_of_their_file),
		T(authentication_errors_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
