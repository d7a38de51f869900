/* wire.h - what the files of the detector "wire" share: how devices answer, hour by hour (wire.c, hours.c, kept.c).
 *
 * A poll adds to sums of the hour in hand; once an hour the sums of each device and unit become figures
 * (record/health.def), each is held against what is normal for it (norm.h), put as a row and begun anew.
 */
#ifndef DETECT_HEALTH_WIRE_H
#define DETECT_HEALTH_WIRE_H

#include "base/pool.h"
#include "detect/health/health.h"
#include "detect/health/norm.h"
#include "detect/health/sketch.h"

#define HOUR_NS		(3600 * UINT64_C(1000000000))
#define WIRE_CLASSES	4u	/* late requests of a unit that are remembered, to see which is asked again */
#define WIRE_NORMS	3u	/* figures that are ever unlike 0, of so many units and devices as detect.devices says */

/* The hour in hand, of a device or of a unit behind it. */
struct vitals {
	uint32_t	 asked;		/* operations that were finished */
	uint32_t	 bad[HEALTH_OF_WIRE];	/* of each figure, how many */
	uint16_t	 norm[HEALTH_OF_WIRE];	/* place in the pool, from 1; 0: the figure was always 0 */
	uint16_t	 hours;		/* in which it was asked, so far */
	uint64_t	 silent_ns;	/* when others said that it answers nobody; 0: never */
	uint64_t	 first_ns;	/* hour of its first operation of this run; 0: none yet */
	uint64_t	 reported_ns;	/* until then its last report reaches */
};

struct unit_vitals {
	struct vitals	 v;
	uint64_t	 sum_ns, worst_ns;	/* of answers */
	uint64_t	 heard_ns;	/* its last answer, whatever it was */
	/* A request without an answer, until the next one shows whether the sensor lost something meanwhile. */
	uint64_t	 lost_flow;	/* flow.id; 0: none */
	uint32_t	 lost_gaps;	/* of that flow, then */
	uint32_t	 answers;
	struct sketch	 answer;
	struct { uint32_t class; uint64_t asked_ns, until_ns; } last[WIRE_CLASSES];
	/* Its clock against the capture's, as it is (wire_clock_off()): an event is told late, never early, so the largest
	 * of an hour is the truest. */
	int64_t		 clock_ms;
	uint32_t	 clocks;	/* how many; 0: no time was seen */
	uint32_t	 counted[OP_COUNTERS];	/* what its own counters said last, plus 1; 0: not known */
};

struct wire_flow {
	uint32_t	 resent;	/* segments sent again, as far as they were counted */
	uint32_t	 damaged;	/* messages of the server that nobody could read, whose requests are not given up yet */
};

struct wire {
	struct health	 h;
	uint32_t	 of_device;	/* slot: struct vitals */
	uint32_t	 flow_slot;	/* struct wire_flow */
	struct pool	 norms;		/* of struct norm */
	uint64_t	 hour_end_ns;	/* capture time; 0: nothing was seen yet */
	unsigned	 conditions[HEALTH_CONDITIONS];	/* of the last hour: how many subjects */
	/* What an earlier run left, until the table of devices is there to take it. */
	struct wire_kept { struct keep_of of; uint16_t norm[HEALTH_OF_WIRE]; uint64_t hours; } *kept;
	uint32_t	 n_kept, kept_max;
};

/* How a figure is judged; form and alert too. */
struct wire_judge {
	struct norm_judge	 by;
	uint16_t		 alert;		/* enum alert_type; 0: it is only counted */
};
const struct wire_judge *wire_judge_of(unsigned figure);

/* How far a clock is off, in ms, that differs by so much from the capture's.  Whole quarters of an hour are time zones, unless it
 * is weeks: then nobody ever set it. */
int64_t		 wire_clock_off(int64_t differs_ms);

/* The norm of a figure; NULL: it was always 0, and with `make` there is no space for another. */
struct norm	*wire_norm(struct wire *d, struct vitals *v, unsigned figure, bool make);

/* hours.c.  The hour is over, or (`last`) the run.  */
void		 wire_close_hours(struct wire *d, uint64_t end_ns, bool last);

/* kept.c.  Rows of an earlier run into norms; 0, or -1 with the reason in `e`. */
int		 wire_load(struct wire *d, struct err *e);
/* ... and the norms to their devices. */
void		 wire_give(struct wire *d, uint64_t now_ns);

#endif
