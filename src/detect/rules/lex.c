#include "detect/rules/lex.h"

#include <string.h>

void
lex_begin(struct lexer *x, struct rule_memory *mem, const char *text, size_t n)
{
	*x = (struct lexer){ .p = text, .end = text + n, .line = 1, .mem = mem,
	    .rule = x->rule };
	/* The mark that some editors put in front of UTF-8. */
	if (n >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		x->p += 3;
}

static bool
blank(char c)
{
	return c == ' ' || c == '\t' || c == '\v' || c == '\f';
}

static void
put(struct lexer *x, char c, uint32_t column)
{
	struct lex_rule *r = &x->rule;

	if (x->mem->failed)
		return;

	if (r->n + 1 >= r->capacity) {
		uint32_t capacity = r->capacity == 0 ? 4096 : r->capacity * 2;
		char *text = rule_array(x->mem, capacity, 1);
		uint32_t *line = rule_array(x->mem, capacity, sizeof(*line));
		uint32_t *col = rule_array(x->mem, capacity, sizeof(*col));

		if (text == NULL || line == NULL || col == NULL)
			return;
		if (r->n > 0) {
			memcpy(text, r->text, r->n);
			memcpy(line, r->line, r->n * sizeof(*line));
			memcpy(col, r->column, r->n * sizeof(*col));
		}
		r->text = text;
		r->line = line;
		r->column = col;
		r->capacity = capacity;
	}
	r->text[r->n] = c;
	r->line[r->n] = x->line;
	r->column[r->n] = column;
	r->n++;
}

/* The line at x->p without its end; x->p goes behind it. */
static struct slice
take_line(struct lexer *x)
{
	struct slice s = { x->p, 0 };

	while (x->p < x->end && *x->p != '\n' && *x->p != '\r')
		x->p++;
	s.n = (size_t)(x->p - s.p);
	if (x->p < x->end && *x->p == '\r')
		x->p++;
	if (x->p < x->end && *x->p == '\n')
		x->p++;
	return s;
}

/* Does the line end with a backslash that is not itself escaped?  Cut it off. */
static bool
goes_on(struct slice *s)
{
	size_t n = s->n, k;

	while (n > 0 && blank(s->p[n - 1]))
		n--;
	for (k = 0; k < n && s->p[n - 1 - k] == '\\'; k++)
		;
	if (k % 2 == 0)
		return false;
	s->n = n - 1;
	return true;
}

/* Between rules an empty line or one that begins with # or ;, within one the first two. */
static bool
is_comment(struct slice s, bool within)
{
	s = slice_trim(s);
	return s.n == 0 || s.p[0] == '#' || (s.p[0] == ';' && !within);
}

/* A line that begins as a rule does: within an open one it shows that the open
 * one was never closed. */
static bool
begins_rule(struct slice s)
{
	static const char *const actions[] = { "alert", "drop", "pass", "reject", "log", "block",
	    "rejectsrc", "rejectdst", "rejectboth", "sdrop" };
	struct slice word;

	if (!slice_word(&s, &word))
		return false;
	for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++)
		if (slice_is(word, actions[i]))
			return s.n > 0;
	return false;
}

static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

size_t
lex_pcre(const char *p, size_t n)
{
	size_t i = 0, k;

	while (i < n && is_blank(p[i]))
		i++;
	if (n - i < 6 || memcmp(p + i, "pcre", 4) != 0)
		return 0;
	for (i += 4; i < n && (is_blank(p[i]) || p[i] == ':' || p[i] == '!'); i++)
		;
	if (i >= n || p[i] != '"')
		return 0;
	for (i++; i < n; i++) {
		if (p[i] == '\\') {
			i++;
			continue;
		}
		if (p[i] != '"')
			continue;
		for (k = i + 1; k < n && is_blank(p[k]); k++)
			;
		if (k < n && p[k] == ';')
			return i + 1;
	}
	return 0;
}

/* Read on, from text[from], how deep in parentheses and whether in quotes. */
static void
look(const struct lex_rule *r, uint32_t from, bool *quoted, bool *inside, bool *closed)
{
	for (uint32_t i = from; i < r->n && !*closed; i++) {
		char c = r->text[i];
		size_t skip = *inside && !*quoted && (c == ';' || c == '(') ? lex_pcre(r->text + i + 1, r->n - i - 1) : 0;

		if (skip > 0) {
			i += (uint32_t)skip;
			continue;
		}

		if (c == '\\')
			i++;
		else if (*inside && c == '"')
			*quoted = !*quoted;
		else if (!*quoted && c == '(' && !*inside)
			*inside = true;
		else if (!*quoted && c == ')') {
			/* One in the midst of a line belongs to some text. */
			struct slice behind = { r->text + i + 1, r->n - i - 1 };

			*closed = is_comment(behind, true);
		}
	}
}

static void
add_line(struct lexer *x, struct slice s, const char *start)
{
	for (size_t i = 0; i < s.n; i++)
		put(x, s.p[i], (uint32_t)(s.p + i - start) + 1);
}

bool
lex_next(struct lexer *x)
{
	struct lex_rule *r = &x->rule;
	bool quoted = false, inside = false, closed = false, more = false;

	r->n = 0;
	r->open = false;
	while (x->p < x->end) {
		const char *at = x->p;
		struct slice s = take_line(x);
		uint32_t from = r->n;

		if (r->n > 0 && !more && begins_rule(s)) {
			x->p = at;
			break;
		}
		if (!quoted && is_comment(s, r->n > 0) && (r->n == 0 || inside || (more && s.n > 0))) {
			x->line++;
			continue;
		}
		more = goes_on(&s);
		if (r->n > 0 && s.n > 0 && !quoted)
			put(x, ' ', 1);
		add_line(x, s, at);
		look(r, from, &quoted, &inside, &closed);
		x->line++;
		/* A rule ends where its parenthesis closes.  What never opens one is a
		 * line of its own; Snort 3 opens it in the next line. */
		if (closed || (!more && !inside && !(x->p < x->end && begins_rule(
		    (struct slice){ r->text, r->n }) && slice_begins(slice_trim(
		    (struct slice){ x->p, (size_t)(x->end - x->p) }), "("))))
			break;
	}
	if (r->n == 0 || x->mem->failed)
		return false;
	r->open = inside && !closed;
	put(x, '\0', 1);
	if (x->mem->failed)
		return false;
	r->n--;
	if (r->n > 0) {
		r->line[r->n] = r->line[r->n - 1];
		r->column[r->n] = r->column[r->n - 1] + 1;
	}
	return true;
}

bool
lex_quoted(struct slice *s, struct slice *inside)
{
	for (size_t i = 1; i < s->n; i++) {
		if (s->p[i] == '\\') {
			i++;
			continue;
		}
		if (s->p[i] != '"')
			continue;
		*inside = (struct slice){ s->p + 1, i - 1 };
		s->p += i + 1;
		s->n -= i + 1;
		return true;
	}
	return false;
}

/* Where the option at the front of s ends: at a ';' outside quotes. */
static enum lex_status
find_end(struct slice s, size_t *end)
{
	bool quoted = false;

	for (size_t i = lex_pcre(s.p, s.n); i < s.n; i++) {
		if (s.p[i] == '\\')
			i++;
		else if (s.p[i] == '"')
			quoted = !quoted;
		else if (s.p[i] == ';' && !quoted) {
			*end = i;
			return LEX_OPTION;
		}
	}
	*end = s.n;
	return quoted ? LEX_NO_QUOTE : LEX_NO_SEMICOLON;
}

enum lex_status
lex_option(struct slice *rest, struct lex_option *o)
{
	enum lex_status status;
	struct slice all;
	size_t end, n;

	while (rest->n > 0 && (blank(rest->p[0]) || rest->p[0] == ';')) {
		rest->p++;
		rest->n--;
	}
	if (rest->n == 0)
		return LEX_END;
	status = find_end(*rest, &end);
	all = (struct slice){ rest->p, end };
	n = end < rest->n ? end + 1 : end;
	rest->p += n;
	rest->n -= n;
	for (n = 0; n < all.n && all.p[n] != ':' && all.p[n] != '"'; n++)
		;
	o->name = slice_trim((struct slice){ all.p, n });
	o->has_value = n < all.n && all.p[n] == ':';
	o->value = o->has_value ?
	    slice_trim((struct slice){ all.p + n + 1, all.n - n - 1 }) : (struct slice){ all.p + n, 0 };
	return status;
}
