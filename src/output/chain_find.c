/* chain_find.c - where the chain stood when the sensor last ended: in the newest of its files. */
#include "output/chain.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zlib.h>

#include "output/transport/transport.h"

#define FILES	8u		/* so many of the newest are looked at */
#define PATH	4096u

struct candidate {
	char		path[PATH];
	struct timespec	changed;
	off_t		size;
};

static bool
newer(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec != b->tv_sec ? a->tv_sec > b->tv_sec : a->tv_nsec > b->tv_nsec;
}

/* Keep the newest, in order. */
static void
note(struct candidate *of, unsigned *n, const struct candidate *one)
{
	unsigned at = *n;

	while (at > 0 && newer(&one->changed, &of[at - 1].changed))
		at--;
	if (at == FILES)
		return;
	if (*n < FILES)
		(*n)++;
	memmove(&of[at + 1], &of[at], (*n - at - 1) * sizeof(*of));
	of[at] = *one;
}

/* "eve.json", "eve.json.1", "eve.json-20261130.gz": the file and what it was renamed to. */
static bool
is_of(const char *name, const char *base)
{
	size_t n = strlen(base);

	return strncmp(name, base, n) == 0 && (name[n] == '\0' || name[n] == '.' || name[n] == '-');
}

static unsigned
candidates(const char *path, struct candidate of[FILES])
{
	const char *slash = strrchr(path, '/'), *base = slash != NULL ? slash + 1 : path;
	char folder[PATH] = ".";
	const struct dirent *d;
	unsigned n = 0;
	DIR *dir;

	if (slash != NULL && (size_t)(slash - path) < sizeof(folder) - 1) {
		memcpy(folder, path, (size_t)(slash - path) + 1);
		folder[slash - path + 1] = '\0';
	}
	dir = opendir(folder);
	if (dir == NULL)
		return 0;
	while ((d = readdir(dir)) != NULL) {
		struct candidate one;
		struct stat st;

		if (!is_of(d->d_name, base) ||
		    snprintf(one.path, sizeof(one.path), "%s/%s", folder, d->d_name) >= (int)sizeof(one.path) ||
		    stat(one.path, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size == 0)
			continue;
		one.changed = st.st_mtim;
		one.size = st.st_size;
		note(of, &n, &one);
	}
	(void)closedir(dir);
	return n;
}

/* Its last link or head; compressed or not. */
static bool
last_in(const struct candidate *file, char *line, struct chain_link *to)
{
	gzFile in = gzopen(file->path, "rb");
	bool found = false;
	struct chain_link link;

	if (in == NULL)
		return false;
	(void)gzbuffer(in, 1u << 17);
	if (gzdirect(in) && file->size > (off_t)CHAIN_LOOK)
		(void)gzseek(in, (z_off_t)(file->size - (off_t)CHAIN_LOOK), SEEK_SET);
	while (gzgets(in, line, (int)OUTPUT_LINE_MAX) != NULL) {
		size_t n = strlen(line);

		if (chain_read(line, n, &link) || chain_read_head(line, n, &link)) {
			*to = link;
			found = true;
		}
	}
	(void)gzclose(in);
	return found;
}

bool
chain_find(const char *path, struct chain_link *to)
{
	struct candidate *of = calloc(FILES + 1, sizeof(*of));
	char *line = malloc(OUTPUT_LINE_MAX);
	bool found = false;
	unsigned n;

	if (of != NULL && line != NULL) {
		n = candidates(path, of);
		for (unsigned i = 0; i < n && !found; i++)
			found = last_in(&of[i], line, to);
	}
	free(line);
	free(of);
	return found;
}
