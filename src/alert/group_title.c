/* group_title.c - what a group of alerts is about, in plant words. */
#include "alert/group.h"

#include <string.h>

#include "base/str.h"

#define TITLE_DEEDS	3u

static void
put_words(struct strbuf *s, const struct deed *d)
{
	const char *at = strchr(d->row->words, '%');

	if (at == NULL) {
		strbuf_put(s, d->row->words);
		return;
	}
	strbuf_printf(s, "%.*s%s%s%s", (int)(at - d->row->words), d->row->words, d->device, d->others ? " and others" : "",
	    at + 1);
}

/* Is it said?  pass 0: what says most; 1: what says little, too; 2: also what is for the file. */
static bool
belongs_in_title(const struct deed *d, unsigned pass)
{
	return pass == 2 || (d->severity <= 3 && (pass == 1 || d->row->kind != DEED_NOTE));
}

/* Where there are several grave ones the others need not be said. */
static uint32_t
keep_grave(const struct group *g, uint32_t *of, uint32_t n)
{
	uint32_t grave = 0, kept = 0;

	for (uint32_t i = 0; i < n; i++)
		grave += g->deeds[of[i]].severity <= 2;
	for (uint32_t i = 0; i < n; i++)
		if (grave < 2 || g->deeds[of[i]].severity <= 2)
			of[kept++] = of[i];
	return kept;
}

/* Which deeds the title has: the first, the last, and of those between the gravest, the later of equals. */
static uint32_t
pick_deeds(const struct group *g, uint32_t pick[TITLE_DEEDS])
{
	uint32_t of[INCIDENT_TYPES], n = 0, middle = 1;

	for (unsigned pass = 0; n == 0 && pass < 3; pass++)
		for (uint32_t i = 0; i < g->n_deeds; i++)
			if (belongs_in_title(&g->deeds[i], pass))
				of[n++] = i;
	n = keep_grave(g, of, n);
	for (uint32_t i = 1; i + 1 < n; i++)
		if (g->deeds[of[i]].severity <= g->deeds[of[middle]].severity)
			middle = i;
	if (n == 0)
		return 0;
	pick[0] = of[0];
	if (n > 2)
		pick[1] = of[middle];
	if (n > 1)
		pick[n > 2 ? 2 : 1] = of[n - 1];
	return n < TITLE_DEEDS ? n : TITLE_DEEDS;
}

void
group_title(const struct group *g, char *to, size_t size)
{
	struct strbuf s = strbuf_on(to, size);
	char who[ADDR_TEXT_MAX];
	uint32_t pick[TITLE_DEEDS], n = pick_deeds(g, pick);
	const struct deed *before = NULL;

	for (uint32_t i = 0; i < n; i++) {
		const struct deed *d = &g->deeds[pick[i]];

		const bool act = deed_is_act(d->row);

		/* Who did it, where that is not whoever did what stands before. */
		if (act && (before == NULL || !addr_same(&before->actor, &d->actor))) {
			(void)addr_print(&d->actor, who);
			strbuf_printf(&s, "%s%s ", s.len > 0 ? "; " : "", who);
		} else
			strbuf_put(&s, s.len == 0 ? "" : act ? ", then " : "; ");
		if (act)
			before = d;
		put_words(&s, d);
	}
	if (to[0] == 's' && n > 0 && g->deeds[pick[0]].row->kind == DEED_SPOOF)
		to[0] = 'S';
}
