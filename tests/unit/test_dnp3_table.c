/* Every row of the object table with bytes made by the standard's description
 * of the object (dnp3_objects.h), and the tables themselves. */
#include "dnp3_kit.h"

#include "dnp3_objects.h"

#define KIT_FRESH (kit_open(&k, KIT_PORT), k.fields = true)
#include "fresh_kit.h"

static void
function_table_is_in_order(void **state)
{
	char why[200];

	(void)state;
	if (func_check(dn_funcs, DN_N_FUNCS, why, sizeof(why)) != NULL)
		fail_msg("%s", why);
	for (unsigned f = 0; f <= 33; f++)
		assert_non_null(func_find(dn_funcs, DN_N_FUNCS, f, FUNC_NO_SUB));
	for (unsigned f = 129; f <= 131; f++)
		assert_non_null(func_find(dn_funcs, DN_N_FUNCS, f, FUNC_NO_SUB));
	assert_null(func_find(dn_funcs, DN_N_FUNCS, 34, FUNC_NO_SUB));
}

static unsigned
size_of(const struct dnp3_row *r)
{
	unsigned bits = 0;

	for (unsigned i = 0; i < r->n_fields; i++)
		switch (r->fields[i].type) {
		case DNP3_BITS:
		case DNP3_U8:
			bits += r->fields[i].type == DNP3_U8 ? 8 : r->fields[i].width;
			break;
		case DNP3_U16:
		case DNP3_I16:
			bits += 16;
			break;
		case DNP3_TIME:
			bits += 48;
			break;
		case DNP3_F64:
			bits += 64;
			break;
		case DNP3_BCD:
			bits += 8u * r->fields[i].width;
			break;
		default:
			bits += 32;
			break;
		}
	return bits / 8;
}

/* The row of an object, by looking at all of them. */
static const struct dnp3_row *
slow_row_of(unsigned group, unsigned variation)
{
	for (size_t i = 0; i < DNP3_N_ROWS; i++)
		if (dnp3_rows[i].group == group &&
		    (dnp3_rows[i].any || dnp3_rows[i].variation == variation))
			return &dnp3_rows[i];
	return NULL;
}

/* Nothing but values, quality and absolute times, all of one length? */
static bool
looks_plain(const struct dnp3_row *r)
{
	bool value = false;

	if (r->packing != DNP3_FIXED || r->params || r->group == 51)
		return false;
	for (unsigned i = 0; i < r->n_fields; i++) {
		if (r->fields[i].role == DNP3_STATUS || r->fields[i].role == DNP3_AFTER ||
		    (r->fields[i].role == DNP3_PLAIN && r->group == 12))
			return false;
		value |= r->fields[i].role == DNP3_VALUE || r->fields[i].role == DNP3_STATE;
	}
	return value;
}

static void
object_table_is_in_order(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 65536; i++)
		if (dnp3_row_of((uint8_t)(i >> 8), (uint8_t)i) != slow_row_of(i >> 8, i & 255u))
			fail_msg("g%uv%u: another row", i >> 8, i & 255u);
	for (size_t i = 0; i < DNP3_N_ROWS; i++) {
		const struct dnp3_row *r = &dnp3_rows[i];

		assert_non_null(r->name);
		assert_true(r->n_fields <= DNP3_FIELDS_MAX);
		assert_true(i == 0 || r->group > r[-1].group ||
		    (r->group == r[-1].group && r->variation > r[-1].variation));
		assert_ptr_equal(dnp3_row_of(r->group, r->variation), r);
		assert_int_equal(r->plain, looks_plain(r));
		if (r->packing == DNP3_FIXED && size_of(r) != r->size)
			fail_msg("g%uv%u: %u octets of fields, %u of size", r->group, r->variation,
			    size_of(r), r->size);
		for (unsigned f = 0; f < r->n_fields; f++) {
			assert_non_null(r->fields[f].name);
			if (r->fields[f].type >= DNP3_TEXT && r->fields[f].width == 0 &&
			    r->fields[f].len_from != DNP3_REST)
				assert_true(r->fields[f].len_from < f);
		}
	}
	assert_null(dnp3_row_of(5, 1));
	assert_null(dnp3_row_of(1, 3));
	assert_null(dnp3_row_of(255, 0));
	assert_non_null(dnp3_row_of(0, 252));
	assert_non_null(dnp3_row_of(110, 77));
}

static void
every_object_gives_its_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNTOF(objects); i++) {
		char app[1200], expect[1200];

		(void)snprintf(app, sizeof(app), "F%X 82 0000 %02X%02X %s", (unsigned)i & 15,
		    objects[i].group, objects[i].variation, objects[i].wire);
		(void)snprintf(expect, sizeof(expect),
		    "= %zu unit 10 #%u Unsolicited Response, report, unsolicited %s\n", i + 1,
		    (unsigned)i & 15, objects[i].said);
		kit_app(&k, OUTSTATION, app);
		assert_string_equal(kit_said(&k), expect);
	}
}

static void
every_row_is_tried(void **state)
{
	unsigned missing = 0;

	(void)state;
	for (size_t r = 0; r < DNP3_N_ROWS; r++) {
		bool found = dnp3_rows[r].packing == DNP3_NONE;	/* those are only asked for */

		for (size_t i = 0; i < COUNTOF(objects); i++)
			found |= dnp3_row_of(objects[i].group, objects[i].variation) ==
			    &dnp3_rows[r];
		if (!found)
			print_error("g%uv%u is not tried\n", dnp3_rows[r].group,
			    dnp3_rows[r].variation);
		missing += !found;
	}
	print_message("dnp3: %u of %u objects\n", (unsigned)DNP3_N_ROWS - missing,
	    (unsigned)DNP3_N_ROWS);
	assert_int_equal(missing, 0);
}

/* Requests name every row without data. */
static void
every_row_can_be_asked_for(void **state)
{
	(void)state;
	k.fields = false;
	for (size_t r = 0; r < DNP3_N_ROWS; r++) {
		char app[64], expect[200];

		(void)snprintf(app, sizeof(app), "C%X 01 %02X%02X 06", (unsigned)r & 15,
		    dnp3_rows[r].group, dnp3_rows[r].variation);
		(void)snprintf(expect, sizeof(expect), "? %zu unit 10 #%u Read", r + 1,
		    (unsigned)r & 15);
		kit_app(&k, MASTER, app);
		assert_memory_equal(kit_said(&k), expect, strlen(expect));
		(void)snprintf(app, sizeof(app), "C%X 81 0000", (unsigned)r & 15);
		kit_app(&k, OUTSTATION, app);
		assert_non_null(strstr(kit_said(&k), "answered ["));
	}
	assert_int_equal(k.anomalies, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(function_table_is_in_order),
		cmocka_unit_test(object_table_is_in_order),
		T(every_object_gives_its_values),
		cmocka_unit_test(every_row_is_tried),
		T(every_row_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
