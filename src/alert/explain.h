/* explain.h - what an alert type means, for people: `thermowell explain`. */
#ifndef ALERT_EXPLAIN_H
#define ALERT_EXPLAIN_H

#include <stdbool.h>
#include <stdio.h>

/* `word` is a type's text ("s7.cpu.stop") or its sid.  False when there is none. */
bool		 explain_type(const char *word, FILE *to);

/* All types, one line each. */
void		 explain_list(FILE *to);

/* The type that was probably meant. */
const char	*explain_nearest(const char *word);

#endif
