/* test_match_words.c - flowint, stream_size, ot.time, fragments and outer headers, events of
 * the stream and of the decoder, and byte words as Suricata and Snort spell them. */
#include "match_say.h"

#include "detect/rules/zone.h"

#define T "alert tcp any any -> any any (msg:\"t\"; "

static void
flowint(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    T "content:\"login\"; flowint:tries,+,1; noalert; sid:1;)\n"
	    T "content:\"login\"; flowint:tries,>,2; sid:2;)\n"
	    T "content:\"login\"; flowint:tries,==,3; sid:3;)\n"
	    T "content:\"reset\"; flowint:tries,=,0; sid:4;)\n"
	    T "content:\"back\"; flowint:tries,-,5; flowint:limit,=,2; sid:5;)\n"
	    T "content:\"ask\"; flowint:tries,isset; sid:6;)\n"
	    T "content:\"ask\"; flowint:never,notset; sid:7;)\n"
	    T "content:\"ask\"; flowint:never,<,5; sid:8;)\n"
	    T "content:\"ask\"; flowint:tries,<,limit; sid:9;)\n");
	kit_flow(&k, IP_TCP, 1025, 2100);
	for (unsigned i = 0; i < 4; i++)
		kit_bytes(&k, DIR_FROM_0, "login\n", 6);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 1);
	kit_bytes(&k, DIR_FROM_0, "ask", 3);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[7], 1);
	assert_int_equal(k.hits[8], 0);
	assert_int_equal(k.hits[9], 0);
	kit_bytes(&k, DIR_FROM_0, "back", 4);	/* 4 - 5: 0, and limit 2 */
	kit_bytes(&k, DIR_FROM_0, "ask", 3);
	assert_int_equal(k.hits[9], 1);
	/* Another conversation counts for itself. */
	kit_flow(&k, IP_TCP, 1026, 2100);
	kit_bytes(&k, DIR_FROM_0, "login\n", 6);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.c.v[CNT_RULES_INTS_EVICTED], 0);
	kit_close(&k);
}

static void
stream_size(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    T "content:\"x\"; stream_size:client,>,6; sid:1;)\n"
	    T "content:\"x\"; stream_size:client,<=,6; sid:2;)\n"
	    T "content:\"x\"; stream_size:server,=,0; sid:3;)\n"
	    T "content:\"x\"; stream_size:either,>,6; sid:4;)\n"
	    T "content:\"x\"; stream_size:both,>,2; sid:5;)\n"
	    T "content:\"x\"; stream_size:client,!=,8; sid:6;)\n"
	    "alert udp any any -> any any (msg:\"t\"; content:\"x\"; stream_size:client,>,0; sid:7;)\n"
	    T "stream_size:client,=,8; sid:8;)\n");
	kit_flow(&k, IP_TCP, 1025, 2100);
	kit_bytes(&k, DIR_FROM_0, "xabc", 4);
	assert_int_equal(k.hits[1], 0);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[6], 1);
	kit_bytes(&k, DIR_FROM_0, "xabc", 4);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 0);
	assert_int_equal(k.hits[6], 1);
	assert_int_equal(k.hits[8], 1);
	kit_bytes(&k, DIR_FROM_1, "xyz", 3);
	assert_int_equal(k.hits[3], 2);
	assert_int_equal(k.hits[5], 1);
	kit_flow(&k, IP_UDP, 1025, 2100);
	kit_bytes(&k, DIR_FROM_0, "x", 1);
	assert_int_equal(k.hits[7], 0);
	kit_close(&k);
}

/* 2026-01-05 is a Monday; 06:00 UTC is 1767592800. */
#define MONDAY_6H 1767592800ull

static void
times_of_the_week(void **state)
{
	static const struct { uint64_t at; unsigned sids; } rows[] = {
		{ MONDAY_6H - 3 * 3600, 1u << 2 | 1u << 3 },	/* Monday 03:00 */
		{ MONDAY_6H - 1, 1u << 2 | 1u << 3 },
		{ MONDAY_6H, 1u << 1 },
		{ MONDAY_6H + 12 * 3600 - 1, 1u << 1 },
		{ MONDAY_6H + 12 * 3600, 1u << 2 },		/* 18:00 is outside */
		{ MONDAY_6H + 16 * 3600, 1u << 2 | 1u << 3 },	/* 22:00 */
		{ MONDAY_6H + 5 * 86400, 1u << 2 | 1u << 4 },	/* Saturday 06:00 */
		{ MONDAY_6H + 6 * 86400, 1u << 2 | 1u << 4 },	/* Sunday */
		{ MONDAY_6H + 4 * 86400 + 20 * 3600, 1u << 2 | 1u << 3 | 1u << 4 },	/* Saturday 02:00: the night of Friday */
	};
	struct kit k;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		kit_open(&k,
		    "alert modbus any any -> any any (msg:\"t\"; ot.function:6; ot.time:mon-fri 06:00-18:00; sid:1;)\n"
		    "alert modbus any any -> any any (msg:\"t\"; ot.function:6; ot.time:!mon-fri 06:00-18:00; sid:2;)\n"
		    "alert modbus any any -> any any (msg:\"t\"; ot.function:6; ot.time:sun-fri 22:00-06:00; sid:3;)\n"
		    "alert modbus any any -> any any (msg:\"t\"; ot.function:6; ot.time:sat, sunday; sid:4;)\n");
		k.ts_ns = rows[i].at * 1000000000u;
		MB(&k, DIR_FROM_0, 1, "\x06\x00\x0a\x00\x64");
		for (unsigned sid = 1; sid <= 4; sid++)
			if (k.hits[sid] != (rows[i].sids >> sid & 1u))
				fail_msg("row %zu sid %u: %u", i, sid, k.hits[sid]);
		kit_close(&k);
	}
}

static void
zones(void **state)
{
	struct time_zone z;

	(void)state;
	assert_true(zone_parse(&z, "UTC"));
	assert_int_equal(zone_local(&z, 1000), 1000);
	assert_true(zone_parse(&z, "+05:30"));
	assert_int_equal(zone_local(&z, 0), 19800);
	assert_true(zone_parse(&z, "CET-1CEST,M3.5.0,M10.5.0/3"));
	/* 2026-03-29 01:00 UTC and 2026-10-25 01:00 UTC */
	assert_int_equal(zone_local(&z, 1774746000 - 1) - (1774746000 - 1), 3600);
	assert_int_equal(zone_local(&z, 1774746000) - 1774746000, 7200);
	assert_int_equal(zone_local(&z, 1792890000 - 1) - (1792890000 - 1), 7200);
	assert_int_equal(zone_local(&z, 1792890000) - 1792890000, 3600);
	/* New York: 2026-03-08 07:00 UTC and 2026-11-01 06:00 UTC */
	assert_true(zone_parse(&z, "EST5EDT,M3.2.0,M11.1.0"));
	assert_int_equal(zone_local(&z, 1772953200 - 1) - (1772953200 - 1), -18000);
	assert_int_equal(zone_local(&z, 1772953200) - 1772953200, -14400);
	assert_int_equal(zone_local(&z, 1793512800) - 1793512800, -18000);
	/* South of the equator summer goes over the year's end: Sydney, 2026-01-15. */
	assert_true(zone_parse(&z, "AEST-10AEDT,M10.1.0,M4.1.0/3"));
	assert_int_equal(zone_local(&z, 1768435200) - 1768435200, 39600);
	assert_int_equal(zone_local(&z, 1784073600) - 1784073600, 36000);	/* 2026-07-15 */
	if (access("/usr/share/zoneinfo/Europe/Berlin", R_OK) == 0) {
		assert_true(zone_parse(&z, "Europe/Berlin"));
		assert_int_equal(zone_local(&z, 1784073600) - 1784073600, 7200);
	}
	assert_false(zone_parse(&z, "Nowhere/Else"));
	assert_false(zone_parse(&z, "../../../etc/passwd"));
	assert_false(zone_parse(&z, "+25:00"));
	assert_false(zone_parse(&z, "CET-1CEST,M13.5.0,M10.5.0/3"));
}

static struct packet
ip_packet(uint16_t flags, uint16_t frag)
{
	static const uint8_t a[4] = { 10, 1, 0, 1 }, b[4] = { 10, 1, 0, 2 };

	return (struct packet){ .ip_v = 4, .src = addr_v4(a), .dst = addr_v4(b), .proto = IP_UDP, .flags = flags,
	    .ip_frag = frag, .frame = 9, .payload = (const uint8_t *)"evil", .payload_len = 4, .payload_wire = 4 };
}

static void
fragments_and_outer_headers(void **state)
{
	struct packet p;
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert ip any any -> any any (msg:\"t\"; fragbits:M; sid:1;)\n"
	    "alert udp any any -> any any (msg:\"t\"; fragoffset:>0; sid:2;)\n"
	    "alert ip any any -> any any (msg:\"t\"; flow:only_frag; sid:3;)\n"
	    "alert ip any any -> any any (msg:\"t\"; flow:no_frag; sid:4;)\n"
	    "alert ip any any -> any any (msg:\"t\"; content:\"evil\"; sid:5;)\n"
	    "alert ip any any -> 10.1.0.2 any (msg:\"t\"; ip_proto:17; sid:6;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; fragbits:M; sid:7;)\n");
	p = ip_packet(PKT_FRAGMENT, IP_FRAG_MORE);
	rules_detector.header(k.d, &p);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 0);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 0);
	assert_int_equal(k.hits[5], 0);
	assert_int_equal(k.hits[7], 0);
	p = ip_packet(PKT_FRAGMENT, 185);
	rules_detector.header(k.d, &p);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 2);
	p = ip_packet(PKT_OUTER, 0);
	rules_detector.header(k.d, &p);
	assert_int_equal(k.hits[3], 2);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[6], 3);
	kit_close(&k);
}

static void
events(void **state)
{
	struct packet p = ip_packet(0, 0);
	struct anomaly a = { .id = ANOM_STR_OVERLAP_DIFF };
	struct kit k;

	(void)state;
	kit_open(&k,
	    T "stream-event:reassembly_overlap_different_data; sid:1;)\n"
	    T "stream-event:gap; sid:2;)\n"
	    "alert pkthdr any any -> any any (msg:\"t\"; decode-event:ipv4.frag_overlap; sid:3;)\n");
	a.flow = &k.flow;
	rules_detector.anomaly(k.d, &a);
	assert_int_equal(k.hits[1], 1);
	a.id = ANOM_STR_GAP;
	rules_detector.anomaly(k.d, &a);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	a = (struct anomaly){ .id = ANOM_DEC_FRAG_OVERLAP, .packet = &p };
	rules_detector.anomaly(k.d, &a);
	assert_int_equal(k.hits[3], 1);
	kit_close(&k);
}

static void
other_spellings_run(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    T "content:\"n=\"; byte_test:3,=,123,0,relative,dec,string; sid:1;)\n"
	    T "content:\"n=\"; byte_test:3,=,123,0,relative,string,dec; sid:2;)\n"
	    T "content:\"n=\"; byte_test:3,=,291,0,relative,hex,string; sid:3;)\n"
	    T "pcre:\"/say=\"yes\"/\"; content:\"n=\"; sid:4;)\n"
	    T "content:\"n=\"; content:\"end\"; distance:0; endswith; sid:5;)\n"
	    T "content:\"n=\"; content:\"end\"; within:3; endswith; sid:6;)\n"
	    T "content:\"n=\"; content:\"end\"; within:30; endswith; sid:7;)\n"
	    T "content:\"n=\"; content:\"123\"; distance:0; endswith; sid:8;)\n");
	kit_flow(&k, IP_TCP, 1025, 2100);
	kit_bytes(&k, DIR_FROM_0, "n=123 say=\"yes\" end", 19);
	for (unsigned sid = 1; sid <= 8; sid++)
		if (k.hits[sid] != (sid != 6 && sid != 8))
			fail_msg("sid %u: %u", sid, k.hits[sid]);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flowint),
		cmocka_unit_test(stream_size),
		cmocka_unit_test(times_of_the_week),
		cmocka_unit_test(zones),
		cmocka_unit_test(fragments_and_outer_headers),
		cmocka_unit_test(events),
		cmocka_unit_test(other_spellings_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
