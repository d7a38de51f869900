/* rules.h - which rules and types of alerts there was something to say by, out of all alerts of a database. */
#ifndef WEB_RULES_H
#define WEB_RULES_H

#include "base/err.h"
#include "base/json.h"

/* {"rules": [{"gid", "sid", "rev", "signature", "type", "severity", "alerts", "hits", "first", "last"}...], "of": alerts in all}; texts
 * and severity are those of the latest alert of each.  NULL with the reason in `e`. */
json_t	*web_rules(const char *store, struct err *e);

#endif
