/* plus_body.h - what plus_request.c and plus_answer.c share. */
#ifndef S7_PLUS_BODY_H
#define S7_PLUS_BODY_H

#include "plus.h"

/* The object that a message is about. */
void	 s7p_object_of(struct s7_pdu *p, uint32_t object);
/* The same, of a message whose body begins with it and is not read further. */
void	 s7p_opaque_object(struct s7_pdu *p, struct cursor *c);
void	 s7p_qualifier(struct s7_pdu *p, struct cursor *c);
/* Integrity id and HMAC; where the id stands before the objects of a message, the first. */
void	 s7p_early_integrity(struct s7_pdu *p, struct cursor *c);
void	 s7p_integrity(struct s7_pdu *p, struct cursor *c);
/* Zeros fill up; what else is left was not understood. */
void	 s7p_finish(struct s7_pdu *p, struct cursor *c);

/* CRC, area, how many ids, sub-area and the other ids. */
struct s7_plus_item s7p_address(struct s7_pdu *p, struct cursor *c);
/* What Get and Set Multiple Variables begin with: an object and its attributes, or
 * object 0 and addresses; how many. */
uint32_t s7p_addresses(struct s7_pdu *p, struct cursor *c, bool written);
/* Item of the request by its number; else a new one that has only the number. */
uint32_t s7p_numbered(struct s7_pdu *p, uint32_t number, bool written);
/* Number, value, ..., 0. */
void	 s7p_numbered_values(struct s7_pdu *p, struct cursor *c, bool written);

#endif
