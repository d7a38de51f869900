#include "capture/capfile.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/str.h"

/* Link types whose frames may be larger than any network's. */
enum { LINK_USB = 189, LINK_USB_MMAPPED = 220, LINK_DBUS = 231, LINK_USBPCAP = 249,
       LINK_USB_DARWIN = 266 };

uint32_t
capfile_max_record(uint16_t link)
{
	switch (link) {
	case LINK_DBUS:
	case LINK_USB:
	case LINK_USB_MMAPPED:
	case LINK_USBPCAP:
	case LINK_USB_DARWIN:
		return 128u << 20;
	default:
		return 262144;	/* what libpcap and Wireshark believe too */
	}
}

enum capfile_step
capfile_fail(struct capfile *f, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(f->bad, sizeof(f->bad), fmt, ap);
	va_end(ap);
	return CAPFILE_BAD;
}

enum capfile_step
capfile_wait(struct capfile *f)
{
	switch (f->src.why) {
	case SOURCE_AGAIN:
		return CAPFILE_AGAIN;
	case SOURCE_FAILED:
		return capfile_fail(f, "%s", f->src.error);
	case SOURCE_EOF:
	default:
		return CAPFILE_EOF;
	}
}

int
capfile_open(struct capfile *f, const char *path, size_t window)
{
	*f = (struct capfile){ .format = FORMAT_UNKNOWN };
	if (source_open(&f->src, path, window) == 0)
		return 0;
	(void)capfile_fail(f, "%s", f->src.error);
	return -1;
}

int
capfile_open_memory(struct capfile *f, const void *data, size_t n, size_t window)
{
	*f = (struct capfile){ .format = FORMAT_UNKNOWN };
	if (source_open_memory(&f->src, data, n, window) == 0)
		return 0;
	(void)capfile_fail(f, "%s", f->src.error);
	return -1;
}

void
capfile_close(struct capfile *f)
{
	source_close(&f->src);
	free(f->ifaces);
	f->ifaces = NULL;
	f->n_ifaces = f->max_ifaces = 0;
}

/* Files that people hand us by mistake, and what to do with them. */
static const struct {
	const char	*magic;
	size_t		 len;
	const char	*what, *advice;
} not_captures[] = {
	{ "\x28\xb5\x2f\xfd", 4, "zstd-compressed data", "unpack it with `zstd -d` first" },
	{ "\xfd" "7zXZ", 5, "xz-compressed data", "unpack it with `xz -d` first" },
	{ "BZh", 3, "bzip2-compressed data", "unpack it with `bzip2 -d` first" },
	{ "\x04\x22\x4d\x18", 4, "lz4-compressed data", "unpack it with `lz4 -d` first" },
	{ "PK\x03\x04", 4, "a zip archive", "unpack it with `unzip` first" },
	{ "7z\xbc\xaf", 4, "a 7-zip archive", "unpack it with `7z x` first" },
	{ "snoop", 5, "a Solaris snoop capture", "convert it with `editcap -F pcap` first" },
	{ "RTSS", 4, "a Network Monitor capture", "convert it with `editcap -F pcap` first" },
	{ "GMBU", 4, "a Network Monitor capture", "convert it with `editcap -F pcap` first" },
	{ "XCP", 3, "a NetXRay capture", "convert it with `editcap -F pcap` first" },
	{ "TRSNIFF", 7, "a Sniffer capture", "convert it with `editcap -F pcap` first" },
	{ "\x7f" "ELF", 4, "a program", "give a capture file" },
};

static enum capfile_step
not_a_capture(struct capfile *f, const uint8_t *p, size_t n)
{
	char text[32];
	struct strbuf hex = strbuf_on(text, sizeof(text));

	for (size_t i = 0; i < COUNTOF(not_captures); i++)
		if (n >= not_captures[i].len && memcmp(p, not_captures[i].magic, not_captures[i].len) == 0)
			return capfile_fail(f, "not a capture file but %s; %s",
			    not_captures[i].what, not_captures[i].advice);
	for (size_t i = 0; i < n && i < 8; i++)
		strbuf_printf(&hex, "%s%02x", i > 0 ? " " : "", p[i]);
	return capfile_fail(f, "not a capture file: it begins with %s; give a pcap or pcapng "
	    "file, plain or gzip", text);
}

enum capfile_step
capfile_identify(struct capfile *f)
{
	const uint8_t *p;
	struct cursor c;
	uint32_t magic;

	if (f->format != FORMAT_UNKNOWN)
		return CAPFILE_FRAME;
	if (source_need(&f->src, 2) != NULL && source_detect_gzip(&f->src) != 0)
		return capfile_fail(f, "%s", f->src.error);
	p = source_need(&f->src, 4);
	if (p == NULL)
		return capfile_wait(f);
	c = cur_of(p, 4);
	magic = cur_be32(&c);
	if (magic == PCAPNG_SHB) {
		f->format = FORMAT_PCAPNG;
		return CAPFILE_FRAME;
	}
	if (!pcap_is_magic(magic))
		return not_a_capture(f, p, source_left(&f->src));
	p = source_need(&f->src, PCAP_HEADER_LEN);
	if (p == NULL)
		return capfile_wait(f);
	pcap_begin(f, p);
	source_use(&f->src, PCAP_HEADER_LEN);
	return CAPFILE_FRAME;
}

enum capfile_step
capfile_next(struct capfile *f, struct frame *frame)
{
	if (__builtin_expect(f->format == FORMAT_PCAP, 1))
		return pcap_next_record(f, frame);
	if (f->format == FORMAT_UNKNOWN) {
		enum capfile_step step = capfile_identify(f);

		if (step != CAPFILE_FRAME)
			return step;
		if (f->format == FORMAT_PCAP)
			return pcap_next_record(f, frame);
	}
	return pcapng_next_packet(f, frame);
}

unsigned
capfile_ready(struct capfile *f, struct frame *frames, unsigned max)
{
	return f->format == FORMAT_PCAP ? pcap_ready(f, frames, max) : 0;
}
