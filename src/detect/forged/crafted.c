/* crafted.c - packets that a packet-crafting tool made.
 *
 * Systems count their identifications or draw them, and set "don't fragment"; they offer options with
 * a SYN.  A program that writes packets by itself leaves what it does not care for as its library has it,
 * in each of them.  One such packet is what any small device may send after it starts; in a session
 * whose packets are otherwise, or again and again, it is a tool's.
 */
#include "detect/forged/marks.h"

#include "base/str.h"

#define TOOL_WINDOW	8192u
#define PLAIN_TCP	20u	/* bytes of a TCP header without options */
#define ONE_OPTION	24u	/* with the largest segment alone */
#define AGAIN		2u	/* in a session, without the window */
#define BURST_NS	(60 * SECOND)	/* quiet for so long, and what comes is another matter */
#define DRAWN_TTL(t)	((t) >= 37 && (t) <= 59)	/* as a scanner draws it */

/* Nothing says "don't fragment", and it is no fragment. */
static bool
is_plain(const struct packet *p)
{
	return p->ip_v == 4 && p->ip_frag == 0 && (p->flags & (PKT_REBUILT | PKT_FRAGMENT | PKT_TUNNELLED)) == 0;
}

static uint32_t
tcp_header(const struct packet *p)
{
	uint32_t ip, all;

	if (p->payload == NULL || p->l3 == NULL || p->l3_len == 0)
		return 0;
	ip = (p->l3[0] & 0x0fu) * 4u;
	all = (uint32_t)(p->payload - p->l3);
	return all > ip ? all - ip : 0;
}

static void
report(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir, const char *what)
{
	struct finding x = finding_from_packet(ALERT_CRAFTED, p, f, dir);

	x.what = what;
	emit(&d->env, &x);
}

/* Data with the first number of a counter in a session that began long before; or, of one whose
 * beginning was seen, beside packets with other numbers, or again. */
static bool
by_its_window(const struct packet *p, const struct flow *f, const struct end_marks *e)
{
	return p->proto == IP_TCP && p->window == TOOL_WINDOW && (e->differs || e->n_crafted >= AGAIN ||
	    (f->midstream && p->payload_wire > 0 && tcp_header(p) == PLAIN_TCP));
}

void
crafted_segment(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct end_marks *e = &marks_of(d, f)->end[dir];
	bool burst;

	if (!is_plain(p)) {
		e->differs = true;
		return;
	}
	if (e->n_crafted < UINT8_MAX)
		e->n_crafted++;
	burst = e->crafted_ns == 0 || p->ts_ns - e->crafted_ns >= BURST_NS;
	e->crafted_ns = p->ts_ns;
	/* A system that numbers nothing is reported once, not as long as it speaks. */
	if (burst)
		e->crafted_reported = false;
	else if (e->crafted_reported && !e->differs)
		return;
	if (by_its_window(p, f, e) || (e->n_crafted >= AGAIN && (e->differs || p->ttl != e->ttl))) {
		e->crafted_reported = true;
		report(d, p, f, dir, "identification 1");
	}
}

/* A SYN that no system sends: how the tool is known, or NULL. */
static const char *
odd_opening(const struct packet *p)
{
	uint32_t header = tcp_header(p);

	if (!is_plain(p))
		return NULL;
	if (header == PLAIN_TCP && p->ip_id == CRAFTED_ID && p->window == TOOL_WINDOW)
		return "identification 1, window 8192";
	if (p->payload_wire > 0)
		return NULL;
	if (header == PLAIN_TCP && p->window == 512)
		return "window 512";
	if (header == PLAIN_TCP && p->window == 1024)
		return "window 1024";
	if (p->ip_id == 54321)
		return "identification 54321";
	if (header == ONE_OPTION && p->window % 1024 == 0 && p->window >= 1024 && p->window <= 4096 && DRAWN_TTL(p->ttl))
		return "window 1024 to 4096, one option";
	return NULL;
}

void
crafted_packet(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct sender_marks *s;
	const char *what = NULL;

	if ((p->tcp_flags & (TCP_SYN | TCP_RST | TCP_ACK)) == TCP_SYN)
		what = odd_opening(p);
	else if (p->ip_id == CRAFTED_ID && is_plain(p) && p->window == TOOL_WINDOW)
		what = "identification 1";
	if (what == NULL)
		return;
	/* In a session whose packets are otherwise. */
	if (f != NULL && marks_of(d, f)->end[dir].differs && p->ip_id == CRAFTED_ID) {
		report(d, p, f, dir, what);
		return;
	}
	s = slots_get(&d->senders, slots_key(d->env.key, 1, &p->src), p->ts_ns);
	if (rate_add(&s->rate, p->ts_ns, d->s->crafted.within_s) < d->s->crafted.n)
		return;
	rate_clear(&s->rate);
	report(d, p, f, dir, what);
}
