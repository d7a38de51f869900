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
	unsigned	 ifindex;	/* 0: has none ("any"), or is to join one */
	unsigned short	 hw;		/* ARPHRD_* that its frames are of */
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

/* What is opened. */
struct iface_want {
	const struct capture_settings	*s;
	struct filter			*filter;	/* or NULL */
	const char			*name;
};

/* Needs CAP_NET_RAW, so only at the start.  NULL: libpcap's status in *status, the reason in `why`. */
struct handle	*iface_open(const struct iface_want *want, int *status, char *why, size_t why_len);

/* The same for an interface that is down: libpcap opens none that is.  It is opened on another
 * one, of the same kind of link or the loopback, whose frames are thrown away, and bound to
 * nothing until iface_join().  Takes a fifth of a second.  NULL: the reason in `why`. */
struct handle	*iface_open_down(const struct iface_want *want, char *why, size_t why_len);

/* Bind an open handle to the interface that has this name now.  Needs no right: only to make
 * such a socket does.  Filter, ring and what waits in it stay.  False: it is not there, not up,
 * or of another kind of link, in which case *other. */
bool		 iface_join(struct handle *h, const struct iface_want *want, int probe, bool *other);

void		 iface_close(struct handle *h);	/* NULL is ignored */

/* What is new since the last time, added to `to`. */
void		 iface_count(const char *name, struct handle *h, struct iface_counts *to);

/* Is it up?  *gone: it was removed, or another one has its name.  `probe` is any socket. */
bool		 iface_is_up(const char *name, const struct handle *h, int probe, bool *gone);

#endif
