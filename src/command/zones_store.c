/* zones_store.c - `thermowell zones propose` out of what a sensor has learned and knows. */
#include "command/zones.h"

#include <stdlib.h>
#include <string.h>

#include "dissect/dissector.h"
#include "record/fact.h"
#include "record/keep.h"
#include "record/role.h"
#include "store/list.h"

struct asset_role {
	struct addr	 addr;
	enum role	 role;
	int		 level;
};

struct reading {
	struct seen	*seen;
	struct asset_role *of;		/* owned; sorted by address */
	size_t		 n, space;
	bool		 full;		/* no memory */
};

_Static_assert(FUNC_NO_SUB == UINT32_MAX, "one more is what a fact has where there is none");

/* Of a function that is always the same command. */
static int
intent_of_command(const struct fact_key *k)
{
	for (const struct dissector *const *d = dissectors; k->code != CMD_NONE && *d != NULL; d++) {
		const struct func_desc *f = (*d)->protocol->proto != (enum op_proto)k->proto ? NULL :
		    func_find((*d)->funcs, (*d)->n_funcs, k->function, (uint32_t)k->subfunction - 1u);	/* a fact has 0 for FUNC_NO_SUB */

		if (f != NULL && f->command == (enum op_command)k->code)
			return (int)f->intent;
	}
	return TALK_NO_INTENT;
}

static void
one_fact(void *to, const void *row)
{
	const struct fact *f = row;
	const struct fact_key *k = &f->key;
	struct reading *r = to;
	struct talk t = { .proto = (enum op_proto)k->proto, .intent = TALK_NO_INTENT };

	if (f->state != FACT_LEARNED && f->state != FACT_ACCEPTED)
		return;
	switch ((enum fact_kind)k->kind) {
	case FACT_KIND_PEER:
		break;
	case FACT_KIND_INTENT:
		t.intent = (int)k->code;
		break;
	case FACT_KIND_FUNCTION:
		/* What each start of a conversation does is learned as a function alone. */
		t.intent = intent_of_command(k);
		if (t.intent == TALK_NO_INTENT)
			return;
		break;
	case FACT_KIND_FLOW:
		t.proto = OP_UNKNOWN;
		t.ip_proto = (uint8_t)k->code;
		t.port = k->port;
		/* Ports that are given out for a while are one. */
		if (t.port == 0 && (t.ip_proto == IP_TCP || t.ip_proto == IP_UDP))
			t.app = t.ip_proto == IP_TCP ? "tcp" : "udp";
		break;
	default:
		return;
	}
	seen_add(r->seen, &k->client, &k->server, &t);
}

static void
one_asset(void *to, const void *row)
{
	const struct keep_asset *a = row;
	struct reading *r = to;

	if (a->of.has_unit || r->full)
		return;
	if (r->n == r->space) {
		size_t more = r->space > 0 ? 2 * r->space : 256;
		struct asset_role *of = realloc(r->of, more * sizeof(*of));

		if (of == NULL) {
			r->full = true;
			return;
		}
		r->of = of;
		r->space = more;
	}
	r->of[r->n++] = (struct asset_role){ a->of.addr, a->role[0] != '\0' ? role_find(a->role) : ROLE_UNKNOWN,
	    a->has_level ? a->level / 10 : ZONE_NO_LEVEL };
}

static int
by_address(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct addr));
}

static int
level_of(void *arg, const struct addr *a, const char **role)
{
	const struct reading *r = arg;
	const struct asset_role *of = r->n > 0 ? bsearch(a, r->of, r->n, sizeof(*r->of), by_address) : NULL;

	*role = of != NULL && of->role != ROLE_UNKNOWN ? role_rows[of->role].text : NULL;
	return of != NULL && of->level <= 5 ? of->level : ZONE_NO_LEVEL;
}

bool
zones_propose_kept(const struct settings *s, FILE *to, struct err *e)
{
	const struct store_settings *store = &s->store;
	struct reading r = { .of = NULL };
	struct zones_known known = { level_of, &r };
	struct seen seen;
	bool good = false;

	if (seen_open(&seen) != 0) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return false;
	}
	r.seen = &seen;
	if (store_read(store, &s->baseline, KEEP_FACT, one_fact, &r, e) == 0 &&
	    store_read(store, &s->baseline, KEEP_ASSET, one_asset, &r, e) == 0) {
		if (r.n > 0)
			qsort(r.of, r.n, sizeof(*r.of), by_address);
		if (r.full)
			err_add(e, NULL, 0, 0, "not enough memory");
		else if (seen_count(&seen) == 0)
			err_add(e, NULL, 0, 0, "nothing is learned in it of who talks to whom: learn first (--learn), or give captures with -r");
		else
			good = zones_propose(&seen, &known, to, e);
	}
	free(r.of);
	seen_close(&seen);
	return good;
}
