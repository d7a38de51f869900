/* The Modbus table: every row is sane, and every row has an example. */
#include "modbus_kit.h"

#include "dissectors/modbus/modbus.h"
#include "modbus_examples.h"

static void
the_table_is_in_order(void **unused)
{
	char why[200];
	const char *fault = func_check(mb_funcs, MB_N_FUNCS, why, sizeof(why));

	(void)unused;
	if (fault != NULL)
		fail_msg("%s", fault);
	for (uint32_t i = 0; i < MB_N_FUNCS; i++) {
		const struct func_desc *r = &mb_funcs[i];

		assert_non_null(r->extra);
		assert_int_equal(r->req == NULL, r->rsp == NULL);
		assert_non_null(func_find(mb_funcs, MB_N_FUNCS, r->code, FUNC_NO_SUB));
	}
}

static const struct example *
example_of(const struct func_desc *r)
{
	for (size_t i = 0; i < COUNTOF(examples); i++)
		if (examples[i].code == r->code && examples[i].sub == r->sub)
			return &examples[i];
	return NULL;
}

static void
every_row_has_an_example(void **unused)
{
	uint32_t covered = 0;

	(void)unused;
	for (uint32_t i = 0; i < MB_N_FUNCS; i++) {
		if (example_of(&mb_funcs[i]) != NULL)
			covered++;
		else
			print_message("no example: %u/%d %s\n", mb_funcs[i].code,
			    (int)mb_funcs[i].sub, mb_funcs[i].name);
	}
	print_message("modbus: %u of %u functions and sub-functions\n", covered, MB_N_FUNCS);
	assert_int_equal(covered, MB_N_FUNCS);
}

/* The quick look at common functions says nothing else than the table: for every
 * length, each with counts around the borders. */
static void
the_quick_look_agrees_with_the_table(void **unused)
{
	static const uint16_t words[] = { 0, 1, 2, 4, 5, 122, 123, 124, 125, 126, 0x07d0, 0x07d1,
		0x06, 0x0600, 0xff00, 0xff82, 0xff83, 0xff84, 0xffff, 0x0200, 0x0102 };
	uint8_t b[260] = { 0 };

	(void)unused;
	for (uint32_t code = 0; code < 256; code++)
		for (uint32_t len = 1; len < sizeof(b); len++)
			for (size_t w = 0; w < COUNTOF(words) * COUNTOF(words); w++) {
				uint16_t first = words[w % COUNTOF(words)],
				    count = words[w / COUNTOF(words)];

				b[0] = (uint8_t)code;
				b[1] = (uint8_t)(w % 3 == 0 ? len - 2 : first >> 8);
				b[2] = (uint8_t)first;
				b[3] = (uint8_t)(count >> 8);
				b[4] = (uint8_t)count;
				b[5] = (uint8_t)(w % 2 == 0 ? 2 * count : len - 6);
				for (int response = 0; response < 2; response++) {
					bool quick = mb_is_plainly_legal(b, len, response != 0);
					bool table = mb_fits(b, len, response != 0) == FIT_LEGAL;

					if (quick != (table && (code <= 6 || code == 16)))
						fail_msg("code %u, %u bytes, response %d: %d %d",
						    code, len, response, quick, table);
				}
			}
}

/* What the finished operation of an example must say. */
static const char *
expected(const struct example *e, const struct func_desc *r, uint64_t id)
{
	static char text[2000];
	const struct func_desc *base = func_find(mb_funcs, MB_N_FUNCS, e->code, FUNC_NO_SUB);
	struct strbuf s = strbuf_on(text, sizeof(text));
	uint8_t b[300];

	(void)kit_hex(e->request, b);
	strbuf_printf(&s, "= %" PRIu64 " unit 1 %u", id, e->code);
	if (e->code == 8)
		strbuf_printf(&s, "/%u", b[1] << 8 | b[2]);
	if (e->code == 43)
		strbuf_printf(&s, "/%u", b[1]);
	if (e->code == 90)
		strbuf_printf(&s, "/%u", b[2]);
	strbuf_printf(&s, " %s", base->name);
	if (r->sub != FUNC_NO_SUB)
		strbuf_printf(&s, ": %s", r->name);
	strbuf_printf(&s, ", %s, answered%s\n", e->code == 90 && e->sub == 0x31 ?
	    "program-read" : op_intent_name(r->intent), e->said);
	return text;
}

static void
every_example_is_read_to_the_last_field(void **unused)
{
	struct kit k;

	(void)unused;
	kit_open(&k, 502);
	/* So that roles are known where an example has the same shape on both sides. */
	kit_exchange(&k, "03 0000 0001", "03 02 0000");
	(void)kit_said(&k);
	for (size_t i = 0; i < COUNTOF(examples); i++) {
		const struct example *e = &examples[i];
		const struct func_desc *r = func_find(mb_funcs, MB_N_FUNCS, e->code, e->sub);

		kit_mbap(&k, DIR_FROM_0, e->request);
		assert_int_equal(kit_said(&k)[0], '?');
		kit_mbap(&k, DIR_FROM_1, e->answer);
		k.transaction++;
		assert_string_equal(kit_said(&k), expected(e, r, i + 2));
	}
	kit_close(&k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_table_is_in_order),
		cmocka_unit_test(every_row_has_an_example),
		cmocka_unit_test(the_quick_look_agrees_with_the_table),
		cmocka_unit_test(every_example_is_read_to_the_last_field),
	};

	return cmocka_run_group_tests_name("modbus table", tests, NULL, NULL);
}
