/* Devices of the plant that ask for the time. */
#include "health_kit.h"

#include "guard.h"

#define SINCE_1900	2208988800u
#define AT		1800000000u	/* the capture's clock, 2027 */

static uint8_t message[48];
static uint8_t leap, stratum;
static const char *code;

static void
put32(uint8_t *to, uint64_t v)
{
	for (unsigned i = 0; i < 4; i++)
		to[i] = (uint8_t)(v >> (24 - 8 * i));
}

/* `away_ms` from the capture's clock; -1: the whole second 0, which is no time. */
static void
ntp(unsigned mode, double at_s, int64_t away_ms, uint32_t n)
{
	const bool server = mode == 4;
	const uint64_t now_ms = (uint64_t)((AT + at_s) * 1e3 + 0.5), ms = (uint64_t)((int64_t)now_ms + away_ms) + SINCE_1900 * UINT64_C(1000);
	struct packet p = { .ts_ns = now_ms * 1000000u, .frame = 1, .ip_v = 4, .proto = IP_UDP, .src = host(server ? 9 : 2),
	    .dst = host(server ? 2 : 9), .sport = server ? 123 : 5000, .dport = server ? 5000 : 123 };

	memset(message, 0, sizeof(message));
	message[0] = (uint8_t)(leap << 6 | 4u << 3 | mode);
	message[1] = stratum;
	memcpy(message + 12, code, 4);
	if (away_ms != -1) {
		put32(message + 40, ms / 1000);
		put32(message + 44, ((ms % 1000) << 32) / 1000);
	}
	p.payload_len = p.payload_wire = n;
	p.payload = guard(message, n);
	kit_packet(&p, NULL, DIR_FROM_0);
}

static void
begin(bool of_plant)
{
	const struct addr client = host(2);

	open_one(&detector_timeservers);
	if (of_plant)
		assets_get(assets, &client, 0, 1)->control_ns = 1;
	leap = 0;
	stratum = 2;
	code = "GPS";
}

static void
a_server_that_no_longer_answers(void **unused)
{
	(void)unused;
	begin(true);
	for (unsigned i = 0; i < 20; i++)	/* it never did, here: another way back, maybe */
		ntp(3, i * 64, 0, 48);
	assert_int_equal(n_said, 0);
	ntp(4, 1300, 0, 48);
	for (unsigned i = 0; i < 60; i++) {	/* now and then one is lost */
		ntp(3, 1400 + i * 64, 0, 48);
		if (i % 8 == 0)
			ntp(4, 1400.01 + i * 64, 0, 48);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 30; i++)
		ntp(3, 10000 + i * 64, 0, 48);
	assert_int_equal(said[ALERT_TIME_LOST], 1);
	assert_int_equal(n_said, 1);
	assert_true(addr_same(&last.src, &(struct addr){ 0 }) == false && last.dport == 123);
	ntp(4, 13000, 0, 48);
	for (unsigned i = 0; i < 9; i++)
		ntp(3, 13001 + i * 64, 0, 48);
	assert_int_equal(said[ALERT_TIME_LOST], 2);
	/* Of an office nobody wants to know. */
	begin(false);
	ntp(3, 0, 0, 48);
	ntp(4, 1, 0, 48);
	for (unsigned i = 0; i < 30; i++)
		ntp(3, 100 + i * 64, 0, 48);
	assert_int_equal(n_said, 0);
	kit_close();
}

static void
a_server_without_time(void **unused)
{
	static const struct { uint8_t leap, stratum; const char *code, *what; } kinds[] = {
		{ 0, 16, "INIT", "it is not synchronized (stratum 16)" }, { 3, 2, "LOCL", "it is not synchronized (leap indicator 3)" },
		{ 3, 0, "RATE", "it refuses to give it (RATE)" }, { 0, 0, "\x1b[2J", "it refuses to give it (no reason)" },
	};

	(void)unused;
	for (unsigned k = 0; k < COUNTOF(kinds); k++) {
		begin(true);
		for (unsigned i = 0; i < 20; i++) {
			leap = kinds[k].leap;
			stratum = i % 4 < 3 || i >= 8 ? kinds[k].stratum : 2;
			leap = stratum == 2 && kinds[k].stratum != 2 ? 0 : i % 4 < 3 || i >= 8 ? leap : 0;
			code = kinds[k].code;
			ntp(3, i * 64, 0, 48);
			ntp(4, i * 64 + 0.01, 0, 48);
			/* Three in a row are a start. */
			assert_int_equal(n_said, i >= 11);
		}
		assert_int_equal(said[ALERT_TIME_NONE], 1);
	}
	kit_close();
}

static char what[64];

static void
keep_what(const struct finding *f)
{
	snprintf(what, sizeof(what), "%s", f->what != NULL ? f->what : "");
}

static void
a_client_that_does_not_take_it(void **unused)
{
	(void)unused;
	begin(true);
	for (unsigned i = 0; i < 20; i++) {	/* both 5 s from the sensor's: that is the sensor's */
		ntp(3, i * 64, -5000, 48);
		ntp(4, i * 64 + 0.01, -5000, 48);
	}
	for (unsigned i = 0; i < 20; i++) {	/* no time, and one of another century: some send random numbers */
		ntp(3, 2000 + i * 64, i % 2 ? -1 : -INT64_C(40) * 86400000, 48);
		ntp(4, 2000.01 + i * 64, 0, 48);
	}
	assert_int_equal(n_said, 0);
	for (unsigned i = 0; i < 20; i++) {
		ntp(3, 4000 + i * 64, -2500, 48);
		ntp(4, 4000.01 + i * 64, 0, 48);
		assert_int_equal(said[ALERT_TIME_AWAY], i >= 7);
		if (i == 7)
			keep_what(&last);
	}
	assert_int_equal(n_said, 1);
	/* It takes it, and then does not: that is another time. */
	for (unsigned i = 0; i < 10; i++) {
		ntp(3, 6000 + i * 64, i == 0 ? 0 : 3000, 48);
		ntp(4, 6000.01 + i * 64, 0, 48);
	}
	assert_int_equal(n_said, 2);
	kit_close();
}

static void
what_is_no_such_message(void **unused)
{
	(void)unused;
	begin(true);
	for (uint32_t n = 0; n < 48; n++) {
		ntp(3, n, 0, n);
		ntp(4, n, 0, n);
	}
	ntp(3, 100, 0, 48);
	ntp(4, 101, 0, 48);
	for (unsigned i = 0; i < 30; i++)
		ntp(1, 200 + i * 64, 0, 48);	/* symmetric: not asked for an answer */
	for (unsigned i = 0; i < 30; i++)
		ntp(3, 3000 + i * 64, 0, 47);
	assert_int_equal(n_said, 0);
	kit_close();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_server_that_no_longer_answers),
		cmocka_unit_test(a_server_without_time),
		cmocka_unit_test(a_client_that_does_not_take_it),
		cmocka_unit_test(what_is_no_such_message),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
