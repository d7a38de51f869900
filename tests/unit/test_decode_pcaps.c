/* The captures of pcaps/net through decode: each must give the same ten TCP
 * segments with the same four messages, whatever lies around them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/cursor.h"
#include "decode/decode.h"
#include "guard.h"

static const uint8_t messages[4][29] = {
	{ 0, 1, 0, 0, 0, 6, 1, 3, 0, 100, 0, 10 },
	{ 0, 1, 0, 0, 0, 23, 1, 3, 20, 0, 0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0, 7, 0, 8, 0, 9 },
	{ 0, 2, 0, 0, 0, 6, 1, 6, 0, 5, 4, 0xd2 },
	{ 0, 2, 0, 0, 0, 6, 1, 6, 0, 5, 4, 0xd2 },
};
static const uint32_t lengths[4] = { 12, 29, 12, 12 };

struct result {
	unsigned	tcp, other, good, bad;
	uint64_t	ip;
	unsigned	anomalies;
	enum anomaly_id	last;
	unsigned	n_vlan;
};

static void
on_packet(void *arg, const struct packet *p)
{
	struct result *r = arg;

	r->ip += p->ip_v != 0;
	if (p->ip_v == 0 || p->proto != IP_TCP || (p->sport != 502 && p->dport != 502)) {
		r->other++;
		return;
	}
	r->tcp++;
	r->n_vlan = p->n_vlan;
	if (p->payload_wire == 0)
		return;
	if (p->payload_wire == lengths[(r->good + r->bad) % 4] && p->payload_len <= p->payload_wire &&
	    memcmp(p->payload, messages[(r->good + r->bad) % 4], p->payload_len) == 0)
		r->good++;
	else
		r->bad++;
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct result *r = arg;

	r->anomalies++;
	r->last = a->id;
}

/* A reader for the one kind of file that net.py writes. */
static void
run(const char *name, bool dedup, enum checksum_mode sums, struct result *r, struct counters *c)
{
	static uint8_t file[1 << 20];
	struct decode_sink sink = { .packet = on_packet, .anomaly = on_anomaly, .arg = r };
	struct decode_settings s = { .checksums = sums, .dedup = dedup, .dedup_window_us = 2000,
	    .dedup_slots = 1024, .defrag_datagrams = 16, .defrag_timeout_s = 30 };
	const char *srcdir = getenv("srcdir");
	struct decoder *d;
	struct frame f = { 0 };
	struct cursor at;
	uint64_t ended = 0;
	char path[512];
	FILE *in;
	size_t n;

	snprintf(path, sizeof(path), "%s/pcaps/net/%s.pcap", srcdir != NULL ? srcdir : ".", name);
	in = fopen(path, "rb");
	if (in == NULL)
		fail_msg("%s cannot be opened", path);
	n = fread(file, 1, sizeof(file), in);
	fclose(in);
	at = cur_of(file, n);
	cur_skip(&at, 20);
	f.link = (uint16_t)cur_le32(&at);
	memset(r, 0, sizeof(*r));
	memset(c, 0, sizeof(*c));
	d = decode_open(&s, &sink, c);
	assert_non_null(d);
	while (cur_left(&at) > 0) {
		f.ts_ns = cur_le32(&at) * UINT64_C(1000000000);
		f.ts_ns += cur_le32(&at) * UINT64_C(1000);
		f.number++;
		f.cap_len = cur_le32(&at);
		f.wire_len = cur_le32(&at);
		f.data = cur_bytes(&at, f.cap_len);
		assert_true(cur_ok(&at));
		f.data = guard(f.data, f.cap_len);
		decode_frame(d, &f);
		decode_tick(d, f.ts_ns);
	}
	decode_finish(d, f.ts_ns);
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (counter_row((enum counter_id)i)->marks & COUNTER_FRAME)
			ended += c->v[i];
	assert_int_equal(c->v[CNT_DEC_PACKETS], ended + r->ip);
	decode_close(d);
}

static void
each_capture_carries_the_same_conversation(void **unused)
{
	static const struct {
		const char	*name;
		enum counter_id	 counter;	/* what it is there to show */
		unsigned	 count;
		unsigned	 n_vlan;
		unsigned	 other;
		unsigned	 anomalies;
	} t[] = {
		{ "ethernet", CNT_DEC_ARP, 1, 0, 3, 0 },
		{ "snap", CNT_DEC_ETHERNET, 10, 0, 0, 0 },
		{ "sll", CNT_DEC_SLL, 10, 0, 0, 0 },
		{ "sll2", CNT_DEC_SLL2, 10, 0, 0, 0 },
		{ "raw", CNT_DEC_RAW, 10, 0, 0, 0 },
		{ "raw-ipv6", CNT_DEC_IPV6, 10, 0, 0, 0 },
		{ "raw-ipv4-only", CNT_DEC_IPV4, 10, 0, 0, 0 },
		{ "raw-ipv6-only", CNT_DEC_IPV6, 10, 0, 0, 0 },
		{ "null", CNT_DEC_NULL, 10, 0, 0, 0 },
		{ "null-big-endian", CNT_DEC_NULL, 10, 0, 0, 0 },
		{ "null-ipv6", CNT_DEC_NULL, 10, 0, 0, 0 },
		{ "loop", CNT_DEC_NULL, 10, 0, 0, 0 },
		{ "ppp", CNT_DEC_PPP, 10, 0, 0, 0 },
		{ "vlan", CNT_DEC_VLAN, 10, 1, 0, 0 },
		{ "qinq", CNT_DEC_QINQ, 10, 2, 0, 0 },
		{ "vlan-deep", CNT_DEC_QINQINQ, 10, 3, 0, 0 },
		{ "vlan-priority", CNT_DEC_VLAN, 10, 0, 0, 0 },
		{ "prp-twins", CNT_DEC_PRP, 21, 0, 1, 0 },
		{ "prp-late-twins", CNT_DEC_DUPLICATES, 10, 0, 0, 0 },
		{ "hsr", CNT_DEC_HSR, 21, 0, 1, 0 },
		{ "mpls-ip", CNT_DEC_MPLS, 10, 0, 0, 0 },
		{ "mpls-ipv6", CNT_DEC_MPLS, 10, 0, 0, 0 },
		{ "mpls-pseudowire", CNT_DEC_ETHERNET, 20, 0, 0, 0 },
		{ "mpls-pseudowire-bare", CNT_DEC_ETHERNET, 20, 0, 0, 0 },
		{ "pppoe", CNT_DEC_PPPOE, 10, 0, 0, 0 },
		{ "gre", CNT_DEC_GRE, 10, 0, 0, 0 },
		{ "gre-options", CNT_DEC_GRE, 10, 0, 0, 0 },
		{ "gre-pptp", CNT_DEC_PPP, 10, 0, 0, 0 },
		{ "nvgre", CNT_DEC_ETHERNET, 20, 0, 0, 0 },
		{ "erspan1", CNT_DEC_ERSPAN, 10, 0, 0, 0 },
		{ "erspan2", CNT_DEC_ERSPAN, 10, 1, 0, 0 },
		{ "erspan3", CNT_DEC_ERSPAN, 10, 1, 0, 0 },
		{ "erspan-truncated", CNT_DEC_ERSPAN, 10, 1, 0, 0 },
		{ "vxlan", CNT_DEC_VXLAN, 10, 0, 0, 0 },
		{ "geneve", CNT_DEC_GENEVE, 10, 0, 0, 0 },
		{ "ip-in-ip", CNT_DEC_IPV4, 20, 0, 0, 0 },
		{ "ipv6-in-ipv4", CNT_DEC_IPV6, 10, 0, 0, 0 },
		{ "onion", CNT_DEC_VXLAN, 10, 3, 0, 0 },
		{ "ipv4-options", CNT_DEC_IPV4, 10, 0, 0, 0 },
		{ "ipv6", CNT_DEC_IPV6, 10, 0, 0, 0 },
		{ "ipv6-extensions", CNT_DEC_IPV6, 10, 0, 0, 0 },
		{ "fragments", CNT_DEFRAG_V4_DONE, 4, 0, 0, 0 },
		{ "fragments-reversed", CNT_DEFRAG_V4_DONE, 4, 0, 0, 0 },
		{ "fragments-twice", CNT_DEC_DUPLICATES, 15, 0, 0, 0 },
		{ "fragments-ipv6", CNT_DEFRAG_V6_DONE, 4, 0, 0, 0 },
		{ "fragments-ipv6-reversed", CNT_DEFRAG_V6_DONE, 4, 0, 0, 0 },
		{ "fragments-overlap", CNT_DEFRAG_OVERLAP, 2, 0, 0, 1 },
		{ "fragments-tiny", CNT_DEFRAG_V4_DONE, 4, 0, 0, 8 },
		{ "fragments-of-tunnel", CNT_DEFRAG_V4_DONE, 10, 0, 0, 0 },
		{ "duplicates-both-directions", CNT_DEC_DUPLICATES, 10, 0, 0, 0 },
		{ "duplicates-without-id", CNT_DEC_DUPLICATES, 10, 0, 0, 0 },
		{ "duplicates-vlans", CNT_DEC_DUPLICATES, 20, 1, 0, 0 },
		{ "duplicates-routed", CNT_DEC_DUPLICATES, 10, 0, 0, 0 },
		{ "duplicates-erspan", CNT_DEC_DUPLICATES, 10, 0, 0, 0 },
		{ "snaplen", CNT_DEC_CUT, 1, 0, 0, 0 },
		{ "snaplen-short", CNT_DEC_CUT, 4, 0, 0, 0 },
		{ "bad-tcp-checksums", CNT_DEC_TCP, 10, 0, 0, 0 },
		{ "bad-ip-checksums", CNT_DEC_TCP, 10, 0, 0, 0 },
		{ "tso-length-zero", CNT_DEC_TCP, 10, 0, 0, 0 },
	};
	struct counters c;
	struct result r;

	(void)unused;
	for (size_t i = 0; i < sizeof(t) / sizeof(t[0]); i++) {
		run(t[i].name, true, CHECKSUM_NONE, &r, &c);
		if (r.tcp != 10 || r.good != 4 || r.bad != 0 || r.other != t[i].other ||
		    r.anomalies != t[i].anomalies || c.v[t[i].counter] != t[i].count ||
		    r.n_vlan != t[i].n_vlan)
			fail_msg("%s: tcp %u good %u bad %u other %u anomalies %u (%s) vlans %u counter %llu",
			    t[i].name, r.tcp, r.good, r.bad, r.other, r.anomalies,
			    anomaly_row(r.last)->text, r.n_vlan,
			    (unsigned long long)c.v[t[i].counter]);
	}
}

static void
a_retransmission_goes_on(void **unused)
{
	struct counters c;
	struct result r;

	(void)unused;
	run("retransmission", true, CHECKSUM_ALL, &r, &c);
	assert_int_equal(r.tcp, 12);
	assert_int_equal(c.v[CNT_DEC_DUPLICATES], 0);
}

static void
dedup_can_be_switched_off(void **unused)
{
	struct counters c;
	struct result r;

	(void)unused;
	run("duplicates-vlans", false, CHECKSUM_NONE, &r, &c);
	assert_int_equal(r.tcp, 30);
	assert_int_equal(c.v[CNT_DEC_DUPLICATES], 0);
}

static void
honest_captures_have_right_checksums(void **unused)
{
	static const char *const honest[] = { "ethernet", "ipv6", "ipv6-extensions", "ipv4-options",
	    "fragments", "fragments-ipv6-reversed", "onion", "prp-twins", "duplicates-routed",
	    "snaplen", "tso-length-zero" };
	struct counters c;
	struct result r;

	(void)unused;
	for (size_t i = 0; i < sizeof(honest) / sizeof(honest[0]); i++) {
		run(honest[i], true, CHECKSUM_ALL, &r, &c);
		if (r.tcp != 10 || r.anomalies != 0)
			fail_msg("%s: tcp %u anomalies %u", honest[i], r.tcp, r.anomalies);
	}
	run("bad-tcp-checksums", true, CHECKSUM_ALL, &r, &c);
	assert_int_equal(r.tcp, 0);
	assert_int_equal(c.v[CNT_DEC_L4_SUM], 10);
	run("bad-ip-checksums", true, CHECKSUM_ALL, &r, &c);
	assert_int_equal(r.tcp, 0);
	assert_int_equal(c.v[CNT_DEC_IP_SUM], 10);
}

static void
what_cannot_be_read_is_said(void **unused)
{
	struct counters c;
	struct result r;

	(void)unused;
	run("unknown-link", true, CHECKSUM_NONE, &r, &c);
	assert_int_equal(r.tcp + r.other, 0);
	assert_int_equal(r.anomalies, 1);
	assert_int_equal(c.v[CNT_DEC_UNKNOWN_LINK], 10);
	run("fragments-incomplete", true, CHECKSUM_NONE, &r, &c);
	assert_int_equal(r.good, 8);
	assert_int_equal(r.last, ANOM_DEC_FRAG_TIMEOUT);
	assert_int_equal(c.v[CNT_DEFRAG_TIMEOUT], 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_capture_carries_the_same_conversation),
		cmocka_unit_test(a_retransmission_goes_on),
		cmocka_unit_test(dedup_can_be_switched_off),
		cmocka_unit_test(honest_captures_have_right_checksums),
		cmocka_unit_test(what_cannot_be_read_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
