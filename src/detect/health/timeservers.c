/* timeservers.c - do devices of the plant get the time?
 *
 * NTP and SNTP in passing (RFC 5905, 7.3):
 *
 *	0	leap indicator 2 bits (3: not synchronized), version 3, mode 3 (3 client, 4 server)
 *	1	stratum (0: the server refuses, 16: not synchronized)
 *	12	reference, of stratum 0 a code of four letters (7.4)
 *	32	time of arrival, 40 time of sending: seconds since 1900 and 2^-32 of them
 *
 * Told is what keeps a clock from being right: a server that no longer answers, one that says itself that it has no time, a
 * client that asks and does not take it.  Times are compared with each other and not with the sensor's clock.
 */
#include "detect/health/health.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/str.h"
#include "detect/emit.h"

#define PORT		123u
#define PAIRS		512u	/* of a client and its server */
#define FORGET_S	(7 * 86400u)
#define LOST		8u	/* requests in a row: as many as a client's register of reachability has bits (9.2) */
#define NO_TIME		4u	/* answers in a row: one that was just started says so a few times */
#define AWAY		8u	/* exchanges in a row */
#define AWAY_MS		2000
#define FAR_MS		(INT64_C(30) * 86400000)	/* a clock that is further away is none: many clients send random numbers */
#define SINCE_1900_S	INT64_C(2208988800)

enum mode { MODE_CLIENT = 3, MODE_SERVER = 4 };

struct pair {
	struct slot	head;
	bool		answered;	/* it once was */
	bool		reported_lost, reported_none, reported_away;	/* since it is so */
	uint32_t	lost, no_time, away;	/* in a row */
	uint64_t	lost_ns;	/* the first that was lost */
	bool		has_client;
	int64_t		client_ms;	/* its clock in its last request, against the capture's */
};

struct times {
	uint8_t		leap, mode, stratum;
	uint8_t		code[4];
	bool		has_sent;
	int64_t		sent_ms;	/* against the capture's clock */
};

struct timeservers {
	struct health	h;
	struct slots	pairs;
};

static void
timeservers_close(void *arg)
{
	struct timeservers *d = arg;

	if (d != NULL)
		slots_close(&d->pairs);
	free(d);
}

static void *
timeservers_open(const struct detect_env *env, struct err *e)
{
	struct timeservers *d = health_open(env, sizeof(*d), 0);

	(void)e;
	if (d == NULL)
		return NULL;
	if (!d->h.off && slots_open(&d->pairs, &(struct slots_want){ .n = PAIRS, .size = sizeof(struct pair), .secret = env->key,
	    .matters_s = FORGET_S, .counters = env->counters, .evicted = CNT_DETECT_TRACKERS }) != 0) {
		timeservers_close(d);
		return NULL;
	}
	return d;
}

static bool
read_times(const struct packet *p, struct times *t)
{
	struct cursor c = cur_of(p->payload, p->payload_len);
	const uint8_t first = cur_u8(&c), version = first >> 3 & 7u;
	const uint8_t *code;
	uint32_t s, fraction;

	memset(t, 0, sizeof(*t));
	t->leap = first >> 6;
	t->mode = first & 7;
	t->stratum = cur_u8(&c);
	cur_skip(&c, 10);
	code = cur_bytes(&c, 4);
	cur_skip(&c, 24);
	s = cur_be32(&c);
	fraction = cur_be32(&c);
	if (!cur_ok(&c) || code == NULL || version < 1 || version > 4)
		return false;
	memcpy(t->code, code, sizeof(t->code));
	/* In 2036 it goes round: without its highest bit it is behind that (RFC 4330, 3). */
	t->sent_ms = ((int64_t)s + (s >> 31 == 0 ? INT64_C(1) << 32 : 0) - SINCE_1900_S) * 1000 + (int64_t)((uint64_t)fraction * 1000 >> 32) -
	    (int64_t)(p->ts_ns / 1000000u);
	t->has_sent = s != 0 && t->sent_ms < FAR_MS && t->sent_ms > -FAR_MS;
	return true;
}

static uint64_t
key_of(const struct timeservers *d, const struct addr *client, const struct addr *server)
{
	return hash_bytes(hash_bytes(d->h.env.key, client, sizeof(*client)), server, sizeof(*server)) | 1;
}

/* From the client's point of view. */
static struct finding
finding_of(enum alert_type type, const struct packet *p, struct flow *f, enum flow_dir dir, bool from_server, uint64_t key)
{
	struct finding x = finding_from_packet(type, p, f, dir);

	if (from_server) {
		x.src = p->dst;
		x.dst = p->src;
		x.sport = p->dport;
		x.dport = p->sport;
	}
	x.key = key;
	return x;
}

static void
asks(struct timeservers *d, struct pair *a, const struct packet *p, struct flow *f, enum flow_dir dir, const struct times *t)
{
	struct finding x;

	a->has_client = t->has_sent;
	a->client_ms = t->sent_ms;
	if (a->lost == 0)
		a->lost_ns = p->ts_ns;
	a->lost += a->lost < UINT32_MAX;
	/* This one may still be answered. */
	if (!a->answered || a->reported_lost || a->lost <= LOST || p->ts_ns < a->lost_ns)
		return;
	a->reported_lost = true;
	x = finding_of(ALERT_TIME_LOST, p, f, dir, false, a->head.key);
	finding_add_number(&x, "requests", a->lost - 1u);
	finding_add_number(&x, "window_s", (p->ts_ns - a->lost_ns) / SECOND);
	emit(&d->h.env, &x);
}

static bool
letters(const uint8_t code[4])
{
	for (unsigned i = 0; i < 4; i++)
		if (code[i] < 'A' || code[i] > 'Z')
			return false;
	return true;
}

static void
no_time(struct timeservers *d, struct pair *a, const struct packet *p, struct flow *f, enum flow_dir dir, const struct times *t)
{
	struct finding x;
	char text[64];
	struct strbuf s = strbuf_on(text, sizeof(text));

	a->no_time += a->no_time < UINT32_MAX;
	if (a->no_time < NO_TIME || a->reported_none)
		return;
	a->reported_none = true;
	if (t->stratum == 0)
		strbuf_printf(&s, "it refuses to give it (%.*s)", letters(t->code) ? 4 : 9, letters(t->code) ? (const char *)t->code : "no reason");
	else
		strbuf_put(&s, t->stratum >= 16 ? "it is not synchronized (stratum 16)" : "it is not synchronized (leap indicator 3)");
	x = finding_of(ALERT_TIME_NONE, p, f, dir, true, a->head.key);
	x.what = text;
	emit(&d->h.env, &x);
}

/* Both clocks against the capture's, whatever that shows. */
static void
compare(struct timeservers *d, struct pair *a, const struct packet *p, struct flow *f, enum flow_dir dir, const struct times *t)
{
	const int64_t away = a->client_ms - t->sent_ms;
	struct finding x;
	char text[64];

	if (!a->has_client || !t->has_sent)
		return;
	a->has_client = false;
	if (away < AWAY_MS && away > -AWAY_MS) {
		a->away = 0;
		a->reported_away = false;
		return;
	}
	a->away += a->away < UINT32_MAX;
	if (a->away < AWAY || a->reported_away)
		return;
	a->reported_away = true;
	(void)snprintf(text, sizeof(text), "%.1f s %s", (double)(away < 0 ? -away : away) / 1e3, away < 0 ? "behind" : "ahead");
	x = finding_of(ALERT_TIME_AWAY, p, f, dir, true, a->head.key);
	x.what = text;
	finding_add_number(&x, "exchanges", a->away);
	emit(&d->h.env, &x);
}

static void
answers(struct timeservers *d, struct pair *a, const struct packet *p, struct flow *f, enum flow_dir dir, const struct times *t)
{
	a->answered = true;
	a->lost = 0;
	a->reported_lost = false;
	if (t->stratum == 0 || t->stratum >= 16 || t->leap == 3) {
		no_time(d, a, p, f, dir, t);
		return;
	}
	a->no_time = 0;
	a->reported_none = false;
	compare(d, a, p, f, dir, t);
}

static void
timeservers_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct timeservers *d = arg;
	struct asset *client;
	struct times t;
	struct pair *a;

	if (p->proto != IP_UDP || p->ip_v == 0 || (p->dport != PORT && p->sport != PORT) || !read_times(p, &t))
		return;
	if (t.mode == MODE_CLIENT && p->dport == PORT) {
		client = assets_sender(d->h.env.assets, p, f, dir);
		if (client != NULL && client->control_ns != 0)
			asks(d, slots_get(&d->pairs, key_of(d, &p->src, &p->dst), p->ts_ns), p, f, dir, &t);
	} else if (t.mode == MODE_SERVER && p->sport == PORT && (a = slots_find(&d->pairs, key_of(d, &p->dst, &p->src))) != NULL)
		answers(d, a, p, f, dir, &t);
}

static size_t
timeservers_memory(const void *arg)
{
	const struct timeservers *d = arg;

	return sizeof(*d) + (d->h.off ? 0 : slots_memory(&d->pairs));
}

const struct detector detector_timeservers = {
	.name = "timeservers",
	.open = timeservers_open,
	.packet = timeservers_packet,
	.idle = health_idle,
	.memory = timeservers_memory,
	.close = timeservers_close,
};
