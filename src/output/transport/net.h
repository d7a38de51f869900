/* net.h - what outputs over a network share: names and their addresses, the way to them, and when to try again.
 *
 * Nothing here waits, except for its caller where that is said.
 */
#ifndef OUTPUT_NET_H
#define OUTPUT_NET_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "base/err.h"

#define NET_HOST_MAX	256u
#define NET_WHY_MAX	320u		/* a sentence about what is wrong */

/* "name", "name:port", "192.0.2.1:514", "[2001:db8::1]:514". */
struct net_target {
	char	host[NET_HOST_MAX];	/* without brackets */
	char	port[6];
};

/* false with the reason in `why`. */
bool	net_target_read(const char *text, const char *default_port, struct net_target *to, char *why, size_t why_size);

/* Is it an address and no name? */
bool	net_is_address(const char *host);

/* ---- addresses of a name -------------------------------------------------------------- */

struct net_lookup;			/* opaque; a thread of its own asks */

enum net_answer { NET_WAIT, NET_FOUND, NET_NOT_FOUND };

/* NULL: no memory, or no thread. */
struct net_lookup *net_lookup_begin(const struct net_target *t, int socktype);
/* *found belongs to the lookup.  NET_NOT_FOUND: the reason is in `why`. */
enum net_answer	 net_lookup_end(struct net_lookup *l, const struct addrinfo **found, char *why, size_t why_size);
/* One that still asks is left to its thread. */
void		 net_lookup_free(struct net_lookup *l);	/* NULL is ignored */

/* Load what the system's resolver loads when it is first used, while that is allowed. */
void		 net_warm_up(void);

/* ---- the watched network ----------------------------------------------------------------- */

/* Names of the interfaces that are watched: nothing may leave by them. */
struct net_watched {
	const char *const	*name;	/* borrowed */
	unsigned		 n;
};

/* Does the way to this address leave by none of them?  The kernel is asked for the route.  false with the reason in
 * `why`.  No route is no harm: connecting will say so. */
bool	net_may_leave(const struct net_watched *w, const struct sockaddr *to, char *why, size_t why_size);

/* May somebody be answered at this address, one of our own?  false with the reason in `why`: a watched interface has it, or it
 * stands for all and a watched interface has one.  A loopback address may always. */
bool	net_may_listen(const struct net_watched *w, const struct sockaddr *at, char *why, size_t why_size);

/* The same for a host before anything is opened: a name is not looked up, and passes. */
bool	net_target_may(const struct net_watched *w, const struct net_target *t, char *why, size_t why_size);

/* "192.0.2.1:514", "[2001:db8::1]:514"; `to` has NET_ADDR_MAX bytes. */
#define NET_ADDR_MAX 64u
const char *net_print(const struct sockaddr *a, char *to);

/* ---- what is wrong ------------------------------------------------------------------------- */

struct transport_settings;

/* How a receiver fares: what is wrong is logged and told to the host, each thing once in a trouble, and its end. */
struct net_health {
	const struct transport_settings	*s;	/* borrowed: name, target, counters, host */
	bool		 was_well, in_trouble;
	unsigned	 reports;
	char		 reported[NET_WHY_MAX];
};

/* `lost`: it was reached before. */
void	net_trouble(struct net_health *h, const char *why);
/* It takes what is sent, at `where`. */
void	net_well(struct net_health *h, const char *where);

/* ---- when to try again ------------------------------------------------------------------- */

struct net_backoff {
	uint64_t	least_ns, most_ns;
	uint64_t	now_ns;		/* the next pause before its jitter; 0: least */
	uint64_t	random;		/* its state; 0: not yet */
};

/* A pause: it doubles each time up to the most, and is between half and all of that, so that many sensors do not come at
 * once. */
uint64_t net_backoff_next(struct net_backoff *b);
/* It went well. */
static inline void
net_backoff_reset(struct net_backoff *b)
{
	b->now_ns = 0;
}

#endif
