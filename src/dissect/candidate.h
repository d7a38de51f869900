/* candidate.h - what is kept of a flow that is not claimed yet, and what it proves.
 *
 * Private to dissect/: candidate.c keeps the first bytes, evidence.c judges them,
 * choose.c decides.
 */
#ifndef DISSECT_CANDIDATE_H
#define DISSECT_CANDIDATE_H

#include "dissect/conversation.h"

#define TRIES		24u	/* refused segments of one direction, then it is left alone */
#define PIECES		64u	/* segments or datagrams kept of a candidate */
#define CHAIN		8u	/* PDUs looked at in a row */

/* How often a flow was refused, in flow->dissection itself: bit 0: set, so that it
 * is no pointer; 1-5 and 6-10: refused segments of each direction; 11-31: capture
 * time of the last one, in units of 4 s. */
struct note {
	uint32_t	refused[2];
	uint32_t	when;
};
#define WHEN_MASK 0x1fffffu

struct piece {
	struct at	at;
	uint32_t	off, len;	/* in the bytes of its direction */
	uint8_t		dir;
	bool		truncated;
};

struct candidate {
	enum held	 held;		/* first, as in struct conversation */
	bool		 datagram;
	struct note	 note;
	struct flow	*flow;
	struct conversation *conv;	/* that could not read these bytes (withdraw.c); or NULL */
	struct link	 by_use;
	uint32_t	 n_pieces;
	struct piece	 piece[PIECES];	/* in order of arrival */
	uint32_t	 have[2];
	uint8_t		 bytes[];	/* d->cand_len of each direction */
};

/* ---- candidate.c ---- */

struct note note_read(const struct flow *f);
void	note_write(struct flow *f, struct note n);
uint32_t when_of(uint64_t ts_ns);
void	note_refused(struct note *n, enum flow_dir dir);

int	cand_pool_open(struct dissect *d);
/* For bytes of `conv`, or of a flow that is not claimed (NULL).  May evict another. */
struct candidate *cand_open(struct dissect *d, struct flow *f, struct conversation *conv,
    struct note note, bool datagram);
/* What is still kept goes unread: none when it was read by a dissector. */
void	cand_close(struct dissect *d, struct candidate *k);
uint8_t	*cand_bytes(const struct dissect *d, struct candidate *k, unsigned dir);
/* Take the pieces of `dir` that lie before `off` away. */
void	cand_drop(struct dissect *d, struct candidate *k, enum flow_dir dir, uint32_t off);
void	cand_add(struct dissect *d, struct candidate *k, enum flow_dir dir, const uint8_t *p,
    uint32_t n, bool truncated, struct at at);

/* ---- evidence.c ---- */

/* PDUs of one direction in a row, from a place where a segment began. */
struct chain {
	bool		possible;	/* nothing against it */
	bool		ended;		/* the last PDU ends with the bytes */
	bool		broken;		/* not possible, but for what is behind legal PDUs */
	uint32_t	n;		/* whole legal PDUs (or one that is too long to keep) */
	uint32_t	proven;		/* of them GUESS_YES */
	uint32_t	checked;	/* of them with a checksum that holds */
	uint32_t	flawed;		/* GUESS_FLAWED; not in n */
	uint32_t	carriers;	/* of a carrier, that name what is ours; not in n */
	int		role;
	uint8_t		framing;
	uint32_t	n_tags;
	uint32_t	tag[CHAIN];	/* of all of them */
};

/* Go on with a chain over these bytes. */
void	chain_on(struct chain *ch, const struct dissect *d, const struct dissector *by,
    const uint8_t *p, uint32_t n, bool datagram);

/* The first place in what is kept of this direction where PDUs of ours are, or may
 * begin; *from is then its offset, or all that is kept when there is none.  *keep: what
 * lies before is certainly not. */
struct chain chain_kept(const struct dissect *d, const struct dissector *by, struct candidate *k,
    enum flow_dir dir, bool hinted, uint32_t *from, uint32_t *keep);

/* Is there a PDU in it? */
static inline bool
chain_has_pdu(const struct chain *ch)
{
	return (ch->possible || ch->broken) && ch->n + ch->flawed > 0;
}

/* A PDU of each direction with the same tag and fitting roles. */
bool	chains_agree(const struct chain *a, const struct chain *b);

/* What is asked of one direction alone. */
enum bar {
	BAR_NORMAL,
	BAR_LAST,	/* nothing more will come: one PDU will do, if it is all there is */
	BAR_OTHER	/* the protocol that has the conversation cannot read this */
};

/* How much one direction proves: 0 not enough, 1 a PDU with a fault, 2 legal PDUs, 3 a
 * checksum.  `nonsense`: the other one sent what cannot be ours. */
unsigned chain_convinces(const struct chain *ch, enum bar bar, bool hinted, bool nonsense);

/* Which end has a port that this dissector names: 0, 1; -1 neither. */
int	hinted_end(const struct dissector *by, const struct flow *f, bool datagram);
bool	hinted_by_any(const struct dissect *d, const struct flow *f, bool datagram);

/* ---- choose.c ---- */

/* Whose it is, by all that is kept. */
struct choice {
	const struct dissector	*by;
	enum flow_dir		 dir;	/* whose chain decided */
	unsigned		 strength;
	struct chain		 ch[2];
	uint32_t		 from[2];	/* where the PDUs of each direction begin */
};

/* The best choice; false: none.  keep_from[]: what lies before can be nobody's. */
bool	choose_best(struct dissect *d, struct flow *f, struct candidate *k, enum bar bar,
    struct choice *best, uint32_t keep_from[2]);
/* Claim the flow and read what was kept.  The candidate is gone then. */
struct conversation *choose_claim(struct dissect *d, struct flow *f, struct candidate *k,
    const struct choice *ch);
/* Nothing more will be kept of this flow: the last chance to claim it. */
void	choose_last(struct dissect *d, struct flow *f, struct candidate *k);

#endif
