/* After stream_open() nobody allocates, nDPI and libcrypto included: real
 * captures from THERMOWELL_CORPUS are read beforehand, then replayed with
 * malloc counted.  The rooms before this one are linked too, to have packets. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capture.h"
#include "decode/decode.h"
#include "stream/stream.h"

static bool counting;
static unsigned long n_allocations;

#if !defined(TW_SANITIZED) && defined(__GLIBC__)
/* In the program's own symbol table these win over the C library's, for every
 * shared library too. */
void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *p, size_t n);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);

void *
malloc(size_t n)
{
	n_allocations += counting;
	return __libc_malloc(n);
}

void *
calloc(size_t n, size_t size)
{
	n_allocations += counting;
	return __libc_calloc(n, size);
}

void *
realloc(void *p, size_t n)
{
	n_allocations += counting;
	return __libc_realloc(p, n);
}
#endif

struct run {
	struct stream	*st;
	unsigned long	 named, modbus;
	uint64_t	 bytes;
};

static void
on_data(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    const struct stream_at *at)
{
	struct run *r = arg;

	char id[COMMUNITY_ID_MAX];

	(void)dir, (void)p, (void)at;
	r->bytes += n;
	stream_community_id(f, 0, id);
}

static void
on_gap(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost, const struct stream_at *at)
{
	(void)arg, (void)f, (void)dir, (void)lost, (void)at;
}

static void
on_datagram(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n, bool cut,
    const struct stream_at *at)
{
	(void)cut;
	on_data(arg, f, dir, p, n, at);
}

static void
on_closed(void *arg, struct flow *f, enum flow_end_reason why, uint64_t now_ns)
{
	struct run *r = arg;

	(void)why, (void)now_ns;
	if (f->app_proto != NULL) {
		r->named++;
		r->modbus += strstr(f->app_proto, "modbus") != NULL;
	}
	if (getenv("STREAM_SHOW") != NULL)
		printf("%u %u %u\n", f->proto, f->port[0], f->port[1]);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg, (void)a;
}

static void
on_packet(void *arg, const struct packet *p)
{
	struct run *r = arg;
	bool was = counting;

	counting = true;
	stream_packet(r->st, p);
	counting = was;
}

static int
replay(const char *path)
{
	const struct capture_settings cs = { .snaplen = 262144 };
	const struct decode_settings ds = { .dedup = true, .dedup_window_us = 10000,
	    .dedup_slots = 4096, .defrag_datagrams = 64, .defrag_timeout_s = 30 };
	const struct stream_settings ss = { .max_flows = 10000, .segment_memory_mib = 16,
	    .flow_window_kib = 256, .gap_wait_ms = 1000, .tcp_timeout_s = 3600,
	    .tcp_new_timeout_s = 60, .tcp_closed_timeout_s = 10, .udp_timeout_s = 300, .udp_new_timeout_s = 30,
	    .other_timeout_s = 60, .ndpi = true, .ndpi_packets = 10 };
	static struct counters c;
	struct run r = { 0 };
	const struct stream_sink sink = { .data = on_data, .gap = on_gap, .datagram = on_datagram,
	    .closed = on_closed, .anomaly = on_anomaly, .arg = &r };
	const struct decode_sink dsink = { .packet = on_packet, .anomaly = on_anomaly, .arg = &r };
	struct err e = { 0 };
	struct capture *cap = capture_open_files(&cs, &path, 1, &c, &e);
	struct decoder *d = decode_open(&ds, &dsink, &c);
	struct frame f;
	uint64_t now = 0;

	if (cap == NULL || d == NULL) {
		err_print(&e, stderr);
		err_free(&e);
		return 0;
	}
	memset(&c, 0, sizeof(c));
	n_allocations = 0;
	r.st = stream_open(&ss, &sink, &c);
	if (r.st == NULL)
		return 1;
	while (capture_next(cap, &f) == CAPTURE_FRAME) {
		now = f.ts_ns;
		decode_frame(d, &f);
		counting = true;
		stream_tick(r.st, now);
		counting = false;
	}
	counting = true;
	stream_finish(r.st, now);
	counting = false;
	printf("%s: %llu flows, %lu named, %llu bytes, %lu allocations\n", path,
	    (unsigned long long)c.v[CNT_FLOW_TOTAL], r.named, (unsigned long long)r.bytes,
	    n_allocations);
	stream_close(r.st);
	decode_close(d);
	capture_close(cap);
	if (r.modbus > 0)
		fprintf(stderr, "%s: %lu flows called Modbus by nDPI\n", path, r.modbus);
	return n_allocations != 0 || r.modbus != 0;
}

int
main(int argc, char **argv)
{
	static const char *const folders[] = { "mixed", "negative" };
	const char *corpus = getenv("THERMOWELL_CORPUS");
	char path[4096];
	int bad = 0, run = 0;

	for (int i = 1; i < argc; i++)
		bad |= replay(argv[i]);
	if (argc > 1)
		return bad;
	if (corpus == NULL) {
		printf("skipped: THERMOWELL_CORPUS does not name a folder of captures\n");
		return 77;
	}
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		struct dirent **names;
		int n;

		snprintf(path, sizeof(path), "%s/%s", corpus, folders[i]);
		n = scandir(path, &names, NULL, alphasort);
		for (int k = 0; k < n; k++) {
			if (strstr(names[k]->d_name, ".pcap") != NULL) {
				snprintf(path, sizeof(path), "%s/%s/%s", corpus, folders[i],
				    names[k]->d_name);
				bad |= replay(path);
				run++;
			}
			free(names[k]);
		}
		if (n >= 0)
			free(names);
	}
	if (run == 0) {
		printf("skipped: %s has no captures in mixed/ and negative/\n", corpus);
		return 77;
	}
	return bad;
}
