/* Unit tests of feeding: whole and split PDUs, gaps, lost places, datagrams. */
#include "dissect_kit.h"

#include "dissect/conversation.h"
#include "dissect/pair.h"

static void
tables_are_in_order(void **unused)
{
	static const struct func_desc twice[] = {
		{ .code = 1, .sub = FUNC_NO_SUB, .name = "A", .word = "A", .spec = "1" },
		{ .code = 1, .sub = FUNC_NO_SUB, .name = "B", .word = "B", .spec = "1" } };
	static const struct func_desc inverted[] = {
		{ .code = 1, .sub = 1, .name = "A", .word = "A", .spec = "1", .req_len = { 2, 1 } } };
	static const struct func_desc word[] = {
		{ .code = 1, .sub = 1, .name = "A", .word = "A", .spec = "1" },
		{ .code = 1, .sub = 2, .name = "B", .word = "A", .spec = "1" } };
	static const struct func_desc unsourced[] = {
		{ .code = 1, .sub = 1, .name = "A", .word = "A", .spec = "" } };
	char why[200];

	(void)unused;
	assert_null(func_check(dissector_example.funcs, dissector_example.n_funcs, why,
	    sizeof(why)));
	assert_non_null(func_check(twice, 2, why, sizeof(why)));
	assert_non_null(func_check(inverted, 1, why, sizeof(why)));
	assert_non_null(func_check(word, 2, why, sizeof(why)));
	assert_non_null(func_check(unsourced, 1, why, sizeof(why)));
	assert_string_equal(why, "row 0 (code 1, \"A\") names no section of a specification");
}

static void
a_row_with_the_sub_function_goes_before_the_row_without(void **unused)
{
	static const struct func_desc rows[] = {
		{ .code = 8, .sub = FUNC_NO_SUB }, { .code = 8, .sub = 4 }, { .code = 9, .sub = 1 } };

	(void)unused;
	assert_ptr_equal(func_find(rows, 3, 8, 4), &rows[1]);
	assert_ptr_equal(func_find(rows, 3, 8, 5), &rows[0]);
	assert_ptr_equal(func_find(rows, 3, 8, FUNC_NO_SUB), &rows[0]);
	assert_null(func_find(rows, 3, 9, 2));
	assert_null(func_find(rows, 3, 7, 0));
}

static void
a_request_and_its_answer_make_one_operation_in_two_phases(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	assert_int_equal(k->n_ops, 1);
	assert_int_equal(k->op[0].phase, OP_REQUESTED);
	assert_int_equal(k->op[0].outcome, OUTCOME_PENDING);
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 1));
	assert_int_equal(k->n_ops, 2);
	assert_int_equal(k->op[1].phase, OP_FINISHED);
	assert_int_equal(k->op[1].outcome, OUTCOME_ANSWERED);
	assert_int_equal(k->op[1].id, k->op[0].id);
	assert_int_equal(k->op[1].req_frame, 1);
	assert_int_equal(k->op[1].rsp_frame, 2);
	assert_int_equal(k->op[1].latency_ns, 1000000);
	assert_int_equal(k->op[1].n_values, 2);
	assert_int_equal(k->flow.transactions, 1);
	assert_string_equal(k->flow.protocol->name, "example");
	assert_int_equal(flow_blind_bytes(&k->flow), 0);
	kit_close(k);
}

/* Three pipelined requests and their answers, each direction cut at `at`. */
static void
pipelined(struct kit *k, uint32_t at)
{
	uint8_t b[64];
	uint32_t n = 0;

	for (uint8_t i = 1; i <= 3; i++)
		n += ex_read(b + n, i);
	for (enum flow_dir dir = DIR_FROM_0; dir <= DIR_FROM_1; dir++) {
		uint32_t cut = at < n ? at : n;

		if (cut > 0)
			kit_send(k, dir, b, cut);
		if (n > cut)
			kit_send(k, dir, b + cut, n - cut);
		n = 0;
		for (uint8_t i = 1; i <= 3; i++)
			n += ex_answer(b + n, i);
	}
}

static void
a_cut_anywhere_changes_nothing(void **unused)
{
	static const uint16_t ports[] = { 9600, 12345 };

	(void)unused;
	for (int p = 0; p < 2; p++)
		for (uint32_t at = 0; at <= 27; at++) {
			struct kit *k = kit_open(ports[p]);

			pipelined(k, at);
			assert_int_equal(k->n_finished, 3);
			assert_int_equal(k->n_ops, 6);
			assert_int_equal(flow_blind_bytes(&k->flow), 0);
			assert_int_equal(k->n_anomalies, 0);
			for (uint32_t i = 0; i < 6; i++)
				assert_int_equal(k->op[i].transaction, i % 3 + 1);
			kit_close(k);
		}
}

static void
single_bytes_change_nothing(void **unused)
{
	struct kit *k = kit_open(12345);
	uint8_t b[300];

	(void)unused;
	for (uint8_t t = 1; t <= 20; t++) {
		uint32_t n = ex_read(b, t);

		for (uint32_t i = 0; i < n; i++)
			kit_send(k, DIR_FROM_0, b + i, 1);
		n = ex_answer(b, t);
		for (uint32_t i = 0; i < n; i++)
			kit_send(k, DIR_FROM_1, b + i, 1);
	}
	assert_int_equal(k->n_finished, 20);
	assert_int_equal(flow_blind_bytes(&k->flow), 0);
	/* Each in the frame that completed it, also those before the claim. */
	assert_int_equal(k->op[0].req_frame, 7);
	assert_int_equal(k->op[1].rsp_frame, 16);
	kit_close(k);
}

static void
after_a_gap_the_next_segment_is_read(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];
	uint32_t n;

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	n = ex_answer(b, 1);
	kit_send(k, DIR_FROM_1, b, n - 2);	/* the end never comes */
	kit_gap(k, DIR_FROM_1, 2);
	assert_int_equal(flow_blind_bytes(&k->flow), n - 2);
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	kit_send(k, DIR_FROM_1, b, ex_answer(b, 2));
	assert_int_equal(k->n_finished, 1);
	assert_int_equal(k->op[k->n_ops - 1].transaction, 2);
	assert_int_equal(k->op[k->n_ops - 1].outcome, OUTCOME_ANSWERED);
	kit_close(k);
}

static void
the_tail_of_a_pdu_after_a_gap_is_blind_and_the_next_one_read(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];
	uint32_t n;

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	kit_gap(k, DIR_FROM_0, 100);
	memcpy(b, "tail", 4);
	n = 4 + ex_read(b + 4, 2);
	n += ex_read(b + n, 3);
	kit_send(k, DIR_FROM_0, b, n);
	assert_int_equal(flow_blind_bytes(&k->flow), 4);
	assert_int_equal(k->n_ops, 3);
	kit_close(k);
}

static void
garbage_between_pdus_is_skipped_counted_and_said_once_a_minute(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	for (int i = 0; i < 10; i++) {
		kit_send(k, DIR_FROM_0, "garbage!", 8);
		kit_send(k, DIR_FROM_0, b, ex_read(b, (uint8_t)(2 + i)));
	}
	assert_int_equal(k->n_ops, 11);
	assert_int_equal(flow_blind_bytes(&k->flow), 80);
	assert_int_equal(k->n_anomalies, 1);
	assert_int_equal(k->anomaly[0], ANOM_EX_LOST);
	k->now_ns += 61000000000u;
	kit_send(k, DIR_FROM_0, "garbage!", 8);
	assert_int_equal(k->n_anomalies, 2);
	kit_close(k);
}

static void
a_length_that_lies_does_not_swallow_the_polls_after_it(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300], lie[5];
	uint32_t polls = 30;

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	(void)ex_pdu(lie, 2, 1, NULL, 0);
	lie[2] = 255;
	kit_send(k, DIR_FROM_0, lie, 5);
	for (uint32_t i = 0; i < polls; i++)
		kit_send(k, DIR_FROM_0, b, ex_read(b, (uint8_t)(i + 3)));
	assert_int_equal(k->n_ops - k->n_finished, 1 + polls);
	assert_int_equal(flow_blind_bytes(&k->flow), 5);
	/* The first one after the lie carries its own frame. */
	assert_int_equal(k->op[1].req_frame, 3);
	kit_close(k);
}

static void
a_lie_inside_one_long_segment_ends_with_it(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[600], lie[5];
	uint32_t n = 0;

	(void)unused;
	kit_send(k, DIR_FROM_0, b, ex_read(b, 1));
	(void)ex_pdu(lie, 2, 1, NULL, 0);
	lie[2] = 200;
	kit_send(k, DIR_FROM_0, lie, 5);
	while (n < 400)
		n += ex_read(b + n, (uint8_t)(n + 3));
	kit_send(k, DIR_FROM_0, b, n);
	assert_int_equal(k->n_ops - k->n_finished, 1 + n / 7);
	assert_int_equal(flow_blind_bytes(&k->flow), 5);
	kit_close(k);
}

static void
roles_follow_the_content_and_can_be_corrected(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];

	(void)unused;
	/* Joined midway: the answer is seen first, from end 0. */
	kit_send(k, DIR_FROM_0, b, ex_answer(b, 1));
	assert_int_equal(k->flow.client_end, 1);
	assert_int_equal(k->flow.role_source, ROLE_CONTENT);
	/* One contradiction is not believed, three are. */
	kit_send(k, DIR_FROM_0, b, ex_read(b, 2));
	assert_int_equal(k->flow.client_end, 1);
	kit_send(k, DIR_FROM_0, b, ex_read(b, 3));
	kit_send(k, DIR_FROM_0, b, ex_read(b, 4));
	assert_int_equal(k->flow.client_end, 0);
	kit_close(k);
}

static void
datagrams_stand_alone_and_pair_across(void **unused)
{
	struct kit *k = kit_open(9600);
	uint8_t b[300];
	uint32_t n;

	(void)unused;
	k->flow.proto = 17;
	kit_datagram(k, DIR_FROM_0, b, ex_read(b, 1));
	n = ex_read(b, 2);
	kit_datagram(k, DIR_FROM_0, b, n - 1);	/* never completed by the next one */
	kit_datagram(k, DIR_FROM_1, b, ex_answer(b, 1));
	kit_datagram(k, DIR_FROM_0, "junk", 4);
	kit_datagram(k, DIR_FROM_0, b, ex_read(b, 3));
	kit_datagram(k, DIR_FROM_1, b, ex_answer(b, 3));
	assert_int_equal(k->n_finished, 2);
	assert_int_equal(flow_blind_bytes(&k->flow), n - 1 + 4);
	kit_close(k);
}

static struct dis_step
liar_feed(struct dis_ctx *x, struct cursor in)
{
	(void)x;
	return (struct dis_step){ .status = DIS_NEED_MORE, .need = 1000000u + (uint32_t)cur_left(&in) };
}

static struct dis_guess
liar_guess(struct cursor in, bool datagram)
{
	(void)datagram;
	return (struct dis_guess){ .verdict = GUESS_MAYBE, .used = (uint32_t)cur_left(&in) };
}

static void
a_dissector_that_wants_the_world_gets_a_resync(void **unused)
{
	static const uint16_t ports[] = { 1, 0 };
	static const struct protocol protocol = { .name = "liar", .tcp_ports = ports };
	static const struct dissector liar = { .protocol = &protocol, .max_pdu = 64, .guess = liar_guess, .feed = liar_feed };
	static const struct dissector *const list[] = { &liar, NULL };
	struct kit *k = kit_open_sized(list, 1, &kit_settings);

	(void)unused;
	for (int i = 0; i < 100; i++)
		kit_send(k, DIR_FROM_0, "0123456789", 10);
	assert_int_equal(flow_blind_bytes(&k->flow), 1000);
	kit_close(k);
}

static void
a_full_table_evicts_the_longest_unused_and_it_comes_back(void **unused)
{
	struct dissect_settings s = kit_settings;
	struct kit *k;
	struct flow f[3];
	uint8_t b[300];
	uint32_t n;

	(void)unused;
	s.max_conversations = 2;
	k = kit_open_sized(kit_list, 9600, &s);
	n = ex_read(b, 1);
	for (int i = 0; i < 3; i++) {
		f[i] = kit_flow(9600);
		dissect_data(k->d, &f[i], DIR_FROM_0, b, n, k->now_ns, 1, 0);
	}
	assert_null(f[0].dissection);
	assert_int_equal(k->counters.v[CNT_APP_CONV_EVICTED], 1);
	assert_int_equal(k->n_finished, 1);	/* its request, unanswered */
	n = ex_answer(b, 9);
	dissect_data(k->d, &f[0], DIR_FROM_1, b, n, k->now_ns, 1, 0);
	assert_non_null(f[0].dissection);
	assert_int_equal(flow_blind_bytes(&f[0]), 0);
	assert_int_equal(f[0].transactions, 2);
	for (int i = 0; i < 3; i++)
		dissect_closed(k->d, &f[i], k->now_ns);
	kit_close(k);
}

static uint32_t n_guesses;

static struct dis_guess
counted_guess(struct cursor in, bool datagram)
{
	n_guesses++;
	return dissector_example.guess(in, datagram);
}

/* Searching costs far more than reading: whoever sends megabytes of garbage to a
 * port of ours must not get it for each of them. */
static void
endless_garbage_is_not_searched_at_every_offset(void **unused)
{
	struct dissector counting = dissector_example;
	const struct dissector *const list[] = { &counting, NULL };
	uint8_t b[1400];
	uint32_t n = ex_read(b, 1), rounds = 0;
	struct kit *k;

	(void)unused;
	counting.guess = counted_guess;
	counting.resync_scan = true;
	k = kit_open_sized(list, 9600, &kit_settings);
	kit_send(k, DIR_FROM_0, b, n);
	assert_int_equal(k->n_ops, 1);
	memset(b, 0xee, sizeof(b));
	n_guesses = 0;
	for (int i = 0; i < 1000; i++)
		kit_send(k, DIR_FROM_0, b, sizeof(b));
	assert_int_equal(flow_blind_bytes(&k->flow), 1000 * sizeof(b));
	assert_in_range(n_guesses, 16384, 16384 + 1000 + 50 * 1024);
	/* Where a segment begins a PDU is still found at once ... */
	n = ex_read(b, 2);
	kit_send(k, DIR_FROM_0, b, n);
	assert_int_equal(k->n_ops, 2);
	/* ... and elsewhere after a while. */
	memset(b, 0xee, sizeof(b));
	kit_send(k, DIR_FROM_0, b, sizeof(b));
	for (n = 100; n + 7 <= sizeof(b); n += 7)
		(void)ex_read(b + n, 3);
	while (k->n_ops == 2 && rounds++ < 50)
		kit_send(k, DIR_FROM_0, b, n);
	assert_in_range(rounds, 1, 30);
	kit_close(k);
}

/* The same garbage in ever new conversations: what all of them may search together
 * is bounded, by what segments earn. */
static void
garbage_in_many_flows_shares_what_may_be_searched(void **unused)
{
	struct dissector counting = dissector_example;
	const struct dissector *const list[] = { &counting, NULL };
	uint8_t b[1400];
	uint32_t n = ex_read(b, 1);
	struct kit *k;

	(void)unused;
	counting.guess = counted_guess;
	counting.resync_scan = true;
	k = kit_open_sized(list, 9600, &kit_settings);
	kit_send(k, DIR_FROM_0, b, n);
	k->d->search_saved = 0;		/* others have used it up */
	memset(b, 0xee, sizeof(b));
	n_guesses = 0;
	for (int i = 0; i < 10; i++)
		kit_send(k, DIR_FROM_0, b, sizeof(b));
	assert_in_range(n_guesses, 10, 10 * 66);
	assert_int_equal(flow_blind_bytes(&k->flow), 10 * sizeof(b));
	n = ex_read(b, 2);
	kit_send(k, DIR_FROM_0, b, n);
	assert_int_equal(k->n_ops, 2);
	kit_close(k);
}

/* The private struct of the room: blocks are lent to conversations by it. */
static void
a_block_has_one_owner_and_the_longest_unused_gives_way(void **unused)
{
	struct kit *k = kit_open(9600);
	struct conversation a = { .held = HELD_CONVERSATION }, b = a;
	struct dis_ctx of_a = { .dissect = k->d, .conv = &a }, of_b = { .dissect = k->d, .conv = &b };
	uint32_t n = k->d->n_blocks;
	uint64_t first = dis_block_take(&of_a), number = first;

	(void)unused;
	assert_non_null(dis_block(&of_a, first));
	assert_null(dis_block(&of_b, first));
	assert_null(dis_block(&of_a, DIS_NO_BLOCK));
	for (uint32_t i = 1; i < n; i++)
		number = dis_block_take(&of_b);
	assert_int_equal(a.n_blocks + b.n_blocks, n);
	assert_int_equal(k->counters.v[CNT_APP_PART_EVICTED], 0);
	(void)dis_block_take(&of_b);
	assert_null(dis_block(&of_a, first));
	assert_int_equal(a.n_blocks, 0);
	assert_int_equal(k->counters.v[CNT_APP_PART_EVICTED], 1);
	/* Given back, it is the next to be taken, under another number. */
	dis_block_give(&of_b, number);
	first = dis_block_take(&of_a);
	assert_int_equal((uint32_t)first, (uint32_t)number);
	assert_true(first != number);
	assert_null(dis_block(&of_b, number));
	block_release(k->d, &b);
	assert_int_equal(b.n_blocks, 0);
	assert_int_equal(a.n_blocks, 1);
	kit_close(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_are_in_order),
		cmocka_unit_test(a_row_with_the_sub_function_goes_before_the_row_without),
		cmocka_unit_test(a_request_and_its_answer_make_one_operation_in_two_phases),
		cmocka_unit_test(a_cut_anywhere_changes_nothing),
		cmocka_unit_test(single_bytes_change_nothing),
		cmocka_unit_test(after_a_gap_the_next_segment_is_read),
		cmocka_unit_test(the_tail_of_a_pdu_after_a_gap_is_blind_and_the_next_one_read),
		cmocka_unit_test(garbage_between_pdus_is_skipped_counted_and_said_once_a_minute),
		cmocka_unit_test(a_length_that_lies_does_not_swallow_the_polls_after_it),
		cmocka_unit_test(a_lie_inside_one_long_segment_ends_with_it),
		cmocka_unit_test(roles_follow_the_content_and_can_be_corrected),
		cmocka_unit_test(datagrams_stand_alone_and_pair_across),
		cmocka_unit_test(a_dissector_that_wants_the_world_gets_a_resync),
		cmocka_unit_test(endless_garbage_is_not_searched_at_every_offset),
		cmocka_unit_test(garbage_in_many_flows_shares_what_may_be_searched),
		cmocka_unit_test(a_block_has_one_owner_and_the_longest_unused_gives_way),
		cmocka_unit_test(a_full_table_evicts_the_longest_unused_and_it_comes_back),
	};

	return cmocka_run_group_tests_name("dissect", tests, NULL, NULL);
}
