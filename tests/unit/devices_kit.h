/* devices_kit.h - conversations between devices, and the devices that come of them. */
#ifndef TESTS_DEVICES_KIT_H
#define TESTS_DEVICES_KIT_H

#define DEVICES 32u
#include "inventory_kit.h"

#include "asset/roles.h"
#include "base/str.h"
#include "asset/vendors.h"

static struct device d;
static struct inventory_at list[DEVICES * ASSET_ROWS];
static const uint8_t router[6] = { 0, 1, 2, 3, 4, 1 }, plc[6] = { 0, 1, 2, 3, 4, 2 }, hmi[6] = { 0, 1, 2, 3, 4, 3 };

static struct addr
v4(unsigned net, unsigned i)
{
	const uint8_t four[4] = { 10, 0, (uint8_t)net, (uint8_t)i };

	return addr_v4(four);
}

static void
arp(struct addr addr, const uint8_t mac[6], uint64_t at_s)
{
	const struct packet p = { .arp_op = 1, .arp_mac = mac, .arp_src = addr, .ts_ns = at_s * SEC };

	inventory_arp(inv, &p);
}

/* A conversation in which both ends spoke. */
static struct flow
talk(struct addr client, const uint8_t *cmac, struct addr server, const uint8_t *smac, uint64_t at_s)
{
	struct flow f = { .addr = { client, server }, .port = { 50000, 502 }, .proto = IP_TCP, .ip_v = 4,
	    .first_ns = at_s * SEC, .last_ns = at_s * SEC, .packets = { 2, 2 }, .payload = { 12, 12 },
	    .role_source = ROLE_CONTENT };

	memcpy(f.mac[0], cmac, 6);
	memcpy(f.mac[1], smac, 6);
	f.mac_known[0] = f.mac_known[1] = true;
	assets_flow_begun(a, &f);
	inventory_flow_begun(inv, &f);
	return f;
}

static void
end(struct flow *f)
{
	assets_flow_ended(a, f);
	inventory_flow_ended(inv, f);
}

struct what {
	enum op_proto	 proto;
	uint32_t	 unit;
	enum op_intent	 intent;
	enum op_command	 command;
	enum op_outcome	 outcome;
};

static void
do_(struct flow *f, struct what w, uint64_t at_s)
{
	const struct operation op = { .id = 1, .flow = f, .phase = OP_FINISHED, .proto = w.proto, .unit = w.unit,
	    .intent = w.intent, .command = w.command, .outcome = w.outcome,
	    .request = { .seen = true, .ts_ns = at_s * SEC }, .response = { .seen = true, .ts_ns = at_s * SEC + 5 } };

	f->protocol = protocols[w.proto];
	f->transactions++;
	assets_operation(a, &op);
	inventory_operation(inv, &op);
}

static const struct what a_read = { OP_MODBUS, 1, INTENT_READ, CMD_NONE, OUTCOME_ANSWERED },
    a_write = { OP_MODBUS, 1, INTENT_WRITE, CMD_NONE, OUTCOME_ANSWERED };

static const struct device *
device(struct addr addr)
{
	struct asset *x = assets_find(a, &addr, 0);
	const struct inventory_at at = { x, NULL };

	assert_non_null(x);
	inventory_device(inv, &at, &d);
	return &d;
}

static const char *
role(struct addr addr)
{
	const struct device *x = device(addr);

	return x->n_roles > 0 ? role_rows[x->roles[0].role].text : "";
}

#endif
