#include "base/hash.h"

#include <sys/random.h>
#include <time.h>

uint64_t
hash_key(void)
{
	uint64_t key = 0;

	/* This can fail only very early in boot; any unpredictable value will do then. */
	if (getrandom(&key, sizeof(key), 0) != (ssize_t)sizeof(key)) {
		struct timespec t = { 0 };

		(void)clock_gettime(CLOCK_MONOTONIC, &t);
		key = hash_mix((uint64_t)t.tv_nsec + 1, (uint64_t)(uintptr_t)&key | 1);
	}
	return key;
}
