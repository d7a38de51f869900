/* status_text.h - the status of a sensor, as `thermowell status` shows it. */
#ifndef ENGINE_STATUS_TEXT_H
#define ENGINE_STATUS_TEXT_H

#include <stdio.h>

#include "base/json.h"

/* `status` is what snapshot_status() made, in this version or another: what is missing or of
 * another type is left out. */
void	status_text(const json_t *status, FILE *to);

#endif
