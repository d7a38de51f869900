/* sets.c - lists from files: dataset, datarep, and "@file" of numbers. */
#include "detect/rules/parse.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/file.h"

#define MEMBERS_MAX	4000000u

static int
by_bytes(const void *a, const void *b)
{
	const struct rule_member *x = a, *y = b;
	int d = memcmp(x->p, y->p, x->n < y->n ? x->n : y->n);

	return d != 0 ? d : x->n < y->n ? -1 : x->n > y->n;
}

static int
hex(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	    c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static bool
from_hex(struct rule_memory *m, struct slice s, size_t want, struct rule_member *out)
{
	uint8_t *to;

	if (s.n != want * 2)
		return false;
	to = rule_alloc(m, want);
	if (to == NULL)
		return false;
	for (size_t i = 0; i < want; i++) {
		int hi = hex(s.p[2 * i]), lo = hex(s.p[2 * i + 1]);

		if (hi < 0 || lo < 0)
			return false;
		to[i] = (uint8_t)(hi << 4 | lo);
	}
	out->p = to;
	out->n = (uint32_t)want;
	return true;
}

/* Suricata keeps strings in base64, so that any byte can stand in them. */
static bool
from_base64(struct rule_memory *m, struct slice s, struct rule_member *out)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint8_t *to = rule_alloc(m, s.n);
	uint32_t bits = 0, n = 0;
	unsigned have = 0;

	if (to == NULL)
		return false;
	while (s.n > 0 && s.p[s.n - 1] == '=')
		s.n--;
	for (size_t i = 0; i < s.n; i++) {
		const char *at = s.p[i] != '\0' ? strchr(digits, s.p[i]) : NULL;

		if (at == NULL)
			return false;
		bits = bits << 6 | (uint32_t)(at - digits);
		have += 6;
		if (have >= 8) {
			have -= 8;
			to[n++] = (uint8_t)(bits >> have);
		}
	}
	out->p = to;
	out->n = n;
	return n > 0;
}

static bool
from_address(struct rule_memory *m, struct slice s, struct rule_member *out)
{
	char text[INET6_ADDRSTRLEN];
	uint8_t b[16];
	struct addr a;

	if (s.n == 0 || s.n >= sizeof(text))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, b) == 1)
		a = addr_v4(b);
	else if (inet_pton(AF_INET6, text, b) == 1)
		a = addr_v6(b);
	else
		return false;
	out->p = rule_copy(m, a.b, sizeof(a.b));
	out->n = sizeof(a.b);
	return true;
}

/* One line: the member, and with `rep` a number behind a comma. */
static bool
member(struct rule_memory *m, struct slice line, uint8_t type, bool rep, struct rule_member *out)
{
	struct slice value, number = { NULL, 0 };
	uint64_t u = 0;

	(void)slice_part(&line, ',', &value);
	if (line.p != NULL)
		(void)slice_part(&line, ',', &number);
	if (rep && (!slice_u64(number, &u) || u > 65535))
		return false;
	out->rep = (uint16_t)u;
	switch (type) {
	case DATASET_IP:	return from_address(m, value, out);
	case DATASET_MD5:	return from_hex(m, value, 16, out);
	case DATASET_SHA256:	return from_hex(m, value, 32, out);
	default:		return from_base64(m, value, out);
	}
}

bool
list_next_line(struct slice *rest, struct slice *line, int *n)
{
	while (slice_part(rest, '\n', line)) {
		++*n;
		while (line->n > 0 && line->p[line->n - 1] == '\r')
			line->n--;
		*line = slice_trim(*line);
		if (line->n > 0 && line->p[0] != '#')
			return true;
	}
	return false;
}

void
list_take(struct rule_list *l, struct rule_member *of, uint32_t n)
{
	if (n > 1)
		qsort(of, n, sizeof(*of), by_bytes);
	l->of = of;
	l->n = n;
}

static bool
load_list(struct parser *P, struct rule_list *l, bool rep)
{
	static const char *const what[] = { "a string in base64", "an IP address",
	    "an MD5 sum (32 hexadecimal digits)", "a SHA-256 sum (64 hexadecimal digits)" };
	struct rule_member *of = NULL;
	uint32_t capacity = 0, n = 0;
	struct slice rest, line;
	int at = 0;
	bool ok = true;

	if (!file_read(P->mem, l->file, &rest, P->problems)) {
		P->bad = true;
		return false;
	}
	while (list_next_line(&rest, &line, &at)) {
		of = rule_grow(P->mem, of, n, &capacity, sizeof(*of));
		if (of == NULL)
			return false;
		if (n == MEMBERS_MAX || !member(P->mem, line, l->type, rep, &of[n])) {
			err_add(P->problems, l->file, at, 1, n == MEMBERS_MAX ? "the list is too long%s%s" :
			    "a line is %s%s", n == MEMBERS_MAX ? "" : what[l->type],
			    rep && n < MEMBERS_MAX ? ",number" : "");
			P->bad = true;
			ok = false;
			break;
		}
		n++;
	}
	list_take(l, of, n);
	return ok;
}

struct rule_list *
list_find(const struct parser *P, struct slice name)
{
	for (uint32_t i = 0; i < P->lists.n; i++)
		if (slice_is(name, P->lists.of[i]->name))
			return P->lists.of[i];
	return NULL;
}

struct rule_list *
list_new(struct parser *P, struct slice name, uint8_t type)
{
	struct rule_lists *t = &P->lists;
	struct rule_list *l = rule_alloc(P->mem, sizeof(*l)), **of;

	of = rule_grow(P->mem, t->of, t->n, &t->capacity, sizeof(*of));
	if (l == NULL || of == NULL)
		return NULL;
	t->of = of;
	*l = (struct rule_list){ .name = rule_text(P->mem, name.p, name.n), .type = type };
	if (l->name == NULL)
		return NULL;
	t->of[t->n++] = l;
	return l;
}

const struct rule_list *
list_of(struct parser *P, struct slice at, struct slice name, struct slice file, uint8_t type, bool rep)
{
	const char *path = file.n > 0 ? file_beside(P->mem, P->file, file) : NULL;
	struct rule_list *l = list_find(P, name);

	if (l == NULL && (l = list_new(P, name, type)) == NULL)
		return NULL;
	if (l->type != type || (path != NULL && l->file != NULL && strcmp(path, l->file) != 0)) {
		parse_complain(P, at.p, "the set %s is of another type or file in an earlier rule", l->name);
		return NULL;
	}
	if (path == NULL || l->file != NULL)
		return l;
	l->file = path;
	return load_list(P, l, rep) ? l : NULL;
}

bool
list_from_file(struct parser *P, struct slice part, struct rule_range **of, uint32_t *n, uint32_t *capacity)
{
	struct slice rest, line;
	bool negated = part.n > 1 && part.p[0] == '!' && part.p[1] == '@';
	struct rule_range *more;
	const char *path;
	int at = 0;

	if (negated)
		part = (struct slice){ part.p + 1, part.n - 1 };
	if (part.n < 2 || part.p[0] != '@')
		return false;
	path = file_beside(P->mem, P->file, (struct slice){ part.p + 1, part.n - 1 });
	if (!file_read(P->mem, path, &rest, P->problems)) {
		P->bad = true;
		return false;
	}
	while (list_next_line(&rest, &line, &at)) {
		int64_t v;

		if (!slice_i64(line, &v) || *n >= MEMBERS_MAX) {
			err_add(P->problems, path, at, 1, "a line is one whole number");
			P->bad = true;
			return false;
		}
		more = rule_grow(P->mem, *of, *n, capacity, sizeof(*more));
		if (more == NULL)
			return false;
		*of = more;
		(*of)[(*n)++] = (struct rule_range){ .test = TEST_RANGE, .negated = negated, .lo = v, .hi = v,
		    .rlo = (double)v, .rhi = (double)v };
	}
	return true;
}

bool
list_comparison(struct parser *P, struct slice sign, struct slice number, int64_t max, struct rule_numbers *out)
{
	char text[32];
	struct strbuf b = strbuf_on(text, sizeof(text));
	uint64_t v;

	if (!(slice_is(sign, "<") || slice_is(sign, ">") || slice_is(sign, "=") || slice_is(sign, "==") ||
	    slice_is(sign, "<=") || slice_is(sign, ">="))) {
		parse_complain(P, sign.p, "a comparison is < > = <= or >=, not '%.*s'", SLICE(sign));
		return false;
	}
	if (!slice_u64(number, &v) || v > (uint64_t)max) {
		parse_complain(P, number.p, "a number from 0 to %lld is expected, not '%.*s'", (long long)max, SLICE(number));
		return false;
	}
	strbuf_printf(&b, "%.*s%llu", sign.n == 2 && sign.p[0] == '=' ? 1 : (int)sign.n, sign.p, (unsigned long long)v);
	return parse_numbers(P, (struct slice){ text, b.len }, 0, max, NULL, NULL, out);
}

bool
read_dataset(struct parser *P, struct rule_opt *o, struct slice v)
{
	static const char *const verbs[] = { "isset", "isnotset", "set", "unset" };
	static const char *const types[] = { "string", "ip", "md5", "sha256", "ipv4" };
	struct rule_dataset *d = &o->dataset;
	bool rep = o->word == RW_DATAREP;
	struct slice name, part, word, sign, file = { NULL, 0 };
	uint8_t type = DATASET_STRING;
	struct rule_list *known;
	bool typed = false;
	size_t i;

	*d = (struct rule_dataset){ .rep = rep, .side = P->ip_side };
	(void)slice_part(&v, ',', &part);
	name = part;
	if (!rep) {
		for (i = 0; i < COUNTOF(verbs) && !slice_is(part, verbs[i]); i++)
			;
		if (i == COUNTOF(verbs)) {
			parse_complain(P, part.p, "'%.*s' is none of isset, isnotset, set, unset", SLICE(part));
			return false;
		}
		d->what = (uint8_t)i;
		if (!slice_part(&v, ',', &name))
			name.n = 0;
	}
	if (name.n == 0 || name.n > 63) {
		parse_complain(P, part.p, "the set needs a name of 1 to 63 characters");
		return false;
	}
	if (rep) {
		if (!slice_part(&v, ',', &sign) || !slice_part(&v, ',', &part)) {
			parse_complain(P, name.p, "%s", rule_word_row(RW_DATAREP)->syntax);
			return false;
		}
		if (!list_comparison(P, sign, part, 65535, &d->value))
			return false;
	}
	while (slice_part(&v, ',', &part)) {
		(void)slice_word(&part, &word);
		part = slice_trim(part);
		if (slice_is(word, "type")) {
			for (i = 0; i < COUNTOF(types) && !slice_is(part, types[i]); i++)
				;
			if (i == COUNTOF(types)) {
				parse_complain(P, part.p, "the type is string, ip, md5 or sha256, not '%.*s'", SLICE(part));
				return false;
			}
			type = i == 4 ? DATASET_IP : (uint8_t)i;
			typed = true;
		} else if (slice_is(word, "load") || slice_is(word, "state"))
			file = parse_unquoted(part);
		else if (slice_is(word, "save") || slice_is(word, "memcap") || slice_is(word, "hashsize"))
			continue;	/* sizes are not configurable, and lists are never written */
		else {
			parse_complain(P, word.p, "'%.*s' is no word of %s", SLICE(word), rule_word_row((enum rule_word)o->word)->text);
			return false;
		}
	}
	/* A set has one type, in whichever of its rules it stands. */
	known = list_find(P, name);
	if (known != NULL && !typed)
		type = known->type;
	else if (known != NULL && !known->typed && known->file == NULL)
		known->type = type;
	d->list = list_of(P, name, name, file, type, rep);
	if (d->list != NULL)
		list_find(P, name)->typed |= typed;
	if (d->list != NULL && (d->what == DATASET_SET || d->what == DATASET_UNSET))
		list_find(P, name)->changes = true;
	return d->list != NULL;
}
