#include "config/table.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "config/aliases.h"
#include "record/operation.h"
#include "record/protocol.h"
#include "record/zone.h"

/* The offset of a member, and a warning if the member is of another type than
 * the row says: a row must never write past its field. */
#define AT(member, type) \
	(offsetof(struct settings, member) + \
	    0 * sizeof((type *)0 == &((struct settings *)0)->member))

/* The words of outputs.eve.types, and those that protocols add. */
static const char record_types[] = "all|auto"
#define OUTPUT_TYPE(id, word, what) "|" word
#include "record/output_types.def"
#undef OUTPUT_TYPE
    ;

static const char *
record_types_more(unsigned i)
{
	return OP_UNKNOWN + 1 + i < OP_PROTO_COUNT ? protocols[OP_UNKNOWN + 1 + i]->event : NULL;
}

/* The words of plant protocols: all of them come from descriptors. */
static const char plant_protocols[] = "";

static const char *
plant_protocols_more(unsigned i)
{
	return OP_UNKNOWN + 1 + i < OP_PROTO_COUNT ? protocols[OP_UNKNOWN + 1 + i]->name : NULL;
}

/* The words of outputs.sinks, each list behind a first '|'. */
#define SINK_GROUP(id, what)
#define OUTPUT_TRANSPORT(id, word, groups, what)
#define OUTPUT_FORMAT(id, word, what) "|" word
static const char output_format_rows[] =
#include "record/outputs.def"
    ;
#undef OUTPUT_FORMAT
#undef OUTPUT_TRANSPORT
#define OUTPUT_FORMAT(id, word, what)
#define OUTPUT_TRANSPORT(id, word, groups, what) "|" word
static const char output_transport_rows[] =
#include "record/outputs.def"
    ;
#undef OUTPUT_TRANSPORT
#undef OUTPUT_FORMAT
#undef SINK_GROUP
#define output_formats		(&output_format_rows[1])
#define output_transports	(&output_transport_rows[1])
#define X(id, word) "|" word
static const char sink_sync_rows[] = SINK_SYNCS(X);
#undef X
#define sink_syncs		(&sink_sync_rows[1])

#define SECTION(nm, d)
#define YES_NO(nm, member, deflt, d) \
	{ .name = nm, .kind = SETTING_YES_NO, .offset = AT(member, bool), \
	    .fallback = deflt, .unit = "", .doc = d },
#define NUMBER(nm, member, deflt, lo, hi, un, d) \
	{ .name = nm, .kind = SETTING_NUMBER, .offset = AT(member, uint64_t), \
	    .fallback = deflt, .min = lo, .max = hi, .unit = un, .doc = d },
#define WORD(nm, member, deflt, list, d) \
	{ .name = nm, .kind = SETTING_WORD, .offset = AT(member, uint64_t), \
	    .fallback = deflt, .words = list, .unit = "", .doc = d },
#define FLAG(nm, member, deflt, list, d) \
	{ .name = nm, .kind = SETTING_FLAG, .offset = AT(member, bool), \
	    .fallback = deflt, .words = list, .unit = "", .doc = d },
#define TEXT(nm, member, deflt, empty, d) \
	{ .name = nm, .kind = SETTING_TEXT, .offset = AT(member, const char *), \
	    .fallback = deflt, .may_be_empty = empty, .unit = "", .doc = d },
#define LIST(nm, member, deflt, d) \
	{ .name = nm, .kind = SETTING_LIST, .offset = AT(member, const char *), \
	    .fallback = deflt, .may_be_empty = true, .unit = "word", .doc = d },
#define PICK(nm, member, deflt, list, of, d) \
	{ .name = nm, .kind = SETTING_LIST, .offset = AT(member, const char *), \
	    .fallback = deflt, .words = list, .more = list##_more, .unit = of, .doc = d },
#define INPUT(nm, member, deflt, d) \
	{ .name = nm, .kind = SETTING_TEXT, .offset = AT(member, const char *), \
	    .fallback = deflt, .may_be_empty = true, .input = true, .unit = "", .doc = d },
#define INPUTS(nm, member, deflt, d) \
	{ .name = nm, .kind = SETTING_LIST, .offset = AT(member, const char *), \
	    .fallback = deflt, .input = true, .unit = "", .doc = d },
#define WORDS(nm, member, deflt, check, un, d) \
	{ .name = nm, .kind = SETTING_LIST, .offset = AT(member, const char *), \
	    .fallback = deflt, .may_be_empty = true, .is = check, .unit = un, .doc = d },
#define PORTS(nm, member, deflt, d) \
	{ .name = nm, .kind = SETTING_LIST, .offset = AT(member, const char *), \
	    .fallback = deflt, .max = 65535, .unit = "port", .doc = d },
#define FOR(group)
static const struct setting sink_rows[] = {
#include "config/sinks.def"
};
#undef FOR
static const struct setting zone_rows[] = {
#include "config/zones.def"
};
static const struct setting conduit_rows[] = {
#include "config/conduits.def"
};
static const struct setting maintenance_rows[] = {
#include "config/maintenance.def"
};
const struct setting setting_rows[] = {
#include "config/settings.def"
};
const unsigned setting_count = COUNTOF(setting_rows);

const struct setting_list setting_lists[] = {
	{ .name = "outputs.sinks", .rows = sink_rows, .n_rows = COUNTOF(sink_rows), .max = SINKS_MAX,
	    .stride = sizeof(struct sink_settings), .count_at = AT(output.n_sinks, uint64_t),
	    .position_at = AT(output.sinks[0].at, struct setting_position),
	    .doc = "Further outputs besides that of outputs.eve, as many as 16, each with a queue and a writer of its own." },
	{ .name = "zones", .rows = zone_rows, .n_rows = COUNTOF(zone_rows), .max = ZONES_MAX,
	    .stride = sizeof(struct zone_settings), .count_at = AT(zones.n, uint64_t),
	    .position_at = AT(zones.of[0].at, struct setting_position),
	    .doc = "Zones of the plant (IEC 62443): which addresses belong together.  `thermowell zones propose` prints some." },
	{ .name = "conduits", .rows = conduit_rows, .n_rows = COUNTOF(conduit_rows), .max = CONDUITS_MAX,
	    .stride = sizeof(struct conduit_settings), .count_at = AT(zones.n_conduits, uint64_t),
	    .position_at = AT(zones.conduits[0].at, struct setting_position),
	    .doc = "Which zone may talk to which, and how; traffic between zones that none of them allows is an alert.  Within a zone everything is allowed." },
	{ .name = "maintenance", .rows = maintenance_rows, .n_rows = COUNTOF(maintenance_rows), .max = MAINTENANCES_MAX,
	    .stride = sizeof(struct maintenance_settings), .count_at = AT(maintenance.n, uint64_t),
	    .position_at = AT(maintenance.of[0].at, struct setting_position), .doc = "Times in which work was announced: what is found in them is written and marked, and never learned." },
};
const unsigned setting_list_count = COUNTOF(setting_lists);

static const struct section {
	const char	*name, *doc;
} sections[] = {
#define SECTION(nm, d) { nm, d },
#define YES_NO(nm, member, deflt, d)
#define NUMBER(nm, member, deflt, lo, hi, un, d)
#define WORD(nm, member, deflt, list, d)
#define FLAG(nm, member, deflt, list, d)
#define TEXT(nm, member, deflt, empty, d)
#define LIST(nm, member, deflt, d)
#define PICK(nm, member, deflt, list, of, d)
#define PORTS(nm, member, deflt, d)
#define INPUT(nm, member, deflt, d)
#define INPUTS(nm, member, deflt, d)
#include "config/settings.def"
};

bool
setting_normal(const char *name, char to[SETTING_NAME_MAX])
{
	size_t n = strlen(name);

	if (n >= SETTING_NAME_MAX)
		return false;
	for (size_t i = 0; i <= n; i++)
		to[i] = name[i] == '_' ? '-' : name[i];
	return true;
}

const struct setting *
setting_find(const char *name)
{
	char normal[SETTING_NAME_MAX];

	if (!setting_normal(name, normal))
		return NULL;
	for (unsigned i = 0; i < setting_count; i++)
		if (strcmp(setting_rows[i].name, normal) == 0)
			return &setting_rows[i];
	return NULL;
}

const char *
setting_section_doc(const char *name)
{
	for (size_t i = 0; i < COUNTOF(sections); i++)
		if (strcmp(sections[i].name, name) == 0)
			return sections[i].doc;
	return NULL;
}

bool
setting_is_section(const char *name)
{
	char normal[SETTING_NAME_MAX];

	return setting_normal(name, normal) && setting_section_doc(normal) != NULL;
}

/* Is `name` the end of `full`, from a dot on? */
static bool
is_tail(const char *full, const char *name)
{
	size_t nf = strlen(full), nn = strlen(name);

	return nf > nn && full[nf - nn - 1] == '.' && strcmp(full + nf - nn, name) == 0;
}

const char *
setting_nearest(const char *name)
{
	char normal[SETTING_NAME_MAX];
	const char *best = NULL, *last;
	unsigned least = UINT32_MAX, d;

	if (!setting_normal(name, normal))
		return NULL;
	best = setting_near_former(normal, 2);
	if (best != NULL)
		return best;
	for (unsigned i = 0; i < setting_count; i++)
		if ((d = str_distance(normal, setting_rows[i].name)) < least) {
			least = d;
			best = setting_rows[i].name;
		}
	for (size_t i = 0; i < COUNTOF(sections); i++)
		if ((d = str_distance(normal, sections[i].name)) < least) {
			least = d;
			best = sections[i].name;
		}
	if (least <= 1 + strlen(normal) / 6)
		return best;
	/* The right word in the wrong section. */
	last = strrchr(normal, '.');
	last = last != NULL ? last + 1 : normal;
	for (unsigned i = 0; i < setting_count; i++)
		if (is_tail(setting_rows[i].name, last))
			return setting_rows[i].name;
	return least <= 1 + strlen(normal) / 3 ? best : NULL;
}

/* Which of "a|b|c" is the word?  -1: none. */
static int
word_index(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (int i = 0; ; i++) {
		size_t len = strcspn(words, "|");

		if (len == n && memcmp(words, word, n) == 0)
			return i;
		if (words[len] == '\0')
			return -1;
		words += len + 1;
	}
}

/* Print "a|b|c" as "a, b or c". */
static void
words_print(struct strbuf *to, const char *words)
{
	while (*words != '\0') {
		size_t len = strcspn(words, "|");

		strbuf_printf(to, "%.*s", (int)len, words);
		words += len;
		if (*words == '|') {
			words++;
			strbuf_put(to, strchr(words, '|') != NULL ? ", " : " or ");
		}
	}
}

void
setting_range(const struct setting *row, char *buf, size_t size)
{
	struct strbuf b = strbuf_on(buf, size);

	switch (row->kind) {
	case SETTING_YES_NO:
		strbuf_put(&b, "yes or no");
		break;
	case SETTING_NUMBER:
		strbuf_printf(&b, "%llu to %llu%s%s", (unsigned long long)row->min,
		    (unsigned long long)row->max, row->unit[0] != '\0' ? " " : "", row->unit);
		break;
	case SETTING_WORD:
	case SETTING_FLAG:
		words_print(&b, row->words);
		break;
	case SETTING_TEXT:
		strbuf_put(&b, row->may_be_empty ? "text" : "text, not empty");
		break;
	case SETTING_LIST:
		strbuf_printf(&b, "a list of %ss", row->max > 0 || row->may_be_empty ? row->unit : "word");
		break;
	}
}

/* Decimal digits only: no sign, no suffix, no wrapping. */
static bool
number_of(const char *text, uint64_t *out)
{
	uint64_t v = 0;

	if (*text == '\0')
		return false;
	for (; *text != '\0'; text++) {
		unsigned digit = (unsigned)(unsigned char)*text - '0';

		if (digit > 9)
			return false;
		/* Stay at the top instead of wrapping: it is then out of every range. */
		v = v > (UINT64_MAX - digit) / 10 ? UINT64_MAX : v * 10 + digit;
	}
	*out = v;
	return true;
}

/* Copy a list without the blanks around its words.  False when a word is empty
 * or contains a character that words do not have. */
static bool
list_copy(const char *value, char *to)
{
	size_t n = 0;
	bool in_word = false, after_word = false;

	for (const char *p = value; *p != '\0'; p++) {
		if (*p == ',') {
			if (!in_word)
				return false;
			in_word = after_word = false;
			to[n++] = ',';
		} else if (*p == ' ' || *p == '\t') {
			after_word = in_word;
		} else if (strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./+~@%*?[]:=",
		    *p) != NULL && !after_word) {
			in_word = true;
			to[n++] = *p;
		} else
			return false;
	}
	to[n] = '\0';
	return in_word;
}

/* How far a word is from the first n bytes of another. */
static unsigned
distance(const char *from, int n, const char *word)
{
	char one[SETTING_NAME_MAX];

	(void)snprintf(one, sizeof(one), "%.*s", n, from);
	return str_distance(one, word);
}

/* The one of "a|b|c" that was probably meant. */
static int
nearest_word(const char *words, const char *word, const char **best)
{
	unsigned least = UINT32_MAX;
	int n = 0;

	for (size_t len; *words != '\0'; words += len + (words[len] == '|')) {
		unsigned d;

		len = strcspn(words, "|");
		if ((d = distance(words, (int)len, word)) < least) {
			least = d;
			*best = words;
			n = (int)len;
		}
	}
	return n;
}

bool
setting_list_word(const struct setting *row, const char *word, struct strbuf *why)
{
	const char *best = "", *more;
	uint64_t number;
	int n;

	if (row->max > 0) {
		if (strcmp(word, "none") == 0 ||
		    (number_of(word, &number) && number > 0 && number <= row->max))
			return true;
		strbuf_printf(why, " '%s' is not a %s: a number from 1 to %llu, or none", word, row->unit,
		    (unsigned long long)row->max);
		return false;
	}
	if (row->is != NULL)
		return row->is(word, why);
	if (row->words == NULL || word_index(row->words, word) >= 0)
		return true;
	n = nearest_word(row->words, word, &best);
	for (unsigned i = 0, d, least = distance(best, n, word); (more = row->more(i)) != NULL; i++)
		if ((d = str_distance(more, word)) == 0)
			return true;
		else if (d < least) {
			least = d;
			best = more;
			n = (int)strlen(more);
		}
	strbuf_printf(why, " '%s' is not a %s; did you mean '%.*s'?", word, row->unit, n, best);
	return false;
}

/* Each word of a list that list_copy() made. */
static bool
list_words(const struct setting *row, const char *list, struct strbuf *why)
{
	char word[SETTING_TEXT_MAX + 1];
	bool good = true;
	size_t n;

	for (const char *p = list; row->words != NULL || row->max > 0 || row->is != NULL; p += n + 1) {
		n = strcspn(p, ",");
		memcpy(word, p, n);
		word[n] = '\0';
		good &= setting_list_word(row, word, why);
		if (p[n] == '\0')
			break;
	}
	return good;
}

static bool
take_text(const struct setting *row, const char **member, const char *value,
    struct strbuf *why)
{
	size_t n = strlen(value);
	char *copy = NULL;

	if (n > SETTING_TEXT_MAX) {
		strbuf_printf(why, "is longer than %d bytes", SETTING_TEXT_MAX);
		return false;
	}
	if (!utf8_valid((const uint8_t *)value, n)) {
		strbuf_put(why, "is not valid UTF-8");
		return false;
	}
	if (n == 0 && !row->may_be_empty) {
		strbuf_put(why, "may not be empty");
		return false;
	}
	if (n > 0 && (copy = malloc(n + 1)) == NULL) {
		strbuf_put(why, "does not fit into memory");
		return false;
	}
	if (copy != NULL)
		memcpy(copy, value, n + 1);
	if (copy != NULL && row->kind == SETTING_LIST && !list_copy(value, copy)) {
		free(copy);
		strbuf_printf(why, "must be words separated by commas, not '%s'", value);
		return false;
	}
	if (copy != NULL && row->kind == SETTING_LIST && !list_words(row, copy, why)) {
		free(copy);
		return false;
	}
	free((void *)*member);
	*member = copy;
	return true;
}

static bool
take_yes_no(bool *member, const char *value)
{
	static const char yes[] = "yes|true|on|Yes|True|On|YES|TRUE|ON";
	static const char no[] = "no|false|off|No|False|Off|NO|FALSE|OFF";

	if (word_index(yes, value) >= 0)
		*member = true;
	else if (word_index(no, value) >= 0)
		*member = false;
	else
		return false;
	return true;
}

/* The word that was probably meant, where there are several and one is near. */
static void
suggest(const struct setting *row, const char *value, struct strbuf *why)
{
	const char *best = "";
	int n = row->words != NULL ? nearest_word(row->words, value, &best) : 0;

	if (n == 0)
		return;
	if (distance(best, n, value) <= ((unsigned)n + 2) / 4)
		strbuf_printf(why, "; did you mean '%.*s'?", n, best);
}

bool
setting_take(const struct setting *row, struct settings *s, const char *value,
    char *why, size_t why_size)
{
	void *member = (char *)s + row->offset;
	struct strbuf b = strbuf_on(why, why_size);
	char range[256];
	uint64_t v;
	int i;

	setting_range(row, range, sizeof(range));
	switch (row->kind) {
	case SETTING_YES_NO:
		if (take_yes_no(member, value))
			return true;
		break;
	case SETTING_NUMBER:
		if (!number_of(value, &v)) {
			strbuf_printf(&b, "must be a whole number, %s, not '%s'", range, value);
			return false;
		}
		if (v >= row->min && v <= row->max) {
			*(uint64_t *)member = v;
			s->alert.limit_is_set |= member == &s->alert.limit;
			return true;
		}
		strbuf_printf(&b, "is out of range: it must be %s, not %s", range, value);
		return false;
	case SETTING_WORD:
	case SETTING_FLAG:
		if ((i = word_index(row->words, value)) < 0)
			break;
		if (row->kind == SETTING_WORD)
			*(uint64_t *)member = (uint64_t)i;
		else
			*(bool *)member = i == 1;
		return true;
	case SETTING_TEXT:
	case SETTING_LIST:
		return take_text(row, member, value, &b);
	}
	strbuf_printf(&b, "must be %s, not '%s'", range, value);
	suggest(row, value, &b);
	return false;
}

void
setting_free(const struct setting *row, struct settings *s)
{
	const char **text = (const char **)(void *)((char *)s + row->offset);

	if (row->kind != SETTING_TEXT && row->kind != SETTING_LIST)
		return;
	free((void *)*text);
	*text = NULL;
}

const char *
setting_show(const struct setting *row, const struct settings *s, char *buf, size_t size)
{
	const void *member = (const char *)s + row->offset;
	struct strbuf b = strbuf_on(buf, size);
	const char *words = row->words, *text;
	uint64_t i;

	switch (row->kind) {
	case SETTING_YES_NO:
		return *(const bool *)member ? "yes" : "no";
	case SETTING_NUMBER:
		strbuf_printf(&b, "%llu", (unsigned long long)*(const uint64_t *)member);
		break;
	case SETTING_WORD:
	case SETTING_FLAG:
		i = row->kind == SETTING_WORD ? *(const uint64_t *)member : *(const bool *)member;
		while (i-- > 0 && strchr(words, '|') != NULL)
			words = strchr(words, '|') + 1;
		strbuf_printf(&b, "%.*s", (int)strcspn(words, "|"), words);
		break;
	case SETTING_TEXT:
	case SETTING_LIST:
		text = *(const char *const *)member;
		return text != NULL ? text : "";
	}
	return buf;
}
