/* incident_row.c - an incident as a row that is kept. */
#include <stdio.h>
#include <string.h>

#include "alert/incidents.h"
#include "base/str.h"

void
incident_row(const struct incident *i, struct keep_incident *to)
{
	struct strbuf s = strbuf_on(to->stages, sizeof(to->stages));

	memset(to, 0, sizeof(*to));
	(void)snprintf(to->uid, sizeof(to->uid), "%s", i->uid);
	to->id = i->id;
	to->severity = i->severity;
	(void)snprintf(to->title, sizeof(to->title), "%s", i->title);
	for (uint32_t k = 0; k < i->n_stages; k++)
		strbuf_printf(&s, "%s%s", k == 0 ? "" : " > ", attack_tactic_row(i->stages[k].tactic)->name);
	(void)snprintf(to->techniques, sizeof(to->techniques), "%s", i->techniques);
	(void)snprintf(to->advice, sizeof(to->advice), "%s", i->advice);
	if (i->has_attacker)
		to->attacker = i->attacker;
	if (i->n_targets == 1 && !i->more_targets)
		to->target = i->targets[0];
	to->first_ns = i->first_ns;
	to->last_ns = i->last_ns;
	to->first_frame = i->first_frame;
	to->last_frame = i->last_frame;
	to->alerts = i->alerts;
	(void)snprintf(to->maintenance, sizeof(to->maintenance), "%s", i->maintenance != NULL ? i->maintenance : "");
	(void)snprintf(to->part_of, sizeof(to->part_of), "%s", i->part_of != NULL ? i->part_of : "");
	to->closed = i->kind == INCIDENT_CLOSED;
}
