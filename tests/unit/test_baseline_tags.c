/* The model of values that have names: one variable each, in its unit, and how fast it changes; registers under them keep silent. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "model_kit.h"

#include "detect/baseline/tagged.h"

#define READ 3
#define WRITE 16

static uint64_t now_ns;
static uint8_t bytes[8];	/* holding 100 to 103 of unit 1 */

static const char csv[] = "name,address,type,unit,scale\n"
    "tank level,10.0.0.2 unit 1 holding 100,float32,%,\n"
    "dose,10.0.0.2 unit 1 holding 102,uint16,mg/l,0.01\n";

static struct tags *
tags(const char *text)
{
	struct tags *t = tags_none();
	char *copy = strdup(text);
	struct err e = { 0 };

	assert_int_equal(tags_parse_csv(t, "t", copy, strlen(copy), &e), 0);
	assert_int_equal(tags_made(t, "t", &e), 0);
	free(copy);
	return t;
}

static int
open_tags(void **state)
{
	(void)state;
	memset(bytes, 0, sizeof(bytes));
	now_ns = 1000 * SEC;
	env.tags = tag_reader_open(tags(csv));
	open_model(&model_value);
	return 0;
}

static int
close_tags(void **state)
{
	(void)state;
	close_model();
	tag_reader_close(env.tags);
	env.tags = NULL;
	return 0;
}

static void
put_level(double level)
{
	float f = (float)level;
	uint32_t u;

	memcpy(&u, &f, sizeof(u));
	for (unsigned i = 0; i < 4; i++)
		bytes[i] = (uint8_t)(u >> (24 - 8 * i));
}

static void
on_reading(void *arg, const struct tag_reading *r)
{
	(void)arg;
	(void)r;
}

static bool
shown(struct op_item *it, enum op_intent intent, uint32_t function)
{
	struct operation op = operation(intent, function, now_ns);
	bool found;

	op.items = it;
	op.n_items = 1;
	found = show(&op);
	if (tag_reader_tags(env.tags)->n_devices > 0)
		tag_reader_operation(env.tags, &tag_reader_tags(env.tags)->device[0], &op, on_reading, NULL);
	return found;
}

static bool
poll_s(double level, unsigned dose, unsigned seconds)
{
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 100, .count = 4, .n_values = 4, .raw = bytes };

	now_ns += seconds * SEC;
	put_level(level);
	bytes[4] = (uint8_t)(dose >> 8);
	bytes[5] = (uint8_t)dose;
	return shown(&it, INTENT_READ, READ);
}

static bool
write_dose(unsigned dose)
{
	const uint8_t raw[2] = { (uint8_t)(dose >> 8), (uint8_t)dose };
	struct op_item it = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true, .first = 102, .count = 1, .n_values = 1, .raw = raw,
	    .written = true };

	now_ns += SEC;
	return shown(&it, INTENT_WRITE, WRITE);
}

/* A level that goes up and down between 40 and 60 % in 200 s: 12 % a minute. */
static double
wave(unsigned i)
{
	return 40 + (i % 200 < 100 ? i % 100 : 100 - i % 100) / 5.0;
}

static void
learn_hours(unsigned hours)
{
	for (unsigned i = 0; i < hours * 3600; i++)
		assert_false(poll_s(wave(i), 85 + i / 1000 % 2 * 5, 1));
	learning = false;
	/* Blocks and tags ask in turn whether they are still learned. */
	for (unsigned i = hours * 3600; i < hours * 3600 + 30; i++)
		assert_false(poll_s(wave(i), 85, 1));
}

static void
a_pair_of_registers_is_one_variable_in_its_unit(void **state)
{
	(void)state;
	learn_hours(2);
	assert_true(poll_s(90, 85, 1));
	assert_int_equal(said.type, ALERT_BASELINE_READ);
	assert_string_equal(said.what, "tank level as 90 %");
	assert_string_equal(said.expected, "40 to 60 %");
	assert_true(said.from_server);
	assert_int_equal(n_said, 1);
	/* The registers below it changed, too, and nothing more is said. */
	assert_false(poll_s(90.1, 85, 1));
	assert_false(poll_s(90.2, 85, 1));
	/* A dose that nobody wrote, in mg/l. */
	for (unsigned i = 0; i < 60; i++)
		assert_false(poll_s(90.2, 85, 1));
	assert_true(poll_s(90.2, 450, 1));
	assert_string_equal(said.what, "dose as 4.5 mg/l");
	assert_string_equal(said.expected, "0.85 or 0.9 mg/l");
}

static void
what_is_written_is_judged_in_its_unit(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 12; i++)
		assert_false(write_dose(80 + i % 3 * 5));
	learn_hours(1);
	assert_false(write_dose(90));
	assert_true(write_dose(450));
	assert_int_equal(said.type, ALERT_BASELINE_FAR);
	assert_string_equal(said.what, "dose to 4.5 mg/l");
	assert_string_equal(said.expected, "0.8 to 0.9 mg/l");
	assert_int_equal(n_said, 1);
	/* And explains what is read. */
	assert_false(poll_s(50, 450, 1));
}

static void
far_faster_than_ever_is_a_deviation(void **state)
{
	(void)state;
	learn_hours(3);
	/* Within its range, three times as fast as ever: 10 % in 10 s. */
	for (unsigned i = 0; i < 12; i++)
		assert_false(poll_s(50, 85, 1));
	for (unsigned i = 1; i < 12 && n_said == 0; i++)
		(void)poll_s(50 + i * 0.9, 85, 1);
	assert_int_equal(n_said, 1);
	assert_int_equal(said.type, ALERT_BASELINE_TAG_RATE);
	assert_non_null(strstr(said.what, "tank level from 50"));
	assert_non_null(strstr(said.what, "% a minute"));
	assert_string_equal(said.expected, "at most 12 % a minute");
	/* The clock is set back, and nobody looked for an hour: nothing follows from either. */
	now_ns -= 500 * SEC;
	assert_false(poll_s(41, 85, 1));
	assert_false(poll_s(59, 85, 3600));
	assert_int_equal(n_said, 1);
}

static void
a_register_below_a_tag_says_nothing(void **state)
{
	(void)state;
	/* Whole numbers: the lower word was never anything but 0. */
	for (unsigned i = 0; i < 2 * 3600; i++)
		assert_false(poll_s(floor(wave(i)), 85, 1));
	learning = false;
	for (unsigned i = 2 * 3600; i < 2 * 3600 + 50; i++)
		assert_false(poll_s(floor(wave(i)), 85, 1));
	assert_false(poll_s(50.3, 85, 1));
	assert_false(poll_s(50.7, 85, 1));
	assert_int_equal(n_said, 0);
}

static void
without_a_model_registers_go_on(void **state)
{
	const struct tags *before;

	(void)state;
	learn_hours(2);
	/* Another unit of measure: the tag is known no longer, its registers are. */
	assert_int_equal(tag_reader_prepare(env.tags, tags("name,address,type,unit,scale\ndose,10.0.0.2 unit 1 holding 102,uint16,g/l,0.00001\n")), 0);
	assert_true(tag_reader_swap(env.tags, &before));
	tag_reader_swapped(env.tags);
	for (unsigned i = 0; i < 20; i++)
		assert_false(poll_s(50, 85, 1));
	assert_true(poll_s(50, 450, 1));
	assert_string_equal(said.what, "holding register 102 as 450");
	assert_int_equal(n_said, 1);
}

static void
a_rate_that_has_settled_can_be_carried_elsewhere(void **state)
{
	struct fact f = { .key = { .kind = FACT_KIND_TAG_RATE }, .state = FACT_LEARNED, .count = 400, .first_ns = 1, .last_ns = 2 };

	(void)state;
	assert_false(tagged_rate_judged(&f));
	f.last_ns = 3600 * SEC + 1;
	assert_true(tagged_rate_judged(&f));
	f.n[2].d = 300;		/* the last step that was faster came late */
	assert_false(tagged_rate_judged(&f));
	f.n[2].d = 200;
	tagged_stable(&f);
	f.last_ns = 0;
	assert_true(tagged_rate_judged(&f));
	f.n[0].d = 3;
	f.n[3].d = 9;
	assert_true(tagged_rise(&f) <= 3);
	f.state = FACT_ACCEPTED;
	assert_true(tagged_rise(&f) >= 9);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(t) cmocka_unit_test_setup_teardown(t, open_tags, close_tags)
		TEST(a_pair_of_registers_is_one_variable_in_its_unit),
		TEST(what_is_written_is_judged_in_its_unit),
		TEST(far_faster_than_ever_is_a_deviation),
		TEST(a_register_below_a_tag_says_nothing),
		TEST(without_a_model_registers_go_on),
		TEST(a_rate_that_has_settled_can_be_carried_elsewhere),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
