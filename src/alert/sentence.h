/* sentence.h - the plant sentence of a finding, out of its type's template.
 *
 * Placeholders, in braces:
 *	client server	addresses by role; src dst: of the bytes that fired
 *	device		the unit, outstation or PLC that was spoken to
 *	function code	of the operation, by name and by number
 *	operation	all of it in words; items, outcome, exception: parts of it
 *	what expected	as the finding says
 *	anomaly		what broke the specification
 *	rule		the rule's message
 *	window		the number window_s, as a time
 *	NUMBER		any number of the finding, by its name
 *	,what		the same with a comma before it, and nothing where there is none
 */
#ifndef ALERT_SENTENCE_H
#define ALERT_SENTENCE_H

#include <stddef.h>

#include "record/alert.h"

/* `to` has `size` bytes; cut where it does not fit.  Returns `to`. */
const char	*sentence_make(const struct finding *f, char *to, size_t size);

/* Another template than the type's own sentence. */
const char	*sentence_fill(const struct finding *f, const char *text, char *to, size_t size);

/* A template for people who have no finding yet: "the client stopped ...". */
const char	*sentence_plain(const char *text, char *to, size_t size);

#endif
