/* server_parts.h - between server.c, which is libmicrohttpd's, and pages.c, which answers.  Inside web only. */
#ifndef WEB_SERVER_PARTS_H
#define WEB_SERVER_PARTS_H

#include "web/answers.h"
#include "web/request.h"
#include "web/server.h"
#include "web/session.h"

/* A request as it came.  Headers that were not sent are "". */
struct web_asked {
	const struct web_request *r;
	const char	*host, *origin, *site, *cookie, *authorization, *content_type;
	const char	*body;
	size_t		 n_body;
	bool		 tls;
	uint64_t	 from;		/* hash of the client's address */
	uint64_t	 now;		/* thread_now() */
};

/* Who may do what, between requests. */
struct web_desk {
	struct web_want		 w;
	struct web_tokens	 tokens;	/* of the file, and `own` */
	struct web_sessions	 sessions;
	struct web_tries	 tries;
};

struct web_reply {
	struct web_answer a;
	const struct web_file *file;	/* instead of `a`, unless NULL */
	bool		 events;	/* or a stream of them */
	char		 cookie[200];	/* of Set-Cookie; "" none */
};

/* Read the file of tokens again.  false with the reason in `e`; then it is as if it were empty. */
bool	web_desk_tokens(struct web_desk *d, struct err *e);

/* Answer one request. */
void	web_reply(struct web_desk *d, const struct web_asked *q, struct web_reply *to);

#endif
