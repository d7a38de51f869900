#include "output/transport/tls.h"

#ifdef HAVE_TLS

#include <errno.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "output/transport/net.h"

#define NAMES_MAX 5u	/* of a certificate, in a message */

struct tls {
	SSL_CTX		*ctx;
	SSL		*ssl;
	char		 name[NET_HOST_MAX];
	uint64_t	 until_s;
	bool		 shaken;
	X509		*refused;	/* the certificate that was, of the other end or of an issuer */
	int		 result;	/* why */
};

/* What OpenSSL has to say; empties its list. */
static void
openssl_why(struct strbuf *b)
{
	unsigned long e = ERR_get_error();
	const char *text = e != 0 ? ERR_reason_error_string(e) : NULL;

	strbuf_put(b, text != NULL ? text : e != 0 ? "unknown error" : "no reason given");
	ERR_clear_error();
}

static uint64_t
seconds_of(const ASN1_TIME *t)
{
	ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
	int days = 0, seconds = 0;
	int64_t s = 0;

	if (epoch != NULL && t != NULL && ASN1_TIME_diff(&days, &seconds, epoch, t) == 1)
		s = (int64_t)days * 86400 + seconds;
	ASN1_TIME_free(epoch);
	return s > 0 ? (uint64_t)s : 0;
}

static void
earlier(uint64_t *until, const X509 *x)
{
	uint64_t s = x != NULL ? seconds_of(X509_get0_notAfter(x)) : 0;

	if (s != 0 && (*until == 0 || s < *until))
		*until = s;
}

/* OpenSSL's opinion stands; what it is about is kept for the message. */
static int
on_certificate(int good, X509_STORE_CTX *store)
{
	const SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct tls *t = ssl != NULL ? SSL_get_app_data(ssl) : NULL;
	X509 *x = X509_STORE_CTX_get_current_cert(store);

	if (good || t == NULL || t->result != X509_V_OK)
		return good;
	t->result = X509_STORE_CTX_get_error(store);
	if (x != NULL && X509_up_ref(x) == 1)
		t->refused = x;
	return 0;
}

/* Nobody is there to type one. */
static int
no_passphrase(char *to, int size, int rw, void *arg)
{
	(void)to;
	(void)size;
	(void)rw;
	(void)arg;
	return 0;
}

/* The files into a context. */
static bool
fill(SSL_CTX *ctx, const struct tls_settings *s, struct strbuf *b)
{
	(void)SSL_CTX_set_min_proto_version(ctx, TLS1_2_VERSION);
	(void)SSL_CTX_set_mode(ctx, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS);
	(void)SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
	SSL_CTX_set_default_passwd_cb(ctx, no_passphrase);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_certificate);
	if (s->ca == NULL && SSL_CTX_set_default_verify_paths(ctx) != 1) {
		strbuf_put(b, "the system's certificates cannot be read: ");
		openssl_why(b);
		return false;
	}
	if (s->ca != NULL && SSL_CTX_load_verify_locations(ctx, s->ca, NULL) != 1) {
		strbuf_printf(b, "tls-ca: %s cannot be read as certificates (PEM): ", s->ca);
		openssl_why(b);
		return false;
	}
	if (s->cert != NULL && SSL_CTX_use_certificate_chain_file(ctx, s->cert) != 1) {
		strbuf_printf(b, "tls-cert: %s cannot be read as a certificate (PEM): ", s->cert);
		openssl_why(b);
		return false;
	}
	if (s->cert == NULL)
		return true;
	if (SSL_CTX_use_PrivateKey_file(ctx, s->key != NULL ? s->key : s->cert, SSL_FILETYPE_PEM) != 1) {
		strbuf_printf(b, "tls-key: %s cannot be read as a private key (PEM), or is not that of the certificate: ",
		    s->key != NULL ? s->key : s->cert);
		openssl_why(b);
		return false;
	}
	return true;
}

static SSL_CTX *
context(const struct tls_settings *s, struct strbuf *b)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());

	if (ctx == NULL)
		strbuf_put(b, "no memory for TLS");
	else if (!fill(ctx, s, b)) {
		SSL_CTX_free(ctx);
		ctx = NULL;
	}
	return ctx;
}

bool
tls_check(const struct tls_settings *s, char *why, size_t why_size)
{
	struct strbuf b = strbuf_on(why, why_size);
	SSL_CTX *ctx;

	if (s->key != NULL && s->cert == NULL) {
		strbuf_put(&b, "tls-key needs tls-cert: the certificate that belongs to the key");
		return false;
	}
	ctx = context(s, &b);
	SSL_CTX_free(ctx);
	return ctx != NULL;
}

struct tls *
tls_begin(const struct tls_settings *s, int fd, char *why, size_t why_size)
{
	struct strbuf b = strbuf_on(why, why_size);
	struct tls *t = calloc(1, sizeof(*t));
	bool good;

	if (t == NULL) {
		strbuf_put(&b, "no memory for TLS");
		return NULL;
	}
	(void)snprintf(t->name, sizeof(t->name), "%s", s->name);
	t->ctx = context(s, &b);
	if (t->ctx == NULL) {
		free(t);
		return NULL;
	}
	t->ssl = SSL_new(t->ctx);
	good = t->ssl != NULL && SSL_set_fd(t->ssl, fd) == 1 && SSL_set_app_data(t->ssl, t) == 1;
	if (good && net_is_address(s->name))
		good = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(t->ssl), s->name) == 1;
	else if (good)
		good = SSL_set1_host(t->ssl, s->name) == 1 && SSL_set_tlsext_host_name(t->ssl, s->name) == 1;
	if (good)
		return t;
	strbuf_put(&b, "TLS cannot begin: ");
	openssl_why(&b);
	tls_end(t);
	return NULL;
}

/* ---- what is wrong with a certificate ------------------------------------------------- */

static void
put_date(struct strbuf *b, const ASN1_TIME *at)
{
	static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
	struct tm tm;

	if (at == NULL || ASN1_TIME_to_tm(at, &tm) != 1 || tm.tm_mon < 0 || tm.tm_mon > 11)
		return;
	strbuf_printf(b, "%d %s %d %02d:%02d UTC", tm.tm_mday, months[tm.tm_mon], tm.tm_year + 1900, tm.tm_hour, tm.tm_min);
}

/* The names that it holds. */
static void
put_names(struct strbuf *b, X509 *x)
{
	GENERAL_NAMES *names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	unsigned n = 0;

	for (int i = 0; names != NULL && i < sk_GENERAL_NAME_num(names) && n < NAMES_MAX; i++) {
		const GENERAL_NAME *g = sk_GENERAL_NAME_value(names, i);
		const uint8_t *text = g->type == GEN_DNS || g->type == GEN_IPADD ? ASN1_STRING_get0_data(g->d.ia5) : NULL;
		int len = text != NULL ? ASN1_STRING_length(g->d.ia5) : 0;

		if (g->type == GEN_DNS && len > 0 && len < 200 && utf8_valid(text, (size_t)len))
			strbuf_printf(b, "%s%.*s", n++ > 0 ? ", " : "", len, (const char *)text);
		else if (g->type == GEN_IPADD && len == 4)
			strbuf_printf(b, "%s%u.%u.%u.%u", n++ > 0 ? ", " : "", text[0], text[1], text[2], text[3]);
		else if (g->type == GEN_IPADD)
			strbuf_printf(b, "%san IPv6 address", n++ > 0 ? ", " : "");
	}
	if (n == 0)
		strbuf_put(b, "no name");
	GENERAL_NAMES_free(names);
}

/* The end's certificate is refused: why. */
static void
certificate_why(const struct tls *t, struct strbuf *b)
{
	X509 *x = t->refused;

	switch (t->result) {
	case X509_V_ERR_CERT_HAS_EXPIRED:
		strbuf_put(b, "the receiver's certificate, or that of an issuer, has expired: it was good until ");
		put_date(b, x != NULL ? X509_get0_notAfter(x) : NULL);
		return;
	case X509_V_ERR_CERT_NOT_YET_VALID:
		strbuf_put(b, "the receiver's certificate is not valid yet (or the clock here is wrong): it begins ");
		put_date(b, x != NULL ? X509_get0_notBefore(x) : NULL);
		return;
	case X509_V_ERR_HOSTNAME_MISMATCH:
	case X509_V_ERR_IP_ADDRESS_MISMATCH:
		strbuf_printf(b, "the receiver's certificate is not for %s: it holds ", t->name);
		if (x != NULL)
			put_names(b, x);
		strbuf_put(b, " (tls-name says which name is expected)");
		return;
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
		strbuf_put(b, "the receiver's certificate is signed by itself or by an issuer that tls-ca does not hold");
		return;
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
		strbuf_put(b, "the issuer of the receiver's certificate is not in tls-ca");
		return;
	default:
		strbuf_printf(b, "the receiver's certificate is refused: %s", X509_verify_cert_error_string(t->result));
	}
}

/* ---- the session -------------------------------------------------------------------------- */

static void
failed(const struct tls *t, int error, int sys, struct strbuf *b)
{
	unsigned long e = ERR_peek_error();

	if (!t->shaken && t->result != X509_V_OK) {
		certificate_why(t, b);
		ERR_clear_error();
		return;
	}
	if (error == SSL_ERROR_ZERO_RETURN || (error == SSL_ERROR_SYSCALL && e == 0 && sys == 0) ||
	    (error == SSL_ERROR_SSL && ERR_GET_REASON(e) == SSL_R_UNEXPECTED_EOF_WHILE_READING)) {
		strbuf_put(b, t->shaken ? "the receiver closed the connection" : "the receiver closed the connection in the middle of the TLS handshake; "
		    "does it speak TLS on this port?");
		ERR_clear_error();
		return;
	}
	if (error == SSL_ERROR_SYSCALL && e == 0) {
		strbuf_put(b, strerror(sys));
		return;
	}
	switch (ERR_GET_REASON(e)) {
	case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
	case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
	case SSL_R_SSLV3_ALERT_NO_CERTIFICATE:
		strbuf_put(b, "the receiver refuses us; it may want a client's certificate (tls-cert, tls-key): ");
		break;
	case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
		strbuf_put(b, "the receiver says that our certificate (tls-cert) has expired: ");
		break;
	case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
	case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
	case SSL_R_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE:
	case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
	case SSL_R_TLSV1_ALERT_ACCESS_DENIED:
		strbuf_put(b, "the receiver does not accept our certificate (tls-cert): ");
		break;
	case SSL_R_WRONG_VERSION_NUMBER:
		strbuf_put(b, "what answers does not speak TLS: ");
		break;
	case SSL_R_UNSUPPORTED_PROTOCOL:
	case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
		strbuf_put(b, "the receiver has no TLS 1.2 or later: ");
		break;
	default:
		strbuf_put(b, "TLS: ");
	}
	openssl_why(b);
}

enum tls_step
tls_handshake(struct tls *t, char *why, size_t why_size)
{
	struct strbuf b = strbuf_on(why, why_size);
	int n, error;

	ERR_clear_error();
	errno = 0;
	n = SSL_connect(t->ssl);
	if (n == 1) {
		t->shaken = true;
		earlier(&t->until_s, SSL_get0_peer_certificate(t->ssl));
		earlier(&t->until_s, SSL_get_certificate(t->ssl));
		return TLS_DONE;
	}
	error = SSL_get_error(t->ssl, n);
	if (error == SSL_ERROR_WANT_READ)
		return TLS_WANTS_READ;
	if (error == SSL_ERROR_WANT_WRITE)
		return TLS_WANTS_WRITE;
	failed(t, error, errno, &b);
	return TLS_FAILED;
}

/* What a call that gave `n` means. */
static ssize_t
outcome(struct tls *t, int n, char *why, size_t why_size)
{
	struct strbuf b = strbuf_on(why, why_size);
	int sys = errno, error;

	if (n > 0)
		return n;
	error = SSL_get_error(t->ssl, n);
	if (error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE) {
		errno = EAGAIN;
		return -1;
	}
	failed(t, error, sys, &b);
	errno = EIO;
	return -1;
}

ssize_t
tls_write(struct tls *t, const void *data, size_t n, char *why, size_t why_size)
{
	ERR_clear_error();
	errno = 0;
	return outcome(t, SSL_write(t->ssl, data, n > INT_MAX ? INT_MAX : (int)n), why, why_size);
}

ssize_t
tls_read(struct tls *t, void *to, size_t n, char *why, size_t why_size)
{
	ERR_clear_error();
	errno = 0;
	return outcome(t, SSL_read(t->ssl, to, n > INT_MAX ? INT_MAX : (int)n), why, why_size);
}

uint64_t
tls_until(const struct tls *t)
{
	return t->until_s;
}

uint64_t
tls_file_until(const char *path)
{
	BIO *in = BIO_new_file(path, "re");
	X509 *x = in != NULL ? PEM_read_bio_X509(in, NULL, no_passphrase, NULL) : NULL;
	uint64_t until = 0;

	earlier(&until, x);
	X509_free(x);
	BIO_free(in);
	ERR_clear_error();
	return until;
}

void
tls_end(struct tls *t)
{
	if (t == NULL)
		return;
	if (t->ssl != NULL && t->shaken && SSL_get_shutdown(t->ssl) == 0)
		(void)SSL_shutdown(t->ssl);
	SSL_free(t->ssl);
	SSL_CTX_free(t->ctx);
	X509_free(t->refused);
	ERR_clear_error();
	free(t);
}

#else

#include <errno.h>
#include <stdio.h>

bool
tls_check(const struct tls_settings *s, char *why, size_t why_size)
{
	(void)s;
	(void)snprintf(why, why_size, "this thermowell was built without TLS (configure --without-tls)");
	return false;
}

struct tls *
tls_begin(const struct tls_settings *s, int fd, char *why, size_t why_size)
{
	(void)fd;
	(void)tls_check(s, why, why_size);
	return NULL;
}

enum tls_step
tls_handshake(struct tls *t, char *why, size_t why_size)
{
	(void)t;
	(void)why;
	(void)why_size;
	return TLS_FAILED;
}

ssize_t
tls_write(struct tls *t, const void *data, size_t n, char *why, size_t why_size)
{
	(void)data;
	(void)n;
	(void)tls_handshake(t, why, why_size);
	errno = EIO;
	return -1;
}

ssize_t
tls_read(struct tls *t, void *to, size_t n, char *why, size_t why_size)
{
	return tls_write(t, to, n, why, why_size);
}

uint64_t
tls_until(const struct tls *t)
{
	(void)t;
	return 0;
}

uint64_t
tls_file_until(const char *path)
{
	(void)path;
	return 0;
}

void
tls_end(struct tls *t)
{
	(void)t;
}

#endif
