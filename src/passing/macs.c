#include "passing/macs.h"

#include <string.h>

#include "base/hash.h"

void
macs_open(struct macs *m, uint64_t key, struct counters *c)
{
	m->key = key;
	m->counters = c;
}

static uint32_t
first_of(const struct macs *m, const uint8_t mac[6])
{
	uint64_t v = 0;

	memcpy(&v, mac, 6);
	return (uint32_t)(hash_mix(v ^ m->key, 0x9e3779b97f4a7c15u) % (MACS / MACS_WAYS) * MACS_WAYS);
}

void
macs_seen(struct macs *m, const uint8_t mac[6], const struct addr *a, uint64_t now_ns)
{
	struct mac_row *first = &m->row[first_of(m, mac)], *r = first;

	/* A probe (RFC 5227) has no address yet. */
	if (addr_is_v4(a) && a->b[12] == 0)
		return;
	for (struct mac_row *i = first; i < first + MACS_WAYS; i++) {
		if (i->seen_ns != 0 && memcmp(i->mac, mac, sizeof(i->mac)) == 0) {
			if (addr_same(&i->addr, a))
				i->seen_ns = now_ns;
			else if (now_ns - i->seen_ns > MACS_AGAIN_NS) {
				i->addr = *a;
				i->seen_ns = now_ns;
				i->several = false;
			} else
				i->several = true;
			return;
		}
		if (i->seen_ns < r->seen_ns)
			r = i;
	}
	if (r->seen_ns != 0)
		count(m->counters, CNT_PASSING_MACS_EVICTED);
	memcpy(r->mac, mac, sizeof(r->mac));
	r->addr = *a;
	r->seen_ns = now_ns > 0 ? now_ns : 1;
	r->several = false;
}

bool
macs_addr(const struct macs *m, const uint8_t mac[6], struct addr *a)
{
	const struct mac_row *r = &m->row[first_of(m, mac)];

	for (unsigned i = 0; i < MACS_WAYS; i++, r++)
		if (r->seen_ns != 0 && !r->several && memcmp(r->mac, mac, sizeof(r->mac)) == 0) {
			*a = r->addr;
			return true;
		}
	return false;
}
