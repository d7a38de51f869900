#include "output/stage.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

bool
stage_open(struct stage *s, size_t bytes, unsigned max)
{
	*s = (struct stage){ .size = bytes, .max = max };
	s->bytes = malloc(bytes);
	s->of = calloc(max, sizeof(*s->of));
	if (s->bytes != NULL && s->of != NULL)
		return true;
	stage_close(s);
	return false;
}

void
stage_close(struct stage *s)
{
	free(s->bytes);
	free(s->of);
	*s = (struct stage){ 0 };
}

#define SMALL ((size_t)256 << 10)

/* A stage that was full while its receiver was away, and holds little now, gives its memory back to the system. */
static void
give_back(struct stage *s)
{
	size_t page, from, to;

	if (s->to > SMALL || s->touched < 2 * SMALL)
		return;
	page = (size_t)sysconf(_SC_PAGESIZE);
	from = ((size_t)(uintptr_t)s->bytes + SMALL + page - 1) & ~(page - 1);
	to = ((size_t)(uintptr_t)s->bytes + s->touched) & ~(page - 1);
	if (to > from)
		(void)madvise((void *)(uintptr_t)from, to - from, MADV_DONTNEED);
	s->touched = SMALL;
}

/* The lines to the start of the bytes, when what is free there is worth the copy: half of them, so that no byte is
 * copied more than once for one that came.  A stage that holds little stays small. */
static void
make_space(struct stage *s)
{
	size_t gap = s->from;

	if (gap < (s->to < s->size / 2 ? s->to / 2 : s->size / 4))
		return;
	memmove(s->bytes, s->bytes + gap, s->to - gap);
	for (unsigned i = 0; i < s->n; i++)
		stage_at(s, i)->at -= gap;
	s->from = 0;
	s->to -= gap;
	give_back(s);
}

bool
stage_put(struct stage *s, const struct line_head *h, const char *line, size_t len, uint64_t record)
{
	if (s->n == s->max)
		return false;
	if (len > s->size - s->to || s->to + len > SMALL)
		make_space(s);
	if (len > s->size - s->to)
		return false;
	memcpy(s->bytes + s->to, line, len);
	*stage_at(s, s->n++) = (struct staged){ .at = s->to, .len = (uint32_t)len, .record = record, .head = *h };
	s->to += len;
	if (s->to > s->touched)
		s->touched = s->to;
	return true;
}

void
stage_drop(struct stage *s, unsigned n)
{
	s->head = (s->head + n) % s->max;
	s->n -= n;
	s->given -= n < s->given ? n : s->given;
	s->first += n;
	s->from = s->n > 0 ? stage_at(s, 0)->at : 0;
	if (s->n == 0) {
		s->to = 0;
		give_back(s);
	}
}

unsigned
stage_drop_rest(struct stage *s)
{
	unsigned n = s->n - s->given;

	s->n = s->given;
	s->to = s->n > 0 ? stage_at(s, s->n - 1)->at + stage_at(s, s->n - 1)->len : 0;
	s->from = s->n > 0 ? s->from : 0;
	return n;
}

unsigned
stage_again(struct stage *s)
{
	unsigned n = s->given;

	for (unsigned i = 0; i < n; i++)
		stage_at(s, i)->repeated = true;
	s->given = 0;
	return n;
}
