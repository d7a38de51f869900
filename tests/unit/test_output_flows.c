/* The record of a flow, and what the head of every record says of its flow. */
#include "output_kit.h"

static void
test_flow(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct output *o = open_with(&s);

	(void)state;
	output_flow(o, &f, FLOW_END_SHUTDOWN);
	f.id = 78;
	f.proto = IP_ICMP;
	f.port[0] = 8;
	f.port[1] = 0;
	f.protocol = NULL;
	f.transactions = 0;
	f.packets[1] = 0;
	output_flow(o, &f, FLOW_END_TIMEOUT);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_memory_equal(text, "{\"timestamp\":\"2017-04-28T14:12:03.500000+0000\",\"flow_id\":77,"
	    "\"event_type\":\"flow\",\"vlan\":[100],\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
	    "\"dest_ip\":\"10.0.0.2\",\"dest_port\":502,\"proto\":\"TCP\",\"ip_v\":4,"
	    "\"community_id\":\"1:abc=\",\"app_proto\":\"modbus\",\"flow\":{\"pkts_toserver\":6,"
	    "\"pkts_toclient\":5,\"bytes_toserver\":400,\"bytes_toclient\":500,"
	    "\"start\":\"2017-04-28T14:12:01.000000+0000\",\"end\":\"2017-04-28T14:12:03.500000+0000\","
	    "\"age\":2,\"state\":\"closed\",\"reason\":\"shutdown\",\"alerted\":false,\"tx_cnt\":2},"
	    "\"tcp\":{\"tcp_flags\":\"1b\",\"tcp_flags_ts\":\"1b\",\"tcp_flags_tc\":\"13\",\"syn\":true,"
	    "\"fin\":true,\"psh\":true,\"ack\":true,\"state\":\"closed\",\"tc_gap\":true},"
	    "\"ot\":{\"v\":2,\"client_role\":\"content\",\"end\":\"shutdown\",\"midstream\":false,"
	    "\"one_sided\":false,\"gaps_toclient\":1,\"lost_toclient\":60,\"risks\":[\"clear-text\"]}}\n",
	    500);
	assert_non_null(strstr(text, "\"proto\":\"ICMP\",\"ip_v\":4,\"icmp_type\":8,\"icmp_code\":0,"));
	assert_non_null(strstr(text, "\"app_proto\":\"failed\""));
	assert_non_null(strstr(text, "\"one_sided\":true"));
	drop_file("eve.json");
}

/* When content tells who the client is, the cached ends follow. */
static void
test_roles_turn(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);

	(void)state;
	output_operation(o, &op);
	f.client_end = 1;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_non_null(strstr(strchr(text, '\n'), "\"src_ip\":\"10.0.0.2\",\"src_port\":502"));
	assert_non_null(strstr(strchr(text, '\n'), "\"client\":{\"ip\":\"10.0.0.2\",\"port\":502}"));
	drop_file("eve.json");
}

static void
test_head_extras(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o;

	(void)state;
	s.sensor = "north \"1\"";
	s.ether = true;
	s.community_id = false;
	f.mac_known[0] = f.mac_known[1] = true;
	f.mac[0][5] = 0xab;
	env.many_files = true;
	o = open_with(&s);
	output_operation(o, &op);
	op.response.frame = frame_number(1, 3);		/* answered in the next file */
	output_operation(o, &op);
	op.response.frame = 5;
	(void)output_close(o);
	env.many_files = false;
	env.live = true;
	o = open_with(&s);
	f.source = 1;
	output_operation(o, &op);
	(void)output_close(o);
	env.live = false;
	read_file("eve.json");
	assert_non_null(strstr(text, "\"pkt_src\":\"wire/pcap\",\"pcap_filename\":\"first\","
	    "\"host\":\"north \\\"1\\\"\",\"ether\":{\"dest_mac\":\"00:00:00:00:00:00\","
	    "\"src_mac\":\"00:00:00:00:00:ab\"},\"tx_id\":0"));
	assert_non_null(strstr(text, "\"flow_id\":77,\"in_iface\":\"second\",\"pcap_cnt\":5"));
	assert_non_null(strstr(text, "\"pcap_cnt\":3,\"event_type\""));
	assert_non_null(strstr(text, "\"pcap_filename\":\"second\""));
	assert_non_null(strstr(text, "\"file\":\"first\""));
	assert_null(strstr(strstr(text, "in_iface"), "pcap_filename"));
	drop_file("eve.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_roles_turn),
		cmocka_unit_test(test_head_extras),
	};

	return OUTPUT_RUN(tests);
}
