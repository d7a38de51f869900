/* fuzz_web.c - requests to the console: all that is read of one, and the answer, whatever bytes come.
 *
 * Lines, divided by newlines: method, target, Host, Origin, Cookie, Authorization, Content-Type; the rest is the body.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/server_parts.h"

#define HEADERS	7u

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* Nobody gets here without a token. */
static int
never(void *arg, const struct keep_action *a, struct err *e)
{
	(void)arg, (void)e;
	if (strcmp(a->who, "anna") != 0 || a->verb[0] == '\0' || a->id[sizeof(a->id) - 1] != '\0')
		abort();
	return 0;
}

static void
check_request(const struct web_request *r)
{
	if (r->path[0] != '/' || strstr(r->path, "..") != NULL || r->n_args > WEB_ARGS)
		abort();
	for (unsigned i = 0; i < r->n_args; i++)
		if (r->args[i].name < r->text || r->args[i].value + strlen(r->args[i].value) >= r->text + sizeof(r->text))
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static struct web_desk desk;
	static struct web_request request;
	struct web_token own = { .name = "anna" };
	char *text = malloc(n + 1), *at = text, *of[HEADERS] = { 0 }, token[WEB_TOKEN_SIZE];
	struct web_reply reply;
	struct keep_action act;
	const struct web_session *s;
	char cookie[96];

	if (text == NULL)
		abort();
	memcpy(text, data, n);
	text[n] = '\0';
	for (unsigned i = 0; i < HEADERS; i++) {
		char *end = strchr(at, '\n');

		of[i] = at;
		at = end != NULL ? end + 1 : at + strlen(at);
		if (end != NULL)
			*end = '\0';
	}
	memset(&desk, 0, sizeof(desk));
	memset(own.hash, 'a', sizeof(own.hash) - 1);
	desk.w = (struct web_want){ .own = &own, .store = "/nonexistent/plant.db", .act = never, .names = "plant.example" };
	/* Half of them have a session. */
	s = web_session_begin(&desk.sessions, &own, 1);
	if (s == NULL)
		abort();
	(void)snprintf(cookie, sizeof(cookie), "thermowell=%s", s->id);
	if (web_request_read(&request, of[0], of[1], strlen(of[1])))
		check_request(&request);
	else
		request.path[0] = '\0';
	web_reply(&desk, &(struct web_asked){ .r = request.path[0] != '\0' ? &request : NULL, .host = of[2], .origin = of[3], .site = "",
	    .cookie = strcmp(of[4], "me") == 0 ? cookie : of[4], .authorization = of[5], .content_type = of[6], .body = at,
	    .n_body = n - (size_t)(at - text), .now = 2 }, &reply);
	if (reply.file == NULL && !reply.events && (reply.a.status < 200 || reply.a.status > 503 || reply.a.text == NULL))
		abort();
	/* Without a session there is nothing but pages and refusals. */
	if (strcmp(of[4], "me") != 0 && reply.file == NULL && (reply.events || reply.a.status == 200) &&
	    strcmp(request.path, "/logout") != 0 && strstr(of[4], s->id) == NULL)
		abort();
	free(reply.a.text);
	if (reply.a.fd >= 0)
		(void)close(reply.a.fd);
	(void)web_action_read(at, n - (size_t)(at - text), &act);
	(void)web_token_read(at, n - (size_t)(at - text), token, sizeof(token));
	free(text);
	return 0;
}
