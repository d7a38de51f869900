#include "detect/baseline/life.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/hmap.h"
#include "base/str.h"

#define HOUR_NS 3600000000000ull

struct lives {
	struct life	*all;
	uint32_t	 n, used;
	struct hmap	 map;
	uint64_t	 key;
	struct counters	*counters;
};

struct lives *
lives_open(uint64_t n, uint64_t hash_key, struct counters *counters)
{
	struct lives *ls = calloc(1, sizeof(*ls));

	if (ls == NULL)
		return NULL;
	*ls = (struct lives){ .n = (uint32_t)n, .key = hash_key, .counters = counters };
	ls->all = calloc((size_t)n, sizeof(*ls->all));
	if (ls->all == NULL || hmap_open(&ls->map, ls->n) != 0) {
		lives_close(ls);
		return NULL;
	}
	return ls;
}

void
lives_close(struct lives *ls)
{
	if (ls == NULL)
		return;
	hmap_close(&ls->map);
	free(ls->all);
	free(ls);
}

size_t
lives_memory(const struct lives *ls)
{
	return sizeof(*ls) + ls->n * sizeof(*ls->all) + hmap_memory(&ls->map);
}

static uint64_t
hash_of(const struct lives *ls, const struct addr *owner, unsigned kind)
{
	return hash_bytes(ls->key + kind, owner, sizeof(*owner));
}

struct life *
lives_find(struct lives *ls, const struct addr *owner, unsigned kind)
{
	uint64_t hash = hash_of(ls, owner, kind);

	for (uint32_t i = hmap_first(&ls->map, hash); i != HMAP_END; i = hmap_next(&ls->map, hash, i)) {
		struct life *l = &ls->all[hmap_value(&ls->map, i)];

		if (l->kind == kind && addr_same(&l->owner, owner))
			return l;
	}
	return NULL;
}

struct life *
lives_get(struct lives *ls, const struct addr *owner, unsigned kind, uint64_t now_ns)
{
	struct life *l = lives_find(ls, owner, kind);

	if (l != NULL)
		return l;
	if (ls->used == ls->n) {
		count(ls->counters, CNT_BASELINE_LIVES);
		return NULL;
	}
	l = &ls->all[ls->used];
	*l = (struct life){ .owner = *owner, .kind = (uint8_t)kind, .since_ns = now_ns, .hour_ns = now_ns, .changed = true };
	(void)hmap_put(&ls->map, hash_of(ls, owner, kind), ls->used++);
	return l;
}

uint32_t
lives_count(const struct lives *ls)
{
	return ls->used;
}

struct life *
lives_at(struct lives *ls, uint32_t i)
{
	return i < ls->used ? &ls->all[i] : NULL;
}

/* ---- one ------------------------------------------------------------------------ */

static void
turn(struct life *l, uint64_t now_ns)
{
	uint64_t hours = now_ns > l->hour_ns ? (now_ns - l->hour_ns) / HOUR_NS : 0;

	if (hours == 0)
		return;
	l->before = hours == 1 ? l->fresh : 0;
	l->fresh = 0;
	l->hour_ns += hours * HOUR_NS;
}

void
life_fresh(struct life *l, uint64_t now_ns)
{
	turn(l, now_ns);
	l->fresh++;
	l->facts++;
	l->changed = true;
}

uint32_t
life_rate(const struct life *l, uint64_t now_ns)
{
	struct life now = *l;
	uint64_t left;

	turn(&now, now_ns);
	left = HOUR_NS - (now_ns > now.hour_ns ? now_ns - now.hour_ns : 0);
	return now.fresh + (uint32_t)((double)now.before * (double)left / (double)HOUR_NS + 0.5);
}

static void
enter(struct life *l, enum life_stage stage, uint64_t since_ns)
{
	l->stage = (uint8_t)stage;
	l->since_ns = since_ns;
	l->changed = true;
}

/* Learn an hour longer. */
static void
extend(struct life *l, const struct baseline_settings *s, uint32_t rate, uint64_t now_ns)
{
	const uint64_t learn_ns = s->learn_s * 1000000000u;

	enter(l, LIFE_LEARN, now_ns - (learn_ns > HOUR_NS ? learn_ns - HOUR_NS : 0));
	l->extended++;
	l->why = rate;
}

void
life_advance(struct life *l, const struct baseline_settings *s, uint64_t now_ns)
{
	while (l->stage < LIFE_DETECT) {
		uint64_t due_ns = l->since_ns + (l->stage == LIFE_LEARN ? s->learn_s : s->review_s) * 1000000000u;
		uint32_t rate = life_rate(l, due_ns < now_ns ? due_ns : now_ns);

		/* Nobody asks while nothing is new: what was due then is done as of then, not when somebody comes at last. */
		if (l->stage == LIFE_REVIEW && rate > s->settled)
			extend(l, s, rate, due_ns < now_ns ? due_ns : now_ns);
		else if (due_ns > now_ns)
			return;
		else if (rate > s->settled)
			extend(l, s, rate, due_ns);
		else
			enter(l, l->stage == LIFE_LEARN ? LIFE_REVIEW : LIFE_DETECT, due_ns);
	}
}

uint64_t
life_forecast(const struct life *l, const struct baseline_settings *s, uint64_t now_ns)
{
	uint64_t at;

	if (l->stage >= LIFE_DETECT)
		return 0;
	at = l->since_ns + (l->stage == LIFE_LEARN ? s->learn_s + s->review_s : s->review_s) * 1000000000u;
	return at > now_ns ? at : now_ns;
}

static const char *const stages[LIFE_STAGES] = { "learn", "review", "detect", "locked" };

const char *
life_stage_text(unsigned stage)
{
	return stages[stage < LIFE_STAGES ? stage : 0];
}

void
life_row(const struct life *l, struct keep_life *to, uint64_t now_ns)
{
	struct strbuf b;

	memset(to, 0, sizeof(*to));
	to->of.addr = l->owner;
	b = strbuf_on(to->fact, sizeof(to->fact));
	strbuf_put(&b, fact_row(l->kind)->text);
	b = strbuf_on(to->stage, sizeof(to->stage));
	strbuf_put(&b, life_stage_text(l->stage));
	b = strbuf_on(to->why, sizeof(to->why));
	if (l->extended > 0)
		strbuf_printf(&b, "%u new facts in an hour", (unsigned)l->why);
	to->extended = l->extended;
	to->since_ns = l->since_ns;
	to->facts = l->facts;
	to->fresh = life_rate(l, now_ns);
}

bool
life_from(const struct keep_life *row, struct life *to)
{
	unsigned kind = fact_kind_by_text(row->fact), stage = 0;
	unsigned why = 0;

	while (stage < LIFE_STAGES && strcmp(stages[stage], row->stage) != 0)
		stage++;
	if (kind == FACT_KIND_COUNT || stage == LIFE_STAGES)
		return false;
	(void)sscanf(row->why, "%u", &why);
	*to = (struct life){ .owner = row->of.addr, .kind = (uint8_t)kind, .stage = (uint8_t)stage, .extended = row->extended,
	    .why = why, .since_ns = row->since_ns, .hour_ns = row->since_ns, .facts = row->facts };
	return true;
}
