/* word_event.c - protocol violations: app-layer-event, stream-event, decode-event,
 * ot.anomaly. */
#include "detect/rules/parse.h"

#include <string.h>

#include "base/str.h"

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

/* Suricata's names of what has another name here, or none. */
static const struct { const char *layer, *theirs, *ours; } other_events[] = {
#define PROTOCOL_EVENT(layer, theirs, ours) { layer, theirs, ours },
#include "detect/rules/events.def"
};

/* The layer of this name that has anomalies; NULL: none. */
static const char *
layer_named(struct slice name)
{
	for (unsigned i = 1; i < ANOMALY_COUNT; i++) {
		enum anomaly_layer layer = anomaly_row((enum anomaly_id)i)->layer;

		if (layer != LAYER_EXAMPLE && slice_is_nocase(name, anomaly_layer_name(layer)))
			return anomaly_layer_name(layer);
	}
	return NULL;
}

static bool
app_event(struct parser *P, struct rule_opt *o, struct slice v)
{
	const char *dot = memchr(v.p, '.', v.n), *near, *layer;
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
	layer = layer_named(head);
	if (layer == NULL) {
		parse_skip(P, v.p, "left out: %.*s is no protocol that this sensor reads", SLICE(head));
		return false;
	}
	for (size_t i = 0; i < COUNTOF(other_events); i++) {
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

/* Suricata's names of its engine's packet and stream events, for which there is an anomaly of ours. */
static const struct { const char *word, *theirs, *ours; } engine_events[] = {
#define ENGINE_EVENT(word, theirs, ours) { word, theirs, ours },
#include "detect/rules/events.def"
};

static bool
engine_event(struct parser *P, struct rule_opt *o, struct slice v)
{
	const char *layer = o->word == RW_STREAM_EVENT ? "stream" : "decode";
	uint16_t of[ANOMALY_COUNT];
	uint32_t n = find_anomalies(v, layer, of, 0);

	for (size_t i = 0; i < COUNTOF(engine_events) && n == 0; i++)
		if (strcmp(engine_events[i].word, layer) == 0 && slice_is_nocase(v, engine_events[i].theirs))
			n = find_anomalies((struct slice){ engine_events[i].ours, strlen(engine_events[i].ours) }, layer, of, 0);
	if (n == 0) {
		parse_skip(P, v.p, "left out: nothing here tells the event %.*s (thermowell knows %s by its own names too)",
		    SLICE(v), layer[0] == 's' ? "breaches of TCP" : "malformed frames");
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
	if (o->word == RW_STREAM_EVENT || o->word == RW_DECODE_EVENT)
		return engine_event(P, o, v);
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
