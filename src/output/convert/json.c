/* json.c - what ECS and OCSF share: a line is taken apart by the table, what is left stands below one name. */
#include "output/convert/parts.h"

#include <string.h>

#include "base/str.h"
#include "record/attack.h"

enum convert_result
conversion_begin(struct conversion *c, enum target target, const char *line, size_t n)
{
	int64_t ms;

	*c = (struct conversion){ .target = target };
	/* A text of a device may hold a NUL; of a name that comes twice the last one counts. */
	c->eve = json_loadb(line, n, JSON_ALLOW_NUL, NULL);
	if (!json_is_object(c->eve) || !value_ms(json_text_of(c->eve, "timestamp"), &ms) ||
	    json_text_of(c->eve, "event_type")[0] == '\0') {
		conversion_end(c);
		return CONVERT_FAILED;
	}
	c->record = record_row(c->eve);
	if ((c->record->on & target) == 0) {
		conversion_end(c);
		return CONVERT_NOT_MINE;
	}
	return CONVERT_OK;
}

void
conversion_end(struct conversion *c)
{
	json_decref(c->eve);
	json_decref(c->out);
	c->eve = c->out = NULL;
}

void
conversion_put(struct conversion *c, const char *path, json_t *v)
{
	if (path_put(c->out, path, v) == PATH_FAILED)
		c->failed = true;
}

/* The path of a word in this record; NULL: it is not for it. */
static const char *
target_path(const struct conversion *c, const char *word, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	switch (c->target == ON_OCSF ? word[0] : '\0') {
	case '@':
		if (c->record->class_uid == 0)
			return NULL;
		strbuf_put(&b, c->record->at);
		word++;
		break;
	case '$':
		if (c->record->class_uid != 4001)
			return NULL;
		word++;
		break;
	case '!':
		if (c->record->class_uid != 2004)
			return NULL;
		word++;
		break;
	}
	if (c->target == ON_OCSF && strncmp(word, "finding_info.", 13) == 0 && c->record->class_uid != 2004)
		return NULL;
	strbuf_put(&b, word);
	return b.cut ? NULL : to;
}

/* Put `v` at each path of the row.  false: at none. */
static bool
put_row(struct conversion *c, const struct field_row *row, const char *words, const json_t *v)
{
	char word[128], path[160];
	bool any = false;

	while (str_next_text(&words, word, sizeof(word))) {
		const char *at = target_path(c, word, path, sizeof(path));
		json_t *x = at != NULL ? value_for(c->target, row->kind, v, word) : NULL;

		if (x == NULL)
			continue;
		switch (path_put(c->out, at, x)) {
		case PATH_PUT:		any = true; break;
		case PATH_TAKEN:	break;
		case PATH_FAILED:	c->failed = true; break;
		}
	}
	return any;
}

void
conversion_fields(struct conversion *c)
{
	unsigned column = c->target == ON_ECS ? 0 : 1;

	for (unsigned i = 0; i < field_count; i++) {
		const struct field_row *row = &field_rows[i];
		json_t *v = row->to[column][0] != '\0' ? path_get(c->eve, row->eve) : NULL;
		bool put = false;

		if (v == NULL)
			continue;
		if (row->kind == FIELD_ATTACK && c->target == ON_ECS)
			attack_ecs(c, v);
		else if (row->kind == FIELD_ATTACK)
			attack_ocsf(c, v);
		else if (row->kind == FIELD_VLAN && c->target == ON_ECS) {
			json_t *vlan = value_for(c->target, row->kind, v, row->to[column]);

			if (vlan != NULL && json_object_get(c->out, "network") == NULL)
				(void)json_object_set_new(c->out, "network", json_object());
			c->failed |= vlan != NULL && json_object_update(json_object_get(c->out, "network"), vlan) != 0;
			json_decref(vlan);
		} else
			put = put_row(c, row, row->to[column], v);
		json_decref(v);
		if (put && !row->keep)
			path_drop(c->eve, row->eve);
	}
}

enum convert_result
conversion_print(struct conversion *c, const char *rest, struct text *to)
{
	if (json_object_size(c->eve) > 0)
		c->failed |= json_object_set(c->out, rest, c->eve) != 0;
	if (c->failed || c->out == NULL)
		return CONVERT_FAILED;
	json_to_text(c->out, to);
	return to->cut ? CONVERT_TOO_LONG : CONVERT_OK;
}

/* ---- ATT&CK ------------------------------------------------------------------------ */

/* One technique. */
struct technique {
	char		 id[16], sub[16];	/* T1692, T1692.001 or "" */
	char		 name[96], sub_name[96];
	const char	*tactic, *tactic_id, *version;	/* "" unknown */
};

/* "Unauthorized Message: Command Message" is two names where there is a sub-technique. */
static void
technique_name(struct technique *t, const char *name)
{
	const char *colon = t->sub[0] != '\0' ? strstr(name, ": ") : NULL;
	struct strbuf b = strbuf_on(t->name, sizeof(t->name)), sub = strbuf_on(t->sub_name, sizeof(t->sub_name));

	if (colon == NULL)
		strbuf_put(&b, name);
	else {
		strbuf_printf(&b, "%.*s", (int)(colon - name), name);
		strbuf_put(&sub, colon + 2);
	}
}

/* A technique by its id alone, as incidents have them. */
static bool
technique_of_id(struct technique *t, const char *id)
{
	const struct attack_row *row = attack_row(id, strlen(id));
	struct strbuf b = strbuf_on(t->id, sizeof(t->id)), sub = strbuf_on(t->sub, sizeof(t->sub));

	*t = (struct technique){ .tactic = "", .tactic_id = "", .version = ATTACK_VERSION };
	if (row != NULL)
		id = row->id;
	strbuf_printf(&b, "%.*s", (int)strcspn(id, "."), id);
	if (strchr(id, '.') != NULL)
		strbuf_put(&sub, id);
	if (row != NULL) {
		technique_name(t, row->name);
		t->tactic = attack_tactic_row(row->tactic)->name;
		t->tactic_id = attack_tactic_row(row->tactic)->id;
	}
	return t->id[0] != '\0' && !b.cut && !sub.cut;
}

static bool
technique_of(struct technique *t, const json_t *v)
{
	struct strbuf b = strbuf_on(t->id, sizeof(t->id)), sub = strbuf_on(t->sub, sizeof(t->sub));

	if (json_is_string(v))
		return technique_of_id(t, json_string_value(v));
	*t = (struct technique){ .tactic = json_text_of(v, "tactic"), .tactic_id = json_text_of(v, "tactic_id"),
	    .version = json_text_of(v, "version") };
	strbuf_put(&b, json_text_of(v, "id"));
	strbuf_put(&sub, json_text_of(v, "sub_technique"));
	technique_name(t, json_text_of(v, "name"));
	return t->id[0] != '\0' && !b.cut && !sub.cut;
}

static void
put_text(struct conversion *c, const char *path, const char *text)
{
	if (text[0] != '\0')
		conversion_put(c, path, json_string(text));
}

void
attack_ecs(struct conversion *c, const json_t *v)
{
	const json_t *one;
	struct technique t;
	size_t i;

	json_array_foreach(v, i, one) {
		if (!technique_of(&t, one))
			continue;
		put_text(c, "threat.framework", "MITRE ATT&CK for ICS");
		put_text(c, "threat.technique.id[]", t.id);
		put_text(c, "threat.technique.name[]", t.name);
		put_text(c, "threat.technique.subtechnique.id[]", t.sub);
		put_text(c, "threat.technique.subtechnique.name[]", t.sub_name);
		put_text(c, "threat.tactic.id[]", t.tactic_id);
		put_text(c, "threat.tactic.name[]", t.tactic);
	}
}

static json_t *
named(const char *uid, const char *name)
{
	json_t *o = json_object();

	if (uid[0] != '\0')
		(void)json_object_set_new(o, "uid", json_string(uid));
	if (name[0] != '\0')
		(void)json_object_set_new(o, "name", json_string(name));
	return o;
}

void
attack_ocsf(struct conversion *c, const json_t *v)
{
	const json_t *one;
	struct technique t;
	size_t i;

	json_array_foreach(v, i, one) {
		json_t *a;

		if (!technique_of(&t, one))
			continue;
		a = json_pack("{s:o}", "technique", named(t.id, t.name));
		if (t.sub[0] != '\0')
			(void)json_object_set_new(a, "sub_technique", named(t.sub, t.sub_name));
		if (t.tactic_id[0] != '\0' || t.tactic[0] != '\0')
			(void)json_object_set_new(a, "tactic", named(t.tactic_id, t.tactic));
		if (t.version[0] != '\0')
			(void)json_object_set_new(a, "version", json_string(t.version));
		conversion_put(c, "finding_info.attacks[]", a);
	}
}
