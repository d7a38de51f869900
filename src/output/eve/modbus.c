#include "output/eve/eve.h"

#include "record/modbus.h"

/* "DATA_VALUE | DATA_LENGTH": the names of the bits that are set, lowest first; "NONE". */
static void
put_bits(struct jsonw *j, const char *key, unsigned bits, const char *const *names)
{
	char text[80];
	struct strbuf s = strbuf_on(text, sizeof(text));

	if (bits == 0) {
		jsonw_text(j, key, "NONE");
		return;
	}
	for (unsigned i = 0; bits >> i != 0; i++) {
		if ((bits >> i & 1u) == 0)
			continue;
		if (s.len > 0)
			strbuf_put(&s, " | ");
		strbuf_put(&s, names[i]);
	}
	jsonw_text(j, key, text);
}

static void
put_errors(struct jsonw *j, unsigned flags)
{
	static const char *const names[] = {
		"DATA_VALUE", "DATA_LENGTH", "EXC_CODE", "FUNC_CODE", "PROTO_ID",
	};

	put_bits(j, "error_flags", flags, names);
}

/* Name, access and category of the function. */
static void
put_function(struct jsonw *j, const struct modbus_message *m)
{
	static const char *const access[] = { "READ", "WRITE", "DISCRETES", "COILS", "INPUT", "HOLDING",
		"SINGLE", "MULTIPLE", "WRITE_SINGLE", "WRITE_MULTIPLE" };
	static const char *const categories[] = { "PUBLIC_UNASSIGNED", "PUBLIC_ASSIGNED", "USER_DEFINED",
		"RESERVED" };

	jsonw_text(j, "function_code", m->function_code);
	put_bits(j, "access_type", m->access, access);
	put_bits(j, "category", m->category, categories);
}

static void
put_data(struct jsonw *j, const struct modbus_bytes *b)
{
	if (b->p != NULL || b->len == 0)
		jsonw_bytes(j, "data", b->p, jsonw_octets(j, b->len));
}

static void
put_read(struct jsonw *j, const struct modbus_message *m)
{
	jsonw_object(j, "read");
	if (m->read.has_range) {
		jsonw_u64(j, "address", m->read.address);
		jsonw_u64(j, "quantity", m->read.quantity);
	} else
		put_data(j, &m->read.data);
	jsonw_object_end(j);
}

static void
put_write(struct jsonw *j, const struct modbus_message *m)
{
	jsonw_object(j, "write");
	jsonw_u64(j, "address", m->write.address);
	if (m->write.has_quantity)
		jsonw_u64(j, "quantity", m->write.quantity);
	if (m->write.has_masks) {
		jsonw_u64(j, "and_mask", m->write.and_mask);
		jsonw_u64(j, "or_mask", m->write.or_mask);
	}
	if (m->write.has_value)
		jsonw_u64(j, "data", m->write.value);
	else if (m->write.has_bytes)
		put_data(j, &m->write.data);
	jsonw_object_end(j);
}

static void
put_sub(struct jsonw *j, const char *key, unsigned raw, const char *code,
    const struct modbus_bytes *data)
{
	jsonw_object(j, key);
	jsonw_u64(j, "raw", raw);
	jsonw_text(j, "code", code);
	if (data != NULL)
		put_data(j, data);
	jsonw_object_end(j);
}

static void
put_words(struct eve *e, struct jsonw *j, const struct modbus_message *m)
{
	struct eve_words *w = &e->message_words[m->function_raw];
	const uint64_t number = (uint64_t)m->category << 16 | m->access;
	struct jsonw to;

	if (w->key[0] == m->function_code && w->number == number && w->len > 0) {
		jsonw_members(j, w->text, w->len);
		return;
	}
	to = jsonw_on(w->text, sizeof(w->text));
	put_function(&to, m);
	w->key[0] = m->function_code;
	w->number = number;
	w->len = to.full ? 0 : (uint16_t)to.len;
	if (w->len > 0)
		jsonw_members(j, w->text, w->len);
	else
		put_function(j, m);
}

static void
put_message(struct eve *e, struct jsonw *j, const char *key, const struct modbus_message *m)
{
	jsonw_object(j, key);
	jsonw_u64(j, "transaction_id", m->transaction_id);
	jsonw_u64(j, "protocol_id", m->protocol_id);
	jsonw_u64(j, "unit_id", m->unit_id);
	jsonw_u64(j, "function_raw", m->function_raw);
	put_words(e, j, m);
	put_errors(j, m->error_flags);
	if (m->has_exception)
		put_sub(j, "exception", m->exception.raw, m->exception.code, NULL);
	if (m->has_diagnostic)
		put_sub(j, "diagnostic", m->diagnostic.raw, m->diagnostic.code,
		    &m->diagnostic.data);
	if (m->has_mei)
		put_sub(j, "mei", m->mei.raw, m->mei.code, &m->mei.data);
	if (m->has_read)
		put_read(j, m);
	if (m->has_write)
		put_write(j, m);
	if (m->has_data)
		put_data(j, &m->data);
	jsonw_object_end(j);
}

static void
put_modbus(struct eve *e, struct jsonw *j, const struct operation *op)
{
	const struct modbus_detail *d = op->detail;

	jsonw_object(j, "modbus");
	jsonw_u64(j, "id", op->id);
	if (d->request.present)
		put_message(e, j, "request", &d->request);
	if (d->response.present)
		put_message(e, j, "response", &d->response);
	jsonw_object_end(j);
}

static const char *
framing(const struct operation *op)
{
	static const char *const names[] = {
		[MODBUS_TCP] = "tcp", [MODBUS_UDP] = "udp",
		[MODBUS_RTU_TCP] = "rtu-tcp", [MODBUS_ASCII_TCP] = "ascii-tcp",
	};
	const struct modbus_detail *d = op->detail;

	return (size_t)d->framing < COUNTOF(names) ? names[d->framing] : NULL;
}

const struct eve_protocol eve_modbus = {
	.operation = put_modbus, .alert = put_modbus, .framing = framing,
};
