/* macs.h - whose address a MAC is, as ARP and messages that name both say: what is announced straight on
 * Ethernet names a MAC alone. */
#ifndef PASSING_MACS_H
#define PASSING_MACS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/counters.h"

#define MACS		1024u
#define MACS_WAYS	4u	/* of so many with the same hash the oldest is evicted */
#define MACS_AGAIN_NS	600000000000ull	/* 10 min: an address that was not named for so long is no longer its own */

struct macs {
	struct mac_row {
		uint64_t	 seen_ns;	/* 0: free */
		struct addr	 addr;
		uint8_t		 mac[6];
		bool		 several;	/* a router that answers for others: no address is its own */
	} row[MACS];
	uint64_t	 key;
	struct counters	*counters;
};

void	macs_open(struct macs *m, uint64_t key, struct counters *c);
/* Both were named together. */
void	macs_seen(struct macs *m, const uint8_t mac[6], const struct addr *a, uint64_t now_ns);
/* false: it has none, or several. */
bool	macs_addr(const struct macs *m, const uint8_t mac[6], struct addr *a);

#endif
