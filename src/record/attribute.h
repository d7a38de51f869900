/* attribute.h - something known of a device: names of what and of who says so. */
#ifndef RECORD_ATTRIBUTE_H
#define RECORD_ATTRIBUTE_H

#include <stddef.h>
#include <stdint.h>

#define ATTRIBUTE_MAX	96u	/* bytes of a value, with its NUL; longer ones are truncated */

enum attribute_key {
#define ATTRIBUTE(id, text, form, what) ATTR_##id,
#include "record/attributes.def"
	ATTRIBUTE_COUNT,
	ATTR_NONE = ATTRIBUTE_COUNT
};

enum attribute_form { ATTR_FORM_ONE, ATTR_FORM_STATE, ATTR_FORM_MANY };

enum attribute_source {
#define ATTRIBUTE_SOURCE(id, text, confidence, what) ATTR_BY_##id,
#include "record/attributes.def"
	ATTRIBUTE_SOURCES
};

struct attribute_row {
	const char	*text;		/* "order_number": its JSON key */
	uint8_t		 form;		/* enum attribute_form */
	const char	*what;
};

struct attribute_source_row {
	const char	*text;		/* "modbus-identification" */
	uint8_t		 confidence;	/* 0 to 100 */
	const char	*what;
};

extern const struct attribute_row attribute_rows[ATTRIBUTE_COUNT];
extern const struct attribute_source_row attribute_sources[ATTRIBUTE_SOURCES];

/* A number that stands for it in every version, made of its text. */
uint32_t		attribute_code(enum attribute_key key);
/* By its text, blanks and hyphens as good as underscores, in upper or lower case; ATTRIBUTE_COUNT or
 * ATTRIBUTE_SOURCES: there is none. */
enum attribute_key	attribute_find(const char *text);
enum attribute_source	attribute_source_find(const char *text);

#endif
