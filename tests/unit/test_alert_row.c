/* test_alert_row.c - an alert as a flat row: what is known of it, and texts that are too long. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "alert/row.h"
#include "base/str.h"

static struct finding f;

static struct alert
an_alert(const char *sentence)
{
	f = (struct finding){ .type = ALERT_STORE_FAILED, .ts_ns = 7, .sport = 1, .dport = 502, .proto = 6 };
	return (struct alert){ .kind = ALERT_FIRST, .id = 3, .uid = "0123456789abcdef0123456789abcdef", .finding = &f,
	    .type = alert_type_row(ALERT_STORE_FAILED), .severity = 2, .count = 4, .first_ns = 5, .last_ns = 6, .frame = 8,
	    .signature = "a title", .sentence = sentence, .techniques = "T0814", .evidence_file = NULL };
}

static void
a_row_has_what_the_alert_says(void **state)
{
	struct alert a = an_alert("It happened.");
	struct keep_alert row;

	(void)state;
	alert_row(&a, &row);
	assert_string_equal(row.uid, a.uid);
	assert_string_equal(row.type, "store.failed");
	assert_string_equal(row.sentence, "It happened.");
	assert_string_equal(row.outcome, "");
	assert_string_equal(row.evidence, "");
	assert_int_equal(row.gid, ALERT_GID);
	assert_int_equal(row.sid, 5000630);
	assert_int_equal(row.count, 4);
	assert_int_equal(row.last_ns, 6);
	assert_int_equal(row.dport, 502);
	assert_int_equal(row.proto, OP_UNKNOWN);
	assert_false(row.has_unit);
	a.kind = ALERT_SUPPRESSED;
	a.suppressed = 99;
	a.has_outcome = true;
	a.outcome = OUTCOME_ANSWERED;
	alert_row(&a, &row);
	assert_int_equal(row.count, 99);
	assert_string_equal(row.outcome, op_outcome_name(OUTCOME_ANSWERED));
}

/* Cut at every place within characters of one to four bytes: never within one. */
static void
a_long_text_ends_with_a_whole_character(void **state)
{
	static const char *const one[] = { "a", "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80" };
	char text[700];
	struct keep_alert row;

	(void)state;
	for (size_t i = 0; i < COUNTOF(one); i++)
		for (size_t shift = 0; shift < 4; shift++) {
			size_t k = strlen(one[i]), n = 0;
			struct alert a;

			while (n < shift)
				text[n++] = 'x';
			while (n + k < sizeof(text)) {
				memcpy(text + n, one[i], k);
				n += k;
			}
			text[n] = '\0';
			a = an_alert(text);
			alert_row(&a, &row);
			n = strlen(row.sentence);
			assert_in_range(n, sizeof(row.sentence) - 4, sizeof(row.sentence) - 1);
			assert_true(utf8_valid((const uint8_t *)row.sentence, n));
			assert_memory_equal(row.sentence, text, n);
		}
	/* Bytes that are no text at all are cut, too. */
	memset(text, 0x80, sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	{
		struct alert a = an_alert(text);

		alert_row(&a, &row);
		assert_int_equal(strlen(row.sentence), sizeof(row.sentence) - 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_what_the_alert_says),
		cmocka_unit_test(a_long_text_ends_with_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
