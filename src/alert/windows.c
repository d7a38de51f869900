#include "alert/windows.h"

#include <stdlib.h>
#include <string.h>

#include "base/hash.h"

enum { URGENT = 2, PROVEN = 1 };	/* which list */

int
windows_open(struct windows *ws, uint32_t n, uint64_t key, bool each)
{
	*ws = (struct windows){ .n = n, .key = key, .each = each, .free = n > 0 ? 0 : WINDOW_NONE };
	ws->all = calloc(n, sizeof(*ws->all));
	if (ws->all == NULL || hmap_open(&ws->map, n) != 0) {
		free(ws->all);
		ws->all = NULL;
		return -1;
	}
	for (unsigned i = 0; i < WINDOW_LISTS; i++)
		ws->first[i] = ws->last[i] = WINDOW_NONE;
	return 0;
}

void
windows_close(struct windows *ws)
{
	if (ws->all != NULL)
		hmap_close(&ws->map);
	free(ws->all);
	ws->all = NULL;
}

size_t
windows_memory(const struct windows *ws)
{
	return ws->all != NULL ? ws->n * sizeof(*ws->all) + hmap_memory(&ws->map) : 0;
}

/* ---- the lists ------------------------------------------------------------ */

static struct window *
at(const struct windows *ws, uint32_t i)
{
	return i != WINDOW_NONE ? &ws->all[i] : NULL;
}

static uint32_t
index_of(const struct windows *ws, const struct window *w)
{
	return (uint32_t)(w - ws->all);
}

/* Of a free one `next` is how far behind the one after it the next free one is, as in a pool: memory that nobody needed is
 * never touched. */
static uint32_t
next_free(const struct windows *ws, const struct window *w)
{
	uint32_t i = index_of(ws, w) + 1 + w->next;

	return i < ws->n ? i : WINDOW_NONE;
}

/* Behind those that began before it: nearly always the last. */
static void
link_in(struct windows *ws, struct window *w, unsigned list)
{
	uint32_t me = index_of(ws, w), before = ws->last[list];

	while (before != WINDOW_NONE && ws->all[before].since_ns > w->since_ns)
		before = ws->all[before].prev;
	w->list = (uint8_t)list;
	w->prev = before;
	w->next = before != WINDOW_NONE ? ws->all[before].next : ws->first[list];
	if (before != WINDOW_NONE)
		ws->all[before].next = me;
	else
		ws->first[list] = me;
	if (w->next != WINDOW_NONE)
		ws->all[w->next].prev = me;
	else
		ws->last[list] = me;
	ws->count[list]++;
}

static void
link_out(struct windows *ws, struct window *w)
{
	if (w->prev != WINDOW_NONE)
		ws->all[w->prev].next = w->next;
	else
		ws->first[w->list] = w->next;
	if (w->next != WINDOW_NONE)
		ws->all[w->next].prev = w->prev;
	else
		ws->last[w->list] = w->prev;
	ws->count[w->list]--;
}

struct window *
windows_victim(const struct windows *ws)
{
	bool many = ws->count[URGENT] + ws->count[URGENT | PROVEN] > ws->n / 4;
	const unsigned order[] = { 0, many ? URGENT : PROVEN, many ? PROVEN : URGENT, URGENT | PROVEN };

	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (ws->first[order[i]] != WINDOW_NONE)
			return &ws->all[ws->first[order[i]]];
	return NULL;
}

struct window *
windows_oldest(const struct windows *ws)
{
	struct window *best = NULL;

	for (unsigned i = 0; i < WINDOW_LISTS; i++) {
		struct window *w = at(ws, ws->first[i]);

		if (w != NULL && (best == NULL || w->since_ns < best->since_ns ||
		    (w->since_ns == best->since_ns && w->id < best->id)))
			best = w;
	}
	return best;
}

void
windows_prove(struct windows *ws, struct window *w)
{
	unsigned list = w->list | PROVEN;

	if (list == w->list)
		return;
	link_out(ws, w);
	link_in(ws, w, list);
}

void
windows_keep(struct windows *ws, struct window *w, uint64_t now_ns)
{
	link_out(ws, w);
	w->since_ns = now_ns;
	link_in(ws, w, w->list);
}

/* ---- what belongs together -------------------------------------------------- */

/* What findings of one alert share. */
struct same {
	uint64_t	 type, sid, gid, key, flow, tx;
	struct addr	 src, dst;
};

static struct same
same_of(const struct windows *ws, const struct finding *f, uint64_t flow_id)
{
	static const struct addr nobody;

	return (struct same){ .type = (uint64_t)f->type, .sid = f->rule != NULL ? f->rule->sid : 0,
	    .gid = f->rule != NULL ? f->rule->gid : 0, .key = f->key, .src = f->src,
	    .dst = f->any_dst ? nobody : f->dst, .flow = ws->each ? flow_id : 0, .tx = ws->each ? f->tx : 0 };
}

/* Never 0: that is a free one. */
static uint64_t
hash_of(const struct windows *ws, const struct same *s)
{
	uint64_t h = hash_bytes(ws->key, s, sizeof(*s));

	return h != 0 ? h : 1;
}

struct window *
windows_find(const struct windows *ws, const struct finding *f)
{
	struct same mine = same_of(ws, f, f->flow != NULL ? f->flow->id : 0);
	uint64_t hash = hash_of(ws, &mine);

	for (uint32_t i = hmap_first(&ws->map, hash); i != HMAP_END; i = hmap_next(&ws->map, hash, i)) {
		struct window *w = &ws->all[hmap_value(&ws->map, i)];
		struct same other;

		if (w->hash != hash)
			continue;
		other = same_of(ws, &w->finding, w->flow_id);
		if (memcmp(&mine, &other, sizeof(mine)) == 0)
			return w;
	}
	return NULL;
}

/* Text that anything may stand before: the end of its room is its end. */
static const char *
keep(char *to, size_t size, const char *text)
{
	size_t n;

	to[0] = '\0';
	if (text == NULL)
		return NULL;
	n = strlen(text);
	if (n >= size)
		n = size - 1;
	memcpy(to, text, n);
	to[n] = '\0';
	return to;
}

/* What the header of a record is made of, without what lives for the call only. */
static void
keep_header(struct window *w, const struct finding *f)
{
	w->finding.flow = NULL;
	w->finding.packet = NULL;
	if (f->flow != NULL) {
		w->flow = *f->flow;
		w->flow.dissection = NULL;
		w->flow.slots = NULL;
		w->finding.flow = &w->flow;
	} else if (f->packet != NULL) {
		w->packet = *f->packet;
		w->packet.l3 = w->packet.payload = w->packet.arp_mac = NULL;
		w->packet.l3_len = w->packet.payload_len = 0;
		if (f->packet->mac_src != NULL)
			w->packet.mac_src = memcpy(w->mac[0], f->packet->mac_src, 6);
		if (f->packet->mac_dst != NULL)
			w->packet.mac_dst = memcpy(w->mac[1], f->packet->mac_dst, 6);
		w->finding.packet = &w->packet;
	}
}

void
windows_touch(struct window *w, const struct finding *f)
{
	if (f->ts_ns > w->last_ns)
		w->last_ns = f->ts_ns;
	w->last_frame = f->frame;
	if (f->flow == NULL || w->finding.flow == NULL || f->flow->id != w->flow.id)
		return;
	for (unsigned i = 0; i < 2; i++) {
		w->flow.packets[i] = f->flow->packets[i];
		w->flow.bytes[i] = f->flow->bytes[i];
	}
}

struct window *
windows_add(struct windows *ws, const struct alert *al, bool proven)
{
	const struct finding *f = al->finding;
	struct window *w = at(ws, ws->free);
	struct same mine;

	if (w == NULL)
		return NULL;
	mine = same_of(ws, f, al->flow_id);
	if (!hmap_put(&ws->map, hash_of(ws, &mine), ws->free))
		return NULL;
	ws->free = next_free(ws, w);
	ws->in_use++;
	w->hash = hash_of(ws, &mine);
	w->id = al->id;
	w->count = w->reported = 1;
	w->ends = w->reported_ends = 0;
	w->first_ns = w->last_ns = w->since_ns = f->ts_ns;
	w->last_frame = f->frame;
	w->tx = f->tx;
	w->flow_id = al->flow_id;
	w->asked = f->stage != FINDING_WHOLE;
	w->pending = f->stage == FINDING_ASKED;
	w->best = f->op != NULL ? (uint8_t)f->op->outcome : OUTCOME_PENDING;
	memset(w->outcomes, 0, sizeof(w->outcomes));
	if (f->stage == FINDING_OUTCOME && f->op != NULL) {
		w->outcomes[f->op->outcome] = 1;
		w->ends = w->reported_ends = 1;
	}
	w->finding = *f;
	w->finding.op = NULL;
	w->finding.anomaly = NULL;
	keep_header(w, f);
	w->finding.where = NULL;
	w->finding.what = keep(w->what, sizeof(w->what), f->what);
	w->finding.expected = keep(w->expected, sizeof(w->expected), f->expected);
	(void)keep(w->uid, sizeof(w->uid), al->uid);
	(void)keep(w->sentence, sizeof(w->sentence), al->sentence);
	(void)keep(w->file, sizeof(w->file), al->evidence_file);
	link_in(ws, w, (al->severity <= 1 ? URGENT : 0u) | (proven ? PROVEN : 0u));
	return w;
}

void
windows_remove(struct windows *ws, struct window *w)
{
	(void)hmap_remove(&ws->map, w->hash, index_of(ws, w));
	link_out(ws, w);
	w->hash = 0;
	w->next = ws->free - index_of(ws, w) - 1;
	ws->free = index_of(ws, w);
	ws->in_use--;
}
