/* fuzz_html.c - whatever a wire says, as content and as an attribute: what comes out is text and nothing else. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "web/html.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static size_t
starts(const char *at, const char *with)
{
	size_t n = strlen(with);

	return strncmp(at, with, n) == 0 ? n : 0;
}

/* Valid, without controls; '<' only of our own frames, '&' only of our own entities. */
static void
check(const struct html *h, bool framed)
{
	static const char *const entities[] = { "&amp;", "&lt;", "&gt;", "&quot;", "&#39;" };
	unsigned open = 0;

	if (h->buf == NULL)
		return;
	if (!utf8_valid((const uint8_t *)h->buf, h->len) || strlen(h->buf) != h->len)
		abort();
	for (const char *at = h->buf; *at != '\0'; at++) {
		size_t known = 0;

		if ((unsigned char)*at < 0x20 || *at == 0x7f || *at == '"' || *at == '\'')
			abort();
		if (*at == '<') {
			if (!framed || (open == 0 ? starts(at, "<i class=hex>") : starts(at, "</i>")) == 0)
				abort();
			at += (open == 0 ? strlen("<i class=hex>") : strlen("</i>")) - 1;
			open ^= 1u;
			continue;
		}
		for (size_t i = 0; *at == '&' && known == 0 && i < COUNTOF(entities); i++)
			known = starts(at, entities[i]);
		if (*at == '>' || (*at == '&' && known == 0))
			abort();
	}
	if (open != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct html h = { 0 };
	char *text = malloc(n + 1);

	if (text == NULL)
		abort();
	memcpy(text, data, n);
	text[n] = '\0';
	html_bytes(&h, data, n, n > 0 ? 1 + data[0] * 16u : 0);
	check(&h, true);
	html_free(&h);
	html_text(&h, text);
	check(&h, true);
	html_free(&h);
	html_attr(&h, text);
	check(&h, false);
	html_free(&h);
	free(text);
	return 0;
}
