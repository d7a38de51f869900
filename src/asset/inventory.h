/* inventory.h - what is known of devices and of the units behind them: attributes.
 *
 * An attribute is a value with who said so, when first and last, and how often.  Values that
 * contradict each other are all kept; which one holds: the operator's; else that of the most
 * reliable source; of one source the last.  Attributes hang on rows of the table of devices and go
 * with them.  All memory is taken when that table is opened.
 */
#ifndef ASSET_INVENTORY_H
#define ASSET_INVENTORY_H

#include "asset/asset.h"
#include "record/attribute.h"
#include "record/device.h"
#include "record/counters.h"
#include "record/operation.h"

/* Of so many devices that have a state (detect.devices): */
#define INVENTORY_ATTRIBUTES	4u	/* times as many attributes */
#define INVENTORY_MACS		2u	/* times as many MACs */
#define INVENTORY_OF_ONE	48u	/* of one row at most */
#define INVENTORY_OF_KEY	4u	/* values of one key at most; MANY: twice as many */

struct attribute {
	struct link	 by_use, of;
	struct asset	*device;
	struct asset_unit *unit;	/* NULL: of the device itself */
	uint64_t	 first_ns, last_ns;
	uint64_t	 count;		/* times it was said */
	uint8_t		 key;		/* enum attribute_key */
	uint8_t		 source;	/* enum attribute_source */
	uint8_t		 confidence;	/* 0 to 100 */
	char		 value[ATTRIBUTE_MAX];	/* UTF-8, without blanks at its ends, never empty */
};

struct inventory;	/* opaque; one per worker */

struct vendors;		/* asset/vendors.h */
struct geoip;		/* asset/geoip.h */

struct inventory_want {
	uint64_t	 devices;	/* that have a state, as of the table of devices */
	uint64_t	 key;		/* of the hash */
	struct counters	*counters;
	const struct vendors *vendors;	/* borrowed; NULL: MACs have no vendor */
	/* Where an address of the internet is (geoip_locate); NULL: nothing is known of them. */
	bool	(*locate)(const struct geoip *geoip, const struct addr *a, struct location *to);
	const struct geoip *geoip;	/* borrowed */
};

/* Before assets_open().  NULL: no memory. */
struct inventory *inventory_open(struct assets *a, const struct inventory_want *w);
void		  inventory_close(struct inventory *inv);	/* NULL is ignored */
size_t		  inventory_memory(const struct inventory *inv);

/* Something was said of a device, or of a unit behind it (`unit` not NULL): n bytes as sent.  What is no text
 * of UTF-8 in it is shown as dots; blanks and NULs at the ends go; nothing else left: it is ignored.  To be called whenever it is
 * seen: last_ns and count are of that. */
void	inventory_learn(struct inventory *inv, struct asset *x, struct asset_unit *unit, enum attribute_key key,
	    enum attribute_source source, const void *bytes, size_t n, uint64_t now_ns);

/* What passes: after the table of devices was shown it. */
void	inventory_operation(struct inventory *inv, const struct operation *op);
void	inventory_flow_begun(struct inventory *inv, const struct flow *f);
void	inventory_flow_ended(struct inventory *inv, const struct flow *f);
void	inventory_arp(struct inventory *inv, const struct packet *p);
/* A packet without IP: who sends a plant's protocol straight on Ethernet is a device, with an address or without. */
void	inventory_frame(struct inventory *inv, const struct packet *p);
/* It said itself, in a frame that no bridge passes on (LLDP, CDP) or to its own network (DCP), that the MAC which sent it is
 * its own: of one of its ports, perhaps. */
void	inventory_stated(struct inventory *inv, struct asset *x, const uint8_t mac[6], uint64_t now_ns);
/* An alert says that it searched the network. */
void	inventory_scanned(struct inventory *inv, const struct addr *a, uint16_t vlan, uint64_t now_ns);

/* What an earlier run knew, before the first packet: it holds until the wire says more. */
struct inventory_past {
	uint64_t	 first_ns, last_ns;
	struct role_belief role;	/* confidence 0: none */
	uint32_t	 protocols;	/* PROTO_BIT() */
	bool		 proven;
	const uint8_t	*mac;		/* 6 bytes; all zero: not known */
};
void	inventory_recall(struct inventory *inv, struct asset *x, struct asset_unit *unit, const struct inventory_past *past);
/* `v` without its value: n bytes. */
void	inventory_recall_value(struct inventory *inv, struct asset *x, struct asset_unit *unit, const struct device_value *v,
	    const void *value, size_t n);

/* The attributes of a device itself or of one unit, in the order in which they came; `unit` NULL: of
 * the device itself.  NULL behind the last. */
const struct attribute *inventory_first(const struct inventory *inv, struct asset *x, struct asset_unit *unit);
const struct attribute *inventory_next(const struct inventory *inv, const struct attribute *at);

/* The one that holds; NULL: none is known. */
const struct attribute *inventory_best(const struct inventory *inv, struct asset *x, struct asset_unit *unit,
			    enum attribute_key key);

/* ---- whole devices (devices.c) ---- */

/* Where an asset is: a row that stands for its box, or a unit behind one. */
struct inventory_at {
	struct asset		*device;
	struct asset_unit	*unit;	/* NULL: the device itself */
};

/* All assets that showed themselves: not what somebody else only named.  Sorted by address and unit.  Returns how
 * many there are, of which the first `most` are put in `to`. */
uint32_t inventory_list(const struct inventory *inv, struct inventory_at *to, uint32_t most);

/* All that is known of one. */
void	inventory_device(const struct inventory *inv, const struct inventory_at *at, struct device *to);

/* Who made the card that an address is at; NULL: not known. */
const char *inventory_maker(const struct inventory *inv, struct asset *x);

/* The surest role of an address, as of at most ten seconds ago, and how sure it is; ROLE_UNKNOWN and 0. */
struct role_belief inventory_role(const struct inventory *inv, struct asset *x);

/* Each asset of which something is new since its last record, when that has settled for a while and its last record is long
 * enough ago; `all`: at once.  To be called ten times a second of capture time. */
void	inventory_changes(struct inventory *inv, uint64_t now_ns, bool all,
	    void (*changed)(void *arg, const struct device *d), void *arg);
/* All of them, with nothing new or not: the run ends. */
void	inventory_each(const struct inventory *inv, void (*each)(void *arg, const struct device *d), void *arg);

#endif
