/* s7.c - the `s7comm` object: one job with its answer, nested as EVE nests
 * Modbus; field names are the terms of NOTES.md in dissectors/s7. */
#include "output/eve/s7.h"

static void
put_bytes(struct jsonw *j, const char *key, const struct s7_bytes *b)
{
	if (b->len > 0)
		jsonw_bytes(j, key, b->p, jsonw_octets(j, b->len));
}

/* A TSAP is two bytes or a text. */
static void
put_tsap(struct jsonw *j, const char *key, const struct s7_bytes *b)
{
	if (b->len == 2)
		jsonw_hex(j, key, b->p, 2);
	else
		put_bytes(j, key, b);
}

static void
put_cotp(struct jsonw *j, const struct s7_cotp *c)
{
	jsonw_object(j, "cotp");
	jsonw_text(j, "type", c->type_name);
	jsonw_u64(j, "dst_ref", c->dst_ref);
	jsonw_u64(j, "src_ref", c->src_ref);
	if (c->type == 0xe0 || c->type == 0xd0)
		jsonw_u64(j, "class", c->class_option >> 4);
	if (c->tpdu_size != 0)
		jsonw_u64(j, "tpdu_size", c->tpdu_size);
	put_tsap(j, "calling_tsap", &c->calling_tsap);
	put_tsap(j, "called_tsap", &c->called_tsap);
	jsonw_text(j, "connection_type", c->connection_type);
	if (c->has_place) {
		jsonw_u64(j, "rack", c->rack);
		jsonw_u64(j, "slot", c->slot);
	}
	if (c->has_reason) {
		jsonw_u64(j, "reason", c->reason);
		jsonw_text(j, "reason_name", c->reason_name);
	}
	jsonw_object_end(j);
}

static void
put_block(struct jsonw *j, const char *key, const struct s7_block *b)
{
	jsonw_object(j, key);
	put_bytes(j, "filename", &b->filename);
	jsonw_text(j, "type", b->type);
	put_bytes(j, "number", &b->number);
	jsonw_text(j, "filesystem", b->filesystem);
	jsonw_text(j, "language", b->language);
	if (b->has_load_len)
		jsonw_u64(j, "load_memory_length", b->load_len);
	if (b->has_mc7_len)
		jsonw_u64(j, "mc7_length", b->mc7_len);
	if (b->has_session)
		jsonw_u64(j, "session", b->session);
	if (b->has_status)
		jsonw_u64(j, "function_status", b->status);
	if (b->has_data_len)
		jsonw_u64(j, "data_length", b->data_len);
	jsonw_object_end(j);
}

static void
put_userdata(struct jsonw *j, const struct s7_message *m)
{
	jsonw_u64(j, "method", m->method);
	jsonw_u64(j, "type", m->type);
	jsonw_word(j, "type_name", m->type_name);
	jsonw_u64(j, "function_group", m->group);
	jsonw_word(j, "function_group_name", m->group_name);
	jsonw_u64(j, "subfunction", m->subfunction);
	jsonw_word(j, "subfunction_name", m->subfunction_name);
	jsonw_u64(j, "sequence", m->sequence);
	if (m->has_unit) {
		jsonw_u64(j, "data_unit_reference", m->data_unit);
		jsonw_bool(j, "last_data_unit", m->last_unit == 0);
		jsonw_u64(j, "parameter_error", m->param_error);
		if (m->param_error != 0)
			jsonw_text(j, "parameter_error_name", m->param_error_name);
	}
	if (m->parts > 1)
		jsonw_u64(j, "parts", m->parts);
	if (m->has_return) {
		jsonw_u64(j, "return_code", m->return_code);
		jsonw_text(j, "return_name", m->return_name);
		jsonw_u64(j, "transport_size", m->transport_size);
	}
	if (m->has_szl) {
		jsonw_object(j, "szl");
		jsonw_u64(j, "id", m->szl_id);
		jsonw_u64(j, "index", m->szl_index);
		jsonw_text(j, "name", m->szl_name);
		jsonw_object_end(j);
	}
}

static void
put_header(struct jsonw *j, const struct s7_message *m)
{
	jsonw_u64(j, "rosctr", m->rosctr);
	jsonw_word(j, "rosctr_name", m->rosctr_name);
	jsonw_u64(j, "pdu_reference", m->pdu_reference);
	jsonw_u64(j, "parameter_length", m->parameter_length);
	jsonw_u64(j, "data_length", m->data_length);
	if (m->has_error) {
		jsonw_u64(j, "error_class", m->error_class);
		jsonw_u64(j, "error_code", m->error_code);
		if (m->error_class != 0 || m->error_code != 0) {
			jsonw_text(j, "error_class_name", m->error_class_name);
			jsonw_text(j, "error_name", m->error_name);
		}
	}
	if (m->has_function) {
		jsonw_u64(j, "function", m->function);
		jsonw_word(j, "function_name", m->function_name);
	}
	if (m->userdata)
		put_userdata(j, m);
	if (m->has_item_count)
		jsonw_u64(j, "item_count", m->item_count);
	if (m->has_setup) {
		jsonw_u64(j, "max_amq_calling", m->amq_calling);
		jsonw_u64(j, "max_amq_called", m->amq_called);
		jsonw_u64(j, "pdu_size", m->pdu_size);
	}
	put_bytes(j, "service", &m->service);
	jsonw_text(j, "service_name", m->service_name);
}

static void
put_message(struct jsonw *j, const char *key, const struct s7_message *m)
{
	if (!m->present)
		return;
	jsonw_object(j, key);
	if (m->has_header)
		put_header(j, m);
	if (m->plus)
		eve_s7_plus(j, m);
	if (m->encrypted)
		jsonw_bool(j, "encrypted", true);
	if (m->cotp != NULL)
		put_cotp(j, m->cotp);
	if (m->block != NULL)
		put_block(j, "block", m->block);
	if (m->block != NULL && m->block->next != NULL) {
		jsonw_array(j, "further_blocks");
		uint32_t n = 0;

		for (const struct s7_block *b = m->block->next; b != NULL; b = b->next, n++) {
			if (jsonw_most(j, n + 1) == n)
				break;
			put_block(j, NULL, b);
		}
		jsonw_array_end(j);
	}
	jsonw_object_end(j);
}

/* A number and its name; `key` and `name_key` are literals that belong together. */
static void
put_code(struct eve *e, struct jsonw *j, const char *key, const char *name_key, uint32_t code,
    const char *name)
{
	struct eve_code *at = &e->codes[((uintptr_t)key ^ (uintptr_t)key >> 8 ^ code * 37u) &
	    (EVE_CODES - 1)];

	if (at->key != key || at->name != name || at->code != code) {
		struct jsonw to = jsonw_on(at->text, sizeof(at->text));

		jsonw_u64(&to, key, code);
		jsonw_text(&to, name_key, name);
		at->key = NULL;
		if (to.full) {
			jsonw_u64(j, key, code);
			jsonw_text(j, name_key, name);
			return;
		}
		at->key = key;
		at->name = name;
		at->code = code;
		at->len = (uint16_t)to.len;
	}
	jsonw_members(j, at->text, at->len);
}

static void
put_var(struct eve *e, struct jsonw *j, const struct s7_var *v, const struct operation *op)
{
	char text[OP_ADDRESS_MAX];

	jsonw_object(j, NULL);
	if (v->syntax != 0)
		put_code(e, j, "syntax_id", "syntax_name", v->syntax, v->syntax_name);
	if (v->has_any) {
		put_code(e, j, "area", "area_name", v->area, v->area_name);
		jsonw_u64(j, "db", v->db);
		jsonw_u64(j, "address", v->address);
		put_code(e, j, "transport_size", "transport_size_name", v->transport_size,
		    v->transport_name);
		jsonw_u64(j, "length", v->length);
	} else
		jsonw_word(j, "area_name", v->area_name);
	if (v->item < op->n_items && op_item_address(&op->items[v->item], text))
		jsonw_word(j, "variable", text);
	if (v->has_data) {
		put_code(e, j, "data_transport_size", "data_transport_size_name",
		    v->data_transport_size, v->data_transport_name);
		jsonw_u64(j, "data_length", v->data_length);
	}
	if (v->has_reserved)
		jsonw_u64(j, "request_return_code", v->reserved);
	if (v->has_return)
		put_code(e, j, "return_code", "return_name", v->return_code, v->return_name);
	jsonw_object_end(j);
}

/* The PDUs between the first request and the last part of a joined answer. */
static void
put_parts(struct jsonw *j, const struct s7_detail *d)
{
	jsonw_array(j, "parts");
	for (uint32_t i = 0, n = jsonw_most(j, d->n_parts); i < n && !j->full; i++) {
		const struct s7_part *p = &d->parts[i];

		jsonw_object(j, NULL);
		jsonw_u64(j, "frame", frame_in_file(p->frame));
		jsonw_object(j, p->response ? "response" : "request");
		put_header(j, &p->head);
		jsonw_object_end(j);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

void
eve_s7(struct eve *e, struct jsonw *j, const struct operation *op)
{
	static const char *const carriers[] = {
		[S7_COTP] = "cotp", [S7_COMM] = "s7comm", [S7_PLUS] = "s7comm-plus",
		[S7_TLS] = "tls",
	};
	const struct s7_detail *d = op->detail;

	jsonw_object(j, "s7comm");
	jsonw_u64(j, "id", op->id);
	if ((size_t)d->carrier < COUNTOF(carriers))
		jsonw_word(j, "protocol", carriers[d->carrier]);
	put_message(j, "request", &d->request);
	put_message(j, "response", &d->response);
	if (d->n_parts > 0)
		put_parts(j, d);
	if (d->n_vars > 0) {
		jsonw_array(j, "items");
		for (uint32_t i = 0, n = jsonw_most(j, d->n_vars); i < n && !j->full; i++)
			put_var(e, j, &d->vars[i], op);
		jsonw_array_end(j);
	} else if (d->plus_items != NULL)
		eve_s7_plus_items(j, op);
	jsonw_object_end(j);
}

/* EVE's alert has no field for protocols that EVE does not know. */
const struct eve_protocol eve_s7comm = { .operation = eve_s7, .alert_ot = eve_s7 };
