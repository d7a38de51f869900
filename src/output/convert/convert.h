/* convert.h - another form of a line: what crosses the queue is a line of EVE, a converter makes of it
 * what a sink's format says.
 *
 * It runs on the thread of the sink's writer, or where that carries for it, so it may take memory and
 * parse; nobody who sees packets waits for it.  It knows nothing of where lines go.
 */
#ifndef OUTPUT_CONVERT_H
#define OUTPUT_CONVERT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

/* A text that grows, up to a ceiling; `bytes` is not NUL-terminated. */
struct text {
	char	*bytes;		/* owned; NULL while size is 0 */
	size_t	 len, size;
	size_t	 most;		/* ceiling of `len` */
	bool	 cut;		/* something did not fit, or there was no memory */
};

/* Append; once something was cut nothing more is appended. */
void	text_put(struct text *t, const char *bytes, size_t n);
void	text_str(struct text *t, const char *s);
void	text_printf(struct text *t, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* Space for `n` more bytes behind what is there: where to write them, before adding to `len`.  NULL: cut. */
char	*text_space(struct text *t, size_t n);
void	text_free(struct text *t);

enum convert_result {
	CONVERT_OK,
	CONVERT_NOT_MINE,	/* this format does not write such a record: no loss */
	CONVERT_TOO_LONG,	/* `to` was cut: the writer counts a loss */
	CONVERT_FAILED		/* it is no line of ours, or there is no memory: the writer counts a loss */
};

/* What a converter may want to know; texts are borrowed for as long as it is open. */
struct convert_settings {
	const char	*sensor;	/* outputs.sensor (EVE `host`), or NULL */
};

struct converter {
	const char	*name;		/* the format's word: "ecs" */
	const char	*content_type;	/* of a line, as HTTP has it: "application/json" */
	const char	*lines_type;	/* of several; NULL: application/x-ndjson */
	const char	*auth;		/* "Token": the scheme by which a secret is shown to who takes such lines; NULL: any other way */
	bool		 series;	/* it writes series of values and nothing else */

	/* NULL with a problem in `e`. */
	void	*(*open)(const struct convert_settings *s, struct err *e);

	/* One line of EVE of `n` bytes without its newline, into `to`, which is empty: one line, without a
	 * newline.  The line is borrowed for the call. */
	enum convert_result (*convert)(void *own, const char *line, size_t n, struct text *to);

	void	 (*close)(void *own);
};

extern const struct converter converter_ecs, converter_ocsf, converter_cef, converter_leef, converter_influx;

#endif
