/* role.h - what a device is in the plant. */
#ifndef RECORD_ROLE_H
#define RECORD_ROLE_H

#include <stdint.h>

#define LEVEL_NONE	0xffu	/* no Purdue level */

enum role {
#define ROLE(id, text, level, what) ROLE_##id,
#include "record/roles.def"
	ROLE_COUNT,
	ROLE_UNKNOWN = ROLE_COUNT
};

struct role_row {
	const char	*text;		/* "engineering-station" */
	uint8_t		 level;		/* Purdue level, or LEVEL_NONE */
	const char	*what;
};

extern const struct role_row role_rows[ROLE_COUNT];

/* By its text or the first word of it ("engineering"), in upper or lower case, blanks and underscores as good as hyphens; ROLE_UNKNOWN: there is none. */
enum role	role_find(const char *text);

/* A role with how sure it is, 1 to 100. */
struct role_belief {
	uint8_t		role, confidence;
};

#endif
