/* incident.c - EVE's event type `incident`, which is ours. */
#include "output/eve/eve.h"
#include "record/incident.h"

static void
put_addr(struct jsonw *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	jsonw_text(j, key, text);
}

static void
put_types(struct jsonw *j, const struct incident *i)
{
	jsonw_array(j, "types");
	for (uint32_t k = 0; k < i->n_types; k++) {
		const struct incident_type *t = &i->types[k];

		jsonw_object(j, NULL);
		jsonw_text(j, "type", alert_type_row(t->type)->text);
		jsonw_u64(j, "severity", t->severity);
		jsonw_u64(j, "alerts", t->alerts);
		jsonw_time(j, "first", t->first_ns);
		jsonw_time(j, "last", t->last_ns);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_stages(struct jsonw *j, const struct incident *i)
{
	jsonw_array(j, "stages");
	for (uint32_t k = 0; k < i->n_stages; k++) {
		const struct attack_tactic_row *t = attack_tactic_row(i->stages[k].tactic);

		jsonw_object(j, NULL);
		jsonw_text(j, "tactic", t->name);
		jsonw_text(j, "tactic_id", t->id);
		jsonw_time(j, "first", i->stages[k].first_ns);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_techniques(struct jsonw *j, const char *list)
{
	const char *at;
	char id[16];
	size_t n;

	jsonw_array(j, "techniques");
	while ((at = attack_next(&list, &n)) != NULL) {
		if (n >= sizeof(id))
			continue;
		memcpy(id, at, n);
		id[n] = '\0';
		jsonw_text(j, NULL, id);
	}
	jsonw_array_end(j);
}

enum format_result
eve_incident(struct eve *e, const struct incident *i, struct line *to)
{
	static const char *const kinds[] = { "first", "update", "closed" };
	struct jsonw j = eve_start(e, to);

	jsonw_time(&j, "timestamp", i->ts_ns);
	jsonw_text(&j, "event_type", "incident");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_text(&j, "id", i->uid);
	jsonw_object(&j, "incident");
	jsonw_u64(&j, "number", i->id);
	jsonw_text(&j, "kind", kinds[i->kind]);
	jsonw_u64(&j, "severity", i->severity);
	jsonw_text(&j, "title", i->title);
	jsonw_text(&j, "advice", i->advice);
	if (i->maintenance != NULL)
		jsonw_text(&j, "maintenance", i->maintenance);
	if (i->part_of != NULL)
		jsonw_text(&j, "part_of", i->part_of);
	if (i->has_attacker)
		put_addr(&j, "attacker", &i->attacker);
	jsonw_array(&j, "targets");
	for (uint32_t k = 0; k < i->n_targets; k++)
		put_addr(&j, NULL, &i->targets[k]);
	jsonw_array_end(&j);
	if (i->more_targets)
		jsonw_bool(&j, "more_targets", true);
	jsonw_u64(&j, "alerts", i->alerts);
	put_types(&j, i);
	put_stages(&j, i);
	put_techniques(&j, i->techniques);
	jsonw_time(&j, "first", i->first_ns);
	jsonw_time(&j, "last", i->last_ns);
	if (i->first_frame != 0) {
		jsonw_array(&j, "frames");
		jsonw_u64(&j, NULL, frame_in_file(i->first_frame));
		jsonw_u64(&j, NULL, frame_in_file(i->last_frame));
		jsonw_array_end(&j);
	}
	jsonw_object_end(&j);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
