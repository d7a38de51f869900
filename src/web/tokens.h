/* tokens.h - who may use the console: a file with a line for each token, "NAME HASH DATE".
 *
 * Kept is the SHA-256 of a token of 192 random bits, which nobody can guess and no list contains, so that the hash needs no salt.
 * The file is for its owner alone (mode 0600); another is refused.
 */
#ifndef WEB_TOKENS_H
#define WEB_TOKENS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

#define WEB_TOKENS	64u
#define WEB_TOKEN_SIZE	52u	/* of its text, with NUL: "tw-" and 48 hexadecimal digits */
#define WEB_HASH_SIZE	65u	/* the same of a hash */
#define WEB_NAME_SIZE	32u	/* of a name, as in struct keep_action */

struct web_token {
	char	name[WEB_NAME_SIZE];
	char	hash[WEB_HASH_SIZE];
};

struct web_tokens {
	unsigned		n;
	struct web_token	of[WEB_TOKENS];
};

/* false with what is wrong in `e`; a file without tokens is right. */
bool	web_tokens_read(const char *path, struct web_tokens *t, struct err *e);

/* Whose it is; NULL: nobody's. */
const struct web_token *web_tokens_find(const struct web_tokens *t, const char *token);

/* A new one for `name` (a letter, digits, '.', '_', '-'), which may have one already.  The file is made where there is none. */
bool	web_tokens_add(const char *path, const char *name, char token[WEB_TOKEN_SIZE], struct err *e);

/* The same without a file: for as long as the program runs. */
bool	web_token_new(struct web_token *t, const char *name, char token[WEB_TOKEN_SIZE]);

/* n random bytes as 2 n hexadecimal digits and NUL.  false: the system has none. */
bool	web_random(char *to, size_t n);

#endif
