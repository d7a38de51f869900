/* registry.c - every detector there is. */
#include "detect/baseline/baseline.h"
#include "detect/commands/commands.h"
#include "detect/detect.h"
#include "detect/floods/floods.h"
#include "detect/forged/forged.h"
#include "detect/health/health.h"
#include "detect/history/history.h"
#include "detect/match/rules.h"
#include "detect/new_clients/new_clients.h"
#include "detect/protocol/protocol.h"
#include "detect/scan/scan.h"
#include "detect/values/values.h"
#include "detect/zones/zones.h"

const struct detector *const detectors[] = {
	&rules_detector,
	&detector_commands,
	&detector_new_clients,
	&detector_protocol,
	&detector_answering,
	&detector_repeats,
	&detector_indications,
	&detector_reporting,
	&detector_identity,
	&detector_leases,
	&detector_timeservers,
	&detector_sensor,
	&detector_wire,
	&detector_instruments,
	&detector_scan,
	&detector_floods,
	&detector_sweeps,
	&detector_forged,
	&detector_baseline,
	&detector_zones,
	&detector_deeds,
	&detector_talks,
	&detector_values,
	NULL
};

struct detect *
detect_open(const struct detect_env *env, struct err *e)
{
	return detect_open_with(detectors, env, e);
}
