/* evidence.h - live: the packets around an alert, as a capture file.
 *
 * The latest frames are kept in a ring of fixed size.  An alert gets a file with
 * those of them that its ends exchanged (all of the sender where the alert is not
 * about an operation), and those that follow for some seconds.  Files are written
 * here, frame by frame, without a library; the folder has a size, and the oldest
 * files give way.  An alert that finds no room gets none, and is counted.
 */
#ifndef ALERT_EVIDENCE_H
#define ALERT_EVIDENCE_H

#include "alert/alerts.h"
#include "base/err.h"
#include "record/frame.h"

struct evidence;	/* opaque; one per worker */

/* Makes the folder.  NULL with a problem in `e`. */
struct evidence	*evidence_open(const struct alert_settings *s, const char *log_dir, struct counters *c,
		    struct err *e);

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
