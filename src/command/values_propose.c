/* values_propose.c - `thermowell values propose`: a tag file of all values that were seen, to be named by who knows them. */
#include "command/values.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "process/points.h"

#define POINTS_MAX	200000u

static void
field(FILE *to, const char *text, const char *end)
{
	if (strpbrk(text, ",;\"\n") == NULL) {
		fprintf(to, "%s%s", text, end);
		return;
	}
	fputc('"', to);
	for (; *text != '\0'; text++)
		fprintf(to, "%s%c", *text == '"' ? "\"" : "", *text);
	fprintf(to, "\"%s", end);
}

static void
print(void *arg, const struct proposed *x)
{
	char address[TAG_ADDRESS_MAX], form[32];
	const struct tag_form *f = &x->tag.form;
	FILE *to = arg;

	tag_address_print(&x->tag, address);
	if (x->empty > 0) {
		fprintf(to, "# %s", address);
		fprintf(to, x->empty > 1 ? " and %" PRIu32 " more: always 0\n" : ": always 0\n", x->empty - 1);
		return;
	}
	(void)snprintf(form, sizeof(form), "%s", f->type == TAG_SENT ? "" : tag_type_name((enum tag_type)f->type));
	/* A name that nobody has to change: the address itself. */
	field(to, address, ",");
	field(to, address, ",");
	fprintf(to, "%s,%s,,,,", form, f->order != TAG_ORDER_BIG ? tag_order_name((enum tag_order)f->order) : "");
	field(to, x->note, "\n");
}

static void
on_operation(void *arg, const struct operation *op)
{
	points_operation(arg, op);
}

static void
put_file(struct points *p, FILE *to)
{
	points_sort(p);
	fputs("# Every value that was seen.  Give names, units and scales to those that matter, and delete the others;\n"
	    "# types are what the bytes look like.  process.tags: FILE loads it.\n"
	    "name,address,type,order,unit,scale,group,note\n", to);
	points_propose(p, print, to);
	if (points_lost(p) > 0)
		fprintf(to, "# Incomplete: %" PRIu64 " more values were of points that did not fit.\n", points_lost(p));
}

/* Nobody judges, and what has a name already is no matter. */
static bool
of_captures(const struct command_job *job, struct points *p, struct err *e)
{
	struct settings s = command_quietly(job->settings);
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files,
	    .tap = { .operation = on_operation, .arg = p } };

	s.rules.files = "none";
	s.rules.tags = NULL;
	return engine_run(&run, e) == 0;
}

static bool
is_given(const char *file)
{
	return file != NULL && file[0] != '\0';
}

int
values_propose(const struct command_job *job, struct err *e)
{
	struct points *p;
	bool good;

	if (job->n_files == 0 && !is_given(job->settings->store.file) && !is_given(job->settings->baseline.file)) {
		err_add(e, NULL, 0, 0, "give captures (thermowell values propose -r FILE|DIR...) or the database of a sensor that has learned or keeps "
		    "values (--store FILE, --baseline FILE)");
		return COMMAND_MISUSED;
	}
	p = points_open(POINTS_MAX);
	if (p == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return COMMAND_FAILED;
	}
	good = job->n_files > 0 ? of_captures(job, p, e) : values_remembered(job->settings, p, e);
	if (good)
		put_file(p, stdout);
	points_close(p);
	return good ? COMMAND_DONE : COMMAND_FAILED;
}
