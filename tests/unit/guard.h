/* guard.h - put test bytes flush against an unreadable page, so that one byte
 * read too many is a crash even without a sanitizer. */
#ifndef TESTS_GUARD_H
#define TESTS_GUARD_H

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define GUARD_MAX (64 * 4096)

/* A copy of n <= GUARD_MAX bytes that ends where memory ends; valid until the
 * next call. */
static inline const uint8_t *
guard(const void *data, size_t n)
{
	static uint8_t *end;
	size_t page = (size_t)sysconf(_SC_PAGESIZE);

	if (end == NULL) {
		uint8_t *m = mmap(NULL, GUARD_MAX + page, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (m == MAP_FAILED || mprotect(m + GUARD_MAX, page, PROT_NONE) != 0)
			_exit(99);
		end = m + GUARD_MAX;
	}
	if (n > GUARD_MAX)
		_exit(99);
	return n > 0 ? memcpy(end - n, data, n) : end;
}

#endif
