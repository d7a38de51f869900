/* bench_eve.c - how long one EVE record takes: a Modbus read of ten registers
 * with its whole header, as a plant makes thousands of a second.
 * Not part of `make check`; prints nanoseconds a record. */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "output/output.h"
#include "record/modbus.h"
#include "record/packet.h"

#define FLOWS 64

static uint64_t
now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static const char *
community_id(void *arg, const struct flow *f)
{
	(void)arg, (void)f;
	return "1:M5j43zfpayHbs9UDPrBs/R1Eqkk=";
}

int
main(int argc, char **argv)
{
	static const uint8_t values[20] = { 0x02, 0x2b, 0, 1, 0, 100, 0x10, 0, 0x27, 0x10 };
	static struct flow flows[FLOWS];
	static struct counters counters;
	struct output_settings s = { .eve = true, .eve_file = "/dev/null", .eve_types = "all",
	    .log_dir = ".", .anomaly_limit = 10, .community_id = true };
	struct output_env env = { .community_id = community_id };
	struct err e = { 0 };
	uint64_t n = argc > 1 ? strtoull(argv[1], NULL, 10) : 1000000, began, took;
	struct output *o = output_open(&s, &env, &counters, &e);
	struct modbus_message m = { .present = true, .unit_id = 1, .function_raw = 3,
	    .function_code = "RdHoldRegs", .access = MODBUS_READ | MODBUS_HOLDING,
	    .category = MODBUS_ASSIGNED, .has_read = true };
	struct modbus_detail d = { .request = m, .response = m };
	struct op_item item = { .space = SPACE_HOLDING, .form = FORM_U16_BE, .ranged = true,
	    .first = 100, .count = 10, .n_values = 10, .raw = values };
	struct operation op = { .phase = OP_FINISHED, .proto = OP_MODBUS,
	    .request = { .seen = true, .len = 5 }, .response = { .seen = true, .len = 22 }, .unit = 1,
	    .function = 3, .name = "Read Holding Registers", .intent = INTENT_READ,
	    .outcome = OUTCOME_ANSWERED, .items = &item, .n_items = 1, .detail = &d };

	if (o == NULL || !output_start(o, &e)) {
		err_print(&e, stderr);
		return 1;
	}
	d.request.read.has_range = true;
	d.request.read.address = 100;
	d.request.read.quantity = 10;
	d.response.read.data = (struct modbus_bytes){ values, sizeof(values) };
	for (unsigned i = 0; i < FLOWS; i++) {
		flows[i] = (struct flow){ .id = 123456789012345u + i * 7919,
		    .addr = { addr_v4((const uint8_t[]){ 192, 168, 10, (uint8_t)(10 + i) }),
		        addr_v4((const uint8_t[]){ 192, 168, 10, 200 }) },
		    .port = { (uint16_t)(40000 + i), 502 }, .proto = IP_TCP, .ip_v = 4,
		    .role_source = ROLE_CONTENT, .protocol = protocols[OP_MODBUS] };
	}
	began = now();
	for (uint64_t i = 0; i < n; i++) {
		op.flow = &flows[i % FLOWS];
		op.id = i / FLOWS + 1;
		op.request.frame = 2 * i + 1;
		op.response.frame = 2 * i + 2;
		op.request.ts_ns = 1493388721000000000u + i * 100000;
		op.response.ts_ns = op.request.ts_ns + 43210;
		op.latency_ns = 43210;
		d.request.transaction_id = d.response.transaction_id = (uint16_t)i;
		output_operation(o, &op);
	}
	took = now() - began;
	printf("%llu records, %.0f ns each\n", (unsigned long long)n, (double)took / (double)n);
	return output_close(o) != 0;
}
