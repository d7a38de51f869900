/* health.c - the `health` record: how a device fared. */
#include "output/eve/eve.h"

#include "record/health.h"

/* Four digits say all that such a figure knows. */
static void
put_figure(struct jsonw *j, const char *key, double v)
{
	const double size = v < 0 ? -v : v;
	double times = 1, by = 1;

	while (size > 0 && size * times < 1000 && times < 1e12)
		times *= 10;
	while (size / by >= 10000 && by < 1e15)
		by *= 10;
	if (size < 1e15)
		v = (double)(int64_t)(v * times / by + (v < 0 ? -0.5 : 0.5)) / times * by;
	jsonw_real(j, key, v);
}

static void
put_one(struct jsonw *j, const struct keep_health *h)
{
	const struct health_figure_row *row = health_figure_row(health_figure_named(h->figure));

	jsonw_object(j, NULL);
	jsonw_text(j, "figure", h->figure);
	if (h->object[0] != '\0')
		jsonw_text(j, "object", h->object);
	jsonw_text(j, "condition", h->condition);
	jsonw_word(j, "measure", row->measure);
	jsonw_u64(j, "count", h->count);
	put_figure(j, "mean", h->mean);
	put_figure(j, "median", h->median);
	put_figure(j, "tail", h->tail);
	put_figure(j, "worst", h->worst);
	if (h->learned > 0) {
		put_figure(j, "normal", h->normal);
		if (health_hours_learned(h) > 0)
			jsonw_u64(j, "hours_learned", health_hours_learned(h));
	}
	if (h->per_day != 0)
		put_figure(j, "per_day", h->per_day);
	if (h->limit != 0)
		put_figure(j, "limit", h->limit);
	if (h->forecast_s != 0)
		jsonw_u64(j, "forecast_s", h->forecast_s);
	jsonw_object_end(j);
}

enum format_result
eve_health(struct eve *e, const struct health_report *r, struct line *to)
{
	struct jsonw j = eve_start(e, to);
	char text[ADDR_TEXT_MAX];

	(void)addr_print(&r->of.addr, text);
	jsonw_time(&j, "timestamp", r->until_ns);
	jsonw_text(&j, "event_type", "health");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_object(&j, "health");
	jsonw_text(&j, "device", text);
	if (r->of.vlan != 0)
		jsonw_u64(&j, "vlan", r->of.vlan);
	if (r->of.has_unit) {
		jsonw_word(&j, "protocol", protocols[r->of.proto]->name);
		jsonw_u64(&j, "unit", r->of.unit);
	}
	jsonw_word(&j, "condition", health_condition_text(r->condition));
	jsonw_time(&j, "from", r->from_ns);
	jsonw_time(&j, "until", r->until_ns);
	jsonw_array(&j, "figures");
	for (unsigned i = 0; i < r->n; i++)
		put_one(&j, &r->figures[i]);
	jsonw_array_end(&j);
	jsonw_object_end(&j);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
