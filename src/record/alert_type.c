#include "record/alert_type.h"

#include <string.h>

static const struct alert_type_row rows[] = {
#define ALERT(id, text, sid, severity, title, class_, techniques, rows, sentence, effect, check, benign) \
	{ text, sid, severity, title, class_, techniques, rows, sentence, effect, check, benign },
#include "record/alert_types.def"
#undef ALERT
};

const struct alert_type_row *
alert_type_row(enum alert_type t)
{
	return &rows[(unsigned)t < ALERT_TYPE_COUNT ? t : ALERT_RULE];
}

enum alert_type
alert_type_by_text(const char *text)
{
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++)
		if (strcmp(rows[i].text, text) == 0)
			return (enum alert_type)i;
	return ALERT_TYPE_COUNT;
}

enum alert_type
alert_type_by_sid(uint32_t sid)
{
	for (unsigned i = 0; i < ALERT_TYPE_COUNT; i++)
		if (rows[i].sid == sid)
			return (enum alert_type)i;
	return ALERT_TYPE_COUNT;
}
