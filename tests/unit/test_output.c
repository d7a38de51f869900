#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/log.h"
#include "base/str.h"
#include "output/output.h"
#include "output/format.h"
#include "output/transport.h"
#include "output/types.h"
#include "record/alert.h"
#include "record/alert_type.h"
#include "record/modbus.h"
#include "record/packet.h"

static char dir[64];
static char text[4 << 20];
static struct counters counters;

static const char *
community(void *arg, const struct flow *f)
{
	(void)arg, (void)f;
	return "1:abc=";
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
	assert_true(output_start(o, &e));
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
		.protocol = protocols[OP_MODBUS], .transactions = 2, .app_risks = 1u << 3,
	};
}

static struct modbus_message
a_message(void)
{
	return (struct modbus_message){ .present = true, .transaction_id = 1, .unit_id = 4,
		.function_raw = 3, .function_code = "RdHoldRegs", .access = MODBUS_READ | MODBUS_HOLDING,
		.category = MODBUS_ASSIGNED, .has_read = true };
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

/* ---- other records ---- */

static void
test_exception_and_unanswered(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	const char *line;

	(void)state;
	op.outcome = OUTCOME_EXCEPTION;
	op.exception = 2;
	op.exception_name = "Illegal Data Address";
	detail.response.has_read = false;
	detail.response.has_exception = true;
	detail.response.function_raw = 0x83;
	detail.response.exception.raw = 2;
	detail.response.exception.code = "IllegalDataAddr";
	detail.response.error_flags = MODBUS_ERR_DATA_VALUE | MODBUS_ERR_DATA_LENGTH;
	op.n_items = 0;
	op.anomalies[0] = (struct op_anomaly){ ANOM_MB_LENGTH, 3, true };
	op.n_anomalies = OP_ANOMALIES + 2;
	for (unsigned i = 1; i < OP_ANOMALIES; i++)
		op.anomalies[i] = op.anomalies[0];
	output_operation(o, &op);
	op = a_read(&f);
	op.outcome = OUTCOME_UNANSWERED;
	op.response = (struct op_side){ 0 };
	detail.response.present = false;
	op.broadcast = true;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	line = read_file("eve.json");
	assert_non_null(strstr(line, "\"error_flags\":\"DATA_VALUE | DATA_LENGTH\","
	    "\"exception\":{\"raw\":2,\"code\":\"IllegalDataAddr\"}}}"));
	assert_non_null(strstr(line, "\"outcome\":\"exception\",\"exception\":"
	    "{\"code\":2,\"name\":\"Illegal Data Address\"},\"latency_ns\":1001000"));
	assert_non_null(strstr(line, "{\"id\":\"invalid_length\",\"offset\":3,"
	    "\"in\":\"response\"}],\"anomalies_more\":2}}\n"));
	line = strchr(line, '\n') + 1;
	assert_non_null(strstr(line, "\"timestamp\":\"2017-04-28T14:12:01.715496+0000\""));
	assert_non_null(strstr(line, "\"pcap_cnt\":4,"));
	assert_non_null(strstr(line, "\"unit\":4,\"broadcast\":true,\"outcome\":\"unanswered\","
	    "\"request\""));
	assert_null(strstr(line, "\"response\""));
	assert_null(strstr(line, "latency"));
	drop_file("eve.json");
}

/* Everything an operation can carry, with the wire's worst texts. */
static struct operation
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

static void
test_rich(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_rich(&f);
	struct output *o = open_with(&s);
	const char *line;

	(void)state;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	line = read_file("eve.json");
	assert_non_null(strstr(line, "\"subfunction\":14,\"subname\":\"Read Device Identification\""));
	assert_non_null(strstr(line, "\"len\":5,\"fields\":[{\"name\":\"sub_data\",\"value\":5}]},"
	    "\"response\":{"));
	assert_non_null(strstr(line, "\"len\":8,\"fields\":[{\"name\":\"group\",\"value\":1},"
	    "{\"name\":\"more\",\"value\":1},{\"name\":\"group\",\"value\":2},"
	    "{\"name\":\"clock\",\"time\":\"2017-04-28T14:12:01.715000+0000\"}]}"));
	assert_non_null(strstr(line, "\"items\":[{\"space\":\"coil\",\"first\":1,\"count\":10,"
	    "\"written\":true,\"values\":[1,0,1,0,0,0,0,0,0,1]},"
	    "{\"space\":\"object\",\"number\":7685,\"object\":\"g30v5\",\"first\":0,\"count\":4,"
	    "\"written\":false,\"status\":255,\"points\":[{\"index\":0,\"value\":1.5},"
	    "{\"index\":9,\"value\":-3,\"flags\":129,\"time\":\"2017-04-28T14:12:01.715000+0000\"},"
	    "{\"index\":2},{\"index\":3,\"bytes\":\"2200fe\"}]},"
	    "{\"space\":\"file\",\"number\":4,\"written\":false}]"));
	assert_non_null(strstr(line, "\"identity\":[{\"name\":\"vendor\",\"text\":\"A\\\"B\\n\"},"
	    "{\"name\":\"object_128\",\"text\":\"\\\\xff\\u0001\"},"
	    "{\"name\":\"object_129\",\"text\":\"x\"},{\"name\":\"object_129\",\"text\":\"y\"}]"));
	drop_file("eve.json");
}

/* Values under the name of what they are, with one type for each name. */
static void
check_item(const struct op_item *it, const char *want)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	const char *at;

	item = *it;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	at = strstr(read_file("eve.json"), "\"written\":false");
	assert_non_null(at);
	at += strlen("\"written\":false");
	if (strncmp(at, want, strlen(want)) != 0)
		fail_msg("%s\nwanted, came\n%s", want, at);
	assert_int_equal(at[strlen(want)], '}');
	drop_file("eve.json");
}

static void
test_values(void **state)
{
	static const uint8_t singles[] = { 0x40, 0x93, 0x33, 0x33, 0x7f, 0xc0, 0, 0, 0x7f, 0x80, 0, 0,
	    0xff, 0x80, 0, 0, 0x80, 0, 0, 0, 0x00, 0, 0, 1 };
	static const struct op_value mixed[] = {
		{ .kind = VALUE_UINT, .index = 10, .u = 7, .wide = true },
		{ .kind = VALUE_UINT, .index = 11, .u = UINT64_MAX, .wide = true },
		{ .kind = VALUE_UINT, .index = 12, .u = UINT64_C(1) << 63 },
		{ .kind = VALUE_INT, .index = 13, .i = INT64_MIN },
		{ .kind = VALUE_REAL, .index = 14, .r = 0.1 },
		{ .kind = VALUE_BYTES, .index = 15, .bytes = (const uint8_t *)"p\xc3\xbcmp", .len = 5 },
		{ .kind = VALUE_BYTES, .index = 16, .bytes = (const uint8_t *)"p\xfcmp", .len = 4 },
		{ .kind = VALUE_BYTES, .index = 17, .bytes = (const uint8_t *)"p\xfcmp", .len = 4, .text = true },
		{ .kind = VALUE_TIME, .index = 18, .u = 253402300799999u },
		{ .kind = VALUE_TIME, .index = 19, .u = 253402300800000u },
		{ .kind = VALUE_NONE, .index = 20 },
		{ .kind = VALUE_BIT, .index = 21, .u = 1 },
	};
	static const struct op_value timed[] = {
		{ .kind = VALUE_REAL, .index = 3, .r = (double)4.6f, .single = true, .has_flags = true,
		  .flags = 1, .has_time = true, .time_ms = 1 },
		{ .kind = VALUE_TIME, .index = 9, .u = 2 },
	};

	(void)state;
	check_item(&(struct op_item){ .space = SPACE_HOLDING, .form = FORM_F32_BE, .n_values = 6, .raw = singles },
	    ",\"values\":[4.6,null,null,null,-0,1e-45],\"texts\":[null,\"NaN\",\"Infinity\",\"-Infinity\",null,null]");
	check_item(&(struct op_item){ .space = SPACE_HOLDING, .form = FORM_F32_BE, .n_values = 1, .raw = singles },
	    ",\"values\":[4.6]");
	check_item(&(struct op_item){ .space = SPACE_S7_DB, .number = 10, .form = FORM_TYPED, .ranged = true,
	    .first = 10, .count = 12, .n_values = 12, .typed = mixed },
	    ",\"values\":[7,null,null,-9223372036854775808,0.1,null,null,null,null,null,null,1],"
	    "\"texts\":[\"7\",\"18446744073709551615\",\"9223372036854775808\",null,null,\"p\xc3\xbcmp\",null,"
	    "\"p\\\\xfcmp\",null,null,null,null],"
	    "\"bytes\":[null,null,null,null,null,null,\"70fc6d70\",null,null,null,null,null],"
	    "\"times\":[null,null,null,null,null,null,null,null,\"9999-12-31T23:59:59.999000+0000\","
	    "\"253402300800000\",null,null]");
	check_item(&(struct op_item){ .space = SPACE_OBJECT, .number = 32 << 8 | 7, .form = FORM_TYPED,
	    .n_values = 2, .typed = timed },
	    ",\"points\":[{\"index\":3,\"value\":4.6,\"flags\":1,\"time\":\"1970-01-01T00:00:00.001000+0000\"},"
	    "{\"index\":9,\"time\":\"1970-01-01T00:00:00.002000+0000\"}]");
}

/* What is longer than receivers take is shortened, says so, and never lost. */
static void
test_long_alert(void **state)
{
	enum { ITEMS = 600, OCTETS = 60000 };
	static struct op_item items[ITEMS];
	static struct op_value texts[1];
	static uint8_t octets[OCTETS];
	static struct op_param params[400];
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct finding finding = { .type = ALERT_CTRL_STOP, .src = f.addr[0], .dst = f.addr[1],
	    .sport = f.port[0], .dport = f.port[1], .proto = IP_TCP, .flow = &f, .op = &op, .tx = 1 };
	struct alert a = { .id = 1, .uid = "00", .ts_ns = f.last_ns, .finding = &finding,
	    .type = alert_type_row(ALERT_CTRL_STOP), .severity = 1, .count = 1, .signature = "s",
	    .sentence = "t" };
	struct output *o;

	(void)state;
	memset(octets, 0xc3, sizeof(octets));
	for (unsigned i = 0; i < ITEMS; i++)
		items[i] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
		    .count = 100, .n_values = 100, .raw = octets };
	texts[0] = (struct op_value){ .kind = VALUE_BYTES, .len = OCTETS, .bytes = octets, .text = true };
	for (unsigned i = 0; i < 400; i++)
		params[i] = (struct op_param){ "p", texts[0], i % 2 != 0 };
	for (int round = 0; round < 5; round++) {
		op = a_read(&f);
		if (round > 0) {
			op.items = items;
			op.n_items = round == 1 ? 300 : 1;
		}
		if (round == 2) {
			items[0].n_values = 20000;
			items[0].count = 20000;
		} else if (round == 3) {
			items[0].form = FORM_TYPED;
			items[0].n_values = 1;
			items[0].typed = texts;
		} else if (round == 4) {
			op.params = params;
			op.n_params = 400;
		}
		o = open_with(&s);
		output_alert(o, &a);
		assert_int_equal(output_close(o), 0);
		read_file("eve.json");
		assert_true(strlen(text) <= 32768);
		assert_non_null(strstr(text, "\"operation\":{\"v\":2,\"protocol\":\"modbus\""));
		assert_int_equal(strstr(text, "\"shortened\":true}}\n") != NULL, round > 0);
		drop_file("eve.json");
	}
}

/* The largest answers: 2,000 coils and 125 registers, and far more. */
static void
test_large(void **state)
{
	static const uint8_t zeros[40000];
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	size_t values = 0;

	(void)state;
	item.form = FORM_BITS_LSB;
	item.raw = zeros;
	item.count = item.n_values = 320000;
	output_operation(o, &op);	/* longer than any line: counted, not cut */
	assert_int_equal(counters.v[CNT_OUT_LOST], 1);
	item.count = item.n_values = 65536;
	output_operation(o, &op);
	assert_int_equal(output_close(o), -1);
	for (const char *p = strstr(read_file("eve.json"), "\"values\":["); *p != ']'; p++)
		values += *p == '0';
	assert_int_equal(values, 65536);
	assert_string_equal(text + strlen(text) - 5, "}]}}\n");
	assert_int_equal(counters.v[CNT_OUT_RECORDS], 1);
	drop_file("eve.json");
}

static struct anomaly
an_anomaly(struct flow *f)
{
	return (struct anomaly){ .id = ANOM_MB_LENGTH, .ts_ns = 1493388721715496000u, .frame = 9,
		.offset = 4, .operation = 3, .flow = f, .from_end = 1, .detail = "count is odd" };
}

static unsigned
count_of(const char *what)
{
	unsigned n = 0;

	for (const char *p = text; (p = strstr(p, what)) != NULL; p++)
		n++;
	return n;
}

static void
test_anomalies(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow(), other = a_flow();
	struct anomaly a = an_anomaly(&f);
	struct packet p = { .src = f.addr[0], .dst = f.addr[1], .sport = 1, .dport = 2,
	    .ip_v = 4, .proto = IP_UDP };
	struct output *o = open_with(&s);

	(void)state;
	other.id = 78;
	for (int i = 0; i < 10; i++)
		output_anomaly(o, &a);
	a.flow = &other;
	output_anomaly(o, &a);
	output_flow(o, &f, FLOW_END_CLOSED);
	/* below the flow: three a minute */
	a = (struct anomaly){ .id = ANOM_DEC_IP_LEN, .ts_ns = 1493388721715496000u, .frame = 10,
	    .packet = &p };
	for (int i = 0; i < 10; i++)
		output_anomaly(o, &a);
	a.ts_ns += 60000000000u;
	output_anomaly(o, &a);
	a = (struct anomaly){ .id = ANOM_DEC_SHORT, .ts_ns = 1493388721715496000u, .frame = 10 };
	output_anomaly(o, &a);
	assert_int_equal(output_close(o), 0);
	assert_int_equal(counters.v[CNT_OUT_LIMITED], 14);
	read_file("eve.json");
	assert_int_equal(count_of("\"event_type\":\"anomaly\""), 3 + 1 + 3 + 1 + 1);
	assert_non_null(strstr(text, "\"event_type\":\"anomaly\",\"vlan\":[100],"
	    "\"src_ip\":\"10.0.0.2\",\"src_port\":502,\"dest_ip\":\"10.0.0.1\",\"dest_port\":40000,"
	    "\"proto\":\"TCP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\",\"community_id\":\"1:abc=\","
	    "\"tx_id\":2,\"anomaly\":{\"app_proto\":\"modbus\",\"type\":\"applayer\","
	    "\"event\":\"invalid_length\",\"layer\":\"proto_parser\"},\"ot\":{\"v\":2,\"what\":"));
	assert_non_null(strstr(text, "\"offset\":4,\"detail\":\"count is odd\"}}\n"));
	assert_non_null(strstr(text, "\"anomalies\":[{\"id\":\"invalid_length\",\"count\":10}]"));
	assert_non_null(strstr(text, "\"src_ip\":\"10.0.0.1\",\"src_port\":1,\"dest_ip\":\"10.0.0.2\","
	    "\"dest_port\":2,\"proto\":\"UDP\",\"ip_v\":4,\"pkt_src\":\"wire/pcap\","
	    "\"anomaly\":{\"type\":\"decode\",\"event\":\"ip_length\"}"));
	assert_non_null(strstr(text, "\"held_back\":7"));
	assert_non_null(strstr(text, "\"event_type\":\"anomaly\",\"pkt_src\":\"wire/pcap\","
	    "\"anomaly\":{\"type\":\"decode\",\"event\":\"truncated_header\"}"));
	drop_file("eve.json");
}

/* More flows than the table knows: the oldest give way, the rest still count. */
static void
test_limit_ceiling(void **state)
{
	struct output_settings s = settings();
	struct output *o;
	struct flow f = a_flow();
	struct anomaly a = an_anomaly(&f);

	(void)state;
	s.eve_file = "/dev/null";
	o = open_with(&s);
	for (uint64_t id = 1; id <= 40000; id++) {
		f.id = id;
		for (int i = 0; i < 4; i++)
			output_anomaly(o, &a);
	}
	assert_int_equal(counters.v[CNT_OUT_LIMITED], 40000);
	assert_true(counters.v[CNT_OUT_LIMIT_EVICTED] >= 40000 - 16384);
	assert_int_equal(output_close(o), 0);
}

static void
test_flow(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct output *o = open_with(&s);

	(void)state;
	output_flow(o, &f, FLOW_END_SHUTDOWN);
	f.id = 78;
	f.proto = IP_ICMP;
	f.port[0] = 8;
	f.port[1] = 0;
	f.protocol = NULL;
	f.transactions = 0;
	f.packets[1] = 0;
	output_flow(o, &f, FLOW_END_TIMEOUT);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_memory_equal(text, "{\"timestamp\":\"2017-04-28T14:12:03.500000+0000\",\"flow_id\":77,"
	    "\"event_type\":\"flow\",\"vlan\":[100],\"src_ip\":\"10.0.0.1\",\"src_port\":40000,"
	    "\"dest_ip\":\"10.0.0.2\",\"dest_port\":502,\"proto\":\"TCP\",\"ip_v\":4,"
	    "\"community_id\":\"1:abc=\",\"app_proto\":\"modbus\",\"flow\":{\"pkts_toserver\":6,"
	    "\"pkts_toclient\":5,\"bytes_toserver\":400,\"bytes_toclient\":500,"
	    "\"start\":\"2017-04-28T14:12:01.000000+0000\",\"end\":\"2017-04-28T14:12:03.500000+0000\","
	    "\"age\":2,\"state\":\"closed\",\"reason\":\"shutdown\",\"alerted\":false,\"tx_cnt\":2},"
	    "\"tcp\":{\"tcp_flags\":\"1b\",\"tcp_flags_ts\":\"1b\",\"tcp_flags_tc\":\"13\",\"syn\":true,"
	    "\"fin\":true,\"psh\":true,\"ack\":true,\"state\":\"closed\",\"tc_gap\":true},"
	    "\"ot\":{\"v\":2,\"client_role\":\"content\",\"end\":\"shutdown\",\"midstream\":false,"
	    "\"one_sided\":false,\"gaps_toclient\":1,\"lost_toclient\":60,\"risks\":[\"clear-text\"]}}\n",
	    500);
	assert_non_null(strstr(text, "\"proto\":\"ICMP\",\"ip_v\":4,\"icmp_type\":8,\"icmp_code\":0,"));
	assert_non_null(strstr(text, "\"app_proto\":\"failed\""));
	assert_non_null(strstr(text, "\"one_sided\":true"));
	drop_file("eve.json");
}

/* When content tells who the client is, the cached ends follow. */
static void
test_roles_turn(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);

	(void)state;
	output_operation(o, &op);
	f.client_end = 1;
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_non_null(strstr(strchr(text, '\n'), "\"src_ip\":\"10.0.0.2\",\"src_port\":502"));
	assert_non_null(strstr(strchr(text, '\n'), "\"client\":{\"ip\":\"10.0.0.2\",\"port\":502}"));
	drop_file("eve.json");
}

static void
test_head_extras(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o;

	(void)state;
	s.sensor = "north \"1\"";
	s.ether = true;
	s.community_id = false;
	f.mac_known[0] = f.mac_known[1] = true;
	f.mac[0][5] = 0xab;
	env.many_files = true;
	o = open_with(&s);
	output_operation(o, &op);
	op.response.frame = frame_number(1, 3);		/* answered in the next file */
	output_operation(o, &op);
	op.response.frame = 5;
	(void)output_close(o);
	env.many_files = false;
	env.live = true;
	o = open_with(&s);
	f.source = 1;
	output_operation(o, &op);
	(void)output_close(o);
	env.live = false;
	read_file("eve.json");
	assert_non_null(strstr(text, "\"pkt_src\":\"wire/pcap\",\"pcap_filename\":\"first\","
	    "\"host\":\"north \\\"1\\\"\",\"ether\":{\"dest_mac\":\"00:00:00:00:00:00\","
	    "\"src_mac\":\"00:00:00:00:00:ab\"},\"tx_id\":0"));
	assert_non_null(strstr(text, "\"flow_id\":77,\"in_iface\":\"second\",\"pcap_cnt\":5"));
	assert_non_null(strstr(text, "\"pcap_cnt\":3,\"event_type\""));
	assert_non_null(strstr(text, "\"pcap_filename\":\"second\""));
	assert_non_null(strstr(text, "\"file\":\"first\""));
	assert_null(strstr(strstr(text, "in_iface"), "pcap_filename"));
	drop_file("eve.json");
}

/* ---- stats and visibility ---- */

/* Rows of one object stand together, or the record has a name twice. */
static void
test_counter_rows_stand_together(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		const char *p = counter_row(i)->path;

		for (const char *dot = strchr(p, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
			size_t n = (size_t)(dot - p) + 1;
			bool left = false;

			for (unsigned k = i + 1; k < CNT_COUNT; k++) {
				bool in = strncmp(counter_row(k)->path, p, n) == 0;

				if (in && left)
					fail_msg("counters.def: %s stands apart from %s",
					    counter_row(k)->path, p);
				left = left || !in;
			}
		}
	}
}

static void
test_stats(void **state)
{
	struct output_settings s = settings();
	struct output *o = open_with(&s);
	struct counters c = { 0 };

	(void)state;
	c.v[CNT_DEC_PACKETS] = 12345;
	output_stats(o, &c, 1493388721000000000u, 10, false);
	c.v[CNT_CAP_DROPS] = 1;
	c.v[CNT_TCP_GAPS] = 3;
	c.v[CNT_TCP_GAP_BYTES] = 4380;
	output_stats(o, &c, 1493388731000000000u, 20, false);
	output_stats(o, &c, 1493388741000000000u, 30, false);	/* nothing moved */
	output_stats(o, &c, 1493388751000000000u, 40, true);
	assert_int_equal(output_close(o), 0);
	read_file("eve.json");
	assert_memory_equal(text, "{\"timestamp\":\"2017-04-28T14:12:01.000000+0000\","
	    "\"event_type\":\"stats\",\"stats\":{\"uptime\":10,\"capture\":{\"kernel_packets\":0,"
	    "\"kernel_drops\":0,", 120);
	assert_non_null(strstr(text, "\"defrag\":{\"ipv4\":{\"fragments\":0,\"reassembled\":0"));
	assert_int_equal(count_of("\"event_type\":\"stats\""), 4);
	assert_int_equal(count_of("\"event_type\":\"visibility\""), 2);
	assert_non_null(strstr(text, "\"since\":\"2017-04-28T14:11:51.000000+0000\","
	    "\"until\":\"2017-04-28T14:12:11.000000+0000\",\"last\":false,"
	    "\"blind\":{\"capture.kernel_drops\":1,\"tcp.reassembly_gap\":3,\"tcp.gap_bytes\":4380},"));
	assert_non_null(strstr(text, "\"sentence\":\"The sensor saw 12,345 packets, but not everything: "
	    "1 packet was dropped by the kernel; 3 gaps in TCP sessions (4,380 bytes).\","
	    "\"advice\":[\"Give the sensor"));
	assert_non_null(strstr(text, "\"last\":true"));
	drop_file("eve.json");
}

static void
test_nothing_missed(void **state)
{
	struct counters c = { 0 };
	char buf[12288];
	struct strbuf s = strbuf_on(buf, sizeof(buf));

	(void)state;
	c.v[CNT_DEC_PACKETS] = 1000;
	visibility_sentence(&c, &s);
	assert_string_equal(buf, "The sensor saw 1,000 packets and missed nothing.");
	assert_false(visibility_blind(&(struct counters){ { 0 } }, &c));
	c.v[CNT_DEC_DUPLICATES] = 1;
	s = strbuf_on(buf, sizeof(buf));
	visibility_sentence(&c, &s);
	assert_string_equal(buf, "The sensor saw 1,000 packets and missed nothing; "
	    "1 frame came twice and was counted once.");
	/* every row at once: the longest sentence fits */
	for (unsigned i = 0; i < CNT_COUNT; i++)
		c.v[i] = UINT64_MAX;
	s = strbuf_on(buf, sizeof(buf));
	visibility_sentence(&c, &s);
	assert_false(s.cut);
}

/* ---- types ---- */

static void
test_types(void **state)
{
	struct err e = { 0 };
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	assert_int_equal(types_parse("all", true, &e), TYPES_ALL);
	assert_int_equal(types_parse(NULL, false, &e), TYPES_ALL);
	assert_int_equal(types_parse(" modbus ,flow", false, &e),
	    TYPE_OF(OP_MODBUS) | TYPE_BIT(TYPE_FLOW));
	assert_int_equal(types_parse("", false, &e), 0);
	assert_true(types_want(types_parse("modbus", true, &e), &op));
	assert_false(types_want(types_parse("auto", true, &e), &op));
	assert_false(types_want(types_parse("dnp3,stats", true, &e), &op));
	op.outcome = OUTCOME_EXCEPTION;
	assert_true(types_want(types_parse("auto", true, &e), &op));
	op.outcome = OUTCOME_ANSWERED;
	op.intent = INTENT_WRITE;
	assert_true(types_want(types_parse("changes", true, &e), &op));
	for (unsigned t = 0; t < OUTPUT_TYPE_COUNT; t++)
		assert_int_equal(types_parse(output_type_row(t)->word, false, &e), TYPE_BIT(t));
	for (op.proto = OP_UNKNOWN + 1; op.proto < OP_PROTO_COUNT; op.proto++) {
		assert_true(types_want(types_parse(protocols[op.proto]->event, false, &e), &op));
		assert_int_equal(types_parse(protocols[op.proto]->event, false, &e) & TYPE_OF(protocols[op.proto]->family),
		    TYPE_OF(protocols[op.proto]->family));
	}
	assert_int_equal(e.n, 0);
	(void)types_parse("modbus,flwo", true, &e);
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "\"flwo\" is not a record type; did you mean \"flow\"?"));
	err_free(&e);
}

/* ---- file ---- */

static void
test_open_says_what_to_do(void **state)
{
	struct output_settings s = settings();
	struct err e = { 0 };
	char missing[128];

	(void)state;
	snprintf(missing, sizeof(missing), "%s/none", dir);
	s.log_dir = missing;
	assert_null(output_open(&s, &env, &counters, &e));
	assert_int_equal(e.n, 1);
	assert_non_null(strstr(e.first->text, "/none does not exist; create it or choose another with -l"));
	err_free(&e);
	s = settings();
	s.eve = false;
	s.eve_types = "nonsense";
	e = (struct err){ 0 };
	assert_null(output_open(&s, &env, &counters, &e));
	err_free(&e);
}

static void
test_disk_full(void **state)
{
	struct output_settings s = settings();
	struct output *o;
	struct flow f = a_flow();
	struct operation op = a_read(&f);

	(void)state;
	if (access("/dev/full", W_OK) != 0)
		skip();
	s.eve_file = "/dev/full";
	o = open_with(&s);
	for (int i = 0; i < 2000; i++)
		output_operation(o, &op);
	assert_true(counters.v[CNT_OUT_LOST] > 0);
	assert_int_equal(counters.v[CNT_OUT_LOST] + counters.v[CNT_OUT_RECORDS], 2000);
	assert_int_equal(counters.v[CNT_OUT_LOST_OPERATIONS], counters.v[CNT_OUT_LOST]);
	assert_false(output_wait(o, 10000));
	assert_int_equal(output_close(o), -1);
	assert_int_equal(counters.v[CNT_OUT_LOST] >= 2000, 1);
}

/* A file that may not grow beyond a limit fills in the middle of a line, then
 * has room again: no line is cut in two, the lost ones are counted. */
static void
test_full_then_room(void **state)
{
	struct output_settings s = settings();
	struct rlimit old, small;
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	unsigned lines = 0;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 100000;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 3000; i++)
		output_operation(o, &op);
	assert_false(output_wait(o, 10000));
	assert_true(counters.v[CNT_OUT_LOST] > 0);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_true(output_wait(o, 10000));
	output_operation(o, &op);
	assert_int_equal(output_close(o), -1);
	read_file("eve.json");
	for (const char *p = text; *p != '\0'; p += strlen(READ_LINE), lines++)
		assert_memory_equal(p, READ_LINE, strlen(READ_LINE));
	assert_int_equal(lines, counters.v[CNT_OUT_RECORDS]);
	assert_int_equal(lines + counters.v[CNT_OUT_LOST], 3001);
	drop_file("eve.json");
}

/* The same, but the file is rotated while it is full: the old one ends with a
 * whole line, the new one begins with the line that was cut. */
static void
test_reopen_in_trouble(void **state)
{
	struct output_settings s = settings();
	struct rlimit old, small;
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	char from[128], to[128];
	size_t n;

	(void)state;
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	small = old;
	small.rlim_cur = 2000;
	setrlimit(RLIMIT_FSIZE, &small);
	for (int i = 0; i < 5; i++)
		output_operation(o, &op);
	assert_false(output_wait(o, 10000));
	snprintf(from, sizeof(from), "%s/eve.json", dir);
	snprintf(to, sizeof(to), "%s/eve.json.1", dir);
	assert_int_equal(rename(from, to), 0);
	output_reopen(o);
	(void)output_wait(o, 10000);
	setrlimit(RLIMIT_FSIZE, &old);
	assert_int_equal(output_close(o), 0);
	n = strlen(read_file("eve.json.1"));
	assert_int_equal(n % strlen(READ_LINE), 0);
	assert_int_equal(n + strlen(read_file("eve.json")), 5 * strlen(READ_LINE));
	assert_memory_equal(text, READ_LINE, strlen(READ_LINE));
	drop_file("eve.json");
	drop_file("eve.json.1");
}

static void
test_reopen(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o = open_with(&s);
	char from[128], to[128];
	struct stat st;

	(void)state;
	output_operation(o, &op);
	assert_true(output_wait(o, 10000));
	snprintf(from, sizeof(from), "%s/eve.json", dir);
	snprintf(to, sizeof(to), "%s/eve.json.1", dir);
	assert_int_equal(stat(from, &st), 0);
	assert_int_equal(st.st_mode & 0777 & ~0640u, 0);
	assert_int_equal(rename(from, to), 0);
	output_operation(o, &op);
	output_reopen(o);
	assert_true(output_wait(o, 10000));
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), READ_LINE);
	assert_int_equal(strlen(read_file("eve.json.1")), 2 * strlen(READ_LINE));
	drop_file("eve.json");
	drop_file("eve.json.1");
}

/* A crash may leave half a line: ours begins on a new one. */
static void
test_append_after_crash(void **state)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_read(&f);
	struct output *o;
	char path[128];
	FILE *half;

	(void)state;
	snprintf(path, sizeof(path), "%s/eve.json", dir);
	half = fopen(path, "w");
	assert_non_null(half);
	fputs("{\"half\":", half);
	fclose(half);
	o = open_with(&s);
	output_operation(o, &op);
	assert_int_equal(output_close(o), 0);
	assert_string_equal(read_file("eve.json"), "{\"half\":\n" READ_LINE);
	drop_file("eve.json");
}

/* Every kind of record, for the schema test. */
static int
print_samples(void)
{
	struct output_settings s = settings();
	struct flow f = a_flow();
	struct operation op = a_rich(&f);
	struct anomaly a = an_anomaly(&f);
	struct counters c = { 0 };
	struct output *o;

	s.eve_file = "-";
	s.sensor = "north";
	s.ether = true;
	f.mac_known[0] = true;
	o = open_with(&s);
	output_operation(o, &op);
	op = a_read(&f);
	output_operation(o, &op);
	op.outcome = OUTCOME_EXCEPTION;
	op.exception = 2;
	op.exception_name = "Illegal Data Address";
	detail.response.has_read = false;
	detail.response.has_exception = true;
	detail.response.exception.code = "IllegalDataAddr";
	detail.request.has_read = false;
	detail.request.has_write = true;
	detail.request.write.has_masks = true;
	detail.request.error_flags = 0x1f;
	op.n_anomalies = OP_ANOMALIES + 1;
	output_operation(o, &op);
	detail.request.write.has_masks = false;
	detail.request.write.has_quantity = detail.request.write.has_bytes = true;
	detail.request.write.data = detail.response.read.data;
	detail.response.has_exception = false;
	detail.response.has_diagnostic = true;
	detail.response.diagnostic.code = "RetQueryData";
	detail.response.diagnostic.data = detail.response.read.data;
	output_operation(o, &op);
	op.proto = OP_DNP3;
	op.detail = NULL;
	output_operation(o, &op);
	output_anomaly(o, &a);
	for (unsigned i = 1; i < ANOMALY_COUNT; i++) {
		a = (struct anomaly){ .id = i, .frame = 1 };
		output_anomaly(o, &a);
	}
	output_flow(o, &f, FLOW_END_CLOSED);
	for (unsigned i = 0; i < CNT_COUNT; i++)
		c.v[i] = i + 1;
	output_stats(o, &c, 1493388731000000000u, 20, true);
	return output_close(o) != 0;
}

/* ---- an alert has at most 32 KiB ---------------------------------------------- */

static void
a_long_alert_keeps_what_matters_and_says_so(void **unused)
{
	static const unsigned sizes[][2] = { { 10, 10 }, { 50, 100 }, { 400, 400 }, { 1500, 2 } };
	static struct op_item items[1500];
	static uint8_t words[800];
	static char long_text[20000];
	struct flow f = { .id = 9, .port = { 4000, 20000 }, .proto = 6, .ip_v = 4, .protocol = protocols[OP_DNP3] };
	struct op_param params[3] = { { "filename", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)long_text,
	    .len = 12 }, false }, { "data", { .kind = VALUE_BYTES, .bytes = (const uint8_t *)long_text,
	    .len = sizeof(long_text) }, true }, { "more", { .kind = VALUE_BYTES,
	    .bytes = (const uint8_t *)long_text, .len = sizeof(long_text) }, true } };

	(void)unused;
	memset(long_text, 'x', sizeof(long_text));
	for (unsigned k = 0; k < sizeof(sizes) / sizeof(sizes[0]); k++)
		for (unsigned wide = 0; wide < 2; wide++) {
			struct output_settings s = settings();
			struct output *o = open_with(&s);
			struct operation op = { .id = 1, .flow = &f, .phase = OP_FINISHED, .proto = OP_DNP3,
			    .function = 1, .intent = INTENT_READ, .outcome = OUTCOME_ANSWERED, .name = "Read",
			    .request = { .seen = true, .frame = 1 }, .response = { .seen = true, .frame = 2 },
			    .items = items, .n_items = sizes[k][0], .params = params, .n_params = wide ? 3 : 1 };
			struct finding fi = { .type = ALERT_NEW_CLIENT_POLL, .flow = &f, .op = &op, .proto = 6,
			    .tx = 1, .frame = 2 };
			struct alert a = { .kind = ALERT_FIRST, .id = 1, .uid = "00112233445566778899aabbccddeeff",
			    .finding = &fi, .type = alert_type_row(fi.type), .severity = 3, .count = 1,
			    .signature = "x", .sentence = "somebody read all points.", .techniques = "T0861",
			    .category = "", .frame = 2 };
			const char *line;
			bool small = k < 2 && !wide;

			for (unsigned i = 0; i < sizes[k][0]; i++)
				items[i] = (struct op_item){ .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
				    .first = i, .count = sizes[k][1], .n_values = sizes[k][1], .raw = words,
				    .number = 7, .status = i + 1 == sizes[k][0] ? 2 : 0 };
			output_alert(o, &a);
			assert_int_equal(output_close(o), 0);
			line = read_file("eve.json");
			assert_true(strlen(line) <= 32 * 1024);
			assert_true(strlen(line) > 200);
			assert_int_equal(line[strlen(line) - 1], '\n');
			assert_non_null(strstr(line, "\"sentence\":\"somebody read all points.\""));
			assert_non_null(strstr(line, "\"id\":\"00112233445566778899aabbccddeeff\""));
			assert_non_null(strstr(line, "\"outcome\":\"answered\""));
			if (k > 1 || small)
				assert_int_equal(strstr(line, "\"shortened\":true") != NULL, !small);
			if (k > 1)
				assert_non_null(strstr(line, "\"items_all\":"));
			/* The one that was refused is last in the operation. */
			assert_non_null(strstr(line, "\"status\":2"));
			assert_int_equal(counters.v[CNT_OUT_LOST], 0);
			drop_file("eve.json");
		}
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_exception_and_unanswered),
		cmocka_unit_test(test_rich),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_long_alert),
		cmocka_unit_test(test_large),
		cmocka_unit_test(test_anomalies),
		cmocka_unit_test(test_limit_ceiling),
		cmocka_unit_test(test_flow),
		cmocka_unit_test(test_roles_turn),
		cmocka_unit_test(test_head_extras),
		cmocka_unit_test(test_counter_rows_stand_together),
		cmocka_unit_test(test_stats),
		cmocka_unit_test(test_nothing_missed),
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_open_says_what_to_do),
		cmocka_unit_test(test_disk_full),
		cmocka_unit_test(test_full_then_room),
		cmocka_unit_test(test_reopen_in_trouble),
		cmocka_unit_test(test_reopen),
		cmocka_unit_test(test_append_after_crash),
		cmocka_unit_test(a_long_alert_keeps_what_matters_and_says_so),
	};
	int rc;

	if (argc > 1 && strcmp(argv[1], "--print") == 0)
		return print_samples();
	snprintf(dir, sizeof(dir), "/tmp/test_output.XXXXXX");
	if (mkdtemp(dir) == NULL)
		return 99;
	rc = cmocka_run_group_tests(tests, NULL, NULL);
	(void)rmdir(dir);
	return rc;
}
