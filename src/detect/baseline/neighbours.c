/* neighbours.c - facts of announcements straight on Ethernet: which devices say that they are there, and what of
 * themselves: name, port, model, firmware.  A switch, an access point or a device of PROFINET may show nothing else. */
#include "detect/baseline/model.h"

#include <stdlib.h>

#include "asset/maintenance.h"
#include "base/hash.h"
#include "base/str.h"
#include "record/attribute.h"

#define DIGITS 8u	/* of the hash in place of what is too long */

struct neighbours {
	struct baseline	*b;
	/* One announcement says much: what was reported last. */
	uint64_t	 frame, ts_ns;
	struct addr	 addr;
};

static void *
neighbours_open(struct baseline *b, struct err *e)
{
	struct neighbours *m = calloc(1, sizeof(*m));

	(void)e;
	if (m != NULL)
		m->b = b;
	return m;
}

/* What stays until somebody changes it. */
static bool
is_steady(unsigned key)
{
	switch (key) {
	case ATTR_VENDOR:
	case ATTR_PRODUCT:
	case ATTR_MODEL:
	case ATTR_ORDER_NUMBER:
	case ATTR_FIRMWARE:
	case ATTR_HARDWARE:
	case ATTR_SERIAL:
	case ATTR_STATION:
	case ATTR_NAME:
	case ATTR_PORT:
	case ATTR_CAPABILITIES:
	case ATTR_DESCRIPTION:
	case ATTR_DEVICE_ID:
		return true;
	default:
		return false;
	}
}

/* The text of a key is short: of what is longer the beginning, and a hash of all of it. */
static void
put_text(char to[FACT_TEXT], const uint8_t *p, size_t n)
{
	static const char hex[] = "0123456789abcdef";
	const size_t most = n < FACT_TEXT ? n : FACT_TEXT - 2 - DIGITS;
	uint64_t hash = hash_bytes(HASH_REPLAY_KEY, p, n);
	size_t i;

	for (i = 0; i < most; i++)
		to[i] = p[i] >= 0x20 && p[i] < 0x7f ? (char)p[i] : '.';
	if (n < FACT_TEXT)
		return;
	to[i++] = '~';
	for (unsigned k = 0; k < DIGITS; k++, hash >>= 4)
		to[i++] = hex[hash & 15u];
}

static void
report(struct neighbours *m, struct deviation *d, const struct announcement *s)
{
	const struct packet *p = s->packet;
	struct finding f = { .type = d->type, .ts_ns = p->ts_ns, .frame = p->frame, .source = p->source, .src = s->addr,
	    .packet = p, .any_dst = true };

	if (m->frame == p->frame && m->ts_ns == p->ts_ns && addr_same(&m->addr, &s->addr))
		return;		/* what else is new of it is open now, too */
	m->frame = p->frame;
	m->ts_ns = p->ts_ns;
	m->addr = s->addr;
	baseline_report(m->b, d, &f);
}

static void
neighbours_announcement(void *arg, const struct announcement *what)
{
	struct neighbours *m = arg;
	const struct addr ends[2] = { what->addr, what->addr };
	struct sighting s = { .now_ns = what->packet->ts_ns,
	    .may_learn = maintenance_of(baseline_env(m->b)->maintenance, what->packet->ts_ns, ends, MAINTENANCE_NO_INTENT) == NULL };
	struct fact_key k = { .kind = FACT_KIND_DEVICE, .server = what->addr };
	struct deviation d = { .type = ALERT_BASELINE_DEVICE };

	if (!is_steady(what->key) || addr_is_public(&what->addr))
		return;
	if (baseline_see(m->b, &k, &s, &d.fact) == BASELINE_NEW && d.fact != NULL && d.fact->count <= 1)
		report(m, &d, what);
	k.kind = FACT_KIND_ANNOUNCED;
	k.code = attribute_code((enum attribute_key)what->key);
	put_text(k.text, what->value, what->n);
	d = (struct deviation){ .type = ALERT_BASELINE_ANNOUNCED };
	if (baseline_see(m->b, &k, &s, &d.fact) != BASELINE_NEW)
		return;
	(void)snprintf(d.what, sizeof(d.what), "%s %s", attribute_rows[what->key].text, k.text);
	report(m, &d, what);
}

static size_t
neighbours_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct neighbours);
}

const struct model model_neighbours = {
	.name = "neighbours",
	.open = neighbours_open,
	.announcement = neighbours_announcement,
	.memory = neighbours_memory,
	.close = free,
};
