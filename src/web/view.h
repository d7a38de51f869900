/* view.h - what a database holds, as plain structs for pages: the report and the console.
 *
 * A view is a picture of one moment, read beside a sensor that writes; its rows are those of record/keep.h.
 * Each kind is bounded: of more rows the latest are taken, and `more` says that there are others.
 * Texts in rows come from the wire: whatever shows them goes through html.h (or a JSON writer).
 */
#ifndef WEB_VIEW_H
#define WEB_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "record/fact.h"
#include "record/keep.h"

struct view_want {
	const char	*file;			/* the database */
	const char	*baseline_file;		/* of facts and life; NULL: the same */
	const char	*baseline;		/* whose; NULL: "default" */
	int64_t		 since_ns, until_ns;	/* last seen then or later, and before; 0: any time.  Of sights, assets, attributes
						 * and facts all are taken */
	uint32_t	 most[KEEP_KINDS];	/* rows of each kind; 0: none of it */
};

struct view_rows {
	uint8_t		*rows;		/* owned; in the order of time, the latest last */
	uint32_t	 n;
	size_t		 size;		/* bytes of a row */
	bool		 more;
	uint64_t	 all;		/* rows that there are, read or not; at least n */
};

struct view {
	struct view_rows of[KEEP_KINDS];
	/* Made of them when all are read; owned: */
	uint32_t	*assets;	/* rows of KEEP_ASSET in the order of their `of` */
	uint32_t	*attributes;	/* the same of KEEP_ATTRIBUTE */
	uint32_t	*alerts;	/* rows of KEEP_ALERT by uid */
	uint32_t	*members;	/* rows of KEEP_MEMBER by incident, then the beginning of the alert */
	uint32_t	*actions;	/* rows of KEEP_ACTION by id, then time */
};

/* Every kind with the bounds that a report has. */
struct view_want view_whole(const char *file);

/* 0, or -1 with the reason in `e` (nothing is to be closed then). */
int	view_open(struct view *v, const struct view_want *w, struct err *e);
void	view_close(struct view *v);	/* zeroed is ignored */

static inline const void *
view_at(const struct view *v, enum keep_kind k, uint32_t i)
{
	return v->of[k].rows + (size_t)i * v->of[k].size;
}
static inline uint32_t view_n(const struct view *v, enum keep_kind k) { return v->of[k].n; }

#define VIEW_ROWS(type, name, kind) \
	static inline const struct type *view_##name(const struct view *v, uint32_t i) { return view_at(v, kind, i); }
VIEW_ROWS(fact, fact, KEEP_FACT)
VIEW_ROWS(keep_life, life, KEEP_LIFE)
VIEW_ROWS(keep_asset, asset, KEEP_ASSET)
VIEW_ROWS(keep_attribute, attribute, KEEP_ATTRIBUTE)
VIEW_ROWS(keep_alert, alert, KEEP_ALERT)
VIEW_ROWS(keep_incident, incident, KEEP_INCIDENT)
VIEW_ROWS(keep_member, member, KEEP_MEMBER)
VIEW_ROWS(keep_action, action, KEEP_ACTION)
VIEW_ROWS(keep_deed, deed, KEEP_DEED)
VIEW_ROWS(keep_talk, talk, KEEP_TALK)
VIEW_ROWS(keep_sight, sight, KEEP_SIGHT)
VIEW_ROWS(keep_health, health, KEEP_HEALTH)
VIEW_ROWS(keep_tag, tag, KEEP_TAG)
#undef VIEW_ROWS

/* ---- by key; NULL: there is none ---- */

/* The device at an address, and the asset behind it that has this unit. */
const struct keep_asset	*view_find_asset(const struct view *v, const struct addr *a);
const struct keep_asset	*view_find_unit(const struct view *v, const struct keep_of *of);
const struct keep_alert	*view_find_alert(const struct view *v, const char *uid);
const struct keep_incident *view_find_incident(const struct view *v, const char *uid);

/* The alerts of an incident in the order of time, one a call; NULL behind the last.  *at: VIEW_BEGIN before the first. */
#define VIEW_BEGIN UINT32_MAX
const struct keep_alert	*view_next_alert(const struct view *v, const char *incident, uint32_t *at);
/* The values of a device: the i-th, NULL behind the last. */
const struct keep_attribute *view_value_of(const struct view *v, const struct keep_of *of, uint32_t i);
/* What an operator did last with an object ("alert", "incident", "asset", "baseline") by this verb. */
const struct keep_action *view_last_action(const struct view *v, const char *object, const char *id, const char *verb);

/* ---- in words ---- */

/* What people call the device: its name, else its address; with its address behind the name where `both`. */
#define VIEW_NAME_MAX 128u
void	view_name(const struct view *v, const struct addr *a, bool both, char to[VIEW_NAME_MAX]);

/* The Purdue level times ten, of the device at an address; -1: not known. */
int	view_level(const struct view *v, const struct addr *a);

/* The time that all rows lie in; false: there are none. */
bool	view_span(const struct view *v, uint64_t *first_ns, uint64_t *last_ns);

#endif
