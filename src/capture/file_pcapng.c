/* pcapng (draft-ietf-opsawg-pcapng): blocks in sections, a section has a byte
 * order and a list of interfaces.
 *
 *	block         type u32, total length u32, body, total length u32
 *	SHB  0a0d0d0a byte-order magic 1a2b3c4d, major u16, minor u16, length i64, options
 *	IDB  1        link type u16, reserved u16, snaplen u32, options
 *	PB   2        interface u16, drops u16, time high, low, captured, on wire, bytes
 *	SPB  3        on wire u32, bytes
 *	ISB  5        interface u32, time high, low, options
 *	EPB  6        interface u32, time high, low, captured, on wire, bytes, options
 *
 * Every other block is skipped.  Options that contradict their lengths are
 * ignored from there on; the interface keeps the defaults.
 */
#include "capture/capfile.h"

#include <stdlib.h>

#include "base/cursor.h"
#include "base/wide.h"

#define BOM		0x1a2b3c4du
#define BLOCK_IDB	1u
#define BLOCK_PB	2u
#define BLOCK_SPB	3u
#define BLOCK_ISB	5u
#define BLOCK_EPB	6u
#define BLOCK_MIN	12u

#define OPT_END		0u
#define OPT_TSRESOL	9u
#define OPT_TSOFFSET	14u
#define OPT_IFDROP	5u	/* of statistics: by the interface */
#define OPT_OSDROP	7u	/* and by the system */

/* A section with more interfaces than this is not believed. */
#define MAX_IFACES	65536u
/* Options of an interface are read this far, bytes. */
#define MAX_IDB		65536u

struct epb {
	uint32_t	iface, high, low, cap_len, wire_len;
};

static uint16_t
u16(const struct capfile *f, struct cursor *c)
{
	return f->big_endian ? cur_be16(c) : cur_le16(c);
}

static uint32_t
u32(const struct capfile *f, struct cursor *c)
{
	return f->big_endian ? cur_be32(c) : cur_le32(c);
}

/* if_tsresol: the top bit chooses powers of two or of ten (4.2). */
static void
set_resolution(struct ng_iface *i, uint8_t resol)
{
	unsigned n = resol & 0x7fu;

	i->factor = 1;
	if (resol & 0x80u) {
		i->scale = SCALE_SHIFT;
		i->shift = (uint8_t)(n < 64 ? n : 64);
		return;
	}
	i->scale = n <= 9 ? SCALE_MUL : SCALE_DIV;
	for (unsigned k = n <= 9 ? 9 - n : n - 9; k > 0; k--) {
		/* 10^19 ticks a second and more: nothing of the number remains. */
		if (i->factor > UINT64_MAX / 10) {
			i->factor = UINT64_MAX;
			break;
		}
		i->factor *= 10;
	}
}

static uint64_t
to_ns(const struct ng_iface *i, uint64_t ticks)
{
	uint64_t ns;

	switch ((enum ng_scale)i->scale) {
	case SCALE_MUL:
		ns = ticks * i->factor;
		break;
	case SCALE_DIV:
		ns = ticks / i->factor;
		break;
	case SCALE_SHIFT:
	default:
		ns = wide_shifted(wide_mul(ticks, 1000000000u), i->shift);
		break;
	}
	if (__builtin_expect(i->offset_s == 0, 1))
		return ns;
	if (i->offset_s < 0) {
		/* -offset_s, of which there is none for the least of them. */
		const struct wide less = wide_mul((uint64_t)-(i->offset_s + 1) + 1, 1000000000u);

		return less.high == 0 && less.low < ns ? ns - less.low : 0;
	}
	return ns + (uint64_t)i->offset_s * 1000000000u;
}

static void
read_options(struct capfile *f, struct ng_iface *i, struct cursor *c)
{
	while (cur_left(c) >= 4) {
		uint16_t code = u16(f, c), len = u16(f, c);
		struct cursor v = cur_take(c, len);

		if (code == OPT_END || !cur_ok(&v))
			break;
		/* The padding of the very last option may be missing. */
		cur_skip(c, cur_left(c) < (4u - len % 4u) % 4u ? cur_left(c) : (4u - len % 4u) % 4u);
		if (code == OPT_TSRESOL && len == 1)
			set_resolution(i, cur_u8(&v));
		else if (code == OPT_TSOFFSET && len == 8)
			i->offset_s = (int64_t)(f->big_endian ? cur_be64(&v) : cur_le64(&v));
	}
}

static enum capfile_step
read_interface(struct capfile *f, const uint8_t *body, size_t len)
{
	struct cursor c = cur_of(body, len);
	struct ng_iface i = { .scale = SCALE_MUL, .factor = 1000 };

	i.link = u16(f, &c);
	cur_skip(&c, 2);
	i.snaplen = u32(f, &c);
	if (!cur_ok(&c))
		return capfile_fail(f, "an interface description is too short");
	read_options(f, &i, &c);
	if (f->n_ifaces == f->max_ifaces) {
		unsigned more = f->max_ifaces > 0 ? f->max_ifaces * 2 : 8;
		struct ng_iface *larger;

		if (more > MAX_IFACES) {
			f->lost_ifaces++;
			return CAPFILE_FRAME;
		}
		larger = realloc(f->ifaces, more * sizeof(*larger));
		if (larger == NULL)
			return capfile_fail(f, "no memory for %u interfaces", more);
		f->ifaces = larger;
		f->max_ifaces = more;
	}
	f->ifaces[f->n_ifaces++] = i;
	return CAPFILE_FRAME;
}

/* Statistics of an interface count from its beginning (4.6).  Options as above. */
static void
read_statistics(struct capfile *f, const uint8_t *body, size_t len)
{
	struct cursor c = cur_of(body, len);
	uint32_t at = u32(f, &c);
	uint64_t dropped = 0;

	cur_skip(&c, 8);
	while (cur_ok(&c) && cur_left(&c) >= 4) {
		uint16_t code = u16(f, &c), n = u16(f, &c);
		struct cursor v = cur_take(&c, n);

		if (code == OPT_END || !cur_ok(&v))
			break;
		cur_skip(&c, cur_left(&c) < (4u - n % 4u) % 4u ? cur_left(&c) : (4u - n % 4u) % 4u);
		if ((code == OPT_IFDROP || code == OPT_OSDROP) && n == 8)
			dropped += f->big_endian ? cur_be64(&v) : cur_le64(&v);
	}
	/* All ones: the writer does not know. */
	if (!cur_ok(&c) || at >= f->n_ifaces || dropped >= UINT64_MAX / 4 ||
	    dropped <= f->ifaces[at].dropped)
		return;
	f->dropped += dropped - f->ifaces[at].dropped;
	f->ifaces[at].dropped = dropped;
}

/* A new section: byte order, and no interfaces. */
static enum capfile_step
read_section(struct capfile *f, const uint8_t *p)
{
	struct cursor c = cur_of(p, 16);
	uint32_t len, bom;

	cur_skip(&c, 4);
	len = cur_be32(&c);
	bom = cur_be32(&c);
	f->big_endian = bom == BOM;
	if (!f->big_endian) {
		struct cursor again = cur_of(p + 4, 8);

		len = cur_le32(&again);
		if (cur_le32(&again) != BOM)
			return capfile_fail(f, "a section header without the byte-order magic");
	}
	if (len < 28 || len % 4 != 0)
		return capfile_fail(f, "a section header of %u bytes is impossible", len);
	if ((f->big_endian ? cur_be16(&c) : cur_le16(&c)) != 1)
		return capfile_fail(f, "a pcapng version that is not known (only 1.x is)");
	if (source_need(&f->src, 28) == NULL)
		return capfile_wait(f);
	f->n_ifaces = 0;
	f->lost_ifaces = 0;
	source_skip(&f->src, len);
	return CAPFILE_FRAME;
}

/* A packet block is whole and in the window: p is its start. */
static enum capfile_step
give(struct capfile *f, struct frame *frame, const struct epb *b, const uint8_t *data,
    size_t room)
{
	const struct ng_iface *i;

	if (b->iface >= f->n_ifaces || b->cap_len > room ||
	    (b->cap_len > 262144u && b->cap_len > capfile_max_record(f->ifaces[b->iface].link))) {
		/* The block's own length still stands: only this packet is lost. */
		f->skipped++;
		return CAPFILE_NONE;
	}
	i = &f->ifaces[b->iface];
	frame->ts_ns = f->last_ns = to_ns(i, (uint64_t)b->high << 32 | b->low);
	frame->data = data;
	frame->cap_len = b->cap_len;
	frame->wire_len = b->wire_len > b->cap_len ? b->wire_len : b->cap_len;
	frame->link = i->link;
	return CAPFILE_FRAME;
}

static enum capfile_step
give_simple(struct capfile *f, struct frame *frame, struct cursor *c)
{
	uint32_t wire_len = u32(f, c), cap_len = wire_len;

	if (!cur_ok(c) || f->n_ifaces == 0) {
		f->skipped++;
		return CAPFILE_NONE;
	}
	/* The captured length is not written: it follows from the snap length (4.4). */
	if (f->ifaces[0].snaplen != 0 && cap_len > f->ifaces[0].snaplen)
		cap_len = f->ifaces[0].snaplen;
	if (cap_len > cur_left(c))
		cap_len = (uint32_t)cur_left(c);
	f->untimed++;
	if (f->last_ns == 0)
		f->last_ns = f->src.changed_ns;
	frame->ts_ns = f->last_ns;
	frame->data = cur_bytes(c, cap_len);
	frame->cap_len = cap_len;
	frame->wire_len = wire_len;
	frame->link = f->ifaces[0].link;
	return CAPFILE_FRAME;
}

/* The fixed fields of EPB and PB take 20 bytes.  A window of constant size lets the
 * compiler see that no read can fail. */
#define PACKET_FIELDS 20u

/* The packet in a block's body. */
static enum capfile_step
read_packet(struct capfile *f, struct frame *frame, uint32_t type, const uint8_t *body, size_t len)
{
	struct cursor c;
	struct epb b;

	if (type == BLOCK_SPB) {
		c = cur_of(body, len);
		return give_simple(f, frame, &c);
	}
	if (len < PACKET_FIELDS) {
		f->skipped++;
		return CAPFILE_NONE;
	}
	c = cur_of(body, PACKET_FIELDS);
	if (type == BLOCK_PB) {
		b.iface = u16(f, &c);
		cur_skip(&c, 2);
	} else
		b.iface = u32(f, &c);
	b.high = u32(f, &c);
	b.low = u32(f, &c);
	b.cap_len = u32(f, &c);
	b.wire_len = u32(f, &c);
	return give(f, frame, &b, body + PACKET_FIELDS, len - PACKET_FIELDS);
}

/* One block of the current section, whose type and length are known. */
static enum capfile_step
read_block(struct capfile *f, struct frame *frame, uint32_t type, uint32_t len)
{
	enum capfile_step step = CAPFILE_NONE;
	size_t want = len;
	struct cursor tail;
	const uint8_t *p;

	if ((type == BLOCK_IDB || type == BLOCK_ISB) && want > MAX_IDB)
		want = MAX_IDB;
	p = source_need(&f->src, want);
	if (p == NULL)
		return capfile_wait(f);
	if (want == len) {
		tail = cur_of(p + len - 4, 4);
		if (u32(f, &tail) != len)
			return capfile_fail(f, "the two lengths of a block differ; "
			    "the file is damaged from here on");
	}
	if (type == BLOCK_IDB) {
		if (read_interface(f, p + 8, want - BLOCK_MIN) == CAPFILE_BAD)
			return CAPFILE_BAD;
	} else if (type == BLOCK_ISB)
		read_statistics(f, p + 8, want - BLOCK_MIN);
	else
		step = read_packet(f, frame, type, p + 8, len - BLOCK_MIN);
	source_skip(&f->src, len);
	return step;
}

enum capfile_step
pcapng_next_packet(struct capfile *f, struct frame *frame)
{
	for (;;) {
		const uint8_t *p = source_need(&f->src, BLOCK_MIN);
		enum capfile_step step;
		struct cursor c;
		uint32_t type, len;

		if (p == NULL)
			return capfile_wait(f);
		c = cur_of(p, BLOCK_MIN);
		type = u32(f, &c);
		if (type == PCAPNG_SHB) {	/* the same in both byte orders */
			p = source_need(&f->src, 16);
			step = p != NULL ? read_section(f, p) : capfile_wait(f);
			if (step != CAPFILE_FRAME)
				return step;
			continue;
		}
		len = u32(f, &c);
		if (len < BLOCK_MIN || len % 4 != 0)
			return capfile_fail(f, "a block of %u bytes is impossible; "
			    "the file is damaged from here on", len);
		if (type != BLOCK_EPB && type != BLOCK_SPB && type != BLOCK_PB &&
		    type != BLOCK_IDB && type != BLOCK_ISB) {
			source_skip(&f->src, len);
			continue;
		}
		/* 128 MiB of packet and 1 MiB of options bound what is kept in memory. */
		if (len > (129u << 20))
			return capfile_fail(f, "a packet block claims %u bytes; "
			    "the file is damaged from here on", len);
		step = read_block(f, frame, type, len);
		if (step != CAPFILE_NONE)
			return step;
	}
}
