/* Descriptors of protocols: whole, unique, and found by each spelling. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record/flow.h"
#include "record/protocol.h"

static void
every_descriptor_is_whole(void **unused)
{
	char why[256] = "";

	(void)unused;
	if (protocol_check(why, sizeof(why)) != NULL)
		fail_msg("%s", why);
}

static void
a_protocol_is_found_by_each_spelling(void **unused)
{
	(void)unused;
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++) {
		const char *name = protocols[p]->name;

		assert_ptr_equal(protocol_find(name), protocols[p]);
		assert_ptr_equal(protocol_spelled(name, strlen(name)), protocols[p]);
	}
	assert_ptr_equal(protocol_spelled("S7CommPlus, more", 10), protocols[OP_S7PLUS]);
	assert_ptr_equal(protocol_spelled("s7", 2), protocols[OP_S7]);
	assert_null(protocol_spelled("s7c", 3));
	assert_null(protocol_spelled("modb", 4));
	assert_null(protocol_spelled("", 0));
	assert_null(protocol_spelled("modbusx", 7));
	assert_null(protocol_find("Modbus"));
	assert_null(protocol_find("unknown"));
}

static void
a_family_shares_its_rule_words(void **unused)
{
	(void)unused;
	assert_int_equal(protocol_family(OP_S7), PROTO_BIT(OP_S7) | PROTO_BIT(OP_S7PLUS));
	assert_int_equal(protocol_family(OP_S7PLUS), protocol_family(OP_S7));
	assert_int_equal(protocol_family(OP_MODBUS), PROTO_BIT(OP_MODBUS));
	assert_int_equal(PROTOS_ALL & PROTO_BIT(OP_UNKNOWN), 0);
}

static void
anomalies_carry_the_name_of_their_protocol(void **unused)
{
	(void)unused;
	assert_string_equal(anomaly_layer_name(LAYER_DECODE), "decode");
	assert_string_equal(anomaly_layer_name(LAYER_MODBUS), "modbus");
	assert_string_equal(anomaly_layer_name(anomaly_row(ANOM_S7_LOST)->layer), "s7comm");
}

/* Each module's slot begins behind the one before it, aligned, in the memory behind the flow. */
static void
slots_of_flows_do_not_overlap(void **unused)
{
	struct flow_slots all = { 0 };
	uint32_t a = flow_slot_reserve(&all, 20), b = flow_slot_reserve(&all, 16), c = flow_slot_reserve(&all, 1);
	unsigned char memory[64] = { 0 };
	struct flow f = { .slots = memory };

	(void)unused;
	assert_true(a + 20 <= b && b + 16 <= c && c + 1 <= all.size && all.size <= sizeof(memory));
	assert_int_equal((a | b | c) % 16, 0);
	assert_ptr_equal(flow_slot(&f, c), memory + c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_descriptor_is_whole),
		cmocka_unit_test(a_protocol_is_found_by_each_spelling),
		cmocka_unit_test(a_family_shares_its_rule_words),
		cmocka_unit_test(slots_of_flows_do_not_overlap),
		cmocka_unit_test(anomalies_carry_the_name_of_their_protocol),
	};

	return cmocka_run_group_tests_name("protocol", tests, NULL, NULL);
}
