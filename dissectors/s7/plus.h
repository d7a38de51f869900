/* plus.h - what the files of S7comm-plus share.
 *
 * The way of a message: plus.c reads the head, joins fragments and brings
 * requests and answers together; plus_request.c and plus_answer.c read what each function
 * carries; plus_object.c the trees of objects in it; plus_value.c numbers and values.
 * All of them stop at what they do not know and say how many bytes were left.
 */
#ifndef S7_PLUS_H
#define S7_PLUS_H

#include "s7.h"

enum { S7P_REQUEST = 0x31, S7P_RESPONSE = 0x32, S7P_NOTIFY = 0x33, S7P_RESPONSE2 = 0x02 };

enum s7p_function {
	S7P_ERROR = 0x04b1, S7P_EXPLORE = 0x04bb, S7P_CREATE = 0x04ca, S7P_DELETE = 0x04d4,
	S7P_SET = 0x04f2, S7P_GET = 0x04fc, S7P_ADD_LINK = 0x0506, S7P_REMOVE_LINK = 0x051a,
	S7P_GET_LINK = 0x0524, S7P_SET_MULTI = 0x0542, S7P_GET_MULTI = 0x054c,
	S7P_BEGIN = 0x0556, S7P_END = 0x0560, S7P_INVOKE = 0x056b, S7P_SET_STREAM = 0x057c,
	S7P_GET_STREAM = 0x0586, S7P_GET_ADDRESS = 0x0590, S7P_ABORT = 0x059a,
	S7P_ERROR2 = 0x05a9, S7P_INIT_SSL = 0x05b3
};

/* Objects and attributes that decide what an operation means. */
#define S7P_EXECUTION_UNIT	52u
#define S7P_STATE_REQUEST	2167u	/* attribute: the operating mode that is asked for: */
#define S7P_STATE_STOP	1u
#define S7P_STATE_RESET	2u		/* memory reset; others run */
#define S7P_STATE_STRUCT	2237u	/* attribute with the mode, a member of it: */
#define S7P_STATE		3486u
#define S7P_SESSION_VERSION	306u
#define S7P_PAOM		319u	/* "1;6ES7 511-1AK00-0AB0;V1.5" */
#define S7P_IDENTIFICATION	3753u	/* attribute of the modules: a block I&M0 */
#define S7P_RESPONSE_VALUE	304u	/* to a challenge: made of a key or a password */
#define S7P_PASSWORD		309u
#define S7P_SESSION_KEY		1830u
#define S7P_LEGITIMATION	1845u
#define S7P_LEGITIMATE		1846u
#define S7P_CLASS_SESSION	287u
#define S7P_CLASS_SUBSCRIPTION	1001u
#define S7P_CLASS_ALARM		2681u

#define S7P_ITEMS_MAX	256u	/* of one operation; the rest is read, counted, not kept */
#define S7P_VALUES_MAX	256u	/* of one item */
#define S7P_DEPTH_MAX	8u	/* objects in objects, members in members */
#define S7P_NO_ITEM	0xffffffffu

/* ---- plus_value.c ---- */

/* Numbers of variable length, big end first: 7 bits a byte, the ninth has 8. */
uint64_t s7p_vlq(struct cursor *c);
uint32_t s7p_vlq32(struct cursor *c);
int64_t	 s7p_signed_vlq(struct cursor *c);

/* A new item of the operation, like *at; its number, or S7P_NO_ITEM.  Pointers to
 * items are good until the next one is made. */
uint32_t s7p_item(struct s7_pdu *p, const struct s7_plus_item *at, bool written);
/* One value: flags, type, bytes.  Into that item; members of a structure become
 * items of their own behind it. */
void	 s7p_value(struct s7_pdu *p, struct cursor *c, uint32_t item);
/* A value that says nothing to anybody outside. */
void	 s7p_skip_value(struct s7_pdu *p, struct cursor *c);
/* The first whole number in an item; false when it has none. */
bool	 s7p_number(const struct s7_pdu *p, uint32_t item, uint64_t *v);

/* ---- plus_object.c ---- */

/* Objects that stand there one after the other. */
void	 s7p_objects(struct s7_pdu *p, struct cursor *c, bool written);
/* What an attribute that was just read means for the operation: facts. */
void	 s7p_note_attribute(struct s7_pdu *p, uint32_t item);

/* ---- plus_request.c, plus_answer.c ---- */

/* What is behind the transport flags. */
void	 s7p_request_body(struct s7_pdu *p, struct cursor *c, uint16_t function);
void	 s7p_response_body(struct s7_pdu *p, struct cursor *c, uint16_t function);
void	 s7p_notification(struct s7_pdu *p, struct cursor *c);
void	 s7p_event(struct s7_pdu *p, struct cursor *c);

/* ---- plus_names.c; NULL where there is no name ---- */

enum { S7P_N_IDS = 63 };
extern const struct s7_word s7p_ids[S7P_N_IDS];

const char *s7p_object_name(uint32_t id);
const char *s7p_class_name(uint32_t id);
const char *s7p_id_name(uint32_t id);		/* attribute, member, sub-area */
const char *s7p_type_name(uint8_t type);
const char *s7p_error_name(int32_t code);
const char *s7p_method_name(uint32_t method);
const char *s7p_mode_name(uint64_t state);	/* asked for */
const char *s7p_state_name(uint64_t state);	/* reported */

#endif
