/* structure.c - who speaks to whom by which protocol, and what is asked for.
 *
 * What is asked of an operation, in this order: peer, link address, unit, intent, function, objects,
 * ranges, exception, status, identity.  The first that is new is the deviation, and what else is new of the
 * same operation is open with it: only something that is new again later is reported again. */
#include "detect/baseline/model.h"

#include <stdlib.h>

#include "base/str.h"
#include "detect/baseline/op_class.h"
#include "record/item_words.h"

#define START_UP 4u	/* the first operations of a conversation */
#define ITEMS OP_CLASS_ITEMS	/* looked at of one operation */

struct structure {
	struct baseline	*b;
};

/* One operation. */
struct look {
	struct structure	*m;
	const struct sighting	*s;
	struct deviation	*d;
	bool			 fresh;		/* the deviation is of a fact that was never reported */
	bool			 to_change;	/* it changes what the device does or keeps */
	bool			 start_up;	/* in a way that each start of the conversation does */
};

static void *
structure_open(struct baseline *b, struct err *e)
{
	struct structure *m = calloc(1, sizeof(*m));

	(void)e;
	if (m != NULL)
		m->b = b;
	return m;
}

/* A key of this client and this server. */
static struct fact_key
key_of(const struct look *l, enum fact_kind kind)
{
	return (struct fact_key){ .kind = (uint8_t)kind, .proto = (uint8_t)l->s->op->proto,
	    .client = l->s->addr[OP_CLIENT], .server = l->s->addr[OP_SERVER] };
}

static struct fact_key
server_key(const struct look *l, enum fact_kind kind)
{
	struct fact_key k = key_of(l, kind);

	k.client = (struct addr){ { 0 } };
	k.unit = l->s->op->unit;
	return k;
}

static unsigned
severity_of(enum alert_type type)
{
	return alert_type_row(type)->severity;
}

static bool
is_known(const struct fact *f)
{
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

/* A client that is known, and of which nothing was learned but that it keeps its conversation: what it is there for nobody
 * knows yet. */
static bool
only_kept_its_conversation(const struct look *l)
{
	struct facts *fs = baseline_facts(l->m->b);
	struct fact_key k = key_of(l, FACT_KIND_PEER);

	if (!is_known(facts_find(fs, &k)))
		return false;
	k = key_of(l, FACT_KIND_INTENT);
	k.code = INTENT_UNKNOWN;
	for (const struct fact *f = facts_sibling(fs, &k, NULL); f != NULL; f = facts_sibling(fs, &k, f))
		if (is_known(f) && f->key.code != INTENT_SESSION)
			return false;
	return true;
}

/* A command or a write where nothing was written is graver than that its unit, its function or its data block is new. */
static bool
outweighs(const struct look *l, enum alert_type type)
{
	const enum alert_type so_far = l->d->type;

	if (type != ALERT_BASELINE_COMMAND && type != ALERT_BASELINE_RANGE_WRITE)
		return false;
	if (only_kept_its_conversation(l))
		return false;
	return so_far == ALERT_BASELINE_UNIT || so_far == ALERT_BASELINE_LINK || so_far == ALERT_BASELINE_FUNCTION ||
	    so_far == ALERT_BASELINE_OBJECT;
}

/* Of what is new the first is told, unless a later one outweighs it; a note only where there is nothing else.
 * true: it is the deviation so far, and its words are wanted. */
static bool
ask(struct look *l, const struct fact_key *k, enum alert_type type)
{
	struct fact *f;
	bool fresh;

	if (baseline_see(l->m->b, k, l->s, &f) != BASELINE_NEW || f == NULL)
		return false;
	fresh = facts_reported(baseline_facts(l->m->b), f)->since_ns == l->s->now_ns;
	if (l->d->fact != NULL && (!fresh || (l->fresh && !outweighs(l, type) &&
	    (severity_of(type) > 3 || severity_of(l->d->type) <= 3))))
		return false;
	*l->d = (struct deviation){ .type = type, .fact = f };
	l->fresh = fresh;
	return true;
}

/* ---- the client, and what it does -------------------------------------------- */

static void
ask_ends(struct look *l)
{
	const struct operation *op = l->s->op;
	struct fact_key k = key_of(l, FACT_KIND_PEER);

	(void)ask(l, &k, l->to_change ? ALERT_BASELINE_PEER_COMMAND : ALERT_BASELINE_PEER);
	if (op->link[OP_CLIENT].len > 0 && op->link[OP_CLIENT].bytes == NULL) {
		k = key_of(l, FACT_KIND_LINK);
		k.code = op->link[OP_CLIENT].number;
		if (ask(l, &k, ALERT_BASELINE_LINK))
			(void)snprintf(l->d->what, sizeof(l->d->what), "%u", (unsigned)k.code);
	}
	k = key_of(l, FACT_KIND_UNIT);
	k.unit = op->unit;
	(void)ask(l, &k, ALERT_BASELINE_UNIT);
}

/* What a client does at one server it may do at the next: known from the learned facts of all of them. */
static bool
is_duty(const struct look *l, const struct fact_key *intent)
{
	struct facts *fs = baseline_facts(l->m->b);
	struct fact_key k = *intent;
	const struct fact *at = facts_find(fs, intent), *f;

	k.kind = FACT_KIND_DUTY;
	k.server = (struct addr){ { 0 } };
	f = facts_find(fs, &k);
	if (f == NULL && at != NULL && (at->state == FACT_LEARNED || at->state == FACT_ACCEPTED))
		f = facts_add(fs, &k, FACT_LEARNED, l->s->now_ns);
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

/* What a master does each time it finds its device again: reports on, or off before they are set up anew, and
 * the indication of a restart cleared.  While all goes well it may not come for weeks. */
static bool
is_start_up(const struct operation *op)
{
	if (op->command == CMD_UNSOLICITED_ON || (op->command == CMD_UNSOLICITED_OFF && op->id <= START_UP))
		return true;
	for (uint32_t i = 0; i < op->n_items; i++)
		if (op->items[i].point != POINT_INDICATION)
			return false;
	return op->n_items > 0 && op->items[0].written;
}

/* The type of a deviation in what a client does that is known there. */
static enum alert_type
type_of(const struct look *l, enum alert_type type)
{
	const struct operation *op = l->s->op;

	/* The device sent it of its own accord. */
	if (op->outcome == OUTCOME_UNSOLICITED || op->intent == INTENT_REPORT)
		return ALERT_BASELINE_REPORTED;
	return l->start_up || (op->intent == INTENT_SESSION && (op->command == CMD_NONE || op->command == CMD_CONNECT)) ? ALERT_BASELINE_SESSION : type;
}

/* Another function for what this client reads, writes or operates there anyway: what it is done to is asked
 * for itself. */
static bool
is_alike(const struct look *l)
{
	const uint32_t alike = 1u << INTENT_READ | 1u << INTENT_WRITE | 1u << INTENT_OPERATE;
	struct fact_key k = key_of(l, FACT_KIND_INTENT);
	const struct fact *f;

	k.code = l->s->op->intent;
	f = (alike >> k.code & 1u) != 0 ? facts_find(baseline_facts(l->m->b), &k) : NULL;
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

static void
ask_function(struct look *l)
{
	const struct operation *op = l->s->op;
	struct fact_key k = key_of(l, FACT_KIND_INTENT);

	k.code = op->intent;
	if (!l->start_up) {
		const bool duty = l->to_change && is_duty(l, &k);

		(void)ask(l, &k, type_of(l, !l->to_change ? ALERT_BASELINE_INTENT : duty ? ALERT_BASELINE_ELSEWHERE :
		    ALERT_BASELINE_COMMAND));
		if (l->to_change)
			(void)is_duty(l, &k);
	}
	k = key_of(l, FACT_KIND_FUNCTION);
	k.function = op->function;
	k.subfunction = op->has_subfunction ? op->subfunction + 1 : 0;
	k.code = op->command;
	(void)ask(l, &k, type_of(l, is_alike(l) ? ALERT_BASELINE_ALIKE : ALERT_BASELINE_FUNCTION));
	if (l->d->fact != NULL && l->d->type == ALERT_BASELINE_REPORTED) {
		(void)snprintf(l->d->what, sizeof(l->d->what), "%s", op->name != NULL ? op->name : "something");
		l->d->from_server = true;
	}
}

/* ---- what it is done to ---------------------------------------------------------- */

static void
put_place(struct deviation *d, const struct op_item *it)
{
	struct strbuf to = strbuf_on(d->what, sizeof(d->what));

	item_words(&to, it);
}

static void
put_range(struct fact_key *k, const struct op_item *it)
{
	uint64_t span = op_item_span(it), last = it->first + (span > 0 ? span - 1 : 0);

	k->unit = 0;
	k->space = it->space;
	k->number = it->number;
	k->first = it->first;
	k->last = last < UINT32_MAX ? (uint32_t)last : UINT32_MAX;
}

/* Did it read there so far? */
static bool
reads_there(const struct look *l, const struct fact_key *written)
{
	struct fact_key k = *written;
	const struct fact *f;

	k.written = 0;
	f = facts_find(baseline_facts(l->m->b), &k);
	return f != NULL && (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED);
}

/* Does it write anything of this kind there? */
static bool
writes_beside(const struct look *l, const struct fact_key *written)
{
	struct facts *fs = baseline_facts(l->m->b);

	for (const struct fact *f = facts_sibling(fs, written, NULL); f != NULL; f = facts_sibling(fs, written, f))
		if (f->state == FACT_LEARNED || f->state == FACT_ACCEPTED)
			return true;
	return false;
}

static void
ask_object(struct look *l, const struct op_item *it)
{
	struct fact_key k = key_of(l, FACT_KIND_OBJECT);

	k.space = it->space;
	k.number = it->number;
	k.written = it->written;
	if (ask(l, &k, l->start_up ? ALERT_BASELINE_SESSION : ALERT_BASELINE_OBJECT)) {
		char place[sizeof(l->d->what) - 16];

		put_place(l->d, it);
		memcpy(place, l->d->what, sizeof(place));
		place[sizeof(place) - 1] = '\0';
		(void)snprintf(l->d->what, sizeof(l->d->what), "%s %s", it->written ? "writes" : "asks for", place);
	}
}

static void
ask_range(struct look *l, const struct op_item *it)
{
	struct fact_key k = key_of(l, FACT_KIND_RANGE);
	enum alert_type type = ALERT_BASELINE_RANGE;

	put_range(&k, it);
	k.unit = l->s->op->unit;
	k.written = it->written;
	if (l->start_up)
		type = ALERT_BASELINE_SESSION;
	else if (it->written)
		type = reads_there(l, &k) ? ALERT_BASELINE_RANGE_NOTE : writes_beside(l, &k) ? ALERT_BASELINE_RANGE :
		    ALERT_BASELINE_RANGE_WRITE;
	if (!ask(l, &k, type))
		return;
	put_place(l->d, it);
	if (type == ALERT_BASELINE_RANGE && it->written)
		l->d->type = ALERT_BASELINE_RANGE_BESIDE;
}

static void
ask_reported(struct look *l, const struct op_item *it)
{
	struct fact_key k = key_of(l, FACT_KIND_REPORTED);

	put_range(&k, it);
	k.unit = l->s->op->unit;
	if (ask(l, &k, ALERT_BASELINE_REPORTED)) {
		put_place(l->d, it);
		l->d->from_server = true;
	}
}

static void
ask_items(struct look *l)
{
	const struct operation *op = l->s->op;
	uint32_t n = op->n_items < ITEMS ? op->n_items : ITEMS;
	bool apart = op->outcome == OUTCOME_UNSOLICITED || op->intent == INTENT_REPORT;

	/* Where the request has items of its own, those with values came with the answer. */
	for (uint32_t i = 0; i < n && !apart; i++)
		apart = !op->items[i].written && op->items[i].n_values == 0;
	for (uint32_t i = 0; i < n; i++) {
		const struct op_item *it = &op->items[i];
		bool reported = apart && !it->written && it->n_values > 0;

		if (it->space == SPACE_NONE)
			continue;
		if (!reported && (it->number != 0 || !it->ranged))
			ask_object(l, it);
		if (reported)
			ask_reported(l, it);
		else if (it->ranged)
			ask_range(l, it);
	}
}

/* ---- what the device says ------------------------------------------------------------ */

static void
ask_answer(struct look *l)
{
	const struct operation *op = l->s->op;

	if (op->outcome == OUTCOME_EXCEPTION) {
		struct fact_key k = key_of(l, FACT_KIND_EXCEPTION);

		k.function = op->function;
		k.code = op->exception;
		if (ask(l, &k, ALERT_BASELINE_EXCEPTION))
			l->d->from_server = true;
	}
	for (unsigned bit = 0; op->has_status && bit < 64 && op->status >> bit != 0; bit++) {
		struct fact_key k = server_key(l, FACT_KIND_STATUS);

		k.code = bit;
		if ((op->status >> bit & 1u) != 0 && ask(l, &k, ALERT_BASELINE_STATUS)) {
			(void)snprintf(l->d->what, sizeof(l->d->what), "bit %u", bit);
			l->d->from_server = true;
		}
	}
}

/* Facts that change only with the device or its firmware. */
static bool
is_steady(unsigned key)
{
	return key != FACT_RUN_STATE && key != FACT_KEY_POSITION && key != FACT_OTHER;
}

static void
ask_identity(struct look *l)
{
	const struct operation *op = l->s->op;

	for (uint32_t i = 0; i < op->n_facts; i++) {
		const struct op_fact *is = &op->facts[i];
		struct fact_key k = server_key(l, FACT_KIND_IDENTITY);

		if (!is_steady(is->key) || is->of_client || is->len == 0)
			continue;
		k.unit = op_fact_unit(op, is);
		k.code = is->key;
		for (uint32_t j = 0; j < is->len && j < FACT_TEXT - 1; j++)
			k.text[j] = is->bytes[j] >= 0x20 && is->bytes[j] < 0x7f ? (char)is->bytes[j] : '.';
		if (ask(l, &k, ALERT_BASELINE_IDENTITY)) {
			(void)snprintf(l->d->what, sizeof(l->d->what), "%s %s",
			    op_fact_name((enum op_fact_key)is->key), k.text);
			l->d->from_server = true;
		}
	}
}

static bool
structure_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct look l = { .m = arg, .s = s, .d = d, .to_change = (detect_of(s->op) & DETECT_OF_CHANGE) != 0 };

	l.start_up = is_start_up(s->op);

	ask_ends(&l);
	/* Its request was lost, or came before the capture began: what was asked for nobody knows. */
	if (!s->op->request.seen && !l.to_change && s->op->outcome != OUTCOME_UNSOLICITED && s->op->intent != INTENT_REPORT) {
		ask_answer(&l);
		return d->fact != NULL;
	}
	if (s->reported)
		return d->fact != NULL && d->fact->key.kind == FACT_KIND_PEER;
	ask_function(&l);
	ask_items(&l);
	ask_answer(&l);
	ask_identity(&l);
	return d->fact != NULL;
}

static size_t
structure_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct structure);
}

const struct model model_structure = {
	.name = "structure",
	.open = structure_open,
	.operation = structure_operation,
	.memory = structure_memory,
	.close = free,
};
