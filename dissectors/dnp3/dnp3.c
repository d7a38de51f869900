/* dnp3.c - the DNP3 dissector: frames found and handed on.
 *
 * NOTES.md says what is covered, what is not, and why.
 */
#include "dnp3.h"

/* Who sends this?  The function code of an application message says so: +1 a master,
 * -1 an outstation.  Some tools set the direction bit wrongly (1815 9.2.4.1.3), so
 * where there is no function code it proves nothing (0), and a frame of the link
 * layer with a wrong one hides no command behind it.  `user` holds `len` octets of
 * user data. */
static int8_t
role_of(uint8_t control, const uint8_t *user, size_t len)
{
	bool data = (control & DNP3_LINK_PRM) != 0 &&
	    ((control & 15u) == 3 || (control & 15u) == 4);

	if (data && len >= 3 && (user[0] & DN_FIR) != 0)
		return (user[2] & 0x80) != 0 ? -1 : 1;
	return 0;
}

static struct dis_guess
guess(struct cursor in, bool datagram)
{
	struct dis_guess g = { .verdict = GUESS_NO };
	struct cursor c = in;
	uint8_t s0 = cur_u8(&c), s1 = cur_u8(&c), length = cur_u8(&c), control = cur_u8(&c);
	uint16_t dst = cur_le16(&c), src = cur_le16(&c);
	size_t have = cur_left(&in);

	if ((have > 0 && s0 != 0x05) || (have > 1 && s1 != 0x64))
		return g;
	if (have < DN_HEADER) {
		/* A datagram has no more to come. */
		g.verdict = !datagram ? GUESS_SHORT : have > 2 ? GUESS_FLAWED : GUESS_NO;
		return g;
	}
	/* The length is covered by the CRC: with a wrong one it leads nowhere. */
	if (length < DN_LENGTH_MIN || !dn_crc_good(in.p, DN_HEADER - 2)) {
		g.verdict = length < DN_LENGTH_MIN && !dn_crc_good(in.p, DN_HEADER - 2) ?
		    GUESS_NO : GUESS_FLAWED;
		return g;
	}
	g.verdict = datagram && dn_frame_len(length) > have ? GUESS_FLAWED : GUESS_YES;
	g.checked = true;
	cur_skip(&c, 2);
	g.role = role_of(control, c.p, length > DN_LENGTH_MIN + 2 ? cur_left(&c) : 0);
	g.used = dn_frame_len(length);
	g.tag = ((uint32_t)(src > dst ? src : dst) << 16 | (src > dst ? dst : src)) + 1u;
	return g;
}

static struct dis_step
feed(struct dis_ctx *x, struct cursor in)
{
	struct dn_frame f;
	struct dis_step step = dn_cut(x, in, &f);
	int8_t role;

	if (step.status != DIS_DONE)
		return step;
	role = role_of(f.control, f.user, f.broken ? 0 : f.len);
	if (role != 0)
		dis_set_client(x, role > 0);
	else
		dis_hint_client(x, dn_from_master(&f));
	dn_transport_stale(x);
	if (f.broken) {
		/* The receiver throws it away, and the fragment with it. */
		struct dn_stream *s = dn_stream(x, f.src, f.dst);

		dn_transport_drop(x, s);
		s->started = false;
	} else if (f.len > 0 && dn_primary(&f) &&
	    (dn_link_function(&f) == 3 || dn_link_function(&f) == 4)) {
		dn_segment(x, &f);
		if (dn_link_function(&f) == 3)
			dn_link_expects(x, &f);
	} else
		dn_link_message(x, &f);
	return step;
}

extern const struct protocol dnp3_protocol;
extern const struct dissector dnp3_dissector;
const struct dissector dnp3_dissector = {
	.protocol = &dnp3_protocol,
	.max_pdu = DN_FRAME_MAX, .max_pending = DN_FRAGMENT,
	.state_size = sizeof(struct dn_state),
	.funcs = dn_funcs, .n_funcs = DN_N_FUNCS,
	.resync_scan = true,
	.guess = guess, .feed = feed, .gap = dn_gap, .unanswered = dn_unanswered,
	.closed = dn_transport_closed,
};
