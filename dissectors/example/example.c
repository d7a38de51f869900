/* example.c - the dissector to copy.  The protocol is made up; see NOTES.md.
 *
 *	 0   1   2        3            4         5 ...
 *	'X' 'P' body len transaction  function  body
 *
 * CONTRIBUTING.md walks through this file in ten steps. */
#include "dissectors/example/example.h"

#include "base/str.h"
#include "dissect/pair.h"

#define HEAD_LEN	5u
#define ANSWER_BIT	0x80u

/* ---- body parsers: straight lines; the cursor remembers what failed ---- */

static struct op_item *
item(struct dis_ctx *x, struct operation *op)
{
	op->items = arena_zalloc(x->arena, 1, sizeof(*op->items));
	op->n_items = op->items != NULL ? 1 : 0;
	return op->items;
}

static bool
range_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct op_item *it = item(x, op);

	(void)detail;
	if (it == NULL)
		return false;
	it->space = SPACE_HOLDING;
	it->ranged = true;
	it->first = cur_u8(c);
	it->count = cur_u8(c);
	return true;
}

static bool
range_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x, (void)detail;
	if (op->n_items == 0)
		return false;	/* request unknown: values without an address */
	op->items->form = FORM_U16_BE;
	op->items->n_values = (uint32_t)(cur_left(c) / 2);
	op->items->raw = cur_bytes(c, 2 * (size_t)op->items->n_values);
	return true;
}

static bool
write_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct op_item *it = item(x, op);

	(void)detail;
	if (it == NULL)
		return false;
	*it = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .written = true,
	    .ranged = true, .first = cur_u8(c), .count = 1, .n_values = 1 };
	it->raw = cur_bytes(c, 2);
	return it->raw != NULL;
}

/* ---- the table: what exists is a row ---- */

static const struct func_desc funcs[] = {
 /* code sub         name     word     intent           command   space         request  answer    parsers                spec */
 { 1, FUNC_NO_SUB, "Echo",  "Echo",  INTENT_DIAGNOSE, CMD_NONE, SPACE_NONE,  {0,255}, {0,255}, NULL,      NULL,      "NOTES 2.1", NULL },
 { 2, FUNC_NO_SUB, "Read",  "Read",  INTENT_READ,     CMD_NONE, SPACE_HOLDING, {2,2},   {0,254}, range_req, range_rsp, "NOTES 2.2", NULL },
 { 3, FUNC_NO_SUB, "Write", "Write", INTENT_WRITE,    CMD_NONE, SPACE_HOLDING, {3,3},   {0,0},   write_req, NULL,      "NOTES 2.3", NULL },
};

/* ---- one PDU, request or answer, into an operation ---- */

static void
body(struct dis_ctx *x, struct operation *op, struct cursor c, bool answer)
{
	const struct func_desc *f = dis_func(x, op->function, FUNC_NO_SUB);
	struct op_span legal = { 0, 0 };

	if (f == NULL) {
		dis_anomaly(x, op, ANOM_EX_FUNCTION, 4, NULL);
		return;
	}
	op->name = f->name;
	op->intent = f->intent;
	op->command = f->command;
	legal = answer ? f->rsp_len : f->req_len;
	if (cur_left(&c) < legal.min || cur_left(&c) > legal.max)
		dis_anomaly(x, op, ANOM_EX_LENGTH, 2, NULL);
	else if ((answer ? f->rsp : f->req) != NULL)
		(void)(answer ? f->rsp : f->req)(x, &c, op, NULL);
}

static struct operation
begin(uint64_t id, uint8_t transaction, uint8_t function)
{
	return (struct operation){ .id = id, .transaction = transaction,
	    .function = function & ~ANSWER_BIT & 0xffu, .name = "Unknown" };
}

/* Read a kept request again: all of it is checked and known to be whole. */
static struct operation
request_again(struct dis_ctx *x, const struct pending *asked)
{
	struct cursor c = cur_of(asked->bytes, asked->len);
	struct operation op;
	uint8_t transaction;

	cur_skip(&c, 3);
	transaction = cur_u8(&c);
	op = begin(asked->id, transaction, cur_u8(&c));
	op.request = asked->request;
	x->again = true;
	body(x, &op, c, false);
	return op;
}

static struct dis_step
example_feed(struct dis_ctx *x, struct cursor in)
{
	struct cursor c = in, pdu = in, b;
	struct pending asked;
	struct operation op;
	uint16_t magic = cur_be16(&c);
	uint8_t len = cur_u8(&c), transaction = cur_u8(&c), function = cur_u8(&c);
	uint32_t whole = HEAD_LEN + len, key = (uint32_t)transaction << 8 | (function & 0x7fu);
	bool answer = (function & ANSWER_BIT) != 0, paired;

	if (cur_left(&in) < HEAD_LEN)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = HEAD_LEN - (uint32_t)cur_left(&in) };
	if (magic != EXAMPLE_MAGIC)
		return (struct dis_step){ .status = DIS_RESYNC, .used = (uint32_t)cur_left(&in) };
	if (cur_left(&in) < whole)
		return (struct dis_step){ .status = DIS_NEED_MORE, .need = whole - (uint32_t)cur_left(&in) };
	b = cur_take(&c, len);
	dis_set_client(x, !answer);
	if (!answer) {
		op = begin(pair_next_id(x), transaction, function);
		op.request = dis_side(x, whole);
		body(x, &op, b, false);
		pair_put(x, op.id, key, 0, cur_bytes(&pdu, whole), whole);
		op.outcome = OUTCOME_PENDING;
		dis_operation(x, &op);
		return (struct dis_step){ .status = DIS_DONE, .used = whole };
	}
	paired = pair_take(x, key, &asked);
	op = paired ? request_again(x, &asked) : begin(pair_next_id(x), transaction, function);
	x->again = false;
	if (!paired)
		dis_anomaly(x, &op, ANOM_EX_UNSOLICITED, 3, NULL);
	op.phase = OP_FINISHED;
	op.outcome = OUTCOME_ANSWERED;
	op.response = dis_side(x, whole);
	body(x, &op, b, true);
	dis_operation(x, &op);
	return (struct dis_step){ .status = DIS_DONE, .used = whole };
}

static void
example_unanswered(struct dis_ctx *x, const struct pending *asked)
{
	struct operation op = request_again(x, asked);

	op.phase = OP_FINISHED;
	op.outcome = dis_outcome_without_answer(x, &asked->request);
	dis_operation(x, &op);
}

static struct dis_guess
example_guess(struct cursor in, bool datagram)
{
	size_t all = cur_left(&in);
	uint8_t x = cur_u8(&in), p = cur_u8(&in), len = cur_u8(&in), transaction = cur_u8(&in);
	uint8_t function = cur_u8(&in);

	(void)datagram;
	if ((all > 0 && x != 'X') || (all > 1 && p != 'P') || (all >= HEAD_LEN &&
	    ((function & 0x7f) == 0 || (function & 0x7f) > COUNTOF(funcs))))
		return (struct dis_guess){ .verdict = GUESS_NO };
	if (all < HEAD_LEN)
		return (struct dis_guess){ .verdict = GUESS_SHORT };
	return (struct dis_guess){ .verdict = GUESS_MAYBE, .used = HEAD_LEN + len,
	    .role = (function & ANSWER_BIT) != 0 ? -1 : 1,
	    .tag = (uint32_t)transaction << 8 | (function & 0x7fu) };
}

static const uint16_t ports[] = { 9600, 0 };

/* A real one stands in protocol.c, with its row in op_names.def. */
static const struct protocol example_protocol = {
	.name = "example", .title = "Example", .event = "example", .tcp_ports = ports, .udp_ports = ports,
	.lost = ANOM_EX_LOST,
};

const struct dissector dissector_example = {
	.protocol = &example_protocol,
	.max_pdu = HEAD_LEN + 255, .max_pending = HEAD_LEN + 255,
	.funcs = funcs, .n_funcs = COUNTOF(funcs), .resync_scan = true,
	.guess = example_guess, .feed = example_feed, .unanswered = example_unanswered,
};
