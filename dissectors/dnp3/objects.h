/* objects.h - what objects.c, which finds the objects of a message, and items.c, which
 * puts them into the operation, share. */
#ifndef DNP3_OBJECTS_H
#define DNP3_OBJECTS_H

#include "dnp3.h"

struct dn_reader {
	struct dis_ctx		*x;
	struct operation	*op;
	struct dnp3_message	*m;
	const uint8_t		*base;		/* of the application fragment */
	bool			 response;
	bool			 stop;		/* what follows cannot be found */
	uint32_t		 points;	/* values kept so far */
	uint32_t		 params;	/* of this side, kept so far */
	bool			 cto_known;
	uint64_t		 cto_ms;	/* common time of occurrence (g51) */
};

static inline void
dn_wrong(struct dn_reader *r, enum anomaly_id id, const uint8_t *at, const char *detail)
{
	dis_anomaly(r->x, r->op, id, (uint32_t)(at - r->base), detail);
}

/* An object as an item of the operation, with its values, parameters and facts. */
void	dn_item(struct dn_reader *r, const struct dnp3_object *o, struct op_item *it);

#endif
