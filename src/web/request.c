#include "web/request.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/json.h"
#include "base/str.h"

/* ---- the target -------------------------------------------------------------------- */

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* n bytes with %XX (and, in arguments, '+') into a text of its own; what it may not hold: NUL, other control bytes, no
 * UTF-8.  Returns its length with its NUL; 0: it is not good.  `to` has n + 1 bytes. */
static size_t
decode(const char *p, size_t n, bool plus, char *to)
{
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		int high = p[i] == '%' && n - i > 2 ? hex(p[i + 1]) : -1, low = high >= 0 ? hex(p[i + 2]) : -1;

		if (p[i] == '%' && low < 0)
			return 0;
		to[k] = p[i] == '%' ? (char)(high * 16 + low) : p[i] == '+' && plus ? ' ' : p[i];
		if ((unsigned char)to[k] < ' ' || to[k] == 127)
			return 0;
		i += p[i] == '%' ? 2 : 0;
		k++;
	}
	to[k] = '\0';
	return utf8_valid((const uint8_t *)to, k) ? k + 1 : 0;
}

static bool
read_args(struct web_request *r, const char *p, size_t n)
{
	size_t at = 0;

	while (n > 0) {
		const char *end = memchr(p, '&', n), *is;
		size_t len = end != NULL ? (size_t)(end - p) : n, name, value;

		is = memchr(p, '=', len);
		name = is != NULL ? (size_t)(is - p) : len;
		if (len > 0 && r->n_args == WEB_ARGS)
			return false;
		if (len > 0) {
			/* Decoded it is no longer than it was, and its NULs take the places of '=' and '&'. */
			r->args[r->n_args].name = r->text + at;
			at += name = decode(p, name, true, r->text + at);
			r->args[r->n_args].value = r->text + at - (is == NULL);
			value = is != NULL ? decode(is + 1, len - (size_t)(is - p) - 1, true, r->text + at) : 1;
			at += is != NULL ? value : 0;
			if (name == 0 || value == 0)
				return false;
			r->n_args++;
		}
		p += len + (end != NULL);
		n -= len + (end != NULL);
	}
	return true;
}

bool
web_request_read(struct web_request *r, const char *method, const char *uri, size_t n)
{
	const char *query = memchr(uri, '?', n);
	size_t path = query != NULL ? (size_t)(query - uri) : n;

	r->n_args = 0;
	r->method = strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0 ? WEB_GET : strcmp(method, "POST") == 0 ? WEB_POST : WEB_OTHER;
	if (n == 0 || n > WEB_URI_MAX - 3 || uri[0] != '/' || decode(uri, path, false, r->path) == 0 ||
	    strstr(r->path, "..") != NULL || strstr(r->path, "//") != NULL || strchr(r->path, '\\') != NULL)
		return false;
	return query == NULL || read_args(r, query + 1, n - path - 1);
}

const char *
web_arg(const struct web_request *r, const char *name)
{
	for (unsigned i = 0; i < r->n_args; i++)
		if (strcmp(r->args[i].name, name) == 0)
			return r->args[i].value[0] != '\0' ? r->args[i].value : NULL;
	return NULL;
}

uint64_t
web_arg_number(const struct web_request *r, const char *name, uint64_t most, uint64_t otherwise)
{
	const char *text = web_arg(r, name);
	size_t n = text != NULL ? strlen(text) : 0;
	uint64_t v;

	if (n == 0 || n > 19 || strspn(text, "0123456789") != n)
		return otherwise;
	v = strtoull(text, NULL, 10);
	return v < most ? v : most;
}

/* ---- headers ----------------------------------------------------------------------- */

bool
web_host_is_ours(const char *host, const char *names)
{
	char name[256];
	uint8_t bytes[16];
	size_t n = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":"), len;
	const char *word;

	if (n == 0 || n >= sizeof(name) || n > strlen(host))
		return false;
	/* Behind it nothing, or a port. */
	if (host[n] != '\0' && (host[n] != ':' || host[n + 1] == '\0' || strspn(host + n + 1, "0123456789") != strlen(host + n + 1)))
		return false;
	if (host[0] == '[') {
		memcpy(name, host + 1, n - 2);
		name[n - 2] = '\0';
		return inet_pton(AF_INET6, name, bytes) == 1;
	}
	memcpy(name, host, n);
	name[n] = '\0';
	if (strcasecmp(name, "localhost") == 0 || inet_pton(AF_INET, name, bytes) == 1)
		return true;
	while ((len = str_next(&names, &word)) > 0) {
		const size_t blanks = strspn(word, " ");

		if (len == blanks + n && strncasecmp(word + blanks, name, n) == 0)
			return true;
	}
	return false;
}

bool
web_origin_is_ours(const char *origin, bool tls, const char *host)
{
	const char *scheme = tls ? "https://" : "http://";

	return strncmp(origin, scheme, strlen(scheme)) == 0 && strcasecmp(origin + strlen(scheme), host) == 0;
}

bool
web_cookie(const char *header, const char *name, char *to, size_t size)
{
	size_t n = strlen(name);

	while (*header != '\0') {
		size_t len;

		header += strspn(header, "; ");
		len = strcspn(header, ";");
		if (len > n && strncmp(header, name, n) == 0 && header[n] == '=') {
			if (len - n - 1 >= size)
				return false;
			memcpy(to, header + n + 1, len - n - 1);
			to[len - n - 1] = '\0';
			return true;
		}
		header += len;
	}
	return false;
}

/* ---- what is posted ------------------------------------------------------------------ */

/* Which verbs of whom. */
static bool
is_allowed(const char *verb, const char *object, bool *needs_text)
{
#define VERB(ID, verb_, cell, by, is_time, undo_, done) { verb_, undo_, is_time },
	static const struct { const char *verb, *undo; bool is_time; } verbs[] = {
#include "record/verbs.def"
	};
#undef VERB
	const bool asset = strcmp(object, "asset") == 0;

	*needs_text = false;
	if (strcmp(object, "baseline") == 0)
		return strcmp(verb, "accept") == 0 || strcmp(verb, "reject") == 0;
	if (strcmp(object, "alert") != 0 && strcmp(object, "incident") != 0 && !asset)
		return false;
	for (size_t i = 0; i < COUNTOF(verbs); i++)
		if (strcmp(verbs[i].verb, verb) == 0 || (verbs[i].undo[0] != '\0' && strcmp(verbs[i].undo, verb) == 0)) {
			*needs_text = !verbs[i].is_time;
			/* A device is named and commented on; it is not dealt with. */
			return !asset || !verbs[i].is_time;
		}
	return false;
}

/* Control characters and direction marks would make a listing lie. */
static bool
is_plain(const char *p)
{
	for (; *p != '\0'; p++) {
		const unsigned char *u = (const unsigned char *)p;

		if (u[0] < ' ' || u[0] == 127 || (u[0] == 0xc2 && u[1] < 0xa0) || (u[0] == 0xe2 && u[1] == 0x80 && ((u[2] >= 0x8e && u[2] <= 0x8f) ||
		    (u[2] >= 0xa8 && u[2] <= 0xae))) || (u[0] == 0xe2 && u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9))
			return false;
	}
	return true;
}

const char *
web_action_read(const char *body, size_t n, struct keep_action *a)
{
	const struct { const char *name; char *to; size_t size; bool needed; } parts[] = {
		{ "verb", a->verb, sizeof(a->verb), true }, { "object", a->object, sizeof(a->object), true },
		{ "id", a->id, sizeof(a->id), true }, { "text", a->text, sizeof(a->text), false } };
	json_t *j = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	const char *why = json_is_object(j) ? NULL : "this is no object of JSON";
	bool needs_text;

	memset(a, 0, sizeof(*a));
	for (size_t i = 0; why == NULL && i < COUNTOF(parts); i++) {
		const json_t *part = json_object_get(j, parts[i].name);
		size_t len = json_is_string(part) ? json_string_length(part) : 0;

		if ((part != NULL && !json_is_string(part)) || (len == 0 && parts[i].needed))
			why = "verb, object, id and text are texts, and only the last may be empty";
		else if (len >= parts[i].size)
			why = "this text is too long";
		else if (len > 0 && !is_plain(json_string_value(part)))
			why = "this text has characters that nobody sees";
		else if (len > 0)
			memcpy(parts[i].to, json_string_value(part), len);
	}
	json_decref(j);
	if (why == NULL && !is_allowed(a->verb, a->object, &needs_text))
		why = "that cannot be said of it";
	else if (why == NULL && needs_text && a->text[0] == '\0')
		why = "a label and a note need a text";
	return why;
}

bool
web_token_read(const char *body, size_t n, char *to, size_t size)
{
	json_t *j = json_loadb(body, n, JSON_REJECT_DUPLICATES, NULL);
	const json_t *token = json_object_get(j, "token");
	size_t len = json_is_string(token) ? json_string_length(token) : 0;
	bool good = len > 0 && len < size;

	if (good)
		memcpy(to, json_string_value(token), len + 1);
	json_decref(j);
	return good;
}
