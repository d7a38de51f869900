/* iec104.c - `iec104` of a record: the APDUs that an operation is made of, with every
 * information object as it was sent. */
#include "output/eve/eve.h"

#include <math.h>

#include "base/str.h"
#include "record/iec104.h"

static void
put_words(struct jsonw *j, const struct iec104_field *f)
{
	jsonw_array(j, f->name);
	for (unsigned bit = 0; bit < 8; bit++)
		if ((f->value.u >> bit & 1) != 0 && f->words[bit] != NULL)
			jsonw_text(j, NULL, f->words[bit]);
	jsonw_array_end(j);
}

static void
put_field(struct jsonw *j, const struct iec104_field *f)
{
	const struct op_value *v = &f->value;

	if (f->show == IEC104_WORDS) {
		put_words(j, f);
		return;
	}
	if (f->show == IEC104_BOOL) {
		jsonw_bool(j, f->name, v->u != 0);
		return;
	}
	switch (v->kind) {
	case VALUE_INT:
		jsonw_i64(j, f->name, v->i);
		break;
	case VALUE_REAL:
		if (isfinite(v->r))
			jsonw_single(j, f->name, (float)v->r);
		else
			jsonw_null(j, f->name);
		break;
	case VALUE_TIME:
		jsonw_time_ms(j, f->name, v->u);
		break;
	case VALUE_BYTES:
		jsonw_hex(j, f->name, v->bytes, jsonw_octets(j, v->len));
		break;
	default:
		jsonw_u64(j, f->name, v->u);
		break;
	}
}

static void
put_objects(struct jsonw *j, const struct iec104_asdu *a)
{
	struct iec104_object o;

	jsonw_array(j, "objects");
	for (uint32_t i = 0, n = jsonw_most(j, a->n_objects); i < n && !j->full; i++) {
		a->object(a, i, &o);
		jsonw_object(j, NULL);
		jsonw_u64(j, "address", o.ioa);
		for (uint32_t k = 0; k < o.n; k++)
			put_field(j, &o.field[k]);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_asdu(struct jsonw *j, const struct iec104_asdu *a)
{
	jsonw_object(j, "asdu");
	jsonw_u64(j, "type", a->type);
	jsonw_text(j, "type_name", a->type_name);
	jsonw_bool(j, "sequence", a->sequence);
	jsonw_u64(j, "count", a->count);
	jsonw_u64(j, "cause", a->cause);
	jsonw_text(j, "cause_name", a->cause_name);
	jsonw_bool(j, "negative", a->negative);
	jsonw_bool(j, "test", a->test);
	jsonw_u64(j, "originator", a->originator);
	jsonw_u64(j, "common_address", a->ca);
	if (a->n_objects > 0)
		put_objects(j, a);
	else if (a->len > 0)
		jsonw_hex(j, "octets", a->bytes, jsonw_octets(j, a->len));
	jsonw_object_end(j);
}

static const char *
control_name(uint8_t control)
{
	switch (control) {
	case 0x07:	return "STARTDT act";
	case 0x0b:	return "STARTDT con";
	case 0x13:	return "STOPDT act";
	case 0x23:	return "STOPDT con";
	case 0x43:	return "TESTFR act";
	case 0x83:	return "TESTFR con";
	default:	return NULL;
	}
}

static void
put_message(struct jsonw *j, const char *key, const struct iec104_message *m)
{
	static const char *const formats[] = { [IEC104_I] = "I", [IEC104_S] = "S", [IEC104_U] = "U" };

	if (!m->present)
		return;
	jsonw_object(j, key);
	jsonw_u64(j, "frame", frame_in_file(m->frame));
	jsonw_time(j, "time", m->ts_ns);
	jsonw_text(j, "format", m->format < COUNTOF(formats) ? formats[m->format] : NULL);
	if (m->format == IEC104_U) {
		jsonw_u64(j, "control", m->control);
		jsonw_text(j, "control_name", control_name(m->control));
	}
	if (m->format == IEC104_I)
		jsonw_u64(j, "send", m->send);
	if (m->format != IEC104_U)
		jsonw_u64(j, "receive", m->receive);
	if (m->asdu.present)
		put_asdu(j, &m->asdu);
	jsonw_object_end(j);
}

static void
put_iec104(struct eve *e, struct jsonw *j, const struct operation *op)
{
	const struct iec104_detail *d = op->detail;

	(void)e;
	jsonw_object(j, "iec104");
	put_message(j, "request", &d->request);
	put_message(j, "response", &d->response);
	put_message(j, "termination", &d->termination);
	jsonw_object_end(j);
}

/* An alert has the operation as evidence, with its items: the APDUs are in the operation's own record. */
const struct eve_protocol eve_iec104 = { .operation = put_iec104 };
