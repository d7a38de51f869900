/* process.c - the `process` record: a value of the process is news. */
#include "output/eve/eve.h"

static void
put_writer(struct jsonw *j, const struct process_value *v)
{
	char text[ADDR_TEXT_MAX];

	jsonw_object(j, "writer");
	addr_print(&v->writer, text);
	jsonw_text(j, "ip", text);
	jsonw_time(j, "time", v->write_ns);
	jsonw_real(j, "value", v->write_value);
	if (v->has_write_old)
		jsonw_real(j, "old", v->write_old);
	jsonw_object_end(j);
}

static void
put_value(struct jsonw *j, const struct process_value *v)
{
	jsonw_object(j, "process");
	jsonw_text(j, "tag", v->tag);
	if (v->raw)
		jsonw_bool(j, "raw", true);
	if (v->group[0] != '\0')
		jsonw_text(j, "group", v->group);
	jsonw_text(j, "why", process_why_text(v->why));
	if (v->known)
		jsonw_real(j, "value", v->value);
	if (v->unit[0] != '\0')
		jsonw_text(j, "unit", v->unit);
	if (v->known)
		jsonw_text(j, "text", v->text);
	if (v->has_old)
		jsonw_real(j, "old", v->old);
	if (v->change_ns != 0)
		jsonw_time(j, "changed", v->change_ns);
	if (v->kind != PROCESS_UNKNOWN)
		jsonw_text(j, "kind", process_kind_text(v->kind));
	jsonw_text(j, "quality", process_quality_text(v->quality));
	if ((v->quality & PROCESS_HAS_WIRE) != 0)
		jsonw_u64(j, "quality_bits", v->quality & PROCESS_WIRE);
	if (v->source_ns != 0)
		jsonw_time(j, "source_time", v->source_ns);
	jsonw_text(j, "address", v->at);
	jsonw_text(j, "type", v->type);
	jsonw_text(j, "protocol", protocols[v->op->proto]->name);
	if (v->written)
		put_writer(j, v);
	jsonw_object_end(j);
}

enum format_result
eve_process(struct eve *e, const struct process_value *v, struct line *to)
{
	struct jsonw j = eve_start(e, to);

	eve_operation_head(e, &j, "process", v->op, v->ts_ns);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	put_value(&j, v);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
