/* app.c - what conversations are called: by our dissectors, by nDPI, and in the rules
 * of others.  A name that no conversation can have is an error: such a rule would never match. */
#include "detect/rules/app.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"

static const struct { const char *name, *names; } also[] = {
#define APP_ALSO(name, names) { name, names },
#define APP_OUTSIDE(names, why)
#include "detect/rules/app.def"
#undef APP_ALSO
#undef APP_OUTSIDE
};

static const struct { const char *names, *why; } outside[] = {
#define APP_ALSO(name, names)
#define APP_OUTSIDE(names, why) { names, why },
#include "detect/rules/app.def"
#undef APP_ALSO
#undef APP_OUTSIDE
};

/* Names that need no nDPI: of our dissectors, and those that stream/ gives by the bytes. */
static const char *const by_bytes[] = { "enip", "bacnet" };

static const char *
nth_own(uint32_t i)
{
	if (OP_UNKNOWN + 1 + i < OP_PROTO_COUNT)
		return protocols[OP_UNKNOWN + 1 + i]->name;
	i -= OP_PROTO_COUNT - (OP_UNKNOWN + 1);
	return i < COUNTOF(by_bytes) ? by_bytes[i] : NULL;
}

/* Other names that the head of a rule may have; for the nearest word. */
static const char *const heads[] = { "ip", "tcp", "udp", "icmp" };

static bool
is_own(const char *name)
{
	const char *own;

	for (uint32_t i = 0; (own = nth_own(i)) != NULL; i++)
		if (strcmp(own, name) == 0)
			return true;
	return false;
}

static bool
nth_app(const struct parser *P, uint32_t i, struct rule_name *n)
{
	const struct rule_lookup *l = P->from->lookup;

	return l != NULL && l->nth(NAMES_APP, i, n);
}

/* Switched off, or not built in: then it has no risks either. */
static bool
unnamed(const struct parser *P)
{
	const struct rule_lookup *l = P->from->lookup;
	struct rule_name n;

	return P->from->unnamed || l == NULL || !l->nth(NAMES_NDPI_RISK, 0, &n);
}

/* Names that NAMES_APP lacks: this nDPI may be newer. */
static bool
ndpi_adds(struct parser *P, const char *name)
{
	const struct rule_lookup *l = P->from->lookup;
	char line[66];
	int n;

	if (!P->apps_asked && l != NULL && l->apps != NULL)
		P->apps = l->apps();
	P->apps_asked = true;
	n = snprintf(line, sizeof(line), "\n%s\n", name);
	return P->apps != NULL && n < (int)sizeof(line) && strstr(P->apps, line) != NULL;
}

static bool
ndpi_has(struct parser *P, const char *name)
{
	struct rule_name n;

	for (uint32_t i = 0; nth_app(P, i, &n); i++)
		if (strcmp(n.name, name) == 0)
			return true;
	return !unnamed(P) && ndpi_adds(P, name);
}

static const char *
nth_near(void *arg, uint32_t i)
{
	const struct parser *P = arg;
	struct rule_name n;

	if (i < COUNTOF(heads))
		return heads[i];
	i -= (uint32_t)COUNTOF(heads);
	if (nth_own(i) != NULL)
		return nth_own(i);
	i -= (uint32_t)(OP_PROTO_COUNT - (OP_UNKNOWN + 1) + COUNTOF(by_bytes));
	if (i < COUNTOF(also))
		return also[i].name;
	return nth_app(P, i - (uint32_t)COUNTOF(also), &n) ? n.name : NULL;
}

static bool
in_list(const char *words, const char *name)
{
	size_t n = strlen(name);

	for (const char *w = words; *w != '\0'; w += strspn(w, " ")) {
		size_t k = strcspn(w, " ");

		if (k == n && memcmp(w, name, n) == 0)
			return true;
		w += k;
	}
	return false;
}

/* "tls.google" is a part of nDPI's each. */
static bool
parts_known(struct parser *P, const char *name)
{
	char part[64];
	size_t n;

	if (strchr(name, '.') == NULL)
		return false;
	for (; *name != '\0'; name += n + (name[n] == '.')) {
		n = strcspn(name, ".");
		if (n == 0 || n >= sizeof(part))
			return false;
		memcpy(part, name, n);
		part[n] = '\0';
		if (!is_own(part) && !ndpi_has(P, part))
			return false;
	}
	return true;
}

static const char *
names_of(const char *name)
{
	for (size_t i = 0; i < COUNTOF(also); i++)
		if (strcmp(also[i].name, name) == 0)
			return also[i].names;
	return name;
}

/* Any of the names that this one stands for: `given` here, or only by nDPI. */
static bool
any_known(struct parser *P, const char *names, bool given)
{
	char one[64];

	for (const char *w = names; *w != '\0'; w += strspn(w, " ")) {
		size_t k = strcspn(w, " ");

		if (k < sizeof(one)) {
			memcpy(one, w, k);
			one[k] = '\0';
			if (is_own(one) || ((!given || !unnamed(P)) && ndpi_has(P, one)))
				return true;
		}
		w += k;
	}
	return false;
}

bool
app_take(struct parser *P, struct slice written, struct rule_app *out)
{
	const struct protocol *ours = protocol_spelled(written.p, written.n);
	char *name = rule_text(P->mem, written.p, written.n);
	const char *names, *near;

	if (name == NULL)
		return false;
	for (size_t i = 0; i < written.n; i++)
		name[i] = (char)tolower((unsigned char)name[i]);
	names = ours != NULL ? ours->name : names_of(name);
	out->name = name;
	out->names = names;
	/* Who leads a family stands for all of it. */
	out->of = ours == NULL ? 0 : ours->family == ours->proto ? protocol_family(ours->proto) : PROTO_BIT(ours->proto);
	if (P->from->lookup == NULL || any_known(P, names, true))
		return true;
	for (size_t i = 0; i < COUNTOF(outside); i++)
		if (in_list(outside[i].names, name)) {
			parse_skip(P, written.p, "left out: %s is %s", name, outside[i].why);
			return false;
		}
	if (unnamed(P) && (any_known(P, names, false) || parts_known(P, name))) {
		parse_skip(P, written.p, "left out: %s is a name that nDPI gives, and nothing is named by nDPI here", name);
		return false;
	}
	if (parts_known(P, name))
		return true;
	near = nearest_of(written, nth_near, P);
	parse_complain(P, written.p, "no conversation is ever called '%s': the rule can never match%s%s%s", name,
	    NEAREST(near));
	return false;
}

bool
app_known(const struct rule_lookup *l, const char *name)
{
	char line[66], *apps;
	struct rule_name n;
	bool known = false;

	for (size_t i = 0; i < COUNTOF(by_bytes); i++)
		if (strcmp(by_bytes[i], name) == 0)
			return true;
	for (uint32_t i = 0; l->nth(NAMES_APP, i, &n); i++)
		if (strcmp(n.name, name) == 0)
			return true;
	apps = l->apps != NULL ? l->apps() : NULL;
	if (apps != NULL && snprintf(line, sizeof(line), "\n%s\n", name) < (int)sizeof(line))
		known = strstr(apps, line) != NULL;
	free(apps);
	return known;
}
