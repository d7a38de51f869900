/* evidence.h - live: the packets around an alert, as a capture file.
 *
 * The latest frames are kept in a ring of fixed size.  An alert gets a file with
 * those of them that its ends exchanged (all of the sender where the alert is not
 * about an operation), and those that follow for some seconds.  What stands in them
 * is made here, frame by frame, without a library, and handed to whoever writes: the
 * disk is not touched on the packet thread.  The folder has a size, and the oldest
 * files give way.  An alert that finds no room gets none, and is counted.
 */
#ifndef ALERT_EVIDENCE_H
#define ALERT_EVIDENCE_H

#include "alert/alerts.h"
#include "base/err.h"
#include "record/frame.h"

struct evidence;	/* opaque; one per worker */

/* Who writes the files: a few are open at a time, each in a slot.  Called on the packet
 * thread; none of them waits; false: it will not be done. */
struct evidence_disk {
	bool		(*begin)(void *arg, unsigned slot, const char *name);
	bool		(*put)(void *arg, unsigned slot, const void *p, size_t n);
	bool		(*end)(void *arg, unsigned slot);
	bool		(*remove)(void *arg, const char *name);
	uint64_t	(*failed)(void *arg);	/* files that went wrong since it was last asked */
	void		*arg;
};

/* The folder of these settings, to be freed. */
char		*evidence_folder(const struct alert_settings *s, const char *log_dir);

/* `disk` is copied; it writes into `dir`, where the files of earlier runs are looked at.
 * NULL with a problem in `e`. */
struct evidence	*evidence_open(const struct alert_settings *s, const char *dir,
		    const struct evidence_disk *disk, struct counters *c, struct err *e);

/* Each frame, before it is decoded, and the packet that came out of it. */
void		 evidence_frame(struct evidence *v, const struct frame *f);
void		 evidence_packet(struct evidence *v, const struct packet *p);

/* struct alert_evidence: begins a file and answers with its name; NULL: none. */
const char	*evidence_file(void *v, uint64_t id, const struct finding *f);

/* Close files whose time is over. */
void		 evidence_tick(struct evidence *v, uint64_t now_ns);
size_t		 evidence_memory(const struct evidence *v);
void		 evidence_close(struct evidence *v);	/* NULL is ignored */

#endif
