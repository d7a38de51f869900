/* open.c - where values take memory: at open, and before other tags are taken over. */
#include "detect/values/raw.h"

#include <stdlib.h>
#include <string.h>

/* ---- values without a tag -------------------------------------------------------------- */

struct raw *
raw_open(uint32_t max, uint64_t key, struct counters *counters)
{
	struct raw *r = calloc(1, sizeof(*r));

	if (r == NULL)
		return NULL;
	r->of = calloc(max, sizeof(*r->of));
	r->max = max;
	r->key = key;
	r->counters = counters;
	list_init(&r->used);
	if (r->of == NULL || hmap_open(&r->index, max) != 0) {
		raw_close(r);
		return NULL;
	}
	return r;
}

void
raw_close(struct raw *r)
{
	if (r == NULL)
		return;
	hmap_close(&r->index);
	free(r->of);
	free(r);
}

size_t
raw_memory(const struct raw *r)
{
	return sizeof(*r) + r->max * sizeof(*r->of) + hmap_memory(&r->index);
}

/* ---- tags ------------------------------------------------------------------------------- */

static struct present *
new_values(const struct tags *tags)
{
	struct present *of = calloc(tags->n + 1, sizeof(*of));

	for (uint32_t i = 0; of != NULL && i < tags->n; i++)
		of[i].series = process_series(tags->tag[i].name);
	return of;
}

/* How many tags Prometheus is shown; too many are a problem of the file. */
static uint32_t
exported(const struct tags *tags, struct err *e)
{
	uint32_t n = 0;

	for (uint32_t i = 0; i < tags->n; i++)
		if (tags->tag[i].exported && ++n == VALUES_GAUGES + 1)
			err_add(e, tags->file, tags->tag[i].line, tags->tag[i].column, "more than %u tags are exported: choose some, the others are in "
			    "records and in the history", VALUES_GAUGES);
	return n;
}

struct loading {
	struct values		*d;
	const struct tags	*tags;
};

static void
take_row(void *arg, const void *row)
{
	struct loading *l = arg;
	const struct keep_tag *k = row;
	const struct tag *t = l->tags != NULL ? tags_named(l->tags, k->tag, strlen(k->tag)) : NULL;

	if (t == NULL)
		values_restore_raw(l->d, k);
	/* Of a tag that means something else now nothing is known. */
	else if (strcmp(k->type, tag_type_name(t->form.type)) == 0 && strcmp(k->unit, t->unit) == 0)
		value_from_row(&l->d->of[t->index], k);
}

void
values_close(void *own)
{
	struct values *d = own;

	raw_close(d->raw);
	free(d->of);
	free(d->next);
	free(d);
}

void *
values_open(const struct detect_env *env, struct err *e)
{
	struct values *d = calloc(1, sizeof(*d));
	const struct tags *tags = env->tags != NULL ? tag_reader_tags(env->tags) : NULL;

	if (d == NULL)
		return NULL;
	d->env = env;
	d->s = &env->settings->process;
	if (d->s->points > 0 && (d->raw = raw_open((uint32_t)d->s->points, env->key, env->counters)) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for values without a name: lower process.points");
		values_close(d);
		return NULL;
	}
	if (tags == NULL && d->raw == NULL)
		return d;
	d->of = tags != NULL ? new_values(tags) : NULL;
	d->n = tags != NULL ? tags->n : 0;
	d->exported = tags != NULL ? exported(tags, e) : 0;
	if ((tags != NULL && d->of == NULL) || d->exported > VALUES_GAUGES || keep_load(env->keep, KEEP_TAG, take_row, &(struct loading){ d, tags }, e) != 0) {
		values_close(d);
		return NULL;
	}
	return d;
}

int
values_prepare(void *own, struct err *e)
{
	struct values *d = own;
	const struct tags *next = d->env->tags != NULL ? tag_reader_next(d->env->tags) : NULL;

	free(d->next);
	d->next = NULL;
	if (next == NULL || next == tag_reader_tags(d->env->tags))
		return 0;
	d->next_exported = exported(next, e);
	if (d->next_exported > VALUES_GAUGES)
		return -1;
	d->next = new_values(next);
	d->next_n = next->n;
	if (d->next == NULL)
		err_add(e, NULL, 0, 0, "no memory for the values of the tags");
	return d->next != NULL ? 0 : -1;
}
