/* stage.c - is a kind of facts of a device learned now, reviewed, or judged by? */
#include "detect/baseline/inside.h"

#include <string.h>

#include "base/hash.h"

/* Each poll asks once a minute, each write always: its owners are kept. */
static struct known_owner *
known_owner(struct baseline *b, const struct addr *owner, unsigned kind)
{
	struct known_owner *o;
	uint64_t at[2];

	memcpy(at, owner, sizeof(at));
	o = &b->owners[hash_mix(at[0] ^ kind ^ 0xa0761d6478bd642fu, at[1] ^ 0xe7037ed1a0b428dbu) % OWNERS];
	if (o->lives == 0 || o->kind != kind || !addr_same(&o->owner, owner))
		*o = (struct known_owner){ .owner = *owner, .kind = (uint8_t)kind };
	if (o->life == NULL && o->lives != lives_count(b->lives) + 1) {
		o->life = lives_find(b->lives, owner, kind);
		o->lives = lives_count(b->lives) + 1;
	}
	return o;
}

/* A device that came while its neighbours were known: what is about itself is learned for a while. */
static bool
is_settling(struct baseline *b, struct known_owner *o, uint64_t now_ns)
{
	const struct fact_key k = { .kind = FACT_KIND_DEVICE, .server = o->owner };
	struct fact *f;

	if (o->epoch == facts_known_epoch(b->facts))
		return false;
	f = facts_find(b->facts, &k);
	if (f == NULL || f->state != FACT_OPEN) {
		o->epoch = f != NULL ? facts_known_epoch(b->facts) : 0;
		return false;
	}
	if (now_ns < f->first_ns + b->s->new_device_s * SECOND)	/* clocks are set back, too */
		return true;
	(void)facts_set_state(b->facts, f, FACT_LEARNED);
	return false;
}

static enum baseline_mode
mode_at(const struct baseline *b, uint64_t now_ns)
{
	if (b->s->learn_first_s > 0 && !b->mode_set)
		return now_ns < b->first_ns + b->s->learn_first_s * SECOND ? BASELINE_LEARN : BASELINE_DETECT;
	return (enum baseline_mode)b->mode;
}

/* Learning of a kind of facts that a device never had begins with the device, not when the first of them comes. */
static uint64_t
known_since(struct baseline *b, const struct addr *owner, unsigned kind, uint64_t now_ns)
{
	const struct fact_key k = { .kind = FACT_KIND_DEVICE, .server = *owner };
	const struct fact *f = facts_find(b->facts, &k);

	/* A device has tags when somebody gives it some. */
	if (kind == FACT_KIND_TAG || kind == FACT_KIND_NEW_TAG || kind == FACT_KIND_TAG_RATE)
		return now_ns;
	return f != NULL && f->first_ns < now_ns ? f->first_ns : now_ns;
}

/* Of one owner. */
static enum life_stage
stage_of_owner(struct baseline *b, const struct addr *owner, unsigned kind, uint64_t now_ns)
{
	struct known_owner *o = known_owner(b, owner, kind);
	struct life *l = o->life;

	if (l != NULL && l->stage == LIFE_LOCKED)
		return LIFE_LOCKED;
	switch (mode_at(b, now_ns)) {
	case BASELINE_LEARN:
		return LIFE_LEARN;
	case BASELINE_AUTO:
		if (l == NULL)
			l = lives_get(b->lives, owner, kind, known_since(b, owner, kind, now_ns));
		if (l == NULL)
			return LIFE_DETECT;
		life_advance(l, b->s, now_ns);
		b->lives_changed |= l->changed;
		return (enum life_stage)l->stage;
	default:
		return kind != FACT_KIND_DEVICE && is_settling(b, o, now_ns) ? LIFE_LEARN : LIFE_DETECT;
	}
}

enum life_stage
baseline_stage(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	enum life_stage last = LIFE_LEARN;
	const struct addr *owner;

	for (unsigned i = 0; (owner = fact_owner(k, i)) != NULL; i++) {
		enum life_stage stage = stage_of_owner(b, owner, k->kind, now_ns);

		last = stage > last ? stage : last;
	}
	return last;
}

bool
baseline_learns(struct baseline *b, const struct fact_key *k, uint64_t now_ns)
{
	return baseline_stage(b, k, now_ns) <= LIFE_REVIEW;
}
