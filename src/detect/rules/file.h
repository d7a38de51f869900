/* file.h - reads a whole text file into memory. */
#ifndef DETECT_RULES_FILE_H
#define DETECT_RULES_FILE_H

#include "base/err.h"
#include "detect/rules/mem.h"
#include "detect/rules/slice.h"

#define FILE_SIZE_MAX ((size_t)256 * 1024 * 1024)

/* False: an error was added. */
bool	file_read(struct rule_memory *m, const char *path, struct slice *out, struct err *e);

/* `name` relative to the folder of `beside`; absolute paths stay. */
const char *file_beside(struct rule_memory *m, const char *beside, struct slice name);

#endif
