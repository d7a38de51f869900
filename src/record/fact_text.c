/* fact_text.c - facts as lines of text, sorted and stable, that live well in version control:
 *
 *	peer server=10.20.1.11 client=10.20.2.10 proto=modbus state=learned first=... last=... count=12
 *
 * Fields and their order are the rows of facts.def. */
#include "record/fact.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/digits.h"
#include "base/real.h"
#include "base/str.h"
#include "record/attribute.h"
#include "record/operation.h"
#include "record/packet.h"

/* ---- write ------------------------------------------------------------------- */

static const char *
transport_text(uint32_t code)
{
	return code == IP_TCP ? "tcp" : code == IP_UDP ? "udp" : code == IP_ICMP ? "icmp" : NULL;
}

/* What has a name by it, else by its number. */
static void
put_code(struct strbuf *to, const char *name, uint32_t code)
{
	if (name != NULL)
		strbuf_put(to, name);
	else
		strbuf_printf(to, "%" PRIu32, code);
}

static void
put_addr(struct strbuf *to, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	strbuf_put(to, text);
}

/* Blanks, quotes and what is no printable ASCII as %XX. */
static void
put_text(struct strbuf *to, const char *text)
{
	for (size_t i = 0; i < FACT_TEXT && text[i] != '\0'; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c > 0x20 && c < 0x7f && c != '%')
			strbuf_printf(to, "%c", c);
		else
			strbuf_printf(to, "%%%02x", c);
	}
}

static const char *
key_text(uint32_t code)
{
	for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++)
		if (attribute_code((enum attribute_key)i) == code)
			return attribute_rows[i].text;
	return NULL;
}

static void
put_field(struct strbuf *to, const struct fact_key *k, enum fact_field field)
{
	switch (field) {
#define PUT_SERVER	put_addr(to, &k->server)
#define PUT_CLIENT	put_addr(to, &k->client)
#define PUT_PROTO	strbuf_put(to, k->proto != OP_UNKNOWN && k->proto < OP_PROTO_COUNT ? protocols[k->proto]->name : "-")
#define PUT_MAC		strbuf_printf(to, "%02x:%02x:%02x:%02x:%02x:%02x", k->mac[0], k->mac[1], k->mac[2], k->mac[3], k->mac[4], k->mac[5])
#define PUT_PORT	strbuf_printf(to, "%u", (unsigned)k->port)
#define PUT_SPACE	put_code(to, op_space_name((enum op_space)k->space), k->space)
#define PUT_WRITTEN	strbuf_put(to, k->written ? "write" : "read")
#define PUT_RANGE	strbuf_printf(to, "%" PRIu32 "-%" PRIu32, k->first, k->last)
#define PUT_TEXT	put_text(to, k->text)
#define PUT_TRANSPORT	put_code(to, transport_text(k->code), k->code)
#define PUT_INTENT	put_code(to, op_intent_name((enum op_intent)k->code), k->code)
#define PUT_COMMAND	put_code(to, op_command_name((enum op_command)k->code), k->code)
#define PUT_ATTRIBUTE	put_code(to, op_fact_name((enum op_fact_key)k->code), k->code)
#define PUT_KEY	put_code(to, key_text(k->code), k->code)
#define PUT_unit	strbuf_printf(to, "%" PRIu32, k->unit)
#define PUT_number	strbuf_printf(to, "%" PRIu32, k->number)
#define PUT_function	strbuf_printf(to, "%" PRIu32, k->function)
#define PUT_subfunction	strbuf_printf(to, "%" PRIu32, k->subfunction)
#define PUT_code	strbuf_printf(to, "%" PRIu32, k->code)
#define FIELD(id, name, how) case FACT_FIELD_##id: PUT_##how; break;
#include "record/facts.def"
	default: break;
	}
}

static const char *const field_names[] = {
#define FIELD(id, name, how) name,
#include "record/facts.def"
};

static void
put_key(struct strbuf *to, const struct fact_key *k)
{
	const struct fact_row *row = fact_row(k->kind);

	strbuf_put(to, row->text);
	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++) {
		if ((row->fields >> i & 1u) == 0)
			continue;
		strbuf_printf(to, " %s=", field_names[i]);
		put_field(to, k, (enum fact_field)i);
	}
}

size_t
fact_print_key(const struct fact_key *k, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	put_key(&b, k);
	return b.len;
}

/* In decimal, and so that what is read back is the same. */
static void
put_numbers(struct strbuf *to, const struct fact *f, unsigned n)
{
	const bool reals = fact_row(f->key.kind)->reals;
	char text[REAL_TEXT_MAX + 1];

	for (unsigned i = 0; i < n; i++)
		if (reals && !isfinite(f->n[i].d)) {	/* of which there is no text: the bits, as 0.4.0 wrote all */
			for (i = 0; i < n; i++)
				strbuf_printf(to, "%s%" PRIx64, i == 0 ? " n=" : ",", f->n[i].u);
			return;
		}
	for (unsigned i = 0; i < n; i++) {
		*(reals ? real_print(text, f->n[i].d) : digits_u64(text, f->n[i].u)) = '\0';
		strbuf_printf(to, "%s%s", i == 0 ? " numbers=" : ",", text);
	}
}

size_t
fact_print(const struct fact *f, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);
	unsigned n = FACT_NUMBERS;

	put_key(&b, &f->key);
	strbuf_printf(&b, " state=%s first=%" PRIu64 " last=%" PRIu64 " count=%" PRIu64, fact_state_text(f->state),
	    f->first_ns, f->last_ns, f->count);
	while (n > 0 && f->n[n - 1].u == 0)
		n--;
	put_numbers(&b, f, n);
	return b.len;
}

/* ---- read --------------------------------------------------------------------- */

struct value {
	const char	*p;
	size_t		 n;
};

static bool
is(const struct value *v, const char *text)
{
	return text != NULL && strlen(text) == v->n && memcmp(text, v->p, v->n) == 0;
}

static bool
get_number(const struct value *v, unsigned base, uint64_t max, uint64_t *to)
{
	uint64_t x = 0;

	for (size_t i = 0; i < v->n; i++) {
		char c = v->p[i];
		unsigned digit = c >= '0' && c <= '9' ? (unsigned)(c - '0') : c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 99;

		if (digit >= base || x > (max - digit) / base)
			return false;
		x = x * base + digit;
	}
	*to = x;
	return v->n > 0;
}

static bool
get_u32(const struct value *v, uint32_t *to)
{
	uint64_t x;

	if (!get_number(v, 10, UINT32_MAX, &x))
		return false;
	*to = (uint32_t)x;
	return true;
}

/* By the names of a list, else by number. */
static bool
get_code(const struct value *v, const char *(*name)(unsigned), unsigned count, uint32_t *to)
{
	for (unsigned i = 0; i < count; i++)
		if (is(v, name(i))) {
			*to = i;
			return true;
		}
	return get_u32(v, to);
}

static const char *intent_text(unsigned i) { return op_intent_name((enum op_intent)i); }
static const char *command_text(unsigned i) { return op_command_name((enum op_command)i); }
static const char *attribute_text(unsigned i) { return op_fact_name((enum op_fact_key)i); }
static const char *space_text(unsigned i) { return op_space_name((enum op_space)i); }
static const char *transport_name(unsigned i) { return transport_text(i); }

static bool
get_addr(const struct value *v, struct addr *to)
{
	char text[ADDR_TEXT_MAX];
	uint8_t mac[6];
	unsigned bits;

	if (v->n >= sizeof(text) || memchr(v->p, '/', v->n) != NULL)
		return false;
	memcpy(text, v->p, v->n);
	text[v->n] = '\0';
	if (addr_mac_read(text, mac)) {
		*to = addr_of_mac(mac);
		return true;
	}
	return addr_net_read(text, to, &bits);
}

static bool
get_proto(const struct value *v, uint8_t *to)
{
	for (unsigned i = OP_UNKNOWN + 1; i < OP_PROTO_COUNT; i++)
		if (is(v, protocols[i]->name)) {
			*to = (uint8_t)i;
			return true;
		}
	*to = OP_UNKNOWN;
	return is(v, "-");
}

static bool
get_mac(const struct value *v, uint8_t to[6])
{
	if (v->n != 17)
		return false;
	for (unsigned i = 0; i < 6; i++) {
		struct value two = { v->p + 3 * (size_t)i, 2 };
		uint64_t x;

		if (!get_number(&two, 16, 255, &x) || (i < 5 && v->p[3 * i + 2] != ':'))
			return false;
		to[i] = (uint8_t)x;
	}
	return true;
}

static bool
get_space(const struct value *v, uint8_t *to)
{
	uint32_t x;

	if (!get_code(v, space_text, OP_SPACE_COUNT, &x) || x >= OP_SPACE_COUNT)
		return false;
	*to = (uint8_t)x;
	return true;
}

static bool
get_attribute_key(const struct value *v, uint32_t *to)
{
	for (unsigned i = 0; i < ATTRIBUTE_COUNT; i++)
		if (is(v, attribute_rows[i].text)) {
			*to = attribute_code((enum attribute_key)i);
			return true;
		}
	return get_u32(v, to);
}

static bool
get_port(const struct value *v, uint16_t *to)
{
	uint64_t x;

	if (!get_number(v, 10, UINT16_MAX, &x))
		return false;
	*to = (uint16_t)x;
	return true;
}

static bool
get_way(const struct value *v, uint8_t *to)
{
	*to = is(v, "write");
	return *to || is(v, "read");
}

static bool
get_range(const struct value *v, struct fact_key *k)
{
	const char *dash = memchr(v->p, '-', v->n);
	struct value first, last;

	if (dash == NULL)
		return false;
	first = (struct value){ v->p, (size_t)(dash - v->p) };
	last = (struct value){ dash + 1, v->n - first.n - 1 };
	return get_u32(&first, &k->first) && get_u32(&last, &k->last) && k->first <= k->last;
}

static bool
get_text(const struct value *v, char to[FACT_TEXT])
{
	size_t n = 0;

	memset(to, 0, FACT_TEXT);
	for (size_t i = 0; i < v->n; i++, n++) {
		uint64_t x = (unsigned char)v->p[i];

		if (n + 1 >= FACT_TEXT)
			return false;
		if (v->p[i] == '%') {
			struct value two = { v->p + i + 1, 2 };

			if (i + 2 >= v->n || !get_number(&two, 16, 255, &x) || x == 0)
				return false;
			i += 2;
		}
		to[n] = (char)x;
	}
	return true;
}

static bool
get_field(const struct value *v, struct fact_key *k, enum fact_field field)
{
	switch (field) {
#define GET_SERVER	get_addr(v, &k->server)
#define GET_CLIENT	get_addr(v, &k->client)
#define GET_PROTO	get_proto(v, &k->proto)
#define GET_MAC		get_mac(v, k->mac)
#define GET_PORT	get_port(v, &k->port)
#define GET_SPACE	get_space(v, &k->space)
#define GET_WRITTEN	get_way(v, &k->written)
#define GET_RANGE	get_range(v, k)
#define GET_TEXT	get_text(v, k->text)
#define GET_TRANSPORT	get_code(v, transport_name, 256, &k->code)
#define GET_INTENT	get_code(v, intent_text, OP_INTENT_COUNT, &k->code)
#define GET_COMMAND	get_code(v, command_text, OP_COMMAND_COUNT, &k->code)
#define GET_ATTRIBUTE	get_code(v, attribute_text, OP_FACT_COUNT, &k->code)
#define GET_KEY	get_attribute_key(v, &k->code)
#define GET_unit	get_u32(v, &k->unit)
#define GET_number	get_u32(v, &k->number)
#define GET_function	get_u32(v, &k->function)
#define GET_subfunction	get_u32(v, &k->subfunction)
#define GET_code	get_u32(v, &k->code)
#define FIELD(id, name, how) case FACT_FIELD_##id: return GET_##how;
#include "record/facts.def"
	default: return false;
	}
}

/* `bits`: as 0.4.0 wrote them. */
static bool
get_numbers(const struct value *v, struct fact *f, bool bits)
{
	const bool reals = !bits && fact_row(f->key.kind)->reals;
	struct value one = { v->p, 0 };

	for (unsigned i = 0; i < FACT_NUMBERS; i++) {
		const char *comma = memchr(one.p, ',', v->n - (size_t)(one.p - v->p));
		const char *end = comma != NULL ? comma : v->p + v->n;

		one.n = (size_t)(end - one.p);
		if (reals ? !real_read(one.p, one.n, &f->n[i].d) : !get_number(&one, bits ? 16 : 10, UINT64_MAX, &f->n[i].u))
			return false;
		if (comma == NULL)
			return true;
		one.p = comma + 1;
	}
	return false;
}

static bool
get_state(const struct value *v, uint8_t *to)
{
	for (unsigned i = FACT_NONE + 1; i < FACT_STATES; i++)
		if (is(v, fact_state_text(i))) {
			*to = (uint8_t)i;
			return true;
		}
	return false;
}

/* What is not of the key.  -1: it is no such word. */
static int
get_rest(const struct value *name, const struct value *v, struct fact *f)
{
	if (is(name, "state"))
		return get_state(v, &f->state);
	if (is(name, "first"))
		return get_number(v, 10, UINT64_MAX, &f->first_ns);
	if (is(name, "last"))
		return get_number(v, 10, UINT64_MAX, &f->last_ns);
	if (is(name, "count"))
		return get_number(v, 10, UINT64_MAX, &f->count);
	if (is(name, "n"))
		return get_numbers(v, f, true);
	return is(name, "numbers") ? get_numbers(v, f, false) : -1;
}

/* One "name=value".  NULL: it is right; else what is wrong. */
static const char *
get_word(const struct value *word, struct fact *f, uint32_t *had)
{
	const char *equals = memchr(word->p, '=', word->n);
	struct value name, v;
	int rest;

	if (equals == NULL)
		return "a word without =";
	name = (struct value){ word->p, (size_t)(equals - word->p) };
	v = (struct value){ equals + 1, word->n - name.n - 1 };
	for (unsigned i = 0; i < FACT_FIELD_COUNT; i++) {
		if ((fact_row(f->key.kind)->fields >> i & 1u) == 0 || !is(&name, field_names[i]))
			continue;
		if ((*had >> i & 1u) != 0)
			return "a field that was there before";
		*had |= 1u << i;
		return get_field(&v, &f->key, (enum fact_field)i) ? NULL : "a value that this field cannot have";
	}
	rest = get_rest(&name, &v, f);
	return rest < 0 ? "a field that this kind of fact has not" : rest == 0 ? "a value that this field cannot have" : NULL;
}

static bool
next_word(const char *line, size_t n, size_t *at, struct value *word)
{
	while (*at < n && (line[*at] == ' ' || line[*at] == '\t' || line[*at] == '\r'))
		(*at)++;
	word->p = line + *at;
	word->n = 0;
	while (*at + word->n < n && strchr(" \t\r", line[*at + word->n]) == NULL && line[*at + word->n] != '\0')
		word->n++;
	return word->n > 0;
}

bool
fact_parse(const char *line, size_t n, struct fact *f, const char **why, size_t *at)
{
	struct value word;
	unsigned kind = 0;
	uint32_t had = 0;

	memset(f, 0, sizeof(*f));
	f->state = FACT_LEARNED;
	*at = 0;
	*why = "no kind of fact";
	if (!next_word(line, n, at, &word))
		return false;
	while (kind < FACT_KIND_COUNT && !is(&word, fact_row(kind)->text))
		kind++;
	if (kind == FACT_KIND_COUNT)
		return false;
	f->key.kind = (uint8_t)kind;
	for (*at += word.n; next_word(line, n, at, &word); *at += word.n)
		if ((*why = get_word(&word, f, &had)) != NULL)
			return false;
	*why = had != fact_row(kind)->fields ? "a field of this kind of fact is missing" :
	    *at < n ? "a character that is no text" : NULL;
	return *why == NULL;
}
