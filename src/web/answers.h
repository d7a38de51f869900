/* answers.h - what the console's pages ask for, as JSON.
 *
 * Lists are pages of at most WEB_ROWS rows, the latest first.  Members are named as columns of the database; times are
 * microseconds since 1970; what is not known is left out.
 */
#ifndef WEB_ANSWERS_H
#define WEB_ANSWERS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/json.h"
#include "web/request.h"
#include "web/server.h"

#define WEB_ROWS	200u	/* of one answer */
#define WEB_OFFSET	100000u	/* rows behind which nobody looks */

struct web_answer {
	unsigned	 status;	/* of HTTP */
	const char	*type;		/* of its content; static */
	char		*text;		/* owned */
	size_t		 n;
	int		 fd;		/* a file instead of a text; -1: none.  Owned */
	char		 name[100];	/* under which that is saved */
};

/* Answer a request below /api/ that only reads.  Of `who` we know that he may. */
void	web_answer(const struct web_want *w, const struct web_request *r, const char *who, struct web_answer *a);

/* {"error": text}, with a status; `j` with its reference given up. */
void	web_answer_error(struct web_answer *a, unsigned status, const char *text);
void	web_answer_json(struct web_answer *a, unsigned status, json_t *j);

/* Names of the kinds whose bits are set, as a list: "alerts", "incidents"... */
json_t	*web_kinds(unsigned kinds);

#endif
