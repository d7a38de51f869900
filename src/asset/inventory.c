#include "asset/inventory.h"

#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "base/str.h"
#include "record/protocol.h"

/* In the slot of a row or of a unit. */
struct known {
	struct link	attributes;	/* in the order in which they came; next NULL: none yet */
	uint32_t	n;
};

struct inventory {
	struct assets	*assets;
	struct counters	*counters;
	uint32_t	 device_slot, unit_slot;
	struct pool	 attributes;
	struct link	 by_use;	/* longest not said first; without the operator's */
};

static struct known *
known_of(const struct inventory *inv, struct asset *x, struct asset_unit *u)
{
	struct known *k = u != NULL ? asset_slot(u, inv->unit_slot) : asset_slot(x, inv->device_slot);

	if (k->attributes.next == NULL)
		list_init(&k->attributes);
	return k;
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
}

struct inventory *
inventory_open(struct assets *a, uint64_t devices, struct counters *counters)
{
	struct inventory *inv = calloc(1, sizeof(*inv));

	if (inv == NULL)
		return NULL;
	inv->assets = a;
	inv->counters = counters;
	list_init(&inv->by_use);
	if (pool_open(&inv->attributes, (uint32_t)devices * INVENTORY_ATTRIBUTES, sizeof(struct attribute)) != 0) {
		free(inv);
		return NULL;
	}
	inv->device_slot = assets_slot(a, ASSET_DEVICE, sizeof(struct known));
	inv->unit_slot = assets_slot(a, ASSET_UNIT, sizeof(struct known));
	assets_watch(a, gone, inv);
	return inv;
}

void
inventory_close(struct inventory *inv)
{
	if (inv == NULL)
		return;
	pool_close(&inv->attributes);
	free(inv);
}

size_t
inventory_memory(const struct inventory *inv)
{
	return sizeof(*inv) + pool_memory(&inv->attributes);
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

	if (len == 0)
		return;
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
	}
	at->last_ns = now_ns;
	at->count++;
	if (source == ATTR_BY_OPERATOR)
		return;
	list_remove(&at->by_use);
	list_append(&inv->by_use, &at->by_use);
}

/* ---- operations ---------------------------------------------------------------------------- */

static const uint8_t of_fact[OP_FACT_COUNT] = {
#define OP_FACT(id, text, attribute) ATTR_##attribute,
#include "record/op_names.def"
};

void
inventory_operation(struct inventory *inv, const struct operation *op)
{
	const struct asset_ends *at;
	enum attribute_source source;

	if (op->n_facts == 0 || op->phase != OP_FINISHED)
		return;
	at = asset_ends(assets_ends(inv->assets));
	if (at->server == NULL || protocols[op->proto]->fact_source == NULL)
		return;
	source = (enum attribute_source)protocols[op->proto]->fact_source(op->function);
	for (uint32_t i = 0; i < op->n_facts; i++) {
		const struct op_fact *f = &op->facts[i];
		struct asset *x = f->of_client ? at->client : at->server;
		struct asset_unit *u = f->of_client ? NULL : at->unit;
		uint64_t now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;

		if (of_fact[f->key] == ATTR_NONE)
			continue;
		if (u != NULL && f->has_unit && f->unit != u->unit)
			u = assets_unit(inv->assets, x, op->proto, f->unit, now_ns);
		inventory_learn(inv, x, u, (enum attribute_key)of_fact[f->key], source, f->bytes, f->len, now_ns);
	}
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

const struct attribute *
inventory_contradicts(const struct inventory *inv, const struct attribute *at)
{
	if (attribute_rows[at->key].form != ATTR_FORM_ONE)
		return NULL;
	for (const struct attribute *o = inventory_first(inv, at->device, at->unit); o != NULL;
	    o = inventory_next(inv, o))
		if (o->key == at->key && o != at && strcmp(o->value, at->value) != 0 &&
		    (o->source != at->source || (o->last_ns > at->first_ns && at->last_ns > o->first_ns)))
			return o;
	return NULL;
}
