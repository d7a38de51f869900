/* filter.h - a BPF expression for files and interfaces, widened on request.
 *
 * libpcap reads `port 502` as "port 502 directly inside IP directly inside
 * Ethernet": on a VLAN trunk it matches nothing.  Widened, an expression E also
 * holds inside up to two VLAN tags, and whatever carries other packets inside
 * passes whole: more tags and those of other kinds, MPLS, PPPoE, HSR, MACsec, GRE and
 * ERSPAN, IP in IP, EtherIP, L2TP, the UDP ports of tunnels and what begins like VXLAN,
 * GTP-U or Geneve on others, later fragments, and IPv6 with extension headers.  So frames
 * may pass whose inside does not match E; none that matches is lost, but for IP straight
 * in UDP on a port that is no setting.
 */
#ifndef CAPTURE_FILTER_H
#define CAPTURE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "record/frame.h"
#include "record/settings.h"

struct filter;

/* Keep an expression; nothing is compiled yet.  `expr` is borrowed.  NULL when
 * there is no memory. */
struct filter	*filter_open(const char *expr, bool widen, const struct tunnel_settings *ports);
void		 filter_close(struct filter *f);	/* NULL is ignored */

/* Is there anything in it at all? */
bool		 filter_is_empty(const char *expr);

/* The expression as it was given. */
const char	*filter_given(const struct filter *f);

/* Compile for a LINKTYPE_.  0, or -1 with libpcap's message in `why`. */
int		 filter_prepare(struct filter *f, uint16_t link, char *why, size_t why_len);

/* Does the frame pass?  A link type that was not prepared is compiled now; one for
 * which the expression means nothing is logged once and does not pass. */
bool		 filter_pass(struct filter *f, const struct frame *frame);

/* The text to hand to libpcap for a LINKTYPE_, as prepared; NULL if it was not. */
const char	*filter_text(struct filter *f, uint16_t link);

/* libpcap's DLT_ number of a LINKTYPE_ and back (they differ for a few). */
int		 filter_dlt(uint16_t link);
uint16_t	 filter_link(int dlt);

#endif
