/* unfollowed.h - which EtherTypes and IP protocols were seen and not followed. */
#ifndef RECORD_UNFOLLOWED_H
#define RECORD_UNFOLLOWED_H

#include <stdbool.h>
#include <stdint.h>

#define UNFOLLOWED_MAX 16u	/* different ones that are counted separately; the rest is one number */

struct unfollowed {
	struct unfollowed_row {
		bool		 ip;		/* an IP protocol; else an EtherType */
		uint16_t	 number;
		uint64_t	 frames;
	} of[UNFOLLOWED_MAX];
	unsigned	 n;
	uint64_t	 others;
};

/* Count one more. */
static inline void
unfollowed_add(struct unfollowed *u, bool ip, uint16_t number)
{
	unsigned i = 0;

	while (i < u->n && (u->of[i].ip != ip || u->of[i].number != number))
		i++;
	if (i == UNFOLLOWED_MAX) {
		u->others++;
		return;
	}
	if (i == u->n)
		u->of[u->n++] = (struct unfollowed_row){ .ip = ip, .number = number };
	u->of[i].frames++;
}

/* What it is called; NULL where that is not known. */
const char	*unfollowed_name(const struct unfollowed_row *row);
/* The protocol of an EtherType that devices of a plant send straight on Ethernet; NULL: it is of none. */
const char	*unfollowed_plant(uint16_t type);

#endif
