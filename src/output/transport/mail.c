/* mail.c - for plants without a SIEM: grave alerts by mail at once, and one a day with all of them in plain words.
 *
 * SMTP over TLS (smtps://, or smtp:// with STARTTLS, without which nothing is sent), by libcurl.  At most so many mails an
 * hour: what comes beyond waits and goes together.  A grave alert has arrived when the server took its mail; others when
 * they are counted in the daily mail, which a stop sends early and a crash loses.
 */
#include "output/transport/transport.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/hash.h"
#include "base/json.h"
#include "base/thread.h"
#include "output/convert/convert.h"
#include "output/transport/digest.h"
#include "output/transport/http.h"
#include "output/types.h"

#define SECOND		UINT64_C(1000000000)
#define DAY_S		86400u
#define PAUSE_MOST_NS	(300 * SECOND)
#define GATHER_NS	(2 * SECOND)	/* one event makes several alerts: they go in one mail */
#define LAST_NS		(2 * SECOND)	/* for the daily mail of one that stops */
#define BODY_MOST	(64u * 1024)	/* of a mail before its encoding */
#define GRAVE_MOST	200u		/* alerts in one mail; more are counted */

struct mail {
	struct transport_settings s;
	char			*name, *target;	/* owned; what `s` has of them */
	char			 sensor[128], host[128];
	struct http		*http;
	struct net_health	 health;
	struct net_backoff	 backoff;
	uint64_t		 pause_ns;

	/* Grave alerts that wait for a mail, or for its acceptance. */
	struct text		 grave;
	char			 subject[160];	/* of the first */
	unsigned		 n_grave, n_more;	/* written out; only counted */
	uint64_t		 first_ns;	/* when the first came */
	uint64_t		 first_number;	/* its number */

	uint64_t		 next;		/* behind the last line taken */
	struct digest		*digest;	/* owned */
	uint64_t		 digest_due_s;	/* wall clock */
	bool			 ended;

	struct text		 out;		/* the mail that is on its way */
	enum { NOTHING, GRAVE, DIGEST } sending;
	uint64_t		*sent_ns;	/* owned, a ring: when the last mails went, `per_hour` of them */
	unsigned		 sent_at;
};

/* ---- a mail ------------------------------------------------------------------------------- */

/* Base64 in lines of 76: any server takes it as it is. */
static void
put_base64(struct text *to, const char *bytes, size_t n)
{
	static const char of[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const uint8_t *p = (const uint8_t *)bytes;

	for (size_t i = 0; i < n; i += 3) {
		uint32_t v = (uint32_t)p[i] << 16 | (i + 1 < n ? (uint32_t)p[i + 1] << 8 : 0) | (i + 2 < n ? p[i + 2] : 0u);
		char four[4] = { of[v >> 18], of[v >> 12 & 63], i + 1 < n ? of[v >> 6 & 63] : '=', i + 2 < n ? of[v & 63] : '=' };

		text_put(to, four, 4);
		if (i % 57 == 54)
			text_str(to, "\r\n");
	}
	text_str(to, "\r\n");
}

/* A text in a header: ASCII, one line. */
static void
plain(char *to, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n < size - 1; text++)
		to[n++] = *text >= ' ' && *text < 127 ? *text : '?';
	to[n] = '\0';
}

/* "Mon, 30 Nov 2026 06:00:00 +0000" */
static void
put_date(struct text *to, uint64_t ns)
{
	static const char *const days[] = { "Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed" };
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	char t[20];

	digest_time(t, ns);
	text_printf(to, "Date: %s, %.2s %s %.4s %.8s +0000\r\n", days[ns / SECOND / DAY_S % 7], t + 8,
	    months[((t[5] - '0') * 10 + t[6] - '0' + 11) % 12], t, t + 11);
}

static void
compose(struct mail *k, const char *subject, const struct text *body)
{
	char line[200];
	uint64_t now = thread_wall();

	k->out.len = 0;
	k->out.cut = false;
	put_date(&k->out, now);
	plain(line, sizeof(line), k->s.mail_from);
	text_printf(&k->out, "From: thermowell <%s>\r\nTo: ", line);
	for (const char *p = k->s.mail_to; *p != '\0'; p++)
		text_put(&k->out, *p == ',' ? ",\r\n " : p, *p == ',' ? 4 : 1);
	plain(line, sizeof(line), subject);
	text_printf(&k->out, "\r\nSubject: %s\r\nMessage-ID: <%016" PRIx64 "%016" PRIx64 "@%s>\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
	    "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n", line, now, hash_key(), k->host);
	put_base64(&k->out, body->bytes != NULL ? body->bytes : "", body->len);
}

/* May one more go within the hour? */
static uint64_t
allowed_ns(const struct mail *k)
{
	uint64_t oldest = k->sent_ns[k->sent_at];

	return oldest == 0 ? 0 : oldest + 3600 * SECOND;
}

static void
send_mail(struct mail *k, uint64_t now)
{
	const struct http_mail m = { .from = k->s.mail_from, .to = k->s.mail_to, .text = k->out.bytes, .n = k->out.len };

	if (!k->out.cut && http_begin_mail(k->http, &m))
		return;
	k->sending = NOTHING;
	net_trouble(&k->health, "no memory for a mail");
	k->pause_ns = now + net_backoff_next(&k->backoff);
}

static void
begin_grave(struct mail *k, uint64_t now)
{
	char subject[400];

	if (k->n_more > 0)
		text_printf(&k->grave, "\nand %u more that do not fit into a mail.\n", k->n_more);
	k->n_grave += k->n_more;
	k->n_more = 0;
	if (k->n_grave > 1)
		(void)snprintf(subject, sizeof(subject), "[%s] %u alerts: %s", k->sensor, k->n_grave, k->subject);
	else
		(void)snprintf(subject, sizeof(subject), "[%s] %s", k->sensor, k->subject);
	compose(k, subject, &k->grave);
	k->sending = GRAVE;
	send_mail(k, now);
}

static void
begin_digest(struct mail *k, uint64_t now)
{
	struct text body = { .most = BODY_MOST };
	char subject[256];

	digest_print(k->digest, k->sensor, thread_wall(), &body);
	(void)snprintf(subject, sizeof(subject), "[%s] %" PRIu64 " alert%s since yesterday", k->sensor, k->digest->n, k->digest->n == 1 ? "" : "s");
	compose(k, subject, &body);
	text_free(&body);
	k->sending = DIGEST;
	send_mail(k, now);
}

/* ---- when ------------------------------------------------------------------------------------- */

static uint64_t
next_digest(uint64_t now_s, uint64_t at_s)
{
	uint64_t day = now_s - now_s % DAY_S + at_s;

	return day > now_s ? day : day + DAY_S;
}

static void
begin_new_digest(struct mail *k)
{
	uint64_t now = thread_wall();

	memset(k->digest, 0, sizeof(*k->digest));
	k->digest->since_ns = now;
	k->digest_due_s = next_digest(now / SECOND, k->s.digest_at_s);
}

static void
accepted(struct mail *k, uint64_t now)
{
	k->sent_ns[k->sent_at] = now;
	k->sent_at = (k->sent_at + 1) % (unsigned)k->s.mails_an_hour;
	net_backoff_reset(&k->backoff);
	net_well(&k->health, k->s.target);
	if (k->sending == GRAVE) {
		k->grave.len = 0;
		k->n_grave = 0;
	} else
		begin_new_digest(k);
	k->sending = NOTHING;
}

static void
refused(struct mail *k, uint64_t now)
{
	net_trouble(&k->health, http_why(k->http));
	k->sending = NOTHING;
	k->pause_ns = now + net_backoff_next(&k->backoff);
}

static void
mail_work(void *t, uint64_t now_ns)
{
	struct mail *k = t;
	enum http_state state = http_work(k->http);
	bool digest_is_due;

	if (state == HTTP_OVER || state == HTTP_FAILED)
		atomic_store_explicit(&k->s.counters->certificate_until_s, http_until(k->http), memory_order_relaxed);
	if (state == HTTP_OVER)
		accepted(k, now_ns);
	else if (state == HTTP_FAILED)
		refused(k, now_ns);
	if (k->sending != NOTHING || now_ns < k->pause_ns)
		return;
	/* At the end nothing waits for its hour. */
	if (k->n_grave > 0 && (k->ended || (now_ns >= k->first_ns + GATHER_NS && now_ns >= allowed_ns(k)))) {
		begin_grave(k, now_ns);
		return;
	}
	digest_is_due = k->ended || thread_wall() / SECOND >= k->digest_due_s;
	if (digest_is_due && k->digest->n > 0)
		begin_digest(k, now_ns);
	else if (digest_is_due && !k->ended)
		begin_new_digest(k);
}

static uint64_t
mail_due(void *t)
{
	const struct mail *k = t;
	uint64_t now = thread_now(), wall = thread_wall() / SECOND, due, at;

	if (k->sending != NOTHING)
		return http_due(k->http);
	due = k->digest_due_s > wall ? now + (k->digest_due_s - wall) * SECOND : now;
	if (k->ended && (k->n_grave > 0 || k->digest->n > 0))
		due = now;
	if (k->n_grave > 0 && !k->ended) {
		at = k->first_ns + GATHER_NS > allowed_ns(k) ? k->first_ns + GATHER_NS : allowed_ns(k);
		due = at < due ? at : due;
	}
	return due > k->pause_ns ? due : k->pause_ns;
}

/* ---- lines --------------------------------------------------------------------------------------- */

static void
add_grave(struct mail *k, const struct digest_item *it, uint64_t number, uint64_t now)
{
	if (k->n_grave == 0) {
		k->first_ns = now;
		k->first_number = number;
		plain(k->subject, sizeof(k->subject), it->title);
	} else
		text_str(&k->grave, "\n");
	if (k->n_grave >= GRAVE_MOST || k->grave.len + 2048 + strlen(it->sentence) > BODY_MOST)
		k->n_more++;
	else {
		digest_print_item(it, &k->grave);
		k->n_grave++;
	}
}

static void
take(struct mail *k, const struct message *m, uint64_t now)
{
	json_t *j, *ot, *of;
	const char *kind;
	struct digest_item it = { .ts_ns = m->head->ts_ns, .severity = m->head->severity };

	if ((m->head->type != TYPE_ALERT && m->head->type != TYPE_INCIDENT) || (j = json_loadb(m->text, m->len, 0, NULL)) == NULL)
		return;
	ot = json_object_get(j, "ot");
	of = m->head->type == TYPE_INCIDENT ? json_object_get(ot, "incident") : json_object_get(j, "alert");
	kind = json_text_of(m->head->type == TYPE_INCIDENT ? of : ot, "kind");
	it.title = json_text_of(of, m->head->type == TYPE_INCIDENT ? "title" : "signature");
	it.device = json_text_of(j, "dest_ip");
	it.sentence = m->head->type == TYPE_INCIDENT ? json_text_of(of, "advice") : json_text_of(ot, "sentence");
	if (it.title[0] == '\0')
		it.title = m->head->type == TYPE_INCIDENT ? "An incident" : "An alert";
	/* Updates say that it goes on. */
	if (kind[0] == '\0' || strcmp(kind, "first") == 0) {
		if (m->head->type == TYPE_ALERT)
			digest_add(k->digest, &it);
		if (it.severity != 0 && it.severity <= k->s.mail_severity)
			add_grave(k, &it, m->number, now);
	}
	json_decref(j);
}

static enum carry
mail_send(void *t, const struct message *m, unsigned n, unsigned *done)
{
	struct mail *k = t;
	uint64_t now = thread_now();

	/* A mail that is on its way is not added to. */
	for (*done = 0; *done < n && k->sending != GRAVE; ++*done) {
		take(k, &m[*done], now);
		k->next = m[*done].number + 1;
	}
	return *done == n ? CARRY_DONE : CARRY_BUSY;
}

static uint64_t
mail_acked(void *t)
{
	const struct mail *k = t;

	return k->n_grave > 0 ? k->first_number : k->next;
}

static unsigned
mail_fds(void *t, struct pollfd *to, unsigned most)
{
	return http_fds(((struct mail *)t)->http, to, most);
}

static void
mail_finish(void *t)
{
	struct mail *k = t;
	uint64_t until = thread_now() + LAST_NS, now;
	struct pollfd p[TRANSPORT_FDS];

	/* The counts of the day are nobody's lines, for which a stop would wait: a moment for their mail, here. */
	k->ended = true;
	while ((now = thread_now()) < until && k->digest->n > 0) {
		mail_work(k, now);
		(void)poll(p, http_fds(k->http, p, TRANSPORT_FDS), 20);
	}
}

static void
mail_reopen(void *t)
{
	struct mail *k = t;
	char why[NET_WHY_MAX];

	if (!http_reread(k->http, why, sizeof(why)))
		net_trouble(&k->health, why);
	k->pause_ns = 0;
	net_backoff_reset(&k->backoff);
}

/* ---- life -------------------------------------------------------------------------------------------- */

static void
release(struct mail *k)
{
	http_close(k->http);
	text_free(&k->grave);
	text_free(&k->out);
	free(k->digest);
	free(k->sent_ns);
	free(k->name);
	free(k->target);
	free(k);
}

static int
mail_close(void *t)
{
	struct mail *k = t;
	int rc = k->n_grave == 0 ? 0 : -1;

	release(k);
	return rc;
}

static bool
is_address(const char *a, size_t n)
{
	const char *at = memchr(a, '@', n);

	for (size_t i = 0; i < n; i++)
		if (a[i] <= ' ' || a[i] >= 127 || strchr("<>,;:\"()[]\\", a[i]) != NULL)
			return false;
	return at != NULL && at != a && at + 1 < a + n && memchr(at + 1, '@', (size_t)(a + n - at - 1)) == NULL;
}

static bool
addresses_are_good(const struct transport_settings *s, struct err *e)
{
	if (s->mail_from == NULL || !is_address(s->mail_from, strlen(s->mail_from))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: mail-from: \"%s\" is no address, as thermowell@plant.example.org", s->name,
		    s->mail_from != NULL ? s->mail_from : "");
		return false;
	}
	for (const char *p = s->mail_to != NULL ? s->mail_to : ""; ; ) {
		size_t n = strcspn(p, ",");

		if (!is_address(p, n)) {
			err_add(e, NULL, 0, 0, "outputs.sinks: %s: mail-to: \"%.*s\" is no address", s->name, (int)n, p);
			return false;
		}
		if (p[n] == '\0')
			return true;
		p += n + 1;
	}
}

static void *
mail_open(const struct transport_settings *s, struct err *e)
{
	struct mail *k = addresses_are_good(s, e) ? calloc(1, sizeof(*k)) : NULL;

	if (k == NULL)
		return NULL;
	k->s = *s;
	k->s.name = k->name = strdup(s->name);
	k->s.target = k->target = strdup(s->target);
	k->digest = calloc(1, sizeof(*k->digest));
	k->sent_ns = calloc((size_t)s->mails_an_hour, sizeof(*k->sent_ns));
	k->health.s = &k->s;
	k->backoff = (struct net_backoff){ .least_ns = s->retry_ns, .most_ns = s->retry_ns > PAUSE_MOST_NS ? s->retry_ns : PAUSE_MOST_NS };
	k->grave.most = 2 * BODY_MOST;
	k->out.most = 4 * BODY_MOST;
	(void)gethostname(k->host, sizeof(k->host) - 1);
	plain(k->sensor, sizeof(k->sensor), s->sensor != NULL ? s->sensor : "thermowell");
	if (k->name == NULL || k->target == NULL || k->digest == NULL || k->sent_ns == NULL)
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
	else if ((k->http = http_open(&k->s, "smtp,smtps", e)) != NULL) {
		begin_new_digest(k);
		return k;
	}
	release(k);
	return NULL;
}

const struct transport transport_mail = {
	.name = "mail",
	.open = mail_open,
	.send = mail_send,
	.acked = mail_acked,
	.fds = mail_fds,
	.work = mail_work,
	.due_ns = mail_due,
	.finish = mail_finish,
	.reopen = mail_reopen,
	.close = mail_close,
};
