#include "config/inputs.h"

#include <glob.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

/* Is there a file of this name, or one that fits the pattern? */
static bool
is_there(const char *name)
{
	glob_t found;
	bool there = glob(name, GLOB_NOSORT, NULL, &found) == 0;

	globfree(&found);
	return there;
}

static void
find_one(const struct setting *row, const char *name, const char *config, int line, size_t dir,
    struct strbuf *to)
{
	char beside[SETTING_TEXT_MAX + 1];
	struct strbuf b = strbuf_on(beside, sizeof(beside));

	if (name[0] == '\0' || name[0] == '/' ||
	    (row->kind == SETTING_LIST && (strcmp(name, "auto") == 0 || strcmp(name, "none") == 0))) {
		strbuf_put(to, name);
		return;
	}
	strbuf_printf(&b, "%.*s%s", (int)dir, config, name);
	if (!is_there(beside) && is_there(name)) {
		log_note("config", "%s:%d: %s: %s is not beside this file; that of the working folder is read",
		    config, line, row->name, name);
		strbuf_put(to, name);
	} else
		strbuf_put(to, beside);
}

void
inputs_find(const struct setting *row, struct settings *s, const char *config, int line,
    struct err *e)
{
	const char **member = (const char **)(void *)((char *)s + row->offset);
	const char *slash = strrchr(config, '/');
	size_t dir = slash != NULL ? (size_t)(slash + 1 - config) : 0;
	char text[SETTING_TEXT_MAX + 1], name[SETTING_TEXT_MAX + 1];
	struct strbuf to = strbuf_on(text, sizeof(text));
	char *copy;

	/* Either its folder is the working folder, or the names could not stand in a list. */
	if (*member == NULL || dir == 0 || memchr(config, ',', dir) != NULL)
		return;
	for (const char *p = *member;;) {
		size_t n = row->kind == SETTING_LIST ? strcspn(p, ",") : strlen(p);

		memcpy(name, p, n);
		name[n] = '\0';
		find_one(row, name, config, line, dir, &to);
		if (p[n] == '\0')
			break;
		strbuf_put(&to, ",");
		p += n + 1;
	}
	copy = to.cut ? NULL : strdup(text);
	if (copy == NULL) {
		err_add(e, config, line, 0, "%s is longer than %d bytes with the folder of this file", row->name,
		    SETTING_TEXT_MAX);
		return;
	}
	free((void *)*member);
	*member = copy;
}
