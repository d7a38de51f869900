#include "detect/baseline/pace.h"

/* Codes of the fastest and the slowest, as learned and, above those, as they deviated. */
#define BITS	12u
#define LEARNED	((1ull << 2 * BITS) - 1)

static uint64_t
packed(const struct fact *f)
{
	return fact_whole(f->n[PACE_NUMBER], (1ull << 4 * BITS) - 1);
}

static struct pace
unpack(uint64_t from)
{
	const uint16_t mask = (1u << BITS) - 1;

	return (struct pace){ .fastest = from & mask, .slowest = from >> BITS & mask };
}

static uint64_t
pack(struct pace p)
{
	return p.fastest | (uint64_t)p.slowest << BITS;
}

struct pace
pace_of(const struct fact *f)
{
	uint64_t both = packed(f);

	return f->state == FACT_ACCEPTED ? pace_union(unpack(both), unpack(both >> 2 * BITS)) : unpack(both);
}

bool
pace_is_kept(const struct fact *f, struct pace p)
{
	return pack(p) == (packed(f) & LEARNED);
}

void
pace_keep(struct fact *f, struct pace p)
{
	f->n[PACE_NUMBER].d = (double)((packed(f) & ~LEARNED) | pack(p));
}

void
pace_note_beyond(struct fact *f, uint64_t median_ns)
{
	uint64_t both = packed(f);
	struct pace beyond = unpack(both >> 2 * BITS);

	pace_learn(&beyond, median_ns);
	f->n[PACE_NUMBER].d = (double)((both & LEARNED) | pack(beyond) << 2 * BITS);
}
