/* lengths.c - what a message says of itself where its header is wrong.
 *
 * Who executes a job does not always look at every field of its header; what can be
 * read in spite of one is read, and the fault is an anomaly.
 */
#include "s7.h"

#include "base/str.h"

#define HEADER_LEN 10u

bool
s7_is_like(const uint8_t *p, uint32_t len)
{
	uint32_t own;

	if (len < HEADER_LEN || p[2] != 0 || p[3] != 0 || !s7_is_rosctr(p[1]))
		return false;
	own = HEADER_LEN + be16_of(p + 6) + be16_of(p + 8);
	return own == len || own + 2 == len;
}

uint8_t
s7_kind(const uint8_t *p, uint32_t len)
{
	uint32_t own;

	if (len < HEADER_LEN || s7_is_rosctr(p[1]))
		return len > 1 ? p[1] : 0;
	own = HEADER_LEN + be16_of(p + 6) + be16_of(p + 8);
	if (own + 2 == len)
		return S7_ACK_DATA;
	if (len >= HEADER_LEN + 3 && be24_of(p + HEADER_LEN) == 0x000112)
		return S7_USERDATA;
	return own == len ? S7_JOB : 0;
}

/* Bytes up to the end of a text with its length before it, which stands at `at`; 0: it
 * does not end here. */
static uint32_t
behind_text(const uint8_t *p, uint32_t left, uint32_t at)
{
	return at < left && at + 1u + p[at] <= left ? at + 1u + p[at] : 0;
}

/* Function, number of items, items of 0x12, length, ... filled up to even but for the
 * last. */
static uint32_t
behind_items(const uint8_t *p, uint32_t left)
{
	uint32_t at = 2, n = left > 1 ? p[1] : 0;

	for (uint32_t i = 0; i < n; i++) {
		if (at + 2 > left || p[at] != 0x12)
			return 0;
		at += 2u + p[at + 1];
		at += i + 1 < n ? at & 1u : 0;
	}
	return n > 0 && at <= left ? at : 0;
}

static uint32_t
job_len(const uint8_t *p, uint32_t left)
{
	uint32_t at;

	switch (p[0]) {
	case S7_READ_VAR:
	case S7_WRITE_VAR:
		return behind_items(p, left);
	case S7_REQUEST_DOWNLOAD:
		at = behind_text(p, left, 8);
		return at > 0 && at < left ? behind_text(p, left, at) : at;
	case S7_DOWNLOAD_BLOCK:
	case S7_DOWNLOAD_ENDED:
	case S7_START_UPLOAD:
		return behind_text(p, left, 8);
	case S7_UPLOAD:
	case S7_END_UPLOAD:
	case S7_SETUP:
		return 8;
	case S7_PI:
		at = left > 10 ? 10u + be16_of(p + 8) : 0;
		return at > 0 ? behind_text(p, left, at) : 0;
	case S7_STOP:
		return behind_text(p, left, 6);
	default:
		return 0;
	}
}

static uint32_t
answer_len(const uint8_t *p, uint32_t left)
{
	switch (p[0]) {
	case S7_READ_VAR:
	case S7_WRITE_VAR:
	case S7_DOWNLOAD_BLOCK:
	case S7_UPLOAD:
		return 2;
	case S7_START_UPLOAD:
		return behind_text(p, left, 8);
	case S7_SETUP:
		return 8;
	default:
		return 0;
	}
}

uint32_t
s7_param_len(uint8_t kind, const uint8_t *p, uint32_t left)
{
	uint32_t len = 0;

	if (left == 0)
		return 0;
	if (kind == S7_JOB)
		len = job_len(p, left);
	else if (kind == S7_USERDATA)
		len = left >= 4 && be24_of(p) == 0x000112 ? 4u + p[3] : 0;
	else if (kind == S7_ACK || kind == S7_ACK_DATA)
		len = answer_len(p, left);
	return len <= left ? len : 0;
}
