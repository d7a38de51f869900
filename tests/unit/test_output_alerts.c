/* The record of an alert: what is longer than receivers take, 32 KiB, is shortened. */
#include "output_kit.h"
#include "record/alert.h"
#include "record/alert_type.h"

/* What is longer than receivers take is shortened, says so, and never lost. */
static void
test_long_alert(void **state)
{
	enum { ITEMS = 600, OCTETS = 60000 };
	static struct op_item items[ITEMS];
	static struct op_value texts[1];
	static uint8_t octets[OCTETS];
	static struct op_param params[400];
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct finding finding = { .type = ALERT_CTRL_STOP, .src = f.addr[0], .dst = f.addr[1],
	    .sport = f.port[0], .dport = f.port[1], .proto = IP_TCP, .flow = &f, .op = &op, .tx = 1 };
	struct alert a = { .id = 1, .uid = "00", .ts_ns = f.last_ns, .finding = &finding,
	    .type = alert_type_row(ALERT_CTRL_STOP), .severity = 1, .count = 1, .signature = "s",
	    .sentence = "t" };
	struct output *o;

	(void)state;
	memset(octets, 0xc3, sizeof(octets));
	for (unsigned i = 0; i < ITEMS; i++)
		items[i] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
		    .count = 100, .n_values = 100, .raw = octets };
	texts[0] = (struct op_value){ .kind = VALUE_BYTES, .len = OCTETS, .bytes = octets, .text = true };
	for (unsigned i = 0; i < 400; i++)
		params[i] = (struct op_param){ "p", texts[0], i % 2 != 0 };
	for (int round = 0; round < 5; round++) {
		op = a_read(&f);
		if (round > 0) {
			op.items = items;
			op.n_items = round == 1 ? 300 : 1;
		}
		if (round == 2) {
			items[0].n_values = 20000;
			items[0].count = 20000;
		} else if (round == 3) {
			items[0].form = FORM_TYPED;
			items[0].n_values = 1;
			items[0].typed = texts;
		} else if (round == 4) {
			op.params = params;
			op.n_params = 400;
		}
		o = open_with(&s);
		output_alert(o, &a);
		assert_int_equal(output_close(o), 0);
		read_file("eve.json");
		assert_true(strlen(text) <= 32768);
		assert_non_null(strstr(text, "\"operation\":{\"v\":2,\"protocol\":\"modbus\""));
		assert_int_equal(strstr(text, "\"shortened\":true}}\n") != NULL, round > 0);
		drop_file("eve.json");
	}
}

static void
a_long_alert_keeps_what_matters_and_says_so(void **unused)
{
	static const unsigned sizes[][2] = { { 10, 10 }, { 50, 100 }, { 400, 400 }, { 1500, 2 } };
	static struct op_item items[1500];
	static uint8_t words[800];
	static char long_text[20000];
	struct flow f = { .id = 9, .port = { 4000, 20000 }, .proto = 6, .ip_v = 4, .protocol = protocols[OP_DNP3] };
	struct op_param params[3] = { { "filename", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)long_text,
	    .len = 12 }, false }, { "data", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)long_text,
	    .len = sizeof(long_text) }, true }, { "more", { .kind = VALUE_BYTES,
	    .bytes = (const uint8_t *)long_text, .len = sizeof(long_text) }, true } };

	(void)unused;
	memset(long_text, 'x', sizeof(long_text));
	for (unsigned k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (unsigned wide = 0; wide < 2; wide++) {
			struct output_settings s = settings();
			struct output *o = open_with(&s);
			struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_DNP3,
			    .function = 1, .intent = INTENT_READ, .outcome = OUTCOME_ANSWERED, .name = "Read",
			    .request = { .seen = true, .frame = 1 }, .response = { .seen = true, .frame = 2 },
			    .items = items, .n_items = sizes[k][0], .params = params, .n_params = wide ? 3 : 1 };
			struct finding fi = { .type = ALERT_NEW_CLIENT_POLL, .flow = &f, .op = &op, .proto = 6,
			    .tx = 1, .frame = 2 };
			struct alert a = { .kind = ALERT_FIRST, .id = 1, .uid = "00112233445566778899aabbccddeeff",
			    .finding = &fi, .type = alert_type_row(fi.type), .severity = 3, .count = 1,
			    .signature = "x", .sentence = "somebody read all points.", .techniques = "T0861",
			    .category = "", .frame = 2 };
			const char *line;
			bool small = k < 2 && !wide;

			for (unsigned i = 0; i < sizes[k][0]; i++)
				items[i] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
				    .first = i, .count = sizes[k][1], .n_values = sizes[k][1], .raw = words,
				    .number = 7, .status = i + 1 == sizes[k][0] ? 2 : 0 };
			output_alert(o, &a);
			assert_int_equal(output_close(o), 0);
			line = read_file("eve.json");
			assert_true(strlen(line) <= 32 * 1024);
			assert_true(strlen(line) > 200);
			assert_int_equal(line[strlen(line) - 1], '\n');
			assert_non_null(strstr(line, "\"sentence\":\"somebody read all points.\""));
			assert_non_null(strstr(line, "\"id\":\"00112233445566778899aabbccddeeff\""));
			assert_non_null(strstr(line, "\"outcome\":\"answered\""));
			if (k > 1 || small)
				assert_int_equal(strstr(line, "\"shortened\":true") != NULL, !small);
			if (k > 1)
				assert_non_null(strstr(line, "\"items_all\":"));
			/* The one that was refused is last in the operation. */
			assert_non_null(strstr(line, "\"status\":2"));
			assert_int_equal(counters.v[CNT_OUT_LOST], 0);
			drop_file("eve.json");
		}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_long_alert),
		cmocka_unit_test(a_long_alert_keeps_what_matters_and_says_so),
	};

	return OUTPUT_RUN(tests);
}
