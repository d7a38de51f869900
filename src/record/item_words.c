#include "record/item_words.h"

#include <inttypes.h>

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
	const char *point = op_point_name(it->point);

	if (!op_point_numbered(it->point))
		strbuf_put(s, point);
	else if (it->point == POINT_NONE) {
		strbuf_printf(s, "group %" PRIu32 " variation %" PRIu32, it->number >> 8, it->number & 0xff);
		if (it->ranged)
			put_range(s, " point", " points", it);
	} else if (it->ranged)
		put_range(s, point, point, it);
	else if (it->form == FORM_TYPED && it->n_values > 0)
		strbuf_printf(s, "%s %" PRIu32, point, it->typed[0].index);
	else
		strbuf_printf(s, "every %s", point);
}

void
item_words(struct strbuf *s, const struct op_item *it)
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
