/* leases.c - does a device that asks for an address get one?
 *
 * DHCP (RFC 2131): a client asks, waits 4, 8, 16, 32... seconds (4.1) and asks again until a server offers an
 * address or confirms one.  Who asks on and on has none, whether the answers did not come or the sensor
 * does not see them: a client that was answered stops.
 */
#include "detect/health/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "detect/emit.h"

#define CLIENT_PORT	68u
#define SERVER_PORT	67u
#define CHADDR_AT	28u	/* bytes from the beginning: the client's hardware address */
#define OPTIONS_AT	236u
#define COOKIE		0x63825363u
#define CLIENTS		64u	/* that wait for an address at a time */

enum option { OPT_PAD = 0, OPT_KIND = 53, OPT_END = 255 };
enum kind { KIND_DISCOVER = 1, KIND_OFFER = 2, KIND_REQUEST = 3, KIND_ACK = 5 };

/* Who asks. */
struct asking {
	struct slot		head;
	struct rate_count	rate;
	bool			reported;	/* since it asks in vain */
};

struct leases {
	struct health	h;
	struct slots	asking;
	char		text[24];	/* {what} of the finding in hand */
};

static void
leases_close(void *arg)
{
	struct leases *d = arg;

	if (d != NULL)
		slots_close(&d->asking);
	free(d);
}

static void *
leases_open(const struct detect_env *env, struct err *e)
{
	struct leases *d = health_open(env, sizeof(*d), 0);

	(void)e;
	if (d == NULL)
		return NULL;
	if (slots_open(&d->asking, &(struct slots_want){ .n = CLIENTS, .size = sizeof(struct asking), .secret = env->key,
	    .matters_s = d->h.s->leases.within_s, .counters = env->counters, .evicted = CNT_DETECT_TRACKERS }) != 0) {
		leases_close(d);
		return NULL;
	}
	return d;
}

/* What kind of message, and whose; 0: none that can be read. */
static unsigned
kind_of(const struct packet *p, const uint8_t **mac)
{
	struct cursor c = cur_of(p->payload, p->payload_len);

	cur_skip(&c, 1);
	if (cur_be16(&c) != 0x0106)	/* Ethernet, 6 bytes */
		return 0;
	cur_skip(&c, CHADDR_AT - 3);
	*mac = cur_bytes(&c, 6);
	cur_skip(&c, OPTIONS_AT - CHADDR_AT - 6);
	if (cur_be32(&c) != COOKIE || *mac == NULL)
		return 0;
	while (cur_left(&c) > 0) {
		unsigned code = cur_u8(&c);
		struct cursor in;

		if (code == OPT_PAD)
			continue;
		if (code == OPT_END)
			break;
		in = cur_take(&c, cur_u8(&c));
		if (!cur_ok(&c) || !cur_ok(&in))
			break;
		if (code == OPT_KIND)
			return cur_u8(&in);
	}
	return 0;
}

static void
asks(struct leases *d, const struct packet *p, struct flow *f, enum flow_dir dir, uint64_t key, const uint8_t *mac)
{
	const struct rate_settings *r = &d->h.s->leases;
	struct asking *a = slots_get(&d->asking, key, p->ts_ns);
	uint32_t n = rate_add(&a->rate, p->ts_ns, r->within_s);
	struct finding x;

	if (n < r->n || a->reported)
		return;
	a->reported = true;
	(void)snprintf(d->text, sizeof(d->text), "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
	    mac[4], mac[5]);
	x = finding_from_packet(ALERT_NO_ADDRESS, p, f, dir);
	x.what = d->text;
	x.key = key;
	finding_add_rate(&x, n, r);
	emit(&d->h.env, &x);
}

static void
leases_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct leases *d = arg;
	bool asked = p->dport == SERVER_PORT && p->sport == CLIENT_PORT, answered = p->sport == SERVER_PORT;
	const uint8_t *mac = NULL;
	struct asking *a;
	unsigned kind;
	uint64_t key;

	if (p->proto != IP_UDP || p->ip_v != 4 || (!asked && !answered))
		return;
	kind = kind_of(p, &mac);
	if (kind == 0)
		return;
	key = hash_bytes(d->h.env.key, mac, 6) | 1;
	if (asked && (kind == KIND_DISCOVER || kind == KIND_REQUEST))
		asks(d, p, f, dir, key, mac);
	else if (answered && (kind == KIND_OFFER || kind == KIND_ACK) && (a = slots_find(&d->asking, key)) != NULL) {
		rate_clear(&a->rate);
		a->reported = false;
	}
}

static size_t
leases_memory(const void *arg)
{
	const struct leases *d = arg;

	return sizeof(*d) + slots_memory(&d->asking);
}

const struct detector detector_leases = {
	.name = "leases",
	.open = leases_open,
	.packet = leases_packet,
	.idle = health_idle,
	.memory = leases_memory,
	.close = leases_close,
};
