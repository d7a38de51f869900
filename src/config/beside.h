/* beside.h - input files that a configuration names: beside it, or else in the working
 * folder. */
#ifndef CONFIG_BESIDE_H
#define CONFIG_BESIDE_H

#include <stdbool.h>
#include <stddef.h>

/* Is this a setting that names files to read? */
bool	config_names_input(const char *setting);

/* A file, or those of a comma list, as seen from where the program runs, when `config` names them:
 * beside it where they are there, else as they are named, with a note if they are there.
 * False: `to` is too small. */
bool	config_beside(const char *setting, bool is_list, const char *config, const char *value, char *to, size_t size);

#endif
