/* Prints every kind of record that the output room can make, for the test of the schema. */
#include "tests/unit/output_kit.h"

int
main(void)
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
