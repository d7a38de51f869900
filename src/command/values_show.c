/* values_show.c - values of tags as a table, CSV, line protocol of InfluxDB, JSON. */
#include <inttypes.h>
#include <string.h>

#include "base/influx.h"
#include "base/json.h"
#include "base/real.h"
#include "base/shown.h"
#include "base/str.h"
#include "command/values.h"
#include "process/tag.h"
#include "record/addr.h"
#include "record/process.h"

#define SECOND	UINT64_C(1000000000)

/* ---- texts ------------------------------------------------------------------------------ */

#define NUMBER_MAX (REAL_TEXT_MAX + 1)

static const char *
number(double v, char to[NUMBER_MAX])
{
	*real_print(to, v) = '\0';
	return to;
}

/* With its unit, as sentences have it. */
static const char *
with_unit(const struct keep_tag *t, double v, char to[TAG_VALUE_MAX])
{
	struct tag as = { .name = t->tag, .unit = t->unit, .group = t->grp };
	char why[64];
	struct strbuf b = strbuf_on(why, sizeof(why));

	(void)tag_form_read(t->type, &as.form, &b);
	tag_value_print(&as, v, to);
	return to;
}

static const char *
address(const struct keep_tag *t, char to[ADDR_TEXT_MAX])
{
	static const struct addr none;

	to[0] = '\0';
	if (!addr_same(&t->writer, &none))
		(void)addr_print(&t->writer, to);
	return to;
}

/* The device: the first word of where the tag is. */
static const char *
device(const struct keep_tag *t, char to[sizeof(t->at)])
{
	(void)snprintf(to, sizeof(t->at), "%.*s", (int)strcspn(t->at, " "), t->at);
	return to;
}

/* What the plant calls something may hold anything: it must not move the cursor. */
static void
cell(const char *text, int width)
{
	char shown[1024];
	struct strbuf b = strbuf_on(shown, sizeof(shown));
	size_t n = 0;

	shown_put(&b, text, SIZE_MAX);
	for (const char *p = shown; *p != '\0'; p++)
		n += ((unsigned char)*p & 0xc0) != 0x80;
	fputs(shown, stdout);
	for (; n < (size_t)width; n++)
		fputc(' ', stdout);
	fputs("  ", stdout);
}

static const char *
second(uint64_t ns, char to[COMMAND_TIME])
{
	(void)command_time_text((int64_t)ns, to);
	if (to[0] != '\0') {
		to[10] = ' ';
		to[19] = '\0';
	}
	return to;
}

/* ---- present values --------------------------------------------------------------------------- */

static void
tag_as_table(const struct keep_tag *t, bool first)
{
	char text[TAG_VALUE_MAX], time[COMMAND_TIME], by[ADDR_TEXT_MAX];

	if (first)
		printf("%-28s  %-14s  %-11s  %-7s  %-19s  %-14s  %s\n", "tag", "value", "kind", "quality", "changed (UTC)", "before",
		    "written by");
	cell(t->tag, 28);
	cell(t->known ? with_unit(t, t->value, text) : "", 14);
	cell(t->kind, 11);
	cell(process_quality_text(t->quality), 7);
	cell(second(t->change_ns, time), 19);
	cell(t->has_old ? with_unit(t, t->old, text) : "", 14);
	if (t->written) {
		printf("%s, %s", address(t, by), second(t->write_ns, time));
		if (t->has_write_old)
			printf(", before that %s", with_unit(t, t->write_old, text));
	}
	fputc('\n', stdout);
}

struct csv {
	bool	later;
};

static void
field(struct csv *c, const char *text)
{
	/* A negative number is no formula. */
	if (text[0] == '-' && text[1] >= '0' && text[1] <= '9' && strspn(text + 1, "0123456789.e+-") == strlen(text + 1))
		printf("%s%s", c->later ? "," : "", text);
	else
		command_csv(stdout, text, !c->later);
	c->later = true;
}

static void
count_field(struct csv *c, uint64_t n)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%" PRIu64, n);
	field(c, text);
}

static void
tag_as_csv(const struct keep_tag *t, bool first)
{
	char text[NUMBER_MAX], time[COMMAND_TIME], by[ADDR_TEXT_MAX];
	struct csv c = { 0 };

	if (first)
		fputs("tag,group,address,type,value,unit,kind,quality,changed,old,written_by,written_at,written_value,written_old,"
		    "source_time,first,last,count,changes,writes\r\n", stdout);
	field(&c, t->tag);
	field(&c, t->grp);
	field(&c, t->at);
	field(&c, t->type);
	field(&c, t->known ? number(t->value, text) : "");
	field(&c, t->unit);
	field(&c, t->kind);
	field(&c, process_quality_text(t->quality));
	field(&c, command_time_text((int64_t)t->change_ns, time));
	field(&c, t->has_old ? number(t->old, text) : "");
	field(&c, t->written ? address(t, by) : "");
	field(&c, command_time_text((int64_t)t->write_ns, time));
	field(&c, t->written ? number(t->write_value, text) : "");
	field(&c, t->has_write_old ? number(t->write_old, text) : "");
	field(&c, command_time_text((int64_t)t->source_ns, time));
	field(&c, command_time_text((int64_t)t->first_ns, time));
	field(&c, command_time_text((int64_t)t->last_ns, time));
	count_field(&c, t->count);
	count_field(&c, t->changes);
	count_field(&c, t->writes);
	fputs("\r\n", stdout);
}

/* The tags of a point, as the format influx of outputs has them. */
static struct influx
point_of(struct strbuf *b, const struct keep_tag *t)
{
	struct influx l = influx_begin(b, "process");
	char at[sizeof(t->at)];

	influx_tag(&l, "device", device(t, at));
	influx_tag(&l, "group", t->grp);
	return l;
}

static void
tag_as_influx(const struct keep_tag *t)
{
	char line[4096], by[ADDR_TEXT_MAX];
	struct strbuf b = strbuf_on(line, sizeof(line));
	struct influx l = point_of(&b, t);

	influx_tag(&l, "tag", t->tag);
	influx_tag(&l, "unit", t->unit);
	if (t->known)
		influx_real(&l, "value", t->value);
	if (t->has_old)
		influx_real(&l, "old", t->old);
	influx_text(&l, "quality", process_quality_text(t->quality));
	if (t->written)
		influx_text(&l, "writer", address(t, by));
	if (t->source_ns != 0)
		influx_number(&l, "source_time", t->source_ns);
	if (influx_end(&l, t->last_ns))
		puts(line);
}

static void
set_time(json_t *o, const char *key, uint64_t ns)
{
	char time[COMMAND_TIME];

	if (ns != 0)
		(void)json_object_set_new(o, key, json_string(command_time_text((int64_t)ns, time)));
}

static void
set_text(json_t *o, const char *key, const char *text)
{
	if (text[0] != '\0')
		(void)json_object_set_new(o, key, json_from_text(text));
}

static bool
tag_as_json(const struct keep_tag *t)
{
	char text[TAG_VALUE_MAX], by[ADDR_TEXT_MAX];
	json_t *o = json_object(), *w;

	set_text(o, "tag", t->tag);
	set_text(o, "group", t->grp);
	set_text(o, "address", t->at);
	set_text(o, "type", t->type);
	if (t->known) {
		(void)json_object_set_new(o, "value", json_real(t->value));
		set_text(o, "text", with_unit(t, t->value, text));
	}
	set_text(o, "unit", t->unit);
	set_text(o, "kind", t->kind);
	set_text(o, "quality", process_quality_text(t->quality));
	set_time(o, "changed", t->change_ns);
	if (t->has_old)
		(void)json_object_set_new(o, "old", json_real(t->old));
	if (t->written) {
		w = json_pack("{s:s, s:f}", "ip", address(t, by), "value", t->write_value);
		set_time(w, "time", t->write_ns);
		if (t->has_write_old)
			(void)json_object_set_new(w, "old", json_real(t->write_old));
		(void)json_object_set_new(o, "writer", w);
	}
	set_time(o, "source_time", t->source_ns);
	set_time(o, "first", t->first_ns);
	set_time(o, "last", t->last_ns);
	(void)json_object_set_new(o, "count", json_integer((json_int_t)t->count));
	(void)json_object_set_new(o, "changes", json_integer((json_int_t)t->changes));
	(void)json_object_set_new(o, "writes", json_integer((json_int_t)t->writes));
	return json_line(o, stdout);
}

bool
values_show_tag(const struct values_want *w, const struct keep_tag *t, bool first)
{
	switch (w->form) {
	case VALUES_TABLE:
		tag_as_table(t, first);
		break;
	case VALUES_CSV:
		tag_as_csv(t, first);
		break;
	case VALUES_INFLUX:
		tag_as_influx(t);
		break;
	case VALUES_JSON:
		return tag_as_json(t);
	}
	return !ferror(stdout);
}

/* ---- history --------------------------------------------------------------------------------------- */

/* "1m" */
static const char *
step_text(uint64_t ns, char to[32])
{
	uint64_t s = ns / SECOND;
	const uint64_t unit = s % 86400 == 0 ? 86400 : s % 3600 == 0 ? 3600 : s % 60 == 0 ? 60 : 1;

	(void)snprintf(to, 32, "%" PRIu64 "%c", s / unit, unit == 86400 ? 'd' : unit == 3600 ? 'h' : unit == 60 ? 'm' : 's');
	return to;
}

static void
row_as_table(const struct keep_tag *t, const struct keep_span *s, uint64_t step_ns, bool first)
{
	char a[TAG_VALUE_MAX], time[COMMAND_TIME];

	if (first)
		printf("%-28s  %-23s  %s\n", "tag", "time (UTC)", "value, or mean, minimum, maximum, last and number");
	(void)command_time_text((int64_t)s->start_ns, time);
	time[10] = ' ';
	time[23] = '\0';
	cell(t->tag, 28);
	cell(time, 23);
	cell(with_unit(t, step_ns == 0 ? s->last : s->mean, a), 14);
	if (step_ns != 0) {
		cell(number(s->min, a), 8);
		cell(number(s->max, a), 8);
		cell(number(s->last, a), 8);
		printf("%6" PRIu64 "  ", s->count);
	}
	if ((s->quality & (PROCESS_BAD | PROCESS_UNSURE)) != 0)
		cell(process_quality_text(s->quality), 6);
	if (s->writes > 0)
		fputs("written", stdout);
	fputc('\n', stdout);
}

static void
row_as_csv(const struct keep_tag *t, const struct keep_span *s, uint64_t step_ns, bool first)
{
	char text[NUMBER_MAX], time[COMMAND_TIME];
	struct csv c = { 0 };

	/* One head for both: tags may differ in their step. */
	if (first)
		fputs("tag,time,step_s,value,min,max,mean,last,unit,count,writes,quality\r\n", stdout);
	field(&c, t->tag);
	field(&c, command_time_text((int64_t)s->start_ns, time));
	count_field(&c, step_ns / SECOND);
	field(&c, number(step_ns == 0 ? s->last : s->mean, text));
	field(&c, number(s->min, text));
	field(&c, number(s->max, text));
	field(&c, number(s->mean, text));
	field(&c, number(s->last, text));
	field(&c, t->unit);
	count_field(&c, s->count);
	count_field(&c, s->writes);
	field(&c, process_quality_text(s->quality));
	fputs("\r\n", stdout);
}

static void
row_as_influx(const struct keep_tag *t, const struct keep_span *s, uint64_t step_ns)
{
	char line[4096], step[32];
	struct strbuf b = strbuf_on(line, sizeof(line));
	struct influx l = point_of(&b, t);

	if (step_ns != 0)
		influx_tag(&l, "step", step_text(step_ns, step));
	influx_tag(&l, "tag", t->tag);
	influx_tag(&l, "unit", t->unit);
	if (step_ns == 0)
		influx_real(&l, "value", s->last);
	else {
		influx_real(&l, "mean", s->mean);
		influx_real(&l, "min", s->min);
		influx_real(&l, "max", s->max);
		influx_real(&l, "last", s->last);
		influx_number(&l, "count", s->count);
		influx_number(&l, "writes", s->writes);
	}
	influx_text(&l, "quality", process_quality_text(s->quality));
	if (influx_end(&l, s->start_ns))
		puts(line);
}

static bool
row_as_json(const struct keep_tag *t, const struct keep_span *s, uint64_t step_ns)
{
	json_t *o = json_object();

	set_text(o, "tag", t->tag);
	set_time(o, "time", s->start_ns);
	if (step_ns == 0)
		(void)json_object_set_new(o, "value", json_real(s->last));
	else {
		(void)json_object_set_new(o, "step_s", json_integer((json_int_t)(step_ns / SECOND)));
		(void)json_object_set_new(o, "min", json_real(s->min));
		(void)json_object_set_new(o, "max", json_real(s->max));
		(void)json_object_set_new(o, "mean", json_real(s->mean));
		(void)json_object_set_new(o, "last", json_real(s->last));
		(void)json_object_set_new(o, "count", json_integer((json_int_t)s->count));
	}
	set_text(o, "unit", t->unit);
	(void)json_object_set_new(o, "writes", json_integer((json_int_t)s->writes));
	set_text(o, "quality", process_quality_text(s->quality));
	return json_line(o, stdout);
}

bool
values_show_row(const struct values_want *w, const struct keep_tag *t, const struct keep_span *row, uint64_t step_ns, bool first)
{
	switch (w->form) {
	case VALUES_TABLE:
		row_as_table(t, row, step_ns, first);
		break;
	case VALUES_CSV:
		row_as_csv(t, row, step_ns, first);
		break;
	case VALUES_INFLUX:
		row_as_influx(t, row, step_ns);
		break;
	case VALUES_JSON:
		return row_as_json(t, row, step_ns);
	}
	return !ferror(stdout);
}
