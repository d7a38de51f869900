#include "config/table.h"

#include <string.h>

#include "base/str.h"
#include "record/operation.h"

bool
config_is_network(const char *word, struct strbuf *why)
{
	char text[ADDR_TEXT_MAX];
	struct addr net, first;
	unsigned bits;

	if (!addr_net_read(word, &net, &bits)) {
		strbuf_printf(why, " '%s' is no network: an address, or one with the length of its prefix, "
		    "as 10.1.0.0/24 or fd00::/64", word);
		return false;
	}
	first = addr_prefix(&net, bits);
	if (addr_same(&first, &net))
		return true;
	(void)addr_print(&first, text);
	bits -= addr_is_v4(&net) ? 96 : 0;
	strbuf_printf(why, " '%s' has bits set behind its prefix; did you mean '%s/%u'?", word, text, bits);
	return false;
}

bool
config_is_intent(const char *word, struct strbuf *why)
{
	const char *best = "";
	unsigned least = UINT32_MAX, d;

	for (unsigned i = 0; i < OP_INTENT_COUNT; i++) {
		const char *name = op_intent_name((enum op_intent)i);

		if ((d = str_distance(word, name)) == 0)
			return true;
		if (d < least) {
			least = d;
			best = name;
		}
	}
	strbuf_printf(why, " '%s' is not an intent; did you mean '%s'?", word, best);
	return false;
}

#define CONFIG_ASSET_NAME 64u

bool
config_is_asset(const char *word, struct strbuf *why)
{
	uint8_t mac[6];

	size_t number = strspn(word, "0123456789");

	/* A name has neither colon nor slash, and does not begin as an address of IPv4 does. */
	if (strpbrk(word, ":/") == NULL && (number == 0 || (word[number] != '.' && word[number] != '\0'))) {
		if (strlen(word) < CONFIG_ASSET_NAME)
			return true;
		strbuf_printf(why, " '%s' is longer than a name may be (%u bytes)", word, CONFIG_ASSET_NAME - 1);
		return false;
	}
	return addr_mac_read(word, mac) || config_is_network(word, why);
}
