/* carry.c - hands lines to one transport as a writer does, for the tests with real receivers.
 *
 *     carry TRANSPORT TARGET [NAME=VALUE...] < LINES
 *
 * NAME is a setting of the sink with _ for -, or: pace (lines a second, 0 all at once), within (seconds for all of it), watched
 * (an interface).  A line may begin with a digit and a blank, the severity of its alert.  At the end one line of JSON says
 * how it went.  Not a test by itself.
 */
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/thread.h"
#include "output/transport/net.h"
#include "output/transport/transport.h"
#include "output/types.h"

#define SECOND		UINT64_C(1000000000)
#define GIVEN_MOST	256u

static const struct transport *const all[] = {
	&transport_syslog_udp, &transport_syslog_tcp, &transport_syslog_tls,
	&transport_elasticsearch, &transport_splunk, &transport_webhook, &transport_kafka, &transport_mail,
};

struct given {
	char		*text;
	size_t		 len;
	struct line_head head;
	bool		 rejected;
};

static struct given *lines;
static uint64_t n_lines, n_rejected, pace, within_s = 20, patient = 1;
static struct transport_counters counters;
static const char *watched_name;
static char problem[512], reason[512];

static void
on_reject(void *arg, uint64_t number, const char *why)
{
	(void)arg;
	/* One that is given again may be rejected again. */
	if (number < n_lines && lines[number].rejected)
		return;
	if (number >= n_lines) {
		fprintf(stderr, "line %" PRIu64 " is rejected and is none\n", number);
		exit(3);
	}
	lines[number].rejected = true;
	n_rejected++;
	snprintf(reason, sizeof(reason), "%s", why);
}

static void
on_problem(void *arg, const char *text)
{
	(void)arg;
	if (text != NULL && text[0] != '\0')
		snprintf(problem, sizeof(problem), "%s", text);
}

static void
read_lines(void)
{
	char *line = NULL;
	size_t size = 0, room = 0;
	ssize_t n;

	while ((n = getline(&line, &size, stdin)) > 0) {
		struct given g = { .head = { .ts_ns = 1493388721715496000u, .type = TYPE_FLOW } };
		size_t skip = n > 2 && line[0] >= '1' && line[0] <= '9' && line[1] == ' ' ? 2 : 0;

		if (skip > 0) {
			g.head.severity = (uint8_t)(line[0] - '0');
			g.head.type = TYPE_ALERT;
		}
		g.len = (size_t)n - skip - (line[n - 1] == '\n');
		g.text = strndup(line + skip, g.len);
		if (n_lines == room) {
			room = room == 0 ? 1024 : 2 * room;
			lines = realloc(lines, room * sizeof(*lines));
		}
		if (g.text == NULL || lines == NULL)
			exit(2);
		memcpy(g.head.key, "\0\0\0\0\0\0\0\0\0\0\xff\xff\x0a\x00\x00\x01", 16);
		lines[n_lines++] = g;
	}
	free(line);
}

static bool
take_number(const char *name, size_t n, const char *value, struct transport_settings *s)
{
	const struct { const char *name; uint64_t *to, unit; } of[] = {
		{ "retry", &s->retry_ns, SECOND }, { "retry_ms", &s->retry_ns, SECOND / 1000 },
		{ "timeout", &s->timeout_ns, SECOND }, { "timeout_ms", &s->timeout_ns, SECOND / 1000 }, { "overlap", &s->overlap, 1 }, { "facility", &s->facility, 1 },
		{ "batch_lines", &s->batch_lines, 1 }, { "batch_size", &s->batch_bytes, 1024 },
		{ "batch_wait", &s->batch_ns, SECOND / 1000 }, { "digest_at", &s->digest_at_s, 1 }, { "mail_severity", &s->mail_severity, 1 },
		{ "mails_an_hour", &s->mails_an_hour, 1 },
		{ "pace", &pace, 1 }, { "within", &within_s, 1 }, { "patient", &patient, 1 },
	};

	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (strlen(of[i].name) == n && memcmp(of[i].name, name, n) == 0) {
			*of[i].to = strtoull(value, NULL, 10) * of[i].unit;
			return true;
		}
	return false;
}

static void
take(const char *arg, struct transport_settings *s)
{
	const struct { const char *name, **to; } of[] = {
		{ "tls_ca", &s->tls_ca }, { "tls_cert", &s->tls_cert }, { "tls_key", &s->tls_key }, { "tls_name", &s->tls_name },
		{ "user", &s->user }, { "secret_file", &s->secret_file }, { "proxy", &s->proxy }, { "topic", &s->topic },
		{ "index", &s->index }, { "properties", &s->properties }, { "mail_from", &s->mail_from }, { "mail_to", &s->mail_to },
		{ "sensor", &s->sensor }, { "app_name", &s->app_name }, { "hostname", &s->hostname }, { "watched", &watched_name },
		{ "content_type", &s->content_type },
	};
	const char *value = strchr(arg, '=');
	size_t n = value != NULL ? (size_t)(value - arg) : 0;

	if (value == NULL || take_number(arg, n, value + 1, s))
		return;
	if (n == 8 && memcmp(arg, "compress", 8) == 0) {
		s->gzip = value[1] == 'y';
		return;
	}
	for (size_t i = 0; i < sizeof(of) / sizeof(of[0]); i++)
		if (strlen(of[i].name) == n && memcmp(of[i].name, arg, n) == 0) {
			*of[i].to = value + 1;
			return;
		}
	fprintf(stderr, "carry: no setting %s\n", arg);
	exit(2);
}

static void
wait_for(const struct transport *t, void *h, uint64_t now)
{
	struct pollfd p[TRANSPORT_FDS];
	uint64_t due = t->due_ns != NULL ? t->due_ns(h) : UINT64_MAX;
	unsigned n = t->fds != NULL ? t->fds(h, p, TRANSPORT_FDS) : 0;
	int ms = due <= now ? 0 : due - now > SECOND / 100 ? 10 : (int)((due - now) / 1000000) + 1;

	(void)poll(p, n, ms);
}

/* All lines that are due; how many are known to have arrived at the end. */
static uint64_t
carry_all(const struct transport *t, void *h)
{
	uint64_t begin = thread_now(), next = 0, acked = 0, until = begin + within_s * SECOND, due, now;
	bool finished = false;

	while ((now = thread_now()) < until && acked < n_lines && (patient || problem[0] == '\0')) {
		struct message m[GIVEN_MOST];
		unsigned n = 0, done = 0;

		if (t->work != NULL)
			t->work(h, now);
		if (t->again != NULL && t->again(h))
			next = t->acked(h);
		due = pace == 0 ? n_lines : (now - begin) * pace / SECOND + 1;
		for (uint64_t i = next; i < n_lines && i < due && n < GIVEN_MOST; i++, n++)
			m[n] = (struct message){ .text = lines[i].text, .len = lines[i].len, .number = i, .head = &lines[i].head };
		if (n > 0)
			(void)t->send(h, m, n, &done);
		next += done;
		if (next == n_lines && !finished) {
			finished = true;
			if (t->finish != NULL)
				t->finish(h);
		}
		acked = t->acked != NULL ? t->acked(h) : next;
		if (done == 0 || next == n_lines)
			wait_for(t, h, now);
	}
	return acked;
}

int
main(int argc, char **argv)
{
	static const struct transport_host host = { .reject = on_reject, .problem = on_problem };
	struct transport_settings s = { .name = "carry", .counters = &counters, .host = &host, .retry_ns = SECOND / 5,
	    .timeout_ns = 5 * SECOND, .overlap = 100, .facility = 16, .batch_lines = 500, .batch_bytes = 1 << 20,
	    .batch_ns = SECOND / 10, .gzip = true, .mail_severity = 1, .mails_an_hour = 6, .topic = "thermowell", .index = "thermowell", .content_type = "application/json" };
	struct net_watched watched = { .name = &watched_name, .n = 1 };
	const struct transport *t = NULL;
	struct err e = { 0 };
	uint64_t acked;
	void *h;
	int rc;

	for (size_t i = 0; argc > 2 && i < sizeof(all) / sizeof(all[0]); i++)
		if (strcmp(argv[1], all[i]->name) == 0)
			t = all[i];
	if (t == NULL) {
		fprintf(stderr, "usage: carry TRANSPORT TARGET [NAME=VALUE...] < LINES\n");
		return 2;
	}
	s.target = argv[2];
	for (int i = 3; i < argc; i++)
		take(argv[i], &s);
	s.watched = watched_name != NULL ? &watched : NULL;
	log_level_set(LOG_INFO);
	/* The writers' threads take no signals. */
	(void)signal(SIGPIPE, SIG_IGN);
	read_lines();
	h = t->open(&s, &e);
	if (h == NULL) {
		err_print(&e, stderr);
		return 1;
	}
	acked = carry_all(t, h);
	rc = t->close(h);
	printf("{\"lines\":%" PRIu64 ",\"acked\":%" PRIu64 ",\"rejected\":%" PRIu64 ",\"repeated\":%" PRIu64 ",\"failures\":%" PRIu64
	    ",\"reconnects\":%" PRIu64 ",\"until\":%" PRIu64 ",\"closed\":%d}\n", n_lines, acked, n_rejected,
	    (uint64_t)counters.repeated, (uint64_t)counters.failures, (uint64_t)counters.reconnects,
	    (uint64_t)counters.certificate_until_s, rc);
	if (problem[0] != '\0')
		fprintf(stderr, "problem: %s\n", problem);
	if (reason[0] != '\0')
		fprintf(stderr, "rejected: %s\n", reason);
	return 0;
}
