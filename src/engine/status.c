#include "engine/status.h"

#include <inttypes.h>
#include <time.h>

#include "base/str.h"

#define SECOND		UINT64_C(1000000000)
#define EVERY_LIVE	SECOND
#define EVERY_REPLAY	(SECOND / 5)
/* Calls between two reads of the clock. */
#define CALLS_LIVE	1024u
#define CALLS_REPLAY	2048u	/* of some 32 frames each */

static uint64_t
wall_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_REALTIME, &t);
	return (uint64_t)t.tv_sec * SECOND + (uint64_t)t.tv_nsec;
}

static bool
due(struct status *s, uint32_t calls, bool idle, uint64_t every_ns, uint64_t *now)
{
	if (!idle && ++s->calls < calls)
		return false;
	s->calls = 0;
	*now = wall_ns();
	/* Also when the clock was set back. */
	if (*now < s->next_ns && s->next_ns - *now <= every_ns)
		return false;
	s->next_ns = *now + every_ns;
	return true;
}

static void
put_age(struct strbuf *t, uint64_t ns)
{
	uint64_t s = ns / SECOND;

	if (s < 60)
		strbuf_printf(t, "%" PRIu64 ".%" PRIu64 " s", s, ns % SECOND / (SECOND / 10));
	else if (s < 3600)
		strbuf_printf(t, "%" PRIu64 " min", s / 60);
	else
		strbuf_printf(t, "%" PRIu64 " h %" PRIu64 " min", s / 3600, s / 60 % 60);
}

static uint64_t
per_second(uint64_t n, uint64_t ns)
{
	return ns < SECOND / 1000 ? 0 : (uint64_t)((double)n * (double)SECOND / (double)ns + 0.5);
}

void
status_live(struct status *s, struct worker *w, uint64_t frame_ns, bool idle)
{
	const struct counters *c = &w->counters;
	char text[200];
	struct strbuf t = strbuf_on(text, sizeof(text));
	uint64_t now, packets = c->v[CNT_DEC_PACKETS], drops;

	if (frame_ns != 0)
		s->last_frame_ns = frame_ns;
	if (!due(s, CALLS_LIVE, idle, EVERY_LIVE, &now))
		return;
	capture_update_counters(w->capture);
	drops = c->v[CNT_CAP_DROPS] + c->v[CNT_CAP_IFDROPS];
	strbuf_printf(&t, "%" PRIu64 " packets/s, %" PRIu64 " operation%s, %" PRIu64 " dropped, %" PRIu64 " alert%s, ",
	    s->before_ns == 0 || now <= s->before_ns ? 0 :
	    per_second(packets - s->before_packets, now - s->before_ns),
	    summary_operations(&w->summary), summary_operations(&w->summary) == 1 ? "" : "s", drops,
	    summary_alerts(&w->summary), summary_alerts(&w->summary) == 1 ? "" : "s");
	if (s->last_frame_ns == 0)
		strbuf_put(&t, "no frame yet");
	else {
		strbuf_put(&t, "last frame ");
		put_age(&t, now > s->last_frame_ns ? now - s->last_frame_ns : 0);
		strbuf_put(&t, " ago");
	}
	s->before_ns = now;
	s->before_packets = packets;
	console_status(s->console, text);
}

void
status_replay(struct status *s, const struct worker *w)
{
	char text[80];
	struct strbuf t = strbuf_on(text, sizeof(text));
	uint64_t now;
	double part;

	if (!due(s, CALLS_REPLAY, false, EVERY_REPLAY, &now))
		return;
	part = capture_progress(w->capture);
	if (part >= 0)
		strbuf_printf(&t, "%3.0f %%  ", part * 100);
	strbuf_printf(&t, "%" PRIu64 " packets", w->counters.v[CNT_DEC_PACKETS]);
	console_status(s->console, text);
}

void
status_end(struct status *s)
{
	if (s->console != NULL)
		console_status(s->console, "");
	s->console = NULL;
}
