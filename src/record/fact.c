/* fact.c - the kinds of facts by number and by name. */
#include "record/fact.h"

#include <string.h>

#include "base/str.h"

static const struct fact_row rows[] = {
#define FACT(id, text, model, owner, fields, varies, alert, doc) \
	{ text, FACT_MODEL_##model, owner, FACT_MODEL_##model != FACT_MODEL_STRUCTURE, fields, varies, ALERT_##alert, doc },
#include "record/facts.def"
};

static const char *const states[FACT_STATES] = {
	[FACT_NONE] = "none", [FACT_LEARNED] = "learned", [FACT_ACCEPTED] = "accepted", [FACT_OPEN] = "open",
	[FACT_REJECTED] = "rejected", [FACT_EXPIRED] = "expired"
};

const struct fact_row *
fact_row(unsigned kind)
{
	return &rows[kind < FACT_KIND_COUNT ? kind : 0];
}

unsigned
fact_kind_by_text(const char *text)
{
	unsigned i = 0;

	while (i < FACT_KIND_COUNT && strcmp(rows[i].text, text) != 0)
		i++;
	return i;
}

const char *
fact_state_text(unsigned state)
{
	return states[state < FACT_STATES ? state : 0];
}

unsigned
fact_state_by_text(const char *text)
{
	unsigned i = 0;

	while (i < FACT_STATES && strcmp(states[i], text) != 0)
		i++;
	return i;
}

struct fact_key
fact_family(const struct fact_key *k)
{
	struct fact_key f = *k;
	uint32_t out = fact_row(k->kind)->varies;

#define FIELD(id, name, how) \
	if ((out & FACT_HAS(id)) != 0) \
		CLEAR_##how;
#define CLEAR_PROTO	f.proto = 0
#define CLEAR_SPACE	f.space = 0
#define CLEAR_WRITTEN	f.written = 0
#define CLEAR_PORT	f.port = 0
#define CLEAR_MAC	memset(f.mac, 0, sizeof(f.mac))
#define CLEAR_CLIENT	memset(&f.client, 0, sizeof(f.client))
#define CLEAR_SERVER	memset(&f.server, 0, sizeof(f.server))
#define CLEAR_RANGE	f.first = f.last = 0
#define CLEAR_TEXT	memset(f.text, 0, sizeof(f.text))
#define CLEAR_unit	f.unit = 0
#define CLEAR_number	f.number = 0
#define CLEAR_function	memset(&f.function, 0, sizeof(f.function))
#define CLEAR_subfunction memset(&f.subfunction, 0, sizeof(f.subfunction))
#define CLEAR_code	f.code = 0
#define CLEAR_INTENT	f.code = 0
#define CLEAR_COMMAND	f.code = 0
#define CLEAR_ATTRIBUTE	f.code = 0
#define CLEAR_KEY	f.code = 0
#define CLEAR_TRANSPORT	f.code = 0
#include "record/facts.def"
	return f;
}

const struct addr *
fact_owner(const struct fact_key *k, unsigned i)
{
	static const struct addr network;

	switch (fact_row(k->kind)->owner) {
	case FACT_OF_CLIENT:
		return i == 0 ? &k->client : NULL;
	case FACT_OF_BOTH:
		return i == 0 ? &k->server : i == 1 ? &k->client : NULL;
	case FACT_OF_NETWORK:
		return i == 0 ? &network : NULL;
	default:
		return i == 0 ? &k->server : NULL;
	}
}
