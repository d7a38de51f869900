/* alert.c - EVE's `alert`, as Suricata writes it, with the operation that
 * fired; what is ours stands under ot. */
#include "output/eve/eve.h"

#include <string.h>

#include "base/str.h"
#include "output/eve/brief.h"
#include "record/alert.h"
#include "record/attack.h"

/* The end of the flow that sent the bytes that fired. */
static unsigned
source_end(const struct finding *f)
{
	const struct flow *flow = f->flow;

	if (addr_same(&flow->addr[0], &flow->addr[1]) || addr_same(&f->src, &flow->addr[0]) ==
	    addr_same(&f->src, &flow->addr[1]))
		return f->sport == flow->port[1] && f->sport != flow->port[0] ? 1 : 0;
	return addr_same(&f->src, &flow->addr[0]) ? 0 : 1;
}

/* Keys of metadata are users' words. */
static bool
good_key(const char *key)
{
	return key[0] != '\0' && strpbrk(key, "\"\\") == NULL &&
	    utf8_valid((const uint8_t *)key, strlen(key));
}

/* A key once, with all its values. */
static void
put_meta(struct jsonw *j, const struct rule_metadata *r, uint32_t at)
{
	const char *key = r->metadata[at].key;

	for (uint32_t i = 0; i < at; i++)
		if (strcmp(r->metadata[i].key, key) == 0)
			return;
	if (!good_key(key))
		return;
	jsonw_array(j, key);
	for (uint32_t i = at; i < r->n_metadata; i++)
		if (strcmp(r->metadata[i].key, key) == 0)
			jsonw_text(j, NULL, r->metadata[i].value);
	jsonw_array_end(j);
}

static bool
has_meta(const struct rule_metadata *r, const char *key)
{
	for (uint32_t i = 0; r != NULL && i < r->n_metadata; i++)
		if (strcmp(r->metadata[i].key, key) == 0)
			return true;
	return false;
}

/* ---- ATT&CK ------------------------------------------------------------------ */

#define IDS 32u		/* of one alert, with those of v18 */

/* Texts of one column, each once: techniques share tactics. */
struct column {
	const char	*of[IDS];
	size_t		 len[IDS];
	unsigned	 n;
};

static void
add(struct column *c, const char *text, size_t len)
{
	for (unsigned i = 0; i < c->n; i++)
		if (c->len[i] == len && memcmp(c->of[i], text, len) == 0)
			return;
	if (len == 0 || c->n == IDS)
		return;
	c->of[c->n] = text;
	c->len[c->n++] = len;
}

static void
put_column(struct jsonw *j, const char *key, const struct column *c)
{
	char text[96];

	if (c->n == 0)
		return;
	jsonw_array(j, key);
	for (unsigned i = 0; i < c->n; i++) {
		size_t n = c->len[i] < sizeof(text) ? c->len[i] : sizeof(text) - 1;

		memcpy(text, c->of[i], n);
		text[n] = '\0';
		jsonw_text(j, NULL, text);
	}
	jsonw_array_end(j);
}

/* As rules of Suricata carry them, for those who look there: ids of today and, behind
 * each, the one that it had before ATT&CK v19. */
static void
put_mitre(struct jsonw *j, const struct rule_metadata *r, const char *list)
{
	struct column id = { .n = 0 }, name = { .n = 0 }, tactic_id = { .n = 0 }, tactic_name = { .n = 0 },
	    tactic = { .n = 0 };
	const char *at;
	size_t n;

	while ((at = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(at, n);
		const struct attack_tactic_row *t = row != NULL ? attack_tactic_row(row->tactic) : NULL;

		if (row != NULL) {
			add(&id, row->id, strlen(row->id));
			add(&id, row->before, strlen(row->before));
			add(&name, row->name, strlen(row->name));
			add(&tactic_id, t->id, strlen(t->id));
			add(&tactic_name, t->name, strlen(t->name));
			add(&tactic, t->word, strlen(t->word));
		}
		add(&id, at, n);
	}
	put_column(j, "mitre_technique_id", &id);
	if (!has_meta(r, "mitre_technique_name"))
		put_column(j, "mitre_technique_name", &name);
	if (!has_meta(r, "mitre_tactic"))
		put_column(j, "mitre_tactic", &tactic);
	if (!has_meta(r, "mitre_tactic_id"))
		put_column(j, "mitre_tactic_id", &tactic_id);
	if (!has_meta(r, "mitre_tactic_name"))
		put_column(j, "mitre_tactic_name", &tactic_name);
}

static void
put_attack(struct jsonw *j, const char *list)
{
	const char *at;
	char text[16];
	size_t n;

	if (list == NULL || list[strspn(list, " ")] == '\0')
		return;
	jsonw_array(j, "attack");
	while ((at = attack_next(&list, &n)) != NULL) {
		const struct attack_row *row = attack_row(at, n);
		size_t base;

		if (row != NULL) {
			at = row->id;
			n = strlen(at);
		}
		if (n >= sizeof(text))
			continue;
		memcpy(text, at, n);
		text[n] = '\0';
		base = strcspn(text, ".");
		text[base] = '\0';
		jsonw_object(j, NULL);
		jsonw_text(j, "id", text);
		if (base < n) {
			text[base] = '.';
			jsonw_text(j, "sub_technique", text);
		}
		if (row != NULL) {
			jsonw_text(j, "name", row->name);
			jsonw_text(j, "tactic", attack_tactic_row(row->tactic)->name);
			jsonw_text(j, "tactic_id", attack_tactic_row(row->tactic)->id);
			jsonw_text(j, "version", ATTACK_VERSION);
		}
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_metadata(struct jsonw *j, const struct alert *a)
{
	const struct rule_metadata *r = a->finding->rule;
	bool techniques = a->techniques != NULL && a->techniques[0] != '\0';

	if (!techniques && (r == NULL || r->n_metadata == 0))
		return;
	jsonw_object(j, "metadata");
	for (uint32_t i = 0, n = r != NULL ? jsonw_most(j, r->n_metadata) : 0; i < n; i++)
		if (!techniques || strcmp(r->metadata[i].key, "mitre_technique_id") != 0)
			put_meta(j, r, i);
	if (techniques)
		put_mitre(j, r, a->techniques);
	jsonw_object_end(j);
}

static void
put_end(struct jsonw *j, const char *key, const struct addr *a, uint16_t port)
{
	char text[ADDR_TEXT_MAX];

	addr_print(a, text);
	jsonw_object(j, key);
	jsonw_text(j, "ip", text);
	jsonw_u64(j, "port", port);
	jsonw_object_end(j);
}

/* Who attacks whom, as the rule's author said: EVE's names. */
static void
put_target(struct jsonw *j, const struct finding *f)
{
	bool src = f->rule->target == 1;

	put_end(j, "source", src ? &f->dst : &f->src, src ? f->dport : f->sport);
	put_end(j, "target", src ? &f->src : &f->dst, src ? f->sport : f->dport);
}

/* Whole or not at all: the beginning of a rule is no rule. */
static void
put_rule(struct jsonw *j, const char *text)
{
	if (j->most != 0 && text != NULL && strlen(text) > 256u * j->most)
		j->shortened = true;
	else
		jsonw_text(j, "rule", text);
}

static void
put_alert(struct eve *e, struct jsonw *j, const struct alert *a)
{
	const struct rule_metadata *r = a->finding->rule;

	jsonw_object(j, "alert");
	jsonw_text(j, "action", "allowed");
	jsonw_u64(j, "gid", r != NULL ? r->gid : ALERT_GID);
	jsonw_u64(j, "signature_id", r != NULL ? r->sid : a->type->sid);
	jsonw_u64(j, "rev", r != NULL ? r->rev : 1);
	jsonw_text(j, "signature", a->signature);
	jsonw_text(j, "category", a->category != NULL ? a->category : "");
	jsonw_u64(j, "severity", a->severity);
	if (r != NULL && r->target != 0)
		put_target(j, a->finding);
	put_metadata(j, a);
	if (r != NULL && r->n_references > 0) {
		jsonw_array(j, "references");
		for (uint32_t i = 0, n = jsonw_most(j, r->n_references); i < n; i++)
			jsonw_text(j, NULL, r->references[i]);
		jsonw_array_end(j);
	}
	if (e->rule_text && r != NULL)
		put_rule(j, r->text);
	jsonw_object_end(j);
}

static void
put_flow(struct jsonw *j, const struct flow *f)
{
	eve_flow_begin(j, f);
	eve_flow_ends(j, f);
	jsonw_object_end(j);
}

static const char *
kind_name(enum alert_kind kind)
{
	return kind == ALERT_UPDATE ? "update" : kind == ALERT_SUPPRESSED ? "held" : "first";
}

static void
put_evidence(struct eve *e, struct jsonw *j, const struct alert *a, const struct operation *op)
{
	const struct finding *f = a->finding;

	jsonw_object(j, "evidence");
	jsonw_array(j, "frames");
	if (op != NULL && op->request.seen)
		jsonw_u64(j, NULL, frame_in_file(op->request.frame));
	if (op != NULL && op->response.seen && op->response.frame != op->request.frame)
		jsonw_u64(j, NULL, frame_in_file(op->response.frame));
	if (f->frame != 0 && (op == NULL || (f->frame != op->request.frame &&
	    f->frame != op->response.frame)))
		jsonw_u64(j, NULL, frame_in_file(f->frame));
	jsonw_array_end(j);
	jsonw_text(j, "what", f->what);
	jsonw_text(j, "expected", f->expected);
	if (f->anomaly != NULL)
		jsonw_text(j, "anomaly", anomaly_row(f->anomaly->id)->text);
	if (f->n_numbers > 0) {
		jsonw_object(j, "numbers");
		for (uint32_t i = 0; i < f->n_numbers && i < FINDING_NUMBERS; i++)
			jsonw_i64(j, f->numbers[i].name, f->numbers[i].value);
		jsonw_object_end(j);
	}
	jsonw_text(j, "file", a->evidence_file);
	if (op != NULL)
		eve_operation_body(e, j, "operation", op);
	jsonw_object_end(j);
}

/* Whom the suppressed ones were about. */
static void
put_suppressed(struct jsonw *j, const struct alert *a)
{
	char text[ADDR_TEXT_MAX];

	jsonw_u64(j, "held", a->suppressed);
	if (a->n_targets == 0)
		return;
	jsonw_u64(j, "targets_all", a->n_targets);
	jsonw_array(j, "targets");
	for (uint32_t i = 0; i < a->n_named; i++) {
		(void)addr_print(&a->targets[i].addr, text);
		jsonw_object(j, NULL);
		jsonw_text(j, "ip", text);
		if (a->targets[i].has_unit)
			jsonw_u64(j, "unit", a->targets[i].unit);
		jsonw_u64(j, "held", a->targets[i].n);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

/* What became of the command, and of those that were merged into it. */
static void
put_outcome(struct jsonw *j, const struct alert *a)
{
	jsonw_text(j, "outcome", op_outcome_name(a->outcome));
	if (a->outcomes == NULL || a->count < 2)
		return;
	jsonw_object(j, "outcomes");
	for (unsigned i = 0; i < OP_OUTCOME_COUNT; i++)
		if (a->outcomes[i] > 0)
			jsonw_u64(j, op_outcome_name((enum op_outcome)i), a->outcomes[i]);
	jsonw_object_end(j);
}

/* Of how many these are the first, or the ones that matter. */
static void
put_shortened(struct jsonw *j, const struct brief *b)
{
	if (b != NULL) {
		jsonw_u64(j, "items_all", b->items_all);
		jsonw_u64(j, "values_all", b->values_all);
	}
	jsonw_bool(j, "shortened", true);
}

static void
put_zone(struct jsonw *j, const char *key, const struct zone *z)
{
	jsonw_object(j, key);
	jsonw_text(j, "name", z != NULL ? z->name : ZONE_OUTSIDE);
	if (z != NULL && z->level != ZONE_NO_LEVEL)
		jsonw_u64(j, "level", (uint64_t)z->level);
	if (z != NULL)
		jsonw_text(j, "criticality", z->criticality);
	jsonw_object_end(j);
}

void
eve_location(struct jsonw *j, const char *key, const struct location *at)
{
	if (at == NULL)
		return;
	jsonw_object(j, key);
	if (at->country[0] != '\0')
		jsonw_text(j, "country", at->country);
	if (at->name[0] != '\0')
		jsonw_text(j, "country_name", at->name);
	if (at->as_number != 0)
		jsonw_u64(j, "as_number", at->as_number);
	if (at->operator_[0] != '\0')
		jsonw_text(j, "operator", at->operator_);
	jsonw_object_end(j);
}

/* In which zones the two are, and where on earth. */
static void
put_endpoints(struct jsonw *j, const struct alert *a)
{
	if (a->maintenance != NULL)
		jsonw_text(j, "maintenance", a->maintenance);
	if (a->zoned) {
		jsonw_object(j, "zones");
		put_zone(j, "src", a->zone[0]);
		put_zone(j, "dst", a->zone[1]);
		jsonw_object_end(j);
	}
	if (a->location[0] == NULL && a->location[1] == NULL)
		return;
	jsonw_object(j, "locations");
	eve_location(j, "src", a->location[0]);
	eve_location(j, "dst", a->location[1]);
	jsonw_object_end(j);
}

static void
put_ot(struct eve *e, struct jsonw *j, const struct alert *a, const struct brief *b)
{
	const struct operation *op = a->finding->op;

	jsonw_object(j, "ot");
	jsonw_u64(j, "v", OT_VERSION);
	jsonw_text(j, "id", a->uid);
	if (a->id != 0)
		jsonw_u64(j, "alert", a->id);
	jsonw_text(j, "type", a->type->text);
	jsonw_text(j, "kind", kind_name(a->kind));
	put_attack(j, a->techniques);
	jsonw_text(j, "sentence", a->sentence);
	if (a->kind == ALERT_SUPPRESSED)
		put_suppressed(j, a);
	else
		jsonw_u64(j, "count", a->count);
	if (a->has_outcome)
		put_outcome(j, a);
	put_endpoints(j, a);
	jsonw_time(j, "first", a->first_ns);
	jsonw_time(j, "last", a->last_ns);
	if (a->kind != ALERT_SUPPRESSED)
		put_evidence(e, j, a, b != NULL ? &b->op : op);
	if (op != NULL && op->detail != NULL && eve_protocols[op->proto]->alert_ot != NULL)
		eve_protocols[op->proto]->alert_ot(e, j, op);
	if (j->shortened)
		put_shortened(j, b);
	jsonw_object_end(j);
}

/* ARP has addresses, but is no IP. */
static void
put_arp_ends(struct jsonw *j, const struct finding *f)
{
	char text[ADDR_TEXT_MAX];

	if (!addr_is_v4(&f->src))
		return;
	(void)addr_print(&f->src, text);
	jsonw_text(j, "src_ip", text);
	(void)addr_print(&f->dst, text);
	jsonw_text(j, "dest_ip", text);
}

static struct jsonw
make_alert(struct eve *e, const struct alert *a, const struct line *to, uint32_t most, const struct brief *b)
{
	const struct finding *f = a->finding;
	const struct flow *flow = f->flow;
	struct jsonw j = eve_start(e, to);
	struct op_ends at;
	struct packet ends = { .src = f->src, .dst = f->dst, .sport = f->sport, .dport = f->dport,
	    .proto = f->proto, .ip_v = f->proto == 0 ? 0 : addr_is_v4(&f->src) ? 4 : 6 };

	j.most = most;
	j.shortened = b != NULL && b->op.n_items < b->items_all;
	if (f->op != NULL && flow == NULL) {
		at = op_ends_of(f->op);
		ends = eve_packet_of(&at, f->to_client);
	} else if (f->packet != NULL) {
		ends.mac_src = f->packet->mac_src;
		ends.mac_dst = f->packet->mac_dst;
		ends.icmp_type = f->packet->icmp_type;
		ends.icmp_code = f->packet->icmp_code;
		ends.n_vlan = f->packet->n_vlan;
		memcpy(ends.vlan, f->packet->vlan, sizeof(ends.vlan));
	}
	eve_head(e, &j, &(struct eve_head){
		.event_type = "alert", .ts_ns = a->ts_ns,
		.frame = a->frame, .flow = flow, .packet = &ends,
		.src_end = flow != NULL ? source_end(f) : 0, .source = f->source,
		.ether = f->op != NULL && flow == NULL,
		.flow_id = a->flow_id,
	});
	if (f->proto == 0)
		put_arp_ends(&j, f);
	if (f->tx != 0)
		jsonw_u64(&j, "tx_id", f->tx - 1);
	put_alert(e, &j, a);
	if (f->op != NULL && f->op->detail != NULL && eve_protocols[f->op->proto]->alert != NULL)
		eve_protocols[f->op->proto]->alert(e, &j, f->op);
	if (flow != NULL) {
		jsonw_text(&j, "app_proto", flow->protocol != NULL ? flow->protocol->name :
		    flow->app_proto != NULL ? flow->app_proto : "failed");
		jsonw_text(&j, "direction", source_end(f) == flow_client(flow) ? "to_server" : "to_client");
		put_flow(&j, flow);
	}
	put_ot(e, &j, a, b);
	jsonw_object_end(&j);
	return j;
}

/* Receivers cut what is longer than this, or refuse it: then lists are shortened,
 * ever more, until it fits.  The operation's head and the items that matter stay. */
#define LONGEST 32768u

enum format_result
eve_alert(struct eve *e, const struct alert *a, struct line *to)
{
	static const uint32_t most[] = { 0, 64, 16, 4, 1 };
	const size_t space = to->size < LONGEST ? to->size : LONGEST;
	const struct operation *op = a->finding->op;
	struct jsonw j = { .full = true };
	struct brief b;

	/* With all the space there is: what is written of a DNP3 message depends on it, and
	 * at last an alert that is too long is better than none. */
	for (unsigned i = 0; i < COUNTOF(most); i++) {
		if (i == 1 && op != NULL)
			brief_make(&b, op);
		j = make_alert(e, a, to, most[i], i > 0 && op != NULL ? &b : NULL);
		/* One for the end of the line. */
		if (!j.full && j.len < space)
			break;
	}
	to->len = j.len;
	return j.full ? FORMAT_TOO_LONG : FORMAT_OK;
}
