#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

static enum log_level log_max = LOG_NOTE;

void
log_level_set(enum log_level level)
{
	log_max = level;
}

void
log_msg(enum log_level level, const char *room, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warning", "note", "note", "debug" };
	char line[1024];
	va_list ap;

	if (level > log_max)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	/* One call, so that lines of several threads do not mix. */
	fprintf(stderr, "thermowell: %s: %s: %s\n", names[level], room, line);
}
