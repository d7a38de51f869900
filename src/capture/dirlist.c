#include "capture/dirlist.h"

#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/log.h"

static int
put(struct dirlist *l, char *path, bool named)
{
	if (path == NULL)
		return -1;
	if (l->n == l->max) {
		unsigned more = l->max > 0 ? l->max * 2 : 64;
		struct dirlist_item *larger = realloc(l->items, more * sizeof(*larger));

		if (larger == NULL) {
			free(path);
			return -1;
		}
		l->items = larger;
		l->max = more;
	}
	l->items[l->n++] = (struct dirlist_item){ .path = path, .named = named, .may_grow = named };
	return 0;
}

static char *
join(const char *dir, const char *name)
{
	size_t n = strlen(dir), size = n + strlen(name) + 2;
	char *path = malloc(size);

	if (path != NULL)
		(void)snprintf(path, size, "%s%s%s", dir, n > 0 && dir[n - 1] == '/' ? "" : "/", name);
	return path;
}

static int
by_name(const void *a, const void *b)
{
	const struct dirlist_item *x = a, *y = b;

	return strcmp(x->path, y->path);
}

static bool
newer(const struct stat *a, const struct stat *b)
{
	if (a->st_mtim.tv_sec != b->st_mtim.tv_sec)
		return a->st_mtim.tv_sec > b->st_mtim.tv_sec;
	return a->st_mtim.tv_nsec >= b->st_mtim.tv_nsec;
}

/* Of a directory of rotated files only the newest is still being written. */
static void
mark_newest(struct dirlist *l, unsigned from)
{
	struct stat best = { 0 }, st;
	unsigned at = l->n;

	for (unsigned i = from; i < l->n; i++)
		if (stat(l->items[i].path, &st) == 0 && (at == l->n || newer(&st, &best))) {
			best = st;
			at = i;
		}
	if (at < l->n)
		l->items[at].may_grow = true;
}

struct dirlist_seen {
	dev_t	dev;
	ino_t	ino;
};

/* Remember a folder.  False: it was seen, or there is no memory. */
static bool
is_new(struct dirlist *l, const struct stat *st)
{
	for (unsigned i = 0; i < l->n_seen; i++)
		if (l->seen[i].dev == st->st_dev && l->seen[i].ino == st->st_ino)
			return false;
	if (l->n_seen == l->max_seen) {
		unsigned more = l->max_seen > 0 ? l->max_seen * 2 : 64;
		struct dirlist_seen *larger = realloc(l->seen, more * sizeof(*larger));

		if (larger == NULL)
			return false;
		l->seen = larger;
		l->max_seen = more;
	}
	l->seen[l->n_seen++] = (struct dirlist_seen){ st->st_dev, st->st_ino };
	return true;
}

/* One folder: its files go to `l`, its folders to `below`. */
static int
read_directory(struct dirlist *l, struct dirlist *below, const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *entry;
	struct stat st;
	int r = 0;

	if (d == NULL)
		return -1;
	while (r == 0 && (entry = readdir(d)) != NULL) {
		char *file;

		if (entry->d_name[0] == '.')
			continue;
		file = join(path, entry->d_name);
		if (file != NULL && (stat(file, &st) != 0 ||
		    (!S_ISREG(st.st_mode) && !S_ISDIR(st.st_mode)))) {
			free(file);
			continue;
		}
		if (put(file != NULL && S_ISDIR(st.st_mode) ? below : l, file, false) != 0) {
			errno = ENOMEM;
			r = -1;
		}
	}
	closedir(d);
	return r;
}

/* Folder by folder, in a list of those that are still to be read: the deepest come last. */
static void
add_directory(struct dirlist *l, const char *path, struct err *e)
{
	struct dirlist todo = { 0 };
	unsigned first = l->n, level_ends = 1, depth = 0;
	struct stat st;

	if (put(&todo, strdup(path), true) != 0)
		err_add(e, path, 0, 0, "no memory to list the directory");
	for (unsigned i = 0; i < todo.n; i++) {
		unsigned from = l->n;
		char *dir = todo.items[i].path;

		if (i == level_ends) {
			level_ends = todo.n;
			if (++depth > DIRLIST_DEPTH) {
				log_warn("capture", "%s: more than %u folders down; left out", dir, DIRLIST_DEPTH);
				break;
			}
		}
		if (stat(dir, &st) == 0 && !is_new(l, &st))
			continue;
		if (read_directory(l, &todo, dir) != 0) {
			if (i == 0)
				err_add(e, dir, 0, 0, "cannot read the directory: %s", strerror(errno));
			else
				log_warn("capture", "%s: cannot read the directory: %s; left out", dir,
				    strerror(errno));
		}
		mark_newest(l, from);
	}
	dirlist_free(&todo);
	if (l->n > first)
		qsort(l->items + first, l->n - first, sizeof(*l->items), by_name);
}

void
dirlist_add(struct dirlist *l, const char *const *paths, unsigned n, struct err *e)
{
	struct stat st;

	for (unsigned i = 0; i < n; i++) {
		bool is_stdin = strcmp(paths[i], "-") == 0;

		if (!is_stdin && stat(paths[i], &st) != 0) {
			err_add(e, paths[i], 0, 0, "%s", strerror(errno));
			continue;
		}
		if (!is_stdin && S_ISDIR(st.st_mode))
			add_directory(l, paths[i], e);
		else if (put(l, strdup(paths[i]), true) != 0)
			err_add(e, paths[i], 0, 0, "no memory");
	}
}

void
dirlist_free(struct dirlist *l)
{
	for (unsigned i = 0; i < l->n; i++)
		free(l->items[i].path);
	free(l->items);
	free(l->seen);
	*l = (struct dirlist){ 0 };
}
