/* device.h - a device of the inventory, whole: what records, tables and files of it are made of.
 *
 * Flat but for static names; made by asset/devices.c when somebody asks, and filled again for the next.
 */
#ifndef RECORD_DEVICE_H
#define RECORD_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/attribute.h"
#include "record/location.h"
#include "record/protocol.h"
#include "record/role.h"

#define DEVICE_ADDRS	8u
#define DEVICE_MACS	4u
#define DEVICE_ROLES	4u
#define DEVICE_VALUES	64u
#define DEVICE_PEERS	8u
#define DEVICE_ID_MAX	80u
#define DEVICE_ZONE_MAX	64u

struct device_value {
	uint8_t		 key, source;	/* enum attribute_key, enum attribute_source */
	uint8_t		 confidence;
	bool		 holds;		/* of its key it is the one that is believed; of MANY all are */
	bool		 contradicted;	/* another source says something else, or the same in turn */
	uint64_t	 first_ns, last_ns, count;
	char		 value[ATTRIBUTE_MAX];
};

/* Somebody who uses it, or whom it uses. */
struct device_peer {
	struct addr	 addr;
	uint8_t		 proto;		/* enum op_proto */
	uint64_t	 operations;	/* of conversations that have ended */
	uint64_t	 writes;	/* operations meant to change something */
	uint64_t	 first_write_ns, last_write_ns;	/* 0: none */
	bool		 reads;		/* values, and not only who and how it is; also where that is not known */
};

struct device {
	char		 id[DEVICE_ID_MAX];	/* "10.0.0.5", "10.0.0.5/modbus/3", "00:0e:cf:00:01:02": the
						 * same in each run */
	struct addr	 addr[DEVICE_ADDRS];	/* the first is that of `id`; none: known by MAC alone */
	uint8_t		 mac[DEVICE_MACS][6];
	uint32_t	 n_addrs, n_macs;
	uint16_t	 vlan;			/* 0: unless VLANs are told apart */
	bool		 has_unit;		/* it stands behind the address, or is the one that answers there: */
	bool		 behind;		/* it is an asset of its own behind a gateway */
	uint8_t		 proto;			/* enum op_proto, of `unit` */
	uint32_t	 unit;
	bool		 proven;		/* it answered somebody */
	bool		 disputed;		/* several MACs claimed its address */
	bool		 outside;		/* its address is one of the internet */
	bool		 located;		/* and a database knows where it is: */
	struct location	 location;
	uint64_t	 first_ns, last_ns;
	uint64_t	 first_write_ns, last_write_ns, writes;	/* of operations on it; 0: none */
	struct role_belief roles[DEVICE_ROLES];	/* the surest first */
	uint32_t	 n_roles;
	uint8_t		 level;			/* Purdue level, or LEVEL_NONE */
	char		 zone[DEVICE_ZONE_MAX];	/* "": none */
	uint32_t	 serves, asks;		/* PROTO_BIT() of what it answers and asks by */
	struct device_peer clients[DEVICE_PEERS], servers[DEVICE_PEERS];
	uint32_t	 n_clients, n_servers;	/* of them all; may exceed DEVICE_PEERS */
	struct device_value values[DEVICE_VALUES];
	uint32_t	 n_values;
};

/* The value of a key that holds; NULL: none is known. */
const struct device_value *device_value(const struct device *d, enum attribute_key key);
/* Its text, or "". */
const char	*device_text(const struct device *d, enum attribute_key key);
/* What people look for: the model, else the product, else the order number; the firmware, else the
 * revision; the name that it was given, else the station's, the host's. */
const char	*device_model(const struct device *d);
const char	*device_firmware(const struct device *d);
const char	*device_name(const struct device *d);

#endif
