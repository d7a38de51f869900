/* The baseline as a detector: what is learned, what deviates, what is reported and how often. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "detect/baseline/baseline.h"

#include "detect_kit.h"

#define SEC 1000000000ull
#define BEGIN (1000000 * SEC)
#define LEARN_S 100u
#define DETECTS (BEGIN + (LEARN_S + 1) * SEC)

static enum alert_type said[64];
static char expected[256];
static unsigned n_said;
static struct flow flow;
static struct op_item item;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	assert_true(n_said < 64);
	said[n_said++] = f->type;
	(void)snprintf(expected, sizeof(expected), "%s", f->expected != NULL ? f->expected : "");
	detect_finding(detect, f);
}

static struct addr
host(uint8_t last)
{
	const uint8_t four[4] = { 10, 0, 0, last };

	return addr_v4(four);
}

static void
begin_flow(uint8_t client)
{
	flow = (struct flow){ .id = 100 + client, .addr = { host(client), host(9) }, .port = { 4000, 502 }, .proto = IP_TCP,
	    .packets = { 5, 5 }, .role_source = ROLE_SYN, .protocol = protocols[OP_MODBUS] };
	kit_flow(&flow, 0);
	assets_flow_begun(assets, &flow);
}

static void
open_with(uint64_t learn_first_s)
{
	static const struct detector *const list[] = { &detector_baseline, NULL };

	settings = (struct settings){ .detect = { .devices = 64 }, .alert = { .merge_s = 60 }, .baseline = { .facts = 1024,
	    .mode = BASELINE_DETECT, .learn_first_s = learn_first_s, .new_device_s = 3600 } };
	n_said = 0;
	kit_open(list, on_finding);
	begin_flow(1);
}

static struct operation
ask(enum op_intent intent, uint32_t function, uint32_t first, uint32_t n, uint64_t now_ns)
{
	static uint64_t id = 1;

	id++;
	item = (struct op_item){ .space = SPACE_HOLDING, .ranged = true, .first = first, .count = n, .n_values = 0,
	    .written = intent == INTENT_WRITE };
	return (struct operation){ .id = id, .flow = &flow, .phase = OP_FINISHED, .proto = OP_MODBUS, .unit = 1,
	    .function = function, .intent = intent, .outcome = OUTCOME_ANSWERED, .items = &item, .n_items = 1,
	    .request = { .seen = true, .ts_ns = now_ns, .frame = id, .ttl = 64 },
	    .response = { .seen = true, .ts_ns = now_ns, .frame = id, .ttl = 64 } };
}

static void
show(enum op_intent intent, uint32_t function, uint32_t first, uint32_t n, uint64_t now_ns)
{
	struct operation op = ask(intent, function, first, n, now_ns);

	kit_now_ns = now_ns;
	kit_show(&op);
}

static void
what_was_learned_is_no_deviation_and_what_was_not_is_one(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	for (unsigned i = 0; i < 20; i++)
		show(INTENT_READ, 3, 100, 10, BEGIN + i * SEC);
	assert_int_equal(n_said, 0);
	show(INTENT_READ, 3, 100, 10, DETECTS);
	show(INTENT_READ, 3, 102, 4, DETECTS);
	assert_int_equal(n_said, 0);
	show(INTENT_READ, 3, 108, 4, DETECTS);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_RANGE);
	assert_non_null(strstr(expected, "100-109 (since 1970-01-12 13:46, seen "));
	/* One operation, one deviation: its intent, though function and range are new, too. */
	show(INTENT_WRITE, 6, 500, 1, DETECTS + SEC);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1], ALERT_BASELINE_COMMAND);
	/* And the next step is one of its own. */
	show(INTENT_WRITE, 16, 500, 1, DETECTS + 2 * SEC);
	assert_int_equal(n_said, 3);
	assert_int_equal(said[2], ALERT_BASELINE_FUNCTION);
	kit_close();
}

static void
announce(uint8_t last, enum attribute_key key, const char *value, uint64_t now_ns)
{
	static const uint8_t mac[6] = { 0, 0x0e, 0xcf, 1, 2, 3 };
	static uint64_t frame = 1000000;
	const struct packet p = { .ts_ns = now_ns, .frame = ++frame, .mac_src = mac };
	const struct announcement s = { .addr = last != 0 ? host(last) : addr_of_mac(mac), .key = (uint8_t)key, .source = ATTR_BY_LLDP,
	    .value = (const uint8_t *)value, .n = strlen(value), .packet = &p };

	kit_now_ns = now_ns;
	detect_announcement(detect, &s);
}

static void
who_announces_something_else_or_was_never_there_deviates(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	announce(20, ATTR_NAME, "sw-1", BEGIN);
	announce(20, ATTR_PORT, "port-1", BEGIN);
	announce(20, ATTR_PORT, "port-2", BEGIN + SEC);
	announce(20, ATTR_NAME, "sw-1", DETECTS);
	announce(20, ATTR_PORT, "port-2", DETECTS);
	/* The first of a kind contradicts nothing; what comes and goes by itself is none. */
	announce(20, ATTR_FIRMWARE, "V1", DETECTS);
	announce(20, ATTR_SERVICE, "whatever", DETECTS);
	assert_int_equal(n_said, 0);
	announce(20, ATTR_FIRMWARE, "V2", DETECTS + SEC);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_ANNOUNCED);
	assert_non_null(strstr(expected, "V1 (since"));
	announce(20, ATTR_PORT, "port-3", DETECTS + 2 * SEC);
	assert_int_equal(n_said, 2);
	assert_non_null(strstr(expected, "port-1"));
	assert_non_null(strstr(expected, "port-2"));
	/* Texts that begin alike and are too long for a key are two. */
	announce(20, ATTR_DESCRIPTION, "a description that goes on for longer than the key, 1", DETECTS + 3 * SEC);
	announce(20, ATTR_DESCRIPTION, "a description that goes on for longer than the key, 2", DETECTS + 4 * SEC);
	assert_int_equal(n_said, 3);
	/* A device without an address, which says much of itself: one report. */
	announce(0, ATTR_NAME, "ap-1", DETECTS + 5 * SEC);
	announce(0, ATTR_MODEL, "X", DETECTS + 6 * SEC);
	assert_int_equal(n_said, 4);
	assert_int_equal(said[3], ALERT_BASELINE_DEVICE);
	kit_close();
}

static void
a_deviation_that_goes_on_is_reported_again_after_a_quiet_time(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 4, 100, 10, DETECTS);
	assert_int_equal(n_said, 1);
	for (unsigned i = 1; i < 200; i++)
		show(INTENT_READ, 4, 100, 10, DETECTS + i * SEC);
	/* As long as its alert is open it is counted there. */
	assert_int_equal(n_said, 60);
	show(INTENT_READ, 4, 100, 10, DETECTS + 260 * SEC);
	assert_int_equal(n_said, 61);
	assert_int_equal(said[60], ALERT_BASELINE_ALIKE);
	kit_close();
}

static void
a_client_that_nobody_knows_is_reported_with_what_it_does(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	begin_flow(7);
	show(INTENT_READ, 3, 100, 10, DETECTS);
	assert_int_equal(said[0], ALERT_BASELINE_PEER);
	assert_non_null(strstr(expected, "10.0.0.1 (since"));
	begin_flow(8);
	show(INTENT_WRITE, 6, 100, 1, DETECTS);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1], ALERT_BASELINE_PEER_COMMAND);
	kit_close();
}

static void
what_a_severe_rule_fired_on_is_not_learned(void **unused)
{
	const struct rule_metadata rule = { .sid = 1, .severity = 1, .msg = "no" };
	struct operation op;
	struct finding f;

	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	op = ask(INTENT_WRITE, 6, 100, 1, BEGIN + SEC);
	f = (struct finding){ .type = ALERT_RULE, .rule = &rule, .op = &op, .flow = &flow, .tx = op.id, .frame = op.request.frame };
	detect_finding(detect, &f);
	kit_show(&op);
	assert_int_equal(n_said, 0);
	/* The same again, and nothing fires: it is new. */
	show(INTENT_WRITE, 6, 100, 1, DETECTS);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_COMMAND);
	kit_close();
}

static void
show_s7(uint32_t unit, uint64_t now_ns)
{
	struct operation op = ask(INTENT_READ, 4, 100, 10, now_ns);

	op.proto = OP_S7;
	op.unit = unit;
	item.space = SPACE_S7_FLAG;
	kit_now_ns = now_ns;
	kit_show(&op);
}

/* Rack and slot stand in the request for a connection alone. */
static void
a_session_that_began_unseen_is_of_the_unit_that_is_known(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	show_s7(2, BEGIN);
	show_s7(0, BEGIN + SEC);
	show_s7(0, DETECTS);
	show_s7(2, DETECTS + SEC);
	assert_int_equal(n_said, 0);
	show_s7(3, DETECTS + 2 * SEC);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_UNIT);
	kit_close();
	/* What was learned of such a session is of any. */
	open_with(LEARN_S);
	show_s7(0, BEGIN);
	show_s7(2, DETECTS);
	assert_int_equal(n_said, 0);
	kit_close();
}

/* A mirror loses requests. */
static void
of_an_answer_alone_nobody_knows_what_was_asked(void **unused)
{
	struct operation op;

	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	op = ask(INTENT_READ, 3, 0, 10, DETECTS);
	op.request = (struct op_side){ 0 };
	op.outcome = OUTCOME_ONE_SIDED;
	item.ranged = false;
	kit_now_ns = DETECTS;
	kit_show(&op);
	assert_int_equal(n_said, 0);
	kit_close();
}

/* The restart is reported by another detector, and that its unit is new is not said. */
static void
what_another_detector_reports_is_nothing_of_the_next_operations(void **unused)
{
	struct operation op;
	struct finding f;

	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 4, 100, 10, BEGIN + SEC);
	op = ask(INTENT_MODE, 8, 0, 1, DETECTS);
	op.unit = 9;
	op.n_items = 0;
	f = (struct finding){ .type = ALERT_CTRL_RESTART, .op = &op, .flow = &flow, .tx = op.id, .frame = op.request.frame };
	kit_now_ns = DETECTS;
	detect_finding(detect, &f);
	kit_show(&op);
	assert_int_equal(n_said, 0);
	show(INTENT_READ, 3, 100, 10, DETECTS + SEC);
	show(INTENT_READ, 4, 102, 4, DETECTS + 2 * SEC);
	assert_int_equal(n_said, 0);
	kit_close();
}

static void
a_rule_that_fires_behind_an_operation_takes_back_what_was_learned(void **unused)
{
	const struct rule_metadata rule = { .sid = 1, .severity = 2, .msg = "no" };
	struct operation op;
	struct finding f;

	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	op = ask(INTENT_READ, 43, 100, 10, BEGIN + SEC);
	kit_show(&op);
	f = (struct finding){ .type = ALERT_RULE, .rule = &rule, .flow = &flow, .frame = op.response.frame };
	detect_finding(detect, &f);
	show(INTENT_READ, 43, 100, 10, DETECTS);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_ALIKE);
	kit_close();
}

static const char *
act(const char *verb, const char *id)
{
	struct keep_action a = { 0 };

	(void)snprintf(a.verb, sizeof(a.verb), "%s", verb);
	(void)snprintf(a.object, sizeof(a.object), "baseline");
	(void)snprintf(a.id, sizeof(a.id), "%s", id);
	return detect_act(detect, &a);
}

static void
an_operator_accepts_rejects_and_locks(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 4, 100, 10, DETECTS);
	assert_int_equal(n_said, 1);
	assert_null(act("accept", "function server=10.0.0.9 function=4"));
	show(INTENT_READ, 4, 100, 10, DETECTS + 200 * SEC);
	assert_int_equal(n_said, 1);
	assert_null(act("reject", "function server=10.0.0.9 function=4"));
	show(INTENT_READ, 4, 100, 10, DETECTS + 400 * SEC);
	assert_int_equal(n_said, 2);
	assert_non_null(act("accept", "function server=10.0.0.77"));
	assert_non_null(act("accept", ""));
	assert_non_null(act("accept", "nonsense"));
	assert_non_null(act("mode", "off"));
	/* From now on all is learned, but for what is locked, and what was rejected stays so. */
	assert_null(act("mode", "learn"));
	assert_null(act("lock", "function asset=10.0.0.9"));
	show(INTENT_READ, 5, 100, 10, DETECTS + 500 * SEC);
	assert_int_equal(n_said, 3);
	show(INTENT_READ, 3, 300, 10, DETECTS + 501 * SEC);
	assert_int_equal(n_said, 3);
	assert_null(act("unlock", "function asset=10.0.0.9"));
	show(INTENT_READ, 11, 100, 10, DETECTS + 502 * SEC);
	assert_int_equal(n_said, 3);
	show(INTENT_READ, 4, 100, 10, DETECTS + 700 * SEC);
	assert_int_equal(n_said, 4);
	kit_close();
}

static struct packet
packet(uint8_t from, uint8_t ttl, uint64_t now_ns)
{
	static uint8_t mac[6] = { 2, 0, 0, 0, 0, 0 };

	mac[5] = from;
	return (struct packet){ .ts_ns = now_ns, .frame = 1, .src = host(from), .dst = host(9), .sport = 4000, .dport = 502, .ip_v = 4,
	    .proto = IP_TCP, .ttl = ttl, .tcp_flags = TCP_ACK, .mac_src = mac };
}

static void
send(uint8_t from, uint8_t ttl, uint64_t now_ns)
{
	struct packet p = packet(from, ttl, now_ns);

	kit_now_ns = flow.last_ns = now_ns;
	kit_packet(&p, &flow, DIR_FROM_0);
}

static void
a_new_device_is_one_alert_and_learned_about_itself(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	send(1, 64, BEGIN);
	begin_flow(7);
	send(7, 128, DETECTS);
	send(7, 128, DETECTS + SEC);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_DEVICE);
	/* Another time to live is its own affair while it is new, and not of one that is known. */
	send(7, 64, DETECTS + 2 * SEC);
	assert_int_equal(n_said, 1);
	begin_flow(1);
	send(1, 63, DETECTS + 3 * SEC);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1], ALERT_BASELINE_TTL);
	assert_non_null(strstr(expected, "64 (since"));
	/* After its time it is known. */
	begin_flow(7);
	send(7, 32, DETECTS + 4000 * SEC);
	assert_int_equal(n_said, 3);
	assert_int_equal(said[2], ALERT_BASELINE_TTL);
	kit_close();
}

static void
by_itself_it_learns_reviews_and_detects(void **unused)
{
	(void)unused;
	open_with(0);
	kit_close();
	settings.baseline = (struct baseline_settings){ .facts = 1024, .mode = BASELINE_AUTO, .learn_s = 3600, .review_s = 3600,
	    .settled = 2, .new_device_s = 3600 };
	{
		static const struct detector *const list[] = { &detector_baseline, NULL };

		kit_open(list, on_finding);
	}
	begin_flow(1);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 4, 100, 10, BEGIN + 3700 * SEC);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_REVIEW);
	show(INTENT_READ, 1, 100, 10, BEGIN + 7500 * SEC);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1], ALERT_BASELINE_ALIKE);
	kit_close();
}

static unsigned
rates(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < n_said; i++)
		n += said[i] == ALERT_BASELINE_RATE;
	return n;
}

static void
far_more_bytes_than_usual_are_told_once_in_a_window(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	flow.payload[0] = flow.payload[1] = 0;
	for (unsigned i = 0; i < 50; i++, flow.payload[0] += 200000)
		send(1, 64, BEGIN + i * SEC);
	for (unsigned i = 0; i < 50; i++, flow.payload[0] += 400000)
		send(1, 64, DETECTS + i * SEC);
	assert_int_equal(rates(), 0);
	/* Three times two million. */
	send(1, 64, DETECTS + 51 * SEC);
	flow.payload[0] += 5000000;
	send(1, 64, DETECTS + 52 * SEC);
	assert_int_equal(rates(), 0);
	flow.payload[0] += 1100000;
	send(1, 64, DETECTS + 52 * SEC);
	assert_int_equal(rates(), 1);
	assert_string_equal(expected, "at most 2000000");
	flow.payload[0] += 9000000;
	send(1, 64, DETECTS + 53 * SEC);
	assert_int_equal(rates(), 1);
	flow.payload[0] = flow.payload[1] = 0;
	kit_close();
}

/* The first new thing after days without any is a deviation, and not what learning goes on with; so is the first
 * of a kind that the device never had. */
static void
by_itself_it_detects_after_days_without_anything_new(void **unused)
{
	struct operation op;

	(void)unused;
	open_with(0);
	kit_close();
	settings.baseline = (struct baseline_settings){ .facts = 1024, .mode = BASELINE_AUTO, .learn_s = 3600, .review_s = 3600,
	    .settled = 2, .new_device_s = 3600 };
	{
		static const struct detector *const list[] = { &detector_baseline, NULL };

		kit_open(list, on_finding);
	}
	begin_flow(1);
	send(1, 64, BEGIN);
	send(9, 64, BEGIN);
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 43, 100, 10, BEGIN + 5000 * 3600 * SEC);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_ALIKE);
	op = ask(INTENT_READ, 3, 100, 10, BEGIN + 5001 * 3600 * SEC);
	op.outcome = OUTCOME_EXCEPTION;
	op.exception = 2;
	kit_show(&op);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[1], ALERT_BASELINE_EXCEPTION);
	kit_close();
}

#define DAY (86400 * SEC)

/* A day in which the client reads as ever by function 3, and ticks go on. */
static void
a_day(unsigned n)
{
	for (unsigned hour = 0; hour < 24; hour += 6) {
		show(INTENT_READ, 3, 100, 10, BEGIN + n * DAY + hour * 3600 * SEC);
		detect_tick(detect, BEGIN + n * DAY + hour * 3600 * SEC + SEC);
	}
}

static void
what_does_not_come_for_long_expires(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	settings.baseline.expire_days = 30;
	for (uint32_t function = 2; function < 5; function++)
		show(INTENT_READ, function, 100, 10, BEGIN + function);
	assert_null(act("accept", "function server=10.0.0.9 function=2"));
	for (unsigned n = 1; n <= 29; n++)
		a_day(n);
	assert_int_equal(counters.v[CNT_BASELINE_EXPIRED], 0);
	for (unsigned n = 30; n <= 40; n++)
		a_day(n);
	/* Function 4 alone: all else that it was made of came with function 3, and 2 was accepted. */
	assert_int_equal(counters.v[CNT_BASELINE_EXPIRED], 1);
	assert_int_equal(n_said, 0);
	show(INTENT_READ, 2, 100, 10, BEGIN + 41 * DAY);
	assert_int_equal(n_said, 0);
	show(INTENT_READ, 4, 100, 10, BEGIN + 41 * DAY);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[0], ALERT_BASELINE_ALIKE);
	/* It is a deviation as any other: accepted, it is normal again. */
	assert_null(act("accept", "function server=10.0.0.9 function=4"));
	show(INTENT_READ, 4, 100, 10, BEGIN + 42 * DAY);
	assert_int_equal(n_said, 1);
	kit_close();
}

static void
nothing_expires_while_nothing_is_seen(void **unused)
{
	(void)unused;
	open_with(LEARN_S);
	settings.baseline.expire_days = 30;
	show(INTENT_READ, 3, 100, 10, BEGIN);
	show(INTENT_READ, 4, 100, 10, BEGIN);
	a_day(1);
	/* The mirror port is dead. */
	for (unsigned n = 2; n < 200; n++)
		detect_tick(detect, BEGIN + n * DAY);
	for (unsigned n = 200; n < 228; n++)
		a_day(n);
	assert_int_equal(counters.v[CNT_BASELINE_EXPIRED], 0);
	show(INTENT_READ, 4, 100, 10, BEGIN + 228 * DAY);
	assert_int_equal(n_said, 0);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_learned_is_no_deviation_and_what_was_not_is_one),
		cmocka_unit_test(who_announces_something_else_or_was_never_there_deviates),
		cmocka_unit_test(a_deviation_that_goes_on_is_reported_again_after_a_quiet_time),
		cmocka_unit_test(a_client_that_nobody_knows_is_reported_with_what_it_does),
		cmocka_unit_test(what_a_severe_rule_fired_on_is_not_learned),
		cmocka_unit_test(a_session_that_began_unseen_is_of_the_unit_that_is_known),
		cmocka_unit_test(of_an_answer_alone_nobody_knows_what_was_asked),
		cmocka_unit_test(what_another_detector_reports_is_nothing_of_the_next_operations),
		cmocka_unit_test(a_rule_that_fires_behind_an_operation_takes_back_what_was_learned),
		cmocka_unit_test(an_operator_accepts_rejects_and_locks),
		cmocka_unit_test(a_new_device_is_one_alert_and_learned_about_itself),
		cmocka_unit_test(what_does_not_come_for_long_expires),
		cmocka_unit_test(nothing_expires_while_nothing_is_seen),
		cmocka_unit_test(by_itself_it_learns_reviews_and_detects),
		cmocka_unit_test(by_itself_it_detects_after_days_without_anything_new),
		cmocka_unit_test(far_more_bytes_than_usual_are_told_once_in_a_window),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
