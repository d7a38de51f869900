#include "output/eve/eve.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

const char *
eve_role_name(unsigned role_source)
{
	static const char *const names[] = {
		[ROLE_FIRST_SEEN] = "first-seen", [ROLE_PORT] = "port",
		[ROLE_SYN] = "syn", [ROLE_CONTENT] = "content",
	};

	return role_source < COUNTOF(names) ? names[role_source] : "first-seen";
}

/* As Suricata spells protocol numbers; three digits for the rest. */
static const char *
proto_name(unsigned proto, char buf[8])
{
	switch (proto) {
	case IP_ICMP:	return "ICMP";
	case IP_IGMP:	return "IGMP";
	case IP_IPIP:	return "IPv4";
	case IP_TCP:	return "TCP";
	case IP_UDP:	return "UDP";
	case IP_IPV6:	return "IPv6";
	case IP_GRE:	return "GRE";
	case 50:	return "ESP";
	case 51:	return "AH";
	case IP_ICMPV6:	return "IPv6-ICMP";
	case 89:	return "OSPFIGP";
	case 103:	return "PIM";
	case 112:	return "VRRP";
	case IP_SCTP:	return "SCTP";
	default:
		snprintf(buf, 8, "%03u", proto & 0xff);
		return buf;
	}
}

static bool
has_ports(unsigned proto)
{
	return proto == IP_TCP || proto == IP_UDP || proto == IP_SCTP;
}

static void
put_addr(struct jsonw *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	addr_print(a, text);
	jsonw_text(j, key, text);
}

static void
put_vlans(struct jsonw *j, const uint16_t *vlan, unsigned n)
{
	if (n == 0)
		return;
	jsonw_array(j, "vlan");
	for (unsigned i = 0; i < n; i++)
		jsonw_u64(j, NULL, vlan[i]);
	jsonw_array_end(j);
}

struct pair {
	const struct addr *src, *dst;
	uint16_t	 sport, dport;
	uint8_t		 proto, ip_v, icmp_type, icmp_code;
};

static void
put_pair(struct jsonw *j, const struct pair *p)
{
	char buf[8];

	put_addr(j, "src_ip", p->src);
	if (has_ports(p->proto))
		jsonw_u64(j, "src_port", p->sport);
	put_addr(j, "dest_ip", p->dst);
	if (has_ports(p->proto))
		jsonw_u64(j, "dest_port", p->dport);
	jsonw_word(j, "proto", proto_name(p->proto, buf));
	jsonw_u64(j, "ip_v", p->ip_v);
	if (p->proto == IP_ICMP || p->proto == IP_ICMPV6) {
		jsonw_u64(j, "icmp_type", p->icmp_type);
		jsonw_u64(j, "icmp_code", p->icmp_code);
	}
}

static void
put_flow_pair(struct jsonw *j, const struct flow *f, unsigned src)
{
	unsigned dst = src ^ 1u;
	struct pair p = {
		.src = &f->addr[src], .dst = &f->addr[dst],
		.sport = f->port[src], .dport = f->port[dst],
		.proto = f->proto, .ip_v = f->ip_v,
		/* struct flow keeps ICMP's type and code where others have ports. */
		.icmp_type = (uint8_t)f->port[0], .icmp_code = (uint8_t)f->port[1],
	};

	put_vlans(j, f->vlan, f->n_vlan < FLOW_VLANS ? f->n_vlan : FLOW_VLANS);
	put_pair(j, &p);
}

static void
put_end(struct jsonw *j, const char *key, const struct flow *f, unsigned end)
{
	jsonw_object(j, key);
	put_addr(j, "ip", &f->addr[end]);
	if (has_ports(f->proto))
		jsonw_u64(j, "port", f->port[end]);
	jsonw_object_end(j);
}

void
eve_flow_begin(struct jsonw *j, const struct flow *f)
{
	unsigned ts = flow_client(f), tc = flow_server(f);

	jsonw_object(j, "flow");
	jsonw_u64(j, "pkts_toserver", f->packets[ts]);
	jsonw_u64(j, "pkts_toclient", f->packets[tc]);
	jsonw_u64(j, "bytes_toserver", f->bytes[ts]);
	jsonw_u64(j, "bytes_toclient", f->bytes[tc]);
	jsonw_time(j, "start", f->first_ns);
}

void
eve_flow_ends(struct jsonw *j, const struct flow *f)
{
	unsigned src = flow_client(f), dst = src ^ 1u;

	put_addr(j, "src_ip", &f->addr[src]);
	put_addr(j, "dest_ip", &f->addr[dst]);
	if (has_ports(f->proto)) {
		jsonw_u64(j, "src_port", f->port[src]);
		jsonw_u64(j, "dest_port", f->port[dst]);
	}
}

static void
put_community_id(struct eve *e, struct jsonw *j, const struct flow *f)
{
	if (e->env->community_id != NULL)
		jsonw_text(j, "community_id", e->env->community_id(e->env->arg, f));
}

const struct eve_ends *
eve_ends(struct eve *e, const struct flow *f)
{
	struct eve_ends *t = &e->ends[(f->id ^ f->id >> 20) & (EVE_ENDS - 1)];
	struct jsonw j;

	if (t->id == f->id && t->first_ns == f->first_ns && t->client == f->client_end &&
	    t->role == f->role_source && f->id != 0)
		return t;
	t->id = f->id;
	t->first_ns = f->first_ns;
	t->client = f->client_end;
	t->role = f->role_source;
	j = jsonw_on(t->flow, sizeof(t->flow));
	jsonw_u64(&j, "flow_id", f->id);
	t->flow_len = (uint16_t)j.len;
	j = jsonw_on(t->head, sizeof(t->head));
	put_flow_pair(&j, f, flow_client(f));
	t->head_len = (uint16_t)j.len;
	j = jsonw_on(t->tail, sizeof(t->tail));
	jsonw_text(&j, "pkt_src", "wire/pcap");
	jsonw_text(&j, "host", e->host);
	if (e->community_id)
		put_community_id(e, &j, f);
	t->tail_len = j.full ? 0 : (uint16_t)j.len;
	j = jsonw_on(t->ot, sizeof(t->ot));
	put_end(&j, "client", f, flow_client(f));
	put_end(&j, "server", f, flow_server(f));
	jsonw_text(&j, "role", eve_role_name(f->role_source));
	t->ot_len = (uint16_t)j.len;
	return t;
}

static void
put_mac(struct jsonw *j, const char *key, const uint8_t mac[6])
{
	char text[18];

	snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x",
	    mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
	jsonw_text(j, key, text);
}

static void
put_ether(struct jsonw *j, const struct eve_head *h)
{
	const uint8_t *src = NULL, *dst = NULL;

	if (h->flow != NULL) {
		src = h->flow->mac_known[h->src_end] ? h->flow->mac[h->src_end] : NULL;
		dst = h->flow->mac_known[h->src_end ^ 1u] ? h->flow->mac[h->src_end ^ 1u] : NULL;
	} else if (h->packet != NULL) {
		src = h->packet->mac_src;
		dst = h->packet->mac_dst;
	}
	if (src == NULL && dst == NULL)
		return;
	jsonw_object(j, "ether");
	if (dst != NULL)
		put_mac(j, "dest_mac", dst);
	if (src != NULL)
		put_mac(j, "src_mac", src);
	jsonw_object_end(j);
}

void
eve_head(struct eve *e, struct jsonw *j, const struct eve_head *h)
{
	const struct output_env *env = e->env;
	const struct flow *f = h->flow;
	const struct packet *p = h->packet;
	const struct eve_ends *t = NULL;
	const char *source = NULL;

	if ((env->live || env->many_files) && env->source_name != NULL)
		source = env->source_name(env->arg, !env->live && h->frame != 0 ?
		    frame_file(h->frame) : h->source);
	jsonw_time(j, "timestamp", h->ts_ns);
	if (f != NULL && h->src_end == flow_client(f)) {
		t = eve_ends(e, f);
		jsonw_members(j, t->flow, t->flow_len);
	} else if (f != NULL || h->flow_id != 0)
		jsonw_u64(j, "flow_id", f != NULL ? f->id : h->flow_id);
	if (env->live)
		jsonw_text(j, "in_iface", source);
	if (h->frame != 0)
		jsonw_u64(j, "pcap_cnt", frame_in_file(h->frame));
	jsonw_word(j, "event_type", h->event_type);
	if (t != NULL)
		jsonw_members(j, t->head, t->head_len);
	else if (f != NULL)
		put_flow_pair(j, f, h->src_end);
	else if (p != NULL) {
		put_vlans(j, p->vlan, p->n_vlan < PACKET_VLANS ? p->n_vlan : PACKET_VLANS);
		if (p->ip_v != 0)
			put_pair(j, &(struct pair){ .src = &p->src, .dst = &p->dst,
			    .sport = p->sport, .dport = p->dport, .proto = p->proto,
			    .ip_v = p->ip_v, .icmp_type = p->icmp_type,
			    .icmp_code = p->icmp_code });
	}
	if (t != NULL && t->tail_len > 0 && h->frame != 0 && (env->live || source == NULL))
		jsonw_members(j, t->tail, t->tail_len);
	else {
		if (h->frame != 0)
			jsonw_text(j, "pkt_src", "wire/pcap");
		if (!env->live)
			jsonw_text(j, "pcap_filename", source);
		jsonw_text(j, "host", e->host);
		if (f != NULL && e->community_id)
			put_community_id(e, j, f);
	}
	if (e->ether || h->ether)
		put_ether(j, h);
}

/* The frame that finished the operation. */
static const struct op_side *
last_side(const struct operation *op)
{
	return op->response.seen ? &op->response : &op->request;
}

static const struct eve_protocol unknown_protocol;

const struct eve_protocol *const eve_protocols[OP_PROTO_COUNT] = {
	[OP_UNKNOWN] = &unknown_protocol,
#define OP_PROTO(id, symbol) [OP_##id] = &eve_##symbol,
#include "record/op_names.def"
};

struct packet
eve_packet_of(const struct op_ends *ends, bool from_server)
{
	unsigned src = from_server ? OP_SERVER : OP_CLIENT, dst = src ^ 1u;
	struct packet p = { .src = ends->addr[src], .dst = ends->addr[dst], .sport = ends->port[src],
	    .dport = ends->port[dst], .proto = ends->ip_proto, .n_vlan = ends->n_vlan,
	    .ip_v = !ends->has_addr ? 0 : addr_is_v4(&ends->addr[src]) ? 4 : 6,
	    .mac_src = ends->mac_known[src] ? ends->mac[src] : NULL,
	    .mac_dst = ends->mac_known[dst] ? ends->mac[dst] : NULL };

	memcpy(p.vlan, ends->vlan, sizeof(p.vlan));
	return p;
}

void
eve_operation_head(struct eve *e, struct jsonw *j, const char *event, const struct operation *op, uint64_t ts_ns)
{
	struct eve_head head = { .event_type = event, .ts_ns = ts_ns, .frame = last_side(op)->frame, .flow = op->flow };

	if (op->flow != NULL) {
		head.src_end = flow_client(op->flow);
		head.source = op->flow->source;
		eve_head(e, j, &head);
	} else {
		struct op_ends ends = op_ends_of(op);
		struct packet p = eve_packet_of(&ends, op->intent == INTENT_REPORT);

		head.packet = &p;
		head.ether = true;
		head.source = ends.source;
		eve_head(e, j, &head);
	}
	if (op->id != 0)
		jsonw_u64(j, "tx_id", op->id - 1);
}

static enum format_result
eve_operation(struct eve *e, const struct operation *op, struct line *to)
{
	const struct eve_protocol *by = eve_protocols[op->proto];
	struct jsonw j;

	/* One record for each operation, written when it is over, but where EVE has one for each message. */
	if (by->makes_record != NULL ? !by->makes_record(op) : op->phase != OP_FINISHED)
		return FORMAT_NOT_MINE;
	j = eve_start(e, to);
	eve_operation_head(e, &j, protocols[op->proto]->event, op, last_side(op)->ts_ns);
	if (by->operation != NULL && op->detail != NULL)
		by->operation(e, &j, op);
	eve_ot_operation(e, &j, op);
	return eve_finish(&j, to);
}

static void *
eve_open(const struct output_settings *s, const struct output_env *env, struct err *err)
{
	struct eve *e = calloc(1, sizeof(*e));

	if (e == NULL) {
		err_add(err, NULL, 0, 0, "no memory for the EVE output");
		return NULL;
	}
	e->env = env;
	e->community_id = s->community_id;
	e->ether = s->ether;
	e->rule_text = s->rule_text;
	e->host = s->sensor;
	eve_stats_open(e);
	return e;
}

static void
eve_close(void *f)
{
	free(f);
}

static enum format_result
eve_write(void *f, const struct record *r, struct line *to)
{
	switch (r->kind) {
	case RECORD_OPERATION:	return eve_operation(f, r->operation, to);
	case RECORD_ANOMALY:	return eve_anomaly(f, r, to);
	case RECORD_ALERT:	return eve_alert(f, r->alert, to);
	case RECORD_FLOW:	return eve_flow(f, r, to);
	case RECORD_STATS:	return eve_stats(f, r, to);
	case RECORD_HEARTBEAT:	return eve_heartbeat(f, r->heartbeat, to);
	case RECORD_DEVICE:	return eve_device(f, r->device.d, r->device.now_ns, to);
	case RECORD_HEALTH:	return eve_health(f, r->health, to);
	case RECORD_PROCESS:	return eve_process(f, r->process, to);
	case RECORD_INCIDENT:	return eve_incident(f, r->incident, to);
	case RECORD_VISIBILITY:	return eve_visibility(f, r->visibility, to);
	}
	return FORMAT_NOT_MINE;
}

const struct format format_eve = {
	.name = "eve",
	.open = eve_open,
	.write = eve_write,
	.close = eve_close,
};
