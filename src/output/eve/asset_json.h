/* asset_json.h - a device as members of an object: of ot.asset, and of thermowell assets --format json. */
#ifndef OUTPUT_ASSET_JSON_H
#define OUTPUT_ASSET_JSON_H

#include "output/jsonw.h"
#include "record/device.h"

void	asset_json(struct jsonw *j, const struct device *d);

#endif
