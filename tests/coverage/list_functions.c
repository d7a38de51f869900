/* list_functions.c - prints every row of every dissector's function table, one a
 * line: protocol, code, sub-function or -, word, name.  What coverage is counted
 * against. */
#include <stdio.h>

#include "dissect/dissector.h"

int
main(void)
{
	for (const struct dissector *const *d = dissectors; *d != NULL; d++)
		for (uint32_t i = 0; i < (*d)->n_funcs; i++) {
			const struct func_desc *f = &(*d)->funcs[i];
			char sub[16] = "-";

			if (f->sub != FUNC_NO_SUB)
				snprintf(sub, sizeof(sub), "%u", f->sub);
			printf("%s\t%u\t%s\t%s\t%s\n", (*d)->protocol->name, f->code, sub, f->word, f->name);
		}
	return 0;
}
