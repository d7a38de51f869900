/* word_flow.c - flow, flowbits, xbits, threshold, detection_filter,
 * app-layer-protocol, app-layer-event, ot.anomaly. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/app.h"

bool
read_flow(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const struct { const char *word; uint32_t bit; } known[] = {
		{ "to_server", RFLOW_TO_SERVER }, { "from_client", RFLOW_TO_SERVER },
		{ "to_client", RFLOW_TO_CLIENT }, { "from_server", RFLOW_TO_CLIENT },
		{ "established", RFLOW_ESTABLISHED }, { "not_established", RFLOW_NOT_ESTABLISHED },
		{ "stateless", RFLOW_STATELESS }, { "only_stream", RFLOW_ONLY_STREAM },
		{ "no_stream", RFLOW_NO_STREAM }, { "only_frag", RFLOW_ONLY_FRAG },
		{ "no_frag", RFLOW_NO_FRAG },
	};
	static const struct { uint32_t a, b; } pairs[] = {
		{ RFLOW_TO_SERVER, RFLOW_TO_CLIENT }, { RFLOW_ESTABLISHED, RFLOW_NOT_ESTABLISHED },
		{ RFLOW_ESTABLISHED, RFLOW_STATELESS }, { RFLOW_NOT_ESTABLISHED, RFLOW_STATELESS },
		{ RFLOW_ONLY_STREAM, RFLOW_NO_STREAM }, { RFLOW_ONLY_FRAG, RFLOW_NO_FRAG },
	};
	struct slice part, rest = v;

	o->flow = 0;
	while (slice_part(&rest, ',', &part)) {
		size_t i;

		for (i = 0; i < COUNTOF(known) && !slice_is_nocase(part, known[i].word); i++)
			;
		if (i == COUNTOF(known)) {
			parse_complain(P, part.p, "'%.*s' is no word of flow: %s", SLICE(part),
			    rule_word_row(RW_FLOW)->syntax);
			return false;
		}
		if (o->flow & known[i].bit) {
			parse_complain(P, part.p, "%.*s is said twice", SLICE(part));
			return false;
		}
		o->flow |= known[i].bit;
	}
	for (size_t i = 0; i < COUNTOF(pairs); i++)
		if ((o->flow & pairs[i].a) && (o->flow & pairs[i].b)) {
			parse_complain(P, v.p, "flow contradicts itself: %.*s", SLICE(v));
			return false;
		}
	return true;
}

/* ---- flowbits, xbits ---- */

static const struct { const char *word; enum rule_bit_do what; } verbs[] = {
	{ "set", BIT_SET }, { "unset", BIT_UNSET }, { "toggle", BIT_TOGGLE }, { "isset", BIT_ISSET },
	{ "isnotset", BIT_ISNOTSET }, { "noalert", BIT_NOALERT },
};

static bool
bit_names(struct parser *P, struct rule_bits *b, struct slice names, bool x)
{
	struct name_table *t = x ? &P->xbits : &P->flowbits;
	char end = memchr(names.p, '|', names.n) != NULL ? '|' : '&';
	struct slice part, rest = names;
	uint32_t *of = NULL, room = 0;

	b->all = end == '&';
	while (slice_part(&rest, end, &part)) {
		if (part.n == 0 || part.n > 255 || memchr(part.p, ' ', part.n) != NULL ||
		    memchr(part.p, '|', part.n) != NULL || memchr(part.p, '&', part.n) != NULL) {
			parse_complain(P, part.p, "'%.*s' is no name of a mark", SLICE(part));
			return false;
		}
		if (t->n == RULE_NAMES_MAX) {
			parse_complain(P, part.p, "there are more than %u different marks", RULE_NAMES_MAX);
			return false;
		}
		of = rule_grow(P->mem, of, b->n, &room, sizeof(*of));
		if (of == NULL)
			return false;
		of[b->n++] = name_number(P->mem, t, part);
	}
	b->of = of;
	/* A single one is both all and any. */
	b->all |= b->n == 1;
	if (b->n > 1 && !b->all && b->what != BIT_ISSET && b->what != BIT_ISNOTSET) {
		parse_complain(P, names.p, "a|b asks; to set several marks write several flowbits");
		return false;
	}
	return true;
}

static bool
xbits_rest(struct parser *P, struct rule_bits *b, struct slice rest)
{
	static const struct { const char *word; enum rule_track track; } tracks[] = {
		{ "ip_src", TRACK_SRC }, { "ip_dst", TRACK_DST }, { "ip_pair", TRACK_BOTH },
	};
	struct slice part, name, v;
	bool tracked = false;

	while (slice_part(&rest, ',', &part)) {
		size_t i;

		v = part;
		(void)slice_word(&v, &name);
		v = slice_trim(v);
		if (slice_is(name, "expire")) {
			if (!parse_u32(P, v, 1, 1000000000, "expire", &b->expire_s))
				return false;
			continue;
		}
		for (i = 0; i < COUNTOF(tracks) && !slice_is(v, tracks[i].word); i++)
			;
		if (!slice_is(name, "track") || i == COUNTOF(tracks)) {
			parse_complain(P, part.p, "xbits go on with track ip_src, ip_dst or ip_pair, and expire seconds");
			return false;
		}
		b->track = (uint8_t)tracks[i].track;
		tracked = true;
	}
	if (!tracked)
		parse_complain(P, P->at[P->n_opts].p, "xbits need track ip_src, ip_dst or ip_pair");
	return tracked;
}

bool
read_bits(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice rest = v, verb, names;
	bool x = o->word == RW_XBITS;
	size_t i;

	o->bits = (struct rule_bits){ 0 };
	(void)slice_part(&rest, ',', &verb);
	for (i = 0; i < COUNTOF(verbs) && !slice_is(verb, verbs[i].word); i++)
		;
	if (i == COUNTOF(verbs)) {
		parse_complain(P, verb.p, "'%.*s' is none of set, unset, toggle, isset, isnotset, noalert", SLICE(verb));
		return false;
	}
	o->bits.what = (uint8_t)verbs[i].what;
	if (o->bits.what == BIT_NOALERT) {
		if (rest.p != NULL) {
			parse_complain(P, rest.p, "noalert takes no name");
			return false;
		}
		P->rule->noalert = true;
		return true;
	}
	if (!slice_part(&rest, ',', &names) || names.n == 0) {
		parse_complain(P, verb.p, "%.*s needs the name of a mark", SLICE(verb));
		return false;
	}
	if (!bit_names(P, &o->bits, names, x))
		return false;
	if (x)
		return xbits_rest(P, &o->bits, rest);
	/* Snort 2 has a group behind the name; it is a part of the name then. */
	if (rest.p != NULL) {
		parse_complain(P, rest.p, "nothing may follow the name of the mark");
		return false;
	}
	return true;
}

/* ---- threshold, detection_filter ---- */

static bool
word_of(struct parser *P, struct slice v, const char *const *words, size_t n, const char *what, uint8_t *out)
{
	for (size_t i = 0; i < n; i++)
		if (slice_is_nocase(v, words[i])) {
			*out = (uint8_t)i;
			return true;
		}
	parse_complain(P, v.p, "'%.*s' is no %s", SLICE(v), what);
	return false;
}

bool
read_threshold(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const char *const types[] = { "limit", "threshold", "both", "backoff" };
	static const char *const tracks[] = { "by_src", "by_dst", "by_both", "by_rule", "by_flow" };
	static const char *const unique[] = { "none", "src_port", "dst_port" };
	struct rule_threshold *t = &o->threshold;
	bool filter = o->word == RW_DETECTION_FILTER, type = filter, track = false, count = false,
	    seconds = false, multiplier = false;
	struct slice part, name;

	*t = (struct rule_threshold){ .type = filter ? THRESHOLD_FILTER : THRESHOLD_LIMIT };
	while (slice_part(&v, ',', &part)) {
		struct slice rest = part;
		bool *said;
		bool ok;

		(void)slice_word(&rest, &name);
		rest = slice_trim(rest);
		if (slice_is(name, "type") && !filter) {
			said = &type;
			ok = word_of(P, rest, types, COUNTOF(types), "type: limit, threshold, both or backoff", &t->type);
		} else if (slice_is(name, "track")) {
			said = &track;
			ok = word_of(P, rest, tracks, COUNTOF(tracks), "track: by_src, by_dst, by_both, by_rule or by_flow", &t->track);
		} else if (slice_is(name, "count")) {
			said = &count;
			ok = parse_u32(P, rest, 1, UINT32_MAX, "count", &t->count);
		} else if (slice_is(name, "seconds")) {
			said = &seconds;
			ok = parse_u32(P, rest, 1, UINT32_MAX, "seconds", &t->seconds);
		} else if (slice_is(name, "multiplier") && !filter) {
			said = &multiplier;
			ok = parse_u32(P, rest, 2, UINT32_MAX, "multiplier", &t->multiplier);
		} else if (slice_is(name, "unique_on") && filter) {
			if (!word_of(P, rest, unique, COUNTOF(unique), "port: src_port or dst_port", &t->unique_on))
				return false;
			continue;
		} else {
			parse_complain(P, part.p, "'%.*s' is no word of %s", SLICE(name), rule_word_row((enum rule_word)o->word)->text);
			return false;
		}
		if (*said && !(filter && said == &type)) {
			parse_complain(P, part.p, "%.*s is said twice", SLICE(name));
			return false;
		}
		if (!ok)
			return false;
		*said = true;
	}
	if (!type || !track || !count || (t->type == THRESHOLD_BACKOFF ? !multiplier || seconds : !seconds || multiplier)) {
		parse_complain(P, P->at[P->n_opts].p, "%s needs %strack, count and %s",
		    rule_word_row((enum rule_word)o->word)->text, filter ? "" : "type, ",
		    t->type == THRESHOLD_BACKOFF ? "multiplier" : "seconds");
		return false;
	}
	return true;
}

/* ---- protocol and its events ---- */

bool
read_app(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice part;

	o->app = (struct rule_app){ 0 };
	/* Suricata's mode (",final", ",original") makes no difference here: a flow has
	 * one name. */
	(void)slice_part(&v, ',', &part);
	if (part.n > 0 && part.p[0] == '!') {
		o->app.negated = true;
		part = slice_trim((struct slice){ part.p + 1, part.n - 1 });
	}
	part = parse_unquoted(part);
	if (part.n == 0) {
		parse_complain(P, part.p, "the name of a protocol is missing");
		return false;
	}
	if (slice_is_nocase(part, "unknown") || slice_is_nocase(part, "failed")) {
		o->app.name = o->app.names = slice_is_nocase(part, "failed") ? "failed" : "unknown";
		return true;
	}
	return app_take(P, part, &o->app);
}

static const char *
nth_anomaly(void *arg, uint32_t i)
{
	(void)arg;
	return i + 1 < ANOMALY_COUNT ? anomaly_row((enum anomaly_id)(i + 1))->text : NULL;
}

/* All anomalies of this text, in one layer (NULL: all). */
static uint32_t
find_anomalies(struct slice text, const char *layer, uint16_t *of, uint32_t n)
{
	for (unsigned i = 1; i < ANOMALY_COUNT; i++) {
		const struct anomaly_row *row = anomaly_row((enum anomaly_id)i);

		if (slice_is_nocase(text, row->text) &&
		    (layer == NULL || strcmp(anomaly_layer_name(row->layer), layer) == 0))
			of[n++] = (uint16_t)i;
	}
	return n;
}

/* Events of Suricata's rule files under another name than ours, or under none: its old
 * modbus-events.rules ask for one that its own parser gave up. */
static const struct { const char *layer, *theirs, *ours; } other_events[] = {
	{ "dnp3", "too_long_reassembly", "fragment_too_long" },
	{ "modbus", "invalid_unit_identifier", NULL },
};

static bool
app_event(struct parser *P, struct rule_opt *o, struct slice v)
{
	const char *dot = memchr(v.p, '.', v.n), *near;
	char layer[32];
	uint16_t of[ANOMALY_COUNT];
	struct slice head, tail;
	uint32_t n;

	if (dot == NULL) {
		/* Suricata: applayer_mismatch_protocol_both_directions and such. */
		if (slice_begins(v, "applayer_")) {
			parse_skip(P, v.p, "left out: %.*s is an event of Suricata's own engine", SLICE(v));
			return false;
		}
		parse_complain(P, v.p, "an event is written protocol.event");
		return false;
	}
	head = (struct slice){ v.p, (size_t)(dot - v.p) };
	tail = (struct slice){ dot + 1, v.n - head.n - 1 };
	if (slice_is_nocase(head, "modbus") || slice_is_nocase(head, "dnp3") || slice_is_nocase(head, "s7comm") ||
	    slice_is_nocase(head, "stream") || slice_is_nocase(head, "decode")) {
		for (size_t i = 0; i <= head.n; i++)
			layer[i] = i < head.n ? (char)tolower((unsigned char)head.p[i]) : '\0';
	} else {
		parse_skip(P, v.p, "left out: %.*s is no protocol that this sensor reads", SLICE(head));
		return false;
	}
	for (size_t i = 0; i < sizeof(other_events) / sizeof(other_events[0]); i++) {
		const char *ours = other_events[i].ours;

		if (strcmp(layer, other_events[i].layer) != 0 || !slice_is_nocase(tail, other_events[i].theirs))
			continue;
		if (ours == NULL) {
			parse_skip(P, tail.p, "left out: every unit identifier is allowed behind a gateway");
			return false;
		}
		tail = (struct slice){ ours, strlen(ours) };
	}
	n = find_anomalies(tail, layer, of, 0);
	/* The names of ours that repeat the layer: s7comm.s7_length. */
	if (n == 0) {
		near = nearest_of(tail, nth_anomaly, NULL);
		parse_complain(P, tail.p, "%s has no event '%.*s'%s%s%s", layer, SLICE(tail),
		    NEAREST(near));
		return false;
	}
	o->event.of = rule_copy(P->mem, of, n * sizeof(of[0]));
	o->event.n = n;
	return true;
}

bool
read_event(struct parser *P, struct rule_opt *o, struct slice v)
{
	uint16_t of[ANOMALY_COUNT * 2];
	struct slice part;
	uint32_t n = 0;

	v = parse_unquoted(v);
	o->event = (struct rule_event){ .text = text_without_blanks(P->mem, v) };
	if (o->word == RW_APP_EVENT)
		return app_event(P, o, v);
	if (v.n > 0 && v.p[0] == '!') {
		o->event.negated = true;
		v = slice_trim((struct slice){ v.p + 1, v.n - 1 });
	}
	if (v.n > 1 && v.p[0] == '[' && v.p[v.n - 1] == ']')
		v = (struct slice){ v.p + 1, v.n - 2 };
	if (slice_is(v, "any")) {
		for (unsigned i = 1; i < ANOMALY_COUNT; i++)
			of[n++] = (uint16_t)i;
	} else
		while (slice_part(&v, ',', &part)) {
			uint32_t more = n < ANOMALY_COUNT ? find_anomalies(part, NULL, of, n) : n;
			const char *near;

			if (more > n) {
				n = more;
				continue;
			}
			near = nearest_of(part, nth_anomaly, NULL);
			parse_complain(P, part.p, "there is no anomaly '%.*s'%s%s%s", SLICE(part),
			    NEAREST(near));
			return false;
		}
	o->event.of = rule_copy(P->mem, of, n * sizeof(of[0]));
	o->event.n = n;
	return true;
}
