/* reread.h - the configuration read again while the sensor runs.
 *
 * What goes with the rules (sections rules, vars, geoip, reputation) changes; of every other setting that
 * is another now the name is kept and told: it needs a restart.  The control thread's alone.
 */
#ifndef ENGINE_REREAD_H
#define ENGINE_REREAD_H

#include <stdbool.h>

#include "base/err.h"
#include "base/json.h"
#include "engine/engine.h"
#include "record/settings.h"

#define REREAD_NAMES_MAX 2048

struct reread {
	const struct engine_reread *from;	/* borrowed; NULL: there is nothing to read */
	const struct settings	*started;	/* borrowed: as read at the start */
	struct settings		*running;	/* borrowed; its .rules is exchanged */
	struct rules_settings	 was;		/* .rules before the last reread_settings() */
	struct settings		*now, *before;	/* owned: what was read, what rules that go may still hold on to */
	char			 restart[REREAD_NAMES_MAX];	/* names with commas of what needs one */
};

/* Read; running->rules is the new one.  False, with `e`: nothing changed. */
bool	reread_settings(struct reread *r, struct err *e);

/* The rules could not be taken over: running->rules is what it was. */
void	reread_undo(struct reread *r);

/* A list of names, a new reference; NULL: nothing needs a restart. */
json_t	*reread_restart(const struct reread *r);

void	reread_close(struct reread *r);

#endif
