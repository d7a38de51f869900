/* iec104.c - IEC 60870-5-104: APDUs in a TCP stream.
 *
 *	 0      1      2 3 4 5        6
 *	0x68  length  control field  ASDU (I format)
 *
 * The link is balanced: either end may test it and acknowledge.  Who is the
 * controlling station (client) the content says: STARTDT, activations; from the other
 * end come confirmations and process information.
 */
#include "iec104.h"

#include "base/str.h"

/* Which end sends such a message: +1 the controlling, -1 the controlled station, 0
 * either. */
static int8_t
role_of(const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	if (a->apci.format == IEC104_U)
		return a->apci.control == U_START_ACT || a->apci.control == U_STOP_ACT ? 1 :
		    a->apci.control == U_START_CON || a->apci.control == U_STOP_CON ? -1 : 0;
	if (a->apci.format == IEC104_S || l == NULL || ((l->causes >> a->cause) & 1) == 0)
		return 0;
	switch (l->kind) {
	case KIND_MONITOR:
		return a->cause == IEC104_INITIALIZED ? 0 : -1;
	case KIND_COMMAND:
	case KIND_TERMINATED:
	case KIND_CONFIRMED:
	case KIND_READ:
		return a->cause == IEC104_ACT || a->cause == IEC104_DEACT || a->cause == IEC104_REQUEST ? 1 : -1;
	default:
		return 0;
	}
}

/* ---- guess -------------------------------------------------------------------------- */

/* Do the ASDU's octets fit its type and number of objects? */
static bool
fits(const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);
	uint32_t objects = a->len - I104_HEAD - I104_CONTROL - I104_ASDU_HEAD, n = i104_count(a), len;
	bool open;

	if (n == 0)
		return false;
	len = i104_object_len(l, &open);
	if (open)
		return n == 1 && objects >= I104_IOA + len;
	return objects == (i104_is_sequence(a) ? I104_IOA + n * len : n * (I104_IOA + len));
}

/* How many things are wrong with the ASDU. */
static unsigned
flaws_of(const struct i104_apdu *a)
{
	const struct iec104_layout *l;

	if (!a->has_asdu)
		return 2;
	l = i104_layout(a->row);
	if (l == NULL)
		return 1u + (i104_cause_name(a->cause) == NULL) + (a->ca == 0) + (i104_count(a) == 0);
	return ((l->causes >> a->cause & 1) == 0) + !fits(a) + (a->ca == 0) +
	    (i104_is_sequence(a) && !l->sequence);
}

static const struct func_desc *
row_of(const struct i104_apdu *a)
{
	return func_find(i104_funcs, I104_N_FUNCS, a->type, FUNC_NO_SUB);
}

/* Without a context: the row is searched for. */
static struct i104_apdu
look(const uint8_t *b, uint32_t len)
{
	struct i104_apdu a = { .bytes = b, .len = len };
	const uint8_t *d = b + I104_HEAD + I104_CONTROL;

	a.apci = i104_apci_of(b + I104_HEAD, len - I104_HEAD);
	if (a.apci.format != IEC104_I || len < I104_HEAD + I104_CONTROL + I104_ASDU_HEAD)
		return a;
	a.has_asdu = true;
	a.type = d[0];
	a.structure = d[1];
	a.cause = d[2] & 0x3f;
	a.ca = le16_of(d + 4);
	a.row = row_of(&a);
	return a;
}

static struct dis_guess guess(struct cursor in, bool datagram);

/* A length below 4: a fault in the length alone when it leads to an APDU, or to the end. */
static enum dis_verdict
too_short(struct cursor in, uint32_t len)
{
	cur_skip(&in, len);
	if (!cur_ok(&in))
		return GUESS_SHORT;
	return cur_left(&in) == 0 || guess(in, false).verdict >= GUESS_MAYBE ? GUESS_FLAWED : GUESS_NO;
}

/* A guess does not say who sends it: what contradicts itself in that is to be read and
 * reported, too. */
static struct dis_guess
guess(struct cursor in, bool datagram)
{
	struct dis_guess g = { .verdict = GUESS_NO, .tag = I104_START };
	size_t have = cur_left(&in);
	const uint8_t *b = in.p;
	struct i104_apdu a;
	unsigned flaws;

	if (datagram || have == 0 || b[0] != I104_START)
		return g;
	if (have < I104_HEAD) {
		g.verdict = GUESS_SHORT;
		return g;
	}
	g.used = I104_HEAD + b[1];
	if (b[1] < I104_CONTROL) {
		g.verdict = too_short(in, g.used);
		return g;
	}
	if (have < I104_HEAD + I104_CONTROL) {
		g.verdict = GUESS_SHORT;
		g.used = 0;
		return g;
	}
	a.apci = i104_apci_of(b + I104_HEAD, b[1]);
	if (a.apci.format == IEC104_I) {
		if (have < I104_HEAD + I104_CONTROL + I104_ASDU_HEAD) {
			g.verdict = have < g.used ? GUESS_SHORT : GUESS_NO;
			g.used = 0;
			return g;
		}
		a = look(b, g.used);
		flaws = (b[1] > I104_LENGTH_MAX) + a.apci.flaws + flaws_of(&a);
	} else
		flaws = a.apci.flaws;
	g.verdict = flaws == 0 ? GUESS_MAYBE : flaws == 1 ? GUESS_FLAWED : GUESS_NO;
	return g;
}

/* ---- sequence numbers (104 5.1, 5.5) --------------------------------------------------- */

static void
check_send(struct dis_ctx *x, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;
	unsigned e = x->dir;

	if (st->side[e].known && a->apci.send != st->side[e].next)
		dis_anomaly(x, NULL, ANOM_I104_SEQUENCE, I104_HEAD, ((a->apci.send - st->side[e].next) & 0x4000) != 0 ?
		    "a number that was used before" : "numbers are missing");
	st->side[e].next = (a->apci.send + 1) & 0x7fff;
	st->side[e].known = true;
	/* k APDUs, then the sender waits. */
	if (!st->side[e].acked_known ||
	    ((st->side[e].next - st->side[e].acked) & 0x7fff) <= I104_WINDOW) {
		st->side[e].window_broken = false;
	} else if (!st->side[e].window_broken) {
		dis_anomaly(x, NULL, ANOM_I104_WINDOW, I104_HEAD, NULL);
		st->side[e].window_broken = true;
	}
}

static void
check_receive(struct dis_ctx *x, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;
	unsigned e = x->dir ^ 1u;	/* whose numbers are acknowledged */

	if (st->side[e].known && st->side[e].acked_known &&
	    ((a->apci.receive - st->side[e].acked) & 0x7fff) >
	    ((st->side[e].next - st->side[e].acked) & 0x7fff))
		dis_anomaly(x, NULL, ANOM_I104_ACKNOWLEDGE, I104_HEAD + 2, NULL);
	st->side[e].acked = a->apci.receive;
	st->side[e].acked_known = true;
}

/* ---- feed ------------------------------------------------------------------------------- */

static void
first_look(struct dis_ctx *x)
{
	struct i104_state *st = x->state;

	if (st->opened)
		return;
	st->opened = true;
	if (x->flow->midstream || x->flow->gaps[0] + x->flow->gaps[1] > 0) {
		st->started = true;
		st->gapped = true;
		return;
	}
	for (unsigned e = 0; e < 2; e++)
		st->side[e].known = st->side[e].acked_known = true;
}

static void
on_control(struct dis_ctx *x, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;

	if (a->apci.control == U_START_ACT || a->apci.control == U_START_CON)
		st->started = true;
	else if (a->apci.control == U_STOP_CON) {
		st->started = false;
		st->unstarted_told = false;
	}
	/* The controlled station tests the link too; nothing is asked of it then. */
	if (i104_is_act(a->apci.control) && a->apci.flaws == 0 && (x->from_client || a->apci.control != U_TEST_ACT))
		i104_request(x, a);
	else if (i104_is_con(a->apci.control) && a->apci.flaws == 0 && (!x->from_client || a->apci.control != U_TEST_CON))
		i104_answer(x, a);
	else
		i104_alone(x, a, x->from_client);
}

static bool
asks(const struct dis_ctx *x, const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	switch (l != NULL ? l->kind : KIND_CONFIRMED) {
	case KIND_COMMAND:
	case KIND_TERMINATED:
	case KIND_CONFIRMED:
		/* With a cause that cannot be it is asked all the same.  Of an unknown type nobody
		 * knows whether it is answered. */
		return a->cause == IEC104_ACT || a->cause == IEC104_DEACT ? l != NULL || x->from_client :
		    x->from_client && l != NULL;
	case KIND_READ:
		return !i104_unknown_cause(a->cause);
	case KIND_FILE:
		return x->from_client && i104_file_asks(a) != 0;
	default:
		return false;
	}
}

static bool
answers(const struct dis_ctx *x, const struct i104_apdu *a)
{
	const struct iec104_layout *l = i104_layout(a->row);

	if (a->cause == IEC104_ACT_CON || a->cause == IEC104_DEACT_CON || a->cause == IEC104_ACT_TERM ||
	    i104_unknown_cause(a->cause))
		return l == NULL || (l->kind != KIND_MONITOR && l->kind != KIND_SECURITY);
	if (l == NULL || x->from_client)
		return false;
	return (l->kind == KIND_MONITOR && a->cause == IEC104_REQUEST) ||
	    (l->kind == KIND_FILE && i104_file_answers(a) != 0);
}

static void
on_data(struct dis_ctx *x, const struct i104_apdu *a)
{
	struct i104_state *st = x->state;

	check_send(x, a);
	if (!st->started && !st->unstarted_told) {
		st->unstarted_told = true;
		dis_anomaly(x, NULL, ANOM_I104_NOT_STARTED, I104_HEAD, NULL);
	}
	if (a->has_asdu && answers(x, a))
		i104_answer(x, a);
	else if (a->has_asdu && asks(x, a))
		i104_request(x, a);
	else
		i104_alone(x, a, x->from_client);
}

static struct dis_step
feed(struct dis_ctx *x, struct cursor in)
{
	uint32_t have = (uint32_t)cur_left(&in), len;
	const uint8_t *b = in.p;
	struct i104_apdu a;
	int8_t role;

	if (have > 0 && b[0] != I104_START)
		return (struct dis_step){ .status = DIS_RESYNC, .used = 1 };
	if (have < I104_HEAD)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = I104_HEAD - have };
	len = I104_HEAD + b[1];
	if (have < len)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = len - have };
	if (b[1] < I104_CONTROL || b[1] > I104_LENGTH_MAX)
		dis_anomaly(x, NULL, ANOM_I104_LENGTH, 1, NULL);
	/* A receiver takes so many octets, and has no control field. */
	if (b[1] < I104_CONTROL)
		return (struct dis_step){ .status = DIS_DONE, .used = len };
	first_look(x);
	a = i104_apdu_of(x, cur_bytes(&in, len), len);
	role = role_of(&a);
	if (role != 0)
		dis_set_client(x, role > 0);
	if (a.apci.format != IEC104_U)
		check_receive(x, &a);
	if (a.apci.format == IEC104_I)
		on_data(x, &a);
	else if (a.apci.format == IEC104_U)
		on_control(x, &a);
	else
		i104_alone(x, &a, x->from_client);
	return (struct dis_step){ .status = DIS_DONE, .used = len };
}

static void
gap(struct dis_ctx *x, uint64_t lost)
{
	struct i104_state *st = x->state;

	(void)lost;
	st->gapped = st->started = true;
	st->asked = st->paired = false;
	for (unsigned e = 0; e < 2; e++)
		st->side[e].known = st->side[e].acked_known = false;
	for (unsigned i = 0; i < I104_SELECTS; i++)
		st->select[i].id = 0;
}

extern const struct protocol iec104_protocol;
extern const struct dissector iec104_dissector;
const struct dissector iec104_dissector = {
	.protocol = &iec104_protocol,
	.max_pdu = I104_APDU_MAX, .max_pending = 2 * I104_APDU_MAX + 32,
	.state_size = sizeof(struct i104_state),
	.funcs = i104_funcs, .n_funcs = I104_N_FUNCS,
	.resync_scan = true,
	.guess = guess, .feed = feed, .gap = gap, .unanswered = i104_unanswered,
};
