/* elasticsearch.c - the _bulk interface of Elasticsearch and OpenSearch.
 *
 * Each line is created under an id made of its bytes: one that is sent again is there already (409), and does not double.
 * The answer has a status for each line: what is full is tried again, what does not fit the index (400) never.
 */
#include "output/transport/transport.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/sum.h"
#include "output/transport/post.h"

#define ID_BYTES	15u	/* of SHA-256: enough for any number of lines */
#define PATH_REST	"/_bulk?filter_path=errors,items.*.status,items.*.error.type,items.*.error.reason,items.*.error.caused_by.reason"

struct elastic {
	char	path[256 + sizeof(PATH_REST)];
	char	login[4200];		/* the header of an API key */
};

/* What names of indexes may hold; ours go into a URL. */
static bool
index_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_.");

	return n > 0 && n < 256 && name[n] == '\0' && strchr("-_.", name[0]) == NULL;
}

static bool
elastic_open(struct post *p, struct err *e)
{
	struct elastic *k = calloc(1, sizeof(*k));
	const char *index = p->s.index != NULL ? p->s.index : "thermowell";

	if (k == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", p->s.name);
		return false;
	}
	p->own = k;
	if (!index_is_good(index)) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: \"%s\" is no name of an index: small letters, digits, and - _ . but not in front",
		    p->s.name, index);
		return false;
	}
	if (p->s.content_type != NULL && strcmp(p->s.content_type, "application/json") != 0) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: an index takes JSON alone: use the format eve, ecs or ocsf", p->s.name);
		return false;
	}
	(void)snprintf(k->path, sizeof(k->path), "/%s%s", index, PATH_REST);
	return true;
}

static void
elastic_close(struct post *p)
{
	struct elastic *k = p->own;

	explicit_bzero(k->login, sizeof(k->login));
	free(k);
}

static void
elastic_make(struct post *p, unsigned n, struct text *body, struct http_request *r)
{
	struct elastic *k = p->own;

	for (unsigned i = 0; i < n; i++) {
		const struct post_line *l = &p->lines[i];
		const char *line = p->text.bytes + l->at;
		uint8_t sum[SUM_SHA256];
		char id[2 * ID_BYTES + 1];

		sum_sha256((const uint8_t *)line, l->len, sum);
		for (unsigned b = 0; b < ID_BYTES; b++)
			(void)snprintf(id + 2 * b, 3, "%02x", sum[b]);
		text_printf(body, "{\"create\":{\"_id\":\"%s\"}}\n", id);
		text_put(body, line, l->len);
		text_str(body, "\n");
	}
	r->path = k->path;
	r->login = true;
	r->headers[0] = "Content-Type: application/x-ndjson";
	if (p->s.user == NULL && http_secret(p->http)[0] != '\0') {
		(void)snprintf(k->login, sizeof(k->login), "Authorization: ApiKey %s", http_secret(p->http));
		r->headers[1] = k->login;
	}
}

static void
reason_of(const json_t *item, char *to, size_t size)
{
	const json_t *error = json_object_get(item, "error"), *cause = json_object_get(error, "caused_by");
	const char *more = cause != NULL ? json_text_of(cause, "reason") : "";

	(void)snprintf(to, size, "%s: %s%s%s", error != NULL ? json_text_of(error, "type") : "no reason given",
	    error != NULL ? json_text_of(error, "reason") : "", more[0] != '\0' ? ": " : "", more);
}

static enum post_verdict
elastic_answer(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size)
{
	json_t *j = a->cut ? NULL : json_loadb(a->body, a->n, 0, NULL), *items = json_object_get(j, "items");
	unsigned later = 0;
	char reason[512];

	if (j == NULL || (json_is_true(json_object_get(j, "errors")) && json_array_size(items) != n) ||
	    json_object_get(j, "errors") == NULL) {
		(void)snprintf(why, why_size, "what answers is no _bulk of Elasticsearch or OpenSearch");
		json_decref(j);
		return POST_WAIT;
	}
	for (unsigned i = 0; i < n; i++) {
		json_t *item = json_object_get(json_array_get(items, i), "create");
		json_int_t status = json_is_true(json_object_get(j, "errors")) ? json_number_of(item, "status") : 200;

		if ((status >= 200 && status < 300) || status == 409) {
			post_done(p, i);
			continue;
		}
		reason_of(item, reason, sizeof(reason));
		if (status == 400 || status == 413) {
			post_reject(p, i, reason);
			continue;
		}
		/* Full, closed, read-only, not there yet. */
		if (later++ == 0)
			(void)snprintf(why, why_size, "the index does not take a line now (status %d, %.200s)", (int)status, reason);
	}
	json_decref(j);
	return POST_FINE;
}

static const struct post_kind elastic = {
	.name = "elasticsearch",
	.gzip = true,
	.open = elastic_open,
	.close = elastic_close,
	.make = elastic_make,
	.answer = elastic_answer,
};

static void *
open_elastic(const struct transport_settings *s, struct err *e)
{
	return post_open(&elastic, s, e);
}

const struct transport transport_elasticsearch = POST_TRANSPORT("elasticsearch", open_elastic);
