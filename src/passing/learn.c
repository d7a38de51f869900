#include "passing/parsers.h"

#include "base/str.h"

/* ---- who ---- */

struct passing_who
passing_addr(struct addr a)
{
	return (struct passing_who){ .has_addr = true, .addr = a };
}

struct passing_who
passing_mac(const uint8_t mac[6])
{
	struct passing_who w = { .has_mac = true };

	memcpy(w.mac, mac, sizeof(w.mac));
	return w;
}

/* ---- what ---- */

/* What devices say where nobody gave them a name: "sysName Not Set", "localhost". */
static bool
is_unset(const uint8_t *p, size_t n)
{
	static const char *const unset[] = { "Not Set", "localhost", "localhost.localdomain", "(none)" };

	for (size_t i = 0; i < sizeof(unset) / sizeof(unset[0]); i++) {
		size_t len = strlen(unset[i]);

		if (n >= len && memcmp(p + n - len, unset[i], len) == 0 && (i == 0 || n == len))
			return true;
	}
	return false;
}

static void
learn(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
    const uint8_t *p, size_t n)
{
	const struct passing_fact f = { .who = *who, .vlan = x->vlan, .key = key, .source = x->source,
	    .value = p, .n = n, .ts_ns = x->ts_ns };

	if (n > 0 && (who->has_addr || who->has_mac) && !is_unset(p, n))
		x->sink->learn(x->sink->arg, &f);
}

static bool
is_blank(uint8_t b)
{
	return b == ' ' || b == '\t' || b == '\r' || b == '\n';
}

/* Up to the first NUL, without blanks at the ends. */
static const uint8_t *
trim(const void *p, size_t *n)
{
	const uint8_t *b = p, *nul = *n > 0 ? memchr(b, 0, *n) : NULL;

	if (nul != NULL)
		*n = (size_t)(nul - b);
	for (; *n > 0 && is_blank(b[0]); b++)
		--*n;
	while (*n > 0 && is_blank(b[*n - 1]))
		--*n;
	return b;
}

void
passing_text(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
    const void *p, size_t n)
{
	const uint8_t *b = p != NULL ? trim(p, &n) : NULL;

	if (b != NULL)
		learn(x, who, key, b, n);
}

void
passing_name(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
    const void *p, size_t n)
{
	const uint8_t *b = p != NULL ? trim(p, &n) : NULL;

	if (b == NULL || !utf8_valid(b, n))
		return;
	for (size_t i = 0; i < n; i++)
		if (b[i] < 0x20 || b[i] == 0x7f)
			return;
	learn(x, who, key, b, n);
}

/* RFC 2781, 2.2; surrogates that belong to none are no name. */
void
passing_utf16(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
    struct cursor c)
{
	struct words w = { .n = 0 };

	while (cur_left(&c) >= 2 && w.n + 4 <= sizeof(w.text)) {
		uint32_t u = cur_le16(&c);
		uint8_t b[4];
		size_t n;

		if (u == 0)
			break;
		if (u >= 0xd800 && u < 0xdc00) {
			uint32_t low = cur_le16(&c);

			if (low < 0xdc00 || low > 0xdfff)
				return;
			u = 0x10000 + ((u - 0xd800) << 10) + (low - 0xdc00);
		} else if (u >= 0xdc00 && u < 0xe000)
			return;
		if (u < 0x80) {
			b[0] = (uint8_t)u;
			n = 1;
		} else if (u < 0x800) {
			b[0] = (uint8_t)(0xc0 | u >> 6);
			b[1] = (uint8_t)(0x80 | (u & 0x3f));
			n = 2;
		} else if (u < 0x10000) {
			b[0] = (uint8_t)(0xe0 | u >> 12);
			b[1] = (uint8_t)(0x80 | (u >> 6 & 0x3f));
			b[2] = (uint8_t)(0x80 | (u & 0x3f));
			n = 3;
		} else {
			b[0] = (uint8_t)(0xf0 | u >> 18);
			b[1] = (uint8_t)(0x80 | (u >> 12 & 0x3f));
			b[2] = (uint8_t)(0x80 | (u >> 6 & 0x3f));
			b[3] = (uint8_t)(0x80 | (u & 0x3f));
			n = 4;
		}
		words_put_n(&w, b, n);
	}
	passing_name(x, who, key, w.text, w.n);
}

/* ---- text ---- */

void
words_put_n(struct words *w, const void *p, size_t n)
{
	size_t fits = sizeof(w->text) - w->n;

	if (n > fits)
		n = fits;
	if (n > 0)
		memcpy(w->text + w->n, p, n);
	w->n += n;
}

void
words_put(struct words *w, const char *text)
{
	words_put_n(w, text, strlen(text));
}

void
words_number(struct words *w, uint64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);

	do
		digits[--at] = (char)('0' + n % 10);
	while ((n /= 10) > 0);
	words_put_n(w, digits + at, sizeof(digits) - at);
}

void
words_hex(struct words *w, uint64_t n, unsigned digits)
{
	while (digits-- > 0)
		words_put_n(w, &"0123456789abcdef"[n >> 4 * digits & 15u], 1);
}

void
words_item(struct words *w, const char *text)
{
	if (w->n > 0)
		words_put(w, ", ");
	words_put(w, text);
}

void
passing_words(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
    const struct words *w)
{
	learn(x, who, key, (const uint8_t *)w->text, w->n);
}
