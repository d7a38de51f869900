/* lists.h - settings that are lists of sections (outputs.sinks); inside config only.
 *
 * A row of an entry is handed out as a copy that stands for that entry alone: its name is
 * the whole one ("outputs.sinks.1.target"), its offset that of the entry's member.  So
 * whoever takes, shows or frees settings needs not know of lists.
 */
#ifndef CONFIG_LISTS_H
#define CONFIG_LISTS_H

#include "base/err.h"
#include "config/table.h"

struct list_row {
	struct setting	row;
	char		name[SETTING_NAME_MAX];
};

/* The list of this name ('_' counts as '-'), or NULL. */
const struct setting_list *config_list_find(const char *name);

/* How many entries it has. */
unsigned config_list_count(const struct setting_list *l, const struct settings *s);

/* Row `i` of entry `k`. */
const struct setting *config_list_row(const struct setting_list *l, unsigned k, unsigned i,
	    struct list_row *to);

/* The row with this name within an entry, or NULL with what was probably meant in *near
 * (NULL: nothing is near). */
const struct setting *config_list_row_find(const struct setting_list *l, unsigned k, const char *key,
	    struct list_row *to, const char **near);

/* One more entry at the end, with its defaults.  `file` is copied, or NULL.  false: there
 * are as many as there can be, or no memory; the reason is in `why`. */
bool	 config_list_begin(const struct setting_list *l, struct settings *s, const char *file, int line, int column,
	    char *why, size_t why_size);

/* "outputs.sinks.0.target": the list with the number and the rest of the name behind it.
 * NULL: the name is not of a list. */
const struct setting_list *config_list_of_name(const char *name, unsigned long *entry, const char **key);

/* What the entries own. */
void	 config_lists_free(struct settings *s);

#endif
