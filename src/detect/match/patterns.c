#include "detect/match/patterns.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_HYPERSCAN
#include <hs/hs.h>
#endif

/* One pattern and the rules that have it: a slice of `rules`. */
struct entry {
	uint32_t	 at, n;
	uint8_t		*p;		/* owned */
	uint32_t	 len;
	bool		 nocase;
};

struct match_patterns {
	struct entry	*of;		/* owned */
	uint32_t	 n;
	uint32_t	*rules;		/* owned */
	size_t		 memory;
#ifdef HAVE_HYPERSCAN
	hs_database_t	*db;
#endif
};

static uint8_t
lower(uint8_t c)
{
	return c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
}

static int
by_bytes(const void *a, const void *b)
{
	const struct pattern *x = *(const struct pattern *const *)a,
	    *y = *(const struct pattern *const *)b;
	int d;

	if (x->nocase != y->nocase)
		return x->nocase ? 1 : -1;
	if (x->n != y->n)
		return x->n < y->n ? -1 : 1;
	d = memcmp(x->p, y->p, x->n);
	return d != 0 ? d : x->rule < y->rule ? -1 : x->rule > y->rule;
}

static bool
same(const struct pattern *x, const struct pattern *y)
{
	return x->nocase == y->nocase && x->n == y->n && memcmp(x->p, y->p, x->n) == 0;
}

/* Equal patterns become one with several rules. */
static int
gather(struct match_patterns *m, const struct pattern *of, uint32_t n)
{
	const struct pattern **by = calloc(n, sizeof(*by));

	m->of = calloc(n, sizeof(*m->of));
	m->rules = calloc(n, sizeof(*m->rules));
	if (by == NULL || m->of == NULL || m->rules == NULL) {
		free(by);
		return -1;
	}
	for (uint32_t i = 0; i < n; i++)
		by[i] = &of[i];
	qsort(by, n, sizeof(*by), by_bytes);
	for (uint32_t i = 0; i < n; i++) {
		struct entry *e = m->n > 0 ? &m->of[m->n - 1] : NULL;

		if (i == 0 || !same(by[i], by[i - 1])) {
			e = &m->of[m->n++];
			*e = (struct entry){ .at = i, .len = by[i]->n, .nocase = by[i]->nocase };
			e->p = malloc(by[i]->n);
			if (e->p == NULL) {
				free(by);
				return -1;
			}
			memcpy(e->p, by[i]->p, by[i]->n);
			for (uint32_t k = 0; e->nocase && k < e->len; k++)
				e->p[k] = lower(e->p[k]);
			m->memory += e->len + sizeof(*e);
		}
		e->n++;
		m->rules[i] = by[i]->rule;
	}
	m->memory += sizeof(*m) + n * sizeof(*m->rules);
	free(by);
	return 0;
}

#ifdef HAVE_HYPERSCAN

static int
compile(struct match_patterns *m, const char **why)
{
	const char **text = calloc(m->n, sizeof(*text));
	unsigned *flags = calloc(m->n, sizeof(*flags)), *ids = calloc(m->n, sizeof(*ids));
	size_t *len = calloc(m->n, sizeof(*len)), size = 0;
	hs_compile_error_t *e = NULL;
	hs_error_t r = HS_NOMEM;

	if (text != NULL && flags != NULL && ids != NULL && len != NULL) {
		for (uint32_t i = 0; i < m->n; i++) {
			text[i] = (const char *)m->of[i].p;
			len[i] = m->of[i].len;
			ids[i] = i;
			flags[i] = HS_FLAG_SINGLEMATCH | (m->of[i].nocase ? HS_FLAG_CASELESS : 0);
		}
		r = hs_compile_lit_multi(text, flags, ids, len, m->n, HS_MODE_BLOCK, NULL, &m->db, &e);
	}
	free(text);
	free(flags);
	free(ids);
	free(len);
	if (r != HS_SUCCESS) {
		*why = e != NULL ? "Hyperscan refuses the patterns" : NULL;
		hs_free_compile_error(e);
		return -1;
	}
	if (hs_database_size(m->db, &size) == HS_SUCCESS)
		m->memory += size;
	return 0;
}

int
patterns_scratch_open(struct patterns_scratch **s, const struct match_patterns *m)
{
	hs_scratch_t *scratch = NULL;

	if (m != NULL && hs_alloc_scratch(m->db, &scratch) != HS_SUCCESS)
		return -1;
	*s = (struct patterns_scratch *)scratch;
	return 0;
}

void
patterns_scratch_close(struct patterns_scratch *s)
{
	(void)hs_free_scratch((hs_scratch_t *)s);
}

struct scan {
	const struct match_patterns	*m;
	void				(*hit)(void *arg, uint32_t rule);
	void				*arg;
};

static int
on_match(unsigned id, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	const struct scan *s = arg;
	const struct entry *e = &s->m->of[id];

	(void)from;
	(void)to;
	(void)flags;
	for (uint32_t i = 0; i < e->n; i++)
		s->hit(s->arg, s->m->rules[e->at + i]);
	return 0;
}

void
patterns_scan(const struct match_patterns *m, struct patterns_scratch *scratch, const uint8_t *p, uint32_t n,
    void (*hit)(void *arg, uint32_t rule), void *arg)
{
	struct scan s = { m, hit, arg };

	(void)hs_scan(m->db, (const char *)p, n, 0, (hs_scratch_t *)scratch, on_match, &s);
}

const char *
patterns_engine(void)
{
	return "Hyperscan";
}

#else

static int
compile(struct match_patterns *m, const char **why)
{
	(void)m;
	(void)why;
	return 0;
}

static bool
found(const struct entry *e, const uint8_t *p, uint32_t n)
{
	if (!e->nocase)
		return memmem(p, n, e->p, e->len) != NULL;
	for (uint32_t i = 0; i + e->len <= n; i++) {
		uint32_t k = 0;

		while (k < e->len && lower(p[i + k]) == e->p[k])
			k++;
		if (k == e->len)
			return true;
	}
	return false;
}

int
patterns_scratch_open(struct patterns_scratch **s, const struct match_patterns *m)
{
	(void)m;
	*s = NULL;
	return 0;
}

void
patterns_scratch_close(struct patterns_scratch *s)
{
	(void)s;
}

void
patterns_scan(const struct match_patterns *m, struct patterns_scratch *scratch, const uint8_t *p, uint32_t n,
    void (*hit)(void *arg, uint32_t rule), void *arg)
{
	(void)scratch;
	for (uint32_t i = 0; i < m->n; i++)
		if (found(&m->of[i], p, n))
			for (uint32_t k = 0; k < m->of[i].n; k++)
				hit(arg, m->rules[m->of[i].at + k]);
}

const char *
patterns_engine(void)
{
	return "one search per pattern";
}

#endif

struct match_patterns *
patterns_open(const struct pattern *of, uint32_t n, const char **why)
{
	struct match_patterns *m = calloc(1, sizeof(*m));

	*why = NULL;
	if (m == NULL || gather(m, of, n) != 0 || compile(m, why) != 0) {
		patterns_close(m);
		return NULL;
	}
	return m;
}

void
patterns_close(struct match_patterns *m)
{
	if (m == NULL)
		return;
#ifdef HAVE_HYPERSCAN
	(void)hs_free_database(m->db);
#endif
	for (uint32_t i = 0; i < m->n; i++)
		free(m->of[i].p);
	free(m->of);
	free(m->rules);
	free(m);
}

size_t
patterns_memory(const struct match_patterns *m)
{
	return m != NULL ? m->memory : 0;
}
