/* malloc_count.c - preloaded into thermowell by the allocation test: counts
 * every allocation of the process, whichever library asks for it, and writes
 * the number to the file named by MALLOC_COUNT_FILE at exit. */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static atomic_ulong calls;
static void *(*next_malloc)(size_t);
static void *(*next_calloc)(size_t, size_t);
static void *(*next_realloc)(void *, size_t);

/* dlsym() itself may call calloc() before the real one is known. */
static char early[4096];
static size_t early_used;

void *
malloc(size_t n)
{
	if (next_malloc == NULL)
		*(void **)&next_malloc = dlsym(RTLD_NEXT, "malloc");
	atomic_fetch_add(&calls, 1);
	return next_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	static int looking;

	if (next_calloc == NULL) {
		if (looking) {
			size_t want = (n * size + 15) & ~(size_t)15;
			void *p = early + early_used;

			early_used += want;
			return early_used <= sizeof(early) ? p : NULL;
		}
		looking = 1;
		*(void **)&next_calloc = dlsym(RTLD_NEXT, "calloc");
	}
	atomic_fetch_add(&calls, 1);
	return next_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	if (next_realloc == NULL)
		*(void **)&next_realloc = dlsym(RTLD_NEXT, "realloc");
	atomic_fetch_add(&calls, 1);
	return next_realloc(p, n);
}

__attribute__((destructor)) static void
report(void)
{
	const char *path = getenv("MALLOC_COUNT_FILE");
	unsigned long n = atomic_load(&calls);
	FILE *f = path != NULL ? fopen(path, "w") : NULL;

	if (f != NULL) {
		fprintf(f, "%lu\n", n);
		(void)fclose(f);
	}
}
