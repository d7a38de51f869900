/* files.h - resolves names of rule files: folders, patterns, and the rules that came with the
 * program. */
#ifndef DETECT_RULES_FILES_H
#define DETECT_RULES_FILES_H

#include "base/err.h"
#include "detect/rules/mem.h"

/* Call `take` for each file that `name` means, in the order of their names: itself, all
 * *.rules of a folder, or what matches a pattern.  An error when there is none. */
void	files_each(struct rule_memory *m, const char *name, struct err *e, void (*take)(void *arg, const char *path), void *arg);

/* The folder with the rules that came with the program, or NULL: then those in the program
 * itself are to be taken (shipped.h). */
const char *files_shipped(struct rule_memory *m);

#endif
