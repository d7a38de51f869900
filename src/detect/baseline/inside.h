/* inside.h - what the files of the detector itself share (baseline.c, stage.c, keeping.c, change.c). */
#ifndef DETECT_BASELINE_INSIDE_H
#define DETECT_BASELINE_INSIDE_H

#include "detect/baseline/life.h"
#include "detect/baseline/memo.h"
#include "detect/baseline/model.h"

#define BASELINE_MODELS 8u
#define GRAVES	64u

/* What something grave was reported of. */
struct grave {
	uint64_t	flow, tx, frame;	/* tx 0: of what came with this frame */
	bool		response;		/* the device said it, and its client did nothing */
	unsigned	before;		/* number of the last one of its flow before it, as in known_flow.graves; 0: none */
};

/* What it knows of a flow. */
struct known_flow {
	uint64_t	peer;		/* 0: not asked for yet */
	uint8_t		client_end, proto;	/* that it was made of */
	uint32_t	unit_sent, unit;	/* unit.c: what the operation says, and which one that is, */
	uint64_t	unit_epoch;	/* of known facts then, plus one; 0: it was not asked for */
	unsigned	graves;		/* how many there were, of all flows, when the last one was its own; 0: it has none */
};

/* Whose stage was asked for, of a kind of facts. */
#define OWNERS	256u
struct known_owner {
	struct addr	owner;
	uint64_t	epoch;		/* of known facts, when the device was one of those, and no new one; 0: it was not */
	struct life	*life;		/* NULL: there was none, */
	uint32_t	lives;		/* one more than there were then; 0: the place is free */
	uint8_t		kind;
};

struct baseline {
	struct detect_env	 env;
	const struct baseline_settings *s;
	uint64_t		 mode;		/* enum baseline_mode; changes while it runs */
	bool			 mode_set;	/* by the operator, while it runs */
	uint64_t		 merge_ns;
	struct facts		*facts;		/* NULL: the mode is off */
	struct lives		*lives;
	struct memo		 memo;
	void			*each[BASELINE_MODELS];	/* of the models */
	unsigned		 of_packet[BASELINE_MODELS], n_of_packet;	/* those that see packets */
	uint32_t		 slot;		/* of flows */
	struct known_owner	 owners[OWNERS];	/* of stage.c */
	uint64_t		 first_ns;	/* capture clock; 0: nothing was seen yet */
	uint64_t		 tick_ns;	/* next tick of the models */
	uint64_t		 lives_ns;	/* when lives go to the store next, */
	bool			 lives_changed;	/* if any of them changed */
	uint64_t		 last_kept_ns;	/* the last that the store knew of at start */

	/* Of expire.c. */
	uint64_t		 watched_ns;	/* since when there was no long pause; 0: not known */
	uint64_t		 alive_ns;	/* the last tick before which something came */
	uint32_t		 expire_at;	/* the next fact that is looked at */
	bool			 alive, watched_changed;

	/* The operation in hand. */
	struct deviation	 next, best;	/* next is zero before a model is asked */
	uint32_t		 seen[MEMO_FACTS], n_seen;	/* facts of it that were known */
	bool			 has_reviewed;
	struct fact_key		 reviewed;	/* learned in review */

	struct grave		 graves[GRAVES];
	unsigned		 n_graves;	/* ever */
	struct {			/* learned of the last operation */
		uint64_t	flow, frame;
		struct fact_key	keys[16];
		unsigned	n;
	} last;
};

/* baseline.c: facts, lives and memo.  false: no memory. */
bool		 baseline_open_tables(struct baseline *b);
void		 baseline_close_tables(struct baseline *b);

/* stage.c.  Of all whose fact it is the last stage. */
enum life_stage	 baseline_stage(struct baseline *b, const struct fact_key *k, uint64_t now_ns);

/* unit.c.  The unit of an operation whose ends are known, also where its conversation began unseen. */
uint32_t	 baseline_unit(struct baseline *b, const struct sighting *s);

/* graves.c.  A finding of any detector. */
void		 baseline_finding(void *arg, const struct finding *f);
/* What grave thing was reported of an operation; NULL: none. */
const struct grave *baseline_grave(const struct baseline *b, const struct operation *op);

/* expire.c.  A second has passed: what has not come for too long expires. */
void		 baseline_expire(struct baseline *b, uint64_t now_ns);
/* Is this row how long the plant is watched?  Then that is known. */
bool		 baseline_watched_from(struct baseline *b, const struct keep_life *row);
/* false: it waits for the next time. */
bool		 baseline_put_watched(struct baseline *b, const struct keep *keep);

/* keeping.c.  What `keep` has; NULL: nothing.  0, or -1 with the reason in `e`. */
int		 baseline_restore(struct baseline *b, const struct keep *keep, struct err *e);
/* What changed since; `all`: however much it is.  false: some of it waits for the next time. */
bool		 baseline_save(struct baseline *b, const struct keep *keep, uint64_t now_ns, bool all);

#endif
