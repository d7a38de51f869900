/* iface.h - a network interface that is open, and how it fares; private to capture.
 *
 * Opening needs rights and takes its time, asking the kernel for its counters is a system
 * call: nothing here is for the packet thread while it takes frames.
 */
#ifndef CAPTURE_IFACE_H
#define CAPTURE_IFACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/filter.h"
#include "record/settings.h"

struct pcap;

#define IFACE_FILES 2u	/* of the system's own counts of lost frames */

struct handle {
	struct pcap	*pcap;		/* owned */
	int		 fd;		/* of pcap, for poll() */
	unsigned	 ifindex;	/* 0: has none ("any") */
	uint16_t	 link;
	uint32_t	 tick_ns;	/* of its time stamps' fraction */
	uint64_t	 taken;		/* frames that pcap gave; the packet thread's */
	/* Of who counts. */
	uint32_t	 seen_recv, seen_drop;	/* last pcap_stats(), which wraps */
	uint64_t	 recv, drop;		/* since it was opened */
	uint64_t	 seen_sys[IFACE_FILES];
	bool		 has_sys;
};

/* Frames that the kernel took, those of them that it dropped, and that the interface did. */
struct iface_counts {
	_Atomic uint64_t recv, drop, ifdrop;
};

/* What an opener is given. */
struct iface_want {
	const struct capture_settings	*s;
	struct filter			*filter;	/* or NULL */
	const char			*name;
};

/* Who opens interfaces: at the start, and later, in the helper's thread, one that came back.
 * It needs the rights that a start gives up; whoever keeps them takes this place.  NULL:
 * libpcap's status in *status, the reason in `why`. */
struct iface_opener {
	struct handle	*(*open)(void *arg, const struct iface_want *want, int *status, char *why, size_t why_len);
	void		*arg;
};

/* With the rights of this process. */
struct handle	*iface_open(void *unused, const struct iface_want *want, int *status, char *why, size_t why_len);
void		 iface_close(struct handle *h);	/* NULL is ignored */

/* What is new since the last time, added to `to`. */
void		 iface_count(const char *name, struct handle *h, struct iface_counts *to);

/* Is it up?  *gone: it was removed, or another one has its name.  `probe` is any socket. */
bool		 iface_is_up(const char *name, const struct handle *h, int probe, bool *gone);

#endif
