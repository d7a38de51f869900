/* explain.h - what an alert type means, for people: `thermowell explain`. */
#ifndef ALERT_EXPLAIN_H
#define ALERT_EXPLAIN_H

#include <stdio.h>

#include "base/json.h"
#include "record/alert_type.h"

/* By text ("s7.cpu.stop") or by sid; ALERT_TYPE_COUNT when there is none. */
enum alert_type	 explain_find(const char *word);

/* The type that was probably meant. */
const char	*explain_nearest(const char *word);

/* An object: type, gid, sid, severity, urgency (the severity in words), title, category (the
 * class), in sentences happened, effect, check, benign, and techniques (id, name, tactic,
 * former_id where v18 had another), catalogues (rows).  A new reference; NULL: no memory. */
json_t		*explain_type(enum alert_type t);

/* The same as paragraphs. */
void		 explain_print(const json_t *explanation, FILE *to);

/* All types, one line each. */
void		 explain_list(FILE *to);

#endif
