#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "output/output.h"
#include "output/format.h"
#include "output/transport.h"
#include "output/types.h"
#include "record/modbus.h"
#include "record/packet.h"

static char dir[64];
static char text[1 << 20];
static struct counters counters;

static const char *
community(void *arg, struct flow *f)
{
	(void)arg;
	snprintf(f->community_id, sizeof(f->community_id), "1:%s", "abc=");
	return f->community_id;
}

static const char *
source(void *arg, uint16_t n)
{
	(void)arg;
	return n == 0 ? "first" : "second";
}

static const char *
risk(unsigned bit)
{
	return bit == 3 ? "clear-text" : NULL;
}

static struct output_env env = { .source_name = source, .community_id = community,
	.risk_name = risk };

static struct output_settings
settings(void)
{
	return (struct output_settings){ .eve = true, .eve_file = "eve.json",
		.eve_types = "all", .log_dir = dir, .anomaly_limit = 3, .community_id = true };
}

static struct output *
open_with(const struct output_settings *s)
{
	struct err e = { 0 };
	struct output *o;

	memset(&counters, 0, sizeof(counters));
	o = output_open(s, &env, &counters, &e);
	err_print(&e, stderr);
	assert_non_null(o);
	err_free(&e);
	return o;
}

/* The whole of a file in the test's directory. */
static const char *
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

static void
drop_file(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
}

static struct flow
a_flow(void)
{
	return (struct flow){
		.id = 77, .addr = { addr_v4((const uint8_t[]){ 10, 0, 0, 1 }),
		    addr_v4((const uint8_t[]){ 10, 0, 0, 2 }) },
		.port = { 40000, 502 }, .proto = IP_TCP, .ip_v = 4, .n_vlan = 1, .vlan = { 100 },
		.state = FLOW_CLOSED, .role_source = ROLE_CONTENT, .tcp_flags = { 0x1b, 0x13 },
		.first_ns = 1493388721000000000u, .last_ns = 1493388723500000000u,
		.packets = { 6, 5 }, .bytes = { 400, 500 }, .gaps = { 0, 1 }, .lost = { 0, 60 },
		.ot_proto = "modbus", .transactions = 2, .app_risks = 1u << 3,
	};
}

static struct modbus_message
a_message(void)
{
	return (struct modbus_message){ .present = true, .transaction_id = 1, .unit_id = 4,
		.function_raw = 3, .function_code = "RdHoldRegs", .access_type = "READ | HOLDING",
		.category = "PUBLIC_ASSIGNED", .has_read = true };
}

static struct modbus_detail detail;
static struct op_item item;

/* A read of three registers, answered. */
static struct operation
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
		.request = { true, 1493388721715496000u, 4, 5 },
		.response = { true, 1493388721716497000u, 5, 8 }, .latency_ns = 1001000,
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
	"\"ot\":{\"v\":1,\"protocol\":\"modbus\",\"framing\":\"tcp\",\"intent\":\"read\"," \
	"\"function\":3,\"name\":\"Read Holding Registers\",\"unit\":4,\"outcome\":\"answered\"," \
	"\"latency_ns\":1001000," \
	"\"request\":{\"frame\":4,\"time\":\"2017-04-28T14:12:01.715496+0000\",\"len\":5}," \
	"\"response\":{\"frame\":5,\"time\":\"2017-04-28T14:12:01.716497+0000\",\"len\":8}," ENDS \
	",\"items\":[{\"space\":\"holding\",\"first\":107,\"count\":3,\"written\":false," \
	"\"values\":[555,1,100]}]}}\n"

static void
test_read(void **state)
{
	struct output_settings s = settings();
	struct output *o = open_with(&s);
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	output_operation(o, &op);
	op.phase = OP_REQUESTED;	/* not a record of its own */
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), READ_LINE);
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 1);
	drop_file("eve.json");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
	};

	snprintf(dir, sizeof(dir), "/tmp/test_output.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 99;
	int rc = cmocka_run_group_tests(tests, NULL, NULL);

	(void)rmdir(dir);
	return rc;
}
