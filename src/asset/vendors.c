#include "asset/vendors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "base/str.h"

#define NAME_MAX_	48u	/* bytes kept of a name */
#define FIRST_N		65536u	/* vendors that there is space for at once: all there are in 2026 */
#define FIRST_SIZE	(2u << 20)	/* bytes of their names */

struct vendor {
	uint64_t	prefix;		/* of the MAC, in the upper 48 bits; how many bits of it, in the lowest */
	uint32_t	name;		/* in names */
};

struct vendors {
	struct vendor	*of;
	struct hmap	 by_prefix;	/* their numbers */
	char		*names;
	size_t		 n, space, len, size;	/* of `of`, of names */
};

/* "2C:..." without the separators: 6, 7 or 9 digits. */
static bool
read_prefix(const char *text, size_t n, uint64_t *prefix)
{
	uint64_t v = 0;

	if (n < 6 || n > 12)
		return false;
	for (size_t i = 0; i < n; i++) {
		unsigned digit = (unsigned char)text[i] - '0';

		if (digit > 9) {
			digit = (unsigned char)text[i] - 'A' + 10u;
			if (digit < 10 || digit > 15)
				return false;
		}
		v = v << 4 | digit;
	}
	*prefix = v << (64 - 4 * n) | 4 * n;
	return true;
}

/* A field of CSV; the text behind it, or NULL at the end of the line. */
static char *
field(char *p, char **to)
{
	char *w;

	if (*p != '"') {
		*to = p;
		while (*p != ',' && *p != '\r' && *p != '\n' && *p != '\0')
			p++;
		if (*p != ',') {
			*p = '\0';
			return NULL;
		}
		*p = '\0';
		return p + 1;
	}
	*to = w = ++p;
	while (*p != '\0' && (*p != '"' || p[1] == '"')) {
		p += *p == '"';
		*w++ = *p++;
	}
	p += *p == '"';
	*w = '\0';
	return *p == ',' ? p + 1 : NULL;
}

static bool
grow(struct vendors *v)
{
	struct vendor *of;
	char *names;

	if (v->n == v->space) {
		v->space = v->space > 0 ? 2 * v->space : FIRST_N;
		of = realloc(v->of, v->space * sizeof(*of));
		if (of == NULL)
			return false;
		v->of = of;
	}
	if (v->len + NAME_MAX_ > v->size) {
		v->size = v->size > 0 ? 2 * v->size : FIRST_SIZE;
		names = realloc(v->names, v->size);
		if (names == NULL)
			return false;
		v->names = names;
	}
	return true;
}

static size_t
whole_characters(const char *text, size_t n)
{
	size_t at = 0;

	while (at < n) {
		size_t one = utf8_len((const uint8_t *)text + at, n - at);

		if (one == 0)
			break;
		at += one;
	}
	return at;
}

static bool
add(struct vendors *v, char *line)
{
	char *registry, *assignment, *name, *next = field(line, &registry);
	uint64_t prefix;
	size_t n;

	next = next != NULL ? field(next, &assignment) : NULL;
	if (next == NULL || !read_prefix(assignment, strlen(assignment), &prefix))
		return true;	/* the heading */
	(void)field(next, &name);
	if (strcmp(name, "Private") == 0 || strcmp(name, "IEEE Registration Authority") == 0)
		return true;
	if (!grow(v))
		return false;
	n = strlen(name);
	n = whole_characters(name, n < NAME_MAX_ - 1 ? n : NAME_MAX_ - 1);
	while (n > 0 && (name[n - 1] == ' ' || name[n - 1] == ','))
		n--;
	v->of[v->n++] = (struct vendor){ prefix, (uint32_t)v->len };
	memcpy(v->names + v->len, name, n);
	v->names[v->len + n] = '\0';
	v->len += n + 1;
	return true;
}

/* The files are ours, so that their prefixes need no secret. */
static uint64_t
hash_of(uint64_t prefix)
{
	return hash_mix(prefix ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu);
}

static bool
index_all(struct vendors *v)
{
	if (v->n == 0)
		return true;
	if (hmap_open(&v->by_prefix, (uint32_t)v->n) != 0)
		return false;
	for (size_t i = 0; i < v->n; i++)
		(void)hmap_put(&v->by_prefix, hash_of(v->of[i].prefix), (uint32_t)i);
	return true;
}

static const char *
name_of(const struct vendors *v, uint64_t prefix)
{
	uint64_t hash = hash_of(prefix);
	const struct vendor *best = NULL;

	if (v->n == 0)
		return NULL;
	for (uint32_t at = hmap_first(&v->by_prefix, hash); at != HMAP_END; at = hmap_next(&v->by_prefix, hash, at)) {
		const struct vendor *one = &v->of[hmap_value(&v->by_prefix, at)];

		/* The first, where a prefix stands there twice. */
		if (one->prefix == prefix && (best == NULL || one < best))
			best = one;
	}
	return best != NULL ? v->names + best->name : NULL;
}

/* false: no memory. */
static bool
read_file(struct vendors *v, const char *path, bool *found)
{
	FILE *f = fopen(path, "re");
	char line[1024];
	bool ok = true;

	if (f == NULL)
		return true;
	*found = true;
	while (ok && fgets(line, sizeof(line), f) != NULL)
		ok = add(v, line);
	(void)fclose(f);
	return ok;
}

struct vendors *
vendors_open(const char *path, struct err *e)
{
	static const char *const files[] = { "oui.csv", "mam.csv", "oui36.csv" };
	struct vendors *v = calloc(1, sizeof(*v));
	bool found = false, ok = v != NULL;
	struct stat st;
	char in[4096];

	if (ok && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		for (unsigned i = 0; i < COUNTOF(files); i++) {
			(void)snprintf(in, sizeof(in), "%s/%s", path, files[i]);
			ok = ok && read_file(v, in, &found);
		}
	else
		ok = ok && read_file(v, path, &found);
	ok = ok && index_all(v);
	if (!ok)
		err_add(e, NULL, 0, 0, "no memory for the names of vendors (assets.vendors)");
	if (!ok || !found) {
		vendors_close(v);
		return NULL;
	}
	return v;
}

void
vendors_close(struct vendors *v)
{
	if (v == NULL)
		return;
	hmap_close(&v->by_prefix);
	free(v->of);
	free(v->names);
	free(v);
}

size_t
vendors_memory(const struct vendors *v)
{
	return v != NULL ? sizeof(*v) + v->space * sizeof(*v->of) + v->size + hmap_memory(&v->by_prefix) : 0;
}

const char *
vendors_find(const struct vendors *v, const uint8_t mac[6])
{
	static const unsigned lengths[] = { 36, 28, 24 };	/* the longest that fits */
	uint64_t whole = 0;

	if ((mac[0] & 3) != 0)	/* to many, or made up */
		return NULL;
	for (unsigned i = 0; i < 6; i++)
		whole |= (uint64_t)mac[i] << (56 - 8 * i);
	for (unsigned i = 0; i < COUNTOF(lengths); i++) {
		const char *name = name_of(v, (whole & ~0ull << (64 - lengths[i])) | lengths[i]);

		if (name != NULL)
			return name;
	}
	return NULL;
}
