/* test_web.c - the console's requests: what is read of them, who may ask, and what is answered. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"
#include "store/store.h"
#include "web/listen.h"
#include "web/server_parts.h"

#define HOST	"127.0.0.1:8642"
#define ORIGIN	"http://" HOST
#define MINUTE	(UINT64_C(60) * 1000000000)

static char folder[64];

static const char *
file(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* ---- reading ------------------------------------------------------------------------ */

static bool
reads(struct web_request *r, const char *uri)
{
	return web_request_read(r, "GET", uri, strlen(uri));
}

static void
a_target_is_taken_apart(void **state)
{
	struct web_request r;

	(void)state;
	assert_true(reads(&r, "/api/alerts?limit=50&q=Stop+PLC%21&empty=&flag&&offset=x"));
	assert_string_equal(r.path, "/api/alerts");
	assert_int_equal(r.n_args, 5);
	assert_string_equal(web_arg(&r, "q"), "Stop PLC!");
	assert_null(web_arg(&r, "empty"));
	assert_null(web_arg(&r, "flag"));
	assert_null(web_arg(&r, "other"));
	assert_int_equal(web_arg_number(&r, "limit", 200, 7), 50);
	assert_int_equal(web_arg_number(&r, "limit", 20, 7), 20);
	assert_int_equal(web_arg_number(&r, "offset", 20, 7), 7);
	assert_int_equal(web_arg_number(&r, "none", 20, 7), 7);
}

static void
what_is_no_target_is_refused(void **state)
{
	static const char *const bad[] = { "", "api", "http://x/", "/..", "/a/../b", "/%2e%2e/x", "/a%", "/a%4", "/a%zz", "/a%00b", "/a%0ab", "/a//b",
		"/a%5cb", "/a%ff", "/x?a=%00", "/x?a=%c0%80", "/x?a=1&b=2&c=3&d=4&e=5&f=6&g=7&h=8&i=9&j=0&k=1&l=2&m=3" };
	struct web_request r;
	char *longest = calloc(1, WEB_URI_MAX + 1);

	(void)state;
	for (size_t i = 0; i < COUNTOF(bad); i++)
		assert_false(reads(&r, bad[i]));
	memset(longest, 'a', WEB_URI_MAX);
	longest[0] = '/';
	assert_false(reads(&r, longest));
	/* The longest that is read, as many arguments without a value as can be: nothing is written behind the end. */
	longest[WEB_URI_MAX - 3] = '\0';
	memcpy(longest, "/?a&b&c&d&e&f&g&h&i&j&k&", 24);
	assert_true(reads(&r, longest));
	assert_int_equal(r.n_args, WEB_ARGS);
	free(longest);
}

static void
names_of_others_are_not_ours(void **state)
{
	static const char *const ours[] = { "127.0.0.1", "127.0.0.1:8642", "[::1]", "[::1]:8642", "localhost:1", "LOCALHOST", "10.1.2.3:443", "plant.example:8642", "Desk" };
	static const char *const others[] = { "", ":1", "evil.example", "evil.example:8642", "127.0.0.1.evil.example", "127.0.0.1:", "127.0.0.1:8x",
		"[::1", "[::1]x", "[evil]:1", "plant.example.evil", "plant", "desk.", "user@localhost" };

	(void)state;
	for (size_t i = 0; i < COUNTOF(ours); i++)
		assert_true(web_host_is_ours(ours[i], "plant.example, desk"));
	for (size_t i = 0; i < COUNTOF(others); i++)
		assert_false(web_host_is_ours(others[i], "plant.example, desk"));
	assert_true(web_origin_is_ours("https://desk:8642", true, "desk:8642"));
	assert_false(web_origin_is_ours("http://desk:8642", true, "desk:8642"));
	assert_false(web_origin_is_ours("https://desk:8642.evil", true, "desk:8642"));
	assert_false(web_origin_is_ours("null", false, "null"));
}

static void
a_cookie_is_found(void **state)
{
	char to[8];

	(void)state;
	assert_true(web_cookie("a=1; thermowell=xyz; b=2", "thermowell", to, sizeof(to)));
	assert_string_equal(to, "xyz");
	assert_true(web_cookie("thermowell=", "thermowell", to, sizeof(to)));
	assert_string_equal(to, "");
	assert_false(web_cookie("xthermowell=1; thermowellx=2; thermowell", "thermowell", to, sizeof(to)));
	assert_false(web_cookie("thermowell=12345678", "thermowell", to, sizeof(to)));
}

static const char *
said(const char *body, struct keep_action *a)
{
	return web_action_read(body, strlen(body), a);
}

static void
only_what_may_be_said_is(void **state)
{
	struct keep_action a;
	char body[600];

	(void)state;
	assert_null(said("{\"verb\":\"archive\",\"object\":\"incident\",\"id\":\"1b2c\"}", &a));
	assert_string_equal(a.verb, "archive");
	assert_string_equal(a.who, "");
	assert_null(said("{\"verb\":\"accept\",\"object\":\"baseline\",\"id\":\"peer server=10.0.0.1\",\"text\":\"new pump\"}", &a));
	assert_null(said("{\"verb\":\"label\",\"object\":\"asset\",\"id\":\"10.0.0.1\",\"text\":\"Pumpe \\u00e4\"}", &a));
	assert_string_equal(a.text, "Pumpe \xc3\xa4");
	assert_non_null(said("{\"verb\":\"label\",\"object\":\"asset\",\"id\":\"10.0.0.1\"}", &a));
	assert_non_null(said("{\"verb\":\"archive\",\"object\":\"asset\",\"id\":\"10.0.0.1\"}", &a));
	assert_non_null(said("{\"verb\":\"reset\",\"object\":\"baseline\",\"id\":\"all\"}", &a));
	assert_non_null(said("{\"verb\":\"import\",\"object\":\"baseline\",\"id\":\"x\"}", &a));
	assert_non_null(said("{\"verb\":\"archive\",\"object\":\"sensor\",\"id\":\"x\"}", &a));
	assert_non_null(said("{\"verb\":\"archive\",\"object\":\"alert\",\"id\":\"\"}", &a));
	assert_non_null(said("{\"verb\":\"archive\",\"object\":\"alert\",\"id\":7}", &a));
	assert_non_null(said("{\"verb\":\"note\",\"object\":\"alert\",\"id\":\"x\",\"text\":\"\\u202egpj.exe\"}", &a));
	assert_non_null(said("{\"verb\":\"note\",\"object\":\"alert\",\"id\":\"x\",\"text\":\"a\\nb\"}", &a));
	assert_non_null(said("[]", &a));
	assert_non_null(said("", &a));
	(void)snprintf(body, sizeof(body), "{\"verb\":\"note\",\"object\":\"alert\",\"id\":\"x\",\"text\":\"%0300d\"}", 7);
	assert_non_null(said(body, &a));
}

/* ---- who may ------------------------------------------------------------------------- */

static void
tokens_are_kept_as_hashes(void **state)
{
	struct web_tokens t;
	struct err e = { 0 };
	char anna[WEB_TOKEN_SIZE], bert[WEB_TOKEN_SIZE], text[512] = "";
	const char *path = file("tokens");
	struct stat st;
	FILE *f;

	(void)state;
	assert_false(web_tokens_read(path, &t, &e));
	err_free(&e);
	assert_true(web_tokens_add(path, "anna", anna, &e));
	assert_true(web_tokens_add(path, "bert.b-2_x", bert, &e));
	assert_false(web_tokens_add(path, "no blank", bert, &e));
	assert_false(web_tokens_add(path, "", text, &e));
	err_free(&e);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true(web_tokens_read(path, &t, &e));
	assert_int_equal(t.n, 2);
	assert_string_equal(web_tokens_find(&t, anna)->name, "anna");
	assert_null(web_tokens_find(&t, "tw-"));
	assert_null(web_tokens_find(&t, ""));
	f = fopen(path, "r");
	assert_true(fread(text, 1, sizeof(text) - 1, f) > 100);
	(void)fclose(f);
	assert_null(strstr(text, anna + 3));
	/* Who may read it could do as they do. */
	assert_int_equal(chmod(path, 0640), 0);
	assert_false(web_tokens_read(path, &t, &e));
	assert_non_null(strstr(e.first->text, "chmod 600"));
	err_free(&e);
	assert_int_equal(chmod(path, 0600), 0);
	f = fopen(path, "a");
	fputs("half a line", f);
	(void)fclose(f);
	assert_false(web_tokens_read(path, &t, &e));
	assert_int_equal(e.first->line, 3);
	err_free(&e);
	assert_int_equal(unlink(path), 0);
}

static void
sessions_end(void **state)
{
	struct web_sessions *s = calloc(1, sizeof(*s));
	struct web_token t = { .name = "anna", .hash = "0" };
	struct web_tokens none = { 0 };
	char first[WEB_SESSION_ID], id[WEB_SESSION_ID];

	(void)state;
	(void)snprintf(first, sizeof(first), "%s", web_session_begin(s, &t, 1)->id);
	assert_int_equal(strlen(first), WEB_SESSION_ID - 1);
	assert_non_null(web_session_find(s, first, WEB_IDLE_NS));
	assert_non_null(web_session_find(s, first, 2 * WEB_IDLE_NS));
	assert_null(web_session_find(s, first, 3 * WEB_IDLE_NS + 2));
	assert_null(web_session_find(s, "", 1));
	/* The one that was idle longest makes room. */
	for (unsigned i = 0; i < WEB_SESSIONS; i++)
		(void)snprintf(id, sizeof(id), "%s", web_session_begin(s, &t, 4 * WEB_IDLE_NS + i)->id);
	assert_null(web_session_find(s, first, 4 * WEB_IDLE_NS + 100));
	assert_non_null(web_session_find(s, id, 4 * WEB_IDLE_NS + 100));
	/* And none lasts longer than its token. */
	web_sessions_check(s, &none);
	assert_null(web_session_find(s, id, 4 * WEB_IDLE_NS + 101));
	free(s);
}

static void
who_guesses_has_to_wait(void **state)
{
	struct web_tries t = { 0 };

	(void)state;
	for (unsigned i = 0; i < WEB_TRIES; i++) {
		assert_true(web_may_try(&t, 7, i));
		web_tried(&t, 7, i);
	}
	assert_false(web_may_try(&t, 7, 100));
	assert_true(web_may_try(&t, 8, 100));
	assert_true(web_may_try(&t, 7, MINUTE));
	/* Many addresses are no way round. */
	for (unsigned i = 0; i < WEB_TRIES_ALL; i++)
		web_tried(&t, 1000 + i, 200);
	assert_false(web_may_try(&t, 5, 300));
	assert_true(web_may_try(&t, 5, 200 + MINUTE));
}

/* ---- answers --------------------------------------------------------------------------- */

struct desk {
	struct web_desk	 d;
	struct web_token own;
	char		 cookie[100];
	struct keep_action act;
	unsigned	 n_act;
};

static int
keep(void *arg, const struct keep_action *a, struct err *e)
{
	struct desk *d = arg;

	(void)e;
	d->act = *a;
	d->n_act++;
	return 0;
}

static struct desk *
open_desk(const char *store)
{
	struct desk *d = calloc(1, sizeof(*d));
	char token[WEB_TOKEN_SIZE];

	assert_true(web_token_new(&d->own, "anna", token));
	d->d.w = (struct web_want){ .own = &d->own, .store = store, .act = keep, .arg = d, .evidence = folder };
	(void)snprintf(d->cookie, sizeof(d->cookie), "thermowell=%s", web_session_begin(&d->d.sessions, &d->own, 1)->id);
	return d;
}

/* Status of an answer; its text is in `text`. */
static char text[65536];

static unsigned
ask(struct desk *d, const char *method, const char *uri, const char *cookie, const char *origin, const char *body)
{
	static struct web_request r;
	struct web_reply reply;
	unsigned status;

	web_reply(&d->d, &(struct web_asked){ .r = web_request_read(&r, method, uri, strlen(uri)) ? &r : NULL, .host = HOST, .origin = origin,
	    .site = "", .cookie = cookie, .authorization = "", .content_type = "application/json", .body = body, .n_body = strlen(body),
	    .now = 10 }, &reply);
	status = reply.file != NULL || reply.events ? 200 : reply.a.status;
	(void)snprintf(text, sizeof(text), "%.*s", (int)reply.a.n, reply.a.text != NULL ? reply.a.text : "");
	free(reply.a.text);
	if (reply.a.fd >= 0)
		(void)close(reply.a.fd);
	return status;
}

#define SAY "{\"verb\":\"archive\",\"object\":\"incident\",\"id\":\"1b2c\"}"

static void
nobody_gets_in_without_a_token(void **state)
{
	struct desk *d = open_desk("/nonexistent/plant.db");

	(void)state;
	assert_int_equal(ask(d, "GET", "/", "", "", ""), 200);
	assert_int_equal(ask(d, "GET", "/api/me", "", "", ""), 401);
	assert_int_equal(ask(d, "GET", "/events", "", "", ""), 401);
	assert_int_equal(ask(d, "GET", "/api/me", "thermowell=0", "", ""), 401);
	assert_int_equal(ask(d, "GET", "/api/me", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"anna\""));
	assert_int_equal(ask(d, "GET", "/api/alerts", d->cookie, "", ""), 503);
	assert_int_equal(ask(d, "GET", "/api/none", d->cookie, "", ""), 404);
	assert_int_equal(ask(d, "GET", "/none", d->cookie, "", ""), 404);
	assert_int_equal(ask(d, "PUT", "/say", d->cookie, ORIGIN, SAY), 405);
	assert_int_equal(ask(d, "GET", "/%2e%2e/x", d->cookie, "", ""), 400);
	for (unsigned i = 0; i < WEB_TRIES; i++)
		assert_int_equal(ask(d, "POST", "/login", "", ORIGIN, "{\"token\":\"tw-1\"}"), 401);
	assert_int_equal(ask(d, "POST", "/login", "", ORIGIN, "{\"token\":\"tw-1\"}"), 429);
	free(d);
}

static void
words_come_from_a_page_of_ours(void **state)
{
	struct desk *d = open_desk("/nonexistent/plant.db");

	(void)state;
	assert_int_equal(ask(d, "POST", "/say", d->cookie, "http://evil.example", SAY), 403);
	assert_int_equal(ask(d, "POST", "/say", d->cookie, "", SAY), 403);
	assert_int_equal(ask(d, "POST", "/say", "", ORIGIN, SAY), 401);
	assert_int_equal(d->n_act, 0);
	assert_int_equal(ask(d, "POST", "/say", d->cookie, ORIGIN, SAY), 200);
	assert_int_equal(d->n_act, 1);
	assert_string_equal(d->act.who, "anna");
	assert_int_equal(ask(d, "POST", "/say", d->cookie, ORIGIN, "{}"), 400);
	assert_int_equal(ask(d, "POST", "/logout", d->cookie, ORIGIN, "{}"), 200);
	assert_int_equal(ask(d, "POST", "/say", d->cookie, ORIGIN, SAY), 401);
	assert_int_equal(d->n_act, 1);
	free(d);
}

static struct keep_alert
an_alert(unsigned i)
{
	struct keep_alert a = { .id = i, .type = "s7.cpu.stop", .sid = 5000101, .gid = 500, .severity = 1, .count = 2,
		.first_ns = i * 1000000u, .last_ns = i * 1000000u + 5000 };

	(void)snprintf(a.uid, sizeof(a.uid), "%032u", i);
	(void)snprintf(a.sentence, sizeof(a.sentence), i == 3 ? "<script>alert(1)</script>\xff" : "PLC %u was stopped", i);
	if (i == 4)
		(void)snprintf(a.evidence, sizeof(a.evidence), "../secret");
	if (i == 5)
		(void)snprintf(a.evidence, sizeof(a.evidence), "a5.pcap");
	return a;
}

static void
lists_are_pages(void **state)
{
	char path[128];
	struct store_settings s = { .file = path, .queue_kib = 4096 };
	struct baseline_settings b = { 0 };
	struct counters *c = calloc(1, sizeof(*c));
	struct store_want w = { .store = &s, .baseline = &b, .counters = c };
	struct err e = { 0 };
	struct store *store;
	struct desk *d;
	int fd;

	(void)state;
	(void)snprintf(path, sizeof(path), "%s/plant.db", folder);
	store = store_open(&w, &e);
	assert_non_null(store);
	assert_true(store_start(store, &e));
	for (unsigned i = 1; i <= 10; i++) {
		struct keep_alert a = an_alert(i);

		assert_true(keep_put(store_keep(store), KEEP_ALERT, &a, sizeof(a)));
	}
	assert_int_equal(store_close(store), 0);
	d = open_desk(path);
	assert_int_equal(ask(d, "GET", "/api/alerts?limit=2&offset=1", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "PLC 9 was"));
	assert_non_null(strstr(text, "PLC 8 was"));
	assert_null(strstr(text, "PLC 10 was"));
	assert_null(strstr(text, "PLC 7 was"));
	assert_non_null(strstr(text, "\"more\":true"));
	assert_non_null(strstr(text, "\"effect\":"));
	assert_int_equal(ask(d, "GET", "/api/alerts?q=PLC+10", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"more\":false"));
	assert_int_equal(ask(d, "GET", "/api/alerts?q=script", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\\\\xff"));
	/* A word is itself, in either case, and no pattern. */
	assert_int_equal(ask(d, "GET", "/api/alerts?q=plc+10", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "PLC 10 was"));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(ask(d, "GET", (const char *const[]){ "/api/alerts?q=%25", "/api/alerts?q=PLC_10", "/api/alerts?q=PLC+10%5C" }[i], d->cookie, "", ""), 200);
		assert_non_null(strstr(text, "\"rows\":[]"));
	}
	assert_int_equal(ask(d, "GET", "/api/alerts?incident=none", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"rows\":[]"));
	assert_int_equal(ask(d, "GET", "/api/alerts?said=no-such-verb&limit=1", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"more\":true"));
	assert_int_equal(ask(d, "GET", "/api/alerts?uid=' OR 1=1 --", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"rows\":[]"));
	assert_int_equal(ask(d, "GET", "/api/rules", d->cookie, "", ""), 200);
	assert_non_null(strstr(text, "\"alerts\":10,\"hits\":20"));
	/* Nobody talked to anybody. */
	assert_int_equal(ask(d, "GET", "/api/map", d->cookie, "", ""), 204);
	/* Of evidence nothing but a file of its folder. */
	assert_int_equal(ask(d, "GET", "/api/capture?alert=00000000000000000000000000000004", d->cookie, "", ""), 404);
	assert_int_equal(ask(d, "GET", "/api/capture?alert=00000000000000000000000000000005", d->cookie, "", ""), 404);
	fd = open(file("a5.pcap"), O_CREAT | O_WRONLY, 0600);
	assert_int_equal(write(fd, "x", 1), 1);
	(void)close(fd);
	assert_int_equal(ask(d, "GET", "/api/capture?alert=00000000000000000000000000000005", d->cookie, "", ""), 200);
	free(d);
	free(c);
}

static void
settings_that_are_unsafe_are_refused(void **state)
{
	static const struct { struct web_want w; const char *why; } bad[] = {
		{ { .listen = "0.0.0.0:8642", .tokens = "t", .store = "d" }, "no loopback" },
		{ { .listen = "127.0.0.1", .tokens = "t", .store = "d" }, "no address with a port" },
		{ { .listen = HOST, .store = "d" }, "nobody could log in" },
		{ { .listen = HOST, .tokens = "t" }, "nothing to show" },
		{ { .listen = HOST, .tokens = "t", .store = "d", .key = "k" }, "belong together" } };
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < COUNTOF(bad); i++) {
		web_check(&bad[i].w, &e);
		assert_true(e.n >= 1);
		assert_non_null(strstr(e.first->text, bad[i].why));
		err_free(&e);
	}
#ifdef HAVE_MICROHTTPD
	web_check(&(struct web_want){ .listen = "[::1]:8642", .tokens = "t", .store = "d" }, &e);
	web_check(&(struct web_want){ .listen = "10.0.0.1:8642", .tokens = "t", .store = "d", .key = "k", .certificate = "c" }, &e);
	assert_int_equal(e.n, 0);
#endif
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_target_is_taken_apart), cmocka_unit_test(what_is_no_target_is_refused), cmocka_unit_test(names_of_others_are_not_ours),
		cmocka_unit_test(a_cookie_is_found), cmocka_unit_test(only_what_may_be_said_is), cmocka_unit_test(tokens_are_kept_as_hashes),
		cmocka_unit_test(sessions_end), cmocka_unit_test(who_guesses_has_to_wait), cmocka_unit_test(nobody_gets_in_without_a_token),
		cmocka_unit_test(words_come_from_a_page_of_ours), cmocka_unit_test(lists_are_pages), cmocka_unit_test(settings_that_are_unsafe_are_refused),
	};
	int failed;

	(void)snprintf(folder, sizeof(folder), "test_web.XXXXXX");
	if (mkdtemp(folder) == NULL)
		return 99;
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	for (size_t i = 0; i < 4; i++)
		(void)unlink(file((const char *const[]){ "plant.db", "plant.db-wal", "plant.db-shm", "a5.pcap" }[i]));
	(void)rmdir(folder);
	return failed;
}
