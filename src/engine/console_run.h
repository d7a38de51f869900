/* console_run.h - the process that shows the console's pages (web/server.h), beside a live sensor or alone.
 *
 * Beside a sensor there are two: one that keeps the listening socket, starts the other, says when that ended and starts it again;
 * and one that answers, with rights, files and system calls of its own (landlock.h, sandbox_console.def).  Both are forked before the sensor opens an interface,
 * so that none of its handles, packets or keys is in them; both end when the sensor does, however that ends.
 */
#ifndef ENGINE_CONSOLE_RUN_H
#define ENGINE_CONSOLE_RUN_H

#include <stdbool.h>

#include "base/err.h"
#include "output/transport/net.h"
#include "record/settings.h"
#include "web/server.h"

#define CONSOLE_LANDLOCK 24u

struct console_child {
	int	life;		/* of a pipe: as long as it is open the sensor lives; -1: there is no process */
	char	landlock[CONSOLE_LANDLOCK];	/* what limits its files: "on", "off", "not supported", "not built"; "" there is no process */
};

/* What is wrong with the settings. */
void	console_check(const struct settings *s, struct err *e);

/* Start it, if the settings name an address; one of a watched interface is refused.  Returns when it answers; false with the reason in `e`. */
bool	console_begin(const struct settings *s, const struct net_watched *watched, struct console_child *to, struct err *e);
/* It ends by itself, soon. */
void	console_end(struct console_child *c);

/* The same in this process, until SIGINT or SIGTERM. */
struct console_alone {
	const struct settings	*settings;
	const struct web_token	*own;	/* that is in no file; NULL: none */
	void			(*ready)(void *arg);	/* it answers now */
	int			(*act)(void *arg, const struct keep_action *a, struct err *e);	/* as in struct web_want, but with its time */
	void			*arg;	/* of both */
};
bool	console_run(const struct console_alone *alone, struct err *e);

#endif
