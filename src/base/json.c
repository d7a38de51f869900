#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

json_t *
json_from_text(const char *s)
{
	const uint8_t *p = (const uint8_t *)s;
	size_t n = strlen(s), len;
	struct json_writing w;

	if (utf8_valid(p, n))
		return json_stringn(s, n);
	if (!json_write(&w))
		return NULL;
	for (; n > 0; p += len, n -= len) {
		len = utf8_len(p, n);
		if (len > 0)
			(void)fwrite(p, 1, len, w.to);
		else {
			fprintf(w.to, "\\x%02x", p[0]);
			len = 1;
		}
	}
	return json_written(&w);
}

bool
json_write(struct json_writing *w)
{
	*w = (struct json_writing){ 0 };
	w->to = open_memstream(&w->text, &w->n);
	return w->to != NULL;
}

json_t *
json_written(struct json_writing *w)
{
	json_t *j = NULL;

	if (w->to != NULL && fclose(w->to) == 0)
		j = json_from_text(w->text);
	free(w->text);
	return j;
}

const char *
json_text_of(const json_t *object, const char *key)
{
	const char *s = json_string_value(json_object_get(object, key));

	return s != NULL ? s : "";
}

json_int_t
json_number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

/* One fewer than a real has: 0.85, not 0.84999999999999998. */
#define DIGITS	16

bool
json_line(json_t *j, FILE *to)
{
	bool good = j != NULL && json_dumpf(j, to, JSON_COMPACT | JSON_REAL_PRECISION(DIGITS)) == 0 && fputc('\n', to) != EOF;

	json_decref(j);
	return good;
}
