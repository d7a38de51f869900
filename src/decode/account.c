/* account.c - every frame comes to exactly one end. */
#include "decode/decode.h"

/* What a frame can end as; each is counted where the frame is given up or handed on,
 * once a frame. */
static const enum counter_id ends[] = {
	CNT_DEC_HANDED_ON, CNT_DEC_DUPLICATES, CNT_DEC_INVALID, CNT_DEC_CUT_HEADER, CNT_DEC_TOO_DEEP,
	CNT_DEC_UNKNOWN_LINK, CNT_DEC_IP_SUM, CNT_DEC_L4_SUM, CNT_DEC_ARP, CNT_DEC_SUPERVISION,
	CNT_DEC_CONTROL, CNT_DEC_UNKNOWN_TYPE, CNT_DEC_LLC, CNT_DEC_PPP_OTHER, CNT_DEC_MPLS_OTHER,
	CNT_DEC_MACSEC_ENCRYPTED, CNT_DEFRAG_USED, CNT_DEFRAG_LOST, CNT_DEFRAG_REFUSED,
};

uint64_t
decode_unaccounted(const struct counters *c)
{
	uint64_t ended = 0;

	for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++)
		ended += c->v[ends[i]];
	return c->v[CNT_DEC_PACKETS] - ended;
}
