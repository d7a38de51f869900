/* passing_kit.h - run a parser of the passing module on bytes, and write down what it learned, a line a fact:
 * "ADDRESS MAC key source value". */
#ifndef TESTS_PASSING_KIT_H
#define TESTS_PASSING_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "guard.h"
#include "passing/parsers.h"

struct passing_kit {
	struct strbuf	 out;
	char		 text[8192];
	uint8_t		 bytes[8192];
	size_t		 n;		/* of bytes */
	struct passing_ctx x;
	struct passing_sink sink;
};

static inline void
kit_learn(void *arg, const struct passing_fact *f)
{
	struct passing_kit *k = arg;
	char addr[ADDR_TEXT_MAX] = "-";

	if (f->who.has_addr)
		addr_print(&f->who.addr, addr);
	strbuf_put(&k->out, addr);
	strbuf_put(&k->out, " ");
	for (unsigned i = 0; f->who.has_mac && i < 6; i++)
		strbuf_printf(&k->out, "%s%02x", i > 0 ? ":" : "", f->who.mac[i]);
	assert_true(f->n > 0);
	strbuf_printf(&k->out, "%s %s %s %.*s\n", f->who.has_mac ? "" : "-", attribute_rows[f->key].text,
	    attribute_sources[f->source].text, (int)f->n, (const char *)f->value);
}

static inline struct addr
kit_addr(uint8_t a, uint8_t b, uint8_t c, uint8_t d)
{
	const uint8_t four[4] = { a, b, c, d };

	return addr_v4(four);
}

/* From 10.1.2.3 to 10.1.2.4, of the server. */
static inline void
kit_open(struct passing_kit *k, enum attribute_source source)
{
	memset(k, 0, sizeof(*k));
	k->out = strbuf_on(k->text, sizeof(k->text));
	k->sink = (struct passing_sink){ kit_learn, k };
	k->x = (struct passing_ctx){ .sink = &k->sink, .source = source, .from = passing_addr(kit_addr(10, 1, 2, 3)),
	    .to = passing_addr(kit_addr(10, 1, 2, 4)), .from_server = true, .last = true };
}

/* Bytes: hex digits, blanks between them, texts in quotes. */
static inline void
kit_add(struct passing_kit *k, const char *hex)
{
	while (*hex != '\0') {
		unsigned v;

		if (*hex == ' ') {
			hex++;
		} else if (*hex == '\'') {
			for (hex++; *hex != '\''; hex++)
				k->bytes[k->n++] = (uint8_t)*hex;
			hex++;
		} else {
			assert_int_equal(sscanf(hex, "%2x", &v), 1);
			k->bytes[k->n++] = (uint8_t)v;
			hex += 2;
		}
		assert_true(k->n < sizeof(k->bytes));
	}
}

static inline void
kit_fill(struct passing_kit *k, uint8_t with, size_t n)
{
	memset(k->bytes + k->n, with, n);
	k->n += n;
}

/* What it learns of all the bytes; before that of each beginning of them, which must not read on. */
static inline const char *
kit_read(struct passing_kit *k, passing_read *read)
{
	for (size_t n = 0; n < k->n; n++)
		(void)read(&k->x, cur_of(guard(k->bytes, n), n));
	k->out = strbuf_on(k->text, sizeof(k->text));
	(void)read(&k->x, cur_of(guard(k->bytes, k->n), k->n));
	return k->text;
}

/* The same of other bytes. */
static inline const char *
kit_of(struct passing_kit *k, passing_read *read, const char *hex)
{
	k->n = 0;
	kit_add(k, hex);
	return kit_read(k, read);
}

#endif
