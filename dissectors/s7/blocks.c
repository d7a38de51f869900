/* blocks.c - programs into and out of the controller: download 1A-1C, upload
 * 1D-1F, program invocation 28, STOP 29.
 *
 * A block is named "_0A00001P": file identifier, type in two characters, number
 * in five digits, file system (P passive: stored, not linked; A active).
 */
#include "s7.h"

#include <string.h>

#include "base/str.h"

#define NAME_LEN	9u
#define STATUS_ERROR	0x02u

static uint32_t
digits(struct cursor *c, size_t n)
{
	uint32_t v = 0;

	for (size_t i = 0; i < n; i++) {
		uint8_t d = cur_u8(c);

		if (d >= '0' && d <= '9')
			v = v * 10 + (d - '0');
	}
	return v;
}

static const char *
filesystem(uint8_t c)
{
	switch (c) {
	case 'P':	return "passive";
	case 'A':	return "active";
	case 'B':	return "active and passive";
	default:	return NULL;
	}
}

static void
block_item(struct op_item *it, uint8_t type, uint32_t number, bool written)
{
	it->space = SPACE_S7_BLOCK;
	it->number = (uint32_t)type << 24 | number;
	it->ranged = true;
	it->first = number;
	it->count = 1;
	it->written = written;
}

/* Type, number and file system of a name of 8 characters: "0A00001P". */
static void
name_parts(struct s7_pdu *p, struct s7_block *b, struct op_item *it, struct cursor c,
    bool written)
{
	uint8_t type, fs;
	uint32_t number;

	cur_skip(&c, 1);
	type = cur_u8(&c);
	b->number = (struct s7_bytes){ c.p, 5 };
	number = digits(&c, 5);
	fs = cur_u8(&c);
	if (!cur_ok(&c)) {
		b->number.len = 0;
		return;
	}
	b->type = s7_block_type(type);
	b->filesystem = filesystem(fs);
	if (it != NULL)
		block_item(it, type, number, written);
	s7_param_text(p, "block_type", b->type);
	s7_param_uint(p, "block_number", number);
	s7_param_text(p, "filesystem", b->filesystem);
}

static void
read_name(struct s7_pdu *p, struct cursor *c, bool written)
{
	struct s7_block *b = s7_block(p);
	uint8_t len = cur_u8(c);
	struct cursor name = cur_take(c, len);

	if (b == NULL || !cur_ok(c))
		return;
	b->filename = (struct s7_bytes){ name.p, len };
	s7_param_bytes(p, "filename", name.p, len);
	if (len == NAME_LEN && *name.p == '_') {
		cur_skip(&name, 1);
		name_parts(p, b, s7_items(p, 1), name, written);
	}
}

/* ---- uploads -------------------------------------------------------- */

/* Only the request that starts an upload names the block; what follows has the number
 * that the controller gave it. */
static void
remember_upload(struct s7_pdu *p, uint32_t id)
{
	struct s7_state *st = p->x->state;
	const struct s7_block *asked = p->detail->request.block;
	struct s7_upload *u = NULL;

	if (asked == NULL || asked->filename.len != NAME_LEN)
		return;
	for (uint32_t i = 0; i < S7_UPLOADS; i++)
		if (st->upload[i].id == id)
			u = &st->upload[i];
	if (u == NULL) {
		u = &st->upload[st->upload_next];
		st->upload_next = (uint8_t)((st->upload_next + 1) % S7_UPLOADS);
	}
	u->id = id;
	memcpy(u->name, asked->filename.p + 1, sizeof(u->name));
}

static void
recall_upload(struct s7_pdu *p)
{
	const struct s7_state *st = p->x->state;
	struct s7_block *b = s7_block(p);

	for (uint32_t i = 0; b != NULL && b->has_session && i < S7_UPLOADS; i++) {
		const struct s7_upload *u = &st->upload[i];
		const uint8_t *name;

		if (u->id != b->session || u->name[0] == 0)
			continue;
		name = arena_copy(p->x->arena, u->name, sizeof(u->name));
		if (name != NULL)
			name_parts(p, b, s7_items(p, 1), cur_of(name, sizeof(u->name)), false);
		return;
	}
}

/* Function status, error, session: the same behind every block function. */
static void
read_status(struct s7_pdu *p, struct cursor *c)
{
	struct s7_block *b = s7_block(p);

	if (b == NULL)
		return;
	b->status = cur_u8(c);
	b->has_status = cur_ok(c);
}

static void
read_session(struct s7_pdu *p, struct cursor *c)
{
	struct s7_block *b = s7_block(p);
	uint16_t error = cur_be16(c);

	if (b == NULL)
		return;
	b->session = cur_be32(c);
	b->has_session = cur_ok(c);
	if (b->has_session) {
		s7_param_uint(p, "session", b->session);
		if (error != 0 && !p->response && p->msg->function != S7_REQUEST_DOWNLOAD &&
		    p->msg->function != S7_START_UPLOAD)
			s7_param_uint(p, "error", error);
	}
}

bool
s7_download_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct s7_block *b = s7_block(p);
	struct cursor part2;

	(void)x;
	read_status(p, c);
	read_session(p, c);
	read_name(p, c, true);
	/* System data blocks are the configuration of the hardware. */
	if (b != NULL && b->type != NULL && strcmp(b->type, "SDB") == 0)
		op->command = CMD_CONFIG;
	if (b == NULL || cur_left(c) == 0)
		return true;
	part2 = cur_take(c, cur_u8(c));
	if (cur_left(&part2) == 13) {
		cur_skip(&part2, 1);
		b->load_len = digits(&part2, 6);
		b->mc7_len = digits(&part2, 6);
		b->has_load_len = b->has_mc7_len = true;
		s7_param_uint(p, "load_memory_length", b->load_len);
		s7_param_uint(p, "mc7_length", b->mc7_len);
	} else if (cur_left(&part2) > 0)
		s7_param_bytes(p, "part_2", part2.p, cur_left(&part2));
	return true;
}

bool
s7_down_block_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_status(detail, c);
	read_session(detail, c);
	read_name(detail, c, true);
	return true;
}

bool
s7_down_end_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	return s7_down_block_req(x, c, op, detail);
}

/* The header that every block of MC7 code begins with, 36 bytes. */
static void
read_block_header(struct s7_pdu *p, struct s7_block *b, struct cursor c)
{
	uint8_t language, type;
	uint32_t len;

	if (cur_be16(&c) != 0x7070)
		return;
	cur_skip(&c, 2);
	language = cur_u8(&c);
	type = cur_u8(&c);
	(void)cur_be16(&c);
	len = cur_be32(&c);
	if (!cur_ok(&c))
		return;
	b->language = s7_language(language);
	if (b->type == NULL)
		b->type = s7_block_type(type);
	b->load_len = len;
	b->has_load_len = true;
	s7_param_text(p, "language", b->language);
	s7_param_text(p, "block_header_type", s7_block_type(type));
	s7_param_uint(p, "load_memory_length", len);
	cur_skip(&c, 4);
	if (cur_left(&c) >= 20) {
		s7_param_time(p, "code_changed", s7_block_time(&c));
		s7_param_time(p, "interface_changed", s7_block_time(&c));
		cur_skip(&c, 6);
		b->mc7_len = cur_be16(&c);
		b->has_mc7_len = true;
		s7_param_uint(p, "mc7_length", b->mc7_len);
	}
}

/* A piece of a block: length, a constant, bytes. */
static void
read_piece(struct s7_pdu *p)
{
	struct s7_block *b = s7_block(p);
	struct cursor *d = &p->data, piece;
	uint16_t len;

	if (b == NULL || cur_left(d) == 0)
		return;
	len = cur_be16(d);
	cur_skip(d, 2);
	if (cur_ok(d) && len > cur_left(d)) {
		s7_wrong(p, ANOM_S7_LENGTH, s7_at(p, d) - 4, "piece of a block");
		len = (uint16_t)cur_left(d);
	}
	piece = cur_take(d, len);
	b->data_len = len;
	b->has_data_len = cur_ok(d);
	s7_param_uint(p, "data_length", len);
	s7_param_uint(p, "more_follows", b->status & 1u);
	read_block_header(p, b, piece);
	if (cur_ok(d) && cur_left(d) > 0)
		s7_wrong(p, ANOM_S7_TRAILING, s7_at(p, d), NULL);
}

bool
s7_down_block_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	read_status(p, c);
	read_piece(p);
	return true;
}

bool
s7_upload_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_status(detail, c);
	read_session(detail, c);
	read_name(detail, c, false);
	return true;
}

bool
s7_upload_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct s7_block *b = s7_block(p);
	uint8_t len;
	struct cursor text;

	(void)op;
	read_status(p, c);
	read_session(p, c);
	if (b != NULL && b->has_session && !x->again)
		remember_upload(p, b->session);
	len = cur_u8(c);
	text = cur_take(c, len);
	if (b != NULL && cur_ok(c)) {
		b->load_len = digits(&text, len);
		b->has_load_len = true;
		s7_param_uint(p, "load_memory_length", b->load_len);
	}
	return true;
}

bool
s7_up_block_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	(void)x;
	(void)op;
	read_status(detail, c);
	read_session(detail, c);
	recall_upload(detail);
	return true;
}

bool
s7_up_block_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	read_status(p, c);
	if (p->block != NULL && (p->block->status & STATUS_ERROR) != 0)
		op->outcome = OUTCOME_EXCEPTION;
	read_piece(p);
	return true;
}

/* ---- program invocation --------------------------------------------- */

static bool
is(const struct cursor *name, const char *word)
{
	size_t n = strlen(word);

	return cur_left(name) == n && memcmp(name->p, word, n) == 0;
}

/* Blocks to insert or delete: count, 0, then 8 characters each. */
static void
read_block_list(struct s7_pdu *p, struct cursor *c, bool written)
{
	uint8_t n = cur_u8(c);
	uint32_t have = (uint32_t)(cur_left(c) > 0 ? (cur_left(c) - 1) / 8 : 0), got;
	struct op_item *it;

	cur_skip(c, 1);
	have = have < n ? have : n;
	it = have > 0 ? s7_items(p, have) : NULL;
	for (got = 0; got < have; got++) {
		struct cursor name = cur_take(c, 8);
		struct s7_block *b = s7_next_block(p);

		if (b == NULL)
			break;
		b->filename = (struct s7_bytes){ name.p, 8 };
		name_parts(p, b, it != NULL ? &it[got] : NULL, name, written);
	}
	if (cur_left(c) > 0 || got < n)
		s7_wrong(p, ANOM_S7_ITEM_COUNT, s7_at(p, c), "blocks");
}

/* NC services: strings of length and text, padded to even. */
static void
read_strings(struct s7_pdu *p, struct cursor *c)
{
	while (cur_left(c) > 0) {
		uint8_t len = cur_u8(c);
		struct cursor s = cur_take(c, len);

		if (!cur_ok(c))
			return;
		s7_param_bytes(p, "argument", s.p, len);
		if (len % 2 == 0 && cur_left(c) > 0)
			cur_skip(c, 1);
	}
}

static const char *
start_word(const struct cursor *arg)
{
	if (cur_left(arg) == 0)
		return "warm restart";
	if (*arg->p == 'C')
		return "cold restart";
	return NULL;
}

/* Does a service whose name we do not know sound as if it took a password? */
static bool
sounds_secret(const struct cursor *name)
{
	static const char *const words[] = { "LOGIN", "PWD", "PASS", "AUTH", "USER" };

	for (size_t i = 0; i < cur_left(name); i++)
		for (size_t w = 0; w < COUNTOF(words); w++) {
			size_t n = strlen(words[w]), same = 0;

			while (same < n && i + same < cur_left(name) &&
			    (name->p[i + same] & 0xdf) == words[w][same])
				same++;
			if (same == n)
				return true;
		}
	return false;
}

static void
read_argument(struct s7_pdu *p, struct cursor *arg, const struct cursor *name)
{
	struct operation *op = p->op;

	if (is(name, "_INSE") || is(name, "_INS2") || is(name, "_DELE")) {
		read_block_list(p, arg, true);
		return;
	}
	if (is(name, "P_PROGRAM")) {
		s7_param_text(p, "start", start_word(arg));
		if (cur_left(arg) > 0)
			s7_param_bytes(p, "argument", arg->p, cur_left(arg));
		return;
	}
	/* Passwords do not belong in a log. */
	if (op->intent == INTENT_AUTH || (op->subfunction == 0 && sounds_secret(name))) {
		s7_param_uint(p, "argument_length", cur_left(arg));
		return;
	}
	if (cur_left(name) > 3 && memcmp(name->p, "_N_", 3) == 0) {
		read_strings(p, arg);
		return;
	}
	if (cur_left(arg) > 0)
		s7_param_bytes(p, "argument", arg->p, cur_left(arg));
}

static void
name_service(struct s7_pdu *p, const struct cursor *name)
{
	struct operation *op = p->op;
	uint32_t pi = s7_pi_of(name->p, cur_left(name));

	p->msg->service = (struct s7_bytes){ name->p, (uint32_t)cur_left(name) };
	s7_param_bytes(p, "service", name->p, cur_left(name));
	op->has_subfunction = true;
	op->subfunction = pi;
	if (pi == 0) {
		s7_wrong(p, ANOM_S7_SUBFUNCTION, s7_at(p, name), "program invocation");
		return;
	}
	op->subname = s7_pis[pi - 1].name;
	op->intent = s7_pis[pi - 1].intent;
	op->command = s7_pis[pi - 1].command;
	op->action = s7_pis[pi - 1].name;
	p->msg->service_name = op->subname;
}

bool
s7_pi_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor arg, name;

	(void)x;
	(void)op;
	cur_skip(c, 7);
	arg = cur_take(c, cur_be16(c));
	name = cur_take(c, cur_u8(c));
	if (!cur_ok(c))
		return true;
	name_service(p, &name);
	read_argument(p, &arg, &name);
	return true;
}

bool
s7_stop_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor name;

	(void)x;
	(void)op;
	cur_skip(c, 5);
	name = cur_take(c, cur_u8(c));
	if (!cur_ok(c))
		return true;
	p->msg->service = (struct s7_bytes){ name.p, (uint32_t)cur_left(&name) };
	s7_param_bytes(p, "service", name.p, cur_left(&name));
	return true;
}
