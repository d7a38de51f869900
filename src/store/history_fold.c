/* history_fold.c - many values become one row. */
#include "store/history.h"

/* The value that stands has stood until then. */
static void
account(struct fold *f, uint64_t until_ns)
{
	uint64_t from = f->since_ns > f->to.start_ns ? f->since_ns : f->to.start_ns;

	if (!f->stands || until_ns <= from)
		return;
	f->sum += f->value * (double)(until_ns - from);
	f->to.covered_ns += until_ns - from;
}

static void
range(struct fold *f, double min, double max)
{
	if (!f->range || min < f->to.min)
		f->to.min = min;
	if (!f->range || max > f->to.max)
		f->to.max = max;
	f->range = true;
}

void
fold_begin(struct fold *f, uint64_t series, uint64_t start_ns, uint64_t span_ns)
{
	if (f->stands && (f->to.series != series || f->since_ns > start_ns || start_ns - f->since_ns > 2 * span_ns))
		f->stands = false;
	f->to = (struct keep_span){ .series = series, .start_ns = start_ns };
	f->end_ns = start_ns + span_ns;
	f->any = f->range = false;
	f->sum = 0;
	if (f->stands)
		range(f, f->value, f->value);
}

void
fold_value(struct fold *f, const struct keep_value *v)
{
	account(f, v->ts_ns);
	range(f, v->value, v->value);
	f->to.count++;
	f->to.writes += v->written;
	f->to.quality |= v->quality;
	f->to.last = v->value;
	f->any = f->stands = true;
	f->value = v->value;
	f->since_ns = v->ts_ns;
}

void
fold_span(struct fold *f, const struct keep_span *s)
{
	/* What stood from before is in the mean of `s`, where it counted. */
	f->stands = false;
	range(f, s->min, s->max);
	f->sum += s->mean * (double)s->covered_ns;
	f->to.covered_ns += s->covered_ns;
	f->to.count += s->count;
	f->to.writes += s->writes;
	f->to.quality |= s->quality;
	f->to.last = s->last;
	f->any = true;
}

bool
fold_end(struct fold *f, struct keep_span *to)
{
	account(f, f->end_ns);
	f->to.mean = f->to.covered_ns > 0 ? f->sum / (double)f->to.covered_ns : f->to.last;
	/* Also where the sum is too large for a number. */
	if (f->any && !(f->to.mean >= f->to.min))
		f->to.mean = f->to.min;
	else if (f->any && !(f->to.mean <= f->to.max))
		f->to.mean = f->to.max;
	*to = f->to;
	return f->any;
}
