/* health.h - detectors of how devices are: what they report of themselves, whether they
 * answer, what happens to them too often; and of how the sensor itself is. */
#ifndef DETECT_HEALTH_HEALTH_H
#define DETECT_HEALTH_HEALTH_H

#include "detect/detector.h"
#include "detect/slots.h"

extern const struct detector detector_answering;	/* does it answer? */
extern const struct detector detector_repeats;		/* stopped, restarted, refusing: how often? */
extern const struct detector detector_indications;	/* what it reports of its condition */
extern const struct detector detector_reporting;	/* may it report on its own account? */
extern const struct detector detector_identity;		/* is it still the one it was? */
extern const struct detector detector_leases;		/* does it get the address that it asks for? */
extern const struct detector detector_wire;		/* how fast and how well does it answer? */
extern const struct detector detector_instruments;	/* what do measurements show of them? */
extern const struct detector detector_timeservers;	/* does it get the time? */
extern const struct detector detector_sensor;		/* does the sensor see, and remember? */

/* How many devices and units were in each condition in their last hour that was over (record/health.h); of detector_wire. */
void	wire_conditions(const void *wire, unsigned of[HEALTH_CONDITIONS]);

/* Each of their states begins with this. */
struct health {
	struct detect_env		 env;
	const struct detect_settings	*s;
	size_t				 size;	/* bytes of the state */
	bool				 off;	/* detect.health: all of them go by one setting */
	uint32_t			 of_unit;	/* slot of each unit, if one was asked for */
};

/* A state of `size` bytes, zeroed behind its beginning, with a slot of `of_unit` bytes on each
 * unit (0: none).  free() gives it back; NULL without memory. */
void	*health_open(const struct detect_env *env, size_t size, size_t of_unit);
bool	 health_idle(const void *d);
size_t	 health_memory(const void *d);

/* It happened once more, at ts_ns: a finding when that is too often. */
void	 health_once_more(const struct health *h, enum alert_type type, const struct operation *op,
	    bool from_server, uint64_t ts_ns, struct rate_count *count, const struct rate_settings *r);

#endif
