/* announcement.h - what a device said of itself in an announcement of its own: LLDP, CDP, PROFINET DCP. */
#ifndef RECORD_ANNOUNCEMENT_H
#define RECORD_ANNOUNCEMENT_H

#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/attribute.h"
#include "record/packet.h"

struct announcement {
	struct addr	 addr;		/* whose word it is: its address, else its MAC (addr_of_mac()) */
	uint8_t		 key, source;	/* enum attribute_key, enum attribute_source */
	const uint8_t	*value;		/* as sent; borrowed, n > 0 */
	size_t		 n;
	const struct packet *packet;	/* that said it; borrowed */
};

#endif
