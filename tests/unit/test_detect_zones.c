/* Conduits: what may go from zone to zone, and what is told of what may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/str.h"
#include "detect/rules/rule.h"
#include "detect/zones/conduits.h"
#include "detect/zones/zones.h"

#define SEC 1000000000ull
#define AT(l) { .file = "plant.yaml", .line = l, .column = 3 }

static struct zones_settings plant = { .n = 3, .of = {
	{ "control", "10.1.0.0/16", 2, 0, AT(2) },
	{ "office", "10.2.0.0/16", 5, 0, AT(3) },
	{ "dmz", "10.3.0.0/16", 0, 0, AT(4) },
} };

static bool
nth(enum rule_names list, uint32_t i, struct rule_name *out)
{
	static const char *const apps[] = { "tls", "dns", "http" };

	if (list != NAMES_APP || i >= COUNTOF(apps))
		return false;
	*out = (struct rule_name){ apps[i], apps[i], i, UINT32_MAX };
	return true;
}

static const struct rule_lookup names = { .nth = nth };

/* ---- conduits ---- */

static struct zones *z;
static struct conduits *c;

static void
close_all(void)
{
	conduits_close(c);
	zones_close(z);
	c = NULL;
	z = NULL;
}

static void
open_one(const char *from, const char *to, const char *protos, const char *intents)
{
	struct err e = { 0 };

	close_all();
	plant.conduits[0] = (struct conduit_settings){ from, to, protos, intents, AT(9) };
	plant.n_conduits = 1;
	z = zones_open(&plant, &e);
	c = conduits_open(&plant, z, &names, &e);
	assert_int_equal(e.n, 0);
	assert_non_null(c);
}

static const struct zone *
zone(const char *name)
{
	return strcmp(name, "outside") == 0 ? NULL : zones_named(z, name, strlen(name));
}

static bool
operation_may(const char *from, const char *to, enum op_proto proto, enum op_intent intent)
{
	return conduits_allow(c, &(struct talk){ .from = zone(from), .to = zone(to), .proto = proto, .intent = (int)intent,
	    .ip_proto = IP_TCP, .port = 502 });
}

static bool
traffic_may(const char *from, const char *to, uint8_t ip_proto, uint16_t port, const char *app)
{
	return conduits_allow(c, &(struct talk){ .from = zone(from), .to = zone(to), .intent = TALK_NO_INTENT,
	    .ip_proto = ip_proto, .port = port, .app = app });
}

static void
an_operation_needs_protocol_and_intent(void **unused)
{
	(void)unused;
	open_one("office,outside", "control", "modbus,s7comm", "read,identify");
	assert_true(operation_may("office", "control", OP_MODBUS, INTENT_READ));
	assert_true(operation_may("office", "control", OP_MODBUS, INTENT_IDENTIFY));
	assert_true(operation_may("outside", "control", OP_MODBUS, INTENT_READ));
	/* Whoever may read may connect. */
	assert_true(operation_may("office", "control", OP_S7, INTENT_SESSION));
	/* A family goes by its first. */
	assert_true(operation_may("office", "control", OP_S7PLUS, INTENT_READ));
	assert_false(operation_may("office", "control", OP_MODBUS, INTENT_WRITE));
	assert_false(operation_may("office", "control", OP_DNP3, INTENT_READ));
	assert_false(operation_may("office", "control", OP_DNP3, INTENT_SESSION));
	assert_false(operation_may("dmz", "control", OP_MODBUS, INTENT_READ));
	/* Not the other way round. */
	assert_false(operation_may("control", "office", OP_MODBUS, INTENT_READ));
	/* Within a zone, and outside. */
	assert_true(operation_may("control", "control", OP_DNP3, INTENT_MODE));
	assert_true(operation_may("outside", "outside", OP_DNP3, INTENT_MODE));
	/* With intents it is for operations alone. */
	assert_false(traffic_may("office", "control", IP_TCP, 502, NULL));
	close_all();
}

static void
other_traffic_goes_by_name_or_port(void **unused)
{
	(void)unused;
	open_one("office", "dmz", "tls,tcp/22,udp/5000-5010,icmp", NULL);
	assert_true(traffic_may("office", "dmz", IP_TCP, 8443, "tls"));
	assert_true(traffic_may("office", "dmz", IP_TCP, 8443, "tls.google"));
	assert_true(traffic_may("office", "dmz", IP_TCP, 8443, "quic.tls"));
	assert_false(traffic_may("office", "dmz", IP_TCP, 8443, "tlsx"));
	assert_false(traffic_may("office", "dmz", IP_TCP, 443, NULL));
	assert_true(traffic_may("office", "dmz", IP_TCP, 22, "ssh"));
	assert_false(traffic_may("office", "dmz", IP_UDP, 22, NULL));
	assert_false(traffic_may("office", "dmz", IP_UDP, 4999, NULL));
	assert_true(traffic_may("office", "dmz", IP_UDP, 5000, NULL));
	assert_true(traffic_may("office", "dmz", IP_UDP, 5010, NULL));
	assert_false(traffic_may("office", "dmz", IP_UDP, 5011, NULL));
	assert_true(traffic_may("office", "dmz", IP_ICMP, 0, NULL));
	assert_true(traffic_may("office", "dmz", IP_ICMPV6, 0, NULL));
	assert_false(traffic_may("office", "dmz", IP_GRE, 0, NULL));
	assert_false(operation_may("office", "dmz", OP_MODBUS, INTENT_READ));
	/* By the transport an operation may go, too. */
	open_one(NULL, "any", "tcp", NULL);
	assert_true(operation_may("office", "dmz", OP_MODBUS, INTENT_WRITE));
	assert_true(traffic_may("outside", "control", IP_TCP, 1, NULL));
	assert_false(traffic_may("outside", "control", IP_UDP, 1, NULL));
	open_one("dmz", NULL, NULL, NULL);
	assert_true(traffic_may("dmz", "outside", IP_GRE, 0, NULL));
	assert_false(traffic_may("office", "outside", IP_GRE, 0, NULL));
	open_one("dmz", NULL, NULL, "read");
	assert_true(operation_may("dmz", "control", OP_IEC104, INTENT_READ));
	assert_false(traffic_may("dmz", "control", IP_TCP, 443, "tls"));
	close_all();
}

static void
every_word_of_a_conduit_is_checked(void **unused)
{
	char out[2048];
	struct strbuf b = strbuf_on(out, sizeof(out));
	struct err e = { 0 };

	(void)unused;
	plant.conduits[0] = (struct conduit_settings){ "ofice,warehouse", "control", "modbuss,tcp/70000,tlss", NULL, AT(9) };
	plant.conduits[1] = (struct conduit_settings){ NULL, "dmz,contrl", "udp/9-8,tcp/,ip/256,gopher,dns", NULL, AT(14) };
	plant.n_conduits = 2;
	z = zones_open(&plant, &e);
	c = conduits_open(&plant, z, &names, &e);
	for (const struct err_item *it = e.first; it != NULL; it = it->next)
		strbuf_printf(&b, "%s:%d:%d: %s\n", it->file, it->line, it->column, it->text);
	err_free(&e);
	assert_string_equal(out,
	    "plant.yaml:9:3: from: there is no zone 'ofice'; did you mean 'office'?\n"
	    "plant.yaml:9:3: from: there is no zone 'warehouse'\n"
	    "plant.yaml:9:3: protocols: 'modbuss' is no protocol; did you mean 'modbus'?\n"
	    "plant.yaml:9:3: protocols: 'tcp/70000' is no protocol: a control protocol, the name of other traffic, tcp, udp, icmp, or tcp/443\n"
	    "plant.yaml:9:3: protocols: 'tlss' is no protocol; did you mean 'tls'?\n"
	    "plant.yaml:14:3: to: there is no zone 'contrl'; did you mean 'control'?\n"
	    "plant.yaml:14:3: protocols: 'udp/9-8' is no protocol: a control protocol, the name of other traffic, tcp, udp, icmp, or tcp/443\n"
	    "plant.yaml:14:3: protocols: 'tcp/' is no protocol; did you mean 'tcp'?\n"
	    "plant.yaml:14:3: protocols: 'ip/256' is no protocol: a control protocol, the name of other traffic, tcp, udp, icmp, or tcp/443\n"
	    "plant.yaml:14:3: protocols: 'gopher' is no protocol: a control protocol, the name of other traffic, tcp, udp, icmp, or tcp/443\n");
	close_all();
}

/* ---- the detector ---- */

#include "detect_kit.h"

static struct finding told[16];
static char said[16][256], expected[256];
static unsigned n_told;
static struct zones *known;
static struct flow_slots slots;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	assert_true(n_told < COUNTOF(told));
	told[n_told] = *f;
	(void)snprintf(said[n_told++], sizeof(said[0]), "%s", f->what);
	(void)snprintf(expected, sizeof(expected), "%s", f->expected);
}

static struct detect_env env;

static void
open_detector(bool with_zones)
{
	static const struct detector *const list[] = { &detector_zones, NULL };
	struct err e = { 0 };

	settings = (struct settings){ .detect = { .devices = 16 } };
	if (with_zones) {
		settings.zones = plant;
		settings.zones.conduits[0] = (struct conduit_settings){ "office", "control", "modbus", "read", AT(9) };
		settings.zones.n_conduits = 1;
	}
	known = zones_open(&settings.zones, &e);
	slots = (struct flow_slots){ 0 };
	assets = assets_new(&(struct assets_want){ .devices = 16, .counters = &counters, .zones = known });
	env = (struct detect_env){ .settings = &settings, .sink = { on_finding, NULL }, .counters = &counters,
	    .now_ns = &kit_now_ns, .slots = &slots, .assets = assets, .ends = assets_ends(assets), .zones = known, .names = &names };
	detect = detect_open_with(list, &env, &e);
	assert_int_equal(e.n, 0);
	assert_int_equal(assets_open(assets), 0);
	n_told = 0;
}

static void
close_detector(void)
{
	kit_close();
	zones_close(known);
}

static unsigned char slot_memory[64] __attribute__((aligned(16)));

static struct flow
flow(uint8_t from, uint8_t to, uint16_t port)
{
	const uint8_t a[4] = { 10, from, 0, 1 }, b[4] = { 10, to, 0, 2 };
	struct flow f = { .id = 1, .addr = { addr_v4(a), addr_v4(b) }, .port = { 50000, port }, .proto = IP_TCP, .ip_v = 4,
	    .slots = slot_memory, .packets = { 1, 1 } };

	memset(slot_memory, 0, sizeof(slot_memory));
	return f;
}

static void
ask(struct flow *f, enum op_intent intent, enum op_phase phase)
{
	struct operation op = { .id = 7, .flow = f, .phase = phase, .proto = OP_MODBUS, .intent = intent,
	    .request = { .seen = true, .ts_ns = 5 * SEC, .frame = 3 },
	    .outcome = phase == OP_REQUESTED ? OUTCOME_PENDING : OUTCOME_ANSWERED };

	f->protocol = protocols[OP_MODBUS];
	kit_show(&op);
}

static void
without_zones_it_sleeps(void **unused)
{
	(void)unused;
	open_detector(false);
	assert_false(detect_wants(detect, DETECT_SEGMENT));
	assert_false(detect_wants(detect, DETECT_FLOW_END));
	assert_int_equal(slots.size, 0);
	close_detector();
}

static void
what_no_conduit_allows_is_told(void **unused)
{
	struct flow f = flow(2, 1, 502);

	(void)unused;
	open_detector(true);
	assets_flow_begun(assets, &f);
	ask(&f, INTENT_READ, OP_REQUESTED);
	ask(&f, INTENT_READ, OP_FINISHED);
	ask(&f, INTENT_SESSION, OP_FINISHED);
	assert_int_equal(n_told, 0);
	/* A command at once, and again with its outcome. */
	ask(&f, INTENT_WRITE, OP_REQUESTED);
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].type, ALERT_ZONE_COMMAND);
	assert_int_equal(told[0].stage, FINDING_ASKED);
	assert_string_equal(said[0], "modbus write from office to control");
	assert_string_equal(expected, "allowed there: modbus (read)");
	ask(&f, INTENT_WRITE, OP_FINISHED);
	assert_int_equal(n_told, 2);
	assert_int_equal(told[1].stage, FINDING_OUTCOME);
	assert_true(told[0].key == told[1].key);
	/* Another intent is another matter; what only reads comes once. */
	ask(&f, INTENT_IDENTIFY, OP_REQUESTED);
	assert_int_equal(n_told, 2);
	ask(&f, INTENT_IDENTIFY, OP_FINISHED);
	assert_int_equal(told[2].type, ALERT_ZONE_OPERATION);
	assert_false(told[2].key == told[1].key);
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_told, 3);
	close_detector();
}

static void
traffic_is_told_once_a_conversation(void **unused)
{
	struct flow f = flow(2, 3, 443);
	struct packet p = { .ts_ns = SEC, .frame = 9, .ip_v = 4, .proto = IP_TCP, .tcp_flags = TCP_ACK };

	(void)unused;
	open_detector(true);
	p.src = f.addr[0];
	p.dst = f.addr[1];
	kit_packet(&p, &f, DIR_FROM_0);
	assert_int_equal(n_told, 0);
	/* Bytes, and a name that may still come. */
	f.payload[0] = 100;
	f.app_maybe = true;
	kit_packet(&p, &f, DIR_FROM_0);
	assert_int_equal(n_told, 0);
	f.app_proto = "tls.google";
	kit_packet(&p, &f, DIR_FROM_0);
	assert_int_equal(n_told, 1);
	assert_int_equal(told[0].type, ALERT_ZONE_TRAFFIC);
	assert_int_equal(told[0].frame, 9);
	assert_string_equal(said[0], "tls from office to dmz");
	assert_string_equal(expected, "allowed there: nothing");
	assert_false(told[0].any_dst);
	kit_packet(&p, &f, DIR_FROM_0);
	kit_flow_end(&f, FLOW_END_CLOSED);
	assert_int_equal(n_told, 1);
	close_detector();
}

static void
what_never_got_an_answer_is_told_at_its_end(void **unused)
{
	struct flow f = flow(3, 1, 445), allowed = flow(2, 1, 502), master = flow(3, 1, 502);

	(void)unused;
	open_detector(true);
	f.packets[1] = 0;
	kit_flow_end(&f, FLOW_END_TIMEOUT);
	assert_int_equal(n_told, 1);
	assert_string_equal(said[0], "tcp/445 from dmz to control");
	/* All that it tries are one matter. */
	assert_true(told[0].any_dst);
	/* A master that tries to connect to a device that is off does what its conduit is for. */
	kit_flow_end(&allowed, FLOW_END_TIMEOUT);
	assert_int_equal(n_told, 1);
	memset(slot_memory, 0, sizeof(slot_memory));
	kit_flow_end(&master, FLOW_END_TIMEOUT);
	assert_int_equal(n_told, 2);
	assert_string_equal(said[1], "modbus from dmz to control");
	close_detector();
}

static void
what_stays_is_no_matter(void **unused)
{
	static const char *const groups[] = { "239.1.2.3", "255.255.255.255", "169.254.1.1", "ff02::1", "fe80::1", "0.0.0.0" };
	struct flow f = flow(1, 1, 445);

	(void)unused;
	open_detector(true);
	kit_flow_end(&f, FLOW_END_TIMEOUT);
	for (unsigned i = 0; i < COUNTOF(groups); i++) {
		unsigned bits;

		f = flow(1, 2, 5353);
		f.proto = IP_UDP;
		assert_true(addr_net_read(groups[i], &f.addr[1], &bits));
		kit_flow_end(&f, FLOW_END_TIMEOUT);
	}
	assert_int_equal(n_told, 0);
	/* From and to what is in no zone it crosses a border. */
	f = flow(9, 1, 445);
	kit_flow_end(&f, FLOW_END_TIMEOUT);
	f = flow(1, 9, 445);
	kit_flow_end(&f, FLOW_END_TIMEOUT);
	assert_int_equal(n_told, 2);
	assert_string_equal(said[0], "tcp/445 from outside to control");
	assert_string_equal(said[1], "tcp/445 from control to outside");
	/* Both ends outside: nobody's border. */
	f = flow(9, 8, 445);
	kit_flow_end(&f, FLOW_END_TIMEOUT);
	assert_int_equal(n_told, 2);
	close_detector();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_operation_needs_protocol_and_intent),
		cmocka_unit_test(other_traffic_goes_by_name_or_port),
		cmocka_unit_test(every_word_of_a_conduit_is_checked),
		cmocka_unit_test(without_zones_it_sleeps),
		cmocka_unit_test(what_no_conduit_allows_is_told),
		cmocka_unit_test(traffic_is_told_once_a_conversation),
		cmocka_unit_test(what_never_got_an_answer_is_told_at_its_end),
		cmocka_unit_test(what_stays_is_no_matter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
