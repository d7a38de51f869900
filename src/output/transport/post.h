/* post.h - lines in batches over HTTP: what Elasticsearch, Splunk and webhooks have in common.
 *
 * A batch is copied, made into a request, and kept until the receiver has answered for each line of it; what it has not
 * taken goes again after a pause that grows.  A kind of receiver says how the request looks and what the answer means.
 */
#ifndef OUTPUT_POST_H
#define OUTPUT_POST_H

#include "output/convert/convert.h"
#include "output/transport/http.h"
#include "output/transport/transport.h"

struct post_line {
	uint64_t		 number;
	struct line_head	 head;
	size_t			 at, len;	/* in post.text */
	bool			 done;		/* taken, or rejected */
};

struct post {
	const struct post_kind	*kind;
	struct transport_settings s;
	char			*name, *target;	/* owned; what `s` has of them */
	void			*own;		/* the kind's */
	struct http		*http;
	struct net_health	 health;
	struct net_backoff	 backoff;
	uint64_t		 pause_ns;	/* nothing is sent before */

	struct text		 text;		/* of the lines */
	struct post_line	*lines;		/* [0, n), in order; `max` of them are kept */
	unsigned		 n, max;
	unsigned		 limit;		/* lines of the next request: fewer after a refusal, to find the culprit */
	uint64_t		 first_ns;	/* when the oldest came */
	uint64_t		 next;		/* number behind the last line taken */
	bool			 hurry;		/* nothing is waited for: a grave alert, or the end */
	bool			 ended;

	unsigned		 sent;		/* lines of the request that runs */
	bool			 asking;	/* the request that runs is the kind's own */
	struct text		 body, packed;
	bool			 again;		/* told by again() */
};

enum post_verdict {
	POST_FINE,		/* each line is done, or is to go again, as marked */
	POST_WAIT,		/* nothing was taken: later again, whole */
	POST_SMALLER,		/* a line of it is at fault, or all are too many: in parts; a single one is rejected */
	POST_AS_USUAL		/* what the status says */
};

struct post_kind {
	const char	*name;		/* of the transport */
	bool		 gzip;		/* may be compressed */

	bool	(*open)(struct post *p, struct err *e);		/* NULL: nothing to do */
	void	(*close)(struct post *p);			/* NULL: nothing to do */

	/* Lines [0, n) as the body of `r`. */
	void	(*make)(struct post *p, unsigned n, struct text *body, struct http_request *r);

	/* An answer to them with status 2xx, and with another one (NULL: as usual); the reason of what is not fine in `why`. */
	enum post_verdict (*answer)(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size);
	enum post_verdict (*refusal)(struct post *p, unsigned n, const struct http_answer *a, char *why, size_t why_size);

	/* Another question, if one is due: false: none.  And its answer; NULL: it failed. */
	bool	(*ask)(struct post *p, uint64_t now_ns, struct text *body, struct http_request *r);
	void	(*asked)(struct post *p, uint64_t now_ns, const struct http_answer *a);
	uint64_t (*ask_ns)(const struct post *p);		/* when it is due */

	/* No more lines now: too many wait to be confirmed. */
	bool	(*full)(const struct post *p);			/* NULL: never */

	/* First number that is not known to have arrived, of what post has no more. */
	uint64_t (*acked)(const struct post *p);		/* NULL: post.next */
};

void	*post_open(const struct post_kind *kind, const struct transport_settings *s, struct err *e);

/* The line arrived. */
void	 post_done(struct post *p, unsigned i);
/* The receiver will never take it. */
void	 post_reject(struct post *p, unsigned i, const char *reason);

/* The functions of struct transport. */
enum carry post_send(void *t, const struct message *m, unsigned n, unsigned *done);
uint64_t post_acked(void *t);
bool	 post_again(void *t);
unsigned post_fds(void *t, struct pollfd *to, unsigned most);
void	 post_work(void *t, uint64_t now_ns);
uint64_t post_due(void *t);
void	 post_finish(void *t);
void	 post_reopen(void *t);
int	 post_close(void *t);

#define POST_TRANSPORT(word, opens) { \
	.name = word, \
	.open = opens, \
	.send = post_send, \
	.acked = post_acked, \
	.again = post_again, \
	.fds = post_fds, \
	.work = post_work, \
	.due_ns = post_due, \
	.finish = post_finish, \
	.reopen = post_reopen, \
	.close = post_close, \
}

#endif
