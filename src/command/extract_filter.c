/* extract_filter.c - does a frame belong to a window? */
#include "command/extract.h"

#include <stdlib.h>

#include "decode/decode.h"

struct extract_filter {
	const struct extract	*x;
	struct decoder		*decoder;
	struct counters		 counters;
	bool			 fits;
	const char		*comment;
};

static bool
same_ends(const struct extract_window *w, const struct packet *p, const struct addr *src, const struct addr *dst)
{
	bool forth = addr_same(&w->a, src) && (w->any_b || addr_same(&w->b, dst));
	bool back = addr_same(&w->a, dst) && (w->any_b || addr_same(&w->b, src));

	if (!w->ports)
		return forth || back;
	if (p->proto != w->proto)
		return false;
	/* A fragment has no ports. */
	if ((p->flags & PKT_FRAGMENT) != 0)
		return forth || back;
	return (forth && p->sport == w->port_a && p->dport == w->port_b) ||
	    (back && p->sport == w->port_b && p->dport == w->port_a);
}

static void
look(struct extract_filter *f, const struct packet *p)
{
	const struct addr *src = p->ip_v != 0 ? &p->src : &p->arp_src, *dst = p->ip_v != 0 ? &p->dst : &p->arp_dst;

	if (p->ip_v == 0 && p->arp_op == 0)
		return;
	for (uint32_t i = 0; i < f->x->n_windows; i++) {
		const struct extract_window *w = &f->x->windows[i];

		if (!w->wanted || p->ts_ns < w->from_ns || p->ts_ns > w->to_ns || !same_ends(w, p, src, dst))
			continue;
		f->fits = true;
		if (w->comment != NULL && (p->ts_ns == w->first_ns || p->ts_ns == w->last_ns))
			f->comment = w->comment;
	}
}

static void
on_packet(void *arg, const struct packet *p)
{
	look(arg, p);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	(void)arg;
	(void)a;
}

struct extract_filter *
extract_filter_open(const struct extract *x, const struct decode_settings *s)
{
	struct extract_filter *f = calloc(1, sizeof(*f));
	struct decode_settings set = *s;

	if (f == NULL)
		return NULL;
	f->x = x;
	/* Copies of a frame, and packets whose sums are wrong, are a part of what happened. */
	set.dedup = false;
	set.checksums = CHECKSUM_NONE;
	f->decoder = decode_open(&set, &(struct decode_sink){ .packet = on_packet, .header = on_packet,
	    .anomaly = on_anomaly, .arg = f }, &f->counters);
	if (f->decoder == NULL) {
		free(f);
		return NULL;
	}
	return f;
}

void
extract_filter_close(struct extract_filter *f)
{
	if (f == NULL)
		return;
	decode_close(f->decoder);
	free(f);
}

/* The window of a frame that a finding names; NULL: none does. */
static const struct extract_window *
named(const struct extract *x, uint64_t frame)
{
	uint32_t low = 0, high = x->n_frames;

	while (low < high) {
		uint32_t mid = low + (high - low) / 2;

		if (x->frames[mid].frame < frame)
			low = mid + 1;
		else
			high = mid;
	}
	for (; low < x->n_frames && x->frames[low].frame == frame; low++)
		if (x->windows[x->frames[low].window].wanted)
			return &x->windows[x->frames[low].window];
	return NULL;
}

bool
extract_wants(struct extract_filter *f, const struct frame *frame, const char **comment)
{
	const struct extract_window *w;

	f->fits = f->x->n_picks == 0;
	f->comment = NULL;
	if (frame->ts_ns < f->x->from_ns || frame->ts_ns > f->x->to_ns)
		return false;
	if (f->x->n_picks > 0) {
		decode_tick(f->decoder, frame->ts_ns);
		decode_frame(f->decoder, frame);
		w = named(f->x, frame->number);
		if (w != NULL) {
			f->fits = true;
			f->comment = w->comment;
		}
	}
	*comment = f->comment;
	return f->fits;
}
