/* The detector of devices that answer no longer. */
#include "health_kit.h"

/* `op` is asked n times, first at from_s seconds, and never answered. */
static void
unanswered(struct operation *op, unsigned n, uint64_t from_s, uint64_t step_s)
{
	op->response.seen = false;
	op->outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < n; i++) {
		op->request.ts_ns = (from_s + i * step_s) * SEC;
		kit_show(op);
	}
}

static void
a_device_is_gone_when_it_answered_before(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 100);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	unanswered(&op, 20, 110, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	assert_int_equal(n_said, 2);
	/* It comes back, and goes again. */
	op.response.seen = true;
	op.outcome = OUTCOME_ANSWERED;
	kit_show(&op);
	unanswered(&op, 3, 130, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 2);
	/* What cannot be seen is not missing. */
	op.outcome = OUTCOME_ONE_SIDED;
	for (unsigned i = 0; i < 30; i++)
		kit_show(&op);
	assert_int_equal(n_said, 3);
	kit_close();
}

/* A session that ends leaves a request open; that is known late. */
static void
a_device_that_answered_since_is_not_gone(void **unused)
{
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	op.response.ts_ns = 1000 * SEC;
	kit_show(&op);
	unanswered(&op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	kit_close();
}

/* The same of a unit: requests that were given up before one that it answered. */
static void
a_unit_that_answered_since_is_not_silent(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	unanswered(&op, 20, 800, 10);
	assert_int_equal(n_said, 0);
	unanswered(&op, 3, 1001, 1);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	kit_close();
}

/* Answers that somebody changed on their way are none, but the device sends them. */
static void
a_device_that_still_sends_is_not_gone(void **unused)
{
	struct operation op = operation(OP_DNP3, 1, 1000);

	(void)unused;
	open_one(&detector_answering);
	op.intent = INTENT_READ;
	kit_show(&op);
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	for (unsigned i = 0; i < 20; i++) {
		op.request.ts_ns = (1010 + i) * SEC;
		flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
		flow.spoke_ns[1] = flow.heard_ns[1];
		kit_show(&op);
	}
	assert_int_equal(n_said, 0);
	unanswered(&op, 20, 1040, 1);
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	kit_close();
}

/* It acknowledges what it gets and answers nothing, one request a connection. */
static void
a_device_that_only_acknowledges_is_told(void **unused)
{
	static const enum op_proto protos[] = { OP_DNP3, OP_S7, OP_S7PLUS, OP_MODBUS };

	(void)unused;
	for (unsigned k = 0; k < sizeof(protos) / sizeof(protos[0]); k++) {
		struct operation op = operation(protos[k], 4, 1000);

		open_one(&detector_answering);
		op.intent = INTENT_READ;
		op.response.seen = false;
		op.outcome = OUTCOME_UNANSWERED;
		for (unsigned i = 0; i < 8; i++) {
			struct packet syn_ack = packet(2, 1, 4000, TCP_SYN | TCP_ACK, 1000 + 10 * i);

			flow.id = 100 + i;
			flow.payload[0] = 20;
			kit_packet(&syn_ack, &flow, DIR_FROM_1);
			op.request.ts_ns = (1001 + 10 * i) * SEC;
			flow.heard_ns[1] = op.request.ts_ns + SEC / 10;
			kit_show(&op);
		}
		assert_int_equal(n_said, 1);
		assert_int_equal(said[protos[k] == OP_MODBUS ? ALERT_MB_SILENT : ALERT_DEVICE_SILENT], 1);
		kit_close();
	}
}

/* What had no time to be answered before the capture ended says nothing of the device. */
static void
the_end_of_a_capture_is_no_silence(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);

	(void)unused;
	open_one(&detector_answering);
	kit_now_ns = 1003 * SEC;
	op.intent = INTENT_READ;
	op.response.seen = false;
	op.outcome = OUTCOME_UNANSWERED;
	flow.shutdown = true;
	for (unsigned i = 0; i < 20; i++)
		kit_show(&op);
	assert_int_equal(n_said, 0);
	kit_now_ns = 1100 * SEC;		/* there was time enough */
	for (unsigned i = 0; i < 3; i++)
		kit_show(&op);
	assert_int_equal(said[ALERT_MB_SILENT], 1);
	kit_close();
}

/* A refused session is a sign of life; one that is cut may have been cut by another. */
static void
a_cut_session_is_no_sign_of_life(void **unused)
{
	static const struct { uint64_t heard_ns; unsigned gone; } cases[] = { { 0, 0 }, { 1, 1 } };

	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct operation op = operation(OP_MODBUS, 3, 1000);
		struct packet p;

		open_one(&detector_answering);
		kit_show(&op);
		flow.heard_ns[1] = cases[k].heard_ns;
		for (unsigned i = 0; i < 20; i++) {
			p = packet(1, 2, 502, TCP_SYN, 1010 + i);
			kit_packet(&p, &flow, DIR_FROM_0);
			p = packet(2, 1, 4000, TCP_RST | TCP_ACK, 1010 + i);
			kit_packet(&p, &flow, DIR_FROM_1);
		}
		assert_int_equal(said[ALERT_DISCONNECTED], cases[k].gone);
		kit_close();
	}
}

/* A device that was tried by SYN alone is judged at its own row, kept at the flow or not. */
static void
attempts_to_connect_count(void **unused)
{
	struct operation op = operation(OP_MODBUS, 3, 1000);
	struct packet p;

	(void)unused;
	open_one(&detector_answering);
	for (unsigned i = 0; i < 20; i++) {	/* nothing is known of it */
		p = packet(1, 2, 502, TCP_SYN, 900 + i);
		kit_packet(&p, i % 2 == 0 ? &flow : NULL, DIR_FROM_0);
	}
	assert_int_equal(n_said, 0);
	kit_show(&op);
	for (unsigned i = 0; i < 8; i++) {
		assert_int_equal(n_said, 0);
		p = packet(1, 2, 502, TCP_SYN, 1010 + i);
		kit_packet(&p, i % 2 == 0 ? &flow : NULL, DIR_FROM_0);
	}
	assert_int_equal(said[ALERT_DISCONNECTED], 1);
	assert_int_equal(n_said, 1);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_is_gone_when_it_answered_before),
		cmocka_unit_test(a_device_that_answered_since_is_not_gone),
		cmocka_unit_test(a_unit_that_answered_since_is_not_silent),
		cmocka_unit_test(a_device_that_still_sends_is_not_gone),
		cmocka_unit_test(a_device_that_only_acknowledges_is_told),
		cmocka_unit_test(the_end_of_a_capture_is_no_silence),
		cmocka_unit_test(a_cut_session_is_no_sign_of_life),
		cmocka_unit_test(attempts_to_connect_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
