/* Sentences, and the table of types: every row can be said and explained. */
#include "alert_kit.h"
#include "alert/explain.h"
#include "alert/sentence.h"
#include "record/attack.h"

static struct flow flow;

static struct operation
operation(enum op_proto proto, uint32_t function, const char *name, enum op_intent intent)
{
	flow = (struct flow){ .id = 5, .addr = { host(9), host(20) }, .port = { 4000, 502 }, .proto = 6 };
	return (struct operation){ .id = 1, .flow = &flow, .phase = OP_FINISHED, .proto = proto,
	    .function = function, .name = name, .intent = intent, .outcome = OUTCOME_ANSWERED };
}

static const char *
said(enum alert_type type, const struct operation *op, const char *what)
{
	static char text[ALERT_SENTENCE_MAX];
	struct finding f = finding(1, type, 0);

	f.op = op;
	f.flow = &flow;
	f.what = what;
	return sentence_make(&f, text, sizeof(text));
}

static void
a_sentence_says_who_did_what_to_whom(void **unused)
{
	struct operation op = operation(OP_S7, 0x29, "PLC Stop", INTENT_MODE);
	const uint8_t bits[1] = { 1 }, words[4] = { 0x01, 0xc2, 0, 7 };
	struct op_item item = { .space = SPACE_COIL, .form = FORM_BITS_LSB, .written = true,
	    .ranged = true, .first = 12, .count = 1, .n_values = 1, .raw = bits };
	const struct rule_metadata meta = { .gid = 1, .sid = 1, .msg = "Pump written", .severity = 1 };
	struct finding f = finding(1, ALERT_RULE, 0);
	char text[ALERT_SENTENCE_MAX];

	(void)unused;
	assert_string_equal(said(ALERT_S7_STOP, &op, NULL),
	    "10.0.0.9 told the CPU of PLC 10.0.0.20 to stop (S7 job 0x29).");
	op.outcome = OUTCOME_EXCEPTION;
	op.exception_name = "not permitted";
	assert_string_equal(said(ALERT_S7_STOP, &op, NULL), "10.0.0.9 told the CPU of PLC "
	    "10.0.0.20 to stop (S7 job 0x29); it was refused: not permitted.");
	op = operation(OP_S7, 0x1a, "Request download", INTENT_PROGRAM_WRITE);
	assert_string_equal(said(ALERT_PROGRAM_DOWNLOAD, &op, "block FC7"),
	    "10.0.0.9 asked PLC 10.0.0.20 to take a program (Request download, block FC7).");
	assert_string_equal(said(ALERT_PROGRAM_DOWNLOAD, &op, NULL),
	    "10.0.0.9 asked PLC 10.0.0.20 to take a program (Request download).");

	op = operation(OP_MODBUS, 5, "Write Single Coil", INTENT_WRITE);
	op.unit = 3;
	op.items = &item;
	op.n_items = 1;
	f.rule = &meta;
	f.op = &op;
	f.flow = &flow;
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 1 to coil 12 of unit 3 of 10.0.0.20.");
	item = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .written = true,
	    .ranged = true, .first = 40, .count = 2, .n_values = 2, .raw = words };
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 450, 7 to holding registers 40-41 of unit 3 of 10.0.0.20.");
	item = (struct op_item){ .space = SPACE_S7_DB, .form = FORM_U16_BE, .written = true,
	    .ranged = true, .number = 20, .first = 4, .count = 1, .n_values = 1, .type = 4, .raw = words };
	op.proto = OP_S7;
	op.unit = 2;
	assert_string_equal(sentence_make(&f, text, sizeof(text)),
	    "Pump written: 10.0.0.9 wrote 450 to DB20.DBW4 of PLC 10.0.0.20.");
	/* Cut, never beyond its room. */
	assert_int_equal(strlen(sentence_make(&f, text, 20)), 19);
}

static void
numbers_go_by_their_names(void **unused)
{
	struct finding f = finding(1, ALERT_ADDRESS_SCAN, 0);
	char text[ALERT_SENTENCE_MAX];

	(void)unused;
	f.numbers[f.n_numbers++] = (struct finding_number){ "count", 50 };
	f.numbers[f.n_numbers++] = (struct finding_number){ "window_s", 120 };
	assert_string_equal(sentence_make(&f, text, sizeof(text)), "10.0.0.1 tried 50 addresses of one "
	    "network within 2 minutes, at last 10.0.0.2.");
}

static void
every_row_can_be_said_and_explained(void **unused)
{
	char text[2048];
	FILE *null = fopen("/dev/null", "w");
	json_t *j;

	(void)unused;
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++) {
		const struct alert_type_row *row = alert_type_row((enum alert_type)i);
		struct finding f = finding(1, (enum alert_type)i, 0);
		const char *list = row->techniques, *id;
		size_t n;

		assert_true(row->severity >= 1 && row->severity <= 4);
		assert_int_equal(alert_type_by_sid(row->sid), i);
		assert_int_equal(alert_type_by_text(row->text), i);
		assert_true(alert_class_text(row->class_)[0] != '\0');
		while ((id = attack_next(&list, &n)) != NULL) {
			const struct attack_row *of = attack_row(id, n);

			/* By the ids of today: those of v18 are known, and not used. */
			if (of == NULL || strlen(of->id) != n || memcmp(of->id, id, n) != 0)
				fail_msg("%s: technique %.*s is not in attack.def", row->text, (int)n, id);
		}
		(void)sentence_make(&f, text, sizeof(text));
		assert_null(strchr(text, '{'));
		(void)sentence_plain(row->sentence, text, sizeof(text));
		assert_null(strchr(text, '{'));
		j = explain_type(explain_find(row->text));
		assert_non_null(j);
		assert_string_equal(json_text_of(j, "title"), row->title);
		assert_int_equal(json_number_of(j, "sid"), row->sid);
		assert_null(strchr(json_text_of(j, "happened"), '{'));
		explain_print(j, null);
		json_decref(j);
	}
	assert_int_equal(explain_find("s7.cpu"), ALERT_TYPE_COUNT);
	assert_int_equal(explain_find("17"), ALERT_TYPE_COUNT);
	assert_int_equal(explain_find("5000101"), explain_find("s7.cpu.stop"));
	assert_string_equal(explain_nearest("s7.cpu.stp"), "s7.cpu.stop");
	fclose(null);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sentence_says_who_did_what_to_whom),
		cmocka_unit_test(numbers_go_by_their_names),
		cmocka_unit_test(every_row_can_be_said_and_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
