/* copy.h - copies of a database, and taking rows away: `thermowell store`. */
#ifndef STORE_COPY_H
#define STORE_COPY_H

#include <stdint.h>

#include "base/err.h"
#include "record/keep.h"
#include "record/settings.h"

/* A copy of what is in `file` now, also while a sensor writes it.  `to` must not be there yet, and appears when
 * it is whole.  0, or -1 with the reason in `e`. */
int	store_backup(const char *file, const char *to, struct err *e);

/* Put a copy in the place of `file`; what was there is lost.  Refused while a process has it. */
int	store_restore(const char *file, const char *from, struct err *e);

/* Take away rows of a kind that were last seen before `before_ns` (0: all), and give the space back.
 * Refused while a process has it.  Returns how many went, or -1 with the reason in `e`. */
int64_t	store_purge(const char *file, enum keep_kind kind, int64_t before_ns, struct err *e);

/* Take away what the settings say is too old, or too much, of every kind, and give the space back; of each kind so many rows
 * `went`.  Refused while a process has it.  0, or -1 with the reason in `e`. */
int	store_retain(const char *file, const struct store_settings *s, int64_t went[KEEP_KINDS], struct err *e);

/* The kind whose table has this name; KEEP_KINDS: none.  The name of a kind, NULL: it is not kept. */
enum keep_kind	store_kind(const char *name);
const char	*store_kind_name(enum keep_kind k);

struct store_figures {
	int64_t	rows, first_ns, last_ns;	/* times 0: rows have none */
};
/* Of each kind; bytes: of the file.  0, or -1 with the reason in `e`. */
int	store_figures(const char *file, struct store_figures of[KEEP_KINDS], int64_t *bytes, struct err *e);

#endif
