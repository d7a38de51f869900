/* lists.h - options that ask lists, and what they need to know for it. */
#ifndef DETECT_MATCH_LISTS_H
#define DETECT_MATCH_LISTS_H

#include "asset/ask.h"
#include "asset/geoip.h"
#include "detect/match/case.h"
#include "detect/match/memory.h"

struct match_known {
	struct match_memory	*memory;	/* what `set` and `unset` did */
	const struct geoip	*geoip;	/* or NULL */
	const struct assets	*assets; /* or NULL */
	const struct asset_ask	*ask;	/* what is known of those; or NULL */
};

/* The bytes of an operation's message come behind it: what is asked of them waits. */
enum match_which { LISTS_ALL, LISTS_WITHOUT_PAYLOAD, LISTS_OF_PAYLOAD };

/* geoip, iprep, asset.*, dataset, datarep.  Asked last: `set` and `unset` change their set. */
bool	match_lists(const struct match_known *x, const struct match_rule *m, const struct match_case *k,
	    enum match_which which);

#endif
