/* deeds.c - every write and every command (KEEP_DEED).
 *
 * What is written again with the same value within a minute is the same row with a higher count; who writes a point again and
 * again with other values gets a row each time for the first few, then one that says how often and the last value, for an hour
 * at most: a heartbeat of a second is 24 rows a day.  A value that breaks a steady one always has its own.
 */
#include "detect/history/history.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/str.h"
#include "process/tag.h"
#include "record/item_words.h"
#include "record/value_words.h"

#define SECOND		UINT64_C(1000000000)
#define SETS		128u	/* a power of two */
#define WAYS		8u
#define POINTS		2048u	/* a power of two: whose last written value is known */
#define ITEMS		8u	/* of one operation that have rows */
#define VALUES		4u	/* of one item */
#define TEXT		24u	/* bytes of a text value */
#define STEADY_NS	(60 * SECOND)
#define ROW_NS		(3600 * SECOND)
#define OWN_ROWS	8u	/* of a point with changing values, before they become one */
#define AT_ONCE		256u	/* rows a second that are made before their tick because the table is full */

/* Values as they were: no pointers. */
struct values {
	uint32_t	n;		/* there were; kept are the first VALUES */
	bool		bytes;		/* each is a byte */
	struct { uint8_t kind, len; union { uint64_t u; int64_t i; double r; char text[TEXT]; }; } v[VALUES];
};

/* What one operation did, as it is marked. */
struct done {
	uint64_t	 flow_id, tx;
	struct addr	 client, server;
	uint32_t	 unit, function;
	uint32_t	 number, more;	/* of its row among those of the operation; further ones without a row */
	uint8_t		 proto, intent, command, outcome;
	bool		 has_unit, has_item;
	/* Static texts, or NULL. */
	const char	*name, *subname, *action;
	struct op_item	 item;		/* where; space NONE and n_values 0: nowhere.  No pointers */
	char		 object[48];	/* name of a file or block; "" none */
	struct values	 now;
};

struct deed {
	uint64_t	 key;		/* 0: free */
	bool		 changed, queued;	/* not put yet; among those that are looked at then */
	bool		 changing;	/* see struct keep_deed, and for the numbers, too */
	bool		 has_old;
	uint32_t	 own_rows;	/* of this point, one soon after the other */
	uint64_t	 ts_ns, last_ns, frame, last_frame, count;
	const char	*reason;	/* static, or NULL */
	struct done	 x;
	struct values	 old;
	/* Of the first tag that it wrote, and how many it did. */
	uint32_t	 n_tags;
	bool		 tag_known, tag_has_old;
	double		 tag_value, tag_old;
	char		 tag[KEEP_TAG_MAX], tag_unit[32];
};

struct point {
	uint64_t	key;		/* 0: free */
	struct values	last;
};

struct deeds {
	struct detect_env	 env;
	struct deed		*rows;		/* owned; SETS * WAYS */
	struct point		*points;	/* owned; POINTS */
	struct keep_deed	 row;		/* that is put */
	uint16_t		 queue[SETS * WAYS];	/* numbers of rows that changed */
	uint32_t		 n_queue, at_once;
	struct deed		*last;		/* the first row of the operation that was shown last, which wrote; NULL: none */
	uint64_t		 last_tx, last_flow;
	uint64_t		 put_ns;
};

static void
deeds_close(void *arg)
{
	struct deeds *d = arg;

	free(d->rows);
	free(d->points);
	free(d);
}

static void *
deeds_open(const struct detect_env *env, struct err *e)
{
	struct deeds *d = calloc(1, sizeof(*d));

	(void)e;
	if (d == NULL)
		return NULL;
	d->env = *env;
	if (env->keep == NULL)
		return d;
	d->rows = calloc((size_t)SETS * WAYS, sizeof(*d->rows));
	d->points = calloc(POINTS, sizeof(*d->points));
	if (d->rows == NULL || d->points == NULL) {
		deeds_close(d);
		return NULL;
	}
	return d;
}

/* ---- rows are made, at ticks -------------------------------------------------------- */

/* Four bytes are often a real: "(as a real 4.6)". */
static void
put_real(struct strbuf *to, const struct values *v)
{
	uint32_t bits = 0;
	float f;

	for (unsigned i = 0; i < 4; i++)
		bits = bits << 8 | (uint32_t)v->v[i].u;
	memcpy(&f, &bits, sizeof(f));
	if (fabsf(f) >= 1e-6f && fabsf(f) <= 1e9f)
		strbuf_printf(to, " (as a real %.6g)", (double)f);
}

static void
put_values(struct strbuf *to, const struct values *v)
{
	for (uint32_t i = 0; i < v->n && i < VALUES; i++) {
		struct op_value one = { .kind = v->v[i].kind, .u = v->v[i].u };

		if (one.kind == VALUE_BYTES) {
			one.bytes = (const uint8_t *)v->v[i].text;
			one.len = v->v[i].len;
		}
		strbuf_put(to, i > 0 ? ", " : "");
		op_value_words(to, &one);
	}
	if (v->bytes && v->n == 4)
		put_real(to, v);
	if (v->n > VALUES)
		strbuf_printf(to, " and %" PRIu32 " more", v->n - VALUES);
}

/* In its unit, which says more than what lay on the wire. */
static void
put_tag(struct keep_deed *r, const struct deed *d)
{
	struct strbuf to;

	if (d->n_tags > r->more + 1)
		r->more = d->n_tags - 1;
	to = strbuf_on(r->tag, sizeof(r->tag));
	strbuf_put(&to, d->tag);
	if (d->x.action != NULL)
		return;
	to = strbuf_on(r->value, sizeof(r->value));
	if (d->tag_known)
		strbuf_printf(&to, "%.6g%s%s", d->tag_value, d->tag_unit[0] != '\0' ? " " : "", d->tag_unit);
	to = strbuf_on(r->old, sizeof(r->old));
	if (d->tag_has_old)
		strbuf_printf(&to, "%.6g%s%s", d->tag_old, d->tag_unit[0] != '\0' ? " " : "", d->tag_unit);
}

static void
make_row(struct keep_deed *r, const struct deed *d)
{
	const struct done *x = &d->x;
	struct strbuf to;

	*r = (struct keep_deed){ .ts_ns = d->ts_ns, .last_ns = d->last_ns, .flow_id = x->flow_id, .tx = x->tx, .frame = d->frame,
		.last_frame = d->last_frame, .count = d->count, .client = x->client, .server = x->server, .unit = x->unit,
		.item = x->number, .more = x->more, .proto = x->proto, .has_unit = x->has_unit, .changing = d->changing };
	to = strbuf_on(r->function, sizeof(r->function));
	if (x->name != NULL)
		strbuf_put(&to, x->name);
	else
		strbuf_printf(&to, "function %" PRIu32, x->function);
	if (x->subname != NULL && (x->name == NULL || strcmp(x->name, x->subname) != 0))
		strbuf_printf(&to, ": %s", x->subname);
	str_put(r->intent, sizeof(r->intent), op_intent_name((enum op_intent)x->intent));
	str_put(r->command, sizeof(r->command), x->command != CMD_NONE ? op_command_name((enum op_command)x->command) : "");
	str_put(r->outcome, sizeof(r->outcome), op_outcome_name((enum op_outcome)x->outcome));
	str_put(r->reason, sizeof(r->reason), d->reason != NULL ? d->reason : "");
	to = strbuf_on(r->address, sizeof(r->address));
	if (x->object[0] != '\0')
		strbuf_put(&to, x->object);
	else if (x->has_item)
		item_words(&to, &x->item);
	to = strbuf_on(r->value, sizeof(r->value));
	if (x->action != NULL)
		strbuf_put(&to, x->action);
	else
		put_values(&to, &x->now);
	to = strbuf_on(r->old, sizeof(r->old));
	if (d->has_old)
		put_values(&to, &d->old);
	if (d->n_tags > 0)
		put_tag(r, d);
}

/* false: there is no space for it now. */
static bool
put(struct deeds *d, struct deed *x)
{
	make_row(&d->row, x);
	if (!keep_put(d->env.keep, KEEP_DEED, &d->row, sizeof(d->row)))
		return false;
	x->changed = false;
	return true;
}

static void
put_all(struct deeds *d)
{
	while (d->n_queue > 0) {
		struct deed *x = &d->rows[d->queue[d->n_queue - 1]];

		if (x->changed && !put(d, x))
			return;
		x->queued = false;
		d->n_queue--;
	}
}

/* Its place is needed for another row. */
static void
let_go(struct deeds *d, struct deed *x)
{
	if (!x->changed)
		return;
	/* Live, a flood of writes costs no more than this much time. */
	if ((d->env.live && d->at_once >= AT_ONCE) || !put(d, x)) {
		count(d->env.counters, CNT_HISTORY_DEEDS);
		x->changed = false;
	}
	d->at_once++;
}

/* ---- marks, on the packet path -------------------------------------------------------- */

static void
take_values(struct values *to, const struct op_item *it)
{
	memset(to, 0, sizeof(*to));
	if (it == NULL)
		return;
	to->n = it->n_values;
	to->bytes = it->form == FORM_U8;
	for (uint32_t i = 0; i < it->n_values && i < VALUES; i++) {
		const struct op_value v = op_item_value(it, i);

		to->v[i].kind = v.kind;
		if (v.kind != VALUE_BYTES) {
			to->v[i].u = v.u;
			continue;
		}
		/* One that does not fit is shown by its length alone. */
		to->v[i].len = (uint8_t)(v.len < UINT8_MAX ? v.len : UINT8_MAX);
		if (v.len <= TEXT)
			memcpy(to->v[i].text, v.bytes, v.len);
	}
}

static bool
same_values(const struct values *a, const struct values *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Letters and digits of what a device or client named; it is shown by others. */
static void
take_name(char *to, size_t size, const char *before, const struct op_value *v)
{
	struct strbuf s = strbuf_on(to, size);

	strbuf_put(&s, before);
	for (uint32_t i = 0; i < v->len && !s.cut; i++)
		strbuf_put(&s, (const char[2]){ v->bytes[i] >= 0x20 && v->bytes[i] < 0x7f ? (char)v->bytes[i] : '?', '\0' });
}

/* The file or block that it is about, where that is no item. */
static void
take_object(struct done *x, const struct operation *op)
{
	const struct op_param *p = op_request_param(op, "block_type"), *number = op_request_param(op, "block_number");
	size_t n;

	if (p != NULL && number != NULL && p->value.kind == VALUE_BYTES) {
		take_name(x->object, sizeof(x->object), "block ", &p->value);
		n = strlen(x->object);
		(void)snprintf(x->object + n, sizeof(x->object) - n, "%" PRIu64, number->value.u);
		return;
	}
	p = op_request_param(op, "filename");
	if (p == NULL)
		p = op_request_param(op, "file_specification");
	if (p != NULL && p->value.kind == VALUE_BYTES && p->value.len > 0)
		take_name(x->object, sizeof(x->object), "file ", &p->value);
}

/* Where it is, without pointers into the packet. */
static void
take_item(struct done *x, const struct op_item *it)
{
	x->has_item = it != NULL;
	if (it == NULL)
		return;
	x->item = *it;
	if (!it->ranged && it->form == FORM_TYPED && it->n_values > 0) {
		x->item.first = it->typed[0].index;
		x->item.count = 1;
		x->item.ranged = true;
	}
	x->item.form = FORM_NONE;
	x->item.raw = NULL;
	x->item.whole = NULL;
	x->item.n_values = 0;
}

static void
take_operation(struct done *x, const struct operation *op, const struct op_ends *ends)
{
	const struct protocol_unit *unit = &protocols[op->proto]->unit;

	x->name = op->name;
	x->subname = op->subname;
	x->action = op->action;
	x->function = op->function;
	x->intent = (uint8_t)op->intent;
	x->command = (uint8_t)op->command;
	x->flow_id = op->flow != NULL ? op->flow->id : 0;
	x->tx = op->id;
	x->proto = (uint8_t)op->proto;
	x->unit = op->unit;
	x->has_unit = unit->before != NULL && (unit->none[0] == unit->none[1] || (op->unit != unit->none[0] && op->unit != unit->none[1]));
	for (unsigned i = 0; i < 2; i++) {
		struct addr *to = i == OP_CLIENT ? &x->client : &x->server;

		if (ends->has_addr)
			*to = ends->addr[i];
		else if (ends->mac_known[i])
			*to = addr_of_mac(ends->mac[i]);
	}
}

static uint64_t
key_of(const struct deeds *d, const struct done *x)
{
	struct { struct addr client, server; uint64_t of[5]; } k;

	memset(&k, 0, sizeof(k));
	k.client = x->client;
	k.server = x->server;
	k.of[0] = (uint64_t)x->proto << 56 | (uint64_t)x->command << 48 | (uint64_t)x->intent << 40 | x->unit;
	k.of[1] = (uint64_t)x->function << 32 | (x->has_item ? x->item.number : 0);
	k.of[2] = x->has_item ? (uint64_t)x->item.space << 56 | (uint64_t)x->item.bit << 48 | x->item.first : 0;
	k.of[3] = x->has_item ? x->item.count : 0;
	k.of[4] = x->object[0] != '\0' ? hash_bytes(d->env.key, x->object, strlen(x->object)) : (uint64_t)(uintptr_t)x->subname;
	return hash_bytes(d->env.key, &k, sizeof(k)) | 1;
}

/* What was written there last, by whomever; `now` takes its place. */
static bool
written_before(struct deeds *d, const struct done *x, struct values *old)
{
	struct { struct addr server; uint64_t of[3]; } k;
	struct point *p;
	uint64_t key;
	bool known;

	if (!x->has_item || !x->item.written || x->now.n == 0 || x->action != NULL)
		return false;
	memset(&k, 0, sizeof(k));
	k.server = x->server;
	k.of[0] = (uint64_t)x->proto << 32 | x->unit;
	k.of[1] = (uint64_t)x->item.number << 32 | x->item.first;
	k.of[2] = (uint64_t)x->item.space << 56 | (uint64_t)x->item.bit << 48 | x->item.count;
	key = hash_bytes(d->env.key, &k, sizeof(k)) | 1;
	p = &d->points[key >> 8 & (POINTS - 1)];
	known = p->key == key;
	if (known)
		*old = p->last;
	/* What was refused did not become the value. */
	if (x->outcome != OUTCOME_EXCEPTION) {
		p->key = key;
		p->last = x->now;
	}
	return known;
}

static struct deed *
find(struct deeds *d, uint64_t key)
{
	struct deed *set = &d->rows[(key >> 8 & (SETS - 1)) * WAYS], *to = &set[0];

	for (unsigned i = 0; i < WAYS; i++) {
		if (set[i].key == key)
			return &set[i];
		if (to->key != 0 && (set[i].key == 0 || set[i].last_ns < to->last_ns))
			to = &set[i];
	}
	if (to->key != 0)
		let_go(d, to);
	to->key = 0;
	return to;
}

static struct deed *
mark(struct deeds *d, const struct done *x, const struct operation *op, uint64_t ts_ns, uint64_t frame)
{
	uint64_t key = key_of(d, x);
	struct deed *to = find(d, key);
	bool soon = to->key == key && ts_ns >= to->last_ns && ts_ns - to->last_ns < STEADY_NS;
	bool same = soon && same_values(&to->x.now, &x->now) && to->x.outcome == x->outcome && to->x.action == x->action;
	struct values old;
	const bool has_old = written_before(d, x, &old);

	if (soon && ts_ns - to->ts_ns < ROW_NS && (same || (to->own_rows >= OWN_ROWS && to->x.outcome == x->outcome))) {
		to->count++;
		to->last_ns = ts_ns;
		to->last_frame = frame;
		to->changing |= !same;
		if (!same)
			to->x.now = x->now;
		to->reason = op->exception_name;
	} else {
		uint32_t own = soon ? to->own_rows + (to->count < OWN_ROWS) : 0;

		if (to->key == key)
			let_go(d, to);
		*to = (struct deed){ .key = key, .queued = to->queued, .own_rows = own, .ts_ns = ts_ns, .last_ns = ts_ns, .frame = frame,
			.last_frame = frame, .count = 1, .reason = op->exception_name, .x = *x, .has_old = has_old };
		if (has_old)
			to->old = old;
	}
	to->changed = true;
	if (!to->queued)
		d->queue[d->n_queue++] = (uint16_t)(to - d->rows);
	to->queued = true;
	return to;
}

/* Opening a conversation, and the pieces of a transfer that another operation began, do nothing to the plant. */
static bool
is_deed(const struct operation *op)
{
	return op->outcome != OUTCOME_UNSOLICITED && op->intent != INTENT_READ && op->intent != INTENT_SESSION && op->command != CMD_SESSION &&
	    op->command != CMD_CONNECT && op->command != CMD_TRANSFER && op->command != CMD_MODE_REPORT;
}

static void
deeds_finished(void *arg, const struct operation *op)
{
	struct deeds *d = arg;
	const struct op_side *side = op->request.seen ? &op->request : &op->response;
	const struct op_ends ends = op_ends_of(op);
	uint32_t n = 0, items = 0;

	d->last = NULL;
	if (!is_deed(op))
		return;
	for (uint32_t i = 0; i < op->n_items; i++)
		items += op->items[i].written;
	for (uint32_t i = 0; i < op->n_items + 1 && n < ITEMS; i++) {
		const struct op_item *it = i < op->n_items ? &op->items[i] : NULL;
		struct done x;
		struct deed *to;

		/* Without anything written it is one deed, about the first item if that is not of the answer. */
		if (items > 0 ? it == NULL || !it->written : n > 0)
			continue;
		memset(&x, 0, sizeof(x));
		take_operation(&x, op, &ends);
		x.outcome = (uint8_t)op->outcome;
		take_item(&x, it != NULL && (it->written || it->n_values == 0) ? it : NULL);
		take_values(&x.now, it != NULL && it->written ? it : NULL);
		take_object(&x, op);
		x.number = n++;
		if (n == ITEMS && items > n)
			x.more = items - n;
		to = mark(d, &x, op, side->ts_ns, side->frame);
		if (d->last == NULL && it != NULL && it->written)
			d->last = to;
	}
	d->last_tx = op->id;
	d->last_flow = op->flow != NULL ? op->flow->id : 0;
}

/* A tag that an operation touched, behind its call. */
static void
deeds_reading(void *arg, const struct tag_reading *t)
{
	struct deeds *d = arg;
	struct deed *x = d->last;

	if (!t->written || x == NULL || t->op->id != d->last_tx || (t->op->flow != NULL ? t->op->flow->id : 0) != d->last_flow)
		return;
	/* A row that goes on has its tag; the values of its last time count. */
	if (x->last_ns != x->ts_ns || x->n_tags == 0) {
		struct strbuf to;

		if (x->n_tags > 0 && strcmp(x->tag, t->tag->name) != 0)
			return;
		to = strbuf_on(x->tag, sizeof(x->tag));
		strbuf_put(&to, t->tag->name);
		to = strbuf_on(x->tag_unit, sizeof(x->tag_unit));
		strbuf_put(&to, t->tag->unit);
		if (x->n_tags == 0) {
			x->tag_has_old = t->has_old;
			x->tag_old = t->old;
		}
		x->tag_known = t->known;
		x->tag_value = t->value;
		x->n_tags = x->n_tags == 0 ? 1 : x->n_tags;
		return;
	}
	x->n_tags++;
}

static void
deeds_tick(void *arg, uint64_t now_ns)
{
	struct deeds *d = arg;

	/* A replay is over soon, and is repeated when it is not. */
	if (!d->env.live || (now_ns < d->put_ns && d->put_ns - now_ns <= SECOND))
		return;
	put_all(d);
	d->at_once = 0;
	d->put_ns = now_ns + SECOND;
}

static void
deeds_finish(void *arg, uint64_t now_ns)
{
	(void)now_ns;
	put_all(arg);
}

static bool
deeds_idle(const void *arg)
{
	return ((const struct deeds *)arg)->env.keep == NULL;
}

static size_t
deeds_memory(const void *arg)
{
	const struct deeds *d = arg;

	return sizeof(*d) + (d->rows != NULL ? (size_t)SETS * WAYS * sizeof(*d->rows) + POINTS * sizeof(*d->points) : 0);
}

const struct detector detector_deeds = {
	.name = "deeds",
	.open = deeds_open,
	.finished = deeds_finished,
	.reading = deeds_reading,
	.of = DETECT_OF_COMMAND | DETECT_OF_CHANGE,
	.tick = deeds_tick,
	.finish = deeds_finish,
	.idle = deeds_idle,
	.memory = deeds_memory,
	.close = deeds_close,
};
