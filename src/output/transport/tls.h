/* tls.h - the client's half of TLS over a socket that never blocks, by OpenSSL; alone with its headers.
 *
 * TLS 1.2 and up.  The certificate of the other end must lead to a trusted issuer and hold the name (or address) that was
 * asked for.  What is wrong with it is said in words.
 */
#ifndef OUTPUT_TLS_H
#define OUTPUT_TLS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct tls_settings {
	const char	*ca;		/* PEM file of issuers; NULL: those of the system */
	const char	*cert, *key;	/* our own, PEM; NULL: none.  `cert` may be a chain */
	const char	*name;		/* that the other end's certificate must hold: a name or an address */
};

/* Are the files there and fit together?  false with the reason in `why`. */
bool	tls_check(const struct tls_settings *s, char *why, size_t why_size);

struct tls;			/* a session; opaque */

/* Read the files again and begin on a connected socket, which stays the caller's.  NULL with the reason in `why`. */
struct tls *tls_begin(const struct tls_settings *s, int fd, char *why, size_t why_size);

enum tls_step { TLS_DONE, TLS_WANTS_READ, TLS_WANTS_WRITE, TLS_FAILED };

enum tls_step tls_handshake(struct tls *t, char *why, size_t why_size);

/* As write() and read() of a socket that never blocks: -1 with EAGAIN, or with another errno and the reason in `why`.  A
 * write that was not taken must be offered again with the same bytes in front. */
ssize_t	tls_write(struct tls *t, const void *data, size_t n, char *why, size_t why_size);
ssize_t	tls_read(struct tls *t, void *to, size_t n, char *why, size_t why_size);

/* When the first of both certificates expires, in seconds since 1970; 0: not known. */
uint64_t tls_until(const struct tls *t);

/* The same of the first certificate of a PEM file. */
uint64_t tls_file_until(const char *path);

/* Say goodbye if that needs no waiting, and free; NULL is ignored. */
void	tls_end(struct tls *t);

#endif
