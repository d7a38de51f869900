/* What check-mirror judges: each thing at its limit and just below it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "command/mirror.h"
#include "record/packet.h"

static struct mirror m;
static struct counters c;

/* A mirror that is right: 100 conversations with both sides, 1,000 operations, 10,000 frames. */
static void
good(void)
{
	memset(&m, 0, sizeof(m));
	memset(&c, 0, sizeof(c));
	m.tcp = m.two_sided = 100;
	m.operations = 1000;
	m.flows_of[OP_MODBUS] = 100;
	c.v[CNT_DEC_PACKETS] = c.v[CNT_DEC_TCP] = 10000;
}

/* Nothing is wrong but this. */
static void
only(enum mirror_check i)
{
	assert_int_equal(mirror_judge(&m, &c), 1);
	assert_true(m.checks[i].wrong);
}

static void
right(void)
{
	assert_int_equal(mirror_judge(&m, &c), 0);
}

static void
test_counters(void **state)
{
	static const struct {
		enum counter_id		id;
		enum mirror_check	check;
		uint64_t		too_few, enough;	/* of 10,000 */
	} rows[] = {
		{ CNT_CAP_DROPS, MIRROR_DROPS, 19, 20 }, { CNT_CAP_IFDROPS, MIRROR_DROPS, 19, 20 }, { CNT_TCP_GAPS, MIRROR_GAPS, 9, 10 },
		{ CNT_DEC_CUT, MIRROR_CUT, 9, 10 }, { CNT_DEC_MIRROR_CUT, MIRROR_CUT, 9, 10 }, { CNT_TCP_BAD_SUM, MIRROR_SUMS, 9, 10 },
		{ CNT_DEC_L4_SUM, MIRROR_SUMS, 9, 10 }, { CNT_DEC_INVALID, MIRROR_MALFORMED, 99, 100 },
		{ CNT_DEC_DUPLICATES, MIRROR_DUPLICATES, 499, 500 }, { CNT_DEC_ESP, MIRROR_ENCRYPTED, 4999, 5000 },
		{ CNT_DEC_MACSEC_ENCRYPTED, MIRROR_ENCRYPTED, 4999, 5000 }, { CNT_CAP_DOWN, MIRROR_AWAY, 0, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		good();
		c.v[rows[i].id] = rows[i].too_few;
		right();
		c.v[rows[i].id] = rows[i].enough;
		only(rows[i].check);
	}
}

static void
test_duplicates_of_redundancy(void **state)
{
	(void)state;
	good();
	c.v[CNT_DEC_DUPLICATES] = 5000;
	c.v[CNT_DEC_PRP] = 5000;
	right();
}

static void
test_nothing_and_broadcast(void **state)
{
	(void)state;
	good();
	right();
	memset(&m, 0, sizeof(m));
	memset(&c, 0, sizeof(c));
	only(MIRROR_NOTHING);
	/* Conversations of broadcasts have one side and are no TCP. */
	c.v[CNT_DEC_PACKETS] = 50;
	only(MIRROR_BROADCAST);
	assert_int_equal(m.checks[MIRROR_BROADCAST].part, 50);
	/* A plant's protocol straight on Ethernet is something else. */
	m.plant_frames = 1;
	right();
	m.plant_frames = 0;
	m.two_sided = 1;
	only(MIRROR_PROTOCOLS);
}

static void
test_sides(void **state)
{
	(void)state;
	good();
	m.tcp_sided = 9;
	m.two_sided = 91;
	right();
	m.tcp_sided = 10;
	only(MIRROR_SIDES);
	m.tcp_sided = 79;
	only(MIRROR_SIDES);
	m.tcp_sided = 80;
	only(MIRROR_DIRECTION);
	/* One long conversation has all operations. */
	m.tcp_sided = 1;
	m.sided = 990;
	only(MIRROR_DIRECTION);
	assert_int_equal(m.checks[MIRROR_DIRECTION].whole, 1000);
}

static void
test_flows(void **state)
{
	struct flow f = { .proto = IP_TCP, .packets = { 3, 0 }, .tcp_flags = { 0x02, 0 } };

	(void)state;
	memset(&m, 0, sizeof(m));
	/* A SYN without an answer: nobody is there, perhaps. */
	mirror_flow(&m, &f);
	assert_int_equal(m.tcp, 0);
	/* It acknowledges: somebody answers, elsewhere. */
	f.tcp_flags[0] = 0x18;
	mirror_flow(&m, &f);
	assert_int_equal(m.tcp, 1);
	assert_int_equal(m.tcp_sided, 1);
	f.packets[1] = 2;
	f.n_vlan = 2;
	f.vlan[0] = 100;
	f.vlan[1] = 20;
	f.protocol = protocols[OP_S7];
	mirror_flow(&m, &f);
	assert_int_equal(m.tcp, 2);
	assert_int_equal(m.tcp_sided, 1);
	assert_int_equal(m.two_sided, 1);
	assert_int_equal(m.vlans[100], 1);
	assert_int_equal(m.vlans[20], 0);
	assert_int_equal(m.vlans[MIRROR_VLANS], 2);
	assert_int_equal(m.flows_of[OP_S7], 1);
	/* A priority alone is no VLAN. */
	f.n_vlan = 1;
	f.vlan[0] = 0;
	mirror_flow(&m, &f);
	assert_int_equal(m.vlans[MIRROR_VLANS], 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counters),
		cmocka_unit_test(test_duplicates_of_redundancy),
		cmocka_unit_test(test_nothing_and_broadcast),
		cmocka_unit_test(test_sides),
		cmocka_unit_test(test_flows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
