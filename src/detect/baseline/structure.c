/* structure.c - who speaks to whom by which protocol, and what they ask for. */
#include "detect/baseline/model.h"

#include <stdlib.h>

#include "base/str.h"

struct structure {
	struct baseline	*b;
};

static void *
structure_open(struct baseline *b, struct err *e)
{
	struct structure *m = calloc(1, sizeof(*m));

	(void)e;
	if (m != NULL)
		m->b = b;
	return m;
}

static bool
structure_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct structure *m = arg;
	const struct fact_key k = { .kind = FACT_KIND_PEER, .proto = (uint8_t)s->op->proto,
	    .client = s->addr[OP_CLIENT], .server = s->addr[OP_SERVER] };

	if (baseline_see(m->b, &k, s, &d->fact) != BASELINE_NEW)
		return false;
	d->type = ALERT_BASELINE_PEER;
	return true;
}

static size_t
structure_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct structure);
}

const struct model model_structure = {
	.name = "structure",
	.open = structure_open,
	.operation = structure_operation,
	.memory = structure_memory,
	.close = free,
};
