/* log.h - messages for the operator, on standard error.
 *
 * The first argument names the module ("capture", "stream").  Never used for
 * what a packet did: that is an anomaly, a counter or a visibility record.
 * A message that can repeat without end is limited by its call site.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* LOG_INFO: shown on request only (-v, -T, live); printed as a note. */
enum log_level { LOG_ERROR, LOG_WARN, LOG_NOTE, LOG_INFO, LOG_DEBUG };

/* Messages above `level` are not shown.  Default: LOG_NOTE.  Set once by main
 * before any thread starts and never changed afterwards. */
void	log_level_set(enum log_level level);

/* Give messages, whole lines, to `put` instead of standard error: it may be called from
 * any thread.  NULL: standard error again.  Only while no other thread runs that logs. */
void	log_to(void (*put)(void *arg, const char *line, size_t n), void *arg);

void	log_msg(enum log_level level, const char *module, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

#define log_error(module, ...)	log_msg(LOG_ERROR, module, __VA_ARGS__)
#define log_warn(module, ...)	log_msg(LOG_WARN, module, __VA_ARGS__)
#define log_note(module, ...)	log_msg(LOG_NOTE, module, __VA_ARGS__)
#define log_info(module, ...)	log_msg(LOG_INFO, module, __VA_ARGS__)
#define log_debug(module, ...)	log_msg(LOG_DEBUG, module, __VA_ARGS__)

#endif
