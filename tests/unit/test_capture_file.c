/* Unit tests of capture: pcap and pcapng from crafted bytes, gzip, cuts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>
#include <zlib.h>

#include "capfile_maker.h"
#include "capture/capfile.h"
#include "guard.h"

#define MAX_FRAMES 32

struct seen {
	struct frame	 f[MAX_FRAMES];
	unsigned	 n;
	enum capfile_step last;
	bool		 partial;
	char		 bad[192];
	uint64_t	 skipped;
};

/* Read all of n bytes through a window of `window` bytes. */
static struct seen
read_window(const void *data, size_t n, size_t window)
{
	struct seen s = { 0 };
	struct capfile f;
	struct frame frame = { 0 };

	assert_int_equal(capfile_open_memory(&f, guard(data, n), n, window), 0);
	while ((s.last = capfile_next(&f, &frame)) == CAPFILE_FRAME && s.n < MAX_FRAMES) {
		/* Every byte must be readable now, not only the first. */
		for (uint32_t i = 1; i < frame.cap_len; i++)
			assert_int_equal(frame.data[i], frame.data[0]);
		s.f[s.n++] = frame;
	}
	s.partial = source_partial(&f.src);
	s.skipped = f.skipped;
	memcpy(s.bad, f.bad, sizeof(s.bad));
	capfile_close(&f);
	return s;
}

static struct seen
read_all(const struct maker *m)
{
	struct seen a = read_window(m->b, m->n, 1 << 16), b = read_window(m->b, m->n, 32);

	/* The size of the window changes nothing. */
	assert_int_equal(a.n, b.n);
	assert_int_equal(a.last, b.last);
	for (unsigned i = 0; i < a.n; i++) {
		assert_int_equal(a.f[i].ts_ns, b.f[i].ts_ns);
		assert_int_equal(a.f[i].cap_len, b.f[i].cap_len);
	}
	return a;
}

static void
pcap_in_both_orders_and_both_resolutions(void **unused)
{
	static const struct { uint32_t magic, tick; } kinds[] = {
		{ 0xa1b2c3d4u, 1000 }, { 0xa1b23c4du, 1 },
	};

	(void)unused;
	for (unsigned k = 0; k < 4; k++) {
		struct maker m = { .be = k & 1 };
		struct seen s;

		mk_pcap(&m, kinds[k / 2].magic, 1 | 0xf4000000u);	/* with FCS bits */
		mk_record(&m, 0xf0000000u, 123456, 60, 1500, 7);
		mk_record(&m, 5, 6, 0, 0, 0);
		mk_record(&m, 4, 999999, 300, 300, 8);
		s = read_all(&m);
		assert_int_equal(s.n, 3);
		assert_int_equal(s.last, CAPFILE_EOF);
		assert_false(s.partial);
		assert_int_equal(s.f[0].ts_ns, 0xf0000000u * UINT64_C(1000000000) +
		    123456u * kinds[k / 2].tick);
		assert_int_equal(s.f[0].cap_len, 60);
		assert_int_equal(s.f[0].wire_len, 1500);
		assert_int_equal(s.f[0].link, LINK_ETHERNET);
		assert_int_equal(s.f[1].cap_len, 0);
		assert_int_equal(s.f[2].wire_len, 300);
	}
}

static void
the_modified_record_header_is_longer(void **unused)
{
	struct maker m = { .be = true };
	struct seen s;

	(void)unused;
	mk_pcap(&m, 0xa1b2cd34u, 1);
	for (unsigned i = 0; i < 2; i++) {
		mk32(&m, 1);
		mk32(&m, 2);
		mk32(&m, 4);
		mk32(&m, 4);
		mk_uint(&m, 0xdeadbeefdeadbeefu, 8);
		mk_bytes(&m, "aaaa", 4);
	}
	s = read_all(&m);
	assert_int_equal(s.n, 2);
	assert_int_equal(s.f[1].ts_ns, 1000002000);
}

static void
wire_length_is_never_less_than_captured(void **unused)
{
	struct maker m = { 0 };
	struct seen s;

	(void)unused;
	mk_pcap(&m, 0xa1b2c3d4u, 1);
	mk_record(&m, 1, 0, 20, 10, 1);
	s = read_all(&m);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.f[0].cap_len, 20);
	assert_int_equal(s.f[0].wire_len, 20);
}

static void
a_record_too_large_to_be_true_ends_the_file(void **unused)
{
	struct maker m = { 0 };
	struct seen s;

	(void)unused;
	mk_pcap(&m, 0xa1b2c3d4u, 1);
	mk_record(&m, 1, 0, 20, 20, 1);
	mk32(&m, 1);
	mk32(&m, 1);
	mk32(&m, 0x7fffffffu);
	mk32(&m, 0x7fffffffu);
	s = read_all(&m);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.last, CAPFILE_BAD);
	assert_non_null(strstr(s.bad, "2147483647"));
}

/* A file cut anywhere gives the frames before the cut, and tells of the cut. */
static void
every_cut_gives_a_prefix(const struct maker *m)
{
	struct seen whole = read_all(m);
	unsigned before = 0;

	assert_int_equal(whole.last, CAPFILE_EOF);
	for (size_t cut = 0; cut <= m->n; cut++) {
		struct seen s = read_window(m->b, cut, cut % 2 != 0 ? 1 << 16 : 48);

		assert_int_equal(s.last, CAPFILE_EOF);
		assert_true(s.n >= before && s.n <= whole.n);
		for (unsigned i = 0; i < s.n; i++)
			assert_int_equal(s.f[i].ts_ns, whole.f[i].ts_ns);
		before = s.n;
	}
	assert_int_equal(before, whole.n);
}

static void
full_pcapng(struct maker *m)
{
	size_t at;

	mk_shb(m);
	mk_idb(m, 1, 0, -1, 0);			/* microseconds */
	mk_idb(m, 101, 96, 9, 0);		/* nanoseconds */
	mk_epb(m, 0, 5000001, 60, 60, 1);
	at = mk_open(m, 5);			/* statistics: skipped */
	mk_bytes(m, "whatever it says", 16);
	mk_close(m, at);
	mk_epb(m, 1, 6000000007u, 33, 90, 2);
	at = mk_open(m, 3);			/* simple packet of interface 0 */
	mk32(m, 50);
	memset(m->b + m->n, 3, 50);
	m->n += 50;
	mk_close(m, at);
	at = mk_open(m, 2);			/* the old packet block */
	mk16(m, 1);
	mk16(m, 0);
	mk32(m, 1);
	mk32(m, 7);
	mk32(m, 21);
	mk32(m, 22);
	memset(m->b + m->n, 4, 21);
	m->n += 21;
	mk_close(m, at);
	m->be = !m->be;				/* a second section, the other way round */
	mk_shb(m);
	mk_idb(m, 113, 0, 0x80 | 10, 0);	/* 1/1024 s */
	mk_epb(m, 0, 1024 * 9 + 512, 8, 8, 5);
	mk_epb(m, 0, 1024 * 10, 0, 0, 6);
}

static void
pcapng_with_all_its_blocks(void **unused)
{
	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct maker m = { .be = k };
		struct seen s;

		full_pcapng(&m);
		s = read_all(&m);
		assert_int_equal(s.n, 6);
		assert_int_equal(s.last, CAPFILE_EOF);
		assert_false(s.partial);
		assert_int_equal(s.f[0].ts_ns, 5000001000);
		assert_int_equal(s.f[0].link, 1);
		assert_int_equal(s.f[1].ts_ns, 6000000007);
		assert_int_equal(s.f[1].link, 101);
		assert_int_equal(s.f[1].cap_len, 33);
		assert_int_equal(s.f[1].wire_len, 90);
		assert_int_equal(s.f[2].ts_ns, 6000000007);	/* no time of its own */
		assert_int_equal(s.f[2].cap_len, 50);
		assert_int_equal(s.f[2].link, 1);
		assert_int_equal(s.f[3].ts_ns, UINT64_C(4294967303));
		assert_int_equal(s.f[3].wire_len, 22);
		assert_int_equal(s.f[4].ts_ns, UINT64_C(9500000000));
		assert_int_equal(s.f[4].link, 113);
		assert_int_equal(s.f[5].ts_ns, UINT64_C(10000000000));
	}
}

static void
resolutions_and_offsets_of_pcapng(void **unused)
{
	static const struct { int resol; int64_t offset; uint64_t ticks, ns; } rows[] = {
		{ 0, 0, 3, UINT64_C(3000000000) },
		{ 3, 0, 3001, UINT64_C(3001000000) },
		{ 6, 0, 1500000000000000, UINT64_C(1500000000000000000) },
		{ 12, 0, 3000000000999, UINT64_C(3000000000) },
		{ 19, 0, UINT64_C(10000000000000000000), UINT64_C(1000000000) },
		{ 20, 0, UINT64_MAX, 184467440 },
		{ 0x7f, 0, UINT64_MAX, 1 },
		{ 0x80, 0, 2, UINT64_C(2000000000) },
		{ 0x80 | 32, 0, UINT64_C(3) << 32 | 1u << 31, UINT64_C(3500000000) },
		{ 0x80 | 63, 0, UINT64_C(3) << 62, UINT64_C(1500000000) },
		{ 0xff, 0, UINT64_MAX, 999999999 },
		{ 6, 10, 1000000, UINT64_C(11000000000) },
		{ 6, -1, 5000000, UINT64_C(4000000000) },
		{ 6, -10, 5000000, 0 },
		{ 6, INT64_MIN, 5000000, 0 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct maker m = { .be = i % 2 };
		struct seen s;

		mk_shb(&m);
		mk_idb(&m, 1, 0, rows[i].resol, rows[i].offset);
		mk_epb(&m, 0, rows[i].ticks, 1, 1, 1);
		s = read_all(&m);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.f[0].ts_ns, rows[i].ns);
	}
}

static void
a_packet_that_contradicts_its_block_is_left_out_and_counted(void **unused)
{
	struct maker m = { 0 };
	struct seen s;
	size_t at;

	(void)unused;
	mk_shb(&m);
	mk_epb(&m, 0, 1, 4, 4, 1);	/* before any interface */
	at = mk_open(&m, 3);
	mk32(&m, 4);
	mk_bytes(&m, "xxxx", 4);
	mk_close(&m, at);
	mk_idb(&m, 1, 0, -1, 0);
	mk_epb(&m, 7, 1, 4, 4, 1);	/* no such interface */
	at = m.n;
	mk_epb(&m, 0, 1, 4, 4, 1);
	m.b[at + 20] = 200;		/* claims more than the block has */
	at = mk_open(&m, 6);		/* too short for its own fields */
	mk32(&m, 0);
	mk_close(&m, at);
	mk_epb(&m, 0, 9, 4, 4, 2);
	s = read_all(&m);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.skipped, 5);
	assert_int_equal(s.f[0].ts_ns, 9000);
}

static void
malformed_options_leave_the_defaults(void **unused)
{
	struct maker m = { 0 };
	struct seen s;
	size_t at;

	(void)unused;
	mk_shb(&m);
	at = mk_open(&m, 1);
	mk16(&m, 1);
	mk16(&m, 0);
	mk32(&m, 0);
	mk16(&m, 2);			/* a name that claims 5000 bytes */
	mk16(&m, 5000);
	mk_bytes(&m, "eth0", 4);
	mk_close(&m, at);
	mk_epb(&m, 0, 9, 4, 4, 2);
	s = read_all(&m);
	assert_int_equal(s.n, 1);
	assert_int_equal(s.f[0].ts_ns, 9000);
}

static void
impossible_blocks_end_the_file(void **unused)
{
	static const uint32_t lengths[] = { 0, 4, 11, 13, 30, 0xfffffffcu };

	(void)unused;
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		struct maker m = { 0 };
		struct seen s;

		mk_shb(&m);
		mk_idb(&m, 1, 0, -1, 0);
		mk_epb(&m, 0, 9, 4, 4, 2);
		mk32(&m, 6);
		mk32(&m, lengths[i]);
		mk_bytes(&m, "................................", 32);
		s = read_all(&m);
		assert_int_equal(s.n, 1);
		assert_int_equal(s.last, CAPFILE_BAD);
	}
}

static void
two_lengths_that_differ_end_the_file(void **unused)
{
	struct maker m = { 0 };
	struct seen s;

	(void)unused;
	mk_shb(&m);
	mk_idb(&m, 1, 0, -1, 0);
	mk_epb(&m, 0, 9, 4, 4, 2);
	m.b[m.n - 4] ^= 4;
	s = read_all(&m);
	assert_int_equal(s.n, 0);
	assert_int_equal(s.last, CAPFILE_BAD);
}

static void
cut_at_every_offset(void **unused)
{
	(void)unused;
	for (unsigned k = 0; k < 2; k++) {
		struct maker m = { .be = k }, g = { .be = k };

		full_pcapng(&m);
		every_cut_gives_a_prefix(&m);
		mk_pcap(&g, 0xa1b2c3d4u, 1);
		mk_record(&g, 1, 2, 20, 20, 1);
		mk_record(&g, 2, 2, 0, 20, 1);
		mk_record(&g, 3, 2, 77, 90, 1);
		every_cut_gives_a_prefix(&g);
	}
}

/* Bytes that may mean anything: no crash, and an end. */
static void
survives(const uint8_t *data, size_t n)
{
	struct capfile f;
	struct frame frame = { 0 };
	volatile uint8_t sum = 0;
	unsigned frames = 0;

	assert_int_equal(capfile_open_memory(&f, guard(data, n), n, 64), 0);
	while (capfile_next(&f, &frame) == CAPFILE_FRAME) {
		for (uint32_t b = 0; b < frame.cap_len; b++)
			sum = (uint8_t)(sum + frame.data[b]);
		assert_true(++frames < MAX_FRAMES);
	}
	capfile_close(&f);
}

static void
every_byte_may_be_wrong(void **unused)
{
	static const uint8_t values[] = { 0x00, 0x01, 0x7f, 0x80, 0xff };
	struct maker m = { 0 };

	(void)unused;
	full_pcapng(&m);
	for (size_t i = 0; i < m.n; i++)
		for (size_t k = 0; k < sizeof(values); k++) {
			uint8_t was = m.b[i];

			m.b[i] = values[k];
			survives(m.b, m.n);
			m.b[i] = was;
		}
}

static size_t
pack(const void *data, size_t n, uint8_t *to, size_t room)
{
	z_stream z = { 0 };
	size_t len;

	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = (Bytef *)(uintptr_t)data;
	z.avail_in = (uInt)n;
	z.next_out = to;
	z.avail_out = (uInt)room;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	len = room - z.avail_out;
	deflateEnd(&z);
	return len;
}

static void
gzip_of_several_members_and_padding(void **unused)
{
	struct maker m = { 0 };
	uint8_t packed[4096] = { 0 };
	struct seen s;
	size_t n;

	(void)unused;
	full_pcapng(&m);
	for (size_t at = 0; at <= m.n; at += 7) {	/* members break inside records too */
		n = pack(m.b, at, packed, sizeof(packed));
		n += pack(m.b + at, m.n - at, packed + n, sizeof(packed) - n);
		s = read_window(packed, n, 64);
		assert_int_equal(s.n, 6);
		assert_false(s.partial);
		memset(packed + n, 0, 100);
		s = read_window(packed, n + 100, 4096);
		assert_int_equal(s.n, 6);
		assert_int_equal(s.last, CAPFILE_EOF);
		assert_false(s.partial);
	}
}

static void
gzip_cut_or_damaged(void **unused)
{
	struct maker m = { 0 };
	uint8_t packed[4096];
	size_t n;

	(void)unused;
	full_pcapng(&m);
	n = pack(m.b, m.n, packed, sizeof(packed));
	for (size_t cut = 3; cut < n; cut++) {
		struct seen s = read_window(packed, cut, 64);

		assert_int_equal(s.last, CAPFILE_EOF);
		assert_true(s.partial);
	}
	for (size_t i = 2; i < n; i++) {
		packed[i] ^= 0x55;
		survives(packed, n);
		packed[i] ^= 0x55;
	}
}

static void
a_stranger_is_named_with_what_to_do(void **unused)
{
	static const struct { const char *bytes, *says; size_t n; } rows[] = {
		{ "\x28\xb5\x2f\xfd....", "zstd -d", 8 },
		{ "PK\x03\x04....", "unzip", 8 },
		{ "hello world", "68 65 6c 6c", 11 },
		{ "\x0a\x0d\x0d\x0b....", "0a 0d 0d 0b", 8 },
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct seen s = read_window(rows[i].bytes, rows[i].n, 4096);

		assert_int_equal(s.last, CAPFILE_BAD);
		assert_non_null(strstr(s.bad, rows[i].says));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pcap_in_both_orders_and_both_resolutions),
		cmocka_unit_test(the_modified_record_header_is_longer),
		cmocka_unit_test(wire_length_is_never_less_than_captured),
		cmocka_unit_test(a_record_too_large_to_be_true_ends_the_file),
		cmocka_unit_test(pcapng_with_all_its_blocks),
		cmocka_unit_test(resolutions_and_offsets_of_pcapng),
		cmocka_unit_test(a_packet_that_contradicts_its_block_is_left_out_and_counted),
		cmocka_unit_test(malformed_options_leave_the_defaults),
		cmocka_unit_test(impossible_blocks_end_the_file),
		cmocka_unit_test(two_lengths_that_differ_end_the_file),
		cmocka_unit_test(cut_at_every_offset),
		cmocka_unit_test(every_byte_may_be_wrong),
		cmocka_unit_test(gzip_of_several_members_and_padding),
		cmocka_unit_test(gzip_cut_or_damaged),
		cmocka_unit_test(a_stranger_is_named_with_what_to_do),
	};

	return cmocka_run_group_tests_name("capture files", tests, NULL, NULL);
}
