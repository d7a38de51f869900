#include "config/beside.h"

#include <glob.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"

bool
config_names_input(const char *setting)
{
	static const char *const inputs[] = { "rules.files", "rules.thresholds", "rules.disable", "rules.enable",
	    "rules.classification", "rules.references", "geoip.database", "reputation.categories", "reputation.files" };

	for (size_t i = 0; i < COUNTOF(inputs); i++)
		if (strcmp(inputs[i], setting) == 0)
			return true;
	return false;
}

static bool
is_there(const char *path)
{
	glob_t g;
	bool is;

	if (access(path, F_OK) == 0)
		return true;
	if (strpbrk(path, "*?[") == NULL)
		return false;
	is = glob(path, GLOB_NOSORT, NULL, &g) == 0;
	if (is)
		globfree(&g);
	return is;
}

static void
one_beside(const char *setting, const char *config, const char *name, struct strbuf *to)
{
	const char *slash = strrchr(config, '/');
	char path[4096];
	struct strbuf b = strbuf_on(path, sizeof(path));

	if (slash != NULL && name[0] != '/' && name[0] != '\0' && strcmp(name, "auto") != 0 && strcmp(name, "none") != 0) {
		strbuf_printf(&b, "%.*s%s", (int)(slash + 1 - config), config, name);
		if (!b.cut && is_there(path)) {
			strbuf_put(to, path);
			return;
		}
		if (is_there(name))
			log_note("config", "%s: %s: %s is not beside it; the one in the working folder is taken", config, setting, name);
	}
	strbuf_put(to, name);
}

bool
config_beside(const char *setting, bool is_list, const char *config, const char *value, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);
	char name[4096];

	if (!is_list)
		one_beside(setting, config, value, &b);
	for (const char *p = is_list ? value : ""; *p != '\0'; ) {
		size_t n = strcspn(p, ",");
		const char *from = p + strspn(p, " \t");
		size_t len = (size_t)(p + n - from);

		while (len > 0 && (from[len - 1] == ' ' || from[len - 1] == '\t'))
			len--;
		if (len >= sizeof(name))
			return false;
		memcpy(name, from, len);
		name[len] = '\0';
		one_beside(setting, config, name, &b);
		p += n;
		if (*p == ',') {
			strbuf_put(&b, ",");
			p++;
		}
	}
	return !b.cut;
}
