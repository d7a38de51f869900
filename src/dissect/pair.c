/* pair.c - a pool of waiting requests, in two orders: by conversation and by
 * age.  Short requests (nearly all) are kept in the entry itself, long ones in
 * a second, smaller pool. */
#include "dissect/pair.h"

#include <string.h>

#include "dissect/conversation.h"

#define SHORT_LEN 64u		/* a Modbus poll has 12 bytes, a DNP3 one about 20 */

struct big {
	struct link	 by_age;
	struct pend	*of;
	uint8_t		 bytes[];	/* d->big_len */
};

struct pend {
	struct link		 by_age;	/* d->pend_by_age: the capture's order */
	struct link		 in_conv;	/* conv->waiting */
	struct conversation	*conv;
	enum flow_dir		 dir;
	bool			 from_client;
	uint16_t		 source;
	uint64_t		 id;
	uint32_t		 key, note, len;
	struct op_side		 request;
	struct big		*big;		/* NULL: the bytes are in `few` */
	uint8_t			 few[SHORT_LEN];
};

int
pair_open(struct dissect *d)
{
	uint32_t n = d->set.max_pending > 0 ? (uint32_t)d->set.max_pending : 1;

	list_init(&d->pend_by_age);
	list_init(&d->big_by_age);
	if (pool_open(&d->pends, n, sizeof(struct pend)) != 0)
		return -1;
	if (d->big_len <= SHORT_LEN)
		return 0;
	return pool_open(&d->bigs, n / 16 + 8, sizeof(struct big) + d->big_len);
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
	if (p->big != NULL) {
		list_remove(&p->big->by_age);
		pool_put(&d->bigs, p->big);
	}
	pool_put(&d->pends, p);
}

/* What the dissector is shown of it; the bytes go to the arena. */
static struct pending
show(struct dissect *d, const struct pend *p)
{
	struct pending out = { .id = p->id, .key = p->key, .note = p->note,
	    .from_client = p->from_client, .request = p->request, .len = p->len };

	out.bytes = arena_copy(d->arena, p->big != NULL ? p->big->bytes : p->few, p->len);
	if (out.bytes == NULL) {
		out.len = 0;
		count(d->counters, CNT_APP_ARENA_FULL);
	}
	return out;
}

/* It will not be answered any more: report and forget it. */
static void
give_up(struct dissect *d, struct pend *p)
{
	struct at at = { p->request.ts_ns, p->request.frame, p->source };
	struct dis_ctx x = conv_ctx(d, p->conv, p->dir, at);
	size_t mark = d->arena->used;
	struct pending out = show(d, p);

	x.from_client = p->from_client;
	x.again = true;
	forget(d, p);
	if (x.conv->by->unanswered != NULL)
		x.conv->by->unanswered(&x, &out);
	arena_rewind(d->arena, mark);
}

static void
evict_oldest(struct dissect *d, struct link *head)
{
	struct pend *p = head == &d->big_by_age ?
	    LIST_OWNER(head->next, struct big, by_age)->of :
	    head == &d->pend_by_age ? LIST_OWNER(head->next, struct pend, by_age) :
	    LIST_OWNER(head->next, struct pend, in_conv);

	count(d->counters, CNT_APP_PAIR_EVICTED);
	give_up(d, p);
}

static void
keep_bytes(struct dissect *d, struct pend *p, const uint8_t *pdu, uint32_t len)
{
	uint8_t *to = p->few;

	p->len = len < SHORT_LEN ? len : SHORT_LEN;
	p->big = NULL;
	if (len > SHORT_LEN && d->big_len > SHORT_LEN) {
		if (d->bigs.first_free == POOL_NONE)
			evict_oldest(d, &d->big_by_age);
		p->big = pool_get(&d->bigs);
		p->big->of = p;
		list_append(&d->big_by_age, &p->big->by_age);
		p->len = len < d->big_len ? len : d->big_len;
		to = p->big->bytes;
	}
	if (p->len > 0)
		memcpy(to, pdu, p->len);
}

static struct pend *
put(struct dis_ctx *x, uint64_t id, uint32_t key, uint32_t note, const uint8_t *pdu, uint32_t len)
{
	struct dissect *d = x->room;
	struct conversation *c = x->conv;
	uint32_t kept = len < c->by->max_pending ? len : c->by->max_pending;
	struct pend *p;

	if (c->n_waiting > 0 && c->n_waiting >= d->set.max_pending_flow)
		evict_oldest(d, &c->waiting);
	if (d->pends.first_free == POOL_NONE)
		evict_oldest(d, &d->pend_by_age);
	p = pool_get(&d->pends);
	p->conv = c;
	p->dir = x->dir;
	p->from_client = x->from_client;
	p->source = x->source;
	p->id = id;
	p->key = key;
	p->note = note;
	p->request = dis_side(x, len);
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
	(void)put(x, id, key, note, pdu, len);
}

void
pair_keep(struct dis_ctx *x, const struct pending *was, enum flow_dir dir, uint32_t key,
    uint32_t note, const uint8_t *bytes, uint32_t len)
{
	struct pend *p = put(x, was->id, key, note, bytes, len);

	p->dir = dir;
	p->from_client = was->from_client;
	p->request = was->request;
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
	*out = show(x->room, p);
	forget(x->room, p);
	return true;
}

bool
pair_has(const struct dis_ctx *x, uint32_t key)
{
	return find(x->conv, key) != NULL;
}

uint32_t
pair_waiting(const struct dis_ctx *x)
{
	return x->conv->n_waiting;
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

	while (!list_empty(&d->pend_by_age)) {
		struct pend *p = LIST_OWNER(d->pend_by_age.next, struct pend, by_age);

		/* Frames of several files or interfaces may step back a little in
		 * time; what is younger than now waits on, unless it is so by more than
		 * it may wait: then the clock was set back. */
		if ((p->request.ts_ns > now_ns ? p->request.ts_ns - now_ns :
		    now_ns - p->request.ts_ns) < wait_ns)
			break;
		give_up(d, p);
	}
}

void
dis_operation(struct dis_ctx *x, struct operation *op)
{
	const struct dissector *by = x->conv->by;

	op->flow = x->flow;
	if (op->proto == OP_UNKNOWN)
		op->proto = by->proto;
	if (op->request.seen && op->response.seen && op->response.ts_ns > op->request.ts_ns)
		op->latency_ns = op->response.ts_ns - op->request.ts_ns;
	if (op->phase == OP_FINISHED) {
		x->flow->transactions++;
		if (by->counters.tx != 0)
			count(x->counters, by->counters.tx);
	}
	x->sink->operation(x->sink->arg, op);
}
