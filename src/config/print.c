#include "config/config.h"

#include <string.h>

#include "base/str.h"
#include "config/aliases.h"
#include "config/lists.h"
#include "config/table.h"

/* The character that starts at p, which is valid UTF-8 of n bytes. */
static uint32_t
code_point(const uint8_t *p, size_t n)
{
	static const uint8_t first[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	uint32_t c = p[0] & first[n];

	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	return c;
}

/* YAML's double quotes: whatever the text holds, it reads back the same.
 * Escaped is what YAML 1.1 does not call printable (5.1), and line breaks. */
static void
print_quoted(const char *text, FILE *to)
{
	const uint8_t *p = (const uint8_t *)text, *end = p + strlen(text);

	fputc('"', to);
	while (p < end) {
		size_t n = utf8_len(p, (size_t)(end - p));
		uint32_t c = code_point(p, n);

		if (c == '"' || c == '\\')
			fprintf(to, "\\%c", (int)c);
		else if (c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
		    c == 0xfeff || c == 0xfffe || c == 0xffff)
			fprintf(to, "\\u%04x", (unsigned)c);
		else
			(void)fwrite(p, 1, n, to);
		p += n;
	}
	fputc('"', to);
}

/* A comment that keeps to 80 columns. */
static void
print_comment(const char *text, int indent, FILE *to)
{
	int column = 0;

	while (*text != '\0') {
		int n = (int)strcspn(text, " ");

		if (column == 0 || column + 1 + n > 80) {
			column = fprintf(to, "%s%*s# %.*s", column > 0 ? "\n" : "", indent, "", n, text);
		} else
			column += fprintf(to, " %.*s", n, text);
		text += n;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void
print_value(const struct setting *row, const struct settings *s, FILE *to)
{
	char buf[64];
	const char *value = setting_show(row, s, buf, sizeof(buf));

	if (row->kind == SETTING_LIST) {
		if (*value == '\0') {
			fputs("[]", to);
			return;
		}
		fputs("[ ", to);
		for (; *value != '\0'; value++) {
			if (*value == ',')
				fputc(',', to);
			fputc(*value == ',' ? ' ' : *value, to);
		}
		fputs(" ]", to);
	} else if (row->kind == SETTING_TEXT)
		print_quoted(value, to);
	else
		fputs(value, to);
}

/* Open the sections between what is open and the row's own. */
static int
print_sections(const char *name, const char *open, FILE *to)
{
	char path[SETTING_NAME_MAX];
	int depth = 0;

	for (const char *dot = strchr(name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
		size_t n = (size_t)(dot - name);
		const char *doc, *word;

		if (strncmp(open, name, n + 1) != 0) {
			memcpy(path, name, n);
			path[n] = '\0';
			doc = setting_section_doc(path);
			word = strrchr(path, '.');
			word = word != NULL ? word + 1 : path;
			fputc('\n', to);
			if (doc != NULL)
				print_comment(doc, 2 * depth, to);
			fprintf(to, "%*s%s:\n", 2 * depth, "", word);
		}
		depth++;
	}
	return depth;
}

/* A list of sections: what an entry has, then the entries. */
static void
print_list(const struct setting_list *l, const struct settings *s, FILE *to)
{
	unsigned n = config_list_count(l, s);
	int depth = 0;
	const char *word = l->name;

	for (const char *dot = strchr(l->name, '.'); dot != NULL; dot = strchr(dot + 1, '.')) {
		depth++;
		word = dot + 1;
	}
	fputc('\n', to);
	print_comment(l->doc, 2 * depth, to);
	fprintf(to, "%*s# An entry has:\n", 2 * depth, "");
	for (unsigned i = 0; i < l->n_rows; i++) {
		const struct setting *row = &l->rows[i];
		char range[256], text[512];

		setting_range(row, range, sizeof(range));
		(void)snprintf(text, sizeof(text), "- %s (%s%s%s): %s", row->name, range,
		    row->fallback[0] != '\0' ? "; default " : "", row->fallback, row->doc);
		print_comment(text, 2 * depth, to);
	}
	fprintf(to, "%*s%s:%s  # a list; default empty\n", 2 * depth, "", word, n == 0 ? " []" : "");
	for (unsigned k = 0; k < n; k++)
		for (unsigned i = 0; i < l->n_rows; i++) {
			struct list_row storage;
			const struct setting *row = config_list_row(l, k, i, &storage);

			fprintf(to, "%*s%s%s: ", 2 * depth + 2, "", i == 0 ? "- " : "  ", l->rows[i].name);
			print_value(row, s, to);
			fputc('\n', to);
		}
}

/* Is this the last row of the section that the list is in? */
static bool
comes_behind(const struct setting_list *l, unsigned row)
{
	const char *dot = strrchr(l->name, '.');
	size_t n = dot != NULL ? (size_t)(dot + 1 - l->name) : 0;

	return dot != NULL && strncmp(setting_rows[row].name, l->name, n) == 0 &&
	    (row + 1 == setting_count || strncmp(setting_rows[row + 1].name, l->name, n) != 0);
}

/* Sections whose keys are the operator's own come last. */
static void
print_vars(const char *section, const struct setting_vars *v, FILE *to)
{
	const char *doc;
	char name[32];

	(void)snprintf(name, sizeof(name), "vars.%s", section);
	doc = setting_section_doc(name);
	if (doc != NULL)
		print_comment(doc, 2, to);
	fprintf(to, "  %s:%s  # names of your own; default none\n", section, v->n == 0 ? " {}" : "");
	for (uint32_t i = 0; i < v->n; i++) {
		fprintf(to, "    %s: ", v->of[i].name);
		print_quoted(v->of[i].value, to);
		fputc('\n', to);
	}
}

void
config_print(const struct settings *s, FILE *to)
{
	const char *open = "";

	fputs("# thermowell's settings.  Each is followed by its range and its default; what is\n"
	    "# left out keeps the default.  Check a changed file with: thermowell -T -c FILE\n", to);
	for (unsigned i = 0; i < setting_count; i++) {
		const struct setting *row = &setting_rows[i];
		int depth = print_sections(row->name, open, to);
		char range[256], former[SETTING_NAME_MAX];

		print_comment(row->doc, 2 * depth, to);
		setting_range(row, range, sizeof(range));
		fprintf(to, "%*s%s: ", 2 * depth, "", strrchr(row->name, '.') + 1);
		print_value(row, s, to);
		fprintf(to, "  # %s; default %s", range, row->fallback[0] != '\0' ? row->fallback : "empty");
		if (setting_former_name(row->name, former))
			fprintf(to, "; formerly %s", former);
		fputc('\n', to);
		open = row->name;
		for (unsigned k = 0; k < setting_list_count; k++)
			if (comes_behind(&setting_lists[k], i))
				print_list(&setting_lists[k], s, to);
	}
	fputc('\n', to);
	print_comment(setting_section_doc("vars"), 0, to);
	fputs("vars:\n", to);
	print_vars("address-groups", &s->rules.addresses, to);
	print_vars("port-groups", &s->rules.ports, to);
	for (unsigned k = 0; k < setting_list_count; k++)
		if (strchr(setting_lists[k].name, '.') == NULL)
			print_list(&setting_lists[k], s, to);
}
