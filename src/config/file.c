/* file.c - reads the YAML file as a document of nodes that know their line and column.
 *
 * libyaml's own tree is walked instead of mapping it into structs with libcyaml,
 * which stops at the first problem and does not know columns.
 */
#include "config/config.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <yaml.h>

#include "base/log.h"
#include "base/str.h"
#include "config/aliases.h"
#include "config/inputs.h"
#include "config/lists.h"
#include "config/table.h"
#include "config/vars.h"

struct reader {
	struct settings	*s;
	const char	*path;
	struct err	*e;
	yaml_document_t	*doc;
	int		*set_at;	/* owned; line where each of setting_rows was set; 0 not yet */
};

#define complain(r, node, ...) \
	err_add((r)->e, (r)->path, (int)(node)->start_mark.line + 1, \
	    (int)(node)->start_mark.column + 1, __VA_ARGS__)

static const char *
kind_of_node(const yaml_node_t *n)
{
	switch (n->type) {
	case YAML_SCALAR_NODE:		return "a single value";
	case YAML_SEQUENCE_NODE:	return "a list";
	case YAML_MAPPING_NODE:		return "a section";
	default:			return "nothing";
	}
}

static const char *
scalar(const yaml_node_t *n)
{
	return (const char *)n->data.scalar.value;
}

/* A scalar may hold a NUL ("\0" in quotes), which would hide what follows. */
static bool
scalar_has_nul(const yaml_node_t *n)
{
	return memchr(scalar(n), '\0', n->data.scalar.length) != NULL;
}

/* An unquoted nothing: `key:`, `key: ~` or `key: null`. */
static bool
scalar_is_null(const yaml_node_t *n)
{
	const char *v = scalar(n);

	return n->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
	    (v[0] == '\0' || strcmp(v, "~") == 0 || strcmp(v, "null") == 0);
}

static void
take(struct reader *r, const struct setting *row, const yaml_node_t *at, const char *value)
{
	char why[SETTING_TEXT_MAX + 256];

	if (!setting_take(row, r->s, value, why, sizeof(why)))
		complain(r, at, "%s%s%s", row->name, why[0] == ' ' ? ":" : " ", why);
}

/* A YAML list of words becomes the text that --set would have given. */
static void
take_list(struct reader *r, const struct setting *row, const yaml_node_t *list)
{
	char text[SETTING_TEXT_MAX + 1];
	char what[512];
	struct strbuf b = strbuf_on(text, sizeof(text)), why;
	bool good = true;

	for (yaml_node_item_t *it = list->data.sequence.items.start;
	    it < list->data.sequence.items.top; it++) {
		const yaml_node_t *n = yaml_document_get_node(r->doc, *it);

		if (n->type != YAML_SCALAR_NODE || scalar_is_null(n) || scalar_has_nul(n) ||
		    strchr(scalar(n), ',') != NULL) {
			complain(r, n, "%s must be a list of words; this is %s", row->name,
			    n->type != YAML_SCALAR_NODE ? kind_of_node(n) : "not a word");
			good = false;
			continue;
		}
		why = strbuf_on(what, sizeof(what));
		if (!setting_list_word(row, scalar(n), &why)) {
			complain(r, n, "%s:%s", row->name, what);
			good = false;
			continue;
		}
		if (b.len > 0)
			strbuf_put(&b, ",");
		strbuf_put(&b, scalar(n));
	}
	if (b.cut) {
		complain(r, list, "%s is longer than %d bytes", row->name, SETTING_TEXT_MAX);
		good = false;
	}
	if (good)
		take(r, row, list, text);
}

static void
read_value(struct reader *r, const struct setting *row, const yaml_node_t *key,
    const yaml_node_t *value)
{
	if (value->type == YAML_SEQUENCE_NODE && row->kind == SETTING_LIST)
		take_list(r, row, value);
	else if (value->type != YAML_SCALAR_NODE)
		complain(r, value, "%s takes a single value%s; this is %s", row->name,
		    row->kind == SETTING_LIST ? " or a list" : "", kind_of_node(value));
	else if (scalar_has_nul(value))
		complain(r, value, "%s holds a NUL character", row->name);
	else if (scalar_is_null(value) && !(row->kind == SETTING_TEXT && row->may_be_empty))
		complain(r, key, "%s has no value; give it one or take the line out", row->name);
	else
		take(r, row, value, scalar_is_null(value) ? "" : scalar(value));
}

/* Was the same key in this mapping before `pair`?  0, or its line. */
static int
earlier_line(struct reader *r, const yaml_node_t *map, const yaml_node_pair_t *pair,
    const char *key)
{
	char a[SETTING_NAME_MAX], b[SETTING_NAME_MAX];

	if (!setting_normal(key, a))
		return 0;
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < pair; p++) {
		const yaml_node_t *k = yaml_document_get_node(r->doc, p->key);

		if (k->type == YAML_SCALAR_NODE && setting_normal(scalar(k), b) &&
		    strcmp(a, b) == 0)
			return (int)k->start_mark.line + 1;
	}
	return 0;
}

/* A list is a group in brackets; a list within is one within. */
static bool
group_text(struct reader *r, const yaml_node_t *n, struct strbuf *b, unsigned depth)
{
	if (n->type == YAML_SCALAR_NODE && !scalar_is_null(n) && !scalar_has_nul(n)) {
		strbuf_put(b, scalar(n));
		return true;
	}
	if (n->type != YAML_SEQUENCE_NODE || depth > 8) {
		complain(r, n, "a variable is a text like \"[10.0.0.0/8,!10.0.0.1]\" or a list of such; this is %s",
		    n->type == YAML_SCALAR_NODE ? "nothing" : kind_of_node(n));
		return false;
	}
	strbuf_put(b, "[");
	for (yaml_node_item_t *it = n->data.sequence.items.start; it < n->data.sequence.items.top; it++) {
		if (it > n->data.sequence.items.start)
			strbuf_put(b, ",");
		if (!group_text(r, yaml_document_get_node(r->doc, *it), b, depth + 1))
			return false;
	}
	strbuf_put(b, "]");
	return true;
}

/* vars.address-groups, vars.port-groups: the keys are the operator's own. */
static void
read_vars(struct reader *r, struct setting_vars *v, const yaml_node_t *map)
{
	char text[SETTING_TEXT_MAX + 1];

	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);
		const yaml_node_t *value = yaml_document_get_node(r->doc, p->value);
		struct strbuf b = strbuf_on(text, sizeof(text));
		const char *why = NULL;

		if (key->type != YAML_SCALAR_NODE || scalar_has_nul(key)) {
			complain(r, key, "the name of a variable is expected here; this is %s", kind_of_node(key));
			continue;
		}
		for (uint32_t i = 0; i < v->n; i++)
			if (strcmp(v->of[i].name, scalar(key)) == 0 && v->of[i].file != NULL &&
			    strcmp(v->of[i].file, r->path) == 0)
				complain(r, key, "%s is set twice; the first time in line %d", scalar(key), v->of[i].line);
		if (!group_text(r, value, &b, 0))
			continue;
		if (b.cut)
			complain(r, value, "%s is longer than %d bytes", scalar(key), SETTING_TEXT_MAX);
		else if (!config_var_take(v, scalar(key), text, r->path, (int)value->start_mark.line + 1,
		    (int)value->start_mark.column + 1, &why))
			complain(r, key, "%s: %s", scalar(key), why);
	}
}

/* One entry of a list of sections. */
static void
read_entry(struct reader *r, const struct setting_list *l, const yaml_node_t *map)
{
	unsigned n = config_list_count(l, r->s);
	char why[SETTING_TEXT_MAX + 256];
	const struct setting *row;
	struct list_row storage;
	const char *near;
	int line;

	if (map->type != YAML_MAPPING_NODE) {
		complain(r, map, "an entry of %s is made of `name: value` lines; this is %s", l->name,
		    map->type == YAML_SCALAR_NODE && scalar_is_null(map) ? "nothing" : kind_of_node(map));
		return;
	}
	if (!config_list_begin(l, r->s, r->path, (int)map->start_mark.line + 1, (int)map->start_mark.column + 1,
	    why, sizeof(why))) {
		complain(r, map, "%s %s", l->name, why);
		return;
	}
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start; p < map->data.mapping.pairs.top; p++) {
		const yaml_node_t *key = yaml_document_get_node(r->doc, p->key);

		if (key->type != YAML_SCALAR_NODE || scalar_has_nul(key)) {
			complain(r, key, "a name is expected here; this is %s", kind_of_node(key));
			continue;
		}
		row = config_list_row_find(l, n, scalar(key), &storage, &near);
		line = earlier_line(r, map, p, scalar(key));
		if (row == NULL)
			complain(r, key, "an entry of %s has no '%s'%s%s%s", l->name, scalar(key),
			    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
			    near != NULL ? "'?" : " (--dump-config shows what it has)");
		else if (line != 0)
			complain(r, key, "%s is set twice; the first time in line %d", row->name, line);
		else
			read_value(r, row, key, yaml_document_get_node(r->doc, p->value));
	}
}

static void
read_list(struct reader *r, const struct setting_list *l, const yaml_node_t *list)
{
	/* All entries commented out is fine. */
	if (list->type == YAML_SCALAR_NODE && scalar_is_null(list))
		return;
	if (list->type != YAML_SEQUENCE_NODE) {
		complain(r, list, "%s is a list: each of its entries begins with `- `; this is %s", l->name,
		    kind_of_node(list));
		return;
	}
	for (yaml_node_item_t *it = list->data.sequence.items.start; it < list->data.sequence.items.top; it++)
		read_entry(r, l, yaml_document_get_node(r->doc, *it));
}

static void	read_section(struct reader *r, const char *prefix, const yaml_node_t *map);

static void
read_pair(struct reader *r, const char *prefix, const yaml_node_t *map,
    const yaml_node_pair_t *pair)
{
	const yaml_node_t *key = yaml_document_get_node(r->doc, pair->key);
	const yaml_node_t *value = yaml_document_get_node(r->doc, pair->value);
	const struct setting *row;
	char name[SETTING_NAME_MAX], present[SETTING_NAME_MAX];
	struct strbuf b = strbuf_on(name, sizeof(name));
	const struct setting_list *list;
	const char *near;
	int line;

	if (key->type != YAML_SCALAR_NODE || scalar_has_nul(key)) {
		complain(r, key, "a name is expected here; this is %s", kind_of_node(key));
		return;
	}
	if (prefix[0] != '\0')
		strbuf_printf(&b, "%s.", prefix);
	strbuf_put(&b, scalar(key));
	if (!b.cut && setting_renamed(name, present)) {
		log_info("config", "%s:%d:%d: %s is now called %s; both names are accepted", r->path,
		    (int)key->start_mark.line + 1, (int)key->start_mark.column + 1, name, present);
		memcpy(name, present, sizeof(name));
	}
	row = b.cut ? NULL : setting_find(name);
	if (row != NULL) {
		int *set_at = &r->set_at[row - setting_rows];

		if (*set_at != 0)
			complain(r, key, "%s is set twice; the first time in line %d", row->name, *set_at);
		else
			read_value(r, row, key, value);
		*set_at = *set_at != 0 ? *set_at : (int)key->start_mark.line + 1;
		return;
	}
	list = b.cut ? NULL : config_list_find(name);
	if (list == NULL && (b.cut || !setting_is_section(name))) {
		near = b.cut ? NULL : setting_nearest(name);
		complain(r, key, "there is no setting '%s%s'%s%s%s", name, b.cut ? "..." : "",
		    near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
		    near != NULL ? "'?" : " (--dump-config shows all)");
		return;
	}
	line = earlier_line(r, map, pair, scalar(key));
	if (line != 0)
		complain(r, key, "%s %s appears twice; the first time in line %d",
		    list != NULL ? "the list" : "section", name, line);
	if (list != NULL) {
		read_list(r, list, value);
		return;
	}
	/* A section whose lines are all commented out is a null, and that is fine. */
	if (value->type == YAML_MAPPING_NODE)
		read_section(r, name, value);
	else if (value->type != YAML_SCALAR_NODE || !scalar_is_null(value))
		complain(r, value, "%s is a section: its settings belong below it, indented; this is %s",
		    name, kind_of_node(value));
}

/* Terminates even for a mapping that contains itself (&a, *a): names grow with the
 * depth, and no section is deeper than the deepest row. */
static void
read_section(struct reader *r, const char *prefix, const yaml_node_t *map)
{
	char normal[SETTING_NAME_MAX];
	struct setting_vars *vars;

	if (!setting_normal(prefix, normal))
		return;
	vars = config_vars(r->s, normal);
	if (vars != NULL) {
		read_vars(r, vars, map);
		return;
	}
	for (yaml_node_pair_t *p = map->data.mapping.pairs.start;
	    p < map->data.mapping.pairs.top; p++)
		read_pair(r, normal, map, p);
}

static void
yaml_complain(const yaml_parser_t *p, const char *path, struct err *e)
{
	const char *problem = p->problem != NULL ? p->problem : "cannot be read";

	switch (p->error) {
	case YAML_MEMORY_ERROR:
		err_add(e, path, 0, 0, "out of memory while reading");
		break;
	case YAML_READER_ERROR:
		if (p->problem_value != -1)
			err_add(e, path, 0, 0, "not a text file: %s (byte 0x%02x at offset %zu)",
			    problem, (unsigned)p->problem_value, p->problem_offset);
		else
			err_add(e, path, 0, 0, "not a text file: %s (at offset %zu)", problem,
			    p->problem_offset);
		break;
	default:
		err_add(e, path, (int)p->problem_mark.line + 1, (int)p->problem_mark.column + 1,
		    "not valid YAML: %s%s%s", problem, p->context != NULL ? " " : "",
		    p->context != NULL ? p->context : "");
	}
}

static void
read_document(struct reader *r)
{
	const yaml_node_t *root = yaml_document_get_root_node(r->doc);

	if (root->type == YAML_MAPPING_NODE)
		read_section(r, "", root);
	else if (root->type != YAML_SCALAR_NODE || !scalar_is_null(root))
		complain(r, root, "the file must be made of `name: value` lines; this is %s",
		    kind_of_node(root));
}

static void
read_stream(struct reader *r, yaml_parser_t *p)
{
	yaml_document_t doc;

	for (int n = 0; ; n++) {
		const yaml_node_t *root;

		if (!yaml_parser_load(p, &doc)) {
			yaml_complain(p, r->path, r->e);
			return;
		}
		root = yaml_document_get_root_node(&doc);
		if (root == NULL) {
			yaml_document_delete(&doc);
			return;
		}
		r->doc = &doc;
		if (n == 0)
			read_document(r);
		else
			complain(r, root, "a second document (after ---) is not read; put everything into the first");
		r->doc = NULL;
		yaml_document_delete(&doc);
		if (n > 0)
			return;
	}
}

void
config_file(struct settings *s, const char *path, struct err *e)
{
	struct reader r = { .s = s, .path = path, .e = e };
	yaml_parser_t parser;
	struct stat st;
	FILE *f;

	f = fopen(path, "re");
	if (f == NULL) {
		err_add(e, path, 0, 0, "cannot be opened: %s", strerror(errno));
		return;
	}
	if (fstat(fileno(f), &st) == 0 && S_ISDIR(st.st_mode)) {
		err_add(e, path, 0, 0, "is a folder; a configuration file is expected");
		(void)fclose(f);
		return;
	}
	r.set_at = calloc(setting_count, sizeof(*r.set_at));
	if (r.set_at == NULL || !yaml_parser_initialize(&parser))
		err_add(e, path, 0, 0, "out of memory while reading");
	else {
		yaml_parser_set_input_file(&parser, f);
		read_stream(&r, &parser);
		yaml_parser_delete(&parser);
		for (unsigned i = 0; i < setting_count; i++)
			if (setting_rows[i].input && r.set_at[i] != 0)
				inputs_find(&setting_rows[i], s, path, r.set_at[i], e);
	}
	free(r.set_at);
	(void)fclose(f);
}
