/* Where each limit of the Modbus specification lies: the last thing that is legal says
 * nothing, the first that is not has its anomaly.  Addresses end at FFFF (MB 4.4), and each
 * function has a most that one request may ask for (MB 6.1 to 6.17). */
#include "modbus_kit.h"

#define KIT_FRESH kit_open_known(&k)
#include "fresh_kit.h"

/* A request in a session that is known: its anomaly, "" when there is none. */
static void
asked(const char *pdu, const char *anomaly)
{
	const char *said;

	(void)teardown(NULL);
	(void)setup(NULL);
	kit_mbap(&k, DIR_FROM_0, pdu);
	said = kit_said(&k);
	if (anomaly[0] == '\0') {
		if (k.anomalies != 0)
			fail_msg("%s: %s", pdu, said);
	} else if (strstr(said, anomaly) == NULL)
		fail_msg("%s: wanted %s in %s", pdu, anomaly, said);
}

static void
addresses_end_at_ffff(void **unused)
{
	static const unsigned functions[] = { 1, 2, 3, 4 };
	char pdu[64];

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(functions); i++) {
		(void)snprintf(pdu, sizeof(pdu), "%02x FFFF 0001", functions[i]);
		asked(pdu, "");
		(void)snprintf(pdu, sizeof(pdu), "%02x FFFE 0002", functions[i]);
		asked(pdu, "");
		(void)snprintf(pdu, sizeof(pdu), "%02x FFFF 0002", functions[i]);
		asked(pdu, "!address_range");
		(void)snprintf(pdu, sizeof(pdu), "%02x FFF0 0020", functions[i]);
		asked(pdu, "!address_range");
	}
	asked("05 FFFF FF00", "");
	asked("06 FFFF 1234", "");
	asked("16 FFFF 00F2 0025", "");
	asked("0F FFFF 0001 01 01", "");
	asked("0F FFFE 0003 01 07", "!address_range");
	asked("10 FFFF 0001 02 1234", "");
	asked("10 FFFE 0002 04 1234 5678", "");
	asked("10 FFFF 0002 04 1234 5678", "!address_range");
	asked("17 FFFF 0001 FFFF 0001 02 1234", "");
	asked("17 FFFF 0002 0000 0001 02 1234", "!address_range");
	asked("17 0000 0001 FFFF 0002 04 1234 5678", "!address_range");
}

static void
quantities_have_a_most(void **unused)
{
	(void)unused;
	asked("01 0000 07D0", "");
	asked("01 0000 07D1", "!invalid_value");
	asked("02 0000 07D0", "");
	asked("02 0000 07D1", "!invalid_value");
	asked("03 0000 007D", "");
	asked("03 0000 007E", "!invalid_value");
	asked("04 0000 007D", "");
	asked("04 0000 007E", "!invalid_value");
	asked("03 0000 0000", "!invalid_value");
	asked("01 0000 0000", "!invalid_value");
}

/* The first message of a session too: the last address does not hide it. */
static void
the_last_address_begins_a_session(void **unused)
{
	static const char *const first[] = { "03 FFFF 0001", "06 FFFF 0007", "10 FFFF 0001 02 0007",
		"0F FFFF 0001 01 01", "01 FFFF 0001", "05 FFFF FF00" };

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(first); i++) {
		kit_close(&k);
		kit_open(&k, 502);
		kit_mbap(&k, DIR_FROM_0, first[i]);
		assert_non_null(strstr(kit_said(&k), "65535"));
		assert_int_equal(k.anomalies, 0);
		/* ... nor one on another port. */
		kit_close(&k);
		kit_open(&k, 40502);
		kit_mbap(&k, DIR_FROM_0, first[i]);
		k.transaction++;
		kit_mbap(&k, DIR_FROM_0, first[i]);
		k.transaction++;
		kit_mbap(&k, DIR_FROM_0, first[i]);
		assert_non_null(strstr(kit_said(&k), "65535"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		T(addresses_end_at_ffff),
		T(quantities_have_a_most),
		T(the_last_address_begins_a_session),
	};

	return cmocka_run_group_tests_name("modbus-limits", tests, NULL, NULL);
}
