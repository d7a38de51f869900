/* list_s7.c - prints the rows of the S7comm tables that stand below the functions,
 * one a line: table, code, name.  What coverage of services, areas, syntaxes,
 * types and status lists is counted against. */
#include <stdio.h>

#include "dissectors/s7/s7.h"

int
main(void)
{
	for (uint32_t i = 0; i < S7_N_PIS; i++)
		printf("service\t%s\t%s\n", s7_pis[i].word, s7_pis[i].name);
	for (uint32_t i = 0; i < S7_N_AREAS; i++)
		printf("area\t%u\t%s\n", s7_areas[i].code, s7_areas[i].name);
	for (uint32_t i = 0; i < S7_N_SYNTAXES; i++)
		printf("syntax\t%u\t%s\n", s7_syntaxes[i].code, s7_syntaxes[i].name);
	for (uint32_t i = 0; i < S7_N_TYPES; i++)
		printf("type\t%u\t%s\n", s7_types[i].code, s7_types[i].name);
	for (unsigned id = 0; id < 256; id++) {
		if (s7_szl_name((uint16_t)id) != NULL)
			printf("status list\t%u\t%s\n", id, s7_szl_name((uint16_t)id));
	}
	for (unsigned id = 0; id < 256; id++)
		for (unsigned index = 0; index < 16; index++) {
			/* Those that are read under one extract only. */
			unsigned full = id == 0x24 ? 0x0424 : id;
			const struct szl_layout *l = s7_szl_layout((uint16_t)full, (uint16_t)index);

			if (l != NULL && (l->index == index || (l->index == SZL_ANY && index == 0)))
				printf("layout\t%u/%u\t%s\n", id, index, s7_szl_name((uint16_t)id));
		}
	printf("layout\t160/0\t%s\n", s7_szl_name(0xa0));	/* by s7_diag_entry() */
	return 0;
}
