#include "config/lists.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct setting_list *
config_list_find(const char *name)
{
	char normal[SETTING_NAME_MAX];

	if (!setting_normal(name, normal))
		return NULL;
	for (unsigned i = 0; i < setting_list_count; i++)
		if (strcmp(setting_lists[i].name, normal) == 0)
			return &setting_lists[i];
	return NULL;
}

static uint64_t *
count_of(const struct setting_list *l, const struct settings *s)
{
	return (uint64_t *)(void *)((char *)(uintptr_t)s + l->count_at);
}

unsigned
config_list_count(const struct setting_list *l, const struct settings *s)
{
	return (unsigned)*count_of(l, s);
}

const struct setting *
config_list_row(const struct setting_list *l, unsigned k, unsigned i, struct list_row *to)
{
	to->row = l->rows[i];
	(void)snprintf(to->name, sizeof(to->name), "%s.%u.%s", l->name, k, l->rows[i].name);
	to->row.name = to->name;
	to->row.offset += k * l->stride;
	return &to->row;
}

const struct setting *
config_list_row_find(const struct setting_list *l, unsigned k, const char *key, struct list_row *to,
    const char **near)
{
	char normal[SETTING_NAME_MAX];
	unsigned least = UINT32_MAX;

	*near = NULL;
	if (!setting_normal(key, normal))
		return NULL;
	for (unsigned i = 0; i < l->n_rows; i++) {
		unsigned d = str_distance(normal, l->rows[i].name);

		if (d == 0)
			return config_list_row(l, k, i, to);
		if (d < least && d <= 1 + strlen(normal) / 3) {
			least = d;
			*near = l->rows[i].name;
		}
	}
	return NULL;
}

bool
config_list_begin(const struct setting_list *l, struct settings *s, const char *file, int line, int column,
    char *why, size_t why_size)
{
	unsigned k = config_list_count(l, s);
	struct setting_position *at;
	struct list_row storage;
	const struct setting *row;

	if (k == l->max) {
		(void)snprintf(why, why_size, "has at most %u entries", l->max);
		return false;
	}
	at = (struct setting_position *)(void *)((char *)s + l->position_at + k * l->stride);
	*at = (struct setting_position){ .line = line, .column = column };
	if (file != NULL && (at->file = strdup(file)) == NULL) {
		(void)snprintf(why, why_size, "does not fit into memory");
		return false;
	}
	++*count_of(l, s);
	for (unsigned i = 0; i < l->n_rows; i++) {
		row = config_list_row(l, k, i, &storage);
		/* Those that must be given stay empty. */
		if (row->fallback[0] != '\0' && !setting_take(row, s, row->fallback, why, why_size))
			return false;
	}
	return true;
}

const struct setting_list *
config_list_of_name(const char *name, unsigned long *entry, const char **key)
{
	char normal[SETTING_NAME_MAX];
	size_t n;

	if (!setting_normal(name, normal))
		return NULL;
	for (unsigned i = 0; i < setting_list_count; i++) {
		n = strlen(setting_lists[i].name);
		if (strncmp(normal, setting_lists[i].name, n) != 0 || normal[n] != '.')
			continue;
		/* "x" behind it is no number: an entry that there cannot be. */
		*key = name + n + 1 + strspn(name + n + 1, "0123456789");
		*entry = *key > name + n + 1 && *key < name + n + 8 ? strtoul(name + n + 1, NULL, 10) : ULONG_MAX;
		if (**key == '.')
			++*key;
		else
			*entry = ULONG_MAX;
		return &setting_lists[i];
	}
	return NULL;
}

void
config_lists_free(struct settings *s)
{
	for (unsigned i = 0; i < setting_list_count; i++) {
		const struct setting_list *l = &setting_lists[i];

		for (unsigned k = 0; k < config_list_count(l, s); k++) {
			struct setting_position *at =
			    (struct setting_position *)(void *)((char *)s + l->position_at + k * l->stride);

			for (unsigned r = 0; r < l->n_rows; r++) {
				struct list_row storage;

				setting_free(config_list_row(l, k, r, &storage), s);
			}
			free((void *)at->file);
			at->file = NULL;
		}
		*count_of(l, s) = 0;
	}
}
