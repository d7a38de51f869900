/* asset_rows.h - the devices of a run one by one, and as text for people. */
#ifndef ENGINE_ASSET_ROWS_H
#define ENGINE_ASSET_ROWS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "asset/inventory.h"
#include "record/device.h"

/* The devices of a run, in their order; each is filled when it is asked for. */
struct asset_rows {
	const struct inventory	*inv;
	struct inventory_at	*at;	/* owned */
	uint32_t		 n;
	struct device		 d;	/* in hand */
};

/* The i-th, until the next is asked for. */
const struct device *asset_row(struct asset_rows *r, uint32_t i);

/* All devices of the inventory.  false: no memory. */
bool	asset_rows_open(struct asset_rows *r, const struct inventory *inv);
void	asset_rows_close(struct asset_rows *r);

/* "modbus, s7comm" of what it answers by; else of what it asks by, with "asks " before. */
#define ASSET_PROTOCOLS 128
const char *asset_protocols(const struct device *d, char to[ASSET_PROTOCOLS]);
/* "10.0.0.5", or its MAC. */
const char *asset_address(const struct device *d, char to[ADDR_TEXT_MAX]);
const char *asset_mac(const struct device *d, unsigned i, char to[18]);
/* What people call it: its name, else its id. */
const char *asset_name(const struct device *d);

/* The first `most` devices, a line each behind `indent`; no wider than the terminal, if standard output is one.  Returns
 * how many lines. */
uint32_t assets_table(struct asset_rows *r, const char *indent, bool headed, uint32_t most, FILE *to);
/* Values that contradict each other, with who says so; nothing where there are none. */
void	assets_contradictions(struct asset_rows *r, FILE *to);

/* The end of a replay's summary: the devices, who writes to whom. */
void	assets_summary(const struct inventory *inv, FILE *to);

#endif
