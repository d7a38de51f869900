#include "base/shown.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct range {
	uint32_t first, last;
};

static bool
in(uint32_t c, const struct range *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (c >= of[i].first && c <= of[i].last)
			return true;
	return false;
}

/* Controls, and what Unicode calls format characters. */
static bool
is_hidden(uint32_t c)
{
	static const struct range hidden[] = { { 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c },
	    { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 }, { 0x180b, 0x180f }, { 0x200b, 0x200f }, { 0x2028, 0x202e }, { 0x2060, 0x206f },
	    { 0x3164, 0x3164 }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 }, { 0xfff0, 0xfffb }, { 0xe0000, 0xe0fff } };

	return in(c, hidden, COUNTOF(hidden));
}

static bool
is_wide(uint32_t c)
{
	static const struct range wide[] = { { 0x1100, 0x115e }, { 0x2e80, 0x303e }, { 0x3041, 0xa4cf }, { 0xac00, 0xd7a3 },
	    { 0xf900, 0xfaff }, { 0xfe30, 0xfe6f }, { 0xff00, 0xff60 }, { 0xffe0, 0xffe6 }, { 0x1f300, 0x1faff }, { 0x20000, 0x3fffd } };

	return in(c, wide, COUNTOF(wide));
}

/* The next character: its bytes (1 where it is shown as a question mark), and columns. */
static size_t
next(const char *text, bool *plain, size_t *columns)
{
	const uint8_t *p = (const uint8_t *)text;
	size_t n = utf8_len(p, strnlen(text, 4));
	uint32_t c = p[0];

	*columns = 1;
	*plain = false;
	if (n == 0)
		return 1;
	if (n > 1)
		c = p[0] & (0xffu >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	*plain = !is_hidden(c);
	if (*plain && is_wide(c))
		*columns = 2;
	return n;
}

size_t
shown_width(const char *text)
{
	size_t width = 0, columns;
	bool plain;

	while (*text != '\0') {
		text += next(text, &plain, &columns);
		width += columns;
	}
	return width;
}

void
shown_put(struct strbuf *to, const char *text, size_t most)
{
	const bool cut = shown_width(text) > most;
	size_t left = cut ? most - (most > 0) : most, columns;
	bool plain;

	while (*text != '\0') {
		size_t n = next(text, &plain, &columns);

		if (columns > left)
			break;
		left -= columns;
		if (plain)
			strbuf_printf(to, "%.*s", (int)n, text);
		else
			strbuf_put(to, "?");
		text += n;
	}
	if (cut && most > 0)
		strbuf_put(to, "\xe2\x80\xa6");
}
