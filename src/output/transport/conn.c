#include "output/transport/conn.h"

#include <errno.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"
#include "output/transport/tls.h"

#define SECOND		UINT64_C(1000000000)
#define PAUSE_MOST_NS	(60 * SECOND)	/* between tries, unless `retry` is longer */
#define STEADY_NS	(10 * SECOND)	/* a connection that stood so long was a good one */
#define LOOK_NS		(SECOND / 10)	/* between looks whether an answer or an acknowledgement came */

enum state { PAUSE, LOOKUP, CONNECT, SHAKE, UP };

struct conn {
	struct conn_settings		 how;
	const struct transport_settings	*s;	/* borrowed */
	struct net_target		 target;
	struct tls_settings		 tls_files;
	enum state			 state;
	uint64_t			 since_ns;	/* of the state */
	uint64_t			 until_ns;	/* PAUSE: its end */
	uint64_t			 moved_ns;	/* the receiver last took something, or nothing was there for it */
	struct net_backoff		 backoff;
	struct net_lookup		*lookup;
	const struct addrinfo		*next;		/* of its answer */
	int				 fd;
	struct tls			*tls;
	enum tls_step			 shake;
	char				 address[NET_ADDR_MAX];
	unsigned			 generation;
	struct net_health		 health;
};

static void
drop(struct conn *c)
{
	tls_end(c->tls);
	c->tls = NULL;
	if (c->fd >= 0)
		(void)close(c->fd);
	c->fd = -1;
}

static void
enter(struct conn *c, enum state state, uint64_t now)
{
	c->state = state;
	c->since_ns = now;
}

/* This try is over: the next address, or a pause. */
static void
give_up(struct conn *c, uint64_t now, const char *why)
{
	bool was_up = c->state == UP;

	drop(c);
	if (c->next != NULL && c->next->ai_next != NULL && !was_up) {
		c->next = c->next->ai_next;
		enter(c, LOOKUP, now);
		return;
	}
	net_lookup_free(c->lookup);
	c->lookup = NULL;
	c->next = NULL;
	net_trouble(&c->health, why);
	c->until_ns = now + net_backoff_next(&c->backoff);
	enter(c, PAUSE, now);
}

static void
keep_alive(int fd)
{
	const int one = 1, idle = 30, between = 10, times = 3;

	(void)setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof(idle));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof(between));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &times, sizeof(times));
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
}

static void
stands(struct conn *c, uint64_t now)
{
	uint64_t until = c->tls != NULL ? tls_until(c->tls) : 0;

	enter(c, UP, now);
	c->moved_ns = now;
	c->generation++;
	atomic_store_explicit(&c->s->counters->certificate_until_s, until, memory_order_relaxed);
}

static void
connected(struct conn *c, uint64_t now)
{
	char why[NET_WHY_MAX];

	if (!c->how.tls) {
		stands(c, now);
		return;
	}
	c->tls = tls_begin(&c->tls_files, c->fd, why, sizeof(why));
	if (c->tls == NULL) {
		give_up(c, now, why);
		return;
	}
	c->shake = TLS_WANTS_WRITE;
	enter(c, SHAKE, now);
}

/* To the address that is next. */
static void
begin_connect(struct conn *c, uint64_t now)
{
	const struct addrinfo *a = c->next;
	char why[NET_WHY_MAX];

	(void)net_print(a->ai_addr, c->address);
	if (!net_may_leave(c->s->watched, a->ai_addr, why, sizeof(why))) {
		give_up(c, now, why);
		return;
	}
	c->fd = socket(a->ai_family, c->how.type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (c->fd < 0) {
		give_up(c, now, strerror(errno));
		return;
	}
	if (c->how.type == SOCK_STREAM)
		keep_alive(c->fd);
	if (connect(c->fd, a->ai_addr, a->ai_addrlen) == 0)
		connected(c, now);
	else if (errno == EINPROGRESS)
		enter(c, CONNECT, now);
	else {
		(void)snprintf(why, sizeof(why), "%s cannot be reached: %s", c->address, strerror(errno));
		give_up(c, now, why);
	}
}

static void
look_up(struct conn *c, uint64_t now)
{
	char why[NET_WHY_MAX];

	if (c->lookup == NULL) {
		c->lookup = net_lookup_begin(&c->target, c->how.type);
		if (c->lookup == NULL) {
			give_up(c, now, "no thread to look its name up");
			return;
		}
	}
	if (c->next == NULL) {
		switch (net_lookup_end(c->lookup, &c->next, why, sizeof(why))) {
		case NET_WAIT:
			if (now - c->since_ns > c->s->timeout_ns) {
				(void)snprintf(why, sizeof(why), "no answer from the name server for %s", c->target.host);
				give_up(c, now, why);
			}
			return;
		case NET_NOT_FOUND:
			c->next = NULL;
			give_up(c, now, why);
			return;
		case NET_FOUND:
			break;
		}
	}
	begin_connect(c, now);
}

static void
finish_connect(struct conn *c, uint64_t now)
{
	struct pollfd p = { .fd = c->fd, .events = POLLOUT };
	char why[NET_WHY_MAX];
	socklen_t len = sizeof(int);
	int error = 0;

	if (poll(&p, 1, 0) == 0) {
		if (now - c->since_ns > c->s->timeout_ns) {
			(void)snprintf(why, sizeof(why), "%s does not answer", c->address);
			give_up(c, now, why);
		}
		return;
	}
	if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, &error, &len) == 0 && error == 0) {
		connected(c, now);
		return;
	}
	if (error == ECONNREFUSED)
		(void)snprintf(why, sizeof(why), "nobody listens at %s", c->address);
	else
		(void)snprintf(why, sizeof(why), "%s cannot be reached: %s", c->address, strerror(error));
	give_up(c, now, why);
}

static void
shake_hands(struct conn *c, uint64_t now)
{
	char why[NET_WHY_MAX];

	c->shake = tls_handshake(c->tls, why, sizeof(why));
	if (c->shake == TLS_DONE)
		stands(c, now);
	else if (c->shake == TLS_FAILED)
		give_up(c, now, why);
	else if (now - c->since_ns > c->s->timeout_ns) {
		(void)snprintf(why, sizeof(why), "%s accepted the connection and does not answer; does it speak TLS on this port?",
		    c->address);
		give_up(c, now, why);
	}
}

/* What the other end sends is thrown away; it may say that it is gone. */
static void
look_at_receiver(struct conn *c, uint64_t now)
{
	char text[512], why[NET_WHY_MAX] = "the receiver closed the connection";
	ssize_t n;

	do {
		n = c->tls != NULL ? tls_read(c->tls, text, sizeof(text), why, sizeof(why)) : read(c->fd, text, sizeof(text));
	} while (n > 0);
	if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n < 0 && c->tls == NULL)
		(void)snprintf(why, sizeof(why), "%s", errno == ECONNREFUSED ? "nobody listens there" :
		    errno == ECONNRESET ? "the receiver broke the connection off" : strerror(errno));
	give_up(c, now, why);
}

static void
stand(struct conn *c, uint64_t now)
{
	char why[NET_WHY_MAX];

	/* A datagram socket has nothing to read but errors, and those come with the next write too. */
	look_at_receiver(c, now);
	if (c->state != UP || c->how.type == SOCK_DGRAM)
		return;
	if (conn_unacknowledged(c) == 0)
		c->moved_ns = now;
	if (now - c->moved_ns > c->s->timeout_ns) {
		(void)snprintf(why, sizeof(why), "%s has taken nothing for %u seconds", c->address,
		    (unsigned)((now - c->moved_ns) / SECOND));
		give_up(c, now, why);
	} else if (now - c->since_ns > STEADY_NS)
		conn_progress(c, now);
}

bool
conn_work(struct conn *c, uint64_t now_ns)
{
	enum state before;

	do {
		before = c->state;
		switch (c->state) {
		case PAUSE:
			if (now_ns >= c->until_ns)
				enter(c, LOOKUP, now_ns);
			break;
		case LOOKUP:
			look_up(c, now_ns);
			break;
		case CONNECT:
			finish_connect(c, now_ns);
			break;
		case SHAKE:
			shake_hands(c, now_ns);
			break;
		case UP:
			stand(c, now_ns);
			break;
		}
	} while (c->state != before && c->state != PAUSE);
	return c->state == UP;
}

bool
conn_is_up(const struct conn *c)
{
	return c->state == UP;
}

bool
conn_is_doubtful(const struct conn *c)
{
	return c->health.in_trouble;
}

unsigned
conn_generation(const struct conn *c)
{
	return c->generation;
}

void
conn_progress(struct conn *c, uint64_t now_ns)
{
	c->moved_ns = now_ns;
	net_backoff_reset(&c->backoff);
	net_well(&c->health, c->address);
}

size_t
conn_write(struct conn *c, const void *data, size_t n)
{
	char why[NET_WHY_MAX] = "";
	ssize_t sent;

	if (c->state != UP || n == 0)
		return 0;
	do
		sent = c->tls != NULL ? tls_write(c->tls, data, n, why, sizeof(why)) : write(c->fd, data, n);
	while (sent < 0 && errno == EINTR);
	if (sent >= 0)
		return (size_t)sent;
	if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)
		return 0;
	if (c->tls == NULL)
		(void)snprintf(why, sizeof(why), "%s", errno == ECONNREFUSED ? "nobody listens there" :
		    errno == EPIPE || errno == ECONNRESET ? "the receiver broke the connection off" : strerror(errno));
	give_up(c, thread_now(), why);
	return 0;
}

size_t
conn_unacknowledged(const struct conn *c)
{
	int n = 0;

	if (c->fd < 0 || ioctl(c->fd, SIOCOUTQ, &n) != 0 || n < 0)
		return 0;
	return (size_t)n;
}

unsigned
conn_fds(const struct conn *c, struct pollfd *to, bool wants)
{
	short events;

	switch (c->state) {
	case CONNECT:
		events = POLLOUT;
		break;
	case SHAKE:
		events = c->shake == TLS_WANTS_READ ? POLLIN : POLLOUT;
		break;
	case UP:
		events = (short)(POLLIN | (wants ? POLLOUT : 0));
		break;
	default:
		return 0;
	}
	*to = (struct pollfd){ .fd = c->fd, .events = events };
	return 1;
}

uint64_t
conn_due(const struct conn *c)
{
	switch (c->state) {
	case PAUSE:
		return c->until_ns;
	case LOOKUP:
		return thread_now() + LOOK_NS / 5;
	case CONNECT:
	case SHAKE:
		return c->since_ns + c->s->timeout_ns;
	case UP:
		break;
	}
	return UINT64_MAX;
}

void
conn_again(struct conn *c)
{
	drop(c);
	net_lookup_free(c->lookup);
	c->lookup = NULL;
	c->next = NULL;
	net_backoff_reset(&c->backoff);
	enter(c, LOOKUP, thread_now());
}

struct conn *
conn_open(const struct conn_settings *how, const struct transport_settings *s, struct err *e)
{
	struct conn *c = calloc(1, sizeof(*c));
	char why[NET_WHY_MAX];

	if (c == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
		return NULL;
	}
	c->how = *how;
	c->s = s;
	c->fd = -1;
	c->health.s = s;
	c->backoff = (struct net_backoff){ .least_ns = s->retry_ns, .most_ns = s->retry_ns > PAUSE_MOST_NS ? s->retry_ns : PAUSE_MOST_NS };
	enter(c, LOOKUP, thread_now());
	if (!net_target_read(s->target, how->default_port, &c->target, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", s->name, why);
		free(c);
		return NULL;
	}
	c->tls_files = (struct tls_settings){ .ca = s->tls_ca, .cert = s->tls_cert, .key = s->tls_key,
	    .name = s->tls_name != NULL ? s->tls_name : c->target.host };
	if (!net_target_may(s->watched, &c->target, why, sizeof(why)) || (how->tls && !tls_check(&c->tls_files, why, sizeof(why)))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", s->name, why);
		free(c);
		return NULL;
	}
	if (!net_is_address(c->target.host))
		net_warm_up();
	return c;
}

void
conn_close(struct conn *c)
{
	if (c == NULL)
		return;
	drop(c);
	net_lookup_free(c->lookup);
	free(c);
}
