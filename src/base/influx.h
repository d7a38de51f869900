/* influx.h - a line of the line protocol of InfluxDB:
 *
 *	measurement,tag=value,tag=value field=1.5,field="text" 1767592800000000000
 *
 * https://docs.influxdata.com/influxdb/v2/reference/syntax/line-protocol/
 * What that has no place for (control characters, a backslash in a tag, a number that is not finite) is replaced or left out.
 */
#ifndef BASE_INFLUX_H
#define BASE_INFLUX_H

#include <stdint.h>

#include "base/str.h"

struct influx {
	struct strbuf	*to;
	unsigned	 fields;
};

/* Begin a line.  Tags come before fields; those with an empty value are left out. */
struct influx	influx_begin(struct strbuf *to, const char *measurement);
void		influx_tag(struct influx *l, const char *key, const char *value);
void		influx_real(struct influx *l, const char *key, double value);
void		influx_number(struct influx *l, const char *key, uint64_t value);
void		influx_text(struct influx *l, const char *key, const char *value);	/* "" is left out */
/* Its time, ns since 1970.  false: it has no field, which is no line, or did not fit. */
bool		influx_end(struct influx *l, uint64_t ts_ns);

#endif
