/* Fuzz what else is read of devices: the leases of DHCP, zones and conduits, the list that an operator keeps, announcements.
 *
 * Byte 0 modulo 5 picks:
 *	0  messages of DHCP for detector_leases: each two bytes of length, one of flags (1 from the server), the message
 *	1  zones and conduits: lines "name|subnets" and ">from|to|protocols|intents"; then what goes between them
 *	2  a list of devices, as assets.file is
 *	3  announcements for the baseline: key, length, value
 *	4  messages of NTP for detector_timeservers, as those of DHCP
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "asset/list.h"
#include "asset/zones.h"
#include "base/str.h"
#include "config/config.h"
#include "detect/baseline/baseline.h"
#include "detect/detect.h"
#include "detect/health/health.h"
#include "detect/rules/rule.h"
#include "detect/zones/conduits.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
require(bool what)
{
	if (!what)
		abort();
}

/* ---- detectors ---- */

static unsigned found;

static void
on_finding(void *arg, const struct finding *f)
{
	(void)arg;
	require(f->type < ALERT_TYPE_COUNT && (f->what == NULL || utf8_valid((const uint8_t *)f->what, strlen(f->what))));
	found++;
}

struct judge {
	struct settings		 s;
	struct counters		 counters;
	struct flow_slots	 slots;
	struct assets		*assets;
	struct detect		*detect;
	uint64_t		 now_ns;
};

static struct judge *
judge_open(const struct detector *const *list)
{
	struct judge *j = calloc(1, sizeof(*j));
	struct err e = { 0 };

	require(j != NULL);
	config_defaults(&j->s);
	j->s.baseline.mode = BASELINE_DETECT;
	j->s.baseline.learn_first_s = 10;
	j->s.baseline.facts = 1024;
	j->assets = assets_new(&(struct assets_want){ .devices = 64, .counters = &j->counters });
	j->detect = detect_open_with(list, &(struct detect_env){ .settings = &j->s, .sink = { on_finding, NULL },
	    .counters = &j->counters, .now_ns = &j->now_ns, .slots = &j->slots, .assets = j->assets,
	    .ends = assets_ends(j->assets) }, &e);
	require(j->detect != NULL && e.n == 0 && assets_open(j->assets) == 0);
	return j;
}

static void
judge_close(struct judge *j)
{
	detect_finish(j->detect, j->now_ns);
	detect_close(j->detect);
	assets_close(j->assets);
	config_free(&j->s);
	free(j);
}

static void
datagrams(const struct detector *by, uint16_t port, uint16_t from, const uint8_t *p, size_t n)
{
	const struct detector *const list[] = { by, NULL };
	const uint8_t four[2][4] = { { 10, 0, 0, 1 }, { 10, 0, 0, 2 } };
	const struct addr a = addr_v4(four[0]), b = addr_v4(four[1]);
	struct judge *j = judge_open(list);

	assets_get(j->assets, &a, 0, 1)->control_ns = 1;

	while (n > 3) {
		size_t len = (size_t)p[0] << 8 | p[1];
		bool server = (p[2] & 1u) != 0;
		uint8_t *whole;

		len = len < n - 3 ? len : n - 3;
		j->now_ns += (uint64_t)p[2] << 28;
		whole = malloc(len + 1);	/* its own, so that a byte too many is found */
		require(whole != NULL);
		memcpy(whole, p + 3, len);
		detect_packet(j->detect, &(struct packet){ .ts_ns = j->now_ns, .frame = 1, .ip_v = 4, .proto = IP_UDP,
		    .src = server ? b : a, .dst = server ? a : b, .sport = server ? port : from, .dport = server ? from : port, .payload = whole, .payload_len = (uint32_t)len,
		    .payload_wire = (uint32_t)len }, NULL, DIR_FROM_0);
		free(whole);
		p += 3 + len;
		n -= 3 + len;
	}
	judge_close(j);
}

static void
leases(const uint8_t *p, size_t n)
{
	datagrams(&detector_leases, 67, 68, p, n);
}

static void
times(const uint8_t *p, size_t n)
{
	datagrams(&detector_timeservers, 123, 123, p, n);
}

static void
announcements(const uint8_t *p, size_t n)
{
	static const struct detector *const list[] = { &detector_baseline, NULL };
	struct judge *j = judge_open(list);

	while (n > 4) {
		const uint8_t mac[6] = { 0, 1, 2, 3, 4, p[0] };
		const struct packet packet = { .ts_ns = j->now_ns += 1000000000u, .frame = j->now_ns, .mac_src = mac };
		size_t len = p[2] < n - 3 ? p[2] : n - 3;

		if (len > 0)
			detect_announcement(j->detect, &(struct announcement){ .addr = addr_of_mac(mac), .key = p[1] % ATTRIBUTE_COUNT,
			    .source = ATTR_BY_LLDP, .value = p + 3, .n = len, .packet = &packet });
		p += 3 + len;
		n -= 3 + len;
	}
	judge_close(j);
}

/* ---- texts ---- */

static char *
text_of(const uint8_t *p, size_t n)
{
	char *text = malloc(n + 1);

	require(text != NULL);
	memcpy(text, p, n);
	text[n] = '\0';
	return text;
}

/* The next part of a line, which ends with a NUL then; NULL: empty. */
static const char *
part(char **p)
{
	char *start = *p;

	if (start == NULL)
		return NULL;
	*p = strchr(start, '|');
	if (*p != NULL)
		*(*p)++ = '\0';
	return *start != '\0' ? start : NULL;
}

static void
between(const struct conduits *c, const struct zones *z, const char *app)
{
	char text[512];

	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++) {
			struct talk t = { .from = zones_at(z, i), .to = zones_at(z, k), .proto = i == 0 ? OP_UNKNOWN : OP_MODBUS,
			    .intent = i == 0 ? TALK_NO_INTENT : (int)(k % OP_INTENT_COUNT), .ip_proto = IP_TCP, .port = 443, .app = app };
			struct strbuf s = strbuf_on(text, sizeof(text));
			char word[TALK_WORD_MAX];

			(void)conduits_allow(c, &t);
			conduits_words(c, t.from, t.to, &s);
			talk_word(&t, word);
			require(strlen(text) < sizeof(text) && strlen(word) < sizeof(word));
		}
}

static void
zones_and_conduits(const uint8_t *p, size_t n)
{
	struct zones_settings *s = calloc(1, sizeof(*s));
	char *text = text_of(p, n), *line = text, *next;
	struct err e = { 0 };
	struct zones *z;
	struct conduits *c;

	require(s != NULL);
	for (; line != NULL && *line != '\0'; line = next) {
		char *rest = line;

		next = strchr(line, '\n');
		if (next != NULL)
			*next++ = '\0';
		if (*line == '>' && s->n_conduits < CONDUITS_MAX) {
			struct conduit_settings *one = &s->conduits[s->n_conduits++];

			rest++;
			one->from = part(&rest);
			one->to = part(&rest);
			one->protocols = part(&rest);
			one->intents = part(&rest);
		} else if (*line != '>' && s->n < ZONES_MAX) {
			s->of[s->n].name = part(&rest);
			s->of[s->n++].subnets = part(&rest);
		}
	}
	z = zones_open(s, &e);
	c = conduits_open(s, z, NULL, &e);
	if (z != NULL && c != NULL)
		between(c, z, s->n > 0 ? s->of[0].name : NULL);
	conduits_close(c);
	zones_close(z);
	err_free(&e);
	free(text);
	free(s);
}

static void
a_list(const uint8_t *p, size_t n)
{
	struct asset_list l;
	struct err e = { 0 };
	int rc = asset_list_parse(&l, "list.csv", text_of(p, n), n, &e);

	require((rc == 0) == (e.n == 0));
	for (size_t i = 0; i < l.n; i++)
		for (unsigned k = 0; k < ATTRIBUTE_COUNT; k++)
			require(l.rows[i].values[k] == NULL || strlen(l.rows[i].values[k]) <= n);
	asset_list_free(&l);
	err_free(&e);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static void (*const targets[])(const uint8_t *p, size_t n) = { leases, zones_and_conduits, a_list, announcements, times };

	if (n > 1)
		targets[data[0] % COUNTOF(targets)](data + 1, n - 1);
	return 0;
}
