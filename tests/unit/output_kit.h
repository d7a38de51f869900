/* output_kit.h - records go in, and lines of a file in a folder of the test's own come out.
 * Brings cmocka along. */
#ifndef TESTS_OUTPUT_KIT_H
#define TESTS_OUTPUT_KIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "output/output.h"
#include "record/modbus.h"

static char dir[64];
static char text[4 << 20];
static struct counters counters;

static inline const char *
community(void *arg, const struct flow *f)
{
	(void)arg, (void)f;
	return "1:abc=";
}

static inline const char *
source(void *arg, uint16_t n)
{
	(void)arg;
	return n == 0 ? "first" : "second";
}

static inline const char *
risk(unsigned bit)
{
	return bit == 3 ? "clear-text" : NULL;
}

static struct output_env env = { .source_name = source, .community_id = community,
	.risk_name = risk };

static inline struct output_settings
settings(void)
{
	return (struct output_settings){ .eve = true, .eve_file = "eve.json",
		.eve_types = "all", .log_dir = dir, .anomaly_limit = 3, .community_id = true };
}

static inline struct output *
open_with(const struct output_settings *s)
{
	struct err e = { 0 };
	struct output *o;

	memset(&counters, 0, sizeof(counters));
	o = output_open(s, &env, &counters, &e);
	err_print(&e, stderr);
	assert_non_null(o);
	assert_true(output_start(o, &e));
	err_free(&e);
	return o;
}

/* The whole of a file in the test's directory. */
static inline const char *
read_file(const char *name)
{
	char path[128];
	FILE *f;
	size_t n;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "r");
	assert_non_null(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	return text;
}

static inline void
drop_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
}

static inline unsigned
count_of(const char *what)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static inline struct flow
a_flow(void)
{
	return (struct flow){
		.id = 77, .addr = { addr_v4((const uint8_t[]){ 10, 0, 0, 1 }),
		    addr_v4((const uint8_t[]){ 10, 0, 0, 2 }) },
		.port = { 40000, 502 }, .proto = IP_TCP, .ip_v = 4, .n_vlan = 1, .vlan = { 100 },
		.state = FLOW_CLOSED, .role_source = ROLE_CONTENT, .tcp_flags = { 0x1b, 0x13 },
		.first_ns = 1493388721000000000u, .last_ns = 1493388723500000000u,
		.packets = { 6, 5 }, .bytes = { 400, 500 }, .gaps = { 0, 1 }, .lost = { 0, 60 },
		.protocol = protocols[OP_MODBUS], .transactions = 2, .app_risks = 1u << 3,
	};
}

static inline struct modbus_message
a_message(void)
{
	return (struct modbus_message){ .present = true, .transaction_id = 1, .unit_id = 4,
		.function_raw = 3, .function_code = "RdHoldRegs", .access = MODBUS_READ | MODBUS_HOLDING,
		.category = MODBUS_ASSIGNED, .has_read = true };
}

static struct modbus_detail detail;
static struct op_item item;

/* A read of three registers, answered. */
static inline struct operation
a_read(struct flow *f)
{
	detail = (struct modbus_detail){ .request = a_message(), .response = a_message() };
	detail.request.read.has_range = true;
	detail.request.read.address = 107;
	detail.request.read.quantity = 3;
	detail.response.read.data = (struct modbus_bytes){
		(const uint8_t *)"\x02\x2b\x00\x01\x00\x64", 6 };
	item = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
		.first = 107, .count = 3, .n_values = 3, .raw = detail.response.read.data.p };
	return (struct operation){
		.id = 1, .flow = f, .phase = OP_FINISHED, .proto = OP_MODBUS,
		.request = { .seen = true, .ts_ns = 1493388721715496000u, .frame = 4, .len = 5 },
		.response = { .seen = true, .ts_ns = 1493388721716497000u, .frame = 5, .len = 8 },
		.latency_ns = 1001000,
		.unit = 4, .function = 3, .transaction = 1, .name = "Read Holding Registers",
		.intent = INTENT_READ, .outcome = OUTCOME_ANSWERED,
		.items = &item, .n_items = 1, .detail = &detail,
	};
}

#define HEAD_TO(frame, type, ts) \
	"{\"timestamp\":\"2017-04-28T14:12:01." ts "+0000\",\"flow_id\":77,\"pcap_cnt\":" frame "," \
	"\"event_type\":\"" type "\",\"vlan\":[100],\"src_ip\":\"10.0.0.1\",\"src_port\":40000," \
	"\"dest_ip\":\"10.0.0.2\",\"dest_port\":502,\"proto\":\"TCP\",\"ip_v\":4," \
	"\"pkt_src\":\"wire/pcap\",\"community_id\":\"1:abc=\","
#define ENDS "\"client\":{\"ip\":\"10.0.0.1\",\"port\":40000}," \
	"\"server\":{\"ip\":\"10.0.0.2\",\"port\":502},\"role\":\"content\""
#define MESSAGE "{\"transaction_id\":1,\"protocol_id\":0,\"unit_id\":4,\"function_raw\":3," \
	"\"function_code\":\"RdHoldRegs\",\"access_type\":\"READ | HOLDING\"," \
	"\"category\":\"PUBLIC_ASSIGNED\",\"error_flags\":\"NONE\","

#define READ_LINE HEAD_TO("5", "modbus", "716497") "\"tx_id\":0,\"modbus\":{\"id\":1,\"request\":" \
	MESSAGE "\"read\":{\"address\":107,\"quantity\":3}},\"response\":" MESSAGE \
	"\"read\":{\"data\":\"\\u0002+\\u0000\\u0001\\u0000d\"}}}," \
	"\"ot\":{\"v\":2,\"protocol\":\"modbus\",\"framing\":\"tcp\",\"intent\":\"read\"," \
	"\"function\":3,\"name\":\"Read Holding Registers\",\"unit\":4,\"outcome\":\"answered\"," \
	"\"latency_ns\":1001000," \
	"\"request\":{\"frame\":4,\"time\":\"2017-04-28T14:12:01.715496+0000\",\"len\":5}," \
	"\"response\":{\"frame\":5,\"time\":\"2017-04-28T14:12:01.716497+0000\",\"len\":8}," ENDS \
	",\"items\":[{\"space\":\"holding\",\"first\":107,\"count\":3,\"written\":false," \
	"\"values\":[555,1,100]}]}}\n"

/* Everything an operation can carry, with the wire's worst texts. */
static inline struct operation
a_rich(struct flow *f)
{
	static const uint8_t bits[] = { 0x05, 0x02 };
	static struct op_value typed[4];
	static struct op_item items[3];
	static struct op_param params[5];
	static struct op_fact facts[4];
	struct operation op = a_read(f);

	typed[0] = (struct op_value){ .kind = VALUE_REAL, .index = 0, .r = 1.5 };
	typed[1] = (struct op_value){ .kind = VALUE_INT, .index = 9, .i = -3, .flags = 0x81,
	    .has_flags = true, .has_time = true, .time_ms = 1493388721715u };
	typed[2] = (struct op_value){ .kind = VALUE_NONE, .index = 2 };
	typed[3] = (struct op_value){ .kind = VALUE_BYTES, .index = 3,
	    .bytes = (const uint8_t *)"\"\x00\xfe", .len = 3 };
	items[0] = (struct op_item){ .space = SPACE_COIL, .form = FORM_BITS_LSB, .ranged = true,
	    .first = 1, .count = 10, .n_values = 10, .written = true, .raw = bits };
	items[1] = (struct op_item){ .space = SPACE_OBJECT, .form = FORM_TYPED, .ranged = true,
	    .number = 30 << 8 | 5, .count = 4, .n_values = 4, .status = 255, .typed = typed };
	items[2] = (struct op_item){ .space = SPACE_FILE, .number = 4 };
	params[0] = (struct op_param){ "sub_data", { .kind = VALUE_UINT, .u = 5 }, false };
	params[1] = (struct op_param){ "group", { .kind = VALUE_UINT, .u = 1 }, true };
	params[2] = (struct op_param){ "more", { .kind = VALUE_BIT, .u = 1 }, true };
	params[3] = (struct op_param){ "group", { .kind = VALUE_UINT, .u = 2 }, true };
	params[4] = (struct op_param){ "clock", { .kind = VALUE_TIME, .u = 1493388721715u }, true };
	facts[0] = (struct op_fact){ .key = FACT_VENDOR, .number = 0, .len = 4, .bytes = (const uint8_t *)"A\"B\n" };
	facts[1] = (struct op_fact){ .key = FACT_OTHER, .number = 128, .len = 2, .bytes = (const uint8_t *)"\xff\x01" };
	facts[2] = (struct op_fact){ .key = FACT_OTHER, .number = 129, .len = 1, .bytes = (const uint8_t *)"x" };
	facts[3] = (struct op_fact){ .key = FACT_OTHER, .number = 129, .len = 1, .bytes = (const uint8_t *)"y" };
	op.items = items;
	op.n_items = 3;
	op.params = params;
	op.n_params = 5;
	op.facts = facts;
	op.n_facts = 4;
	op.has_subfunction = true;
	op.subfunction = 14;
	op.subname = "Read Device Identification";
	return op;
}

static inline struct anomaly
an_anomaly(struct flow *f)
{
	return (struct anomaly){ .id = ANOM_MB_LENGTH, .ts_ns = 1493388721715496000u, .frame = 9,
		.offset = 4, .operation = 3, .flow = f, .from_end = 1, .detail = "count is odd" };
}

/* The tests of `list`, in a folder that is gone afterwards; what main() returns. */
#define OUTPUT_RUN(list) \
	(snprintf(dir, sizeof(dir), "/tmp/test_output.XXXXXX"), mkdtemp(dir) == NULL ? 99 : \
	    output_leave(cmocka_run_group_tests(list, NULL, NULL)))

static inline int
output_leave(int rc)
{
	(void)rmdir(dir);
	return rc;
}

#endif
