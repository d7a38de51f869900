#include "engine/reported.h"

#include <stdlib.h>
#include <string.h>

#include "alert/row.h"
#include "base/hash.h"
#include "engine/stop.h"

/* The network; not one device, as whoever tries its functions or points does. */
static bool
searched(const struct alert *a)
{
	return strncmp(a->type->text, "scan.", 5) == 0 && a->finding->type != ALERT_FUNCTION_SCAN &&
	    a->finding->type != ALERT_POINT_SCAN;
}

static void
on_incident(void *arg, const struct incident *i)
{
	struct worker *w = arg;
	const struct keep *keep = store_keep(w->store);
	struct keep_incident row;

	summary_incident(&w->summary, i);
	output_incident(w->output, i);
	if (w->tap.incident != NULL)
		w->tap.incident(w->tap.arg, i);
	if (keep == NULL)
		return;
	incident_row(i, &row);
	(void)keep_put(keep, KEEP_INCIDENT, &row, sizeof(row));
	for (uint32_t k = 0; k < i->n_fresh; k++) {
		struct keep_member one;

		memset(&one, 0, sizeof(one));
		memcpy(one.incident, row.uid, sizeof(one.incident));
		memcpy(one.alert, i->fresh[k], sizeof(one.alert));
		one.ts_ns = i->ts_ns;
		(void)keep_put(keep, KEEP_MEMBER, &one, sizeof(one));
	}
}

/* What the table of devices knows of the endpoints. */
static void
add_endpoints(const struct worker *w, struct alert *a, struct location at[2])
{
	const struct addr *const ends[2] = { &a->finding->src, &a->finding->dst };

	a->maintenance = maintenance_of_alert(w->maintenance, a);
	a->zoned = w->zones != NULL;
	for (unsigned i = 0; i < 2; i++) {
		a->zone[i] = zones_of(w->zones, ends[i]);
		if (w->geoip != NULL && addr_is_public(ends[i]) && geoip_locate(w->geoip, ends[i], &at[i]))
			a->location[i] = &at[i];
	}
}

static void
on_alert(void *arg, const struct alert *plain)
{
	struct worker *w = arg;
	struct alert with = *plain;
	const struct alert *a = &with;
	struct location at[2];

	add_endpoints(w, &with, at);
	summary_alert(&w->summary, a);
	if (a->kind == ALERT_FIRST && searched(a))
		inventory_scanned(w->inventory, &a->finding->src, a->finding->packet != NULL ?
		    packet_vlan(a->finding->packet) : 0, a->ts_ns);
	if (w->lines) {
		char line[CONSOLE_TEXT];

		(void)console_put(w->console, CONSOLE_OUT, line,
		    summary_alert_line(a, line, sizeof(line), w->color));
	}
	output_alert(w->output, a);
	if (w->tap.alert != NULL)
		w->tap.alert(w->tap.arg, a);
	if (w->store != NULL) {
		struct keep_alert row;

		alert_row(a, &row);
		(void)keep_put(store_keep(w->store), KEEP_ALERT, &row, sizeof(row));
	}
	incidents_alert(w->incidents, a);
}

void
worker_open_alerts(struct worker *w, const struct settings *s, bool live, struct err *e)
{
	const struct alerts_env env = { .settings = s, .sink = { on_alert, w }, .counters = &w->counters,
	    .now_ns = &w->now_ns, .key = w->key, .run = live ? hash_key() : 0 };
	char *dir;

	w->alerts = alerts_open(&env);
	w->incidents = incidents_open(s->alert.incidents_s, &(struct incident_sink){ on_incident, w }, &w->counters);
	if (w->alerts == NULL || w->incidents == NULL)
		err_add(e, NULL, 0, 0, "no memory for alerts: lower alerts.windows in the configuration");
	if (w->alerts == NULL || w->incidents == NULL || !live || !s->alert.evidence)
		return;
	dir = evidence_folder(&s->alert, s->output.log_dir);
	if (dir == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return;
	}
	/* One alert may ask for all that is kept. */
	w->captures = captures_open(dir, (size_t)s->alert.evidence_kib * 1024, stop_deadline(), e);
	if (w->captures != NULL) {
		const struct evidence_disk disk = { captures_begin, captures_put, captures_end,
		    captures_remove, captures_failed, w->captures };

		w->evidence = evidence_open(&s->alert, dir, &disk, &w->counters, e);
	}
	free(dir);
	if (w->evidence != NULL)
		alerts_set_evidence(w->alerts, &(struct alert_evidence){ evidence_file, w->evidence });
}
