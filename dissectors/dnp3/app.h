/* app.h - what app.c, which reads fragments and takes requests, and answers.c, which
 * takes what outstations send, share. */
#ifndef DNP3_APP_H
#define DNP3_APP_H

#include "dnp3.h"

/* The application header, and who sends it as the link says. */
struct dn_head {
	uint8_t	 control, function;
	uint16_t iin;
	bool	 response, from_master;
};

static inline uint8_t
dn_sequence_of(uint8_t control)
{
	return control & 15u;
}

/* Of messages that are compared later without being kept: FNV-1a. */
static inline uint64_t
dn_hash_of(const uint8_t *p, size_t n)
{
	uint64_t h = 14695981039346656037u;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * 1099511628211u;
	return h;
}

/* An operation of this fragment, empty. */
static inline void
dn_begin(struct dis_ctx *x, struct operation *op, const struct dn_fragment *f,
    const struct dn_head *h, uint64_t id)
{
	dis_begin(x, op, id);
	op->proto = OP_DNP3;
	dn_set_ends(op, h->response ? f->dst : f->src, h->response ? f->src : f->dst);
	op->transaction = dn_sequence_of(h->control);
	op->broadcast = !h->response && dn_is_broadcast(f->dst);
}

static inline struct op_side
dn_side_of(const struct dis_ctx *x, const struct dn_fragment *f)
{
	struct op_side s = dis_side(x, f->len);

	s.bytes = f->bytes;
	s.n_bytes = f->len;
	return s;
}

/* What is made of a request; stays with it while it waits (request_begin()). */
struct dn_made {
	struct operation	op;
	struct dnp3_detail	d;
};

/* ---- app.c ---- */

void	dn_name_operation(struct dis_ctx *x, struct operation *op, uint8_t function);
/* Read one side of an operation. */
void	dn_read_message(struct dis_ctx *x, struct operation *op, struct dnp3_message *m,
	    const struct dn_fragment *f, const struct dn_head *h);
/* A waiting request as it was read; else it is read again, quietly, into `scratch`. */
struct dn_made *dn_remember(struct dis_ctx *x, const struct pending *pend, struct dn_made *scratch);

/* ---- answers.c ---- */

void	dn_on_answer(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
	    const struct dn_head *h);
void	dn_on_unsolicited(struct dis_ctx *x, struct dn_stream *s, const struct dn_fragment *f,
	    const struct dn_head *h);

#endif
