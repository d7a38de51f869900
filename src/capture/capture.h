/* capture.h - where frames come from: interfaces and capture files.
 *
 * The only module that includes pcap.h.  It never sends: live handles are opened
 * for receiving and nothing here writes to one.  Knows link types by number and
 * nothing of what is inside a frame.
 *
 * The filter (settings.filter) is a BPF expression, for files as for interfaces.
 * With settings.widen_filter it also holds inside up to two VLAN tags, and what
 * carries other packets passes whole (more tags, MPLS, MACsec, GRE, IP in IP, the UDP
 * ports of tunnels ..., see filter.h): frames that only so passed are analysed too, whatever is inside them.  Numbers of frames in
 * files count before the filter, so that they are the file's own.
 */
#ifndef CAPTURE_CAPTURE_H
#define CAPTURE_CAPTURE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/err.h"
#include "record/counters.h"
#include "record/frame.h"
#include "record/settings.h"

struct capture;		/* opaque; owned by the engine */

enum capture_step {
	CAPTURE_FRAME,	/* *frame is filled */
	CAPTURE_IDLE,	/* live or follow: nothing for now; time passed, ask again */
	CAPTURE_END,	/* every file is read, or capture_stop() was called; see there */
	CAPTURE_FAILED	/* nothing more will come; the reason was logged */
};

/* Open capture files, directories (their files in time order) and "-" for
 * standard input, as one timeline: frames come out ordered by time across files,
 * and inside one file in the file's order.  `s` and `paths` are borrowed for the
 * call, s->filter and `c` until capture_close().  Folders are descended.  A file that is no
 * capture is named, counted and left out; if it was given by name the run ends with
 * CAPTURE_FAILED.  Every problem is added to `e`; NULL if there is nothing to read, or a
 * name does not exist.
 * With s->follow, named plain files and the newest file of each directory are
 * waited for at their end; one that is replaced or cut short is read anew. */
struct capture	*capture_open_files(const struct capture_settings *s,
		    const char *const *paths, unsigned n, struct counters *c, struct err *e);

/* Open interfaces for live capture (TPACKET_V3 through libpcap).  `s` and `c` are
 * borrowed until capture_close().  Several interfaces give one order of time, at the
 * price of up to 250 ms when one of them is silent.  An interface that goes away is
 * waited for; to watch it again takes no privilege. */
struct capture	*capture_open_live(const struct capture_settings *s,
		    const char *const *ifaces, unsigned n, struct counters *c, struct err *e);

/* Live: the descriptors that frames come from, at most CAPTURE_FDS; they stay the same.  How many. */
#define CAPTURE_FDS	64u
unsigned	 capture_fds(const struct capture *cap, int fds[CAPTURE_FDS]);

/* Live: start the helper that watches the interfaces and joins those that come back, so that
 * capture_next() makes no system call but the wait for frames.  false with the problem in
 * `e`. */
bool		 capture_start(struct capture *cap, struct err *e);

/* The next frame.  frame->data is valid until the next call.  Live, returns
 * CAPTURE_IDLE at least every 100 ms. */
enum capture_step capture_next(struct capture *cap, struct frame *frame);

/* After a frame: further ones that lie ready, at most `max` of them, in their order; valid
 * until the next capture_next().  How many; 0 says nothing of what comes. */
unsigned	 capture_ready(struct capture *cap, struct frame *frames, unsigned max);

/* Make capture_next() return CAPTURE_END soon: live, after the frames that the kernel had
 * taken until then; see capture_ended()
 * for who does not ask for all of them.  Callable from a signal handler. */
void		 capture_stop(struct capture *cap);

/* No frame will be asked for any more: what the kernel still has is counted as left. */
void		 capture_ended(struct capture *cap);

/* Read the kernel's and the interfaces' drop counters into the counters, and what else is
 * not counted frame by frame. */
void		 capture_update_counters(struct capture *cap);

bool		 capture_is_live(const struct capture *cap);

/* Name of frame->source: interface or file path; never NULL. */
const char	*capture_source_name(const struct capture *cap, uint16_t source);
unsigned	 capture_sources(const struct capture *cap);

/* 0-1: part of the files' bytes already read; negative when it cannot be told. */
double		 capture_progress(const struct capture *cap);

void		 capture_close(struct capture *cap);	/* NULL is ignored */

#endif
