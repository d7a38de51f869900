/* when.h - a time as people and other programs read it. */
#ifndef BASE_WHEN_H
#define BASE_WHEN_H

#include <stdint.h>

#include "base/str.h"

/* ns since 1970 in UTC, "2026-11-30T10:00:00.123456Z"; "" for 0.  `to` has WHEN_TEXT bytes. */
#define WHEN_TEXT 40
const char *when_text(int64_t ns, char to[WHEN_TEXT]);

/* How long it lasts: 120 -> "2 minutes"; _about: 921 -> "about 15 minutes". */
void	when_lasts(struct strbuf *s, uint64_t seconds);
void	when_about(struct strbuf *s, uint64_t seconds);

#endif
