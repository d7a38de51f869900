#include "detect/zones/seen.h"

#include <string.h>

#include "base/hash.h"

int
seen_open(struct seen *s)
{
	return pool_open(&s->rows, SEEN_MAX, sizeof(struct seen_row)) == 0 && hmap_open(&s->by_key, SEEN_MAX) == 0 ? 0 : -1;
}

void
seen_close(struct seen *s)
{
	hmap_close(&s->by_key);
	pool_close(&s->rows);
}

size_t
seen_memory(const struct seen *s)
{
	return pool_memory(&s->rows) + hmap_memory(&s->by_key);
}

void
seen_add(struct seen *s, const struct addr *client, const struct addr *server, const struct talk *t)
{
	struct seen_row one, *r = NULL;
	uint64_t hash;

	memset(&one, 0, sizeof(one));
	one.client = *client;
	one.server = *server;
	one.proto = t->proto;
	if (t->proto == OP_UNKNOWN)
		talk_word(t, one.word);
	hash = hash_bytes(HASH_REPLAY_KEY, one.word, sizeof(one.word)) ^
	    hash_bytes((uint64_t)t->proto, (struct addr[2]){ *client, *server }, 2 * sizeof(*client));
	for (uint32_t at = hmap_first(&s->by_key, hash); at != HMAP_END; at = hmap_next(&s->by_key, hash, at)) {
		r = pool_at(&s->rows, hmap_value(&s->by_key, at));
		if (addr_same(&r->client, client) && addr_same(&r->server, server) && r->proto == t->proto &&
		    memcmp(r->word, one.word, sizeof(one.word)) == 0)
			break;
		r = NULL;
	}
	if (r == NULL) {
		r = pool_get(&s->rows);
		if (r == NULL) {
			s->lost++;
			return;
		}
		*r = one;
		(void)hmap_put(&s->by_key, hash, pool_index(&s->rows, r));
	}
	if (t->intent != TALK_NO_INTENT)
		r->intents |= 1u << t->intent;
}
