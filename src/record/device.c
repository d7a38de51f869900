#include "record/device.h"

#include <ctype.h>

#include "base/str.h"

const struct role_row role_rows[ROLE_COUNT] = {
#define ROLE(id, text, level, what) [ROLE_##id] = { text, level, what },
#include "record/roles.def"
};

static int
plain(char c)
{
	return c == ' ' || c == '_' ? '-' : tolower((unsigned char)c);
}

enum role
role_find(const char *text)
{
	for (unsigned i = 0; i < ROLE_COUNT; i++) {
		const char *a = text, *b = role_rows[i].text;

		while (*a != '\0' && plain(*a) == *b) {
			a++;
			b++;
		}
		if (*a == '\0' && (*b == '\0' || (*b == '-' && a != text)))
			return (enum role)i;
	}
	return ROLE_UNKNOWN;
}

const struct device_value *
device_value(const struct device *d, enum attribute_key key)
{
	for (uint32_t i = 0; i < d->n_values; i++)
		if (d->values[i].key == key && d->values[i].holds)
			return &d->values[i];
	return NULL;
}

const char *
device_text(const struct device *d, enum attribute_key key)
{
	const struct device_value *v = device_value(d, key);

	return v != NULL ? v->value : "";
}

static const char *
first_of(const struct device *d, const uint8_t *keys, unsigned n)
{
	for (unsigned i = 0; i < n; i++) {
		const struct device_value *v = device_value(d, (enum attribute_key)keys[i]);

		if (v != NULL)
			return v->value;
	}
	return "";
}

const char *
device_model(const struct device *d)
{
	static const uint8_t keys[] = { ATTR_MODEL, ATTR_PRODUCT, ATTR_ORDER_NUMBER };

	return first_of(d, keys, COUNTOF(keys));
}

const char *
device_firmware(const struct device *d)
{
	static const uint8_t keys[] = { ATTR_FIRMWARE, ATTR_REVISION };

	return first_of(d, keys, COUNTOF(keys));
}

const char *
device_name(const struct device *d)
{
	static const uint8_t keys[] = { ATTR_NAME, ATTR_STATION, ATTR_HOSTNAME, ATTR_FQDN };

	return first_of(d, keys, COUNTOF(keys));
}
