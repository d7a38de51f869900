/* siemens.c - the description that SIMATIC devices give of themselves in LLDP and SNMP: parts between commas.
 *
 *	Siemens, SIMATIC S7, CPU-1200, 6ES7 215-1AG40-0XB0, HW: 10, FW: V.4.3.1, S V-L8BT7803
 *	Siemens, SIMATIC NET, SCALANCE XB208, 6GK5 208-0BA00-2AB2, HW: Version 3, FW: Version V04.01.00, SVPLN128756
 */
#include "passing/parsers.h"

#define PARTS_MAX 12u

/* "6ES7 215-1AG40-0XB0": a digit, two letters, a digit, and with hyphens (Siemens' MLFB). */
static bool
is_order_number(const uint8_t *p, size_t n)
{
	return n >= 12 && n <= 24 && p[0] >= '0' && p[0] <= '9' && p[1] >= 'A' && p[1] <= 'Z' && p[2] >= 'A' && p[2] <= 'Z' &&
	    p[3] >= '0' && p[3] <= '9' && memchr(p, '-', n) != NULL;
}

static bool
begins(const uint8_t *p, size_t n, const char *with)
{
	return n > strlen(with) && memcmp(p, with, strlen(with)) == 0;
}

static void
version(const struct passing_ctx *x, const struct passing_who *who, enum attribute_key key, const uint8_t *p, size_t n)
{
	static const char word[] = "Version ";

	while (n > 0 && *p == ' ') {
		p++;
		n--;
	}
	if (begins(p, n, word)) {
		p += sizeof(word) - 1;
		n -= sizeof(word) - 1;
	}
	passing_name(x, who, key, p, n);
}

void
siemens_learn(const struct passing_ctx *x, const struct passing_who *who, const uint8_t *p, size_t n)
{
	bool order = false;

	if (!begins(p, n, "Siemens, "))
		return;
	for (unsigned i = 0; i < PARTS_MAX && n > 0; i++) {
		const uint8_t *comma = memchr(p, ',', n);
		size_t part = comma != NULL ? (size_t)(comma - p) : n, next = comma != NULL ? part + 1 : n;

		for (; part > 0 && *p == ' '; p++, n--, part--, next--)
			;
		if (i == 0)
			passing_name(x, who, ATTR_VENDOR, p, part);
		else if (is_order_number(p, part)) {
			passing_name(x, who, ATTR_ORDER_NUMBER, p, part);
			order = true;
		} else if (begins(p, part, "HW:"))
			version(x, who, ATTR_HARDWARE, p + 3, part - 3);
		else if (begins(p, part, "FW:"))
			version(x, who, ATTR_FIRMWARE, p + 3, part - 3);
		else if (order && part > 6 && p[0] == 'S')	/* "S V-L8BT7803" is how a CPU has it, "S" + number others */
			passing_name(x, who, ATTR_SERIAL, p[1] == ' ' ? p : p + 1, p[1] == ' ' ? part : part - 1);
		else if (i == 2 && !order)
			passing_name(x, who, ATTR_MODEL, p, part);
		p += next;
		n -= next;
	}
}
