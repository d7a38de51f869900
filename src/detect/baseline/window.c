#include "detect/baseline/window.h"

#include <string.h>

static const struct { const char *name; uint64_t floor; } volumes[VOLUMES] = {
#define VOLUME(id, text, floor) { text, floor },
#include "detect/baseline/volumes.def"
};

bool
window_turn(struct window *w, uint64_t now_ns, struct window *over)
{
	uint64_t number = now_ns / WINDOW_NS;

	/* A packet that comes late belongs to the one before: it is counted in this one. */
	if (number <= w->number)
		return false;
	if (over != NULL)
		*over = *w;
	memset(w, 0, sizeof(*w));
	w->number = number;
	return true;
}

uint64_t
window_limit(enum volume what, uint64_t learned)
{
	uint64_t limit = learned < UINT64_MAX / WINDOW_FACTOR ? learned * WINDOW_FACTOR : UINT64_MAX;

	return limit > volumes[what].floor ? limit : volumes[what].floor;
}

bool
window_floods(uint64_t n, uint64_t limit)
{
	return n / WINDOW_FACTOR > limit;
}

const char *
volume_name(enum volume what)
{
	return volumes[what].name;
}
