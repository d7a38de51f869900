/* names.c - enum to text, made from the .def lists. */
#include "record/operation.h"

#include "base/str.h"

const char *
op_intent_name(enum op_intent v)
{
	static const char *const names[] = {
#define OP_INTENT(id, text, what) text,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(names) ? names[v] : NULL;
}

const char *
op_command_name(enum op_command v)
{
	static const char *const names[] = {
#define OP_COMMAND(id, text, what) text,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(names) ? names[v] : NULL;
}

const char *
op_outcome_name(enum op_outcome v)
{
	static const char *const names[] = {
#define OP_OUTCOME(id, text, what) text,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(names) ? names[v] : NULL;
}

const char *
op_space_name(enum op_space v)
{
	static const char *const names[] = {
#define OP_SPACE(id, of, text, what) text,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(names) ? names[v] : NULL;
}

static const struct { const char *text; bool numbered; } points[] = {
#define OP_POINT(id, text, numbered) { text, numbered },
#include "record/op_names.def"
};

const char *
op_point_name(unsigned point)
{
	return points[point < COUNTOF(points) ? point : 0].text;
}

bool
op_point_numbered(unsigned point)
{
	return points[point < COUNTOF(points) ? point : 0].numbered;
}

enum op_proto
op_space_of(enum op_space v)
{
	static const uint8_t of[] = {
#define OP_SPACE(id, of, text, what) OP_##of,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(of) ? (enum op_proto)of[v] : OP_UNKNOWN;
}

const char *
op_fact_name(enum op_fact_key v)
{
	static const char *const names[] = {
#define OP_FACT(id, text, attribute) text,
#include "record/op_names.def"
	};

	return (size_t)v < COUNTOF(names) ? names[v] : NULL;
}

const struct anomaly_row *
anomaly_row(enum anomaly_id id)
{
	static const struct anomaly_row rows[] = {
#define ANOMALY(id, layer, text, what, spec) { text, layer, what, spec },
#include "record/anomaly.def"
#undef ANOMALY
	};

	return &rows[(size_t)id < COUNTOF(rows) ? id : ANOM_NONE];
}

const char *
anomaly_layer_name(enum anomaly_layer layer)
{
	static const char *const below[] = {
		[LAYER_DECODE] = "decode", [LAYER_STREAM] = "stream", [LAYER_EXAMPLE] = "example",
	};

	return (size_t)layer < COUNTOF(below) ? below[layer] :
	    protocols[OP_UNKNOWN + 1 + (layer - COUNTOF(below))]->name;
}
