/* Devices that ask for an address, and get one or not. */
#include "health_kit.h"

#include "guard.h"

static uint8_t message[300];

static void
dhcp(uint8_t op, uint8_t who, uint8_t kind, uint32_t n, double at_s)
{
	struct packet p = { .ts_ns = (uint64_t)(at_s * 1e9), .frame = 1, .ip_v = 4, .proto = IP_UDP, .src = host(0), .dst = host(255),
	    .sport = op == 1 ? 68 : 67, .dport = op == 1 ? 67 : 68 };

	memset(message, 0, sizeof(message));
	message[0] = op;
	message[1] = 1;
	message[2] = 6;
	message[28] = 2;
	message[33] = who;
	memcpy(message + 236, "\x63\x82\x53\x63\0\x0c\1x\x35\1", 10);
	message[246] = kind;
	message[247] = 255;
	p.payload_len = p.payload_wire = n;
	p.payload = guard(message, n);
	kit_packet(&p, NULL, DIR_FROM_0);
}

static void
asked_in_vain(void **unused)
{
	(void)unused;
	open_one(&detector_leases);
	for (unsigned i = 0; i < 4; i++)
		dhcp(1, 7, 1, 248, 100 + 4 * i);
	assert_int_equal(n_said, 0);
	dhcp(1, 8, 1, 248, 140);	/* another device */
	dhcp(1, 7, 8, 248, 140);	/* it only asks for more beside an address */
	assert_int_equal(n_said, 0);
	dhcp(1, 7, 3, 248, 150);
	assert_int_equal(said[ALERT_NO_ADDRESS], 1);
	for (unsigned i = 0; i < 40; i++)
		dhcp(1, 7, 1, 248, 200 + 64 * i);
	assert_int_equal(n_said, 1);	/* until it was answered */
	dhcp(2, 7, 2, 248, 3000);
	for (unsigned i = 0; i < 5; i++) {
		assert_int_equal(n_said, 1);
		dhcp(1, 7, 1, 248, 3100 + i);
	}
	assert_int_equal(n_said, 2);
	kit_close();
}

static void
answered(void **unused)
{
	(void)unused;
	open_one(&detector_leases);
	for (unsigned i = 0; i < 40; i++) {	/* one that renews each minute */
		dhcp(1, 7, 3, 248, 100 + 60 * i);
		dhcp(2, 7, 5, 248, 100.1 + 60 * i);
	}
	for (unsigned i = 0; i < 40; i++) {	/* one in 151 s: four in ten minutes */
		dhcp(1, 8, 1, 248, 9000 + 151 * i);
		dhcp(2, 8, 6, 248, 9000 + 151 * i);	/* refused is not answered */
	}
	assert_int_equal(n_said, 0);
	kit_close();
}

/* Cut anywhere, and what is none. */
static void
broken(void **unused)
{
	(void)unused;
	open_one(&detector_leases);
	for (uint32_t n = 0; n < 247; n++)
		for (unsigned i = 0; i < 6; i++)
			dhcp(1, 7, 1, n, 100 + i);
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 6; i++)
		dhcp(1, 7, 1, 247, 100 + i);
	assert_int_equal(n_said, 1);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asked_in_vain),
		cmocka_unit_test(answered),
		cmocka_unit_test(broken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
