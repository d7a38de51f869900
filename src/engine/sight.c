#include "engine/sight.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "output/visibility.h"
#include "record/protocol.h"
#include "record/unfollowed.h"

#define EVERY_NS	UINT64_C(60000000000)
#define SOURCES		64u	/* interfaces or files that are named */

/* What is reported beside that which hides something or stands in the visibility record. */
static bool
is_reported(enum counter_id id)
{
	static const enum counter_id others[] = { CNT_CAP_PACKETS, CNT_DEC_PACKETS, CNT_RULES_LOADED, CNT_BASELINE_FACTS, CNT_BASELINE_LEARNED,
		CNT_ALERT_ALL, CNT_ACC_BYTES, CNT_ACC_READ, CNT_ACC_BLIND, CNT_ACC_OTHER, CNT_ACC_UNKNOWN, CNT_HISTORY_DEEDS, CNT_HISTORY_TALKS };

	if (visibility_row(id))
		return true;
	for (size_t i = 0; i < COUNTOF(others); i++)
		if (others[i] == id)
			return true;
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if (protocols[p]->counters.tx == id)
			return true;
	return false;
}

static struct keep_sight
row_of(const struct worker *w, const char *name, uint64_t value, const char *text)
{
	struct keep_sight r;

	memset(&r, 0, sizeof(r));
	r.run_ns = w->sight.run_ns;
	r.last_ns = w->now_ns;
	r.value = value;
	(void)snprintf(r.name, sizeof(r.name), "%s", name);
	(void)snprintf(r.text, sizeof(r.text), "%s", text);
	return r;
}

/* 0, or -1: there is no space for it now. */
static int
put(const struct worker *w, const struct keep_sight *r)
{
	return keep_put(store_keep(w->store), KEEP_SIGHT, r, sizeof(*r)) ? 0 : -1;
}

static int
put_sources(struct worker *w)
{
	char name[24];

	for (unsigned i = 0; w->capture != NULL && i < capture_sources(w->capture) && i < SOURCES; i++) {
		struct keep_sight r;

		(void)snprintf(name, sizeof(name), "source.%u", i);
		r = row_of(w, name, capture_sources(w->capture), capture_source_name(w->capture, (uint16_t)i));
		if (put(w, &r) != 0)
			return -1;
	}
	return 0;
}

static int
put_unfollowed(struct worker *w)
{
	const struct unfollowed *u = w->decoder != NULL ? decode_unfollowed(w->decoder) : NULL;
	char name[32], text[96];

	for (unsigned i = 0; u != NULL && i < u->n; i++) {
		const struct unfollowed_row *x = &u->of[i];
		const char *known = unfollowed_name(x);
		struct keep_sight r;

		(void)snprintf(name, sizeof(name), "unfollowed.%u", i);
		(void)snprintf(text, sizeof(text), x->ip ? "IP protocol %u%s%s" : "EtherType 0x%04x%s%s", x->number, known != NULL ? ", " : "",
		    known != NULL ? known : "");
		r = row_of(w, name, x->frames, text);
		if (put(w, &r) != 0)
			return -1;
	}
	return 0;
}

static int
put_counters(struct worker *w)
{
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const enum counter_id id = (enum counter_id)i;
		const uint64_t v = w->counters.v[i];
		struct keep_sight r;

		if (v == w->sight.put.v[i] || !is_reported(id))
			continue;
		r = row_of(w, counter_row(id)->path, v, visibility_row(id) ? visibility_words(id, v) : counter_row(id)->what);
		r.hides = visibility_hides(id);
		(void)snprintf(r.advice, sizeof(r.advice), "%s", visibility_advice_of(id) != NULL ? visibility_advice_of(id) : "");
		if (put(w, &r) != 0)
			return -1;
		w->sight.put.v[i] = v;
	}
	return 0;
}

void
sight_tick(struct worker *w, bool last)
{
	struct sight *s = &w->sight;
	bool first = s->run_ns == 0;

	if (w->store == NULL || w->first_ns == 0 || (!last && w->now_ns < s->next_ns && s->next_ns - w->now_ns <= EVERY_NS))
		return;
	/* A replay is over soon: its last figures are all that is kept of it. */
	if (!last && w->capture != NULL && !capture_is_live(w->capture))
		return;
	s->next_ns = w->now_ns + EVERY_NS;
	if (first)
		s->run_ns = w->first_ns;
	if (w->capture != NULL)
		capture_update_counters(w->capture);
	if ((first && put_sources(w) != 0) || put_counters(w) != 0)
		return;
	if (last)
		(void)put_unfollowed(w);
}
