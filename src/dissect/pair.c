/* pair.c - a pool of waiting requests, in two orders: by conversation and by
 * age.  Short requests (nearly all) are kept in the entry itself, longer ones in
 * two smaller pools, so that a table for thousands of polls is not paid for in
 * units of the longest job there is. */
#include "dissect/pair.h"

#include <string.h>

#include "base/str.h"
#include "dissect/conversation.h"

#define SHORT_LEN 64u		/* a Modbus poll has 12 bytes, a DNP3 one about 20 */
#define MIDDLE_LEN 512u		/* most writes and S7 reads of many variables */

struct long_request {
	struct link	 by_age;
	struct pend	*of;
	uint8_t		 bytes[];	/* d->longs[].len */
};

struct pend {
	struct link		 by_age;	/* d->pend_by_age: the capture's order */
	struct link		 in_conv;	/* conv->waiting */
	struct conversation	*conv;
	struct long_request	*more;		/* NULL: the bytes are in `few` */
	struct parsed_request		*read;		/* NULL: the bytes must be read again */
	uint64_t		 id;
	uint64_t		 ts_ns, frame;	/* of the request */
	uint64_t		 since_ns;	/* waits for this request, or the next part of its
						 * answer, by the clock of dissect_tick() */
	uint32_t		 key, note;
	uint32_t		 len;		/* bytes kept */
	uint32_t		 pdu_len;	/* of the whole request */
	uint16_t		 source;
	uint8_t			 dir;		/* enum flow_dir */
	uint8_t			 size;		/* of `more`: which of d->longs */
	uint8_t			 ttl;		/* of the request */
	bool			 from_client;
	uint8_t			 few[SHORT_LEN];
};

int
pair_open(struct dissect *d)
{
	uint32_t n = d->set.max_pending > 0 ? (uint32_t)d->set.max_pending : 1;

	list_init(&d->pend_by_age);
	d->longs[0].len = d->big_len < MIDDLE_LEN ? d->big_len : MIDDLE_LEN;
	d->longs[1].len = d->big_len;
	for (unsigned i = 0; i < 2; i++) {
		struct long_pool *l = &d->longs[i];

		list_init(&l->by_age);
		if (l->len > SHORT_LEN && (i == 0 || l->len > MIDDLE_LEN) &&
		    pool_open(&l->pool, n / (i == 0 ? 16 : 64) + 8,
		    sizeof(struct long_request) + l->len) != 0)
			return -1;
	}
	return pool_open(&d->pends, n, sizeof(struct pend));
}

void
pair_close(struct dissect *d)
{
	pool_close(&d->pends);
	pool_close(&d->longs[0].pool);
	pool_close(&d->longs[1].pool);
}

size_t
pair_memory(const struct dissect *d)
{
	return pool_memory(&d->pends) + pool_memory(&d->longs[0].pool) +
	    pool_memory(&d->longs[1].pool);
}

uint64_t
pair_next_id(struct dis_ctx *x)
{
	return ++x->conv->last_id;
}

static void
forget(struct dissect *d, struct pend *p)
{
	list_remove(&p->by_age);
	list_remove(&p->in_conv);
	p->conv->n_waiting--;
	if (p->more != NULL) {
		list_remove(&p->more->by_age);
		pool_put(&d->longs[p->size].pool, p->more);
	}
	if (p->read != NULL)
		request_cache_give(d, p->read);
	pool_put(&d->pends, p);
}

void
pair_unread(struct pend *p)
{
	p->read = NULL;
}

/* What the dissector is shown of it; the bytes go to the arena. */
static struct pending
show(struct dissect *d, const struct pend *p)
{
	struct pending out = { .id = p->id, .key = p->key, .note = p->note,
	    .from_client = p->from_client, .len = p->len,
	    .request = { .seen = true, .ts_ns = p->ts_ns, .frame = p->frame,
	    .len = p->pdu_len, .ttl = p->ttl } };

	out.bytes = arena_copy(d->arena, p->more != NULL ? p->more->bytes : p->few, p->len);
	if (out.bytes == NULL) {
		out.len = 0;
		count(d->counters, CNT_APP_ARENA_FULL);
	}
	if (p->read != NULL)
		out.read = request_cache_take(p->read);
	return out;
}

/* It will not be answered any more: report and forget it. */
static void
give_up(struct dissect *d, struct pend *p)
{
	struct at at = { p->ts_ns, p->frame, p->source };
	struct dis_ctx x;
	size_t mark = d->arena->used;
	struct pending out = show(d, p);
	struct conversation *c = p->conv;

	conv_ctx(&x, d, c, (enum flow_dir)p->dir, at);
	c->late[c->late_at] = p->key;
	c->late_at = (uint8_t)((c->late_at + 1) % COUNTOF(c->late));
	x.from_client = p->from_client;
	x.again = true;
	forget(d, p);
	if (x.conv->by->unanswered != NULL)
		x.conv->by->unanswered(&x, &out);
	arena_rewind(d->arena, mark);
}

static void
evict(struct dissect *d, struct pend *p)
{
	count(d->counters, CNT_APP_PAIR_EVICTED);
	give_up(d, p);
}

static void
keep_bytes(struct dissect *d, struct pend *p, const uint8_t *pdu, uint32_t len)
{
	uint8_t *to = p->few;

	p->len = len < SHORT_LEN ? len : SHORT_LEN;
	p->more = NULL;
	if (len > SHORT_LEN && d->longs[0].len > SHORT_LEN) {
		struct long_pool *l = &d->longs[len > d->longs[0].len ? 1 : 0];

		if (l->pool.n == 0)
			l = &d->longs[0];
		if (l->pool.first_free == POOL_NONE)
			evict(d, LIST_OWNER(l->by_age.next, struct long_request, by_age)->of);
		p->more = pool_get(&l->pool);
		p->more->of = p;
		p->size = (uint8_t)(l - d->longs);
		list_append(&l->by_age, &p->more->by_age);
		p->len = len < l->len ? len : l->len;
		to = p->more->bytes;
	}
	if (p->len > 0)
		memcpy(to, pdu, p->len);
}

static struct pend *
put(struct dis_ctx *x, uint64_t id, uint32_t key, uint32_t note, const uint8_t *pdu, uint32_t len)
{
	struct dissect *d = x->dissect;
	struct conversation *c = x->conv;
	uint32_t kept = len < c->by->max_pending ? len : c->by->max_pending;
	struct pend *p;

	if (c->n_waiting > 0 && c->n_waiting >= d->set.max_pending_flow)
		evict(d, LIST_OWNER(c->waiting.next, struct pend, in_conv));
	if (d->pends.first_free == POOL_NONE)
		evict(d, LIST_OWNER(d->pend_by_age.next, struct pend, by_age));
	p = pool_get(&d->pends);
	p->conv = c;
	p->dir = (uint8_t)x->dir;
	p->from_client = x->from_client;
	p->source = x->source;
	p->id = id;
	p->key = key;
	p->note = note;
	p->read = NULL;
	p->ts_ns = x->ts_ns;
	p->frame = x->frame;
	p->ttl = x->flow->ttl[x->dir];
	p->pdu_len = len;
	/* A frame may be behind the clock: its request has not waited for that. */
	p->since_ns = x->ts_ns > d->tick_ns ? x->ts_ns : d->tick_ns;
	keep_bytes(d, p, pdu, kept);
	list_append(&d->pend_by_age, &p->by_age);
	list_append(&c->waiting, &p->in_conv);
	c->n_waiting++;
	return p;
}

void
pair_put(struct dis_ctx *x, uint64_t id, uint32_t key, uint32_t note, const uint8_t *pdu,
    uint32_t len)
{
	struct pend *p = put(x, id, key, note, pdu, len);

	if (x->parsed != NULL) {
		p->read = x->parsed;
		request_cache_keep(x->dissect, p->read, p);
		x->parsed = NULL;
	}
}

void
pair_keep(struct dis_ctx *x, const struct pending *was, enum flow_dir dir, uint32_t key,
    uint32_t note, const uint8_t *bytes, uint32_t len)
{
	struct pend *p = put(x, was->id, key, note, bytes, len);

	p->dir = (uint8_t)dir;
	p->from_client = was->from_client;
	p->ts_ns = was->request.ts_ns;
	p->frame = was->request.frame;
	p->pdu_len = was->request.len;
	p->ttl = was->request.ttl;
}

static struct pend *
find(const struct conversation *c, uint32_t key)
{
	for (struct link *l = c->waiting.next; l != &c->waiting; l = l->next) {
		struct pend *p = LIST_OWNER(l, struct pend, in_conv);

		if (p->key == key)
			return p;
	}
	return NULL;
}

bool
pair_take(struct dis_ctx *x, uint32_t key, struct pending *out)
{
	struct pend *p = find(x->conv, key);

	if (p == NULL)
		return false;
	*out = show(x->dissect, p);
	forget(x->dissect, p);
	return true;
}

static const uint8_t *
bytes_of(const struct pend *p)
{
	return p->more != NULL ? p->more->bytes : p->few;
}

const uint8_t *
pair_look(const struct dis_ctx *x, uint32_t key, uint32_t *len)
{
	const struct pend *p = find(x->conv, key);

	if (p == NULL)
		return NULL;
	*len = p->len;
	return bytes_of(p);
}

bool
pair_take_fitting(struct dis_ctx *x,
    unsigned (*fit)(const void *arg, uint32_t key, const uint8_t *bytes, uint32_t len),
    const void *arg, struct pending *out)
{
	struct link *head = &x->conv->waiting;
	struct pend *best = NULL;
	unsigned best_fit = 0;

	for (struct link *l = head->next; l != head; l = l->next) {
		struct pend *p = LIST_OWNER(l, struct pend, in_conv);
		unsigned f = fit(arg, p->key, bytes_of(p), p->len);

		if (f > best_fit) {
			best = p;
			best_fit = f;
		} else if (f > 0 && f == best_fit)
			best = NULL;
	}
	if (best == NULL)
		return false;
	*out = show(x->dissect, best);
	forget(x->dissect, best);
	return true;
}

bool
pair_has(const struct dis_ctx *x, uint32_t key)
{
	return find(x->conv, key) != NULL;
}

bool
pair_was_given_up(struct dis_ctx *x, uint32_t key)
{
	struct conversation *c = x->conv;

	for (size_t i = 0; i < COUNTOF(c->late); i++)
		if (c->late[i] == key) {
			c->late[i] = 0;
			return true;
		}
	return false;
}

uint32_t
pair_waiting(const struct dis_ctx *x)
{
	return x->conv->n_waiting;
}

void
pair_give_up_all(struct dis_ctx *x)
{
	pair_close_all(x->dissect, x->conv);
}

void
pair_close_all(struct dissect *d, struct conversation *c)
{
	while (!list_empty(&c->waiting))
		give_up(d, LIST_OWNER(c->waiting.next, struct pend, in_conv));
}

void
pair_expire(struct dissect *d, uint64_t now_ns)
{
	uint64_t wait_ns = d->set.answer_timeout_ms * 1000000u;

	d->tick_ns = now_ns;
	while (!list_empty(&d->pend_by_age)) {
		struct pend *p = LIST_OWNER(d->pend_by_age.next, struct pend, by_age);

		/* What is younger than now waits on, unless it is so by more than it may
		 * wait: then the clock was set back. */
		if ((p->since_ns > now_ns ? p->since_ns - now_ns :
		    now_ns - p->since_ns) < wait_ns)
			break;
		give_up(d, p);
	}
}

/* An answer that nobody asked for, or whose request came before the capture began, has no other half that one could have seen. */
static bool
half_is_hidden(const struct dis_ctx *x, const struct operation *op)
{
	const unsigned client = flow_client(x->flow), other = op->request.seen ? client ^ 1u : client;

	return x->flow->packets[other] == 0 || x->conv->side[other].missed_ns != 0;
}

void
dis_operation(struct dis_ctx *x, struct operation *op)
{
	const struct dissector *by = x->conv->by;

	op->flow = x->flow;
	if (op->proto == OP_UNKNOWN)
		op->proto = by->protocol->proto;
	if (op->request.seen && op->response.seen && op->response.ts_ns > op->request.ts_ns)
		op->latency_ns = op->response.ts_ns - op->request.ts_ns;
	if (op->phase == OP_FINISHED) {
		x->flow->transactions++;
		if (op->outcome == OUTCOME_ONE_SIDED && half_is_hidden(x, op))
			count(x->counters, CNT_APP_ONE_SIDED);
		if (by->protocol->counters.tx != 0)
			count(x->counters, by->protocol->counters.tx);
	}
	x->sink->operation(x->sink->arg, op);
}
