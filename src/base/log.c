#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>

/* The level and the destination are the only state. */
static enum log_level log_max = LOG_NOTE;
static void (*log_put)(void *arg, const char *line, size_t n);
static void *log_arg;

void
log_level_set(enum log_level level)
{
	log_max = level;
}

void
log_to(void (*put)(void *arg, const char *line, size_t n), void *arg)
{
	log_put = put;
	log_arg = arg;
}

void
log_msg(enum log_level level, const char *module, const char *fmt, ...)
{
	static const char *const names[] = { "error", "warning", "note", "note", "debug" };
	char line[1024];
	va_list ap;
	int head, n;

	if (level > log_max)
		return;
	head = snprintf(line, sizeof(line), "thermowell: %s: %s: ", names[level], module);
	if (head < 0 || (size_t)head >= sizeof(line) - 1)
		return;
	va_start(ap, fmt);
	n = vsnprintf(line + head, sizeof(line) - 1 - (size_t)head, fmt, ap);
	va_end(ap);
	n = n < 0 ? head : head + n < (int)sizeof(line) - 2 ? head + n : (int)sizeof(line) - 2;
	line[n++] = '\n';
	line[n] = '\0';
	/* One call, so that lines of several threads do not mix. */
	if (log_put != NULL)
		log_put(log_arg, line, (size_t)n);
	else
		(void)fputs(line, stderr);
}
