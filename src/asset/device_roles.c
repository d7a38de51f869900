/* device_roles.c - what a device does as a client, and what it is in the plant. */
#include "asset/inventory_parts.h"

#include <string.h>

#include "base/str.h"
#include "record/protocol.h"

#define COMMAND_BIT(c)	(1ull << CMD_##c)
#define WROTE	(COMMAND_BIT(DOWNLOAD) | COMMAND_BIT(ACTIVATE) | COMMAND_BIT(PROGRAM_SAVE) | COMMAND_BIT(DELETE) | \
	COMMAND_BIT(ERASE) | COMMAND_BIT(FIRMWARE) | COMMAND_BIT(COMPRESS))
#define TOOK	COMMAND_BIT(UPLOAD)
#define SWITCHED (COMMAND_BIT(START) | COMMAND_BIT(STOP) | COMMAND_BIT(RESTART_PROGRAM))

/* What an engineer asks a device for, and what is polled: values and alarms; not known: of conversations that began before. */
#define INTENT_BIT(i) (1u << INTENT_##i)
#define ENQUIRES (INTENT_BIT(IDENTIFY) | INTENT_BIT(DIAGNOSE) | INTENT_BIT(PROGRAM_READ) | INTENT_BIT(CONFIG) | INTENT_BIT(AUTH))
#define VALUES	(INTENT_BIT(READ) | INTENT_BIT(WRITE) | INTENT_BIT(OPERATE) | INTENT_BIT(ALARM))

static bool
reads_values(const struct use *u)
{
	return u->intents == 0 || (u->intents & VALUES) != 0;
}

void
devices_put_peer(struct device_peer *to, uint32_t *n, const struct asset *peer, const struct asset_client *c, const struct use *u)
{
	if (*n < DEVICE_PEERS)
		to[*n] = (struct device_peer){ peer->addr, c->proto, u->operations, u->writes, u->first_write_ns,
		    u->last_write_ns, reads_values(u) };
	(*n)++;
}

static bool
others_write(const struct inventory *inv, const struct asset_client *than)
{
	struct asset_client *c;

	ASSET_EACH_CLIENT(c, than->server)
		if (c->client != than->client && use_of(inv, c)->writes > 0)
			return true;
	return false;
}

void
devices_as_client(const struct inventory *inv, struct asset *x, struct fill *to)
{
	struct role_facts *f = &to->f;

	for (struct link *l = x->servers.next; l != &x->servers; l = l->next) {
		struct asset_client *c = LIST_OWNER(l, struct asset_client, of_client);
		const struct use *u = use_of(inv, c);

		if (!c->proven && u->operations == 0 && u->writes == 0)
			continue;
		devices_put_peer(to->d->servers, &to->d->n_servers, c->server, c, u);
		to->d->asks |= PROTO_BIT(c->proto);
		f->servers++;
		f->written += u->writes > 0;
		f->polled += u->writes == 0 && reads_values(u);
		f->enquired += u->writes == 0 && !reads_values(u) && (u->intents & ENQUIRES) != 0;
		f->asker |= u->asker;
		f->others_write |= others_write(inv, c);
		*(protocols[c->proto]->unit.distant ? &f->asks_telecontrol : &f->asks_control) = true;
		f->wrote_program |= (u->obeyed & WROTE) != 0;
		f->read_program |= (u->obeyed & TOOK) != 0;
		f->started_stopped |= (u->obeyed & SWITCHED) != 0;
	}
}

/* "tcp/4712": a port that nobody has named. */
static bool
is_bare(const struct device_value *v)
{
	return v->key == ATTR_SERVICE && strchr(v->value, ' ') == NULL && strchr(v->value, '/') != NULL;
}

/* All values of either key. */
static void
join(const struct device *d, unsigned key, unsigned other, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);

	for (uint32_t i = 0; i < d->n_values; i++)
		if ((d->values[i].key == key || d->values[i].key == other) && !is_bare(&d->values[i]))
			strbuf_printf(&s, "%s%s", s.len > 0 ? ", " : "", d->values[i].value);
}

void
devices_judge(struct fill *to, const struct zone *zone)
{
	struct device *d = to->d;
	struct role_facts *f = &to->f;
	const struct device_value *level;

	f->serves = d->serves;
	f->asks = d->asks;
	f->programs = f->wrote_program || f->read_program || f->started_stopped;
	f->obeyed_program = (to->obeyed & (WROTE | SWITCHED)) != 0;
	f->has_run_state = device_value(d, ATTR_RUN_STATE) != NULL;
	f->capabilities = to->capabilities;
	f->product = to->product;
	f->services = to->services;
	f->order = device_text(d, ATTR_ORDER_NUMBER);
	f->description = device_text(d, ATTR_DESCRIPTION);
	f->system = device_text(d, ATTR_SYSTEM);
	f->stated = device_text(d, ATTR_ROLE);
	join(d, ATTR_CAPABILITIES, ATTR_CAPABILITIES, to->capabilities, sizeof(to->capabilities));
	join(d, ATTR_PRODUCT, ATTR_MODEL, to->product, sizeof(to->product));
	join(d, ATTR_SERVICE, ATTR_SERVICE, to->services, sizeof(to->services));
	d->n_roles = roles_judge(f, d->roles, DEVICE_ROLES);
	/* An earlier run saw more, perhaps. */
	if (to->past_role.confidence > 0 && (d->n_roles == 0 || d->roles[0].confidence < to->past_role.confidence)) {
		d->roles[0] = to->past_role;
		d->n_roles = d->n_roles > 0 ? d->n_roles : 1;
	}
	if (d->serves == 0 && d->asks == 0 && d->n_roles > 0)
		*(role_rows[d->roles[0].role].level == 1 ? &d->serves : &d->asks) = to->past_protocols;
	level = device_value(d, ATTR_LEVEL);
	d->level = LEVEL_NONE;
	if (level != NULL && level->value[0] >= '0' && level->value[0] <= '5' && level->value[1] == '\0')
		d->level = (uint8_t)(level->value[0] - '0');
	else if (zone != NULL && zone->level != ZONE_NO_LEVEL)
		d->level = (uint8_t)zone->level;
	for (uint32_t i = 0; i < d->n_roles && d->level == LEVEL_NONE; i++)
		d->level = role_rows[d->roles[i].role].level;
}
