/* Times in which work was announced. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <string.h>

#include "asset/maintenance.h"
#include "record/operation.h"

#define MINUTE 60000000000ull

static struct addr
host(uint8_t net, uint8_t last)
{
	const uint8_t four[4] = { 10, 0, net, last };

	return addr_v4(four);
}

static void
what_falls_into_a_window_has_its_name(void **unused)
{
	const uint64_t begin = 1795334400000000000u;	/* 2026-11-22 08:00 UTC */
	const struct maintenances_settings s = { .n = 2, .of = {
	    { .name = "writes", .from = "2026-11-22T08:00Z", .to = "2026-11-22T09:30", .assets = "10.0.1.0/24", .intents = "write,program-write" },
	    { .name = "all", .from = "2026-11-22", .to = "2026-11-23" } } };
	const struct addr in[2] = { host(2, 1), host(1, 7) }, out[2] = { host(2, 1), host(3, 7) };
	struct err e = { 0 };
	struct maintenance *m = maintenance_open(&s, NULL, &e);

	(void)unused;
	assert_int_equal(e.n, 0);
	assert_string_equal(maintenance_of(m, begin, in, INTENT_WRITE), "writes");
	assert_string_equal(maintenance_of(m, begin + 89 * MINUTE, in, INTENT_PROGRAM_WRITE), "writes");
	assert_string_equal(maintenance_of(m, begin + 90 * MINUTE, in, INTENT_WRITE), "all");
	assert_string_equal(maintenance_of(m, begin - 1, in, INTENT_WRITE), "all");
	assert_string_equal(maintenance_of(m, begin, in, INTENT_READ), "all");
	assert_string_equal(maintenance_of(m, begin, in, MAINTENANCE_NO_INTENT), "all");
	assert_string_equal(maintenance_of(m, begin, out, INTENT_WRITE), "all");
	assert_null(maintenance_of(m, begin + 16 * 60 * MINUTE, in, INTENT_WRITE));
	assert_null(maintenance_of(NULL, begin, in, INTENT_WRITE));
	maintenance_close(m);
}

static void
what_is_no_window_is_a_problem(void **unused)
{
	const struct maintenances_settings s = { .n = 6, .of = {
	    { .name = "e", .from = "2026-11-22", .to = "2026-11-23", .assets = "10.0.0.1,10.0.0.2,10.0.0.3,10.0.0.4,10.0.0.5,10.0.0.6,10.0.0.7,"
		"10.0.0.8,10.0.0.9,10.0.0.10,10.0.0.11,10.0.0.12,10.0.0.13,10.0.0.14,10.0.0.15,10.0.0.16,10.0.0.17" },
	    { .from = "2026-11-22", .to = "2026-11-23" }, { .name = "a", .from = "tomorrow", .to = "2026-11-23" },
	    { .name = "b", .from = "2026-11-22T25:00", .to = "2026-11-23" }, { .name = "c", .from = "2026-11-23", .to = "2026-11-22" },
	    { .name = "d", .from = "2026-11-22", .to = "2026-11-23", .zones = "nowhere" } } };
	struct err e = { 0 };
	struct maintenance *m = maintenance_open(&s, NULL, &e);

	(void)unused;
	assert_int_equal(e.n, 6);
	err_free(&e);
	maintenance_close(m);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_falls_into_a_window_has_its_name),
		cmocka_unit_test(what_is_no_window_is_a_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
