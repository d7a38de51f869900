/* dns_name.c - names in DNS messages, RFC 1035, 3.1 and 4.1.4. */
#include "passing/parsers.h"

#define LABEL_MAX	63u
#define JUMPS_MAX	16u

/* A pointer leads only to before where the part that holds it began, so there is no loop. */
bool
dns_name(struct cursor whole, struct cursor *c, char name[DNS_NAME_MAX + 1], size_t *n)
{
	struct cursor at = *c;
	size_t start = cur_off(&at);
	unsigned jumps = 0;

	*n = 0;
	for (;;) {
		unsigned len = cur_u8(&at);
		const uint8_t *label;

		if (cur_ok(&at) && len >= 0xc0) {
			size_t to = (len & 0x3f) << 8 | cur_u8(&at);

			if (jumps == 0)
				*c = at;
			if (!cur_ok(&at) || to >= start || ++jumps > JUMPS_MAX)
				break;
			at = whole;
			cur_skip(&at, to);
			start = to;
			continue;
		}
		if (len == 0 && cur_ok(&at)) {
			if (jumps == 0)
				*c = at;
			name[*n] = '\0';
			return true;
		}
		label = len <= LABEL_MAX ? cur_bytes(&at, len) : NULL;
		if (label == NULL || *n + (*n > 0) + len > DNS_NAME_MAX)
			break;
		if (*n > 0)
			name[(*n)++] = '.';
		memcpy(name + *n, label, len);
		*n += len;
	}
	cur_fail(c, CUR_BAD, "name");
	return false;
}
