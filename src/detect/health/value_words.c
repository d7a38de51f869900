#include "detect/health/value_row.h"

#include <inttypes.h>
#include <math.h>

#include "base/when.h"

#define PARTS	200.0	/* of its range: less than one is no digit worth writing */

/* So many digits behind the point that its resolution is seen, or a small part of its range. */
static int
decimals(const struct instrument *x)
{
	double step = (x->kind.most - x->kind.least) / PARTS;
	int n;

	step = step > x->noise.step ? step : x->noise.step;
	if (!(step > 0))
		return 2;
	n = (int)ceil(-log10(step) - 1e-9);
	return n < 0 ? 0 : n > 6 ? 6 : n;
}

static void
number(struct strbuf *s, const struct instrument *x, double v, int more)
{
	strbuf_printf(s, "%.*f%s%s", decimals(x) + more, v, x->tag->unit[0] != '\0' ? " " : "", x->tag->unit);
}

/* A limit as the tag file has it. */
static void
limit(struct strbuf *s, const struct instrument *x, double v)
{
	char text[TAG_VALUE_MAX];

	tag_value_print(x->tag, v, text);
	strbuf_put(s, text);
}

static void
range(struct strbuf *s, const struct instrument *x, double from, double to)
{
	strbuf_printf(s, "%.*f to ", decimals(x), from);
	number(s, x, to, 0);
}

static struct finding
finding_of(struct instruments *d, enum alert_type type, const struct instrument *x, const struct tag_reading *r)
{
	struct finding f = finding_from_operation(&d->h.env, type, r->op, true);

	f.what = d->what;
	f.expected = d->expected;
	f.key = hash_bytes(f.key, x->tag->name, strlen(x->tag->name));
	return f;
}

static struct strbuf
what(struct instruments *d, const struct instrument *x)
{
	struct strbuf s = strbuf_on(d->what, sizeof(d->what));

	strbuf_put(&s, x->tag->name);
	return s;
}

/* " has stood at 2.45 m for about 12 minutes, in 720 readings" */
static void
has_stood(struct strbuf *s, const struct instrument *x)
{
	strbuf_put(s, " has stood at ");
	number(s, x, x->rhythm.value, 0);
	strbuf_put(s, " for ");
	when_about(s, (uint64_t)value_rhythm_stood_s(&x->rhythm));
	strbuf_printf(s, ", in %" PRIu32 " readings", x->rhythm.reads);
}

static void
add_stood(struct finding *f, const struct instrument *x)
{
	finding_add_number(f, "stood_s", (uint64_t)value_rhythm_stood_s(&x->rhythm));
	finding_add_number(f, "longest_s", (uint64_t)ceil(x->rhythm.longest_s));
	finding_add_number(f, "readings", x->rhythm.reads);
}

/* "it usually moves on after 3 seconds, and never stood for longer than 41 seconds" */
static void
usual_hold(struct strbuf *s, const struct instrument *x)
{
	strbuf_put(s, "it usually moves on after ");
	when_about(s, (uint64_t)ceil(x->rhythm.usual_s));
	strbuf_put(s, ", and never stood for longer than ");
	when_about(s, (uint64_t)ceil(x->rhythm.longest_s));
}

void
value_report_stuck(struct instruments *d, struct instrument *x, const struct tag_reading *r, uint32_t others)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f;

	has_stood(&s, x);
	if (others > 0)
		strbuf_printf(&s, others == 1 ? ", as has %" PRIu32 " other measurement of this device" :
		    ", as have %" PRIu32 " other measurements of this device", others);
	usual_hold(&e, x);
	f = finding_of(d, ALERT_VALUE_STUCK, x, r);
	add_stood(&f, x);
	if (others > 0)
		finding_add_number(&f, "others", others);
	emit(&d->h.env, &f);
}

void
value_report_frozen(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	uint32_t windows = 0, longest = 0, n = 0;
	struct finding f;

	has_stood(&s, x);
	for (uint32_t i = 0; i < PAIRS; i++) {
		const struct value_pair *p = &x->pairs.pair[i];

		if (!value_pair_is_witness(p) || p->run == 0)
			continue;
		strbuf_printf(&e, "%s%s", n++ > 0 ? ", " : "", d->rows[p->who - 1].tag->name);
		windows = p->run > windows ? p->run : windows;
		longest = p->longest > longest ? p->longest : longest;
	}
	strbuf_printf(&e, " moved in %" PRIu32 " windows of half a minute or more meanwhile, and it stood still for no more than %" PRIu32
	    " of these in a row before", windows, longest);
	f = finding_of(d, ALERT_VALUE_FROZEN, x, r);
	add_stood(&f, x);
	finding_add_number(&f, "windows", windows);
	finding_add_number(&f, "windows_longest", longest);
	emit(&d->h.env, &f);
}

void
value_report_noisy(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f;

	strbuf_put(&s, " scatters by ");
	number(&s, x, x->noise.last, 1);
	strbuf_put(&s, " from one reading to the next");
	strbuf_put(&e, "it usually scatters by ");
	number(&e, x, x->noise.usual, 1);
	strbuf_put(&e, ", at most by ");
	number(&e, x, x->noise.most, 1);
	f = finding_of(d, ALERT_VALUE_NOISY, x, r);
	if (x->noise.most > 0)
		finding_add_number(&f, "times_usual", (uint64_t)(x->noise.last / x->noise.most + 0.5));
	emit(&d->h.env, &f);
}

/* "; it reaches its high limit of 9.0 bar in about 14 hours" */
static void
forecast(struct strbuf *s, struct instrument *x, const struct drift_line *line, struct finding *f)
{
	const struct tag *t = x->tag;
	enum tag_limit next = tag_limit_next(t, line->slope > 0);
	double hours = next != TAG_LIMITS ? value_drift_reaches_h(line, t->limit[next]) : -1;

	if (hours < 0 || hours > 24 * 365)
		return;
	strbuf_printf(s, "; it reaches its %s limit of ", tag_limit_word(next));
	limit(s, x, t->limit[next]);
	strbuf_put(s, " in ");
	when_about(s, (uint64_t)(hours * 3600) + 1);
	finding_add_number(f, "forecast_s", (uint64_t)(hours * 3600));
	x->has_forecast = hours <= 24;
}

void
value_report_drift(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f = finding_of(d, ALERT_VALUE_DRIFTING, x, r);
	struct drift_line line;

	if (value_drift_line(&x->drift, &line)) {
		strbuf_printf(&s, " has been %s by ", line.slope > 0 ? "rising" : "falling");
		number(&s, x, fabs(line.slope), 1);
		strbuf_printf(&s, " an hour for %" PRIu32 " hours, to a mean of ", line.hours);
		number(&s, x, x->drift.last, 0);
		forecast(&s, x, &line, &f);
		finding_add_number(&f, "hours", line.hours);
	} else {
		strbuf_printf(&s, " has left its usual level: its mean of the last hour is ");
		number(&s, x, x->drift.last, 0);
	}
	strbuf_put(&e, "it is usually ");
	number(&e, x, value_drift_usual(&x->drift), 0);
	strbuf_put(&e, " in this hour of the day, ");
	range(&e, x, x->drift.least, x->drift.most);
	strbuf_printf(&e, " in all (learned in %" PRIu32 " hours)", x->drift.hours);
	finding_add_number(&f, "learned_hours", x->drift.hours);
	emit(&d->h.env, &f);
}

void
value_report_limit(struct instruments *d, struct instrument *x, const struct tag_reading *r)
{
	enum tag_limit beyond = (enum tag_limit)value_limit_of(x->place.side);
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f = finding_of(d, ALERT_VALUE_LIMIT, x, r);

	strbuf_put(&s, " is at ");
	number(&s, x, r->value, 0);
	strbuf_printf(&s, ", %s its %s limit of ", beyond >= TAG_HIGH ? "above" : "below", tag_limit_word(beyond));
	limit(&s, x, r->tag->limit[beyond]);
	if (x->drift.settled) {
		strbuf_put(&e, "its mean of an hour is usually ");
		range(&e, x, x->drift.least, x->drift.most);
	} else
		strbuf_put(&e, "what is usual is not known yet");
	f.key ^= beyond;
	emit(&d->h.env, &f);
}

void
value_report_bad(struct instruments *d, struct instrument *x, const struct tag_reading *r, uint32_t others)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f = finding_of(d, ALERT_VALUE_BAD, x, r);
	uint64_t since_s = (r->ts_ns - x->bad_ns) / SECOND;

	strbuf_printf(&s, " has been of bad quality (flags 0x%02x) for ", r->quality);
	when_about(&s, since_s);
	if (others > 0)
		strbuf_printf(&s, others == 1 ? ", as has %" PRIu32 " other value of this device" : ", as have %" PRIu32 " other values of this device",
		    others);
	strbuf_printf(&e, "before, its quality was good in %" PRIu32 " readings", x->good);
	finding_add_number(&f, "bad_s", since_s);
	finding_add_number(&f, "readings", x->bad);
	if (others > 0)
		finding_add_number(&f, "others", others);
	emit(&d->h.env, &f);
}

void
value_report_over(struct instruments *d, struct instrument *x, const struct tag_reading *r, const char *did)
{
	struct strbuf s = what(d, x), e = strbuf_on(d->expected, sizeof(d->expected));
	struct finding f = finding_of(d, ALERT_VALUE_OVER, x, r);

	strbuf_printf(&s, " %s", did);
	strbuf_put(&e, "it is at ");
	number(&e, x, r->value, 0);
	f.key = hash_bytes(f.key, did, strlen(did));
	emit(&d->h.env, &f);
}
