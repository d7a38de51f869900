#include "base/arena.h"

#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ARENA_POISON 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define ARENA_POISON 1
#endif
#ifdef ARENA_POISON
#include <sanitizer/asan_interface.h>
#define POISON(p, n)	ASAN_POISON_MEMORY_REGION(p, n)
#define UNPOISON(p, n)	ASAN_UNPOISON_MEMORY_REGION(p, n)
#else
#define POISON(p, n)	((void)(p), (void)(n))
#define UNPOISON(p, n)	((void)(p), (void)(n))
#endif

int
arena_open(struct arena *a, size_t size)
{
	*a = (struct arena){ .block = malloc(size), .size = size };
	if (a->block == NULL)
		return -1;
	POISON(a->block, a->size);
	return 0;
}

void
arena_close(struct arena *a)
{
	if (a->block != NULL)
		UNPOISON(a->block, a->size);
	free(a->block);
	*a = (struct arena){ 0 };
}

void
arena_reset(struct arena *a)
{
	POISON(a->block, a->used);
	a->used = 0;
	a->overflow = false;
}

void
arena_rewind(struct arena *a, size_t mark)
{
	if (mark >= a->used)
		return;
	POISON(a->block + mark, a->used - mark);
	a->used = mark;
}

void *
arena_alloc(struct arena *a, size_t n)
{
	const size_t align = alignof(max_align_t);
	size_t start = (a->used + align - 1) & ~(align - 1);

	if (start > a->size || n > a->size - start) {
		a->overflow = true;
		return NULL;
	}
	a->used = start + n;
	UNPOISON(a->block + start, n);
	return a->block + start;
}

void *
arena_zalloc(struct arena *a, size_t n, size_t size)
{
	void *p;

	if (size != 0 && n > SIZE_MAX / size) {
		a->overflow = true;
		return NULL;
	}
	p = arena_alloc(a, n * size);
	if (p != NULL)
		memset(p, 0, n * size);
	return p;
}

void *
arena_copy(struct arena *a, const void *from, size_t n)
{
	void *p = arena_alloc(a, n);

	if (p != NULL && n > 0)
		memcpy(p, from, n);
	return p;
}
