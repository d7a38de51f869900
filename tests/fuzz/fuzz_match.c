/* fuzz_match.c - payload options against bytes.
 *
 * The first line of the input is the options of a rule, the rest is what they are
 * held against, in memory of its exact size.  What matches twice matches the same,
 * and what the index leaves out does not match.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/match/set.h"

static bool	hit;

static void
on_hit(void *arg, uint32_t rule)
{
	(void)arg;
	hit |= rule == 0;
}

/* Would the index have offered the rule for these bytes? */
static bool
offered(const struct match_set *s, const struct match_rule *m, const uint8_t *p, uint32_t n)
{
	struct patterns_scratch *scratch;
	uint32_t k;

	if (index_has(&s->bytes, KEY_ALL))
		return true;
	/* Without a content to go by it stands under TCP flags or the name of its flow,
	 * and here is neither. */
	if (s->n_fixed == 0 && s->patterns == NULL && (m->packet.n > 0 || m->has_app))
		return true;
	for (uint32_t i = 0; i < s->n_fixed; i++) {
		const struct set_fixed *x = &s->fixed[i];
		uint64_t v = 0;

		if ((uint32_t)x->at + x->n > n)
			continue;
		for (uint32_t j = 0; j < x->n; j++)
			v = v << 8 | p[x->at + j];
		if (index_find(&s->bytes, KEY_FIXED, (uint32_t)x->at << 8 | x->n, v, &k) != NULL)
			return true;
	}
	hit = false;
	if (s->patterns != NULL && patterns_scratch_open(&scratch, s->patterns) == 0) {
		patterns_scan(s->patterns, scratch, p, n, on_hit, NULL);
		patterns_scratch_close(scratch);
	}
	return hit;
}

static void
hold(const struct match_set *s, const uint8_t *p, uint32_t n)
{
	const struct match_rule *m = &s->of[0];
	struct bytes_run run = { .re = re_scratch_open(), .p = p, .n = n }, again = run;

	for (uint32_t i = 0; run.re != NULL && i < m->n_lists; i++) {
		bool is;

		if (m->lists[i].buffer != BUFFER_PAYLOAD)
			continue;
		is = bytes_match(&run, m->lists[i].steps, m->lists[i].n);
		if (is != bytes_match(&again, m->lists[i].steps, m->lists[i].n))
			abort();
		if (is && (m->sites & SITE_BYTES) != 0 && !offered(s, m, p, n))
			abort();
	}
	re_scratch_close(run.re);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = memchr(data, '\n', size);
	const struct rules_from from = { .files = NULL };
	struct rule_set set = { 0 };
	struct err problems = { 0 }, notes = { 0 };
	struct match_set *s;
	char text[2048];
	int n;

	if (end == NULL || size > 8192 || memchr(data, '\0', (size_t)(end - data)) != NULL)
		return 0;
	n = snprintf(text, sizeof(text), "alert udp any any -> any any (msg:\"f\"; %.*s sid:1;)\n",
	    (int)(end - data), (const char *)data);
	if (n < 0 || (size_t)n >= sizeof(text))
		return 0;
	if (rules_load_text(&set, &from, "fuzz", text, (size_t)n, &problems, &notes) && set.n_rules == 1) {
		size_t left = size - (size_t)(end + 1 - data);
		uint8_t *p = malloc(left > 0 ? left : 1);

		s = match_set_open(&set, &problems);
		if (s != NULL && p != NULL && s->n == 1) {
			memcpy(p, end + 1, left);
			hold(s, p, (uint32_t)left);
		}
		match_set_close(s);
		free(p);
	} else
		rule_set_free(&set);
	err_free(&problems);
	err_free(&notes);
	return 0;
}
