/* inventory_parts.h - shared by the files of the inventory; private to asset. */
#ifndef ASSET_INVENTORY_PARTS_H
#define ASSET_INVENTORY_PARTS_H

#include "asset/inventory.h"
#include "asset/roles.h"
#include "base/hmap.h"
#include "base/pool.h"
#include "record/device.h"

/* In the slot of a row and of a unit. */
struct known {
	struct link	attributes;	/* in the order in which they came; next NULL: nothing yet */
	struct link	changed;	/* alone: nothing new */
	struct asset	*device;
	struct asset_unit *unit;	/* NULL: it is of the row */
	const struct asset_client *used;	/* last noted; may be gone, and is compared only */
	struct role_belief past_role;	/* of an earlier run */
	uint32_t	past_protocols;
	uint32_t	n;		/* attributes */
	bool		noted;		/* of a unit: that it did what it was asked */
	uint64_t	first_write_ns, last_write_ns, writes;
	uint64_t	obeyed;		/* 1 << enum op_command */
	uint64_t	changed_ns, written_ns;	/* since when something is new; its last record */
};

/* A MAC, and the addresses that it was seen with. */
struct box {
	struct link	by_use, rows;	/* rows: struct boxed.of_box */
	uint8_t		mac[6];
	uint16_t	vlan;
	uint32_t	on_link, beyond;	/* rows that are its own for certain; others */
};

/* In the slot of a row. */
struct boxed {
	struct link	 of_box;	/* next NULL: it has none */
	struct box	*box;
	struct asset	*row;
	bool		 on_link;	/* ARP, or a form of address that no router passes on, binds it to the MAC */
	bool		 disputed;	/* several MACs claimed it */
	bool		 scanned;	/* an alert says that it searched the network */
	bool		 stated;	/* the binding is its own word */
	bool		 sent;		/* something came from it */
	bool		 answered;	/* others go on as if it answered: a mirror port shows one direction */
	struct role_belief role;	/* as of: */
	uint64_t	 judged_ns;
	uint8_t		 n_was, was[DEVICE_MACS - 1][6];	/* MACs that it had before */
};

/* In the slot of a client. */
struct use {
	uint64_t	operations;	/* of conversations that have ended */
	uint64_t	writes, first_write_ns, last_write_ns;
	uint64_t	obeyed;		/* 1 << enum op_command */
	uint32_t	intents;	/* 1 << enum op_intent, of what was answered */
	uint8_t		asker;		/* enum op_asker bits */
};

struct inventory {
	struct assets	*assets;
	struct counters	*counters;
	uint64_t	 key;
	uint32_t	 device_slot, unit_slot, boxed_slot, use_slot;
	struct pool	 attributes, boxes;
	struct hmap	 by_mac;
	struct link	 by_use;	/* attributes, longest not said first; without the operator's */
	struct link	 boxes_by_use;
	struct link	 changed;	/* of which something is new, in that order: struct known.changed */
	uint64_t	 looked_ns, next_ns;	/* when that was looked through, and when any of it is due; 0: look */
	uint64_t	 tick_ns;
	const struct vendors *vendors;	/* borrowed; NULL: none */
	bool		(*locate)(const struct geoip *geoip, const struct addr *a, struct location *to);	/* NULL: none */
	const struct geoip *geoip;
};

struct known	*known_of(const struct inventory *inv, struct asset *x, struct asset_unit *u);

static inline struct boxed *
boxed_of(const struct inventory *inv, struct asset *x)
{
	return asset_slot(x, inv->boxed_slot);
}

static inline struct use *
use_of(const struct inventory *inv, struct asset_client *c)
{
	return asset_slot(c, inv->use_slot);
}

/* Something is new of a device, or of a unit of it. */
void	inventory_changed(struct inventory *inv, struct asset *x, struct asset_unit *u, uint64_t now_ns);

/* boxes.c */
int	boxes_open(struct inventory *inv, uint32_t n);
void	boxes_close(struct inventory *inv);
void	boxes_gone(struct inventory *inv, struct asset *x);
/* A packet of the row came with this MAC; `on_link`: nobody can have passed it on. */
void	boxes_bind(struct inventory *inv, struct asset *x, const uint8_t mac[6], bool on_link, uint64_t now_ns);
/* Is any row known by this MAC? */
bool	boxes_has(const struct inventory *inv, const uint8_t mac[6], uint16_t vlan);
/* Is the MAC its own, and not that of a router on the way? */
bool	boxes_own(const struct boxed *b);

/* What is put together of a device. */
struct fill {
	struct device		*d;
	struct asset_unit	*unit;
	struct role_facts	 f;
	uint64_t		 obeyed;
	struct role_belief	 past_role;
	uint32_t		 past_protocols;
	char			 capabilities[4 * ATTRIBUTE_MAX], product[2 * ATTRIBUTE_MAX], services[4 * ATTRIBUTE_MAX];
};

/* devices.c: each row of the box that x belongs to; x alone where it has none of its own. */
typedef void devices_row(const struct inventory *inv, struct asset *x, void *arg);
void	devices_each_row(const struct inventory *inv, struct asset *x, devices_row *fn, void *arg);
/* The row that stands for the box. */
struct asset *devices_first_row(const struct inventory *inv, struct asset *x);
/* Did it show itself, and is it part of the plant? */
bool	devices_is_asset(const struct inventory *inv, struct asset *x);
/* Is it an asset of its own?  A single unit is the device that answers. */
bool	devices_stands_behind(const struct inventory *inv, struct asset_unit *u);

/* device_roles.c: one that uses or is used; what x asks others for; the roles that follow. */
void	devices_put_peer(struct device_peer *to, uint32_t *n, const struct asset *peer, const struct asset_client *c,
	    const struct use *u);
void	devices_as_client(const struct inventory *inv, struct asset *x, struct fill *to);
void	devices_judge(struct fill *to, const struct zone *zone);

#endif
