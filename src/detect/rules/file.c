#include "detect/rules/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

bool
file_read(struct rule_memory *m, const char *path, struct slice *out, struct err *e)
{
	struct stat st;
	FILE *f = fopen(path, "re");
	char *text = NULL;
	size_t n = 0, capacity = 0, got;
	const char *why = NULL;

	*out = (struct slice){ NULL, 0 };
	if (f == NULL) {
		err_add(e, path, 0, 0, "cannot be opened: %s", strerror(errno));
		return false;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode))
		why = "is a folder; a file is expected";
	/* Without the size of stat(): it may be a pipe. */
	while (why == NULL) {
		if (n == capacity) {
			char *bigger;

			capacity = capacity == 0 ? 65536 : capacity * 2;
			bigger = capacity > FILE_SIZE_MAX ? NULL : realloc(text, capacity);
			if (bigger == NULL) {
				why = "is too large";
				break;
			}
			text = bigger;
		}
		got = fread(text + n, 1, capacity - n, f);
		n += got;
		if (got == 0)
			break;
	}
	if (why == NULL && ferror(f))
		why = "cannot be read";
	(void)fclose(f);
	if (why != NULL)
		err_add(e, path, 0, 0, "%s", why);
	else
		*out = (struct slice){ rule_lend(m, text, n), n };
	if (why != NULL)
		free(text);
	return why == NULL && out->p != NULL;
}

const char *
file_beside(struct rule_memory *m, const char *beside, struct slice name)
{
	const char *slash = strrchr(beside, '/');
	size_t n = slash != NULL ? (size_t)(slash + 1 - beside) : 0;
	char *path;

	if (name.n > 0 && name.p[0] == '/')
		n = 0;
	path = rule_alloc(m, n + name.n + 1);
	if (path == NULL)
		return "";
	memcpy(path, beside, n);
	memcpy(path + n, name.p, name.n);
	return path;
}
