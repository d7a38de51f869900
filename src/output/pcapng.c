#include "output/pcapng.h"

#include <errno.h>
#include <string.h>

enum { BLOCK_SECTION = 0x0a0d0d0a, BLOCK_INTERFACE = 1, BLOCK_PACKET = 6, BYTE_ORDER_MAGIC = 0x1a2b3c4d };
enum { OPT_END = 0, OPT_COMMENT = 1, OPT_APPLICATION = 4, OPT_IF_NAME = 2, OPT_IF_RESOLUTION = 9 };
#define TEXT_MAX 4096u	/* bytes of an option */

static uint32_t
padded(uint32_t n)
{
	return (n + 3) & ~UINT32_C(3);
}

/* In the byte order of this machine, which the magic of the section states. */
static bool
put(struct pcapng *p, const void *data, size_t n)
{
	return n == 0 || fwrite(data, 1, n, p->to) == n;
}

static bool
put32(struct pcapng *p, uint32_t v)
{
	return put(p, &v, sizeof(v));
}

static bool
put_padded(struct pcapng *p, const void *data, uint32_t n)
{
	static const uint8_t zero[3];

	return put(p, data, n) && put(p, zero, padded(n) - n);
}

static uint32_t
text_len(const char *text)
{
	return text != NULL ? (uint32_t)strnlen(text, TEXT_MAX) : 0;
}

/* Bytes that an option takes; an empty one is left out. */
static uint32_t
option_len(uint32_t n)
{
	return n > 0 ? 4 + padded(n) : 0;
}

static bool
put_option(struct pcapng *p, uint16_t code, const void *data, uint32_t n)
{
	const uint16_t head[2] = { code, (uint16_t)n };

	return n == 0 || (put(p, head, sizeof(head)) && put_padded(p, data, n));
}

static bool
put_end(struct pcapng *p, uint32_t options, uint32_t block)
{
	return (options == 0 || put32(p, OPT_END)) && put32(p, block);
}

bool
pcapng_begin(struct pcapng *p, FILE *to, const char *application, const char *comment)
{
	const uint32_t app = text_len(application), text = text_len(comment);
	const uint32_t options = option_len(app) + option_len(text);
	const uint32_t block = 28 + options + (options > 0 ? 4 : 0);
	const uint16_t version[2] = { 1, 0 };

	p->to = to;
	p->n = 0;
	errno = 0;
	/* The length of the section, 8 bytes of ones: not stated. */
	return put32(p, BLOCK_SECTION) && put32(p, block) && put32(p, BYTE_ORDER_MAGIC) &&
	    put(p, version, sizeof(version)) && put32(p, UINT32_MAX) && put32(p, UINT32_MAX) &&
	    put_option(p, OPT_COMMENT, comment, text) && put_option(p, OPT_APPLICATION, application, app) &&
	    put_end(p, options, block);
}

static bool
put_interface(struct pcapng *p, uint16_t link, const char *name)
{
	const uint32_t len = text_len(name), options = option_len(len) + option_len(1);
	const uint32_t block = 20 + options + 4;
	const uint16_t head[2] = { link, 0 };
	const uint8_t nanoseconds = 9;

	return put32(p, BLOCK_INTERFACE) && put32(p, block) && put(p, head, sizeof(head)) && put32(p, 0) &&
	    put_option(p, OPT_IF_NAME, name, len) && put_option(p, OPT_IF_RESOLUTION, &nanoseconds, 1) &&
	    put_end(p, options, block);
}

bool
pcapng_frame(struct pcapng *p, const struct frame *f, const char *source_name, const char *comment)
{
	const uint32_t text = text_len(comment), options = option_len(text);
	const uint32_t block = 32 + padded(f->cap_len) + options + (options > 0 ? 4 : 0);
	uint32_t i = 0;

	errno = 0;
	while (i < p->n && (p->of[i].source != f->source || p->of[i].link != f->link))
		i++;
	if (i == PCAPNG_INTERFACES)
		return false;
	if (i == p->n) {
		p->of[i].source = f->source;
		p->of[i].link = f->link;
		p->n++;
		if (!put_interface(p, f->link, source_name))
			return false;
	}
	return put32(p, BLOCK_PACKET) && put32(p, block) && put32(p, i) && put32(p, (uint32_t)(f->ts_ns >> 32)) &&
	    put32(p, (uint32_t)f->ts_ns) && put32(p, f->cap_len) && put32(p, f->wire_len) &&
	    put_padded(p, f->data, f->cap_len) && put_option(p, OPT_COMMENT, comment, text) && put_end(p, options, block);
}
