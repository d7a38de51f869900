/* ecs.c - Elastic Common Schema: what it has a field for goes there, all else below `thermowell`. */
#include "output/convert/parts.h"

#include "base/str.h"
#include "record/alert_type.h"

/* One object is enough for all lines. */
static void *
ecs_open(const struct convert_settings *s, struct err *e)
{
	(void)e;
	return (void *)(uintptr_t)s;
}

static void
ecs_close(void *own)
{
	(void)own;
}

static void
put_number(struct conversion *c, const char *path, const char *a, const char *b)
{
	json_t *x = path_get(c->out, a), *y = path_get(c->out, b);

	if (json_is_integer(x) && json_is_integer(y) && json_integer_value(x) <= INT64_MAX / 2 && json_integer_value(y) <= INT64_MAX / 2)
		conversion_put(c, path, json_integer(json_integer_value(x) + json_integer_value(y)));
	json_decref(x);
	json_decref(y);
}

static void
put_head(struct conversion *c)
{
	const struct record_row *r = c->record;

	conversion_put(c, "@timestamp", value_for(c->target, FIELD_TIME, json_object_get(c->eve, "timestamp"), ""));
	conversion_put(c, "ecs.version", json_string(standard_version(STANDARD_ECS)));
	conversion_put(c, "event.kind", json_string(r->kind));
	if (r->categories[0] != '\0')
		conversion_put(c, "event.category", value_words(r->categories));
	if (r->types[0] != '\0')
		conversion_put(c, "event.type", value_words(r->types));
	conversion_put(c, "event.module", json_string(SENSOR_VENDOR));
	conversion_put(c, "observer.vendor", json_string(SENSOR_VENDOR));
	conversion_put(c, "observer.product", json_string(SENSOR_VENDOR));
	conversion_put(c, "observer.type", json_string("sensor"));
	conversion_put(c, "observer.version", json_string(PACKAGE_VERSION));
}

static enum convert_result
ecs_convert(void *own, const char *line, size_t n, struct text *to)
{
	struct conversion c;
	enum convert_result r = conversion_begin(&c, ON_ECS, line, n);
	enum alert_type type;

	(void)own;
	if (r != CONVERT_OK)
		return r;
	c.out = json_object();
	put_head(&c);
	type = alert_type_by_text(path_text(c.eve, "ot.type"));
	if (type != ALERT_TYPE_COUNT && type != ALERT_RULE)
		conversion_put(&c, "rule.description", json_string(alert_type_row(type)->effect));
	conversion_fields(&c);
	put_number(&c, "network.bytes", "client.bytes", "server.bytes");
	put_number(&c, "network.packets", "client.packets", "server.packets");
	r = conversion_print(&c, "thermowell", to);
	conversion_end(&c);
	return r;
}

const struct converter converter_ecs = {
	.name = "ecs", .content_type = "application/json",
	.open = ecs_open, .convert = ecs_convert, .close = ecs_close,
};
