/* control_protocol.h - the protocol of the control socket: one line of JSON each way.
 *
 *	-> {"version":1,"command":"status"}
 *	<- {"version":1,"command":"status","ok":true,"status":{...}}
 *	<- {"version":1,"ok":false,"error":{"code":"not-json","text":"..."}}
 *
 * A request needs no version; a higher one than ours is refused.  Members that are not known
 * are ignored, on both sides, so that later versions can add some.  Until 0.2.0 the request was
 * the bare word rules-reload and the answer was text: who asks so is still answered so.
 *
 * Pure functions: nothing here waits or knows a socket.
 */
#ifndef ENGINE_CONTROL_PROTOCOL_H
#define ENGINE_CONTROL_PROTOCOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "record/keep.h"

#define CONTROL_VERSION		1
#define CONTROL_REQUEST_MAX	4096u	/* bytes of a request, with its newline */
#define CONTROL_ANSWER_MAX	(4u << 20)	/* bytes of an answer that a client reads */

enum control_command {
	CONTROL_STATUS,		/* "status" */
	CONTROL_RULES_RELOAD,	/* "rules-reload" */
	CONTROL_ACT,		/* "act": keep what an operator does, with verb, object, id, text and who */
	CONTROL_COMMANDS
};

const char *control_command_name(enum control_command c);

/* Read a request of n bytes, without its newline; they may be anything.  True: `command`
 * is requested; `action` is filled for CONTROL_ACT, but for its time; `as_text`: by an old client, which wants text.
 * False: `error` is the answer, or NULL without memory. */
bool	 control_parse(const char *line, size_t n, enum control_command *command, struct keep_action *action, bool *as_text,
	    json_t **error);

/* Answers.  `members` (an object) is given up and may be NULL; `problems` may be NULL.  A new
 * reference; NULL: no memory. */
json_t	*control_done(enum control_command command, json_t *members);
/* command CONTROL_COMMANDS: it is not known which. */
json_t	*control_error(enum control_command command, const char *code, const char *text);
/* The problems of `e` as a list of file, line, column, text; file, line and column where they are known. */
json_t	*control_problems(const struct err *e);

/* For the client: the request as a line with its newline, at most `size` bytes of `to`. */
size_t	 control_request(enum control_command command, char *to, size_t size);
/* The same of CONTROL_ACT, in memory to be freed; NULL: no memory. */
char	*control_request_act(const struct keep_action *a);

/* What an answer says, for people.  True: it was done.  False: the reason is in `e`. */
bool	 control_print(enum control_command command, const json_t *answer, FILE *to, struct err *e);

#endif
