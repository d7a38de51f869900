/* engine.c - opens the rooms, turns the packet loop, obeys signals. */
#include "engine/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "alert/explain.h"
#include "base/log.h"
#include "engine/control.h"
#include "detect/match/rules.h"
#include "engine/worker.h"

#define PROGRESS_FRAMES 65536u	/* look at the wall clock this often */

/* The only thing a signal may touch: two flags and the capture to wake. */
static volatile sig_atomic_t want_reopen;
static struct capture *volatile signalled;
static struct control *volatile told;

static void
on_signal(int sig)
{
	if (sig == SIGHUP) {
		want_reopen = 1;
		control_signal(told);
	} else if (signalled != NULL)
		capture_stop(signalled);
}

static void
catch_signals(struct capture *cap, struct control *control)
{
	struct sigaction sa = { .sa_handler = on_signal };

	signalled = cap;
	told = control;
	(void)sigemptyset(&sa.sa_mask);
	(void)sigaction(SIGINT, &sa, NULL);
	(void)sigaction(SIGTERM, &sa, NULL);
	(void)sigaction(SIGHUP, &sa, NULL);
	/* A reader of our pipe that goes away is an output error, not our end. */
	sa.sa_handler = SIG_IGN;
	(void)sigaction(SIGPIPE, &sa, NULL);
}

static void
release_signals(void)
{
	(void)signal(SIGINT, SIG_DFL);
	(void)signal(SIGTERM, SIG_DFL);
	(void)signal(SIGHUP, SIG_DFL);
	signalled = NULL;
	told = NULL;
}

static uint64_t
wall_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void
show_progress(const struct worker *w, uint64_t *next_ns)
{
	uint64_t now = wall_ns();
	double part;

	if (now < *next_ns)
		return;
	*next_ns = now + 200000000u;
	part = capture_progress(w->capture);
	if (part >= 0)
		fprintf(stderr, "\r%3.0f %%  %" PRIu64 " packets ", part * 100, w->counters.v[CNT_DEC_PACKETS]);
	else
		fprintf(stderr, "\r%" PRIu64 " packets ", w->counters.v[CNT_DEC_PACKETS]);
}

static struct capture *
open_capture(const struct engine_run *run, struct counters *c, struct err *e)
{
	const struct capture_settings *s = &run->settings->capture;

	return run->n_ifaces > 0 ? capture_open_live(s, run->ifaces, run->n_ifaces, c, e) :
	    capture_open_files(s, run->files, run->n_files, c, e);
}

/* Checksum offload makes the sensor see wrong sums on its own host's frames,
 * so they are only checked where somebody asked for it. */
static void
resolve(struct settings *s)
{
	s->stream.check_sums = s->decode.checksums == CHECKSUM_AUTO;
	if (s->decode.checksums == CHECKSUM_AUTO)
		s->decode.checksums = CHECKSUM_NONE;
}

int
engine_check(const struct engine_run *run, struct err *e)
{
	struct settings s = *run->settings;
	struct counters c = { { 0 } };
	const struct output_env env = { 0 };
	int before = e->n;

	if (run->n_files + run->n_ifaces > 0)
		capture_close(open_capture(run, &c, e));
	if (s.output.log_dir != NULL && access(s.output.log_dir, W_OK | X_OK) != 0)
		err_add(e, s.output.log_dir, 0, 0, "cannot write there: %s; create it, make it writable for "
		    "this user, or choose another with -l", strerror(errno));
	engine_check_rules(&s.rules, e);
	s.output.eve_file = "/dev/null";
	(void)output_close(output_open(&s.output, &env, &c, e));
	return e->n == before ? 0 : -1;
}

/* The packet loop.  0 at the end of the capture, -1 when it failed. */
static int
loop(struct worker *w, struct control *control, bool progress)
{
	struct frame f;
	uint64_t next_ns = 0, n = 0;
	bool live = capture_is_live(w->capture);

	for (;;) {
		enum capture_step step = capture_next(w->capture, &f);

		if (step == CAPTURE_FRAME) {
			worker_frame(w, &f);
			if (progress && n++ % PROGRESS_FRAMES == 0)
				show_progress(w, &next_ns);
		} else if (step == CAPTURE_IDLE) {
			worker_idle(w, live ? wall_ns() : 0);
		} else {
			return step == CAPTURE_END ? 0 : -1;
		}
		if (control_ready(control))
			worker_swap(w);
		if (want_reopen) {
			want_reopen = 0;
			output_reopen(w->output);
		}
	}
}

bool
engine_explain(const char *word, FILE *to, struct err *e)
{
	if (word == NULL) {
		explain_list(to);
		return true;
	}
	if (explain_type(word, to))
		return true;
	if (word[strspn(word, "0123456789")] == '\0')
		err_add(e, NULL, 0, 0, "no alert type has the sid %s; thermowell explain lists all, "
		    "thermowell rules explain SID knows rules", word);
	else
		err_add(e, NULL, 0, 0, "there is no alert type \"%s\"; did you mean \"%s\"?", word,
		    explain_nearest(word));
	return false;
}

int
engine_run(const struct engine_run *run, struct err *e)
{
	struct settings s = *run->settings;
	struct worker w = { 0 };
	struct control *control;
	struct capture *cap;
	const void *rules;
	int r;

	resolve(&s);
	cap = open_capture(run, &w.counters, e);
	if (cap == NULL)
		return -1;
	if (worker_open(&w, &s, cap, !capture_is_live(cap) && capture_sources(cap) > 1, e) != 0) {
		capture_close(cap);
		return -1;
	}
	log_debug("engine", "%zu KiB taken for tables and buffers", worker_memory(&w) / 1024);
	if (run->summary) {
		w.lines = stdout;
		w.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	}
	control = control_open(s.control.socket, &w, e);
	if (control == NULL) {
		(void)worker_close(&w);
		capture_close(cap);
		return -1;
	}
	catch_signals(cap, control);
	if (capture_is_live(cap))
		for (unsigned i = 0; i < capture_sources(cap); i++)
			log_note("engine", "watching %s; Ctrl-C ends it", capture_source_name(cap, (uint16_t)i));
	r = loop(&w, control, run->progress);
	release_signals();
	control_close(control);
	worker_finish(&w);
	if (run->progress)
		fprintf(stderr, "\r%40s\r", "");
	if (run->summary)
		summary_print(&w.summary, &w.counters, stdout);
	if (run->rules != NULL && (rules = detect_find(w.detect, &rules_detector)) != NULL)
		run->rules(run->arg, rules_of(rules));
	if (worker_close(&w) != 0) {
		err_add(e, NULL, 0, 0, "some records could not be written; see the messages above");
		r = -1;
	}
	capture_close(cap);
	return r;
}
