#include "detect/health/health.h"

#include <stdlib.h>

#include "detect/emit.h"

void *
health_open(const struct detect_env *env, size_t size, size_t of_unit)
{
	struct health *h = calloc(1, size);

	if (h == NULL)
		return NULL;
	h->env = *env;
	h->s = &env->settings->detect;
	h->size = size;
	h->off = !h->s->health;
	if (of_unit > 0 && !h->off)
		h->of_unit = assets_slot(env->assets, ASSET_UNIT, of_unit);
	return h;
}

bool
health_idle(const void *d)
{
	return ((const struct health *)d)->off;
}

size_t
health_memory(const void *d)
{
	return ((const struct health *)d)->size;
}

void
health_once_more(const struct health *h, enum alert_type type, const struct operation *op,
    bool from_server, uint64_t ts_ns, struct rate_count *count, const struct rate_settings *r)
{
	uint32_t n = rate_add(count, ts_ns, r->within_s);
	struct finding f;

	if (n < r->n)
		return;
	f = finding_from_operation(&h->env, type, op, from_server);
	finding_add_rate(&f, n, r);
	emit(&h->env, &f);
}
