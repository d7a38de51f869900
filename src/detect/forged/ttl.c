/* ttl.c - the time to live of a session's packets, by end and MAC.
 *
 * A system begins all its packets with the same time to live, and every router takes one away.  Two
 * ends of a session that stay where they are have the same one in all of theirs.  Another way through the
 * network changes it by a few, and from then on; another system in its name changes where it began: 64
 * where it was 128.  Copies of routers on the same mirror have another MAC and are not compared.
 *
 * From one session to the next of a device only values are compared that no router has touched: behind one
 * that translates addresses many systems share one.
 */
#include "detect/forged/marks.h"

#include <string.h>

#define AGAIN	3u	/* packets without data until another beginning counts, and until another way is
			 * the one to compare with */
#define KNOWN	2u	/* sessions of a device with data, until what they have is what it has */
#define STAYS	64u	/* the same for another beginning, that was reported */

/* Where it began, if no way is longer than 30 routers: what systems send with. */
static unsigned
began(uint8_t ttl)
{
	return ttl > 128 ? 255 : ttl > 64 ? 128 : ttl > 32 ? 64 : 32;
}

/* The same once more, or the first of it: how often did it come? */
static unsigned
came(struct end_marks *e, uint8_t ttl)
{
	if (e->other_ttl != ttl) {
		e->other_ttl = ttl;
		e->n_other = 0;
	}
	return ++e->n_other;
}

static void
report(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir, uint8_t before)
{
	struct finding x = finding_from_packet(ALERT_SESSION_TTL, p, f, dir);

	finding_add_number(&x, "hops_left", p->ttl);
	finding_add_number(&x, "hops_left_before", before);
	emit(&d->env, &x);
}

void
ttl_differs(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct end_marks *e = &marks_of(d, f)->end[dir];
	bool elsewhere = began(p->ttl) != began(e->ttl);
	bool data = p->payload_wire > 1;	/* a keep-alive may have a byte */
	unsigned n = came(e, p->ttl);

	/* A balancer of load opens a session in the name of the host that then speaks. */
	if (f->payload[dir] == 0) {
		e->ttl = p->ttl;
		return;
	}
	if (elsewhere && (data || n >= AGAIN))
		report(d, p, f, dir, e->ttl);
	if (n >= (elsewhere ? STAYS : AGAIN)) {
		e->ttl = p->ttl;
		e->n_other = 0;
	}
}

/* ---- from one session to the next ------------------------------------------------------------ */

static struct device_marks *
device_of(const struct forged *d, const struct flow *f, enum flow_dir dir)
{
	struct asset *x = asset_of(f, dir);

	return x != NULL ? asset_slot(x, d->of_device) : NULL;
}

void
ttl_begins(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	const struct device_marks *x = device_of(d, f, dir);
	struct finding y;

	if (x == NULL || x->n < KNOWN || !ttl_is_first_hop(p->ttl) || began(p->ttl) == began(x->ttl) || p->mac_src == NULL ||
	    memcmp(p->mac_src, x->mac, sizeof(x->mac)) != 0 || f->proto != IP_TCP)
		return;
	y = finding_from_packet(ALERT_DEVICE_TTL, p, f, dir);
	finding_add_number(&y, "hops_left", p->ttl);
	finding_add_number(&y, "hops_left_before", x->ttl);
	emit(&d->env, &y);
}

void
ttl_ends(struct forged *d, struct flow *f, enum flow_dir dir)
{
	const struct end_marks *e = &marks_of(d, f)->end[dir];
	struct device_marks *x = device_of(d, f, dir);

	if (x == NULL || e->ttl == 0 || f->payload[dir] == 0 || !ttl_is_first_hop(e->ttl))
		return;
	if (x->n == 0) {
		memcpy(x->mac, e->mac, sizeof(x->mac));
		x->ttl = e->ttl;
		x->n = 1;
	} else if (memcmp(x->mac, e->mac, sizeof(x->mac)) != 0) {
		return;
	} else if (began(e->ttl) == began(x->ttl)) {
		x->n = KNOWN;
		x->n_other = 0;
	} else if (x->n < KNOWN || ++x->n_other >= STAYS) {
		*x = (struct device_marks){ .ttl = e->ttl, .n = 1, .asked_ns = x->asked_ns };	/* it was set up anew */
		memcpy(x->mac, e->mac, sizeof(x->mac));
	}
}
