/* internet.c - a part of the plant that talks to the internet. */
#include "detect/scan/tracks.h"

#include <stdio.h>

#include "asset/geoip.h"
#include "record/operation.h"

#define FURTHER_S	3600u

/* Old plants have public addresses of their own: what shares 16 (or 48) bits is one network. */
static bool
is_near(const struct addr *a, const struct addr *b)
{
	return memcmp(a->b, b->b, addr_is_v4(a) ? 14 : 6) == 0;
}

bool
internet_is_member(const struct asset *x)
{
	return x != NULL && x->control_ns != 0;
}

static const char *
words(struct scan *d, const struct finding *f, const char *proto)
{
	if (proto != NULL)
		(void)snprintf(d->text[0], sizeof(d->text[0]), "%s", proto);
	else if (f->proto == IP_TCP || f->proto == IP_UDP)
		(void)snprintf(d->text[0], sizeof(d->text[0]), "%s port %u", f->proto == IP_UDP ? "UDP" : "TCP",
		    (unsigned)(f->to_client ? f->sport : f->dport));
	else
		return "ping";
	return d->text[0];
}

/* From inside to outside, whoever began. */
static bool
inside_out(struct finding *f)
{
	if (addr_is_public(&f->src) && !addr_is_public(&f->dst)) {
		struct addr a = f->src;
		uint16_t port = f->sport;

		f->src = f->dst;
		f->dst = a;
		f->sport = f->dport;
		f->dport = port;
		f->to_client = !f->to_client;
	}
	return addr_is_public(&f->dst) && (addr_is_private(&f->src) || (addr_is_public(&f->src) && !is_near(&f->src, &f->dst)));
}

/* One alert of a host, whomever it talks to: at first, for each further address that can be remembered, and for
 * those beyond once an hour. */
static void
talks(struct scan *d, const struct finding *f)
{
	struct steady_times t = steady_times(&d->env);
	struct track_outside *x = slots_get(&d->outside, slots_key(d->env.key, TRACK_ABROAD, &f->src), f->ts_ns);
	uint32_t to = (uint32_t)track_hash(d, &f->dst) | 1;
	struct location at;
	struct finding y;
	unsigned i = 0;
	bool news;

	while (i < TRACK_OUTSIDE && x->to[i] != 0 && x->to[i] != to)
		i++;
	if (i == TRACK_OUTSIDE) {
		t.forget_s = FURTHER_S;
		news = steady_news(&x->further, 0, f->ts_ns, &t);
	} else if (x->to[i] == 0) {
		x->to[i] = to;
		x->n++;
		(void)steady_news(&x->known, 0, f->ts_ns, &t);
		news = true;
	} else
		news = steady_news(&x->known, 0, f->ts_ns, &t);
	if (!news)
		return;
	y = *f;
	if (geoip_locate(d->env.geoip, &f->dst, &at))
		y.where = &at;
	y.any_dst = true;
	y.key = 0;
	finding_add_number(&y, "addresses", x->n);
	emit(&d->env, &y);
}

void
internet_packet(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	const struct assets *all = d->env.assets;
	struct finding f;

	if (!addr_is_public(&p->dst) && !addr_is_public(&p->src))
		return;
	f = finding_from_packet(ALERT_INTERNET, p, flow, dir);
	if (!inside_out(&f) || !internet_is_member(addr_same(&f.src, &p->src) ?
	    assets_sender(all, p, flow, dir) : assets_receiver(all, p, flow, dir)))
		return;
	f.what = words(d, &f, NULL);
	talks(d, &f);
}

void
internet_operation(struct scan *d, const struct operation *op)
{
	struct finding f = finding_from_operation(&d->env, ALERT_INTERNET, op, false);

	if (!inside_out(&f))
		return;
	f.what = words(d, &f, protocols[op->proto]->name);
	talks(d, &f);
}

/* What began before it was known who is part of the plant, or before the capture. */
void
internet_flow(struct scan *d, struct flow *flow)
{
	unsigned client = flow_client(flow), server = flow_server(flow);
	const struct asset *x;
	struct finding f;

	if (flow->protocol != NULL || (!addr_is_public(&flow->addr[0]) && !addr_is_public(&flow->addr[1])))
		return;
	f = (struct finding){ .type = ALERT_INTERNET, .ts_ns = flow->last_ns, .frame = flow->first_frame,
	    .source = flow->source, .src = flow->addr[client], .dst = flow->addr[server],
	    .sport = flow->port[client], .dport = flow->port[server], .proto = flow->proto, .flow = flow };
	if (!inside_out(&f))
		return;
	x = asset_of(flow, addr_same(&f.src, &flow->addr[client]) ? client : server);
	if (!internet_is_member(x) || (x->control_ns <= flow->first_ns && !flow->midstream))
		return;
	f.what = words(d, &f, NULL);
	talks(d, &f);
}
