/* mirror_judge.c - is it right?  By the limits of mirror.def. */
#include "command/mirror.h"

#include "record/packet.h"

#define TCP_ACK		0x10u	/* who acknowledges has heard the other end */

const struct mirror_row mirror_rows[MIRROR_CHECKS] = {
#define CHECK(id, text, label, unit, least, permille, problem, change) [MIRROR_##id] = { text, label, unit, least, permille, problem, change },
#include "command/mirror.def"
#undef CHECK
};

void
mirror_flow(struct mirror *m, const struct flow *f)
{
	bool both = flow_two_sided(f);
	unsigned vlan = f->n_vlan > 0 ? f->vlan[0] & 0xfffu : 0;

	m->two_sided += both;
	/* A SYN that nobody answers, or a scan's, says nothing of the mirror. */
	if (f->proto == IP_TCP && (both || ((f->tcp_flags[0] | f->tcp_flags[1]) & TCP_ACK) != 0)) {
		m->tcp++;
		m->tcp_sided += !both;
	}
	/* A tag of VLAN 0 is a priority alone. */
	m->vlans[vlan != 0 ? vlan : MIRROR_VLANS]++;
	if (f->protocol != NULL)
		m->flows_of[f->protocol->proto]++;
}

static void
put(struct mirror *m, enum mirror_check i, uint64_t part, uint64_t whole)
{
	m->checks[i].part = part;
	m->checks[i].whole = whole;
	m->checks[i].wrong = part > 0 && part >= mirror_rows[i].least && part * 1000 >= whole * mirror_rows[i].permille;
}

/* Conversations and operations each have their say: few long ones carry many operations. */
static void
judge_sides(struct mirror *m)
{
	bool by_tcp = m->operations == 0 || m->tcp_sided * m->operations > m->sided * m->tcp;
	uint64_t part = by_tcp ? m->tcp_sided : m->sided, whole = by_tcp ? m->tcp : m->operations;

	put(m, MIRROR_DIRECTION, part, whole);
	put(m, MIRROR_SIDES, part, whole);
	if (m->checks[MIRROR_DIRECTION].wrong)
		m->checks[MIRROR_SIDES].wrong = false;
}

unsigned
mirror_judge(struct mirror *m, const struct counters *c)
{
	const uint64_t *n = c->v;
	uint64_t drops = n[CNT_CAP_DROPS] + n[CNT_CAP_IFDROPS] + n[CNT_CAP_FILE_DROPS], plant = m->operations;
	uint64_t twice = n[CNT_DEC_PRP] + n[CNT_DEC_HSR] > 0 ? 0 : n[CNT_DEC_DUPLICATES];	/* there they are meant to */
	unsigned wrong = 0;

	m->frames = n[CNT_DEC_PACKETS];
	m->bytes = n[CNT_DEC_BYTES];
	for (unsigned p = 0; p < OP_PROTO_COUNT; p++)
		plant += m->flows_of[p];
	put(m, MIRROR_NOTHING, m->frames == 0 && drops == 0, 1);
	put(m, MIRROR_BROADCAST, m->tcp + m->two_sided + plant + m->plant_frames == 0 && n[CNT_DEC_ESP] + n[CNT_DEC_ENCRYPTED] +
	    n[CNT_DEC_MACSEC_ENCRYPTED] == 0 ? m->frames : 0, m->frames);
	judge_sides(m);
	put(m, MIRROR_PROTOCOLS, plant + m->plant_frames == 0 ? m->two_sided + m->tcp_sided : 0, m->two_sided + m->tcp_sided);
	put(m, MIRROR_DROPS, drops, m->frames + drops);
	put(m, MIRROR_GAPS, n[CNT_TCP_GAPS], n[CNT_DEC_TCP]);
	put(m, MIRROR_CUT, n[CNT_DEC_CUT] + n[CNT_DEC_MIRROR_CUT], m->frames);
	put(m, MIRROR_SUMS, n[CNT_DEC_IP_SUM] + n[CNT_DEC_L4_SUM] + n[CNT_TCP_BAD_SUM], m->frames);
	put(m, MIRROR_MALFORMED, n[CNT_DEC_INVALID] + n[CNT_DEC_UNKNOWN_LINK], m->frames);
	put(m, MIRROR_DUPLICATES, twice, m->frames);
	put(m, MIRROR_ENCRYPTED, n[CNT_DEC_ESP] + n[CNT_DEC_ENCRYPTED] + n[CNT_DEC_MACSEC_ENCRYPTED], m->frames);
	put(m, MIRROR_AWAY, n[CNT_CAP_DOWN], 1);
	for (unsigned i = 0; i < MIRROR_CHECKS; i++)
		wrong += m->checks[i].wrong;
	return wrong;
}
