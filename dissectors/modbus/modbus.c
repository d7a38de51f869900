/* modbus.c - the Modbus dissector: framings chosen, frames handed on.
 *
 * NOTES.md says what is covered, what is not, and why.
 */
#include "modbus.h"

#include "record/counters.h"

static struct dis_guess
guess(struct cursor in, bool datagram)
{
	struct dis_guess (*const each[])(struct cursor) = {
		mb_rtu_guess, mb_mbap_guess, mb_ascii_guess
	};
	struct dis_guess g, best = { .verdict = GUESS_NO };

	/* The first framing that is convinced has it.  RTU stands first: a checksum
	 * that holds proves more than a legal header does. */
	for (size_t i = 0; i < 3 && best.verdict < GUESS_MAYBE; i++) {
		g = each[i](in);
		if (datagram && g.verdict == GUESS_SHORT)
			continue;	/* nothing will follow */
		if (datagram && g.verdict == GUESS_MAYBE && g.used != cur_left(&in) &&
		    g.framing != MB_MBAP)
			continue;
		if (g.verdict > best.verdict)
			best = g;
	}
	return best;
}

static struct dis_step
feed(struct dis_ctx *x, struct cursor in)
{
	struct mb_adu adu;
	struct dis_step step;

	switch (x->framing) {
	case MB_RTU:
		step = mb_rtu_cut(x, in, &adu);
		break;
	case MB_ASCII:
		step = mb_ascii_cut(x, in, &adu);
		break;
	default:
		step = mb_mbap_cut(x, &in, &adu);
		break;
	}
	if (step.status == DIS_DONE && adu.pdu != NULL)
		mb_transaction(x, &adu);
	return step;
}

extern const struct protocol modbus_protocol;
extern const struct dissector modbus_dissector;
const struct dissector modbus_dissector = {
	.protocol = &modbus_protocol,
	.max_pdu = MB_ADU_MAX, .max_pending = MB_PENDING_MAX,
	.state_size = sizeof(struct mb_state),
	.funcs = mb_funcs, .n_funcs = MB_N_FUNCS,
	.resync_scan = true,
	.guess = guess, .feed = feed, .gap = mb_gap, .unanswered = mb_unanswered,
};
