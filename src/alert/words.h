/* words.h - an operation as a plant engineer would say it.  Text is cut where it
 * does not fit; nothing is allocated. */
#ifndef ALERT_WORDS_H
#define ALERT_WORDS_H

#include "base/str.h"
#include "record/operation.h"

/* "PLC 10.20.1.20", "unit 3 of 10.20.1.11", "outstation 10 (10.20.1.21)" */
void	words_device(struct strbuf *s, const struct operation *op);

/* An end: its address, or the one of Ethernet where there is no other. */
void	words_end(struct strbuf *s, const struct operation *op, enum op_end end);

/* "S7 job 0x29", "Modbus function 8/4", "DNP3 function 18" */
void	words_code(struct strbuf *s, const struct operation *op);

/* "Write Single Coil", "PI-Service: activate downloaded blocks" */
void	words_function(struct strbuf *s, const struct operation *op);

/* "coil 12", "DB1.DBW4 and 2 more"; "what was asked for" where there is none.  Of an operation that writes, what
 * it writes alone. */
void	words_items(struct strbuf *s, const struct operation *op);

/* "; it was refused: illegal data address"; nothing when the device did it */
void	words_outcome(struct strbuf *s, const struct operation *op);

/* "10.0.0.1 wrote 1 to coil 12 of unit 3 of 10.0.0.2"; with finding.value and .moved: "10.0.0.1 set chlorine
 * set-point of unit 3 of 10.0.0.2 from 0.85 to 4.5 mg/l" */
void	words_operation(struct strbuf *s, const struct operation *op, const char *value, const char *moved);

#endif
