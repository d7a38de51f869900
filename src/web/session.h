/* session.h - who has logged in, and who tries too often.
 *
 * Both in tables of a fixed size: of sessions the one that was idle longest goes, of who tried the one who tried longest ago.
 */
#ifndef WEB_SESSION_H
#define WEB_SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "web/tokens.h"

#define WEB_SESSIONS	64u
#define WEB_SESSION_ID	65u	/* of its text, with NUL */
#define WEB_IDLE_NS	(UINT64_C(12) * 3600 * 1000000000)	/* without a request or an open page, it ends */
#define WEB_LIFE_NS	(UINT64_C(30) * 86400 * 1000000000)	/* and after this in any case */

struct web_session {
	char		 id[WEB_SESSION_ID];	/* "": free */
	struct web_token token;			/* by which it was begun */
	uint64_t	 begun_ns, used_ns;	/* thread_now() */
};

struct web_sessions {
	struct web_session of[WEB_SESSIONS];
};

/* NULL: the system has no random numbers. */
struct web_session	*web_session_begin(struct web_sessions *s, const struct web_token *t, uint64_t now);
/* The one with this id, used now; NULL: none, or its time is over. */
struct web_session	*web_session_find(struct web_sessions *s, const char *id, uint64_t now);
void			 web_session_end(struct web_session *s);
/* End those whose token is no longer in the file. */
void			 web_sessions_check(struct web_sessions *s, const struct web_tokens *t);

#define WEB_TRIERS	64u
#define WEB_TRIES	8u	/* wrong tokens of one address within a minute; then it has to wait */
#define WEB_TRIES_ALL	64u	/* of all */

struct web_tries {
	struct { uint64_t who, since_ns; unsigned n; } of[WEB_TRIERS + 1];	/* the last one is that of all */
};

/* May this address (a hash of it) try now?  And: it was wrong. */
bool	web_may_try(const struct web_tries *t, uint64_t who, uint64_t now);
void	web_tried(struct web_tries *t, uint64_t who, uint64_t now);

#endif
