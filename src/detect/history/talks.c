/* talks.c - who asked whom for what, how often (KEEP_TALK).
 *
 * A row a client, server, protocol and intent.  A flow keeps the rows of its last two intents, so that an ordinary poll is a look
 * there and three additions.  Other traffic counts when its flow ends, by the name that conduits give it; flows that nobody
 * answered are one row a client, or a scan would fill the table.  Rows are put once a minute, of a replay at the end.
 */
#include "detect/history/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "detect/zones/conduits.h"
#include "record/packet.h"

#define SETS	1024u	/* a power of two */
#define WAYS	8u
#define EVERY_NS	UINT64_C(60000000000)
#define DYNAMIC_PORTS	32768u	/* from there on ports are one */

struct row {
	uint64_t	 key;
	bool		 changed, queued;	/* not put yet; among those that are looked at then */
	struct keep_talk talk;
};

/* Of a flow: the rows of its last intents, of reading and of any other. */
struct talking {
	struct { struct row *row; uint64_t key; uint8_t intent; } last[2];
};

struct talks {
	struct detect_env	 env;
	struct row		*rows;	/* owned; SETS * WAYS, the first n_rows in use: sets have numbers of rows, so that only as
					 * much memory is touched as there are rows */
	uint16_t		(*sets)[WAYS];	/* owned; SETS: one more than the number of a row, 0 none */
	uint32_t		 n_rows;
	uint32_t		 slot;	/* of struct talking */
	uint16_t		*queue;	/* owned; SETS * WAYS: numbers of rows that changed */
	uint32_t		 n_queue;
	uint64_t		 put_ns;	/* when they are put next */
};

static uint64_t
key_of(const struct talks *d, const struct keep_talk *t)
{
	uint64_t h = hash_bytes(d->env.key, (const struct addr[2]){ t->client, t->server }, 2 * sizeof(t->client));

	h = hash_bytes(h, t->service, strlen(t->service)) ^ hash_bytes(h ^ 1, t->intent, strlen(t->intent));
	return h != 0 ? h : 1;
}

/* The row of this key, made of `as` where there is none: in the place of the one of its set that was quiet longest. */
static struct row *
row_of(struct talks *d, const struct keep_talk *as)
{
	uint64_t key = key_of(d, as);
	uint16_t *set = d->sets[key & (SETS - 1)];
	struct row *to = NULL;

	for (unsigned i = 0; i < WAYS; i++) {
		struct row *r;

		if (set[i] == 0) {
			to = &d->rows[d->n_rows++];
			set[i] = (uint16_t)d->n_rows;
			break;
		}
		r = &d->rows[set[i] - 1];
		if (r->key == key)
			return r;
		if (to == NULL || r->talk.last_ns < to->talk.last_ns)
			to = r;
	}
	if (to->key != 0) {
		count(d->env.counters, CNT_HISTORY_TALKS);
		if (to->changed)
			(void)keep_put(d->env.keep, KEEP_TALK, &to->talk, sizeof(to->talk));
	}
	*to = (struct row){ .key = key, .queued = to->queued };
	to->talk = *as;
	return to;
}

static void
changed(struct talks *d, struct row *r)
{
	r->changed = true;
	if (!r->queued)
		d->queue[d->n_queue++] = (uint16_t)(r - d->rows);
	r->queued = true;
}

static void
load_one(void *arg, const void *kept)
{
	(void)row_of(arg, kept);
}

static void
talks_close(void *arg)
{
	struct talks *d = arg;

	free(d->rows);
	free(d->sets);
	free(d->queue);
	free(d);
}

static void *
talks_open(const struct detect_env *env, struct err *e)
{
	struct talks *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->env = *env;
	if (env->keep == NULL)
		return d;
	d->slot = flow_slot_reserve(env->slots, sizeof(struct talking));
	d->rows = calloc((size_t)SETS * WAYS, sizeof(*d->rows));
	d->sets = calloc(SETS, sizeof(*d->sets));
	d->queue = calloc((size_t)SETS * WAYS, sizeof(*d->queue));
	if (d->rows == NULL || d->sets == NULL || d->queue == NULL || keep_load(env->keep, KEEP_TALK, load_one, d, e) != 0) {
		talks_close(d);
		return NULL;
	}
	return d;
}

static struct row *
of_operation(struct talks *d, const struct operation *op)
{
	const struct op_ends ends = op_ends_of(op);
	struct keep_talk as;

	memset(&as, 0, sizeof(as));
	for (unsigned i = 0; i < 2; i++) {
		struct addr *to = i == OP_CLIENT ? &as.client : &as.server;

		if (ends.has_addr)
			*to = ends.addr[i];
		else if (ends.mac_known[i])
			*to = addr_of_mac(ends.mac[i]);
	}
	str_put(as.service, sizeof(as.service), protocols[op->proto]->name);
	str_put(as.intent, sizeof(as.intent), op_intent_name(op->intent));
	as.plant = true;
	return row_of(d, &as);
}

static void
talks_finished(void *arg, const struct operation *op)
{
	struct talks *d = arg;
	struct talking *at = op->flow != NULL && op->flow->slots != NULL ? flow_slot(op->flow, d->slot) : NULL;
	const unsigned which = op->intent == INTENT_READ;
	const uint64_t ts = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	struct row *r;

	if (at != NULL && at->last[which].row != NULL && at->last[which].row->key == at->last[which].key &&
	    at->last[which].intent == op->intent)
		r = at->last[which].row;
	else {
		r = of_operation(d, op);
		if (at != NULL) {
			at->last[which].row = r;
			at->last[which].key = r->key;
			at->last[which].intent = (uint8_t)op->intent;
		}
	}
	changed(d, r);
	r->talk.count++;
	r->talk.bytes += (uint64_t)op->request.len + op->response.len;
	r->talk.refused += op->outcome == OUTCOME_EXCEPTION;
	r->talk.unanswered += op->outcome == OUTCOME_UNANSWERED;
	if (ts > r->talk.last_ns)
		r->talk.last_ns = ts;
	if (r->talk.first_ns == 0)
		r->talk.first_ns = op->request.seen ? op->request.ts_ns : ts;
}

static void
talks_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct talks *d = arg;
	struct keep_talk as;
	struct row *r;

	(void)why;
	if (f->transactions > 0)
		return;		/* its operations were counted */
	memset(&as, 0, sizeof(as));
	as.client = f->addr[flow_client(f)];
	if (!flow_two_sided(f) && !addr_is_local(&f->addr[flow_server(f)]))
		str_put(as.service, sizeof(as.service), "unanswered");
	else if (f->proto == IP_TCP && f->payload[0] + f->payload[1] == 0 && (f->tcp_flags[flow_server(f)] & TCP_RST) != 0) {
		as.server = f->addr[flow_server(f)];
		str_put(as.service, sizeof(as.service), "refused");
	} else {
		const struct talk t = { .ip_proto = f->proto, .port = f->port[flow_server(f)], .app = f->app_proto };

		as.server = f->addr[flow_server(f)];
		if (f->app_proto == NULL && t.port >= DYNAMIC_PORTS && (f->proto == IP_TCP || f->proto == IP_UDP))
			str_put(as.service, sizeof(as.service), f->proto == IP_TCP ? "tcp/dynamic" : "udp/dynamic");
		else
			talk_word(&t, as.service);
	}
	r = row_of(d, &as);
	changed(d, r);
	r->talk.count++;
	r->talk.bytes += f->bytes[0] + f->bytes[1];
	r->talk.unanswered += !flow_two_sided(f);
	if (f->last_ns > r->talk.last_ns)
		r->talk.last_ns = f->last_ns;
	if (r->talk.first_ns == 0 || f->first_ns < r->talk.first_ns)
		r->talk.first_ns = f->first_ns;
}

static void
put_all(struct talks *d)
{
	while (d->n_queue > 0) {
		struct row *r = &d->rows[d->queue[d->n_queue - 1]];

		if (r->changed && !keep_put(d->env.keep, KEEP_TALK, &r->talk, sizeof(r->talk)))
			return;		/* there is no space now: in a minute */
		r->changed = r->queued = false;
		d->n_queue--;
	}
}

static void
talks_tick(void *arg, uint64_t now_ns)
{
	struct talks *d = arg;

	/* A replay is over soon, and is repeated when it is not. */
	if (!d->env.live || (now_ns < d->put_ns && d->put_ns - now_ns <= EVERY_NS))
		return;
	if (d->put_ns != 0)
		put_all(d);
	d->put_ns = now_ns + EVERY_NS;
}

static void
talks_finish(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	put_all(arg);
}

static bool
talks_idle(const void *arg)
{
	return ((const struct talks *)arg)->env.keep == NULL;
}

static size_t
talks_memory(const void *arg)
{
	const struct talks *d = arg;

	return sizeof(*d) + (d->rows != NULL ? (size_t)SETS * WAYS * (sizeof(*d->rows) + sizeof(**d->sets) + sizeof(*d->queue)) : 0);
}

const struct detector detector_talks = {
	.name = "talks",
	.open = talks_open,
	.finished = talks_finished,
	.flow_end = talks_flow_end,
	.tick = talks_tick,
	.finish = talks_finish,
	.idle = talks_idle,
	.memory = talks_memory,
	.close = talks_close,
};
_Static_assert(SETS * WAYS <= UINT16_MAX + 1u, "rows have 16 bits");
_Static_assert(TALK_WORD_MAX == sizeof(((struct keep_talk *)0)->service), "a service is named as in conduits");
