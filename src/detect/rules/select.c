#define PCRE2_CODE_UNIT_WIDTH 8
#include "detect/rules/select.h"

#include <fnmatch.h>
#include <pcre2.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/file.h"

enum { BY_SID, BY_TEXT, BY_FILE, BY_META };

struct selector {
	uint8_t		 kind;
	uint32_t	 gid, sid;		/* gid 0: any */
	pcre2_code	*re;
	const char	*text, *value;		/* file pattern; key and value of metadata */
};

static struct selector *
more(struct selectors *s, struct parser *P)
{
	struct selector *of = rule_grow(P->mem, s->of, s->n, &s->capacity, sizeof(*of));

	if (of == NULL)
		return NULL;
	s->of = of;
	s->of[s->n] = (struct selector){ 0 };
	return &s->of[s->n++];
}

static bool
by_number(struct selectors *s, struct parser *P, struct slice v)
{
	const char *colon = memchr(v.p, ':', v.n);
	struct slice sid = v;
	uint64_t g = 0, n;
	struct selector *x;

	if (colon != NULL) {
		sid = slice_trim((struct slice){ colon + 1, (size_t)(v.p + v.n - colon - 1) });
		if (!slice_u64(slice_trim((struct slice){ v.p, (size_t)(colon - v.p) }), &g) || g > UINT32_MAX)
			return false;
	}
	if (!slice_u64(sid, &n) || n == 0 || n > UINT32_MAX)
		return false;
	if ((x = more(s, P)) != NULL) {
		x->gid = (uint32_t)g;
		x->sid = (uint32_t)n;
	}
	return true;
}

static bool
line_is(struct selectors *s, struct parser *P, const char *path, int at, struct slice line)
{
	const char *colon = memchr(line.p, ':', line.n);
	struct slice word = { line.p, colon != NULL ? (size_t)(colon - line.p) : 0 }, v, key, part;
	struct selector *x;
	PCRE2_SIZE where = 0;
	int code = 0;

	v = colon != NULL ? slice_trim((struct slice){ colon + 1, (size_t)(line.p + line.n - colon - 1) }) : line;
	if (slice_is(word, "re")) {
		if ((x = more(s, P)) == NULL)
			return true;
		x->kind = BY_TEXT;
		x->re = pcre2_compile((PCRE2_SPTR)v.p, v.n, PCRE2_CASELESS, &code, &where, NULL);
		if (x->re == NULL)
			err_add(P->problems, path, at, (int)(v.p - line.p + (ptrdiff_t)where) + 1, "the expression is not right here");
		return true;
	}
	if (slice_is(word, "group") || slice_is(word, "filename")) {
		if ((x = more(s, P)) != NULL) {
			x->kind = BY_FILE;
			x->text = rule_text(P->mem, v.p, v.n);
		}
		return v.n > 0;
	}
	if (slice_is(word, "metadata")) {
		(void)slice_word(&v, &key);
		v = slice_trim(v);
		if ((x = more(s, P)) != NULL) {
			x->kind = BY_META;
			x->text = rule_text(P->mem, key.p, key.n);
			x->value = rule_text(P->mem, v.p, v.n);
		}
		return key.n > 0 && v.n > 0;
	}
	while (slice_part(&line, ',', &part))
		if (!by_number(s, P, part))
			return false;
	return true;
}

void
selectors_read(struct selectors *s, struct parser *P, const char *files)
{
	struct slice list = { files, files != NULL && strcmp(files, "none") != 0 ? strlen(files) : 0 }, one, rest, line;

	while (list.n > 0 && slice_part(&list, ',', &one)) {
		const char *path = rule_text(P->mem, one.p, one.n), *hash;
		int at = 0;

		if (path == NULL || !file_read(P->mem, path, &rest, P->problems))
			continue;
		while (list_next_line(&rest, &line, &at)) {
			if ((hash = memchr(line.p, '#', line.n)) != NULL && !slice_begins(line, "re:"))
				line = slice_trim((struct slice){ line.p, (size_t)(hash - line.p) });
			if (!line_is(s, P, path, at, line))
				err_add(P->problems, path, at, 1, "a line is sid, gid:sid, re:expression, group:file or metadata:key value");
		}
	}
}

void
selectors_free(struct selectors *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		pcre2_code_free(s->of[i].re);
	s->n = 0;
}

static bool
in_file(const char *pattern, const char *path)
{
	const char *base = strrchr(path, '/');
	char with[256];
	struct strbuf b = strbuf_on(with, sizeof(with));

	base = base != NULL ? base + 1 : path;
	strbuf_printf(&b, "%s.rules", pattern);
	return fnmatch(pattern, base, 0) == 0 || fnmatch(with, base, 0) == 0;
}

static bool
means(const struct selector *x, const struct rule_metadata *c)
{
	pcre2_match_data *data;
	bool is;

	switch (x->kind) {
	case BY_SID:
		return c->sid == x->sid && (x->gid == 0 || c->gid == x->gid);
	case BY_FILE:
		return in_file(x->text, c->file);
	case BY_META:
		for (uint32_t i = 0; i < c->n_metadata; i++)
			if (strcmp(c->metadata[i].key, x->text) == 0 && strcmp(c->metadata[i].value, x->value) == 0)
				return true;
		return false;
	default:
		data = x->re != NULL ? pcre2_match_data_create(1, NULL) : NULL;
		is = data != NULL && pcre2_match(x->re, (PCRE2_SPTR)c->text, strlen(c->text), 0, 0, data, NULL) >= 0;
		pcre2_match_data_free(data);
		return is;
	}
}

bool
selectors_mean(const struct selectors *s, const struct rule_metadata *c)
{
	for (uint32_t i = 0; i < s->n; i++)
		if (means(&s->of[i], c))
			return true;
	return false;
}
