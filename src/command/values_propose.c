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

int
values_propose(const struct command_job *job, struct err *e)
{
	struct settings s = command_quietly(job->settings);
	struct points *p;
	bool good;

	if (job->n_files == 0) {
		err_add(e, NULL, 0, 0, "give captures: thermowell values propose -r FILE|DIR...");
		return COMMAND_MISUSED;
	}
	p = points_open(POINTS_MAX);
	if (p == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return COMMAND_FAILED;
	}
	s.rules.files = "none";
	s.rules.tags = NULL;
	const struct engine_run run = { .settings = &s, .files = job->files, .n_files = job->n_files,
	    .tap = { .operation = on_operation, .arg = p } };
	good = engine_run(&run, e) == 0;
	if (good) {
		points_sort(p);
		fputs("# Every value that was seen.  Give names, units and scales to those that matter, and delete the others;\n"
		    "# types are what the bytes look like.  process.tags: FILE loads it.\n"
		    "name,address,type,order,unit,scale,group,note\n", stdout);
		points_propose(p, print, stdout);
		if (points_lost(p) > 0)
			printf("# Incomplete: %" PRIu64 " more values were of points that did not fit.\n", points_lost(p));
	}
	points_close(p);
	return good ? COMMAND_DONE : COMMAND_FAILED;
}
