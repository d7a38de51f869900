#include "detect/rules/files.h"

#include <dirent.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "detect/rules/file.h"

static int
is_rule_file(const struct dirent *e)
{
	size_t n = strlen(e->d_name);

	return n > 6 && strcmp(e->d_name + n - 6, ".rules") == 0 && e->d_name[0] != '.';
}

/* All of a folder; how many.  `take` NULL: only count. */
static int
folder(struct rule_memory *m, const char *path, void (*take)(void *arg, const char *path), void *arg)
{
	struct dirent **found;
	size_t n_path = strlen(path);
	char *base = rule_alloc(m, n_path + 2);
	int n = base != NULL ? scandir(path, &found, is_rule_file, alphasort) : -1;

	if (n < 0)
		return 0;
	memcpy(base, path, n_path);
	if (n_path > 0 && path[n_path - 1] != '/')
		base[n_path] = '/';
	for (int i = 0; i < n; i++) {
		if (take != NULL)
			take(arg, file_beside(m, base, (struct slice){ found[i]->d_name, strlen(found[i]->d_name) }));
		free(found[i]);
	}
	free(found);
	return n;
}

static bool
is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

void
files_each(struct rule_memory *m, const char *name, struct err *e, void (*take)(void *arg, const char *path), void *arg)
{
	glob_t g;

	if (is_folder(name)) {
		if (folder(m, name, take, arg) == 0)
			err_add(e, name, 0, 0, "no file in this folder ends in .rules");
		return;
	}
	/* A file whose name has such a character is still a file. */
	if (strpbrk(name, "*?[") == NULL || access(name, F_OK) == 0) {
		take(arg, name);
		return;
	}
	if (glob(name, 0, NULL, &g) == 0) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			if (!is_folder(g.gl_pathv[i]))
				take(arg, rule_text(m, g.gl_pathv[i], strlen(g.gl_pathv[i])));
		globfree(&g);
	} else
		err_add(e, name, 0, 0, "no file is called so");
}

/* Beside the program: where it was installed or staged (bin beside share), or its source
 * (build beside rules); else where it was meant to be installed. */
const char *
files_shipped(struct rule_memory *m)
{
	static const char *const near[] = { "../share/" PACKAGE "/rules", "../rules" };
	char exe[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", exe, sizeof(exe) - 1);

	if (n > 0) {
		exe[n] = '\0';
		for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
			const char *path = file_beside(m, exe, (struct slice){ near[i], strlen(near[i]) });

			if (path[0] != '\0' && folder(m, path, NULL, NULL) > 0)
				return path;
		}
	}
	return folder(m, RULES_DIR, NULL, NULL) > 0 ? RULES_DIR : NULL;
}
