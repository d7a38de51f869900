/* decode.h - bytes and typed values as numbers; inside process only. */
#ifndef PROCESS_DECODE_H
#define PROCESS_DECODE_H

#include "process/tag.h"

/* n bytes (1, 2, 4, 8) as they lay on the wire.  False: they are no number of that form. */
bool	decode_bytes(const uint8_t *p, unsigned n, const struct op_place *at, const struct tag_form *f, double *value);
/* A value that the message gave a type. */
bool	decode_value(const struct protocol_values *values, const struct op_item *it, const struct op_value *v, double *value);

#endif
