/* boxes.c - which MAC belongs to which address, and which belongs to a router on the way.
 *
 * A MAC alone proves nothing: that of a router stands before all the addresses behind it.  What binds
 * an address to it is ARP, or a form of address that no router passes on (RFC 4291, 2.5.6; RFC 4862).  Without
 * such a proof a MAC counts as an address's own when it was seen with no other one.
 */
#include "asset/inventory_parts.h"

#include <string.h>

#include "base/hash.h"

#define V6_OF_ONE	3u	/* addresses of IPv6 that a box has besides, for privacy (RFC 8981) */

int
boxes_open(struct inventory *inv, uint32_t n)
{
	list_init(&inv->boxes_by_use);
	return pool_open(&inv->boxes, n, sizeof(struct box)) == 0 && hmap_open(&inv->by_mac, n) == 0 ? 0 : -1;
}

void
boxes_close(struct inventory *inv)
{
	hmap_close(&inv->by_mac);
	pool_close(&inv->boxes);
}

static uint64_t
hash_mac(const struct inventory *inv, const uint8_t mac[6], uint16_t vlan)
{
	return hash_bytes(inv->key ^ vlan, mac, 6);
}

static void
leave(struct inventory *inv, struct boxed *b)
{
	struct box *box = b->box;

	if (box == NULL)
		return;
	if (b->on_link)
		box->on_link--;
	else
		box->beyond--;
	list_remove(&b->of_box);
	b->box = NULL;
	if (!list_empty(&box->rows))
		return;
	list_remove(&box->by_use);
	(void)hmap_remove(&inv->by_mac, hash_mac(inv, box->mac, box->vlan), pool_index(&inv->boxes, box));
	pool_put(&inv->boxes, box);
}

void
boxes_gone(struct inventory *inv, struct asset *x)
{
	leave(inv, boxed_of(inv, x));
}

static struct box *
find(const struct inventory *inv, const uint8_t mac[6], uint16_t vlan)
{
	uint64_t hash = hash_mac(inv, mac, vlan);

	for (uint32_t at = hmap_first(&inv->by_mac, hash); at != HMAP_END; at = hmap_next(&inv->by_mac, hash, at)) {
		struct box *box = pool_at(&inv->boxes, hmap_value(&inv->by_mac, at));

		if (box->vlan == vlan && memcmp(box->mac, mac, 6) == 0)
			return box;
	}
	return NULL;
}

bool
boxes_has(const struct inventory *inv, const uint8_t mac[6], uint16_t vlan)
{
	return find(inv, mac, vlan) != NULL;
}

static struct box *
box_of(struct inventory *inv, const uint8_t mac[6], uint16_t vlan)
{
	struct box *box = find(inv, mac, vlan);

	if (box != NULL) {
		list_touch(&inv->boxes_by_use, &box->by_use);
		return box;
	}
	if (inv->boxes.in_use == inv->boxes.n) {
		struct box *oldest = LIST_OWNER(inv->boxes_by_use.next, struct box, by_use);

		count(inv->counters, CNT_ASSET_MACS);
		while (inv->boxes.in_use == inv->boxes.n)	/* the last row takes it along */
			leave(inv, LIST_OWNER(oldest->rows.next, struct boxed, of_box));
	}
	box = pool_get(&inv->boxes);
	if (box == NULL)	/* not with a table of at least one row */
		return NULL;
	memset(box, 0, sizeof(*box));
	memcpy(box->mac, mac, 6);
	box->vlan = vlan;
	list_init(&box->rows);
	list_append(&inv->boxes_by_use, &box->by_use);
	(void)hmap_put(&inv->by_mac, hash_mac(inv, mac, vlan), pool_index(&inv->boxes, box));
	return box;
}

/* fe80::/10, or the last half made of the MAC. */
static bool
never_routed(const struct addr *a, const uint8_t mac[6])
{
	const uint8_t made[8] = { mac[0] ^ 2u, mac[1], mac[2], 0xff, 0xfe, mac[3], mac[4], mac[5] };

	if (addr_is_v4(a))
		return false;
	return addr_is_mac(a) || (a->b[0] == 0xfe && (a->b[1] & 0xc0) == 0x80) || memcmp(a->b + 8, made, 8) == 0;
}

/* What a device sends from before it has an address. */
static bool
is_nobody(const struct addr *a)
{
	static const struct addr none;
	static const uint8_t v4[4];

	return addr_is_v4(a) ? memcmp(a->b + 12, v4, 4) == 0 : addr_same(a, &none);
}

/* It had another one. */
static void
changes_mac(struct boxed *b, const uint8_t mac[6])
{
	const unsigned most = DEVICE_MACS - 1;

	for (unsigned i = 0; i < b->n_was; i++)
		if (memcmp(b->was[i], mac, 6) == 0)
			b->disputed = true;	/* and has it again */
	b->disputed |= b->on_link && !b->stated;	/* a port has a MAC of its own */
	memmove(b->was[1], b->was[0], (most - 1) * sizeof(b->was[0]));
	memcpy(b->was[0], b->box->mac, sizeof(b->was[0]));
	b->n_was = (uint8_t)(b->n_was < most ? b->n_was + 1u : most);
}

void
boxes_bind(struct inventory *inv, struct asset *x, const uint8_t mac[6], bool on_link, uint64_t now_ns)
{
	static const uint8_t nobody[6];		/* loopback */
	struct boxed *b = boxed_of(inv, x);
	bool before = b->on_link;

	if ((mac[0] & 1) != 0 || memcmp(mac, nobody, 6) == 0 || is_nobody(&x->addr))
		return;
	on_link |= never_routed(&x->addr, mac);
	if (b->box != NULL && memcmp(b->box->mac, mac, 6) == 0) {
		if (on_link && !before) {
			b->on_link = true;
			b->stated = false;
			b->box->beyond--;
			b->box->on_link++;
		}
		return;
	}
	/* What a router passed on does not move an address that ARP has bound. */
	if (b->box != NULL && before && !on_link)
		return;
	if (b->box != NULL && (before || !on_link))
		changes_mac(b, mac);
	leave(inv, b);
	b->on_link = on_link;
	b->stated = false;
	b->row = x;
	b->box = box_of(inv, mac, x->vlan);
	if (b->box == NULL)
		return;
	list_append(&b->box->rows, &b->of_box);
	if (on_link)
		b->box->on_link++;
	else
		b->box->beyond++;
	inventory_changed(inv, x, NULL, now_ns);
}

bool
boxes_own(const struct boxed *b)
{
	unsigned v4 = 0, v6 = 0;

	if (b->box == NULL || b->on_link)
		return b->box != NULL;
	/* A plant may have public addresses of its own. */
	if (b->box->beyond > V6_OF_ONE + 1 || (addr_is_public(&b->row->addr) && b->row->control_ns == 0))
		return false;
	for (const struct link *l = b->box->rows.next; l != &b->box->rows; l = l->next) {
		const struct boxed *o = LIST_OWNER((struct link *)(uintptr_t)l, struct boxed, of_box);

		v4 += addr_is_v4(&o->row->addr);
		v6 += !addr_is_v4(&o->row->addr) && !o->on_link;
	}
	return v4 <= 1 && v6 <= V6_OF_ONE;
}

void
inventory_stated(struct inventory *inv, struct asset *x, const uint8_t mac[6], uint64_t now_ns)
{
	struct boxed *b = boxed_of(inv, x);

	b->sent = true;
	if (b->box != NULL && b->on_link)
		return;
	boxes_bind(inv, x, mac, true, now_ns);
	b->stated = true;
}
