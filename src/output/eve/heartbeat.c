/* heartbeat.c - a sign of life: who waits for it in vain knows that silence is not peace. */
#include "output/eve/eve.h"

#include "output/chain.h"

enum format_result
eve_heartbeat(struct eve *e, const struct heartbeat *h, struct line *to)
{
	const uint64_t *v = h->c->v;
	struct jsonw j = eve_start(e, to);

	jsonw_time(&j, "timestamp", h->now_ns);
	jsonw_text(&j, "event_type", "heartbeat");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_object(&j, "heartbeat");
	jsonw_u64(&j, "n", h->n);
	jsonw_u64(&j, "every_s", h->every_s);
	jsonw_u64(&j, "uptime_s", h->uptime_s);
	jsonw_text(&j, "version", PACKAGE_VERSION);
	jsonw_u64(&j, "packets", v[CNT_DEC_PACKETS]);
	jsonw_u64(&j, "dropped", v[CNT_CAP_DROPS] + v[CNT_CAP_IFDROPS]);
	jsonw_u64(&j, "alerts", v[CNT_ALERT_ALL]);
	jsonw_u64(&j, "lines_lost", v[CNT_OUT_LOST]);
	if (h->clock >= 0)
		jsonw_bool(&j, "clock_synchronised", h->clock > 0);
	/* The last member: chain_read_head() looks for it at the end. */
	if (h->last != NULL) {
		jsonw_object(&j, "chain");
		jsonw_u64(&j, "n", h->last->n);
		jsonw_text(&j, "hash", h->last->hash);
		jsonw_object_end(&j);
	}
	jsonw_object_end(&j);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
