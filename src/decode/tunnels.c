#include "decode/tunnels.h"

#include <stddef.h>

/* The number at *text, and past its comma; 0: none. */
static uint16_t
port_of(const char **text)
{
	uint32_t v = 0;

	for (; **text != '\0' && **text != ','; ++*text)
		if (**text >= '0' && **text <= '9' && v <= UINT16_MAX)
			v = v * 10 + (uint32_t)(**text - '0');
	if (**text == ',')
		++*text;
	return v <= UINT16_MAX ? (uint16_t)v : 0;
}

static void
take(struct tunnels *t, enum tunnel_kind kind, const char *ports)
{
	while (*ports != '\0' && t->n < TUNNEL_PORTS) {
		uint16_t port = port_of(&ports);

		if (port == 0 || tunnels_of(t, port) != TUNNEL_NONE)
			continue;	/* "none" */
		t->bits[port / 64] |= UINT64_C(1) << (port % 64);
		t->of[t->n].port = port;
		t->of[t->n++].kind = (uint8_t)kind;
	}
}

void
tunnels_open(struct tunnels *t, const struct tunnel_settings *s)
{
	*t = (struct tunnels){ .n = 0 };
#define TUNNEL(id, member, name, ports, what) \
	take(t, TUNNEL_##id, s->member != NULL ? s->member : ports);
#include "record/tunnels.def"
#undef TUNNEL
}

enum tunnel_kind
tunnels_of(const struct tunnels *t, uint16_t port)
{
	for (unsigned i = 0; i < t->n; i++)
		if (t->of[i].port == port)
			return (enum tunnel_kind)t->of[i].kind;
	return TUNNEL_NONE;
}
