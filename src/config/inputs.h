/* inputs.h - resolves the names of files in a configuration file. */
#ifndef CONFIG_INPUTS_H
#define CONFIG_INPUTS_H

#include "base/err.h"
#include "config/table.h"

/* The setting was set in `line` of the configuration file `config`: a relative name in it is
 * seen from the folder of that file.  What is not there but in the working folder is taken
 * from there, with a note.  Words (`auto`, `none`) and absolute names stay; a name may be a
 * pattern. */
void	inputs_find(const struct setting *row, struct settings *s, const char *config, int line,
	    struct err *e);

#endif
