/* static.h - the files of the console's pages, put into the program by scripts/embed-static. */
#ifndef WEB_STATIC_H
#define WEB_STATIC_H

#include <stddef.h>

struct web_file {
	const char		*name;	/* "app.js"; NULL: the end */
	const char		*type;	/* of its content */
	const unsigned char	*bytes;
	size_t			 n;
};

extern const struct web_file web_files[];

#endif
