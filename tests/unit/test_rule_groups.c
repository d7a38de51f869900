/* Numbers, groups of addresses and ports, variables, and no memory. */
#include "rule_kit.h"

#include <arpa/inet.h>

void	*__real_calloc(size_t n, size_t size);
void	*__wrap_calloc(size_t n, size_t size);

static long fail_in = -1;	/* this many more calls succeed */

void *
__wrap_calloc(size_t n, size_t size)
{
	if (fail_in == 0)
		return NULL;
	if (fail_in > 0)
		fail_in--;
	return __real_calloc(n, size);
}

static struct addr
address(const char *text)
{
	uint8_t b[16];

	if (inet_pton(AF_INET, text, b) == 1)
		return addr_v4(b);
	assert_int_equal(inet_pton(AF_INET6, text, b), 1);
	return addr_v6(b);
}

static void
groups_hold_what_they_say(void **unused)
{
	static const struct { const char *group, *in, *out; } rows[] = {
		{ "10.0.0.0/8", "10.0.0.0 10.255.255.255", "9.255.255.255 11.0.0.0 2001:db8::1" },
		{ "!10.0.0.0/8", "9.255.255.255 11.0.0.0 ::1", "10.0.0.0 10.1.2.3" },
		{ "[10.0.0.0/8,!10.1.0.0/16]", "10.0.255.255 10.2.0.0", "10.1.0.0 10.1.255.255 1.1.1.1" },
		{ "[!10.0.0.0/8,!1.1.1.1]", "1.1.1.2 fe80::1", "10.3.3.3 1.1.1.1" },
		{ "[1.1.1.1-1.1.1.5,1.1.1.6]", "1.1.1.1 1.1.1.5 1.1.1.6", "1.1.1.0 1.1.1.7" },
		{ "192.168.1.77/255.255.255.0", "192.168.1.0 192.168.1.255", "192.168.2.0" },
		{ "2001:db8::/32", "2001:db8::1 2001:db8:ffff::", "2001:db9:: 32.1.13.184" },
		{ "[[1.1.1.1,[2.2.2.2,!3.3.3.3]],4.4.4.4]", "1.1.1.1 2.2.2.2 4.4.4.4", "3.3.3.3 5.5.5.5" },
		{ "$HOME_NET", "10.9.9.9 192.168.0.1 172.31.0.1 fd00::1", "8.8.8.8 172.32.0.1" },
		{ "$EXTERNAL_NET", "8.8.8.8 2001:db8::1", "10.9.9.9" },
		{ "[$HOME_NET,!10.9.9.9]", "10.9.9.8", "10.9.9.9" },
		{ "any", "1.2.3.4 ::", "" },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++)
		for (unsigned in = 0; in < 2; in++) {
			char text[256], list[256], *save = NULL;
			struct kit k;

			(void)snprintf(text, sizeof(text), "alert ip %s any -> any any (sid:1;)", rows[i].group);
			assert_true(kit_read(&k, text, strlen(text), NULL));
			assert_int_equal(k.set.n_rules, 1);
			(void)snprintf(list, sizeof(list), "%s", in ? rows[i].in : rows[i].out);
			for (char *w = strtok_r(list, " ", &save); w != NULL; w = strtok_r(NULL, " ", &save)) {
				struct addr a = address(w);

				if (rule_addr_is(&k.set.rules[0].src, &a) != (in == 1))
					fail_msg("%s: %s", rows[i].group, w);
			}
			kit_free(&k);
		}
}

static void
ports_hold_what_they_say(void **unused)
{
	static const struct { const char *group; uint16_t in, out; } rows[] = {
		{ "502", 502, 501 }, { "!502", 503, 502 }, { "1:1024", 1024, 1025 }, { ":1024", 0, 1025 },
		{ "1024:", 65535, 1023 }, { "[80,8000:8010,!8005]", 8006, 8005 }, { "![1:1024]", 0, 1024 },
		{ "$DNP3_PORTS", 20000, 20001 }, { "[$HTTP_PORTS,110]", 110, 111 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct kit k;
		char text[128];

		(void)snprintf(text, sizeof(text), "alert tcp any %s -> any any (sid:1;)", rows[i].group);
		assert_true(kit_read(&k, text, strlen(text), NULL));
		assert_int_equal(k.set.n_rules, 1);
		assert_true(rule_port_is(&k.set.rules[0].sport, rows[i].in));
		assert_false(rule_port_is(&k.set.rules[0].sport, rows[i].out));
		kit_free(&k);
	}
}

static void
variables_come_from_settings(void **unused)
{
	struct setting_var addresses[] = {
		{ .name = "PLCS", .value = "[10.1.1.1,$MORE]", .file = "c", .line = 3, .column = 5 },
		{ .name = "MORE", .value = "10.1.1.2", .file = "c", .line = 4, .column = 5 },
		{ .name = "LOOP", .value = "[$LOOP2]", .file = "c", .line = 5, .column = 5 },
		{ .name = "LOOP2", .value = "$LOOP", .file = "c", .line = 6, .column = 5 },
		{ .name = "BAD", .value = "10.1.1.", .file = "c", .line = 7, .column = 5 },
	};
	struct rules_settings s = { .addresses = { addresses, COUNTOF(addresses) } };
	static const char text[] = "alert ip $PLCS any -> any any (sid:1;)\nalert ip $BAD any -> any any (sid:2;)";
	struct addr a = address("10.1.1.2");
	struct kit k;
	bool bad = false, loop = false;

	(void)unused;
	assert_true(kit_read(&k, text, sizeof(text) - 1, &s));
	assert_int_equal(k.set.n_rules, 1);
	assert_true(rule_addr_is(&k.set.rules[0].src, &a));
	for (const struct err_item *it = k.problems.first; it != NULL; it = it->next) {
		bad |= it->line == 7 && strcmp(it->file, "c") == 0;
		loop |= strstr(it->text, "made of itself") != NULL;
	}
	assert_true(bad && loop);
	kit_free(&k);
}

static void
numbers_hold_what_they_say(void **unused)
{
	static const struct { const char *option; double in, out; } rows[] = {
		{ "dsize:5", 5, 6 }, { "dsize:!5", 6, 5 }, { "dsize:<5", 4, 5 }, { "dsize:>5", 6, 5 }, { "dsize:<=5", 5, 6 },
		{ "dsize:>=5", 5, 4 }, { "dsize:10<>13", 11, 10 }, { "dsize:10<>13", 12, 13 }, { "dsize:10<=>13", 13, 14 },
		{ "dsize:&0xf0=0x30", 0x3f, 0x4f }, { "dsize:&0xf0!=0x30", 0x4f, 0x3f }, { "dsize:&1", 3, 2 },
		{ "ttl:3-6", 4, 3 }, { "ot.unit:3-6", 3, 2 }, { "ot.unit:[1,5-7,!6]", 7, 6 }, { "ot.unit:!3", 4, 3 },
		{ "ot.unit:![3,4]", 5, 4 }, { "ot.value:>99.5", 99.6, 99.5 }, { "ot.value:<5", 4.5, 5 },
		{ "ot.value:-1.5--0.5", -1, -0.4 }, { "ot.value:-3", -3, 3 }, { "ot.latency:>2s", 2.1e9, 2e9 },
		{ "ot.latency:1-3", 2e6, 4e6 }, { "modbus_func:[RdCoils,write_single_coil]", 5, 6 }, { "ip_proto:!tcp", 17, 6 },
	};

	(void)unused;
	for (size_t i = 0; i < COUNTOF(rows); i++) {
		struct kit k;
		char text[128];
		const struct rule_numbers *t;

		(void)snprintf(text, sizeof(text), "alert ip any any -> any any (%s; sid:1;)", rows[i].option);
		assert_true(kit_read(&k, text, strlen(text), NULL));
		if (k.set.n_rules != 1) {
			err_print(&k.problems, stderr);
			fail_msg("%s", rows[i].option);
		}
		t = &k.set.rules[0].opts[0].numbers;
		if (!rule_real_is(t, rows[i].in) || rule_real_is(t, rows[i].out))
			fail_msg("%s as real", rows[i].option);
		if (rows[i].in == (double)(int64_t)rows[i].in && !rule_number_is(t, (int64_t)rows[i].in))
			fail_msg("%s in", rows[i].option);
		if (rows[i].out == (double)(int64_t)rows[i].out && rule_number_is(t, (int64_t)rows[i].out))
			fail_msg("%s out", rows[i].option);
		kit_free(&k);
	}
}

/* Whichever piece of memory is refused: no set, and nothing is lost. */
static void
no_memory_is_no_set(void **unused)
{
	char *text = NULL;
	size_t n;
	FILE *f = open_memstream(&text, &n);
	bool loaded = false;

	(void)unused;
	for (int i = 1; i <= 600; i++)
		fprintf(f, "alert tcp [10.0.0.%d,$HOME_NET] any -> any any (msg:\"rule %d with a long text, so that chunks fill\"; "
		    "content:\"abc%d\"; flowbits:set,f%d; ot.unit:[1,2,3,4,5,6,7]; metadata:a b, c d; reference:url,x; asset.role:hmi,engineering; geoip:NL,DE; sid:%d;)\n",
		    i % 250, i, i, i, i);
	assert_int_equal(fclose(f), 0);
	for (long fail = 0; !loaded; fail++) {
		struct kit k;
		bool ok;

		assert_true(fail < 10000);
		fail_in = fail;
		ok = kit_read(&k, text, n, NULL);
		loaded = fail_in > 0;	/* enough for all */
		fail_in = -1;
		if (ok)
			assert_int_equal(k.set.n_rules, 600);
		else
			assert_null(k.set.mem);
		kit_free(&k);
	}
	free(text);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_hold_what_they_say),
		cmocka_unit_test(ports_hold_what_they_say),
		cmocka_unit_test(variables_come_from_settings),
		cmocka_unit_test(numbers_hold_what_they_say),
		cmocka_unit_test(no_memory_is_no_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
