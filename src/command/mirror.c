#include "command/mirror.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "command/command.h"
#include "engine/summary.h"
#include "record/unfollowed.h"

#define SECOND		1e9
#define LISTEN_S	60u
#define SOURCES_NAMED	4u

struct job {
	struct mirror	 m;
	uint64_t	 begun_ns;
	bool		 ended, json, written;
	char		*text;		/* owned: what is to be printed */
	size_t		 n;
};

/* ---- devices ----------------------------------------------------------------------------------- */

struct weighed {
	struct inventory_at	at;
	uint64_t		weight;
	uint32_t		place;	/* in the order of addresses */
};

static int
by_weight(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->place < y->place ? -1 : 1;
}

/* Who answers by a plant's protocol, then who asks, then all others; of each the busiest first. */
static uint64_t
weigh(const struct device *d)
{
	uint64_t n = d->serves != 0 ? UINT64_C(1) << 62 : d->asks != 0 ? UINT64_C(1) << 61 : 0;

	for (uint32_t i = 0; i < d->n_clients && i < DEVICE_PEERS; i++)
		n += d->clients[i].operations;
	for (uint32_t i = 0; i < d->n_servers && i < DEVICE_PEERS; i++)
		n += d->servers[i].operations;
	return n;
}

bool
mirror_devices(struct mirror *m, const struct inventory *inv)
{
	struct weighed *of;

	if (!asset_rows_open(&m->devices, inv))
		return false;
	of = calloc((size_t)m->devices.n + 1, sizeof(*of));
	if (of == NULL)
		return false;
	for (uint32_t i = 0; i < m->devices.n; i++) {
		const struct device *d = asset_row(&m->devices, i);

		of[i] = (struct weighed){ m->devices.at[i], weigh(d), i };
		m->control += (d->serves | d->asks) != 0;
	}
	qsort(of, m->devices.n, sizeof(*of), by_weight);
	for (uint32_t i = 0; i < m->devices.n; i++)
		m->devices.at[i] = of[i].at;
	free(of);
	return true;
}

/* ---- the command ------------------------------------------------------------------------------- */

static void
on_flow(void *arg, const struct flow *f)
{
	mirror_flow(arg, f);
}

static void
on_end(void *arg, const struct engine_seen *seen)
{
	struct job *j = arg;
	struct mirror *m = &j->m;
	const struct summary *s = seen->summary;
	FILE *to = open_memstream(&j->text, &j->n);

	m->seconds = m->live ? (double)(thread_now() - j->begun_ns) / SECOND : (double)(s->last_ns - s->first_ns) / SECOND;
	m->operations = summary_operations(s);
	m->sided = s->outcomes[OUTCOME_ONE_SIDED];
	for (unsigned p = 0; p < OP_PROTO_COUNT; p++)
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++)
			m->of[p] += s->operations[p][i];
	for (unsigned i = 0; seen->unfollowed != NULL && i < seen->unfollowed->n; i++)
		if (!seen->unfollowed->of[i].ip && unfollowed_plant(seen->unfollowed->of[i].number) != NULL)
			m->plant_frames += seen->unfollowed->of[i].frames;
	(void)mirror_judge(m, seen->counters);
	if (to != NULL && mirror_devices(m, seen->inventory)) {
		if (j->json)
			j->written = json_line(mirror_json(m), to);
		else {
			mirror_print(m, to);
			j->written = true;
		}
	}
	asset_rows_close(&m->devices);
	j->written = to != NULL && fclose(to) == 0 && j->written;
	j->ended = true;
}

static bool
is_right(const struct mirror *m)
{
	for (unsigned i = 0; i < MIRROR_CHECKS; i++)
		if (m->checks[i].wrong)
			return false;
	return true;
}

static void
name_sources(struct mirror *m, const char *const *names, unsigned n)
{
	struct strbuf s = strbuf_on(m->source, sizeof(m->source));

	for (unsigned i = 0; i < n && i < SOURCES_NAMED; i++)
		strbuf_printf(&s, "%s%s", i > 0 ? ", " : "", names[i]);
	if (n > SOURCES_NAMED)
		strbuf_printf(&s, " and %u more", n - SOURCES_NAMED);
}

static int
listen_there(const struct command_job *c, struct job *j, struct err *e)
{
	struct settings s = command_quietly(c->settings);
	const struct engine_run run = { .settings = &s, .files = c->files, .n_files = c->n_files, .ifaces = c->ifaces, .n_ifaces = c->n_ifaces,
	    .for_s = c->n_ifaces > 0 ? c->for_s > 0 ? c->for_s : LISTEN_S : 0, .progress = c->progress,
	    .tap = { .flow = on_flow, .arg = &j->m }, .end = on_end, .arg = j };
	int status;

	/* Nobody judges what is done there. */
	s.rules.files = "none";
	s.alert.evidence = false;
	s.output.heartbeat_s = 0;
	j->m.live = c->n_ifaces > 0;
	name_sources(&j->m, j->m.live ? c->ifaces : c->files, j->m.live ? c->n_ifaces : c->n_files);
	j->begun_ns = thread_now();
	if (j->m.live)
		log_note("engine", "listening for %u seconds", (unsigned)run.for_s);
	status = engine_run(&run, e);
	if (j->ended && !j->written)
		err_add(e, NULL, 0, 0, "not enough memory");
	else if (j->ended)
		(void)fwrite(j->text, 1, j->n, stdout);
	return status == 0 && j->ended && j->written && is_right(&j->m) ? COMMAND_DONE : COMMAND_FAILED;
}

int
mirror_command(const struct command_job *c, struct err *e)
{
	int format = command_word("--format", c->format, "text|json", e), status;
	struct job *j;

	if (format < 0)
		return COMMAND_MISUSED;
	if (c->n_words != 0 || (c->n_ifaces == 0) == (c->n_files == 0)) {
		err_add(e, NULL, 0, 0, "write: thermowell check-mirror -i IFACE [--for 60s], or -r FILE...");
		return COMMAND_MISUSED;
	}
	if (c->n_files > 0 && c->for_s > 0) {
		err_add(e, NULL, 0, 0, "--for is for an interface (-i): captures are read to their end");
		return COMMAND_MISUSED;
	}
	j = calloc(1, sizeof(*j));
	if (j == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return COMMAND_FAILED;
	}
	j->json = format == 1;
	status = listen_there(c, j, e);
	free(j->text);
	free(j);
	return status;
}
