/* parse.h - from a rule's text to the checked tree; inside this folder only. */
#ifndef DETECT_RULES_PARSE_H
#define DETECT_RULES_PARSE_H

#include "detect/rules/lex.h"
#include "detect/rules/rule.h"

#define RULE_OPTS_MAX	256u
#define RULE_VARS_MAX	16u
#define RULE_NAMES_MAX	65536u	/* of flowbits */

struct vars;		/* vars.h */
struct classes;		/* classification.h */

struct name_table {
	const char	**of;
	uint32_t	 n, capacity;
	uint32_t	*slots;	/* open addressing; index + 1 */
	uint32_t	 n_slots;
};

/* The number of a name; the name is copied at its first sight. */
uint32_t name_number(struct rule_memory *m, struct name_table *t, struct slice name);

struct rule_lists {	/* data sets, each read once */
	struct rule_list	**of;
	uint32_t		  n, capacity;
};

/* State of parsing one rule. */
struct parser {
	struct rule_set		*set;
	struct rule_memory	*mem;
	const struct rules_from	*from;
	struct vars		*vars;
	struct classes		*classes;
	struct err		*problems, *notes;
	const char		*file;
	struct name_table	 flowbits, xbits, flowints;
	struct rule_lists	 lists;
	char			*apps;		/* what lookup->apps() gave, owned */
	bool			 apps_asked;

	/* the rule that is parsed */
	const struct lex_rule	*text;
	struct rule		*rule;
	bool			 bad, skip;
	struct rule_opt		 opts[RULE_OPTS_MAX];
	struct slice		 at[RULE_OPTS_MAX];	/* the option as written */
	uint32_t		 n_opts;
	struct slice		 vars_of[RULE_VARS_MAX];	/* byte_extract, byte_math */
	uint32_t		 n_vars;
	uint8_t			 buffer;	/* enum rule_buffer */
	uint8_t			 ip_side;	/* ip.src, ip.dst: enum rule_side; SIDE_ANY none */
	uint32_t		 sticky;	/* option that chose the buffer; UINT32_MAX none */
	bool			 sticky_used;
	uint32_t		 last_content;	/* UINT32_MAX none */
	bool			 has_sid;
};

/* Report at a position in the rule's text; the rule will not load. */
void	parse_complain(struct parser *P, const char *at, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));
/* Report why the rule is left out though nothing is wrong with it. */
void	parse_skip(struct parser *P, const char *at, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* A note: the rule loads. */
void	parse_note(struct parser *P, const char *at, const char *fmt, ...)
	    __attribute__((format(printf, 3, 4)));

/* Read the rule in `text` into `r`.  False: it has problems or is skipped. */
bool	parse_rule(struct parser *P, const struct lex_rule *text, struct rule *r);

/* header.c: what stands before '('; `options` is what stands in the parentheses. */
bool	parse_header(struct parser *P, struct slice all, struct slice *options);

/* check.c: checks that need the whole rule. */
void	check_rule(struct parser *P);

/* The known word that was probably meant, or NULL.  `nth` gives the words until
 * NULL. */
const char *nearest_of(struct slice word, const char *(*nth)(void *arg, uint32_t i), void *arg);
/* Arguments of the "%s%s%s" at the end of an error. */
#define NEAREST(near) (near) != NULL ? "; did you mean '" : "", (near) != NULL ? (near) : "", \
	    (near) != NULL ? "'?" : ""

/* The quoted text of an option; an error and false when it is not quoted.
 * What follows the quotes stays in `rest`. */
bool	parse_quoted(struct parser *P, struct slice value, struct slice *inside, struct slice *rest);
/* Without the quotes around, if there are any. */
struct slice parse_unquoted(struct slice value);

/* number.c */
enum number_how {
	NUMBER_LIST	= 1u << 0,	/* several, with commas between */
	NUMBER_INCLUSIVE = 1u << 1,	/* lo-hi holds lo and hi (Suricata's words: it does not) */
	NUMBER_REAL	= 1u << 2,	/* fractions and signs */
	NUMBER_TIME	= 1u << 3,	/* us, ms, s; kept in ns; without unit ms */
	NUMBER_X	= 1u << 4	/* x10 is hexadecimal (tos) */
};
/* A word that stands for a number. */
typedef bool (*number_word)(struct parser *P, void *arg, struct slice word, int64_t *v);
bool	parse_numbers(struct parser *P, struct slice v, unsigned how, int64_t max, number_word word,
	    void *arg, struct rule_numbers *out);
/* "@file": the numbers of a file, one a line.  False when `part` is something else, or an error was
 * added. */
bool	list_from_file(struct parser *P, struct slice part, struct rule_range **of, uint32_t *n,
	    uint32_t *capacity);
/* A number, or the name of a variable of this rule. */
bool	parse_amount(struct parser *P, struct slice v, int64_t min, int64_t max, const char *what,
	    struct rule_amount *out);
bool	parse_u32(struct parser *P, struct slice v, uint32_t min, uint32_t max, const char *what,
	    uint32_t *out);
/* A copy without blanks. */
const char *text_without_blanks(struct rule_memory *m, struct slice s);

/* One reader per operand: fill `o` from the value.  False: an error was added. */
typedef bool (*word_reader)(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_text(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_number(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_numbers(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_flags(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_words(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_flow(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_bits(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_stream_size(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_int(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_time(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_threshold(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_content(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_pcre(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_bytes(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_isdataat(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_app(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_event(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_geoip(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_dataset(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_iprep(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_functions(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_named(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_modbus(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_ind(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_obj(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_area(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_block(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_value(struct parser *P, struct rule_opt *o, struct slice v);
bool	read_change(struct parser *P, struct rule_opt *o, struct slice v);

/* A modifier of the content before it ("nocase", "offset:3"). */
void	read_modifier(struct parser *P, enum rule_word w, struct slice name, struct slice v,
	    bool has_value);

/* Lists by name: sets.c */
struct rule_list *list_find(const struct parser *P, struct slice name);
struct rule_list *list_new(struct parser *P, struct slice name, uint8_t type);	/* NULL: no memory */
/* Put the members, of rule memory, in order and into the list. */
void	list_take(struct rule_list *l, struct rule_member *of, uint32_t n);
/* The next line with something on it but a comment, without blanks at its ends; its number in `n`. */
bool	list_next_line(struct slice *rest, struct slice *line, int *n);
/* ">", "30" */
bool	list_comparison(struct parser *P, struct slice sign, struct slice number, int64_t max,
	    struct rule_numbers *out);
const struct rule_list *list_of(struct parser *P, struct slice at, struct slice name,
	    struct slice file, uint8_t type, bool rep);

/* requires.c: is everything available that the rule requires? Else it is left out. */
bool	requires_met(struct parser *P, struct slice v);

/* Ends of rules: what is made of the meta options (word_meta.c). */
void	fill_metadata(struct parser *P);

/* Names of the dissectors: the code of a word, however it is spelled. */
bool	lookup_name(const struct parser *P, enum rule_names list, struct slice word,
	    struct rule_name *out);
/* Report a word that is not in the list, with the nearest one. */
void	complain_name(struct parser *P, enum rule_names list, struct slice word, const char *what);

#endif
