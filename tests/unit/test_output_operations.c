/* The record of an operation: its request and response, its values, and the wire's worst texts. */
#include "output_kit.h"

static void
test_read(void **state)
{
	struct output_settings s = settings();
	struct output *o = open_with(&s);
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	output_operation(o, &op);
	op.phase = OP_REQUESTED;	/* not a record of its own */
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), READ_LINE);
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 1);
	drop_file("eve.json");
}

static void
test_exception_and_unanswered(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	const char *line;

	(void)state;
	op.outcome = OUTCOME_EXCEPTION;
	op.exception = 2;
	op.exception_name = "Illegal Data Address";
	detail.response.has_read = false;
	detail.response.has_exception = true;
	detail.response.function_raw = 0x83;
	detail.response.exception.raw = 2;
	detail.response.exception.code = "IllegalDataAddr";
	detail.response.error_flags = MODBUS_ERR_DATA_VALUE | MODBUS_ERR_DATA_LENGTH;
	op.n_items = 0;
	op.anomalies[0] = (struct op_anomaly){ ANOM_MB_LENGTH, 3, true };
	op.n_anomalies = OP_ANOMALIES + 2;
	for (unsigned i = 1; i < OP_ANOMALIES; i++)
		op.anomalies[i] = op.anomalies[0];
	output_operation(o, &op);
	op = a_read(&f);
	op.outcome = OUTCOME_UNANSWERED;
	op.response = (struct op_side){ 0 };
	detail.response.present = false;
	op.broadcast = true;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	line = read_file("eve.json");
	assert_non_null(strstr(line, "\"error_flags\":\"DATA_VALUE | DATA_LENGTH\","
	    "\"exception\":{\"raw\":2,\"code\":\"IllegalDataAddr\"}}}"));
	assert_non_null(strstr(line, "\"outcome\":\"exception\",\"exception\":"
	    "{\"code\":2,\"name\":\"Illegal Data Address\"},\"latency_ns\":1001000"));
	assert_non_null(strstr(line, "{\"id\":\"invalid_length\",\"offset\":3,"
	    "\"in\":\"response\"}],\"anomalies_more\":2}}\n"));
	line = strchr(line, '\n') + 1;
	assert_non_null(strstr(line, "\"timestamp\":\"2017-04-28T14:12:01.715496+0000\""));
	assert_non_null(strstr(line, "\"pcap_cnt\":4,"));
	assert_non_null(strstr(line, "\"unit\":4,\"broadcast\":true,\"outcome\":\"unanswered\","
	    "\"request\""));
	assert_null(strstr(line, "\"response\""));
	assert_null(strstr(line, "latency"));
	drop_file("eve.json");
}

static void
test_rich(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_rich(&f);
	struct output *o = open_with(&s);
	const char *line;

	(void)state;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	line = read_file("eve.json");
	assert_non_null(strstr(line, "\"subfunction\":14,\"subname\":\"Read Device Identification\""));
	assert_non_null(strstr(line, "\"len\":5,\"fields\":[{\"name\":\"sub_data\",\"value\":5}]},"
	    "\"response\":{"));
	assert_non_null(strstr(line, "\"len\":8,\"fields\":[{\"name\":\"group\",\"value\":1},"
	    "{\"name\":\"more\",\"value\":1},{\"name\":\"group\",\"value\":2},"
	    "{\"name\":\"clock\",\"time\":\"2017-04-28T14:12:01.715000+0000\"}]}"));
	assert_non_null(strstr(line, "\"items\":[{\"space\":\"coil\",\"first\":1,\"count\":10,"
	    "\"written\":true,\"values\":[1,0,1,0,0,0,0,0,0,1]},"
	    "{\"space\":\"object\",\"number\":7685,\"object\":\"g30v5\",\"first\":0,\"count\":4,"
	    "\"written\":false,\"status\":255,\"points\":[{\"index\":0,\"value\":1.5},"
	    "{\"index\":9,\"value\":-3,\"flags\":129,\"time\":\"2017-04-28T14:12:01.715000+0000\"},"
	    "{\"index\":2},{\"index\":3,\"bytes\":\"2200fe\"}]},"
	    "{\"space\":\"file\",\"number\":4,\"written\":false}]"));
	assert_non_null(strstr(line, "\"identity\":[{\"name\":\"vendor\",\"text\":\"A\\\"B\\n\"},"
	    "{\"name\":\"object_128\",\"text\":\"\\\\xff\\u0001\"},"
	    "{\"name\":\"object_129\",\"text\":\"x\"},{\"name\":\"object_129\",\"text\":\"y\"}]"));
	drop_file("eve.json");
}

/* Values under the name of what they are, with one type for each name. */
static void
check_item(const struct op_item *it, const char *want)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	const char *at;

	item = *it;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	at = strstr(read_file("eve.json"), "\"written\":false");
	assert_non_null(at);
	at += strlen("\"written\":false");
	if (strncmp(at, want, strlen(want)) != 0)
		fail_msg("%s\nwanted, came\n%s", want, at);
	assert_int_equal(at[strlen(want)], '}');
	drop_file("eve.json");
}

static void
test_values(void **state)
{
	static const uint8_t singles[] = { 0x40, 0x93, 0x33, 0x33, 0x7f, 0xc0, 0, 0, 0x7f, 0x80, 0, 0,
	    0xff, 0x80, 0, 0, 0x80, 0, 0, 0, 0x00, 0, 0, 1 };
	static const struct op_value mixed[] = {
		{ .kind = VALUE_UINT, .index = 10, .u = 7, .wide = true },
		{ .kind = VALUE_UINT, .index = 11, .u = UINT64_MAX, .wide = true },
		{ .kind = VALUE_UINT, .index = 12, .u = UINT64_C(1) << 63 },
		{ .kind = VALUE_INT, .index = 13, .i = INT64_MIN },
		{ .kind = VALUE_REAL, .index = 14, .r = 0.1 },
		{ .kind = VALUE_BYTES, .index = 15, .bytes = (const uint8_t *)"p\xc3\xbcmp", .len = 5 },
		{ .kind = VALUE_BYTES, .index = 16, .bytes = (const uint8_t *)"p\xfcmp", .len = 4 },
		{ .kind = VALUE_BYTES, .index = 17, .bytes = (const uint8_t *)"p\xfcmp", .len = 4, .text = true },
		{ .kind = VALUE_TIME, .index = 18, .u = 253402300799999u },
		{ .kind = VALUE_TIME, .index = 19, .u = 253402300800000u },
		{ .kind = VALUE_NONE, .index = 20 },
		{ .kind = VALUE_BIT, .index = 21, .u = 1 },
	};
	static const struct op_value timed[] = {
		{ .kind = VALUE_REAL, .index = 3, .r = (double)4.6f, .single = true, .has_flags = true,
		  .flags = 1, .has_time = true, .time_ms = 1 },
		{ .kind = VALUE_TIME, .index = 9, .u = 2 },
	};

	(void)state;
	check_item(&(struct op_item){ .space = SPACE_HOLDING, .form = FORM_F32_BE, .n_values = 6, .raw = singles },
	    ",\"values\":[4.6,null,null,null,-0,1e-45],\"texts\":[null,\"NaN\",\"Infinity\",\"-Infinity\",null,null]");
	check_item(&(struct op_item){ .space = SPACE_HOLDING, .form = FORM_F32_BE, .n_values = 1, .raw = singles },
	    ",\"values\":[4.6]");
	check_item(&(struct op_item){ .space = SPACE_S7_DB, .number = 10, .form = FORM_TYPED, .ranged = true,
	    .first = 10, .count = 12, .n_values = 12, .typed = mixed },
	    ",\"values\":[7,null,null,-9223372036854775808,0.1,null,null,null,null,null,null,1],"
	    "\"texts\":[\"7\",\"18446744073709551615\",\"9223372036854775808\",null,null,\"p\xc3\xbcmp\",null,"
	    "\"p\\\\xfcmp\",null,null,null,null],"
	    "\"bytes\":[null,null,null,null,null,null,\"70fc6d70\",null,null,null,null,null],"
	    "\"times\":[null,null,null,null,null,null,null,null,\"9999-12-31T23:59:59.999000+0000\","
	    "\"253402300800000\",null,null]");
	check_item(&(struct op_item){ .space = SPACE_OBJECT, .number = 32 << 8 | 7, .form = FORM_TYPED,
	    .n_values = 2, .typed = timed },
	    ",\"points\":[{\"index\":3,\"value\":4.6,\"flags\":1,\"time\":\"1970-01-01T00:00:00.001000+0000\"},"
	    "{\"index\":9,\"time\":\"1970-01-01T00:00:00.002000+0000\"}]");
}

/* The largest answers: 2,000 coils and 125 registers, and far more. */
static void
test_large(void **state)
{
	static const uint8_t zeros[40000];
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	size_t values = 0;

	(void)state;
	item.form = FORM_BITS_LSB;
	item.raw = zeros;
	item.count = item.n_values = 320000;
	output_operation(o, &op);	/* longer than any line: counted, not cut */
	assert_int_equal(counters.v[CNT_OUT_LOST], 1);
	item.count = item.n_values = 65536;
	output_operation(o, &op);
	assert_int_equal(output_close(o), -1);
	for (const char *p = strstr(read_file("eve.json"), "\"values\":["); *p != ']'; p++)
		values += *p == '0';
	assert_int_equal(values, 65536);
	assert_string_equal(text + strlen(text) - 5, "}]}}\n");
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 1);
	drop_file("eve.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_exception_and_unanswered),
		cmocka_unit_test(test_rich),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_large),
	};

	return OUTPUT_RUN(tests);
}
