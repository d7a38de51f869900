/* output.h - from facts to lines.
 *
 * A format turns a record into bytes, a transport carries the bytes.  Nothing
 * here knows how a fact was found.  Lines are made in one buffer per worker
 * without allocation and put into the queue of a writer thread (writer.h), which
 * hands them to the kernel within a tenth of a second; who puts them waits for
 * nobody, but in a replay, where nothing may be lost.
 */
#ifndef OUTPUT_OUTPUT_H
#define OUTPUT_OUTPUT_H

#include "base/err.h"
#include "record/alert.h"
#include "record/incident.h"
#include "record/anomaly.h"
#include "record/counters.h"
#include "record/device.h"
#include "record/health.h"
#include "record/operation.h"
#include "record/process.h"
#include "record/settings.h"
#include "record/zone.h"

struct output;		/* opaque */

#define SINK_NAME_MAX 64u	/* with its NUL */

/* How one output fares. */
struct sink_counts {
	char		 name[SINK_NAME_MAX];
	const char	*format, *transport;	/* static */
	uint64_t	 lines;			/* handed to its writer */
	uint64_t	 lost, lost_alerts;	/* of all; of those alerts: they did not fit into the queue */
	uint64_t	 filtered, limited;	/* not wanted by zones, assets...; above the rate */
	/* As of the writer's last look; not the same in each replay. */
	uint64_t	 bytes, waiting;	/* carried away; in the queue */
	uint64_t	 failures, reconnects;	/* times that the target began to fail or was lost; was found again */
	/* Where lines are converted, spooled or acknowledged (relay.h); else all 0. */
	bool		 relayed, spooled;
#define SINK_COUNT(member, what) uint64_t member;
#include "output/sink_counts.def"
#undef SINK_COUNT
	uint64_t	 oldest_ns;		/* capture time of the line that waits longest; 0 none */
	uint64_t	 certificate_until_s;	/* when its certificate or ours expires, seconds since 1970; 0 not known */
	bool		 spool_failing;		/* it cannot be written: lines wait in memory */
	char		 problem[128];		/* what is wrong now; "" nothing */
};

/* What output needs to know of other rooms, handed in by the engine. */
struct output_env {
	const char	*(*source_name)(void *arg, uint16_t source);	/* interface or file */
	const char	*(*community_id)(void *arg, const struct flow *f);
	const char	*(*risk_name)(unsigned bit);
	const struct unfollowed *(*unfollowed)(void *arg);	/* or NULL */
	const struct zone *(*zone_of)(void *arg, const struct addr *a);	/* NULL: of none; may be NULL where there are none */
	const struct zone *(*zone_named)(void *arg, const char *name);
	bool		(*is_named)(void *arg, const struct addr *a, uint16_t vlan, const char *name);	/* the device, by whoever named it; or NULL */
	bool		 live;		/* source names are interfaces */
	bool		 many_files;	/* name the file in each record */
	const _Atomic uint64_t *deadline_ns;	/* writer.h: when a stop waits no longer; or NULL */
	const struct net_watched *watched;	/* net.h: interfaces by which no sink may send; or NULL */
	void		*arg;
};

/* The outputs that the settings ask for, that of outputs.eve first, with what each has; the
 * texts stay the settings'. Returns how many. */
unsigned	 output_sinks(const struct output_settings *s, struct sink_settings to[SINKS_MAX + 1]);

/* The path of a target, which may be relative to the log folder.  false: too long. */
#define OUTPUT_PATH_MAX 4096u
bool		 output_path(const struct output_settings *s, const char *target, char *to, size_t size);

/* The folder of its spool. */
bool		 output_spool_folder(const struct output_settings *s, const struct sink_settings *k, char *to, size_t size);

/* What must hold between the settings of all outputs; every problem is added to `e`.
 * Opens nothing. */
bool		 output_check(const struct output_settings *s, bool live, struct err *e);

/* Check the settings and open the files.  Problems are added to `e`. */
struct output	*output_open(const struct output_settings *s, const struct output_env *env,
		    struct counters *c, struct err *e);

/* Start the writers; records may be handed in before.  false with the problems in `e`. */
bool	output_start(struct output *o, struct err *e);

/* A tenth of a second has passed. */
void	output_tick(struct output *o);

void	output_operation(struct output *o, const struct operation *op);
void	output_anomaly(struct output *o, const struct anomaly *a);
void	output_alert(struct output *o, const struct alert *a);
/* Something new is known of a device. */
void	output_device(struct output *o, const struct device *d, uint64_t now_ns);
/* How a device fares. */
void	output_health(struct output *o, const struct health_report *r);
/* A value of the process is news. */
void	output_process(struct output *o, const struct process_value *v);
void	output_incident(struct output *o, const struct incident *i);
void	output_flow(struct output *o, const struct flow *f, enum flow_end_reason why);

/* The stats record, and a visibility record when a blind counter moved.
 * `now_ns` is capture time; `uptime_s` since the first packet, capture clock. */
void	output_stats(struct output *o, const struct counters *c, uint64_t now_ns,
	    uint64_t uptime_s, bool last);

/* A sign of life.  `clock`: 1 the machine's clock is synchronised, 0 it is not, -1 not known. */
void	output_heartbeat(struct output *o, const struct counters *c, uint64_t now_ns, uint64_t uptime_s, int clock);

/* Does anybody want news of values? */
bool	output_wants_values(const struct output *o);

/* Does anybody want those records?  The last are for the closing summary, too. */
bool	output_wants_numbers(const struct output *o);

/* How each output fares.  Returns how many. */
unsigned output_counts(const struct output *o, struct sink_counts to[SINKS_MAX + 1]);

/* The wire is no longer listened to: wait for space rather than lose a line. */
void	output_last(struct output *o);

/* Try a disk that failed again, and wait until all is written, at most `wait_ms`
 * and at most until the deadline.  false: it is not. */
bool	output_wait(struct output *o, uint64_t wait_ms);

/* Drop what waits in the spool of the output of this name, soon.  false: there is none. */
bool	output_drop(struct output *o, const char *name);

/* Deliver what waits in the spool of `k`, an output of `s`, to its receiver, while no sensor has it.  Ends when all is
 * there, or nothing has moved for five seconds.  false with a problem in `e`: it could not begin. */
bool	output_deliver(const struct output_settings *s, const struct sink_settings *k, const struct net_watched *watched, struct err *e);

/* Open the files again by name (log rotation, SIGHUP). */
void	output_reopen(struct output *o);

/* Bytes taken at open, near enough. */
size_t	output_memory(const struct output *o);

/* What limits the process, for stats: a text that stays. */
void	output_sandbox(struct output *o, const char *how);

/* Write what is left, at most until the deadline, and close.  Returns 0, or -1 when
 * lines were lost. */
int	output_close(struct output *o);		/* NULL is ignored */

#endif
