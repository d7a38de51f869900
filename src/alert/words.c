#include "alert/words.h"

#include <inttypes.h>
#include <string.h>

#include "record/s7.h"

#define ITEMS_SAID	2u
#define VALUES_SAID	4u
#define TEXT_SAID	32u	/* bytes of a text value */
#define USERDATA	0x0700u	/* S7: groups of userdata stand behind the jobs */

static void
put_address(struct strbuf *s, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	strbuf_put(s, text);
}

static const struct addr *
end_of(const struct operation *op, bool server)
{
	return &op->flow->addr[server ? flow_server(op->flow) : flow_client(op->flow)];
}

void
words_device(struct strbuf *s, const struct operation *op)
{
	if (op->broadcast && op->proto == OP_MODBUS)
		strbuf_put(s, "all units of ");
	else if (op->broadcast)
		strbuf_put(s, "all devices behind ");
	else if (op->proto == OP_MODBUS && op->unit != 0 && op->unit != 255)
		strbuf_printf(s, "unit %" PRIu32 " of ", op->unit);
	else if (op->proto == OP_DNP3)
		strbuf_printf(s, "outstation %" PRIu32 " at ", op->unit);
	else if (op->proto == OP_S7 || op->proto == OP_S7PLUS)
		strbuf_put(s, "PLC ");
	if (op->flow == NULL)
		strbuf_put(s, "an unknown address");
	else
		put_address(s, end_of(op, true));
	/* Rack 0, slot 2 and slot 1 are what everybody has. */
	if (op->proto == OP_S7 && op->unit > 2)
		strbuf_printf(s, ", rack %" PRIu32 " slot %" PRIu32, op->unit >> 8, op->unit & 0xff);
}

void
words_code(struct strbuf *s, const struct operation *op)
{
	const struct s7_detail *d = op->detail;

	switch (op->proto) {
	case OP_MODBUS:
		strbuf_printf(s, "Modbus function %" PRIu32, op->function);
		if (op->has_subfunction)
			strbuf_printf(s, "/%" PRIu32, op->subfunction);
		break;
	case OP_DNP3:
		strbuf_printf(s, "DNP3 function %" PRIu32, op->function);
		break;
	case OP_S7:
		if (op->function >= USERDATA)
			strbuf_printf(s, "S7 userdata %" PRIu32 "/%" PRIu32, op->function - USERDATA,
			    op->subfunction);
		else if (op->function == 0x28 && d != NULL && d->request.service.len > 0)
			strbuf_printf(s, "S7 service %.*s", (int)(d->request.service.len < TEXT_SAID ?
			    d->request.service.len : TEXT_SAID), (const char *)d->request.service.p);
		else
			strbuf_printf(s, "S7 job 0x%02" PRIx32, op->function);
		break;
	case OP_S7PLUS:
		strbuf_printf(s, "S7comm-plus function 0x%04" PRIx32, op->function);
		break;
	default:
		strbuf_printf(s, "function %" PRIu32, op->function);
		break;
	}
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

static void
put_range(struct strbuf *s, const char *one, const char *many, const struct op_item *it)
{
	if (it->count > 1)
		strbuf_printf(s, "%s %" PRIu32 "-%" PRIu32, many, it->first,
		    it->first + it->count - 1);
	else
		strbuf_printf(s, "%s %" PRIu32, one, it->first);
}

static void
put_object(struct strbuf *s, const struct op_item *it)
{
	uint32_t group = it->number >> 8;
	const char *kind = group == 12 || group == 10 ? "binary output" : group == 41 || group == 40 ?
	    "analog output" : group == 34 ? "deadband" : group == 50 ? "clock" :
	    group == 60 ? "class" : group == 80 ? "internal indication" : "object";

	if (group == 60)
		strbuf_printf(s, "events and values of class %" PRIu32,
		    (it->number & 0xff) > 0 ? (it->number & 0xff) - 1 : 0);
	else if (group == 50)
		strbuf_put(s, "the clock");
	else if (strcmp(kind, "object") == 0) {
		strbuf_printf(s, "group %" PRIu32 " variation %" PRIu32, group, it->number & 0xff);
		if (it->ranged)
			put_range(s, " point", " points", it);
	} else if (it->ranged)
		put_range(s, kind, kind, it);
	else if (it->form == FORM_TYPED && it->n_values > 0)
		strbuf_printf(s, "%s %" PRIu32, kind, it->typed[0].index);
	else
		strbuf_printf(s, "every %s", kind);
}

static void
put_item(struct strbuf *s, const struct op_item *it)
{
	char address[OP_ADDRESS_MAX];

	if (op_item_address(it, address)) {
		strbuf_put(s, address);
		return;
	}
	switch (it->space) {
	case SPACE_COIL:	put_range(s, "coil", "coils", it); break;
	case SPACE_DISCRETE:	put_range(s, "discrete input", "discrete inputs", it); break;
	case SPACE_INPUT:	put_range(s, "input register", "input registers", it); break;
	case SPACE_HOLDING:	put_range(s, "holding register", "holding registers", it); break;
	case SPACE_OBJECT:	put_object(s, it); break;
	case SPACE_FILE:	strbuf_printf(s, "file %" PRIu32, it->number); break;
	case SPACE_S7_SZL:	strbuf_printf(s, "system status list 0x%04" PRIx32, it->number); break;
	case SPACE_S7_BLOCK:
		/* The type of the block is two characters' worth in the upper byte. */
		strbuf_printf(s, "block %" PRIu32, it->number & 0xffffffu);
		break;
	default:
		strbuf_put(s, op_space_name(it->space));
		if (it->ranged)
			put_range(s, "", "", it);
		break;
	}
}

void
words_items(struct strbuf *s, const struct operation *op)
{
	if (op->n_items == 0)
		strbuf_put(s, "what was asked for");
	for (uint32_t i = 0; i < op->n_items && i < ITEMS_SAID; i++) {
		if (i > 0)
			strbuf_put(s, ", ");
		put_item(s, &op->items[i]);
	}
	if (op->n_items > ITEMS_SAID)
		strbuf_printf(s, " and %" PRIu32 " more", op->n_items - ITEMS_SAID);
}

static void
put_text(struct strbuf *s, const uint8_t *p, uint32_t n)
{
	bool text = n > 0 && n <= TEXT_SAID;

	for (uint32_t i = 0; i < n && text; i++)
		text = p[i] >= 0x20 && p[i] < 0x7f;
	if (text)
		strbuf_printf(s, "\"%.*s\"", (int)n, (const char *)p);
	else
		strbuf_printf(s, "%" PRIu32 " bytes", n);
}

static void
put_value(struct strbuf *s, const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_BIT:
	case VALUE_UINT:
		strbuf_printf(s, "%" PRIu64, v->u);
		break;
	case VALUE_INT:
		strbuf_printf(s, "%" PRId64, v->i);
		break;
	case VALUE_REAL:
		strbuf_printf(s, "%.6g", v->r);
		break;
	case VALUE_TIME:
		strbuf_put(s, "a time");
		break;
	case VALUE_BYTES:
		put_text(s, v->bytes, v->len);
		break;
	default:
		strbuf_put(s, "nothing");
		break;
	}
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
	for (uint32_t i = 0; i < it->n_values && i < VALUES_SAID; i++) {
		struct op_value v = op_item_value(it, i);

		if (i > 0)
			strbuf_put(s, ", ");
		put_value(s, &v);
	}
	if (it->n_values > VALUES_SAID)
		strbuf_printf(s, " and %" PRIu32 " more", it->n_values - VALUES_SAID);
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

/* What the values are in the words of the function: a CROB is not a number. */
static bool
put_command(struct strbuf *s, const struct operation *op)
{
	static const char *const kinds[] = { "nothing", "pulse on", "pulse off", "latch on", "latch off" };

	if (op->proto != OP_DNP3)
		return false;
	for (uint32_t i = 0; i < op->n_params; i++) {
		const struct op_param *p = &op->params[i];

		if (!p->in_response && strcmp(p->name, "op_type") == 0 && p->value.u < COUNTOF(kinds)) {
			strbuf_put(s, kinds[p->value.u]);
			return true;
		}
	}
	return false;
}

void
words_operation(struct strbuf *s, const struct operation *op)
{
	if (op->flow == NULL)
		strbuf_put(s, "somebody");
	else
		put_address(s, end_of(op, op->intent == INTENT_REPORT));
	switch (op->intent) {
	case INTENT_READ:
		strbuf_put(s, " read ");
		words_items(s, op);
		strbuf_put(s, " of ");
		break;
	case INTENT_WRITE:
	case INTENT_OPERATE:
		if (op->n_items > 0) {
			strbuf_put(s, op->function == 3 && op->proto == OP_DNP3 ? " selected " : " wrote ");
			if (!put_command(s, op) && !put_values(s, op))
				strbuf_put(s, "something");
			strbuf_put(s, " to ");
			words_items(s, op);
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
	words_outcome(s, op);
}

void
words_time(struct strbuf *s, uint64_t seconds)
{
	static const struct { uint64_t s; const char *one, *many; } units[] = {
		{ 86400, "day", "days" }, { 3600, "hour", "hours" }, { 60, "minute", "minutes" },
		{ 1, "second", "seconds" },
	};

	for (unsigned i = 0; i < COUNTOF(units); i++)
		if (seconds >= units[i].s && seconds % units[i].s == 0) {
			uint64_t n = seconds / units[i].s;

			strbuf_printf(s, "%" PRIu64 " %s", n, n == 1 ? units[i].one : units[i].many);
			return;
		}
	strbuf_put(s, "0 seconds");
}

static uint64_t
rounded(uint64_t seconds)
{
	static const uint64_t units[] = { 86400, 3600, 60 };

	for (unsigned i = 0; i < COUNTOF(units); i++)
		if (seconds >= 2 * units[i])
			return (seconds + units[i] / 2) / units[i] * units[i];
	return seconds;
}

void
words_about(struct strbuf *s, uint64_t seconds)
{
	if (rounded(seconds) != seconds)
		strbuf_put(s, "about ");
	words_time(s, rounded(seconds));
}
