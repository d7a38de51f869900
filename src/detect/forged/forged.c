/* forged.c - packets that did not come from whom they name, by what they have beside their content.
 *
 * Nearly every segment of a plant is like the last one of its end: the same MAC, the same time
 * to live, an identification that counts on.  It costs four comparisons; what differs is
 * looked at by the file that knows what that means.
 */
#include "detect/forged/forged.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/forged/marks.h"

static void
forged_close(void *arg)
{
	struct forged *d = arg;

	if (d != NULL)
		slots_close(&d->senders);
	free(d);
}

static void *
forged_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct forged *d = calloc(1, sizeof(*d));

	if (d == NULL || slots_open(&d->senders, &(struct slots_want){ .n = s->trackers,
	    .size = sizeof(struct sender_marks), .secret = env->key, .matters_s = s->crafted.within_s,
	    .counters = env->counters, .evicted = CNT_DETECT_TRACKERS }) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the detector of forged packets: lower detect.trackers");
		forged_close(d);
		return NULL;
	}
	d->env = *env;
	d->s = s;
	if (s->forged && env->slots != NULL) {
		d->of_flow = flow_slot_reserve(env->slots, sizeof(struct session_marks));
		d->of_device = assets_slot(env->assets, ASSET_DEVICE, sizeof(struct device_marks));
	}
	return d;
}

const char *
marks_mac_words(char *to, size_t size, const uint8_t *m)
{
	(void)snprintf(to, size, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
	return to;
}

/* Six bytes at once: each packet is asked. */
static inline uint64_t
mac_number(const uint8_t *mac)
{
	uint32_t high;
	uint16_t low;

	memcpy(&high, mac, sizeof(high));
	memcpy(&low, mac + sizeof(high), sizeof(low));
	return (uint64_t)high << 16 | low;
}

/* Without a MAC (raw IP, some tunnels) all come from the same. */
static inline bool
same_mac(const struct packet *p, const uint8_t *mac)
{
	return p->mac_src == NULL || mac_number(p->mac_src) == mac_number(mac);
}

static __attribute__((noinline)) void
look(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct end_marks *e = &marks_of(d, f)->end[dir];

	if ((p->flags & (PKT_TRUNCATED | PKT_REBUILT | PKT_LONG | PKT_BAD_IP_SUM | PKT_BAD_L4_SUM)) != 0)
		return;
	if (e->ttl == 0) {
		e->ttl = p->ttl;
		if (p->mac_src != NULL)
			memcpy(e->mac, p->mac_src, sizeof(e->mac));
		ttl_begins(d, p, f, dir);
	}
	if (p->ip_id == CRAFTED_ID)
		crafted_segment(d, p, f, dir);
	else
		e->differs = true;
	if (e->claims != d->claims)
		taken_claimed(d, p, f, dir);
	if (!same_mac(p, e->mac))
		taken_packet(d, p, f, dir);
	else if (p->ttl != e->ttl)
		ttl_differs(d, p, f, dir);
}

static void
forged_segment(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct forged *d = arg;
	struct end_marks *e;

	if (f == NULL)
		return;
	e = &marks_of(d, f)->end[dir];
	if (p->ttl != e->ttl || p->ip_id == CRAFTED_ID || e->claims != d->claims || !same_mac(p, e->mac))
		look(d, p, f, dir);
}

/* All that is no segment within a session. */
static void
forged_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct forged *d = arg;

	if (p->ip_v == 0 && p->arp_mac != NULL)
		taken_arp(d, p);
	if (p->ip_v != 4)
		return;
	/* What a firewall answers in the name of a host has its own time to live; so does a SYN+ACK. */
	if (p->proto == IP_TCP)
		crafted_packet(d, p, f, dir);
	else if (p->proto == IP_UDP && f != NULL && f->protocol != NULL)
		forged_segment(d, p, f, dir);
}

static void
forged_flow_end(void *arg, struct flow *f, enum flow_end_reason why)
{
	struct forged *d = arg;

	(void)why;
	if (f->proto == IP_TCP)
		for (unsigned dir = 0; dir < 2; dir++)
			ttl_ends(d, f, (enum flow_dir)dir);
}

static bool
forged_idle(const void *arg)
{
	const struct forged *d = arg;

	return !d->s->forged;
}

static size_t
forged_memory(const void *arg)
{
	const struct forged *d = arg;

	return sizeof(*d) + slots_memory(&d->senders);
}

const struct detector detector_forged = {
	.name = "forged",
	.open = forged_open,
	.packet = forged_packet,
	.segment = forged_segment,
	.flow_end = forged_flow_end,
	.idle = forged_idle,
	.memory = forged_memory,
	.close = forged_close,
};
