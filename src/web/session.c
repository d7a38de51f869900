#include "web/session.h"

#include <string.h>

#include "web/listen.h"

#define MINUTE	(UINT64_C(60) * 1000000000)

static bool
is_over(const struct web_session *s, uint64_t now)
{
	return s->id[0] == '\0' || now - s->used_ns > WEB_IDLE_NS || now - s->begun_ns > WEB_LIFE_NS;
}

struct web_session *
web_session_begin(struct web_sessions *s, const struct web_token *t, uint64_t now)
{
	struct web_session *x = &s->of[0];

	for (unsigned i = 0; i < WEB_SESSIONS && !is_over(x, now); i++)
		if (is_over(&s->of[i], now) || s->of[i].used_ns < x->used_ns)
			x = &s->of[i];
	*x = (struct web_session){ .token = *t, .begun_ns = now, .used_ns = now };
	if (web_random(x->id, (WEB_SESSION_ID - 1) / 2))
		return x;
	x->id[0] = '\0';
	return NULL;
}

struct web_session *
web_session_find(struct web_sessions *s, const char *id, uint64_t now)
{
	struct web_session *found = NULL;

	for (unsigned i = 0; i < WEB_SESSIONS; i++)
		if (web_is_same(id, s->of[i].id) && !is_over(&s->of[i], now))
			found = &s->of[i];
	if (found != NULL)
		found->used_ns = now;
	return found;
}

void
web_session_end(struct web_session *s)
{
	explicit_bzero(s, sizeof(*s));
}

void
web_sessions_check(struct web_sessions *s, const struct web_tokens *t)
{
	for (unsigned i = 0; i < WEB_SESSIONS; i++) {
		bool has = false;

		for (unsigned k = 0; k < t->n; k++)
			has |= strcmp(t->of[k].hash, s->of[i].token.hash) == 0;
		if (!has)
			web_session_end(&s->of[i]);
	}
}

bool
web_may_try(const struct web_tries *t, uint64_t who, uint64_t now)
{
	for (unsigned i = 0; i < WEB_TRIERS; i++)
		if (t->of[i].n >= WEB_TRIES && t->of[i].who == who && now - t->of[i].since_ns < MINUTE)
			return false;
	return t->of[WEB_TRIERS].n < WEB_TRIES_ALL || now - t->of[WEB_TRIERS].since_ns >= MINUTE;
}

static void
count(struct web_tries *t, unsigned i, uint64_t who, uint64_t now)
{
	if (t->of[i].n == 0 || t->of[i].who != who || now - t->of[i].since_ns >= MINUTE) {
		t->of[i].who = who;
		t->of[i].since_ns = now;
		t->of[i].n = 0;
	}
	t->of[i].n++;
}

void
web_tried(struct web_tries *t, uint64_t who, uint64_t now)
{
	unsigned at = 0;

	for (unsigned i = 0; i < WEB_TRIERS; i++) {
		if (t->of[i].n > 0 && t->of[i].who == who) {
			at = i;
			break;
		}
		if (t->of[i].n == 0 || (t->of[at].n > 0 && t->of[i].since_ns < t->of[at].since_ns))
			at = i;
	}
	count(t, at, who, now);
	count(t, WEB_TRIERS, 0, now);
}
