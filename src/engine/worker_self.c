#include "engine/worker_self.h"

#include <stdlib.h>
#include <string.h>

#include "detect/detect.h"
#include "detect/match/rules.h"
#include "detect/rules/rule.h"
#include "engine/surroundings.h"

#define SECOND UINT64_C(1000000000)

/* The folder of a file. */
static const char *
folder_of(const char *path, char *to, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t n = slash != NULL ? (size_t)(slash - path) : 1;

	if (n >= size)
		return ".";
	memcpy(to, slash != NULL ? path : ".", n);
	to[n] = '\0';
	return n > 0 ? to : "/";
}

void
worker_open_selfcheck(struct worker *w, const struct settings *s, const struct finding_sink *sink, struct err *e)
{
	const char *folders[SURROUNDINGS_DISKS], *log = s->output.log_dir;
	char spool[OUTPUT_PATH_MAX], store[OUTPUT_PATH_MAX];
	unsigned n = 0;

	folders[n++] = log != NULL && log[0] != '\0' ? log : ".";
	if (s->output.spool_folder != NULL && s->output.spool_folder[0] == '/' &&
	    output_path(&s->output, s->output.spool_folder, spool, sizeof(spool)))
		folders[n++] = spool;
	if (s->store.file != NULL && s->store.file[0] != '\0')
		folders[n++] = folder_of(s->store.file, store, sizeof(store));
	w->selfcheck = selfcheck_open(sink);
	w->surroundings = surroundings_open(folders, n, e);
	if (w->selfcheck == NULL)
		err_add(e, NULL, 0, 0, "not enough memory");
}

void
worker_selfcheck(struct worker *w)
{
	struct sink_counts sinks[SINKS_MAX + 1];
	const void *rules;

	if (!selfcheck_due(w->selfcheck, w->now_ns))
		return;
	rules = detect_find(w->detect, &rules_detector);
	selfcheck_look(w->selfcheck, &(struct selfcheck_view){ .now_ns = w->now_ns, .counters = &w->counters,
	    .outcomes = w->summary.outcomes, .sinks = sinks, .n_sinks = output_counts(w->output, sinks),
	    .surroundings = w->surroundings, .rules_bad = rules != NULL ? rules_of(rules)->n_bad : 0,
	    .reloads_failed = atomic_load(&w->reloads_failed) });
}

void
worker_heartbeat(struct worker *w)
{
	capture_update_counters(w->capture);
	output_heartbeat(w->output, &w->counters, w->now_ns, (w->now_ns - w->first_ns) / SECOND,
	    surroundings_clock(w->surroundings));
}
