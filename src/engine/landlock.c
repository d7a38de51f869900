#include "engine/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

/* What a sanitizer looks at when it ends (/proc) no console may. */
#if !defined(TW_SANITIZED)

/* The headers of the system may be older than its kernel: the numbers are the same on all machines. */
#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset	444
#define SYS_landlock_add_rule		445
#define SYS_landlock_restrict_self	446
#endif
#define ASK_VERSION	1u		/* LANDLOCK_CREATE_RULESET_VERSION */
#define BENEATH		1		/* LANDLOCK_RULE_PATH_BENEATH */

/* LANDLOCK_ACCESS_FS_* */
#define FS_WRITE_FILE	(UINT64_C(1) << 1)
#define FS_READ_FILE	(UINT64_C(1) << 2)
#define FS_READ_DIR	(UINT64_C(1) << 3)
#define FS_REMOVE_FILE	(UINT64_C(1) << 5)
#define FS_MAKE_REG	(UINT64_C(1) << 8)
#define FS_TRUNCATE	(UINT64_C(1) << 14)

struct ruleset { uint64_t fs, net, scoped; };
struct beneath { uint64_t access; int32_t folder; } __attribute__((packed));

/* What each version of Landlock can refuse, beside what those before it can: of files; of TCP (bind, connect); and the bytes of a
 * rule set that it knows. */
static const struct { uint64_t fs, net; size_t size; } versions[] = {
	{ (UINT64_C(1) << 13) - 1, 0, 8 },	/* 1 */
	{ UINT64_C(1) << 13, 0, 8 },		/* 2: move elsewhere */
	{ FS_TRUNCATE, 0, 8 },			/* 3 */
	{ 0, 3, 16 },				/* 4 */
	{ UINT64_C(1) << 15, 0, 16 },		/* 5: ioctl() of devices */
};

/* All that this kernel can refuse; the size of it. */
static size_t
all_of(long version, struct ruleset *set)
{
	size_t size = 0;

	*set = (struct ruleset){ 0 };
	for (long i = 0; i < version && i < (long)COUNTOF(versions); i++) {
		set->fs |= versions[i].fs;
		set->net |= versions[i].net;
		size = versions[i].size;
	}
	return size;
}

/* The folder of a path, or the nearest above it that is there; in `to`. */
static bool
folder_of(const struct landlock_path *p, char to[PATH_MAX])
{
	struct stat st;

	if ((size_t)snprintf(to, PATH_MAX, "%s%s", p->path[0] == '/' ? "" : "./", p->path) >= PATH_MAX)
		return false;
	if (p->what == LANDLOCK_OF_FILE)
		*strrchr(to, '/') = '\0';
	while (to[0] != '\0' && (stat(to, &st) != 0 || !S_ISDIR(st.st_mode))) {
		char *slash = strrchr(to, '/');

		if (slash == NULL)
			return false;
		*slash = '\0';
	}
	if (to[0] == '\0')
		memcpy(to, "/", 2);
	return true;
}

static bool
add(int set, const struct ruleset *can, const char *path, bool folder, bool write, struct err *e)
{
	struct beneath rule = { .access = FS_READ_FILE, .folder = open(path, O_PATH | O_CLOEXEC) };
	bool good;

	if (write)
		rule.access |= FS_WRITE_FILE | FS_TRUNCATE;
	if (folder)
		rule.access |= FS_READ_DIR | (write ? FS_MAKE_REG | FS_REMOVE_FILE : 0);
	rule.access &= can->fs;
	/* What is not there now cannot be opened later either. */
	if (rule.folder < 0)
		return true;
	good = syscall(SYS_landlock_add_rule, set, BENEATH, &rule, 0) == 0;
	if (!good)
		err_add(e, path, 0, 0, "Landlock takes no rule for it: %s", strerror(errno));
	(void)close(rule.folder);
	return good;
}

/* A path that leads elsewhere by a link: there, too. */
static bool
add_path(int set, const struct ruleset *can, const struct landlock_path *p, struct err *e)
{
	struct landlock_path at = *p;
	char folder[PATH_MAX], real[PATH_MAX];
	bool good = true;

	if (p->path == NULL || p->path[0] == '\0')
		return true;
	if (p->what == LANDLOCK_FILE)
		return add(set, can, p->path, false, p->write, e);
	if (folder_of(p, folder))
		good = add(set, can, folder, true, p->write, e);
	if (good && p->what == LANDLOCK_OF_FILE && realpath(p->path, real) != NULL) {
		at.path = real;
		if (folder_of(&at, folder))
			good = add(set, can, folder, true, p->write, e);
	}
	return good;
}

const char *
landlock_enter(const struct landlock_path *paths, size_t n, struct err *e)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, ASK_VERSION);
	struct ruleset all;
	size_t size = all_of(version, &all);
	bool good = true;
	int set;

	/* Not built into this kernel, switched off at its start, or a filter does not know the call. */
	if (version <= 0)
		return "not supported";
	set = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
	if (set < 0) {
		err_add(e, NULL, 0, 0, "Landlock: %s; --no-sandbox goes without", strerror(errno));
		return NULL;
	}
	for (size_t i = 0; i < n && good; i++)
		good = add_path(set, &all, &paths[i], e);
	if (good && syscall(SYS_landlock_restrict_self, set, 0) != 0) {
		err_add(e, NULL, 0, 0, "Landlock: %s; --no-sandbox goes without", strerror(errno));
		good = false;
	}
	(void)close(set);
	return good ? "on" : NULL;
}

#else

const char *
landlock_enter(const struct landlock_path *paths, size_t n, struct err *e)
{
	(void)paths, (void)n, (void)e;
	return "not built";
}

#endif
