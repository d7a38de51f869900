/* transport.h - what carries finished lines away; knows nothing of their form. */
#ifndef OUTPUT_TRANSPORT_H
#define OUTPUT_TRANSPORT_H

#include <stddef.h>

#include "base/err.h"
#include "record/counters.h"

/* Longest line with its newline: 2,000 values with time and flags, or a UDP
 * datagram of bytes that each need six characters, fit. */
#define OUTPUT_LINE_MAX (512u * 1024)

struct transport {
	const char	*name;		/* "file" */

	/* `target` means what the transport makes of it (a path); `c` is where it
	 * counts written and lost lines; both borrowed for as long as it is open.
	 * NULL with a problem in `e`. */
	void	*(*open)(const char *target, struct counters *c, struct err *e);

	/* One whole line with its newline, at most OUTPUT_LINE_MAX bytes.  It is
	 * copied or counted as lost. */
	void	 (*send)(void *t, const char *line, size_t n);

	/* Push what is held; called at least once a second. */
	void	 (*flush)(void *t);

	/* Find the target again by name. */
	void	 (*reopen)(void *t);

	/* Flush and free.  0, or -1 when any line was lost since open. */
	int	 (*close)(void *t);
};

extern const struct transport transport_file;

#endif
