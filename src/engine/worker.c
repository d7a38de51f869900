#include "engine/worker.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/log.h"
#include "base/str.h"
#include "detect/baseline/baseline.h"
#include "engine/account.h"
#include "engine/names.h"
#include "engine/reported.h"
#include "engine/stop.h"
#include "engine/tags.h"
#include "engine/worker_assets.h"
#include "engine/worker_self.h"

/* ---- the path of a packet, step by step -------------------------------- */

static void
on_packet(void *arg, const struct packet *p)
{
	struct worker *w = arg;

	if (w->evidence != NULL)
		evidence_packet(w->evidence, p);
	if (p->ip_v == 0) {
		w->frame = p;
		passing_frame(w->passing, p);
		w->frame = NULL;
		inventory_frame(w->inventory, p);
	}
	stream_packet(w->stream, p);
}

static void
on_header(void *arg, const struct packet *p)
{
	struct worker *w = arg;

	detect_header(w->detect, p);
}

static void
on_flow_packet(void *arg, const struct packet *p, struct flow *f, enum flow_dir dir)
{
	struct worker *w = arg;

	if (p->arp_op != 0)
		inventory_arp(w->inventory, p);
	detect_packet(w->detect, p, f, dir);
}

static void
on_anomaly(void *arg, const struct anomaly *a)
{
	struct worker *w = arg;

	summary_anomaly(&w->summary, a);
	output_anomaly(w->output, a);
	detect_anomaly(w->detect, a);
}

/* Bytes that no dissector could read, or not all of them: as they came. */
static void
show_piece(struct worker *w, const struct flow_bytes *b)
{
	if (b->n == 0)
		return;
	detect_bytes(w->detect, b);
	if (b->flow->protocol == NULL && passing_wants(b->flow, w->passing_slot, b->dir))
		passing_bytes(w->passing, b);
}

static void
on_pdu(void *arg, const struct flow_bytes *b)
{
	struct worker *w = arg;

	detect_bytes(w->detect, b);
}

static void
on_begun(void *arg, struct flow *f)
{
	struct worker *w = arg;

	assets_flow_begun(w->assets, f);
	inventory_flow_begun(w->inventory, f);
}

static void
on_data(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n,
    const struct stream_at *at)
{
	struct worker *w = arg;
	uint64_t blind = f->blind[dir];

	dissect_data(w->dissect, f, dir, p, n, at->ts_ns, at->frame, at->source);
	if (f->protocol == NULL || f->blind[dir] != blind)
		show_piece(w, &(struct flow_bytes){ .flow = f, .dir = dir, .p = p, .n = n,
		    .ts_ns = at->ts_ns, .frame = at->frame, .source = at->source });
}

static void
on_gap(void *arg, struct flow *f, enum flow_dir dir, uint64_t lost, const struct stream_at *at)
{
	struct worker *w = arg;

	dissect_gap(w->dissect, f, dir, lost, at->ts_ns, at->frame, at->source);
}

static void
on_datagram(void *arg, struct flow *f, enum flow_dir dir, const uint8_t *p, uint32_t n, bool cut,
    const struct stream_at *at)
{
	struct worker *w = arg;
	uint64_t blind = f->blind[dir];

	dissect_datagram(w->dissect, f, dir, p, n, cut, at->ts_ns, at->frame, at->source);
	if (f->protocol == NULL || f->blind[dir] != blind)
		show_piece(w, &(struct flow_bytes){ .flow = f, .dir = dir, .p = p, .n = n,
		    .datagram = true, .cut = cut, .ts_ns = at->ts_ns, .frame = at->frame,
		    .source = at->source });
}

static void
on_closed(void *arg, struct flow *f, enum flow_end_reason why, uint64_t now_ns)
{
	struct worker *w = arg;

	dissect_closed(w->dissect, f, now_ns);
	passing_flow_ended(w->passing, f);
	account_flow(&w->counters, f, dissect_hinted(w->dissect, f));
	detect_flow_end(w->detect, f, why);
	assets_flow_ended(w->assets, f);
	inventory_flow_ended(w->inventory, f);
	summary_flow(&w->summary, f);
	if (w->tap.flow != NULL)
		w->tap.flow(w->tap.arg, f);
	output_flow(w->output, f, why);
}

void
worker_operation(struct worker *w, const struct operation *op)
{
	summary_operation(&w->summary, op);
	output_operation(w->output, op);
	assets_operation(w->assets, op);
	inventory_operation(w->inventory, op);
	detect_operation(w->detect, op);
	if (w->tap.operation != NULL && op->phase == OP_FINISHED)
		w->tap.operation(w->tap.arg, op);
}

static void
on_operation(void *arg, const struct operation *op)
{
	worker_operation(arg, op);
}

static void
on_finding(void *arg, const struct finding *f)
{
	struct worker *w = arg;
	struct tag_words words;

	if (f->stage != FINDING_OUTCOME)
		count(&w->counters, CNT_DETECT_FINDINGS);
	detect_finding(w->detect, f);
	if (f->op != NULL && tag_reader_tags(w->tags)->n > 0 && tag_words(w->tags, f->op, &words)) {
		struct finding named = *f;

		named.value = words.name;
		named.moved = words.moved;
		alerts_finding(w->alerts, &named);
	} else
		alerts_finding(w->alerts, f);
}

static void
on_health(void *arg, const struct health_report *r)
{
	struct worker *w = arg;
	char text[512];
	struct strbuf s = strbuf_on(text, sizeof(text));
	char addr[ADDR_TEXT_MAX];

	output_health(w->output, r);
	if (w->capture == NULL || !capture_is_live(w->capture))
		return;
	(void)addr_print(&r->of.addr, addr);
	if (r->of.has_unit)
		strbuf_printf(&s, " %s %" PRIu32, protocols[r->of.proto]->name, r->of.unit);
	for (unsigned i = 0; i < r->n; i++)
		strbuf_printf(&s, "%s %s%s%s %.3g %s (normal %.3g, %s)", i > 0 ? "," : ":", r->figures[i].object,
		    r->figures[i].object[0] != '\0' ? " " : "", r->figures[i].figure, r->figures[i].median,
		    health_figure_row(health_figure_named(r->figures[i].figure))->measure, r->figures[i].normal, r->figures[i].condition);
	log_info("health", "%s%s", addr, text);
}

static void
on_process(void *arg, const struct process_value *v)
{
	struct worker *w = arg;

	output_process(w->output, v);
}

/* ---- what output asks other modules for ------------------------------------ */

static const char *
source_name(void *arg, uint16_t source)
{
	struct worker *w = arg;

	return w->capture != NULL ? capture_source_name(w->capture, source) : "memory";
}

static const struct zone *
zone_of(void *arg, const struct addr *a)
{
	return zones_of(((struct worker *)arg)->zones, a);
}

static const struct zone *
zone_named(void *arg, const char *name)
{
	return zones_named(((struct worker *)arg)->zones, name, strlen(name));
}

static bool
is_named(void *arg, const struct addr *a, uint16_t vlan, const char *name)
{
	struct worker *w = arg;
	struct asset *x = w->assets != NULL ? assets_find(w->assets, a, vlan) : NULL;

	return x != NULL && asset_is_named(w->inventory, x, name);
}

static const struct unfollowed *
unfollowed(void *arg)
{
	struct worker *w = arg;

	return w->decoder != NULL ? decode_unfollowed(w->decoder) : NULL;
}

static const char *
community_id(void *arg, const struct flow *f)
{
	struct worker *w = arg;
	char *text = f->slots != NULL ? flow_slot(f, w->community_slot) : w->community_copy;

	/* Kept with the flow; a copy of one has no slot. */
	if (text == w->community_copy || text[0] == '\0')
		stream_community_id(f, (uint16_t)w->settings->output.community_seed, text);
	return text;
}

/* ---- life of a worker ---------------------------------------------------- */

static void
open_passing(struct worker *w)
{
	w->passing = passing_open(&(struct passing_sink){ worker_named, w }, &w->flow_slots, w->key, &w->counters);
	if (w->passing != NULL)
		w->passing_slot = passing_slot_number(w->passing);
}

/* Who is shown news of values: nobody, where no output wants them. */
static struct process_sink
open_outputs(struct worker *w, const struct output_env *env, struct err *e)
{
	const int before = e->n;

	w->output = output_open(&w->settings->output, env, &w->counters, e);
	if (w->output == NULL && e->n == before)
		err_add(e, NULL, 0, 0, "no memory for the outputs");
	return (struct process_sink){ w->output != NULL && output_wants_values(w->output) ? on_process : NULL, w };
}

int
worker_open(struct worker *w, const struct settings *s, struct capture *cap, bool many_files,
    struct err *e)
{
	struct op_sink ops = { on_operation, on_anomaly, NULL, w };
	struct stream_sink bytes = { .data = on_data, .gap = on_gap, .datagram = on_datagram,
	    .closed = on_closed, .anomaly = on_anomaly, .arg = w, .begun = on_begun };
	struct decode_sink packets = { .packet = on_packet, .anomaly = on_anomaly, .arg = w };
	const bool live = cap != NULL && capture_is_live(cap);
	const uint64_t key = live ? hash_key() : HASH_REPLAY_KEY;
	struct assets_want assets = { .devices = s->detect.devices, .by_vlan = s->detect.devices_by_vlan,
	    .key = key, .counters = &w->counters };
	struct detect_env detect = { .settings = s, .sink = { on_finding, w }, .health = { on_health, w },
	    .counters = &w->counters, .names = &engine_names, .slots = &w->flow_slots,
	    .now_ns = &w->now_ns, .live = live, .key = key };
	const struct output_env env = {
		.source_name = source_name, .community_id = community_id, .watched = &w->watched,
		.risk_name = flow_risk_name, .unfollowed = unfollowed, .zone_of = zone_of, .zone_named = zone_named, .is_named = is_named, .live = live,
		.many_files = many_files, .deadline_ns = stop_deadline(), .arg = w,
	};
	const struct store_want store = { .store = &s->store, .baseline = &s->baseline, .socket = s->control.socket,
	    .live = live, .deadline_ns = stop_deadline(), .counters = &w->counters };
	int before = e->n;

	w->settings = s;
	w->capture = cap;
	w->watched.name = w->watched_names;
	for (unsigned i = 0; live && i < capture_sources(cap) && i < CAPTURE_FDS; i++)
		w->watched_names[w->watched.n++] = capture_source_name(cap, (uint16_t)i);
	w->community_slot = flow_slot_reserve(&w->flow_slots, COMMUNITY_ID_MAX);
	w->key = key;
	if (store_wanted(&s->store, &s->baseline))
		w->store = store_open(&store, e);
	detect.keep = store_keep(w->store);
	assets.zones = detect.zones = w->zones = zones_open(&s->zones, e);
	detect.process = open_outputs(w, &env, e);
	worker_open_alerts(w, s, env.live, e);
	detect.maintenance = w->maintenance = maintenance_open(&s->maintenance, w->zones, e);
	detect.tags = w->tags = tags_open_reader(s->rules.tags, e);
	detect.propose = w->propose;
	detect.geoip = w->geoip = geoip_open(s->rules.geoip, s->rules.operators, e);
	detect.ask = &w->ask;
	worker_open_vendors(w, s->assets.vendors, e);
	/* Its rows are as long as detectors ask for. */
	w->assets = detect.assets = assets_new(&assets);
	if (w->assets != NULL) {
		w->inventory = inventory_open(w->assets, &(struct inventory_want){ .devices = s->detect.devices,
		    .key = key, .counters = &w->counters, .vendors = w->vendors, .locate = w->geoip != NULL ? geoip_locate : NULL, .geoip = w->geoip });
		w->ask.inventory = w->inventory;
		detect.ends = assets_ends(w->assets);
		w->detect = detect_open(&detect, e);
		w->ask.is_new = baseline_is_new;
		w->ask.is_usual = baseline_is_usual;
		w->ask.arg = w->detect != NULL ? (void *)(uintptr_t)detect_find(w->detect, &detector_baseline) : NULL;
	}
	if (w->assets == NULL || w->inventory == NULL || (w->detect != NULL && assets_open(w->assets) != 0))
		err_add(e, NULL, 0, 0, "no memory for the table of devices: lower detect.devices");
	else if (w->detect != NULL)
		worker_know_assets(w, s->assets.file, e);
	if (w->detect != NULL) {
		/* What nobody looks at is not shown. */
		ops.pdu = detect_wants(w->detect, DETECT_BYTES) ? on_pdu : NULL;
		bytes.packet = on_flow_packet;
		packets.header = detect_wants(w->detect, DETECT_HEADER) ? on_header : NULL;
	}
	if (live)
		worker_open_selfcheck(w, s, &(struct finding_sink){ on_finding, w }, e);
	open_passing(w);
	bytes.slots = w->flow_slots.size;
	if (w->passing == NULL || arena_open(&w->arena, (size_t)s->dissect.arena_kib * 1024) != 0 ||
	    (w->dissect = dissect_open(&s->dissect, &ops, &w->arena, &w->counters)) == NULL ||
	    (w->stream = stream_open(&s->stream, &bytes, &w->counters)) == NULL ||
	    (w->decoder = decode_open(&s->decode, &packets, &w->counters)) == NULL)
		err_add(e, NULL, 0, 0, "not enough memory: lower stream.max-flows, stream.memory "
		    "or dissect.conversations in the configuration");
	if (e->n == before) {
		if (env.live)
			stream_ready(w->stream);
		return 0;
	}
	(void)worker_close(w);
	return -1;
}

bool
worker_start(struct worker *w, struct err *e)
{
	return output_start(w->output, e) && (w->surroundings == NULL || surroundings_start(w->surroundings, e)) &&
	    (w->store == NULL || store_start(w->store, e)) && (w->captures == NULL || captures_start(w->captures, e));
}

int
worker_prepare(struct worker *w, struct err *e)
{
	const struct rules_settings *s = &w->settings->rules;

	/* Where none was named at the start there is nobody to ask it. */
	if (w->geoip != NULL && !geoip_prepare(w->geoip, s->geoip, s->operators, e))
		return -1;
	/* First: rules name tags. */
	if (!tags_prepare(w->tags, s->tags, e))
		return -1;
	return detect_prepare(w->detect, e);
}

void
worker_swap(struct worker *w)
{
	/* Alerts that are open hold on to the rules that go. */
	arena_reset(&w->arena);
	alerts_forget_rules(w->alerts, w->now_ns);
	if (w->geoip != NULL)
		geoip_swap(w->geoip);
	(void)detect_swap(w->detect);
}

const char *
worker_act(struct worker *w, const struct keep_action *a)
{
	const char *refused;

	if (strcmp(a->object, "spool") == 0) {
		if (strcmp(a->verb, "drop") != 0)
			return "a spool can be dropped";
		if (!output_drop(w->output, a->id))
			return "no output of this sensor has a spool and this name";
		/* It is remembered where anything is. */
		if (w->store != NULL)
			(void)keep_put(store_keep(w->store), KEEP_ACTION, a, sizeof(*a));
		return NULL;
	}
	refused = detect_act(w->detect, a);
	if (refused != NULL)
		return refused;
	if (w->store == NULL)
		return "the sensor keeps nothing: store.file is not set";
	return keep_put(store_keep(w->store), KEEP_ACTION, a, sizeof(*a)) ? NULL :
	    "the database cannot be written now, and its queue is full; ask again";
}

size_t
worker_memory(const struct worker *w)
{
	return w->arena.size + decode_memory(w->decoder) + stream_memory(w->stream) +
	    dissect_memory(w->dissect) + passing_memory(w->passing) + assets_memory(w->assets) + zones_memory(w->zones) +
	    inventory_memory(w->inventory) + vendors_memory(w->vendors) +
	    tag_reader_memory(w->tags) + detect_memory(w->detect) + alerts_memory(w->alerts) + incidents_memory(w->incidents) +
	    output_memory(w->output) + (w->store != NULL ? store_memory(w->store) : 0) +
	    (w->evidence != NULL ? evidence_memory(w->evidence) : 0) +
	    (w->captures != NULL ? captures_memory(w->captures) : 0);
}

int
worker_written(struct worker *w)
{
	int r = output_close(w->output);

	if (store_close(w->store) != 0)
		r = -1;
	selfcheck_close(w->selfcheck);
	surroundings_close(w->surroundings);
	w->store = NULL;
	w->output = NULL;
	/* Its last frames, too. */
	evidence_close(w->evidence);
	captures_close(w->captures);
	w->evidence = NULL;
	w->captures = NULL;
	return r;
}

int
worker_close(struct worker *w)
{
	int r = 0;

	/* Streams first: closing them may still reach dissect and output. */
	stream_close(w->stream);
	dissect_close(w->dissect);
	passing_close(w->passing);
	detect_close(w->detect);
	tag_reader_close(w->tags);
	inventory_close(w->inventory);
	vendors_close(w->vendors);
	assets_close(w->assets);
	maintenance_close(w->maintenance);
	zones_close(w->zones);
	geoip_close(w->geoip);
	alerts_close(w->alerts);
	incidents_close(w->incidents);
	evidence_close(w->evidence);
	captures_close(w->captures);
	decode_close(w->decoder);
	if (w->output != NULL)
		r = output_close(w->output);
	if (store_close(w->store) != 0)
		r = -1;
	arena_close(&w->arena);
	*w = (struct worker){ 0 };
	return r;
}
