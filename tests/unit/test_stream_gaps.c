/* Unit tests of stream: what is missing, how long it is waited for, and where a session was joined. */
#include "stream_fake.h"

static void
a_lost_segment_becomes_a_gap_soon_after_it_was_acknowledged(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1000, 5000, "r1");
	seg(&k, 1, 0, 5000, 1002, "a1");
	/* "r2" is lost; its answer waits, because it may only have been overtaken */
	seg(&k, 1, 0, 5002, 1004, "a2");
	SAYS(&k, "0:r1 1:a1 ");
	k.now_ns += 50 * MS;
	seg(&k, 0, 0, 1004, 5004, "r3");
	SAYS(&k, "0:-2 1:a2 0:r3 ");	/* r3 acknowledges a2, so a2 goes first */
	seg(&k, 1, 0, 5004, 1006, "a3");
	SAYS(&k, "1:a3 ");
	assert_int_equal(k.anomalies[ANOM_STR_GAP], 1);
	assert_int_equal(k.c.v[CNT_TCP_GAP_BYTES], 2);
	assert_int_equal(k.flow->gaps[0], 1);
	assert_int_equal(k.flow->lost[0], 2);
	fake_close(&k);
}

static void
an_answer_seen_before_its_question_waits_for_it(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 1, 0, 5000, 1002, "a1");
	SAYS(&k, "");
	seg(&k, 0, 0, 1000, 5000, "r1");
	SAYS(&k, "0:r1 1:a1 ");
	seg(&k, 0, 0, 1002, 5002, "r2");
	seg(&k, 1, 0, 5002, 1004, "a2");
	SAYS(&k, "0:r2 1:a2 ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);
}

static void
what_waited_behind_a_hole_keeps_its_frame(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	k.frames = true;
	seg(&k, 0, TCP_PSH, 1000, 5000, "r1");		/* 4 */
	SAYS(&k, "0:r1@4 ");
	seg(&k, 0, TCP_PSH, 1004, 5000, "r3");		/* 5: r2 is lost */
	seg(&k, 0, TCP_PSH, 1006, 5000, "r4");		/* 6 */
	seg(&k, 1, 0, 5000, 1008, "");			/* 7: acknowledged all the same */
	k.now_ns += 60 * (uint64_t)S;
	stream_tick(k.st, k.now_ns);
	SAYS(&k, "0:-2 0:r3@5 0:r4@6 ");
	fake_close(&k);
}

static void
a_lost_tail_is_found_by_the_clock_and_then_not_waited_for(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 1, 0, 5000, 1010, "a1");	/* 10 bytes of the client never seen */
	pass(&k, 500 * MS);
	SAYS(&k, "");
	pass(&k, 600 * MS);
	SAYS(&k, "0:-10 1:a1 ");
	/* The client stays invisible: its answers pass at once, its bytes add up. */
	seg(&k, 1, 0, 5002, 1020, "a2");
	seg(&k, 1, 0, 5004, 1030, "a3");
	SAYS(&k, "1:a2 1:a3 ");
	seg(&k, 0, 0, 1030, 5006, "r4");
	SAYS(&k, "0:-20 0:r4 ");
	assert_int_equal(k.flow->lost[0], 30);
	/* and from here on order is kept again */
	seg(&k, 1, 0, 5006, 1034, "a5");
	seg(&k, 0, 0, 1032, 5006, "r5");
	SAYS(&k, "0:r5 1:a5 ");
	fake_close(&k);
}

static void
bytes_not_acknowledged_are_waited_for_longer(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	seg(&k, 0, 0, 1002, 5000, "cd");
	pass(&k, 1500 * MS);
	seg(&k, 1, 0, 5000, 1000, "");		/* the receiver misses them too */
	pass(&k, 1500 * MS);
	SAYS(&k, "");
	seg(&k, 0, 0, 1000, 5000, "ab");
	SAYS(&k, "0:ab 0:cd ");
	seg(&k, 0, 0, 1006, 5000, "gh");
	pass(&k, 30 * (uint64_t)S);
	SAYS(&k, "0:-2 0:gh ");
	fake_close(&k);
}

static void
one_direction_alone_keeps_flowing(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	/* The server's side only, joined midway. */
	seg(&k, 1, 0, 7000, 3000, "a1");
	seg(&k, 1, 0, 7002, 3012, "a2");
	seg(&k, 1, 0, 7006, 3036, "a4");	/* a3 lost */
	SAYS(&k, "0:a1 0:a2 ");	/* end 0 was seen first */
	assert_int_equal(k.flow->client_end, 1);	/* port 502 serves */
	pass(&k, 1100 * MS);
	SAYS(&k, "0:-2 0:a4 ");
	assert_int_equal(k.c.v[CNT_TCP_MIDSTREAM], 1);
	stream_finish(k.st, k.now_ns);
	SAYS(&k, "X3 ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 1);
	fake_close(&k);
}

static void
joining_midway_invents_no_gap(void **unused)
{
	struct fake k;

	(void)unused;
	fake_open(&k, NULL);
	seg(&k, 0, 0, 2000, 6000, "r9");
	seg(&k, 0, 0, 1998, 6000, "r8");	/* from before the join */
	seg(&k, 1, 0, 6000, 2002, "a9");
	SAYS(&k, "0:r9 1:a9 ");
	fake_close(&k);

	/* An ACK was seen first: two segments after it in the wrong order. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 2002, 6000, "cd");
	seg(&k, 0, 0, 2000, 6000, "ab");
	SAYS(&k, "1:ab 1:cd ");
	fake_close(&k);

	/* What lies between the ACK and the first bytes passed before the join. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 2100, 6000, "cd");
	pass(&k, 20 * (uint64_t)S);
	SAYS(&k, "1:cd ");
	assert_int_equal(k.c.v[CNT_TCP_GAPS], 0);
	fake_close(&k);

	/* A keep-alive is the first thing seen. */
	fake_open(&k, NULL);
	seg(&k, 1, 0, 6000, 2000, "");
	seg(&k, 0, 0, 1999, 6000, "Z");
	seg(&k, 0, 0, 2000, 6000, "ab");
	SAYS(&k, "1:ab ");
	fake_close(&k);
}

static void
a_cut_segment_is_bytes_and_then_a_gap(void **unused)
{
	struct fake k;
	struct packet p;

	(void)unused;
	fake_open(&k, NULL);
	handshake(&k);
	for (unsigned i = 0; i < 2; i++) {
		/* the second comes first */
		p = fake_packet(&k, 0, IP_TCP);
		p.tcp_flags = TCP_ACK;
		p.ack = 5000;
		p.seq = i == 0 ? 1010 : 1000;
		p.payload = guard(i == 0 ? "kl" : "ab", 2);
		p.payload_len = 2;
		p.payload_wire = 10;
		p.flags = PKT_TRUNCATED;
		stream_packet(k.st, &p);
	}
	SAYS(&k, "0:ab 0:-8 0:kl 0:-8 ");
	seg(&k, 0, 0, 1020, 5000, "uv");
	SAYS(&k, "0:uv ");
	fake_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_segment_becomes_a_gap_soon_after_it_was_acknowledged),
		cmocka_unit_test(an_answer_seen_before_its_question_waits_for_it),
		cmocka_unit_test(what_waited_behind_a_hole_keeps_its_frame),
		cmocka_unit_test(a_lost_tail_is_found_by_the_clock_and_then_not_waited_for),
		cmocka_unit_test(bytes_not_acknowledged_are_waited_for_longer),
		cmocka_unit_test(one_direction_alone_keeps_flowing),
		cmocka_unit_test(joining_midway_invents_no_gap),
		cmocka_unit_test(a_cut_segment_is_bytes_and_then_a_gap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
