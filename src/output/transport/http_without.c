/* http_without.c - http.h of a build without libcurl: whoever asks for it is told so at start. */
#include "output/transport/http.h"

#ifndef HAVE_CURL

struct http *
http_open(const struct transport_settings *s, const char *schemes, struct err *e)
{
	(void)schemes;
	err_add(e, NULL, 0, 0, "outputs.sinks: %s: this thermowell was built without libcurl (configure --without-curl)", s->name);
	return NULL;
}

void
http_close(struct http *h)
{
	(void)h;
}

const char *
http_secret(const struct http *h)
{
	(void)h;
	return "";
}

bool
http_reread(struct http *h, char *why, size_t why_size)
{
	(void)h;
	(void)why;
	(void)why_size;
	return true;
}

bool
http_begin(struct http *h, const struct http_request *r)
{
	(void)h;
	(void)r;
	return false;
}

bool
http_begin_mail(struct http *h, const struct http_mail *m)
{
	(void)h;
	(void)m;
	return false;
}

enum http_state
http_work(struct http *h)
{
	(void)h;
	return HTTP_IDLE;
}

const struct http_answer *
http_answer(const struct http *h)
{
	static const struct http_answer none;

	(void)h;
	return &none;
}

const char *
http_why(const struct http *h)
{
	(void)h;
	return "";
}

uint64_t
http_until(const struct http *h)
{
	(void)h;
	return 0;
}

uint64_t
http_connections(const struct http *h)
{
	(void)h;
	return 0;
}

unsigned
http_fds(struct http *h, struct pollfd *to, unsigned most)
{
	(void)h;
	(void)to;
	(void)most;
	return 0;
}

uint64_t
http_due(const struct http *h)
{
	(void)h;
	return UINT64_MAX;
}

#endif
