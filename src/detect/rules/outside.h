/* outside.h - words of Suricata or Snort about something this sensor does not inspect.  A rule with one is left out, never half matched. */
#ifndef DETECT_RULES_OUTSIDE_H
#define DETECT_RULES_OUTSIDE_H

#include <stddef.h>

/* What the word needs ("HTTP"), or NULL when neither has such a word. */
const char *outside_reason(const char *text, size_t n);

#endif
