/* notify.h - to the service manager that started us, if one did: ready, reloading, stopping, alive.
 *
 * systemd's protocol (sd_notify(3)): a datagram of KEY=VALUE lines to the Unix socket that NOTIFY_SOCKET names.
 */
#ifndef ENGINE_NOTIFY_H
#define ENGINE_NOTIFY_H

#include <stdint.h>

struct notify {
	int		 fd;		/* -1: nobody asks */
	unsigned	 watchdog_ms;	/* how often to say that we are alive; 0: nobody asks */
};

/* Read the environment. */
void	notify_open(struct notify *n);

/* "READY=1".  Does nothing where nobody asks; what cannot be sent is lost. */
void	notify_report(const struct notify *n, const char *text);

/* RELOADING=1 with the time that has to go with it. */
void	notify_reloading(const struct notify *n);

void	notify_close(struct notify *n);

#endif
