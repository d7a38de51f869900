/* shipped.h - the rules that came with the program, kept in it (scripts/embed-rules). */
#ifndef DETECT_RULES_SHIPPED_H
#define DETECT_RULES_SHIPPED_H

#include <stddef.h>

struct shipped_file {
	const char		*name;		/* "modbus.rules" */
	const unsigned char	*text;
	size_t			 n;
};

extern const struct shipped_file shipped_files[];	/* ends with a NULL name */

#endif
