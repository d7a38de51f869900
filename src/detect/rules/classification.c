#include "detect/rules/classification.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/rules/file.h"
#include "detect/rules/slice.h"

static const struct class_row built_in[] = {
#define CLASS(name, description, priority) { name, description, priority },
#include "record/classes.def"
#undef CLASS
};

/* As in the reference.config that Snort and Suricata bring along. */
static const struct reference_row kinds[] = {
	{ "bugtraq", "http://www.securityfocus.com/bid/" },
	{ "bid", "http://www.securityfocus.com/bid/" },
	{ "cve", "https://cve.mitre.org/cgi-bin/cvename.cgi?name=" },
	{ "secunia", "http://www.secunia.com/advisories/" },
	{ "arachNIDS", "http://www.whitehats.com/info/IDS" },
	{ "McAfee", "http://vil.nai.com/vil/content/v_" },
	{ "nessus", "http://cgi.nessus.org/plugins/dump.php3?id=" },
	{ "url", "http://" },
	{ "et", "http://doc.emergingthreats.net/" },
	{ "etpro", "http://doc.emergingthreatspro.com/" },
	{ "telus", "http://" },
	{ "osvdb", "http://osvdb.org/show/osvdb/" },
	{ "msb", "http://technet.microsoft.com/en-us/security/bulletin/" },
	{ "md5", "http://www.threatexpert.com/report.aspx?md5=" },
	{ "exploitdb", "http://www.exploit-db.com/exploits/" },
	{ "openpacket", "https://www.openpacket.org/capture/grab/" },
	{ "securitytracker", "http://securitytracker.com/id?" },
	{ "xforce", "http://xforce.iss.net/xforce/xfdb/" },
};

const struct class_row *
class_built_in(uint32_t i)
{
	return i < COUNTOF(built_in) ? &built_in[i] : NULL;
}

static void
put_class(struct classes *c, struct rule_memory *m, struct class_row row)
{
	struct class_row *of;

	if (m->failed)
		return;
	for (uint32_t i = 0; i < c->n; i++)
		if (strcmp(c->of[i].name, row.name) == 0) {
			c->of[i] = row;
			return;
		}
	of = rule_grow(m, c->of, c->n, &c->capacity, sizeof(*of));
	if (of == NULL)
		return;
	c->of = of;
	c->of[c->n++] = row;
}

static void
put_reference(struct classes *c, struct rule_memory *m, struct reference_row row)
{
	struct reference_row *of;

	if (m->failed)
		return;
	for (uint32_t i = 0; i < c->n_references; i++)
		if (strcmp(c->references[i].kind, row.kind) == 0) {
			c->references[i] = row;
			return;
		}
	of = rule_grow(m, c->references, c->n_references, &c->references_capacity, sizeof(*of));
	if (of == NULL)
		return;
	c->references = of;
	c->references[c->n_references++] = row;
}

static const char *
copied(struct rule_memory *m, struct slice s)
{
	return rule_text(m, s.p, s.n);
}

/* "config classification: name,description,priority" */
static bool
class_line(struct classes *c, struct rule_memory *m, struct slice rest)
{
	struct slice name, description, priority;
	uint64_t n;

	if (!slice_part(&rest, ',', &name) || rest.p == NULL)
		return false;
	/* A description may hold a comma; the priority stands behind the last one. */
	for (priority = rest; priority.n > 0 && priority.p[priority.n - 1] != ','; priority.n--)
		;
	if (priority.n == 0 || name.n == 0)
		return false;
	description = slice_trim((struct slice){ rest.p, priority.n - 1 });
	priority = slice_trim((struct slice){ rest.p + priority.n, rest.n - priority.n });
	if (!slice_u64(priority, &n) || n < 1 || n > 255)
		return false;
	put_class(c, m, (struct class_row){ copied(m, name), copied(m, description), (uint8_t)n });
	return !m->failed;
}

/* "config reference: kind prefix" */
static bool
reference_line(struct classes *c, struct rule_memory *m, struct slice rest)
{
	struct slice kind;

	if (!slice_word(&rest, &kind))
		return false;
	put_reference(c, m, (struct reference_row){ copied(m, kind), copied(m, slice_trim(rest)) });
	return !m->failed;
}

static void
read_file(struct classes *c, struct rule_memory *m, const char *path, const char *word,
    bool (*take)(struct classes *, struct rule_memory *, struct slice), struct err *e)
{
	struct slice line, all, first;
	int n = 0;

	if (!file_read(m, path, &all, e))
		return;
	while (slice_part(&all, '\n', &line)) {
		n++;
		while (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		line = slice_trim(line);
		if (line.n == 0 || line.p[0] == '#')
			continue;
		(void)slice_word(&line, &first);
		line = slice_trim(line);
		if (!slice_is(first, "config") || !slice_begins(line, word) ||
		    !take(c, m, slice_trim((struct slice){ line.p + strlen(word), line.n - strlen(word) })))
			err_add(e, path, n, 1, "a line is: config %s %s", word,
			    take == class_line ? "name,description,priority" : "kind prefix");
	}
}

void
classes_open(struct classes *c, struct rule_memory *m, const char *classification,
    const char *references, struct err *e)
{
	*c = (struct classes){ 0 };
	for (size_t i = 0; i < COUNTOF(built_in); i++)
		put_class(c, m, built_in[i]);
	for (size_t i = 0; i < COUNTOF(kinds); i++)
		put_reference(c, m, kinds[i]);
	if (classification != NULL)
		read_file(c, m, classification, "classification:", class_line, e);
	if (references != NULL)
		read_file(c, m, references, "reference:", reference_line, e);
}

const struct class_row *
class_find(const struct classes *c, const char *name)
{
	for (uint32_t i = 0; i < c->n; i++)
		if (strcmp(c->of[i].name, name) == 0)
			return &c->of[i];
	return NULL;
}

const char *
reference_url(const struct classes *c, struct rule_memory *m, const char *text)
{
	struct slice rest = { text, strlen(text) }, kind;

	(void)slice_part(&rest, ',', &kind);
	rest = slice_trim(rest);
	for (uint32_t i = 0; i < c->n_references; i++)
		if (slice_is_nocase(kind, c->references[i].kind)) {
			const char *prefix = c->references[i].prefix;
			size_t n = strlen(prefix);
			char *to;

			/* Some write the whole address behind "url,". */
			if (slice_begins(rest, "http://") || slice_begins(rest, "https://"))
				n = 0;
			to = rule_alloc(m, n + rest.n + 1);
			if (to == NULL)
				return text;
			memcpy(to, prefix, n);
			memcpy(to + n, rest.p, rest.n);
			return to;
		}
	return text;
}
