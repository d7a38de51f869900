/* model.h - what a model of the baseline is, and what it may ask.
 *
 * baseline.c shows each finished operation to the models in their order (structure, value,
 * volume, timing).  All of them see it, because they count; it makes at most one deviation, the
 * first one unless a later one is graver.
 * A model learns through baseline_see(), which knows whether this kind of fact of this device is
 * being learned; it holds no table of facts of its own.
 */
#ifndef DETECT_BASELINE_MODEL_H
#define DETECT_BASELINE_MODEL_H

#include "detect/baseline/facts.h"
#include "detect/emit.h"

struct baseline;	/* opaque: baseline.c */

/* Where models have what they keep of a class of operations: one more than a place, 0 nowhere yet. */
struct op_notes { uint32_t poll, block; };

/* What is seen, by the time it is over. */
struct sighting {
	const struct operation	*op;		/* NULL: a packet, a flow */
	const struct asset_ends	*at;		/* whose it is; NULL as op */
	struct addr		 addr[2];	/* by enum op_end */
	uint64_t		 now_ns;
	uint64_t		 peer;		/* hash of client, server, protocol: the same in each of its conversations */
	uint64_t		 op_class;		/* hash of peer and of all that structure asks of the operation: one
						 * polled key.  0: it is not the same twice (no op) */
	struct op_notes		*notes;		/* of its class; NULL: it is looked up each time */
	bool			 may_learn;	/* false: something grave was reported of it, or maintenance */
	bool			 reported;	/* something grave was: one alert is enough, unless nobody knows the client */
};

#define DEVIATION_NUMBERS 4u
struct deviation {
	enum alert_type	 type;
	struct fact	*fact;		/* what deviates; NULL none */
	uint64_t	 key;		/* deviations of one type, client, server and key are one alert; 0: of the fact */
	bool		 from_server;	/* the device did it, not its client */
	uint8_t		 score;		/* 1..100: how sure, by how much is known; 0: of the fact's siblings */
	char		 what[128];	/* in plant words: the sentence's {what} */
	char		 expected[256];	/* what was known; "": of the fact's siblings */
	struct finding_number numbers[DEVIATION_NUMBERS];
	uint32_t	 n_numbers;
};

struct model {
	const char	*name;
	/* NULL with the reason in `e`.  The slots of devices, units and clients are asked for here. */
	void	*(*open)(struct baseline *b, struct err *e);
	/* An operation that is over.  true: it deviates, and `d` (zeroed before) says how. */
	bool	 (*operation)(void *m, const struct sighting *s, struct deviation *d);
	/* A flow that ended; a packet; a tick: these report through baseline_report(). */
	void	 (*flow_end)(void *m, struct flow *f);
	void	 (*packet)(void *m, const struct packet *p, struct flow *f, enum flow_dir dir);
	void	 (*announcement)(void *m, const struct announcement *s);	/* the same */
	void	 (*tick)(void *m, uint64_t now_ns);	/* once a second */
	size_t	 (*memory)(const void *m);
	void	 (*close)(void *m);
};

extern const struct model model_structure, model_traffic, model_value, model_volume, model_timing,
	    model_neighbours;

const struct detect_env *baseline_env(const struct baseline *b);
struct facts	*baseline_facts(struct baseline *b);

/* Is a new fact of this key's kind and owner learned now? */
bool		 baseline_learns(struct baseline *b, const struct fact_key *k, uint64_t now_ns);

/* A fact is seen.  KNOWN: it was learned or accepted, and is counted.  LEARNED: it is now (*f NULL: it
 * would be, but may not).  NEW: it is not expected: *f is open or rejected. */
enum baseline_seen { BASELINE_KNOWN, BASELINE_LEARNED, BASELINE_NEW };
enum baseline_seen baseline_see(struct baseline *b, const struct fact_key *k, const struct sighting *s,
		    struct fact **f);

/* What is known of the siblings of a fact, in words: "3, 6 and 16 since 2026-11-01 06:00, 1204 times".
 * Returns `to`. */
const char	*baseline_expected(struct baseline *b, const struct fact_key *k, char *to, size_t size);
/* How sure a deviation from it is, by how much is known of its siblings: 1..100. */
uint8_t		 baseline_score(struct baseline *b, const struct fact_key *k);

/* Was something grave reported of this flow, so that nothing is learned of it? */
bool		 baseline_grave_flow(const struct baseline *b, const struct flow *f);
/* Where an address of the internet is: "DE, Example Ltd"; "" not known. */
void		 baseline_outside(const struct baseline *b, const struct addr *a, char *to, size_t size);

/* Report what is about no operation in hand: f has its endpoints, time and frame. */
void		 baseline_report(struct baseline *b, struct deviation *d, struct finding *f);

#endif
