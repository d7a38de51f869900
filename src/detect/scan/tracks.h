/* tracks.h - what the files of this folder share: the memory of the detector. */
#ifndef DETECT_SCAN_TRACKS_H
#define DETECT_SCAN_TRACKS_H

#include "detect/emit.h"
#include "detect/slots.h"

/* What a key is made for: the same addresses are watched for several things. */
enum track_kind { TRACK_NET = 1, TRACK_PORTS, TRACK_SPREAD, TRACK_ARP, TRACK_PLC, TRACK_TSAP,
	TRACK_FUNCTIONS, TRACK_POINTS, TRACK_SESSIONS, TRACK_FLOOD, TRACK_FLOODED, TRACK_ICMP,
	TRACK_ANNOUNCED, TRACK_LOGINS, TRACK_GUESSES, TRACK_CARRIED, TRACK_ASKED,
	TRACK_PORTS_ODD, TRACK_PORTS_UDP, TRACK_SPREAD_ODD, TRACK_SPREAD_UDP, TRACK_ABROAD };

/* How many different things. */
struct track_set {
	struct slot	head;
	struct distinct	seen;
	uint32_t	news;		/* different ones since it was last reported */
	bool		reported;
};

/* How often. */
struct track_rate {
	struct slot		head;
	struct rate_count	rate;
	struct steady		known;		/* that it comes so often */
	uint64_t		reached_ns;	/* when it came to the limit last */
};

struct track_asked {
	struct slot	head;
};

/* Whom a host of the plant talks to on the internet. */
#define TRACK_OUTSIDE 8u
struct track_outside {
	struct slot	head;
	uint32_t	to[TRACK_OUTSIDE];	/* hashes of addresses */
	uint32_t	n;			/* different ones so far; of those beyond, one a while */
	struct steady	known, further;
};

/* Whose packets a MAC carries. */
#define TRACK_CARRIES 3u
struct track_mac {
	struct slot	head;
	uint32_t	carries[TRACK_CARRIES];	/* hashes of addresses that send by it */
};

struct scan {
	struct detect_env		 env;
	const struct detect_settings	*s;
	struct slots			 sets, rates, macs, asked, outside;
	char				 text[2][64];
};

/* The key of one thing of n bytes, or of two addresses. */
static inline uint64_t
track_key(const struct scan *d, enum track_kind kind, const void *a, size_t n, const struct addr *b)
{
	uint64_t h = hash_bytes(d->env.key ^ (uint64_t)kind, a, n);

	return (b != NULL ? hash_bytes(h, b, sizeof(*b)) : h) | 1;
}

static inline uint64_t
track_pair(const struct scan *d, enum track_kind kind, const struct addr *a, const struct addr *b)
{
	return track_key(d, kind, a, sizeof(*a), b);
}

static inline uint64_t
track_hash(const struct scan *d, const struct addr *a)
{
	return hash_bytes(d->env.key, a, sizeof(*a));
}

/* scan.c: one more thing; is it time to report?  At the limit, and after that whenever
 * as many others came.  What only comes again is not reported. */
bool	 track_reached(struct track_set *t, uint32_t n, uint64_t limit);
bool	 track_different(struct scan *d, uint64_t key, uint64_t what, uint64_t ts_ns,
	    const struct rate_settings *r, uint32_t *n);
/* Once more; is it time to report?  At the limit; then counting begins anew. */
bool	 track_often(struct scan *d, uint64_t key, uint64_t ts_ns, const struct rate_settings *r,
	    uint32_t *n);
/* The same for what may go on for ever: is that new? */
bool	 track_often_new(struct scan *d, uint64_t key, uint64_t ts_ns, const struct rate_settings *r,
	    uint32_t *n);
void	 track_emit(struct scan *d, struct finding *f, uint32_t n, const struct rate_settings *r);
const char *track_mac_words(char *to, size_t size, const uint8_t *mac);

/* The finding of a packet as if the other end had sent it. */
struct finding track_turned(enum alert_type type, const struct packet *p, struct flow *flow,
	    enum flow_dir dir);

/* hosts.c */
void	 hosts_opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 hosts_opened(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 hosts_odd(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 hosts_datagram(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 hosts_ping(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 hosts_icmp_ask(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);

/* ports.c */
void	 ports_opening(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 ports_odd(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 ports_refused(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 ports_unanswered(struct scan *d, struct flow *flow);
void	 ports_datagram(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 ports_unreachable(struct scan *d, const struct packet *p);

/* arp.c */
void	 arp_packet(struct scan *d, const struct packet *p);
void	 arp_check_sender(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);

/* internet.c */
bool	 internet_is_member(const struct asset *x);	/* NULL is none */
void	 internet_packet(struct scan *d, const struct packet *p, struct flow *flow, enum flow_dir dir);
void	 internet_operation(struct scan *d, const struct operation *op);
void	 internet_flow(struct scan *d, struct flow *flow);

/* devices.c */
void	 devices_operation(struct scan *d, const struct operation *op);

#endif
