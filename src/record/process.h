/* process.h - news of a value of the process: what a `process` record says. */
#ifndef RECORD_PROCESS_H
#define RECORD_PROCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/operation.h"

enum process_why {
#define PROCESS_WHY(id, text, what) PROCESS_##id,
#include "record/process.def"
	PROCESS_WHYS
};

enum process_kind {
#define PROCESS_KIND(id, text, what) PROCESS_##id,
#include "record/process.def"
	PROCESS_KINDS
};

/* What is known of how good a value is; 0: nothing speaks against it. */
enum process_quality {
	PROCESS_WIRE	= 0xff,		/* the octet that came with it: DNP3 flags, quality descriptor of IEC 104 */
	PROCESS_HAS_WIRE = 1u << 8,	/* one came */
	PROCESS_BAD	= 1u << 9,	/* it says that the value is not to be relied on */
	PROCESS_UNSURE	= 1u << 10	/* written, and no answer says that the device took it */
};

struct process_value {
	const char	*tag, *group, *unit, *type, *at;	/* texts are borrowed; group, unit: "" none */
	const char	*text;		/* the value with its unit: "4.5 mg/l" */
	bool		 raw;		/* nobody named it: its tag is its address */
	uint8_t		 why, kind;	/* enum process_why, process_kind */
	bool		 known;		/* value is a number */
	double		 value;
	bool		 has_old;
	double		 old;		/* before it changed last; of a write: before it */
	uint64_t	 change_ns;	/* when it did; 0: never */
	uint32_t	 quality;	/* enum process_quality bits */
	uint64_t	 source_ns;	/* by the clock of the device; 0: none */
	bool		 written;	/* somebody wrote it: who last, when, and what it was before */
	struct addr	 writer;
	uint64_t	 write_ns;
	double		 write_value, write_old;
	bool		 has_write_old;
	uint64_t	 ts_ns;		/* of the capture */
	const struct operation *op;	/* that had it */
};

struct process_sink {
	void	(*value)(void *arg, const struct process_value *v);	/* NULL: nobody wants it */
	void	*arg;
};

const char	*process_why_text(unsigned why);	/* "" out of range */
const char	*process_kind_text(unsigned kind);
/* "good", "bad", "unsure" */
const char	*process_quality_text(uint32_t quality);

/* The number of a tag's history (keep_tag.series), by its name: the same in each database. */
uint64_t	 process_series(const char *tag);

#endif
