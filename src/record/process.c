#include "record/process.h"

#include <string.h>

#include "base/hash.h"
#include "base/str.h"

const char *
process_why_text(unsigned why)
{
	static const char *const texts[] = {
#define PROCESS_WHY(id, text, what) text,
#include "record/process.def"
	};

	return why < COUNTOF(texts) ? texts[why] : "";
}

const char *
process_kind_text(unsigned kind)
{
	static const char *const texts[] = {
#define PROCESS_KIND(id, text, what) text,
#include "record/process.def"
	};

	return kind < COUNTOF(texts) ? texts[kind] : "";
}

const char *
process_quality_text(uint32_t quality)
{
	return (quality & PROCESS_BAD) != 0 ? "bad" : (quality & PROCESS_UNSURE) != 0 ? "unsure" : "good";
}

uint64_t
process_series(const char *tag)
{
	/* Fewer bits take less space in each row of the database. */
	uint64_t h = hash_bytes(HASH_REPLAY_KEY, tag, strlen(tag)) >> 17;

	return h != 0 ? h : 1;
}
