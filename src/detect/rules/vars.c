#include "detect/rules/vars.h"

#include <arpa/inet.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

enum { VAR_NEW, VAR_BUSY, VAR_DONE, VAR_BAD };

#define NESTING_MAX 32u

/* Context of parsing a group. */
struct reading {
	struct parser	*P;
	enum var_kind	 kind;
	const struct var *var;		/* whose value it is; NULL: the rule's own text */
	struct err	*e;		/* where errors about `var` are reported */
	unsigned	 depth;
};

static const struct { const char *name, *value; } address_rows[] = {
#define ADDRESS(name, value) { name, value },
#define PORT(name, value)
#include "detect/rules/vars.def"
#undef ADDRESS
#undef PORT
}, port_rows[] = {
#define ADDRESS(name, value)
#define PORT(name, value) { name, value },
#include "detect/rules/vars.def"
#undef ADDRESS
#undef PORT
};

static __attribute__((format(printf, 3, 4))) void
complain(const struct reading *x, const char *at, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (x->var == NULL)
		parse_complain(x->P, at, "%s", text);
	else
		err_add(x->e, x->var->file, x->var->line, x->var->column, "%s: %s", x->var->name, text);
}

/* The universe of this kind: all addresses, or 0 to 65535. */
static struct rule_addr_range
everything(enum var_kind kind)
{
	struct rule_addr_range r;

	memset(&r.lo, 0, sizeof(r.lo));
	memset(&r.hi, 0xff, sizeof(r.hi));
	if (kind == VAR_PORT)
		memset(&r.hi, 0, 14);
	return r;
}

/* ---- atoms ---- */

static bool
one_address(struct slice s, struct addr *a, bool *v4)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t b[16];

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, b) == 1) {
		*a = addr_v4(b);
		*v4 = true;
		return true;
	}
	*v4 = false;
	if (inet_pton(AF_INET6, text, b) != 1)
		return false;
	*a = addr_v6(b);
	return true;
}

/* Clear or set all bits behind the first `keep`. */
static void
fill(struct addr *a, unsigned keep, bool ones)
{
	for (unsigned i = 0; i < 16; i++) {
		unsigned bits = keep > 8 * i ? keep - 8 * i : 0;
		uint8_t low = (uint8_t)(bits >= 8 ? 0 : 0xffu >> bits);

		a->b[i] = (uint8_t)(ones ? a->b[i] | low : a->b[i] & ~low);
	}
}

/* 255.255.255.0 as a prefix length; false when the ones are not all in front. */
static bool
mask_length(struct slice s, uint64_t *length)
{
	struct addr a;
	bool v4;
	uint32_t m;

	if (!one_address(s, &a, &v4) || !v4)
		return false;
	m = (uint32_t)a.b[12] << 24 | (uint32_t)a.b[13] << 16 | (uint32_t)a.b[14] << 8 | a.b[15];
	for (*length = 0; *length < 32 && (m & 0x80000000u) != 0; m <<= 1)
		(*length)++;
	return m == 0;
}

static bool
address_atom(const struct reading *x, struct slice s, struct rule_addr_range *r)
{
	const char *slash = memchr(s.p, '/', s.n), *dash = memchr(s.p, '-', s.n);
	const char *cut = slash != NULL ? slash : dash;
	struct slice first = { s.p, cut != NULL ? (size_t)(cut - s.p) : s.n }, second = { NULL, 0 };
	uint64_t length;
	bool v4, other;

	if (cut != NULL)
		second = slice_trim((struct slice){ cut + 1, s.n - first.n - 1 });
	first = slice_trim(first);
	if (!one_address(first, &r->lo, &v4)) {
		complain(x, s.p, "'%.*s' is no IP address, group or variable", SLICE(s));
		return false;
	}
	r->hi = r->lo;
	if (slash != NULL) {
		if ((!slice_u64(second, &length) && !mask_length(second, &length)) ||
		    length > (v4 ? 32u : 128u)) {
			complain(x, s.p, "'%.*s': behind / stands a prefix length of 0 to %u", SLICE(s), v4 ? 32 : 128);
			return false;
		}
		fill(&r->lo, (unsigned)length + (v4 ? 96 : 0), false);
		fill(&r->hi, (unsigned)length + (v4 ? 96 : 0), true);
	} else if (dash != NULL && (!one_address(second, &r->hi, &other) || other != v4 ||
	    range_order(&r->lo, &r->hi) > 0)) {
		complain(x, s.p, "'%.*s' is no range of addresses, lower one first", SLICE(s));
		return false;
	}
	return true;
}

static void
set_port(struct addr *a, uint64_t port)
{
	memset(a, 0, sizeof(*a));
	a->b[14] = (uint8_t)(port >> 8);
	a->b[15] = (uint8_t)port;
}

static bool
port_atom(const struct reading *x, struct slice s, struct rule_addr_range *r)
{
	const char *colon = memchr(s.p, ':', s.n);
	struct slice lo = { s.p, colon != NULL ? (size_t)(colon - s.p) : s.n }, hi;
	uint64_t a = 0, b = 65535;

	lo = slice_trim(lo);
	hi = colon != NULL ? slice_trim((struct slice){ colon + 1, (size_t)(s.p + s.n - colon - 1) }) : lo;
	if ((lo.n > 0 || colon == NULL) && !slice_u64(lo, &a)) {
		complain(x, s.p, "'%.*s' is no port, group or variable", SLICE(s));
		return false;
	}
	if ((hi.n > 0 || colon == NULL) && !slice_u64(hi, &b)) {
		complain(x, s.p, "'%.*s' is no range of ports", SLICE(s));
		return false;
	}
	if (b > 65535 || a > b || (lo.n == 0 && hi.n == 0)) {
		complain(x, s.p, "'%.*s': ports are 0 to 65535, the lower one first", SLICE(s));
		return false;
	}
	set_port(&r->lo, a);
	set_port(&r->hi, b);
	return true;
}

/* ---- groups ---- */

static bool	group(struct reading *x, struct slice s, struct group *out);

static struct var *
find_var(struct vars *v, enum var_kind kind, struct slice name)
{
	for (uint32_t i = 0; i < v->n[kind]; i++)
		if (slice_is(name, v->of[kind][i].name))
			return &v->of[kind][i];
	return NULL;
}

struct var_walk {
	const struct vars *v;
	enum var_kind	   kind;
};

static const char *
nth_var(void *arg, uint32_t i)
{
	const struct var_walk *w = arg;

	return i < w->v->n[w->kind] ? w->v->of[w->kind][i].name : NULL;
}

static bool
variable(struct reading *x, struct slice s, struct group *out)
{
	static const char *const sections[] = { "address-groups", "port-groups" };
	struct slice name = { s.p + 1, s.n - 1 };
	struct var *v = find_var(x->P->vars, x->kind, name);
	struct reading inner = { .P = x->P, .kind = x->kind, .var = v, .e = x->e, .depth = x->depth + 1 };

	if (v == NULL) {
		struct var_walk walk = { x->P->vars, x->kind };
		const char *near = nearest_of(name, nth_var, &walk);

		complain(x, s.p, "$%.*s is not set; add it to the configuration (vars: { %s: { %.*s: \"...\" } })%s%s%s",
		    SLICE(name), sections[x->kind], SLICE(name),
		    near != NULL ? ", or did you mean $" : "", near != NULL ? near : "",
		    near != NULL ? "?" : "");
		return false;
	}
	v->used = true;
	if (v->state == VAR_BUSY) {
		complain(x, s.p, "$%s is made of itself", v->name);
		return false;
	}
	if (v->state == VAR_NEW) {
		v->state = VAR_BUSY;
		v->state = group(&inner, slice_trim((struct slice){ v->value, strlen(v->value) }),
		    &v->group) ? VAR_DONE : VAR_BAD;
	}
	if (v->state == VAR_BAD) {
		complain(x, s.p, "$%s cannot be used; see the problem with it", v->name);
		return false;
	}
	*out = (struct group){ 0 };
	ranges_add_all(x->P->mem, out, &v->group);
	return true;
}

/* The next item of a list: up to a comma outside brackets. */
static bool
list_item(struct slice *rest, struct slice *item)
{
	unsigned depth = 0;
	size_t i;

	if (rest->p == NULL)
		return false;
	for (i = 0; i < rest->n && !(rest->p[i] == ',' && depth == 0); i++) {
		if (rest->p[i] == '[')
			depth++;
		else if (rest->p[i] == ']' && depth > 0)
			depth--;
	}
	*item = slice_trim((struct slice){ rest->p, i });
	if (i == rest->n)
		*rest = (struct slice){ NULL, 0 };
	else
		*rest = (struct slice){ rest->p + i + 1, rest->n - i - 1 };
	return true;
}

static bool
list(struct reading *x, struct slice s, struct group *out)
{
	struct group with = { 0 }, less = { 0 };
	struct slice rest = { s.p + 1, s.n - 2 }, item;
	bool any_with = false;

	while (list_item(&rest, &item)) {
		struct group one = { 0 };
		bool negated = item.n > 0 && item.p[0] == '!';

		if (negated)
			item = slice_trim((struct slice){ item.p + 1, item.n - 1 });
		if (item.n == 0) {
			complain(x, s.p, "an empty item in %.*s", SLICE(s));
			return false;
		}
		if (!group(x, item, &one))
			return false;
		ranges_add_all(x->P->mem, negated ? &less : &with, &one);
		any_with |= !negated;
	}
	if (!any_with)
		range_add(x->P->mem, &with, everything(x->kind));
	ranges_tidy(&with);
	ranges_tidy(&less);
	*out = ranges_without(x->P->mem, &with, &less);
	if (out->n == 0) {
		complain(x, s.p, "nothing is left of %.*s: what it lists is also excluded", SLICE(s));
		return false;
	}
	return true;
}

static bool
group(struct reading *x, struct slice s, struct group *out)
{
	bool negated = false, ok;

	if (++x->depth > NESTING_MAX) {
		complain(x, s.p, "groups are nested too deep");
		return false;
	}
	if (s.n > 0 && s.p[0] == '!') {
		negated = true;
		s = slice_trim((struct slice){ s.p + 1, s.n - 1 });
	}
	if (s.n >= 2 && s.p[0] == '[' && s.p[s.n - 1] == ']')
		ok = list(x, s, out);
	else if (s.n > 1 && s.p[0] == '$')
		ok = variable(x, s, out);
	else if (slice_is_nocase(s, "any")) {
		range_add(x->P->mem, out, everything(x->kind));
		ok = true;
	} else {
		struct rule_addr_range r;

		ok = x->kind == VAR_ADDRESS ? address_atom(x, s, &r) : port_atom(x, s, &r);
		if (ok)
			range_add(x->P->mem, out, r);
	}
	x->depth--;
	if (!ok || !negated)
		return ok;
	struct group all = { 0 };

	range_add(x->P->mem, &all, everything(x->kind));
	ranges_tidy(out);
	*out = ranges_without(x->P->mem, &all, out);
	if (out->n == 0) {
		complain(x, s.p, "!%.*s is nothing at all", SLICE(s));
		return false;
	}
	return true;
}

static bool
whole_group(struct parser *P, enum var_kind kind, struct slice text, struct group *g, bool *any)
{
	struct reading x = { .P = P, .kind = kind, .e = P->problems };
	struct rule_addr_range all = everything(kind);

	*g = (struct group){ 0 };
	if (!group(&x, text, g))
		return false;
	ranges_tidy(g);
	*any = g->n == 1 && range_order(&g->of[0].lo, &all.lo) == 0 && range_order(&g->of[0].hi, &all.hi) == 0;
	return true;
}

/* Thousands of rules share a few groups: each text is resolved once. */
static bool
known(struct vars *v, enum var_kind kind, struct slice text, void *out, size_t size)
{
	for (uint32_t i = 0; i < v->n_known; i++)
		if (v->known[i].kind == kind && slice_is(text, v->known[i].text)) {
			memcpy(out, v->known[i].group, size);
			return true;
		}
	return false;
}

static void
know(struct parser *P, enum var_kind kind, const char *text, const void *out, size_t size)
{
	struct vars *v = P->vars;
	const void *copy = rule_copy(P->mem, out, size);

	if (v->n_known < VARS_KNOWN && !P->mem->failed)
		v->known[v->n_known++] = (struct known_group){ kind, text, copy };
}

bool
parse_addrs(struct parser *P, struct slice text, struct rule_addrs *out)
{
	struct group g;

	if (known(P->vars, VAR_ADDRESS, text, out, sizeof(*out)))
		return true;
	out->text = text_without_blanks(P->mem, text);
	if (!whole_group(P, VAR_ADDRESS, text, &g, &out->any))
		return false;
	out->of = g.of;
	out->n = g.n;
	know(P, VAR_ADDRESS, out->text, out, sizeof(*out));
	return true;
}

bool
parse_ports(struct parser *P, struct slice text, struct rule_ports *out)
{
	struct rule_port_range *of;
	struct group g;

	if (known(P->vars, VAR_PORT, text, out, sizeof(*out)))
		return true;
	out->text = text_without_blanks(P->mem, text);
	if (!whole_group(P, VAR_PORT, text, &g, &out->any))
		return false;
	of = rule_array(P->mem, g.n, sizeof(*of));
	if (of == NULL)
		return false;
	for (uint32_t i = 0; i < g.n; i++) {
		of[i].lo = (uint16_t)(g.of[i].lo.b[14] << 8 | g.of[i].lo.b[15]);
		of[i].hi = (uint16_t)(g.of[i].hi.b[14] << 8 | g.of[i].hi.b[15]);
	}
	out->of = of;
	out->n = g.n;
	know(P, VAR_PORT, out->text, out, sizeof(*out));
	return true;
}

/* ---- the table ---- */

static void
put_var(struct vars *v, enum var_kind kind, struct var one)
{
	for (uint32_t i = 0; i < v->n[kind]; i++)
		if (strcmp(v->of[kind][i].name, one.name) == 0) {
			one.own = v->of[kind][i].own;
			v->of[kind][i] = one;
			return;
		}
	v->of[kind][v->n[kind]++] = one;
}

static void
put_settings(struct vars *v, enum var_kind kind, const struct setting_vars *s)
{
	for (uint32_t i = 0; i < s->n; i++)
		put_var(v, kind, (struct var){ .name = s->of[i].name, .value = s->of[i].value,
		    .file = s->of[i].file, .line = s->of[i].line, .column = s->of[i].column });
}

static void
put_own(struct vars *v, struct rule_memory *m, enum var_kind kind, const char *of, const char *what, const char *value)
{
	char name[64];
	struct strbuf s = strbuf_on(name, sizeof(name));

	strbuf_printf(&s, "%s_%s", of, what);
	put_var(v, kind, (struct var){ .name = rule_text(m, name, s.len), .value = value, .own = true });
}

/* "[502,802]": those of TCP, and those of UDP that are others. */
static char *
ports_of(struct rule_memory *m, const struct protocol *p)
{
	const uint16_t *lists[] = { p->tcp_ports, p->udp_ports };
	char text[128];
	struct strbuf s = strbuf_on(text, sizeof(text));

	for (unsigned l = 0; l < COUNTOF(lists); l++)
		for (const uint16_t *port = lists[l]; port != NULL && *port != 0; port++)
			if (l == 0 || lists[0] == NULL || !protocol_has_port(lists[0], *port))
				strbuf_printf(&s, "%c%u", s.len == 0 ? '[' : ',', *port);
	strbuf_put(&s, "]");
	return rule_text(m, text, s.len);
}

/* Ports, clients and servers of the protocols that dissectors read. */
static void
put_protocols(struct vars *v, struct rule_memory *m)
{
	for (unsigned i = OP_UNKNOWN + 1; i < OP_PROTO_COUNT; i++) {
		const struct protocol *p = protocols[i];

		if (p->variable == NULL)
			continue;
		put_own(v, m, VAR_ADDRESS, p->variable, "CLIENT", "$HOME_NET");
		put_own(v, m, VAR_ADDRESS, p->variable, "SERVER", "$HOME_NET");
		put_own(v, m, VAR_PORT, p->variable, "PORTS", ports_of(m, p));
	}
}

void
vars_open(struct vars *v, struct rule_memory *m, const struct rules_settings *s)
{
	uint32_t more_a = s != NULL ? s->addresses.n : 0, more_p = s != NULL ? s->ports.n : 0;

	*v = (struct vars){ 0 };
	v->of[VAR_ADDRESS] = rule_array(m, COUNTOF(address_rows) + 2 * OP_PROTO_COUNT + more_a, sizeof(struct var));
	v->of[VAR_PORT] = rule_array(m, COUNTOF(port_rows) + OP_PROTO_COUNT + more_p, sizeof(struct var));
	if (m->failed)
		return;
	for (size_t i = 0; i < COUNTOF(address_rows); i++)
		put_var(v, VAR_ADDRESS, (struct var){ .name = address_rows[i].name, .value = address_rows[i].value, .own = true });
	for (size_t i = 0; i < COUNTOF(port_rows); i++)
		put_var(v, VAR_PORT, (struct var){ .name = port_rows[i].name, .value = port_rows[i].value, .own = true });
	put_protocols(v, m);
	if (s == NULL || m->failed)
		return;
	put_settings(v, VAR_ADDRESS, &s->addresses);
	put_settings(v, VAR_PORT, &s->ports);
}

void
vars_check(struct vars *v, struct parser *P, struct err *e)
{
	for (unsigned kind = 0; kind < 2; kind++)
		for (uint32_t i = 0; i < v->n[kind]; i++) {
			struct var *one = &v->of[kind][i];
			struct reading x = { .P = P, .kind = (enum var_kind)kind, .var = one, .e = e };

			if (one->state != VAR_NEW)
				continue;
			one->state = VAR_BUSY;
			one->state = group(&x, slice_trim((struct slice){ one->value, strlen(one->value) }),
			    &one->group) ? VAR_DONE : VAR_BAD;
			/* Defaults made of others fail with them; once is enough. */
		}
}

static const char *
nth_wanted(void *arg, uint32_t i)
{
	const struct var_walk *w = arg;
	static const char *const gone = "";

	if (i >= w->v->n[w->kind])
		return NULL;
	/* Those that a rule may use: not one that is set and unused itself. */
	return w->v->of[w->kind][i].own || w->v->of[w->kind][i].used ? w->v->of[w->kind][i].name : gone;
}

void
vars_unused(const struct vars *v, struct err *notes)
{
	for (unsigned kind = 0; kind < 2; kind++)
		for (uint32_t i = 0; i < v->n[kind]; i++) {
			const struct var *one = &v->of[kind][i];
			struct var_walk walk = { v, (enum var_kind)kind };
			const char *near;

			if (one->file == NULL || one->used || one->own)
				continue;
			near = nearest_of((struct slice){ one->name, strlen(one->name) }, nth_wanted, &walk);
			err_add(notes, one->file, one->line, one->column, "no rule asks for the variable %s%s%s%s", one->name,
			    near != NULL && near[0] != '\0' ? "; did you mean '" : "", near != NULL ? near : "",
			    near != NULL && near[0] != '\0' ? "'?" : "");
		}
}
