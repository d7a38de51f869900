#include "detect/rules/mem.h"

#include <stdlib.h>
#include <string.h>

#define CHUNK ((size_t)64 * 1024)

void *
rule_alloc(struct rule_memory *m, size_t n)
{
	struct rule_chunk *c = m->chunks;
	void *p;

	n = (n + sizeof(max_align_t) - 1) / sizeof(max_align_t) * sizeof(max_align_t);
	if (c == NULL || c->size - c->used < n) {
		size_t size = n > CHUNK ? n : CHUNK;

		c = calloc(1, sizeof(*c) + size);
		if (c == NULL) {
			m->failed = true;
			return NULL;
		}
		c->size = size;
		/* A big piece gets a chunk of its own; the one in use stays first. */
		if (m->chunks != NULL && n > CHUNK / 4) {
			c->next = m->chunks->next;
			m->chunks->next = c;
		} else {
			c->next = m->chunks;
			m->chunks = c;
		}
		m->total += sizeof(*c) + size;
	}
	p = (char *)c->bytes + c->used;
	c->used += n;
	return p;
}

void *
rule_array(struct rule_memory *m, size_t n, size_t size)
{
	if (size != 0 && n > SIZE_MAX / 2 / size)
		n = SIZE_MAX / 2 / size;	/* which nobody has */
	return rule_alloc(m, n * size);
}

void *
rule_copy(struct rule_memory *m, const void *from, size_t n)
{
	void *p = rule_alloc(m, n);

	if (n > 0 && p != NULL)
		memcpy(p, from, n);
	return p;
}

char *
rule_text(struct rule_memory *m, const char *from, size_t n)
{
	char *p = rule_alloc(m, n + 1);

	if (n > 0 && p != NULL)
		memcpy(p, from, n);
	return p;
}

void *
rule_grow(struct rule_memory *m, void *table, uint32_t n, uint32_t *capacity, size_t size)
{
	uint32_t more = *capacity == 0 ? 4 : *capacity * 2;
	void *bigger;

	if (n < *capacity)
		return table;
	bigger = rule_array(m, more, size);
	if (bigger == NULL)
		return NULL;
	if (n > 0)
		memcpy(bigger, table, n * size);
	*capacity = more;
	return bigger;
}

char *
rule_lend(struct rule_memory *m, char *text, size_t n)
{
	struct rule_lent *l = malloc(sizeof(*l));

	if (l == NULL) {
		free(text);
		m->failed = true;
		return NULL;
	}
	*l = (struct rule_lent){ m->lent, text, n };
	m->lent = l;
	m->total += n;
	return text;
}

void
rule_return_lent(struct rule_memory *m)
{
	while (m->lent != NULL) {
		struct rule_lent *l = m->lent;

		m->lent = l->next;
		m->total -= l->n;
		free(l->text);
		free(l);
	}
}

void
rule_memory_free(struct rule_memory *m)
{
	rule_return_lent(m);
	while (m->chunks != NULL) {
		struct rule_chunk *c = m->chunks;

		m->chunks = c->next;
		free(c);
	}
	m->total = 0;
}
