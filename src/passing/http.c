/* http.c - heads of HTTP/1 messages, RFC 9112, and the title of a page.
 *
 * A first line, then fields "Name: value", each ended by CR LF (or LF), then an empty line.
 */
#include "passing/parsers.h"

#include <strings.h>

struct text { const uint8_t *p; size_t n; };

/* The next line without its end; false: there is none that has one. */
static bool
next_line(struct cursor *c, struct text *line)
{
	size_t left = cur_left(c);
	const uint8_t *end = left > 0 ? memchr(c->p, '\n', left) : NULL;

	if (end == NULL)
		return false;
	line->p = c->p;
	line->n = (size_t)(end - c->p);
	cur_skip(c, line->n + 1);
	if (line->n > 0 && line->p[line->n - 1] == '\r')
		line->n--;
	return true;
}

/* Is it a field of this name?  Then its value. */
static bool
field(struct text line, const char *name, struct text *value)
{
	size_t n = strlen(name);

	if (line.n <= n || line.p[n] != ':' || strncasecmp((const char *)line.p, name, n) != 0)
		return false;
	value->p = line.p + n + 1;
	value->n = line.n - n - 1;
	while (value->n > 0 && (value->p[0] == ' ' || value->p[0] == '\t')) {
		value->p++;
		value->n--;
	}
	return true;
}

/* Where a word stands in a text, in upper or lower case; NULL: nowhere. */
static const uint8_t *
find(struct text in, const char *word)
{
	size_t n = strlen(word);

	for (size_t i = 0; i + n <= in.n; i++)
		if (strncasecmp((const char *)in.p + i, word, n) == 0)
			return in.p + i;
	return NULL;
}

/* realm="...", RFC 9110, 11.5. */
static void
realm(const struct passing_ctx *x, struct text value)
{
	const uint8_t *p = find(value, "realm=\""), *end;
	size_t n;

	if (p == NULL)
		return;
	p += 7;
	n = value.n - (size_t)(p - value.p);
	end = memchr(p, '"', n);
	if (end != NULL)
		passing_name(x, &x->from, ATTR_HTTP_REALM, p, (size_t)(end - p));
}

/* What stands between <title ...> and </title>; false: its end is still to come. */
static bool
title(struct cursor c, struct text *t)
{
	struct text body = { c.p, cur_left(&c) };
	const uint8_t *p = find(body, "<title"), *end;

	*t = (struct text){ NULL, 0 };
	if (p == NULL)
		return find(body, "<body") != NULL;
	body.n -= (size_t)(p - body.p);
	body.p = p;
	p = memchr(body.p, '>', body.n);
	end = find(body, "</title");
	if (p == NULL || end == NULL)
		return false;
	if (end > p)
		*t = (struct text){ p + 1, (size_t)(end - p) - 1 };
	return true;
}

struct answer {
	struct text	server, realm, title;
	bool		html, packed, whole;
};

static void
read_answer(struct answer *a, struct cursor c)
{
	struct text line, value;

	while (next_line(&c, &line)) {
		if (line.n == 0) {
			/* Only pages have titles, and only those that are sent as they are. */
			a->whole = !a->html || a->packed || title(c, &a->title);
			return;
		}
		if (field(line, "Server", &value))
			a->server = value;
		else if (field(line, "WWW-Authenticate", &value))
			a->realm = value;
		else if (field(line, "Content-Type", &value))
			a->html = find(value, "text/html") != NULL;
		else if (field(line, "Content-Encoding", &value))
			a->packed = true;
	}
}

enum passing_result
passing_http_answer(const struct passing_ctx *x, struct cursor c)
{
	struct answer a = { .html = false };

	if (!x->from_server)	/* a push to who asked, as UPnP has it */
		return PASSING_DONE;
	read_answer(&a, c);
	if (!a.whole && !x->last)
		return PASSING_MORE;
	passing_name(x, &x->from, ATTR_SERVER, a.server.p, a.server.n);
	realm(x, a.realm);
	passing_text(x, &x->from, ATTR_HTTP_TITLE, a.title.p, a.title.n);
	return PASSING_DONE;
}

/* UPnP's announcements and answers to searches, UPnP Device Architecture, 1.2 and 1.3: HTTP over UDP.  SERVER is
 * system, UPnP's version and product. */
enum passing_result
passing_ssdp(const struct passing_ctx *x, struct cursor c)
{
	struct text line, value;

	if (!next_line(&c, &line) || (find(line, "NOTIFY ") != line.p && find(line, "HTTP/1.") != line.p))
		return PASSING_DONE;
	while (next_line(&c, &line) && line.n > 0)
		if (field(line, "SERVER", &value))
			passing_name(x, &x->from, ATTR_SERVER, value.p, value.n);
	return PASSING_DONE;
}

/* By what name a server was asked for: no address, and without the port. */
static void
asked_for(const struct passing_ctx *x, struct text value)
{
	const uint8_t *port;
	bool letters = false;

	if (value.n == 0 || value.p[0] == '[')
		return;
	port = memchr(value.p, ':', value.n);
	if (port != NULL)
		value.n = (size_t)(port - value.p);
	for (size_t i = 0; i < value.n; i++)
		letters = letters || !((value.p[i] >= '0' && value.p[i] <= '9') || value.p[i] == '.');
	if (letters)
		passing_name(x, &x->to, memchr(value.p, '.', value.n) != NULL ? ATTR_FQDN : ATTR_HOSTNAME, value.p, value.n);
}

/* Browsers all call themselves Mozilla, and say on which system; other programs say who they are (RFC 9110, 10.1.5). */
static void
agent(const struct passing_ctx *x, struct text value)
{
	static const char mozilla[] = "Mozilla/", windows[] = "Windows NT ";
	const uint8_t *system, *end;
	size_t n;

	if (find(value, mozilla) != value.p) {
		end = memchr(value.p, ' ', value.n);
		passing_name(x, &x->from, ATTR_SOFTWARE, value.p, end != NULL ? (size_t)(end - value.p) : value.n);
		return;
	}
	system = find(value, windows);
	if (system == NULL)
		return;
	n = sizeof(windows) - 1;
	while (system + n < value.p + value.n && ((system[n] >= '0' && system[n] <= '9') || system[n] == '.'))
		n++;
	passing_name(x, &x->from, ATTR_SYSTEM, system, n);
}

enum passing_result
passing_http_request(const struct passing_ctx *x, struct cursor c)
{
	struct text line, value;

	while (next_line(&c, &line) && line.n > 0)
		if (field(line, "Host", &value))
			asked_for(x, value);
		else if (field(line, "User-Agent", &value) && value.n > 0)
			agent(x, value);
	return PASSING_DONE;
}
