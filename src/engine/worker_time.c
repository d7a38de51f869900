/* Frames and time of a worker: the clock of the capture, and what is due when it has gone on. */
#include "engine/worker.h"
#include "engine/worker_assets.h"
#include "engine/worker_self.h"

#include "engine/account.h"
#include "engine/sight.h"

#define TICK_NS	100000000ull	/* 100 ms: the grain of every timeout */
#define SECOND	1000000000ull

/* Frames may be a little out of order.  Beyond that a single frame's time proves
 * nothing: one bad stamp must not end every flow. */
#define LEAP_NS		(86400 * SECOND)	/* ahead: believed when a second frame agrees */
#define BACK_NS		(60 * SECOND)	/* behind: the clock was set back, when so many agree */
#define BACK_FRAMES	8u

static void
write_stats(struct worker *w, bool last)
{
	if (w->capture != NULL)
		capture_update_counters(w->capture);
	if (!last && !output_wants_numbers(w->output))
		return;
	account_frames(&w->counters);
	if (w->console != NULL)
		w->counters.v[CNT_OUT_MESSAGES_LOST] = console_lost(w->console);
	output_stats(w->output, &w->counters, w->now_ns,
	    w->first_ns != 0 ? (w->now_ns - w->first_ns) / SECOND : 0, last);
}

/* When the next one of a row is due: time may jump by decades, and it is still on the grid. */
static uint64_t
after(uint64_t due_ns, uint64_t now_ns, uint64_t every_s)
{
	uint64_t every = every_s * SECOND;

	return due_ns + ((now_ns - due_ns) / every + 1) * every;
}

/* Both begin when the capture does, and again when its clock was set back. */
static void
plan(struct worker *w, uint64_t ts_ns)
{
	const struct output_settings *s = &w->settings->output;

	if (s->stats_interval_s > 0)
		w->stats_ns = ts_ns + s->stats_interval_s * SECOND;
	/* In a replay nobody waits for one. */
	if (s->heartbeat_s > 0 && w->capture != NULL && capture_is_live(w->capture))
		w->heartbeat_ns = ts_ns + SECOND;
}

/* Pass the time to every module, and write the statistics that are due. */
static void
tick(struct worker *w)
{
	decode_tick(w->decoder, w->now_ns);
	stream_tick(w->stream, w->now_ns);
	dissect_tick(w->dissect, w->now_ns);
	detect_tick(w->detect, w->now_ns);
	inventory_changes(w->inventory, w->now_ns, false, worker_asset, w);
	alerts_tick(w->alerts, w->now_ns);
	incidents_tick(w->incidents, w->now_ns);
	if (w->evidence != NULL)
		evidence_tick(w->evidence, w->now_ns);
	output_tick(w->output);
	if (w->store != NULL) {
		store_tick(w->store);
		sight_tick(w, false);
	}
	if (w->captures != NULL)
		captures_tick(w->captures);
	if (w->console != NULL)
		console_tick(w->console);
	w->tick_ns = w->now_ns + TICK_NS;
	if (w->selfcheck != NULL)
		worker_selfcheck(w);
	if (w->stats_ns != 0 && w->now_ns >= w->stats_ns) {
		write_stats(w, false);
		w->stats_ns = after(w->stats_ns, w->now_ns, w->settings->output.stats_interval_s);
	}
	if (w->heartbeat_ns != 0 && w->now_ns >= w->heartbeat_ns) {
		worker_heartbeat(w);
		w->heartbeat_ns = after(w->heartbeat_ns, w->now_ns, w->settings->output.heartbeat_s);
	}
}

/* The clock of the capture was set back (or the next capture is an older one): go
 * on from there, as old as we were. */
static void
set_back(struct worker *w, uint64_t ts_ns)
{
	uint64_t up_ns = w->now_ns - w->first_ns;

	w->first_ns = ts_ns > up_ns ? ts_ns - up_ns : 1;
	w->now_ns = w->tick_ns = ts_ns;
	plan(w, ts_ns);
}

static void
clock_to(struct worker *w, uint64_t ts_ns)
{
	if (w->first_ns == 0) {
		w->first_ns = w->now_ns = ts_ns;
		w->tick_ns = ts_ns + TICK_NS;
		plan(w, ts_ns);
	}
	if (ts_ns < w->now_ns && w->now_ns - ts_ns > BACK_NS) {
		if (++w->n_bogus < BACK_FRAMES)
			return;
		set_back(w, ts_ns);
	} else if (ts_ns > w->now_ns && ts_ns - w->now_ns > LEAP_NS && w->n_bogus++ == 0)
		return;
	w->n_bogus = 0;
	if (ts_ns > w->now_ns)
		w->now_ns = ts_ns;
	if (w->now_ns >= w->tick_ns)
		tick(w);
}

void
worker_frame(struct worker *w, const struct frame *f)
{
	arena_reset(&w->arena);
	/* Nearly every frame: a little later than the last one, and nothing is due. */
	if (f->ts_ns >= w->now_ns && f->ts_ns < w->tick_ns) {
		w->now_ns = f->ts_ns;
		w->n_bogus = 0;
	} else
		clock_to(w, f->ts_ns);
	if (w->evidence != NULL)
		evidence_frame(w->evidence, f);
	decode_frame(w->decoder, f);
#ifdef TW_SANITIZED
	account_frames(&w->counters);	/* at the frame that breaks it */
#endif
	if (w->arena.overflow)
		count(&w->counters, CNT_APP_ARENA_FULL);
}

void
worker_idle(struct worker *w, uint64_t now_ns)
{
	/* Also before the first frame: that none comes must be said. */
	if (now_ns != 0) {
		arena_reset(&w->arena);
		clock_to(w, now_ns);
	}
}

void
worker_stats(struct worker *w)
{
	if (w->first_ns != 0)
		write_stats(w, false);
}

void
worker_finish(struct worker *w)
{
	arena_reset(&w->arena);
	output_last(w->output);
	if (w->store != NULL)
		store_last(w->store);
	decode_finish(w->decoder, w->now_ns);
	stream_finish(w->stream, w->now_ns);
	detect_finish(w->detect, w->now_ns);
	alerts_finish(w->alerts, w->now_ns);
	worker_last_assets(w);
	incidents_finish(w->incidents, w->now_ns);
	write_stats(w, true);
	sight_tick(w, true);
}
