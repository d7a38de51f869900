/* volume.c - how much a client and a server do in ten seconds: operations, writes, unsolicited
 * responses, bytes, connections.
 *
 * The largest window while learning is a fact; three times as much, and more than a floor, is
 * a deviation, nine times as much a flood.  It is said in the moment in which the count gets there, once
 * in a window.
 */
#include "detect/baseline/volume.h"

#include "detect/baseline/model.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/str.h"

#define KNOWN_NS (60 * SECOND)	/* limits are looked up so often, and whether volume is learned again */

/* What the numbers of a fact are. */
enum { N_LARGEST, N_BEYOND };

/* Of a client of a device. */
struct peer_volume {
	struct window	 w;
	uint64_t	 limit[VOLUMES];
	uint64_t	 known_ns;	/* when those were found */
	uint32_t	 reported;	/* a bit for each in this window, and for its flood */
	bool		 judged;	/* else it is being learned */
};

struct volume_model {
	struct baseline	*b;
	struct facts	*facts;
	uint32_t	 of_client;	/* slot: struct peer_volume */
};

static struct fact_key
key_of(const struct sighting *s, enum volume what)
{
	return (struct fact_key){ .kind = FACT_KIND_VOLUME, .proto = (uint8_t)s->op->proto, .client = s->addr[OP_CLIENT],
	    .server = s->addr[OP_SERVER], .code = (uint32_t)what };
}

uint64_t
volume_largest(const struct fact *f)
{
	uint64_t most = fact_whole(f->n[N_LARGEST], UINT32_MAX), beyond = fact_whole(f->n[N_BEYOND], UINT32_MAX);

	/* What deviated and was accepted is as good as learned. */
	return f->state == FACT_ACCEPTED && beyond > most ? beyond : most;
}

static uint64_t
learned(struct volume_model *m, const struct fact_key *k)
{
	const struct fact *f = facts_find(m->facts, k);

	return f != NULL ? volume_largest(f) : 0;
}

static void
learn(struct volume_model *m, const struct sighting *s, const struct fact_key *k, uint32_t n)
{
	struct fact *f = facts_find(m->facts, k);

	if (f != NULL)
		facts_seen(m->facts, f, 1, s->now_ns);
	else if (baseline_see(m->b, k, s, &f) == BASELINE_NEW || f == NULL)
		return;
	if (n <= f->n[N_LARGEST].d)
		return;
	f->n[N_LARGEST].d = n;
	facts_touch(m->facts, f);
}

/* Another window: learn from the last one, or find its limits. */
static void
turn(struct volume_model *m, struct peer_volume *p, const struct sighting *s, const struct window *over)
{
	struct fact_key k = key_of(s, VOLUME_OPERATIONS);
	bool learns;

	p->reported = 0;
	if (p->judged && s->now_ns - p->known_ns < KNOWN_NS)
		return;
	learns = s->may_learn && baseline_learns(m->b, &k, s->now_ns);

	for (unsigned i = 0; i < VOLUMES; i++) {
		k.code = i;
		if (learns && over->n[i] > 0)
			learn(m, s, &k, over->n[i]);
		else if (!learns)
			p->limit[i] = window_limit((enum volume)i, learned(m, &k));
	}
	p->judged = !learns;
	p->known_ns = s->now_ns;
}

static bool
is_write(const struct operation *op)
{
	return op->outcome != OUTCOME_UNSOLICITED && (detect_of(op) & DETECT_OF_CHANGE) != 0;
}

static void
count_in(struct peer_volume *p, const struct operation *op)
{
	p->w.n[VOLUME_OPERATIONS]++;
	p->w.n[VOLUME_WRITES] += is_write(op);
	p->w.n[VOLUME_UNSOLICITED] += op->outcome == OUTCOME_UNSOLICITED;
	p->w.n[VOLUME_BYTES] += op->request.len + op->response.len;
	p->w.n[VOLUME_CONNECTIONS] += op->id == 1;
}

static void
deviates(struct volume_model *m, struct peer_volume *p, const struct sighting *s, unsigned i, bool flood,
    struct deviation *d)
{
	const struct fact_key k = key_of(s, (enum volume)i);
	struct fact *f = facts_find(m->facts, &k);
	struct strbuf what = strbuf_on(d->what, sizeof(d->what));
	struct strbuf expected = strbuf_on(d->expected, sizeof(d->expected));
	uint64_t most = learned(m, &k);

	if (f != NULL && p->w.n[i] > f->n[N_BEYOND].d) {
		f->n[N_BEYOND].d = p->w.n[i];
		facts_touch(m->facts, f);
	}
	p->reported |= 1u << (2 * i + (flood ? 1 : 0));
	d->type = flood ? ALERT_BASELINE_FLOOD : ALERT_BASELINE_VOLUME;
	d->fact = f;
	d->key = hash_bytes(baseline_env(m->b)->key, &k, sizeof(k));
	d->from_server = i == VOLUME_UNSOLICITED;
	d->score = f != NULL ? 80 : 60;
	d->numbers[d->n_numbers++] = (struct finding_number){ "count", p->w.n[i] };
	d->numbers[d->n_numbers++] = (struct finding_number){ "limit", (int64_t)p->limit[i] };
	d->numbers[d->n_numbers++] = (struct finding_number){ "window_s", WINDOW_NS / SECOND };
	strbuf_printf(&what, "%" PRIu32 " %s", p->w.n[i], volume_name((enum volume)i));
	if (f == NULL)
		strbuf_printf(&expected, "none at all");
	else
		strbuf_printf(&expected, "at most %" PRIu64, most);
}

static bool
volume_operation(void *arg, const struct sighting *s, struct deviation *d)
{
	struct volume_model *m = arg;
	struct asset_client *c;
	struct peer_volume *p;
	struct window over;

	if (s->at == NULL || s->at->server == NULL || s->at->client == NULL)
		return false;
	c = assets_client(baseline_env(m->b)->assets, s->at->server, s->at->client, s->op->proto, s->now_ns);
	p = asset_slot(c, m->of_client);
	if (window_turn(&p->w, s->now_ns, &over))
		turn(m, p, s, &over);
	count_in(p, s->op);
	if (!p->judged)
		return false;
	for (unsigned i = 0; i < VOLUMES; i++) {
		uint32_t done = p->reported >> (2 * i) & 3u;

		if (p->w.n[i] <= p->limit[i] || (done & 2u) != 0)
			continue;
		if (window_floods(p->w.n[i], p->limit[i]) || done == 0) {
			deviates(m, p, s, i, window_floods(p->w.n[i], p->limit[i]), d);
			return true;
		}
	}
	return false;
}

static void *
volume_open(struct baseline *b, struct err *e)
{
	const struct detect_env *env = baseline_env(b);
	struct volume_model *m = calloc(1, sizeof(*m));

	(void)e;
	if (m == NULL)
		return NULL;
	m->b = b;
	m->facts = baseline_facts(b);
	m->of_client = assets_slot(env->assets, ASSET_CLIENT, sizeof(struct peer_volume));
	return m;
}

static size_t
volume_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct volume_model);
}

const struct model model_volume = {
	.name = "volume",
	.open = volume_open,
	.operation = volume_operation,
	.memory = volume_memory,
	.close = free,
};
