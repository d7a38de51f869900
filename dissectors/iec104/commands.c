/* commands.c - what a request asks for, in words; the memory of selects and interrogations, which
 * later messages refer to.
 */
#include "iec104.h"

#include "base/hash.h"
#include "base/str.h"

/* ---- words for what is asked ------------------------------------------------------ */

static const char *
one_of(const char *const *names, unsigned n, uint64_t i)
{
	return i < n ? names[i] : NULL;
}

/* What a command without a number does. */
static const char *
action_of(const struct i104_apdu *a, const struct iec104_object *o)
{
	static const char *const single[] = { "OFF", "ON" }, *const both[] = { NULL, "OFF", "ON" },
	    *const step[] = { NULL, "a step down", "a step up" };

	switch (a->type) {
	case 45: case 58:
		return one_of(single, COUNTOF(single), o->value.u);
	case 46: case 59:
		return one_of(both, COUNTOF(both), o->value.u);
	case 47: case 60:
		return one_of(step, COUNTOF(step), o->value.u);
	default:
		return NULL;
	}
}

/* What the qualifier makes of it (101 7.2.6.22 to 7.2.6.30). */
static void
refine(struct operation *op, const struct i104_apdu *a, const struct iec104_object *o)
{
	static const char *const freeze[] = { "read", "freeze", "freeze and reset", "reset" };
	static const char *const reset[] = { NULL, "general reset", "reset of pending information" };
	static const char *const parameter[] = { NULL, "of parameters loaded before", "of a parameter",
		"of cyclic transmission" };
	static const char *const call[] = { "call directory", "select file", "call file", "deactivate file",
		"delete file", "select section", "call section", "deactivate section" };
	const struct iec104_field *q = i104_field(o, "qualifier"), *f;

	if (a->cause == IEC104_DEACT) {
		op->subname = "deactivate";
		op->command = CMD_NONE;
		return;
	}
	switch (a->type) {
	case 100:
		op->subname = q == NULL ? NULL : q->value.u == IEC104_INTERROGATED ?
		    "station interrogation" : "group interrogation";
		break;
	case 101:
		f = i104_field(o, "freeze");
		if (f == NULL)
			break;
		op->subname = freeze[f->value.u & 3];
		if (f->value.u != 0)
			op->intent = INTENT_WRITE;
		break;
	case 105:
		op->subname = q == NULL ? NULL : one_of(reset, COUNTOF(reset), q->value.u);
		/* Only the first of them stops anything. */
		if (q != NULL && q->value.u == 2) {
			op->intent = INTENT_DIAGNOSE;
			op->command = CMD_NONE;
		}
		break;
	case 113:
		op->subname = q == NULL ? NULL : one_of(parameter, COUNTOF(parameter), q->value.u);
		break;
	case 122:
		op->subname = q == NULL ? NULL : one_of(call, COUNTOF(call), q->value.u);
		if (q != NULL && q->value.u == 2)
			op->command = CMD_FILE_READ;
		else if (q != NULL && q->value.u == 4)
			op->command = CMD_FILE_DELETE;
		break;
	case 120:
		/* A file that the controlling station has ready, it will write. */
		op->command = CMD_FILE_WRITE;
		break;
	default:
		f = i104_field(o, "select");
		if (f == NULL)
			break;
		op->subname = f->value.u != 0 ? "select" : "execute";
		op->action = action_of(a, o);
		if (f->value.u != 0)
			op->command = CMD_SELECT;
		break;
	}
}

/* The first object of a message that was read; false when it has none. */
bool
i104_first_object(const struct iec104_message *m, struct iec104_object *o)
{
	if (m->asdu.n_objects == 0)
		return false;
	m->asdu.object(&m->asdu, 0, o);
	return true;
}

void
i104_refine(struct operation *op, const struct i104_apdu *a, const struct iec104_message *m)
{
	struct iec104_object o;

	if (i104_first_object(m, &o))
		refine(op, a, &o);
}

/* ---- select before execute (IEC 60870-5-5 6.8) ------------------------------------ */

/* What is asked for, without the select bit and without a time. */
uint32_t
i104_value_hash(const struct iec104_object *o)
{
	const struct iec104_field *q = i104_field(o, "qualifier");
	const uint64_t is[2] = { o->value.u, q != NULL ? q->value.u : 0 };

	return (uint32_t)hash_bytes(0x68, is, sizeof(is));
}

void
i104_check_select(struct dis_ctx *x, struct operation *op, const struct i104_apdu *a,
    const struct iec104_object *o)
{
	struct i104_state *st = x->state;
	const struct iec104_field *select = i104_field(o, "select");
	uint32_t key = i104_key_of(a, a->ca, false), hash = i104_value_hash(o);
	unsigned at;

	for (at = 0; at < I104_SELECTS; at++)
		if (st->select[at].id != 0 && st->select[at].key == key)
			break;
	if (select == NULL)
		return;
	if (a->cause == IEC104_ACT && select->value.u != 0) {
		if (at == I104_SELECTS) {
			at = st->select_at;
			st->select_at = (uint8_t)((st->select_at + 1u) % I104_SELECTS);
		}
		st->select[at].id = (uint32_t)op->id;
		st->select[at].key = key;
		st->select[at].hash = hash;
		return;
	}
	/* A command without a select is a direct one, and legal. */
	if (at == I104_SELECTS)
		return;
	i104_param(x, op, "select_tx", st->select[at].id - 1u, false);
	if (a->cause == IEC104_ACT && st->select[at].hash != hash)
		dis_anomaly(x, op, ANOM_I104_SELECT, I104_HEAD + I104_CONTROL + I104_ASDU_HEAD, NULL);
	st->select[at].id = 0;
}

/* The termination of a select that no execute followed: it is over.  Tells its operation;
 * 0 when there is none. */
uint32_t
i104_expired_select(struct i104_state *st, const struct i104_apdu *a)
{
	uint32_t key = i104_key_of(a, a->ca, false), id = 0;

	for (unsigned i = 0; i < I104_SELECTS && id == 0; i++)
		if (st->select[i].id != 0 && st->select[i].key == key) {
			id = st->select[i].id;
			st->select[i].id = 0;
		}
	return id;
}

void
i104_forget_select(struct i104_state *st, uint64_t id)
{
	for (unsigned i = 0; i < I104_SELECTS; i++)
		if (st->select[i].id == (uint32_t)id)
			st->select[i].id = 0;
}

/* ---- interrogations ------------------------------------------------------------------ */

/* Stations answer with objects of their own, by cause of transmission; to a broadcast
 * each of them. */
void
i104_remember_poll(struct i104_state *st, const struct operation *op, const struct i104_apdu *a,
    const struct iec104_object *o)
{
	const struct iec104_field *q = i104_field(o, "qualifier");
	uint64_t group = q != NULL ? q->value.u : 0;

	if (a->cause != IEC104_ACT || (a->type != 100 && a->type != 101 && a->ca != I104_BROADCAST))
		return;
	if (a->type == 101)	/* general, or groups 1 to 4 */
		group = group == 5 ? IEC104_COUNTERS : IEC104_COUNTERS + group;
	st->poll[st->poll_at].id = (uint32_t)op->id;
	st->poll[st->poll_at].ca = a->ca;
	st->poll[st->poll_at].type = a->type;
	st->poll[st->poll_at].group = (uint8_t)group;
	st->poll_at = (uint8_t)((st->poll_at + 1u) % I104_POLLS);
}

uint32_t
i104_poll_of(const struct i104_state *st, uint16_t ca, unsigned type, unsigned group)
{
	for (unsigned i = 0; i < I104_POLLS; i++)
		if (st->poll[i].id != 0 && (st->poll[i].ca == ca || st->poll[i].ca == I104_BROADCAST) &&
		    (type != 0 ? st->poll[i].type == type && st->poll[i].ca == I104_BROADCAST :
		    st->poll[i].group == group))
			return st->poll[i].id;
	return 0;
}

