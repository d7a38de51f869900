#include "config/config.h"

#include <string.h>

#include "base/str.h"
#include "config/lists.h"
#include "record/outputs.h"

/* The group of each row of sinks.def. */
#define FOR(group) SINK_GROUP_##group,
#define YES_NO(nm, member, deflt, d)
#define NUMBER(nm, member, deflt, lo, hi, un, d)
#define WORD(nm, member, deflt, list, d)
#define TEXT(nm, member, deflt, empty, d)
#define PICK(nm, member, deflt, list, of, d)
#define WORDS(nm, member, deflt, check, un, d)
static const uint8_t row_groups[] = {
#include "config/sinks.def"
};

/* One that stands at its default asks for nothing. */
static bool
is_default(const struct setting *row, const struct settings *s)
{
	char text[32];

	return strcmp(setting_show(row, s, text, sizeof(text)), row->fallback) == 0;
}

void
config_check_sinks(const struct settings *s, struct err *e)
{
	const struct setting_list *l = config_list_find("outputs.sinks");

	for (unsigned k = 0; k < s->output.n_sinks; k++) {
		const struct sink_settings *one = &s->output.sinks[k];

		for (unsigned i = 0; i < l->n_rows && i < COUNTOF(row_groups); i++) {
			struct list_row storage;
			const struct setting *row = config_list_row(l, k, i, &storage);

			if (!transport_takes(one->transport, row_groups[i]) && !is_default(row, s))
				err_add(e, one->at.file, one->at.line, one->at.column, "%s is for %s; the transport \"%s\" has nothing to do with it",
				    row->name, sink_group_words[row_groups[i]], transport_rows[one->transport].word);
		}
	}
}
