/* What outputs over a network share: how targets are written, names and addresses, the watched network, pauses. */
#include <arpa/inet.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "output/transport/net.h"

static char why[NET_WHY_MAX];

static void
targets_are_read(void **state)
{
	static const struct { const char *text, *host, *port; } good[] = {
		{ "siem.example.org", "siem.example.org", "514" },
		{ "siem:6514", "siem", "6514" },
		{ "192.0.2.1", "192.0.2.1", "514" },
		{ "192.0.2.1:65535", "192.0.2.1", "65535" },
		{ "[2001:db8::1]", "2001:db8::1", "514" },
		{ "[2001:db8::1]:1", "2001:db8::1", "1" },
		{ "2001:db8::1", "2001:db8::1", "514" },
	};
	static const char *const bad[] = { "", ":514", "a:0", "a:65536", "a:123456", "a:x", "a:", "[::1", "[::1]x", "[]:5", "a b", "a/b", "u@h:1" };
	struct net_target t;
	char *long_name = calloc(1, NET_HOST_MAX + 1);

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(net_target_read(good[i].text, "514", &t, why, sizeof(why)));
		assert_string_equal(t.host, good[i].host);
		assert_string_equal(t.port, good[i].port);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		why[0] = '\0';
		assert_false(net_target_read(bad[i], "514", &t, why, sizeof(why)));
		assert_true(why[0] != '\0');
	}
	memset(long_name, 'a', NET_HOST_MAX);
	assert_false(net_target_read(long_name, "514", &t, why, sizeof(why)));
	long_name[NET_HOST_MAX - 1] = '\0';
	assert_true(net_target_read(long_name, "514", &t, why, sizeof(why)));
	free(long_name);
}

static void
names_are_looked_up_beside(void **state)
{
	static const struct { const char *host; enum net_answer want; } of[] = {
		{ "127.0.0.1", NET_FOUND }, { "::1", NET_FOUND }, { "localhost", NET_FOUND }, { "no such name", NET_NOT_FOUND },
	};
	const struct addrinfo *found;

	(void)state;
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++) {
		struct net_target t = { .port = "514" };
		struct net_lookup *l;
		enum net_answer how;

		strcpy(t.host, of[i].host);
		l = net_lookup_begin(&t, SOCK_STREAM);
		assert_non_null(l);
		while ((how = net_lookup_end(l, &found, why, sizeof(why))) == NET_WAIT)
			(void)poll(NULL, 0, 1);
		assert_int_equal(how, of[i].want);
		if (how == NET_NOT_FOUND)
			assert_non_null(strstr(why, "no such name"));
		net_lookup_free(l);
	}
	/* Whoever does not wait for the answer leaves nothing behind. */
	net_lookup_free(net_lookup_begin(&(const struct net_target){ .host = "localhost", .port = "1" }, SOCK_STREAM));
	net_lookup_free(NULL);
	(void)poll(NULL, 0, 50);
}

static void
nothing_leaves_by_a_watched_interface(void **state)
{
	static const char *const names[] = { "eth7", "lo" }, *const any[] = { "any" };
	const struct net_watched lo = { names, 2 }, other = { names, 1 }, all = { any, 1 }, none = { NULL, 0 };
	struct net_target t = { .host = "127.0.0.1", .port = "514" };
	struct sockaddr_in a = { .sin_family = AF_INET };

	(void)state;
	a.sin_addr.s_addr = inet_addr("127.0.0.5");
	assert_false(net_may_leave(&lo, (struct sockaddr *)&a, why, sizeof(why)));
	assert_non_null(strstr(why, "leaves by lo, which is watched (-i lo)"));
	assert_false(net_may_leave(&all, (struct sockaddr *)&a, why, sizeof(why)));
	assert_true(net_may_leave(&other, (struct sockaddr *)&a, why, sizeof(why)));
	assert_true(net_may_leave(&none, (struct sockaddr *)&a, why, sizeof(why)));
	assert_true(net_may_leave(NULL, (struct sockaddr *)&a, why, sizeof(why)));
	assert_false(net_target_may(&lo, &t, why, sizeof(why)));
	strcpy(t.host, "::1");
	assert_false(net_target_may(&lo, &t, why, sizeof(why)));
	/* A name is looked up when it is needed. */
	strcpy(t.host, "localhost");
	assert_true(net_target_may(&lo, &t, why, sizeof(why)));
}

static void
pauses_double_and_differ(void **state)
{
	struct net_backoff a = { .least_ns = 1000, .most_ns = 60000 }, b = a;
	uint64_t most = 1000, differ = 0;

	(void)state;
	for (int i = 0; i < 20; i++) {
		uint64_t pa = net_backoff_next(&a), pb = net_backoff_next(&b);

		assert_true(pa >= most / 2 && pa <= most);
		differ += pa != pb;
		most = most * 2 < 60000 ? most * 2 : 60000;
	}
	assert_true(differ > 10);
	net_backoff_reset(&a);
	assert_true(net_backoff_next(&a) <= 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(targets_are_read),
		cmocka_unit_test(names_are_looked_up_beside),
		cmocka_unit_test(nothing_leaves_by_a_watched_interface),
		cmocka_unit_test(pauses_double_and_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
