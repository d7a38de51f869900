/* lex.h - splits a file into rules and a rule into its parts; knows no words.
 *
 * A rule is one line; a backslash at the end of a line, or a parenthesis still
 * open, goes on in the next.  Lines end with LF, CR LF or CR, mixed.  Comments
 * begin with # (or ; as in Snort's files); between the lines of a rule they are
 * left out.
 */
#ifndef DETECT_RULES_LEX_H
#define DETECT_RULES_LEX_H

#include "detect/rules/mem.h"
#include "detect/rules/slice.h"

/* One rule in one line, and the position of each of its characters. */
struct lex_rule {
	char		*text;		/* NUL-terminated */
	uint32_t	 n, capacity;
	uint32_t	*line, *column;	/* of text[i], 1-based; one more than n */
	bool		 open;		/* ends inside its parentheses */
};

struct lexer {
	const char	*p, *end;
	uint32_t	 line;
	struct rule_memory *mem;	/* for the buffers of `rule` */
	struct lex_rule	 rule;		/* the one found last */
};

void	lex_begin(struct lexer *x, struct rule_memory *mem, const char *text, size_t n);
/* The next rule into x->rule; false at the end. */
bool	lex_next(struct lexer *x);

/* One option: "name" or "name:value", blanks around both removed. */
struct lex_option {
	struct slice	name, value;
	bool		has_value;
};

enum lex_status { LEX_OPTION, LEX_END, LEX_NO_SEMICOLON, LEX_NO_QUOTE };

/* Take an option off the front of `rest`, which is what stands between the
 * parentheses.  Empty options (";;") are passed over. */
enum lex_status	lex_option(struct slice *rest, struct lex_option *o);

/* An expression may hold quotes: pcre:"/a"b/".  Of an option that begins at p and is a pcre,
 * the bytes up to behind the quote that ends it, which is the first with ';' behind it; 0:
 * it is something else. */
size_t	lex_pcre(const char *p, size_t n);

/* Take the quoted text that begins at s->p[0] == '"' off the front; `inside` is
 * what stands between the quotes, escapes left in.  False: never closed. */
bool	lex_quoted(struct slice *s, struct slice *inside);

#endif
