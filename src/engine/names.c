#include "engine/names.h"

#include <string.h>

#include "dissect/dissector.h"
#include "record/s7.h"
#include "stream/stream.h"

static bool
nth_function(enum op_proto proto, uint32_t i, struct rule_name *out)
{
	for (const struct dissector *const *d = dissectors; *d != NULL; d++) {
		const struct func_desc *f;

		if ((*d)->protocol->proto != proto)
			continue;
		if (i >= (*d)->n_funcs)
			return false;
		f = &(*d)->funcs[i];
		*out = (struct rule_name){ f->name, f->word, f->code, f->sub == FUNC_NO_SUB ? UINT32_MAX : f->sub };
		return true;
	}
	return false;
}

static bool
nth_risk(uint32_t i, struct rule_name *out)
{
	for (unsigned bit = 0; bit < 64; bit++) {
		const char *name = flow_risk_name(bit);

		if (name == NULL || i-- > 0)
			continue;
		*out = (struct rule_name){ name, name, bit, UINT32_MAX };
		return true;
	}
	return false;
}

static bool
nth_block(uint32_t want, struct rule_name *out)
{
	for (uint8_t code = 0; code < 0x20; code++) {
		const char *name = s7_block_type(code);

		if (name == NULL || want-- > 0)
			continue;
		*out = (struct rule_name){ name, name, code, UINT32_MAX };
		return true;
	}
	return false;
}

static bool
nth_app(uint32_t i, struct rule_name *out)
{
	const char *name = flow_app_name(i);

	*out = (struct rule_name){ name, name, i, UINT32_MAX };
	return name != NULL;
}

static bool
nth(enum rule_names list, uint32_t i, struct rule_name *out)
{
	switch (list) {
	case NAMES_S7_BLOCK:	return nth_block(i, out);
	case NAMES_NDPI_RISK:	return nth_risk(i, out);
	case NAMES_APP:		return nth_app(i, out);
	default:		return nth_function((enum op_proto)(list - NAMES_FUNCTIONS_OF), i, out);
	}
}

const struct rule_lookup engine_names = { nth, flow_app_names };

struct rules_from
engine_rules_from(const struct settings *s, const struct tags *tags)
{
	return (struct rules_from){ .settings = &s->rules, .tags = tags, .zones = &s->zones, .lookup = &engine_names, .unnamed = !s->stream.ndpi };
}
