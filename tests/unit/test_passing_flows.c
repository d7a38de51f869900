/* Which bytes of a flow are read, and which cost nothing any more. */
#include "passing_kit.h"

#include "passing/macs.h"

struct flows {
	struct passing_kit k;
	struct counters	 counters;
	struct passing	*passing;
	uint32_t	 slots;
};

#define FLOWS (PASSING_BUFFERS + 4)

static void
flows_open(struct flows *t)
{
	struct flow_slots slots = { 0 };

	memset(t, 0, sizeof(*t));
	kit_open(&t->k, ATTR_BY_HTTP);
	t->passing = passing_open(&t->k.sink, &slots, 1, &t->counters);
	assert_non_null(t->passing);
	t->slots = slots.size;
	assert_true(passing_memory(t->passing) >= PASSING_BUFFERS * PASSING_BYTES);
}

static struct flow
flow_of(struct flows *t, uint8_t proto, uint16_t port)
{
	struct flow f = { .id = 1, .addr = { kit_addr(10, 1, 2, 4), kit_addr(10, 1, 2, 3) }, .port = { 40000, port },
	    .proto = proto, .slots = test_calloc(1, t->slots) };

	return f;
}

static void
send(struct flows *t, struct flow *f, enum flow_dir dir, const char *text, uint64_t ts_ns)
{
	struct flow_bytes b = { .flow = f, .dir = dir, .n = (uint32_t)strlen(text), .ts_ns = ts_ns,
	    .datagram = f->proto == IP_UDP };

	b.p = guard(text, b.n);
	if (passing_wants(f, passing_slot_number(t->passing), dir))
		passing_bytes(t->passing, &b);
}

/* What was learned since it was last asked. */
static const char *
learned(struct flows *t)
{
	static char copy[sizeof(t->k.text)];

	memcpy(copy, t->k.text, sizeof(copy));
	t->k.out = strbuf_on(t->k.text, sizeof(t->k.text));
	return copy;
}

static void
a_message_may_come_in_pieces(void **unused)
{
	static const char answer[] = "HTTP/1.1 401 No\r\nServer: web/1\r\nContent-Type: text/plain\r\n\r\n";
	struct flows t;
	struct flow f;

	(void)unused;
	flows_open(&t);
	for (size_t cut = 7; cut < sizeof(answer) - 1; cut++) {	/* the magic is in the first piece */
		char head[sizeof(answer)];

		f = flow_of(&t, IP_TCP, 80);
		memcpy(head, answer, cut);
		head[cut] = '\0';
		send(&t, &f, DIR_FROM_1, head, 1);
		assert_string_equal(learned(&t), "");
		send(&t, &f, DIR_FROM_1, answer + cut, 2);
		assert_string_equal(learned(&t), "10.1.2.3 - server http web/1\n");
		/* Then nothing of this side is wanted any more, and of the other one its beginning. */
		assert_false(passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_1));
		assert_true(passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_0));
		send(&t, &f, DIR_FROM_0, "\x01\x02\x03", 3);
		assert_false(passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_0));
		passing_flow_ended(t.passing, &f);
		test_free(f.slots);
	}
	passing_close(t.passing);
}

static void
only_the_beginning_is_read(void **unused)
{
	struct flows t;
	struct flow f;
	char many[1001];
	unsigned n = 0;

	(void)unused;
	flows_open(&t);
	memset(many, 'x', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	f = flow_of(&t, IP_TCP, 80);
	send(&t, &f, DIR_FROM_1, "HTTP/1.1 200 OK\r\nServer: web/1\r\nX: ", 1);
	for (; passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_1); n++)
		send(&t, &f, DIR_FROM_1, many, 2);
	assert_int_equal(n, (PASSING_BYTES + 999) / 1000);
	assert_string_equal(learned(&t), "10.1.2.3 - server http web/1\n");
	test_free(f.slots);
	/* What its end leaves is read then, unless a dissector took the flow or bytes are missing. */
	for (unsigned i = 0; i < 3; i++) {
		static const struct protocol some = { .name = "some" };

		f = flow_of(&t, IP_TCP, 80);
		send(&t, &f, DIR_FROM_1, "HTTP/1.1 200 OK\r\nServer: web/2\r\n", 1);
		f.protocol = i == 1 ? &some : NULL;
		f.gaps[1] = i == 2;
		if (i == 2)
			send(&t, &f, DIR_FROM_1, "Server: web/3\r\n\r\n", 2);
		passing_flow_ended(t.passing, &f);
		assert_string_equal(learned(&t), i == 1 ? "" : "10.1.2.3 - server http web/2\n");
		test_free(f.slots);
	}
	passing_close(t.passing);
}

static void
the_oldest_buffer_gives_way(void **unused)
{
	struct flows t;
	struct flow f[FLOWS];

	(void)unused;
	flows_open(&t);
	for (unsigned i = 0; i < FLOWS; i++) {
		f[i] = flow_of(&t, IP_TCP, 80);
		f[i].addr[1] = kit_addr(10, 9, 9, (uint8_t)i);
		send(&t, &f[i], DIR_FROM_1, "HTTP/1.1 200 OK\r\nServer: w\r\n", i);
	}
	assert_string_equal(learned(&t), "10.9.9.0 - server http w\n10.9.9.1 - server http w\n10.9.9.2 - server http w\n"
	    "10.9.9.3 - server http w\n");
	assert_int_equal(t.counters.v[CNT_PASSING_EVICTED], 4);
	for (unsigned i = 0; i < FLOWS; i++) {
		send(&t, &f[i], DIR_FROM_1, "\r\n", 100);
		passing_flow_ended(t.passing, &f[i]);
		test_free(f[i].slots);
	}
	assert_int_equal(t.k.out.len > 0, true);
	passing_close(t.passing);
}

static void
datagrams_have_a_budget_that_comes_back(void **unused)
{
	static const char answer[] = "NOTIFY * HTTP/1.1\r\nSERVER: w\r\n\r\n";
	struct flows t;
	struct flow f;

	(void)unused;
	flows_open(&t);
	f = flow_of(&t, IP_UDP, 1900);
	for (unsigned i = 0; i < 3 * PASSING_DATAGRAMS; i++)
		send(&t, &f, DIR_FROM_1, answer, 1);
	assert_int_equal(strlen(learned(&t)), PASSING_DATAGRAMS * strlen("10.1.2.3 - server mdns w\n"));
	send(&t, &f, DIR_FROM_1, answer, 1 + PASSING_AGAIN_NS);
	assert_string_equal(learned(&t), "10.1.2.3 - server mdns w\n");
	test_free(f.slots);
	/* A port that is none of ours is looked at once. */
	f = flow_of(&t, IP_UDP, 2222);
	send(&t, &f, DIR_FROM_1, answer, 1);
	assert_false(passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_0));
	assert_false(passing_wants(&f, passing_slot_number(t.passing), DIR_FROM_1));
	test_free(f.slots);
	passing_close(t.passing);
}

static void
arp(struct flows *t, uint8_t host, uint64_t ts_ns)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 };
	struct packet p = { .ts_ns = ts_ns, .arp_op = 2, .arp_mac = mac, .arp_src = kit_addr(10, 1, 2, host), .mac_src = mac };

	passing_frame(t->passing, &p);
}

static const char *
lldp(struct flows *t, uint64_t ts_ns)
{
	static const uint8_t mac[6] = { 2, 0, 0, 0, 0, 1 }, named[] = { 0x0a, 0x02, 's', 'w' };
	struct packet p = { .ts_ns = ts_ns, .ether_type = 0x88cc, .mac_src = mac, .l2 = guard(named, sizeof(named)),
	    .l2_len = sizeof(named) };

	passing_frame(t->passing, &p);
	return learned(t);
}

static void
a_mac_is_its_address_when_arp_said_so(void **unused)
{
	struct flows t;

	(void)unused;
	flows_open(&t);
	assert_string_equal(lldp(&t, 1), "- 02:00:00:00:00:01 name lldp sw\n");
	/* A router answers for several, and then none is its own, until it names one alone again. */
	arp(&t, 7, 2);
	assert_string_equal(lldp(&t, 3), "10.1.2.7 02:00:00:00:00:01 name lldp sw\n");
	arp(&t, 8, 4);
	assert_string_equal(lldp(&t, 5), "- 02:00:00:00:00:01 name lldp sw\n");
	arp(&t, 8, 4 + MACS_AGAIN_NS);
	assert_string_equal(lldp(&t, 5 + MACS_AGAIN_NS + 1), "10.1.2.8 02:00:00:00:00:01 name lldp sw\n");
	passing_close(t.passing);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_may_come_in_pieces),
		cmocka_unit_test(only_the_beginning_is_read),
		cmocka_unit_test(the_oldest_buffer_gives_way),
		cmocka_unit_test(datagrams_have_a_budget_that_comes_back),
		cmocka_unit_test(a_mac_is_its_address_when_arp_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
