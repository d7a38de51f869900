/* capfile_maker.h - write capture files byte by byte, in either byte order. */
#ifndef TESTS_CAPFILE_MAKER_H
#define TESTS_CAPFILE_MAKER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

struct maker {
	uint8_t	b[8192];
	size_t	n;
	bool	be;	/* big-endian */
};

static inline void
mk_bytes(struct maker *m, const void *p, size_t n)
{
	memcpy(m->b + m->n, p, n);
	m->n += n;
}

static inline void
mk_uint(struct maker *m, uint64_t v, unsigned len)
{
	for (unsigned i = 0; i < len; i++)
		m->b[m->n++] = (uint8_t)(v >> 8 * (m->be ? len - 1 - i : i));
}

static inline void mk16(struct maker *m, uint32_t v) { mk_uint(m, v, 2); }
static inline void mk32(struct maker *m, uint32_t v) { mk_uint(m, v, 4); }

static inline void
mk_pcap(struct maker *m, uint32_t magic, uint32_t link)
{
	mk32(m, magic);
	mk16(m, 2);
	mk16(m, 4);
	mk32(m, 0);
	mk32(m, 0);
	mk32(m, 65535);
	mk32(m, link);
}

/* A record of `cap` bytes, each of value `fill`. */
static inline void
mk_record(struct maker *m, uint32_t sec, uint32_t frac, uint32_t cap, uint32_t wire, uint8_t fill)
{
	mk32(m, sec);
	mk32(m, frac);
	mk32(m, cap);
	mk32(m, wire);
	memset(m->b + m->n, fill, cap);
	m->n += cap;
}

static inline size_t
mk_open(struct maker *m, uint32_t type)
{
	size_t at = m->n;

	mk32(m, type);
	mk32(m, 0);
	return at;
}

/* Pad, and write the length at both ends. */
static inline void
mk_close(struct maker *m, size_t at)
{
	size_t end;

	while (m->n % 4 != at % 4)
		m->b[m->n++] = 0;
	end = m->n;
	m->n = at + 4;
	mk32(m, (uint32_t)(end + 4 - at));
	m->n = end;
	mk32(m, (uint32_t)(end + 4 - at));
}

static inline void
mk_shb(struct maker *m)
{
	size_t at = mk_open(m, 0x0a0d0d0a);

	mk32(m, 0x1a2b3c4d);
	mk16(m, 1);
	mk16(m, 0);
	mk_uint(m, UINT64_MAX, 8);
	mk_close(m, at);
}

/* resol < 0: without options. */
static inline void
mk_idb(struct maker *m, uint32_t link, uint32_t snaplen, int resol, int64_t offset)
{
	size_t at = mk_open(m, 1);

	mk16(m, link);
	mk16(m, 0);
	mk32(m, snaplen);
	if (resol >= 0) {
		mk16(m, 9);
		mk16(m, 1);
		mk_uint(m, (uint64_t)resol, 1);
		mk_bytes(m, "\0\0\0", 3);
	}
	if (offset != 0) {
		mk16(m, 14);
		mk16(m, 8);
		mk_uint(m, (uint64_t)offset, 8);
	}
	if (resol >= 0 || offset != 0)
		mk32(m, 0);
	mk_close(m, at);
}

static inline void
mk_epb(struct maker *m, uint32_t iface, uint64_t ticks, uint32_t cap, uint32_t wire, uint8_t fill)
{
	size_t at = mk_open(m, 6);

	mk32(m, iface);
	mk32(m, (uint32_t)(ticks >> 32));
	mk32(m, (uint32_t)ticks);
	mk32(m, cap);
	mk32(m, wire);
	memset(m->b + m->n, fill, cap);
	m->n += cap;
	mk_close(m, at);
}

#endif
