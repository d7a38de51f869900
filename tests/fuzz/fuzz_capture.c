/* Fuzz target: any bytes as a capture file, plain or gzip.
 *
 * The first byte chooses the size of the window; the rest is the file.  Frames
 * must lie inside memory, never be longer than is believed, and the number of
 * them is bounded by the bytes: every record has a header of its own.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "capture/capfile.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Read the file to its end; the number of frames. */
static uint64_t
run(const uint8_t *data, size_t len, size_t window)
{
	struct capfile f;
	struct frame frame = { 0 };
	enum capfile_step step;
	uint64_t frames = 0, offset = 0, sum = 0;

	if (capfile_open_memory(&f, data, len, window) != 0)
		return 0;
	while ((step = capfile_next(&f, &frame)) == CAPFILE_FRAME) {
		if (frame.cap_len > frame.wire_len)
			abort();
		if (frame.cap_len > capfile_max_record(frame.link))
			abort();
		for (uint32_t i = 0; i < frame.cap_len; i++)
			sum += frame.data[i];
		if (source_offset(&f.src) + f.src.skip < offset + 12)
			abort();	/* no progress */
		offset = source_offset(&f.src) + f.src.skip;
		frames++;
	}
	if (step == CAPFILE_BAD && f.bad[0] == '\0')
		abort();
	if (step == CAPFILE_NONE || step == CAPFILE_AGAIN)
		abort();
	(void)source_consumed(&f.src);
	capfile_close(&f);
	/* Keep the reads of the bytes. */
	return sum == UINT64_MAX ? 0 : frames;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	uint8_t *copy;
	size_t window;

	if (len < 1)
		return 0;
	window = 16u << (data[0] & 7u);
	copy = malloc(len > 1 ? len - 1 : 1);
	if (copy == NULL)
		return 0;
	memcpy(copy, data + 1, len - 1);
	/* The window must not change what is read. */
	if (run(copy, len - 1, window) != run(copy, len - 1, 65536))
		abort();
	free(copy);
	return 0;
}
