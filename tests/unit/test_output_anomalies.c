/* The records of anomalies, so many for each flow and each minute. */
#include "output_kit.h"
#include "record/packet.h"

static void
test_anomalies(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow(), other = a_flow();
	struct anomaly a = an_anomaly(&f);
	struct packet p = { .src = f.addr[0], .dst = f.addr[1], .sport = 1, .dport = 2,
	    .ip_v = 4, .proto = IP_UDP };
	struct output *o = open_with(&s);

	(void)state;
	other.id = 78;
	for (int i = 0; i < 10; i++)
		output_anomaly(o, &a);
	a.flow = &other;
	output_anomaly(o, &a);
	output_flow(o, &f, FLOW_END_CLOSED);
	/* below the flow: three a minute */
	a = (struct anomaly){ .id = ANOM_DEC_IP_LEN, .ts_ns = 1493388721715496000u, .frame = 10,
	    .packet = &p };
	for (int i = 0; i < 10; i++)
		output_anomaly(o, &a);
	a.ts_ns += 60000000000u;
	output_anomaly(o, &a);
	a = (struct anomaly){ .id = ANOM_DEC_SHORT, .ts_ns = 1493388721715496000u, .frame = 10 };
	output_anomaly(o, &a);
	assert_int_equal(output_close(o), 0);
	assert_int_equal(counters.v[CNT_OUT_LIMITED], 14);
	read_file("eve.json");
	assert_int_equal(count_of("\"event_type\":\"anomaly\""), 3 + 1 + 3 + 1 + 1);
	assert_non_null(strstr(text, "\"event_type\":\"anomaly\",\"vlan\":[100],"
	    "\"src_ip\":\"10.0.0.2\",\"src_port\":502,\"dest_ip\":\"10.0.0.1\",\"dest_port\":40000,"
	    "\"proto\":\"TCP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\",\"community_id\":\"1:abc=\","
	    "\"tx_id\":2,\"anomaly\":{\"app_proto\":\"modbus\",\"type\":\"applayer\","
	    "\"event\":\"invalid_length\",\"layer\":\"proto_parser\"},\"ot\":{\"v\":2,\"what\":"));
	assert_non_null(strstr(text, "\"offset\":4,\"detail\":\"count is odd\"}}\n"));
	assert_non_null(strstr(text, "\"anomalies\":[{\"id\":\"invalid_length\",\"count\":10}]"));
	assert_non_null(strstr(text, "\"src_ip\":\"10.0.0.1\",\"src_port\":1,\"dest_ip\":\"10.0.0.2\","
	    "\"dest_port\":2,\"proto\":\"UDP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\","
	    "\"anomaly\":{\"type\":\"decode\",\"event\":\"ip_length\"}"));
	assert_non_null(strstr(text, "\"held_back\":7"));
	assert_non_null(strstr(text, "\"event_type\":\"anomaly\",\"pkt_src\":\"wire/pcap\","
	    "\"anomaly\":{\"type\":\"decode\",\"event\":\"truncated_header\"}"));
	drop_file("eve.json");
}

/* More flows than the table knows: the oldest give way, the rest still count. */
static void
test_limit_ceiling(void **state)
{
	struct output_settings s = settings();
	struct output *o;
	struct flow f = a_flow();
	struct anomaly a = an_anomaly(&f);

	(void)state;
	s.eve_file = "/dev/null";
	o = open_with(&s);
	for (uint64_t id = 1; id <= 40000; id++) {
		f.id = id;
		for (int i = 0; i < 4; i++)
			output_anomaly(o, &a);
	}
	assert_int_equal(counters.v[CNT_OUT_LIMITED], 40000);
	assert_true(counters.v[CNT_OUT_LIMIT_EVICTED] >= 40000 - 16384);
	assert_int_equal(output_close(o), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_anomalies),
		cmocka_unit_test(test_limit_ceiling),
	};

	return OUTPUT_RUN(tests);
}
