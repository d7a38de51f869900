/* elements.c - the elements that information objects are made of (101 7.2.6).
 *
 * Little-endian; an element is one row of sizes[] and one case of read_element().
 */
#include "iec104.h"

#include <string.h>

#include "base/str.h"

static const uint8_t sizes[E_COUNT] = {
	[E_SIQ] = 1, [E_DIQ] = 1, [E_VTI] = 1, [E_QDS] = 1, [E_QDP] = 1, [E_NVA] = 2, [E_SVA] = 2,
	[E_R32] = 4, [E_BSI] = 4, [E_BCR] = 5, [E_SEP] = 1, [E_SPE] = 1, [E_OCI] = 1, [E_SCD] = 4,
	[E_CP16] = 2, [E_CP24] = 3, [E_CP56] = 7, [E_SCO] = 1, [E_DCO] = 1, [E_RCO] = 1, [E_QOS] = 1,
	[E_COI] = 1, [E_QOI] = 1, [E_QCC] = 1, [E_QRP] = 1, [E_QPM] = 1, [E_QPA] = 1, [E_FBP] = 2,
	[E_TSC] = 2, [E_AID] = 2, [E_NOF] = 2, [E_NOS] = 1, [E_LOF] = 3, [E_FRQ] = 1, [E_SRQ] = 1,
	[E_SCQ] = 1, [E_LSQ] = 1, [E_CHS] = 1, [E_AFQ] = 1, [E_SEGMENT] = 1, [E_SOF] = 1,
	[E_OPAQUE] = 0,
};

uint32_t
i104_object_len(const struct iec104_layout *l, bool *open)
{
	uint32_t n = 0;

	*open = false;
	for (unsigned i = 0; i < I104_ELEMENTS && l->element[i] != E_NONE; i++) {
		n += sizes[l->element[i]];
		*open |= l->element[i] == E_SEGMENT || l->element[i] == E_OPAQUE;
	}
	return n;
}

const struct iec104_field *
i104_field(const struct iec104_object *o, const char *name)
{
	for (uint32_t i = 0; i < o->n; i++)
		if (strcmp(o->field[i].name, name) == 0)
			return &o->field[i];
	return NULL;
}

/* ---- fields ---- */

static void
put(struct iec104_object *o, const char *name, enum iec104_show show, const char *const *words,
    struct op_value v)
{
	if (o->n < IEC104_FIELDS_MAX)
		o->field[o->n++] = (struct iec104_field){ .name = name, .show = show, .words = words,
		    .value = v };
}

static void
number(struct iec104_object *o, const char *name, uint64_t v)
{
	put(o, name, IEC104_VALUE, NULL, (struct op_value){ .kind = VALUE_UINT, .u = v });
}

static void
yes_no(struct iec104_object *o, const char *name, bool v)
{
	put(o, name, IEC104_BOOL, NULL, (struct op_value){ .kind = VALUE_BIT, .u = v });
}

static void
bits(struct iec104_object *o, const char *name, const char *const *words, uint8_t v)
{
	put(o, name, IEC104_WORDS, words, (struct op_value){ .kind = VALUE_UINT, .u = v });
}

/* The value of the object; what kind it is was set before. */
static void
value(struct iec104_object *o, struct op_value v)
{
	o->value.kind = v.kind;
	o->value.single = v.single;
	o->value.u = v.u;
	put(o, "value", IEC104_VALUE, NULL, v);
}

static void
value_uint(struct iec104_object *o, uint8_t kind, uint64_t v)
{
	value(o, (struct op_value){ .kind = kind, .u = v });
}

static void
value_int(struct iec104_object *o, int64_t v)
{
	value(o, (struct op_value){ .kind = VALUE_INT, .i = v });
}

static void
value_real(struct iec104_object *o, double v)
{
	value(o, (struct op_value){ .kind = VALUE_REAL, .single = true, .r = v });
}

/* Quality: the octet's bits that are one (101 7.2.6.1 to 7.2.6.4). */
static void
quality(struct iec104_object *o, const char *const *words, uint8_t octet)
{
	uint8_t mask = 0;

	for (unsigned i = 0; i < 8; i++)
		mask = (uint8_t)(mask | (words[i] != NULL) << i);
	o->value.flags = octet & mask;
	o->value.has_flags = true;
	bits(o, "quality", words, octet & mask);
}

static const char *const siq_words[8] = { [4] = "blocked", [5] = "substituted", [6] = "not-topical", [7] = "invalid" };
static const char *const qds_words[8] = { [0] = "overflow", [4] = "blocked", [5] = "substituted", [6] = "not-topical", [7] = "invalid" };
static const char *const qdp_words[8] = { [3] = "elapsed-time-invalid", [4] = "blocked", [5] = "substituted", [6] = "not-topical", [7] = "invalid" };
static const char *const bcr_words[8] = { [5] = "carry", [6] = "adjusted", [7] = "invalid" };
static const char *const spe_words[8] = { "general", "phase-l1", "phase-l2", "phase-l3", "earth-current", "reverse" };
static const char *const oci_words[8] = { "general", "phase-l1", "phase-l2", "phase-l3" };
static const char *const clock_words[8] = { [0] = "invalid", [1] = "substituted", [2] = "summer-time" };
static const char *const sof_words[8] = { [5] = "last-file", [6] = "directory", [7] = "being-transferred" };

/* ---- times (101 7.2.6.18 to 7.2.6.20) ---- */

/* Days from 1970-01-01 to this date of the Gregorian calendar. */
static int64_t
days_of(unsigned year, unsigned month, unsigned day)
{
	static const uint16_t before[12] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
	unsigned y = year - 1970;
	bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

	return (int64_t)y * 365 + (y + 1) / 4 + before[month - 1] + (leap && month > 2) + day - 1;
}

static unsigned
days_in(unsigned year, unsigned month)
{
	static const uint8_t n[12] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return n[month - 1] + (month == 2 && year % 4 == 0);
}

/* Seven octets: milliseconds, minute, hour, day, month, year; as the station's clock
 * shows it, because nobody says which zone that is in. */
static unsigned
read_cp56(struct cursor *c, struct iec104_object *o, const char *name, const char *clock_name)
{
	const uint8_t *b = cur_bytes(c, 7);
	unsigned ms, minute, hour, day, month, year;
	uint8_t clock;

	if (b == NULL)
		return 0;
	ms = le16_of(b);
	minute = b[2] & 0x3fu;
	hour = b[3] & 0x1fu;
	day = b[4] & 0x1fu;
	month = b[5] & 0x0fu;
	year = b[6] & 0x7fu;
	year += year < 70 ? 2000 : 1900;
	clock = (uint8_t)((b[2] >> 7) | (b[2] >> 6 & 1) << 1 | (b[3] >> 7) << 2);
	bits(o, clock_name, clock_words, clock);
	if (b[4] >> 5 != 0 && i104_field(o, "day_of_week") == NULL)
		number(o, "day_of_week", b[4] >> 5);
	if (ms > 59999 || minute > 59 || hour > 23 || month < 1 || month > 12 || day < 1 ||
	    day > days_in(year, month))
		return I104_BAD_TIME;
	o->value.time_ms = ((uint64_t)days_of(year, month, day) * 1440 + hour * 60 + minute) * 60000 + ms;
	o->value.has_time = true;
	put(o, name, IEC104_VALUE, NULL, (struct op_value){ .kind = VALUE_TIME, .u = o->value.time_ms });
	return 0;
}

static unsigned
read_cp24(struct cursor *c, struct iec104_object *o)
{
	const uint8_t *b = cur_bytes(c, 3);

	if (b == NULL)
		return 0;
	bits(o, "clock", clock_words, (uint8_t)(b[2] >> 7 | (b[2] >> 6 & 1) << 1));
	number(o, "ms_of_hour", (b[2] & 0x3fu) * 60000u + le16_of(b));
	return le16_of(b) > 59999 || (b[2] & 0x3fu) > 59 ? I104_BAD_TIME : 0;
}

/* ---- elements ---- */

static double
real_of(uint32_t u)
{
	float f;

	memcpy(&f, &u, sizeof(f));
	return f;
}

/* A command's octet: value, qualifier, select. */
static unsigned
command(struct iec104_object *o, uint8_t b, unsigned width)
{
	unsigned v = b & ((1u << width) - 1);

	value_uint(o, width == 1 ? VALUE_BIT : VALUE_UINT, v);
	number(o, "qualifier", b >> 2 & 31u);
	yes_no(o, "select", b >> 7);
	return width == 2 && (v == 0 || v == 3) ? I104_BAD_VALUE : 0;
}

/* Elements of process information and commands. */
static unsigned
read_process(enum i104_element e, struct cursor *c, struct iec104_object *o)
{
	uint8_t b;

	switch (e) {
	case E_SIQ:
		b = cur_u8(c);
		value_uint(o, VALUE_BIT, b & 1u);
		quality(o, siq_words, b);
		return 0;
	case E_DIQ:
		b = cur_u8(c);
		value_uint(o, VALUE_UINT, b & 3u);
		quality(o, siq_words, b);
		return 0;
	case E_VTI:
		b = cur_u8(c);
		value_int(o, (b & 0x7f) - ((b & 0x40) != 0 ? 128 : 0));
		yes_no(o, "transient", b >> 7);
		return 0;
	case E_QDS:
		quality(o, qds_words, cur_u8(c));
		return 0;
	case E_QDP:
		quality(o, qdp_words, cur_u8(c));
		return 0;
	case E_NVA:
		value_real(o, (int16_t)cur_le16(c) / 32768.0);
		return 0;
	case E_SVA:
		value_int(o, (int16_t)cur_le16(c));
		return 0;
	case E_R32:
		value_real(o, real_of(cur_le32(c)));
		return 0;
	case E_BSI:
		value_uint(o, VALUE_UINT, cur_le32(c));
		return 0;
	case E_BCR:
		value_int(o, (int32_t)cur_le32(c));
		b = cur_u8(c);
		number(o, "sequence", b & 0x1fu);
		quality(o, bcr_words, b);
		return 0;
	case E_SEP:
		b = cur_u8(c);
		value_uint(o, VALUE_UINT, b & 3u);
		quality(o, qdp_words, b);
		return 0;
	case E_SPE:
		b = cur_u8(c) & 0x3f;
		value_uint(o, VALUE_UINT, b);
		bits(o, "started", spe_words, b);
		return 0;
	case E_OCI:
		b = cur_u8(c) & 0x0f;
		value_uint(o, VALUE_UINT, b);
		bits(o, "outputs", oci_words, b);
		return 0;
	case E_SCD:
		value_uint(o, VALUE_UINT, cur_le16(c));
		number(o, "changed", cur_le16(c));
		return 0;
	case E_SCO:
		return command(o, cur_u8(c), 1);
	case E_DCO:
	case E_RCO:
		return command(o, cur_u8(c), 2);
	case E_QOS:
		b = cur_u8(c);
		number(o, "qualifier", b & 0x7fu);
		yes_no(o, "select", b >> 7);
		return 0;
	case E_AID:
		number(o, "association", cur_le16(c));
		return 0;
	default:
		return 0;
	}
}

/* Qualifiers of the system and of parameters (101 7.2.6.21 to 7.2.6.27). */
static unsigned
read_system(enum i104_element e, struct cursor *c, struct iec104_object *o)
{
	uint8_t b;

	switch (e) {
	case E_COI:
		b = cur_u8(c);
		number(o, "cause", b & 0x7fu);
		yes_no(o, "parameters_changed", b >> 7);
		return 0;
	case E_QOI:
		b = cur_u8(c);
		number(o, "qualifier", b);
		return b < 20 || b > 36 ? I104_BAD_VALUE : 0;
	case E_QCC:
		b = cur_u8(c);
		number(o, "qualifier", b & 0x3fu);
		number(o, "freeze", b >> 6);
		return (b & 0x3f) < 1 || (b & 0x3f) > 5 ? I104_BAD_VALUE : 0;
	case E_QRP:
		b = cur_u8(c);
		number(o, "qualifier", b);
		return b < 1 || b > 2 ? I104_BAD_VALUE : 0;
	case E_QPM:
		b = cur_u8(c);
		number(o, "qualifier", b & 0x3fu);
		yes_no(o, "changed_locally", b >> 6 & 1);
		yes_no(o, "not_in_operation", b >> 7);
		return (b & 0x3f) < 1 || (b & 0x3f) > 4 ? I104_BAD_VALUE : 0;
	case E_QPA:
		b = cur_u8(c);
		number(o, "qualifier", b);
		return b < 1 || b > 3 ? I104_BAD_VALUE : 0;
	case E_FBP:
		number(o, "pattern", cur_le16(c));
		return 0;
	case E_TSC:
		number(o, "test_counter", cur_le16(c));
		return 0;
	case E_CP16:
		number(o, "elapsed_ms", cur_le16(c));
		return 0;
	case E_CP24:
		return read_cp24(c, o);
	case E_CP56:
		/* A query of a log has two. */
		return i104_field(o, "clock") == NULL ? read_cp56(c, o, "time", "clock") :
		    read_cp56(c, o, "until", "until_clock");
	default:
		return 0;
	}
}

/* File transfer (101 7.2.6.28 to 7.2.6.38). */
static unsigned
read_file(enum i104_element e, struct cursor *c, struct iec104_object *o)
{
	uint8_t b;
	uint32_t n;

	switch (e) {
	case E_NOF:
		number(o, "file", cur_le16(c));
		break;
	case E_NOS:
		number(o, "section", cur_u8(c));
		break;
	case E_LOF:
		number(o, "length", cur_le24(c));
		break;
	case E_FRQ:
	case E_SRQ:
		b = cur_u8(c);
		number(o, "qualifier", b & 0x7fu);
		yes_no(o, "refused", b >> 7);
		break;
	case E_SCQ:
	case E_AFQ:
		b = cur_u8(c);
		number(o, "qualifier", b & 15u);
		number(o, "reason", b >> 4);
		break;
	case E_LSQ:
		number(o, "qualifier", cur_u8(c));
		break;
	case E_CHS:
		number(o, "checksum", cur_u8(c));
		break;
	case E_SEGMENT:
		n = cur_u8(c);
		number(o, "length", n);
		if (n > cur_left(c)) {
			n = (uint32_t)cur_left(c);
			put(o, "data", IEC104_VALUE, NULL, (struct op_value){ .kind = VALUE_BYTES,
			    .len = n, .bytes = cur_bytes(c, n) });
			return I104_BAD_VALUE;
		}
		put(o, "data", IEC104_VALUE, NULL, (struct op_value){ .kind = VALUE_BYTES, .len = n,
		    .bytes = cur_bytes(c, n) });
		break;
	case E_SOF:
		b = cur_u8(c);
		number(o, "qualifier", b & 31u);
		bits(o, "status", sof_words, b & 0xe0);
		break;
	case E_OPAQUE:
		n = (uint32_t)cur_left(c);
		put(o, "data", IEC104_VALUE, NULL, (struct op_value){ .kind = VALUE_BYTES, .len = n,
		    .bytes = cur_bytes(c, n) });
		break;
	default:
		break;
	}
	return 0;
}

unsigned
i104_read_object(const struct iec104_layout *l, struct cursor *c, struct iec104_object *o)
{
	unsigned faults = 0;

	o->n = 0;
	o->value = (struct op_value){ .kind = VALUE_NONE, .index = o->ioa };
	for (unsigned i = 0; i < I104_ELEMENTS && l->element[i] != E_NONE; i++) {
		enum i104_element e = (enum i104_element)l->element[i];

		faults |= e <= E_SCD || (e >= E_SCO && e <= E_QOS) || e == E_AID ? read_process(e, c, o) :
		    e >= E_NOF ? read_file(e, c, o) : read_system(e, c, o);
	}
	return faults;
}
