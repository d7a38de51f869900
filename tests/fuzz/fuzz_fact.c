/* fuzz_fact.c - what thermowell baseline import reads: any line is read or refused with a place in it, and
 * what was read is printed and read back as the same. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/fact.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	char line[FACT_LINE_MAX];
	struct fact f, again;
	const char *why;
	size_t at, len;

	if (!fact_parse((const char *)data, n, &f, &why, &at)) {
		if (why == NULL || at > n)
			abort();
		return 0;
	}
	if (f.key.kind >= FACT_KIND_COUNT || f.state == FACT_NONE || f.state >= FACT_STATES ||
	    memchr(f.key.text, '\0', sizeof(f.key.text)) == NULL)
		abort();
	len = fact_print(&f, line, sizeof(line));
	if (len >= sizeof(line) - 1 || !fact_parse(line, len, &again, &why, &at) || memcmp(&f, &again, sizeof(f)) != 0)
		abort();
	return 0;
}
