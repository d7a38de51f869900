/* decode.h - bytes and typed values as numbers, and where tags stand in their set; inside process only. */
#ifndef PROCESS_DECODE_H
#define PROCESS_DECODE_H

#include "process/tag.h"

/* n bytes (1, 2, 4, 8) as they lay on the wire.  False: they are no number of that form. */
bool	decode_bytes(const uint8_t *p, unsigned n, const struct op_place *at, const struct tag_form *f, double *value);
/* A value that the message gave a type. */
bool	decode_value(const struct protocol_values *values, const struct op_item *it, const struct op_value *v, double *value);

/* The first tag of a device that is not before an address of this unit (ANY_UNIT: those of any unit, which stand behind all others). */
#define ANY_UNIT	UINT32_MAX
uint32_t tags_from(const struct tags *t, const struct tag_device *d, uint8_t proto, uint32_t unit, const struct op_place *at, uint64_t first);

#endif
