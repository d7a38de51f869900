#include "base/when.h"

#include <stdio.h>
#include <time.h>

#define SECOND	INT64_C(1000000000)

const char *
when_text(int64_t ns, char to[WHEN_TEXT])
{
	time_t t = (time_t)(ns / SECOND);
	struct tm tm;
	size_t n;

	to[0] = '\0';
	if (ns != 0 && gmtime_r(&t, &tm) != NULL) {
		n = strftime(to, WHEN_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
		(void)snprintf(to + n, WHEN_TEXT - n, ".%06dZ", (int)(ns % SECOND / 1000));
	}
	return to;
}
