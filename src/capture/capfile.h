/* capfile.h - one capture file: pcap or pcapng, found out by its magic.
 *
 * A frame is handed out in place.  A record that is not complete is not
 * consumed: the caller decides whether the end is the end (cut file) or only
 * the end for now (followed file, slow pipe).
 */
#ifndef CAPTURE_CAPFILE_H
#define CAPTURE_CAPFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "capture/source.h"
#include "record/frame.h"

enum capfile_step {
	CAPFILE_FRAME,	/* ts_ns, data, lengths and link are filled */
	CAPFILE_AGAIN,	/* a pipe has nothing yet */
	CAPFILE_EOF,	/* no complete record is left; source_partial() tells a cut */
	CAPFILE_BAD,	/* cannot go on: `bad` says why */
	CAPFILE_NONE	/* between the formats' own functions: a block without a frame */
};

enum capfile_format { FORMAT_UNKNOWN, FORMAT_PCAP, FORMAT_PCAPNG };

/* How an interface of a pcapng section counts time (if_tsresol). */
enum ng_scale { SCALE_MUL, SCALE_DIV, SCALE_SHIFT };

struct ng_iface {
	uint16_t	 link;
	uint8_t		 scale;		/* enum ng_scale */
	uint8_t		 shift;		/* SCALE_SHIFT: 2^-shift s */
	uint32_t	 snaplen;	/* 0: no limit */
	uint64_t	 factor;	/* SCALE_MUL, SCALE_DIV */
	int64_t		 offset_s;	/* if_tsoffset */
	uint64_t	 dropped;	/* as its last statistics say */
};

struct capfile {
	struct source		 src;
	enum capfile_format	 format;
	bool			 big_endian;
	char			 bad[192];

	/* pcap */
	uint16_t		 link;
	uint16_t		 header_len;	/* of a record */
	uint32_t		 tick_ns;	/* of the fraction: 1 or 1000 */
	bool			 old_lengths;	/* lengths may stand in the other order */
	bool			 always_swapped;

	/* pcapng: interfaces of the current section */
	struct ng_iface		*ifaces;	/* owned */
	unsigned		 n_ifaces, max_ifaces;
	unsigned		 lost_ifaces;	/* beyond the ceiling */
	uint64_t		 last_ns;	/* for simple packets, which have no time: that of the packet
						 * before, or of the file's last change */
	uint64_t		 untimed;	/* such packets */
	uint64_t		 skipped;	/* packet blocks that could not be used */
	uint64_t		 dropped;	/* packets that who wrote the file did not get */
};

/* Open without reading.  0, or -1 with `bad` filled. */
int	capfile_open(struct capfile *f, const char *path, size_t window);
int	capfile_open_memory(struct capfile *f, const void *data, size_t n, size_t window);
void	capfile_close(struct capfile *f);

/* Find out the format, if that was not done yet: CAPFILE_FRAME means it is known
 * (no frame was read).  CAPFILE_EOF: too short to tell. */
enum capfile_step capfile_identify(struct capfile *f);

/* The next frame; `number` and `source` are left alone. */
enum capfile_step capfile_next(struct capfile *f, struct frame *frame);

/* As many further frames as lie complete in the window, at most `max`: valid together with
 * the last one.  0 says nothing. */
unsigned capfile_ready(struct capfile *f, struct frame *frames, unsigned max);

/* Longest record that is believed for a link type, bytes. */
uint32_t capfile_max_record(uint16_t link);

/* Note why the file cannot be used further; gives CAPFILE_BAD. */
enum capfile_step capfile_fail(struct capfile *f, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* What source_need() gave up with, as a step. */
enum capfile_step capfile_wait(struct capfile *f);

/* file_pcap.c: `header` is the 24 bytes of the file header. */
#define PCAP_HEADER_LEN 24u
bool			pcap_is_magic(uint32_t magic_be);
void			pcap_begin(struct capfile *f, const uint8_t *header);
enum capfile_step	pcap_next_record(struct capfile *f, struct frame *frame);
unsigned		pcap_ready(struct capfile *f, struct frame *frames, unsigned max);

/* file_pcapng.c */
#define PCAPNG_SHB 0x0a0d0d0au
enum capfile_step	pcapng_next_packet(struct capfile *f, struct frame *frame);

#endif
