/* keys.c - CEF and LEEF: a head, and behind it what has a key, one line without a control character.
 *
 * ArcSight Common Event Format, version 25; IBM Log Event Extended Format 2.0. */
#include "output/convert/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/real.h"
#include "base/str.h"

#define PAIRS_MAX 64u

struct pair {
	char		 key[32];
	const char	*label;		/* of a slot; "" it is none */
	json_t		*v;		/* owned */
};

struct pairs {
	struct pair	 of[PAIRS_MAX];
	unsigned	 n;
};

static bool
has_key(const struct pairs *p, const char *key)
{
	for (unsigned i = 0; i < p->n; i++)
		if (strcmp(p->of[i].key, key) == 0)
			return true;
	return false;
}

/* A slot says by its label what is in it: cs1, cn2, c6a3, flexString1, deviceCustomDate1. */
static bool
is_slot(const char *key)
{
	static const char *const slots[] = { "cs", "cn", "c6a", "flexString", "deviceCustomDate" };

	for (unsigned i = 0; i < COUNTOF(slots); i++) {
		size_t n = strlen(slots[i]);

		if (strncmp(key, slots[i], n) == 0 && key[n] >= '1' && key[n] <= '9' && key[n + 1] == '\0')
			return true;
	}
	return false;
}

/* Techniques by their ids, "T0858 T1692.001". */
static json_t *
attack_words(const json_t *v)
{
	char list[512];
	struct strbuf b = strbuf_on(list, sizeof(list));
	const json_t *one;
	size_t i;

	json_array_foreach(v, i, one) {
		const char *sub = json_text_of(one, "sub_technique");
		const char *id = json_is_string(one) ? json_string_value(one) : sub[0] != '\0' ? sub : json_text_of(one, "id");

		if (id[0] != '\0')
			strbuf_printf(&b, "%s%s", b.len > 0 ? " " : "", id);
	}
	return b.len > 0 ? json_stringn(list, b.len) : NULL;
}

/* The first of the words that is free; of two for addresses the one of its version. */
static bool
pick_key(const struct pairs *p, const struct field_row *row, const char *words, const json_t *v, char *to, size_t size)
{
	bool six = row->kind == FIELD_IP && json_is_string(v) && strchr(json_string_value(v), ':') != NULL;
	bool two = row->kind == FIELD_IP && strchr(words, ',') != NULL;

	if (two && six)
		words = strchr(words, ',') + 1;
	while (str_next_text(&words, to, size)) {
		if (!has_key(p, to))
			return true;
		if (two)
			break;
	}
	return false;
}

static void
collect(const struct conversion *c, unsigned column, struct pairs *p)
{
	for (unsigned i = 0; i < field_count && p->n < PAIRS_MAX; i++) {
		const struct field_row *row = &field_rows[i];
		const char *words = row->to[column];
		json_t *v = words[0] != '\0' ? path_get(c->eve, row->eve) : NULL;
		json_t *x = v == NULL ? NULL : row->kind == FIELD_ATTACK ? attack_words(v) :
		    value_for(c->target, row->kind, v, words);
		struct pair *to = &p->of[p->n];

		json_decref(v);
		/* An empty value has nothing to say, and some readers stop at it. */
		if (x == NULL || json_is_object(x) || (json_is_string(x) && json_string_length(x) == 0) ||
		    !pick_key(p, row, words, x, to->key, sizeof(to->key))) {
			json_decref(x);
			continue;
		}
		to->label = c->target == ON_CEF && is_slot(to->key) ? row->label : "";
		to->v = x;
		p->n++;
	}
}

static void
free_pairs(struct pairs *p)
{
	for (unsigned i = 0; i < p->n; i++)
		json_decref(p->of[i].v);
}

/* ---- text ---------------------------------------------------------------------------- */

/* How a text is written. */
struct writing {
	struct text	*to;
	const char	*escape;	/* each of these behind a backslash */
	const char	*gone;		/* each of these as an underscore */
	bool		 newlines;	/* \n and \r stand for theirs */
	unsigned	 left;		/* characters that still fit; 0: any number */
	bool		 limited;
};

/* Characters that hide others, change their order or end a line for some readers: controls, marks of direction, separators of lines. */
static bool
is_hidden(const uint8_t *p, size_t n)
{
	if (n == 1)
		return p[0] < 0x20 || p[0] == 0x7f;
	if (n == 2)
		return p[0] == 0xc2 && p[1] < 0xa0;
	if (n != 3)
		return false;
	if (p[0] == 0xe2 && p[1] == 0x80)
		return p[2] == 0x8e || p[2] == 0x8f || (p[2] >= 0xa8 && p[2] <= 0xae);
	if (p[0] == 0xe2 && p[1] == 0x81)
		return p[2] >= 0xa6 && p[2] <= 0xa9;
	return p[0] == 0xef && p[1] == 0xbb && p[2] == 0xbf;
}

/* A hidden character as EVE writes what is no UTF-8: \x1b, byte by byte. */
static void
put_hidden(struct writing *w, const uint8_t *p, size_t n)
{
	const char *backslash = strchr(w->escape, '\\') != NULL ? "\\\\" : "\\";

	if (w->newlines && n == 1 && (p[0] == '\n' || p[0] == '\r')) {
		text_str(w->to, p[0] == '\n' ? "\\n" : "\\r");
		return;
	}
	for (size_t i = 0; i < n; i++)
		text_printf(w->to, "%sx%02x", backslash, p[i]);
}

static void
put_string(struct writing *w, const char *text, size_t n)
{
	const uint8_t *p = (const uint8_t *)text;

	for (size_t len; n > 0 && (!w->limited || w->left > 0); p += len, n -= len) {
		len = utf8_len(p, n);
		if (w->left > 0)
			w->left--;
		if (len == 0) {		/* jansson hands out nothing else; be sure */
			len = 1;
			put_hidden(w, p, 1);
		} else if (is_hidden(p, len))
			put_hidden(w, p, len);
		else if (len == 1 && strchr(w->gone, p[0]) != NULL)
			text_put(w->to, "_", 1);
		else {
			if (len == 1 && strchr(w->escape, p[0]) != NULL)
				text_put(w->to, "\\", 1);
			text_put(w->to, (const char *)p, len);
		}
	}
}

static void
put_value(struct writing *w, const json_t *v)
{
	char number[REAL_TEXT_MAX];
	const json_t *one;
	size_t i;

	switch (json_typeof(v)) {
	case JSON_STRING:	put_string(w, json_string_value(v), json_string_length(v)); break;
	case JSON_INTEGER:	text_printf(w->to, "%" JSON_INTEGER_FORMAT, json_integer_value(v)); break;
	case JSON_REAL:		text_put(w->to, number, (size_t)(real_print(number, json_real_value(v)) - number)); break;
	case JSON_TRUE:		text_str(w->to, "true"); break;
	case JSON_FALSE:	text_str(w->to, "false"); break;
	case JSON_ARRAY:
		json_array_foreach(v, i, one) {
			if (i > 0)
				put_string(w, ", ", 2);
			if (!json_is_array(one))
				put_value(w, one);
		}
		break;
	default:		break;
	}
}

/* ---- the head ------------------------------------------------------------------------ */

struct head {
	json_t		*id, *name;	/* owned */
	unsigned	 severity;	/* 0..10 */
};

static struct head
head_of(const struct conversion *c)
{
	const struct record_row *r = c->record;
	struct head h = { 0 };
	json_t *severity = path_get(c->eve, "alert.severity");

	h.id = path_get(c->eve, r->id);
	h.name = r->name[0] != '\0' ? path_get(c->eve, r->name) : NULL;
	if (h.id == NULL)
		h.id = path_get(c->eve, "event_type");
	if (!json_is_string(h.name) || json_string_length(h.name) == 0) {
		json_decref(h.name);
		h.name = json_string(r->title);
	}
	if (severity == NULL)
		severity = path_get(c->eve, "ot.incident.severity");
	h.severity = severity_row(json_is_integer(severity) ? json_integer_value(severity) : 0)->cef;
	json_decref(severity);
	return h;
}

static void
put_part(struct text *to, const json_t *v, const char *escape, unsigned most)
{
	struct writing w = { .to = to, .escape = escape, .gone = escape[0] == '\0' ? "|" : "", .left = most, .limited = most != 0 };

	put_value(&w, v);
	text_put(to, "|", 1);
}

/* ---- CEF ---------------------------------------------------------------------------------- */

static void
put_cef(struct text *to, const struct pair *p)
{
	unsigned most = 0;
	struct writing w = { .to = to, .escape = "\\=", .gone = "", .newlines = true };

	(void)cef_key(p->key, &most);
	w.left = most;
	w.limited = most != 0;
	text_printf(to, "%s%s=", to->bytes[to->len - 1] == '|' ? "" : " ", p->key);
	put_value(&w, p->v);
	if (p->label[0] != '\0')
		text_printf(to, " %sLabel=%s", p->key, p->label);
}

static enum convert_result
cef_convert(void *own, const char *line, size_t n, struct text *to)
{
	struct conversion c;
	enum convert_result r = conversion_begin(&c, ON_CEF, line, n);
	struct pairs p = { .n = 0 };
	struct head h;

	(void)own;
	if (r != CONVERT_OK)
		return r;
	h = head_of(&c);
	collect(&c, 2, &p);
	text_printf(to, "CEF:%s|" SENSOR_VENDOR "|" SENSOR_PRODUCT "|" PACKAGE_VERSION "|", standard_version(STANDARD_CEF));
	put_part(to, h.id, "\\|", 1023);
	put_part(to, h.name, "\\|", 512);
	text_printf(to, "%u|", h.severity);
	/* What every reader has a column for first, what needs a label behind it. */
	for (unsigned slots = 0; slots < 2; slots++)
		for (unsigned i = 0; i < p.n && !to->cut; i++)
			if (is_slot(p.of[i].key) == (slots == 1))
				put_cef(to, &p.of[i]);
	free_pairs(&p);
	json_decref(h.id);
	json_decref(h.name);
	conversion_end(&c);
	return to->cut ? CONVERT_TOO_LONG : CONVERT_OK;
}

/* ---- LEEF --------------------------------------------------------------------------------- */

/* LEEF has no escape: the delimiter of a line is a character that none of its values has. */
static char
delimiter_of(const struct pairs *p)
{
	static const char candidates[] = "^~;#!$%&*+?@";

	for (const char *c = candidates; *c != '\0'; c++) {
		bool used = false;

		for (unsigned i = 0; i < p->n && !used; i++) {
			const json_t *v = p->of[i].v, *one = v;
			size_t k = 0;

			do {
				if (json_is_array(v))
					one = json_array_get(v, k++);
				used = json_is_string(one) && memchr(json_string_value(one), *c, json_string_length(one)) != NULL;
			} while (!used && json_is_array(v) && k < json_array_size(v));
		}
		if (!used)
			return *c;
	}
	return candidates[0];
}

static enum convert_result
leef_convert(void *own, const char *line, size_t n, struct text *to)
{
	struct conversion c;
	enum convert_result r = conversion_begin(&c, ON_LEEF, line, n);
	struct pairs p = { .n = 0 };
	struct head h;
	char delimiter[2] = { 0 };

	(void)own;
	if (r != CONVERT_OK)
		return r;
	h = head_of(&c);
	collect(&c, 3, &p);
	delimiter[0] = delimiter_of(&p);
	text_printf(to, "LEEF:%s|" SENSOR_VENDOR "|" SENSOR_PRODUCT "|" PACKAGE_VERSION "|", standard_version(STANDARD_LEEF));
	put_part(to, h.id, "", 0);
	text_printf(to, "%s|devTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSZ", delimiter);
	if (!has_key(&p, "sev"))
		text_printf(to, "%ssev=%u", delimiter, h.severity);
	if (!has_key(&p, "cat")) {
		text_printf(to, "%scat=", delimiter);
		text_str(to, c.record->title);
	}
	for (unsigned i = 0; i < p.n && !to->cut; i++) {
		struct writing w = { .to = to, .escape = "", .gone = delimiter };

		text_printf(to, "%s%s=", delimiter, p.of[i].key);
		put_value(&w, p.of[i].v);
	}
	free_pairs(&p);
	json_decref(h.id);
	json_decref(h.name);
	conversion_end(&c);
	return to->cut ? CONVERT_TOO_LONG : CONVERT_OK;
}

static void *
keys_open(const struct convert_settings *s, struct err *e)
{
	(void)e;
	return (void *)(uintptr_t)s;
}

static void
keys_close(void *own)
{
	(void)own;
}

const struct converter converter_cef = {
	.name = "cef", .content_type = "text/plain; charset=utf-8",
	.open = keys_open, .convert = cef_convert, .close = keys_close,
};

const struct converter converter_leef = {
	.name = "leef", .content_type = "text/plain; charset=utf-8",
	.open = keys_open, .convert = leef_convert, .close = keys_close,
};
