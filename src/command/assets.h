/* assets.h - shared by the files of `thermowell assets`. */
#ifndef COMMAND_ASSETS_H
#define COMMAND_ASSETS_H

#include <stdio.h>

#include "asset/list.h"
#include "command/command.h"
#include "engine/asset_rows.h"

/* The formats. */
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

/* What of CISA's 14 fields the wire gave, and what only the owner knows. */
void	assets_coverage(struct asset_rows *r, FILE *to);

#endif
