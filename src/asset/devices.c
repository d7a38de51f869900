/* devices.c - whole devices: rows of one box put together, the units behind it, roles. */
#include "asset/inventory_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "asset/same.h"
#include "asset/vendors.h"
#include "base/str.h"
#include "record/protocol.h"

#define JUDGED_NS	10000000000ull	/* a role that is asked for at every packet is kept so long */

/* ---- which rows are one box --------------------------------------------------------------- */

/* The address that people know it by: IPv4, else IPv6, else its MAC; of equals the lowest. */
static bool
stands_before(const struct asset *a, const struct asset *b)
{
	const struct asset *of[2] = { a, b };
	unsigned rank[2];

	for (unsigned i = 0; i < 2; i++) {
		const struct addr *x = &of[i]->addr;

		rank[i] = addr_is_v4(x) ? 0 : addr_is_mac(x) ? 3 : x->b[0] == 0xfe ? 2 : 1;
	}
	return rank[0] != rank[1] ? rank[0] < rank[1] : memcmp(&a->addr, &b->addr, sizeof(a->addr)) < 0;
}

/* Several addresses of IPv4 at one MAC may be one box or several (a relay, a virtual host): MACs alone merge nothing.  An
 * address that it stated to be its own does. */
static bool
has_several(const struct box *box)
{
	unsigned n = 0;

	for (const struct link *l = box->rows.next; l != &box->rows && n < 2; l = l->next) {
		const struct boxed *o = LIST_OWNER((struct link *)(uintptr_t)l, struct boxed, of_box);

		n += o->on_link && !o->stated && addr_is_v4(&o->row->addr);
	}
	return n > 1;
}

static bool
is_one(const struct boxed *b)
{
	return b->sent && !b->disputed && boxes_own(b) && !(addr_is_v4(&b->row->addr) && has_several(b->box));
}

void
devices_each_row(const struct inventory *inv, struct asset *x, devices_row *fn, void *arg)
{
	struct boxed *b = boxed_of(inv, x);

	if (!is_one(b)) {
		fn(inv, x, arg);
		return;
	}
	for (struct link *l = b->box->rows.next; l != &b->box->rows; l = l->next) {
		struct boxed *o = LIST_OWNER(l, struct boxed, of_box);

		if (is_one(o))
			fn(inv, o->row, arg);
	}
}

static void
choose_first(const struct inventory *inv, struct asset *x, void *arg)
{
	struct asset **first = arg;

	(void)inv;
	if (*first == NULL || stands_before(x, *first))
		*first = x;
}

struct asset *
devices_first_row(const struct inventory *inv, struct asset *x)
{
	struct asset *first = NULL;

	devices_each_row(inv, x, choose_first, &first);
	return first;
}

/* ---- units -------------------------------------------------------------------------------- */

static bool
names_device_itself(const struct asset_unit *u)
{
	const struct protocol_unit *p = &protocols[u->proto]->unit;

	return u->unit == p->none[0] || u->unit == p->none[1];
}

/* Did it show that there is a device?  A controller answers at any rack and slot: there it is who says what it is. */
static bool
is_there(const struct inventory *inv, struct asset_unit *u)
{
	if (!u->obeyed || names_device_itself(u))
		return false;
	return protocols[u->proto]->unit.device == NULL || known_of(inv, u->device, u)->n > 0;
}

static unsigned
units_of(const struct inventory *inv, struct asset *x, uint8_t proto)
{
	unsigned n = 0;

	for (struct link *l = x->units.next; l != &x->units; l = l->next) {
		struct asset_unit *u = LIST_OWNER(l, struct asset_unit, of);

		n += u->proto == proto && is_there(inv, u);
	}
	return n;
}

bool
devices_stands_behind(const struct inventory *inv, struct asset_unit *u)
{
	return is_there(inv, u) && units_of(inv, u->device, u->proto) >= 2;
}

/* ---- values ------------------------------------------------------------------------------- */

/* One value, which may be known already. */
static void
put_value(struct device *d, const struct attribute *at)
{
	struct device_value *v;
	uint32_t i = 0;

	while (i < d->n_values && !(d->values[i].key == at->key && d->values[i].source == at->source &&
	    strcmp(d->values[i].value, at->value) == 0))
		i++;
	if (i == DEVICE_VALUES)
		return;
	v = &d->values[i];
	if (i == d->n_values) {
		*v = (struct device_value){ .key = at->key, .source = at->source, .confidence = at->confidence,
		    .first_ns = at->first_ns };
		memcpy(v->value, at->value, sizeof(v->value));
		d->n_values++;
	}
	/* A state that came back began when it came back. */
	if (attribute_rows[at->key].form == ATTR_FORM_STATE)
		v->first_ns = at->last_ns > v->last_ns ? at->first_ns : v->first_ns;
	else
		v->first_ns = at->first_ns < v->first_ns ? at->first_ns : v->first_ns;
	v->last_ns = at->last_ns > v->last_ns ? at->last_ns : v->last_ns;
	v->count = at->count > v->count ? at->count : v->count;	/* one may be of an earlier run */
}

static void
put_values(const struct inventory *inv, struct asset *x, struct asset_unit *u, struct device *d)
{
	for (const struct attribute *at = inventory_first(inv, x, u); at != NULL; at = inventory_next(inv, at))
		put_value(d, at);
}

static bool
believed_before(const struct device_value *a, const struct device_value *b)
{
	return a->confidence != b->confidence ? a->confidence > b->confidence : a->last_ns > b->last_ns;
}

/* A card may be of another vendor than the device around it. */
static bool
may_contradict(const struct device_value *a, const struct device_value *b)
{
	return attribute_rows[a->key].form == ATTR_FORM_ONE && a->source != ATTR_BY_OUI && b->source != ATTR_BY_OUI &&
	    !value_same((enum attribute_key)a->key, a->value, b->value) &&
	    (a->source != b->source || (a->last_ns > b->first_ns && b->last_ns > a->first_ns));
}

/* Which one holds; which are contradicted. */
static void
weigh_values(struct device *d)
{
	for (uint32_t i = 0; i < d->n_values; i++) {
		struct device_value *v = &d->values[i];
		uint8_t form = attribute_rows[v->key].form;

		v->holds = true;
		for (uint32_t k = 0; k < d->n_values && form != ATTR_FORM_MANY; k++) {
			const struct device_value *o = &d->values[k];

			if (o == v || o->key != v->key)
				continue;
			if (believed_before(o, v) || (!believed_before(v, o) && k < i))
				v->holds = false;
			v->contradicted |= may_contradict(v, o);
		}
	}
}

static int
by_key(const void *a, const void *b)
{
	const struct device_value *x = a, *y = b;

	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	if (x->holds != y->holds)
		return x->holds ? -1 : 1;
	if (x->source != y->source)
		return x->source > y->source ? -1 : 1;
	return strcmp(x->value, y->value);
}

/* ---- who uses it --------------------------------------------------------------------------- */

static void
as_server(const struct inventory *inv, struct asset *x, struct fill *to)
{
	struct asset_client *c;

	ASSET_EACH_CLIENT(c, x)
		devices_put_peer(to->d->clients, &to->d->n_clients, c->client, c, use_of(inv, c));
	for (struct link *l = x->units.next; l != &x->units; l = l->next) {
		struct asset_unit *u = LIST_OWNER(l, struct asset_unit, of);
		unsigned n = units_of(inv, x, u->proto);

		if (!u->proven && !u->obeyed) {
			put_values(inv, x, u, to->d);	/* which somebody else reported of it */
			if (!boxed_of(inv, x)->answered)
				continue;
		}
		to->d->serves |= PROTO_BIT(u->proto);
		*(protocols[u->proto]->unit.distant ? &to->f.serves_telecontrol : &to->f.serves_control) = true;
		/* Racks and slots are parts of a controller. */
		if (protocols[u->proto]->unit.device == NULL && n > to->f.units_behind)
			to->f.units_behind = n;
		if (devices_stands_behind(inv, u))
			continue;
		put_values(inv, x, u, to->d);
		if (u->obeyed && !names_device_itself(u) && !to->d->has_unit) {
			to->d->has_unit = true;
			to->d->proto = u->proto;
			to->d->unit = u->unit;
		}
	}
}

static void
put_mac(struct device *d, const uint8_t mac[6])
{
	for (uint32_t i = 0; i < d->n_macs; i++)
		if (memcmp(d->mac[i], mac, 6) == 0)
			return;
	if (d->n_macs < DEVICE_MACS)
		memcpy(d->mac[d->n_macs++], mac, 6);
}

static void
put_vendor(const struct inventory *inv, const struct boxed *b, struct device *d)
{
	const char *name = inv->vendors != NULL ? vendors_find(inv->vendors, b->box->mac) : NULL;
	struct attribute at = { .key = ATTR_VENDOR, .source = ATTR_BY_OUI, .first_ns = b->row->first_ns,
	    .last_ns = b->row->seen_ns, .confidence = attribute_sources[ATTR_BY_OUI].confidence, .count = 1 };

	if (name == NULL)
		return;
	(void)snprintf(at.value, sizeof(at.value), "%s", name);
	put_value(d, &at);
}

static void
put_macs(const struct inventory *inv, const struct boxed *b, struct fill *to)
{
	if (b->box == NULL || !boxes_own(b))
		return;
	put_mac(to->d, b->box->mac);
	put_vendor(inv, b, to->d);
	for (unsigned i = 0; i < b->n_was; i++)
		put_mac(to->d, b->was[i]);
	to->f.carries |= b->on_link && b->box->beyond >= 2 && !has_several(b->box);
}

static void
put_times(struct device *d, const struct known *k)
{
	d->writes += k->writes;
	if (k->first_write_ns != 0 && (d->first_write_ns == 0 || k->first_write_ns < d->first_write_ns))
		d->first_write_ns = k->first_write_ns;
	if (k->last_write_ns > d->last_write_ns)
		d->last_write_ns = k->last_write_ns;
}

/* Of an earlier run. */
static void
past(const struct known *k, struct fill *to)
{
	if (k->past_role.confidence > to->past_role.confidence)
		to->past_role = k->past_role;
	to->past_protocols |= k->past_protocols;
}

static void
put_row(const struct inventory *inv, struct asset *x, void *arg)
{
	struct fill *to = arg;
	const struct boxed *b = boxed_of(inv, x);
	const struct known *k = known_of(inv, x, NULL);
	struct device *d = to->d;

	if (addr_is_mac(&x->addr))
		put_mac(d, x->addr.b + 10);
	else if (d->n_addrs < DEVICE_ADDRS)
		d->addr[d->n_addrs++] = x->addr;
	put_macs(inv, b, to);
	d->proven |= x->proven;
	past(k, to);
	d->disputed |= b->disputed;
	to->f.scanned |= b->scanned;
	d->first_ns = d->first_ns == 0 || x->first_ns < d->first_ns ? x->first_ns : d->first_ns;
	d->last_ns = x->seen_ns > d->last_ns ? x->seen_ns : d->last_ns;
	put_times(d, k);
	to->obeyed |= k->obeyed;
	put_values(inv, x, NULL, d);
	devices_as_client(inv, x, to);
	as_server(inv, x, to);
}

static int
by_addr(const void *a, const void *b)
{
	const struct addr *x = a, *y = b;

	if (addr_is_v4(x) != addr_is_v4(y))
		return addr_is_v4(x) ? -1 : 1;
	return memcmp(x, y, sizeof(*x));
}

static void
put_unit(const struct inventory *inv, struct asset_unit *u, struct fill *to)
{
	const struct known *k = known_of(inv, u->device, u);
	struct device *d = to->d;

	d->behind = d->has_unit = true;
	d->proto = u->proto;
	d->unit = u->unit;
	d->addr[d->n_addrs++] = u->device->addr;
	d->first_ns = u->device->first_ns;
	d->last_ns = u->seen_ns;
	d->serves = PROTO_BIT(u->proto);
	*(protocols[u->proto]->unit.distant ? &to->f.serves_telecontrol : &to->f.serves_behind) = true;
	d->proven = u->proven;
	past(k, to);
	put_times(d, k);
	to->obeyed = k->obeyed;
	put_values(inv, u->device, u, d);
}

static void
put_id(struct device *d, const struct inventory_at *at)
{
	struct strbuf s = strbuf_on(d->id, sizeof(d->id));
	char text[ADDR_TEXT_MAX];

	(void)addr_print(&at->device->addr, text);
	strbuf_put(&s, text);
	if (at->device->vlan != 0)
		strbuf_printf(&s, "@%u", (unsigned)at->device->vlan);
	if (at->unit != NULL)
		strbuf_printf(&s, "/%s/%u", protocols[at->unit->proto]->name, (unsigned)at->unit->unit);
}

void
inventory_device(const struct inventory *inv, const struct inventory_at *at, struct device *to)
{
	struct fill fill = { .d = to, .unit = at->unit };

	memset(to, 0, sizeof(*to));
	put_id(to, at);
	to->vlan = at->device->vlan;
	if (at->device->zone != NULL)
		(void)snprintf(to->zone, sizeof(to->zone), "%s", at->device->zone->name);
	to->outside = addr_is_public(&at->device->addr) && at->device->control_ns == 0;
	to->located = inv->locate != NULL && addr_is_public(&at->device->addr) &&
	    inv->locate(inv->geoip, &at->device->addr, &to->location);
	if (at->unit != NULL)
		put_unit(inv, at->unit, &fill);
	else
		devices_each_row(inv, at->device, put_row, &fill);
	qsort(to->addr, to->n_addrs, sizeof(to->addr[0]), by_addr);
	weigh_values(to);
	qsort(to->values, to->n_values, sizeof(to->values[0]), by_key);
	devices_judge(&fill, at->device->zone);
}

struct role_belief
inventory_role(const struct inventory *inv, struct asset *x)
{
	struct boxed *b = boxed_of(inv, x);
	struct inventory_at at = { x, NULL };
	struct device d;

	if (b->judged_ns != 0 && x->seen_ns - b->judged_ns < JUDGED_NS)
		return b->role;
	at.device = devices_first_row(inv, x);
	inventory_device(inv, &at, &d);
	b->role = d.n_roles > 0 ? d.roles[0] : (struct role_belief){ ROLE_UNKNOWN, 0 };
	b->judged_ns = x->seen_ns;
	return b->role;
}

const char *
inventory_maker(const struct inventory *inv, struct asset *x)
{
	const struct boxed *b = boxed_of(inv, x);

	return inv->vendors != NULL && boxes_own(b) ? vendors_find(inv->vendors, b->box->mac) : NULL;
}

/* ---- all of them ------------------------------------------------------------------------------- */

static int
by_place(const void *a, const void *b)
{
	const struct inventory_at *x = a, *y = b;

	if (x->device != y->device) {
		int d = by_addr(&x->device->addr, &y->device->addr);

		return d != 0 ? d : (int)x->device->vlan - (int)y->device->vlan;
	}
	if (x->unit == NULL || y->unit == NULL)
		return x->unit == y->unit ? 0 : x->unit == NULL ? -1 : 1;
	if (x->unit->proto != y->unit->proto)
		return (int)x->unit->proto - (int)y->unit->proto;
	return x->unit->unit < y->unit->unit ? -1 : x->unit->unit > y->unit->unit;
}

bool
devices_is_asset(const struct inventory *inv, struct asset *x)
{
	static const struct addr loopback = { { [15] = 1 } };
	const struct boxed *b = boxed_of(inv, x);
	const struct addr *a = &x->addr;

	if (!(b->sent || b->answered) || (addr_is_v4(a) ? a->b[12] == 0 || a->b[12] >= 224 : a->b[0] == 0xff))
		return false;
	if (x->control_ns != 0)
		return true;
	if (addr_is_v4(a) ? a->b[12] == 127 : memcmp(a, &loopback, sizeof(*a)) == 0)
		return false;
	return !addr_is_public(a) && (x->proven || known_of(inv, x, NULL)->n > 0 || b->on_link);
}

uint32_t
inventory_list(const struct inventory *inv, struct inventory_at *to, uint32_t most)
{
	uint32_t n = 0;

	for (struct asset *x = assets_next(inv->assets, NULL); x != NULL; x = assets_next(inv->assets, x)) {
		if (!devices_is_asset(inv, x))
			continue;
		if (devices_first_row(inv, x) == x) {
			if (n < most)
				to[n] = (struct inventory_at){ x, NULL };
			n++;
		}
		for (struct link *l = x->units.next; l != &x->units; l = l->next) {
			struct asset_unit *u = LIST_OWNER(l, struct asset_unit, of);

			if (!devices_stands_behind(inv, u))
				continue;
			if (n < most)
				to[n] = (struct inventory_at){ x, u };
			n++;
		}
	}
	qsort(to, n < most ? n : most, sizeof(*to), by_place);
	return n;
}
