#include "web/rules.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/keep.h"
#include "store/list.h"

#define RULES	512u

struct hit {
	uint64_t	alerts, hits, first_ns, last_ns;
	struct keep_alert last;
};

struct hits {
	const struct keep_alert *row;
	struct hit	*of;
	unsigned	 n;
	uint64_t	 alerts;
};

static bool
note_hit(void *arg, const struct store_cell *cells, unsigned n)
{
	struct hits *h = arg;
	const struct keep_alert *a = h->row;
	struct hit *x;
	unsigned i = 0;

	(void)cells, (void)n;
	h->alerts++;
	while (i < h->n && (h->of[i].last.sid != a->sid || h->of[i].last.gid != a->gid))
		i++;
	if (i == RULES)
		return true;
	x = &h->of[i];
	if (i == h->n) {
		h->n++;
		/* They come latest first. */
		*x = (struct hit){ .last = *a, .last_ns = a->last_ns, .first_ns = a->first_ns };
	}
	x->alerts++;
	x->hits += a->count;
	if (a->first_ns < x->first_ns)
		x->first_ns = a->first_ns;
	return true;
}

json_t *
web_rules(const char *store, struct err *e)
{
	_Alignas(16) uint8_t row[STORE_ROW_MAX] = { 0 };
	struct store_query q = { .kind = KEEP_ALERT, .newest = true, .limit = WEB_RULES_OF, .row = row };
	struct hits h = { .row = (const void *)row, .of = calloc(RULES, sizeof(*h.of)) };
	json_t *rules = NULL;

	if (h.of == NULL || store_list(store, &q, note_hit, &h, e) < 0) {
		free(h.of);
		return NULL;
	}
	rules = json_array();
	for (unsigned i = 0; i < h.n; i++)
		(void)json_array_append_new(rules, json_pack("{s:I, s:I, s:I, s:o, s:o, s:i, s:I, s:I, s:I, s:I}",
		    "gid", (json_int_t)h.of[i].last.gid, "sid", (json_int_t)h.of[i].last.sid, "rev", (json_int_t)h.of[i].last.rev,
		    "signature", json_from_text(h.of[i].last.signature), "type", json_from_text(h.of[i].last.type),
		    "severity", (int)h.of[i].last.severity, "alerts", (json_int_t)h.of[i].alerts, "hits", (json_int_t)h.of[i].hits,
		    "first", (json_int_t)(h.of[i].first_ns / 1000), "last", (json_int_t)(h.of[i].last_ns / 1000)));
	free(h.of);
	return json_pack("{s:o, s:I}", "rules", rules, "of", (json_int_t)h.alerts);
}
