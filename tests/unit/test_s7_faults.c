/* One fault in a message of S7, wherever it comes in its conversation: it is read as far
 * as can be, told, and answered; never skipped. */
#include "s7_kit.h"

#include "base/str.h"

struct order {
	const char	*par, *data;	/* of the job */
	const char	*answer;	/* parameters of the answer */
	const char	*answer_data;
	const char	*said;		/* of the job, whatever the fault */
};

static const struct order orders[] = {
	{ "29 0000000000 09 'P_PROGRAM'", "", "29", "", "PLC Stop, mode" },
	{ "28 000000000000FD 0000 09 'P_PROGRAM'", "", "28", "", "PI-Service: start the program" },
	{ "05 01 12 0A 10 02 0002 0001 84 000320", "00 04 0010 1122", "05 01", "FF",
	  "[>s7-db P#DB1.DBX100.0 BYTE 2" },
	{ "04 01 12 0A 10 02 0002 0001 84 000320", "", "04 01", "FF 04 0010 1122",
	  "[s7-db P#DB1.DBX100.0 BYTE 2" },
	{ "1A 00 0100 00000000 09 '_0A00001P' 0D '1000500000400'", "", "1A", "", "Request download" },
	{ "F0 00 0008 0008 03C0", "", "F0 00 0008 0008 03C0", "", "Setup communication" },
};

/* What can be wrong with a whole message, and what is then said. */
struct fault {
	const char	*name, *anomaly;
	void		(*make)(uint8_t *p, size_t *n);
};

static void
add16(uint8_t *p, int by)
{
	unsigned v = (unsigned)(p[0] << 8 | p[1]) + (unsigned)by;

	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void tpkt_version(uint8_t *p, size_t *n) { (void)n; p[0] = 4; }
static void tpkt_reserved(uint8_t *p, size_t *n) { (void)n; p[1] = 1; }
static void tpkt_zero(uint8_t *p, size_t *n) { (void)n; p[2] = p[3] = 0; }
static void tpkt_more(uint8_t *p, size_t *n) { (void)n; add16(p + 2, 1); }
static void tpkt_much_more(uint8_t *p, size_t *n) { (void)n; add16(p + 2, 100); }
static void tpkt_less(uint8_t *p, size_t *n) { (void)n; add16(p + 2, -1); }
static void tpkt_swapped(uint8_t *p, size_t *n) { (void)n; p[2] = p[3]; p[3] = 0; }
static void tpkt_max(uint8_t *p, size_t *n) { (void)n; p[2] = p[3] = 0xff; }
static void cotp_li(uint8_t *p, size_t *n) { (void)n; p[4] = 3; }
static void cotp_li_large(uint8_t *p, size_t *n) { (void)n; p[4] = 200; }
static void cotp_credit(uint8_t *p, size_t *n) { (void)n; p[5] = 0xf1; }
static void id(uint8_t *p, size_t *n) { (void)n; p[7] = 0x33; }
static void rosctr(uint8_t *p, size_t *n) { (void)n; p[8] = 9; }
static void rosctr_zero(uint8_t *p, size_t *n) { (void)n; p[8] = 0; }
static void par_more(uint8_t *p, size_t *n) { (void)n; add16(p + 13, 1); }
static void par_less(uint8_t *p, size_t *n) { (void)n; add16(p + 13, -1); }
static void par_zero(uint8_t *p, size_t *n) { (void)n; p[13] = p[14] = 0; }
static void par_max(uint8_t *p, size_t *n) { (void)n; p[13] = p[14] = 0xff; }
static void data_more(uint8_t *p, size_t *n) { (void)n; add16(p + 15, 1); }
static void data_max(uint8_t *p, size_t *n) { (void)n; p[15] = p[16] = 0xff; }

static void
longer(uint8_t *p, size_t *n)
{
	p[(*n)++] = 0;
	add16(p + 2, 1);
}

static const struct fault faults[] = {
	{ "TPKT version", "s7_tpkt_header", tpkt_version },
	{ "TPKT reserved", "s7_tpkt_header", tpkt_reserved },
	{ "TPKT length 0", "s7_tpkt_length", tpkt_zero },
	{ "TPKT length + 1", "s7_tpkt_length", tpkt_more },
	{ "TPKT length + 100", "s7_tpkt_length", tpkt_much_more },
	{ "TPKT length - 1", "s7_tpkt_length", tpkt_less },
	{ "TPKT length swapped", "s7_tpkt_length", tpkt_swapped },
	{ "TPKT length 65535", "s7_tpkt_length", tpkt_max },
	{ "COTP header length", "s7_cotp_length", cotp_li },
	{ "COTP header length 200", "s7_cotp_length", cotp_li_large },
	{ "COTP credit", "s7_cotp_type", cotp_credit },
	{ "protocol id", "s7_protocol_id", id },
	{ "ROSCTR 9", "s7_unknown_rosctr", rosctr },
	{ "ROSCTR 0", "s7_unknown_rosctr", rosctr_zero },
	{ "parameters + 1", "s7_length", par_more },
	{ "parameters - 1", "s7_trailing_bytes", par_less },
	{ "parameters 0", "s7_trailing_bytes", par_zero },
	{ "parameters 65535", "s7_length", par_max },
	{ "data + 1", "s7_length", data_more },
	{ "data 65535", "s7_length", data_max },
	{ "a byte too many", "s7_trailing_bytes", longer },
};

enum place { FIRST, CONNECTED, LATER, PLACES };

static void
come_to(struct kit *k, enum place place, uint16_t port)
{
	kit_open(k, port);
	if (place >= CONNECTED) {
		kit_tpdu(k, DIR_FROM_0, "11 E0 0000 0001 00 C1 02 0100 C2 02 0123 C0 01 0A");
		kit_tpdu(k, DIR_FROM_1, "11 D0 0001 0002 00 C0 01 0A C1 02 0100 C2 02 0123");
	}
	if (place == LATER)
		for (uint16_t i = 0; i < 3; i++) {
			kit_s7(k, DIR_FROM_0, 1, 10 + i, "04 01 12 0A 10 02 0001 0001 84 000000", "");
			kit_s7(k, DIR_FROM_1, 3, 10 + i, "04 01", "FF 04 0008 00");
		}
	if (place == LATER)
		(void)kit_said(k);
}

static void
job(const struct order *o, const struct fault *f, uint8_t *b, size_t *n)
{
	*n = kit_pdu(1, 77, o->par, o->data, b);
	f->make(b, n);
}

/* The operation that says this, or NULL; in `line`. */
static const char *
line_of(const char *said, const char *begin, const char *what, char line[1000])
{
	while (*said != '\0') {
		const char *end = strchr(said, '\n');
		size_t n = end != NULL ? (size_t)(end - said) : strlen(said);

		snprintf(line, 1000, "%.*s", (int)n, said);
		if (strncmp(line, begin, strlen(begin)) == 0 && strstr(line, what) != NULL)
			return line;
		said += n + (end != NULL);
	}
	return NULL;
}

static void
expect(const char *said, const char *begin, const struct order *o, const struct fault *f,
    enum place place, const char *more)
{
	char line[1000];

	if (line_of(said, begin, o->said, line) == NULL || strstr(line, f->anomaly) == NULL ||
	    strstr(line, more) == NULL)
		fail_msg("%s with %s, place %d: %s", o->said, f->name, place, said);
}

static void
a_fault_hides_no_order(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned place = FIRST; place < PLACES; place++)
		for (size_t i = 0; i < COUNTOF(orders); i++)
			for (size_t j = 0; j < COUNTOF(faults); j++) {
				const struct order *o = &orders[i];
				uint8_t b[4100];
				size_t n;

				come_to(&k, place, 102);
				job(o, &faults[j], b, &n);
				kit_send(&k, DIR_FROM_0, b, n);
				expect(kit_said(&k), "? ", o, &faults[j], place, "pending");
				kit_s7(&k, DIR_FROM_1, 3, 77, o->answer, o->answer_data);
				expect(kit_said(&k), "= ", o, &faults[j], place, "answered");
				/* And what follows is as if nothing had been. */
				kit_s7(&k, DIR_FROM_0, 1, 99, "29 0000000000 09 'P_PROGRAM'", "");
				kit_s7(&k, DIR_FROM_1, 3, 99, "29", "");
				if (strstr(kit_said(&k), "PLC Stop, mode, answered service='P_PROGRAM'\n") == NULL)
					fail_msg("%s, place %d: nothing behind it", faults[j].name, place);
				kit_close(&k);
			}
}

/* The value that is written, in spite of a fault anywhere in the message. */
static void
a_fault_hides_no_value(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned place = FIRST; place < PLACES; place++)
		for (size_t j = 0; j < COUNTOF(faults); j++) {
			uint8_t b[4100];
			size_t n;

			come_to(&k, place, 102);
			job(&orders[2], &faults[j], b, &n);
			kit_send(&k, DIR_FROM_0, b, n);
			if (strstr(kit_said(&k), "P#DB1.DBX100.0 BYTE 2 = 17,34]") == NULL)
				fail_msg("%s, place %d: no value", faults[j].name, place);
			kit_close(&k);
		}
}

/* The same with an order in the same segment behind it. */
static void
a_fault_hides_nothing_behind_it(void **unused)
{
	struct kit k;

	(void)unused;
	for (unsigned place = FIRST; place < PLACES; place++)
		for (size_t j = 0; j < COUNTOF(faults); j++) {
			uint8_t b[4100], stop[200];
			const char *said;
			size_t n, m;

			come_to(&k, place, 102);
			job(&orders[3], &faults[j], b, &n);
			m = kit_pdu(1, 78, orders[0].par, "", stop);
			memcpy(b + n, stop, m);
			kit_send(&k, DIR_FROM_0, b, n + m);
			said = kit_said(&k);
			if (strstr(said, "PLC Stop, mode, pending service='P_PROGRAM'\n") == NULL ||
			    strstr(said, "P#DB1.DBX100.0 BYTE 2]") == NULL)
				fail_msg("%s, place %d: %s", faults[j].name, place, said);
			kit_close(&k);
		}
}

#define READ_ONE "04 01 12 0A 10 02 0002 0001 84 000320"
#define READ_TWO "04 02 12 0A 10 02 0002 0001 84 000320 12 0A 10 02 0002 0001 84 000640"

static uint16_t
wrong(int how, uint16_t ref)
{
	switch (how) {
	case 0:		return 0;
	case 1:		return 0x4242;
	case 2:		return (uint16_t)(ref + 1);
	case 3:		return (uint16_t)(ref - 1);
	default:	return (uint16_t)(ref << 8 | ref >> 8);
	}
}

/* Devices that answer with another reference. */
static void
an_answer_with_another_reference_is_paired(void **unused)
{
	struct kit k;

	(void)unused;
	for (int how = 0; how < 5; how++) {
		come_to(&k, LATER, 102);
		for (uint16_t ref = 0x120; ref < 0x126; ref++) {
			const char *said;

			kit_s7(&k, DIR_FROM_0, 1, ref, READ_ONE, "");
			(void)kit_said(&k);
			kit_s7(&k, DIR_FROM_1, 3, wrong(how, ref), "04 01", "FF 04 0010 1122");
			said = kit_said(&k);
			if (strstr(said, "answered [s7-db P#DB1.DBX100.0 BYTE 2 = 17,34] "
			    "!s7_answer_reference") == NULL)
				fail_msg("%d: %s", how, said);
		}
		const char *said;

		/* A refusal that repeats nothing; userdata. */
		kit_s7(&k, DIR_FROM_0, 1, 0x130, "29 0000000000 09 'P_PROGRAM'", "");
		kit_s7(&k, DIR_FROM_1, 2, wrong(how, 0x130), "", "");
		assert_non_null(strstr(kit_said(&k), "PLC Stop, mode, answered"));
		kit_s7(&k, DIR_FROM_0, 7, 0x131, "000112 04 11 44 01 00", "FF 09 0004 0011 0000");
		kit_s7(&k, DIR_FROM_1, 7, wrong(how, 0x131), "000112 08 12 84 01 01 00 00 0000",
		    "0A 00 0000");
		said = kit_said(&k);
		if (strstr(said, "Read SZL, identify, answered") == NULL)
			fail_msg("%d: %s", how, said);
		kit_close(&k);
	}
}

static void
an_answer_that_fits_none_is_not_paired(void **unused)
{
	struct kit k;

	(void)unused;
	come_to(&k, LATER, 102);
	kit_s7(&k, DIR_FROM_0, 1, 0x120, READ_ONE, "");
	/* Another function, another number of items, another end. */
	kit_s7(&k, DIR_FROM_1, 3, 0x200, "05 01", "FF");
	kit_s7(&k, DIR_FROM_1, 3, 0x201, "04 02", "FF 04 0008 01 00 FF 04 0008 02");
	assert_null(strstr(kit_said(&k), "answered"));
	/* Two that fit: nobody can say which. */
	kit_s7(&k, DIR_FROM_0, 1, 0x121, READ_ONE, "");
	kit_s7(&k, DIR_FROM_1, 3, 0x202, "04 01", "FF 04 0010 1122");
	assert_null(strstr(kit_said(&k), "answered"));
	/* One of them does, and the other one then. */
	kit_s7(&k, DIR_FROM_0, 1, 0x122, READ_TWO, "");
	kit_s7(&k, DIR_FROM_1, 3, 0x203, "04 02", "FF 04 0010 1122 FF 04 0010 3344");
	assert_non_null(strstr(kit_said(&k), "BYTE 2 = 51,68] !s7_answer_reference"));
	kit_s7(&k, DIR_FROM_1, 3, 0x120, "04 01", "FF 04 0010 1122");
	assert_non_null(strstr(kit_said(&k), "BYTE 2 = 17,34]\n"));
	/* An answer that comes again takes no other job's place. */
	kit_s7(&k, DIR_FROM_1, 3, 0x120, "04 01", "FF 04 0010 1122");
	assert_non_null(strstr(kit_said(&k), "!s7_answer_without_job"));
	kit_s7(&k, DIR_FROM_1, 3, 0x121, "04 01", "FF 04 0010 5566");
	assert_non_null(strstr(kit_said(&k), "BYTE 2 = 85,102]\n"));
	kit_close(&k);
}

/* Elsewhere than on port 102 it takes more than one message with a fault. */
static void
a_fault_proves_nothing_elsewhere(void **unused)
{
	struct kit k;
	uint8_t b[4100];
	size_t n;

	(void)unused;
	for (size_t j = 0; j < COUNTOF(faults); j++) {
		kit_open(&k, 4102);
		job(&orders[0], &faults[j], b, &n);
		kit_send(&k, DIR_FROM_0, b, n);
		assert_string_equal(kit_said(&k), "");
		/* With two good ones behind it, it is read too. */
		kit_s7(&k, DIR_FROM_0, 1, 99, orders[3].par, "");
		kit_s7(&k, DIR_FROM_1, 3, 99, "04 01", "FF 04 0010 1122");
		kit_s7(&k, DIR_FROM_0, 1, 100, orders[3].par, "");
		kit_s7(&k, DIR_FROM_1, 3, 100, "04 01", "FF 04 0010 1122");
		if (strstr(kit_said(&k), "PLC Stop") == NULL)
			print_message("elsewhere, %s: only counted\n", faults[j].name);
		kit_close(&k);
	}
}

/* What is on 102 and is not S7: nothing is claimed for a likeness. */
static void
others_are_not_taken_for_it(void **unused)
{
	static const char *const frames[] = {
		"02 F0 80 01 00 01 00 61 24 30 22",			/* MMS */
		"02 F0 80 0D B2 05 06 13 01 00 16 01 02 14 02 00 02",	/* session connect */
		"02 F0 80 33 05 0000 0001 0002 0000 04 01",		/* two faults */
		"02 F0 80 32 09 0000 0001 0009 0000 04 01",
		"02 F0 80 00 00 0000 0001 0002 0000 04 01",
		"02 F0 00 00 01 0000 0001 0002 0000 04 01",
		"02 F0 80 03 00 00 13",
	};
	struct kit k;

	(void)unused;
	for (size_t i = 0; i < COUNTOF(frames); i++) {
		kit_open(&k, 102);
		kit_tpdu(&k, DIR_FROM_0, frames[i]);
		kit_tpdu(&k, DIR_FROM_0, frames[i]);
		assert_string_equal(kit_said(&k), "");
		kit_close(&k);
		assert_int_equal(k.counters.v[CNT_APP_S7_FLOWS], 0);
	}
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_breaks_the_rules_is_told),
		cmocka_unit_test(a_fault_hides_no_order),
		cmocka_unit_test(a_fault_hides_no_value),
		cmocka_unit_test(a_fault_hides_nothing_behind_it),
		cmocka_unit_test(an_answer_with_another_reference_is_paired),
		cmocka_unit_test(an_answer_that_fits_none_is_not_paired),
		cmocka_unit_test(a_fault_proves_nothing_elsewhere),
		cmocka_unit_test(others_are_not_taken_for_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
