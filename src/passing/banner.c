/* banner.c - the line with which servers of SSH (RFC 4253, 4.2) and FTP (RFC 959, 5.4) greet. */
#include "passing/parsers.h"

#define GREETING_MAX 255u

/* The first line without its end, behind `skip` bytes; false: it is not whole. */
static bool
first_line(struct cursor c, size_t skip, const uint8_t **p, size_t *n)
{
	size_t left;
	const uint8_t *end;

	cur_skip(&c, skip);
	left = cur_left(&c) < GREETING_MAX ? cur_left(&c) : GREETING_MAX;
	end = cur_ok(&c) && left > 0 ? memchr(c.p, '\n', left) : NULL;
	if (end == NULL)
		return false;
	*p = c.p;
	*n = (size_t)(end - c.p);
	return true;
}

static enum passing_result
greeting(const struct passing_ctx *x, struct cursor c, size_t skip)
{
	const uint8_t *p;
	size_t n;

	if (!x->from_server)
		return PASSING_DONE;
	if (first_line(c, skip, &p, &n))
		passing_name(x, &x->from, ATTR_SERVER, p, n);
	else if (!x->last && cur_left(&c) < GREETING_MAX)
		return PASSING_MORE;
	return PASSING_DONE;
}

enum passing_result
passing_ssh(const struct passing_ctx *x, struct cursor c)
{
	return greeting(x, c, 0);
}

enum passing_result
passing_ftp(const struct passing_ctx *x, struct cursor c)
{
	return greeting(x, c, 4);
}
