#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct strbuf
strbuf_on(char *buf, size_t size)
{
	buf[0] = '\0';
	return (struct strbuf){ .buf = buf, .size = size };
}

void
strbuf_put(struct strbuf *s, const char *text)
{
	size_t n = strlen(text), space = s->size - s->len - 1;

	if (n > space) {
		n = space;
		s->cut = true;
	}
	memcpy(s->buf + s->len, text, n);
	s->len += n;
	s->buf[s->len] = '\0';
}

void
str_put(char *to, size_t size, const char *text)
{
	struct strbuf s = strbuf_on(to, size);

	strbuf_put(&s, text);
}

void
strbuf_printf(struct strbuf *s, const char *fmt, ...)
{
	size_t space = s->size - s->len;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(s->buf + s->len, space, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	if ((size_t)n >= space) {
		s->cut = true;
		s->len = s->size - 1;
	} else
		s->len += (size_t)n;
}

size_t
utf8_len(const uint8_t *p, size_t n)
{
	if (n == 0)
		return 0;
	if (p[0] < 0x80)
		return 1;
	if (p[0] >= 0xc2 && p[0] <= 0xdf)
		return n >= 2 && (p[1] & 0xc0) == 0x80 ? 2 : 0;
	if (p[0] >= 0xe0 && p[0] <= 0xef) {
		if (n < 3 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80)
			return 0;
		if ((p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f))
			return 0;
		return 3;
	}
	if (p[0] >= 0xf0 && p[0] <= 0xf4) {
		if (n < 4 || (p[1] & 0xc0) != 0x80 || (p[2] & 0xc0) != 0x80 ||
		    (p[3] & 0xc0) != 0x80)
			return 0;
		if ((p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f))
			return 0;
		return 4;
	}
	return 0;
}

bool
utf8_valid(const uint8_t *p, size_t n)
{
	while (n > 0) {
		size_t k = utf8_len(p, n);

		if (k == 0)
			return false;
		p += k;
		n -= k;
	}
	return true;
}

unsigned
str_distance(const char *a, const char *b)
{
	unsigned row[64];
	size_t na = strlen(a), nb = strlen(b);

	if (na >= COUNTOF(row) || nb >= COUNTOF(row))
		return COUNTOF(row);
	for (unsigned j = 0; j <= nb; j++)
		row[j] = j;
	for (size_t i = 1; i <= na; i++) {
		unsigned diagonal = row[0];

		row[0] = (unsigned)i;
		for (size_t j = 1; j <= nb; j++) {
			unsigned up = row[j];
			unsigned best = diagonal + (a[i - 1] != b[j - 1]);

			if (up + 1 < best)
				best = up + 1;
			if (row[j - 1] + 1 < best)
				best = row[j - 1] + 1;
			row[j] = best;
			diagonal = up;
		}
	}
	return row[nb];
}

size_t
str_next(const char **list, const char **word)
{
	size_t n = *list != NULL ? strcspn(*list, ",") : 0;

	*word = *list;
	if (n > 0)
		*list += n + ((*list)[n] == ',');
	return n;
}

bool
str_next_text(const char **list, char *to, size_t size)
{
	const char *word;
	size_t n = str_next(list, &word);

	if (n == 0)
		return false;
	n = n < size ? n : size - 1;
	memcpy(to, word, n);
	to[n] = '\0';
	return true;
}
