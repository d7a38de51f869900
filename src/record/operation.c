#include "record/operation.h"

#include <math.h>
#include <string.h>

struct op_ends
op_ends_of(const struct operation *op)
{
	const struct flow *f = op->flow;
	struct op_ends e = { .has_addr = false };

	if (op->ends != NULL)
		return *op->ends;
	if (f == NULL)
		return e;
	e.has_addr = true;
	e.ip_proto = f->proto;
	e.n_vlan = f->n_vlan;
	memcpy(e.vlan, f->vlan, sizeof(e.vlan));
	e.source = f->source;
	for (unsigned i = 0; i < 2; i++) {
		unsigned end = i == OP_CLIENT ? flow_client(f) : flow_server(f);

		e.addr[i] = f->addr[end];
		e.port[i] = f->port[end];
		memcpy(e.mac[i], f->mac[end], sizeof(e.mac[i]));
		e.mac_known[i] = f->mac_known[end];
	}
	return e;
}

static uint16_t
be16(const uint8_t *p, uint32_t i)
{
	return (uint16_t)((unsigned)p[2 * (size_t)i] << 8 | p[2 * (size_t)i + 1]);
}

static uint32_t
be32(const uint8_t *p, uint32_t i)
{
	return (uint32_t)be16(p, 2 * i) << 16 | be16(p, 2 * i + 1);
}

static double
real_of(uint32_t bits)
{
	float f;

	memcpy(&f, &bits, sizeof(f));
	return (double)f;
}

static bool
of_bits(const struct op_item *it)
{
	return it->step == OP_STEP_BITS;
}

uint64_t
op_item_span(const struct op_item *it)
{
	uint64_t n = it->count > 0 ? it->count : 1;

	if (!it->ranged)
		return 0;
	if (of_bits(it))
		return (it->bit + n + 7) / 8;
	return it->step > 1 ? n * it->step : n;
}

uint32_t
op_item_step(const struct op_item *it)
{
	/* Bytes that were no whole number of elements are values by themselves. */
	return it->step > 1 && !of_bits(it) && it->form != FORM_U8 ? it->step : 1;
}

uint64_t
op_item_place(const struct op_item *it, uint32_t i, unsigned *bit)
{
	uint64_t at = of_bits(it) ? (uint64_t)it->bit + i : i;

	if (bit != NULL)
		*bit = of_bits(it) ? at % 8 : 0;
	return it->first + (of_bits(it) ? at / 8 : at * op_item_step(it));
}

const struct op_param *
op_request_param(const struct operation *op, const char *name)
{
	for (uint32_t i = 0; i < op->n_params; i++)
		if (!op->params[i].in_response && strcmp(op->params[i].name, name) == 0)
			return &op->params[i];
	return NULL;
}

bool
op_item_address(const struct op_item *it, char text[OP_ADDRESS_MAX])
{
	const struct protocol *p = protocols[op_space_of(it->space)];

	*text = '\0';
	return p->address != NULL && p->address(it, text);
}

struct op_value
op_item_value(const struct op_item *it, uint32_t i)
{
	struct op_value v = { .kind = VALUE_NONE, .index = it->first + i };

	if (i >= it->n_values)
		return v;
	switch (it->form) {
	case FORM_BITS_LSB:
		v.kind = VALUE_BIT;
		v.u = it->raw[i / 8] >> (i % 8) & 1u;
		break;
	case FORM_U16_BE:
		v.kind = VALUE_UINT;
		v.u = be16(it->raw, i);
		break;
	case FORM_U8:
		v.kind = VALUE_UINT;
		v.u = it->raw[i];
		break;
	case FORM_I16_BE:
		v.kind = VALUE_INT;
		v.i = (int16_t)be16(it->raw, i);
		break;
	case FORM_U32_BE:
		v.kind = VALUE_UINT;
		v.u = be32(it->raw, i);
		break;
	case FORM_I32_BE:
		v.kind = VALUE_INT;
		v.i = (int32_t)be32(it->raw, i);
		break;
	case FORM_F32_BE:
		v.kind = VALUE_REAL;
		v.single = true;
		v.r = real_of(be32(it->raw, i));
		break;
	case FORM_OWN:
		v = protocols[op_space_of(it->space)]->value_at(it, i);
		break;
	case FORM_TYPED:
		v = it->typed[i];
		break;
	default:
		break;
	}
	return v;
}

static double
number_of(const struct op_value *v)
{
	switch (v->kind) {
	case VALUE_UINT: return (double)v->u;
	case VALUE_INT: return (double)v->i;
	case VALUE_REAL: return v->r;
	default: return (double)NAN;
	}
}

void
op_item_numbers(const struct op_item *it, uint32_t n, double *to)
{
	switch (it->form) {
	case FORM_U8:
		for (uint32_t i = 0; i < n; i++)
			to[i] = it->raw[i];
		break;
	case FORM_U16_BE:
		for (uint32_t i = 0; i < n; i++)
			to[i] = be16(it->raw, i);
		break;
	case FORM_I16_BE:
		for (uint32_t i = 0; i < n; i++)
			to[i] = (int16_t)be16(it->raw, i);
		break;
	case FORM_U32_BE:
		for (uint32_t i = 0; i < n; i++)
			to[i] = be32(it->raw, i);
		break;
	case FORM_I32_BE:
		for (uint32_t i = 0; i < n; i++)
			to[i] = (int32_t)be32(it->raw, i);
		break;
	case FORM_F32_BE:
		for (uint32_t i = 0; i < n; i++)
			to[i] = real_of(be32(it->raw, i));
		break;
	default:
		for (uint32_t i = 0; i < n; i++) {
			const struct op_value v = op_item_value(it, i);

			to[i] = number_of(&v);
		}
		break;
	}
}

uint32_t
op_item_size(const struct op_item *it)
{
	switch (it->form) {
	case FORM_U8:
		return 1;
	case FORM_U16_BE: case FORM_I16_BE:
		return 2;
	case FORM_U32_BE: case FORM_I32_BE: case FORM_F32_BE:
		return 4;
	default:
		return 0;
	}
}
