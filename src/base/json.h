/* json.h - what jansson leaves to its users: texts that are not UTF-8, and one object a line.
 *
 * For what is built or read off the packet path: answers, listings, files.  Everything here
 * allocates.  The lines of the packet thread are made by output/jsonw.h.
 *
 * Only the end of a construction needs a check: without memory jansson's functions give NULL
 * and hand a NULL value on, and json_line() returns false for it.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* A text from a file or a device: bytes that are not UTF-8 become \xNN, as in EVE records.
 * A new reference, or NULL: no memory. */
json_t	*json_from_text(const char *s);

/* A text that is written like a file: everything put into `to` between the two calls.
 * json_write(): false: no memory, and `to` is NULL.  json_written(): a new reference or
 * NULL, also after a json_write() that failed. */
struct json_writing {
	FILE	*to;
	char	*text;
	size_t	 n;
};

bool	 json_write(struct json_writing *w);
json_t	*json_written(struct json_writing *w);

/* A member's text, "" when it has none; borrowed from the object.  Its number, or 0. */
const char *json_text_of(const json_t *object, const char *key);
json_int_t json_number_of(const json_t *object, const char *key);

/* Write `j` as one line, members in the order in which they were set, and give up the
 * reference.  False: j is NULL (no memory), or the file cannot be written. */
bool	 json_line(json_t *j, FILE *to);

#endif
