/* finding.h - what a detector reports: an observation, its alert type, its evidence.
 *
 * A finding is made on the stack and lives for the call.  alert/ turns it into
 * an alert (merged, limited, with a sentence and evidence); detectors know
 * nothing of that, nor of outputs.
 */
#ifndef RECORD_FINDING_H
#define RECORD_FINDING_H

#include <stdbool.h>
#include <stdint.h>

#include "record/addr.h"
#include "record/alert_type.h"
#include "record/anomaly.h"
#include "record/flow.h"
#include "record/location.h"
#include "record/operation.h"
#include "record/packet.h"

/* One "key value, value" of a rule's metadata. */
struct rule_meta {
	const char	*key, *value;
};

/* Metadata of a rule, for alerts and listings.  Owned by the rule set, which lives longer
 * than every finding made from it. */
struct rule_metadata {
	uint32_t	 gid, sid, rev;
	const char	*action;		/* "alert"; EVE has `allowed` for drop and reject, too, because the sensor is passive */
	const char	*msg;
	const char	*classtype;		/* short name; NULL none */
	const char	*category;		/* its description; "" none */
	uint8_t		 severity;		/* priority, or the class's, or 3; 1..255 */
	const char	*techniques;		/* ids out of metadata, "T0836 T0855"; "" none */
	const char	*const *references;	/* "url,..." as EVE wants them; n_references */
	uint32_t	 n_references;
	const struct rule_meta *metadata;
	uint32_t	 n_metadata;
	const char	*text;			/* the rule as written, without line ends */
	const char	*file;			/* and where */
	uint32_t	 line;
	uint8_t		 target;		/* which endpoint is attacked: 0 not given, 1 the source, 2 the destination */
};

/* A figure that belongs to the evidence: "count" 21, "limit" 20, "window_s" 3600. */
struct finding_number {
	const char	*name;		/* static, lower_snake_case, unit at its end */
	int64_t		 value;
};
#define FINDING_NUMBERS 8u

/* A command is reported when it is asked for, and again when it is known what became of
 * it: two findings about the same `tx`, of the same type, endpoints and key. */
enum finding_stage {
	FINDING_WHOLE,		/* the only one about it */
	FINDING_ASKED,		/* the request was seen; another one follows */
	FINDING_OUTCOME		/* it was answered, refused, or given up */
};

struct finding {
	enum alert_type		 type;
	const struct rule_metadata	*rule;		/* ALERT_RULE; NULL else */
	enum finding_stage	 stage;
	uint64_t		 ts_ns;		/* capture clock */
	uint64_t		 frame;		/* that completed the evidence */
	uint16_t		 source;
	uint64_t		 tx;		/* operation id, 0 none */

	/* Who did it to whom: of the bytes that fired.  Always set. */
	struct addr		 src, dst;
	uint16_t		 sport, dport;
	uint8_t			 proto;		/* enum ip_protocol; 0: no IP (ARP) */

	/* What is known of it; each may be NULL, all are borrowed. */
	struct flow		*flow;
	const struct packet	*packet;
	const struct operation	*op;
	const struct anomaly	*anomaly;
	bool			 to_client;	/* the bytes that fired came from the flow's server */
	bool			 in_response;	/* of op: the answer fired, not the request */
	bool			 any_dst;	/* dst is one of many, and no part of what makes findings alike */

	const char		*value;		/* the name of the value that `op` writes or reads; NULL: it has none */
	const char		*moved;		/* "from 0.85 to 4.5 mg/l", "to 4.5 mg/l", "4.5 mg/l" where it is read; "": not known */
	const char		*what;		/* the object in plant words ("coil 12"), or NULL: the sentence's {what} */
	const struct location	*where;		/* of the outside address that it is about, or NULL: {,where} */
	const char		*expected;	/* what would have been normal, or NULL */
	struct finding_number	 numbers[FINDING_NUMBERS];
	uint32_t		 n_numbers;
	uint64_t		 key;		/* which objects: findings of one type (rule), src, dst and key are
						 * one alert while the merge window is open */
};

struct finding_sink {
	void	(*finding)(void *arg, const struct finding *f);
	void	*arg;
};

#endif
