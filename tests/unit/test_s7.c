/* The S7 dissectors in their room: every row of the tables, framings, pairing,
 * joined answers, and what is said of bytes that break the rules. */
#include "s7_kit.h"

#include "dissectors/s7/s7.h"
#include "s7_examples.h"

static void
send_example(struct kit *k, const struct example *e, uint16_t ref, bool answer)
{
	char par[300], dat[3000];
	uint8_t b[2000];
	unsigned group = e->code & 0xf;
	size_t n;

	if (e->kind == JOB) {
		/* Downloads are fetched by the server. */
		bool pulled = e->code == 0x1b || e->code == 0x1c;

		kit_s7(k, answer != pulled ? DIR_FROM_1 : DIR_FROM_0, answer ? 3 : 1, ref,
		    answer ? e->answer : e->request, answer ? e->answer_data : e->request_data);
		return;
	}
	n = kit_hex(answer ? e->answer : e->request, b);
	if (e->kind == PUSH)
		snprintf(par, sizeof(par), "000112 04 11 0%X %02X 00", group, e->sub);
	else if (answer)
		snprintf(par, sizeof(par), "000112 08 12 8%X %02X 01 00 00 0000", group, e->sub);
	else
		snprintf(par, sizeof(par), "000112 04 11 4%X %02X 00", group, e->sub);
	snprintf(dat, sizeof(dat), "%s 00 %04X %s", n > 0 ? "FF" : "0A", (unsigned)n,
	    answer ? e->answer : e->request);
	kit_s7(k, answer ? DIR_FROM_1 : DIR_FROM_0, 7, ref, par, dat);
}

static void
the_tables_are_in_order(void **unused)
{
	char why[200];
	const char *fault = func_check(s7_funcs, S7_N_FUNCS, why, sizeof(why));

	(void)unused;
	if (fault == NULL)
		fault = func_check(s7p_funcs, S7P_N_FUNCS, why, sizeof(why));
	if (fault != NULL)
		fail_msg("%s", fault);
	for (uint32_t i = 0; i < S7_N_FUNCS; i++)
		assert_non_null(func_find(s7_funcs, S7_N_FUNCS, s7_funcs[i].code, FUNC_NO_SUB));
	for (uint32_t i = 0; i < S7_N_PIS; i++)
		assert_int_equal(s7_pi_of((const uint8_t *)s7_pis[i].word,
		    strlen(s7_pis[i].word)), i + 1);
	print_message("s7comm: %d functions and sub-functions, %d PI services, %u status lists "
	    "named, %u layouts of records, %d areas, %d types, %d syntaxes, %u errors\n",
	    S7_N_FUNCS, S7_N_PIS, s7_n_szl_names, s7_n_szl_layouts, S7_N_AREAS, S7_N_TYPES,
	    S7_N_SYNTAXES, s7_n_errors);
}

static bool
has_example(const struct func_desc *r)
{
	for (size_t i = 0; i < COUNTOF(examples); i++)
		if (examples[i].code == r->code && examples[i].sub == r->sub)
			return true;
	return false;
}

static void
every_row_has_an_example(void **unused)
{
	uint32_t covered = 0, rows = 0;

	(void)unused;
	for (uint32_t i = 0; i < S7_N_FUNCS; i++) {
		const struct func_desc *r = &s7_funcs[i];

		if (r->req == NULL)
			continue;	/* a group as such, or the carrier's */
		rows++;
		if (has_example(r))
			covered++;
		else
			print_message("no example: %x/%u %s\n", r->code, r->sub, r->name);
	}
	print_message("s7comm: %u of %u services have examples\n", covered, rows);
	assert_int_equal(covered, rows);
}

static void
every_example_is_read_to_the_last_field(void **unused)
{
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		const struct example *e = &examples[i];

		kit_open_known(&k);
		if (e->kind != PUSH) {
			send_example(&k, e, 7, false);
			assert_int_equal(kit_said(&k)[0], '?');
		}
		send_example(&k, e, 7, true);
		if (getenv("S7_PRINT") != NULL)
			printf("%s@@", kit_said(&k));
		else
			assert_string_equal(kit_said(&k), e->said);
		kit_close(&k);
	}
}

static size_t
bytes_of(const struct example *e, bool answer, uint8_t *to)
{
	struct kit k;
	char par[300], dat[3000];
	uint8_t b[2000];
	size_t n;

	(void)k;
	if (e->kind == JOB)
		return kit_pdu(answer ? 3 : 1, 7, answer ? e->answer : e->request,
		    answer ? e->answer_data : e->request_data, to);
	n = kit_hex(answer ? e->answer : e->request, b);
	snprintf(par, sizeof(par), answer ? "000112 08 12 %X%X %02X 01 00 00 0000" :
	    "000112 04 11 %X%X %02X 00", e->kind == PUSH ? 0 : answer ? 8u : 4u, e->code & 0xf,
	    e->sub);
	snprintf(dat, sizeof(dat), "%s 00 %04X %s", n > 0 ? "FF" : "0A", (unsigned)n,
	    answer ? e->answer : e->request);
	return kit_pdu(7, 7, par, dat, to);
}

static void
every_prefix_asks_for_more_and_says_nothing(void **unused)
{
	struct kit k;
	uint8_t b[4100];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		const struct example *e = &examples[i];
		bool pulled = e->kind == JOB && (e->code == 0x1b || e->code == 0x1c);

		kit_open_known(&k);
		for (int answer = e->kind == PUSH; answer < 2; answer++) {
			size_t n = bytes_of(e, answer != 0, b);
			unsigned said = k.operations;

			for (size_t at = 0; at < n; at++) {
				assert_int_equal(k.operations, said);
				kit_send(&k, (answer != 0) != pulled ? DIR_FROM_1 : DIR_FROM_0,
				    b + at, 1);
			}
			assert_int_equal(k.operations, said + 1);
		}
		assert_non_null(strstr(kit_said(&k), e->said));
		kit_close(&k);
	}
}

static void
every_single_byte_change_is_survived(void **unused)
{
	struct kit k;
	uint8_t q[4100], a[4100];

	(void)unused;
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		const struct example *e = &examples[i];
		size_t nq = bytes_of(e, false, q), na = bytes_of(e, true, a);

		kit_open_known(&k);
		kit_exchange_changed(&k, q, nq, a, na);
		/* And then it is in step again. */
		for (uint16_t again = 0; again < 6; again++) {
			kit_s7(&k, DIR_FROM_0, 1, 1000 + again,
			    "04 01 12 0A 10 02 0001 0000 83 000320", "");
			kit_s7(&k, DIR_FROM_1, 3, 1000 + again, "04 01", "FF 04 0008 2A");
		}
		assert_non_null(strstr(kit_said(&k), "[s7-flag MB100 = 42]"));
		kit_close(&k);
	}
}

/* ---- the carrier ---------------------------------------------------- */

#define CR "11 E0 0000 0001 00 C1 02 0100 C2 02 0102 C0 01 0A"
#define CC "11 D0 0001 0002 00 C0 01 0A C1 02 0100 C2 02 0102"

static void
a_connection_says_rack_slot_and_kind(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_tpdu(&k, DIR_FROM_1, CC);
	assert_string_equal(kit_said(&k), "");	/* the carrier alone proves nothing */
	assert_null(k.flow.protocol);
	kit_s7(&k, DIR_FROM_0, 1, 1, "F0 00 0001 0001 01E0", "");
	assert_string_equal(k.flow.protocol->name, "s7comm");
	assert_string_equal(kit_said(&k),
	    "? 1 Connect, session, pending\n= 1 Connect, session, answered\n"
	    "? 2 Setup communication, session, pending max_amq_calling=1 max_amq_called=1 pdu_size=480\n");
	kit_tpdu(&k, DIR_FROM_0, "06 80 0002 0001 80");
	assert_string_equal(kit_said(&k), "= 2 Setup communication, session, unanswered "
	    "max_amq_calling=1 max_amq_called=1 pdu_size=480 ended_by='disconnect request'\n");
	kit_tpdu(&k, DIR_FROM_1, "04 70 0001 02");
	assert_non_null(strstr(kit_said(&k), "TPDU Error"));
	/* Nobody has to confirm it. */
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	assert_string_equal(kit_said(&k), "= 3 Disconnect, session, unsolicited\n");
	kit_close(&k);
}

static void
a_disconnect_and_its_confirm_are_one(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned end = 0; end < 2; end++) {
		kit_open(&k, KIT_PORT);
		kit_tpdu(&k, DIR_FROM_0, CR);
		kit_tpdu(&k, DIR_FROM_1, CC);
		kit_s7(&k, DIR_FROM_0, 1, 1, "29 0000000000 09 'P_PROGRAM'", "");
		kit_s7(&k, DIR_FROM_1, 3, 1, "29", "");
		kit_s7(&k, DIR_FROM_0, 1, 2, "29 0000000000 09 'P_PROGRAM'", "");
		(void)kit_said(&k);
		kit_tpdu(&k, end == 0 ? DIR_FROM_0 : DIR_FROM_1, "06 80 0002 0001 80");
		assert_string_equal(kit_said(&k), "= 3 PLC Stop, mode, unanswered "
		    "service='P_PROGRAM' ended_by='disconnect request'\n");
		kit_tpdu(&k, end == 0 ? DIR_FROM_1 : DIR_FROM_0, "05 C0 0001 0002");
		assert_string_equal(kit_said(&k), "= 4 Disconnect, session, answered\n");
		/* Another connection over the same TCP session ends what is left of one. */
		kit_tpdu(&k, DIR_FROM_0, CR);
		kit_tpdu(&k, DIR_FROM_1, CC);
		kit_s7(&k, DIR_FROM_0, 1, 3, "29 0000000000 09 'P_PROGRAM'", "");
		(void)kit_said(&k);
		kit_tpdu(&k, DIR_FROM_0, CR);
		assert_non_null(strstr(kit_said(&k), "PLC Stop, mode, unanswered "
		    "service='P_PROGRAM' ended_by='new connection request'\n"));
		kit_close(&k);
	}
}

static void
fragments_without_an_end_are_told(void **unused)
{
	struct kit k;

	(void)unused;
	/* At the end of the conversation, at a gap, at a disconnect. */
	for (int how = 0; how < 3; how++) {
		kit_open_known(&k);
		kit_tpdu(&k, DIR_FROM_0, "02 F0 00 32 01 0000 0009 0010 0000 29 0000000000 09");
		kit_tpdu(&k, DIR_FROM_0, "02 F0 00 'P_PROGRAM'");
		assert_string_equal(kit_said(&k), "");
		if (how == 0)
			dissect_closed(k.dissect, &k.flow, k.now_ns);
		else if (how == 1)
			dissect_gap(k.dissect, &k.flow, DIR_FROM_0, 100, k.now_ns, k.frame, 0);
		else
			kit_tpdu(&k, DIR_FROM_1, "06 80 0002 0001 80");
		assert_string_equal(kit_said(&k), "! s7_fragments\n");
		kit_close(&k);
	}
	/* With their end they are one. */
	kit_open_known(&k);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 00 32 01 0000 0009 0010 0000 29 0000000000 09");
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 'P_PROGRAM'");
	assert_string_equal(kit_said(&k), "? 2 PLC Stop, mode, pending service='P_PROGRAM'\n");
	dissect_closed(k.dissect, &k.flow, k.now_ns);
	assert_null(strstr(kit_said(&k), "s7_fragments"));
	kit_close(&k);
	/* At the limit. */
	kit_open_known(&k);
	for (int i = 0; i < 9; i++) {
		uint8_t b[600];

		memset(b, 0x41, sizeof(b));
		memcpy(b, "\3\0\2\x58\2\xf0\0", 7);
		if (i == 0)
			memcpy(b + 7, "\x32\1\0\0\0\x9\0\x10\0\0\x29\0\0\0\0\0\x9P_PROGRAM", 26);
		kit_send(&k, DIR_FROM_0, b, sizeof(b));
	}
	assert_non_null(strstr(kit_said(&k), "! s7_fragments\n"));
	kit_close(&k);
}

static void
an_error_behind_data_refuses_no_connection(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);	/* its CC is lost */
	kit_s7(&k, DIR_FROM_0, 1, 1, "F0 00 0001 0001 01E0", "");
	kit_said(&k);
	kit_tpdu(&k, DIR_FROM_1, "04 70 0001 02");
	assert_non_null(strstr(kit_said(&k), "TPDU Error, session, unsolicited"));
	kit_tpdu(&k, DIR_FROM_1, "06 80 0001 0002 80");
	assert_non_null(strstr(kit_said(&k), "Setup communication, session, unanswered"));
	/* A new one is refused. */
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_said(&k);
	kit_tpdu(&k, DIR_FROM_1, "06 80 0001 0002 80");
	assert_non_null(strstr(kit_said(&k), "Connect, session, exception"));
	kit_close(&k);
}

static void
rdp_and_mms_are_not_s7(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, "2A E0 0000 0000 00 'Cookie: mstshash=eltons' 0D0A 0100 0800 00000000");
	kit_tpdu(&k, DIR_FROM_1, "0E D0 0000 1234 00 0200 0800 02000000");
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 7F 65 82 01 94 04 01 01");
	assert_string_equal(kit_said(&k), "");
	assert_null(k.flow.protocol);
	kit_close(&k);
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, CR);
	kit_tpdu(&k, DIR_FROM_1, CC);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 0D 06 05 00 13 01 00 16 01 02");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 0E 06 05 00 13 01 00 16 01 02");
	assert_string_equal(kit_said(&k), "");
	assert_null(k.flow.protocol);
	kit_close(&k);
}

static void
any_port_by_content(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 4711);
	kit_s7(&k, DIR_FROM_0, 1, 9, "F0 00 0001 0001 01E0", "");
	assert_string_equal(kit_said(&k), "");
	kit_s7(&k, DIR_FROM_1, 3, 9, "F0 00 0001 0001 00F0", "");
	assert_string_equal(k.flow.protocol->name, "s7comm");
	assert_non_null(strstr(kit_said(&k), "answered"));
	kit_close(&k);
}

static void
fragments_are_joined_and_segments_hold_several(void **unused)
{
	struct kit k;
	uint8_t pdu[100], b[400];
	size_t n = kit_pdu(1, 7, "04 01 12 0A 10 02 0001 0000 83 000320", "", pdu) - 7, m = 0;

	(void)unused;
	kit_open_known(&k);
	for (size_t cut = 1; cut < n; cut++) {
		m = kit_carry(pdu + 7, cut, false, b);
		m += kit_carry(pdu + 7 + cut, n - cut, true, b + m);
		kit_send(&k, DIR_FROM_0, b, m);
		assert_non_null(strstr(kit_said(&k), "Read Var, read, pending [s7-flag MB100]\n"));
		kit_s7(&k, DIR_FROM_1, 3, 7, "04 01", "FF 04 0008 2A");
		(void)kit_said(&k);
	}
	m = kit_carry(pdu + 7, n, true, b);
	m += kit_carry(pdu + 7, n, true, b + m);
	k.operations = 0;
	kit_send(&k, DIR_FROM_0, b, m);
	assert_int_equal(k.operations, 2);
	kit_close(&k);
}

/* ---- joined answers, pairing, anomalies ------------------------------ */

static void
answers_in_several_parts_are_one_operation(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_0, 7, 5, "000112 04 11 44 01 00", "FF 09 0004 0000 0000");
	(void)kit_said(&k);
	kit_s7(&k, DIR_FROM_1, 7, 5, "000112 08 12 84 01 03 E1 01 0000",
	    "FF 09 000B 0000 0000 0002 0003 0011 00");
	kit_s7(&k, DIR_FROM_0, 7, 6, "000112 08 12 44 01 03 00 00 0000", "0A 00 0000");
	assert_string_equal(kit_said(&k), "");
	kit_s7(&k, DIR_FROM_1, 7, 6, "000112 08 12 84 01 03 E1 00 0000", "FF 09 0003 1C 0424");
	assert_string_equal(kit_said(&k), "= 2 CPU functions: Read SZL, diagnose, answered "
	    "[s7-szl #0 0+1] szl_id=0 szl_index=0 szl_name='List of all lists' <parts=2 "
	    "<record_length=2 <records=3 <list=17 <list=28 <list=1060\n");
	kit_close(&k);
}

/* Ask for a list; the answer's first part has `len` bytes of payload and more to come. */
static void
first_part(struct kit *k, uint16_t ref, uint8_t seq, size_t len)
{
	char par[64], dat[8300];
	size_t n;

	kit_s7(k, DIR_FROM_0, 7, ref, "000112 04 11 44 01 00", "FF 09 0004 00A0 0000");
	(void)kit_said(k);
	snprintf(par, sizeof(par), "000112 08 12 84 01 %02X E1 01 0000", seq);
	n = (size_t)snprintf(dat, sizeof(dat), "FF 09 %04X 00A0 0000 0014 0190 ", (unsigned)len);
	for (size_t i = 8; i < len; i++)
		n += (size_t)snprintf(dat + n, sizeof(dat) - n, "%02X", (unsigned)i & 0xff);
	kit_s7(k, DIR_FROM_1, 7, ref, par, dat);
}

static void
next_part(struct kit *k, uint16_t ref, uint8_t seq, size_t len, bool more)
{
	char par[64], dat[8300];
	size_t n;

	snprintf(par, sizeof(par), "000112 08 12 44 01 %02X 00 00 0000", seq);
	kit_s7(k, DIR_FROM_0, 7, ref, par, "0A 00 0000");
	snprintf(par, sizeof(par), "000112 08 12 84 01 %02X E1 %02X 0000", seq, more);
	n = (size_t)snprintf(dat, sizeof(dat), "FF 09 %04X ", (unsigned)len);
	for (size_t i = 0; i < len; i++)
		n += (size_t)snprintf(dat + n, sizeof(dat) - n, "%02X", (unsigned)i & 0xff);
	kit_s7(k, DIR_FROM_1, 7, ref, par, dat);
}

static void
what_does_not_fit_is_told_part_by_part(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open_known(&k);
	first_part(&k, 5, 3, 900);
	for (uint16_t i = 0; i < 3; i++)
		next_part(&k, (uint16_t)(6 + i), 3, 900, true);
	/* 4,500 bytes are more than is kept: told with what there is ... */
	next_part(&k, 9, 3, 900, true);
	said = kit_said(&k);
	assert_non_null(strstr(said, "szl_name='Diagnostic buffer' <parts="));
	assert_null(strstr(said, "!s7"));
	/* ... and the rest by itself. */
	next_part(&k, 10, 3, 900, false);
	assert_non_null(strstr(kit_said(&k), "<continued="));
	assert_int_equal(k.counters.v[CNT_APP_BUG], 0);
	kit_close(&k);
}

static void
an_answer_that_nobody_fetched_to_its_end_is_one(void **unused)
{
	struct kit k;
	const char *said;

	(void)unused;
	kit_open_known(&k);
	first_part(&k, 5, 3, 88);
	assert_string_equal(kit_said(&k), "");
	dissect_tick(k.dissect, k.now_ns + 3600000000000u);
	said = kit_said(&k);
	assert_non_null(strstr(said, "Read SZL, diagnose, answered"));
	assert_non_null(strstr(said, "<event_id=2057"));	/* 08 09 */
	assert_null(strstr(said, "!s7"));
	kit_close(&k);
}

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

static void
what_comes_by_itself_has_the_addresses_that_were_asked_for(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_0, 7, 5, "000112 04 11 42 01 00",
	    "FF 09 0010 0001 00 05 12 0A 10 02 0002 0000 83 000320");
	kit_s7(&k, DIR_FROM_1, 7, 5, "000112 08 12 82 01 07 00 00 0000",
	    "FF 09 0008 0001 FF 04 0010 1234");
	kit_s7(&k, DIR_FROM_0, 7, 6, "000112 04 11 41 02 00",
	    "FF 09 0020 0014 0008 0000 0001 0000 0012 0001 0001 0001 0001 0001 0200 "
	    "0001 71 01 0005 0002");
	kit_s7(&k, DIR_FROM_1, 7, 6, "000112 08 12 81 02 07 00 00 0000", "0A 00 0000");
	(void)kit_said(&k);
	/* The same number in two groups: two jobs. */
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 07", "FF 09 0008 0001 FF 04 0010 1235");
	assert_non_null(strstr(kit_said(&k), "unsolicited [s7-flag P#M100.0 BYTE 2 = 18,53]"));
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 01 02 07",
	    "FF 09 0010 0004 0008 0000 0001 0001 FF 04 0008 2A 00");
	assert_non_null(strstr(kit_said(&k), "unsolicited [s7-db DB5.DBB2 = 42]"));
	/* Under another number: values alone. */
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 09", "FF 09 0008 0001 FF 04 0010 1236");
	assert_null(strstr(kit_said(&k), "s7-flag"));
	/* As many as there is room for; the oldest are forgotten. */
	for (unsigned i = 1; i < 256; i++) {
		char par[64], dat[128];

		snprintf(dat, sizeof(dat), "FF 09 0010 0001 00 05 12 0A 10 02 0001 0000 83 "
		    "%06X", i * 8);
		kit_s7(&k, DIR_FROM_0, 7, (uint16_t)(10 + i), "000112 04 11 42 01 00", dat);
		snprintf(par, sizeof(par), "000112 08 12 82 01 %02X 00 00 0000", i);
		kit_s7(&k, DIR_FROM_1, 7, (uint16_t)(10 + i), par, "FF 09 0007 0001 FF 04 0008 01");
		(void)kit_said(&k);
	}
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 01", "FF 09 0007 0001 FF 04 0008 01");
	assert_null(strstr(kit_said(&k), "s7-flag"));
	kit_s7(&k, DIR_FROM_1, 7, 0, "000112 04 11 02 01 FF", "FF 09 0007 0001 FF 04 0008 01");
	assert_non_null(strstr(kit_said(&k), "[s7-flag MB255 = 1]"));
	kit_close(&k);
}

static void
what_breaks_the_rules_is_told(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open_known(&k);
	kit_s7(&k, DIR_FROM_1, 3, 99, "04 01", "FF 04 0008 2A");
	assert_non_null(strstr(kit_said(&k), "!s7_answer_without_job"));
	kit_s7(&k, DIR_FROM_0, 1, 2, "77", "");
	assert_non_null(strstr(kit_said(&k), "!s7_unknown_function"));
	kit_s7(&k, DIR_FROM_0, 7, 3, "000112 04 11 49 01 00", "");
	assert_non_null(strstr(kit_said(&k), "!s7_unknown_group"));
	kit_s7(&k, DIR_FROM_0, 7, 4, "000112 04 11 44 77 00", "");
	assert_non_null(strstr(kit_said(&k), "!s7_unknown_subfunction"));
	kit_s7(&k, DIR_FROM_0, 1, 5, "04 02 12 0A 10 02 0001 0000 83 000320", "");
	assert_non_null(strstr(kit_said(&k), "!s7_item_count"));
	kit_s7(&k, DIR_FROM_1, 3, 5, "05 01", "FF");
	assert_non_null(strstr(kit_said(&k), "!s7_answer_differs"));
	kit_s7(&k, DIR_FROM_0, 9, 6, "04", "");
	assert_non_null(strstr(kit_said(&k), "!s7_unknown_rosctr"));
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 41 42 43");
	assert_non_null(strstr(kit_said(&k), "! s7_protocol_id"));
	kit_tpdu(&k, DIR_FROM_0, "70 F0 80 41 42 43");
	assert_non_null(strstr(kit_said(&k), "! s7_cotp_length"));
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 32 01 0000 0007 0009 0000 04");
	assert_non_null(strstr(kit_said(&k), "!s7_length"));
	for (uint16_t i = 0; i < 9; i++)
		kit_s7(&k, DIR_FROM_0, 1, 100 + i, "04 01 12 0A 10 02 0001 0000 83 000320", "");
	assert_non_null(strstr(kit_said(&k), "!s7_too_many_jobs"));
	kit_s7(&k, DIR_FROM_0, 1, 100, "04 01 12 0A 10 02 0001 0000 83 000320", "");
	assert_non_null(strstr(kit_said(&k), "!s7_reference_reuse"));
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

/* ---- S7comm-plus ---------------------------------------------------- */

static void
plus_is_read_as_far_as_it_is_clear(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, KIT_PORT);
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 72 02 001F 31 0000 04F2 0000 0005 00000388 34 "
	    "00000034 01 9077 00 08 01 00000000 000000 72020000");
	assert_string_equal(k.flow.protocol->name, "s7comm-plus");
	assert_string_equal(kit_said(&k), "? 1 Set Variable, mode, pending [>s7-object #52 2167+1 = 1] transport_flags=52 "
	    "object=52 object_name='CPU execution unit' requested_state=1 "
	    "requested_mode='STOP'\n");
	assert_int_equal(k.last.command, CMD_STOP);
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 72 02 000C 32 0000 04F2 0000 0005 34 00 00 72020000");
	assert_true(k.last.has_status && k.last.status == 0);
	assert_non_null(strstr(kit_said(&k), "answered"));
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 72 FE 0004 01020304");
	assert_non_null(strstr(kit_said(&k), "System Event, report, unsolicited"));
	kit_tpdu(&k, DIR_FROM_0, "02 F0 80 16 0303 0004 01020304");
	assert_string_equal(kit_said(&k),
	    "= 3 TLS session: content is encrypted, session, unsolicited "
	    "tls_record='handshake' tls_version=771\n");
	kit_tpdu(&k, DIR_FROM_1, "02 F0 80 16 0303 0004 01020304");
	assert_string_equal(kit_said(&k), "");
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_are_in_order),
		cmocka_unit_test(every_row_has_an_example),
		cmocka_unit_test(every_example_is_read_to_the_last_field),
		cmocka_unit_test(every_prefix_asks_for_more_and_says_nothing),
		cmocka_unit_test(every_single_byte_change_is_survived),
		cmocka_unit_test(a_connection_says_rack_slot_and_kind),
		cmocka_unit_test(a_disconnect_and_its_confirm_are_one),
		cmocka_unit_test(fragments_without_an_end_are_told),
		cmocka_unit_test(an_error_behind_data_refuses_no_connection),
		cmocka_unit_test(rdp_and_mms_are_not_s7),
		cmocka_unit_test(any_port_by_content),
		cmocka_unit_test(fragments_are_joined_and_segments_hold_several),
		cmocka_unit_test(answers_in_several_parts_are_one_operation),
		cmocka_unit_test(what_does_not_fit_is_told_part_by_part),
		cmocka_unit_test(an_answer_that_nobody_fetched_to_its_end_is_one),
		cmocka_unit_test(an_upload_knows_its_block_to_the_end),
		cmocka_unit_test(no_password_is_shown),
		cmocka_unit_test(jobs_are_commands_and_refusals),
		cmocka_unit_test(all_blocks_of_a_service_are_items),
		cmocka_unit_test(what_comes_by_itself_has_the_addresses_that_were_asked_for),
		cmocka_unit_test(what_breaks_the_rules_is_told),
		cmocka_unit_test(plus_is_read_as_far_as_it_is_clear),
	};

	return cmocka_run_group_tests_name("s7", tests, NULL, NULL);
}
