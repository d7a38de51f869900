/* userdata.c - userdata that needs few words: blocks, passwords, clocks, BSEND,
 * mode transitions. */
#include "s7.h"

#include <string.h>

#include "base/str.h"

/* ---- block functions (group 3) ------------------------------------- */

/* Entries of four bytes: '0', type, how many. */
bool
s7_list_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	while (cur_left(c) >= 4) {
		uint8_t type;

		cur_skip(c, 1);
		type = cur_u8(c);
		s7_param_text(p, "block_type", s7_block_type(type) != NULL ?
		    s7_block_type(type) : "unknown");
		s7_param_uint(p, "block_count", cur_be16(c));
	}
	return true;
}

bool
s7_list_type_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	cur_skip(c, 1);
	s7_param_text(p, "block_type", s7_block_type(cur_u8(c)));
	return true;
}

bool
s7_list_type_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;

	(void)x;
	(void)op;
	s7_param_uint(p, "blocks", cur_left(c) / 4);
	while (cur_left(c) >= 4) {
		uint16_t number = cur_be16(c);
		uint8_t flags = cur_u8(c), language = cur_u8(c);

		s7_param_uint(p, "block_number", number);
		s7_param_uint(p, "block_flags", flags);
		s7_param_text(p, "block_language", s7_language(language) != NULL ?
		    s7_language(language) : "unknown");
	}
	return true;
}

bool
s7_block_info_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct s7_block *b = s7_block(p);
	struct cursor number;
	uint8_t type, fs;
	uint32_t n = 0;
	struct op_item *it;

	(void)x;
	(void)op;
	cur_skip(c, 1);
	type = cur_u8(c);
	number = cur_take(c, 5);
	fs = cur_u8(c);
	if (!cur_ok(c) || b == NULL)
		return true;
	b->type = s7_block_type(type);
	b->number = (struct s7_bytes){ number.p, 5 };
	b->filesystem = fs == 'A' ? "active" : fs == 'P' ? "passive" : NULL;
	for (int i = 0; i < 5; i++) {
		uint8_t d = cur_u8(&number);

		n = d >= '0' && d <= '9' ? n * 10 + (d - '0') : n;
	}
	s7_param_text(p, "block_type", b->type);
	s7_param_uint(p, "block_number", n);
	s7_param_text(p, "filesystem", b->filesystem);
	it = s7_items(p, 1);
	if (it != NULL)
		*it = (struct op_item){ .space = SPACE_S7_BLOCK, .ranged = true,
		    .number = (uint32_t)type << 24 | n, .first = n, .count = 1 };
	return true;
}

bool
s7_block_info_rsp(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct s7_block *b = s7_block(p);
	uint8_t type, version;

	(void)x;
	(void)op;
	if (b == NULL)
		return false;
	cur_skip(c, 1);
	type = cur_u8(c);
	b->type = s7_block_type(type);
	cur_skip(c, 2);		/* length of what follows */
	cur_skip(c, 2);
	cur_skip(c, 2);		/* "pp", as every block begins */
	cur_skip(c, 1);
	s7_param_uint(p, "block_flags", cur_u8(c));
	b->language = s7_language(cur_u8(c));
	s7_param_text(p, "block_language", b->language);
	s7_param_text(p, "block_type", s7_block_type(cur_u8(c)));
	s7_param_uint(p, "block_number", cur_be16(c));
	b->load_len = cur_be32(c);
	b->has_load_len = cur_ok(c);
	s7_param_uint(p, "load_memory_length", b->load_len);
	s7_param_uint(p, "block_security", cur_be32(c));
	s7_param_time(p, "code_changed", s7_block_time(c));
	s7_param_time(p, "interface_changed", s7_block_time(c));
	s7_param_uint(p, "ssb_length", cur_be16(c));
	s7_param_uint(p, "add_length", cur_be16(c));
	s7_param_uint(p, "local_data_length", cur_be16(c));
	b->mc7_len = cur_be16(c);
	b->has_mc7_len = cur_ok(c);
	s7_param_uint(p, "mc7_length", b->mc7_len);
	s7_param_field(p, "author", c, 8);
	s7_param_field(p, "family", c, 8);
	s7_param_field(p, "header_name", c, 8);
	version = cur_u8(c);
	s7_param_uint(p, "version_major", version >> 4);
	s7_param_uint(p, "version_minor", version & 0x0f);
	cur_skip(c, 1);
	s7_param_uint(p, "checksum", cur_be16(c));
	cur_skip(c, cur_left(c) < 8 ? cur_left(c) : 8);
	return true;
}

/* ---- security (group 5) --------------------------------------------- */

/* Only that there is one: passwords do not belong in a log. */
bool
s7_password_req(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct cursor rest = cur_rest(c);

	(void)x;
	(void)op;
	s7_param_uint(detail, "password_length", cur_left(&rest));
	return true;
}

/* ---- time (group 7) ------------------------------------------------- */

bool
s7_clock(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	uint64_t ms;

	(void)x;
	if (cur_left(c) == 0)
		return true;
	cur_skip(c, 2);		/* reserved, century */
	ms = s7_date_time(c);
	if (ms != 0)
		s7_param_time(p, "clock", ms);
	else if (cur_ok(c))
		s7_wrong(p, ANOM_S7_VALUE, s7_at(p, c) - 8, "no date and time");
	if (op->command == CMD_NONE)
		op->clock_ms = ms;	/* read, not set */
	return true;
}

/* ---- BSEND (group 6) ------------------------------------------------ */

bool
s7_bsend(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	struct cursor rest;
	uint8_t len;

	(void)x;
	(void)op;
	if (cur_left(c) < 2)
		return true;
	cur_skip(c, 1);
	len = cur_u8(c);
	rest = cur_take(c, len < cur_left(c) ? len : cur_left(c));
	if (cur_u8(&rest) == 0x13 && cur_left(&rest) >= 5) {
		cur_skip(&rest, 1);
		s7_param_uint(p, "object_syntax_id", 0x13);
		s7_param_uint(p, "r_id", cur_be32(&rest));
		if (cur_left(c) >= 2)
			s7_param_uint(p, "length", cur_be16(c));
	}
	s7_param_uint(p, "data_length", cur_left(c));
	rest = cur_rest(c);
	if (cur_left(&rest) > 0)
		s7_param_bytes(p, "data", rest.p, cur_left(&rest));
	return true;
}

/* ---- mode transitions (group 0) ------------------------------------- */

bool
s7_mode_push(struct dis_ctx *x, struct cursor *c, struct operation *op, void *detail)
{
	struct s7_pdu *p = detail;
	const char *mode = s7_mode_name(p->msg->subfunction);

	(void)x;
	(void)op;
	(void)cur_rest(c);
	if (mode != NULL)
		s7_fact(p, FACT_RUN_STATE, 0, (const uint8_t *)mode, strlen(mode));
	return true;
}
