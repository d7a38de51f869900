#include "detect/detect.h"

#include <limits.h>
#include <stdlib.h>

/* Whom operations of one phase are shown to. */
struct shown {
	struct { void (*call)(void *d, const struct operation *op); void *arg; unsigned of; } all[DETECTORS_MAX];
	struct { void (*call)(void *d, const struct operation *op); void *arg; } ordinary[DETECTORS_MAX];
	uint32_t n_all, n_ordinary;	/* the second are those of the first that want every operation */
};

struct detect {
	struct detect_env		 env;
	const struct detector *const	*list;
	void				*each[DETECTORS_MAX];
	bool				 idle[DETECTORS_MAX];
	uint32_t			 n;
	/* Those that have a call, packed: each packet goes through most of them. */
#define LISTS(row) \
	row(DETECT_PACKET, packet) row(DETECT_HEADER, header) row(DETECT_SEGMENT, segment) row(DETECT_BYTES, bytes) \
	row(DETECT_ANOMALY, anomaly) \
	row(DETECT_FLOW_END, flow_end) row(DETECT_TICK, tick) row(DETECT_FINISH, finish) row(DETECT_FINDING, finding) \
	row(DETECT_ANNOUNCEMENT, announcement) row(DETECT_READING, reading)
#define LIST(what, name) \
	struct { __typeof__(((struct detector *)NULL)->name) call; void *arg; } name[DETECTORS_MAX]; \
	uint32_t n_##name;
	LISTS(LIST)
#undef LIST
	struct shown			 requested, finished;
	uint32_t			 tag_slot;	/* of each device: struct tag_slot */
	bool				 tagged;	/* there are tags */
};

/* Which tags a device has, found once for each set of them. */
struct tag_slot {
	uint32_t	generation, device;	/* of the set; its index in it + 1, 0: it has none */
};

static void
show_to(struct shown *s, void (*call)(void *d, const struct operation *op), void *arg, unsigned of)
{
	if (call == NULL)
		return;
	s->all[s->n_all].call = call;
	s->all[s->n_all].arg = arg;
	s->all[s->n_all++].of = of != 0 ? of : UINT_MAX;
	if (of != 0)
		return;
	s->ordinary[s->n_ordinary].call = call;
	s->ordinary[s->n_ordinary++].arg = arg;
}

/* What a detector has nothing to do with now is not shown to it. */
static void
pack(struct detect *d)
{
#define EMPTY(what, name) d->n_##name = 0;
	LISTS(EMPTY)
#undef EMPTY
	d->requested.n_all = d->requested.n_ordinary = d->finished.n_all = d->finished.n_ordinary = 0;
	for (uint32_t i = 0; i < d->n; i++) {
		const struct detector *by = d->list[i];

		if (d->idle[i])
			continue;
#define ADD(what, name) \
		if (by->name != NULL && (by->skips == NULL || !by->skips(d->each[i], what))) { \
			d->name[d->n_##name].call = by->name; \
			d->name[d->n_##name++].arg = d->each[i]; \
		}
		LISTS(ADD)
#undef ADD
		if (by->skips != NULL && by->skips(d->each[i], DETECT_OPERATION))
			continue;
		show_to(&d->requested, by->operation, d->each[i], by->requested_of != 0 ? by->requested_of : by->of);
		show_to(&d->finished, by->operation != NULL ? by->operation : by->finished, d->each[i], by->of);
	}
}

struct detect *
detect_open_with(const struct detector *const *list, const struct detect_env *env, struct err *e)
{
	struct detect *d;
	int before = e->n;
	uint32_t n = 0;

	while (list[n] != NULL)
		n++;
	if (n > DETECTORS_MAX) {
		err_add(e, NULL, 0, 0, "%u detectors are registered, and only %u can be opened (the first one too many is "
		    "\"%s\"): raise DETECTORS_MAX in detect/detector.h", n, DETECTORS_MAX, list[DETECTORS_MAX]->name);
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL) {
		err_add(e, NULL, 0, 0, "no memory for detection");
		return NULL;
	}
	d->env = *env;
	d->list = list;
	if (env->tags != NULL && env->assets != NULL && env->ends != NULL) {
		d->tag_slot = assets_slot(env->assets, ASSET_DEVICE, sizeof(struct tag_slot));
		d->tagged = tag_reader_tags(env->tags)->n > 0;
	}
	for (; d->n < n; d->n++) {
		const struct detector *by = list[d->n];

		d->each[d->n] = by->open(&d->env, e);
		if (d->each[d->n] == NULL) {
			if (e->n == before)
				err_add(e, NULL, 0, 0, "no memory for the detector \"%s\"", by->name);
			detect_close(d);
			return NULL;
		}
		d->idle[d->n] = by->idle != NULL && by->idle(d->each[d->n]);
	}
	pack(d);
	return d;
}

const void *
detect_find(const struct detect *d, const struct detector *kind)
{
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i] == kind)
			return d->each[i];
	return NULL;
}

bool
detect_wants(const struct detect *d, enum detect_call what)
{
	for (uint32_t i = 0; i < d->n; i++)
#define WANTS(call, name) \
		if (what == call && !d->idle[i] && d->list[i]->name != NULL) \
			return true;
		{ LISTS(WANTS) }
#undef WANTS
	return false;
}

#define EACH(name, ...) \
	for (__typeof__(&d->name[0]) c_ = d->name, end_ = c_ + d->n_##name; c_ != end_; c_++) \
		c_->call(c_->arg, __VA_ARGS__)

void
detect_packet(struct detect *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	if (p->ip_v != 0 && p->proto == IP_TCP &&
	    (p->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_ACK)
		EACH(segment, p, f, dir);
	else
		EACH(packet, p, f, dir);
}

void
detect_header(struct detect *d, const struct packet *p)
{
	EACH(header, p);
}

void
detect_bytes(struct detect *d, const struct flow_bytes *b)
{
	EACH(bytes, b);
}

static void
on_reading(void *arg, const struct tag_reading *r)
{
	struct detect *d = arg;

	EACH(reading, r);
}

/* Values of those that have names. */
static void
read_tags(struct detect *d, const struct operation *op)
{
	const struct tags *tags = tag_reader_tags(d->env.tags);
	struct asset *server = asset_ends(d->env.ends)->server;
	struct tag_slot *slot;

	if (server == NULL)
		return;
	slot = asset_slot(server, d->tag_slot);
	if (slot->generation != tag_reader_generation(d->env.tags)) {
		const struct tag_device *found = tags_device(tags, &server->addr);

		slot->generation = tag_reader_generation(d->env.tags);
		slot->device = found != NULL ? (uint32_t)(found - tags->device) + 1 : 0;
	}
	if (slot->device > 0)
		tag_reader_operation(d->env.tags, &tags->device[slot->device - 1], op, on_reading, d);
}

static void
show_operation(struct detect *d, const struct operation *op)
{
	const struct shown *s = op->phase == OP_FINISHED ? &d->finished : &d->requested;
	unsigned of = detect_of(op);

	if (of == 0) {
		for (uint32_t i = 0; i < s->n_ordinary; i++)
			s->ordinary[i].call(s->ordinary[i].arg, op);
		return;
	}
	for (uint32_t i = 0; i < s->n_all; i++)
		if ((s->all[i].of & of) != 0)
			s->all[i].call(s->all[i].arg, op);
}

void
detect_operation(struct detect *d, const struct operation *op)
{
	show_operation(d, op);
	if (d->tagged && op->phase == OP_FINISHED)
		read_tags(d, op);
}

void
detect_anomaly(struct detect *d, const struct anomaly *a)
{
	EACH(anomaly, a);
}

void
detect_finding(struct detect *d, const struct finding *f)
{
	EACH(finding, f);
}

void
detect_announcement(struct detect *d, const struct announcement *s)
{
	EACH(announcement, s);
}

void
detect_flow_end(struct detect *d, struct flow *f, enum flow_end_reason why)
{
	EACH(flow_end, f, why);
}

void
detect_tick(struct detect *d, uint64_t now_ns)
{
	EACH(tick, now_ns);
}

void
detect_finish(struct detect *d, uint64_t now_ns)
{
	EACH(finish, now_ns);
}

int
detect_load(struct detect *d, const struct detect_state *from, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->load != NULL && d->list[i]->load(d->each[i], from, e) != 0)
			r = -1;
	return r;
}

int
detect_save(const struct detect *d, const struct detect_state *to)
{
	int r = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->save != NULL && d->list[i]->save(d->each[i], to) != 0)
			r = -1;
	return r;
}

int
detect_prepare(struct detect *d, struct err *e)
{
	int r = 0;

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->prepare != NULL && d->list[i]->prepare(d->each[i], e) != 0)
			r = -1;
	return r;
}

bool
detect_swap(struct detect *d)
{
	const struct tags *before;
	bool any = false, tags = d->env.tags != NULL && tag_reader_swap(d->env.tags, &before);

	for (uint32_t i = 0; tags && i < d->n; i++)
		if (d->list[i]->retag != NULL)
			d->list[i]->retag(d->each[i], tag_reader_tags(d->env.tags), before);
	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->swap != NULL)
			any |= d->list[i]->swap(d->each[i]);
	if (tags) {
		tag_reader_swapped(d->env.tags);
		d->tagged = tag_reader_tags(d->env.tags)->n > 0;
	}
	if (any)
		pack(d);
	return any;
}

const char *
detect_act(struct detect *d, const struct keep_action *a)
{
	const char *refused = NULL;

	for (uint32_t i = 0; refused == NULL && i < d->n; i++)
		if (d->list[i]->act != NULL)
			refused = d->list[i]->act(d->each[i], a);
	return refused;
}

size_t
detect_memory(const struct detect *d)
{
	size_t n = sizeof(*d);

	for (uint32_t i = 0; i < d->n; i++)
		if (d->list[i]->memory != NULL)
			n += d->list[i]->memory(d->each[i]);
	return n;
}

void
detect_close(struct detect *d)
{
	if (d == NULL)
		return;
	for (uint32_t i = 0; i < d->n; i++)
		if (d->each[i] != NULL)
			d->list[i]->close(d->each[i]);
	free(d);
}
