/* Jobs of S7comm that change a controller: blocks, services, passwords, and what they are
 * to detectors. */
#include "s7_kit.h"

static void
an_upload_knows_its_block_to_the_end(void **unused)
{
	static const char *const blocks[] = { "'_0A00010P'", "'_0C00123A'", "'_0800001P'", "'_0B04711A'" };
	static const char *const names[] = { "DB10", "FC123", "OB1", "SDB4711" };
	char line[120], want[120];
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	/* All of them at once, each with a number of its own. */
	for (uint16_t i = 0; i < COUNTOF(blocks); i++) {
		snprintf(line, sizeof(line), "1D 00 0000 00000000 09 %s", blocks[i]);
		kit_s7(&k, DIR_FROM_0, 1, 10 + i, line, "");
		snprintf(line, sizeof(line), "1D 00 0100 %08X 07 '0000216'", 7u + i);
		kit_s7(&k, DIR_FROM_1, 3, 10 + i, line, "");
	}
	(void)kit_said(&k);
	for (uint16_t i = 0; i < COUNTOF(blocks); i++)
		for (unsigned end = 0; end < 2; end++) {
			snprintf(line, sizeof(line), "%s 00 0000 %08X", end ? "1F" : "1E", 7u + i);
			kit_s7(&k, DIR_FROM_0, 1, 20 + i, line, "");
			kit_s7(&k, DIR_FROM_1, 3, 20 + i, end ? "1F" : "1E 00",
			    end ? "" : "0004 00FB 01020304");
			snprintf(want, sizeof(want), "%s, program-read, answered [s7-block %s]",
			    end ? "End upload" : "Upload", names[i]);
			assert_non_null(strstr(kit_said(&k), want));
		}
	/* The number is given again. */
	kit_s7(&k, DIR_FROM_0, 1, 30, "1D 00 0000 00000000 09 '_0E00002A'", "");
	kit_s7(&k, DIR_FROM_1, 3, 30, "1D 00 0100 00000008 07 '0000216'", "");
	(void)kit_said(&k);
	kit_s7(&k, DIR_FROM_0, 1, 31, "1E 00 0000 00000008", "");
	assert_non_null(strstr(kit_said(&k), "[s7-block FB2]"));
	/* One that started before: its number only. */
	kit_s7(&k, DIR_FROM_0, 1, 32, "1E 00 0000 00000063", "");
	assert_string_equal(kit_said(&k), "? 16 Upload, program-read, pending session=99\n");
	kit_close(&k);
}

static void
all_blocks_of_a_service_are_items(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_0, 1, 5, "28 000000000000FD 0012 02 00 '0A00001P' '0E00012P' 05 '_DELE'", "");
	assert_non_null(strstr(kit_said(&k), "[>s7-block DB1] [>s7-block FB12]"));
	kit_close(&k);
}

/* Whoever sends a password, and however: its length is all that is told. */
static void
no_password_is_shown(void **unused)
{
	static const char *const jobs[] = {
		"28 000000000000FD 0008 06'SECRET' 00 08 '_N_LOGIN'",
		"28 000000000000FD 0008 06'SECRET' 00 09 '_N_LOGIN_'",
		"28 000000000000FD 0008 06'SECRET' 00 09 '_N_NEWPWD'",
		"28 000000000000FD 0008 06'SECRET' 00 09 '_n_login_'",
		"28 000000000000FD 0006 'SECRET' 08 'PASSWORD'",
	};
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	for (uint16_t i = 0; i < COUNTOF(jobs); i++) {
		const char *said;

		kit_s7(&k, DIR_FROM_0, 1, 40 + i, jobs[i], "");
		kit_s7(&k, DIR_FROM_1, 3, 40 + i, "28", "");
		said = kit_said(&k);
		assert_non_null(strstr(said, "argument_length="));
		assert_null(strstr(said, "SECRET"));
	}
	for (unsigned sub = 0; sub < 8; sub++) {
		char par[60];
		const char *said;

		snprintf(par, sizeof(par), "000112 04 11 45 %02X 00", sub);
		kit_s7(&k, DIR_FROM_0, 7, 60, par, "FF 09 0006 'SECRET'");
		snprintf(par, sizeof(par), "000112 08 12 85 %02X 01 00 00 0000", sub);
		kit_s7(&k, DIR_FROM_1, 7, 60, par, "FF 09 0006 'SECRET'");
		/* The rest of an answer whose beginning was not seen. */
		snprintf(par, sizeof(par), "000112 08 12 45 %02X 03 00 00 0000", sub);
		kit_s7(&k, DIR_FROM_0, 7, 61, par, "0A 00 0000");
		snprintf(par, sizeof(par), "000112 08 12 85 %02X 03 00 00 0000", sub);
		kit_s7(&k, DIR_FROM_1, 7, 61, par, "FF 09 0006 'SECRET'");
		said = kit_said(&k);
		if (strstr(said, "SECRET") != NULL)
			fail_msg("%s", said);
	}
	kit_close(&k);
}

/* What detectors ask instead of codes and names. */
static void
jobs_are_commands_and_refusals(void **unused)
{
	static const struct { const char *job; enum op_command command; bool action; } jobs[] = {
		{ "29 0000000000 09 'P_PROGRAM'", CMD_STOP, false },
		{ "28 000000000000FD 0000 09 'P_PROGRAM'", CMD_START, true },
		{ "28 000000000000FD 000A 01 00 '0A00001P' 05 '_INSE'", CMD_ACTIVATE, true },
		{ "28 000000000000FD 000A 01 00 '0A00001P' 05 '_DELE'", CMD_DELETE, true },
		{ "28 000000000000FD 0000 05 '_GARB'", CMD_COMPRESS, true },
		{ "28 000000000000FD 0000 05 '_MODU'", CMD_PROGRAM_SAVE, true },
		{ "28 000000000000FD 0000 08 '_UNKNOWN'", CMD_NONE, false },
		{ "1A 00 0100 00000000 09 '_0A00001P' 0D '1000500000400'", CMD_DOWNLOAD, false },
		/* System data are the configuration of the hardware. */
		{ "1A 00 0100 00000000 09 '_0B00001P' 0D '1000500000400'", CMD_CONFIG, false },
		{ "1D 00 0000 00000000 09 '_0A00001P'", CMD_UPLOAD, false },
		{ "F0 00 0001 0001 01E0", CMD_NONE, false },
	};
	static const uint8_t calling[] = { 1, 0 }, called[] = { 1, 2 };
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	k.flow.ttl[DIR_FROM_0] = 63;
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_tpdu(&k, DIR_FROM_1, CC);
	for (unsigned i = 0; i < COUNTOF(jobs); i++) {
		kit_s7(&k, DIR_FROM_0, 1, (uint16_t)(40 + i), jobs[i].job, "");
		assert_int_equal(k.last.phase, OP_REQUESTED);
		assert_int_equal(k.last.command, jobs[i].command);
		assert_int_equal(k.last.action != NULL, jobs[i].action);
		/* The connection was between these TSAPs. */
		assert_int_equal(k.last.link[OP_CLIENT].len, 2);
		assert_memory_equal(k.last.link[OP_CLIENT].bytes, calling, 2);
		assert_memory_equal(k.last.link[OP_SERVER].bytes, called, 2);
		assert_int_equal(k.last.request.ttl, 63);
	}
	kit_s7(&k, DIR_FROM_0, 1, 90, "04 02 12 0A 10 02 0002 0001 84 000010 12 0A 10 04 0002 0001 84 000080", "");
	assert_int_equal(op_item_span(&k.last_item), 2);
	kit_s7(&k, DIR_FROM_1, 3, 90, "04 02", "FF 04 0010 1234 0A 00 0000");
	assert_int_equal(k.last.phase, OP_FINISHED);
	assert_int_equal(k.last.refused, OP_REFUSED_ADDRESS);
	assert_memory_equal(k.last.link[OP_SERVER].bytes, called, 2);
	kit_s7(&k, DIR_FROM_0, 7, 91, "000112 04 11 45 01 00", "FF 09 0008 '12345678'");
	assert_int_equal(k.last.command, CMD_LOGIN);
	kit_s7(&k, DIR_FROM_1, 7, 91, "000112 08 12 85 01 01 00 00 D602", "0A 00 0000");
	assert_string_equal(k.last.login_refused, "the password was refused");
	kit_s7(&k, DIR_FROM_0, 7, 92, "000112 04 11 47 02 00", "FF 09 000A 00 19 26 01 02 03 04 05 12 30");
	assert_int_equal(k.last.command, CMD_TIME);
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_upload_knows_its_block_to_the_end),
		cmocka_unit_test(all_blocks_of_a_service_are_items),
		cmocka_unit_test(no_password_is_shown),
		cmocka_unit_test(jobs_are_commands_and_refusals),
	};

	return cmocka_run_group_tests_name("s7-jobs", tests, NULL, NULL);
}
