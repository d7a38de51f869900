/* list.h - the list of devices that the operator keeps: CSV with a header.
 *
 * A column is `address` (or `mac`), `protocol` and `unit` for what stands behind an address, or the name of an
 * attribute (record/attributes.def); an unknown one is reported and left out.  Fields may be quoted.  A
 * field that is empty says nothing.
 */
#ifndef ASSET_LIST_H
#define ASSET_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "asset/inventory.h"
#include "base/err.h"
#include "record/addr.h"
#include "record/attribute.h"

struct asset_list_row {
	struct addr	 addr;		/* or that of its MAC: addr_of_mac() */
	bool		 has_unit;
	uint8_t		 proto;		/* enum op_proto */
	uint32_t	 unit;
	int		 line;		/* in the file */
	const char	*values[ATTRIBUTE_COUNT];	/* owned by the list; NULL: says nothing */
};

struct asset_list {
	struct asset_list_row	*rows;
	size_t			 n;
	char			*text;	/* of all fields */
};

/* Read it; every problem goes to `e` with line and column.  0, or -1 when there were some. */
int	asset_list_read(struct asset_list *l, const char *path, struct err *e);
/* The same from memory, n bytes, NUL behind them, which the list takes over (malloc). */
int	asset_list_parse(struct asset_list *l, const char *path, char *text, size_t n, struct err *e);
/* What it says becomes what the operator says of the rows; a row is made where there was none. */
void	asset_list_teach(const struct asset_list *l, struct assets *a, struct inventory *inv);
void	asset_list_free(struct asset_list *l);

#endif
