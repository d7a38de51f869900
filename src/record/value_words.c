#include "record/value_words.h"

#include <inttypes.h>

#define TEXT_SHOWN	32u	/* bytes of a text value */

static void
put_text(struct strbuf *s, const uint8_t *p, uint32_t n)
{
	bool text = n > 0 && n <= TEXT_SHOWN;

	for (uint32_t i = 0; i < n && text; i++)
		text = p[i] >= 0x20 && p[i] < 0x7f;
	if (text)
		strbuf_printf(s, "\"%.*s\"", (int)n, (const char *)p);
	else
		strbuf_printf(s, "%" PRIu32 " bytes", n);
}

void
op_value_words(struct strbuf *s, const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_BIT:
	case VALUE_UINT:
		strbuf_printf(s, "%" PRIu64, v->u);
		break;
	case VALUE_INT:
		strbuf_printf(s, "%" PRId64, v->i);
		break;
	case VALUE_REAL:
		strbuf_printf(s, "%.6g", v->r);
		break;
	case VALUE_TIME:
		strbuf_put(s, "a time");
		break;
	case VALUE_BYTES:
		put_text(s, v->bytes, v->len);
		break;
	default:
		strbuf_put(s, "nothing");
		break;
	}
}
