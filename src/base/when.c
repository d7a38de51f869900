#include "base/when.h"

#include <inttypes.h>
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

void
when_lasts(struct strbuf *s, uint64_t seconds)
{
	static const struct { uint64_t s; const char *one, *many; } units[] = {
		{ 86400, "day", "days" }, { 3600, "hour", "hours" }, { 60, "minute", "minutes" },
		{ 1, "second", "seconds" },
	};

	for (unsigned i = 0; i < COUNTOF(units); i++)
		if (seconds >= units[i].s && seconds % units[i].s == 0) {
			uint64_t n = seconds / units[i].s;

			strbuf_printf(s, "%" PRIu64 " %s", n, n == 1 ? units[i].one : units[i].many);
			return;
		}
	strbuf_put(s, "0 seconds");
}

static uint64_t
rounded(uint64_t seconds)
{
	static const uint64_t units[] = { 86400, 3600, 60 };

	for (unsigned i = 0; i < COUNTOF(units); i++)
		if (seconds >= 2 * units[i])
			return (seconds + units[i] / 2) / units[i] * units[i];
	return seconds;
}

void
when_about(struct strbuf *s, uint64_t seconds)
{
	if (rounded(seconds) != seconds)
		strbuf_put(s, "about ");
	when_lasts(s, rounded(seconds));
}
