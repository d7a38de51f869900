/* lib.h - shared libraries that are loaded when somebody asks for them, and not before: libcurl and librdkafka bring
 * some thirty others along, which would cost every run ten milliseconds and whoever sends nothing their faults.
 *
 * A user of one lists its functions in an X-macro, of which LIB_MEMBERS makes a struct of pointers and LIB_NAMES the table
 * that fills it.  Loaded at open, while opening files is still allowed, and never unloaded.
 */
#ifndef BASE_LIB_H
#define BASE_LIB_H

#include <stdbool.h>

#include "base/err.h"

struct lib_name {
	const char	*name;
	void		**at;		/* where its address goes */
};

/* For `struct x { FUNCTIONS(LIB_MEMBER) } x;` and `const struct lib_name n[] = { FUNCTIONS(LIB_NAME) }`, with LIB_OF
 * defined as the variable. */
#define LIB_MEMBER(f)	__typeof__(&f) f;
#define LIB_NAME(fn)	{ #fn, (void **)(void *)&LIB_OF.fn },

/* false with a problem in `e`: it is not installed, or an older one; `package` says what to install. */
bool	lib_load(const char *soname, const char *package, const struct lib_name *names, unsigned n, struct err *e);

#endif
