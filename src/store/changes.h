/* changes.h - what another process changed in a database, for who shows it. */
#ifndef STORE_CHANGES_H
#define STORE_CHANGES_H

#include <stdint.h>

#include "record/keep.h"

struct store_changes;		/* opaque */

/* Nothing is opened yet; NULL: no memory. */
struct store_changes	*store_changes_open(const char *file);

/* Bits 1 << enum keep_kind of what was written since the last call.  Kinds that change with each poll of a device (devices, their
 * values, facts) only every ten seconds.  A database that is not there, or cannot be read, has not changed;
 * where another file took its place all of it has. */
uint32_t		 store_changes_look(struct store_changes *c);

void			 store_changes_close(struct store_changes *c);

#endif
