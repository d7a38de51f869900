#include "detect/values/values.h"

#include <math.h>
#include <stdio.h>

#include "detect/values/raw.h"

#define SECOND	UINT64_C(1000000000)
#define PER_TICK 256u		/* rows put at a tick: 20 readings a second and tag are far below */

/* ---- names ---------------------------------------------------------------------------- */

static void
name_of(const struct tag *t, bool raw, struct value_name *to)
{
	*to = (struct value_name){ .tag = t->name, .group = t->group, .unit = t->unit, .type = tag_type_name(t->form.type), .raw = raw,
	    .of = t };
	tag_address_print(t, to->at);
	if (raw)
		to->tag = to->at;
}

/* ---- news ------------------------------------------------------------------------------- */

static void
keep_history(struct values *d, struct present *v, const struct sight *s, const struct value_name *n)
{
	const struct keep_value row = { .series = v->series, .ts_ns = v->last_us * 1000, .value = tag_plain(n->of, v->now), .source_ns = s->source_ns,
	    .quality = v->quality, .written = s->written };

	if (v->known)
		(void)keep_put(d->env->keep, KEEP_VALUE, &row, sizeof(row));
}

static void
emit_news(struct values *d, const struct present *v, const struct sight *s, const struct value_name *n, const char *text, unsigned why)
{
	if (d->env->process.value != NULL)
		d->env->process.value(d->env->process.arg, &(struct process_value){ .tag = n->tag, .group = n->group, .unit = n->unit,
		    .type = n->type, .at = n->at, .raw = n->raw, .text = text, .why = (uint8_t)why, .kind = (uint8_t)value_kind(v), .known = v->known,
		    .value = tag_plain(n->of, v->now), .has_old = why == PROCESS_WRITE ? v->has_write_old : v->has_old,
		    .old = tag_plain(n->of, why == PROCESS_WRITE ? v->write_old : v->old), .change_ns = v->change_ns, .quality = v->quality,
		    .source_ns = v->source_ns, .written = v->written, .writer = v->writer, .write_ns = v->write_ns,
		    .write_value = tag_plain(n->of, v->write_value), .write_old = tag_plain(n->of, v->write_old), .has_write_old = v->has_write_old,
		    .ts_ns = v->last_us * 1000, .op = s->op });
}

/* Several values of one frame must not fall on each other. */
static void
own_microsecond(struct present *v, const struct sight *s)
{
	uint64_t us = s->ts_ns / 1000;

	v->last_us = us == v->last_us || (us < v->last_us && v->last_us - us < 1000) ? v->last_us + 1 : us;
}

bool
values_take(struct values *d, struct present *v, const struct tag *t, bool raw, const struct sight *s)
{
	const bool was_dirty = v->dirty;
	struct value_name n;
	char text[TAG_VALUE_MAX] = "";
	unsigned why;

	/* It is what it was before the restart, but for digits that nobody reads. */
	if (v->restored && s->known && v->known && fpclassify(tag_plain(t, s->value) - v->now) == FP_ZERO)
		v->now = v->news = s->value;
	v->restored = false;
	why = value_take(v, s, t->dead_band, (double)(raw ? d->s->points_dead_band : t->dead_band_part > 0 ? 0 : d->s->dead_band) + t->dead_band_part, d->s->heartbeat_s * SECOND);
	if (why == PROCESS_WHYS)
		return false;
	count(d->env->counters, CNT_PROCESS_NEWS);
	/* Names and numbers are made for those who read them. */
	if (d->env->process.value == NULL && d->env->keep == NULL)
		return !was_dirty;
	own_microsecond(v, s);
	name_of(t, raw, &n);
	keep_history(d, v, s, &n);
	if (v->known)
		tag_value_print(t, v->now, text);
	emit_news(d, v, s, &n, text, why);
	return !was_dirty;
}

static void
reading(void *own, const struct tag_reading *r)
{
	struct values *d = own;
	const struct sight s = { .known = r->known, .written = r->written, .value = r->value, .ts_ns = r->ts_ns,
	    .source_ns = r->has_time ? r->time_ms * 1000000u : 0, .op = r->op,
	    .quality = (r->has_quality ? PROCESS_HAS_WIRE | r->quality : 0u) | (r->has_quality && !r->good ? PROCESS_BAD : 0u) |
	    (r->unsure ? PROCESS_UNSURE : 0u) };

	d->n_dirty += values_take(d, &d->of[r->index], r->tag, false, &s);
}

/* ---- rows -------------------------------------------------------------------------------- */

bool
values_put_row(struct values *d, struct present *v, const struct tag *t, bool raw, uint32_t *dirty, struct put *put)
{
	struct value_name n;
	struct keep_tag row;

	if (!v->dirty && !(put->all && v->seen))
		return true;
	name_of(t, raw, &n);
	value_row(v, &n, &row);
	if (!keep_put(d->env->keep, KEEP_TAG, &row, sizeof(row)))
		return false;
	*dirty -= v->dirty;
	v->dirty = false;
	put->most--;
	return true;
}

/* Put what changed; what finds no space stays dirty. */
static void
put_rows(struct values *d, struct put *put)
{
	const struct tags *tags = tag_reader_tags(d->env->tags);
	uint32_t from = d->put_from;

	for (uint32_t i = 0; i < d->n && put->most > 0 && (put->all || d->n_dirty > 0); i++) {
		uint32_t at = (from + i) % d->n;

		d->put_from = at;
		if (!values_put_row(d, &d->of[at], &tags->tag[at], false, &d->n_dirty, put))
			return;
		d->put_from = (at + 1) % d->n;
	}
}

static void
put_all(struct values *d, struct put put)
{
	if (d->env->keep == NULL)
		return;
	if (d->env->tags != NULL)
		put_rows(d, &put);
	if (d->raw != NULL)
		values_put_raw(d, &put);
}

static void
tick(void *own, uint64_t now_ns)
{
	struct values *d = own;

	if (d->n_dirty + d->raw_dirty == 0 || d->env->keep == NULL || (now_ns < d->put_ns && d->put_ns - now_ns <= SECOND))
		return;
	d->put_ns = now_ns + SECOND;
	put_all(d, (struct put){ .most = PER_TICK });
}

static void
finish(void *own, uint64_t now_ns)
{
	(void)now_ns;
	put_all(own, (struct put){ .most = UINT32_MAX, .all = true });
}

/* ---- other tags ------------------------------------------------------------------------------- */

static void
retag(void *own, const struct tags *now, const struct tags *before)
{
	struct values *d = own;
	struct present *was = d->of;

	if (d->next == NULL || d->next_n != now->n)
		return;
	d->n_dirty = 0;
	for (uint32_t i = 0; i < before->n; i++) {
		const struct tag *same = tags_same(now, &before->tag[i]);

		if (same != NULL) {
			d->next[same->index] = was[i];
			d->n_dirty += was[i].dirty;
		}
	}
	d->of = d->next;
	d->n = now->n;
	d->exported = d->next_exported;
	/* Given back by the thread that prepares the next one. */
	d->next = was;
	d->put_from = 0;
}

/* Nobody edits tags where there is no reader of them. */
static bool
idle(const void *own)
{
	const struct values *d = own;

	return d->env->tags == NULL && d->raw == NULL;
}

/* Operations are looked at for what has no name. */
static bool
skips(const void *own, enum detect_call what)
{
	return what == DETECT_OPERATION && ((const struct values *)own)->raw == NULL;
}

static size_t
memory(const void *own)
{
	const struct values *d = own;

	return sizeof(*d) + (d->n + (size_t)d->next_n) * sizeof(*d->of) + (d->raw != NULL ? raw_memory(d->raw) : 0);
}

#define COPY(to, text)	((void)snprintf(to, sizeof(to), "%s", text))

unsigned
values_gauges(const void *own, struct values_gauge to[VALUES_GAUGES])
{
	const struct values *d = own;
	const struct tags *tags = d->exported > 0 ? tag_reader_tags(d->env->tags) : NULL;
	unsigned n = 0;

	for (uint32_t i = 0; tags != NULL && i < d->n && n < VALUES_GAUGES; i++) {
		const struct tag *t = &tags->tag[i];
		struct value_name name;

		if (!t->exported || !d->of[i].known)
			continue;
		name_of(t, false, &name);
		COPY(to[n].tag, t->name);
		COPY(to[n].group, t->group);
		COPY(to[n].unit, t->unit);
		to[n].value = tag_plain(name.of, d->of[i].now);
		to[n++].ts_ns = d->of[i].last_ns;
	}
	return n;
}

const struct detector detector_values = {
	.name = "values",
	.open = values_open,
	.finished = values_operation,
	.skips = skips,
	.reading = reading,
	.retag = retag,
	.tick = tick,
	.finish = finish,
	.idle = idle,
	.prepare = values_prepare,
	.memory = memory,
	.close = values_close,
};
