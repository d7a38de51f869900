#include "output/eve/eve.h"

static void
put_flags(struct jsonw *j, const char *key, unsigned flags)
{
	const uint8_t octet = (uint8_t)flags;

	jsonw_hex(j, key, &octet, 1);
}

static void
put_tcp(struct jsonw *j, const struct flow *f)
{
	static const struct { unsigned bit; const char *name; } names[] = {
		{ TCP_SYN, "syn" }, { TCP_FIN, "fin" }, { TCP_RST, "rst" }, { TCP_PSH, "psh" },
		{ TCP_ACK, "ack" }, { TCP_URG, "urg" }, { TCP_ECE, "ecn" }, { TCP_CWR, "cwr" },
	};
	unsigned ts = f->tcp_flags[flow_client(f)], tc = f->tcp_flags[flow_server(f)];
	const char *state = f->state == FLOW_CLOSED ? "closed" :
	    f->state == FLOW_ESTABLISHED ? "established" : (ts & TCP_SYN) != 0 ? "syn_sent" : "none";

	jsonw_object(j, "tcp");
	put_flags(j, "tcp_flags", ts | tc);
	put_flags(j, "tcp_flags_ts", ts);
	put_flags(j, "tcp_flags_tc", tc);
	for (unsigned i = 0; i < COUNTOF(names); i++)
		if (((ts | tc) & names[i].bit) != 0)
			jsonw_bool(j, names[i].name, true);
	jsonw_text(j, "state", state);
	if (f->gaps[flow_client(f)] > 0)
		jsonw_bool(j, "ts_gap", true);
	if (f->gaps[flow_server(f)] > 0)
		jsonw_bool(j, "tc_gap", true);
	jsonw_object_end(j);
}

/* As EVE has it: a closed flow ends when its time in that state is over, or with the
 * run.  What really happened stands under ot.end. */
static const char *
reason_name(const struct flow *f, enum flow_end_reason why)
{
	switch (f->shutdown ? FLOW_END_SHUTDOWN : why) {
	case FLOW_END_EVICTED:	return "forced";
	case FLOW_END_SHUTDOWN:	return "shutdown";
	default:		return "timeout";
	}
}

static const char *
end_name(enum flow_end_reason why)
{
	switch (why) {
	case FLOW_END_CLOSED:	return "closed";
	case FLOW_END_EVICTED:	return "evicted";
	case FLOW_END_SHUTDOWN:	return "shutdown";
	default:		return "timeout";
	}
}

static void
put_flow(struct jsonw *j, const struct flow *f, enum flow_end_reason why)
{
	static const char *const states[] = {
		[FLOW_NEW] = "new", [FLOW_ESTABLISHED] = "established", [FLOW_CLOSED] = "closed",
	};

	eve_flow_begin(j, f);
	jsonw_time(j, "end", f->last_ns);
	jsonw_u64(j, "age", f->last_ns > f->first_ns ?
	    f->last_ns / 1000000000u - f->first_ns / 1000000000u : 0);
	jsonw_text(j, "state", f->state < COUNTOF(states) ? states[f->state] : "new");
	jsonw_text(j, "reason", reason_name(f, why));
	jsonw_bool(j, "alerted", f->alerts > 0);
	if (f->protocol != NULL || f->transactions > 0)
		jsonw_u64(j, "tx_cnt", f->transactions);
	jsonw_object_end(j);
}

static void
put_nonzero(struct jsonw *j, const char *key, uint64_t v)
{
	if (v != 0)
		jsonw_u64(j, key, v);
}

static void
put_anomaly(struct jsonw *j, enum anomaly_id id, uint64_t n)
{
	if (n == 0)
		return;
	jsonw_object(j, NULL);
	jsonw_text(j, "id", anomaly_row(id)->text);
	jsonw_u64(j, "count", n);
	jsonw_object_end(j);
}

static void
put_risks(struct eve *e, struct jsonw *j, uint64_t risks)
{
	if (risks == 0 || e->env->risk_name == NULL)
		return;
	jsonw_array(j, "risks");
	for (unsigned bit = 0; bit < 64; bit++)
		if ((risks >> bit & 1u) != 0)
			jsonw_text(j, NULL, e->env->risk_name(bit));
	jsonw_array_end(j);
}

static void
put_ot(struct eve *e, struct jsonw *j, const struct flow *f, enum flow_end_reason why,
    const uint64_t *anomalies)
{
	unsigned ts = flow_client(f), tc = flow_server(f);

	jsonw_object(j, "ot");
	jsonw_u64(j, "v", OT_VERSION);
	jsonw_text(j, "client_role", eve_role_name(f->role_source));
	jsonw_text(j, "end", end_name(why));
	jsonw_bool(j, "midstream", f->midstream);
	jsonw_bool(j, "one_sided", f->packets[0] == 0 || f->packets[1] == 0);
	put_nonzero(j, "gaps_toserver", f->gaps[ts]);
	put_nonzero(j, "gaps_toclient", f->gaps[tc]);
	put_nonzero(j, "lost_toserver", f->lost[ts]);
	put_nonzero(j, "lost_toclient", f->lost[tc]);
	put_nonzero(j, "blind_bytes", flow_blind_bytes(f));
	jsonw_text(j, "category", f->app_category);
	put_risks(e, j, f->app_risks);
	if (anomalies != NULL) {
		jsonw_array(j, "anomalies");
		for (unsigned i = 0; i < ANOMALY_COUNT; i++)
			put_anomaly(j, i, anomalies[i]);
		jsonw_array_end(j);
	}
	jsonw_object_end(j);
}

enum format_result
eve_flow(struct eve *e, const struct record *r, struct line *to)
{
	const struct flow *f = r->flow.f;
	struct jsonw j = eve_start(e, to);

	eve_head(e, &j, &(struct eve_head){
		.event_type = "flow", .ts_ns = f->last_ns, .flow = f,
		.src_end = flow_client(f), .source = f->source,
	});
	jsonw_text(&j, "app_proto", f->protocol != NULL ? f->protocol->name :
	    f->app_proto != NULL ? f->app_proto : "failed");
	put_flow(&j, f, r->flow.why);
	if (f->proto == IP_TCP)
		put_tcp(&j, f);
	put_ot(e, &j, f, r->flow.why, r->flow.anomalies);
	return eve_finish(&j, to);
}
