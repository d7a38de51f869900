/* stats.c - the stats record, made from the paths of counters.def, and the
 * visibility record.
 */
#include "output/eve/eve.h"

#include <string.h>

/* EVE's stats schema is closed.  These of our paths are in it; every other row
 * of counters.def goes to ot.counters, so that a new row never breaks a
 * consumer of EVE. */
static const char *const eve_paths[] = {
	"capture.errors", "capture.kernel_drops", "capture.kernel_ifdrops",
	"capture.kernel_packets",
	"decoder.arp", "decoder.bytes", "decoder.erspan", "decoder.esp", "decoder.etag", "decoder.ethernet",
	"decoder.geneve", "decoder.gre", "decoder.icmpv4", "decoder.icmpv6", "decoder.ieee8021ah", "decoder.igmp",
	"decoder.invalid", "decoder.ipv4", "decoder.ipv6", "decoder.mpls", "decoder.nsh", "decoder.null",
	"decoder.pkts", "decoder.ppp", "decoder.pppoe", "decoder.raw", "decoder.sctp",
	"decoder.sll", "decoder.sll2", "decoder.tcp", "decoder.teredo", "decoder.too_many_layers", "decoder.udp",
	"decoder.unknown_ethertype", "decoder.vlan", "decoder.vlan_qinq", "decoder.vlan_qinqinq",
	"decoder.vntag", "decoder.vxlan",
	"defrag.ipv4.fragments", "defrag.ipv4.reassembled", "defrag.ipv4.timeouts",
	"defrag.ipv6.fragments", "defrag.ipv6.reassembled", "defrag.ipv6.timeouts",
	"flow.active", "flow.icmpv4", "flow.icmpv6", "flow.tcp", "flow.tcp_reuse", "flow.total",
	"flow.udp",
	"tcp.invalid_checksum", "tcp.midstream_pickups", "tcp.overlap", "tcp.overlap_diff_data",
	"tcp.reassembly_gap", "tcp.rst", "tcp.segment_memcap_drop", "tcp.sessions", "tcp.syn",
	"tcp.synack",
	"app_layer.error.dnp3.gap", "app_layer.error.dnp3.parser",
	"app_layer.error.modbus.gap", "app_layer.error.modbus.parser",
	"app_layer.flow.dnp3", "app_layer.flow.modbus",
	"app_layer.tx.dnp3", "app_layer.tx.modbus",
	"detect.alert",
};

static void
rows_of_eve(bool row_in_eve[CNT_COUNT])
{
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const char *path = counter_row(i)->path;

		row_in_eve[i] = false;
		for (unsigned k = 0; k < COUNTOF(eve_paths) && !row_in_eve[i]; k++)
			row_in_eve[i] = strcmp(path, eve_paths[k]) == 0;
	}
}

/* Keys must be texts of their own for jsonw; parts of a path are short. */
static void
part(char to[48], const char *from, size_t n)
{
	if (n > 47)
		n = 47;
	memcpy(to, from, n);
	to[n] = '\0';
}

/* Bytes of `path` up to and with its last dot, shared with `before` and ending
 * at a dot: the objects that can stay open. */
static size_t
shared_objects(const char *before, const char *path)
{
	size_t n = 0;

	for (size_t i = 0; before[i] != '\0' && before[i] == path[i]; i++)
		if (path[i] == '.')
			n = i + 1;
	return n;
}

static unsigned
dots(const char *p)
{
	unsigned n = 0;

	for (; *p != '\0'; p++)
		n += *p == '.';
	return n;
}

/* Text of the rows that `pick` marks with `want`, nested by their paths, with 0 for
 * each number. */
static void
make_rows(struct eve_rows *to, const bool *pick, bool want)
{
	struct jsonw j = jsonw_on(to->text, sizeof(to->text));
	const char *before = "";
	char key[48];

	to->n = 0;
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const char *path = counter_row(i)->path, *at, *dot;
		char *p;

		if (pick[i] != want)
			continue;
		at = path + shared_objects(before, path);
		for (unsigned n = dots(before + (at - path)); n > 0; n--)
			jsonw_object_end(&j);
		for (; (dot = strchr(at, '.')) != NULL; at = dot + 1) {
			part(key, at, (size_t)(dot - at));
			jsonw_object(&j, key);
		}
		part(key, at, strlen(at));
		p = jsonw_member(&j, key, 1);
		if (p == NULL)
			break;
		*p = '0';
		jsonw_took(&j, p + 1);
		to->row[to->n] = (uint16_t)i;
		to->at[to->n++] = (uint16_t)(p - to->text);
		before = path;
	}
	for (unsigned n = dots(before); n > 0; n--)
		jsonw_object_end(&j);
	to->whole = j.full ? SIZE_MAX / 2 : j.len;
}

void
eve_stats_open(struct eve *e)
{
	bool in_eve[CNT_COUNT];

	rows_of_eve(in_eve);
	make_rows(&e->rows[0], in_eve, true);
	make_rows(&e->rows[1], in_eve, false);
}

/* The members of an object that was just opened. */
static void
put_counters(struct jsonw *j, const uint64_t *v, const struct eve_rows *r)
{
	size_t from = 0;
	char *p = jsonw_member(j, NULL, r->whole + 20u * r->n);

	if (p == NULL)
		return;
	for (unsigned i = 0; i < r->n; i++) {
		uint64_t n = v[r->row[i]];

		if (n == 0)
			continue;
		memcpy(p, r->text + from, r->at[i] - from);
		p = digits_u64(p + (r->at[i] - from), n);
		from = r->at[i] + 1u;
	}
	memcpy(p, r->text + from, r->whole - from);
	jsonw_took(j, p + (r->whole - from));
}

static void
put_relay(struct jsonw *j, const struct sink_counts *k)
{
#define SINK_COUNT(member, what) jsonw_u64(j, #member, k->member);
#include "output/sink_counts.def"
#undef SINK_COUNT
	if (k->oldest_ns != 0)
		jsonw_time(j, "waiting_since", k->oldest_ns);
	if (k->certificate_until_s != 0)
		jsonw_time(j, "certificate_until", k->certificate_until_s * UINT64_C(1000000000));
	if (k->spooled)
		jsonw_word(j, "spool", k->spool_failing ? "failing" : "good");
	if (k->problem[0] != '\0')
		jsonw_text(j, "problem", k->problem);
}

/* What a writer does in its own time differs from replay to replay: only a live sensor
 * reports it. */
static void
put_sinks(struct jsonw *j, const struct record *r)
{
	if (r->stats.n_sinks == 0)
		return;
	jsonw_array(j, "sinks");
	for (const struct sink_counts *k = r->stats.sinks; k < r->stats.sinks + r->stats.n_sinks; k++) {
		jsonw_object(j, NULL);
		jsonw_text(j, "name", k->name);
		jsonw_text(j, "format", k->format);
		jsonw_text(j, "transport", k->transport);
		jsonw_u64(j, "lines", k->lines);
		jsonw_u64(j, "lost", k->lost);
		jsonw_u64(j, "lost_alerts", k->lost_alerts);
		jsonw_u64(j, "filtered", k->filtered);
		jsonw_u64(j, "limited", k->limited);
		if (r->stats.live && k->relayed)
			put_relay(j, k);
		if (r->stats.live) {
			jsonw_u64(j, "bytes", k->bytes);
			jsonw_u64(j, "waiting", k->waiting);
			jsonw_u64(j, "failures", k->failures);
			jsonw_u64(j, "reconnects", k->reconnects);
		}
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

enum format_result
eve_stats(struct eve *e, const struct record *r, struct line *to)
{
	const struct counters *c = r->stats.c;
	struct jsonw j = eve_start(e, to);

	jsonw_time(&j, "timestamp", r->stats.now_ns);
	jsonw_text(&j, "event_type", "stats");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "stats");
	jsonw_u64(&j, "uptime", r->stats.uptime_s);
	put_counters(&j, c->v, &e->rows[0]);
	jsonw_object_end(&j);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_object(&j, "counters");
	put_counters(&j, c->v, &e->rows[1]);
	jsonw_object_end(&j);
	put_sinks(&j, r);
	if (r->stats.sandbox != NULL)
		jsonw_text(&j, "sandbox", r->stats.sandbox);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}

/* Flat, by path: a consumer looks one number up by the name in the manual. */
static void
put_blind(struct jsonw *j, const char *key, const struct counters *c)
{
	jsonw_object(j, key);
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (visibility_row(i) && c->v[i] > 0)
			jsonw_u64(j, counter_row(i)->path, c->v[i]);
	jsonw_object_end(j);
}

/* Which of them it was, with what is known of it. */
static void
put_unfollowed(struct jsonw *j, const struct unfollowed *u)
{
	if (u == NULL || u->n == 0)
		return;
	jsonw_array(j, "not_followed");
	for (unsigned i = 0; i < u->n; i++) {
		char hex[8];
		struct strbuf b = strbuf_on(hex, sizeof(hex));

		strbuf_printf(&b, "0x%04x", u->of[i].number);
		jsonw_object(j, NULL);
		jsonw_text(j, "layer", u->of[i].ip ? "ip" : "ethertype");
		jsonw_u64(j, "number", u->of[i].number);
		if (!u->of[i].ip)
			jsonw_text(j, "hex", hex);
		jsonw_text(j, "name", unfollowed_name(&u->of[i]));
		jsonw_u64(j, "frames", u->of[i].frames);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

enum format_result
eve_visibility(struct eve *e, const struct visibility *v, struct line *to)
{
	const char *advice[VISIBILITY_ADVICE_MAX];
	char sentence[12288];
	struct strbuf s = strbuf_on(sentence, sizeof(sentence));
	unsigned n = visibility_advice(&v->delta, advice);
	struct jsonw j = eve_start(e, to);

	visibility_sentence(&v->delta, &s);
	jsonw_time(&j, "timestamp", v->until_ns);
	jsonw_text(&j, "event_type", "visibility");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_object(&j, "visibility");
	jsonw_time(&j, "since", v->since_ns);
	jsonw_time(&j, "until", v->until_ns);
	jsonw_bool(&j, "last", v->last);
	put_blind(&j, "blind", &v->delta);
	put_blind(&j, "total", v->total);
	jsonw_text(&j, "sentence", sentence);
	put_unfollowed(&j, v->unfollowed);
	jsonw_array(&j, "advice");
	for (unsigned i = 0; i < n; i++)
		jsonw_text(&j, NULL, advice[i]);
	jsonw_array_end(&j);
	jsonw_object_end(&j);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
