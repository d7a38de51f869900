/* table.h - the rows of settings.def as a table; inside config only. */
#ifndef CONFIG_TABLE_H
#define CONFIG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "record/settings.h"

enum setting_kind {
	SETTING_YES_NO,		/* bool */
	SETTING_NUMBER,		/* uint64_t, min to max */
	SETTING_WORD,		/* uint64_t: index into words */
	SETTING_FLAG,		/* bool: index into two words */
	SETTING_TEXT,		/* owned text; NULL when empty */
	SETTING_LIST		/* owned text, words separated by commas */
};

struct setting {
	const char		*name;		/* "outputs.eve.file" */
	enum setting_kind	 kind;
	size_t			 offset;	/* of the member in struct settings */
	const char		*fallback;	/* the default, as the operator would write it */
	uint64_t		 min, max;	/* SETTING_NUMBER; max of SETTING_LIST: of its numbers, 0 words */
	const char		*words;		/* SETTING_WORD, SETTING_FLAG: "a|b|c"; SETTING_LIST: of
						 * these and `more`, NULL any */
	const char		*(*more)(unsigned i);	/* the i-th further word; NULL behind the last */
	bool			 may_be_empty;	/* SETTING_TEXT, SETTING_LIST */
	bool			(*is)(const char *word, struct strbuf *why);	/* SETTING_LIST: is it one? `why`
						 * as of setting_list_word(); NULL any */
	bool			 input;		/* names files that are read: see inputs.h */
	const char		*unit;		/* "bytes"; what the words of a list are; "" when there is none */
	const char		*doc;		/* one sentence */
};

extern const struct setting setting_rows[];
extern const unsigned setting_count;

/* "10.0.0.0/8", an address; the same, or a hardware address; a name of an intent. */
bool	 config_is_network(const char *word, struct strbuf *why);
bool	 config_is_asset(const char *word, struct strbuf *why);
bool	 config_is_intent(const char *word, struct strbuf *why);

/* A list of sections that all have the same rows: outputs.sinks. */
struct setting_list {
	const char		*name, *doc;
	const struct setting	*rows;		/* their names are those within an entry ("target"), their
						 * offsets those of the first entry */
	unsigned		 n_rows, max;	/* entries */
	size_t			 stride;	/* bytes from one entry to the next */
	size_t			 count_at;	/* offset in struct settings: uint64_t, how many there are */
	size_t			 position_at;	/* the same: struct setting_position of the first */
};

extern const struct setting_list setting_lists[];
extern const unsigned setting_list_count;

#define SETTING_NAME_MAX 64		/* longest name of a row or section, with its NUL */
#define SETTING_TEXT_MAX 4096		/* longest text value, without its NUL */

/* The row with this name ('_' counts as '-'), or NULL. */
const struct setting *setting_find(const char *name);

/* Is there a section (outputs.eve) of this name? */
bool	 setting_is_section(const char *name);

/* The row or section that was probably meant, or NULL. */
const char *setting_nearest(const char *name);

/* What the section is for; NULL when it has no row. */
const char *setting_section_doc(const char *name);

/* Copy a name with '_' turned into '-'; false when it is too long. */
bool	 setting_normal(const char *name, char to[SETTING_NAME_MAX]);

/* Parse and store a value.  False, with a sentence that says what is wrong and what
 * would be right in `why`, when it cannot be; `s` is then unchanged.  `why` goes on behind
 * the name of the setting, or begins with a blank and goes behind it and a colon. */
bool	 setting_take(const struct setting *row, struct settings *s, const char *value,
	    char *why, size_t why_size);

/* Is the word allowed in this list?  False, with a blank and what was probably meant put
 * behind `why`. */
bool	 setting_list_word(const struct setting *row, const char *word, struct strbuf *why);

/* Give back what the setting owns. */
void	 setting_free(const struct setting *row, struct settings *s);

/* The value as the operator would write it; text is not quoted.  The result is
 * `buf` or the setting's own text, never NULL. */
const char *setting_show(const struct setting *row, const struct settings *s,
	    char *buf, size_t size);

/* "bytes, 64 to 262144" or "none, all or auto". */
void	 setting_range(const struct setting *row, char *buf, size_t size);

#endif
