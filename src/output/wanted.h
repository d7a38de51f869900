/* wanted.h - which records a sink wants beside their type and severity: by zone, device, protocol and intent,
 * and not more than so many a minute.  Asked on the packet thread, of the record, before anything is written.
 */
#ifndef OUTPUT_WANTED_H
#define OUTPUT_WANTED_H

#include "output/format.h"
#include "output/output.h"
#include "output/transport/transport.h"

/* Whom and what a record is about. */
struct subject {
	uint64_t		 ts_ns;
	const struct addr	*addr[2 + INCIDENT_TARGETS];	/* borrowed, of the record or of this */
	unsigned		 n;
	uint16_t		 vlan;		/* the innermost; 0: none */
	unsigned		 server;	/* the one of them that is the device; n: none */
	const uint8_t		(*mac)[6];	/* borrowed */
	unsigned		 n_macs;
	enum op_proto		 proto;		/* OP_UNKNOWN: no plant protocol, */
	uint32_t		 protos;	/* or several: PROTO_BIT() */
	bool			 has_intent;
	enum op_intent		 intent;
	bool			 sensor;	/* it is about the sensor itself: of no device */
	struct addr		 own[2];
	uint8_t			 own_mac[2][6];
};

void	subject_of(const struct record *r, struct subject *to);

/* The head of its line. */
struct line_head subject_head(const struct subject *s, const struct record *r, unsigned class);

#define WANTED_ASSETS 32u
struct wanted {
	bool		 any;		/* nothing is asked: zones, assets, protocols, intents */
	uint64_t	 zones;		/* a bit each, by number; those of no zone by */
	bool		 outside;
	bool		 by_zone, by_asset;
	unsigned	 n_nets, n_macs, n_names;
	struct { struct addr first; unsigned bits; } nets[WANTED_ASSETS];
	uint8_t		 macs[WANTED_ASSETS][6];
	char		 names[WANTED_ASSETS][64];
	uint32_t	 protocols, intents;	/* a bit each; 0: any */

	/* A bucket that fills with `rate` a minute and holds as many, on the capture's clock. */
	uint64_t	 rate, filled_ns;
	uint64_t	 tokens;	/* in 1/60,000,000,000 of a record */
	uint64_t	 filtered, limited;	/* records */
	bool		 limiting;	/* said once */
};

/* Problems (a zone that there is not, more assets than fit) go to `e`. */
void	wanted_open(struct wanted *f, const struct sink_settings *k, const struct output_env *env, struct err *e);

/* Wanted, and below the rate? */
bool	wanted_pass(struct wanted *f, const char *name, const struct subject *s, const struct output_env *env, unsigned class);

#endif
