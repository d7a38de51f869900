#include "detect/baseline/words.h"

#include <inttypes.h>

#include "base/str.h"
#include "detect/baseline/rate.h"
#include "detect/baseline/tagged.h"
#include "detect/baseline/timing.h"
#include "detect/baseline/value.h"
#include "detect/baseline/volume.h"
#include "detect/baseline/worktime.h"

static void
put_value(struct strbuf *s, const struct fact *f)
{
	const struct usual u = value_load(f);

	value_put(s, &u);
	if (u.n_few > 0)
		strbuf_put(s, value_judged(f) ? "" : ", not settled");
}

static void
put_tag_rate(struct strbuf *s, const struct fact *f)
{
	strbuf_printf(s, "rises by at most %.3g a minute, falls by at most %.3g%s", tagged_rise(f), tagged_fall(f),
	    tagged_rate_judged(f) ? "" : ", not settled");
}

static void
put_volume(struct strbuf *s, const struct fact *f)
{
	if (f->key.code < VOLUMES)
		strbuf_printf(s, "at most %" PRIu64 " %s in 10 s", volume_largest(f), volume_name((enum volume)f->key.code));
}

static void
put_rate(struct strbuf *s, const struct fact *f)
{
	strbuf_printf(s, "at most %" PRIu64 " bytes in 10 s", rate_largest(f));
}

static void
put_poll(struct strbuf *s, const struct fact *f)
{
	const struct period p = timing_period(f);

	strbuf_printf(s, "every %.3g s, paused for %.3g s at most%s", (double)p.typical_ns / 1e9, (double)p.longest_ns / 1e9,
	    period_steady(&p) ? "" : ", not steady");
}

/* Hours of one day, as ranges: "Mon 6-18, ". */
static void
put_day(struct strbuf *s, const struct hours *h, uint32_t day, const char *name)
{
	bool any = false;

	for (uint32_t from = 0; from < 24; from++) {
		uint32_t to = from;

		while (to < 24 && hours_has(h, day * 24 + to))
			to++;
		if (to == from)
			continue;
		strbuf_printf(s, "%s%s%" PRIu32 "-%" PRIu32, any ? "" : name, any ? "," : " ", from, to);
		any = true;
		from = to;
	}
	if (any)
		strbuf_put(s, ", ");
}

static void
put_hours(struct strbuf *s, const struct fact *f)
{
	static const char *const days[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	const struct hours h = worktime_load(f);

	for (uint32_t day = 0; day < COUNTOF(days); day++)
		put_day(s, &h, day, days[day]);
	strbuf_printf(s, "UTC in %" PRIu32 " weeks%s", h.weeks, hours_settled(&h) ? "" : ", not settled");
}

const char *
baseline_words(const struct fact *f, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);

	switch (f->key.kind) {
	case FACT_KIND_VALUE: case FACT_KIND_TAG: put_value(&s, f); break;
	case FACT_KIND_TAG_RATE: put_tag_rate(&s, f); break;
	case FACT_KIND_NEW_VALUE: case FACT_KIND_NEW_TAG: strbuf_printf(&s, "%.10g to %.10g", f->n[0].d, f->n[1].d); break;
	case FACT_KIND_VOLUME: put_volume(&s, f); break;
	case FACT_KIND_RATE: put_rate(&s, f); break;
	case FACT_KIND_POLL: put_poll(&s, f); break;
	case FACT_KIND_HOURS: put_hours(&s, f); break;
	default: break;
	}
	return to;
}

void
baseline_stable(struct fact *f)
{
	if (f->key.kind == FACT_KIND_VALUE || f->key.kind == FACT_KIND_TAG)
		value_stable(f);
	else if (f->key.kind == FACT_KIND_TAG_RATE)
		tagged_stable(f);
	else
		f->count = f->count > 1 ? 2 : f->count;
	f->last_ns = 0;
}
