/* parts.h - what the converters share: the table of fields, paths in JSON, values; private to them. */
#ifndef OUTPUT_CONVERT_PARTS_H
#define OUTPUT_CONVERT_PARTS_H

#include "base/json.h"
#include "output/convert/convert.h"

/* Columns of fields.def. */
enum target { ON_ECS = 1, ON_OCSF = 2, ON_CEF = 4, ON_LEEF = 8, ON_ALL = 15 };

/* How a value gets from EVE to a target; value.c does it. */
enum field_kind {
	FIELD_AS_IS,
	FIELD_TEXT,		/* a number becomes a text */
	FIELD_LOWER,		/* "TCP": "tcp" where the target wants lower case */
	FIELD_TIME,		/* the target's form of a time */
	FIELD_SECONDS,		/* a duration in seconds: ns (ECS), ms (OCSF) */
	FIELD_IP, FIELD_MAC,
	FIELD_IP_VERSION,	/* 4: "ipv4" */
	FIELD_VLAN,		/* the outer one, and the inner one */
	FIELD_PROTOCOL,		/* a name; "failed" is none */
	FIELD_DATASET,		/* "alert": "thermowell.alert" */
	FIELD_SEVERITY,		/* rows SEVERITY */
	FIELD_OUTCOME,		/* "exception": "failure" */
	FIELD_FIRST,		/* of a list */
	FIELD_LIST,		/* all of a list, each once */
	FIELD_ATTACK		/* techniques of ATT&CK: ot.attack, or a list of ids */
};

struct field_row {
	const char	*eve;
	enum field_kind	 kind;
	bool		 keep;
	const char	*to[4];		/* ECS, OCSF, CEF, LEEF; "" none */
	const char	*label;		/* of a slot of CEF */
};

struct record_row {
	const char	*event_type;
	unsigned	 on;		/* bits of enum target */
	const char	*kind, *categories, *types;	/* ECS */
	unsigned	 class_uid, activity;		/* OCSF */
	const char	*at;		/* where endpoints stand in OCSF */
	const char	*id, *name, *title, *why_not;
};

struct severity_row {
	unsigned	 eve, risk, ocsf;
	const char	*caption;
	unsigned	 cef;
};

struct kind_row {
	const char	*word;
	unsigned	 activity;
	const char	*activity_name;
	unsigned	 status;
	const char	*status_name;
};

struct device_type_row {
	const char	*role;
	unsigned	 id;
	const char	*caption;
};

struct cef_key_row {
	const char	*key;
	unsigned	 most;		/* characters; 0 any number */
};

extern const struct field_row field_rows[];
extern const unsigned field_count;

#define SENSOR_VENDOR	"thermowell"
#define SENSOR_PRODUCT	"sensor"

/* The version of a standard that the table follows: "1.8.0". */
enum standard {
#define STANDARD(id, version) STANDARD_##id,
#include "output/convert/fields.def"
	STANDARDS
};
const char	*standard_version(enum standard s);

/* The row of an event type; operations and what is not known have one, too. */
const struct record_row *record_row(const json_t *eve);
/* The gravest row up to that number; that of records without a severity for 0. */
const struct severity_row *severity_row(json_int_t eve);
const struct kind_row *kind_row(const char *word);		/* NULL: none */
const struct device_type_row *device_type_row(const char *role);	/* NULL: none */
/* Characters that a key of CEF takes, 0 for any number; false: no key of ours. */
bool		 cef_key(const char *key, unsigned *most);

/* ---- paths ------------------------------------------------------------------------- */

/* What stands there: a new reference, or NULL.  Through lists all that their elements have,
 * as one list. */
json_t	*path_get(const json_t *root, const char *path);
/* The same where it is a text; "" when it is none.  Borrowed. */
const char *path_text(const json_t *root, const char *path);
/* Take it away, with the objects that become empty; lists on the way are left alone. */
void	 path_drop(json_t *root, const char *path);

enum path_put {
	PATH_PUT,	/* or there already, and equal */
	PATH_TAKEN,	/* something else is there */
	PATH_FAILED	/* no memory, or `v` is NULL */
};

/* Put it there and give up the reference.  "a.b[].c" has no meaning; "a[0].b" is in the first element;
 * "a.b[]" appends what the list does not have yet, each element if `v` is a list. */
enum path_put path_put(json_t *root, const char *path, json_t *v);

/* ---- one line --------------------------------------------------------------------- */

/* A line on its way. */
struct conversion {
	enum target	 target;	/* one bit */
	json_t		*eve;		/* what is not mapped yet */
	json_t		*out;		/* ECS, OCSF */
	const struct record_row *record;
	bool		 failed;	/* no memory */
};

/* Parse the line and find its row. */
enum convert_result conversion_begin(struct conversion *c, enum target target, const char *line, size_t n);
void	 conversion_end(struct conversion *c);

/* Set a member of `out`; the reference is given up. */
void	 conversion_put(struct conversion *c, const char *path, json_t *v);
/* The rows of the table, for ECS and OCSF. */
void	 conversion_fields(struct conversion *c);
/* `out`, and below `rest` what is left of the line; as one line of JSON. */
enum convert_result conversion_print(struct conversion *c, const char *rest, struct text *to);

/* Put ATT&CK there: `v` as EVE has it, a list of objects or of ids. */
void	 attack_ecs(struct conversion *c, const json_t *v);
void	 attack_ocsf(struct conversion *c, const json_t *v);

/* ---- values ------------------------------------------------------------------------ */

/* A value for `word` of a target: a new reference, or NULL when it cannot be said there. */
json_t	*value_for(enum target target, enum field_kind kind, const json_t *v, const char *word);
/* "2026-01-05T08:00:00.080000+0000" in ms since 1970; false: it is no time. */
bool	 value_ms(const char *text, int64_t *ms);
/* Words divided by commas as a list of texts. */
json_t	*value_words(const char *words);

/* As JSON without blanks, reals with their shortest digits, into `to`. */
void	 json_to_text(const json_t *j, struct text *to);

#endif
