/* rules.h - which rules and types of alerts there was something to say by, out of the latest alerts of a database. */
#ifndef WEB_RULES_H
#define WEB_RULES_H

#include "base/err.h"
#include "base/json.h"

#define WEB_RULES_OF	10000u	/* alerts that are looked at */

/* {"rules": [{"gid", "sid", "rev", "signature", "type", "severity", "alerts", "hits", "first", "last"}...], "of": alerts looked at};
 * NULL with the reason in `e`. */
json_t	*web_rules(const char *store, struct err *e);

#endif
