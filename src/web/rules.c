#include "web/rules.h"

#include <stdint.h>

#include "store/list.h"

struct rules { json_t *list; json_int_t alerts; };

static void
put_hit(void *to, const struct store_hit *h)
{
	struct rules *r = to;

	r->alerts += (json_int_t)h->alerts;
	(void)json_array_append_new(r->list, json_pack("{s:I, s:I, s:I, s:o, s:o, s:i, s:I, s:I, s:I, s:I}",
	    "gid", (json_int_t)h->last.gid, "sid", (json_int_t)h->last.sid, "rev", (json_int_t)h->last.rev,
	    "signature", json_from_text(h->last.signature), "type", json_from_text(h->last.type), "severity", (int)h->last.severity,
	    "alerts", (json_int_t)h->alerts, "hits", (json_int_t)h->hits, "first", (json_int_t)(h->first_ns / 1000),
	    "last", (json_int_t)(h->last_ns / 1000)));
}

json_t *
web_rules(const char *store, struct err *e)
{
	struct rules r = { .list = json_array() };

	if (store_hits(store, put_hit, &r, e) != 0) {
		json_decref(r.list);
		return NULL;
	}
	return json_pack("{s:o, s:I}", "rules", r.list, "of", r.alerts);
}
