/* attack.h - techniques of MITRE ATT&CK for ICS by their ids. */
#ifndef RECORD_ATTACK_H
#define RECORD_ATTACK_H

#include <stdbool.h>
#include <stddef.h>

#define ATTACK_VERSION "19"	/* of the matrix that attack.def follows */

enum attack_tactic {
#define TACTIC(key, word, id, name) TACTIC_##key,
#include "record/attack.def"
	ATTACK_TACTICS
};

struct attack_tactic_row {
	const char	*word;		/* "impair-process-control" */
	const char	*id;		/* "TA0106" */
	const char	*name;		/* "Impair Process Control" */
};

struct attack_row {
	const char	*id;		/* "T0858", or a sub-technique: "T1692.001" */
	const char	*before;	/* its id until v18; "" where it had none */
	const char	*name;		/* "Change Operating Mode" */
	enum attack_tactic tactic;
};

extern const struct attack_row attack_rows[];
extern const unsigned attack_count;

/* The row of an id, of this version or of the ones before; NULL when the table has none. */
const struct attack_row *attack_row(const char *id, size_t n);

const struct attack_tactic_row *attack_tactic_row(enum attack_tactic t);

/* Walk a list of ids divided by blanks: the next one begins at the result, `n`
 * bytes long, and `list` moves behind it; NULL at the end. */
const char *attack_next(const char **list, size_t *n);

/* What a class of alerts means (alert.category in EVE); "" when it is unknown. */
const char *alert_class_text(const char *name);

#endif
