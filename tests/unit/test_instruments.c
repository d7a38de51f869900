/* The detector of measurements: what it reports of stuck, frozen, noisy, drifting values, of limits and quality, and what it keeps. */
#include "detect/health/value_row.h"	/* before the kit, whose names it must not meet */

#include "health_kit.h"

#include <math.h>

#define HOUR	3600u

static const char csv[] =
    "name,address,type,unit,scale,low,high,group,high-high\n"
    "FT101,10.0.0.2 unit 1 input 0,uint16,m3/h,0.1,,,\n"
    "PT101,10.0.0.2 unit 1 input 1,uint16,bar,0.01,1,9,,9.8\n"
    "LT101,10.0.0.2 unit 1 input 2,uint16,m,0.01,,,\n"
    "SP101,10.0.0.2 unit 1 holding 0,uint16,bar,0.01,,,\n"
    "PT900,10.0.0.3 unit 1 input 0,uint16,bar,0.01,,,\n";

static struct tag_reader *reader;
static struct instruments *d;
static struct detect_env env;
static uint64_t key_of_run = 1, now_s;
static char sentence[700], all_text[4096];
static struct operation op;

/* ---- rows that are kept -------------------------------------------------------- */

static struct keep_health kept[4096];
static uint32_t n_kept;
static bool no_space;

static bool
put(void *arg, enum keep_kind kind, const void *row, size_t n)
{
	(void)arg;
	assert_int_equal(kind, KEEP_HEALTH);
	assert_int_equal(n, sizeof(kept[0]));
	if (no_space)
		return false;
	assert_in_range(n_kept, 0, COUNTOF(kept) - 1);
	memcpy(&kept[n_kept++], row, n);
	return true;
}

static int
load(void *arg, enum keep_kind kind, void (*each)(void *to, const void *row), void *to, struct err *e)
{
	(void)arg;
	(void)kind;
	(void)e;
	for (uint32_t i = 0; i < n_kept; i++)
		each(to, &kept[i]);
	return 0;
}

static const struct keep keep = { put, NULL, load, NULL };

/* ---- one detector -------------------------------------------------------------- */

static void
note(void *arg, const struct finding *f)
{
	on_finding(arg, f);
	(void)snprintf(sentence, sizeof(sentence), "%s; %s", f->what, f->expected);
	(void)snprintf(all_text + strlen(all_text), sizeof(all_text) - strlen(all_text), "%s\n", sentence);
}

static struct tags *
made(const char *text)
{
	struct tags *t = tags_none();
	struct err e = { 0 };
	char *copy = strdup(text);

	assert_non_null(t);
	assert_non_null(copy);
	assert_int_equal(tags_parse_csv(t, "t", copy, strlen(text), &e), 0);
	assert_int_equal(tags_made(t, "t", &e), 0);
	free(copy);
	return t;
}

static void
begin(bool keeps)
{
	struct err e = { 0 };

	config_free(&settings);
	config_defaults(&settings);
	memset(said, 0, sizeof(said));
	memset(&counters, 0, sizeof(counters));
	n_said = 0;
	all_text[0] = '\0';
	reader = tag_reader_open(made(csv));
	assert_non_null(reader);
	env = (struct detect_env){ .settings = &settings, .sink = { note, NULL }, .counters = &counters, .tags = reader, .key = key_of_run,
	    .keep = keeps ? &keep : NULL };
	d = detector_instruments.open(&env, &e);
	assert_non_null(d);
	assert_false(detector_instruments.idle(d));
	flow = (struct flow){ .id = 7, .addr = { host(1), host(2) }, .port = { 4000, 502 }, .proto = IP_TCP };
	op = operation(OP_MODBUS, 4, 1);
}

static void
end(void)
{
	detector_instruments.close(d);
	tag_reader_close(reader);
}

static const struct tag *
tag(const char *name)
{
	return tags_named(tag_reader_tags(reader), name, strlen(name));
}

static struct tag_reading
reading(const char *name, double v)
{
	const struct tag *t = tag(name);

	assert_non_null(t);
	op.response.ts_ns = now_s * SECOND;
	return (struct tag_reading){ .tag = t, .index = t->index, .known = true, .value = v, .good = true, .ts_ns = now_s * SECOND, .op = &op };
}

static void
read_one(const char *name, double v)
{
	struct tag_reading r = reading(name, v);

	detector_instruments.reading(d, &r);
}

/* A number between -1 and 1, the same in each run. */
static double
chance(void)
{
	static uint64_t x = 88172645463325252ull;

	x ^= x << 13;
	x ^= x >> 7;
	x ^= x << 17;
	return (double)(x % 2000001) / 1000000 - 1;
}

/* What each shows of an ordinary plant; NaN: as ever, else this. */
static double flow_now, pressure_now, level_now;

static void
plant(uint64_t seconds, uint32_t every)
{
	for (uint64_t until = now_s + seconds; now_s < until; now_s += every) {
		double t = (double)now_s, swing = sin(t / 400) + sin(t / 13751);

		read_one("FT101", isnan(flow_now) ? round(800 + 200 * swing + 10 * chance()) / 10 : flow_now);
		read_one("PT101", isnan(pressure_now) ? round(450 + 20 * swing + 2 * chance()) / 100 : pressure_now);
		read_one("LT101", isnan(level_now) ? round(200 + 50 * sin(t / 500) + 0.6 * chance()) / 100 : level_now);
		read_one("SP101", 4.5);
		detector_instruments.tick(d, now_s * SECOND);
	}
}

static void
ordinary(void)
{
	flow_now = pressure_now = level_now = (double)NAN;
}

static void
fresh(bool keeps)
{
	now_s = 500000 * HOUR;
	ordinary();
	n_kept = 0;
	begin(keeps);
}

/* ---- tests ---------------------------------------------------------------------- */

static void
an_ordinary_plant_says_nothing(void **state)
{
	(void)state;
	fresh(false);
	plant(10 * 24 * HOUR, 60);
	assert_string_equal(all_text, "");
	end();
}

static void
one_that_stands_while_others_move(void **state)
{
	(void)state;
	fresh(false);
	plant(12 * HOUR, 5);
	level_now = 2.2;
	plant(HOUR, 5);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[ALERT_VALUE_FROZEN] + said[ALERT_VALUE_STUCK], 1);
	assert_non_null(strstr(sentence, "LT101 has stood at 2.20 m for "));
	plant(24 * HOUR, 5);
	assert_int_equal(n_said, 1);	/* once */
	ordinary();
	plant(HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_OVER], 1);
	assert_non_null(strstr(sentence, "LT101 moves again; it is at "));
	plant(24 * HOUR, 5);
	assert_int_equal(n_said, 2);
	end();
}

static void
a_device_that_stands_as_a_whole_is_one_condition(void **state)
{
	(void)state;
	fresh(false);
	plant(12 * HOUR, 5);
	flow_now = 81.5;
	pressure_now = 4.53;
	level_now = 2.2;
	plant(24 * HOUR, 5);
	assert_int_equal(n_said, 1);
	assert_int_equal(said[ALERT_VALUE_STUCK], 1);
	assert_non_null(strstr(sentence, ", as have 2 other measurements of this device; it usually moves on after "));
	ordinary();
	plant(24 * HOUR, 5);
	assert_int_equal(n_said, 2);
	assert_int_equal(said[ALERT_VALUE_OVER], 1);
	end();
}

static void
one_that_scatters(void **state)
{
	(void)state;
	fresh(false);
	plant(12 * HOUR, 5);
	for (unsigned i = 0; i < 2000; i++, now_s += 5) {
		ordinary();
		level_now = 2 + 0.2 * chance();
		plant(1, 5);
		now_s -= 5;
	}
	assert_int_equal(said[ALERT_VALUE_NOISY], 1);
	assert_int_equal(n_said, 1);
	assert_non_null(strstr(sentence, "LT101 scatters by 0."));
	ordinary();
	plant(2 * HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_OVER], 1);
	assert_non_null(strstr(sentence, "LT101 scatters as usual again"));
	end();
}

/* Four days of it, then a pressure that climbs by 0.02 an hour. */
static void
climb(unsigned hours)
{
	for (unsigned h = 0; h < hours; h++)
		for (unsigned i = 0; i < 60; i++) {
			pressure_now = 4.5 + 0.1 * chance() + 0.05 * (h + i / 60.0);
			plant(1, 60);
		}
}

static void
one_that_drifts_and_when_it_reaches_its_limit(void **state)
{
	(void)state;
	fresh(false);
	plant(4 * 24 * HOUR, 60);
	climb(24);
	assert_int_equal(said[ALERT_VALUE_DRIFTING], 1);
	assert_int_equal(n_said, 1);
	assert_non_null(strstr(sentence, "PT101 has been rising by 0.0"));
	assert_non_null(strstr(sentence, " it reaches its high limit of 9 bar in "));
	end();
}

static void
a_set_point_that_was_moved_explains_it(void **state)
{
	struct tag_reading r;

	(void)state;
	fresh(false);
	r = reading("SP101", 4.5);
	r.written = true;
	detector_instruments.reading(d, &r);
	plant(4 * 24 * HOUR, 60);
	for (unsigned i = 0; i < 24 * 60; i++, now_s += 60) {
		ordinary();
		pressure_now = round(520 + 3 * chance()) / 100;
		r = reading("SP101", 5.2);
		detector_instruments.reading(d, &r);
		r = reading("PT101", pressure_now);
		detector_instruments.reading(d, &r);
	}
	assert_string_equal(all_text, "");
	end();
}

static void
beyond_a_limit_and_back(void **state)
{
	(void)state;
	fresh(false);
	plant(HOUR, 5);
	pressure_now = 9.5;
	plant(HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_LIMIT], 1);
	assert_non_null(strstr(all_text, "PT101 is at 9.50 bar, above its high limit of 9 bar; what is usual is not known yet"));
	pressure_now = 9.9;
	plant(HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_LIMIT], 2);
	assert_non_null(strstr(all_text, "PT101 is at 9.90 bar, above its high-high limit of 9.8 bar; "));
	ordinary();
	plant(HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_OVER], 1);
	assert_non_null(strstr(sentence, "PT101 is within its limits again"));
	end();
}

static void
bad_quality_is_one_condition_and_teaches_nothing(void **state)
{
	static const char *const names[] = { "FT101", "PT101", "LT101" };

	(void)state;
	fresh(false);
	plant(2 * HOUR, 5);
	for (unsigned i = 0; i < 200; i++, now_s += 5)
		for (unsigned k = 0; k < 3; k++) {
			struct tag_reading r = reading(names[k], 0);

			r.has_quality = true;
			r.good = k == 2;
			r.quality = r.good ? 0x01 : 0x04;
			r.value = k == 2 ? 2 + 0.01 * (i % 2) : 12345;
			detector_instruments.reading(d, &r);
		}
	assert_int_equal(said[ALERT_VALUE_BAD], 1);
	assert_int_equal(n_said, 1);
	assert_non_null(strstr(sentence, " has been of bad quality (flags 0x04) for 5 minutes, as has 1 other value of this device"));
	assert_true(instrument(d, tag("FT101"))->kind.most < 200);
	plant(HOUR, 5);
	assert_int_equal(said[ALERT_VALUE_OVER], 2);
	end();
}

static void
what_was_learned_survives_a_restart(void **state)
{
	struct value_drift before;

	(void)state;
	fresh(true);
	plant(2 * HOUR, 60);
	no_space = true;
	plant(2 * HOUR, 60);
	assert_int_equal(n_kept, 9);	/* of the first whole hour: three figures of three measurements */
	no_space = false;
	plant(5 * 24 * HOUR, 60);
	before = instrument(d, tag("PT101"))->drift;
	assert_true(before.settled);
	end();
	/* Sorted by key, as a database gives them: of, figure, object, hour. */
	for (uint32_t i = 1; i < n_kept; i++)
		for (uint32_t k = i; k > 0; k--) {
			int by = strcmp(kept[k].figure, kept[k - 1].figure);
			struct keep_health x = kept[k];

			if (by == 0)
				by = strcmp(kept[k].object, kept[k - 1].object);
			if (by > 0 || (by == 0 && kept[k].hour_ns > kept[k - 1].hour_ns))
				break;
			kept[k] = kept[k - 1];
			kept[k - 1] = x;
		}
	begin(true);
	assert_true(instrument(d, tag("PT101"))->drift.settled);
	assert_true(fabs(instrument(d, tag("PT101"))->drift.mean - before.mean) < 0.01);
	assert_true(instrument(d, tag("LT101"))->noise.settled > 0);
	assert_true(value_rhythm_settled(&instrument(d, tag("LT101"))->rhythm));
	plant(24 * HOUR, 60);
	assert_string_equal(all_text, "");
	climb(24);
	assert_int_equal(said[ALERT_VALUE_DRIFTING], 1);
	end();
}

static void
another_set_of_tags(void **state)
{
	struct tags *again = made("name,address,type,unit,scale\n"
	    "NEW,10.0.0.2 unit 1 input 9,uint16,,\n"
	    "LT101,10.0.0.2 unit 1 input 2,uint16,m,0.01\n");
	const struct tags *before;
	uint32_t n;

	(void)state;
	fresh(false);
	plant(2 * HOUR, 5);
	n = instrument(d, tag("LT101"))->kind.n;
	assert_int_equal(tag_reader_prepare(reader, again), 0);
	assert_true(tag_reader_swap(reader, &before));
	detector_instruments.retag(d, tag_reader_tags(reader), before);
	tag_reader_swapped(reader);
	assert_int_equal(instrument(d, tag("LT101"))->kind.n, n);
	assert_null(instrument(d, tag("NEW")));
	for (unsigned i = 0; i < 1000; i++, now_s += 5) {
		read_one("LT101", 2 + 0.01 * (i % 20));
		read_one("NEW", i % 30);
	}
	assert_non_null(instrument(d, tag("NEW")));
	assert_int_equal(d->rows[instrument(d, tag("NEW"))->near].group, instrument(d, tag("LT101"))->group);
	end();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ordinary_plant_says_nothing),
		cmocka_unit_test(one_that_stands_while_others_move),
		cmocka_unit_test(a_device_that_stands_as_a_whole_is_one_condition),
		cmocka_unit_test(one_that_scatters),
		cmocka_unit_test(one_that_drifts_and_when_it_reaches_its_limit),
		cmocka_unit_test(a_set_point_that_was_moved_explains_it),
		cmocka_unit_test(beyond_a_limit_and_back),
		cmocka_unit_test(bad_quality_is_one_condition_and_teaches_nothing),
		cmocka_unit_test(what_was_learned_survives_a_restart),
		cmocka_unit_test(another_set_of_tags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
