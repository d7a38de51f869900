/* word_meta.c - words about the rule itself, and its metadata for alerts. */
#include "detect/rules/parse.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/classification.h"

/* Without the backslashes before " ; \ and :. */
static char *
unescaped(struct rule_memory *m, struct slice s)
{
	char *to = rule_alloc(m, s.n + 1);
	size_t n = 0;

	if (to == NULL)
		return NULL;
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] == '\\' && i + 1 < s.n && strchr("\";\\:", s.p[i + 1]) != NULL)
			i++;
		to[n++] = s.p[i];
	}
	return to;
}

static bool
given_before(struct parser *P, enum rule_word w)
{
	for (uint32_t i = 0; i < P->n_opts; i++)
		if (P->opts[i].word == w) {
			parse_complain(P, P->at[P->n_opts].p, "%s is given twice", rule_word_row(w)->text);
			return true;
		}
	return false;
}

bool
read_text(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct slice rest, inside;

	switch (o->word) {
	case RW_MSG:
	case RW_REM:
		if (o->word == RW_MSG && given_before(P, RW_MSG))
			return false;
		inside = v;
		if (v.p[0] == '"') {
			if (!parse_quoted(P, v, &inside, &rest))
				return false;
			if (rest.n > 0) {
				parse_complain(P, rest.p, "a \" within the text is written \\\"");
				return false;
			}
		}
		if (!utf8_valid((const uint8_t *)inside.p, inside.n)) {
			parse_complain(P, v.p, "the text is not valid UTF-8");
			return false;
		}
		o->text = unescaped(P->mem, inside);
		return true;
	case RW_CLASSTYPE:
		if (given_before(P, RW_CLASSTYPE))
			return false;
		v = parse_unquoted(v);
		break;
	case RW_REFERENCE:
		(void)slice_part(&v, ',', &inside);
		if (v.p == NULL || inside.n == 0 || slice_trim(v).n == 0) {
			parse_complain(P, inside.p, "a reference is kind,text: reference:url,example.org/page");
			return false;
		}
		rest = slice_trim(v);
		v = (struct slice){ inside.p, (size_t)(rest.p + rest.n - inside.p) };
		break;
	case RW_TARGET:
		if (!slice_is(v, "src_ip") && !slice_is(v, "dest_ip")) {
			parse_complain(P, v.p, "target is src_ip or dest_ip");
			return false;
		}
		break;
	case RW_REQUIRES:
		if (!requires_met(P, v))
			return false;
		break;
	default:
		break;
	}
	o->text = rule_text(P->mem, v.p, v.n);
	return true;
}

bool
read_number(struct parser *P, struct rule_opt *o, struct slice v)
{
	struct rule_metadata *c = &P->rule->meta;
	enum rule_word w = (enum rule_word)o->word;
	uint32_t n;

	if (given_before(P, w))
		return false;
	if (!parse_u32(P, parse_unquoted(v), w == RW_SID || w == RW_PRIORITY ? 1 : 0, w == RW_PRIORITY ? 255 : UINT32_MAX,
	    rule_word_row(w)->text, &n))
		return false;
	o->number = n;
	if (w == RW_SID) {
		c->sid = n;
		P->has_sid = true;
	} else if (w == RW_GID)
		c->gid = n;
	else if (w == RW_REV)
		c->rev = n;
	else
		c->severity = (uint8_t)n;
	return true;
}

/* ---- metadata for alerts ---- */

struct metas {
	struct rule_meta *of;
	uint32_t	  n, capacity;
};

static void
add_meta(struct parser *P, struct metas *m, const char *text)
{
	struct slice rest = { text, strlen(text) }, part, key;
	struct rule_meta *of, one;

	while (slice_part(&rest, ',', &part)) {
		if (part.n == 0)
			continue;
		(void)slice_word(&part, &key);
		part = slice_trim(part);
		of = rule_grow(P->mem, m->of, m->n, &m->capacity, sizeof(*of));
		one = (struct rule_meta){ rule_text(P->mem, key.p, key.n),
		    rule_text(P->mem, part.p, part.n) };
		if (of == NULL || one.key == NULL || one.value == NULL)
			return;
		m->of = of;
		m->of[m->n++] = one;
	}
}

/* T0836, or T0843.001, as a word of its own within the text. */
static size_t
technique_at(const char *text, size_t i)
{
	size_t n = 1;

	if ((text[i] != 'T' && text[i] != 't') || (i > 0 && isalnum((unsigned char)text[i - 1])))
		return 0;
	while (n < 5 && isdigit((unsigned char)text[i + n]))
		n++;
	if (n < 5)
		return 0;
	if (text[i + 5] == '.' && isdigit((unsigned char)text[i + 6]) && isdigit((unsigned char)text[i + 7]) &&
	    isdigit((unsigned char)text[i + 8]))
		n = 9;
	return isalnum((unsigned char)text[i + n]) ? 0 : n;
}

static const char *
techniques_of(struct parser *P, const struct metas *m)
{
	char text[512];
	struct strbuf b = strbuf_on(text, sizeof(text));

	for (uint32_t i = 0; i < m->n; i++)
		for (size_t k = 0; m->of[i].value[k] != '\0'; k++) {
			size_t n = technique_at(m->of[i].value, k);
			char id[12];

			if (n == 0)
				continue;
			memcpy(id, m->of[i].value + k, n);
			id[0] = 'T';
			id[n] = '\0';
			if (strstr(text, id) == NULL && b.len + n + 2 < sizeof(text)) {
				if (b.len > 0)
					strbuf_put(&b, " ");
				strbuf_put(&b, id);
			}
			k += n - 1;
		}
	return rule_text(P->mem, text, b.len);
}

void
fill_metadata(struct parser *P)
{
	struct rule_metadata *c = &P->rule->meta;
	const struct class_row *class = NULL;
	const char **references = NULL;
	struct metas metas = { 0 };
	uint32_t capacity = 0;

	c->msg = c->techniques = c->category = "";
	for (uint32_t i = 0; i < P->n_opts; i++) {
		const struct rule_opt *o = &P->opts[i];

		if (o->word == RW_MSG)
			c->msg = o->text;
		else if (o->word == RW_CLASSTYPE) {
			c->classtype = o->text;
			class = class_find(P->classes, o->text);
			if (class == NULL)
				parse_note(P, P->at[i].p, "class '%s' is not in the classification; the priority is 3", o->text);
		} else if (o->word == RW_METADATA)
			add_meta(P, &metas, o->text);
		else if (o->word == RW_REFERENCE) {
			references = rule_grow(P->mem, references, c->n_references, &capacity, sizeof(*references));
			if (references == NULL)
				return;
			references[c->n_references++] = reference_url(P->classes, P->mem, o->text);
		} else if (o->word == RW_TARGET)
			c->target = strcmp(o->text, "src_ip") == 0 ? 1 : 2;
		else if (o->word == RW_NOALERT)
			P->rule->noalert = true;
	}
	if (class != NULL)
		c->category = class->description;
	if (c->severity == 0)
		c->severity = class != NULL ? class->priority : 3;
	c->references = references;
	c->metadata = metas.of;
	c->n_metadata = metas.n;
	c->techniques = techniques_of(P, &metas);
}
