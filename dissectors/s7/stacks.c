/* stacks.c - what the programmer functions say of a running program: breakpoints,
 * the stacks of interrupts, blocks and local data, the registers while a block runs.
 *
 * Registers: status word, accumulators, address registers, and which data blocks
 * are open.
 */
#include "s7.h"

#include "base/str.h"

#define END { NULL, 0, 0 }
#define U8(n) { n, SZL_U8, 1 }
#define U16(n) { n, SZL_U16, 2 }
#define U32(n) { n, SZL_U32, 4 }
#define SKIP(len) { "", SZL_SKIP, len }
#define DATA_BLOCKS U8("db1_type"), U8("db2_type"), U16("db1_number"), U16("db2_number")

/* Where the program was interrupted, and where it goes on. */
static const struct szl_field interrupts[] = {
	U16("continued_block_type_id"), U16("continued_block_number"), U16("continued_address"),
	DATA_BLOCKS, SKIP(4), U32("accu_1"), U32("accu_2"), U32("accu_3"), U32("accu_4"),
	U32("address_register_1"), U32("address_register_2"), SKIP(2), U16("status_word"),
	U16("interrupted_block_type_id"), U16("interrupted_block_number"),
	U16("interrupted_address"), SKIP(6), U8("event_class_id"), SKIP(1), U8("ob_priority"),
	U8("ob_number"), END };
static const struct szl_field call[] = {
	U16("interrupted_block_type_id"), U16("interrupted_block_number"),
	U16("interrupted_address"), DATA_BLOCKS, SKIP(4), END };
static const struct szl_field local[] = {
	U16("interrupted_block_type_id"), U16("interrupted_block_number"),
	U16("interrupted_address"), U16("local_data_size"), END };
static const struct szl_field breakpoint[] = {
	U16("interrupted_block_type_id"), U16("interrupted_block_number"),
	U16("interrupted_address"), U16("breakpoint_block_type_id"),
	U16("breakpoint_block_number"), U16("breakpoint_address"), SKIP(2),
	U16("status_word"), U32("accu_1"), U32("accu_2"), U32("address_register_1"),
	U32("address_register_2"), DATA_BLOCKS, END };
static const struct szl_field which_local[] = {
	U8("priority_class"), U8("nesting_depth"), END };
static const struct szl_field leave_hold[] = { U8("hold_until"), U8("hold_reserved"), END };

/* The registers that are asked for, by a bit each. */
static void
read_registers(struct s7_pdu *p, struct cursor *d)
{
	static const char *const names[] = {
		"STW", "ACCU1", "ACCU2", "AR1", "AR2", "DB1", "DB2",
	};
	uint8_t mask;

	cur_skip(d, 1);
	mask = cur_u8(d);
	if (!cur_ok(d))
		return;
	s7_param_uint(p, "registers", mask);
	for (size_t i = 0; i < COUNTOF(names); i++)
		if ((mask >> i & 1u) != 0)
			s7_param_text(p, "register", names[i]);
}

/* A type of block whose number was read, in letters. */
static void
name_block(struct s7_pdu *p, const char *name, struct cursor d, size_t at)
{
	uint16_t type;

	cur_skip(&d, at);
	type = cur_be16(&d);
	if (cur_ok(&d) && type != 0)
		s7_param_text(p, name, s7_block_type(type));
}

void
s7_tis_program_req(struct s7_pdu *p, struct cursor *d)
{
	switch (p->msg->subfunction) {
	case S7_TIS_BLOCK:
		/* Once for what comes before the first line, then for each line. */
		while (cur_left(d) >= 2)
			read_registers(p, d);
		break;
	case S7_TIS_BLOCK_2:
		if (cur_left(d) < 4)
			break;
		s7_param_uint(p, "block_status_flags", cur_u8(d));
		s7_param_uint(p, "lines", cur_u8(d));
		read_registers(p, d);
		while (cur_left(d) >= 4) {
			s7_param_uint(p, "line_address", cur_be16(d));
			read_registers(p, d);
		}
		break;
	case S7_TIS_LSTACK:
		if (cur_left(d) >= 2)
			s7_read_fields(p, which_local, d);
		break;
	case S7_TIS_EXIT_HOLD:
		if (cur_left(d) >= 2)
			s7_read_fields(p, leave_hold, d);
		break;
	default:
		break;
	}
}

void
s7_tis_program_rsp(struct s7_pdu *p, struct cursor *d)
{
	uint16_t size;

	switch (p->msg->subfunction) {
	case S7_TIS_ISTACK:
		name_block(p, "continued_block_type", *d, 0);
		name_block(p, "interrupted_block_type", *d, 44);
		s7_read_fields(p, interrupts, d);
		break;
	case S7_TIS_BSTACK:
		while (cur_left(d) >= 16) {
			name_block(p, "interrupted_block_type", *d, 0);
			s7_read_fields(p, call, d);
		}
		break;
	case S7_TIS_LSTACK:
		if (cur_left(d) < 8)
			break;
		name_block(p, "interrupted_block_type", *d, 0);
		s7_read_fields(p, local, d);
		size = (uint16_t)cur_left(d);
		if (size > 0)
			s7_param_bytes(p, "local_data", cur_bytes(d, size), size);
		break;
	case S7_TIS_BREAKPOINT:
		name_block(p, "interrupted_block_type", *d, 0);
		name_block(p, "breakpoint_block_type", *d, 6);
		s7_read_fields(p, breakpoint, d);
		break;
	default:
		break;
	}
}
