/* parsers.h - inside the passing module: what its parsers are given, and how they say what
 * they found.
 *
 * A parser has no state.  It reads what there is through the cursor and learns facts.  One that
 * would find more in bytes that may still come returns PASSING_MORE before it has learned
 * anything; it is then called again with all bytes from the beginning.  Where nothing can come
 * (`last`) it learns what it has.
 */
#ifndef PASSING_PARSERS_H
#define PASSING_PARSERS_H

#include "base/cursor.h"
#include "passing/passing.h"

struct passing_ctx {
	const struct passing_sink *sink;
	enum attribute_source source;	/* of the row */
	struct passing_who from, to;	/* who sent it to whom; a MAC only of frames without IP */
	uint16_t	 vlan;
	uint64_t	 ts_ns;
	bool		 from_server;
	bool		 last;		/* no more bytes of this direction will be shown */
};

enum passing_result { PASSING_DONE, PASSING_MORE };

typedef enum passing_result passing_read(const struct passing_ctx *x, struct cursor c);

#define PASSING_TCP(name, offset, magic, function)	passing_read function;
#define PASSING_UDP(name, port, function)		passing_read function;
#define PASSING_FRAME(name, type, function)		passing_read function;
#include "passing/passing.def"

/* ---- learn.c: values of facts ---- */

/* Up to the first NUL and without blanks at the ends; empty: nothing. */
void	passing_text(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
	    const void *p, size_t n);
/* The same, but nothing is learned when it is not a text as a name is: UTF-8 without control characters. */
void	passing_name(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
	    const void *p, size_t n);
/* A name in UTF-16, little-endian. */
void	passing_utf16(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
	    struct cursor c);

struct passing_who passing_addr(struct addr a);
struct passing_who passing_mac(const uint8_t mac[6]);

/* ---- text in a small buffer, without formatting ---- */

struct words {
	char	 text[ATTRIBUTE_MAX];	/* no NUL; what is too long is cut off */
	size_t	 n;
};

void	words_put(struct words *w, const char *text);
void	words_put_n(struct words *w, const void *p, size_t n);
void	words_number(struct words *w, uint64_t n);
void	words_hex(struct words *w, uint64_t n, unsigned digits);
/* One of a list: ", " comes before it unless it is the first. */
void	words_item(struct words *w, const char *text);
void	passing_words(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key,
	    const struct words *w);

/* ---- shared by parsers ---- */

/* ber.c: one element of BER, X.690, 8.1: definite length, low tag number.  False with c
 * failed when there is none that ends inside the window. */
bool	ber_next(struct cursor *c, uint8_t *tag, struct cursor *in);
/* The same, and it has this tag. */
bool	ber_expect(struct cursor *c, uint8_t tag, struct cursor *in);

/* dns_name.c: a name of a DNS message at c, RFC 1035, 4.1.4, as text with dots, without the last
 * one.  `whole` is the message.  False: it is malformed. */
#define DNS_NAME_MAX	253u	/* 255 with lengths and root, 2.3.4 */
bool	dns_name(struct cursor whole, struct cursor *c, char name[DNS_NAME_MAX + 1], size_t *n);

/* netbios_name.c: a name as RFC 1001, 14.1 encodes it: 15 characters without the blanks at their
 * end, and the kind of service in the 16th. */
struct netbios_name {
	uint8_t	 text[15];
	uint8_t	 n;
	uint8_t	 kind;
};
bool	netbios_name(struct cursor *c, struct netbios_name *to);
/* From 16 bytes as they are. */
bool	netbios_plain(const uint8_t *p, struct netbios_name *to);
void	netbios_learn(const struct passing_ctx *x, const struct passing_who *who,
	    const struct netbios_name *name, bool group);
/* A browser's announcement: the data of a mailslot, MS-BRWS. */
void	netbios_browser(const struct passing_ctx *x, const struct passing_who *who, struct cursor c);

/* ntlm.c: an NTLMSSP message anywhere in the window, MS-NLMP, 2.2.1; false: there is none. */
uint32_t ntlm_kind(struct cursor c);	/* 0: there is none */
bool	ntlm_learn(const struct passing_ctx *x, struct cursor c);

/* siemens.c: what a description holds, if it is one as SIMATIC devices give it. */
void	siemens_learn(const struct passing_ctx *x, const struct passing_who *who, const uint8_t *p, size_t n);

/* x509.c: names of a certificate's subject. */
void	x509_learn(const struct passing_ctx *x, struct cursor c);

#endif
