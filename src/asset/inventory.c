#include "asset/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "asset/inventory_parts.h"
#include "asset/same.h"
#include "asset/vendors.h"
#include "base/str.h"

struct known *
known_of(const struct inventory *inv, struct asset *x, struct asset_unit *u)
{
	struct known *k = u != NULL ? asset_slot(u, inv->unit_slot) : asset_slot(x, inv->device_slot);

	if (k->attributes.next == NULL) {
		list_init(&k->attributes);
		list_init(&k->changed);
		k->device = x;
		k->unit = u;
	}
	return k;
}

void
inventory_changed(struct inventory *inv, struct asset *x, struct asset_unit *u, uint64_t now_ns)
{
	struct known *k = known_of(inv, x, u);

	boxed_of(inv, x)->judged_ns = 0;
	if (!list_empty(&k->changed))
		return;
	k->changed_ns = now_ns;
	list_append(&inv->changed, &k->changed);
	inv->next_ns = 0;
}

static void
forget(struct inventory *inv, struct attribute *at)
{
	known_of(inv, at->device, at->unit)->n--;
	list_remove(&at->of);
	list_remove(&at->by_use);
	pool_put(&inv->attributes, at);
}

/* Its row goes. */
static void
gone(void *arg, struct asset *x, struct asset_unit *u)
{
	struct inventory *inv = arg;
	struct known *k = known_of(inv, x, u);

	while (!list_empty(&k->attributes))
		forget(inv, LIST_OWNER(k->attributes.next, struct attribute, of));
	list_remove(&k->changed);
	inv->next_ns = 0;
	if (u == NULL)
		boxes_gone(inv, x);
}

struct inventory *
inventory_open(struct assets *a, const struct inventory_want *w)
{
	struct inventory *inv = calloc(1, sizeof(*inv));

	if (inv == NULL)
		return NULL;
	inv->assets = a;
	inv->counters = w->counters;
	inv->key = w->key;
	inv->vendors = w->vendors;
	inv->locate = w->locate;
	inv->geoip = w->geoip;
	list_init(&inv->by_use);
	list_init(&inv->changed);
	if (pool_open(&inv->attributes, (uint32_t)w->devices * INVENTORY_ATTRIBUTES, sizeof(struct attribute)) != 0 ||
	    boxes_open(inv, (uint32_t)w->devices * INVENTORY_MACS) != 0) {
		inventory_close(inv);
		return NULL;
	}
	inv->device_slot = assets_slot(a, ASSET_DEVICE, sizeof(struct known));
	inv->boxed_slot = assets_slot(a, ASSET_DEVICE, sizeof(struct boxed));
	inv->unit_slot = assets_slot(a, ASSET_UNIT, sizeof(struct known));
	inv->use_slot = assets_slot(a, ASSET_CLIENT, sizeof(struct use));
	assets_watch(a, gone, inv);
	return inv;
}

void
inventory_close(struct inventory *inv)
{
	if (inv == NULL)
		return;
	boxes_close(inv);
	pool_close(&inv->attributes);
	free(inv);
}

size_t
inventory_memory(const struct inventory *inv)
{
	return sizeof(*inv) + pool_memory(&inv->attributes) + pool_memory(&inv->boxes) + hmap_memory(&inv->by_mac);
}

/* ---- values ------------------------------------------------------------------------------ */

static bool
blank(uint8_t c)
{
	return c <= ' ' || c == 0x7f;
}

/* As text; its length. */
static size_t
clean(const uint8_t *p, size_t n, char to[ATTRIBUTE_MAX])
{
	size_t len = 0;

	while (n > 0 && blank(*p)) {
		p++;
		n--;
	}
	while (n > 0 && blank(p[n - 1]))
		n--;
	while (n > 0) {
		size_t one = utf8_len(p, n), take = one > 0 ? one : 1;

		if (len + take >= ATTRIBUTE_MAX)
			break;
		if (one == 0 || (one == 1 && (*p < ' ' || *p == 0x7f)))
			to[len] = '.';
		else
			memcpy(to + len, p, take);
		len += take;
		p += take;
		n -= take;
	}
	to[len] = '\0';
	return len;
}

/* Not everything that stands where the vendor should is one. */
static size_t
name_vendor(char value[ATTRIBUTE_MAX])
{
	const char *name = value_vendor(value);

	if (name == NULL)
		return 0;
	memmove(value, name, strlen(name) + 1);
	return strlen(value);
}

static unsigned
most(uint8_t key)
{
	switch (attribute_rows[key].form) {
	case ATTR_FORM_STATE:	return 1;	/* of a source */
	case ATTR_FORM_MANY:	return 2 * INVENTORY_OF_KEY;
	default:		return INVENTORY_OF_KEY;
	}
}

static bool
weaker(const struct attribute *at, const struct attribute *than)
{
	return than == NULL || at->confidence < than->confidence ||
	    (at->confidence == than->confidence && at->last_ns < than->last_ns);
}

/* One attribute fewer: there are too many of the key, of the row, or of all. */
static void
evict(struct inventory *inv, struct known *k, uint8_t key, uint8_t source)
{
	const bool state = attribute_rows[key].form == ATTR_FORM_STATE;
	struct attribute *of_key = NULL, *of_row = NULL;
	unsigned n = 0;

	for (struct link *l = k->attributes.next; l != &k->attributes; l = l->next) {
		struct attribute *at = LIST_OWNER(l, struct attribute, of);

		if (at->key == key && (!state || at->source == source)) {
			n++;
			of_key = weaker(at, of_key) ? at : of_key;
		}
		of_row = weaker(at, of_row) ? at : of_row;
	}
	if (n >= most(key)) {
		forget(inv, of_key);
		if (!state)	/* which only has another value now */
			count(inv->counters, CNT_ASSET_ATTRIBUTES);
	} else if (k->n >= INVENTORY_OF_ONE) {
		forget(inv, of_row);
		count(inv->counters, CNT_ASSET_ATTRIBUTES);
	}
	if (inv->attributes.in_use == inv->attributes.n && !list_empty(&inv->by_use)) {
		forget(inv, LIST_OWNER(inv->by_use.next, struct attribute, by_use));
		count(inv->counters, CNT_ASSET_ATTRIBUTES);
	}
}

static struct attribute *
find(struct known *k, uint8_t key, uint8_t source, const char *value)
{
	for (struct link *l = k->attributes.next; l != &k->attributes; l = l->next) {
		struct attribute *at = LIST_OWNER(l, struct attribute, of);

		if (at->key == key && at->source == source && strcmp(at->value, value) == 0)
			return at;
	}
	return NULL;
}

void
inventory_learn(struct inventory *inv, struct asset *x, struct asset_unit *unit, enum attribute_key key,
    enum attribute_source source, const void *bytes, size_t n, uint64_t now_ns)
{
	struct known *k = known_of(inv, x, unit);
	char value[ATTRIBUTE_MAX];
	struct attribute *at;
	size_t len = clean(bytes, n, value);

	if (key == ATTR_VENDOR && source != ATTR_BY_OPERATOR && len > 0)
		len = name_vendor(value);
	if (len == 0)
		return;
	if (addr_is_mac(&x->addr) && boxed_of(inv, x)->box == NULL) {
		boxed_of(inv, x)->sent = true;
		boxes_bind(inv, x, x->addr.b + 10, true, now_ns);
	}
	at = find(k, (uint8_t)key, (uint8_t)source, value);
	if (at == NULL) {
		evict(inv, k, (uint8_t)key, (uint8_t)source);
		at = pool_get(&inv->attributes);
		if (at == NULL)
			return;
		*at = (struct attribute){ .device = x, .unit = unit, .first_ns = now_ns, .key = (uint8_t)key,
		    .source = (uint8_t)source, .confidence = attribute_sources[source].confidence };
		memcpy(at->value, value, len + 1);
		list_append(&k->attributes, &at->of);
		list_init(&at->by_use);
		k->n++;
		inventory_changed(inv, x, unit, now_ns);
	}
	/* What was kept of an earlier run may be replayed. */
	at->count += at->count == 0 || now_ns > at->last_ns;
	at->last_ns = now_ns > at->last_ns ? now_ns : at->last_ns;
	if (source == ATTR_BY_OPERATOR)
		return;
	list_remove(&at->by_use);
	list_append(&inv->by_use, &at->by_use);
}

/* ---- an earlier run --------------------------------------------------------------------------- */

void
inventory_recall(struct inventory *inv, struct asset *x, struct asset_unit *unit, const struct inventory_past *past)
{
	static const uint8_t none[6];
	struct known *k = known_of(inv, x, unit);

	k->past_role = past->role;
	k->past_protocols = past->protocols;
	if (unit != NULL) {
		unit->obeyed = true;	/* else it would not have been kept */
		unit->seen_ns = past->last_ns > unit->seen_ns ? past->last_ns : unit->seen_ns;
	} else
		boxed_of(inv, x)->sent = true;
	if (x->first_ns == 0 || past->first_ns < x->first_ns)
		x->first_ns = past->first_ns;
	if (past->last_ns > x->seen_ns)
		x->seen_ns = past->last_ns;
	if (past->proven)
		assets_prove(inv->assets, x);
	if (unit == NULL && memcmp(past->mac, none, sizeof(none)) != 0)
		boxes_bind(inv, x, past->mac, true, past->last_ns);
	list_remove(&k->changed);
	inv->next_ns = 0;
	list_init(&k->changed);
}

void
inventory_recall_value(struct inventory *inv, struct asset *x, struct asset_unit *unit, const struct device_value *v,
    const void *value, size_t n)
{
	struct known *k = known_of(inv, x, unit);
	char text[ATTRIBUTE_MAX];
	struct attribute *at;

	if (clean(value, n, text) == 0)
		return;
	inventory_learn(inv, x, unit, (enum attribute_key)v->key, (enum attribute_source)v->source, value, n, v->last_ns);
	at = find(k, v->key, v->source, text);
	if (at != NULL) {
		at->first_ns = v->first_ns;
		at->count = v->count;
	}
	list_remove(&k->changed);
	inv->next_ns = 0;
	list_init(&k->changed);
}

/* ---- reading ------------------------------------------------------------------------------- */

static const struct attribute *
at_link(const struct link *l, const struct link *head)
{
	return l == head ? NULL : LIST_OWNER((struct link *)(uintptr_t)l, struct attribute, of);
}

const struct attribute *
inventory_first(const struct inventory *inv, struct asset *x, struct asset_unit *unit)
{
	const struct known *k = known_of(inv, x, unit);

	return at_link(k->attributes.next, &k->attributes);
}

const struct attribute *
inventory_next(const struct inventory *inv, const struct attribute *at)
{
	return at_link(at->of.next, &known_of(inv, at->device, at->unit)->attributes);
}

const struct attribute *
inventory_best(const struct inventory *inv, struct asset *x, struct asset_unit *unit, enum attribute_key key)
{
	const struct attribute *best = NULL;

	for (const struct attribute *at = inventory_first(inv, x, unit); at != NULL; at = inventory_next(inv, at))
		if (at->key == key && (best == NULL || !weaker(at, best)))
			best = at;
	return best;
}
