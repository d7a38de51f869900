/* rule_open.c - what a rule's options make of it: where it is looked at, when, and
 * its payload options as steps.
 */
#include "detect/match/case.h"

#include <stdlib.h>
#include <string.h>

/* ---- what an option makes of its rule ---- */

static unsigned
protos_of_buffer(uint8_t buffer)
{
	return buffer == BUFFER_MODBUS_DATA ? OF_MODBUS : buffer == BUFFER_DNP3_DATA ? OF_DNP3 :
	    buffer == BUFFER_S7PLUS_DATA ? OF_S7PLUS : OF_OPERATIONS;
}

static bool
is_list_word(uint16_t word)
{
	return word == RW_GEOIP || word == RW_IPREP || word == RW_DATASET || word == RW_DATAREP;
}

/* Is it a list of bytes, not of addresses? */
static bool
asks_bytes(const struct rule_opt *o)
{
	return (o->word == RW_DATASET || o->word == RW_DATAREP) && o->dataset.list->type != DATASET_IP;
}

/* ---- payload options ---- */

static struct match_list *
list_of(struct match_rule *m, uint8_t buffer)
{
	if (buffer == BUFFER_PACKET)
		buffer = BUFFER_PAYLOAD;
	for (uint32_t i = 0; i < m->n_lists; i++)
		if (m->lists[i].buffer == buffer)
			return &m->lists[i];
	m->lists[m->n_lists].buffer = buffer;
	return &m->lists[m->n_lists++];
}

static int
read_lists(struct match_rule *m, struct err *e)
{
	const struct rule *r = m->r;
	char why[128];

	m->lists = calloc(RULE_BUFFER_COUNT, sizeof(*m->lists));
	if (m->lists == NULL)
		return -1;
	for (uint32_t i = 0; i < r->n_opts; i++) {
		const struct rule_opt *o = &r->opts[i];
		struct match_list *l;
		struct match_step *s;

		if (rule_word_row((enum rule_word)o->word)->applies != APPLIES_PAYLOAD || is_list_word(o->word))
			continue;
		l = list_of(m, o->buffer);
		s = realloc(l->steps, (l->n + 1) * sizeof(*s));
		if (s == NULL)
			return -1;
		l->steps = s;
		if (step_open(&s[l->n++], o, why, sizeof(why)) != 0) {
			err_add(e, r->card.file, (int)o->line, (int)o->column, "this cannot be searched for: %s",
			    why[0] != '\0' ? why : "not enough memory");
			return -1;
		}
	}
	/* A step is tried at every place when anything up to the next search hangs on it. */
	for (uint32_t i = 0; i < m->n_lists; i++) {
		struct match_list *l = &m->lists[i];

		for (uint32_t k = 0; k < l->n; k++)
			for (uint32_t j = k + 1; j < l->n && !l->steps[k].next_relative; j++) {
				l->steps[k].next_relative = step_is_relative(l->steps[j].o);
				if (l->steps[j].o->word == RW_CONTENT || l->steps[j].o->word == RW_PCRE)
					break;
			}
		m->raw |= l->buffer == BUFFER_PAYLOAD;
	}
	return 0;
}

/* ---- one rule ---- */

/* Does the rule ask for nothing but who talks to whom?  That is the same for every
 * packet of a conversation.  A port, a direction or a mark that may come later makes
 * it a rule about packets, as in Suricata ("IP only"). */
static bool
ends_alone(const struct match_rule *m, bool app)
{
	if (m->n_flows > 0 || m->flow != 0 || m->n_lists > 0 || m->n_tx > 0)
		return false;
	for (uint32_t i = 0; i < m->n_packet; i++)
		if (m->packet[i]->word != RW_IP_PROTO)
			return false;
	for (uint32_t i = 0; i < m->n_state; i++) {
		const struct rule_opt *o = m->state[i];

		if (o->word == RW_OT_TIME || o->word == RW_FLOWINT)
			return false;
		if ((o->word == RW_FLOWBITS || o->word == RW_XBITS) &&
		    (o->bits.what == BIT_ISSET || o->bits.what == BIT_ISNOTSET))
			return false;
	}
	return app || (m->r->sport.any && m->r->dport.any);
}

static void
sites_of(struct match_rule *m)
{
	const struct rule *r = m->r;
	bool tx = m->n_tx > 0, data = false, bytes = false, events = false, others = false;

	m->protos = r->proto == RULE_MODBUS ? OF_MODBUS : r->proto == RULE_DNP3 ? OF_DNP3 :
	    r->proto == RULE_S7COMM ? OF_S7 : OF_OPERATIONS;
	for (uint32_t i = 0; i < m->n_lists; i++) {
		m->protos &= protos_of_buffer(m->lists[i].buffer);
		data |= m->lists[i].buffer != BUFFER_PAYLOAD;
		m->message_side |= m->lists[i].buffer == BUFFER_DNP3_DATA;
	}
	for (uint32_t i = 0; i < m->n_lists_by; i++) {
		const struct rule_opt *o = m->lists_by[i];

		if (!asks_bytes(o))
			continue;
		m->protos &= protos_of_buffer(o->buffer);
		bytes |= o->buffer == BUFFER_PAYLOAD;
		data |= o->buffer != BUFFER_PAYLOAD;
		m->message_side |= o->buffer == BUFFER_DNP3_DATA;
	}
	m->when = WHEN_REQUEST;
	for (uint32_t i = 0; i < m->n_tx; i++) {
		const struct rule_word_row *w = rule_word_row((enum rule_word)m->tx[i]->word);

		m->protos &= w->of;
		if (w->reads == READS_ANOMALIES)
			events = true;
		else
			others = true;
		m->message_side |= w->when == WHEN_MESSAGE;
		if (w->when == WHEN_ANSWER)
			m->when = WHEN_ANSWER;
		else if (w->when != WHEN_REQUEST && m->when != WHEN_ANSWER)
			m->when = WHEN_EITHER;
	}
	if (data && m->when == WHEN_REQUEST)
		m->when = WHEN_EITHER;
	/* With flow:to_client a rule is about answers, whatever it asks of the operation. */
	if ((tx || data) && !m->message_side && (m->flow & RFLOW_TO_CLIENT) != 0)
		m->when = WHEN_ANSWER;
	m->raw |= bytes && (tx || data);
	if (tx || data) {
		m->sites = SITE_OP;
		if (events && !others && !data && !m->raw)
			m->sites |= SITE_EVENT;
	} else if (m->raw || m->has_app || bytes) {
		m->sites = SITE_BYTES;
	} else if (r->proto == RULE_MODBUS || r->proto == RULE_DNP3 || r->proto == RULE_S7COMM) {
		m->sites = SITE_OP;
	} else {
		m->sites = SITE_PACKET;
		for (uint32_t i = 0; i < m->n_packet; i++)
			if (m->packet[i]->word == RW_DSIZE)
				m->sites |= SITE_BYTES;
		for (uint32_t i = 0; i < m->n_flows; i++)
			if (m->flows[i]->word == RW_STREAM_SIZE)
				m->sites |= SITE_BYTES;
	}
	m->once_a_flow = !bytes && ends_alone(m, (m->sites & SITE_PACKET) == 0);
}

static bool
step_spans(const struct rule_opt *o, bool *searched)
{
	const struct rule_content *c = &o->content;

	switch (o->word) {
	case RW_CONTENT:
		*searched |= !c->negated;
		return !c->has_offset && !c->has_depth && !c->startswith && !c->endswith &&
		    (!c->negated || c->has_distance || c->has_within);
	case RW_PCRE:
		return !o->pcre.negated && (o->pcre.relative || ((o->pcre.flags & RPCRE_ANCHORED) == 0 &&
		    strpbrk(o->pcre.pattern, "^$") == NULL));
	case RW_BYTE_TEST: case RW_BYTE_JUMP: case RW_BYTE_EXTRACT: case RW_BYTE_MATH:
		return o->bytes.relative && !o->bytes.from_beginning && !o->bytes.from_end;
	case RW_ISDATAAT:
		return o->isdataat.relative && !o->isdataat.negated;
	default:
		return false;
	}
}

/* The same when the beginning is known: only what hangs on the end of the bytes is out. */
static bool
step_anchored(const struct rule_opt *o, bool *searched)
{
	const struct rule_content *c = &o->content;

	switch (o->word) {
	case RW_CONTENT:
		*searched |= !c->negated;
		return !c->endswith;
	case RW_PCRE:
		*searched |= !o->pcre.negated;
		return strchr(o->pcre.pattern, '$') == NULL;
	case RW_BYTE_TEST: case RW_BYTE_JUMP: case RW_BYTE_EXTRACT: case RW_BYTE_MATH:
		return !o->bytes.from_end;
	case RW_ISDATAAT:
		return !o->isdataat.negated;
	default:
		return false;
	}
}

/* Streams that nobody frames come in pieces; what is searched for may lie across two. */
static bool
across(const struct match_rule *m, bool (*step)(const struct rule_opt *o, bool *searched))
{
	bool all = m->sites == SITE_BYTES && m->n_packet == 0 && m->n_lists == 1 &&
	    m->r->proto != RULE_TCP_PKT && m->r->proto != RULE_UDP && (m->flow & RFLOW_NO_STREAM) == 0;
	bool searched = false;

	for (uint32_t i = 0; all && i < m->lists[0].n; i++)
		all = step(m->lists[0].steps[i].o, &searched);
	return all && searched;
}

int
match_rule_open(struct match_set *s, struct match_rule *m, struct rule *r, uint32_t *at, struct err *e)
{
	*m = (struct match_rule){ .r = r, .name = ((uint64_t)r->card.gid << 32 | r->card.sid) };
	for (unsigned pass = 0; pass < 5; pass++) {
		const struct rule_opt **from = s->opts + *at;
		uint32_t n = 0;

		for (uint32_t i = 0; i < r->n_opts; i++) {
			const struct rule_opt *o = &r->opts[i];
			enum rule_applies what = rule_word_row((enum rule_word)o->word)->applies;
			unsigned to = is_list_word(o->word) ? 4 : what == APPLIES_PACKET ? 0 :
			    what == APPLIES_FLOW ? 1 : what == APPLIES_TX ? 2 : what == APPLIES_STATE ? 3 : 9;

			if (o->word == RW_FLOW) {
				m->flow = o->flow;
				continue;
			}
			m->has_app |= o->word == RW_APP_PROTOCOL || o->word == RW_NDPI_RISK ||
			    r->proto == RULE_APP || r->proto == RULE_ENIP;
			m->waits_name |= o->word == RW_NDPI_RISK || r->proto == RULE_APP || r->proto == RULE_ENIP ||
			    (o->word == RW_APP_PROTOCOL && strcmp(o->app.name, "unknown") != 0);
			m->counts |= o->word == RW_THRESHOLD || o->word == RW_DETECTION_FILTER;
			/* Nobody knows assets yet: such a rule matches nothing. */
			if (what == APPLIES_ASSET)
				return 1;
			if (to == pass)
				from[n++] = o;
		}
		*at += n;
		if (pass == 0) {
			m->packet = from;
			m->n_packet = n;
		} else if (pass == 1) {
			m->flows = from;
			m->n_flows = n;
		} else if (pass == 2) {
			m->tx = from;
			m->n_tx = n;
		} else if (pass == 3) {
			m->state = from;
			m->n_state = n;
		} else {
			m->lists_by = from;
			m->n_lists_by = n;
		}
	}
	if (read_lists(m, e) != 0)
		return -1;
	sites_of(m);
	for (uint32_t i = 0; i < m->n_packet; i++)
		m->needs_head |= m->packet[i]->word != RW_DSIZE && m->packet[i]->word != RW_SAMEIP &&
		    m->packet[i]->word != RW_IP_PROTO;
	m->spans = across(m, step_spans);
	m->anchored = !m->spans && across(m, step_anchored);
	m->settled = match_tx_settled(m);
	return 0;
}

void
match_rule_close(struct match_rule *m)
{
	for (uint32_t i = 0; i < m->n_lists; i++) {
		for (uint32_t k = 0; k < m->lists[i].n; k++)
			step_close(&m->lists[i].steps[k]);
		free(m->lists[i].steps);
	}
	free(m->lists);
	*m = (struct match_rule){ 0 };
}
