#include "output/eve/eve.h"

enum format_result
eve_anomaly(struct eve *e, const struct record *r, struct line *to)
{
	const struct anomaly *a = r->anomaly.a;
	const struct anomaly_row *row = anomaly_row(a->id);
	bool below = row->layer == LAYER_DECODE || row->layer == LAYER_STREAM;
	struct jsonw j = eve_start(e, to);

	eve_head(e, &j, &(struct eve_head){
		.event_type = "anomaly", .ts_ns = a->ts_ns, .frame = a->frame,
		.flow = a->flow, .packet = a->packet, .src_end = a->from_end & 1u,
		.source = a->source,
	});
	if (a->operation != 0)
		jsonw_u64(&j, "tx_id", a->operation - 1);
	jsonw_object(&j, "anomaly");
	if (!below)
		jsonw_text(&j, "app_proto", anomaly_layer_name(row->layer));
	jsonw_text(&j, "type", below ? anomaly_layer_name(row->layer) : "applayer");
	jsonw_text(&j, "event", row->text);
	if (!below)
		jsonw_text(&j, "layer", "proto_parser");
	jsonw_object_end(&j);

	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_text(&j, "what", row->what);
	if (row->spec[0] != '\0')
		jsonw_text(&j, "spec", row->spec);
	jsonw_u64(&j, "offset", a->offset);
	jsonw_text(&j, "detail", a->detail);
	if (a->last_operation != 0) {
		jsonw_object(&j, "withdrawn");
		jsonw_u64(&j, "operations", a->last_operation - a->first_operation + 1);
		jsonw_u64(&j, "first_tx", a->first_operation - 1);
		jsonw_u64(&j, "last_tx", a->last_operation - 1);
		jsonw_object_end(&j);
	}
	if (r->anomaly.suppressed > 0)
		jsonw_u64(&j, "held_back", r->anomaly.suppressed);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
