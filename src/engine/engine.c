/* engine.c - opens the modules, runs the packet loop, handles signals. */
#include "engine/engine.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "engine/asset_rows.h"
#include "engine/console_run.h"
#include "engine/control.h"
#include "detect/match/rules.h"
#include "detect/zones/zones.h"
#include "engine/metrics.h"
#include "engine/notify.h"
#include "engine/rights.h"
#include "engine/sandbox.h"
#include "engine/status.h"
#include "engine/stop.h"
#include "engine/worker.h"
#include "base/thread.h"

static uint64_t
wall_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

struct capture *
engine_open_capture(const struct engine_run *run, const struct capture_settings *s, struct counters *c,
    struct err *e)
{
	return run->n_ifaces > 0 ? capture_open_live(s, run->ifaces, run->n_ifaces, c, e) :
	    capture_open_files(s, run->files, run->n_files, c, e);
}

/* Settings that depend on others; `s` must not move.
 * Checksum offload makes the sensor see wrong sums on its own host's frames,
 * so they are only checked where somebody asked for it. */
void
engine_resolve(struct settings *s)
{
	s->stream.check_sums = s->decode.checksums == CHECKSUM_AUTO;
	if (s->decode.checksums == CHECKSUM_AUTO)
		s->decode.checksums = CHECKSUM_NONE;
	s->capture.tunnels = &s->decode.tunnels;
}

#define SECOND		UINT64_C(1000000000)
#define FRAMES_LOOK	64u	/* frames between two looks at what signals want */
#define FRAMES_READY	31u	/* taken with one that was asked for, at most */

/* The packet loop, up to end_ns (thread_now(); 0: no such time).  0 at the end of the capture, -1 when it failed. */
static int
loop(struct worker *w, struct control *control, struct status *status, struct metrics *metrics, uint64_t end_ns)
{
	struct frame f[1 + FRAMES_READY];
	bool live = capture_is_live(w->capture), look = true;
	uint32_t unlooked = 0;
	uint64_t frame_ns = 0;

	for (;;) {
		uint64_t until = look ? stop_frames_until() : 0;
		/* A frame that was asked for is looked at. */
		enum capture_step step = until != 0 && thread_now() > until ? CAPTURE_END :
		    capture_next(w->capture, &f[0]);

		/* What somebody asked for while there was nothing to do comes before what came then. */
		if (control_wants(control))
			control_serve(control, frame_ns);
		if (step == CAPTURE_FRAME) {
			uint32_t n = 1 + capture_ready(w->capture, &f[1], FRAMES_READY);

			for (uint32_t i = 0; i < n; i++)
				worker_frame(w, &f[i]);
			frame_ns = f[n - 1].ts_ns;
			if (metrics != NULL)
				metrics_frame(metrics, frame_ns);
			unlooked += n;
			if (status->console != NULL && live)
				status_live(status, w, frame_ns, false);
			else if (status->console != NULL)
				status_replay(status, w);
		} else if (step == CAPTURE_IDLE) {
			worker_idle(w, live ? wall_ns() : 0);
			if (status->console != NULL && live)
				status_live(status, w, 0, true);
		} else {
			return step == CAPTURE_END ? 0 : -1;
		}
		/* When nothing comes, and now and then. */
		look = step != CAPTURE_FRAME || unlooked >= FRAMES_LOOK;
		if (look)
			unlooked = 0;
		if (look && metrics != NULL)
			metrics_publish(metrics, w, thread_now());
		if (look && end_ns != 0 && thread_now() >= end_ns && !stop_asked())
			stop_ask();
		if (look && stop_reopen())
			output_reopen(w->output);
		if (look && stop_stats())
			worker_stats(w);
	}
}

/* All that a run is made of.  It is left where it lies when a thread hangs on to it. */
struct run {
	struct settings	 s;
	struct worker	 w;
	struct capture	*cap;
	struct control	*control;
	struct metrics	*metrics;	/* NULL: nobody wants any */
	struct console_child pages;	/* the process that shows them */
	struct console	*console;
	struct status	 status;
	struct notify	 notify;
};

static void
log_line(void *console, const char *line, size_t n)
{
	(void)console_put(console, CONSOLE_ERR, line, n);
}

static void
log_nowhere(void *arg, const char *line, size_t n)
{
	(void)arg;
	(void)line;
	(void)n;
}

/* 0, or -1: standard output could not be written. */
static int
close_console(struct run *r)
{
	int status = console_close(r->console);

	/* What a thread hangs on must not be written by another. */
	log_to(status > 0 ? log_nowhere : NULL, NULL);
	r->console = NULL;
	return status < 0 ? -1 : 0;
}

static void
give_back(struct run *r)
{
	if (r->control != NULL)
		(void)control_close(r->control, NULL);
	metrics_close(r->metrics);
	console_end(&r->pages);
	(void)worker_close(&r->w);
	capture_close(r->cap);
	if (r->console != NULL)
		(void)close_console(r);
	notify_close(&r->notify);
	free(r);
}

/* Through the console, whose reader may block. */
static void
show_summary(struct run *r)
{
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);
	struct assets_count hosts;

	if (to == NULL)
		return;
	hosts = assets_count(r->w.assets);
	summary_print(&r->w.summary, &hosts, &r->w.counters, decode_unfollowed(r->w.decoder), to);
	if (!capture_is_live(r->cap))
		assets_summary(r->w.inventory, to);
	if (fclose(to) == 0)
		(void)console_put(r->console, CONSOLE_OUT, text, n);
	free(text);
}

/* What the inventory thinks of a device, for a proposal of zones. */
static int
known_level(void *arg, const struct addr *a, const char **role)
{
	const struct worker *w = arg;
	struct asset *x = assets_find(w->assets, a, 0);
	struct role_belief is = { ROLE_UNKNOWN, 0 };

	if (x != NULL)
		is = inventory_role(w->inventory, x);
	*role = is.role < ROLE_COUNT ? role_rows[is.role].text : NULL;
	return is.role < ROLE_COUNT && role_rows[is.role].level <= 5 ? role_rows[is.role].level : ZONE_NO_LEVEL;
}

/* Nothing comes any more: write what there is, in the time that a stop has.  Returns
 * `status`, or -1 with a problem in `e`. */
static int
end(const struct engine_run *run, struct run *r, int status, struct err *e)
{
	struct worker *w = &r->w;
	const void *rules;
	bool over;

	notify_report(&r->notify, "STOPPING=1");
	stop_notify(NULL, NULL);
	control_stop(r->control);
	if (capture_is_live(r->cap))
		stop_ask();	/* also where the interface failed: nothing may hang */
	capture_ended(r->cap);
	worker_finish(w);
	if (worker_written(w) != 0) {
		err_add(e, NULL, 0, 0, "some records could not be written; see the messages above");
		status = -1;
	}
	console_last(r->console);
	status_end(&r->status);
	if (run->summary)
		show_summary(r);
	over = control_close(r->control, stop_deadline());
	r->control = NULL;
	if (!over)
		log_error("engine", "reading the rules again was not over and was given up");
	if (close_console(r) != 0) {
		err_add(e, NULL, 0, 0, "standard output could not be written");
		status = -1;
	}
	if (run->rules != NULL && (rules = detect_find(w->detect, &rules_detector)) != NULL)
		run->rules(run->arg, rules_of(rules), rules_hits(rules));
	if (run->inventory != NULL)
		run->inventory(run->arg, w->inventory);
	if (run->seen != NULL)
		run->seen(run->arg, zones_seen(detect_find(w->detect, &detector_zones)),
		    &(struct zones_known){ known_level, w });
	if (run->end != NULL)
		run->end(run->arg, &(struct engine_seen){ &w->counters, &w->summary, w->inventory, decode_unfollowed(w->decoder) });
	/* A thread that is still at the rules holds on to the worker with them. */
	if (over)
		give_back(r);
	return status;
}

/* ---- start, stage by stage ----------------------------------------------------- */

/* Before there is anything that its process must not have: handles of interfaces, packets, threads. */
static bool
begin_console(const struct engine_run *run, struct run *r, struct err *e)
{
	const struct net_watched watched = { run->ifaces, run->n_ifaces };

	return run->n_ifaces == 0 || console_begin(&r->s, &watched, &r->pages, e);
}

/* All that needs rights, and what says so. */
static bool
open_capture(const struct engine_run *run, struct run *r, struct err *e)
{
	/* The C library reads the zone's file when it is first asked for a date: not later, on
	 * the packet thread. */
	tzset();
	r->console = console_open(run->n_ifaces == 0, stop_deadline(), e);
	if (r->console == NULL)
		return false;
	r->cap = engine_open_capture(run, &r->s.capture, &r->w.counters, e);
	return r->cap != NULL;
}

static bool
drop_rights(const struct engine_run *run, struct run *r, struct err *e)
{
	return rights_drop(&r->s.run, run->n_ifaces > 0, e);
}

/* Files, sockets, memory: all that may fail for good.  As the user who writes them later, so that what can be
 * opened now can be opened again. */
static bool
open_all(const struct engine_run *run, struct run *r, struct err *e)
{
	const char *user = r->s.run.user;
	int before = e->n;

	r->w.propose = run->seen != NULL;
	if (worker_open(&r->w, &r->s, r->cap, !capture_is_live(r->cap) && capture_sources(r->cap) > 1, e) != 0) {
		if (e->n > before && run->n_ifaces > 0 && user != NULL && user[0] != '\0')
			err_add(e, NULL, 0, 0, "this was tried as user %s (run.user), who has to own what the sensor writes", user);
		return false;
	}
	log_debug("engine", "%zu KiB taken for tables and buffers",
	    (worker_memory(&r->w) + console_memory(r->console)) / 1024);
	r->w.tap = run->tap;
	r->w.console = r->console;
	r->w.lines = run->summary;
	r->w.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
	r->status.console = run->progress ? r->console : NULL;
	r->control = control_open(r->s.control.socket, &r->w, e);
	notify_open(&r->notify);
	if (run->n_ifaces > 0) {
		int problems = e->n;

		r->metrics = metrics_open(&r->s.metrics, &r->w.watched, e);
		if (e->n > problems)
			return false;
	}
	if (r->control != NULL)
		control_with(r->control, run->reread, run->settings, &r->s, &r->notify);
	return r->control != NULL;
}

static bool
enter_sandbox(const struct engine_run *run, struct run *r, struct err *e)
{
	int fds[CAPTURE_FDS];
	unsigned n = run->n_ifaces > 0 ? capture_fds(r->cap, fds) : 0;

	r->w.landlock = r->pages.landlock;
	if (!sandbox_enter(&r->s.run, fds, n, &r->w.sandbox, e))
		return false;
	/* A replay says it only where somebody has to know. */
	if (run->n_ifaces > 0 || r->s.run.sandbox == SANDBOX_OFF)
		output_sandbox(r->w.output, r->w.sandbox);
	return true;
}

static bool
start_threads(const struct engine_run *run, struct run *r, struct err *e)
{
	if (!console_start(r->console, e))
		return false;
	log_to(log_line, r->console);
	return worker_start(&r->w, e) && capture_start(r->cap, e) && control_start(r->control, e) &&
	    metrics_start(r->metrics, e) &&
	    (run->n_ifaces == 0 || sandbox_enter_packet_thread(&r->s.run, e));
}

/* In this order, so that each thread is born without the rights that only opening needs. */
static const struct stage {
	const char	*name;
	bool		(*enter)(const struct engine_run *run, struct run *r, struct err *e);
} stages[] = {
	{ "console", begin_console },
	{ "capture", open_capture },
	{ "drop rights", drop_rights },
	{ "open", open_all },
	{ "sandbox", enter_sandbox },
	{ "threads", start_threads },
};

int
engine_run(const struct engine_run *run, struct err *e)
{
	struct run *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return -1;
	}
	r->notify.fd = -1;
	r->pages.life = -1;
	r->s = *run->settings;
	engine_resolve(&r->s);
	if (r->s.baseline.mode == BASELINE_DEFAULT)
		r->s.baseline.mode = run->n_ifaces > 0 && store_wanted(&r->s.store, &r->s.baseline) ? BASELINE_AUTO : BASELINE_OFF;
	/* Two dozen threads would hold a heap each, mostly holes, for what they convert and send. */
#ifdef M_ARENA_MAX
	if (run->n_ifaces > 0)
		(void)mallopt(M_ARENA_MAX, 2);
#endif
	stop_catch(r->s.control.stop_within_s);
	for (size_t i = 0; i < COUNTOF(stages); i++) {
		log_debug("engine", "start: %s", stages[i].name);
		if (!stages[i].enter(run, r, e)) {
			give_back(r);
			return -1;
		}
	}
	stop_notify(r->cap, r->control);
	notify_report(&r->notify, "READY=1");
	if (capture_is_live(r->cap))
		for (unsigned i = 0; i < capture_sources(r->cap); i++)
			log_note("engine", "watching %s; Ctrl-C ends it", capture_source_name(r->cap, (uint16_t)i));
	return end(run, r, loop(&r->w, r->control, &r->status, r->metrics, run->for_s > 0 ? thread_now() + run->for_s * SECOND : 0), e);
}
