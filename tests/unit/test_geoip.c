/* Countries and operators of outside addresses, out of databases that this test makes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "alert/sentence.h"
#include "asset/geoip.h"
#include "base/str.h"

static char folder[] = "/tmp/thermowell-geoip-XXXXXX", paths[2][64];

static struct addr
address(const char *text)
{
	struct addr a;
	unsigned bits;

	assert_true(addr_net_read(text, &a, &bits));
	return a;
}

#ifdef HAVE_MAXMINDDB
/* MaxMind's format 2.0: one node of two records of 24 bits (addresses below and from 128.0.0.0 on), 16 zero bytes,
 * the data, and what describes it all. */
static void
make(const char *path, const char *lower, size_t n_lower, const char *upper, size_t n_upper)
{
	static const char about[] = "\xab\xcd\xef" "MaxMind.com" "\xe9" "\x49" "languages" "\x01\x04" "\x42" "en"
	    "\x4b" "description" "\xe1\x42" "en" "\x41" "t"
	    "\x4a" "node_count" "\xc1\x01" "\x4b" "record_size" "\xa1\x18" "\x4a" "ip_version" "\xa1\x04"
	    "\x4d" "database_type" "\x44" "Test" "\x5b" "binary_format_major_version" "\xa1\x02"
	    "\x5b" "binary_format_minor_version" "\xa0" "\x4b" "build_epoch" "\x01\x02\x01";
	const uint8_t node[6] = { 0, 0, 1 + 16, 0, 0, (uint8_t)(1 + 16 + n_lower) };
	static const char zero[16];
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_true(1 + 16 + n_lower < 256);
	(void)fwrite(node, 1, 6, f);
	(void)fwrite(zero, 1, 16, f);
	(void)fwrite(lower, 1, n_lower, f);
	(void)fwrite(upper, 1, n_upper, f);
	(void)fwrite(about, 1, sizeof(about) - 1, f);
	assert_int_equal(fclose(f), 0);
}

/* {"country": {"iso_code": ..., "names": {"en": ...}}} */
#define COUNTRY(code, n, name) "\xe1\x47" "country" "\xe2\x48" "iso_code" "\x42" code "\x45" "names" "\xe1\x42" "en" n name
/* {"autonomous_system_number": ..., "autonomous_system_organization": ...}; texts from 29 bytes on have their length less 29 behind */
#define OPERATOR(number, n, name) "\xe2\x58" "autonomous_system_number" "\xc2" number \
    "\x5d\x01" "autonomous_system_organization" n name

static int
make_all(void **unused)
{
	static const char nl[] = COUNTRY("NL", "\x4b", "Netherlands"), de[] = COUNTRY("DE", "\x47", "Germany");
	static const char a[] = OPERATOR("\xfb\xf4", "\x4c", "Example B.V."), b[] = OPERATOR("\xfb\xf5", "\x40", "");

	(void)unused;
	assert_non_null(mkdtemp(folder));
	for (unsigned i = 0; i < 2; i++)
		(void)snprintf(paths[i], sizeof(paths[i]), "%s/%u.mmdb", folder, i);
	make(paths[0], nl, sizeof(nl) - 1, de, sizeof(de) - 1);
	make(paths[1], a, sizeof(a) - 1, b, sizeof(b) - 1);
	return 0;
}

static int
remove_all(void **unused)
{
	(void)unused;
	(void)unlink(paths[0]);
	(void)unlink(paths[1]);
	return rmdir(folder);
}

static void
country_and_operator(void **unused)
{
	struct err e = { 0 };
	struct geoip *p = geoip_open(paths[0], paths[1], &e);
	struct addr low = address("8.8.8.8"), high = address("203.0.113.66");
	struct location at;
	char code[3];

	(void)unused;
	assert_int_equal(e.n, 0);
	assert_non_null(p);
	assert_true(geoip_locate(p, &low, &at));
	assert_string_equal(at.country, "NL");
	assert_string_equal(at.name, "Netherlands");
	assert_int_equal(at.as_number, 64500);
	assert_string_equal(at.operator_, "Example B.V.");
	assert_true(geoip_locate(p, &high, &at));
	assert_string_equal(at.country, "DE");
	assert_string_equal(at.name, "Germany");
	assert_int_equal(at.as_number, 64501);
	assert_string_equal(at.operator_, "");
	assert_true(geoip_country(p, &high, code));
	assert_string_equal(code, "DE");
	geoip_close(p);
	/* Either alone. */
	p = geoip_open("", paths[1], &e);
	assert_true(geoip_locate(p, &low, &at));
	assert_string_equal(at.country, "");
	assert_int_equal(at.as_number, 64500);
	assert_false(geoip_country(p, &low, code));
	geoip_close(p);
	p = geoip_open(paths[0], NULL, &e);
	assert_true(geoip_locate(p, &low, &at));
	assert_int_equal(at.as_number, 0);
	geoip_close(p);
	assert_int_equal(e.n, 0);
}

/* Another file takes the name, as who updates it does; until the swap the old one answers. */
static void
a_newer_database_is_taken_over(void **unused)
{
	static const char fr[] = COUNTRY("FR", "\x46", "France"), se[] = COUNTRY("SE", "\x46", "Sweden");
	struct err e = { 0 };
	struct geoip *p = geoip_open(paths[0], NULL, &e);
	struct addr low = address("8.8.8.8");
	char code[3], path[80];

	(void)unused;
	assert_non_null(p);
	geoip_swap(p);
	(void)snprintf(path, sizeof(path), "%s.new", paths[0]);
	make(path, fr, sizeof(fr) - 1, se, sizeof(se) - 1);
	assert_true(geoip_prepare(p, path, NULL, &e));
	assert_true(geoip_prepare(p, path, paths[1], &e));	/* twice before it is taken over */
	assert_true(geoip_country(p, &low, code));
	assert_string_equal(code, "NL");
	geoip_swap(p);
	assert_true(geoip_country(p, &low, code));
	assert_string_equal(code, "FR");
	/* What cannot be read changes nothing; what was not taken over is given back. */
	assert_false(geoip_prepare(p, "/nonexistent.mmdb", NULL, &e));
	geoip_swap(p);
	assert_true(geoip_country(p, &low, code));
	assert_string_equal(code, "FR");
	assert_true(geoip_prepare(p, paths[0], NULL, &(struct err){ 0 }));
	geoip_close(p);
	(void)unlink(path);
	err_free(&e);
}

static void
what_is_no_database_is_refused(void **unused)
{
	struct err e = { 0 };
	FILE *f;

	(void)unused;
	assert_null(geoip_open(paths[0], "/nonexistent.mmdb", &e));
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "geoip.operators is no GeoIP database"));
	err_free(&e);
	e = (struct err){ 0 };
	f = fopen(paths[0], "wb");
	assert_non_null(f);
	(void)fputs("no database", f);
	(void)fclose(f);
	assert_null(geoip_open(paths[0], paths[1], &e));
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "geoip.database is no GeoIP database"));
	err_free(&e);
}
#endif

static void
without_databases_nothing_is_known(void **unused)
{
	struct addr a = address("8.8.8.8");
	struct err e = { 0 };
	struct location at;

	(void)unused;
	assert_null(geoip_open(NULL, "", &e));
	assert_int_equal(e.n, 0);
	assert_false(geoip_locate(NULL, &a, &at));
	assert_string_equal(at.country, "");
	geoip_close(NULL);
}

static void
sentences_say_where(void **unused)
{
	static const struct { struct location at; const char *words; } known[] = {
		{ { "NL", "Netherlands", 64500, "Example B.V." }, ", in the Netherlands, operated by Example B.V. (" },
		{ { "NL", "The Netherlands", 64500, "" }, ", in the Netherlands, in the network AS64500 (" },
		{ { "DE", "Germany", 0, "" }, ", in Germany (" }, { { "US", "United States", 0, "X" }, ", in the United States, operated by X (" },
		{ { "CZ", "Czech Republic", 0, "" }, ", in the Czech Republic (" }, { { "KY", "Cayman Islands", 0, "" }, ", in the Cayman Islands (" },
		{ { "FR", "", 0, "" }, ", in FR (" }, { { "", "", 0, "Y" }, " on the internet, operated by Y (" },
	};
	struct finding f = { .type = ALERT_INTERNET, .src = address("10.0.0.1"), .dst = address("8.8.8.8"), .what = "TCP port 80" };
	char text[ALERT_SENTENCE_MAX];

	(void)unused;
	for (unsigned i = 0; i < COUNTOF(known); i++) {
		f.where = &known[i].at;
		assert_non_null(strstr(sentence_make(&f, text, sizeof(text)), known[i].words));
	}
	f.where = NULL;
	assert_non_null(strstr(sentence_make(&f, text, sizeof(text)), "8.8.8.8 on the internet (TCP port 80)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#ifdef HAVE_MAXMINDDB
		cmocka_unit_test(country_and_operator), cmocka_unit_test(a_newer_database_is_taken_over), cmocka_unit_test(what_is_no_database_is_refused),
#endif
		cmocka_unit_test(without_databases_nothing_is_known), cmocka_unit_test(sentences_say_where),
	};

#ifdef HAVE_MAXMINDDB
	return cmocka_run_group_tests(tests, make_all, remove_all);
#else
	(void)folder;
	(void)paths;
	return cmocka_run_group_tests(tests, NULL, NULL);
#endif
}
