#include "decode/defrag.h"

#include <string.h>

#include "base/hash.h"

#define UNIT		8u		/* fragments are cut at multiples of 8: RFC 791 3.1 */
#define DATA_MAX	65536u
#define UNITS		(DATA_MAX / UNIT)
#define END_UNKNOWN	UINT32_MAX

struct frag_key {
	struct addr	src, dst;
	uint32_t	id;
	uint8_t		ip_v;
	uint8_t		proto;
	bool		bad_sum;
	uint8_t		zero;
};

_Static_assert(sizeof(struct frag_key) == 40, "hashed and compared as bytes: no padding");

struct datagram {
	struct frag_key	 key;
	uint64_t	 hash;
	uint64_t	 first_ns;
	uint64_t	 frame;
	uint32_t	 older, newer;	/* by when they were begun */
	uint32_t	 total;		/* bytes in all; END_UNKNOWN before the last fragment */
	uint32_t	 high;		/* end of the furthest fragment */
	uint32_t	 have;		/* units present */
	uint32_t	 kept;		/* fragments taken */
	uint32_t	 head_len;	/* 0: the first fragment is missing */
	uint16_t	 source;
	uint8_t		 proto;		/* IPv6: next header of the first fragment */
	bool		 contradicted, decoy;	/* was said */
	uint64_t	 seen[UNITS / 64];	/* one bit a unit */
	uint8_t		 bytes[DEFRAG_HEAD_MAX + DATA_MAX];	/* header ends where data begins */
};

int
defrag_open(struct defrag *df, uint64_t n, uint64_t timeout_ns)
{
	*df = (struct defrag){ .hash_key = hash_key(), .timeout_ns = timeout_ns,
	    .oldest = POOL_NONE, .newest = POOL_NONE };
	if (n == 0)
		return 0;
	if (n > 65536)
		n = 65536;
	if (pool_open(&df->pool, (uint32_t)n, sizeof(struct datagram)) != 0)
		return -1;
	if (hmap_open(&df->map, (uint32_t)n) != 0) {
		pool_close(&df->pool);
		return -1;
	}
	df->open = true;
	return 0;
}

void
defrag_close(struct defrag *df)
{
	if (df->open) {
		pool_close(&df->pool);
		hmap_close(&df->map);
	}
	df->open = false;
}

size_t
defrag_memory(const struct defrag *df)
{
	return df->open ? pool_memory(&df->pool) + hmap_memory(&df->map) : 0;
}

static void
list_append(struct defrag *df, struct datagram *g)
{
	uint32_t at = pool_index(&df->pool, g);
	struct datagram *last = pool_at(&df->pool, df->newest);

	g->older = df->newest;
	g->newer = POOL_NONE;
	if (last != NULL)
		last->newer = at;
	else
		df->oldest = at;
	df->newest = at;
}

/* Out of the list and the map; the slot itself is not given back. */
static void
forget(struct defrag *df, struct datagram *g)
{
	struct datagram *older = pool_at(&df->pool, g->older);
	struct datagram *newer = pool_at(&df->pool, g->newer);

	if (older != NULL)
		older->newer = g->newer;
	else
		df->oldest = g->newer;
	if (newer != NULL)
		newer->older = g->older;
	else
		df->newest = g->older;
	(void)hmap_remove(&df->map, g->hash, pool_index(&df->pool, g));
}

static struct datagram *
find(const struct defrag *df, const struct frag_key *key, uint64_t hash)
{
	for (uint32_t at = hmap_first(&df->map, hash); at != HMAP_END;
	    at = hmap_next(&df->map, hash, at)) {
		struct datagram *g = pool_at(&df->pool, hmap_value(&df->map, at));

		if (g != NULL && g->hash == hash && memcmp(&g->key, key, sizeof(*key)) == 0)
			return g;
	}
	return NULL;
}

static void
tell(const struct datagram *g, struct defrag_lost *lost)
{
	*lost = (struct defrag_lost){ .src = g->key.src, .dst = g->key.dst,
	    .ip_v = g->key.ip_v, .proto = g->key.ip_v == 4 ? g->key.proto : g->proto,
	    .frame = g->frame, .kept = g->kept, .source = g->source };
}

static struct datagram *
begin(struct defrag *df, const struct frag_key *key, uint64_t hash, uint64_t now_ns,
    unsigned *events, struct defrag_lost *lost)
{
	struct datagram *g = pool_get(&df->pool), *victim;

	if (g == NULL) {
		victim = pool_at(&df->pool, df->oldest);
		if (victim == NULL)
			return NULL;	/* all are being delivered at this moment */
		*events |= DEFRAG_MADE_ROOM;
		tell(victim, lost);
		forget(df, victim);
		g = victim;
	}
	g->key = *key;
	g->hash = hash;
	g->first_ns = now_ns;
	g->total = END_UNKNOWN;
	g->high = 0;
	g->have = 0;
	g->kept = 0;
	g->head_len = 0;
	g->proto = 0;
	g->contradicted = g->decoy = false;
	memset(g->seen, 0, sizeof(g->seen));
	(void)hmap_put(&df->map, hash, pool_index(&df->pool, g));
	list_append(df, g);
	return g;
}

static void
contradict(struct datagram *g, unsigned *events)
{
	if (!g->contradicted)
		*events |= DEFRAG_CONTRADICTS;
	g->contradicted = true;
}

/* Copy what is new, compare what is not. */
static void
store(struct datagram *g, const struct fragment *f, uint32_t len, unsigned *events)
{
	uint8_t *to = g->bytes + DEFRAG_HEAD_MAX + f->offset;

	for (uint32_t done = 0; done < len; done += UNIT) {
		uint32_t unit = (f->offset + done) / UNIT;
		uint64_t bit = UINT64_C(1) << (unit % 64);
		uint32_t n = len - done < UNIT ? len - done : UNIT;

		if ((g->seen[unit / 64] & bit) != 0) {
			*events |= DEFRAG_OVERLAPS;
			if (memcmp(to + done, f->data + done, n) != 0)
				contradict(g, events);
			continue;
		}
		g->seen[unit / 64] |= bit;
		g->have++;
		memcpy(to + done, f->data + done, n);
	}
}

/* The header of the first fragment, made that of the whole. */
static void
finish(struct datagram *g)
{
	uint8_t *h = g->bytes + DEFRAG_HEAD_MAX - g->head_len;

	if (g->key.ip_v == 4) {
		uint32_t len = g->head_len + g->total;

		h[2] = (uint8_t)(len >> 8);
		h[3] = (uint8_t)len;
		h[6] = h[7] = 0;	/* no longer a fragment */
	} else {
		h[4] = (uint8_t)(g->total >> 8);
		h[5] = (uint8_t)g->total;
		h[6] = g->proto;
	}
}

/* The same datagram, of fragments whose checksums are right where those of `key` are
 * wrong and the other way round. */
static struct datagram *
with_other_sums(const struct defrag *df, const struct frag_key *key)
{
	struct frag_key k = *key;

	if (k.ip_v != 4)
		return NULL;
	k.bad_sum = !k.bad_sum;
	return find(df, &k, hash_bytes(df->hash_key, &k, sizeof(k)));
}

struct datagram *
defrag_add(struct defrag *df, const struct fragment *f, unsigned *events,
    struct defrag_lost *lost)
{
	struct frag_key key = { .src = f->src, .dst = f->dst, .id = f->id, .ip_v = f->ip_v,
	    .proto = f->ip_v == 4 ? f->proto : 0, .bad_sum = f->bad_sum };
	uint64_t hash = hash_bytes(df->hash_key, &key, sizeof(key));
	uint32_t len = f->len, end;
	struct datagram *g, *other;

	*events = 0;
	if (!df->open) {
		*events = DEFRAG_REFUSED;
		return NULL;
	}
	if (f->more && len % UNIT != 0) {
		*events |= DEFRAG_UNEVEN;
		len -= len % UNIT;
	}
	end = f->offset + len;
	if (end + (f->ip_v == 4 ? f->head_len : 0) > UINT16_MAX) {
		*events |= DEFRAG_TOO_BIG;
		return NULL;
	}
	if (len == 0 || f->head_len > DEFRAG_HEAD_MAX) {
		*events |= DEFRAG_REFUSED;
		return NULL;
	}
	g = find(df, &key, hash);
	if (g == NULL)
		g = begin(df, &key, hash, f->ts_ns, events, lost);
	if (g == NULL) {
		*events |= DEFRAG_REFUSED;
		return NULL;
	}
	g->frame = f->frame;
	g->source = f->source;
	other = with_other_sums(df, &key);
	if (other != NULL && !g->decoy) {
		*events |= DEFRAG_DECOY;
		g->decoy = other->decoy = true;
	}

	/* Where the datagram ends was said twice, differently: the first is believed. */
	if ((g->total != END_UNKNOWN && (end > g->total || (!f->more && end != g->total))) ||
	    (g->total == END_UNKNOWN && !f->more && end < g->high)) {
		*events |= DEFRAG_OVERLAPS | DEFRAG_REFUSED;
		contradict(g, events);
		return NULL;
	}
	if (!f->more)
		g->total = end;
	if (end > g->high)
		g->high = end;
	if (f->offset == 0 && g->head_len == 0) {
		memcpy(g->bytes + DEFRAG_HEAD_MAX - f->head_len, f->head, f->head_len);
		g->head_len = f->head_len;
		g->proto = f->proto;
	}
	store(g, f, len, events);
	if (g->total == END_UNKNOWN || g->head_len == 0 ||
	    g->have != (g->total + UNIT - 1) / UNIT ||
	    (g->key.ip_v == 4 && g->head_len + g->total > UINT16_MAX)) {
		g->kept++;
		return NULL;
	}
	if (other != NULL) {
		struct datagram *wrong = f->bad_sum ? g : other;

		*events |= DEFRAG_GAVE_UP;
		wrong->kept += f->bad_sum;
		tell(wrong, lost);
		forget(df, wrong);
		pool_put(&df->pool, wrong);
		if (f->bad_sum)
			return NULL;
	}
	forget(df, g);
	finish(g);
	return g;
}

const uint8_t *
defrag_bytes(const struct datagram *g, uint32_t *len)
{
	*len = g->head_len + g->total;
	return g->bytes + DEFRAG_HEAD_MAX - g->head_len;
}

void
defrag_release(struct defrag *df, struct datagram *g)
{
	pool_put(&df->pool, g);
}

bool
defrag_expire(struct defrag *df, uint64_t now_ns, bool any, struct defrag_lost *lost)
{
	struct datagram *g = pool_at(&df->pool, df->oldest);

	/* From so far in the future: the clock was set back meanwhile. */
	if (!df->open || g == NULL || (!any && (now_ns < g->first_ns ? g->first_ns - now_ns :
	    now_ns - g->first_ns) <= df->timeout_ns))
		return false;
	tell(g, lost);
	forget(df, g);
	pool_put(&df->pool, g);
	return true;
}
