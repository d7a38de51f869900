/* attack.h - techniques of MITRE ATT&CK for ICS by their ids. */
#ifndef RECORD_ATTACK_H
#define RECORD_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

struct attack_row {
	const char	*id;		/* "T0858" */
	const char	*name;		/* "Change Operating Mode" */
	const char	*tactic;	/* "execution": the matrix's own word, lower case with '-' */
};

extern const struct attack_row attack_rows[];
extern const unsigned attack_count;

/* The row of an id; NULL when the table has none. */
const struct attack_row *attack_row(const char *id, size_t n);

/* Walk a list of ids divided by blanks: the next one begins at the result, `n`
 * bytes long, and `list` moves behind it; NULL at the end. */
const char *attack_next(const char **list, size_t *n);

/* What a class of alerts means (alert.category in EVE); "" when it is unknown. */
const char *alert_class_text(const char *name);

#endif
