#include "asset/ask.h"

#include <string.h>
#include <strings.h>

#include "base/str.h"

/* Does the text hold the word, in upper or lower case? */
static bool
holds(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (; n > 0 && *text != '\0'; text++)
		if (strncasecmp(text, word, n) == 0)
			return true;
	return false;
}

static bool
has(const struct asset_ask *q, struct asset *x, struct asset_unit *unit, enum attribute_key key, const char *name)
{
	const struct attribute *a = inventory_best(q->inventory, x, unit, key);

	return a != NULL && holds(a->value, name);
}

/* Of a rack it is the CPU that has a model. */
static bool
any_has(const struct asset_ask *q, struct asset *x, enum attribute_key key, const char *name)
{
	if (q == NULL || q->inventory == NULL)
		return false;
	if (has(q, x, NULL, key, name))
		return true;
	for (struct link *l = x->units.next; l != &x->units; l = l->next)
		if (has(q, x, LIST_OWNER(l, struct asset_unit, of), key, name))
			return true;
	return false;
}

bool
asset_is(const struct asset_ask *q, struct asset *x, enum asset_question what, const char *name)
{
	struct role_belief role;
	const char *maker;

	switch (what) {
	case ASSET_ASK_ROLE:
		if (q == NULL || q->inventory == NULL)
			return false;
		role = inventory_role(q->inventory, x);
		return role.role != ROLE_UNKNOWN && role.role == role_find(name);
	case ASSET_ASK_ZONE:
		return strcasecmp(x->zone != NULL ? x->zone->name : ZONE_OUTSIDE, name) == 0;
	case ASSET_ASK_VENDOR:
		maker = q != NULL && q->inventory != NULL ? inventory_maker(q->inventory, x) : NULL;
		return any_has(q, x, ATTR_VENDOR, name) || (maker != NULL && holds(maker, name));
	case ASSET_ASK_MODEL:
		return any_has(q, x, ATTR_MODEL, name) || any_has(q, x, ATTR_PRODUCT, name) ||
		    any_has(q, x, ATTR_ORDER_NUMBER, name);
	case ASSET_ASK_NEW:
		return q != NULL && q->is_new != NULL && q->is_new(q->arg, x);
	}
	return false;
}

static bool
calls_itself(const struct inventory *inv, struct asset *x, struct asset_unit *unit, const char *name)
{
	static const enum attribute_key keys[] = { ATTR_NAME, ATTR_STATION, ATTR_HOSTNAME, ATTR_FQDN };

	for (size_t i = 0; i < COUNTOF(keys); i++) {
		const struct attribute *a = inventory_best(inv, x, unit, keys[i]);

		if (a != NULL && strcasecmp(a->value, name) == 0)
			return true;
	}
	return false;
}

bool
asset_is_named(const struct inventory *inv, struct asset *x, const char *name)
{
	if (inv == NULL)
		return false;
	if (calls_itself(inv, x, NULL, name))
		return true;
	for (struct link *l = x->units.next; l != &x->units; l = l->next)
		if (calls_itself(inv, x, LIST_OWNER(l, struct asset_unit, of), name))
			return true;
	return false;
}
