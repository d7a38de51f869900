#include "store/pack.h"

#include <math.h>
#include <string.h>

#include "base/hash.h"
#include "store/schema.h"

#define KEY	UINT64_C(0x7468776c7061636b)	/* of no secret: it finds damage, not malice */
#define HEAD	12u

struct pack_form
pack_form(enum keep_kind k)
{
	const struct table *t = &store_tables[k];
	struct pack_form f = { 0 };
	uint64_t h = hash_bytes(KEY, &(uint32_t){ 0x01020304 }, 4) ^ t->row;

	if (t->name == NULL || !t->packed)
		return f;
	f.t = t;
	f.words = (unsigned)(t->row / 8);
	for (unsigned i = 0; i < t->n; i++) {
		const struct column *c = &t->columns[i];

		h = hash_bytes(h, c->name, strlen(c->name));
		h = hash_bytes(h, &(uint32_t[]){ c->offset, c->size, c->form }, 12);
		for (unsigned v = 0; c->form == COLUMN_NAME && v < c->values; v++) {
			const char *name = c->text(v) != NULL ? c->text(v) : "";

			h = hash_bytes(h + v, name, strlen(name));
		}
		if (c->form == COLUMN_EITHER)
			f.reals |= UINT32_C(1) << c->offset / 8;
		if (c->form == COLUMN_NAME || c->form == COLUMN_TEXT) {
			f.checks[f.n].at = (uint16_t)(c->form == COLUMN_NAME ? c->offset : c->offset + c->size - 1);
			f.checks[f.n++].below = (uint16_t)(c->form == COLUMN_NAME ? c->values : 1);
		}
	}
	f.form = (uint32_t)(h ^ h >> 32);
	return f;
}

uint32_t
pack_check(const struct pack_form *f, const void *bytes, size_t n)
{
	return (uint32_t)hash_bytes(KEY ^ f->form, (const uint8_t *)bytes + 8, n - 8);
}

/* Words as they are on a machine whose lowest byte comes first; on another the form is another one. */
static uint64_t
swapped(uint64_t v)
{
	return __builtin_bswap64(v);
}

static unsigned
bytes_of(uint64_t v)
{
	return (71u - (unsigned)__builtin_clzll(v)) / 8;
}

size_t
pack(const struct pack_form *f, const void *row, uint8_t *to)
{
	const bool reals = f->t->reals != NULL && f->t->reals(row);
	uint64_t words[PACK_WORDS];
	uint8_t *counts = to + HEAD, *p;
	uint32_t check, there = 0;
	unsigned n = 0;
	double real;

	for (unsigned i = 0; i < f->words; i++) {
		memcpy(&words[n], (const uint8_t *)row + 8 * i, 8);
		if (reals && (f->reals >> i & 1) != 0) {
			memcpy(&real, &words[n], 8);
			words[n] = isnan(real) ? 0 : words[n];
		}
		if (words[n] != 0) {
			there |= UINT32_C(1) << i;
			n++;
		}
	}
	memset(counts, 0, (n + 1) / 2);
	p = counts + (n + 1) / 2;
	for (unsigned i = 0; i < n; i++) {
		unsigned low = bytes_of(words[i]), high = bytes_of(swapped(words[i]));
		uint64_t v = high < low ? words[i] >> 8 * (8 - high) : words[i];

		low = high < low ? high : low;
		counts[i / 2] |= (uint8_t)((v != words[i] ? 8 + low : low) << i % 2 * 4);
		memcpy(p, &v, 8);
		p += low;
	}
	memcpy(to + 8, &there, 4);
	check = pack_check(f, to, (size_t)(p - to));
	memcpy(to, &f->form, 4);
	memcpy(to + 4, &check, 4);
	return (size_t)(p - to);
}

/* The lowest n bytes (1 to 8) of a word, of which `left` are there. */
static uint64_t
word_at(const uint8_t *p, unsigned n, size_t left)
{
	uint64_t v = 0;

	memcpy(&v, p, left < 8 ? n : 8);
	return v & UINT64_MAX >> 8 * (8 - n);
}

static bool
is_in_order(const struct pack_form *f, const uint8_t *row)
{
	for (unsigned i = 0; i < f->n; i++) {
		if (row[f->checks[i].at] >= f->checks[i].below)
			return false;
	}
	return true;
}

bool
unpack(const struct pack_form *f, const void *bytes, size_t n, void *row)
{
	const uint8_t *head = bytes, *counts = head + HEAD, *p, *end = head + n;
	uint32_t form, check, there;
	unsigned words, i = 0;

	if (f->t == NULL || n < HEAD || n > PACK_MAX)
		return false;
	memcpy(&form, head, 4);
	memcpy(&check, head + 4, 4);
	memcpy(&there, head + 8, 4);
	if (form != f->form || check != pack_check(f, head, n) || (f->words < 32 && there >> f->words != 0))
		return false;
	words = (unsigned)__builtin_popcount(there);
	if (n < HEAD + (words + 1) / 2)
		return false;
	p = counts + (words + 1) / 2;
	memset(row, 0, f->t->row);
	for (; there != 0; there &= there - 1, i++) {
		unsigned how = counts[i / 2] >> i % 2 * 4 & 15, one = how > 8 ? how - 8 : how;
		uint64_t v;

		if (one == 0 || one > (size_t)(end - p))
			return false;
		v = word_at(p, one, (size_t)(end - p)) << (how > 8 ? 8 * (8 - one) : 0);
		memcpy((uint8_t *)row + 8 * (size_t)__builtin_ctz(there), &v, 8);
		p += one;
	}
	return p == end && is_in_order(f, row);
}
