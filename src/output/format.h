/* format.h - what turns facts into the bytes of one line; knows nothing of
 * where lines go.
 */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include <stddef.h>

#include "output/output.h"
#include "output/visibility.h"

/* A function that does not know how to say something in its format is NULL.
 * Each writes one record without its newline and returns the length; 0 when it
 * did not fit in `size` bytes. */
struct format {
	const char	*name;		/* "eve" */

	/* Both arguments are borrowed for as long as it is open. */
	void	*(*open)(const struct output_settings *s, const struct output_env *env,
		    struct err *e);

	size_t	 (*operation)(void *f, const struct operation *op, char *to, size_t size);

	/* `held`: how many like it were held back just before. */
	size_t	 (*anomaly)(void *f, const struct anomaly *a, uint64_t held,
		    char *to, size_t size);

	size_t	 (*alert)(void *f, const struct alert *a, char *to, size_t size);

	/* `anomalies`: how many of each id the flow had, or NULL. */
	size_t	 (*flow)(void *f, const struct flow *flow, enum flow_end_reason why,
		    const uint64_t *anomalies, char *to, size_t size);
	size_t	 (*stats)(void *f, const struct counters *c, uint64_t now_ns,
		    uint64_t uptime_s, char *to, size_t size);
	size_t	 (*visibility)(void *f, const struct visibility *v, char *to, size_t size);
	void	 (*close)(void *f);
};

extern const struct format format_eve;

#endif
