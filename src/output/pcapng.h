/* pcapng.h - writing a capture file: pcapng (draft-ietf-opsawg-pcapng), times to the nanosecond.
 *
 * Each source and link type of the frames is an interface of the file.  For commands: it writes with stdio and
 * is not for the packet path.
 */
#ifndef OUTPUT_PCAPNG_H
#define OUTPUT_PCAPNG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "record/frame.h"

#define PCAPNG_INTERFACES 1024u

struct pcapng {
	FILE		*to;		/* borrowed */
	uint32_t	 n;		/* interfaces so far */
	struct { uint16_t source, link; } of[PCAPNG_INTERFACES];
};

/* The head of the file.  comment and application: UTF-8, or NULL.  false: it could not be written (errno). */
bool	pcapng_begin(struct pcapng *p, FILE *to, const char *application, const char *comment);

/* One frame as it is, with a comment or NULL; `source_name` is the name of its source.  false: it could not be
 * written, or there are too many interfaces (errno 0). */
bool	pcapng_frame(struct pcapng *p, const struct frame *f, const char *source_name, const char *comment);

#endif
