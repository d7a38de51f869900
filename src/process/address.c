/* address.c - where a tag is, in words: "10.20.1.12 unit 1 holding 0". */
#include "process/tag.h"

#include <ctype.h>
#include <string.h>

/* The number of a unit behind one of these words; false: none stands there.  `why`: a word without its number. */
static bool
read_unit(const char **p, const char *words, uint32_t *to, struct strbuf *why)
{
	char word[32];

	while (str_next_text(&words, word, sizeof(word)))
		if (place_word(p, word)) {
			if (place_number(p, 65535, to))
				return true;
			strbuf_printf(why, "behind '%s' a number from 0 to 65535 is missing", word);
			return false;
		}
	return false;
}

/* "rack 0 slot 2", of devices whose units are those. */
static bool
read_slot(const char **p, uint32_t *to, struct strbuf *why)
{
	uint32_t rack = 0, slot;

	if (place_word(p, "rack")) {
		if (!place_number(p, 7, &rack) || !place_word(p, "slot")) {
			strbuf_put(why, "behind 'rack' a number from 0 to 7, and 'slot' with its number are missing");
			return false;
		}
	} else if (!place_word(p, "slot"))
		return false;
	if (!place_number(p, 31, &slot)) {
		strbuf_put(why, "behind 'slot' a number from 0 to 31 is missing");
		return false;
	}
	*to = rack << 8 | slot;
	return true;
}

bool
tag_address_read(const char *text, struct tag *to, struct strbuf *why)
{
	char host[64], units[64];
	size_t n = strcspn(text, " \t");
	const char *p = text + n, *of_unit = NULL;
	struct strbuf all = strbuf_on(units, sizeof(units));
	bool slot, unit = false;
	unsigned bits;

	if (n >= sizeof(host)) {
		strbuf_put(why, "it does not begin with the address of a device");
		return false;
	}
	memcpy(host, text, n);
	host[n] = '\0';
	if (!addr_net_read(host, &to->addr, &bits) || bits != 128) {
		strbuf_printf(why, "'%s' is no IP address; it begins with that of the device, as in '10.20.1.12 unit 1 holding 0'", host);
		return false;
	}
	slot = read_slot(&p, &to->unit_number, why);
	for (unsigned i = OP_UNKNOWN + 1; !slot && why->len == 0 && !unit && i < OP_PROTO_COUNT; i++)
		if (protocols[i]->values != NULL && protocols[i]->values->unit != NULL) {
			of_unit = protocols[i]->values->unit;
			unit = read_unit(&p, of_unit, &to->unit_number, why);
			strbuf_printf(&all, "%s%.*s", all.len > 0 ? ", " : "", (int)strcspn(of_unit, ","), of_unit);
		}
	if (why->len > 0)
		return false;
	if (place_end(p)) {
		strbuf_printf(why, "behind the device (and its %s) the place of the value is missing, as in 'holding 0' or 'DB20.DBD0'", all.len > 0 ? units : "unit");
		return false;
	}
	while (isblank((unsigned char)*p))
		p++;
	to->proto = (uint8_t)place_read(p, &to->place, why);
	if (to->proto == OP_UNKNOWN)
		return false;
	if (slot && protocols[to->proto]->unit.slot_from == 0)
		strbuf_printf(why, "a device with this place has no rack and slot: '%s'", p);
	else if (unit && protocols[to->proto]->values->unit != of_unit)
		strbuf_printf(why, "'%s' is of %s, whose devices have %s%s", p, protocols[to->proto]->title,
		    protocols[to->proto]->values->unit != NULL ? "another word for their unit: " : "no unit",
		    protocols[to->proto]->values->unit != NULL ? protocols[to->proto]->values->unit : "");
	to->any_unit = !slot && !unit;
	return why->len == 0;
}

void
tag_address_print(const struct tag *t, char to[TAG_ADDRESS_MAX])
{
	const struct protocol_values *values = protocols[t->proto]->values;
	char addr[ADDR_TEXT_MAX], place[OP_ADDRESS_MAX];
	struct strbuf b = strbuf_on(to, TAG_ADDRESS_MAX);

	(void)addr_print(&t->addr, addr);
	values->print(&t->place, place);
	strbuf_put(&b, addr);
	if (!t->any_unit && values->unit != NULL)
		strbuf_printf(&b, " %.*s %u", (int)strcspn(values->unit, ","), values->unit, t->unit_number);
	else if (!t->any_unit)
		strbuf_printf(&b, " rack %u slot %u", t->unit_number >> 8, t->unit_number & 0xffu);
	strbuf_printf(&b, " %s", place);
}
