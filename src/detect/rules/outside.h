/* outside.h - words that are right in Suricata or Snort and say something this
 * sensor does not look at.  A rule with one is left out, never half matched. */
#ifndef DETECT_RULES_OUTSIDE_H
#define DETECT_RULES_OUTSIDE_H

#include <stddef.h>

/* What the word needs ("HTTP"), or NULL when nobody has such a word. */
const char *outside_reason(const char *text, size_t n);

#endif
