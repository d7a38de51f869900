/* s7_plus.c - what S7comm-plus adds to the `s7comm` object. */
#include "output/eve/s7.h"

void
eve_s7_plus(struct jsonw *j, const struct s7_message *m)
{
	jsonw_u64(j, "version", m->version);
	jsonw_u64(j, "length", m->plus_length);
	if (m->fragments > 1)
		jsonw_u64(j, "fragments", m->fragments);
	if (m->cut)
		jsonw_bool(j, "cut", true);
	if (m->opcode != 0) {
		jsonw_u64(j, "opcode", m->opcode);
		jsonw_text(j, "opcode_name", m->opcode_name);
	}
	if (m->plus_function != 0) {
		jsonw_u64(j, "function", m->plus_function);
		jsonw_text(j, "function_name", m->plus_function_name);
		jsonw_u64(j, "sequence", m->plus_sequence);
	}
	if (m->has_session)
		jsonw_u64(j, "session_id", m->session);
	if (m->has_object) {
		jsonw_u64(j, "object_id", m->object);
		jsonw_text(j, "object_name", m->object_name);
	}
	if (m->has_plus_return) {
		jsonw_u64_text(j, "return_value", m->plus_return);
		if (m->plus_error != 0) {
			jsonw_i64(j, "return_code", m->plus_error);
			jsonw_text(j, "return_name", m->plus_error_name);
		}
	}
	if (m->has_integrity_id)
		jsonw_u64(j, "integrity_id", m->integrity_id);
	if (m->has_integrity)
		jsonw_hex(j, "integrity", m->integrity.p, m->integrity.len);
	if (m->unread > 0)
		jsonw_u64(j, "unread_bytes", m->unread);
}

static void
put_item(struct jsonw *j, const struct s7_plus_item *at, const struct op_item *it)
{
	char text[OP_ADDRESS_MAX];

	jsonw_object(j, NULL);
	if (at->number != 0)
		jsonw_u64(j, "number", at->number);
	if (at->object != 0) {
		jsonw_u64(j, at->variable ? "area" : "object_id", at->object);
		jsonw_text(j, at->variable ? "area_name" : "object_name", at->object_name);
	}
	if (at->has_class) {
		jsonw_u64(j, "class", at->class_id);
		jsonw_text(j, "class_name", at->class_name);
	}
	if (at->id != 0) {
		jsonw_u64(j, at->variable ? "sub_area" : "attribute", at->id);
		jsonw_text(j, at->variable ? "sub_area_name" : "attribute_name", at->id_name);
	}
	if (at->n_path > 0) {
		jsonw_array(j, "path");
		for (uint32_t i = 0; i < at->n_path && !j->full; i++)
			jsonw_u64(j, NULL, at->path[i]);
		jsonw_array_end(j);
	}
	if (at->has_crc && at->crc != 0)
		jsonw_u64(j, "crc", at->crc);
	if (op_item_address(it, text))
		jsonw_text(j, "variable", text);
	if (at->has_type) {
		jsonw_u64(j, "type", at->type);
		jsonw_text(j, "type_name", at->type_name);
	}
	if (at->has_return)
		jsonw_u64_text(j, "return_value", at->return_value);
	jsonw_text(j, "in", at->in_response ? "response" : "request");
	jsonw_object_end(j);
}

void
eve_s7_plus_items(struct jsonw *j, const struct operation *op)
{
	const struct s7_detail *d = op->detail;

	jsonw_array(j, "items");
	for (uint32_t i = 0, n = jsonw_most(j, op->n_items); i < n && !j->full; i++)
		put_item(j, &d->plus_items[i], &op->items[i]);
	jsonw_array_end(j);
	if (d->plus_more > 0)
		jsonw_u64(j, "items_more", d->plus_more);
}

const struct eve_protocol eve_s7plus = { .operation = eve_s7, .alert_ot = eve_s7 };
