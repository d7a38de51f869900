/* scratch.h - a folder with a database that nobody keeps, for commands that replay captures and show what came of them. */
#ifndef COMMAND_SCRATCH_H
#define COMMAND_SCRATCH_H

#include <stdbool.h>

#include "base/err.h"
#include "record/settings.h"

#define SCRATCH_PATH	512u

struct scratch {
	char	folder[SCRATCH_PATH];		/* of this user alone, below $TMPDIR or /tmp; "": none */
	char	store[SCRATCH_PATH + 16];	/* a database that is not there yet */
	char	baseline[SCRATCH_PATH + 16];	/* another one */
};

/* false, with the reason in `e`: no folder could be made, and nothing is to be closed. */
bool	scratch_open(struct scratch *s, struct err *e);
/* Have a replay with `to` remember there, for as long as its captures go back: years may lie between two of them. */
void	scratch_use(const struct scratch *s, struct settings *to);
/* Both databases go, and the folder. */
void	scratch_close(struct scratch *s);

#endif
