/* uses.c - what operations and conversations show of those who take part in them. */
#include "asset/inventory_parts.h"

#include <string.h>

#include "base/str.h"
#include "record/protocol.h"
#include "record/unfollowed.h"

#define ETHERCAT 0x88a4u	/* EtherType */

/* Intents that are meant to change what a device does or keeps. */
#define CHANGES	(1u << INTENT_WRITE | 1u << INTENT_OPERATE | 1u << INTENT_MODE | 1u << INTENT_PROGRAM_WRITE | \
	1u << INTENT_CONFIG)

static const uint8_t of_fact[OP_FACT_COUNT] = {
#define OP_FACT(id, text, attribute) ATTR_##attribute,
#include "record/op_names.def"
};

/* What devices report of themselves. */
static void
facts(struct inventory *inv, const struct operation *op, const struct asset_ends *at)
{
	enum attribute_source source;

	if (protocols[op->proto]->fact_source == NULL)
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

static bool
changes(const struct operation *op)
{
	return (CHANGES >> op->intent & 1u) != 0;
}

/* Nothing of it says more of its client. */
static bool
is_known(const struct use *u, const struct operation *op)
{
	return (u->intents >> op->intent & 1u) != 0 && (op->asker & ~u->asker) == 0;
}

static void
note_write(uint64_t *n, uint64_t *first_ns, uint64_t *last_ns, uint64_t now_ns)
{
	if ((*n)++ == 0)
		*first_ns = now_ns;
	*last_ns = now_ns;
}

/* A command or a write that was not refused. */
static void
note_change(struct inventory *inv, const struct operation *op, const struct asset_ends *at, struct use *u,
    uint64_t now_ns)
{
	struct known *device = known_of(inv, at->server, NULL), *unit = known_of(inv, at->server, at->unit);
	bool first = device->writes == 0 || (u != NULL && u->writes == 0);
	uint64_t before = u != NULL ? u->obeyed : 0, bit = 1ull << op->command;

	if (changes(op)) {
		note_write(&device->writes, &device->first_write_ns, &device->last_write_ns, now_ns);
		note_write(&unit->writes, &unit->first_write_ns, &unit->last_write_ns, now_ns);
		if (u != NULL)
			note_write(&u->writes, &u->first_write_ns, &u->last_write_ns, now_ns);
	}
	if (op->outcome != OUTCOME_ANSWERED && op->outcome != OUTCOME_NO_ANSWER_EXPECTED)
		bit = 0;
	device->obeyed |= bit;
	unit->obeyed |= bit;
	if (u != NULL)
		u->obeyed |= bit;
	if (first || (u != NULL && u->obeyed != before)) {
		inventory_changed(inv, at->server, NULL, now_ns);
		inventory_changed(inv, at->server, at->unit, now_ns);
		inventory_changed(inv, at->client, NULL, now_ns);
	}
}

void
inventory_operation(struct inventory *inv, const struct operation *op)
{
	bool more = op->n_facts > 0 || op->command != CMD_NONE || changes(op);
	const struct asset_ends *at;
	struct asset_client *c = NULL;
	struct known *k;
	uint64_t now_ns;

	if (op->phase != OP_FINISHED)
		return;
	at = asset_ends(assets_ends(inv->assets));
	if (at->server == NULL)
		return;
	/* An ordinary poll of a unit whose client is noted shows nothing new. */
	k = asset_slot(at->unit, inv->unit_slot);
	if (!more && k->noted && k->used == at->server->client && k->used != NULL && k->used->client == at->client &&
	    is_known(use_of(inv, at->server->client), op))
		return;
	now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	if (op->request.seen && op->response.seen && op->intent != INTENT_SESSION && op->intent != INTENT_REPORT &&
	    op->outcome != OUTCOME_UNSOLICITED)
		c = assets_client(inv->assets, at->server, at->client, op->proto, now_ns);
	k = known_of(inv, at->server, at->unit);
	if (c != NULL && k->used != c) {
		k->used = c;
		boxed_of(inv, at->server)->sent = boxed_of(inv, at->client)->sent = true;
		inventory_changed(inv, at->server, NULL, now_ns);
		inventory_changed(inv, at->client, NULL, now_ns);
	}
	if (!k->noted && at->unit->obeyed) {
		k->noted = true;
		inventory_changed(inv, at->server, at->unit, now_ns);
	}
	if (c != NULL && !is_known(use_of(inv, c), op)) {
		use_of(inv, c)->intents |= 1u << op->intent;
		use_of(inv, c)->asker |= op->asker;
		inventory_changed(inv, at->client, NULL, now_ns);
	}
	if (op->command != CMD_NONE || changes(op))
		note_change(inv, op, at, c != NULL ? use_of(inv, c) : NULL, now_ns);
	if (op->n_facts > 0)
		facts(inv, op, at);
}

/* ---- conversations ------------------------------------------------------------------- */

/* "http tcp/80" */
static void
learn_service(struct inventory *inv, const struct flow *f, struct asset *server)
{
	char text[64];
	struct strbuf s = strbuf_on(text, sizeof(text));

	if ((f->proto != IP_TCP && f->proto != IP_UDP) || f->payload[0] == 0 || f->payload[1] == 0 ||
	    (f->app_proto == NULL && f->role_source < ROLE_SYN))
		return;
	strbuf_printf(&s, "%s%s%s/%u", f->app_proto != NULL ? f->app_proto : "", f->app_proto != NULL ? " " : "",
	    f->proto == IP_TCP ? "tcp" : "udp", (unsigned)f->port[flow_server(f)]);
	inventory_learn(inv, server, NULL, ATTR_SERVICE, ATTR_BY_TRAFFIC, text, s.len, f->last_ns);
}

static void
end_sent(struct inventory *inv, const struct flow *f, unsigned end, uint64_t now_ns)
{
	struct asset *x = asset_of(f, end);

	if (x == NULL)
		return;
	boxed_of(inv, x)->sent = true;
	if (f->mac_known[end])
		boxes_bind(inv, x, f->mac[end], false, now_ns);
}

/* Whoever sends bytes in a session that is open was answered when it began, though that was not seen. */
static bool
is_answered(const struct flow *f, unsigned end)
{
	return f->proto == IP_TCP && f->payload[end] > 0 && f->packets[end] > 1 && (f->tcp_flags[end] & TCP_ACK) != 0;
}

void
inventory_flow_begun(struct inventory *inv, const struct flow *f)
{
	end_sent(inv, f, 0, f->first_ns);
}

void
inventory_flow_ended(struct inventory *inv, const struct flow *f)
{
	struct asset *client = asset_of(f, flow_client(f)), *server = asset_of(f, flow_server(f));
	struct asset_client *c;

	for (unsigned end = 0; end < 2; end++) {
		struct asset *x = asset_of(f, end);

		if (f->packets[end] > 0)
			end_sent(inv, f, end, f->last_ns);
		else if (x != NULL && is_answered(f, end ^ 1u))
			boxed_of(inv, x)->answered = true;
	}
	for (unsigned end = 0; end < 2; end++) {
		struct asset *x = asset_of(f, end);

		/* Proven by now: it may be told. */
		if (x != NULL && x->proven && known_of(inv, x, NULL)->written_ns == 0)
			inventory_changed(inv, x, NULL, f->last_ns);
	}
	if (client == NULL || server == NULL)
		return;
	if (f->protocol == NULL) {
		learn_service(inv, f, server);
		return;
	}
	ASSET_EACH_CLIENT(c, server)
		if (c->client == client && c->proto == f->protocol->proto)
			use_of(inv, c)->operations += f->transactions;
}

void
inventory_arp(struct inventory *inv, const struct packet *p)
{
	static const uint8_t nobody[4];
	struct asset *x;

	if ((p->arp_op != 1 && p->arp_op != 2) || p->arp_mac == NULL || memcmp(p->arp_src.b + 12, nobody, 4) == 0)
		return;
	x = assets_get(inv->assets, &p->arp_src, packet_vlan(p), p->ts_ns);
	boxed_of(inv, x)->sent = true;
	boxes_bind(inv, x, p->arp_mac, true, p->ts_ns);
}

void
inventory_frame(struct inventory *inv, const struct packet *p)
{
	const char *name = p->mac_src != NULL ? unfollowed_plant(p->ether_type) : NULL;
	struct addr a;

	/* A slave of EtherCAT sends the frame on, marked as no registered MAC. */
	if (name == NULL || (p->mac_src[0] & 1u) != 0 || (p->ether_type == ETHERCAT && (p->mac_src[0] & 2u) != 0))
		return;
	a = addr_of_mac(p->mac_src);
	if (boxes_has(inv, p->mac_src, packet_vlan(p)) && assets_find(inv->assets, &a, packet_vlan(p)) == NULL)
		return;		/* it is known by an address */
	inventory_learn(inv, assets_get(inv->assets, &a, packet_vlan(p), p->ts_ns), NULL, ATTR_LINK_PROTOCOL, ATTR_BY_TRAFFIC,
	    name, strlen(name), p->ts_ns);
}

void
inventory_scanned(struct inventory *inv, const struct addr *a, uint16_t vlan, uint64_t now_ns)
{
	struct asset *x = assets_find(inv->assets, a, vlan);

	if (x == NULL || boxed_of(inv, x)->scanned)
		return;
	boxed_of(inv, x)->scanned = true;
	inventory_changed(inv, x, NULL, now_ns);
}
