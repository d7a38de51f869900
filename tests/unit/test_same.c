/* Values that mean the same, and texts that are no vendors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "asset/same.h"

static void
a_vendor_is_the_same_in_each_spelling(void **unused)
{
	(void)unused;
	assert_true(value_same(ATTR_VENDOR, "SIEMENS AG", "Siemens"));
	assert_true(value_same(ATTR_VENDOR, "Siemens Industrial Automation Products Ltd Chengdu", "Siemens AG"));
	assert_true(value_same(ATTR_VENDOR, "Schneider Electric", "SCHNEIDER_ELECTRIC"));
	assert_true(value_same(ATTR_VENDOR, "Schneider Electric SE", "schneider electric"));
	assert_true(value_same(ATTR_VENDOR, "WAGO GmbH & Co. KG", "WAGO"));
	assert_false(value_same(ATTR_VENDOR, "Schneider Electric", "Telemecanique"));
	assert_false(value_same(ATTR_VENDOR, "General Electric", "General Motors"));
	assert_false(value_same(ATTR_VENDOR, "Siemens", "Siemon"));
	assert_false(value_same(ATTR_VENDOR, "--", "Siemens"));
}

static void
versions_numbers_and_systems(void **unused)
{
	(void)unused;
	assert_true(value_same(ATTR_FIRMWARE, "V3.2.6", "3.2.6"));
	assert_true(value_same(ATTR_FIRMWARE, "Version V04.01.00", "Version v04.01.00"));
	assert_true(value_same(ATTR_HARDWARE, "Version 3", "3"));
	assert_false(value_same(ATTR_FIRMWARE, "1.12", "11.2"));
	assert_false(value_same(ATTR_FIRMWARE, "V3.2.6", "V3.2.7"));
	assert_false(value_same(ATTR_FIRMWARE, "Vista", "ista"));
	assert_true(value_same(ATTR_ORDER_NUMBER, "6ES7 151-8AB01-0AB0", "6ES7151-8AB01-0AB0"));
	assert_true(value_same(ATTR_HOSTNAME, "PLC-1", "plc-1"));
	assert_false(value_same(ATTR_HOSTNAME, "plc-1", "plc-12"));
	assert_true(value_same(ATTR_SYSTEM, "Windows NT 5.2 (build 3790)", "Windows Server 2003 R2 3790 Service Pack 2"));
	assert_false(value_same(ATTR_SYSTEM, "Windows NT 6.1", "Linux"));
}

static void
a_copyright_is_no_vendor(void **unused)
{
	static const char own[] = "Acme";

	(void)unused;
	assert_string_equal(value_vendor("Original Siemens Equipment"), "Siemens");
	assert_ptr_equal(value_vendor(own), own);
	assert_null(value_vendor("Vendor Name"));
	assert_null(value_vendor("VENDOR_NAME"));
	assert_null(value_vendor("12"));
	assert_null(value_vendor("---"));
	assert_non_null(value_vendor("\xe5\xb1\xb1"));	/* of letters that are no ASCII */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_vendor_is_the_same_in_each_spelling),
		cmocka_unit_test(versions_numbers_and_systems),
		cmocka_unit_test(a_copyright_is_no_vendor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
