/* format.h - what turns a record into the bytes of one line; knows nothing of
 * where lines go.  There is one, EVE: it runs on the packet thread.  The other formats are made of its
 * lines by converters (convert.h), on the writer's thread.
 */
#ifndef OUTPUT_FORMAT_H
#define OUTPUT_FORMAT_H

#include <stddef.h>

#include "output/output.h"
#include "output/visibility.h"

enum record_kind {
	RECORD_OPERATION, RECORD_ANOMALY, RECORD_ALERT, RECORD_FLOW, RECORD_STATS, RECORD_VISIBILITY,
	RECORD_DEVICE, RECORD_INCIDENT, RECORD_HEARTBEAT, RECORD_HEALTH, RECORD_PROCESS
};

struct chain_link;

/* What a sign of life says. */
struct heartbeat {
	uint64_t		 n;		/* of this run, from 1 */
	uint64_t		 now_ns, uptime_s, every_s;
	const struct counters	*c;
	const struct chain_link	*last;		/* of the alerts; NULL: they have no chain */
	int			 clock;		/* of the machine: 1 it is synchronised, 0 it is not, -1 not known */
};

/* One fact to be written; everything is borrowed for the call. */
struct record {
	enum record_kind	 kind;
	union {
		const struct operation	*operation;	/* each time that its phase changes */
		const struct alert	*alert;
		const struct incident	*incident;
		const struct visibility	*visibility;
		const struct heartbeat	*heartbeat;
		const struct health_report	*health;
		const struct process_value	*process;
		struct {
			const struct device	*d;
			uint64_t		 now_ns;
		} device;
		struct {
			const struct anomaly	*a;
			uint64_t		 suppressed;	/* like it, just before */
		} anomaly;
		struct {
			const struct flow	*f;
			enum flow_end_reason	 why;
			const uint64_t		*anomalies;	/* how many of each id it had, or NULL */
		} flow;
		struct {
			const struct counters	*c;
			uint64_t		 now_ns, uptime_s;
			const struct sink_counts *sinks;	/* n_sinks, 0: nobody asks for them */
			unsigned		 n_sinks;
			bool			 live;
			const char		*sandbox;	/* what limits the process; NULL: is not said */
		} stats;
	};
};

enum format_result {
	FORMAT_OK,
	FORMAT_NOT_MINE,	/* this format does not write such a record */
	FORMAT_TOO_LONG		/* it does not fit */
};

struct line {
	char	*text;		/* `size` bytes; borrowed */
	size_t	 size, len;	/* `len` is set by FORMAT_OK */
};

struct format {
	const char	*name;		/* "eve" */

	/* Both arguments are borrowed for as long as it is open. */
	void	*(*open)(const struct output_settings *s, const struct output_env *env,
		    struct err *e);

	/* Write one record without a newline. */
	enum format_result (*write)(void *f, const struct record *r, struct line *to);

	void	 (*close)(void *f);
};

extern const struct format format_eve;

#endif
