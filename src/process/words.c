/* words.c - what an operation does to values that have names, for sentences. */
#include "process/tag.h"

#include <string.h>

struct saying {
	const struct tag	*first;
	struct tag_reading	 of;
	bool			 written;
	unsigned		 n;
};

static void
on_value(void *arg, const struct tag_reading *r)
{
	struct saying *s = arg;

	/* What is written counts, and not what is read along with it. */
	if (r->written && !s->written)
		s->n = 0;
	if (s->written && !r->written)
		return;
	s->written = r->written;
	if (s->n++ == 0 || (s->first == NULL && r->known)) {
		s->first = r->tag;
		s->of = *r;
	}
}

bool
tag_words(struct tag_reader *r, const struct operation *op, struct tag_words *to)
{
	const struct op_ends ends = op_ends_of(op);
	const struct tag_device *d = ends.has_addr ? tags_device(tag_reader_tags(r), &ends.addr[OP_SERVER]) : NULL;
	struct strbuf name = strbuf_on(to->name, sizeof(to->name)), moved = strbuf_on(to->moved, sizeof(to->moved));
	char value[TAG_VALUE_MAX], old[TAG_VALUE_MAX];
	struct saying s = { .n = 0 };

	if (d != NULL)
		tag_reader_look(r, d, op, on_value, &s);
	if (s.n == 0)
		return false;
	strbuf_put(&name, s.first->name);
	if (s.n > 1)
		strbuf_printf(&name, " and %u more", s.n - 1);
	if (!s.of.known)
		return true;
	tag_value_print(s.first, s.of.value, value);
	if (s.written && s.of.has_old) {
		/* The unit stands behind the second. */
		size_t unit = strlen(s.first->unit);

		tag_value_print(s.first, s.of.old, old);
		if (unit > 0 && strlen(old) > unit)
			old[strlen(old) - unit - 1] = '\0';
		strbuf_printf(&moved, "from %s ", old);
	}
	strbuf_printf(&moved, "%s%s", s.written ? "to " : "", value);
	return true;
}
