/* marks.h - what the files of this folder share: what is known of each end of a session. */
#ifndef DETECT_FORGED_MARKS_H
#define DETECT_FORGED_MARKS_H

#include "detect/emit.h"
#include "detect/slots.h"

/* What crafting tools leave in a packet that nobody told them to fill in. */
#define CRAFTED_ID	1u	/* of each packet: no counter stands behind it */

/* One end of a session.  Zeroed when the session begins. */
struct end_marks {
	uint64_t crafted_ns;	/* when the last packet with CRAFTED_ID came; 0: none did */
	uint8_t	mac[6];		/* of its frames, as in the first one */
	uint8_t	ttl;		/* of its packets from that MAC; 0: none came yet */
	uint8_t	other_ttl;	/* another one that came; 0: none */
	uint8_t	n_other;	/* how often */
	uint8_t	n_crafted;	/* packets with CRAFTED_ID; the counter stops */
	bool	differs;	/* a packet of it did not have the marks of a tool */
	bool	crafted_reported;
	bool	moved;		/* its packets come from `mac_now` */
	uint8_t	mac_now[6];
	uint8_t	claims;		/* how far it was compared with what ARP says (of `struct forged`, the lowest byte) */
	bool	claim_reported;
};

struct session_marks {
	struct end_marks	end[2];
	bool			taken_reported;
};

/* Of a device: what its packets are like from one MAC, in the sessions that are over. */
struct device_marks {
	uint8_t	mac[6];
	uint8_t	ttl;		/* as its system sends it; 0: not known, or a router was between */
	uint8_t	n;		/* sessions with data that had it, as far as it matters */
	uint8_t	n_other;	/* sessions in a row that had another one */
	uint64_t asked_ns;	/* when ARP asked for its address; 0: never */
};

/* Of whoever sends packets that belong to no session yet. */
struct sender_marks {
	struct slot		head;
	struct rate_count	rate;
};

struct forged {
	struct detect_env		 env;
	const struct detect_settings	*s;
	uint32_t			 of_flow, of_device;	/* slots: struct session_marks, struct device_marks */
	struct slots			 senders;	/* struct sender_marks */
	uint8_t				 claims;	/* goes on when ARP says whose an address is and nobody asked */
	char				 text[2][64];
};

static inline struct session_marks *
marks_of(const struct forged *d, const struct flow *f)
{
	return flow_slot(f, d->of_flow);
}

/* As systems send it: nobody has passed it on. */
static inline bool
ttl_is_first_hop(uint8_t ttl)
{
	return ttl == 30 || ttl == 32 || ttl == 60 || ttl == 64 || ttl == 128 || ttl == 255;
}

/* "00:1b:1b:17:f8:82" */
const char *marks_mac_words(char *to, size_t size, const uint8_t *mac);

/* crafted.c: a segment of a session with CRAFTED_ID; any packet outside one. */
void	 crafted_segment(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);
void	 crafted_packet(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);

/* ttl.c: a packet of a session from the MAC that its end has, with another time to live. */
void	 ttl_differs(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);

/* The first segment of an end of a session; and its last one is over. */
void	 ttl_begins(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);
void	 ttl_ends(struct forged *d, struct flow *f, enum flow_dir dir);

/* taken.c: a packet of a session from another MAC than its end has. */
void	 taken_packet(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);

/* ARP speaks; and a packet of a session, after it did so unasked. */
void	 taken_arp(struct forged *d, const struct packet *p);
void	 taken_claimed(struct forged *d, const struct packet *p, struct flow *f, enum flow_dir dir);

#endif
