/* What is wrong with a rule about values, and where: each word, each part of its operand. */
#include "rule_kit.h"

#include "process/tag.h"

#define HEAD "alert modbus any any -> any any (sid:1; "

static const struct { const char *options, *want; } rows[] = {
	/* Names. */
	{ "ot.tag:\"chlorine setpoint\" > 3;)", "1:49: there is no tag 'chlorine setpoint'; did you mean 'chlorine set-point'?" },
	{ "ot.tag:\"boiler\";)", "1:49: there is no tag 'boiler'" },
	{ "ot.tag:chlorine;)", "1:48: the value must stand in quotes" },
	{ "ot.tag:\"chlorine set-point\" > x;)", "1:71: 'x' is not a number" },
	{ "ot.tag:\"chlorine set-point\" >;)", "a number is missing" },
	{ "ot.tag:\"chlorine set-point\" > 1e400;)", "1:71: 1e400 is too large; at most 9.2e18" },
	{ "ot.tagg:\"chlorine set-point\";)", "1:41: there is no rule word 'ot.tagg'; did you mean 'ot.tag'?" },
	/* Changes. */
	{ "ot.change:> 10 % in 60 s;)", "1:51: a change of what?" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:> 10 %;)", "1:80: it ends with the time" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:< 10 % in 60 s;)", "1:80: a change is more than something" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:> ten in 60 s;)", "1:82: 'ten' is not a number" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:> 10 in 60 d;)", "1:88: behind 'in' there is a time" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:> 10 in 0 s;)", "1:88: behind 'in' there is a time" },
	{ "ot.tag:\"chlorine set-point\"; ot.change:in 60 s;)", "it ends with the time" },
	{ "ot.chnage:> 10 in 60 s;)", "1:41: there is no rule word 'ot.chnage'; did you mean 'ot.change'?" },
	/* Places, of each type. */
	{ "ot.float32:holding > 3;)", "1:52: 'holding' has no number from 0 to 65535 behind 'holding'" },
	{ "ot.float32:holding 65536 > 3;)", "1:52: 'holding 65536' has no number from 0 to 65535" },
	{ "ot.float32:holdings ten;)", "1:52: " },
	{ "ot.float32:DB20.DBW0 > 3;)", "1:52: float32 has 32 bits, the address says 16" },
	{ "ot.float32:DB20.DBX0.0;)", "1:52: the address is one bit: its type is bool, not float32" },
	{ "ot.float32:DB20.DBD;)", "1:52: 'DB20.DBD' has no address from 0 to 65535" },
	{ "ot.float32:DB20.DBQ0;)", "1:52: 'DB20.DBQ0': 'Q' is no size" },
	{ "ot.float32:DB20;)", "1:52: 'DB20': behind DB there is the number of the block" },
	{ "ot.float32:coil 10;)", "1:52: a coil is one bit: its type is bool, not float32" },
	{ "ot.float32:holding 10 > 3, word-swaped;)", "1:68: 'word-swaped' is no order of bytes: big, word-swapped, byte-swapped or little; did you mean 'word-swapped'?" },
	{ "ot.float32:g30 index 4, little;)", "1:52: the message says what this value is: bits and order of bytes are not chosen" },
	{ "ot.real:coil 10;)", "1:49: a coil is one bit" },
	{ "ot.real:nothing 3;)", "1:49: " },
	{ "ot.real:holding 10 > 3, cdba;)", "1:65: 'cdba' is no order of bytes" },
	{ "ot.float64:DB1.DBD0;)", "1:52: float64 has 64 bits, the address says 32" },
	{ "ot.float64:holding 0.3;)", "1:52: the address is one bit" },
	{ "ot.float64:holding 0 3-;)", "1:52: behind the place there is ' 3-', which says nothing" },
	{ "ot.int16:MD4;)", "1:50: int16 has 16 bits, the address says 32" },
	{ "ot.int16:holding 3 < 0, word-swapped;)", "1:50: int16 is not longer than a word: there is nothing to swap" },
	{ "ot.int16:input 3.16;)", "1:50: 'input 3.16': behind the point a bit from 0 to 15 is missing" },
	{ "ot.uint16:discrete 3;)", "1:51: a discrete is one bit" },
	{ "ot.uint16:holding 3 <> 4;)", "1:" },
	{ "ot.uint16:;)", "1:" },
	{ "ot.uint16:holding 3 [1,x];)", "1:64: 'x' is not a number" },
	{ "ot.int32:DB5.DBL0;)", "1:50: int32 has 32 bits, the address says 64" },
	{ "ot.int32:holding -1;)", "1:50: " },
	{ "ot.uint32:ioa;)", "1:51: 'ioa': behind ioa there is a number from 0 to 16777215" },
	{ "ot.uint32:MD20 > 5 6;)", "1:58: '5 6' is not a number" },
	{ "ot.uint32:MD20 > 5, middle;)", "1:61: 'middle' is no order of bytes" },
	{ "ot.int64:holding 3;)", "there is no rule word 'ot.int64'" },
};

static void
each_wrong_word_is_named_with_its_column(void **unused)
{
	struct tag_row row = { .text = { [TAG_COL_NAME] = "chlorine set-point", [TAG_COL_ADDRESS] = "10.0.0.2 unit 1 holding 0" } };
	struct err e = { 0 };

	unsigned bad = 0;

	(void)unused;
	kit_tags = tags_none();
	assert_true(tags_add(kit_tags, "made", &row, &e));
	assert_int_equal(tags_made(kit_tags, "made", &e), 0);
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		char rule[512], *text = NULL;
		struct kit k;
		size_t n;
		FILE *f = open_memstream(&text, &n);

		(void)snprintf(rule, sizeof(rule), "%s%s", HEAD, rows[i].options);
		assert_true(kit_read(&k, rule, strlen(rule), NULL));
		err_print(&k.problems, f);
		assert_int_equal(fclose(f), 0);
		if (k.set.n_rules != 0 || strstr(text, rows[i].want) == NULL)
			print_message("%s\nsays\n%swithout\n%s\n", rule, text, rows[i].want), bad++;
		free(text);
		kit_free(&k);
	}
	assert_int_equal(bad, 0);
	tags_close(kit_tags);
	kit_tags = NULL;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_wrong_word_is_named_with_its_column),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
