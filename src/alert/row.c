#include "alert/row.h"

#include <string.h>

#include "base/str.h"

/* Copy what fits, and no half of a character. */
static void
text(char *to, size_t size, const char *from)
{
	size_t n = from != NULL ? strnlen(from, size) : 0, start;

	if (n == size) {
		/* The last byte that has space is within a character: leave its beginning out, too. */
		n = start = size - 1;
		while (start > 0 && n - start < 3 && ((uint8_t)from[start] & 0xc0) == 0x80)
			start--;
		if (utf8_len((const uint8_t *)from + start, strnlen(from + start, 4)) > n - start)
			n = start;
	}
	if (n > 0)
		memcpy(to, from, n);
}

#define TEXT(member, from) text(to->member, sizeof(to->member), from)

void
alert_row(const struct alert *a, struct keep_alert *to)
{
	const struct finding *f = a->finding;
	const struct flow *flow = f->flow;
	const struct protocol *protocol = flow != NULL ? flow->protocol : NULL;

	memset(to, 0, sizeof(*to));
	TEXT(uid, a->uid);
	to->id = a->id;
	TEXT(type, a->type->text);
	to->gid = f->rule != NULL ? f->rule->gid : ALERT_GID;
	to->sid = f->rule != NULL ? f->rule->sid : a->type->sid;
	to->rev = f->rule != NULL ? f->rule->rev : 0;
	to->severity = a->severity;
	to->kind = (uint8_t)a->kind;
	TEXT(signature, a->signature);
	TEXT(sentence, a->sentence);
	TEXT(techniques, a->techniques);
	to->src = f->src;
	to->dst = f->dst;
	to->sport = f->sport;
	to->dport = f->dport;
	to->ip_proto = f->proto;
	to->proto = (uint8_t)(f->op != NULL ? f->op->proto : protocol != NULL ? protocol->proto : OP_UNKNOWN);
	if (f->op != NULL) {
		to->has_unit = true;
		to->unit = f->op->unit;
	}
	to->count = a->kind == ALERT_SUPPRESSED ? a->suppressed : a->count;
	to->first_ns = a->first_ns;
	to->last_ns = a->last_ns;
	to->first_frame = to->last_frame = a->frame;
	to->flow_id = a->flow_id;
	TEXT(outcome, a->has_outcome ? op_outcome_name(a->outcome) : NULL);
	TEXT(evidence, a->evidence_file);
	TEXT(maintenance, a->maintenance);
}
