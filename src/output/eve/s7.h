/* s7.h - what the two files of S7 share. */
#ifndef OUTPUT_EVE_S7_H
#define OUTPUT_EVE_S7_H

#include "output/eve/eve.h"
#include "record/s7.h"

/* "s7comm":{...} of S7comm and S7comm-plus */
void	eve_s7(struct eve *e, struct jsonw *j, const struct operation *op);
/* The parts of it that only S7comm-plus has: of a message; of the operation. */
void	eve_s7_plus(struct jsonw *j, const struct s7_message *m);
void	eve_s7_plus_items(struct jsonw *j, const struct operation *op);

#endif
