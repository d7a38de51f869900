/* timeline_parts.h - what the files of the timeline share; nobody else includes it. */
#ifndef CAPTURE_TIMELINE_PARTS_H
#define CAPTURE_TIMELINE_PARTS_H

#include "base/err.h"
#include "capture/capfile.h"
#include "capture/timeline.h"

struct entry {
	char		*path;		/* owned */
	struct capfile	*file;		/* owned; NULL while closed */
	struct frame	 head;		/* its next frame; while closed only the time counts */
	uint64_t	 size;		/* bytes; 0 unknown */
	uint64_t	 number;	/* of its last frame that was given */
	uint64_t	 untimed;	/* frames without a time that were counted */
	uint64_t	 dropped;	/* packets that the file says are missing, that were counted */
	uint16_t	 index;
	bool		 regular;
	bool		 growing;	/* --follow: end of file is not the end */
	bool		 done;
};

struct timeline {
	struct counters	*counters;
	struct entry	*entries;	/* owned */
	unsigned	 n;
	struct entry   **heap;		/* owned; oldest head first; without `current` */
	unsigned	 n_heap;
	struct entry   **waiting;	/* owned; open, without a complete frame for now */
	unsigned	 n_waiting;
	struct entry	*current;	/* gave the last frame */
	uint64_t	 number;
	uint64_t	 total, finished;	/* bytes, for progress */
	bool		 progress_known;
	bool		 follow;
	bool		 filter_wrong;	/* said once is enough */
	bool		 failed;	/* a source turned out to be no capture */
	unsigned	 n_strange;	/* files of folders that are no captures */
	unsigned	 n_begun;	/* files that gave a frame */
	struct err	 not_captures;	/* named files that are no captures */
	unsigned	 since_look;	/* frames since the waiting files were asked */
};

void	entry_close(struct entry *e);
/* 0, or -1 with the reason in `why`. */
int	entry_open(struct entry *e, char *why, size_t why_len);
/* Read its next frame, and put it where it waits for its turn.  CAPFILE_FRAME: e->head is that
 * frame; CAPFILE_AGAIN: it is asked again later; CAPFILE_EOF: it is done and closed. */
enum capfile_step entry_queue(struct timeline *t, struct entry *e);
/* That frame is not known yet. */
void	wait_for(struct timeline *t, struct entry *e);

#endif
