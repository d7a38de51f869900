#include "alert/words.h"

#include <inttypes.h>
#include <string.h>

#include "record/item_words.h"
#include "record/protocol.h"
#include "record/value_words.h"

#define ITEMS_SHOWN	2u
#define VALUES_SHOWN	4u
#define TEXT_SHOWN	32u	/* bytes of a text value */

static void
put_address(struct strbuf *s, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	strbuf_put(s, text);
}

static void
put_mac(struct strbuf *s, const uint8_t *m)
{
	strbuf_printf(s, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

void
words_end(struct strbuf *s, const struct operation *op, enum op_end end)
{
	const struct op_ends e = op_ends_of(op);

	if (e.has_addr)
		put_address(s, &e.addr[end]);
	else if (e.mac_known[end])
		put_mac(s, e.mac[end]);
	else
		strbuf_put(s, "an unknown address");
}

void
words_device(struct strbuf *s, const struct operation *op)
{
	const struct protocol_unit *u = &protocols[op->proto]->unit;

	if (op->broadcast)
		strbuf_printf(s, "%s ", u->all != NULL ? u->all : "all devices behind");
	else if (u->before != NULL && (u->none[0] == u->none[1] ||
	    (op->unit != u->none[0] && op->unit != u->none[1])))
		strbuf_printf(s, "%s %" PRIu32 " %s ", u->before, op->unit, u->between);
	else if (u->device != NULL)
		strbuf_printf(s, "%s ", u->device);
	words_end(s, op, OP_SERVER);
	if (u->slot_from > 0 && op->unit >= u->slot_from)
		strbuf_printf(s, ", rack %" PRIu32 " slot %" PRIu32, op->unit >> 8, op->unit & 0xff);
}

void
words_code(struct strbuf *s, const struct operation *op)
{
	const struct protocol_code *c = protocols[op->proto]->codes;
	const struct op_param *named = NULL;

	for (; c != NULL; c++) {
		if (op->function < c->from)
			continue;
		if (c->param == NULL || ((named = op_request_param(op, c->param)) != NULL && named->value.len > 0))
			break;
	}
	if (c == NULL)
		strbuf_printf(s, "function %" PRIu32, op->function);
	else if (c->param != NULL)
		strbuf_printf(s, "%s %.*s", c->before, (int)(named->value.len < TEXT_SHOWN ? named->value.len :
		    TEXT_SHOWN), (const char *)named->value.bytes);
	else if (c->hex > 0)
		strbuf_printf(s, "%s 0x%0*" PRIx32, c->before, c->hex, op->function);
	else
		strbuf_printf(s, "%s %" PRIu32, c->before, op->function - (c->counted ? c->from : 0));
	if (c != NULL && c->sub && op->has_subfunction)
		strbuf_printf(s, "/%" PRIu32, op->subfunction);
}

void
words_function(struct strbuf *s, const struct operation *op)
{
	if (op->name != NULL)
		strbuf_put(s, op->name);
	else
		words_code(s, op);
	if (op->subname != NULL && (op->name == NULL || strcmp(op->name, op->subname) != 0))
		strbuf_printf(s, ": %s", op->subname);
}

void
words_items(struct strbuf *s, const struct operation *op)
{
	uint32_t writes = 0, shown = 0, all;

	/* What reads in the same breath (Modbus function 23) is told by what it writes. */
	for (uint32_t i = 0; i < op->n_items; i++)
		writes += op->items[i].written;
	all = writes > 0 ? writes : op->n_items;
	if (all == 0)
		strbuf_put(s, "what was asked for");
	for (uint32_t i = 0; i < op->n_items && shown < ITEMS_SHOWN; i++) {
		if (writes > 0 && !op->items[i].written)
			continue;
		if (shown++ > 0)
			strbuf_put(s, ", ");
		item_words(s, &op->items[i]);
	}
	if (all > ITEMS_SHOWN)
		strbuf_printf(s, " and %" PRIu32 " more", all - ITEMS_SHOWN);
}

/* The values written: the first item's, a few of them. */
static bool
put_values(struct strbuf *s, const struct operation *op)
{
	const struct op_item *it = NULL;

	for (uint32_t i = 0; i < op->n_items && it == NULL; i++)
		if (op->items[i].written && op->items[i].n_values > 0)
			it = &op->items[i];
	if (it == NULL)
		return false;
	for (uint32_t i = 0; i < it->n_values && i < VALUES_SHOWN; i++) {
		struct op_value v = op_item_value(it, i);

		if (i > 0)
			strbuf_put(s, ", ");
		op_value_words(s, &v);
	}
	if (it->n_values > VALUES_SHOWN)
		strbuf_printf(s, " and %" PRIu32 " more", it->n_values - VALUES_SHOWN);
	return true;
}

void
words_outcome(struct strbuf *s, const struct operation *op)
{
	switch (op->outcome) {
	case OUTCOME_EXCEPTION:
		strbuf_put(s, "; it was refused");
		if (op->exception_name != NULL)
			strbuf_printf(s, ": %s", op->exception_name);
		break;
	case OUTCOME_UNANSWERED:
		strbuf_put(s, "; no answer was seen");
		break;
	case OUTCOME_ONE_SIDED:
		strbuf_put(s, "; its answer cannot be seen from here");
		break;
	default:
		break;
	}
}

/* By its name, where it has one. */
static void
put_place(struct strbuf *s, const struct operation *op, const char *value)
{
	if (value != NULL)
		strbuf_put(s, value);
	else
		words_items(s, op);
}

void
words_operation(struct strbuf *s, const struct operation *op, const char *value, const char *moved)
{
	const char *tail = NULL;	/* before what became of the value */

	words_end(s, op, op->intent == INTENT_REPORT ? OP_SERVER : OP_CLIENT);
	switch (op->intent) {
	case INTENT_READ:
		strbuf_put(s, " read ");
		put_place(s, op, value);
		strbuf_put(s, " of ");
		tail = value != NULL && moved[0] != '\0' ? " (" : NULL;
		break;
	case INTENT_WRITE:
	case INTENT_OPERATE:
		if (op->n_items > 0 && value != NULL && op->command != CMD_SELECT && op->action == NULL) {
			strbuf_printf(s, " set %s of ", value);
			tail = moved[0] != '\0' ? " " : NULL;
			break;
		}
		if (op->n_items > 0) {
			strbuf_put(s, op->command == CMD_SELECT ? " selected " : " wrote ");
			if (op->action != NULL)
				strbuf_put(s, op->action);
			else if (!put_values(s, op))
				strbuf_put(s, "something");
			strbuf_put(s, " to ");
			put_place(s, op, value);
			strbuf_put(s, " of ");
			break;
		}
		__attribute__((fallthrough));
	default:
		strbuf_put(s, op->intent == INTENT_REPORT ? " sent " : " asked for ");
		words_function(s, op);
		strbuf_put(s, op->intent == INTENT_REPORT ? ", of " : " at ");
		break;
	}
	words_device(s, op);
	if (tail != NULL)
		strbuf_printf(s, "%s%s%s", tail, moved, tail[1] == '(' ? ")" : "");
	words_outcome(s, op);
}
