#include "config/vars.h"

#include <stdlib.h>
#include <string.h>

#define VARS_MAX 1024u

struct setting_vars *
config_vars(struct settings *s, const char *section)
{
	if (strcmp(section, "vars.address-groups") == 0)
		return &s->rules.addresses;
	if (strcmp(section, "vars.port-groups") == 0)
		return &s->rules.ports;
	return NULL;
}

static bool
name_is_good(const char *name)
{
	size_t n = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_");

	return n > 0 && n < 64 && name[n] == '\0';
}

static void
free_one(struct setting_var *one)
{
	free((void *)one->name);
	free((void *)one->value);
	free((void *)one->file);
}

/* The one with this name, or a new one at the end; NULL when there is no memory. */
static struct setting_var *
slot_for(struct setting_vars *v, const char *name)
{
	struct setting_var *of;

	for (uint32_t i = 0; i < v->n; i++)
		if (v->of[i].name != NULL && strcmp(v->of[i].name, name) == 0)
			return &v->of[i];
	of = realloc(v->of, (v->n + 1) * sizeof(*of));
	if (of == NULL)
		return NULL;
	v->of = of;
	of[v->n] = (struct setting_var){ 0 };
	return &of[v->n++];
}

bool
config_var_take(struct setting_vars *v, const char *name, const char *value, const char *file,
    int line, int column, const char **why)
{
	struct setting_var one = { .line = line, .column = column }, *slot;

	if (!name_is_good(name)) {
		*why = "a variable's name is made of letters, digits and _";
		return false;
	}
	if (value[strspn(value, " \t")] == '\0') {
		*why = "the variable has no value";
		return false;
	}
	if (v->n >= VARS_MAX) {
		*why = "there are too many variables";
		return false;
	}
	one.name = strdup(name);
	one.value = strdup(value);
	one.file = file != NULL ? strdup(file) : NULL;
	slot = slot_for(v, name);
	if (one.name == NULL || one.value == NULL || (file != NULL && one.file == NULL) || slot == NULL) {
		if (slot != NULL && slot->name == NULL)
			v->n--;
		free_one(&one);
		*why = "out of memory";
		return false;
	}
	free_one(slot);
	*slot = one;
	return true;
}

void
config_vars_free(struct setting_vars *v)
{
	for (uint32_t i = 0; i < v->n; i++)
		free_one(&v->of[i]);
	free(v->of);
	*v = (struct setting_vars){ 0 };
}
