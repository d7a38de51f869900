/* row.c - a row into a statement and out of one. */
#include "store/schema.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"

/* ---- in -------------------------------------------------------------------------- */

static uint64_t
number_of(const struct column *c, const void *row)
{
	const uint8_t *p = (const uint8_t *)row + c->offset;
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch (c->size) {
	case 1:
		memcpy(&u8, p, 1);
		return u8;
	case 2:
		memcpy(&u16, p, 2);
		return u16;
	case 4:
		memcpy(&u32, p, 4);
		return u32;
	default:
		memcpy(&u64, p, 8);
		return u64;
	}
}

/* Text that is no UTF-8 is kept as bytes, so that every reader can read the rest. */
static int
bind_bytes(sqlite3_stmt *s, int at, const char *p, size_t n)
{
	return n == 0 || (utf8_valid((const uint8_t *)p, n) && memchr(p, '\0', n) == NULL) ?
	    sqlite3_bind_text(s, at, p, (int)n, SQLITE_STATIC) : sqlite3_bind_blob(s, at, p, (int)n, SQLITE_STATIC);
}

/* What is no number has no place in a database. */
static int
bind_real(sqlite3_stmt *s, int at, const void *p)
{
	double real;

	memcpy(&real, p, sizeof(real));
	return sqlite3_bind_double(s, at, isnan(real) ? 0 : real);
}

static int
bind_column(sqlite3_stmt *s, int at, const struct table *t, const struct column *c, const uint8_t *row, struct row_bound *b)
{
	static const uint8_t none[16];
	const uint8_t *p = row + c->offset;
	char *text = b->texts[b->n % ROW_ADDRS];
	const char *name;
	struct addr addr;
	size_t n;

	switch ((enum column_form)c->form) {
	case COLUMN_TEXT:
		return bind_bytes(s, at, (const char *)p, strnlen((const char *)p, c->size));
	case COLUMN_BYTES:
		n = row[c->offset - 1];
		return bind_bytes(s, at, (const char *)p, n < c->size ? n : c->size);
	case COLUMN_ADDR:
		memcpy(&addr, p, sizeof(addr));
		n = memcmp(p, none, sizeof(addr)) == 0 ? 0 : addr_print(&addr, text);
		b->n++;
		return sqlite3_bind_text(s, at, text, (int)n, SQLITE_STATIC);
	case COLUMN_MAC:
		n = memcmp(p, none, 6) == 0 ? 0 : (size_t)snprintf(text, sizeof(b->texts[0]), "%02x:%02x:%02x:%02x:%02x:%02x",
		    p[0], p[1], p[2], p[3], p[4], p[5]);
		b->n++;
		return sqlite3_bind_text(s, at, text, (int)n, SQLITE_STATIC);
	case COLUMN_NAME:
		name = c->text((unsigned)number_of(c, row));
		return sqlite3_bind_text(s, at, name != NULL ? name : "", -1, SQLITE_STATIC);
	case COLUMN_REAL:
		return bind_real(s, at, p);
	case COLUMN_EITHER:
		if (t->reals(row))
			return bind_real(s, at, p);
		break;
	case COLUMN_NUMBER:
		break;
	}
	return sqlite3_bind_int64(s, at, (sqlite3_int64)number_of(c, row));
}

int
row_bind(sqlite3_stmt *s, enum keep_kind k, const void *row, const struct pack_form *form, const char *baseline, bool keys,
    struct row_bound *b)
{
	const struct table *t = &store_tables[k];
	int at = 0, rc = SQLITE_OK;

	b->n = 0;
	if (t->of_baseline)
		rc = sqlite3_bind_text(s, ++at, baseline, -1, SQLITE_STATIC);
	for (unsigned i = 0; rc == SQLITE_OK && i < t->n; i++)
		if (!keys || (t->columns[i].marks & COLUMN_KEY) != 0)
			rc = bind_column(s, ++at, t, &t->columns[i], row, b);
	if (rc == SQLITE_OK && t->packed && !keys)
		rc = sqlite3_bind_blob(s, ++at, b->packed, (int)pack(form, row, b->packed), SQLITE_STATIC);
	return rc;
}

/* ---- out ------------------------------------------------------------------------- */

static void
put_number(const struct column *c, void *p, uint64_t v)
{
	uint8_t u8 = (uint8_t)v;
	uint16_t u16 = (uint16_t)v;
	uint32_t u32 = (uint32_t)v;

	switch (c->size) {
	case 1:
		memcpy(p, &u8, 1);
		break;
	case 2:
		memcpy(p, &u16, 2);
		break;
	case 4:
		memcpy(p, &u32, 4);
		break;
	default:
		memcpy(p, &v, 8);
	}
}

/* The four numbers of an IPv4 address: most of all addresses, and quicker than inet_pton(). */
static bool
read_v4(const char *text, uint8_t to[4])
{
	for (int i = 0; i < 4; i++) {
		unsigned v = 0, digits = 0;

		for (; *text >= '0' && *text <= '9' && digits < 3; text++, digits++)
			v = v * 10 + (unsigned)(*text - '0');
		if (digits == 0 || v > 255 || *text != (i < 3 ? '.' : '\0'))
			return false;
		to[i] = (uint8_t)v;
		text += i < 3;
	}
	return true;
}

static bool
read_mac(const char *text, uint8_t *to)
{
	unsigned b[6];

	if (text[0] == '\0') {
		memset(to, 0, 6);
		return true;
	}
	if (sscanf(text, "%2x:%2x:%2x:%2x:%2x:%2x", &b[0], &b[1], &b[2], &b[3], &b[4], &b[5]) != 6)
		return false;
	for (int i = 0; i < 6; i++)
		to[i] = (uint8_t)b[i];
	return true;
}

static bool
read_addr(const char *text, void *to)
{
	uint8_t bytes[16];
	struct addr a = { { 0 } };

	if (text[0] != '\0') {
		if (read_v4(text, bytes))
			a = addr_v4(bytes);
		else if (inet_pton(AF_INET6, text, bytes) == 1)
			a = addr_v6(bytes);
		else if (read_mac(text, bytes))
			a = addr_of_mac(bytes);
		else
			return false;
	}
	memcpy(to, &a, sizeof(a));
	return true;
}

/* Rows come in the order of their keys: most names are those of the row before, which still stand there. */
static bool
read_name(const struct column *c, const char *text, uint8_t *row)
{
	uint64_t last = number_of(c, row);
	const char *guess = last < c->values ? c->text((unsigned)last) : NULL;

	if (guess != NULL && strcmp(guess, text) == 0)
		return true;
	for (unsigned v = 0; v < c->values; v++) {
		const char *name = c->text(v);

		if (strcmp(name != NULL ? name : "", text) == 0) {
			put_number(c, row + c->offset, v);
			return true;
		}
	}
	return false;
}

static bool
read_bytes(sqlite3_stmt *s, int at, const struct column *c, uint8_t *row)
{
	const void *p = sqlite3_column_blob(s, at);
	size_t n = (size_t)sqlite3_column_bytes(s, at);
	/* A text ends with NUL. */
	size_t most = c->form == COLUMN_TEXT ? c->size - 1u : c->size;

	if (n > most)
		return false;
	if (n > 0 && p != NULL)
		memcpy(row + c->offset, p, n);
	memset(row + c->offset + n, 0, c->size - n);
	if (c->form == COLUMN_BYTES)
		row[c->offset - 1] = (uint8_t)n;
	return true;
}

static bool
read_column(sqlite3_stmt *s, int at, const struct column *c, uint8_t *row)
{
	uint8_t *p = row + c->offset;
	const char *text;
	double real;

	switch ((enum column_form)c->form) {
	case COLUMN_NUMBER:
		put_number(c, p, (uint64_t)sqlite3_column_int64(s, at));
		return true;
	case COLUMN_EITHER:
	case COLUMN_REAL:
		if (c->form == COLUMN_EITHER && sqlite3_column_type(s, at) != SQLITE_FLOAT) {
			put_number(c, p, (uint64_t)sqlite3_column_int64(s, at));
			return true;
		}
		real = sqlite3_column_double(s, at);
		memcpy(p, &real, sizeof(real));
		return true;
	case COLUMN_TEXT:
	case COLUMN_BYTES:
		return read_bytes(s, at, c, row);
	default:
		text = (const char *)sqlite3_column_text(s, at);
		if (text == NULL)
			return false;
		return c->form == COLUMN_ADDR ? read_addr(text, p) : c->form == COLUMN_MAC ? read_mac(text, p) :
		    read_name(c, text, row);
	}
}

bool
row_read(sqlite3_stmt *s, int first, enum keep_kind k, void *row)
{
	const struct table *t = &store_tables[k];

	for (unsigned i = 0; i < t->n; i++)
		if (!read_column(s, first + (int)i, &t->columns[i], row))
			return false;
	return true;
}
