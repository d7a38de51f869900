/* influx.c - line protocol of InfluxDB: `process` records as points of one series a tag.
 *
 * Tags are what stays (name, group, unit of measure, device), so that a tag is one series; all else is a field.
 */
#include "output/convert/parts.h"

#include <string.h>
#include <time.h>

#include "base/influx.h"

#define INFLUX_LINE 4096u

static void *
influx_open(const struct convert_settings *s, struct err *e)
{
	(void)e;
	return (void *)(uintptr_t)s;
}

static void
influx_close(void *own)
{
	(void)own;
}

/* "2026-01-05T06:00:00.003000+0000": ns since 1970; 0: it is none. */
static uint64_t
time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	uint64_t ns = 0, unit = 1000000000;
	time_t t;

	if (rest == NULL || (t = timegm(&tm)) < 0)
		return 0;
	if (*rest == '.')
		for (rest++; *rest >= '0' && *rest <= '9' && unit > 1; rest++)
			ns += (uint64_t)(*rest - '0') * (unit /= 10);
	return (uint64_t)t * 1000000000u + ns;
}

static void
put_real(struct influx *l, const char *key, const json_t *of, const char *member)
{
	const json_t *v = json_object_get(of, member);

	if (json_is_number(v))
		influx_real(l, key, json_number_value(v));
}

static enum convert_result
influx_convert(void *own, const char *line, size_t n, struct text *to)
{
	const struct convert_settings *s = own;
	json_t *eve = json_loadb(line, n, JSON_DECODE_INT_AS_REAL, NULL);
	const json_t *p = json_object_get(json_object_get(eve, "ot"), "process"), *w = json_object_get(p, "writer");
	char text[INFLUX_LINE];
	struct strbuf b = strbuf_on(text, sizeof(text));
	enum convert_result r = eve == NULL ? CONVERT_FAILED : CONVERT_NOT_MINE;
	uint64_t source = time_of(json_text_of(p, "source_time"));
	struct influx l;

	if (p != NULL && strcmp(json_text_of(eve, "event_type"), "process") == 0) {
		l = influx_begin(&b, "process");
		influx_tag(&l, "device", json_text_of(eve, "dest_ip"));
		influx_tag(&l, "group", json_text_of(p, "group"));
		influx_tag(&l, "host", s->sensor != NULL ? s->sensor : json_text_of(eve, "host"));
		influx_tag(&l, "tag", json_text_of(p, "tag"));
		influx_tag(&l, "unit", json_text_of(p, "unit"));
		put_real(&l, "value", p, "value");
		put_real(&l, "old", p, "old");
		influx_text(&l, "quality", json_text_of(p, "quality"));
		influx_text(&l, "why", json_text_of(p, "why"));
		if (strcmp(json_text_of(p, "why"), "write") == 0)
			influx_text(&l, "writer", json_text_of(w, "ip"));
		if (source != 0)
			influx_number(&l, "source_time", source);
		r = influx_end(&l, time_of(json_text_of(eve, "timestamp"))) ? CONVERT_OK : CONVERT_TOO_LONG;
		if (r == CONVERT_OK)
			text_put(to, b.buf, b.len);
		if (to->cut)
			r = CONVERT_TOO_LONG;
	}
	json_decref(eve);
	return r;
}

const struct converter converter_influx = {
	.name = "influx", .content_type = "text/plain; charset=utf-8", .lines_type = "text/plain; charset=utf-8", .auth = "Token",
	.series = true, .open = influx_open, .convert = influx_convert, .close = influx_close,
};
