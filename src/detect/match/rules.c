/* rules.c - the detector that runs rules: its life, and reading rules again.
 *
 * Each packet, each run of bytes and each side of an operation asks the index for
 * the rules that could match it (candidates.c), and holds those against it in the
 * set's order (payload.c, operations.c, judge.c).
 */
#include "detect/match/rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "detect/match/match.h"

#define WAITING_LEAST	64u

static void
say(const struct err *e, enum log_level level)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next)
		log_msg(level, "rules", "%s:%d:%d: %s", it->file != NULL ? it->file : "rules", it->line,
		    it->column, it->text);
}

/* Are rule files named, or only those that may have come with the program? */
static bool
has_files(const struct settings *s)
{
	return s->rules.files != NULL && s->rules.files[0] != '\0' && strcmp(s->rules.files, "auto") != 0 &&
	    strcmp(s->rules.files, "none") != 0;
}

static void
add_all(struct err *to, const struct err *from)
{
	for (const struct err_item *it = from->first; it != NULL; it = it->next)
		err_add(to, it->file, it->line, it->column, "%s", it->text);
}

/* Rules that ask how far a value moved need what it was. */
static int
keep_past(const struct detect_env *env, const struct rule_set *set)
{
	for (uint32_t i = 0; env->tags != NULL && i < set->n_rules; i++)
		for (uint32_t k = 0; k < set->rules[i].n_opts; k++)
			if (set->rules[i].opts[k].word == RW_OT_CHANGE &&
			    tag_reader_keep_past(env->tags, set->rules[i].opts[k].change.tag) != 0)
				return -1;
	return 0;
}

/* All rule files as they are now.  NULL: problems in `e`, which rules that do not load are
 * only with rules.strict, or when there is no other: else the good ones run, and the bad
 * ones are named - at start in the log, at a reload in `e`, for whoever asked. */
static struct match_set *
load(const struct detect_env *env, bool again, struct err *e)
{
	struct rule_set set = { 0 };
	struct err notes = { 0 }, problems = { 0 };
	const struct rules_from from = { .settings = &env->settings->rules, .zones = &env->settings->zones, .lookup = env->names,
	    .tags = env->tags != NULL ? tag_reader_next(env->tags) : NULL,
	    .unnamed = !env->settings->stream.ndpi && env->names != NULL };
	bool ok = rules_load_settings(&set, &from, &problems, &notes), strict = env->settings->rules.strict;
	char summary[128];

	say(&notes, LOG_NOTE);
	if (again || strict || set.n_rules == 0)
		add_all(e, &problems);
	else
		say(&problems, LOG_WARN);
	if (set.n_rules + set.n_bad + set.n_skipped > 0) {
		rule_set_summary(&set, summary, sizeof(summary));
		log_info("rules", "%s", summary);
	}
	/* Files that give no rule at all are no mistake in one of them. */
	if (problems.n > 0 && set.n_rules == 0) {
		err_add(e, NULL, 0, 0, "no rule could be loaded; thermowell rules check FILE reads rules alone");
		ok = false;
	} else if (problems.n > 0 && strict) {
		err_add(e, NULL, 0, 0, "rules.strict: with a problem in one rule none is taken");
		ok = false;
	}
	err_free(&notes);
	err_free(&problems);
	ok = ok && keep_past(env, &set) == 0;
	if (!ok) {
		if (e->n == 0)
			err_add(e, NULL, 0, 0, "not enough memory for the rules");
		rule_set_free(&set);
		return NULL;
	}
	return match_set_open(&set, e);
}

/* What is known of flows moves along: the old number of each flowbit's name, and the new. */
static int
move_flowbits(struct match *d, const struct match_set *s)
{
	uint32_t *to = NULL, n_old = d->set != NULL ? d->set->rules.n_flowbits : 0;
	int r;

	if (!s->needs_marks)
		return 0;
	if (n_old > 0 && (to = calloc(n_old, sizeof(*to))) == NULL)
		return -1;
	for (uint32_t i = 0; i < n_old; i++) {
		to[i] = UINT32_MAX;
		for (uint32_t k = 0; k < s->rules.n_flowbits; k++)
			if (strcmp(d->set->rules.flowbits[i], s->rules.flowbits[k]) == 0)
				to[i] = k;
	}
	r = memory_names(d->memory, s->rules.n_flowbits, to, n_old);
	free(to);
	return r;
}

/* What a user needs for one set. */
struct buffers {
	uint32_t		*cand, *stamp, *pool;
	uint64_t		*hits;
	struct waiting		*waiting;
	struct patterns_scratch	*scratch;
};

static void
buffers_free(const struct buffers *r)
{
	free(r->cand);
	free(r->stamp);
	free(r->pool);
	free(r->hits);
	free(r->waiting);
	patterns_scratch_close(r->scratch);
}

static struct buffers
buffers_of(const struct match *d)
{
	return (struct buffers){ d->cand, d->stamp, d->classes.pool, d->hits, d->waiting, d->scratch };
}

int
match_use(struct match *d, const struct match_set *s)
{
	const uint32_t waiting = WAITING_LEAST + 2 * s->n_waiters, pool = class_pool_size(s);
	const struct buffers old = buffers_of(d);
	struct buffers r = {
		.cand = calloc(s->n + 1, sizeof(*r.cand)),
		.stamp = calloc(s->n + 1, sizeof(*r.stamp)),
		.pool = calloc(pool, sizeof(*r.pool)),
		.hits = calloc(s->rules.n_rules + 1, sizeof(*r.hits)),
		.waiting = calloc(waiting, sizeof(*r.waiting)),
	};

	if (r.cand == NULL || r.stamp == NULL || r.pool == NULL || r.hits == NULL || r.waiting == NULL ||
	    patterns_scratch_open(&r.scratch, s->patterns) != 0 || move_flowbits(d, s) != 0) {
		buffers_free(&r);
		return -1;
	}
	buffers_free(&old);
	d->set = s;
	d->cand = r.cand;
	d->stamp = r.stamp;
	d->turn = 0;
	d->hits = r.hits;
	d->scratch = r.scratch;
	d->classes.pool = r.pool;
	d->classes.size = pool;
	class_table_clear(&d->classes);
	d->waiting = r.waiting;
	d->waiting_max = waiting;
	d->n_waiting = 0;
	/* Their numbers were those of the old set. */
	memset(d->unnamed, 0, sizeof(d->unnamed));
	d->env.counters->v[CNT_RULES_LOADED] = s->rules.n_rules;
	return 0;
}

static void
match_close(void *arg)
{
	struct match *d = arg;
	const struct buffers buffers = buffers_of(d);

	match_set_close(d->set);
	match_set_close(atomic_load(&d->next));
	memory_close(d->memory);
	slots_close(&d->tails);
	re_scratch_close(d->run.re);
	buffers_free(&buffers);
	free(d);
}

static void *
match_open(const struct detect_env *env, struct err *e)
{
	struct match *d = calloc(1, sizeof(*d));
	struct match_set *s;

	if (d == NULL)
		return NULL;
	d->env = *env;
	d->flow_slot = flow_slot_reserve(env->slots, sizeof(struct flow_rules));
	d->memory = memory_open(env->counters, env->key);
	d->run.re = re_scratch_open();
	if (d->memory == NULL || d->run.re == NULL || stream_tails_open(&d->tails, env->counters, env->key) != 0) {
		match_close(d);
		return NULL;
	}
	s = load(env, false, e);
	if (s == NULL || match_use(d, s) != 0) {
		match_set_close(s);
		match_close(d);
		return NULL;
	}
	return d;
}

static int
match_prepare(void *arg, struct err *e)
{
	struct match *d = arg;
	struct match_set *s = load(&d->env, true, e);

	if (s == NULL)
		return -1;
	match_set_close(atomic_exchange(&d->next, s));
	return 0;
}

static bool
match_swap(void *arg)
{
	struct match *d = arg;
	const struct match_set *old, *s = atomic_exchange(&d->next, NULL);

	if (s == NULL)
		return false;
	old = d->set;
	if (match_use(d, s) != 0) {
		match_set_close(s);
		return false;
	}
	match_set_close(old);
	count(d->env.counters, CNT_RULES_RELOADS);
	return true;
}

static bool
match_idle(const void *arg)
{
	const struct match *d = arg;

	return d->set->n == 0 && !has_files(d->env.settings);
}

static bool
match_skips(const void *arg, enum detect_call what)
{
	const struct match *d = arg;
	const struct match_set *s = d->set;

	switch (what) {
	case DETECT_SEGMENT:
		return !s->any_packet && !s->needs_header;
	case DETECT_PACKET:
		return !s->any_packet && !s->needs_header && !s->any_bytes;
	case DETECT_HEADER:
		return !s->any_packet && !s->any_bytes;
	case DETECT_BYTES:
		return !s->any_bytes;
	case DETECT_OPERATION:
		return !s->any_op;
	case DETECT_ANOMALY:
		return !s->any_event;
	default:
		return false;
	}
}

static size_t
match_memory_size(const void *arg)
{
	const struct match *d = arg;

	return sizeof(*d) + d->set->memory + memory_size(d->memory) + slots_memory(&d->tails) +
	    d->classes.size * sizeof(*d->classes.pool) + 2 * d->set->n * sizeof(*d->cand) +
	    d->set->rules.n_rules * sizeof(*d->hits) + d->waiting_max * sizeof(*d->waiting);
}

const struct detector rules_detector = {
	.name = "rules",
	.open = match_open,
	.packet = match_packet,
	.segment = match_packet,
	.header = match_header,
	.bytes = match_bytes,
	.operation = match_operation,
	.anomaly = match_anomaly,
	.flow_end = match_flow_end,
	.idle = match_idle,
	.skips = match_skips,
	.prepare = match_prepare,
	.swap = match_swap,
	.memory = match_memory_size,
	.close = match_close,
};

const struct rule_set *
rules_of(const void *detector)
{
	const struct match *d = detector;

	return &d->set->rules;
}

const uint64_t *
rules_hits(const void *detector)
{
	const struct match *d = detector;

	return d->hits;
}
