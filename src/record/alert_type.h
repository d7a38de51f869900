/* alert_type.h - everything the sensor can report, one row of alert_types.def each.
 *
 * What is not a row cannot be reported.  A rule's alert is the row RULE with the
 * words of the rule.  Ids are stable: users filter on them.
 */
#ifndef RECORD_ALERT_TYPE_H
#define RECORD_ALERT_TYPE_H

#include <stdbool.h>
#include <stdint.h>

enum alert_type {
#define ALERT(id, text, sid, severity, title, class_, techniques, rows, sentence, effect, check, benign) ALERT_##id,
#include "record/alert_types.def"
#undef ALERT
	ALERT_TYPE_COUNT
};

/* Severity as Suricata's priority: 1 act now, 2 look today, 3 know about it, 4 for the file. */
struct alert_type_row {
	const char	*text;		/* stable id: "s7.cpu.stop" */
	uint32_t	 sid;		/* signature id in EVE, gid ALERT_GID */
	uint8_t		 severity;	/* 1..4 */
	const char	*title;		/* EVE alert.signature */
	const char	*class_;	/* short name in classification.config; EVE alert.category is its description */
	const char	*techniques;	/* ATT&CK for ICS ids, "T0858 T0814"; "" none */
	const char	*rows;		/* rows of the published catalogues that it covers, "O1 A3"; "" none */
	const char	*sentence;	/* plant words with {placeholders}: alert/sentence.h */
	const char	*effect;	/* what it can do to the process */
	const char	*check;		/* what to check first */
	const char	*benign;	/* causes of false alarms */
};

#define ALERT_GID 500u		/* of types; rules have their own gid, 1 by default */

const struct alert_type_row *alert_type_row(enum alert_type t);

/* By stable id or by sid; ALERT_TYPE_COUNT when there is none. */
enum alert_type alert_type_by_text(const char *text);
enum alert_type alert_type_by_sid(uint32_t sid);

#endif
