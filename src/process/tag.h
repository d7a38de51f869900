/* tag.h - names for values of the process: what the user's tag file says, and values read by it.
 *
 * A set of tags is const once it is made, and exchanged as a whole when the file is read again.  An operation is read through a
 * reader, which knows the last value of each tag: what it does not touch is not decoded, and half a value is none.
 */
#ifndef PROCESS_TAG_H
#define PROCESS_TAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/real.h"
#include "record/addr.h"
#include "record/operation.h"
#include "record/place.h"

enum tag_type {
#define TAG_TYPE(id, word, bits, what) TAG_##id,
#include "process/tag_types.def"
	TAG_TYPE_COUNT
};

enum tag_order {
#define TAG_ORDER(id, word, exchange, what) TAG_ORDER_##id,
#include "process/tag_types.def"
	TAG_ORDER_COUNT
};

/* What the bytes of a place mean. */
struct tag_form {
	uint8_t		 type;		/* enum tag_type */
	uint8_t		 order;		/* enum tag_order */
	uint8_t		 low_bit, n_bits; /* TAG_BITS */
};

/* Limits, from the lowest on: of an alarm, as ISA-18.2 has them. */
enum tag_limit { TAG_LOW_LOW, TAG_LOW, TAG_HIGH, TAG_HIGH_HIGH, TAG_LIMITS };

struct tag {
	const char	*name;		/* owned by the set, as all texts; never empty */
	const char	*unit, *group;	/* "": none */
	struct addr	 addr;		/* of the server */
	uint8_t		 proto;		/* enum op_proto */
	bool		 any_unit;	/* `unit_number` says nothing: whatever is behind the address */
	uint32_t	 unit_number;	/* as operation.unit */
	struct op_place	 place;
	struct tag_form	 form;
	double		 scale, offset;	/* value = number * scale + offset */
	bool		 has_limit[TAG_LIMITS];	/* enum tag_limit */
	double		 limit[TAG_LIMITS];	/* in its unit; each not below the one before */
	double		 dead_band;	/* in its unit; 0: */
	double		 dead_band_part;	/* thousandths of the last news; 0: every change is news */
	bool		 exported;	/* Prometheus, too */
	bool		 is_scaled;	/* scale or offset is not what says nothing */
	uint32_t	 index;		/* in its set */
	int		 line, column;	/* in its file */
};

/* Those of one address: tag[from] to tag[from + n - 1] of the set. */
struct tag_device {
	struct addr	 addr;
	uint32_t	 from, n;
	bool		 any, numbered;	/* some are of any unit, of one unit */
};

struct tags {
	struct tag	*tag;		/* owned; by address, protocol, unit, place */
	uint32_t	 n;
	struct tag_device *device;	/* owned; by address */
	uint32_t	 n_devices;
	const char	*file;		/* owned; NULL: none was named */
	uint32_t	 space;		/* of tag, while it is made */
};

#define TAGS_MAX	100000u
#define TAG_NAME_MAX	128u		/* bytes of a name, unit or group */

/* One value of a tag, as one operation had it; valid during the call. */
struct tag_reading {
	const struct tag *tag;
	unsigned	 index;		/* tag->index */
	bool		 known;		/* value is a number */
	double		 value;		/* in its unit */
	bool		 written;	/* a client wrote it; else the device said it */
	bool		 is_bit;	/* a message that gives values a type had a single bit */
	bool		 unsure;	/* written, and no answer says that the device took it */
	bool		 has_quality;
	bool		 good;		/* its quality, where it has one, says that it can be relied on */
	uint8_t		 quality;	/* as on the wire */
	bool		 has_time;
	uint64_t	 time_ms;	/* by the source's clock, ms since 1970 */
	uint64_t	 ts_ns;		/* capture time: of the answer; of the request where there was none */
	bool		 has_old;
	double		 old;		/* what was known of it before, read or written */
	uint64_t	 old_ns;
	const struct operation *op;
};

/* ---- sets ---- */

/* An empty one; NULL: no memory. */
struct tags	*tags_none(void);
void		 tags_close(struct tags *t);	/* NULL is ignored */
size_t		 tags_memory(const struct tags *t);

/* The tags of an address; NULL: it has none. */
const struct tag_device *tags_device(const struct tags *t, const struct addr *a);
/* By its name, n bytes, in upper or lower case; NULL: there is none. */
const struct tag *tags_named(const struct tags *t, const char *name, size_t n);
/* The name that was probably meant; NULL: none is near. */
const char	*tags_nearest(const struct tags *t, const char *name);
/* A tag of the device that reads the cell at this place (cells.h), or a part of a longer value that it holds; of those, the one behind
 * `behind` (NULL: the first).  A bit of a register or byte is not the whole of it.  NULL: there is none. */
const struct tag *tags_over(const struct tags *t, const struct tag_device *d, uint8_t proto, uint32_t unit, const struct op_place *at,
		    const struct tag *behind);
/* The tag of another set that is this one: of the same name, place, form, scale and unit of measure; NULL: there is none. */
const struct tag *tags_same(const struct tags *t, const struct tag *of);

/* ---- making one: rows from a file, in any form ---- */

enum tag_column {
#define TAG_COLUMN(id, word, what) TAG_COL_##id,
#include "process/tag_types.def"
	TAG_COLUMN_COUNT
};

/* Texts of one row; borrowed until tags_add() returns.  NULL: says nothing. */
struct tag_row {
	const char	*text[TAG_COLUMN_COUNT];
	int		 line[TAG_COLUMN_COUNT], column[TAG_COLUMN_COUNT];
	int		 at_line, at_column;	/* of the row */
};

/* The column of a name; TAG_COLUMN_COUNT: there is none, and *near is the one that was probably meant, or NULL. */
enum tag_column	 tag_column_find(const char *name, const char **near);
const char	*tag_column_name(enum tag_column c);

/* One more tag; problems go to `e`, with path, line and column.  false: there was one. */
bool		 tags_add(struct tags *t, const char *path, const struct tag_row *row, struct err *e);
/* All are in: sort them, refuse names and places that are used twice.  0, or -1 with problems. */
int		 tags_made(struct tags *t, const char *path, struct err *e);

/* A file of CSV from memory, n bytes and a NUL behind them, which is changed.  As tags_add() for each row; 0 or -1. */
int		 tags_parse_csv(struct tags *t, const char *path, char *text, size_t n, struct err *e);

/* ---- words ---- */

const char	*tag_type_name(enum tag_type t);
const char	*tag_order_name(enum tag_order o);
/* Bits of a value; 0: the place or the message says. */
unsigned	 tag_form_bits(const struct tag_form *f);
/* "float32", "bits 4-7".  False: with what is wrong in `why`, which goes on behind a quoted text. */
bool		 tag_form_read(const char *text, struct tag_form *f, struct strbuf *why);
bool		 tag_order_read(const char *text, uint8_t *order, struct strbuf *why);
/* Can a value of this form be at this place of this protocol?  What is left open (TAG_SENT where bytes must be
 * read) is chosen if the place says it. */
bool		 tag_form_fits(struct tag_form *f, enum op_proto proto, const struct op_place *at, struct strbuf *why);

/* Has it no more digits than a real of single precision?  Of what a message gives a type that is so where the number is one of those. */
bool		 tag_is_single(const struct tag *t, double value);
/* The number that people read: 0.85, not 0.8500000238418579 or 0.8500000000000001; a counter with all its digits. */
double		 tag_plain(const struct tag *t, double value);
/* Its value with its unit, as sentences have it: "4.5 mg/l", "on"; `to` has TAG_VALUE_MAX bytes. */
#define TAG_VALUE_MAX	(REAL_TEXT_MAX + TAG_NAME_MAX + 2u)
void		 tag_value_print(const struct tag *t, double value, char to[TAG_VALUE_MAX]);
/* "high-high": the column of the tag file. */
const char	*tag_limit_word(enum tag_limit l);
/* The limit that it comes to first on its way up or down; TAG_LIMITS: there is none. */
enum tag_limit	 tag_limit_next(const struct tag *t, bool up);
/* What lies between its limits, the inner ones where it has them; 0: it has not two. */
double		 tag_span(const struct tag *t);
/* "10.20.1.12 unit 1 holding 0", as the file has it. */
#define TAG_ADDRESS_MAX	(ADDR_TEXT_MAX + 32 + OP_ADDRESS_MAX)
void		 tag_address_print(const struct tag *t, char to[TAG_ADDRESS_MAX]);
/* "10.20.1.12 unit 1 holding 0": false, with the reason. */
bool		 tag_address_read(const char *text, struct tag *to, struct strbuf *why);

/* ---- reading ---- */

/* The number that lies at a place of an item, without scale.  False: the item has not all of it, or it is no number.
 * `v` (may be NULL) gets what qualifies it where the item has typed values. */
bool		 tag_decode(const struct op_item *it, enum op_proto proto, const struct op_place *at, const struct tag_form *f,
		    double *value, struct op_value *v);

/* What is known of a tag now. */
struct tag_now {
	bool		 known;
	double		 value;
	uint64_t	 ts_ns;
};

struct tag_reader;	/* opaque; of one thread */

/* Takes over the set.  NULL: no memory, and the set is the caller's still. */
struct tag_reader *tag_reader_open(struct tags *t);
void		 tag_reader_close(struct tag_reader *r);	/* NULL is ignored; closes the set */
size_t		 tag_reader_memory(const struct tag_reader *r);
const struct tags *tag_reader_tags(const struct tag_reader *r);
/* Those that the next tag_reader_swap() takes over; the present ones where nothing was prepared. */
const struct tags *tag_reader_next(const struct tag_reader *r);
/* Counts the sets: a pointer to a device or tag is good for one generation.  From 1. */
uint32_t	 tag_reader_generation(const struct tag_reader *r);
struct tag_now	 tag_reader_now(const struct tag_reader *r, const struct tag *t);

/* Keep what a tag was, for tag_reader_past(): up to 64 values; of the next set, where one was prepared.  0, or -1: no memory. */
int		 tag_reader_keep_past(struct tag_reader *r, uint32_t tag);
/* The least and the greatest value that it had within this time before `now_ns`, this one not among them.  False: none. */
bool		 tag_reader_past(const struct tag_reader *r, const struct tag *t, uint64_t now_ns, uint64_t within_ns,
		    double *low, double *high);

/* Another set, made by any thread; what is known of its tags is taken along where they are the same.  0 or -1. */
int		 tag_reader_prepare(struct tag_reader *r, struct tags *t);
/* Between two frames: take it over.  False: nothing was prepared.  The one before is good until tag_reader_swapped(). */
bool		 tag_reader_swap(struct tag_reader *r, const struct tags **before);
void		 tag_reader_swapped(struct tag_reader *r);

typedef void tag_reading_to(void *arg, const struct tag_reading *r);

/* The tags that an operation that is over touches, in the order of its items; `d` is its server's.  Values that were
 * refused, only selected or never came are none. */
void		 tag_reader_operation(struct tag_reader *r, const struct tag_device *d, const struct operation *op,
		    tag_reading_to *to, void *arg);
/* The same of an operation in any phase, and nothing is remembered: for who asks out of turn. */
void		 tag_reader_look(struct tag_reader *r, const struct tag_device *d, const struct operation *op,
		    tag_reading_to *to, void *arg);

/* What an operation does to tags, in words: of several the first that is written, else read. */
struct tag_words {
	char		 name[TAG_NAME_MAX + 32];	/* "chlorine set-point", "chlorine set-point and 2 more" */
	char		 moved[2 * TAG_VALUE_MAX + 16];	/* "from 0.85 to 4.5 mg/l", "to 4.5 mg/l"; what was read: "4.5 mg/l"; "": not known */
};
/* False: it touches none. */
bool		 tag_words(struct tag_reader *r, const struct operation *op, struct tag_words *to);

#endif
