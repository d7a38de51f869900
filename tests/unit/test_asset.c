/* The table of devices: who is found, who is evicted, what hangs on a row. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "asset/asset.h"

#define SEC 1000000000ull
#define DEVICES 16u
#define ROWS (DEVICES * ASSET_ROWS)

static struct counters counters;
static struct assets *a;
static uint32_t of_device, of_unit, of_client;

struct mark {
	uint64_t n[3];
};

static void
open_with(bool by_vlan)
{
	memset(&counters, 0, sizeof(counters));
	a = assets_new(&(struct assets_want){ .devices = DEVICES, .by_vlan = by_vlan, .key = 7, .counters = &counters });
	assert_non_null(a);
	/* Odd sizes, and several on one row. */
	(void)assets_slot(a, ASSET_DEVICE, 3);
	of_device = assets_slot(a, ASSET_DEVICE, sizeof(struct mark));
	(void)assets_slot(a, ASSET_UNIT, 1);
	of_unit = assets_slot(a, ASSET_UNIT, sizeof(struct mark));
	of_client = assets_slot(a, ASSET_CLIENT, sizeof(struct mark));
	assert_int_equal(of_device % sizeof(uint64_t), 0);
	assert_int_equal(of_unit % sizeof(uint64_t), 0);
	assert_int_equal(assets_open(a), 0);
}

static struct addr
host(unsigned i)
{
	const uint8_t four[4] = { 10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i };

	return addr_v4(four);
}

static struct asset *
get(unsigned i, uint64_t at_s)
{
	struct addr addr = host(i);

	return assets_get(a, &addr, 0, at_s * SEC);
}

static struct asset *
find(unsigned i)
{
	struct addr addr = host(i);

	return assets_find(a, &addr, 0);
}

static struct flow
flow_of(unsigned client, unsigned server, uint64_t at_s)
{
	return (struct flow){ .addr = { host(client), host(server) }, .proto = IP_TCP, .first_ns = at_s * SEC,
	    .last_ns = at_s * SEC, .packets = { 1, 0 } };
}

static const struct asset_ends *
show(struct flow *f, uint32_t unit, bool answered, uint64_t at_s)
{
	const struct operation op = { .id = 1, .flow = f, .phase = OP_FINISHED, .proto = OP_MODBUS, .unit = unit,
	    .outcome = answered ? OUTCOME_ANSWERED : OUTCOME_UNANSWERED,
	    .request = { .seen = true, .ts_ns = at_s * SEC }, .response = { .seen = answered, .ts_ns = at_s * SEC + 5 } };

	assets_operation(a, &op);
	return asset_ends(assets_ends(a));
}

/* ---- rows -------------------------------------------------------------------------------- */

static void
a_row_is_found_again_and_kept_at_the_flow(void **unused)
{
	struct flow f = flow_of(1, 2, 100);
	const struct asset_ends *at;

	(void)unused;
	open_with(false);
	assert_null(find(1));
	assets_flow_begun(a, &f);
	assert_ptr_equal(asset_of(&f, 0), find(1));
	assert_ptr_equal(asset_of(&f, 1), find(2));
	assert_int_equal(find(1)->first_ns, 100 * SEC);
	assert_int_equal(assets_count(a).hosts, 2);
	assert_int_equal(assets_count(a).control, 0);
	at = show(&f, 1, true, 101);
	assert_ptr_equal(at->client, find(1));
	assert_ptr_equal(at->server, find(2));
	assert_ptr_equal(at->unit->device, find(2));
	assert_int_equal(find(2)->control_ns, 101 * SEC);
	assert_int_equal(assets_count(a).control, 2);
	assert_false(assets_count(a).more);
	/* The client is the end that the protocol says. */
	f.client_end = 1;
	at = show(&f, 1, true, 102);
	assert_ptr_equal(at->client, find(2));
	assets_close(a);
}

static void
only_a_finished_operation_shows_anything_of_its_ends(void **unused)
{
	struct flow f = flow_of(1, 2, 100);
	struct operation op = { .id = 1, .flow = &f, .phase = OP_REQUESTED, .proto = OP_MODBUS, .unit = 1,
	    .request = { .seen = true, .ts_ns = 100 * SEC } };

	(void)unused;
	open_with(false);
	assets_flow_begun(a, &f);
	assets_operation(a, &op);
	assert_int_equal(find(2)->control_ns, 0);
	/* Whoever asks is told all the same. */
	assert_ptr_equal(asset_ends(assets_ends(a))->server, find(2));
	assert_false(asset_ends(assets_ends(a))->unit->proven);
	assert_int_equal(find(2)->control_ns, 0);
	(void)show(&f, 1, false, 101);
	assert_int_not_equal(find(2)->control_ns, 0);
	assert_false(find(2)->proven);
	assert_false(asset_ends(assets_ends(a))->unit->obeyed);
	(void)show(&f, 1, true, 102);
	assert_true(find(2)->proven);
	assert_true(find(1)->proven);
	assert_true(asset_ends(assets_ends(a))->unit->proven);
	assert_true(asset_ends(assets_ends(a))->unit->obeyed);
	/* One straight on Ethernet has no rows. */
	op.flow = NULL;
	assets_operation(a, &op);
	assert_null(asset_ends(assets_ends(a))->server);
	assert_null(asset_ends(assets_ends(a))->unit);
	assets_close(a);
}

static void
without_a_flow_the_addresses_decide(void **unused)
{
	const struct op_ends ends = { .addr = { host(1), host(2) }, .has_addr = true };
	const struct operation op = { .id = 1, .ends = &ends, .phase = OP_FINISHED, .proto = OP_DNP3, .unit = 4,
	    .outcome = OUTCOME_ANSWERED, .response = { .seen = true, .ts_ns = 100 * SEC } };
	struct addr server = host(2);

	(void)unused;
	open_with(false);
	assets_operation(a, &op);
	assert_ptr_equal(asset_ends(assets_ends(a))->server, find(2));
	assert_int_equal(find(1)->control_ns, 100 * SEC);
	assert_ptr_equal(assets_find_unit(a, &server, 0, OP_DNP3, 4), asset_ends(assets_ends(a))->unit);
	assert_null(assets_find_unit(a, &server, 0, OP_DNP3, 5));
	assert_null(assets_find_unit(a, &server, 0, OP_MODBUS, 4));
	assert_int_equal(assets_count(a).hosts, 0);
	assets_close(a);
}

static void
vlans_are_told_apart_where_that_is_asked_for(void **unused)
{
	(void)unused;
	for (unsigned apart = 0; apart < 2; apart++) {
		struct flow f = flow_of(1, 2, 100), g = f;
		struct addr server = host(2);

		open_with(apart != 0);
		f.n_vlan = g.n_vlan = 2;
		f.vlan[1] = 10;
		g.vlan[1] = 20;
		assets_flow_begun(a, &f);
		assets_flow_begun(a, &g);
		assert_int_equal(asset_of(&f, 1) != asset_of(&g, 1), apart);
		assert_ptr_equal(assets_find(a, &server, 20), asset_of(&g, 1));
		assert_int_equal(assets_count(a).hosts, 2 + 2 * apart);
		assert_int_equal(show(&f, 1, true, 100)->unit != show(&g, 1, true, 100)->unit, apart);
		assets_close(a);
	}
}

/* ---- eviction -------------------------------------------------------------------------------- */

/* Whoever makes addresses up pushes out only what he made up before. */
static void
answers_and_handshakes_outlive_what_anybody_can_forge(void **unused)
{
	struct flow poll = flow_of(1, 2, 100), shaken = flow_of(3, 4, 100), opened = flow_of(5, 6, 100),
	    unanswered = flow_of(7, 8, 100);

	(void)unused;
	open_with(false);
	assets_flow_begun(a, &poll);
	assets_flow_begun(a, &shaken);
	assets_flow_begun(a, &opened);
	assets_flow_begun(a, &unanswered);
	(void)show(&poll, 1, true, 100);
	(void)show(&unanswered, 1, false, 100);
	shaken.syn[0] = shaken.syn[1] = opened.syn[0] = opened.syn[1] = true;
	shaken.packets[0] = opened.packets[0] = 2;
	shaken.packets[1] = opened.packets[1] = 1;
	opened.tcp_flags[0] = TCP_SYN | TCP_RST;	/* its address was forged: the owner refuses */
	assets_flow_ended(a, &shaken);
	assets_flow_ended(a, &opened);
	for (unsigned i = 0; i < 10000; i++) {
		struct flow f = flow_of(1000 + 2 * i, 1001 + 2 * i, 200);

		assets_flow_begun(a, &f);
		assets_flow_ended(a, &f);
	}
	assert_non_null(find(1));
	assert_non_null(find(2));
	assert_non_null(find(3));
	assert_non_null(find(4));
	assert_null(find(5));
	assert_null(find(6));
	/* An operation without an answer is more than an address, as long as there are such. */
	assert_non_null(find(8));
	assert_true(counters.v[CNT_ASSET_ADDRESSES] > 19000);
	assert_int_equal(counters.v[CNT_DETECT_DEVICES], 0);
	assert_int_equal(assets_count(a).hosts, ROWS);
	assert_int_equal(assets_count(a).control, 4);
	assert_true(assets_count(a).more);
	/* Forged operations push out one another, and what never answered. */
	for (unsigned i = 0; i < 1000; i++) {
		struct flow f = flow_of(50000 + 2 * i, 50001 + 2 * i, 300);

		assets_flow_begun(a, &f);
		(void)show(&f, 1, false, 300);
	}
	assert_null(find(8));
	assert_non_null(find(2));
	assert_non_null(find(4));
	assert_true(counters.v[CNT_DETECT_DEVICES] > 1000);
	assets_close(a);
}

static void
of_equals_the_one_quiet_longest_goes(void **unused)
{
	(void)unused;
	open_with(false);
	for (unsigned i = 0; i < ROWS; i++)
		(void)get(i, 100 + i);
	(void)get(0, 1000);		/* seen again */
	(void)get(ROWS, 1001);
	assert_non_null(find(0));
	assert_null(find(1));
	assert_non_null(find(2));
	/* A table full of those that answer still takes what is new. */
	for (unsigned i = 0; i <= ROWS; i++)
		if (find(i) != NULL)
			assets_prove(a, find(i));
	(void)get(5000, 2000);
	(void)get(5001, 2001);		/* in place of the one before it, which proved nothing */
	assert_null(find(5000));
	assets_prove(a, find(5001));
	(void)get(5002, 2002);
	assert_non_null(find(5002));
	assert_int_equal(counters.v[CNT_ASSET_ADDRESSES], 4);
	assets_close(a);
}

/* A flow that outlives its rows does not take another's; the two ends of one operation never
 * push out each other. */
static void
what_was_evicted_is_made_anew(void **unused)
{
	struct flow f = flow_of(1, 2, 100);
	const struct asset_ends *at;

	(void)unused;
	open_with(false);
	assets_flow_begun(a, &f);
	for (unsigned i = 0; i < ROWS; i++) {
		struct asset *x = get(100 + i, 200);

		assets_prove(a, x);
		((struct mark *)asset_slot(x, of_device))->n[0] = 77;
	}
	assert_null(asset_of(&f, 0));
	assert_null(asset_of(&f, 1));
	at = show(&f, 1, false, 300);
	assert_ptr_not_equal(at->client, at->server);
	assert_true(addr_same(&at->client->addr, &f.addr[0]));
	assert_true(addr_same(&at->server->addr, &f.addr[1]));
	assert_int_equal(((struct mark *)asset_slot(at->server, of_device))->n[0], 0);
	assert_int_equal(((struct mark *)asset_slot(at->client, of_device))->n[0], 0);
	assets_close(a);
}

/* ---- units and clients --------------------------------------------------------------------------- */

static void
units_are_told_apart_and_bounded(void **unused)
{
	struct flow f = flow_of(1, 2, 100);
	struct asset_unit *first;

	(void)unused;
	open_with(false);
	assets_flow_begun(a, &f);
	first = show(&f, 1, true, 100)->unit;
	((struct mark *)asset_slot(first, of_unit))->n[2] = 5;
	assert_ptr_not_equal(show(&f, 2, true, 100)->unit, first);
	assert_ptr_equal(show(&f, 1, true, 100)->unit, first);
	/* Made-up units of a real device push out only one another. */
	for (unsigned i = 3; i < 5000; i++)
		assert_int_equal(((struct mark *)asset_slot(show(&f, i, false, 101)->unit, of_unit))->n[2], 0);
	assert_ptr_equal(show(&f, 1, true, 102)->unit, first);
	assert_int_equal(((struct mark *)asset_slot(first, of_unit))->n[2], 5);
	assert_int_equal(counters.v[CNT_DETECT_DEVICES], 5000 - 3 - (DEVICES - 2));
	assets_close(a);
}

static void
clients_of_a_device_are_bounded(void **unused)
{
	struct asset *server, *operators;
	struct asset_client *c, *real;
	unsigned n = 0;

	(void)unused;
	open_with(false);
	server = get(1, 100);
	operators = get(2, 100);
	assets_prove(a, server);
	assets_prove(a, operators);
	real = assets_client(a, server, operators, OP_MODBUS, 100 * SEC);
	((struct mark *)asset_slot(real, of_client))->n[0] = 9;
	assets_prove_client(a, real);
	assert_ptr_equal(assets_client(a, server, operators, OP_MODBUS, 101 * SEC), real);
	assert_int_equal(real->first_ns, 100 * SEC);
	assert_int_equal(real->last_ns, 101 * SEC);
	/* By another protocol it is another matter. */
	assert_ptr_not_equal(assets_client(a, server, operators, OP_DNP3, 101 * SEC), real);
	for (unsigned i = 0; i < 1000; i++)
		(void)assets_client(a, server, get(100 + i, 102), OP_MODBUS, 102 * SEC);
	ASSET_EACH_CLIENT(c, server)
		n += c->proto == OP_MODBUS;
	assert_int_equal(n, ASSET_CLIENTS);
	assert_ptr_equal(assets_client(a, server, operators, OP_MODBUS, 103 * SEC), real);
	assert_int_equal(((struct mark *)asset_slot(real, of_client))->n[0], 9);
	assert_true(counters.v[CNT_DETECT_CLIENTS] >= 1000 - ASSET_CLIENTS);
	assets_close(a);
}

/* Rows take their units and clients with them, and nothing is left behind. */
static void
everything_goes_with_its_row(void **unused)
{
	(void)unused;
	open_with(false);
	for (unsigned round = 0; round < 20000; round++) {
		struct flow f = flow_of(10 * (round % 500), 10 * (round % 500) + 1 + round % 7, 100 + round);
		const struct asset_ends *at;
		struct asset_client *c;
		struct mark *m;

		at = show(&f, round % 3, round % 5 == 0, 100 + round);
		c = assets_client(a, at->server, at->client, OP_MODBUS, (100 + round) * SEC);
		assert_ptr_equal(c->server, at->server);
		assert_ptr_equal(c->client, at->client);
		assert_ptr_equal(at->unit->device, at->server);
		m = asset_slot(c, of_client);
		assert_true(m->n[0] == 0 || m->n[0] == round % 500 + 1);	/* no other's state */
		m->n[0] = round % 500 + 1;
	}
	assets_close(a);
}

/* ---- ports ----------------------------------------------------------------------------------------- */

static void
a_device_has_a_port_in_each_segment(void **unused)
{
	struct asset *x;
	struct asset_port *p;

	(void)unused;
	open_with(false);
	x = get(1, 100);
	assert_null(asset_port(x, 10, 0));
	for (uint16_t vlan = 1; vlan <= ASSET_PORTS; vlan++) {
		p = assets_port(a, x, vlan, 0);
		assert_int_equal(p->seen_ns, 0);
		p->seen_ns = (100 + vlan) * SEC;
	}
	assert_int_equal(asset_port(x, 1, 0)->seen_ns, 101 * SEC);
	assert_null(asset_port(x, 1, 3));	/* another interface */
	asset_port(x, 1, 0)->seen_ns = 200 * SEC;
	p = assets_port(a, x, 9, 0);		/* in place of the one quiet longest */
	p->seen_ns = 201 * SEC;
	assert_null(asset_port(x, 2, 0));
	assert_non_null(asset_port(x, 1, 0));
	assert_non_null(asset_port(x, 9, 0));
	assets_close(a);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_is_found_again_and_kept_at_the_flow),
		cmocka_unit_test(only_a_finished_operation_shows_anything_of_its_ends),
		cmocka_unit_test(without_a_flow_the_addresses_decide),
		cmocka_unit_test(vlans_are_told_apart_where_that_is_asked_for),
		cmocka_unit_test(answers_and_handshakes_outlive_what_anybody_can_forge),
		cmocka_unit_test(of_equals_the_one_quiet_longest_goes),
		cmocka_unit_test(what_was_evicted_is_made_anew),
		cmocka_unit_test(units_are_told_apart_and_bounded),
		cmocka_unit_test(clients_of_a_device_are_bounded),
		cmocka_unit_test(everything_goes_with_its_row),
		cmocka_unit_test(a_device_has_a_port_in_each_segment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
