#include "web/html.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/str.h"

#define SECOND	UINT64_C(1000000000)

void
html_free(struct html *h)
{
	free(h->buf);
	*h = (struct html){ 0 };
}

static void
put(struct html *h, const char *p, size_t n)
{
	if (h->failed)
		return;
	if (h->room - h->len <= n) {
		size_t room = h->room > 0 ? h->room : 65536;
		char *buf;

		while (room - h->len <= n)
			room *= 2;
		buf = realloc(h->buf, room);
		if (buf == NULL) {
			h->failed = true;
			return;
		}
		h->buf = buf;
		h->room = room;
	}
	memcpy(h->buf + h->len, p, n);
	h->len += n;
	h->buf[h->len] = '\0';
}

void
html_raw(struct html *h, const char *markup)
{
	put(h, markup, strlen(markup));
}

void
html_f(struct html *h, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n > 0)
		put(h, text, (size_t)n < sizeof(text) ? (size_t)n : sizeof(text) - 1);
}

void
html_css(struct html *h, const unsigned char *bytes, size_t n)
{
	put(h, (const char *)bytes, n);
}

/* ---- texts ------------------------------------------------------------------------- */

static uint32_t
code_point(const uint8_t *p, size_t n)
{
	static const uint8_t first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = p[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3fu);
	return c;
}

/* Does it move, turn or hide what stands around it, or nothing at all?  Controls; soft hyphen; zero width, directions and
 * joiners (General Punctuation); interlinear and object marks; variation selectors; tags; private use; no characters. */
static bool
is_hidden(uint32_t c)
{
	static const struct { uint32_t from, to; } ranges[] = {
		{ 0x00, 0x1f }, { 0x7f, 0x9f }, { 0xad, 0xad }, { 0x34f, 0x34f }, { 0x61c, 0x61c }, { 0x115f, 0x1160 }, { 0x17b4, 0x17b5 },
		{ 0x180b, 0x180f }, { 0x2000, 0x200f }, { 0x2028, 0x202f }, { 0x205f, 0x206f }, { 0x2800, 0x2800 }, { 0x3000, 0x3000 },
		{ 0x3164, 0x3164 }, { 0xd800, 0xf8ff }, { 0xfdd0, 0xfdef }, { 0xfe00, 0xfe0f }, { 0xfeff, 0xfeff }, { 0xffa0, 0xffa0 },
		{ 0xfff0, 0xffff }, { 0x1bca0, 0x1bca3 }, { 0x1d173, 0x1d17a }, { 0xe0000, 0x10ffff },
	};

	for (size_t i = 0; i < COUNTOF(ranges); i++)
		if (c >= ranges[i].from && c <= ranges[i].to)
			return true;
	return false;
}

static const char *
entity(uint8_t c)
{
	switch (c) {
	case '&':	return "&amp;";
	case '<':	return "&lt;";
	case '>':	return "&gt;";
	case '"':	return "&quot;";
	case '\'':	return "&#39;";
	default:	return NULL;
	}
}

/* One character of UTF-8, of n bytes, or one byte that is none (n 0). */
static void
put_one(struct html *h, const uint8_t *p, size_t n, bool framed)
{
	const uint32_t c = n > 0 ? code_point(p, n) : *p;
	const char *as = n == 1 ? entity(*p) : NULL;

	if (as != NULL)
		html_raw(h, as);
	else if (n > 0 && !is_hidden(c))
		put(h, (const char *)p, n);
	else if (!framed)
		html_raw(h, "\xef\xbf\xbd");
	else
		html_f(h, h->in_svg ? "\u2039%s%0*" PRIX32 "\u203a" : "<i class=hex>%s%0*" PRIX32 "</i>", n > 0 ? "U+" : "", n > 0 ? 4 : 2, c);
}

static void
put_text(struct html *h, const uint8_t *p, size_t n, size_t most, bool framed)
{
	size_t at = 0;

	while (at < n && at < most) {
		size_t len = utf8_len(p + at, n - at);

		put_one(h, p + at, len, framed);
		at += len > 0 ? len : 1;
	}
	if (at < n && framed && !h->in_svg)
		html_f(h, "<i class=hex>%zu more bytes</i>", n - at);
	else if (at < n)
		html_raw(h, "\xe2\x80\xa6");
}

void
html_bytes(struct html *h, const void *bytes, size_t n, size_t most)
{
	put_text(h, bytes, n, most, true);
}

void
html_text(struct html *h, const char *text)
{
	put_text(h, (const uint8_t *)text, strlen(text), HTML_TEXT_MAX, true);
}

void
html_attr(struct html *h, const char *text)
{
	put_text(h, (const uint8_t *)text, strlen(text), HTML_TEXT_MAX, false);
}

/* ---- numbers and times ---------------------------------------------------------------- */

static bool
broken_down(uint64_t ns, struct tm *tm)
{
	time_t t = (time_t)(ns / SECOND);

	return ns != 0 && gmtime_r(&t, tm) != NULL;
}

static void
put_time(struct html *h, uint64_t ns, size_t from)
{
	char text[32], whole[40];
	struct tm tm;

	if (!broken_down(ns, &tm))
		return;
	(void)strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	html_f(h, "<time datetime=\"%s.%06" PRIu64 "Z\" title=\"%s.%06" PRIu64 "Z\">%s</time>", whole, ns % SECOND / 1000, whole,
	    ns % SECOND / 1000, text + from);
}

void
html_time(struct html *h, uint64_t ns)
{
	put_time(h, ns, 0);
}

void
html_when(struct html *h, uint64_t ns)
{
	put_time(h, ns, h->one_day ? sizeof("2026-11-22") : 0);
}

void
html_clock(struct html *h, uint64_t ns)
{
	put_time(h, ns, sizeof("2026-11-22"));
}

void
html_svg_time(struct html *h, uint64_t ns, bool day)
{
	char text[32];
	struct tm tm;

	if (!broken_down(ns, &tm))
		return;
	(void)strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	text[10] = '\0';
	html_raw(h, day ? text : text + 11);
}

void
html_clock_text(struct html *h, uint64_t ns)
{
	html_svg_time(h, ns, false);
}

void
html_number(struct html *h, uint64_t v)
{
	char digits[24], text[32];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v), at = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	put(h, text, (size_t)at);
}

void
html_size(struct html *h, uint64_t bytes)
{
	static const char *const units[] = { "bytes", "KiB", "MiB", "GiB", "TiB" };
	double v = (double)bytes;
	unsigned u = 0;

	while (v >= 1024 && u + 1 < COUNTOF(units)) {
		v /= 1024;
		u++;
	}
	html_f(h, "%.*f %s", u > 0 && v < 10 ? 1 : 0, v, bytes == 1 ? "byte" : units[u]);
}

void
html_duration(struct html *h, uint64_t ns)
{
	const uint64_t s = ns / SECOND;

	if (s >= 172800)
		html_f(h, "%" PRIu64 " days", s / 86400);
	else if (s >= 3600)
		html_f(h, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s % 3600 / 60);
	else if (s >= 60)
		html_f(h, "%" PRIu64 " min %" PRIu64 " s", s / 60, s % 60);
	else
		html_f(h, "%.1f s", (double)ns / (double)SECOND);
}

void
html_addr(struct html *h, const struct addr *a)
{
	static const struct addr none;
	char text[ADDR_TEXT_MAX];

	if (addr_same(a, &none))
		return;
	(void)addr_print(a, text);
	html_raw(h, text);
}
