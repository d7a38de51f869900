/* The report: the one place where texts become HTML, and pages out of rows that somebody else chose. */
#include "store_kit.h"

#include "web/html.h"
#include "web/report.h"
#include "web/view.h"

static struct html page;

static const char *
text(const char *of)
{
	html_free(&page);
	html_text(&page, of);
	return page.buf;
}

static const char *
attr(const char *of)
{
	html_free(&page);
	html_attr(&page, of);
	return page.buf;
}

static void
markup_becomes_text(void **state)
{
	(void)state;
	assert_string_equal(text("<script>alert('1')</script>"), "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;");
	assert_string_equal(text("\" onload=\"x"), "&quot; onload=&quot;x");
	assert_string_equal(text("a & b"), "a &amp; b");
	assert_string_equal(text("&lt;"), "&amp;lt;");
	assert_string_equal(attr("\"><img src=x>"), "&quot;&gt;&lt;img src=x&gt;");
	assert_string_equal(text("Pumpe 3 · 80 °C"), "Pumpe 3 · 80 °C");
	assert_string_equal(text("Насос 3, 泵"), "Насос 3, 泵");
}

static void
what_hides_or_turns_is_shown_by_its_number(void **state)
{
	(void)state;
	assert_string_equal(text("a\xe2\x80\xae" "b"), "a<i class=hex>U+202E</i>b");	/* right-to-left override */
	assert_string_equal(text("\xe2\x81\xa6x\xe2\x81\xa9"), "<i class=hex>U+2066</i>x<i class=hex>U+2069</i>");
	assert_string_equal(text("\xd8\x9c"), "<i class=hex>U+061C</i>");
	assert_string_equal(text("a\xe2\x80\x8b" "b"), "a<i class=hex>U+200B</i>b");	/* zero width */
	assert_string_equal(text("\xef\xbb\xbfx"), "<i class=hex>U+FEFF</i>x");
	assert_string_equal(text("\n\t\x1b[2J\x7f"), "<i class=hex>U+000A</i><i class=hex>U+0009</i><i class=hex>U+001B</i>[2J<i class=hex>U+007F</i>");
	assert_string_equal(text("\xf3\xa0\x81\x81"), "<i class=hex>U+E0041</i>");	/* a tag */
	assert_string_equal(attr("a\xe2\x80\xae" "b"), "a\xef\xbf\xbd" "b");
}

static void
what_is_no_utf8_is_shown_by_its_bytes(void **state)
{
	(void)state;
	assert_string_equal(text("\xff\xfe"), "<i class=hex>FF</i><i class=hex>FE</i>");
	assert_string_equal(text("a\xc3"), "a<i class=hex>C3</i>");		/* cut in a character */
	assert_string_equal(text("\xc0\xbcscript"), "<i class=hex>C0</i><i class=hex>BC</i>script");	/* overlong '<' */
	assert_string_equal(text("\xed\xa0\x80"), "<i class=hex>ED</i><i class=hex>A0</i><i class=hex>80</i>");	/* surrogate */
	html_free(&page);
	html_bytes(&page, "a\0b", 3, 100);
	assert_string_equal(page.buf, "a<i class=hex>U+0000</i>b");
}

static void
what_is_long_is_cut_and_says_so(void **state)
{
	static char longer[10001];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	assert_non_null(strstr(text(longer), "<i class=hex>7952 more bytes</i>"));
	assert_int_equal(strlen(attr(longer)), HTML_TEXT_MAX + 3);
	html_free(&page);
	html_bytes(&page, "aä", 3, 2);	/* a character is whole or not there */
	assert_string_equal(page.buf, "aä");
}

static void
times_and_sizes_are_written_alike(void **state)
{
	(void)state;
	html_free(&page);
	html_time(&page, UINT64_C(1795374699495224000));
	assert_string_equal(page.buf, "<time datetime=\"2026-11-22T19:11:39.495224Z\" title=\"2026-11-22T19:11:39.495224Z\">2026-11-22 19:11:39</time>");
	html_free(&page);
	html_clock(&page, UINT64_C(1795374699495224000));
	assert_non_null(strstr(page.buf, ">19:11:39<"));
	html_free(&page);
	html_time(&page, 0);
	assert_null(page.buf);
	html_size(&page, 1);
	html_raw(&page, ",");
	html_size(&page, 1536);
	html_raw(&page, ",");
	html_number(&page, 1234567);
	html_raw(&page, ",");
	html_duration(&page, UINT64_C(3725000000000));
	assert_string_equal(page.buf, "1 byte,1.5 KiB,1,234,567,1 h 2 min");
}

/* ---- whole pages ------------------------------------------------------------------------ */

#define EVIL	"</td></svg></style><script>alert(1)</script>\"'><img src=x onerror=alert(2)>\xe2\x80\xae\xff"

static void
evil(char *to, size_t size)
{
	size_t n = strlen(EVIL) < size ? strlen(EVIL) : size - 1;

	memcpy(to, EVIL, n);
	to[n] = '\0';
}

/* Every text of every row is hostile. */
static void
put_rows(struct store *s)
{
	const uint8_t a[4] = { 10, 0, 0, 1 }, b[4] = { 10, 0, 0, 2 };
	const struct keep *k = store_keep(s);
	struct keep_asset asset = { .of = { .addr = addr_v4(a) }, .first_ns = DAY, .last_ns = 2 * DAY, .proven = true, .control_ns = DAY, .protocols = 2 };
	struct keep_attribute value = { .of = asset.of, .len = 60, .first_ns = DAY, .last_ns = DAY };
	struct keep_alert alert = { .uid = "u1", .id = 1, .severity = 1, .src = addr_v4(a), .dst = addr_v4(b), .first_ns = DAY, .last_ns = DAY, .count = 3 };
	struct keep_incident incident = { .uid = "i1", .id = 1, .severity = 1, .attacker = addr_v4(a), .first_ns = DAY, .last_ns = 2 * DAY };
	struct keep_member member = { .incident = "i1", .alert = "u1", .ts_ns = DAY };
	struct keep_action action = { .ts_ns = DAY, .verb = "acknowledge", .object = "alert", .id = "u1" };
	struct keep_deed deed = { .ts_ns = DAY, .last_ns = DAY, .client = addr_v4(a), .server = addr_v4(b), .proto = OP_UNKNOWN + 1, .count = 1 };
	struct keep_talk talk = { .client = addr_v4(a), .server = addr_v4(b), .plant = true, .count = 1, .first_ns = DAY, .last_ns = DAY };
	struct keep_sight sight = { .run_ns = DAY, .last_ns = DAY, .name = "source.0", .value = 1 };
	struct keep_sight gap = { .run_ns = DAY, .last_ns = DAY, .name = "x", .hides = true, .value = 1 };
	struct keep_tag tag = { .series = 1, .written = true, .writer = addr_v4(a), .first_ns = DAY, .last_ns = DAY };
	struct keep_health health = { .of = asset.of, .hour_ns = DAY };

#define TEXT(member) evil(member, sizeof(member))
	TEXT(asset.name); TEXT(asset.role); TEXT(asset.zone); TEXT(asset.vendor); TEXT(asset.model); TEXT(asset.firmware);
	TEXT(value.key); TEXT(value.source);
	memcpy(value.value, EVIL, 60);
	TEXT(alert.type); TEXT(alert.signature); TEXT(alert.sentence); TEXT(alert.techniques); TEXT(alert.outcome); TEXT(alert.evidence);
	TEXT(alert.maintenance);
	TEXT(incident.title); TEXT(incident.stages); TEXT(incident.techniques); TEXT(incident.advice); TEXT(incident.maintenance);
	TEXT(action.who); TEXT(action.text);
	TEXT(deed.function); TEXT(deed.address); TEXT(deed.value); TEXT(deed.old); TEXT(deed.tag); TEXT(deed.outcome); TEXT(deed.reason);
	TEXT(deed.intent); TEXT(deed.command);
	TEXT(talk.service); TEXT(talk.intent);
	TEXT(sight.text); TEXT(gap.text); TEXT(gap.advice);
	TEXT(tag.tag); TEXT(tag.unit); TEXT(tag.kind);
	TEXT(health.figure); TEXT(health.object); TEXT(health.condition);
#undef TEXT
#define PUT(kind, row) assert_true(keep_put(k, kind, &row, sizeof(row)))
	PUT(KEEP_ASSET, asset);
	PUT(KEEP_ATTRIBUTE, value);
	PUT(KEEP_ALERT, alert);
	PUT(KEEP_INCIDENT, incident);
	PUT(KEEP_MEMBER, member);
	PUT(KEEP_ACTION, action);
	PUT(KEEP_DEED, deed);
	PUT(KEEP_TALK, talk);
	PUT(KEEP_SIGHT, sight);
	PUT(KEEP_SIGHT, gap);
	PUT(KEEP_TAG, tag);
	PUT(KEEP_HEALTH, health);
	asset.of.addr = addr_v4(b);
	PUT(KEEP_ASSET, asset);
#undef PUT
}

static void
make(const char *path, enum report_form form)
{
	const struct view_want want = view_whole(path);
	struct err e = { 0 };
	struct view v;

	html_free(&page);
	assert_int_equal(view_open(&v, &want, &e), 0);
	report_write(&page, &v, &(struct report_want){ .form = form, .file = path, .title = EVIL });
	view_close(&v);
	assert_false(page.failed);
}

/* Markup of the page is what the program wrote: each '<' begins an element that it knows, and no text left its place. */
static void
assert_tame(void)
{
	static const char *const never[] = { "<script", "<img", "onerror=alert", "onload", "javascript:", "http:", "https:", "url(h", "@import", "src=" };
	const char *at = page.buf;

	assert_true(utf8_valid((const uint8_t *)page.buf, page.len));
	for (unsigned i = 0; i < COUNTOF(never); i++)
		for (at = strstr(page.buf, never[i]); at != NULL; at = strstr(at + 1, never[i])) {
			/* As text it may be there: then what stood before it is no longer markup. */
			const char *open = at;

			while (open > page.buf && *open != '<' && *open != '>')
				open--;
			if (*open == '<' || never[i][0] == '<')
				fail_msg("\"%s\" at %.60s", never[i], at);
		}
	/* An element of HTML would end a picture. */
	for (at = strstr(page.buf, "<svg"); at != NULL; at = strstr(at + 1, "<svg")) {
		const char *end = strstr(at, "</svg>"), *i = strstr(at, "<i");

		assert_non_null(end);
		assert_true(i == NULL || i > end);
	}
	for (unsigned char c = 1; c < 0x20; c++)
		if (c != '\n' && c != '\t')
			assert_null(strchr(page.buf, c));
	assert_null(strstr(page.buf, "\xe2\x80\xae"));
}

static void
hostile_rows_do_nothing(void **state)
{
	const char *path = file("evil.db");
	struct store *s = start(path);

	(void)state;
	put_rows(s);
	assert_int_equal(store_close(s), 0);
	make(path, REPORT_PLANT);
	assert_tame();
	assert_non_null(strstr(page.buf, "&lt;script&gt;alert(1)"));
	assert_non_null(strstr(page.buf, "id=\"incidents\""));
	assert_non_null(strstr(page.buf, "class=\"map\""));
	make(path, REPORT_AUDIT);
	assert_tame();
}

static void
an_empty_database_makes_a_page(void **state)
{
	const char *path = file("empty2.db");
	struct html first;

	(void)state;
	assert_int_equal(store_close(start(path)), 0);
	make(path, REPORT_PLANT);
	assert_non_null(strstr(page.buf, "Nothing was written and nothing commanded."));
	assert_null(strstr(page.buf, "class=\"map\""));
	/* The same rows, the same bytes. */
	first = page;
	page = (struct html){ 0 };
	make(path, REPORT_PLANT);
	assert_int_equal(first.len, page.len);
	assert_memory_equal(first.buf, page.buf, page.len);
	html_free(&first);
	make(path, REPORT_AUDIT);
	assert_null(strstr(page.buf, "compliant"));
	assert_non_null(strstr(page.buf, "SR 7.8"));
	assert_non_null(strstr(page.buf, "R1 Part 1.2"));
	assert_non_null(strstr(page.buf, "(j)"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(markup_becomes_text),
		cmocka_unit_test(what_hides_or_turns_is_shown_by_its_number),
		cmocka_unit_test(what_is_no_utf8_is_shown_by_its_bytes),
		cmocka_unit_test(what_is_long_is_cut_and_says_so),
		cmocka_unit_test(times_and_sizes_are_written_alike),
		cmocka_unit_test(hostile_rows_do_nothing),
		cmocka_unit_test(an_empty_database_makes_a_page),
	};
	int status = cmocka_run_group_tests(tests, make_folder, remove_folder);

	html_free(&page);
	return status;
}
