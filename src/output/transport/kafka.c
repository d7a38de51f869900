/* kafka.c - lines into a topic of Kafka, by librdkafka: an idempotent producer that waits for all replicas.
 *
 * A line has arrived when its delivery is reported.  Its key is the sensor and the device that it is about, so what concerns
 * one device stays in one partition, in order.  librdkafka's queues are bounded by the sink's batch settings; its threads are
 * made by the writer's thread and so live in the sandbox.
 *
 * The broker refuses a batch for one message that is too large: all of it then goes again one by one, and what is refused
 * alone is rejected.  Nothing behind it may be there before: one request at a time is on its way to a partition, and a
 * producer that has a gap in what it sends gives nothing more away.
 */
#include "output/transport/transport.h"

#ifdef HAVE_RDKAFKA

#include <arpa/inet.h>
#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"
#include "base/lib.h"
#include "output/transport/net.h"
#include "output/transport/secret.h"

#define SECOND		UINT64_C(1000000000)
#define PAUSE_MOST_NS	(60 * SECOND)
#define LOOK_NS		(SECOND / 10)
#define LINGER_MOST_MS	50u		/* librdkafka knows no hurry: a grave alert waits no longer */
#define AHEAD		4u		/* batches in its queues */
#define KEY_MAX		192u

#define FUNCTIONS(F) \
	F(rd_kafka_conf_new) F(rd_kafka_conf_dup) F(rd_kafka_conf_destroy) F(rd_kafka_conf_set) F(rd_kafka_conf_set_opaque) \
	F(rd_kafka_conf_set_dr_msg_cb) F(rd_kafka_conf_set_error_cb) F(rd_kafka_conf_set_log_cb) F(rd_kafka_conf_set_connect_cb) \
	F(rd_kafka_new) F(rd_kafka_destroy_flags) F(rd_kafka_poll) F(rd_kafka_producev) F(rd_kafka_purge) F(rd_kafka_err2str) \
	F(rd_kafka_fatal_error) F(rd_kafka_queue_get_main) F(rd_kafka_queue_destroy) F(rd_kafka_queue_io_event_enable)

static struct { FUNCTIONS(LIB_MEMBER) } lib;
#define LIB_OF lib

enum fate { UNKNOWN, ARRIVED, REJECTED };

struct kafka {
	struct transport_settings s;
	char			*name, *target, *topic;	/* owned; what `s` has of them */
	rd_kafka_conf_t		*conf;		/* owned; a producer gets a copy */
	rd_kafka_t		*producer;	/* NULL: to be made */
	int			 wake;		/* eventfd, that librdkafka writes to */
	struct net_health	 health;
	struct net_backoff	 backoff;
	uint64_t		 pause_ns;

	/* Numbers [first, next) are given and not all known; the fate of i is fates[i % max]. */
	uint64_t		 first, next;
	unsigned		 max;
	uint8_t			*fates;		/* owned */
	uint64_t		 alone_until;	/* lines before this number go one by one */
	uint64_t		 alone;		/* behind the number of the one that went so last; 0: none */
	bool			 again, broken;	/* to be told by again(); the producer is of no more use */
	uint64_t		 fatal_ns;	/* it gives nothing more away, and says until then what became of its lines; 0: it is well */
	char			 why[NET_WHY_MAX];	/* an error that is to be reported */

	/* Set by a thread of librdkafka. */
	atomic_flag		 writing;
	char			 refused[NET_WHY_MAX];	/* why a way was not taken */
};

/* ---- what librdkafka says --------------------------------------------------------------- */

static void
advance(struct kafka *k)
{
	while (k->first < k->next && k->fates[k->first % k->max] != UNKNOWN)
		k->fates[k->first++ % k->max] = UNKNOWN;
}

/* The number behind an opaque pointer, which may have 32 bits of it. */
static uint64_t
number_of(const struct kafka *k, const void *opaque)
{
	return k->first + (uint32_t)((uint32_t)(uintptr_t)opaque - (uint32_t)k->first);
}

static void
on_delivery(rd_kafka_t *producer, const rd_kafka_message_t *m, void *opaque)
{
	struct kafka *k = opaque;
	uint64_t number = number_of(k, m->_private);

	(void)producer;
	if (number >= k->next || k->fates[number % k->max] != UNKNOWN)
		return;			/* given again meanwhile, and known since */
	switch (m->err) {
	case RD_KAFKA_RESP_ERR_NO_ERROR:
		k->fates[number % k->max] = ARRIVED;
		net_backoff_reset(&k->backoff);
		net_well(&k->health, k->s.target);
		break;
	case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
	case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
	case RD_KAFKA_RESP_ERR__FATAL:
		return;			/* not for its own sake */
	case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE:
	case RD_KAFKA_RESP_ERR_INVALID_MSG_SIZE:
	case RD_KAFKA_RESP_ERR_INVALID_RECORD:
		if (number + 1 == k->alone) {
			k->fates[number % k->max] = REJECTED;
			k->s.host->reject(k->s.host->arg, number, lib.rd_kafka_err2str(m->err));
			/* The gap that it leaves is the end of this producer. */
			k->broken = true;
			break;
		}
		k->alone_until = k->next;
		k->broken = true;
		break;
	default:
		(void)snprintf(k->why, sizeof(k->why), "a line was not delivered: %s", lib.rd_kafka_err2str(m->err));
		k->broken = true;
	}
	advance(k);
}

static void
on_error(rd_kafka_t *producer, int err, const char *reason, void *opaque)
{
	struct kafka *k = opaque;
	const char *times;
	char text[256];
	size_t n;

	(void)producer;
	if (err == RD_KAFKA_RESP_ERR__FATAL) {
		/* Which line it was comes with the line, hereafter. */
		if (k->fatal_ns == 0)
			k->fatal_ns = thread_now() + SECOND;
		if (lib.rd_kafka_fatal_error(k->producer, text, sizeof(text)) != RD_KAFKA_RESP_ERR__GAPLESS_GUARANTEE)
			(void)snprintf(k->why, sizeof(k->why), "the producer begins anew: %s", text);
		return;
	}
	/* Those of one broker of several come and go; of the whole cluster this one tells. */
	if (err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && k->why[0] != '\0')
		return;
	/* "(after 3ms in state CONNECT, 12 identical error(s) suppressed)": as often as that differs it would be said. */
	times = strstr(reason, " (after ");
	n = times != NULL ? (size_t)(times - reason) : strlen(reason);
	(void)snprintf(k->why, sizeof(k->why), "%.*s", n < 250 ? (int)n : 250, reason);
}

/* What it would log is told by on_error(). */
static void
on_log(const rd_kafka_t *producer, int level, const char *facility, const char *text)
{
	(void)producer;
	(void)level;
	(void)facility;
	(void)text;
}

/* On a thread of librdkafka; its socket does not block. */
static int
on_connect(int fd, const struct sockaddr *to, int len, const char *id, void *opaque)
{
	struct kafka *k = opaque;
	char why[NET_WHY_MAX];

	(void)id;
	if (!net_may_leave(k->s.watched, to, why, sizeof(why))) {
		while (atomic_flag_test_and_set_explicit(&k->writing, memory_order_acquire))
			continue;
		memcpy(k->refused, why, sizeof(why));
		atomic_flag_clear_explicit(&k->writing, memory_order_release);
		return EHOSTUNREACH;
	}
	return connect(fd, to, (socklen_t)len) == 0 || errno == EINPROGRESS ? 0 : errno;
}

/* ---- settings ------------------------------------------------------------------------------- */

static bool
set(struct kafka *k, const char *name, const char *value, struct err *e)
{
	char why[256] = "";

	if (value == NULL || lib.rd_kafka_conf_set(k->conf, name, value, why, sizeof(why)) == RD_KAFKA_CONF_OK)
		return true;
	err_add(e, NULL, 0, 0, "outputs.sinks: %s: properties: %s", k->s.name, why);
	return false;
}

static bool
set_number(struct kafka *k, const char *name, uint64_t value, struct err *e)
{
	char text[24];

	(void)snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
	return set(k, name, text, e);
}

/* "a.b=c,d.e=f" */
static bool
set_properties(struct kafka *k, struct err *e)
{
	const char *list = k->s.properties;
	char one[1024];
	bool good = true;

	while (list != NULL && str_next_text(&list, one, sizeof(one))) {
		char *value = strchr(one, '=');

		if (value == NULL) {
			err_add(e, NULL, 0, 0, "outputs.sinks: %s: properties: \"%s\" is no name=value", k->s.name, one);
			good = false;
			continue;
		}
		*value++ = '\0';
		if (strstr(one, "password") != NULL || strstr(one, "secret") != NULL) {
			err_add(e, NULL, 0, 0, "outputs.sinks: %s: properties: no passwords here; the one of the login comes from secret-file", k->s.name);
			good = false;
			continue;
		}
		good &= set(k, one, value, e);
	}
	return good;
}

static bool
has_property(const struct kafka *k, const char *name)
{
	const char *at = k->s.properties != NULL ? strstr(k->s.properties, name) : NULL;

	return at != NULL && at[strlen(name)] == '=' && (at == k->s.properties || at[-1] == ',');
}

static bool
set_security(struct kafka *k, struct err *e)
{
	const struct transport_settings *s = &k->s;
	bool tls = s->tls_ca != NULL || s->tls_cert != NULL, good = true;
	char secret[SECRET_MAX], why[NET_WHY_MAX];

	if (s->tls_name != NULL) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: tls-name: certificates of brokers must have the names by which the cluster calls them", s->name);
		return false;
	}
	if (!has_property(k, "security.protocol"))
		good &= set(k, "security.protocol", s->user != NULL ? "sasl_ssl" : tls ? "ssl" : "plaintext", e);
	good &= set(k, "ssl.ca.location", s->tls_ca, e) && set(k, "ssl.certificate.location", s->tls_cert, e) &&
	    set(k, "ssl.key.location", s->tls_cert != NULL && s->tls_key == NULL ? s->tls_cert : s->tls_key, e);
	if (s->user == NULL)
		return good;
	if (!secret_read(s->secret_file, secret, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", s->name, why);
		return false;
	}
	if (!has_property(k, "sasl.mechanism") && !has_property(k, "sasl.mechanisms"))
		good &= set(k, "sasl.mechanisms", "PLAIN", e);
	good &= set(k, "sasl.username", s->user, e) && set(k, "sasl.password", secret, e);
	explicit_bzero(secret, sizeof(secret));
	return good;
}

static bool
configure(struct kafka *k, struct err *e)
{
	uint64_t ms = k->s.batch_ns / 1000000;

	k->conf = lib.rd_kafka_conf_new();
	lib.rd_kafka_conf_set_opaque(k->conf, k);
	lib.rd_kafka_conf_set_dr_msg_cb(k->conf, on_delivery);
	lib.rd_kafka_conf_set_error_cb(k->conf, on_error);
	lib.rd_kafka_conf_set_log_cb(k->conf, on_log);
	lib.rd_kafka_conf_set_connect_cb(k->conf, on_connect);
	return set(k, "bootstrap.servers", k->s.target, e) && set(k, "client.id", "thermowell", e) &&
	    set(k, "enable.idempotence", "true", e) && set(k, "acks", "all", e) &&
	    set(k, "max.in.flight.requests.per.connection", "1", e) && set(k, "enable.gapless.guarantee", "true", e) &&
	    /* A line is given up by nobody but the operator's spool. */
	    set(k, "message.timeout.ms", "0", e) && set(k, "compression.type", k->s.gzip ? "gzip" : "none", e) &&
	    set_number(k, "linger.ms", ms < LINGER_MOST_MS ? ms : LINGER_MOST_MS, e) &&
	    set_number(k, "batch.num.messages", k->s.batch_lines, e) &&
	    set_number(k, "queue.buffering.max.messages", k->max, e) &&
	    set_number(k, "queue.buffering.max.kbytes", AHEAD * k->s.batch_bytes / 1024 + OUTPUT_LINE_MAX / 1024, e) &&
	    set(k, "reconnect.backoff.max.ms", "10000", e) && set(k, "socket.keepalive.enable", "true", e) &&
	    set_security(k, e) && set_properties(k, e);
}

/* ---- the producer ------------------------------------------------------------------------------ */

static void
end_producer(struct kafka *k)
{
	if (k->producer == NULL)
		return;
	(void)lib.rd_kafka_purge(k->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT | RD_KAFKA_PURGE_F_NON_BLOCKING);
	lib.rd_kafka_destroy_flags(k->producer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
	k->producer = NULL;
}

static bool
make_producer(struct kafka *k)
{
	static const uint64_t one = 1;
	rd_kafka_conf_t *conf = lib.rd_kafka_conf_dup(k->conf);
	rd_kafka_queue_t *q;
	char why[256] = "";

	k->producer = lib.rd_kafka_new(RD_KAFKA_PRODUCER, conf, why, sizeof(why));
	if (k->producer == NULL) {
		lib.rd_kafka_conf_destroy(conf);
		(void)snprintf(k->why, sizeof(k->why), "%s", why);
		return false;
	}
	q = lib.rd_kafka_queue_get_main(k->producer);
	lib.rd_kafka_queue_io_event_enable(q, k->wake, &one, sizeof(one));
	lib.rd_kafka_queue_destroy(q);
	return true;
}

static void
later(struct kafka *k, uint64_t now)
{
	net_trouble(&k->health, k->why);
	k->why[0] = '\0';
	k->pause_ns = now + net_backoff_next(&k->backoff);
}

static void
kafka_work(void *t, uint64_t now_ns)
{
	struct kafka *k = t;
	uint64_t n;

	if (read(k->wake, &n, sizeof(n)) < 0 && errno != EAGAIN)
		return;
	if (k->producer == NULL && (now_ns < k->pause_ns || !make_producer(k))) {
		if (k->why[0] != '\0')
			later(k, now_ns);
		return;
	}
	while (lib.rd_kafka_poll(k->producer, 0) > 0)
		continue;
	/* An idempotent producer that has lost a message of its sequence stands still: a new one has a new sequence. */
	k->broken |= k->fatal_ns != 0 && now_ns >= k->fatal_ns;
	if (k->broken) {
		end_producer(k);
		k->broken = false;
		k->fatal_ns = 0;
		k->again = true;
	}
	while (atomic_flag_test_and_set_explicit(&k->writing, memory_order_acquire))
		continue;
	if (k->refused[0] != '\0')
		memcpy(k->why, k->refused, sizeof(k->why));
	k->refused[0] = '\0';
	atomic_flag_clear_explicit(&k->writing, memory_order_release);
	if (k->why[0] != '\0')
		later(k, now_ns);
}

static bool
kafka_again(void *t)
{
	struct kafka *k = t;

	if (!k->again)
		return false;
	k->again = false;
	atomic_fetch_add_explicit(&k->s.counters->repeated, k->next - k->first, memory_order_relaxed);
	/* What arrived behind the first that did not comes twice. */
	k->next = k->first;
	memset(k->fates, UNKNOWN, k->max);
	return true;
}

static size_t
key_of(const struct kafka *k, const struct line_head *h, char to[KEY_MAX])
{
	static const uint8_t v4[12] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff }, none[16] = { 0 };
	char address[INET6_ADDRSTRLEN] = "";
	bool is_v4 = memcmp(h->key, v4, sizeof(v4)) == 0;

	if (memcmp(h->key, none, sizeof(none)) != 0)
		(void)inet_ntop(is_v4 ? AF_INET : AF_INET6, is_v4 ? h->key + 12 : h->key, address, sizeof(address));
	return (size_t)snprintf(to, KEY_MAX, "%.60s/%.60s/%s", k->s.site != NULL ? k->s.site : "", k->s.sensor != NULL ? k->s.sensor : "", address);
}

static enum carry
kafka_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct kafka *k = t;

	for (*done = 0; *done < n; ++*done) {
		const struct message *one = &m[*done];
		char key[KEY_MAX];
		size_t key_len = key_of(k, one->head, key);
		rd_kafka_resp_err_t err;

		if (k->producer == NULL || k->again || k->broken || k->fatal_ns != 0 || thread_now() < k->pause_ns || k->next - k->first >= k->max ||
		    (one->number < k->alone_until && k->next > k->first))
			return CARRY_BUSY;
		err = lib.rd_kafka_producev(k->producer, RD_KAFKA_V_TOPIC(k->topic), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		    RD_KAFKA_V_VALUE((void *)(uintptr_t)one->text, one->len), RD_KAFKA_V_KEY(key, key_len),
		    RD_KAFKA_V_TIMESTAMP((int64_t)(one->head->ts_ns / 1000000)),
		    RD_KAFKA_V_OPAQUE((void *)(uintptr_t)one->number), RD_KAFKA_V_END);
		if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
			return CARRY_BUSY;
		k->next = one->number + 1;
		k->alone = one->number < k->alone_until ? k->next : 0;
		k->fates[one->number % k->max] = UNKNOWN;
		if (err == RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE) {
			k->fates[one->number % k->max] = REJECTED;
			k->s.host->reject(k->s.host->arg, one->number, lib.rd_kafka_err2str(err));
			advance(k);
		} else if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
			(void)snprintf(k->why, sizeof(k->why), "%s", lib.rd_kafka_err2str(err));
			k->broken = true;
			later(k, thread_now());
			return CARRY_BUSY;
		}
	}
	return CARRY_DONE;
}

static uint64_t
kafka_acked(void *t)
{
	return ((struct kafka *)t)->first;
}

static unsigned
kafka_fds(void *t, struct pollfd *to, unsigned most)
{
	if (most == 0)
		return 0;
	*to = (struct pollfd){ .fd = ((struct kafka *)t)->wake, .events = POLLIN };
	return 1;
}

static uint64_t
kafka_due(void *t)
{
	const struct kafka *k = t;

	return k->producer == NULL ? k->pause_ns : k->next > k->first ? thread_now() + LOOK_NS : UINT64_MAX;
}

/* ---- life ------------------------------------------------------------------------------------------ */

static void
release(struct kafka *k)
{
	end_producer(k);
	if (k->conf != NULL)
		lib.rd_kafka_conf_destroy(k->conf);
	if (k->wake >= 0)
		(void)close(k->wake);
	free(k->fates);
	free(k->name);
	free(k->target);
	free(k->topic);
	free(k);
}

/* Secrets and certificates are read again; what was not reported goes again. */
static void
kafka_reopen(void *t)
{
	struct kafka *k = t;
	rd_kafka_conf_t *before = k->conf;
	struct err e = { 0 };

	if (configure(k, &e)) {
		lib.rd_kafka_conf_destroy(before);
		k->broken = k->producer != NULL;
	} else {
		(void)snprintf(k->why, sizeof(k->why), "%.300s", e.first->text);
		net_trouble(&k->health, k->why);
		k->why[0] = '\0';
		lib.rd_kafka_conf_destroy(k->conf);
		k->conf = before;
	}
	err_free(&e);
}

static int
kafka_close(void *t)
{
	struct kafka *k = t;
	int rc = k->first == k->next ? 0 : -1;

	release(k);
	return rc;
}

/* The brokers that are named; a way that is watched is refused at once. */
static bool
may_reach(const struct kafka *k, struct err *e)
{
	const char *list = k->s.target;
	struct net_target t;
	char one[NET_HOST_MAX + 8], why[NET_WHY_MAX];

	while (str_next_text(&list, one, sizeof(one)))
		if (!net_target_read(one, "9092", &t, why, sizeof(why)) || !net_target_may(k->s.watched, &t, why, sizeof(why))) {
			err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", k->s.name, why);
			return false;
		}
	return true;
}

static void *
kafka_open(const struct transport_settings *s, struct err *e)
{
	static const struct lib_name names[] = { FUNCTIONS(LIB_NAME) };
	struct kafka *k;

	if (!lib_load("librdkafka.so.1", "librdkafka1", names, COUNTOF(names), e))
		return NULL;
	k = calloc(1, sizeof(*k));
	if (k != NULL) {
		k->s = *s;
		k->s.name = k->name = strdup(s->name);
		k->s.target = k->target = strdup(s->target);
		k->topic = strdup(s->topic != NULL ? s->topic : "thermowell");
		k->max = AHEAD * (unsigned)s->batch_lines;
		k->fates = calloc(k->max, 1);
		k->health.s = &k->s;
		k->backoff = (struct net_backoff){ .least_ns = s->retry_ns, .most_ns = s->retry_ns > PAUSE_MOST_NS ? s->retry_ns : PAUSE_MOST_NS };
		atomic_flag_clear(&k->writing);
		k->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	}
	if (k == NULL || k->name == NULL || k->target == NULL || k->topic == NULL || k->fates == NULL || k->wake < 0)
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
	else if (may_reach(k, e) && configure(k, e)) {
		net_warm_up();
		return k;
	}
	if (k != NULL)
		release(k);
	return NULL;
}

const struct transport transport_kafka = {
	.name = "kafka",
	.open = kafka_open,
	.send = kafka_send,
	.acked = kafka_acked,
	.again = kafka_again,
	.fds = kafka_fds,
	.work = kafka_work,
	.due_ns = kafka_due,
	.reopen = kafka_reopen,
	.close = kafka_close,
};

#else

static void *
kafka_open(const struct transport_settings *s, struct err *e)
{
	err_add(e, NULL, 0, 0, "outputs.sinks: %s: this thermowell was built without librdkafka (configure --without-rdkafka)", s->name);
	return NULL;
}

const struct transport transport_kafka = { .name = "kafka", .open = kafka_open };

#endif
