/* rule_open.c - what a rule's options make of it: where it is looked at, when, and
 * its payload options as steps.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/match/class.h"

/* ---- what an option makes of its rule ---- */

static unsigned
protos_of_buffer(uint8_t buffer)
{
	return buffer > BUFFER_OF ? PROTO_BIT(buffer - BUFFER_OF) : OF_OPERATIONS;
}

static bool
is_list_word(uint16_t word)
{
	return word == RW_GEOIP || word == RW_IPREP || word == RW_DATASET || word == RW_DATAREP ||
	    rule_word_row((enum rule_word)word)->applies == APPLIES_ASSET;
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
			err_add(e, r->meta.file, (int)o->line, (int)o->column, "this cannot be searched for: %s",
			    why[0] != '\0' ? why : "not enough memory");
			return -1;
		}
	}
	/* A step is tried at every position when anything up to the next search hangs on it. */
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
endpoints_alone(const struct match_rule *m, bool app)
{
	if (m->flows.n > 0 || m->flow != 0 || m->n_lists > 0 || m->about_op)
		return false;
	for (uint32_t i = 0; i < m->packet.n; i++)
		if (m->packet.of[i]->word != RW_IP_PROTO)
			return false;
	/* What is known of a device grows; its zone is known from the beginning. */
	for (uint32_t i = 0; i < m->lists_by.n; i++)
		if (rule_word_row((enum rule_word)m->lists_by.of[i]->word)->applies == APPLIES_ASSET &&
		    m->lists_by.of[i]->word != RW_ASSET_ZONE)
			return false;
	for (uint32_t i = 0; i < m->state.n; i++) {
		const struct rule_opt *o = m->state.of[i];

		if (o->word == RW_OT_TIME || o->word == RW_FLOWINT)
			return false;
		if ((o->word == RW_FLOWBITS || o->word == RW_XBITS) &&
		    (o->bits.what == BIT_ISSET || o->bits.what == BIT_ISNOTSET))
			return false;
	}
	return app || (m->r->sport.any && m->r->dport.any);
}

/* What the rule reads besides words about operations: fields and bytes of messages. */
struct asks {
	bool	tx, data;	/* words about operations; buffers of their messages */
	bool	events, others;	/* of those words: about anomalies alone, about more */
	bool	bytes;		/* lists of payloads */
};

static void
read_buffer(struct match_rule *m, struct asks *a, uint8_t buffer)
{
	m->protos &= protos_of_buffer(buffer);
	a->data |= buffer != BUFFER_PAYLOAD;
}

static struct asks
what_it_asks(struct match_rule *m)
{
	struct asks a = { .tx = m->about_op };

	for (uint32_t i = 0; i < m->n_lists; i++)
		read_buffer(m, &a, m->lists[i].buffer);
	for (uint32_t i = 0; i < m->lists_by.n; i++)
		if (asks_bytes(m->lists_by.of[i])) {
			read_buffer(m, &a, m->lists_by.of[i]->buffer);
			a.bytes |= m->lists_by.of[i]->buffer == BUFFER_PAYLOAD;
		}
	for (uint32_t i = 0; i < m->r->n_opts; i++) {
		const struct rule_word_row *w = rule_word_row((enum rule_word)m->r->opts[i].word);

		m->message_side |= w->when == WHEN_MESSAGE;
		if (w->applies != APPLIES_TX)
			continue;
		m->protos &= w->operand == OPERAND_VALUE ? PROTO_BIT(m->r->opts[i].value.tag.proto) : w->of;
		if (w->reads == READS_ANOMALIES)
			a.events = true;
		else
			a.others = true;
		if (w->reads != READS_ANOMALIES || !m->r->opts[i].event.negated)
			m->needs |= (uint16_t)class_needs(w->reads);
		if (w->when == WHEN_ANSWER)
			m->when = WHEN_ANSWER;
		else if (w->when != WHEN_REQUEST && m->when != WHEN_ANSWER)
			m->when = WHEN_EITHER;
	}
	return a;
}

/* About packets; about what is in them too where it asks how much that is. */
static uint8_t
packet_sites(const struct match_rule *m)
{
	uint8_t sites = SITE_PACKET;

	for (uint32_t i = 0; i < m->packet.n; i++)
		if (m->packet.of[i]->word == RW_DSIZE)
			sites |= SITE_BYTES;
	for (uint32_t i = 0; i < m->flows.n; i++)
		if (m->flows.of[i]->word == RW_STREAM_SIZE)
			sites |= SITE_BYTES;
	return sites;
}

static void
sites_of(struct match_rule *m)
{
	const bool ours = m->r->proto == RULE_PLANT;
	struct asks a;

	m->protos = ours ? m->r->of : OF_OPERATIONS;
	m->when = WHEN_REQUEST;
	a = what_it_asks(m);
	if (a.data && m->when == WHEN_REQUEST)
		m->when = WHEN_EITHER;
	/* With flow:to_client a rule is about answers, whatever it asks of the operation. */
	if ((a.tx || a.data) && !m->message_side && (m->flow & RFLOW_TO_CLIENT) != 0)
		m->when = WHEN_ANSWER;
	m->raw |= a.bytes && (a.tx || a.data);
	if (a.tx || a.data)
		m->sites = a.events && !a.others && !a.data && !m->raw ? SITE_OP | SITE_EVENT : SITE_OP;
	else if (m->raw || m->has_app || a.bytes)
		m->sites = SITE_BYTES;
	else
		m->sites = ours ? SITE_OP : packet_sites(m);
	m->once_a_flow = !a.bytes && endpoints_alone(m, (m->sites & SITE_PACKET) == 0);
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
	bool all = m->sites == SITE_BYTES && m->packet.n == 0 && m->n_lists == 1 &&
	    m->r->proto != RULE_TCP_PKT && m->r->proto != RULE_UDP && (m->flow & RFLOW_NO_STREAM) == 0;
	bool searched = false;

	for (uint32_t i = 0; all && i < m->lists[0].n; i++)
		all = step(m->lists[0].steps[i].o, &searched);
	return all && searched;
}

/* ---- options by sort ---- */

/* Where an option belongs; NULL: it is no condition, or one of the payload. */
static struct match_opts *
sort_of(struct match_rule *m, const struct rule_opt *o)
{
	const struct rule_word_row *w = rule_word_row((enum rule_word)o->word);

	if (is_list_word(o->word))
		return &m->lists_by;
	switch (w->applies) {
	case APPLIES_PACKET:
		return &m->packet;
	case APPLIES_FLOW:
		return o->word == RW_FLOW ? NULL : &m->flows;
	case APPLIES_TX:
		return (rule_opt_reads(o) & ~(unsigned)READS_CLASS) == 0 ? &m->class :
		    rule_reads_item(w->reads) ? &m->item : &m->tx;
	case APPLIES_STATE:
		return &m->state;
	default:
		return NULL;
	}
}

/* What one option means for the whole rule. */
static void
take_option(struct match_rule *m, const struct rule_opt *o)
{
	const enum rule_applies applies = rule_word_row((enum rule_word)o->word)->applies;
	const struct rule *r = m->r;
	const bool app = r->proto == RULE_APP;

	if (o->word == RW_FLOW) {
		m->flow = o->flow;
		return;
	}
	m->has_app |= o->word == RW_APP_PROTOCOL || o->word == RW_NDPI_RISK || app;
	m->waits_name |= o->word == RW_NDPI_RISK || app ||
	    (o->word == RW_APP_PROTOCOL && strcmp(o->app.name, "unknown") != 0);
	m->counts |= o->word == RW_THRESHOLD || o->word == RW_DETECTION_FILTER;
	m->marks |= applies == APPLIES_STATE && o->word != RW_THRESHOLD && o->word != RW_DETECTION_FILTER;
	m->about_op |= applies == APPLIES_TX;
	m->needs_header |= applies == APPLIES_PACKET && !is_list_word(o->word) &&
	    o->word != RW_DSIZE && o->word != RW_SAMEIP && o->word != RW_IP_PROTO;
	if (o->word == RW_MODBUS && (rule_opt_reads(o) & ~(unsigned)READS_CLASS) != 0)
		m->modbus = &o->modbus;
}

int
match_rule_open(struct match_set *s, struct match_rule *m, const struct rule *r, uint32_t *at, struct err *e)
{
	struct match_opts *sorts[] = { &m->packet, &m->flows, &m->class, &m->tx, &m->item, &m->state, &m->lists_by };

	*m = (struct match_rule){ .r = r, .name = ((uint64_t)r->meta.gid << 32 | r->meta.sid) };
	for (uint32_t i = 0; i < r->n_opts; i++) {
		take_option(m, &r->opts[i]);
	}
	for (size_t k = 0; k < COUNTOF(sorts); k++) {
		sorts[k]->of = s->opts + *at;
		for (uint32_t i = 0; i < r->n_opts; i++)
			if (sort_of(m, &r->opts[i]) == sorts[k])
				sorts[k]->of[sorts[k]->n++] = &r->opts[i];
		*at += sorts[k]->n;
	}
	if (read_lists(m, e) != 0)
		return -1;
	sites_of(m);
	m->spans = across(m, step_spans);
	m->anchored = !m->spans && across(m, step_anchored);
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
