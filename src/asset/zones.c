#include "asset/zones.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"

#define BITS	129u	/* lengths of a prefix */

struct net {
	struct addr	 first;
	uint32_t	 zone;
	uint8_t		 bits;
};

struct zones {
	struct zone	*of;	/* owned */
	uint32_t	 n;
	struct net	*nets;	/* owned; longest prefix first, then by address */
	uint32_t	 n_nets;
	/* The lengths that there are, longest first: their nets begin at `at`, and end where the
	 * next ones begin. */
	struct { uint32_t at; uint8_t bits; } lengths[BITS];
	uint32_t	 n_lengths;
	char		 words[sizeof(ZONE_CRITICALITY)];	/* each ends with a NUL */
};

/* ---- reading the configuration -------------------------------------------------------- */

#define complain(e, at, ...) err_add(e, (at)->file, (at)->line, (at)->column, __VA_ARGS__)

/* The i-th word of the grades; NULL for the first, which says that none is given. */
static const char *
criticality_of(const struct zones *z, uint64_t i)
{
	const char *word = z->words;

	if (i == 0)
		return NULL;
	while (i-- > 0)
		word += strlen(word) + 1;
	return word;
}

static void
take_name(struct zones *z, const struct zone_settings *s, struct err *e)
{
	static const char good[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

	if (s->name == NULL)
		complain(e, &s->at, "this entry of zones has no name");
	else if (strspn(s->name, good) != strlen(s->name))
		complain(e, &s->at, "the name of the zone \"%s\" may hold letters, digits, - and _ only", s->name);
	else if (strcmp(s->name, ZONE_OUTSIDE) == 0 || strcmp(s->name, ZONE_ANY) == 0)
		complain(e, &s->at, "no zone can be called \"%s\": %s", s->name, s->name[0] == ZONE_OUTSIDE[0] ?
		    "that is what is in no zone" : "conduits use it for all zones");
	else if (zones_named(z, s->name, strlen(s->name)) != NULL)
		complain(e, &s->at, "there is another zone \"%s\"", s->name);
}

static void
take_nets(struct zones *z, const struct zone_settings *s, uint32_t number, struct err *e)
{
	const char *list = s->subnets;
	char word[ADDR_TEXT_MAX + 8];
	struct net *more;

	if (list == NULL)
		complain(e, &s->at, "the zone \"%s\" has no subnets", s->name != NULL ? s->name : "");
	while (str_next_text(&list, word, sizeof(word))) {
		struct net one = { .zone = number };
		unsigned bits;

		if (!addr_net_read(word, &one.first, &bits))
			continue;	/* config has said so */
		one.bits = (uint8_t)bits;
		for (uint32_t i = 0; i < z->n_nets; i++)
			if (z->nets[i].bits == bits && addr_same(&z->nets[i].first, &one.first))
				complain(e, &s->at, "%s is in the zone \"%s\", too%s", word, z->of[z->nets[i].zone].name,
				    z->nets[i].zone == number ? ": it stands there twice" : "");
		more = realloc(z->nets, (z->n_nets + 1) * sizeof(*more));
		if (more == NULL) {
			err_add(e, NULL, 0, 0, "no memory for zones");
			return;
		}
		z->nets = more;
		z->nets[z->n_nets++] = one;
	}
}

static int
by_length(const void *a, const void *b)
{
	const struct net *x = a, *y = b;

	return x->bits != y->bits ? (int)y->bits - x->bits : memcmp(&x->first, &y->first, sizeof(x->first));
}

static void
index_nets(struct zones *z)
{
	if (z->n_nets > 0)
		qsort(z->nets, z->n_nets, sizeof(*z->nets), by_length);
	for (uint32_t i = 0; i < z->n_nets; i++) {
		if (i > 0 && z->nets[i].bits == z->nets[i - 1].bits)
			continue;
		z->lengths[z->n_lengths].at = i;
		z->lengths[z->n_lengths++].bits = z->nets[i].bits;
	}
}

struct zones *
zones_open(const struct zones_settings *s, struct err *e)
{
	struct zones *z;

	if (s->n == 0) {
		if (s->n_conduits > 0)
			complain(e, &s->conduits[0].at, "conduits lead from zone to zone, and there are no zones");
		return NULL;
	}
	z = calloc(1, sizeof(*z));
	if (z == NULL || (z->of = calloc((size_t)s->n, sizeof(*z->of))) == NULL) {
		err_add(e, NULL, 0, 0, "no memory for zones");
		free(z);
		return NULL;
	}
	memcpy(z->words, ZONE_CRITICALITY, sizeof(z->words));
	for (char *p = z->words; *p != '\0'; p++)
		if (*p == '|')
			*p = '\0';
	for (uint32_t i = 0; i < s->n; i++) {
		const struct zone_settings *one = &s->of[i];

		take_name(z, one, e);
		z->of[i] = (struct zone){ .name = one->name != NULL ? one->name : "", .level = (int)one->level - 1,
		    .criticality = criticality_of(z, one->criticality), .number = i };
		z->n++;
		take_nets(z, one, i, e);
	}
	index_nets(z);
	return z;
}

void
zones_close(struct zones *z)
{
	if (z == NULL)
		return;
	free(z->nets);
	free(z->of);
	free(z);
}

size_t
zones_memory(const struct zones *z)
{
	return z == NULL ? 0 : sizeof(*z) + z->n * sizeof(*z->of) + z->n_nets * sizeof(*z->nets);
}

/* ---- asking ------------------------------------------------------------------------------ */

const struct zone *
zones_of(const struct zones *z, const struct addr *a)
{
	for (uint32_t k = 0; z != NULL && k < z->n_lengths; k++) {
		struct addr first = addr_prefix(a, z->lengths[k].bits);
		uint32_t lo = z->lengths[k].at, hi = k + 1 < z->n_lengths ? z->lengths[k + 1].at : z->n_nets;

		while (lo < hi) {
			uint32_t mid = lo + (hi - lo) / 2;
			int d = memcmp(&z->nets[mid].first, &first, sizeof(first));

			if (d == 0)
				return &z->of[z->nets[mid].zone];
			if (d < 0)
				lo = mid + 1;
			else
				hi = mid;
		}
	}
	return NULL;
}

const struct zone *
zones_named(const struct zones *z, const char *name, size_t n)
{
	for (uint32_t i = 0; z != NULL && i < z->n; i++)
		if (strlen(z->of[i].name) == n && memcmp(z->of[i].name, name, n) == 0)
			return &z->of[i];
	return NULL;
}

const struct zone *
zones_at(const struct zones *z, size_t i)
{
	return z != NULL && i < z->n ? &z->of[i] : NULL;
}

const char *
zones_nearest(const struct zones *z, const char *name)
{
	unsigned least = UINT32_MAX, d;
	const char *best = NULL;

	for (uint32_t i = 0; z != NULL && i < z->n; i++)
		if ((d = str_distance(name, z->of[i].name)) < least) {
			least = d;
			best = z->of[i].name;
		}
	return least <= 1 + strlen(name) / 3 ? best : NULL;
}
