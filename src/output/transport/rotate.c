#include "output/transport/rotate.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/log.h"
#include "base/thread.h"
#include "output/jsonw.h"

#define STAMP		16u	/* 20261130T190703Z */
#define CHUNK		(64u << 10)
#define LOOK_NS		UINT64_C(60000000000)
#define STACK		(256u << 10)	/* zlib's, and CHUNK */
#define TEMPORARY	".part"

struct rotate {
	char			*path, *folder, *base;	/* owned; base: within the folder */
	uint64_t		 bytes, every_ns, keep, keep_ns;
	bool			 gzip;
	uint64_t		 period;	/* of the present file: time / every_ns */
	uint64_t		 look_ns;
	char			 last[STAMP + 1];	/* of the latest old file, */
	unsigned		 nth;			/* and how many had it */
	bool			 failing;	/* said once */
	struct thread		 thread;
	struct bell		 bell;
	_Atomic bool		 stop, more;	/* to the thread: end now; look once more */
};

/* ---- names ---------------------------------------------------------------------------- */

/* "20261130T190703Z" out of the time stamp of a record. */
static void
stamp(uint64_t ns, char to[STAMP + 1])
{
	char text[64];
	struct jsonw j = jsonw_on(text, sizeof(text));
	unsigned n = 0;

	jsonw_time(&j, NULL, ns);
	for (size_t i = 0; i < j.len && n < STAMP - 1; i++)
		if ((text[i] >= '0' && text[i] <= '9') || text[i] == 'T')
			to[n++] = text[i];
	to[n++] = 'Z';
	to[n] = '\0';
}

bool
rotate_is_old(const char *base, const char *name, bool *compressed)
{
	static const char digits[] = "0123456789";
	size_t n = strlen(base);
	const char *p = name + n + 1;

	if (strncmp(name, base, n) != 0 || name[n] != '.' || strspn(p, digits) != 8 || p[8] != 'T' ||
	    strspn(p + 9, digits) != 6 || p[15] != 'Z')
		return false;
	p += STAMP;
	if (*p == '_')
		p += 1 + strspn(p + 1, digits);
	*compressed = strcmp(p, ".gz") == 0;
	return *p == '\0' || *compressed;
}

/* ---- the thread -------------------------------------------------------------------------- */

static bool
copy_compressed(struct rotate *r, int from, gzFile to)
{
	char bytes[CHUNK];
	ssize_t n;

	while ((n = read(from, bytes, sizeof(bytes))) > 0)
		if (atomic_load(&r->stop) || gzwrite(to, bytes, (unsigned)n) != (int)n)
			return false;
	return n == 0;
}

/* Beside it, then in its place: a file is never half compressed. */
static void
compress_one(struct rotate *r, int dir, const char *name)
{
	char part[300], whole[300];
	int from, to;
	gzFile z;
	bool good;
	struct stat st;

	if ((size_t)snprintf(part, sizeof(part), "%s.gz" TEMPORARY, name) >= sizeof(part) ||
	    (size_t)snprintf(whole, sizeof(whole), "%s.gz", name) >= sizeof(whole))
		return;
	from = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	to = openat(dir, part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
	z = to >= 0 ? gzdopen(to, "wb6") : NULL;
	if (z == NULL && to >= 0)
		(void)close(to);
	good = from >= 0 && z != NULL && fstat(from, &st) == 0 && copy_compressed(r, from, z);
	good = z != NULL && gzclose(z) == Z_OK && good;
	if (from >= 0)
		(void)close(from);
	if (good && renameat(dir, part, dir, whole) == 0) {
		/* Its age is that of its last line. */
		(void)utimensat(dir, whole, (const struct timespec[2]){ st.st_mtim, st.st_mtim }, 0);
		(void)unlinkat(dir, name, 0);
		return;
	}
	(void)unlinkat(dir, part, 0);
	if (!atomic_load(&r->stop))
		log_warn("output", "%s/%s cannot be compressed: %s; it stays as it is", r->folder, name, strerror(errno));
}

static bool
is_too_old(const struct rotate *r, int dir, const char *name)
{
	uint64_t now = thread_wall(), then;
	struct stat st;

	if (r->keep_ns == 0 || fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) != 0 || st.st_mtim.tv_sec < 0)
		return false;
	then = (uint64_t)st.st_mtim.tv_sec * UINT64_C(1000000000);
	return now > then && now - then > r->keep_ns;
}

/* Names of old files, the oldest first. */
static int
by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static size_t
list(const struct rotate *r, int dir, char ***names)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	size_t n = 0, size = 0;
	bool compressed;

	*names = NULL;
	if (d == NULL && fd >= 0)
		(void)close(fd);
	while (d != NULL && (entry = readdir(d)) != NULL) {
		if (!rotate_is_old(r->base, entry->d_name, &compressed))
			continue;
		if (n == size) {
			char **more = realloc(*names, (size = size != 0 ? 2 * size : 64) * sizeof(*more));

			if (more == NULL)
				break;
			*names = more;
		}
		if (((*names)[n] = strdup(entry->d_name)) != NULL)
			n++;
	}
	if (d != NULL)
		(void)closedir(d);
	if (n > 0)
		qsort(*names, n, sizeof(**names), by_name);
	return n;
}

static void
tidy(struct rotate *r, int dir)
{
	char **names;
	size_t n = list(r, dir, &names);
	bool compressed;

	for (size_t i = 0; i < n; i++) {
		if ((r->keep != 0 && n - i > r->keep) || is_too_old(r, dir, names[i]))
			(void)unlinkat(dir, names[i], 0);
		else if (r->gzip && !atomic_load(&r->stop) && rotate_is_old(r->base, names[i], &compressed) && !compressed)
			compress_one(r, dir, names[i]);
		free(names[i]);
	}
	free(names);
}

static void *
run(void *arg)
{
	struct rotate *r = arg;
	int dir = open(r->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	while (dir >= 0 && !atomic_load(&r->stop) && atomic_exchange(&r->more, false))
		tidy(r, dir);
	if (dir >= 0)
		(void)close(dir);
	atomic_store(&r->thread.ended, true);
	return NULL;
}

static void
start(struct rotate *r)
{
	if (r->keep == 0 && r->keep_ns == 0 && !r->gzip)
		return;
	atomic_store(&r->more, true);
	if (r->thread.running && !atomic_load(&r->thread.ended))
		return;
	if (r->thread.running)
		(void)thread_join(&r->thread, &r->bell, NULL);
	r->thread = (struct thread){ .stack = STACK };
	if (!thread_start(&r->thread, run, r))
		log_warn("output", "%s: no thread for its old files: %s", r->path, strerror(errno));
}

/* ---- the writer's -------------------------------------------------------------------------- */

void
rotate_begun(struct rotate *r, uint64_t bytes, uint64_t written_ns)
{
	if (r->every_ns != 0)
		r->period = (bytes > 0 ? written_ns : thread_wall()) / r->every_ns;
}

uint64_t
rotate_space(const struct rotate *r, uint64_t bytes)
{
	if (r->bytes == 0)
		return UINT64_MAX;
	return bytes < r->bytes ? r->bytes - bytes : 0;
}

bool
rotate_is_due(const struct rotate *r, uint64_t bytes, uint64_t now_ns)
{
	return bytes > 0 && ((r->bytes != 0 && bytes >= r->bytes) || (r->every_ns != 0 && now_ns / r->every_ns != r->period));
}

bool
rotate_away(struct rotate *r, uint64_t now_ns)
{
	char old[4096], gz[4096 + 4], text[STAMP + 1];
	struct stat st;
	int n;

	stamp(now_ns, text);
	/* Several in one second; '_' sorts behind the '.' of ".gz".  A number is not used again when its file was deleted:
	 * names are in the order in which files were put away. */
	if (strcmp(text, r->last) != 0)
		r->nth = 0;
	memcpy(r->last, text, sizeof(text));
	do {
		n = r->nth == 0 ? snprintf(old, sizeof(old), "%s.%s", r->path, text) :
		    snprintf(old, sizeof(old), "%s.%s_%05u", r->path, text, r->nth);
		if (n < 0 || (size_t)snprintf(gz, sizeof(gz), "%s.gz", old) >= sizeof(old))
			return false;
		r->nth++;
	} while (lstat(old, &st) == 0 || lstat(gz, &st) == 0);
	if (rename(r->path, old) != 0) {
		if (!r->failing)
			log_error("output", "%s cannot become %s: %s; it grows until it can", r->path, old, strerror(errno));
		r->failing = true;
		return false;
	}
	r->failing = false;
	start(r);
	return true;
}

void
rotate_look(struct rotate *r, uint64_t now_ns)
{
	if (now_ns - r->look_ns < LOOK_NS)
		return;
	r->look_ns = now_ns;
	start(r);
}

struct rotate *
rotate_open(const struct transport_settings *s, struct err *e)
{
	struct rotate *r;
	const char *slash = strrchr(s->target, '/');

	if (s->rotate_bytes == 0 && s->rotate_ns == 0)
		return NULL;
	r = calloc(1, sizeof(*r));
	if (r != NULL) {
		*r = (struct rotate){ .bytes = s->rotate_bytes, .every_ns = s->rotate_ns, .keep = s->keep_files, .keep_ns = s->keep_ns,
		    .gzip = s->rotate_gzip, .bell.fd = -1 };
		r->path = strdup(s->target);
		r->base = strdup(slash != NULL ? slash + 1 : s->target);
		r->folder = slash == NULL ? strdup(".") : strndup(s->target, slash > s->target ? (size_t)(slash - s->target) : 1);
	}
	if (r == NULL || r->path == NULL || r->base == NULL || r->folder == NULL || !bell_open(&r->bell)) {
		err_add(e, NULL, 0, 0, "no memory for the output %s", s->target);
		rotate_close(r);
		return NULL;
	}
	return r;
}

void
rotate_close(struct rotate *r)
{
	if (r == NULL)
		return;
	atomic_store(&r->stop, true);
	if (r->thread.running)
		(void)thread_join(&r->thread, &r->bell, NULL);
	bell_close(&r->bell);
	free(r->path);
	free(r->base);
	free(r->folder);
	free(r);
}
