/* match_kit.h - rules on one side, packets, bytes and PDUs on the other, findings
 * counted per sid in between.  PDUs go through the real dissectors. */
#ifndef TESTS_MATCH_KIT_H
#define TESTS_MATCH_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "asset/ask.h"
#include "asset/geoip.h"
#include "base/arena.h"
#include "detect/match/rules.h"
#include "dissect/dissect.h"
#include "dissect/dissector.h"

#define KIT_SIDS 64u

struct kit {
	struct settings	 set;
	struct counters	 c;
	struct err	 e;
	void		*d;
	struct dissect	*dissect;
	struct arena	 arena;
	unsigned	 hits[KIT_SIDS];	/* by sid */
	struct finding	 last;
	struct flow	 flow;
	struct flow_slots flow_slots;
	_Alignas(16) unsigned char slots[64];	/* of `flow` */
	uint64_t	 ts_ns, frame;
	char		 path[64];
	struct geoip	*geoip;		/* of the settings */
};

/* What is known of devices; a test sets it before it opens a kit. */
static struct assets *kit_assets;
static const struct asset_ask *kit_ask;
static const struct zones_settings *kit_zones;
static struct tag_reader *kit_tags;	/* names for values; NULL: none */

static void
kit_finding(void *arg, const struct finding *f)
{
	struct kit *k = arg;

	assert_non_null(f->rule);
	assert_true(f->rule->sid < KIT_SIDS);
	k->hits[f->rule->sid]++;
	k->last = *f;
}

static void
kit_op(void *arg, const struct operation *op)
{
	struct kit *k = arg;

	rules_detector.operation(k->d, op);
}

static void
kit_anomaly(void *arg, const struct anomaly *a)
{
	struct kit *k = arg;

	rules_detector.anomaly(k->d, a);
}

static void
kit_pdu(void *arg, const struct flow_bytes *b)
{
	struct kit *k = arg;

	rules_detector.bytes(k->d, b);
}

static bool
kit_name(enum rule_names list, uint32_t i, struct rule_name *out)
{
	static const char *const apps[] = { "tls", "rdp", "ssh", "http", "enip" };

	if (list == NAMES_APP && i < sizeof(apps) / sizeof(apps[0])) {
		*out = (struct rule_name){ apps[i], apps[i], i, UINT32_MAX };
		return true;
	}
	/* With risks nDPI is there. */
	if (list == NAMES_NDPI_RISK && i == 0) {
		*out = (struct rule_name){ "some_risk", "some_risk", 1, UINT32_MAX };
		return true;
	}
	if (list == NAMES_S7_BLOCK && i < 2) {
		*out = i == 0 ? (struct rule_name){ "OB", "OB", 0x08, UINT32_MAX } : (struct rule_name){ "DB", "DB", 0x0a, UINT32_MAX };
		return true;
	}
	for (unsigned k = 0; dissectors[k] != NULL; k++)
		if (NAMES_FUNCTIONS_OF + dissectors[k]->protocol->proto == list && i < dissectors[k]->n_funcs) {
			const struct func_desc *r = &dissectors[k]->funcs[i];

			*out = (struct rule_name){ r->name, r->word, r->code, r->sub };
			return true;
		}
	return false;
}

static void
kit_write(struct kit *k, const char *rules)
{
	FILE *f = fopen(k->path, "w");

	assert_non_null(f);
	fputs(rules, f);
	fclose(f);
}

static inline void
kit_flow(struct kit *k, uint8_t proto, uint16_t client, uint16_t server)
{
	static const uint8_t a[4] = { 10, 0, 0, 1 }, b[4] = { 10, 0, 0, 2 };

	if (k->flow.dissection != NULL)
		dissect_closed(k->dissect, &k->flow, k->ts_ns);
	memset(k->slots, 0, sizeof(k->slots));
	k->flow = (struct flow){ .slots = k->slots, .id = k->flow.id + 1, .addr = { addr_v4(a), addr_v4(b) },
	    .port = { client, server }, .proto = proto, .ip_v = 4, .state = FLOW_ESTABLISHED };
}

/* Open with these rules and settings; every rule must load. */
static void
kit_open_with(struct kit *k, const char *rules, const struct rules_settings *s)
{
	static const struct rule_lookup names = { .nth = kit_name };
	struct detect_env env = { .settings = &k->set, .sink = { kit_finding, k }, .counters = &k->c,
	    .names = &names, .slots = &k->flow_slots };
	const struct op_sink sink = { kit_op, kit_anomaly, kit_pdu, k };
	int fd;

	*k = (struct kit){ .ts_ns = 1000000000u, .frame = 1 };
	strcpy(k->path, "/tmp/match-XXXXXX");
	fd = mkstemp(k->path);
	assert_true(fd >= 0);
	close(fd);
	kit_write(k, rules);
	k->set.rules = *s;
	if (kit_zones != NULL)
		k->set.zones = *kit_zones;
	k->set.rules.files = k->path;
	k->set.stream.ndpi = true;
	k->set.dissect = (struct dissect_settings){ .max_conversations = 64, .max_pending = 256,
	    .max_pending_flow = 64, .answer_timeout_ms = 10000, .arena_kib = 256 };
	assert_int_equal(arena_open(&k->arena, 256 * 1024), 0);
	env.geoip = k->geoip = geoip_open(s->geoip, s->operators, &k->e);
	env.assets = kit_assets;
	env.ask = kit_ask;
	env.tags = kit_tags;
	k->d = rules_detector.open(&env, &k->e);
	err_print(&k->e, stderr);
	assert_non_null(k->d);
	assert_true(k->flow_slots.size <= sizeof(k->slots));
	assert_int_equal(rules_of(k->d)->n_bad, 0);
	k->dissect = dissect_open(&k->set.dissect, &sink, &k->arena, &k->c);
	assert_non_null(k->dissect);
	kit_flow(k, IP_TCP, 1025, 502);
}

static inline void
kit_open(struct kit *k, const char *rules)
{
	kit_open_with(k, rules, &(struct rules_settings){ 0 });
}

static void
kit_close(struct kit *k)
{
	if (k->flow.dissection != NULL)
		dissect_closed(k->dissect, &k->flow, k->ts_ns);
	dissect_close(k->dissect);
	rules_detector.close(k->d);
	arena_close(&k->arena);
	geoip_close(k->geoip);
	err_free(&k->e);
	unlink(k->path);
}

/* The next frame, `ms` later. */
static inline void
kit_wait(struct kit *k, uint64_t ms)
{
	k->ts_ns += ms * 1000000u;
	k->frame++;
}

/* Bytes of a stream or a datagram through dissectors and rules. */
static inline void
kit_bytes(struct kit *k, enum flow_dir dir, const void *p, uint32_t n)
{
	uint64_t blind = flow_blind_bytes(&k->flow);
	struct flow_bytes b = { .flow = &k->flow, .dir = dir, .p = p, .n = n,
	    .datagram = k->flow.proto == IP_UDP, .ts_ns = k->ts_ns, .frame = k->frame };

	arena_reset(&k->arena);
	k->flow.payload[dir] += n;
	if (k->flow.proto == IP_UDP)
		dissect_datagram(k->dissect, &k->flow, dir, p, n, false, k->ts_ns, k->frame, 0);
	else
		dissect_data(k->dissect, &k->flow, dir, p, n, k->ts_ns, k->frame, 0);
	if (k->flow.protocol == NULL || flow_blind_bytes(&k->flow) != blind)
		rules_detector.bytes(k->d, &b);
	kit_wait(k, 1);
}

static inline void
kit_packet(struct kit *k, enum flow_dir dir, struct packet p)
{
	p.ip_v = 4;
	p.ts_ns = k->ts_ns;
	p.frame = k->frame;
	p.proto = p.proto != 0 ? p.proto : k->flow.proto;
	p.src = k->flow.addr[dir];
	p.dst = k->flow.addr[dir ^ 1];
	p.sport = k->flow.port[dir];
	p.dport = k->flow.port[dir ^ 1];
	k->flow.packets[dir]++;
	rules_detector.packet(k->d, &p, &k->flow, dir);
}

#endif
