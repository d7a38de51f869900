/* change.h - a baseline in the hands of an operator: accept, reject, lock, unlock, reset, import, mode.
 *
 * What is meant is a selector in words:
 *	all
 *	[KIND] [FIELD=VALUE...] [asset=ADDRESS]		"peer server=10.20.1.11", "asset=10.20.2.99", "ttl"
 * KIND and fields as in the text form of facts (record/fact.h); asset is either end.
 *
 * The same functions serve the packet thread of a sensor (between two frames, through `act`) and
 * the command line, which has the baseline out of the database without a detector. */
#ifndef DETECT_BASELINE_CHANGE_H
#define DETECT_BASELINE_CHANGE_H

#include "base/err.h"
#include "detect/baseline/facts.h"
#include "detect/baseline/life.h"
#include "record/keep.h"
#include "record/settings.h"

struct baseline;

/* Without a detector: the tables, with what `keep` has.  NULL: the reason is in `e`. */
struct baseline	*baseline_alone(const struct settings *s, const struct keep *keep, struct counters *c, struct err *e);
/* What changed goes to keep; then it is freed. */
void		 baseline_alone_close(struct baseline *b, const struct keep *keep);

struct facts	*baseline_facts(struct baseline *b);
struct lives	*baseline_lives(struct baseline *b);
/* The last moment that it knows of, capture clock. */
uint64_t	 baseline_last_ns(const struct baseline *b);

/* Do what the action says (object "baseline", verb accept..., id: the selector; import: id the key and
 * text the rest of a line).  NULL: done, *n facts changed; else why not (static text). */
const char	*baseline_change(struct baseline *b, const struct keep_action *a, uint64_t now_ns, uint32_t *n);

/* Selectors, for those that list. */
struct chosen {
	bool		 all, has_asset;
	unsigned	 kind;		/* FACT_KIND_COUNT: any */
	struct addr	 asset;
	unsigned	 n_words;	/* "field=value", all of which must hold */
	struct { const char *p; size_t n; } words[24];
};
/* Borrows the text.  NULL: it is right; else what is wrong (static text). */
const char	*chosen_read(struct chosen *c, const char *text);
bool		 chosen_has(const struct chosen *c, const struct fact *f);

#endif
