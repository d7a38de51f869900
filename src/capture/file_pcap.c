/* Classic pcap (draft-ietf-opsawg-pcap), both byte orders.
 *
 *	file header   magic u32, major u16, minor u16, zone i32, sigfigs u32,
 *	              snaplen u32, link type u32 (low 16 bits; the rest tells of an FCS)
 *	record        seconds u32, fraction u32, captured u32, on wire u32, bytes
 */
#include "capture/capfile.h"

#include "base/cursor.h"

#define MAGIC_US	0xa1b2c3d4u
#define MAGIC_NS	0xa1b23c4du
#define MAGIC_KUZNETZOV	0xa1b2cd34u	/* record header with 8 bytes more */

#define RECORD_HEADER	16u
#define MAX_ORDINARY	262144u		/* no link type allows less, see capfile_max_record() */

static uint32_t
swap32(uint32_t v)
{
	return v >> 24 | (v >> 8 & 0xff00u) | (v << 8 & 0xff0000u) | v << 24;
}

static bool
known(uint32_t magic)
{
	return magic == MAGIC_US || magic == MAGIC_NS || magic == MAGIC_KUZNETZOV;
}

bool
pcap_is_magic(uint32_t magic_be)
{
	return known(magic_be) || known(swap32(magic_be));
}

static uint32_t
u32(const struct capfile *f, struct cursor *c)
{
	return f->big_endian ? cur_be32(c) : cur_le32(c);
}

void
pcap_begin(struct capfile *f, const uint8_t *header)
{
	struct cursor c = cur_of(header, PCAP_HEADER_LEN);
	uint32_t magic = cur_be32(&c);
	uint16_t minor;

	f->format = FORMAT_PCAP;
	f->big_endian = known(magic);
	if (!f->big_endian)
		magic = swap32(magic);
	f->tick_ns = magic == MAGIC_NS ? 1 : 1000;
	f->header_len = magic == MAGIC_KUZNETZOV ? 24 : RECORD_HEADER;
	cur_skip(&c, 2);
	minor = f->big_endian ? cur_be16(&c) : cur_le16(&c);
	/* Before 2.3 the two lengths stood in the other order; 2.3 writers did either. */
	f->always_swapped = minor < 3;
	f->old_lengths = minor <= 3;
	cur_skip(&c, 12);
	f->link = (uint16_t)(u32(f, &c) & 0xffffu);
}

static __attribute__((noinline)) enum capfile_step
too_long(struct capfile *f, uint32_t cap_len)
{
	return capfile_fail(f, "a record claims %u bytes, more than any frame has; "
	    "the file is damaged from here on", cap_len);
}

/* Any record; the window may have to be filled first. */
static __attribute__((noinline)) enum capfile_step
any_record(struct capfile *f, struct frame *frame)
{
	const uint8_t *p = source_need(&f->src, f->header_len);
	uint32_t sec, frac, cap_len, wire_len;

	if (p == NULL)
		return capfile_wait(f);
	if (f->big_endian) {
		sec = be32_of(p);
		frac = be32_of(p + 4);
		cap_len = be32_of(p + 8);
		wire_len = be32_of(p + 12);
	} else {
		sec = le32_of(p);
		frac = le32_of(p + 4);
		cap_len = le32_of(p + 8);
		wire_len = le32_of(p + 12);
	}
	if (f->old_lengths && (f->always_swapped || cap_len > wire_len)) {
		uint32_t other = cap_len;

		cap_len = wire_len;
		wire_len = other;
	}
	/* The largest ordinary limit first: one comparison for nearly every record. */
	if (cap_len > MAX_ORDINARY && cap_len > capfile_max_record(f->link))
		return too_long(f, cap_len);
	p = source_need(&f->src, (size_t)f->header_len + cap_len);
	if (p == NULL)
		return capfile_wait(f);
	source_use(&f->src, (size_t)f->header_len + cap_len);
	frame->ts_ns = sec * UINT64_C(1000000000) + (uint64_t)frac * f->tick_ns;
	frame->data = p + f->header_len;
	frame->cap_len = cap_len;
	frame->wire_len = wire_len > cap_len ? wire_len : cap_len;
	frame->link = f->link;
	return CAPFILE_FRAME;
}

#define AHEAD 256	/* bytes that are asked for before they are needed */

/* Written on a machine like this one, in the ordinary form? */
static inline bool
plain(const struct capfile *f)
{
	return !f->big_endian && !f->old_lengths && f->header_len == RECORD_HEADER;
}

/* The record at p of a plain file, if it is not too long for any link type and all of it
 * is there: where the next one begins.  Else NULL. */
static inline const uint8_t *
plain_record(const uint8_t *p, const uint8_t *end, uint32_t tick_ns, uint16_t link, struct frame *frame)
{
	size_t left = (size_t)(end - p);
	uint32_t cap_len, wire_len;

	if (left < RECORD_HEADER)
		return NULL;
	cap_len = le32_of(p + 8);
	wire_len = le32_of(p + 12);
	if (cap_len > MAX_ORDINARY || cap_len > left - RECORD_HEADER)
		return NULL;
	frame->ts_ns = le32_of(p) * UINT64_C(1000000000) + (uint64_t)le32_of(p + 4) * tick_ns;
	frame->data = p + RECORD_HEADER;
	frame->cap_len = cap_len;
	frame->wire_len = wire_len > cap_len ? wire_len : cap_len;
	frame->link = link;
	return p + RECORD_HEADER + cap_len;
}

unsigned
pcap_ready(struct capfile *f, struct frame *frames, unsigned max)
{
	const uint8_t *p = f->src.buf + f->src.at, *end = f->src.buf + f->src.end, *next;
	const uint32_t tick_ns = f->tick_ns;
	const uint16_t link = f->link;
	unsigned n = 0;

	if (!plain(f))
		return 0;
	while (n < max && (next = plain_record(p, end, tick_ns, link, &frames[n])) != NULL) {
		__builtin_prefetch(next + AHEAD);
		p = next;
		n++;
	}
	f->src.at = (size_t)(p - f->src.buf);
	return n;
}

enum capfile_step
pcap_next_record(struct capfile *f, struct frame *frame)
{
	return pcap_ready(f, frame, 1) == 1 ? CAPFILE_FRAME : any_record(f, frame);
}
