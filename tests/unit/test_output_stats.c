/* The counters, and the sentence of what was not seen. */
#include "output_kit.h"
#include "base/str.h"
#include "output/visibility.h"

/* Rows of one object stand together, or the record has a name twice. */
static void
test_counter_rows_stand_together(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const char *p = counter_row(i)->path;

		for (const char *dot = strchr(p, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
			size_t n = (size_t)(dot - p) + 1;
			bool left = false;

			for (unsigned k = i + 1; k < CNT_COUNT; k++) {
				bool in = strncmp(counter_row(k)->path, p, n) == 0;

				if (in && left)
					fail_msg("counters.def: %s stands apart from %s",
					    counter_row(k)->path, p);
				left = left || !in;
			}
		}
	}
}

static void
test_stats(void **state)
{
	struct output_settings s = settings();
	struct output *o = open_with(&s);
	struct counters c = { 0 };

	(void)state;
	c.v[CNT_DEC_PACKETS] = 12345;
	output_stats(o, &c, 1493388721000000000u, 10, false);
	c.v[CNT_CAP_DROPS] = 1;
	c.v[CNT_TCP_GAPS] = 3;
	c.v[CNT_TCP_GAP_BYTES] = 4380;
	output_stats(o, &c, 1493388731000000000u, 20, false);
	output_stats(o, &c, 1493388741000000000u, 30, false);	/* nothing moved */
	output_stats(o, &c, 1493388751000000000u, 40, true);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_memory_equal(text, "{\"timestamp\":\"2017-04-28T14:12:01.000000+0000\","
	    "\"event_type\":\"stats\",\"stats\":{\"uptime\":10,\"capture\":{\"kernel_packets\":0,"
	    "\"kernel_drops\":0,", 120);
	assert_non_null(strstr(text, "\"defrag\":{\"ipv4\":{\"fragments\":0,\"reassembled\":0"));
	assert_int_equal(count_of("\"event_type\":\"stats\""), 4);
	assert_int_equal(count_of("\"event_type\":\"visibility\""), 2);
	assert_non_null(strstr(text, "\"since\":\"2017-04-28T14:11:51.000000+0000\","
	    "\"until\":\"2017-04-28T14:12:11.000000+0000\",\"last\":false,"
	    "\"blind\":{\"capture.kernel_drops\":1,\"tcp.reassembly_gap\":3,\"tcp.gap_bytes\":4380},"));
	assert_non_null(strstr(text, "\"sentence\":\"The sensor saw 12,345 packets, but not everything: "
	    "1 packet was dropped by the kernel; 3 gaps in TCP sessions (4,380 bytes).\","
	    "\"advice\":[\"Give the sensor"));
	assert_non_null(strstr(text, "\"last\":true"));
	drop_file("eve.json");
}

static void
test_nothing_missed(void **state)
{
	struct counters c = { 0 };
	char buf[12288];
	struct strbuf s = strbuf_on(buf, sizeof(buf));

	(void)state;
	c.v[CNT_DEC_PACKETS] = 1000;
	visibility_sentence(&c, &s);
	assert_string_equal(buf, "The sensor saw 1,000 packets and missed nothing.");
	assert_false(visibility_blind(&(struct counters){ { 0 } }, &c));
	c.v[CNT_DEC_DUPLICATES] = 1;
	s = strbuf_on(buf, sizeof(buf));
	visibility_sentence(&c, &s);
	assert_string_equal(buf, "The sensor saw 1,000 packets and missed nothing; "
	    "1 frame came twice and was counted once.");
	/* every row at once: the longest sentence fits */
	for (unsigned i = 0; i < CNT_COUNT; i++)
		c.v[i] = UINT64_MAX;
	s = strbuf_on(buf, sizeof(buf));
	visibility_sentence(&c, &s);
	assert_false(s.cut);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counter_rows_stand_together),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_nothing_missed),
	};

	return OUTPUT_RUN(tests);
}
