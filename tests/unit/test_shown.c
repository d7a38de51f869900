/* Texts of others on a terminal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/shown.h"

static char text[64];

static const char *
shown(const char *of, size_t most)
{
	struct strbuf s = strbuf_on(text, sizeof(text));

	shown_put(&s, of, most);
	return text;
}

static void
what_steers_or_hides_is_a_question_mark(void **unused)
{
	(void)unused;
	assert_string_equal(shown("PLC-1", SIZE_MAX), "PLC-1");
	assert_string_equal(shown("\033[2Jgone\r\n\a\x7f", SIZE_MAX), "?[2Jgone????");
	assert_string_equal(shown("\xc2\x9b" "2J", SIZE_MAX), "?2J");			/* CSI of C1 */
	assert_string_equal(shown("a\xe2\x80\xae" "cod.exe", SIZE_MAX), "a?cod.exe");	/* right to left from here */
	assert_string_equal(shown("a\xe2\x81\xa6" "b\xe2\x80\x8b" "c\xef\xbb\xbf", SIZE_MAX), "a?b?c?");
	assert_string_equal(shown("M\xc3\xbchle \xe5\xb1\xb1", SIZE_MAX), "M\xc3\xbchle \xe5\xb1\xb1");
	assert_string_equal(shown("\xff\xfe" "A\xc3", SIZE_MAX), "??A?");
}

static void
a_width_is_of_columns(void **unused)
{
	(void)unused;
	assert_int_equal(shown_width("M\xc3\xbchle"), 5);
	assert_int_equal(shown_width("\xe5\xb1\xb1\xe5\xb7\x9d"), 4);
	assert_int_equal(shown_width(""), 0);
	assert_string_equal(shown("abcdef", 6), "abcdef");
	assert_string_equal(shown("abcdefg", 6), "abcde\xe2\x80\xa6");
	assert_string_equal(shown("\xe5\xb1\xb1\xe5\xb7\x9d", 3), "\xe5\xb1\xb1\xe2\x80\xa6");
	assert_string_equal(shown("\xe5\xb1\xb1\xe5\xb7\x9d", 2), "\xe2\x80\xa6");
	assert_string_equal(shown("abc", 1), "\xe2\x80\xa6");
	assert_string_equal(shown("abc", 0), "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_steers_or_hides_is_a_question_mark),
		cmocka_unit_test(a_width_is_of_columns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
