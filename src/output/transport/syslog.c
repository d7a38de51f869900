/* syslog.c - messages of RFC 5424: a datagram each (RFC 5426), or counted octets over TCP (RFC 6587) and TLS (RFC 5425).
 *
 * Syslog acknowledges nothing.  Over TCP the kernel says how many bytes the other end's kernel has not acknowledged yet
 * (SIOCOUTQ); lines beyond those have arrived at the machine, though perhaps not at the program.  So lines are kept
 * until then, and `overlap` of them longer: after a connection was lost all that is kept is sent again, in order.
 * A datagram has arrived when the kernel took it.
 */
#include "output/transport/transport.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "output/transport/conn.h"
#include "output/jsonw.h"
#include "output/types.h"

#define FLIGHT_LINES	8192u		/* kept because they are not acknowledged */
#define FLIGHT_BYTES	(1u << 20)	/* the same; a line more may be on its way */
#define KEPT_BYTES	(4u << 20)	/* kept in all */
#define DATAGRAM_MOST	65000u		/* fits into one over IPv4 and IPv6 */
#define NAME_MAX_LEN	255u		/* HOSTNAME; APP-NAME has 48 */
#define HEAD_MAX	1024u
#define OUT_SIZE	(HEAD_MAX + DATAGRAM_MOST)	/* offered to the kernel in one call */
#define ENTERPRISE	"thermowell@32473"	/* the number that RFC 5612 gives to whom has none */

struct kept {
	char		*bytes;		/* owned, framed */
	size_t		 len;
	uint64_t	 end;		/* of this connection's bytes, when it is through */
	uint64_t	 number;
};

struct syslog {
	struct transport_settings s;
	char		*name, *target;		/* owned; what `s` has of them */
	struct conn	*conn;
	bool		 stream;
	unsigned	 generation;		/* of conn, that `end` is about */
	char		 host[NAME_MAX_LEN + 1], app[49];

	/* Of a stream: kept[first .. first + n), a ring.  The first `n_acked` have arrived, the first `n_out` are in `out`
	 * or beyond it. */
	struct kept	*kept;
	unsigned	 size, first, n, n_acked, n_out;
	size_t		 bytes;			/* of all */
	size_t		 flight;		/* of those that have not arrived */
	uint64_t	 acked;			/* number of the first that has not arrived */
	uint64_t	 queued, sent;		/* of this connection's bytes: in `out`, taken by the kernel */
	char		 out[OUT_SIZE];
	size_t		 out_from, out_len;
	bool		 repeating;		/* what was sent before the connection was lost */

	/* Of datagrams: the one that tries whether the receiver is there again. */
	unsigned	 try_generation;	/* of conn, in which it went */
	uint64_t	 try_number, try_ns;
};

/* ---- a message -------------------------------------------------------------------------- */

/* RFC 5424 6.2.1: what a severity of ours is there. */
static unsigned
severity_of(const struct line_head *h)
{
	static const uint8_t of[] = { 6, 1, 3, 4, 5 };	/* informational; alert, error, warning, notice */

	return h->severity < COUNTOF(of) ? of[h->severity] : 5;
}

/* PRINTUSASCII, at most `size` - 1 of them; "-" for nothing. */
static void
plain(const char *text, char *to, size_t size)
{
	size_t n = 0;

	for (const char *p = text; *p != '\0' && n < size - 1; p++)
		if (*p > 32 && *p < 127)
			to[n++] = *p;
	if (n == 0)
		to[n++] = '-';
	to[n] = '\0';
}

/* 6.3.3: a value of structured data. */
static void
put_param(struct strbuf *b, const char *name, const char *value)
{
	char text[2] = "";

	if (value[0] == '\0')
		return;
	strbuf_printf(b, " %s=\"", name);
	for (const char *p = value; *p != '\0'; p++) {
		if (*p == '"' || *p == '\\' || *p == ']')
			strbuf_put(b, "\\");
		text[0] = *p;
		strbuf_put(b, text);
	}
	strbuf_put(b, "\"");
}

/* What a receiver may sort and route by without reading the message: id, type and severity of an alert or incident. */
static void
put_data(struct strbuf *b, const struct message *m)
{
	char severity[8] = "";
	json_t *j, *ot;

	if ((m->head->type != TYPE_ALERT && m->head->type != TYPE_INCIDENT) || m->len == 0 || m->text[0] != '{' ||
	    (j = json_loadb(m->text, m->len, 0, NULL)) == NULL) {
		strbuf_put(b, "-");
		return;
	}
	ot = json_object_get(j, "ot");
	if (ot == NULL)
		ot = json_object_get(json_object_get(j, "thermowell"), "ot");
	strbuf_put(b, "[" ENTERPRISE);
	if (ot != NULL) {
		put_param(b, "id", json_text_of(ot, "id"));
		put_param(b, "type", json_text_of(ot, "type"));
	}
	if (m->head->severity > 0)
		(void)snprintf(severity, sizeof(severity), "%u", m->head->severity);
	put_param(b, "severity", severity);
	strbuf_put(b, "]");
	json_decref(j);
}

/* The header with the blank behind it; its length, 0 when it does not fit. */
static size_t
put_head(const struct syslog *k, const struct message *m, char *to, size_t size)
{
	const struct output_type_row *type = m->head->type < OUTPUT_TYPE_COUNT ? output_type_row(m->head->type) : NULL;
	struct strbuf b = strbuf_on(to, size);
	char second[21] = "";

	strbuf_printf(&b, "<%u>1 ", (unsigned)k->s.facility * 8 + severity_of(m->head));
	if (m->head->ts_ns != 0) {
		jsonw_second(second, m->head->ts_ns / 1000000000u);
		strbuf_printf(&b, "%s%06uZ ", second, (unsigned)(m->head->ts_ns % 1000000000u / 1000));
	} else
		strbuf_put(&b, "- ");
	strbuf_printf(&b, "%s %s %d %s ", k->host, k->app, (int)getpid(), type != NULL ? type->word : "operation");
	put_data(&b, m);
	strbuf_put(&b, " ");
	return b.cut ? 0 : b.len;
}

/* The message behind a header, without NUL bytes, which some receivers take for its end. */
static void
put_text(char *to, const struct message *m)
{
	char *nul;

	memcpy(to, m->text, m->len);
	while ((nul = memchr(to, '\0', m->len)) != NULL)
		*nul = ' ';
}

/* ---- a stream ---------------------------------------------------------------------------- */

static struct kept *
kept_at(const struct syslog *k, unsigned i)
{
	return &k->kept[(k->first + i) % k->size];
}

static void
forget_first(struct syslog *k)
{
	struct kept *one = kept_at(k, 0);

	k->bytes -= one->len;
	free(one->bytes);
	one->bytes = NULL;
	k->first = (k->first + 1) % k->size;
	k->n--;
	k->n_acked--;
	k->n_out--;
}

/* What the other machine has. */
static void
look_at_acknowledged(struct syslog *k, uint64_t now)
{
	uint64_t arrived;
	size_t left;
	bool moved = false;

	if (!conn_is_up(k->conn))
		return;
	left = conn_unacknowledged(k->conn);
	arrived = k->sent > left ? k->sent - left : 0;
	while (k->n_acked < k->n && k->n_acked < k->n_out && kept_at(k, k->n_acked)->end <= arrived) {
		k->flight -= kept_at(k, k->n_acked)->len;
		k->acked = kept_at(k, k->n_acked)->number + 1;
		k->n_acked++;
		moved = true;
	}
	while (k->n_acked > 0 && (k->n_acked > k->s.overlap || k->bytes > KEPT_BYTES) && k->n_out > 0 &&
	    kept_at(k, 0)->end <= arrived)
		forget_first(k);
	if (moved)
		conn_progress(k->conn, now);
}

/* Another connection: all that is kept goes again. */
static void
begin_again(struct syslog *k)
{
	uint64_t end = 0, sent = 0;	/* lines */

	if (k->generation == conn_generation(k->conn))
		return;
	k->generation = conn_generation(k->conn);
	for (unsigned i = 0; i < k->n; i++) {
		/* In whole or in part. */
		sent += i < k->n_out && kept_at(k, i)->end - kept_at(k, i)->len < k->sent;
		end += kept_at(k, i)->len;
		kept_at(k, i)->end = end;
	}
	atomic_fetch_add_explicit(&k->s.counters->repeated, sent, memory_order_relaxed);
	k->n_out = 0;
	k->queued = k->sent = 0;
	k->out_from = k->out_len = 0;
}

/* Lines into `out`, what is in `out` to the kernel. */
static void
flush(struct syslog *k)
{
	size_t took, n;

	if (!conn_is_up(k->conn) || k->generation != conn_generation(k->conn))
		return;
	do {
		if (k->out_from == k->out_len)
			k->out_from = k->out_len = 0;
		while (k->n_out < k->n && k->out_len < OUT_SIZE) {
			const struct kept *one = kept_at(k, k->n_out);
			size_t done = one->len - (size_t)(one->end - k->queued);

			n = one->len - done < OUT_SIZE - k->out_len ? one->len - done : OUT_SIZE - k->out_len;
			memcpy(k->out + k->out_len, one->bytes + done, n);
			k->out_len += n;
			k->queued += n;
			k->n_out += k->queued == one->end;
		}
		took = conn_write(k->conn, k->out + k->out_from, k->out_len - k->out_from);
		k->out_from += took;
		k->sent += took;
	} while (took > 0 && k->out_from == k->out_len && k->n_out < k->n);
}

static bool
keep(struct syslog *k, const struct message *m)
{
	char head[HEAD_MAX], count[24];
	size_t n = put_head(k, m, head, sizeof(head)), digits;
	struct kept *one = kept_at(k, k->n);

	digits = (size_t)snprintf(count, sizeof(count), "%zu ", n + m->len);
	*one = (struct kept){ .bytes = malloc(digits + n + m->len), .len = digits + n + m->len, .number = m->number };
	if (one->bytes == NULL)
		return false;
	memcpy(one->bytes, count, digits);
	memcpy(one->bytes + digits, head, n);
	put_text(one->bytes + digits + n, m);
	one->end = (k->n > 0 ? kept_at(k, k->n - 1)->end : k->queued) + one->len;
	k->n++;
	k->bytes += one->len;
	k->flight += one->len;
	return true;
}

static enum carry
stream_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct syslog *k = t;

	*done = 0;
	if (!conn_is_up(k->conn))
		return CARRY_BUSY;
	look_at_acknowledged(k, thread_now());
	for (*done = 0; *done < n && k->n < k->size && k->n - k->n_acked < FLIGHT_LINES && k->flight < FLIGHT_BYTES; ++*done)
		if (!keep(k, &m[*done]))
			break;
	flush(k);
	return *done == n ? CARRY_DONE : CARRY_BUSY;
}

static void
stream_work(void *t, uint64_t now_ns)
{
	struct syslog *k = t;

	if (!conn_work(k->conn, now_ns))
		return;
	begin_again(k);
	flush(k);
	look_at_acknowledged(k, now_ns);
}

static uint64_t
stream_acked(void *t)
{
	return ((struct syslog *)t)->acked;
}

/* ---- datagrams --------------------------------------------------------------------------- */

#define TRY_NS	UINT64_C(250000000)	/* an error that comes back from a receiver that is away comes within this time */

/* false: nothing more can be sent now. */
static bool
send_dgram(struct syslog *k, const struct message *m)
{
	size_t head = put_head(k, m, k->out, HEAD_MAX);

	if (head + m->len > DATAGRAM_MOST) {
		k->s.host->reject(k->s.host->arg, m->number, "longer than a datagram can be");
		return true;
	}
	put_text(k->out + head, m);
	return conn_write(k->conn, k->out, head + m->len) > 0;
}

/* The receiver was away: one datagram tries whether it is there again, and those behind it wait until no error came
 * back for it.  It has not gone before that, so that it is not lost.  true: it has. */
static bool
tried(struct syslog *k, const struct message *m)
{
	uint64_t now = thread_now();

	if (k->try_generation != conn_generation(k->conn) || k->try_number != m->number) {
		if (send_dgram(k, m)) {
			k->try_generation = conn_generation(k->conn);
			k->try_number = m->number;
			k->try_ns = now;
		}
		return false;
	}
	if (now - k->try_ns < TRY_NS)
		return false;
	conn_progress(k->conn, now);
	return true;
}

static enum carry
dgram_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct syslog *k = t;

	for (*done = 0; *done < n; ++*done) {
		if (!conn_is_up(k->conn))
			return CARRY_BUSY;
		if (conn_is_doubtful(k->conn)) {
			if (!tried(k, &m[*done]))
				return CARRY_BUSY;
			continue;
		}
		if (!send_dgram(k, &m[*done]))
			return CARRY_BUSY;
		conn_progress(k->conn, 0);
	}
	return CARRY_DONE;
}

static void
dgram_work(void *t, uint64_t now_ns)
{
	(void)conn_work(((struct syslog *)t)->conn, now_ns);
}

/* ---- both ---------------------------------------------------------------------------------- */

static unsigned
syslog_fds(void *t, struct pollfd *to, unsigned most)
{
	struct syslog *k = t;

	return most > 0 ? conn_fds(k->conn, to, k->out_from < k->out_len || k->n_out < k->n) : 0;
}

static uint64_t
syslog_due(void *t)
{
	const struct syslog *k = t;
	uint64_t due = conn_due(k->conn);

	/* What was tried is known then. */
	if (!k->stream && conn_is_up(k->conn) && conn_is_doubtful(k->conn) && k->try_generation == conn_generation(k->conn) &&
	    k->try_ns + TRY_NS < due)
		due = k->try_ns + TRY_NS;
	return due;
}

static bool
syslog_scarce(void *t)
{
	(void)t;
	return false;
}

static void
syslog_check(void *t, uint64_t now_ns)
{
	(void)t;
	(void)now_ns;
}

static void
syslog_reopen(void *t)
{
	conn_again(((struct syslog *)t)->conn);
}

static void
release(struct syslog *k)
{
	conn_close(k->conn);
	for (unsigned i = 0; i < k->n; i++)
		free(kept_at(k, i)->bytes);
	free(k->kept);
	free(k->name);
	free(k->target);
	free(k);
}

/* 0: everything was taken by the other end's kernel. */
static int
syslog_close(void *t)
{
	struct syslog *k = t;
	int rc;

	if (k->stream)
		look_at_acknowledged(k, thread_now());
	rc = k->n_acked == k->n ? 0 : -1;
	release(k);
	return rc;
}

static void *
open_syslog(const struct transport_settings *s, const struct conn_settings *how, struct err *e)
{
	struct syslog *k = calloc(1, sizeof(*k));
	char host[NAME_MAX_LEN + 1] = "";

	if (k != NULL) {
		k->s = *s;
		k->s.name = k->name = strdup(s->name);
		k->s.target = k->target = strdup(s->target);
		k->stream = how->type == SOCK_STREAM;
		k->size = k->stream ? FLIGHT_LINES + (unsigned)s->overlap : 1;
		k->kept = calloc(k->size, sizeof(*k->kept));
	}
	if (k == NULL || k->name == NULL || k->target == NULL || k->kept == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
		if (k != NULL)
			release(k);
		return NULL;
	}
	(void)gethostname(host, sizeof(host) - 1);
	plain(s->hostname != NULL ? s->hostname : s->sensor != NULL ? s->sensor : host, k->host, sizeof(k->host));
	plain(s->app_name != NULL ? s->app_name : "thermowell", k->app, sizeof(k->app));
	k->conn = conn_open(how, &k->s, e);
	if (k->conn != NULL)
		return k;
	release(k);
	return NULL;
}

static void *
udp_open(const struct transport_settings *s, struct err *e)
{
	return open_syslog(s, &(const struct conn_settings){ .type = SOCK_DGRAM, .default_port = "514" }, e);
}

static void *
tcp_open(const struct transport_settings *s, struct err *e)
{
	return open_syslog(s, &(const struct conn_settings){ .type = SOCK_STREAM, .default_port = "601" }, e);
}

static void *
tls_open(const struct transport_settings *s, struct err *e)
{
	return open_syslog(s, &(const struct conn_settings){ .type = SOCK_STREAM, .tls = true, .default_port = "6514" }, e);
}

const struct transport transport_syslog_udp = {
	.name = "syslog-udp",
	.open = udp_open,
	.send = dgram_send,
	.fds = syslog_fds,
	.work = dgram_work,
	.due_ns = syslog_due,
	.check = syslog_check,
	.scarce = syslog_scarce,
	.reopen = syslog_reopen,
	.close = syslog_close,
};

#define STREAM(word, opens) { \
	.name = word, \
	.open = opens, \
	.send = stream_send, \
	.acked = stream_acked, \
	.fds = syslog_fds, \
	.work = stream_work, \
	.due_ns = syslog_due, \
	.check = syslog_check, \
	.scarce = syslog_scarce, \
	.reopen = syslog_reopen, \
	.close = syslog_close, \
}

const struct transport transport_syslog_tcp = STREAM("syslog-tcp", tcp_open);
const struct transport transport_syslog_tls = STREAM("syslog-tls", tls_open);
