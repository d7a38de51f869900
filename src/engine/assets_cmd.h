/* assets_cmd.h - shared by the files of `thermowell assets`. */
#ifndef ENGINE_ASSETS_CMD_H
#define ENGINE_ASSETS_CMD_H

#include <stdio.h>

#include "asset/inventory.h"
#include "asset/list.h"
#include "engine/commands.h"
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

/* The formats. */
/* The first `most` devices, a line each behind `indent`; no wider than the terminal, if standard output is one.  Returns
 * how many lines. */
uint32_t assets_table(struct asset_rows *r, const char *indent, bool headed, uint32_t most, FILE *to);
void	assets_csv(struct asset_rows *r, FILE *to);
void	assets_json(struct asset_rows *r, FILE *to);
void	assets_cyclonedx(struct asset_rows *r, FILE *to);
/* `part`: sites, manufacturers, device-roles, device-types, devices, interfaces, mac-addresses or ip-addresses; NULL: all, each
 * behind a line that names it. */
bool	assets_netbox_has(const char *part);
void	assets_netbox(struct asset_rows *r, const char *part, FILE *to);

/* Compare with the list that the operator keeps; the number of differences, or -1 with problems in `e`. */
int	assets_diff(struct asset_rows *r, const char *path, FILE *to, struct err *e);
/* The same with a list that was read; -1: no memory. */
int	assets_compare(struct asset_rows *r, const struct asset_list *l, FILE *to);

/* Values that contradict each other, with who says so; nothing where there are none. */
void	assets_contradictions(struct asset_rows *r, FILE *to);

/* What of CISA's 14 fields the wire gave, and what only the owner knows. */
void	assets_coverage(struct asset_rows *r, FILE *to);

/* The end of a replay's summary: the devices, who writes to whom. */
void	assets_summary(const struct inventory *inv, FILE *to);

#endif
