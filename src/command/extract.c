/* extract.c - thermowell extract: the packets of a finding, out of captures.
 *
 * First what is asked for becomes windows: whose packets, and from when to when.  An alert that the database
 * has is looked up there; others, and flows, are found by replaying the captures with the settings that they
 * were made with.  Then the frames of the captures are read once more, and those that fit are copied.
 */
#include "command/command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "command/extract.h"
#include "config/options.h"
#include "engine/stop.h"
#include "output/pcapng.h"

#define AROUND_S	60u	/* of an alert: before its first finding, after its last one */

/* ---- what is asked for -------------------------------------------------------------- */

static bool
is_hex(const char *id)
{
	size_t n = strlen(id);

	return n >= EXTRACT_ID_MIN && n <= ALERT_UID_LEN && strspn(id, "0123456789abcdef") == n;
}

static void
read_ids(const struct command_job *job, struct extract *x, struct err *e)
{
	for (unsigned i = 0; i < job->n_picks; i++) {
		const struct options_pick *pick = &job->picks[i];
		struct extract_pick *to = &x->picks[x->n_picks++];
		char *end;

		*to = (struct extract_pick){ .id = pick->id };
		if (strcmp(pick->option, "--flow") == 0) {
			to->kind = EXTRACT_FLOW;
			errno = 0;
			to->flow = strtoull(pick->id, &end, 10);
			if (pick->id[0] < '0' || pick->id[0] > '9' || *end != '\0' || errno != 0 || to->flow == 0)
				err_add(e, NULL, 0, 0, "--flow %s: give the number that eve.json has as flow_id", pick->id);
			continue;
		}
		to->kind = strcmp(pick->option, "--alert") == 0 ? EXTRACT_ALERT : EXTRACT_INCIDENT;
		if (!is_hex(pick->id))
			err_add(e, NULL, 0, 0, "%s %s: give the id that eve.json has as ot.id, or its first %u digits at least",
			    pick->option, pick->id, EXTRACT_ID_MIN);
	}
}

/* "90s", "10m"; seconds.  0 is a time, too. */
static uint64_t
read_around(const char *text, struct err *e)
{
	static const char units[] = "smhd";
	static const uint64_t of[] = { 1, 60, 3600, 86400 };
	size_t digits = text != NULL ? strspn(text, "0123456789") : 0;
	const char *unit;

	if (text == NULL)
		return AROUND_S;
	unit = text[digits] != '\0' ? strchr(units, text[digits]) : units;
	if (digits == 0 || digits > 8 || unit == NULL || (text[digits] != '\0' && text[digits + 1] != '\0')) {
		err_add(e, NULL, 0, 0, "--around %s: give a time, as in 90s, 10m, 2h or 1d", text);
		return 0;
	}
	return strtoull(text, NULL, 10) * of[unit - units];
}

/* Writing over what is read would destroy it. */
static bool
is_input(const struct command_job *job, const char *out)
{
	struct stat a, b;

	if (stat(out, &a) != 0)
		return false;
	for (unsigned i = 0; i < job->n_files; i++)
		if (stat(job->files[i], &b) == 0 && a.st_dev == b.st_dev && a.st_ino == b.st_ino)
			return true;
	return false;
}

static void
read_job(const struct command_job *job, struct extract *x, struct err *e)
{
	read_ids(job, x, e);
	x->from_ns = (uint64_t)command_time("--from", job->from, e);
	x->to_ns = (uint64_t)command_time("--to", job->to, e);
	x->around_ns = read_around(job->around, e) * UINT64_C(1000000000);
	if (x->from_ns != 0 && x->to_ns != 0 && x->from_ns > x->to_ns)
		err_add(e, NULL, 0, 0, "--from %s is after --to %s", job->from, job->to);
	if (x->to_ns == 0)
		x->to_ns = UINT64_MAX;
	if (job->n_words > 0)
		err_add(e, NULL, 0, 0, "extract takes no '%s'", job->words[0]);
	if (job->n_files == 0)
		err_add(e, NULL, 0, 0, "extract needs captures to cut from: -r FILE...");
	if (job->write == NULL)
		err_add(e, NULL, 0, 0, "extract needs a file to write: -w OUT.pcapng, or -w - for standard output");
	else if (is_input(job, job->write))
		err_add(e, NULL, 0, 0, "-w %s: this is one of the captures to cut from; give another name", job->write);
	if (job->n_picks == 0 && job->from == NULL && job->to == NULL)
		err_add(e, NULL, 0, 0, "extract needs to know what: --alert ID, --incident ID, --flow ID, --from TIME or --to TIME");
	if (job->n_files > 1)
		for (unsigned i = 0; i < job->n_files; i++)
			if (strcmp(job->files[i], "-") == 0 && x->n_picks > 0)
				err_add(e, NULL, 0, 0, "standard input can be read only once; give a file");
	if (job->n_files == 1 && strcmp(job->files[0], "-") == 0 && x->n_picks > 0)
		err_add(e, NULL, 0, 0, "standard input can be read only once, and this takes two rounds; give a file");
}

/* ---- copying ------------------------------------------------------------------------ */

struct copying {
	const struct command_job *job;
	const struct extract	*x;
	struct pcapng		 out;
	FILE			*to;		/* NULL: nothing fitted yet */
	uint64_t		 frames, copied;
	uint64_t		 first_ns, last_ns;	/* of all frames */
};

static bool
open_output(struct copying *k, struct err *e)
{
	const char *path = k->job->write;
	char comment[1024];

	k->to = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
	extract_comment(k->x, comment, sizeof(comment));
	if (k->to != NULL && pcapng_begin(&k->out, k->to, "thermowell " PACKAGE_VERSION, comment))
		return true;
	err_add(e, path, 0, 0, "cannot be written: %s", strerror(errno));
	return false;
}

static bool
copy(struct copying *k, const struct frame *f, const struct capture *cap, const char *comment, struct err *e)
{
	if (k->to == NULL && !open_output(k, e))
		return false;
	if (!pcapng_frame(&k->out, f, capture_source_name(cap, f->source), comment)) {
		err_add(e, k->job->write, 0, 0, "cannot be written: %s",
		    errno != 0 ? strerror(errno) : "the frames come from too many interfaces");
		return false;
	}
	k->copied++;
	return true;
}

/* Every frame of the captures once more. */
static bool
copy_all(struct copying *k, struct err *e)
{
	struct settings s = *k->job->settings;
	struct counters counters = { { 0 } };
	struct extract_filter *filter;
	struct capture *cap;
	enum capture_step step;
	struct frame f;
	bool ok = true;

	engine_resolve(&s);
	cap = capture_open_files(&s.capture, k->job->files, k->job->n_files, &counters, e);
	filter = cap != NULL ? extract_filter_open(k->x, &s.decode) : NULL;
	if (filter == NULL) {
		if (cap != NULL)
			err_add(e, NULL, 0, 0, "not enough memory");
		capture_close(cap);
		return false;
	}
	stop_notify(cap, NULL);
	while (ok && (step = capture_next(cap, &f)) != CAPTURE_END) {
		const char *comment;

		if (step == CAPTURE_FAILED) {
			err_add(e, NULL, 0, 0, "not all captures could be read; see the messages above");
			ok = false;
			break;
		}
		if (step != CAPTURE_FRAME)
			continue;
		if (k->frames++ == 0)
			k->first_ns = f.ts_ns;
		k->last_ns = f.ts_ns;
		if (extract_wants(filter, &f, &comment))
			ok = copy(k, &f, cap, comment, e);
	}
	stop_notify(NULL, NULL);
	if (ok && stop_asked()) {
		err_add(e, NULL, 0, 0, "ended by a signal: %s is not complete", k->job->write);
		ok = false;
	}
	extract_filter_close(filter);
	capture_close(cap);
	return ok;
}

static int
write_output(struct copying *k, struct err *e)
{
	bool ok = copy_all(k, e);

	if (k->to != NULL && (k->to == stdout ? fflush(stdout) : fclose(k->to)) != 0 && ok) {
		err_add(e, k->job->write, 0, 0, "cannot be written: %s", strerror(errno));
		ok = false;
	}
	if (ok && k->copied == 0) {
		char from[COMMAND_TIME], to[COMMAND_TIME];

		err_add(e, NULL, 0, 0, "no frame of these captures fits; they reach from %s to %s",
		    command_time_text((int64_t)k->first_ns, from), command_time_text((int64_t)k->last_ns, to));
		ok = false;
	}
	if (ok && k->to != stdout)
		printf("%" PRIu64 " of %" PRIu64 " frames are in %s\n", k->copied, k->frames, k->job->write);
	return ok ? COMMAND_DONE : COMMAND_FAILED;
}

int
extract_command(const struct command_job *job, struct err *e)
{
	struct extract x = { .n_picks = 0 };
	struct copying k = { .job = job, .x = &x };
	int status = COMMAND_MISUSED;

	x.picks = calloc(job->n_picks + 1, sizeof(*x.picks));
	if (x.picks == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return COMMAND_FAILED;
	}
	read_job(job, &x, e);
	if (e->n == 0)
		status = extract_find(&x, job->settings, job->files, job->n_files, e) ? write_output(&k, e) : COMMAND_FAILED;
	extract_free(&x);
	return status;
}
