/* fuzz_tags.c - files of tags: any bytes are read or refused with line and column; what was read is found again by name, printed and
 * read as the same, and reads an operation of any bytes without touching others.  The first byte chooses the form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "engine/tags.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
on_value(void *arg, const struct tag_reading *r)
{
	char value[TAG_VALUE_MAX];

	(void)arg;
	tag_value_print(r->tag, r->value, value);
	if (r->known && !(r->value <= 0) && !(r->value > 0))
		abort();
}

/* Its text is that of the same place. */
static void
again(const struct tag *t)
{
	char text[TAG_ADDRESS_MAX], what[512];
	struct strbuf why = strbuf_on(what, sizeof(what));
	struct tag same = { .name = "" };

	tag_address_print(t, text);
	if (!tag_address_read(text, &same, &why) || same.proto != t->proto || same.place.space != t->place.space || same.place.number != t->place.number ||
	    same.place.first != t->place.first || same.place.has_bit != t->place.has_bit || same.place.bit != t->place.bit)
		abort();
}

static void
read_by(struct tag_reader *r, const uint8_t *data, size_t n)
{
	const struct tags *tags = tag_reader_tags(r);
	struct op_item it = { .form = n % 2 == 0 ? FORM_U16_BE : FORM_U8, .ranged = true, .raw = data, .written = n % 3 == 0,
	    .n_values = (uint32_t)(n % 2 == 0 ? n / 2 : n) };
	struct operation op = { .phase = OP_FINISHED, .outcome = OUTCOME_ANSWERED, .items = &it, .n_items = 1 };

	it.count = it.n_values;
	for (uint32_t i = 0; i < tags->n_devices; i++)
		for (uint32_t k = 0; k < tags->device[i].n && k < 64; k++) {
			const struct tag *t = &tags->tag[tags->device[i].from + k];

			it.space = t->place.space;
			it.number = t->place.number;
			it.first = t->place.first;
			op.proto = (enum op_proto)t->proto;
			op.unit = t->unit_number;
			/* Of points the message has typed values. */
			if (protocols[t->proto]->values->address_bits(t->place.space) > 1)
				tag_reader_operation(r, &tags->device[i], &op, on_value, NULL);
		}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	struct tags *t = tags_none();
	struct tag_reader *r;
	struct err e = { 0 };
	char *text;

	if (n == 0 || t == NULL || (text = malloc(n)) == NULL) {
		tags_close(t);
		return 0;
	}
	memcpy(text, data + 1, n - 1);
	text[n - 1] = '\0';
	tags_parse(t, data[0] == 'y' ? "tags.yaml" : "tags.csv", text, n - 1, &e);
	free(text);
	for (uint32_t i = 0; i < t->n; i++)
		again(&t->tag[i]);
	if (e.n == 0)
		for (uint32_t i = 0; i < t->n; i++)
			if (tags_named(t, t->tag[i].name, strlen(t->tag[i].name)) != &t->tag[i])
				abort();
	r = tag_reader_open(t);
	if (r == NULL)
		abort();
	read_by(r, data, n);
	tag_reader_close(r);
	err_free(&e);
	return 0;
}
