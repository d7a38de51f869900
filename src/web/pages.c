/* pages.c - who may ask, and for what: everything about a request that is no matter of libmicrohttpd. */
#include "web/server_parts.h"

#include <stdio.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "web/listen.h"
#include "web/static.h"

#define COOKIE	"thermowell"

bool
web_desk_tokens(struct web_desk *d, struct err *e)
{
	const bool named = d->w.tokens != NULL && d->w.tokens[0] != '\0';
	bool good = true;

	d->tokens.n = 0;
	if (named && !web_tokens_read(d->w.tokens, &d->tokens, e)) {
		d->tokens.n = 0;
		good = false;
	}
	if (d->w.own != NULL && d->tokens.n < WEB_TOKENS)
		d->tokens.of[d->tokens.n++] = *d->w.own;
	web_sessions_check(&d->sessions, &d->tokens);
	return good;
}

/* Whose token it is; NULL with the answer: nobody's. */
static const struct web_token *
token_of(struct web_desk *d, const struct web_asked *q, const char *token, struct web_answer *a)
{
	const struct web_token *t;
	struct err e = { 0 };

	if (!web_may_try(&d->tries, q->from, q->now)) {
		web_answer_error(a, 429, "too many wrong tokens: wait a minute");
		return NULL;
	}
	if (!web_desk_tokens(d, &e))
		log_error("console", "%s", e.first->text);
	err_free(&e);
	t = web_tokens_find(&d->tokens, token);
	if (t == NULL) {
		web_tried(&d->tries, q->from, q->now);
		log_warn("console", "a wrong token was given");
		web_answer_error(a, 401, "this token is wrong");
	}
	return t;
}

static struct web_session *
session_of(struct web_desk *d, const struct web_asked *q)
{
	char id[WEB_SESSION_ID];

	return web_cookie(q->cookie, COOKIE, id, sizeof(id)) ? web_session_find(&d->sessions, id, q->now) : NULL;
}

/* Who asks: by a session, or by a token in the header.  NULL with the answer: nobody we know. */
static const struct web_token *
who_asks(struct web_desk *d, const struct web_asked *q, struct web_answer *a)
{
	static const char bearer[] = "Bearer ";
	struct web_session *s = session_of(d, q);

	if (s != NULL)
		return &s->token;
	if (strncmp(q->authorization, bearer, sizeof(bearer) - 1) == 0)
		return token_of(d, q, q->authorization + sizeof(bearer) - 1, a);
	web_answer_error(a, 401, "log in first");
	return NULL;
}

static void
log_in(struct web_desk *d, const struct web_asked *q, struct web_reply *to)
{
	char token[WEB_TOKEN_SIZE];
	const struct web_token *t;
	struct web_session *s;

	if (!web_may_try(&d->tries, q->from, q->now)) {
		web_answer_error(&to->a, 429, "too many wrong tokens: wait a minute");
		return;
	}
	if (!web_token_read(q->body, q->n_body, token, sizeof(token))) {
		web_tried(&d->tries, q->from, q->now);
		web_answer_error(&to->a, 401, "this token is wrong");
		return;
	}
	t = token_of(d, q, token, &to->a);
	explicit_bzero(token, sizeof(token));
	if (t == NULL)
		return;
	s = web_session_begin(&d->sessions, t, q->now);
	if (s == NULL) {
		web_answer_error(&to->a, 500, "the system has no random numbers");
		return;
	}
	(void)snprintf(to->cookie, sizeof(to->cookie), COOKIE "=%s; Path=/; HttpOnly; SameSite=Strict%s", s->id, q->tls ? "; Secure" : "");
	log_note("console", "%s logged in", t->name);
	web_answer_json(&to->a, 200, json_pack("{s:s}", "name", t->name));
}

static void
log_out(struct web_desk *d, const struct web_asked *q, struct web_reply *to)
{
	struct web_session *s = session_of(d, q);

	if (s != NULL)
		web_session_end(s);
	(void)snprintf(to->cookie, sizeof(to->cookie), COOKIE "=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0");
	web_answer_json(&to->a, 200, json_object());
}

/* What an operator says: kept, and logged with who said it. */
static void
act_on(struct web_desk *d, const struct web_asked *q, struct web_reply *to)
{
	const struct web_token *t = who_asks(d, q, &to->a);
	struct err e = { 0 };
	struct keep_action act;
	const char *why;

	if (t == NULL)
		return;
	why = web_action_read(q->body, q->n_body, &act);
	if (why != NULL) {
		web_answer_error(&to->a, 400, why);
		return;
	}
	(void)snprintf(act.who, sizeof(act.who), "%s", t->name);
	if (d->w.act == NULL || d->w.act(d->w.arg, &act, &e) != 0) {
		web_answer_error(&to->a, 409, e.first != NULL ? e.first->text : "nobody can keep this");
		log_warn("console", "%s: %s %s %.64s: was refused", act.who, act.verb, act.object, act.id);
	} else {
		web_answer_json(&to->a, 200, json_pack("{s:s}", "who", act.who));
		log_note("console", "%s: %s %s %.64s", act.who, act.verb, act.object, act.id);
	}
	err_free(&e);
}

/* ---- by method and path ---------------------------------------------------------------- */

/* A browser sends a form of another site, but not with this type, and says whose page it is. */
static bool
is_from_our_page(const struct web_asked *q)
{
	if (strncmp(q->content_type, "application/json", 16) != 0)
		return false;
	if (q->origin[0] != '\0')
		return web_origin_is_ours(q->origin, q->tls, q->host) && (q->site[0] == '\0' || strcmp(q->site, "same-origin") == 0);
	/* Every browser says it; a program has to have the token itself. */
	return q->cookie[0] == '\0' && q->authorization[0] != '\0';
}

static void
reply_get(struct web_desk *d, const struct web_asked *q, struct web_reply *to)
{
	const char *name = strcmp(q->r->path, "/") == 0 ? "index.html" : q->r->path + 1;
	const struct web_token *t;

	for (const struct web_file *f = web_files; f->name != NULL; f++)
		if (strcmp(f->name, name) == 0) {
			to->file = f;
			return;
		}
	if (strcmp(q->r->path, "/events") != 0 && strncmp(q->r->path, "/api/", 5) != 0) {
		web_answer_error(&to->a, 404, "there is no such page");
		return;
	}
	/* Another page may not even open a stream. */
	if (q->site[0] != '\0' && strcmp(q->site, "same-origin") != 0 && strcmp(q->site, "none") != 0) {
		web_answer_error(&to->a, 403, "this is not for pages of others");
		return;
	}
	t = who_asks(d, q, &to->a);
	if (t == NULL)
		return;
	if (strcmp(q->r->path, "/events") == 0)
		to->events = true;
	else
		web_answer(&d->w, q->r, t->name, &to->a);
}

void
web_reply(struct web_desk *d, const struct web_asked *q, struct web_reply *to)
{
	*to = (struct web_reply){ .a = { .fd = -1 } };
	if (q->r == NULL)
		web_answer_error(&to->a, 400, "this request cannot be read");
	else if (!web_host_is_ours(q->host, d->w.names))
		web_answer_error(&to->a, 421, "this name is not ours: ask by address, or set console.names");
	else if (q->r->method == WEB_GET)
		reply_get(d, q, to);
	else if (q->r->method == WEB_OTHER)
		web_answer_error(&to->a, 405, "GET and POST alone");
	else if (q->n_body > WEB_BODY_MAX)
		web_answer_error(&to->a, 413, "that is too long");
	else if (!is_from_our_page(q))
		web_answer_error(&to->a, 403, "this is not from a page of ours");
	else if (strcmp(q->r->path, "/login") == 0)
		log_in(d, q, to);
	else if (strcmp(q->r->path, "/logout") == 0)
		log_out(d, q, to);
	else if (strcmp(q->r->path, "/say") == 0)
		act_on(d, q, to);
	else
		web_answer_error(&to->a, 404, "there is no such page");
}
