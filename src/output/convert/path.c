/* path.c - members of nested JSON by their dotted paths. */
#include "output/convert/parts.h"

#include <stdlib.h>
#include <string.h>

/* One step of a path: a name, and what may stand behind it in brackets. */
struct step {
	char		 name[64];
	bool		 append, index;	/* "[]", "[0]" */
	const char	*rest;		/* behind the dot; NULL: it was the last */
};

static bool
step_of(const char *path, struct step *s)
{
	size_t n = strcspn(path, ".["), end = strcspn(path, ".");

	if (n == 0 || n >= sizeof(s->name))
		return false;
	memcpy(s->name, path, n);
	s->name[n] = '\0';
	s->append = strncmp(path + n, "[]", 2) == 0;
	s->index = strncmp(path + n, "[0]", 3) == 0;
	s->rest = path[end] == '.' ? path + end + 1 : NULL;
	return true;
}

/* All that `path` names below `at`, which may be or have lists. */
static void
collect(const json_t *at, const char *path, json_t *list)
{
	struct step s;
	const json_t *one;
	size_t i;

	if (json_is_array(at)) {
		json_array_foreach(at, i, one)
			collect(one, path, list);
		return;
	}
	if (path == NULL) {
		(void)json_array_append(list, (json_t *)(uintptr_t)at);
		return;
	}
	if (step_of(path, &s) && (one = json_object_get(at, s.name)) != NULL)
		collect(one, s.rest, list);
}

json_t *
path_get(const json_t *root, const char *path)
{
	const json_t *at = root;
	struct step s = { .rest = path };
	json_t *list;

	while (s.rest != NULL) {
		if (json_is_array(at)) {
			list = json_array();
			collect(at, s.rest, list);
			if (json_array_size(list) > 0)
				return list;
			json_decref(list);
			return NULL;
		}
		if (!step_of(s.rest, &s))
			return NULL;
		at = json_object_get(at, s.name);
	}
	return json_incref((json_t *)(uintptr_t)at);
}

const char *
path_text(const json_t *root, const char *path)
{
	const json_t *at = root;
	struct step s = { .rest = path };

	while (s.rest != NULL) {
		if (!step_of(s.rest, &s))
			return "";
		at = json_object_get(at, s.name);
	}
	return json_is_string(at) ? json_string_value(at) : "";
}

void
path_drop(json_t *root, const char *path)
{
	struct step s;
	json_t *below;

	if (!step_of(path, &s))
		return;
	if (s.rest == NULL) {
		(void)json_object_del(root, s.name);
		return;
	}
	below = json_object_get(root, s.name);
	if (!json_is_object(below))
		return;
	path_drop(below, s.rest);
	if (json_object_size(below) == 0)
		(void)json_object_del(root, s.name);
}

static bool
has(const json_t *list, const json_t *v)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
		if (json_equal(one, v))
			return true;
	return false;
}

/* Each once; `v` is one element, or a list of them. */
static bool
append(json_t *list, json_t *v)
{
	json_t *one;
	size_t i;

	if (!json_is_array(v))
		return has(list, v) || json_array_append(list, v) == 0;
	json_array_foreach(v, i, one)
		if (!has(list, one) && json_array_append(list, one) != 0)
			return false;
	return true;
}

/* The member `name`, made as an object or a list if it is missing; borrowed. */
static json_t *
member(json_t *at, const char *name, bool list)
{
	json_t *m = json_object_get(at, name);

	if (m == NULL && json_object_set_new(at, name, list ? json_array() : json_object()) == 0)
		m = json_object_get(at, name);
	return m;
}

static enum path_put
put(json_t *at, const char *path, json_t *v)
{
	struct step s;
	json_t *m;

	if (at == NULL || !step_of(path, &s))
		return PATH_FAILED;
	if (s.append) {
		m = member(at, s.name, true);
		return json_is_array(m) && append(m, v) ? PATH_PUT : PATH_FAILED;
	}
	if (s.rest != NULL) {
		m = member(at, s.name, s.index);
		if (s.index) {
			if (json_array_size(m) == 0 && json_array_append_new(m, json_object()) != 0)
				return PATH_FAILED;
			m = json_array_get(m, 0);
		}
		return put(m, s.rest, v);
	}
	m = json_object_get(at, s.name);
	if (m != NULL)
		return json_equal(m, v) ? PATH_PUT : PATH_TAKEN;
	return json_object_set(at, s.name, v) == 0 ? PATH_PUT : PATH_FAILED;
}

enum path_put
path_put(json_t *root, const char *path, json_t *v)
{
	enum path_put r = v != NULL ? put(root, path, v) : PATH_FAILED;

	json_decref(v);
	return r;
}
