#include "output/convert/convert.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST 4096u	/* bytes of a text that grows */

char *
text_space(struct text *t, size_t n)
{
	size_t size = t->size != 0 ? t->size : FIRST;
	char *more;

	if (t->cut || n > t->most || t->len > t->most - n) {
		t->cut = true;
		return NULL;
	}
	while (size < t->len + n)
		size *= 2;
	if (size > t->size) {
		more = realloc(t->bytes, size);
		if (more == NULL) {
			t->cut = true;
			return NULL;
		}
		t->bytes = more;
		t->size = size;
	}
	return t->bytes + t->len;
}

void
text_put(struct text *t, const char *bytes, size_t n)
{
	char *to = text_space(t, n);

	if (to == NULL || n == 0)
		return;
	memcpy(to, bytes, n);
	t->len += n;
}

void
text_str(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

void
text_printf(struct text *t, const char *fmt, ...)
{
	va_list ap;
	char *to;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	/* One more for the NUL, which is not counted. */
	to = n >= 0 ? text_space(t, (size_t)n + 1) : NULL;
	if (to == NULL)
		return;
	va_start(ap, fmt);
	(void)vsnprintf(to, (size_t)n + 1, fmt, ap);
	va_end(ap);
	t->len += (size_t)n;
}

void
text_free(struct text *t)
{
	free(t->bytes);
	*t = (struct text){ .most = t->most };
}
