/* test_match_rules.c - rules about packets, flows, operations and what is
 * remembered, as Suricata's manual describes each keyword. */
#include "match_rules_kit.h"

/* ---- packets and flows ---- */

static struct packet
with_flags(uint8_t flags)
{
	return (struct packet){ .tcp_flags = flags };
}

static void
flags(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert tcp any any -> any any (msg:\"t\"; flags:S; sid:1;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flags:S+; sid:2;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flags:*SR; sid:3;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flags:!S; sid:4;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flags:S,CE; sid:5;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flags:0; sid:6;)\n");
	kit_packet(&k, DIR_FROM_0, with_flags(TCP_SYN));
	kit_packet(&k, DIR_FROM_1, with_flags(TCP_SYN | TCP_ACK));
	kit_packet(&k, DIR_FROM_0, with_flags(TCP_SYN | TCP_ECE | TCP_CWR));
	kit_packet(&k, DIR_FROM_0, with_flags(TCP_RST));
	kit_packet(&k, DIR_FROM_0, with_flags(TCP_ACK));
	kit_packet(&k, DIR_FROM_0, with_flags(0));
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 3);
	assert_int_equal(k.hits[3], 4);
	assert_int_equal(k.hits[4], 3);
	assert_int_equal(k.hits[5], 2);
	assert_int_equal(k.hits[6], 1);
	kit_close(&k);
}

static void
headers(void **state)
{
	struct kit k;
	struct packet p = { .ttl = 3, .tos = 8, .ip_id = 31337, .seq = 7, .ack = 9, .window = 0, .tcp_flags = TCP_ACK };
	struct packet icmp = { .proto = IP_ICMP, .icmp_type = 3, .icmp_code = 3 };

	(void)state;
	kit_open(&k,
	    "alert ip any any -> any any (msg:\"t\"; ttl:<5; tos:8; id:31337; sid:1;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; seq:7; ack:9; window:0; sid:2;)\n"
	    "alert icmp any any -> any any (msg:\"t\"; itype:3; icode:<4; sid:3;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:!6; sid:4;)\n"
	    "alert ip any any -> any any (msg:\"t\"; sameip; sid:5;)\n"
	    "alert ip 10.0.0.1 any -> any any (msg:\"once a flow\"; sid:6;)\n"
	    "alert tcp !10.0.0.0/8 any -> any any (msg:\"t\"; sid:7;)\n"
	    "alert tcp any any -> any ![1:1024] (msg:\"t\"; flags:A+; sid:8;)\n"
	    "alert tcp any any <> any 502 (msg:\"t\"; flags:A+; sid:9;)\n");
	kit_packet(&k, DIR_FROM_0, p);
	kit_packet(&k, DIR_FROM_0, p);
	kit_packet(&k, DIR_FROM_1, with_flags(TCP_ACK));
	assert_int_equal(k.hits[6], 1);
	kit_flow(&k, IP_ICMP, 0, 0);
	kit_packet(&k, DIR_FROM_0, icmp);
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[5], 0);
	assert_int_equal(k.hits[6], 2);
	assert_int_equal(k.hits[7], 0);
	assert_int_equal(k.hits[8], 1);
	assert_int_equal(k.hits[9], 3);
	kit_close(&k);
}

/* Suricata's types of rules: who with whom is looked at once a direction ("IP only"); a
 * port, a direction or a mark that is asked for makes it a rule about packets. */
static void
once_a_direction(void **state)
{
	struct packet ack = with_flags(TCP_ACK);
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:6; sid:1;)\n"
	    "alert tcp 10.0.0.0/8 any -> any any (msg:\"t\"; sid:2;)\n"
	    "alert tcp any any -> any 502 (msg:\"t\"; sid:3;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:6; flow:to_server; sid:4;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:6; flowbits:isnotset,a; sid:5;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:6; flowbits:set,b; sid:6;)\n"
	    "alert ip any any -> any any (msg:\"t\"; ip_proto:6; threshold:type limit,track by_src,count 1,seconds 1; sid:7;)\n");
	for (unsigned i = 0; i < 3; i++) {
		kit_packet(&k, DIR_FROM_0, ack);
		kit_packet(&k, DIR_FROM_1, ack);
		kit_wait(&k, 2000);
	}
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 3);
	assert_int_equal(k.hits[4], 3);
	assert_int_equal(k.hits[5], 6);
	assert_int_equal(k.hits[6], 2);
	assert_int_equal(k.hits[7], 2);
	kit_close(&k);
}

static void
flow(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert tcp any any -> any any (msg:\"t\"; flow:to_server,established; content:\"x\"; sid:1;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flow:from_server; content:\"x\"; sid:2;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flow:not_established; flags:S; sid:3;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flow:only_stream; content:\"x\"; sid:4;)\n"
	    "alert udp any any -> any any (msg:\"t\"; flow:established; content:\"x\"; sid:5;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; flow:established; flags:S; sid:6;)\n");
	kit_flow(&k, IP_TCP, 1025, 9999);
	k.flow.state = FLOW_NEW;
	kit_packet(&k, DIR_FROM_0, with_flags(TCP_SYN));
	k.flow.state = FLOW_ESTABLISHED;
	kit_bytes(&k, DIR_FROM_0, "ax", 2);
	kit_bytes(&k, DIR_FROM_1, "bx", 2);
	kit_flow(&k, IP_UDP, 1025, 9999);
	k.flow.state = FLOW_NEW;
	kit_bytes(&k, DIR_FROM_0, "ax", 2);
	assert_int_equal(k.hits[5], 0);
	k.flow.state = FLOW_ESTABLISHED;
	kit_bytes(&k, DIR_FROM_1, "ax", 2);
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 1);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 2);
	assert_int_equal(k.hits[5], 1);
	assert_int_equal(k.hits[6], 0);
	kit_close(&k);
}

/* ---- thresholds ---- */

static void
say(struct kit *k, unsigned times, uint64_t ms)
{
	for (unsigned i = 0; i < times; i++) {
		kit_bytes(k, DIR_FROM_0, "x", 1);
		kit_wait(k, ms);
	}
}

static void
thresholds(void **state)
{
#define T "alert udp any any -> any any (msg:\"t\"; content:\"x\"; "
	struct kit k;

	(void)state;
	kit_open(&k,
	    T "threshold:type limit,track by_src,count 2,seconds 60; sid:1;)\n"
	    T "threshold:type threshold,track by_dst,count 3,seconds 60; sid:2;)\n"
	    T "threshold:type both,track by_both,count 3,seconds 60; sid:3;)\n"
	    T "detection_filter:track by_src,count 4,seconds 60; sid:4;)\n"
	    T "threshold:type backoff,track by_flow,count 1,multiplier 3; sid:5;)\n"
	    T "threshold:type limit,track by_rule,count 1,seconds 5; sid:6;)\n");
	kit_flow(&k, IP_UDP, 1025, 9999);
	say(&k, 10, 10);
	assert_int_equal(k.hits[1], 2);
	assert_int_equal(k.hits[2], 3);
	assert_int_equal(k.hits[3], 1);
	assert_int_equal(k.hits[4], 6);
	assert_int_equal(k.hits[5], 3);		/* the 1st, 3rd, 9th */
	assert_int_equal(k.hits[6], 1);
	kit_wait(&k, 61000);
	say(&k, 3, 10);
	assert_int_equal(k.hits[1], 4);
	assert_int_equal(k.hits[3], 2);
	assert_int_equal(k.hits[4], 6);
	assert_int_equal(k.hits[6], 2);
	kit_close(&k);
}

/* ---- marks ---- */

static void
flowbits(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert tcp any any -> any any (msg:\"t\"; content:\"login\"; flowbits:set,in; flowbits:noalert; sid:1;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; flowbits:isset,in; sid:2;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; flowbits:isnotset,in; sid:3;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"bye\"; flowbits:unset,in; sid:4;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"flip\"; flowbits:toggle,in; sid:5;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; flowbits:isset,other|in; sid:6;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"never\"; flowbits:set,other; sid:7;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"tag\"; xbits:set,seen,track ip_src,expire 10; noalert; sid:8;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"ask\"; xbits:isset,seen,track ip_src; sid:9;)\n");
	kit_flow(&k, IP_TCP, 1025, 9999);
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	kit_bytes(&k, DIR_FROM_0, "login", 5);
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	kit_bytes(&k, DIR_FROM_0, "bye", 3);
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	kit_bytes(&k, DIR_FROM_0, "flip", 4);
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	assert_int_equal(k.hits[1], 0);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[3], 2);
	assert_int_equal(k.hits[4], 1);
	assert_int_equal(k.hits[6], 2);
	kit_bytes(&k, DIR_FROM_0, "ask", 3);
	kit_bytes(&k, DIR_FROM_0, "tag", 3);
	kit_flow(&k, IP_TCP, 1026, 9999);	/* another flow of the same host */
	kit_bytes(&k, DIR_FROM_0, "ask", 3);
	kit_bytes(&k, DIR_FROM_1, "ask", 3);
	kit_wait(&k, 11000);
	kit_bytes(&k, DIR_FROM_0, "ask", 3);
	assert_int_equal(k.hits[8], 0);
	assert_int_equal(k.hits[9], 1);
	kit_close(&k);
}

/* ---- operations of any protocol ---- */

static void
pass(void **state)
{
	struct kit k;

	(void)state;
	kit_open(&k,
	    "alert modbus any any -> any any (msg:\"t\"; modbus: access read; sid:1;)\n"
	    "pass modbus any any -> any any (msg:\"t\"; modbus: function 2; sid:2;)\n"
	    "drop modbus any any -> any any (msg:\"t\"; modbus: function 3; sid:3;)\n");
	MB(&k, DIR_FROM_0, 1, "\x03\x00\x00\x00\x01");
	MB(&k, DIR_FROM_0, 2, "\x02\x00\x00\x00\x01");
	MB(&k, DIR_FROM_0, 3, "\x03\x00\x00\x00\x01");	/* the whole flow is let go */
	assert_int_equal(k.hits[1], 1);
	assert_int_equal(k.hits[2], 0);
	assert_int_equal(k.hits[3], 1);
	kit_flow(&k, IP_TCP, 1026, 502);
	MB(&k, DIR_FROM_0, 1, "\x03\x00\x00\x00\x01");
	assert_int_equal(k.hits[1], 2);
	kit_close(&k);
}

/* A stream that nobody frames, cut anywhere. */
static void
across_segments(void **state)
{
	static const char text[] = "GET /manager/html HTTP/1.1\r\nUser-Agent: evil scanner\r\n\r\n";
	struct kit k;

	(void)state;
	for (unsigned step = 1; step < sizeof(text); step++) {
		kit_open(&k,
		    "alert tcp any any -> any any (msg:\"t\"; content:\"/manager/html\"; sid:1;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"user-agent|3a| \"; nocase; content:\"evil\"; distance:0; sid:2;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"GET\"; pcre:\"/man[a-z]+r/\"; sid:3;)\n"
		    "alert tcp any any -> any any (msg:\"t\"; content:\"html\"; content:!\"/\"; sid:4;)\n");
		kit_flow(&k, IP_TCP, 1025, 8080);
		for (unsigned at = 0; at < sizeof(text) - 1; at += step)
			kit_bytes(&k, DIR_FROM_0, text + at, sizeof(text) - 1 - at < step ?
			    (uint32_t)(sizeof(text) - 1 - at) : step);
		for (unsigned sid = 1; sid <= 3; sid++)
			assert_int_equal(k.hits[sid], 1);
		kit_close(&k);
	}
	/* Bytes between were lost: nothing is joined. */
	kit_open(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"abcdef\"; sid:1;)\n");
	kit_flow(&k, IP_TCP, 1025, 8080);
	kit_bytes(&k, DIR_FROM_0, "abc", 3);
	k.flow.gaps[0]++;
	kit_bytes(&k, DIR_FROM_0, "def", 3);
	assert_int_equal(k.hits[1], 0);
	kit_close(&k);
}

static void
many_fixed_places(void **state)
{
	struct kit k;
	char rules[8192];
	size_t n = 0;
	uint8_t b[64];

	(void)state;
	for (unsigned i = 0; i < 50; i++)
		n += (size_t)snprintf(rules + n, sizeof(rules) - n,
		    "alert udp any any -> any any (msg:\"t\"; content:\"|%02x|\"; offset:%u; depth:1; sid:%u;)\n",
		    i, i, i + 1);
	kit_open(&k, rules);
	kit_flow(&k, IP_UDP, 1, 9999);
	for (unsigned i = 0; i < sizeof(b); i++)
		b[i] = (uint8_t)i;
	kit_bytes(&k, DIR_FROM_0, b, sizeof(b));
	for (unsigned i = 1; i <= 50; i++)
		assert_int_equal(k.hits[i], 1);
	kit_close(&k);
}

static void
read_again(void **state)
{
	struct kit k;
	struct err e = { 0 };

	(void)state;
	kit_open(&k,
	    "alert tcp any any -> any any (msg:\"t\"; content:\"login\"; flowbits:set,in; sid:1;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; flowbits:isset,in; sid:2;)\n");
	kit_flow(&k, IP_TCP, 1025, 9999);
	kit_bytes(&k, DIR_FROM_0, "login", 5);
	kit_write(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; bogus; sid:3;)\n");
	/* No rule is left: those that run stay. */
	assert_int_equal(rules_detector.prepare(k.d, &e), -1);
	assert_true(e.n > 0);
	assert_false(rules_detector.swap(k.d));
	err_free(&e);
	e = (struct err){ 0 };
	/* One of two is good, and rules.strict wants both. */
	kit_write(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; bogus; sid:3;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; sid:7;)\n");
	k.set.rules.strict = true;
	assert_int_equal(rules_detector.prepare(k.d, &e), -1);
	assert_true(e.n > 0);
	assert_false(rules_detector.swap(k.d));
	k.set.rules.strict = false;
	err_free(&e);
	e = (struct err){ 0 };
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	assert_int_equal(k.hits[2], 1);
	/* Another number for the same name: the mark stays. */
	kit_write(&k,
	    "alert tcp any any -> any any (msg:\"t\"; content:\"zzz\"; flowbits:set,first; sid:4;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; flowbits:isset,in; sid:5;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"qqq\"; flowbits:set,in; sid:6;)\n");
	assert_int_equal(rules_detector.prepare(k.d, &e), 0);
	assert_int_equal(e.n, 0);
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	assert_int_equal(k.hits[2], 2);
	assert_true(rules_detector.swap(k.d));
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	assert_int_equal(k.hits[2], 2);
	assert_int_equal(k.hits[5], 1);
	/* The good one of two is taken over, the bad one is named. */
	kit_write(&k, "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; bogus; sid:3;)\n"
	    "alert tcp any any -> any any (msg:\"t\"; content:\"cmd\"; sid:7;)\n");
	assert_int_equal(rules_detector.prepare(k.d, &e), 0);
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "bogus"));
	assert_true(rules_detector.swap(k.d));
	kit_bytes(&k, DIR_FROM_0, "cmd", 3);
	assert_int_equal(k.hits[7], 1);
	err_free(&e);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags), cmocka_unit_test(headers), cmocka_unit_test(once_a_direction),
		cmocka_unit_test(flow),
		cmocka_unit_test(thresholds), cmocka_unit_test(flowbits),
		cmocka_unit_test(pass), cmocka_unit_test(across_segments), cmocka_unit_test(many_fixed_places), cmocka_unit_test(read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
