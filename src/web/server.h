/* server.h - the console: pages and JSON about what a database holds, over HTTP.
 *
 * A process of its own with one thread, which reads the database beside the sensor that writes it.  All that comes in is read by
 * request.h; all that goes out is a file of ours (static.h), JSON (answers.h), the map, or the capture file of an alert.
 * Nobody sees anything without a token.
 */
#ifndef WEB_SERVER_H
#define WEB_SERVER_H

#include <signal.h>
#include <stdbool.h>

#include "base/err.h"
#include "record/keep.h"
#include "web/tokens.h"

struct web;		/* opaque */

/* Texts are borrowed; those that are NULL or "" are not given. */
struct web_want {
	const char	*listen;	/* "127.0.0.1:8642" */
	const char	*certificate, *key;	/* PEM files: TLS */
	const char	*tokens;	/* file (tokens.h) */
	const char	*names;		/* by which it may be asked, beside addresses and "localhost"; with commas between */
	const struct web_token *own;	/* a token that is in no file; NULL: none */
	const char	*store;		/* database */
	const char	*baseline_file, *baseline;	/* of facts, and whose; not given: in `store`, "default" */
	const char	*evidence;	/* folder of capture files of alerts */
	const char	*sensor;	/* its name */
	/* Have kept what an operator says; 0, or -1 with the reason for him in `e`. */
	int		(*act)(void *arg, const struct keep_action *a, struct err *e);
	/* How the sensor is, as one line of JSON, to be freed; NULL: none runs, or it says nothing. */
	char		*(*status)(void *arg);
	void		*arg;
};

/* What is wrong with `w`: listen to settings. ends. */
void		 web_check(const struct web_want *w, struct err *e);

/* Listen: with the rights that this may need.  `w` is copied, its texts are borrowed.  NULL with the reason in `e`. */
struct web	*web_open(const struct web_want *w, struct err *e);

/* Read the tokens and be ready: as the user that it runs as, and before a sandbox forbids to load libraries.  false with the reason
 * in `e`. */
bool		 web_start(struct web *web, struct err *e);

/* Answer until *stop is set. */
void		 web_serve(struct web *web, const volatile sig_atomic_t *stop);

void		 web_close(struct web *web);	/* NULL is ignored */

#endif
