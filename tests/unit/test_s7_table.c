/* The tables of S7comm: every row is sane, and every row has an example that is read to
 * its last field, cut and changed anywhere. */
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tables_are_in_order),
		cmocka_unit_test(every_row_has_an_example),
		cmocka_unit_test(every_example_is_read_to_the_last_field),
		cmocka_unit_test(every_prefix_asks_for_more_and_says_nothing),
		cmocka_unit_test(every_single_byte_change_is_survived),
	};

	return cmocka_run_group_tests_name("s7-table", tests, NULL, NULL);
}
