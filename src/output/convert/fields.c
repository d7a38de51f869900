/* fields.c - fields.def as tables. */
#include "output/convert/parts.h"

#include <string.h>

#include "base/str.h"

#define ALL ON_ALL
#define KEEP true
#define MOVE false

const struct field_row field_rows[] = {
#define FIELD(eve, kind, keep, ecs, ocsf, cef, label, leef) \
	{ eve, FIELD_##kind, keep, { ecs, ocsf, cef, leef }, label },
#include "output/convert/fields.def"
#undef FIELD
};
const unsigned field_count = COUNTOF(field_rows);

static const struct record_row records[] = {
#define RECORD(type, on, kind, categories, types, class_uid, activity, at, id, name, title, why) \
	{ type, on, kind, categories, types, class_uid, activity, at, id, name, title, why },
#include "output/convert/fields.def"
#undef RECORD
};

static const struct severity_row severities[] = {
#define SEVERITY(eve, risk, ocsf, caption, cef) { eve, risk, ocsf, caption, cef },
#include "output/convert/fields.def"
#undef SEVERITY
};

static const struct kind_row kinds[] = {
#define KIND(word, activity, activity_name, status, status_name) \
	{ word, activity, activity_name, status, status_name },
#include "output/convert/fields.def"
#undef KIND
};

static const struct device_type_row device_types[] = {
#define DEVICE_TYPE(role, id, caption) { role, id, caption },
#include "output/convert/fields.def"
#undef DEVICE_TYPE
};

static const struct cef_key_row cef_keys[] = {
#define CEF_KEY(key, most) { key, most },
#include "output/convert/fields.def"
#undef CEF_KEY
};

const char *
standard_version(enum standard s)
{
	static const char *const versions[STANDARDS] = {
#define STANDARD(id, version) [STANDARD_##id] = version,
#include "output/convert/fields.def"
	};
	return versions[s];
}

/* Not inlined: GCC would take the rows for the words and warn. */
static __attribute__((noinline)) const struct record_row *
record_named(const char *type)
{
	for (unsigned i = 0; i < COUNTOF(records); i++)
		if (strcmp(records[i].event_type, type) == 0)
			return &records[i];
	return NULL;
}

const struct record_row *
record_row(const json_t *eve)
{
	const struct record_row *r = record_named(json_text_of(eve, "event_type"));
	const json_t *ot = json_object_get(eve, "ot");

	if (r != NULL)
		return r;
	return record_named(json_object_get(ot, "function") != NULL ? "operation" : "other");
}

const struct severity_row *
severity_row(json_int_t eve)
{
	unsigned last = COUNTOF(severities) - 1;

	if (eve <= 0)
		return &severities[last];
	for (unsigned i = 0; i + 1 < last; i++)
		if (eve <= (json_int_t)severities[i].eve)
			return &severities[i];
	return &severities[last - 1];
}

const struct kind_row *
kind_row(const char *word)
{
	for (unsigned i = 0; i < COUNTOF(kinds); i++)
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	return NULL;
}

const struct device_type_row *
device_type_row(const char *role)
{
	for (unsigned i = 0; i < COUNTOF(device_types); i++)
		if (strcmp(device_types[i].role, role) == 0)
			return &device_types[i];
	return NULL;
}

bool
cef_key(const char *key, unsigned *most)
{
	for (unsigned i = 0; i < COUNTOF(cef_keys); i++)
		if (strcmp(cef_keys[i].key, key) == 0) {
			*most = cef_keys[i].most;
			return true;
		}
	return false;
}
