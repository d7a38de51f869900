/* dnp3.h - what only DNP3 has: the detail of a DNP3 operation.
 *
 * For its EVE record and its rule words alone.  Everything a detector needs is
 * in struct operation.  Objects stay as they were on the wire, together with the
 * row of the object table that says how to read them: whoever wants the points
 * walks them (dnp3_points_of, dnp3_next_point, dnp3_next_field), and a poll of a
 * thousand points costs nothing until somebody does.
 */
#ifndef RECORD_DNP3_H
#define RECORD_DNP3_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cursor.h"
#include "record/operation.h"

/* How a field lies on the wire; all numbers are little-endian (1815 11.3). */
enum dnp3_type {
	DNP3_BITS,	/* `width` bits of an octet, lowest first; eight make one octet */
	DNP3_U8, DNP3_U16, DNP3_U32,
	DNP3_I16, DNP3_I32,
	DNP3_F32, DNP3_F64,
	DNP3_TIME,	/* 48 bits, ms since 1970 */
	DNP3_BCD,	/* `width` octets of two decimal digits each */
	DNP3_TEXT,	/* bytes for people: `width` of them, or as many as `len_from` says */
	DNP3_SECRET,	/* a password: the same, and never shown; DNP3_HIDDEN stands for it */
	DNP3_BYTES,	/* bytes for machines, the same */
	DNP3_ATTRIBUTE,	/* as long as `len_from` says; field 0 is the data type code */
	DNP3_SET	/* elements of a data set, each behind a length octet */
};

/* What a field is to its point. */
enum dnp3_role {
	DNP3_PLAIN,
	DNP3_FLAGS,	/* part of the octet that qualifies the value */
	DNP3_STATE,	/* the same octet, and the value itself */
	DNP3_VALUE,
	DNP3_STATUS,	/* of a control: 0 is success */
	DNP3_AT,	/* time of the value */
	DNP3_AFTER	/* time of the value, ms after the common time (g51) */
};

#define DNP3_HIDDEN "(hidden)"	/* what every record has in place of a password */

#define DNP3_REST 0xffu	/* len_from: all that is left of the object */

struct dnp3_field {
	const char	*name;		/* Suricata's where it has one; static */
	uint8_t		 type;		/* enum dnp3_type */
	uint8_t		 role;		/* enum dnp3_role */
	uint8_t		 width;
	uint8_t		 len_from;	/* number of the field with the length */
};
#define DNP3_FIELDS_MAX 20u

/* How objects of a row are packed. */
enum dnp3_packing {
	DNP3_FIXED,	/* `size` octets each */
	DNP3_BIT,	/* one bit each, lowest first */
	DNP3_BIT_PAIR,	/* two bits each, lowest first */
	DNP3_NONE,	/* never carries data (class objects, variation 0) */
	DNP3_BY_VARIATION, /* as many octets as the variation says */
	DNP3_BY_PREFIX,	/* the size prefix tells */
	DNP3_BY_FIELDS	/* the object tells its own length */
};

/* One row of the object table: IEEE 1815 annex A. */
struct dnp3_row {
	uint8_t		 group, variation;
	uint8_t		 packing;
	uint8_t		 n_fields;
	uint16_t	 size;			/* DNP3_FIXED */
	bool		 any;			/* for all variations without a row of their own */
	bool		 params;		/* its fields are worth a name in the operation */
	bool		 plain;			/* DNP3_FIXED, and its fields say nothing but values,
						 * quality and absolute times */
	const char	*name;			/* the specification's; static */
	const struct dnp3_field *fields;
};

/* One object header and what follows it. */
struct dnp3_object {
	uint8_t		 group, variation, qualifier;
	bool		 has_points;	/* data, or at least prefixes, follow the header */
	bool		 has_data;	/* not only prefixes */
	uint32_t	 start, stop;	/* as sent; 0 where there is no range */
	uint32_t	 count;		/* announced; 0 for "all" */
	uint32_t	 n_points;	/* whole ones found */
	const struct dnp3_row *row;	/* NULL: unknown */
	const uint8_t	*data;		/* behind the header */
	uint32_t	 len;
};

static inline unsigned dnp3_prefix_code(const struct dnp3_object *o) { return o->qualifier >> 4 & 7u; }
static inline unsigned dnp3_range_code(const struct dnp3_object *o)  { return o->qualifier & 15u; }

struct dnp3_points {
	const struct dnp3_object *o;
	struct cursor		 c;
	uint32_t		 i;
};

struct dnp3_point {
	uint32_t	 prefix;	/* as sent; 0 without a prefix */
	uint32_t	 index;
	bool		 sized;		/* the prefix is a size */
	uint8_t		 packed;	/* the bits of a packed point */
	struct cursor	 body;		/* its fields */
};

/* Fields of one point, in order. */
struct dnp3_fields {
	const struct dnp3_row	*row;
	struct cursor		 c;
	uint8_t			 packed;
	bool			 is_packed;
	unsigned		 i, bit;
	uint8_t			 octet;
	uint32_t		 number[DNP3_FIELDS_MAX];	/* values read so far */
};

struct dnp3_points dnp3_points_of(const struct dnp3_object *o);
bool	dnp3_next_point(struct dnp3_points *it, struct dnp3_point *p);
struct dnp3_fields dnp3_fields_of(const struct dnp3_object *o, const struct dnp3_point *p);
/* False at the end, or when the bytes end early.  Text and attributes give
 * VALUE_BYTES that point into the message. */
bool	dnp3_next_field(struct dnp3_fields *it, const struct dnp3_field **f, struct op_value *v);

/* The i-th point, i < n_points, of an item (FORM_OWN) whose object's points are all as long as its
 * row says, with an index before each or none. */
struct op_value dnp3_value_at(const struct op_item *it, uint32_t i);

/* Bytes that follow the prefix of the object that begins at `c`; UINT32_MAX when
 * nothing tells.  `size` is the size prefix, if `sized`. */
uint32_t dnp3_body_len(const struct dnp3_row *row, uint8_t variation, bool sized, uint32_t size,
    const struct cursor *c);

/* One message, request or response. */
struct dnp3_message {
	bool		 present;
	bool		 has_application, has_iin;
	bool		 complete;	/* every object was read to its end */
	uint8_t		 link;		/* control octet of its first link frame */
	uint8_t		 application;	/* application control octet */
	uint8_t		 function;
	uint16_t	 src, dst;
	uint16_t	 iin;		/* IIN1 << 8 | IIN2 */
	uint32_t	 frames;	/* link frames it took */
	uint8_t		 link_len;	/* length octet of the first of them */
	uint8_t		 transport;	/* sequence number of the first of them; 0 without */
	uint32_t	 n_objects;
	const struct dnp3_object *objects;	/* arena */
};

#define DNP3_LINK_DIR	0x80u
#define DNP3_LINK_PRM	0x40u
#define DNP3_LINK_FCB	0x20u
#define DNP3_LINK_FCV	0x10u	/* DFC in the answers of the link layer */
#define DNP3_APP_FIR	0x80u
#define DNP3_APP_FIN	0x40u
#define DNP3_APP_CON	0x20u
#define DNP3_APP_UNS	0x10u

struct dnp3_detail {
	bool			 no_answer;	/* nobody is to answer this */
	struct dnp3_message	 request, response;
};

/* Internal indications: operation.status of DNP3. */
enum dnp3_iin {
#define DNP3_IIN(bit, id, word, refusal, refused, condition) DNP3_IIN_##id = 1 << (bit),
#include "record/dnp3_iin.def"
#undef DNP3_IIN
};

/* Suricata's word for bit 0-15 of them; never NULL. */
const char *dnp3_iin_word(unsigned bit);

#endif
