/* fuzz_pack.c - a row in one piece, as a database has it that somebody else may have written: it is refused, or a row whose
 * names are names and whose texts end; and what was read is written and read back as the same.
 *
 * Input: a byte, whose lowest bit says of which kind the row is, and the BLOB behind its first two words, which the
 * target puts before it: without them nothing would be read. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "record/fact.h"
#include "store/pack.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
check_fact(const struct fact *f)
{
	if (f->key.kind >= FACT_KIND_COUNT || f->state >= FACT_STATES || memchr(f->key.text, '\0', sizeof(f->key.text)) == NULL)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	_Alignas(16) uint8_t row[PACK_WORDS * 8], again[PACK_WORDS * 8];
	uint8_t *bytes, packed[PACK_MAX];
	struct pack_form f;
	uint32_t check;
	size_t len;

	if (n == 0 || n > 4096)
		return 0;
	f = pack_form((data[0] & 1) != 0 ? KEEP_LIFE : KEEP_FACT);
	len = n - 1 + 8;
	/* Of its own size, so that a sanitizer sees what is read behind it. */
	bytes = malloc(len);
	if (bytes == NULL)
		return 0;
	memcpy(bytes + 8, data + 1, n - 1);
	memcpy(bytes, &f.form, 4);
	check = pack_check(&f, bytes, len);
	memcpy(bytes + 4, &check, 4);
	if (unpack(&f, bytes, len, row)) {
		if ((data[0] & 1) == 0)
			check_fact((const void *)row);
		len = pack(&f, row, packed);
		if (len > PACK_MAX || !unpack(&f, packed, len, again))
			abort();
		/* What is no number became 0. */
		if (pack(&f, again, bytes = realloc(bytes, PACK_MAX)) != len || memcmp(bytes, packed, len) != 0)
			abort();
	}
	free(bytes);
	return 0;
}
