#include "dissect/dissector.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dissect/conversation.h"

const struct func_desc *
func_find(const struct func_desc *rows, uint32_t n, uint32_t code, uint32_t sub)
{
	const struct func_desc *any = NULL, *end = rows + n;

	/* Halve the table down to the first row of this code. */
	while (n > 0) {
		uint32_t half = n / 2;

		if (rows[half].code < code) {
			rows += half + 1;
			n -= half + 1;
		} else
			n = half;
	}
	for (; rows < end && rows->code == code; rows++) {
		if (rows->sub == sub)
			return rows;
		if (rows->sub == FUNC_NO_SUB)
			any = rows;
	}
	return any;
}

static uint32_t
bucket_of(const struct func_index *ix, uint32_t code, uint32_t sub)
{
	return (code ^ code >> 8 ^ (sub == FUNC_NO_SUB ? 0 : sub * 37u + 101u)) & ix->mask;
}

int
func_index_open(struct func_index *ix, const struct func_desc *rows, uint32_t n)
{
	uint32_t size = 64;

	while (size < 2 * n)
		size *= 2;
	*ix = (struct func_index){ .rows = rows, .n = n, .mask = size - 1 };
	ix->plain = calloc(FUNC_PLAIN, sizeof(*ix->plain));
	ix->bucket = calloc(size, sizeof(*ix->bucket));
	ix->next = calloc((size_t)n + 1, sizeof(*ix->next));
	if (n >= UINT16_MAX || ix->plain == NULL || ix->bucket == NULL || ix->next == NULL) {
		func_index_close(ix);
		return -1;
	}
	/* From the end, so that of two equal rows the first is found. */
	for (uint32_t i = n; i-- > 0;) {
		uint32_t b = bucket_of(ix, rows[i].code, rows[i].sub);

		ix->next[i] = ix->bucket[b];
		ix->bucket[b] = (uint16_t)(i + 1);
		if (rows[i].sub == FUNC_NO_SUB && rows[i].code < FUNC_PLAIN)
			ix->plain[rows[i].code] = (uint16_t)(i + 1);
	}
	return 0;
}

void
func_index_close(struct func_index *ix)
{
	free(ix->plain);
	free(ix->bucket);
	free(ix->next);
	*ix = (struct func_index){ 0 };
}

static const struct func_desc *
exact(const struct func_index *ix, uint32_t code, uint32_t sub)
{
	if (sub == FUNC_NO_SUB && code < FUNC_PLAIN)
		return ix->plain[code] != 0 ? &ix->rows[ix->plain[code] - 1] : NULL;
	for (uint32_t i = ix->bucket[bucket_of(ix, code, sub)]; i != 0; i = ix->next[i - 1])
		if (ix->rows[i - 1].code == code && ix->rows[i - 1].sub == sub)
			return &ix->rows[i - 1];
	return NULL;
}

static const struct func_desc *
indexed(const struct func_index *ix, uint32_t code, uint32_t sub)
{
	const struct func_desc *row = NULL;

	if (sub != FUNC_NO_SUB)
		row = exact(ix, code, sub);
	return row != NULL ? row : exact(ix, code, FUNC_NO_SUB);
}

const struct func_desc *
dis_func(const struct dis_ctx *x, uint32_t code, uint32_t sub)
{
	return indexed(x->conv->index, code, sub);
}

const struct func_desc *
dis_func_in(const struct dis_ctx *x, const struct func_desc *rows, uint32_t n, uint32_t code,
    uint32_t sub)
{
	if (x->conv->index->rows == rows)
		return indexed(x->conv->index, code, sub);
	for (uint32_t i = 0; i < x->dissect->n_list; i++)
		if (x->dissect->index[i].rows == rows)
			return indexed(&x->dissect->index[i], code, sub);
	return func_find(rows, n, code, sub);
}

static const char *
row_fault(const struct func_desc *r)
{
	if (r->name == NULL || r->name[0] == '\0')
		return "has no name";
	if (r->word == NULL || r->word[0] == '\0')
		return "has no word";
	if (r->spec == NULL || r->spec[0] == '\0')
		return "names no section of a specification";
	if (r->req_len.min > r->req_len.max)
		return "has a smallest request longer than its longest";
	if (r->rsp_len.min > r->rsp_len.max)
		return "has a smallest answer longer than its longest";
	if ((unsigned)r->intent >= OP_INTENT_COUNT || (unsigned)r->command >= OP_COMMAND_COUNT ||
	    (unsigned)r->space >= OP_SPACE_COUNT)
		return "has an intent, command or space out of range";
	return NULL;
}

const char *
func_check(const struct func_desc *rows, uint32_t n, char *why, size_t why_size)
{
	for (uint32_t i = 0; i < n; i++) {
		const char *fault = row_fault(&rows[i]);

		if (fault == NULL && i > 0 && rows[i].code < rows[i - 1].code)
			fault = "stands behind a higher code; func_find() needs them in order";
		for (uint32_t k = 0; fault == NULL && k < i; k++) {
			if (rows[k].code == rows[i].code && rows[k].sub == rows[i].sub)
				fault = "has the code and sub-function of an earlier row";
			else if (strcmp(rows[k].word, rows[i].word) == 0)
				fault = "has the word of an earlier row";
		}
		if (fault != NULL) {
			(void)snprintf(why, why_size, "row %u (code %u, \"%s\") %s", i,
			    rows[i].code, rows[i].name != NULL ? rows[i].name : "", fault);
			return why;
		}
	}
	return NULL;
}
