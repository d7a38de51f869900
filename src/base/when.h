/* when.h - a time as people and other programs read it. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdint.h>

/* ns since 1970 in UTC, "2026-11-30T10:00:00.123456Z"; "" for 0.  `to` has WHEN_TEXT bytes. */
#define WHEN_TEXT 40
const char *when_text(int64_t ns, char to[WHEN_TEXT]);

#endif
