/* rules.h - the detector that runs rules (the language is in detect/rules). */
#ifndef DETECT_MATCH_RULES_H
#define DETECT_MATCH_RULES_H

#include "detect/detector.h"
#include "detect/rules/rule.h"

extern const struct detector rules_detector;

/* The rules that an open detector runs, and how often each was found (by rule.index). */
const struct rule_set *rules_of(const void *detector);
const uint64_t *rules_hits(const void *detector);

#endif
