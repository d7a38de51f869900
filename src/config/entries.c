#include "config/entries.h"

#include <string.h>
#include <yaml.h>

#define complain(e, path, node, ...) \
	err_add(e, path, (int)(node)->start_mark.line + 1, (int)(node)->start_mark.column + 1, __VA_ARGS__)

static const char *
scalar(const yaml_node_t *n)
{
	const char *text = (const char *)n->data.scalar.value;

	/* A NUL would hide what follows. */
	return n->type == YAML_SCALAR_NODE && memchr(text, '\0', n->data.scalar.length) == NULL ? text : NULL;
}

static void
read_entry(yaml_document_t *doc, const char *path, const yaml_node_t *entry, const struct entries_sink *to, struct err *e)
{
	if (entry->type != YAML_MAPPING_NODE) {
		complain(e, path, entry, "an entry is words with their values, as in '- name: tank level'");
		return;
	}
	to->begin(to->arg, (int)entry->start_mark.line + 1, (int)entry->start_mark.column + 1);
	for (const yaml_node_pair_t *p = entry->data.mapping.pairs.start; p < entry->data.mapping.pairs.top; p++) {
		const yaml_node_t *k = yaml_document_get_node(doc, p->key), *v = yaml_document_get_node(doc, p->value);

		if (scalar(k) == NULL || scalar(v) == NULL) {
			complain(e, path, scalar(k) == NULL ? k : v, "a word and a single value, without a NUL character, stand here");
			continue;
		}
		to->put(to->arg, scalar(k), (int)k->start_mark.line + 1, (int)k->start_mark.column + 1,
		    scalar(v), (int)v->start_mark.line + 1, (int)v->start_mark.column + 1);
	}
	to->end(to->arg);
}

static void
read_document(yaml_document_t *doc, const char *path, const char *key, const struct entries_sink *to, struct err *e)
{
	const yaml_node_t *list = yaml_document_get_root_node(doc);

	if (list == NULL)
		return;
	if (list->type == YAML_MAPPING_NODE) {
		const yaml_node_pair_t *p = list->data.mapping.pairs.start, *top = list->data.mapping.pairs.top;
		const yaml_node_t *k = p < top ? yaml_document_get_node(doc, p->key) : NULL;

		if (p + 1 != top || scalar(k) == NULL || strcmp(scalar(k), key) != 0) {
			complain(e, path, k != NULL ? k : list, "the file has the one key '%s' with a list, or the list alone", key);
			return;
		}
		list = yaml_document_get_node(doc, p->value);
	}
	if (list->type != YAML_SEQUENCE_NODE) {
		complain(e, path, list, "a list stands here, an entry as in '- name: tank level'");
		return;
	}
	for (const yaml_node_item_t *it = list->data.sequence.items.start; it < list->data.sequence.items.top; it++)
		read_entry(doc, path, yaml_document_get_node(doc, *it), to, e);
}

int
config_entries(const char *path, const char *text, size_t n, const char *key, const struct entries_sink *to, struct err *e)
{
	yaml_parser_t parser;
	yaml_document_t doc;
	int before = e->n;

	if (!yaml_parser_initialize(&parser)) {
		err_add(e, path, 0, 0, "not enough memory");
		return -1;
	}
	yaml_parser_set_input_string(&parser, (const unsigned char *)text, n);
	if (!yaml_parser_load(&parser, &doc))
		err_add(e, path, (int)parser.problem_mark.line + 1, (int)parser.problem_mark.column + 1, "this is no YAML: %s",
		    parser.problem != NULL ? parser.problem : "not enough memory");
	else {
		read_document(&doc, path, key, to, e);
		yaml_document_delete(&doc);
	}
	yaml_parser_delete(&parser);
	return e->n == before ? 0 : -1;
}
