/* verify.c - thermowell verify FILE...: does the chain of alerts hold, over all the files that it lies in?
 *
 * Files are put in the order of their first link, so that nobody has to know how they were rotated.  Heartbeats in
 * them, or in a file that another machine collected, say which alerts there must be.
 */
#include "command/command.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/str.h"
#include "output/chain.h"
#include "output/transport/transport.h"

#define LINE_MAX_BYTES	OUTPUT_LINE_MAX
#define WHY_MAX		240u

struct input {
	const char	*path;
	uint64_t	 first;		/* number of its first link; 0: it has none */
};

/* What a heartbeat said. */
struct head {
	uint64_t	 n;
	char		 hash[CHAIN_HEX];
	unsigned	 file;
	uint64_t	 line;
};

struct verify {
	struct chain	*chain;
	char		*line;		/* owned; LINE_MAX_BYTES */
	struct input	*in;
	unsigned	 n_in;
	struct head	*heads;		/* owned; by number */
	size_t		 n_heads, max_heads, at_head;
	struct chain_link last;
	uint64_t	 first, alerts, agree, faults, torn;
	char		 why[WHY_MAX];	/* of the first fault */
};

/* ---- lines ----------------------------------------------------------------------- */

enum read { READ_LINE, READ_TORN, READ_END, READ_BAD };

/* A line is torn when the file ends in it. */
static enum read
next(gzFile in, char *line, size_t *n)
{
	int error = 0;

	if (gzgets(in, line, (int)LINE_MAX_BYTES) == NULL) {
		(void)gzerror(in, &error);
		return error == Z_OK || error == Z_STREAM_END ? READ_END : READ_BAD;
	}
	*n = strlen(line);
	if (*n > 0 && line[*n - 1] == '\n')
		return READ_LINE;
	return gzeof(in) ? READ_TORN : READ_BAD;
}

static bool
is_alert(const char *line, size_t n)
{
	static const char key[] = "\"event_type\":\"alert\"";
	const char *at = memmem(line, n, key, sizeof(key) - 1), *first = memmem(line, n, "\"event_type\":", 13);

	return at != NULL && at == first;
}

static bool
is_whole(const char *line, size_t n)
{
	while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
		n--;
	return n == 0 || line[n - 1] == '}';
}

/* ---- what was found -------------------------------------------------------------- */

static __attribute__((format(printf, 4, 5))) void
fault(struct verify *v, unsigned file, uint64_t line, const char *form, ...)
{
	char text[160];
	va_list ap;

	if (v->faults++ > 0)
		return;
	va_start(ap, form);
	(void)vsnprintf(text, sizeof(text), form, ap);
	va_end(ap);
	(void)snprintf(v->why, sizeof(v->why), "%s:%" PRIu64 ": %s", v->in[file].path, line, text);
}

/* What heartbeats say of the alerts up to this one. */
static void
check_heads(struct verify *v, const struct chain_link *link)
{
	for (; v->at_head < v->n_heads && v->heads[v->at_head].n <= link->n; v->at_head++) {
		const struct head *h = &v->heads[v->at_head];

		if (h->n != link->n)
			continue;	/* of alerts before these files, or of one that is missing, which was said */
		v->agree++;
		if (strcmp(h->hash, link->hash) != 0)
			fault(v, h->file, h->line, "this heartbeat knows another alert %" PRIu64 " than the one in the files", h->n);
	}
}

static void
check_link(struct verify *v, unsigned file, uint64_t line, size_t n, const struct chain_link *link)
{
	uint64_t due = v->last.n + 1;

	if (!chain_holds(v->chain, v->line, n, link))
		fault(v, file, line, "alert %" PRIu64 " was changed: its hash is not that of its bytes", link->n);
	else if (v->alerts > 0 && link->n == 1)
		fault(v, file, line, "a new chain begins here, behind alert %" PRIu64 ": the sensor found no earlier file, or "
		    "somebody began anew", v->last.n);
	else if (v->alerts > 0 && link->n > due)
		fault(v, file, line, "%" PRIu64 " alert%s missing before this one (%" PRIu64 " to %" PRIu64 ")", link->n - due,
		    link->n - due == 1 ? " is" : "s are", due, link->n - 1);
	else if (v->alerts > 0 && link->n < due)
		fault(v, file, line, "alert %" PRIu64 " stands behind alert %" PRIu64, link->n, v->last.n);
	else if (v->alerts > 0 && strcmp(link->prev, v->last.hash) != 0)
		fault(v, file, line, "alert %" PRIu64 " does not follow the one before it", link->n);
	if (v->alerts++ == 0)
		v->first = link->n;
	v->last = *link;
	check_heads(v, link);
}

static bool
keep_head(struct verify *v, const struct chain_link *link, unsigned file, uint64_t line)
{
	if (v->n_heads == v->max_heads) {
		size_t max = v->max_heads == 0 ? 256 : 2 * v->max_heads;
		struct head *more = realloc(v->heads, max * sizeof(*more));

		if (more == NULL)
			return false;
		v->heads = more;
		v->max_heads = max;
	}
	v->heads[v->n_heads] = (struct head){ .n = link->n, .file = file, .line = line };
	memcpy(v->heads[v->n_heads++].hash, link->hash, CHAIN_HEX);
	return true;
}

/* ---- files, twice ------------------------------------------------------------------ */

/* `check` false: note heads and the first link; true: follow the chain. */
static bool
read_file(struct verify *v, unsigned file, bool check, struct err *e)
{
	gzFile in = gzopen(v->in[file].path, "rb");
	enum read got;
	size_t n = 0;

	if (in == NULL) {
		err_add(e, v->in[file].path, 0, 0, "it cannot be opened");
		return false;
	}
	(void)gzbuffer(in, 1u << 17);
	for (uint64_t line = 1; (got = next(in, v->line, &n)) == READ_LINE || got == READ_TORN; line++) {
		struct chain_link link;
		bool has = chain_read(v->line, n, &link);

		/* A kill tears a line; the sensor that comes then begins a new one behind it. */
		if (check && !has && (got == READ_TORN || !is_whole(v->line, n)))
			v->torn++;
		else if (check && has)
			check_link(v, file, line, n, &link);
		else if (check && v->alerts > 0 && is_alert(v->line, n))
			fault(v, file, line, "an alert without a link: it was put in, or outputs.chain was off");
		else if (!check && has && v->in[file].first == 0)
			v->in[file].first = link.n;
		else if (!check && !has && chain_read_head(v->line, n, &link) && !keep_head(v, &link, file, line)) {
			err_add(e, NULL, 0, 0, "not enough memory");
			got = READ_BAD;
			break;
		}
	}
	if (got == READ_BAD)
		err_add(e, v->in[file].path, 0, 0, "it cannot be read to its end: a damaged file, or a line of more than %u bytes",
		    LINE_MAX_BYTES);
	(void)gzclose(in);
	return got == READ_END;
}

static int
by_first(const void *a, const void *b)
{
	const struct input *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

static int
by_number(const void *a, const void *b)
{
	const struct head *x = a, *y = b;

	return x->n < y->n ? -1 : x->n > y->n;
}

static bool
read_all(struct verify *v, struct err *e)
{
	bool good = true;

	/* Heads name their file by its place, so files are put in order first. */
	for (unsigned i = 0; i < v->n_in; i++)
		good = read_file(v, i, false, e) && good;
	if (!good)
		return false;
	qsort(v->in, v->n_in, sizeof(*v->in), by_first);
	v->n_heads = 0;
	for (unsigned i = 0; i < v->n_in; i++)
		good = read_file(v, i, false, e) && good;
	if (v->n_heads > 0)
		qsort(v->heads, v->n_heads, sizeof(*v->heads), by_number);
	for (unsigned i = 0; good && i < v->n_in; i++)
		good = read_file(v, i, true, e);
	return good;
}

static int
judge(struct verify *v)
{
	/* The end was cut off where a heartbeat knows more. */
	if (v->at_head < v->n_heads) {
		const struct head *h = &v->heads[v->n_heads - 1];

		fault(v, h->file, h->line, "this heartbeat knows alert %" PRIu64 "; the files end with alert %" PRIu64, h->n, v->last.n);
	}
	if (v->alerts == 0 && v->faults == 0) {
		printf("no alert in them has a link: outputs.chain was off, or there was none\n");
		return COMMAND_FAILED;
	}
	if (v->faults > 0) {
		printf("%s\n", v->why);
		printf("the chain does NOT hold: %" PRIu64 " fault%s in %" PRIu64 " alerts, the first is named above\n", v->faults,
		    v->faults == 1 ? "" : "s", v->alerts);
		return COMMAND_FAILED;
	}
	printf("the chain holds: alerts %" PRIu64 " to %" PRIu64 ", %" PRIu64 " heartbeat%s agree%s\n", v->first, v->last.n, v->agree,
	    v->agree == 1 ? "" : "s", v->agree == 1 ? "s" : "");
	if (v->first > 1)
		printf("what was before alert %" PRIu64 " is not in these files\n", v->first);
	if (v->torn > 0)
		printf("%" PRIu64 " line%s torn off in the middle, as when a sensor is killed\n", v->torn, v->torn == 1 ? " was" : "s were");
	return COMMAND_DONE;
}

int
verify_command(const struct command_job *job, struct err *e)
{
	struct verify v = { .n_in = job->n_words };
	int status = COMMAND_FAILED;

	if (job->n_words == 0) {
		err_add(e, NULL, 0, 0, "usage: thermowell verify FILE... (eve.json and what it was rotated to, compressed or not)");
		return COMMAND_MISUSED;
	}
	v.chain = chain_open();
	v.line = malloc(LINE_MAX_BYTES);
	v.in = calloc(job->n_words, sizeof(*v.in));
	for (unsigned i = 0; v.in != NULL && i < job->n_words; i++)
		v.in[i].path = job->words[i];
	if (v.chain == NULL || v.line == NULL || v.in == NULL)
		err_add(e, NULL, 0, 0, "not enough memory");
	else if (read_all(&v, e))
		status = judge(&v);
	free(v.heads);
	free(v.in);
	free(v.line);
	chain_close(v.chain);
	return status;
}
