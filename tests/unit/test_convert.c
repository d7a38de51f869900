/* What sinks write in other formats: the same record in each, and texts that want to be something else.
 * tests/siem/formats.py holds all kinds of records to what the standards publish. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "output/convert/convert.h"
#include "output/convert/parts.h"
#include "tests/unit/guard.h"

#define HEAD "{\"timestamp\":\"2026-01-05T08:00:00.080999+0000\",\"event_type\":\"alert\","
#define ALERT_OF(name) "\"alert\":{\"signature_id\":5000101,\"rev\":1,\"severity\":1,\"signature\":\"" name "\"}"

static struct text to = { .most = 1u << 20 };

/* The line in that format as a text, with the input flush against a guard page; NULL: it was not converted. */
static const char *
made(const struct converter *k, const char *line, enum convert_result want)
{
	const struct convert_settings s = { .sensor = NULL };
	void *own = k->open(&s, NULL);
	enum convert_result r;

	to.len = 0;
	to.cut = false;
	r = k->convert(own, (const char *)guard(line, strlen(line)), strlen(line), &to);
	k->close(own);
	assert_int_equal(r, want);
	if (r != CONVERT_OK)
		return NULL;
	text_put(&to, "", 1);
	return to.bytes;
}

static void
has(const struct converter *k, const char *line, const char *part)
{
	const char *got = made(k, line, CONVERT_OK);

	if (strstr(got, part) == NULL)
		fail_msg("%s: no %s in %s", k->name, part, got);
}

static void
the_same_alert_in_each(void **state)
{
	static const char line[] = HEAD "\"src_ip\":\"10.0.0.1\",\"dest_ip\":\"10.0.0.2\",\"src_port\":5,\"dest_port\":102,\"proto\":\"TCP\","
	    ALERT_OF("S7 CPU was told to stop") ",\"ot\":{\"v\":2,\"id\":\"ab\",\"type\":\"s7.cpu.stop\",\"kind\":\"first\",\"count\":3,"
	    "\"attack\":[{\"id\":\"T1692\",\"sub_technique\":\"T1692.001\",\"name\":\"Unauthorized Message: Command Message\","
	    "\"tactic\":\"Impair Process Control\",\"tactic_id\":\"TA0106\",\"version\":\"19\"}]}}";

	(void)state;
	has(&converter_ecs, line, "{\"@timestamp\":\"2026-01-05T08:00:00.080999Z\"");
	has(&converter_ecs, line, "\"severity\":1,\"risk_score\":99");
	has(&converter_ecs, line, "\"technique\":{\"id\":[\"T1692\"],\"name\":[\"Unauthorized Message\"],"
	    "\"subtechnique\":{\"id\":[\"T1692.001\"],\"name\":[\"Command Message\"]}}");
	has(&converter_ecs, line, "\"related\":{\"ip\":[\"10.0.0.1\",\"10.0.0.2\"]}");
	has(&converter_ocsf, line, "\"type_uid\":200401");
	has(&converter_ocsf, line, "\"time\":1767600000080");
	has(&converter_ocsf, line, "\"severity_id\":5,\"severity\":\"Critical\"");
	has(&converter_cef, line, "|5000101|S7 CPU was told to stop|10|rt=1767600000080 src=10.0.0.1 dst=10.0.0.2 spt=5 dpt=102 proto=TCP");
	has(&converter_cef, line, " cs2=T1692.001 cs2Label=ATT&CK for ICS");
	has(&converter_leef, line, "|5000101|^|devTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ^cat=Alert^devTime=2026-01-05T08:00:00.080+0000^src=10.0.0.1^");
	has(&converter_leef, line, "^sev=10^");
}

static void
what_is_not_mapped_is_kept(void **state)
{
	static const char line[] = HEAD "\"tx_id\":0," ALERT_OF("x") ",\"ot\":{\"v\":2,\"evidence\":{\"numbers\":{\"x\":4.6}}}}";

	(void)state;
	has(&converter_ecs, line, "\"thermowell\":{\"tx_id\":0,\"ot\":{\"v\":2,\"evidence\":{\"numbers\":{\"x\":4.6}}}}}");
	has(&converter_ocsf, line, "\"unmapped\":{\"tx_id\":0,\"ot\":{\"v\":2,\"evidence\":{\"numbers\":{\"x\":4.6}}}}}");
	/* What a target says with less stays whole, too. */
	has(&converter_ecs, HEAD ALERT_OF("x") ",\"ot\":{\"outcome\":\"exception\"}}", "\"outcome\":\"failure\"");
	has(&converter_ecs, HEAD ALERT_OF("x") ",\"ot\":{\"outcome\":\"exception\"}}", "\"thermowell\":{\"ot\":{\"outcome\":\"exception\"}}");
	/* A second value for a path that is taken stays where it is. */
	has(&converter_ecs, HEAD "\"app_proto\":\"dnp3\"," ALERT_OF("x") ",\"flow\":{\"start\":\"2026-01-05T07:00:00.000000+0000\"},"
	    "\"ot\":{\"first\":\"2026-01-05T08:00:00.080999+0000\"}}",
	    "\"thermowell\":{\"flow\":{\"start\":\"2026-01-05T07:00:00.000000+0000\"}}");
}

static void
cef_escapes(void **state)
{
	(void)state;
	/* In the head bars and backslashes, behind it equals signs and backslashes; nothing else. */
	has(&converter_cef, HEAD ALERT_OF("a|b\\\\c=d\\ne") "}", "|a\\|b\\\\c=d\\\\x0ae|10|");
	has(&converter_cef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"a|b\\\\c=d\\ne\\rf\"}}", "msg=a|b\\\\c\\=d\\ne\\rf");
	has(&converter_cef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"\\u0000\\u001b[2J\\u202e\\u0085\\u2028\\ufeff.\"}}",
	    "msg=\\\\x00\\\\x1b[2J\\\\xe2\\\\x80\\\\xae\\\\xc2\\\\x85\\\\xe2\\\\x80\\\\xa8\\\\xef\\\\xbb\\\\xbf.");
	has(&converter_cef, HEAD ALERT_OF("x") ",\"src_ip\":\"fe80::1\",\"dest_ip\":\"fe80::2\"}",
	    "c6a2=fe80::1 c6a2Label=Source IPv6 Address c6a3=fe80::2 c6a3Label=Destination IPv6 Address");
	/* An empty value would end what some readers see. */
	assert_null(strstr(made(&converter_cef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"\"}}", CONVERT_OK), "msg="));
}

static void
cef_keys_have_their_length(void **state)
{
	static char line[40000];
	const char *msg;
	size_t n;

	(void)state;
	n = (size_t)snprintf(line, sizeof(line), "%s%s,\"ot\":{\"sentence\":\"", HEAD, ALERT_OF("x"));
	/* Characters are counted, not bytes: U+00E4. */
	for (unsigned i = 0; i < 15000; i++, n += 2)
		memcpy(line + n, "\xc3\xa4", 2);
	(void)snprintf(line + n, sizeof(line) - n, "\"}}");
	msg = strstr(made(&converter_cef, line, CONVERT_OK), "msg=") + 4;
	assert_int_equal(strcspn(msg, " "), 2 * 1023);
}

static void
leef_finds_a_delimiter(void **state)
{
	(void)state;
	has(&converter_leef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"2^8\"}}", "|5000101|~|devTimeFormat");
	has(&converter_leef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"2^8\"}}", "~msg=2^8");
	/* With none left the first one is taken out of the values. */
	has(&converter_leef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"^~;#!$%&*+?@\"}}", "|^|devTimeFormat");
	has(&converter_leef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"^~;#!$%&*+?@\"}}", "^msg=_~;#!$%&*+?@");
	/* LEEF has no escape: a tab or a new line would end a line or a value. */
	has(&converter_leef, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"a\\tb\\nc\"}}", "msg=a\\x09b\\x0ac");
}

static void
json_stays_json(void **state)
{
	json_t *j;
	const char *got = made(&converter_ecs, HEAD ALERT_OF("x") ",\"ot\":{\"sentence\":\"\\u0000\\u001b\\\"\\\\\\n\\u202e\"}}", CONVERT_OK);

	(void)state;
	assert_null(strchr(got, '\n'));
	j = json_loads(got, JSON_ALLOW_NUL, NULL);
	assert_non_null(j);
	assert_memory_equal(json_string_value(json_object_get(j, "message")), "\0\x1b\"\\\n\xe2\x80\xae", 9);
	json_decref(j);
}

static void
not_every_line_is_for_all(void **state)
{
	static const char stats[] = "{\"timestamp\":\"2026-01-05T08:00:00.080999+0000\",\"event_type\":\"stats\",\"stats\":{\"uptime\":1}}";

	(void)state;
	assert_non_null(made(&converter_ecs, stats, CONVERT_OK));
	(void)made(&converter_ocsf, stats, CONVERT_NOT_MINE);
	(void)made(&converter_cef, stats, CONVERT_NOT_MINE);
	(void)made(&converter_leef, stats, CONVERT_NOT_MINE);
	(void)made(&converter_ecs, "", CONVERT_FAILED);
	(void)made(&converter_ecs, "[]", CONVERT_FAILED);
	(void)made(&converter_cef, "{\"event_type\":\"alert\"}", CONVERT_FAILED);
	(void)made(&converter_cef, "{\"event_type\":\"alert\",\"timestamp\":\"2026-13-05T08:00:00.080999+0000\"}", CONVERT_FAILED);
	(void)made(&converter_cef, "{\"event_type\":\"alert\",\"timestamp\":\"\xff\"}", CONVERT_FAILED);
	/* A record of a later version is written as what it is. */
	has(&converter_ocsf, "{\"timestamp\":\"2026-01-05T08:00:00.080999+0000\",\"event_type\":\"new\",\"x\":1}", "\"type_uid\":99");
	has(&converter_ecs, "{\"timestamp\":\"2026-01-05T08:00:00.080999+0000\",\"event_type\":\"new\",\"x\":1}", "\"thermowell\":{\"x\":1}");
}

static void
what_is_too_long_is_said(void **state)
{
	static char line[40000];
	size_t n = (size_t)snprintf(line, sizeof(line), "%s%s,\"ot\":{\"sentence\":\"", HEAD, ALERT_OF("x"));

	(void)state;
	memset(line + n, 'a', 32768);
	(void)snprintf(line + n + 32768, sizeof(line) - n - 32768, "\"}}");
	assert_true(strlen(made(&converter_ecs, line, CONVERT_OK)) > 32768);
	assert_true(strlen(made(&converter_leef, line, CONVERT_OK)) > 32768);
	to.most = 20000;
	(void)made(&converter_ecs, line, CONVERT_TOO_LONG);
	(void)made(&converter_ocsf, line, CONVERT_TOO_LONG);
	(void)made(&converter_leef, line, CONVERT_TOO_LONG);
	to.most = 1u << 20;
	has(&converter_cef, line, "CEF:0|");
}

static void
times(void **state)
{
	static const struct { const char *text; bool good; int64_t ms; } rows[] = {
		{ "1970-01-01T00:00:00.000000+0000", true, 0 },
		{ "2000-02-29T23:59:59.999999+0000", true, 951868799999 },
		{ "2026-12-31T00:00:00.001000+0000", true, 1798675200001 },
		{ "2100-03-01T00:00:00.000000+0000", true, 4107542400000 },
		{ "1969-12-31T23:59:59.000000+0000", true, -1000 },
		{ "2026-00-31T00:00:00.001000+0000", false, 0 },
		{ "2026-12-31T24:00:00.001000+0000", false, 0 },
		{ "2026-12-31T00:00:00.001000Z", false, 0 },
		{ "", false, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		int64_t ms = 0;

		assert_int_equal(value_ms(rows[i].text, &ms), rows[i].good);
		assert_int_equal(ms, rows[i].ms);
	}
}

static void
severities(void **state)
{
	(void)state;
	assert_int_equal(severity_row(1)->cef, 10);
	assert_int_equal(severity_row(3)->cef, 5);
	assert_int_equal(severity_row(4)->cef, 3);
	/* A rule's priority may be any number; none at all is less than the least. */
	assert_int_equal(severity_row(255)->cef, 3);
	assert_int_equal(severity_row(0)->cef, 1);
	assert_int_equal(severity_row(-1)->cef, 1);
}

static void
paths(void **state)
{
	json_t *j = json_loads("{\"a\":{\"b\":[{\"c\":1},{\"c\":2},{\"d\":3}]},\"e\":{\"f\":{\"g\":1}}}", 0, NULL), *v;

	(void)state;
	v = path_get(j, "a.b.c");
	assert_int_equal(json_array_size(v), 2);
	json_decref(v);
	assert_null(path_get(j, "a.b.x"));
	assert_null(path_get(j, "a.x.c"));
	path_drop(j, "e.f.g");
	assert_null(json_object_get(j, "e"));
	path_drop(j, "a.b.c");
	assert_non_null(json_object_get(j, "a"));
	assert_int_equal(path_put(j, "x.y[]", json_integer(1)), PATH_PUT);
	assert_int_equal(path_put(j, "x.y[]", json_integer(1)), PATH_PUT);
	assert_int_equal(path_put(j, "x.y[]", json_integer(2)), PATH_PUT);
	assert_int_equal(json_array_size(json_object_get(json_object_get(j, "x"), "y")), 2);
	assert_int_equal(path_put(j, "z[0].y", json_integer(1)), PATH_PUT);
	assert_int_equal(path_put(j, "z[0].y", json_integer(1)), PATH_PUT);
	assert_int_equal(path_put(j, "z[0].y", json_integer(2)), PATH_TAKEN);
	assert_int_equal(path_put(j, "z[0].y", NULL), PATH_FAILED);
	json_decref(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_alert_in_each),
		cmocka_unit_test(what_is_not_mapped_is_kept),
		cmocka_unit_test(cef_escapes),
		cmocka_unit_test(cef_keys_have_their_length),
		cmocka_unit_test(leef_finds_a_delimiter),
		cmocka_unit_test(json_stays_json),
		cmocka_unit_test(not_every_line_is_for_all),
		cmocka_unit_test(what_is_too_long_is_said),
		cmocka_unit_test(times),
		cmocka_unit_test(severities),
		cmocka_unit_test(paths),
	};
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	text_free(&to);
	return rc;
}
