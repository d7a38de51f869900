/* Not a test: lines of EVE on standard input in the form of a sink, on standard output, for those who validate them.
 * A line that the format does not write gives nothing.
 *
 *	convert_lines ecs|ocsf|cef|leef|influx < eve.json */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "output/convert/convert.h"

static const struct converter *const all[] = { &converter_ecs, &converter_ocsf, &converter_cef, &converter_leef, &converter_influx };

int
main(int argc, char **argv)
{
	const struct converter *k = NULL;
	const struct convert_settings settings = { .sensor = "north" };
	struct text to = { .most = 1u << 20 };
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	void *own;
	int rc = 0;

	for (size_t i = 0; argc == 2 && i < COUNTOF(all); i++)
		if (strcmp(argv[1], all[i]->name) == 0)
			k = all[i];
	own = k != NULL ? k->open(&settings, NULL) : NULL;
	if (own == NULL) {
		fputs("usage: convert_lines ecs|ocsf|cef|leef < eve.json\n", stderr);
		return 2;
	}
	while ((n = getline(&line, &size, stdin)) > 0) {
		enum convert_result r;

		n -= line[n - 1] == '\n';
		to.len = 0;
		r = k->convert(own, line, (size_t)n, &to);
		if (r == CONVERT_OK) {
			(void)fwrite(to.bytes, 1, to.len, stdout);
			putchar('\n');
		} else if (r != CONVERT_NOT_MINE) {
			fprintf(stderr, "%d: %.200s\n", r, line);
			rc = 1;
		}
	}
	k->close(own);
	free(line);
	text_free(&to);
	return rc;
}
