#include "output/rejected.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "output/jsonw.h"

#define TEXT_MAX (2 * OUTPUT_LINE_MAX)

bool
rejected_open(struct rejected *r, const char *path, uint64_t bytes)
{
	*r = (struct rejected){ .most = bytes / 2 };
	if (path == NULL || bytes == 0)
		return true;
	r->path = strdup(path);
	return r->path != NULL;
}

void
rejected_close(struct rejected *r)
{
	free(r->path);
	free(r->text);
	*r = (struct rejected){ 0 };
}

/* One that is half of what is allowed makes room for the next. */
static void
turn_over(const struct rejected *r, size_t more)
{
	char old[4096];
	struct stat st;

	if (stat(r->path, &st) != 0 || (uint64_t)st.st_size + more <= r->most || st.st_size == 0 ||
	    (size_t)snprintf(old, sizeof(old), "%s.1", r->path) >= sizeof(old))
		return;
	if (rename(r->path, old) != 0)
		log_warn("output", "%s cannot become %s: %s", r->path, old, strerror(errno));
}

static bool
append(const struct rejected *r, const char *text, size_t n)
{
	int fd = open(r->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0640), error;
	ssize_t w;

	if (fd < 0)
		return false;
	w = write(fd, text, n);
	error = w >= 0 ? ENOSPC : errno;
	/* A part of a line is worse than none. */
	if (w > 0 && (size_t)w < n) {
		struct stat st;

		if (fstat(fd, &st) == 0 && ftruncate(fd, st.st_size - (off_t)w) != 0)
			error = errno;
	}
	(void)close(fd);
	errno = error;
	return w == (ssize_t)n;
}

void
rejected_put(struct rejected *r, const struct line_head *h, const char *line, size_t len, const char *reason)
{
	struct jsonw j;

	if (r->path == NULL || (r->text == NULL && (r->text = malloc(TEXT_MAX)) == NULL))
		return;
	j = jsonw_on(r->text, TEXT_MAX - 1);
	jsonw_object(&j, NULL);
	jsonw_time(&j, "timestamp", h->ts_ns);
	jsonw_text(&j, "reason", reason);
	jsonw_bytes(&j, "line", (const uint8_t *)line, len);
	jsonw_object_end(&j);
	if (j.full)
		return;
	r->text[j.len++] = '\n';
	turn_over(r, j.len);
	if (append(r, r->text, j.len)) {
		r->failing = false;
		return;
	}
	if (!r->failing)
		log_error("output", "%s: %s; rejected lines are only counted until it can be written", r->path, strerror(errno));
	r->failing = true;
}
