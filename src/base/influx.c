#include "base/influx.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/real.h"

/* `value` with a backslash before each of `special`; `slash` stands for a backslash. */
static void
put(struct strbuf *to, const char *value, const char *special, const char *slash)
{
	const size_t n = strlen(value);
	char one[8] = { 0 };

	for (size_t i = 0; i < n; ) {
		size_t len = utf8_len((const uint8_t *)value + i, n - i);
		unsigned char c = (unsigned char)value[i];

		if (len == 0 || c < 0x20 || c == 0x7f)
			strbuf_put(to, "?");
		else if (c == '\\')
			strbuf_put(to, slash);
		else {
			if (len == 1 && strchr(special, c) != NULL)
				strbuf_put(to, "\\");
			memcpy(one, value + i, len);
			one[len] = '\0';
			strbuf_put(to, one);
		}
		i += len > 0 ? len : 1;
	}
}

struct influx
influx_begin(struct strbuf *to, const char *measurement)
{
	put(to, measurement, ", ", "/");
	return (struct influx){ .to = to };
}

void
influx_tag(struct influx *l, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	strbuf_put(l->to, ",");
	put(l->to, key, ",= ", "/");
	strbuf_put(l->to, "=");
	/* A tag cannot say a backslash before what it escapes, nor end with one. */
	put(l->to, value, ",= ", "/");
}

static void
key_of(struct influx *l, const char *key)
{
	strbuf_put(l->to, l->fields++ > 0 ? "," : " ");
	put(l->to, key, ",= ", "/");
	strbuf_put(l->to, "=");
}

void
influx_real(struct influx *l, const char *key, double value)
{
	char text[REAL_TEXT_MAX + 1];

	if (!isfinite(value))
		return;
	key_of(l, key);
	*real_print(text, value) = '\0';
	strbuf_put(l->to, text);
}

void
influx_number(struct influx *l, const char *key, uint64_t value)
{
	key_of(l, key);
	strbuf_printf(l->to, "%" PRIu64 "i", value <= INT64_MAX ? value : INT64_MAX);
}

void
influx_text(struct influx *l, const char *key, const char *value)
{
	if (value[0] == '\0')
		return;
	key_of(l, key);
	strbuf_put(l->to, "\"");
	put(l->to, value, "\"", "\\\\");
	strbuf_put(l->to, "\"");
}

bool
influx_end(struct influx *l, uint64_t ts_ns)
{
	strbuf_printf(l->to, " %" PRIu64, ts_ns);
	return l->fields > 0 && !l->to->cut;
}
