/* fuzz_convert.c - the formats of sinks: whatever line of JSON comes, each converter writes one line that its
 * readers can take apart, or says that it does not. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#include "base/str.h"
#include "output/convert/convert.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_json(const struct text *t)
{
	json_t *j = json_loadb(t->bytes, t->len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);

	/* Nested deeper than the reader goes, it cannot be read; nothing of ours is. */
	if (!json_is_object(j))
		abort();
	json_decref(j);
}

/* Seven bars that are not escaped, and no control character anywhere. */
static void
check_keys(const struct text *t, unsigned bars)
{
	unsigned n = 0;

	for (size_t i = 0; i < t->len; i++) {
		if ((uint8_t)t->bytes[i] < 0x20 || t->bytes[i] == 0x7f)
			abort();
		if (n >= bars)
			continue;
		if (bars == 7 && t->bytes[i] == '\\')
			i++;
		else if (t->bytes[i] == '|')
			n++;
	}
	if (n < bars || !utf8_valid((const uint8_t *)t->bytes, t->len))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static const struct converter *const all[] = { &converter_ecs, &converter_ocsf, &converter_cef, &converter_leef, &converter_influx };
	const struct convert_settings settings = { .sensor = NULL };

	for (size_t i = 0; i < COUNTOF(all); i++) {
		void *own = all[i]->open(&settings, NULL);
		struct text to = { .most = 1u << 20 }, small = { .most = 40 };
		enum convert_result r = all[i]->convert(own, (const char *)data, n, &to);

		if (r == CONVERT_OK && i < 2)
			check_json(&to);
		else if (r == CONVERT_OK)
			check_keys(&to, i == 2 ? 7 : 6);
		if (r == CONVERT_OK && all[i]->convert(own, (const char *)data, n, &small) != CONVERT_TOO_LONG)
			abort();
		text_free(&to);
		text_free(&small);
		all[i]->close(own);
	}
	return 0;
}
