#include "output/transport/http.h"

#ifdef HAVE_CURL

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/select.h>
#include <unistd.h>

#include "base/thread.h"
#include "output/convert/convert.h"
#include "base/lib.h"
#include "output/transport/secret.h"
#include "output/transport/tls.h"

#define URL_MAX		2048u
#define RUN_LOOK_NS	UINT64_C(100000000)	/* a request that runs is looked at so often */
#define RETRY_AFTER_MOST 300u

#define FUNCTIONS(F) \
	F(curl_global_init) F(curl_easy_init) F(curl_easy_cleanup) F(curl_easy_reset) F(curl_easy_setopt) F(curl_easy_getinfo) \
	F(curl_easy_strerror) F(curl_slist_append) F(curl_slist_free_all) F(curl_multi_init) F(curl_multi_cleanup) \
	F(curl_multi_add_handle) F(curl_multi_remove_handle) F(curl_multi_perform) F(curl_multi_info_read) F(curl_multi_fdset) \
	F(curl_multi_timeout) F(curl_url) F(curl_url_cleanup) F(curl_url_set) F(curl_url_get) F(curl_free) F(curl_getdate)

static struct { FUNCTIONS(LIB_MEMBER) } lib;
#define LIB_OF lib

struct http {
	const struct transport_settings *s;	/* borrowed */
	const char		*schemes;	/* static */
	char			 url[URL_MAX];	/* without a slash at its end */
	char			 connect_to[NET_HOST_MAX + 16];	/* "" or "::host:port" */
	char			 secret[SECRET_MAX];
	CURL			*easy;
	CURLM			*multi;
	struct curl_slist	*headers, *to, *connect;
	bool			 runs;
	uint64_t		 moved_ns;	/* bytes last went either way */
	curl_off_t		 moved;		/* so many until then */
	char			 error[CURL_ERROR_SIZE];
	char			 why[NET_WHY_MAX];
	char			 refused[NET_WHY_MAX];	/* why the way was not taken */
	char			 reply[128];	/* the last line of a mail server */
	struct text		 body;
	struct http_answer	 answer;
	const char		*mail;		/* what is left of it */
	size_t			 mail_n;
	uint64_t		 until_s;
	uint64_t		 connections;
};

/* ---- open ---------------------------------------------------------------------------------- */

bool
http_reread(struct http *h, char *why, size_t why_size)
{
	return secret_read(h->s->secret_file, h->secret, why, why_size);
}

const char *
http_secret(const struct http *h)
{
	return h->secret;
}

static bool
copy_part(CURLU *u, CURLUPart part, unsigned flags, char *to, size_t size)
{
	char *text = NULL;
	bool good = lib.curl_url_get(u, part, &text, flags) == CURLUE_OK && strlen(text) < size;

	if (good)
		(void)snprintf(to, size, "%s", text);
	lib.curl_free(text);
	return good;
}

/* The target is read here, so that what is wrong with it is said before the first packet. */
static bool
read_target(struct http *h, struct err *e)
{
	char scheme[16] = "", host[NET_HOST_MAX] = "", port[8] = "", login[64] = "", why[NET_WHY_MAX];
	struct net_target t = { .host = "" };
	CURLU *u = lib.curl_url();
	size_t n;
	bool good;

	good = u != NULL && lib.curl_url_set(u, CURLUPART_URL, h->s->target, 0) == CURLUE_OK &&
	    copy_part(u, CURLUPART_SCHEME, 0, scheme, sizeof(scheme)) && copy_part(u, CURLUPART_HOST, 0, host, sizeof(host)) &&
	    copy_part(u, CURLUPART_PORT, CURLU_DEFAULT_PORT, port, sizeof(port)) && strstr(h->schemes, scheme) != NULL;
	if (!good)
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: \"%s\" is no URL with %s, as in %s://siem.example.org%s", h->s->name, h->s->target,
		    h->schemes, strchr(h->schemes, ',') + 1, h->schemes[0] == 's' ? ":465" : ":9200");
	else if (copy_part(u, CURLUPART_PASSWORD, 0, login, sizeof(login)) || copy_part(u, CURLUPART_USER, 0, login, sizeof(login))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: no name or password in the target; set user and secret-file", h->s->name);
		good = false;
	}
	n = strlen(host);
	if (good && host[0] == '[') {
		memcpy(t.host, host + 1, n - 2);
		t.host[n - 2] = '\0';
	} else if (good)
		memcpy(t.host, host, n);
	(void)snprintf(t.port, sizeof(t.port), "%.5s", port);
	if (good && h->s->proxy == NULL && !net_target_may(h->s->watched, &t, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", h->s->name, why);
		good = false;
	}
	/* Another name for the certificate: that of the URL, with the way told apart. */
	if (good && h->s->tls_name != NULL) {
		(void)snprintf(h->connect_to, sizeof(h->connect_to), "::%s:%s", host, port);
		good = lib.curl_url_set(u, CURLUPART_HOST, h->s->tls_name, 0) == CURLUE_OK;
		if (!good)
			err_add(e, NULL, 0, 0, "outputs.sinks: %s: tls-name \"%s\" is no name of a host", h->s->name, h->s->tls_name);
	}
	if (good && !(good = copy_part(u, CURLUPART_URL, 0, h->url, sizeof(h->url))))
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: its URL is longer than %u bytes", h->s->name, URL_MAX - 1);
	n = strlen(h->url);
	while (good && n > 0 && h->url[n - 1] == '/')
		h->url[--n] = '\0';
	lib.curl_url_cleanup(u);
	if (good && (h->s->proxy != NULL || !net_is_address(t.host)))
		net_warm_up();
	return good;
}

struct http *
http_open(const struct transport_settings *s, const char *schemes, struct err *e)
{
	static const struct lib_name names[] = { FUNCTIONS(LIB_NAME) };
	const struct tls_settings files = { .ca = s->tls_ca, .cert = s->tls_cert, .key = s->tls_key, .name = "" };
	char why[NET_WHY_MAX];
	struct http *h;
	bool tls = s->tls_ca != NULL || s->tls_cert != NULL || s->tls_key != NULL;

#ifndef HAVE_TLS
	tls = false;		/* libcurl has its own; what is wrong with the files it says later */
#endif
	if (!lib_load("libcurl.so.4", "libcurl4", names, sizeof(names) / sizeof(names[0]), e))
		return NULL;
	if (lib.curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || (h = calloc(1, sizeof(*h))) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
		return NULL;
	}
	h->s = s;
	h->schemes = schemes;
	h->body.most = HTTP_ANSWER_MAX;
	h->easy = lib.curl_easy_init();
	h->multi = lib.curl_multi_init();
	if (h->easy == NULL || h->multi == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->name);
		http_close(h);
		return NULL;
	}
	if (!read_target(h, e)) {
		http_close(h);
		return NULL;
	}
	if (!http_reread(h, why, sizeof(why)) || (tls && !tls_check(&files, why, sizeof(why)))) {
		err_add(e, NULL, 0, 0, "outputs.sinks: %s: %s", s->name, why);
		http_close(h);
		return NULL;
	}
	return h;
}

static void
end_request(struct http *h)
{
	if (h->runs)
		(void)lib.curl_multi_remove_handle(h->multi, h->easy);
	h->runs = false;
	lib.curl_slist_free_all(h->headers);
	lib.curl_slist_free_all(h->to);
	lib.curl_slist_free_all(h->connect);
	h->headers = h->to = h->connect = NULL;
}

void
http_close(struct http *h)
{
	if (h == NULL)
		return;
	end_request(h);
	if (h->easy != NULL)
		lib.curl_easy_cleanup(h->easy);
	if (h->multi != NULL)
		(void)lib.curl_multi_cleanup(h->multi);
	text_free(&h->body);
	explicit_bzero(h->secret, sizeof(h->secret));
	free(h);
}

/* ---- a request ------------------------------------------------------------------------------- */

static size_t
on_body(char *bytes, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	text_put(&h->body, bytes, one * n);
	/* What is too long is read to its end and left out, so that the connection can be used again. */
	return one * n;
}

static size_t
on_reply(char *line, size_t one, size_t n, void *arg)
{
	struct http *h = arg;
	size_t len = one * n;

	while (len > 0 && (line[len - 1] == '\r' || line[len - 1] == '\n'))
		len--;
	(void)snprintf(h->reply, sizeof(h->reply), "%.*s", (int)(len < 100 ? len : 100), line);
	return one * n;
}

static size_t
on_mail(char *to, size_t one, size_t n, void *arg)
{
	struct http *h = arg;

	n = one * n < h->mail_n ? one * n : h->mail_n;
	memcpy(to, h->mail, n);
	h->mail += n;
	h->mail_n -= n;
	return n;
}

static curl_socket_t
on_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct http *h = arg;

	(void)purpose;
	if (!net_may_leave(h->s->watched, &a->addr, h->refused, sizeof(h->refused)))
		return CURL_SOCKET_BAD;
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static bool
add(struct curl_slist **list, const char *text)
{
	struct curl_slist *more = lib.curl_slist_append(*list, text);

	if (more != NULL)
		*list = more;
	return more != NULL;
}

/* What all requests have. */
static bool
prepare(struct http *h, const char *url)
{
	const struct transport_settings *s = h->s;
	long ms = (long)(s->timeout_ns / 1000000);
	CURL *c = h->easy;
	CURLcode bad = 0;

	end_request(h);
	lib.curl_easy_reset(c);
	h->error[0] = h->why[0] = h->refused[0] = '\0';
	h->body.len = 0;
	h->body.cut = false;
	h->answer = (struct http_answer){ 0 };
#define SET(option, value) bad |= lib.curl_easy_setopt(c, option, value)
	SET(CURLOPT_URL, url);
	SET(CURLOPT_ERRORBUFFER, h->error);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
	SET(CURLOPT_PROTOCOLS_STR, h->schemes);
#else
	SET(CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_SMTP | CURLPROTO_SMTPS));
#endif
	SET(CURLOPT_PROXY, s->proxy != NULL ? s->proxy : "");
	SET(CURLOPT_CONNECTTIMEOUT_MS, ms);
	SET(CURLOPT_TCP_KEEPALIVE, 1L);
	SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	SET(CURLOPT_SSL_VERIFYPEER, 1L);
	SET(CURLOPT_SSL_VERIFYHOST, 2L);
	/* Each connection looks at the certificate anew: one that has expired since is not taken for its past. */
	SET(CURLOPT_SSL_SESSIONID_CACHE, 0L);
	SET(CURLOPT_CERTINFO, 1L);
	if (s->tls_ca != NULL)
		SET(CURLOPT_CAINFO, s->tls_ca);
	if (s->tls_cert != NULL) {
		SET(CURLOPT_SSLCERT, s->tls_cert);
		SET(CURLOPT_SSLKEY, s->tls_key != NULL ? s->tls_key : s->tls_cert);
	}
	SET(CURLOPT_OPENSOCKETFUNCTION, on_socket);
	SET(CURLOPT_OPENSOCKETDATA, h);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, h);
	if (h->connect_to[0] != '\0') {
		bad |= !add(&h->connect, h->connect_to);
		SET(CURLOPT_CONNECT_TO, h->connect);
	}
	return bad == 0;
}

static bool
run(struct http *h, CURLcode bad)
{
	if (bad != 0 || lib.curl_multi_add_handle(h->multi, h->easy) != CURLM_OK) {
		end_request(h);
		return false;
	}
	h->runs = true;
	h->moved_ns = thread_now();
	h->moved = 0;
	return true;
}

bool
http_begin(struct http *h, const struct http_request *r)
{
	char url[URL_MAX + 512];
	CURL *c = h->easy;
	CURLcode bad = 0;

	(void)snprintf(url, sizeof(url), "%s%s", h->url, r->path);
	if (!prepare(h, url))
		return false;
	for (unsigned i = 0; i < HTTP_HEADERS_MAX && r->headers[i] != NULL; i++)
		bad |= !add(&h->headers, r->headers[i]);
	/* A body is sent at once, without asking whether it may come. */
	bad |= !add(&h->headers, "Expect:");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_USERAGENT, "thermowell");
	SET(CURLOPT_HTTPHEADER, h->headers);
	SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)r->n);
	SET(CURLOPT_POSTFIELDS, r->body);
	if (r->login && h->s->user != NULL) {
		SET(CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
		SET(CURLOPT_USERNAME, h->s->user);
		SET(CURLOPT_PASSWORD, h->secret);
	}
	return run(h, bad);
}

bool
http_begin_mail(struct http *h, const struct http_mail *m)
{
	char one[512];
	CURL *c = h->easy;
	CURLcode bad = 0;

	if (!prepare(h, h->url))
		return false;
	for (const char *p = m->to; *p != '\0';) {
		size_t n = strcspn(p, ",");

		(void)snprintf(one, sizeof(one), "%.*s", (int)(n < sizeof(one) ? n : sizeof(one) - 1), p);
		bad |= !add(&h->to, one);
		p += n + (p[n] == ',');
	}
	h->mail = m->text;
	h->mail_n = m->n;
	/* A password and an alert go over TLS or not at all. */
	h->reply[0] = '\0';
	SET(CURLOPT_HEADERFUNCTION, on_reply);
	SET(CURLOPT_HEADERDATA, h);
	SET(CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	SET(CURLOPT_MAIL_FROM, m->from);
	SET(CURLOPT_MAIL_RCPT, h->to);
	SET(CURLOPT_UPLOAD, 1L);
	SET(CURLOPT_READFUNCTION, on_mail);
	SET(CURLOPT_READDATA, h);
	if (h->s->user != NULL) {
		SET(CURLOPT_USERNAME, h->s->user);
		SET(CURLOPT_PASSWORD, h->secret);
	}
	return run(h, bad);
}

/* ---- its end --------------------------------------------------------------------------------- */

/* When what was shown, or what we showed, expires. */
static void
note_certificate(struct http *h)
{
	static const char key[] = "Expire date:";
	struct curl_certinfo *info = NULL;

	if (lib.curl_easy_getinfo(h->easy, CURLINFO_CERTINFO, &info) != CURLE_OK || info == NULL || info->num_of_certs < 1)
		return;
	for (const struct curl_slist *l = info->certinfo[0]; l != NULL; l = l->next)
		if (strncmp(l->data, key, sizeof(key) - 1) == 0) {
			time_t at = lib.curl_getdate(l->data + sizeof(key) - 1, NULL);

			h->until_s = at > 0 ? (uint64_t)at : 0;
		}
	if (h->s->tls_cert != NULL) {
		uint64_t own = tls_file_until(h->s->tls_cert);

		if (own != 0 && (h->until_s == 0 || own < h->until_s))
			h->until_s = own;
	}
}

static void
say_why(struct http *h, CURLcode code)
{
	const char *text = h->error[0] != '\0' ? h->error : lib.curl_easy_strerror(code), *advice = "";

	switch (code) {
	case CURLE_OPERATION_TIMEDOUT:
		text = "the receiver does not answer";
		break;
	case CURLE_PEER_FAILED_VERIFICATION:
		advice = " (tls-ca: who vouches for the receiver; tls-name: the name that it must have)";
		break;
	case CURLE_COULDNT_CONNECT:
		if (h->refused[0] != '\0')
			text = h->refused;
		break;
	case CURLE_LOGIN_DENIED:
		text = "the receiver does not accept user and secret-file";
		break;
	case CURLE_USE_SSL_FAILED:
		text = "the receiver offers no TLS, and without it no mail is sent";
		break;
	default:
		if (h->mail != NULL && h->reply[0] >= '4') {
			(void)snprintf(h->why, sizeof(h->why), "the mail server does not take it: %s", h->reply);
			return;
		}
	}
	(void)snprintf(h->why, sizeof(h->why), "%.220s%s", text, advice);
}

static enum http_state
finished(struct http *h, CURLcode code)
{
	curl_off_t after = 0;
	long made = 0;

	note_certificate(h);
	if (lib.curl_easy_getinfo(h->easy, CURLINFO_NUM_CONNECTS, &made) == CURLE_OK && made > 0)
		h->connections += (uint64_t)made;
	(void)lib.curl_easy_getinfo(h->easy, CURLINFO_RESPONSE_CODE, &h->answer.status);
	/* SMTP says 5xx by an error; that was an answer too. */
	if (code != CURLE_OK)
		say_why(h, code);
	if (lib.curl_easy_getinfo(h->easy, CURLINFO_RETRY_AFTER, &after) == CURLE_OK && after > 0)
		h->answer.retry_after_s = after < RETRY_AFTER_MOST ? (uint64_t)after : RETRY_AFTER_MOST;
	end_request(h);
	h->answer.cut = h->body.cut;
	h->body.cut = false;
	if (text_space(&h->body, 1) != NULL)
		h->body.bytes[h->body.len] = '\0';
	h->body.cut = false;
	h->answer.body = h->body.bytes != NULL ? h->body.bytes : "";
	h->answer.n = h->body.len;
	return code == CURLE_OK ? HTTP_OVER : HTTP_FAILED;
}

/* What stands still, with a request or an answer, is given up; what is slow is not. */
static bool
stands_still(struct http *h)
{
	curl_off_t up = 0, down = 0;
	uint64_t now = thread_now();

	(void)lib.curl_easy_getinfo(h->easy, CURLINFO_SIZE_UPLOAD_T, &up);
	(void)lib.curl_easy_getinfo(h->easy, CURLINFO_SIZE_DOWNLOAD_T, &down);
	if (up + down != h->moved) {
		h->moved = up + down;
		h->moved_ns = now;
	}
	return now - h->moved_ns > h->s->timeout_ns;
}

enum http_state
http_work(struct http *h)
{
	int running = 0, left = 0;
	CURLMsg *m;

	if (!h->runs)
		return HTTP_IDLE;
	if (lib.curl_multi_perform(h->multi, &running) != CURLM_OK)
		return finished(h, CURLE_OUT_OF_MEMORY);
	while ((m = lib.curl_multi_info_read(h->multi, &left)) != NULL)
		if (m->msg == CURLMSG_DONE)
			return finished(h, m->data.result);
	return stands_still(h) ? finished(h, CURLE_OPERATION_TIMEDOUT) : HTTP_RUNS;
}

const struct http_answer *
http_answer(const struct http *h)
{
	return &h->answer;
}

const char *
http_why(const struct http *h)
{
	return h->why;
}

uint64_t
http_until(const struct http *h)
{
	return h->until_s;
}

uint64_t
http_connections(const struct http *h)
{
	return h->connections;
}

unsigned
http_fds(struct http *h, struct pollfd *to, unsigned most)
{
	fd_set in, out, except;
	unsigned n = 0;
	int max = -1;

	if (!h->runs)
		return 0;
	FD_ZERO(&in);
	FD_ZERO(&out);
	FD_ZERO(&except);
	if (lib.curl_multi_fdset(h->multi, &in, &out, &except, &max) != CURLM_OK)
		return 0;
	for (int fd = 0; fd <= max && n < most; fd++) {
		short events = (short)((FD_ISSET(fd, &in) ? POLLIN : 0) | (FD_ISSET(fd, &out) ? POLLOUT : 0));

		if (events != 0)
			to[n++] = (struct pollfd){ .fd = fd, .events = events };
	}
	return n;
}

uint64_t
http_due(const struct http *h)
{
	uint64_t wait = RUN_LOOK_NS;
	long ms = -1;

	if (!h->runs)
		return UINT64_MAX;
	if (lib.curl_multi_timeout(h->multi, &ms) == CURLM_OK && ms >= 0 && (uint64_t)ms * 1000000 < wait)
		wait = (uint64_t)ms * 1000000;
	return thread_now() + wait;
}

#endif
