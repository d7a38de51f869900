#include "asset/vendors.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/str.h"

#define NAME_MAX_	48u	/* bytes kept of a name, with its NUL */
#define FIRST_BITS	16u	/* space for all vendors that there are in 2026 */
#define FIRST_NAMES	(1u << 20)	/* bytes of their names */
#define NAMES_MAX	(1u << NAME_BITS)	/* bytes */
#define BLOCK		65536u	/* bytes read at a time; a longer line is taken for several */

/* A slot of the table: the prefix (36 bits), which of the lengths it has (2 bits, from 1: no vendor is 0), and
 * where its name begins. */
#define NAME_BITS	26u
static const uint8_t lengths[] = { 36, 28, 24 };	/* bits; the longest that fits is the vendor */

struct vendors {
	uint64_t	*slots;		/* 1 << bits of them, at most three quarters in use; 0: empty */
	unsigned	 bits;
	size_t		 n;
	char		*names;
	size_t		 len, size;	/* of names */
};

/* Prefix and length as they stand in a slot; `mac` has its first byte on top. */
static uint64_t
slot_key(uint64_t mac, unsigned length)
{
	return (mac & ~0ull << (64 - lengths[length])) | (uint64_t)(length + 1) << NAME_BITS;
}

/* The files are ours, so that their prefixes need no secret. */
static uint64_t *
slot_of(const struct vendors *v, uint64_t key)
{
	size_t mask = ((size_t)1 << v->bits) - 1;
	size_t at = (size_t)(hash_mix(key >> NAME_BITS ^ 0xa0761d6478bd642fu, 0xe7037ed1a0b428dbu) >> (64 - v->bits));

	while (v->slots[at] != 0 && (v->slots[at] ^ key) >> NAME_BITS != 0)
		at = (at + 1) & mask;
	return &v->slots[at];
}

static bool
more_slots(struct vendors *v)
{
	struct vendors old = *v;

	v->bits += v->slots != NULL;
	v->slots = calloc((size_t)1 << v->bits, sizeof(*v->slots));
	if (v->slots == NULL) {
		*v = old;
		return false;
	}
	for (size_t i = 0; old.slots != NULL && i < (size_t)1 << old.bits; i++)
		if (old.slots[i] != 0)
			*slot_of(v, old.slots[i]) = old.slots[i];
	free(old.slots);
	return true;
}

static bool
grow(struct vendors *v)
{
	char *names;

	if ((v->n + 1) * 4 > (size_t)3 << v->bits && !more_slots(v))
		return false;
	if (v->len + NAME_MAX_ <= v->size)
		return true;
	names = v->size < NAMES_MAX ? realloc(v->names, v->size * 2) : NULL;
	if (names == NULL)
		return false;
	v->names = names;
	v->size *= 2;
	return true;
}

/* "2CABCD": 6, 7 or 9 digits, nothing between them. */
static bool
read_prefix(const char *text, size_t n, uint64_t *key)
{
	unsigned length = n == 6 ? 2 : n == 7 ? 1 : 0;
	uint64_t v = 0;

	if (n != 6 && n != 7 && n != 9)
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
	*key = slot_key(v << (64 - 4 * n), length);
	return true;
}

struct text {
	char	*p;
	size_t	 n;
};

/* The next field of a line of CSV, without its quotes.  The line goes on behind it; false: there was no comma. */
static bool
field(struct text *line, struct text *to)
{
	char *p = line->p, *end = p + line->n, *w;

	if (p == end || *p != '"') {
		char *comma = memchr(p, ',', line->n);

		*to = (struct text){ p, (size_t)((comma != NULL ? comma : end) - p) };
		if (comma == NULL)
			return false;
		*line = (struct text){ comma + 1, (size_t)(end - comma - 1) };
		return true;
	}
	to->p = w = ++p;
	for (;;) {
		char *quote = memchr(p, '"', (size_t)(end - p));
		size_t n = (size_t)((quote != NULL ? quote : end) - p);

		memmove(w, p, n);
		w += n;
		p += n;
		if (end - p < 2 || p[1] != '"')
			break;
		*w++ = '"';
		p += 2;
	}
	to->n = (size_t)(w - to->p);
	p += p < end;
	if (p == end || *p != ',')
		return false;
	*line = (struct text){ p + 1, (size_t)(end - p - 1) };
	return true;
}

static bool
is_ascii(const char *p, size_t n)
{
	uint64_t all = 0, one;

	for (; n >= 8; p += 8, n -= 8) {
		memcpy(&one, p, 8);
		all |= one;
	}
	for (; n > 0; n--)
		all |= (unsigned char)*p++;
	return (all & 0x8080808080808080u) == 0;
}

/* What is kept of a name: whole characters, no space or comma at its end. */
static size_t
name_len(const char *text, size_t n)
{
	size_t at = 0;

	n = n < NAME_MAX_ - 1 ? n : NAME_MAX_ - 1;
	while (!is_ascii(text, n) && at < n) {
		size_t one = utf8_len((const uint8_t *)text + at, n - at);

		if (one == 0)
			n = at;
		at += one;
	}
	while (n > 0 && (text[n - 1] == ' ' || text[n - 1] == ','))
		n--;
	return n;
}

static bool
is(const struct text *t, const char *what)
{
	return t->n == strlen(what) && memcmp(t->p, what, t->n) == 0;
}

/* false: no memory. */
static bool
add(struct vendors *v, struct text line)
{
	struct text registry, assignment, name;
	uint64_t key, *slot;
	size_t n;

	if (!field(&line, &registry) || !field(&line, &assignment) || !read_prefix(assignment.p, assignment.n, &key))
		return true;	/* the heading, or the second half of an address */
	(void)field(&line, &name);
	if (is(&name, "Private") || is(&name, "IEEE Registration Authority"))
		return true;
	if (!grow(v))
		return false;
	slot = slot_of(v, key);
	if (*slot != 0)
		return true;	/* the first, where a prefix stands there twice */
	*slot = key | v->len;
	v->n++;
	n = name_len(name.p, name.n);
	memcpy(v->names + v->len, name.p, n);
	v->names[v->len + n] = '\0';
	v->len += n + 1;
	return true;
}

/* The whole lines of a block, or, at the end of the file, all.  *used: their bytes. */
static bool
add_lines(struct vendors *v, char *block, size_t n, bool last, size_t *used)
{
	size_t at = 0;

	while (at < n) {
		char *end = memchr(block + at, '\n', n - at);
		size_t len = end != NULL ? (size_t)(end - (block + at)) : n - at;

		if (end == NULL && !last && (at > 0 || n < BLOCK))
			break;
		if (!add(v, (struct text){ block + at, len - (len > 0 && block[at + len - 1] == '\r') }))
			return false;
		at += len + (end != NULL);
	}
	*used = at;
	return true;
}

/* false: no memory. */
static bool
read_file(struct vendors *v, const char *path, bool *found)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	char *block = fd >= 0 ? malloc(BLOCK) : NULL;
	size_t n = 0, used = 0;
	bool ok = fd < 0 || block != NULL;
	ssize_t got = 1;

	*found |= fd >= 0;
	while (ok && fd >= 0 && got > 0) {
		got = read(fd, block + n, BLOCK - n);
		n += got > 0 ? (size_t)got : 0;
		ok = add_lines(v, block, n, got <= 0, &used);
		n -= used;
		memmove(block, block + used, n);
	}
	free(block);
	if (fd >= 0)
		(void)close(fd);
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

	if (ok) {
		v->bits = FIRST_BITS;
		v->names = malloc(v->size = FIRST_NAMES);
		ok = v->names != NULL && more_slots(v);
	}
	if (ok && stat(path, &st) == 0 && S_ISDIR(st.st_mode))
		for (unsigned i = 0; i < COUNTOF(files); i++) {
			(void)snprintf(in, sizeof(in), "%s/%s", path, files[i]);
			ok = ok && read_file(v, in, &found);
		}
	else
		ok = ok && read_file(v, path, &found);
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
	free(v->slots);
	free(v->names);
	free(v);
}

size_t
vendors_memory(const struct vendors *v)
{
	return v != NULL ? sizeof(*v) + (sizeof(*v->slots) << v->bits) + v->size : 0;
}

const char *
vendors_find(const struct vendors *v, const uint8_t mac[6])
{
	uint64_t whole = 0;

	if ((mac[0] & 3) != 0)	/* to many, or made up */
		return NULL;
	for (unsigned i = 0; i < 6; i++)
		whole |= (uint64_t)mac[i] << (56 - 8 * i);
	for (unsigned i = 0; i < COUNTOF(lengths); i++) {
		uint64_t slot = *slot_of(v, slot_key(whole, i));

		if (slot != 0)
			return v->names + (slot & (NAMES_MAX - 1));
	}
	return NULL;
}
