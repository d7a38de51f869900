/* Unit tests of stream: repetitions, forged numbers, checksums, VLANs, a full table. */
#include "stream_fake.h"

#include "stream/internal.h"

#define LONGEST 65000u

static uint8_t many[3 * LONGEST];

/* A segment of n bytes of `many` from `at` on; `changed`: one byte that differs (n: none). */
static void
part(struct fake *k, uint32_t seq, uint32_t at, uint32_t n, uint32_t changed)
{
	uint8_t *copy = malloc(n);
	struct packet p;

	assert_non_null(copy);
	memcpy(copy, many + at, n);
	if (changed < n)
		copy[changed] ^= 1;
	k->now_ns += MS;
	p = fake_packet(k, 0, IP_TCP);
	p.tcp_flags = TCP_ACK;
	p.seq = seq;
	p.ack = 5000;
	p.payload_len = p.payload_wire = n;
	p.payload = copy;
	stream_packet(k->st, &p);
	free(copy);
}

static void
open_quiet(struct fake *k)
{
	struct stream_settings set = fake_settings();

	set.segment_memory_mib = 4;
	for (uint32_t i = 0; i < sizeof(many); i++)
		many[i] = (uint8_t)(i * 31 + i / 251);
	fake_open(k, &set);
	k->quiet = true;
	handshake(k);
}

/* One byte of a segment sent again, of any length, anywhere in it, also when more came
 * since, delivered at once or kept before it was read. */
static void
one_other_byte_in_a_repetition_is_seen(void **unused)
{
	static const uint32_t lens[] = { 1, 2, 12, 260, 1023, 1024, 1025, 1460, 2047, 2048, 2049, 9000, 32768, LONGEST };
	struct fake k;

	(void)unused;
	for (unsigned l = 0; l < COUNTOF(lens); l++)
		for (unsigned where = 0; where < 3; where++)
			for (unsigned way = 0; way < 4; way++) {
				uint32_t n = lens[l], at = where == 0 ? 0 : where == 1 ? n / 2 : n - 1;

				open_quiet(&k);
				if (way == 0) {			/* delivered */
					part(&k, 1000, 0, n, n);
					part(&k, 1000, 0, n, at);
				} else if (way == 1) {		/* delivered, and more after it */
					part(&k, 1000, 0, n, n);
					part(&k, 1000 + n, n, 700, 700);
					part(&k, 1000, 0, n, at);
				} else if (way == 2) {		/* kept behind a hole */
					part(&k, 1001, 1, n, n);
					part(&k, 1001, 1, n, at);
				} else {			/* just the byte */
					part(&k, 1000, 0, n, n);
					part(&k, 1000 + at, at, 1, 0);
				}
				assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 1);
				assert_int_equal(k.c.v[CNT_TCP_UNCOMPARED], 0);
				fake_close(&k);
			}
}

static void
an_equal_repetition_is_nothing(void **unused)
{
	struct fake k;

	(void)unused;
	open_quiet(&k);
	for (uint32_t at = 0; at < 130000; at += 1300)
		part(&k, 1000 + at, at, 1300, 1300);
	for (uint32_t at = 0; at + 5000 <= 130000; at += 4999)
		part(&k, 1000 + at, at, 5000, 5000);
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	assert_int_equal(k.c.v[CNT_TCP_UNCOMPARED], 0);
	assert_int_equal(k.flow->payload[0], 130000);
	fake_close(&k);
}

/* What was acknowledged, or lies too far back, is forgotten; that is counted. */
static void
what_cannot_be_compared_is_counted(void **unused)
{
	struct fake k;

	(void)unused;
	open_quiet(&k);
	for (uint32_t at = 0; at < 190000; at += 1000)
		part(&k, 1000 + at, at, 1000, 1000);
	part(&k, 1000, 0, 1000, 5);
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 0);
	assert_int_equal(k.c.v[CNT_TCP_UNCOMPARED], 1000);
	fake_close(&k);

	open_quiet(&k);
	for (uint32_t at = 0; at < 10000; at += 1000) {
		part(&k, 1000 + at, at, 1000, 1000);
		seg(&k, 1, 0, 5000, 1000 + at + 1000, "");
	}
	part(&k, 1000 + 8000, 8000, 2000, 976);		/* 1,024 bytes are remembered */
	assert_int_equal(k.anomalies[ANOM_STR_OVERLAP_DIFF], 1);
	assert_int_equal(k.c.v[CNT_TCP_UNCOMPARED], 976);
	fake_close(&k);
}

/* An ACK of what was not sent: nothing is lost, nothing is counted. */
static void
a_forged_ack_hides_nothing(void **unused)
{
	struct fake k;

	(void)unused;
	for (unsigned way = 0; way < 4; way++) {
		fake_open(&k, NULL);
		handshake(&k);
		seg(&k, 0, 0, 1000, 5000, "ab");
		seg(&k, 1, 0, 5000, 1002, "");
		seg(&k, 1, 0, 5000, 4002, "");
		SAYS(&k, "0:ab ");
		if (way != 0)
			pass(&k, 20 * (uint64_t)S);
		if (way == 2)
			seg(&k, 0, 0, 1002, 5000, "");
		if (way == 3)		/* sent again together with what was before */
			seg(&k, 0, 0, 1000, 5000, "abcd");
		else
			seg(&k, 0, 0, 1002, 5000, "cd");
		seg(&k, 1, 0, 5000, 1004, "ok");
		if (way == 0)
			SAYS(&k, "0:cd 1:ok ");
		else
			SAYS(&k, "0:-3000 0:cd 1:ok ");
		seg(&k, 0, TCP_FIN, 1004, 5002, "");
		seg(&k, 1, TCP_FIN, 5002, 1005, "");
		stream_finish(k.st, k.now_ns);
		assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 0);
		assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
		fake_close(&k);
	}
	/* When the bytes behind them come, they were lost indeed. */
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 1, 0, 5000, 4002, "");
	pass(&k, 20 * (uint64_t)S);
	seg(&k, 0, 0, 4002, 5000, "ef");
	SAYS(&k, "0:ab 0:-3000 0:ef ");
	assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 3000);
	assert_int_equal(k.flow->lost[0], 3000);
	fake_close(&k);
}

/* A hole is no larger than the receiver's window. */
static void
a_gap_is_what_can_have_been_sent(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 1, 0, 5000, 1002, "");
	seg(&k, 0, 0, 1002 + 3000000, 5000, "far");
	stream_finish(k.st, k.now_ns);
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 1);
	assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 1);
	fake_close(&k);
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 0, 0, 1002 + 8000, 5000, "near");
	stream_finish(k.st, k.now_ns);
	assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 8000);
	fake_close(&k);
}

/* A session that was made to jump goes on where it was. */
static void
a_session_comes_back_from_where_it_was_led(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 1, 0, 5000, 1002, "ok");
	seg(&k, 0, TCP_SYN, 0x40000000, 0, "");
	seg(&k, 0, 0, 0x40000001, 5002, "lie");
	SAYS(&k, "0:ab 1:ok X0 0:lie ");
	seg(&k, 0, 0, 1002, 5002, "cd");
	seg(&k, 1, 0, 5002, 1004, "ok");
	SAYS(&k, "0:-1 0:cd 1:ok ");
	assert_int_equal(k.anomalies[ANOM_STR_SYN_IN_SESSION], 1);
	fake_close(&k);

	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 1, 0, 5000, 1002, "ok");
	for (uint32_t i = 0; i < 20; i++)
		seg(&k, 0, 0, 0x50000000 + 2 * i, 5002, "no");
	(void)fake_log(&k);
	seg(&k, 0, 0, 1002, 5002, "cd");
	SAYS(&k, "0:-1 0:cd ");
	fake_close(&k);

	/* A real new session, acknowledged: nothing of the old one comes back. */
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "ab");
	seg(&k, 0, TCP_SYN, 0x40000000, 0, "");
	seg(&k, 1, TCP_SYN, 0x50000000, 0x40000001, "");
	seg(&k, 0, 0, 0x40000001, 0x50000001, "new");
	seg(&k, 1, 0, 0x50000001, 0x40000004, "ok");
	(void)fake_log(&k);
	seg(&k, 0, 0, 1002, 5000, "cd");
	SAYS(&k, "");
	fake_close(&k);
}

/* RFC 5961, 3, after a FIN: from the next byte to the end of the window and one more, for
 * the FIN itself, and nothing else. */
static void
a_rst_after_fin_counts_inside_the_window_only(void **unused)
{
	static const struct { uint32_t seq; bool counts; } at[] = {
		{ 1001, false }, { 1002, true }, { 1003, true }, { 1002 + 8192, true },
		{ 1002 + 8193, true }, { 1002 + 8194, false }, { 1002u - 8192, false },
	};
	struct fake k;

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(at); i++) {
		fake_open(&k, NULL);
		handshake(&k);
		seg(&k, 0, 0, 1000, 5000, "ab");
		seg(&k, 1, 0, 5000, 1002, "");
		seg(&k, 0, TCP_FIN, 1002, 5000, "");
		assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
		seg(&k, 0, TCP_RST, at[i].seq, 0, "");
		assert_int_equal(k.flow->state, at[i].counts ? FLOW_CLOSED : FLOW_ESTABLISHED);
		assert_int_equal(k.anomalies[ANOM_STR_RST_OUTSIDE], !at[i].counts);
		/* The server may go on all the same. */
		seg(&k, 1, 0, 5000, 1003, "late");
		fake_close(&k);
	}
	/* The FIN acknowledged, or the window closed: its numbers move with it. */
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, TCP_FIN, 1000, 5000, "abc");
	seg(&k, 1, 0, 5000, 1004, "");
	seg(&k, 0, TCP_RST, 1003 + 8194, 0, "");
	assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
	seg(&k, 0, TCP_RST, 1002, 0, "");
	assert_int_equal(k.flow->state, FLOW_ESTABLISHED);
	seg(&k, 0, TCP_RST, 1004, 0, "");
	assert_int_equal(k.flow->state, FLOW_CLOSED);
	fake_close(&k);
}

/* ---- VLANs ---- */

static void
tagged(struct fake *k, unsigned end, uint16_t vlan, uint8_t flags, uint32_t seq, uint32_t ack, const char *bytes)
{
	struct packet p;

	k->now_ns += MS;
	p = fake_packet(k, end, IP_TCP);
	p.tcp_flags = (uint8_t)(flags | (ack != 0 ? TCP_ACK : 0));
	p.seq = seq;
	p.ack = ack;
	p.n_vlan = vlan != 0;
	p.vlan[0] = vlan;
	p.payload_len = p.payload_wire = (uint32_t)strlen(bytes);
	p.payload = guard(bytes, p.payload_len);
	stream_packet(k->st, &p);
}

static void
two_vlans_are_two_flows(void **unused)
{
	static const uint16_t vlans[][2] = { { 10, 20 }, { 0, 20 }, { 10, 0 }, { 1, 4094 } };
	struct fake k;

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(vlans); i++) {
		uint64_t id[2] = { 0, 0 };

		fake_open(&k, NULL);
		for (unsigned v = 0; v < 2; v++) {
			tagged(&k, 0, vlans[i][v], TCP_SYN, 999 + 5000000 * v, 0, "");
		}
		for (unsigned v = 0; v < 2; v++) {
			tagged(&k, 1, vlans[i][v], TCP_SYN, 4999, 1000 + 5000000 * v, "");
			tagged(&k, 0, vlans[i][v], 0, 1000 + 5000000 * v, 5000, "");
		}
		for (unsigned v = 0; v < 2; v++) {
			tagged(&k, 0, vlans[i][v], 0, 1000 + 5000000 * v, 5000, v == 0 ? "ab" : "xy");
			id[v] = k.last_id;
		}
		for (unsigned v = 0; v < 2; v++) {
			tagged(&k, 1, vlans[i][v], 0, 5000, 1002 + 5000000 * v, v == 0 ? "ok" : "no");
			assert_true(id[v] == k.last_id);
		}
		SAYS(&k, "0:ab 0:xy 1:ok 1:no ");
		assert_true(id[0] != id[1]);
		assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 2);
		assert_int_equal(k.c.v[CNT_FLOW_CROSSED], 0);
		fake_close(&k);
	}
}

static void
a_reverse_in_another_vlan_joins_when_the_numbers_agree(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	tagged(&k, 0, 10, TCP_SYN, 999, 0, "");
	tagged(&k, 1, 20, TCP_SYN, 4999, 1000, "");
	tagged(&k, 0, 10, 0, 1000, 5000, "ab");
	tagged(&k, 1, 20, 0, 5000, 1002, "ok");
	/* Both VLANs show both ways. */
	tagged(&k, 0, 20, 0, 1002, 5002, "cd");
	tagged(&k, 1, 10, 0, 5002, 1004, "ok");
	SAYS(&k, "0:ab 1:ok 0:cd 1:ok ");
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 1);
	assert_int_equal(k.c.v[CNT_FLOW_CROSSED], 1);
	fake_close(&k);

	/* Two one-way halves of different sessions. */
	fake_open(&k, NULL);
	tagged(&k, 0, 10, 0, 1000, 5000, "ab");
	tagged(&k, 1, 20, 0, 0x50000000, 0x30000000, "xy");
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 2);
	/* The own reverse is found, although another came first. */
	tagged(&k, 1, 10, 0, 5000, 1002, "ok");
	SAYS(&k, "0:ab 0:xy 1:ok ");
	assert_int_equal(k.c.v[CNT_FLOW_TOTAL], 2);
	fake_close(&k);
}

/* ---- a full table ---- */

static void
forged_beginnings_push_out_no_session(void **unused)
{
	struct fake k;
	uint64_t id;

	(void)unused;
	for (unsigned way = 0; way < 3; way++) {
		fake_open(&k, NULL);	/* 64 flows */
		k.quiet = true;
		handshake(&k);		/* a session that nobody has spoken in yet */
		if (way > 0) {
			k.protocol = protocols[OP_DNP3];
			seg(&k, 0, 0, 1000, 5000, "ab");
			seg(&k, 1, 0, 5000, 1002, "ok");
		}
		k.protocol = way == 2 ? protocols[OP_DNP3] : NULL;	/* what is forged looks like our own, too */
		for (uint32_t i = 0; i < 100000; i++) {
			struct packet p = fake_packet(&k, 0, IP_TCP);
			uint8_t from[4] = { 10, 9, (uint8_t)(i >> 8), (uint8_t)i };

			k.now_ns += MS / 100;
			p.src = addr_v4(from);
			p.sport = (uint16_t)(1024 + (i >> 16));
			p.tcp_flags = way == 2 ? TCP_ACK : TCP_SYN;
			p.payload = (const uint8_t *)"forged";
			p.payload_len = p.payload_wire = way == 2 ? 6 : 0;
			stream_packet(k.st, &p);
		}
		assert_int_equal(k.c.v[CNT_FLOW_EVICTED], 100000 - 63);
		id = k.c.v[CNT_FLOW_TOTAL];
		k.protocol = NULL;
		seg(&k, 0, 0, way > 0 ? 1002 : 1000, way > 0 ? 5002 : 5000, "go");
		assert_int_equal(k.c.v[CNT_FLOW_TOTAL], id);
		assert_false(k.flow->midstream);
		fake_close(&k);
	}
}

/* ---- checksums ---- */

/* IPv4, 20 bytes, and TCP, 20, then n bytes; the TCP sum is set right. */
static struct packet
summed(uint8_t room[128], const uint8_t *bytes, uint32_t n)
{
	struct packet p = { .ip_v = 4, .proto = IP_TCP, .l3 = room, .l3_len = 40 + n, .payload = room + 40,
	    .payload_len = n, .payload_wire = n };
	const uint8_t src[4] = { 192, 168, 250, 1 }, dst[4] = { 10, 0, 0, 255 };
	uint32_t sum = 6 + 20 + n;

	memset(room, 0, 128);
	room[0] = 0x45;
	room[3] = (uint8_t)(40 + n);
	room[9] = IP_TCP;
	memcpy(room + 12, src, 4);
	memcpy(room + 16, dst, 4);
	p.src = addr_v4(src);
	p.dst = addr_v4(dst);
	room[20] = 0xc0, room[22] = 1, room[23] = 0xf6, room[32] = 0x50;
	memcpy(room + 40, bytes, n);
	for (uint32_t i = 12; i < 20; i += 2)
		sum += (uint32_t)room[i] << 8 | room[i + 1];
	for (uint32_t i = 20; i < 40 + n; i += 2)
		sum += (uint32_t)room[i] << 8 | (i + 1 < 40 + n ? room[i + 1] : 0u);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
	room[36] = (uint8_t)(sum >> 8);
	room[37] = (uint8_t)sum;
	return p;
}

static void
a_checksum_is_right_wrong_or_left_to_the_card(void **unused)
{
	uint8_t room[128], bytes[64];
	struct packet p;
	uint32_t head;

	(void)unused;
	for (uint32_t n = 0; n < sizeof(bytes); n++) {
		for (uint32_t i = 0; i < n; i++)
			bytes[i] = (uint8_t)(0xff - i * n);
		p = summed(room, bytes, n);
		assert_int_equal(segment_sum(&p), SUM_GOOD);
		for (uint32_t i = 20; i < 40 + n; i++) {
			room[i] ^= 0x10;
			assert_int_equal(segment_sum(&p), SUM_BAD);
			room[i] ^= 0x10;
		}
		/* The sum of the pseudo header alone. */
		head = 192 * 256 + 168 + 250 * 256 + 1 + 10 * 256 + 255 + 6 + 20 + n;
		head = (head & 0xffff) + (head >> 16);
		room[36] = (uint8_t)(head >> 8);
		room[37] = (uint8_t)head;
		assert_int_equal(segment_sum(&p), SUM_UNKNOWN);
	}
	p = summed(room, bytes, 10);
	room[37] ^= 1;
	p.payload_wire = 11;	/* cut */
	assert_int_equal(segment_sum(&p), SUM_UNKNOWN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_other_byte_in_a_repetition_is_seen),
		cmocka_unit_test(an_equal_repetition_is_nothing),
		cmocka_unit_test(what_cannot_be_compared_is_counted),
		cmocka_unit_test(a_forged_ack_hides_nothing),
		cmocka_unit_test(a_gap_is_what_can_have_been_sent),
		cmocka_unit_test(a_session_comes_back_from_where_it_was_led),
		cmocka_unit_test(a_rst_after_fin_counts_inside_the_window_only),
		cmocka_unit_test(two_vlans_are_two_flows),
		cmocka_unit_test(a_reverse_in_another_vlan_joins_when_the_numbers_agree),
		cmocka_unit_test(forged_beginnings_push_out_no_session),
		cmocka_unit_test(a_checksum_is_right_wrong_or_left_to_the_card),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
