#include "engine/control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/thread.h"
#include "engine/control_socket.h"
#include "engine/reread.h"
#include "engine/snapshot.h"

#define SNAPSHOT_MS	2000	/* how long the packet thread may take to copy its counters */

/* Requests to the packet thread. */
enum { WANT_RULES = 1, WANT_SNAPSHOT = 2, WANT_ACT = 4 };

struct control {
	struct worker	*w;
	pthread_t	 thread;
	bool		 running;
	int		 wake[2];	/* a pipe: 'r' reload, 'q' quit */
	int		 listener;	/* -1 none */
	char		 path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	struct snapshot_of run;
	atomic_uint	 wants;
	struct snapshot	 snapshot;	/* the packet thread's from WANT_SNAPSHOT until `taken` */
	struct keep_action action;	/* the same from WANT_ACT on */
	const char	*refused;	/* why it was; NULL: it was not */
	atomic_bool	 taken;
	atomic_bool	 quit, ended;
	struct reread	 reread;	/* this thread's */
	const struct notify *notify;	/* borrowed; or NULL */
	atomic_uint	 beat;		/* of the packet thread, between two frames */
	unsigned	 seen_beat;
};

/* ---- rules ------------------------------------------------------------------ */

/* Read them again.  True: the packet thread takes them over. */
static bool
reload(struct control *c, struct err *e)
{
	bool good;

	if (c->notify != NULL)
		notify_reloading(c->notify);
	good = reread_settings(&c->reread, e);
	if (good && worker_prepare(c->w, e) != 0) {
		reread_undo(&c->reread);
		atomic_fetch_add(&c->w->reloads_failed, 1);
		good = false;
	}
	if (good) {
		(void)atomic_fetch_or(&c->wants, WANT_RULES);
		log_note("rules", "read again");
	} else
		log_error("rules", "not taken over; the rules that run stay as they are");
	if (c->notify != NULL)
		notify_report(c->notify, "READY=1");
	return good;
}

static void
reload_by_signal(struct control *c)
{
	struct err e = { 0 };

	(void)reload(c, &e);
	for (const struct err_item *it = e.first; it != NULL; it = it->next)
		log_error("rules", "%s:%d:%d: %s", it->file != NULL ? it->file : "thermowell", it->line, it->column, it->text);
	err_free(&e);
}

static json_t *
reload_by_request(struct control *c)
{
	struct err e = { 0 };
	json_t *answer, *problems;

	answer = reload(c, &e) ? control_done(CONTROL_RULES_RELOAD, NULL) :
	    control_error(CONTROL_RULES_RELOAD, "refused", "the rules were not taken over; those that run stay as they are");
	problems = control_problems(&e);
	err_free(&e);
	if (json_object_set_new(answer, "problems", problems) != 0) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

/* ---- status ----------------------------------------------------------------- */

/* Have the packet thread copy its counters, or take an action.  False: it did not in time. */
static bool
have_done(struct control *c, unsigned want)
{
	uint64_t until = thread_now() + SNAPSHOT_MS * UINT64_C(1000000);

	atomic_store(&c->taken, false);
	(void)atomic_fetch_or(&c->wants, want);
	while (!atomic_load(&c->taken)) {
		/* Withdraw the request.  If it is gone already the packet thread is serving it. */
		if ((thread_now() >= until || atomic_load(&c->quit)) &&
		    (atomic_fetch_and(&c->wants, ~want) & want) != 0)
			return false;
		(void)poll(NULL, 0, 5);
	}
	return true;
}

static json_t *
status(struct control *c)
{
	if (!have_done(c, WANT_SNAPSHOT))
		return control_error(CONTROL_STATUS, "busy", "the sensor waits for its input or its outputs; ask again");
	return control_done(CONTROL_STATUS, json_pack("{s:o}", "status", snapshot_status(&c->snapshot, &c->run, reread_restart(&c->reread))));
}

/* ---- what operators do -------------------------------------------------------- */

static json_t *
act(struct control *c)
{
	struct timespec now = { 0 };

	(void)clock_gettime(CLOCK_REALTIME, &now);
	c->action.ts_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
	if (!have_done(c, WANT_ACT))
		return control_error(CONTROL_ACT, "busy", "the sensor waits for its input or its outputs; ask again");
	return c->refused == NULL ? control_done(CONTROL_ACT, NULL) : control_error(CONTROL_ACT, "refused", c->refused);
}

bool
control_wants(struct control *c)
{
	/* One writer: no need of an atomic addition. */
	atomic_store_explicit(&c->beat, atomic_load_explicit(&c->beat, memory_order_relaxed) + 1, memory_order_relaxed);
	return atomic_load_explicit(&c->wants, memory_order_relaxed) != 0;
}

void
control_serve(struct control *c, uint64_t frame_ns)
{
	unsigned wants = atomic_exchange(&c->wants, 0);

	if ((wants & WANT_RULES) != 0)
		worker_swap(c->w);
	if ((wants & WANT_SNAPSHOT) != 0) {
		snapshot_take(&c->snapshot, c->w, frame_ns);
		atomic_store(&c->taken, true);
	}
	if ((wants & WANT_ACT) != 0) {
		c->refused = worker_act(c->w, &c->action);
		atomic_store(&c->taken, true);
	}
}

/* ---- clients ---------------------------------------------------------------- */

/* As text, for a client of before 0.3.0. */
static void
answer_text(struct control_client *k, const json_t *answer)
{
	static const char no[] = "failed: the rules that run stay as they are\n";
	struct err e = { 0 };
	char *text = NULL;
	size_t n = 0;
	FILE *to = open_memstream(&text, &n);

	if (to == NULL)
		return;
	if (!json_is_true(json_object_get(answer, "ok")))
		fputs(no, to);
	(void)control_print(CONTROL_RULES_RELOAD, answer, to, &e);
	if (fclose(to) == 0)
		control_answer(k, text, n);
	free(text);
	err_free(&e);
}

static void
answer_json(struct control_client *k, const json_t *answer)
{
	static const char none[] = "{\"version\":1,\"ok\":false,\"error\":{\"code\":\"memory\",\"text\":\"not enough memory\"}}\n";
	char *text = answer != NULL ? json_dumps(answer, JSON_COMPACT) : NULL;

	if (text == NULL)
		control_answer(k, none, sizeof(none) - 1);
	else {
		control_answer(k, text, strlen(text));
		control_answer(k, "\n", 1);
	}
	free(text);
}

/* The answer to what a client sent. */
static json_t *
answer_of(struct control *c, enum control_line how, const char *line, size_t n, bool *as_text)
{
	enum control_command command;
	json_t *answer = NULL;

	*as_text = false;
	if (how == CONTROL_TOO_LONG)
		return control_error(CONTROL_COMMANDS, "too-long", "a request has at most 4096 bytes");
	if (how == CONTROL_TOO_LATE)
		return control_error(CONTROL_COMMANDS, "too-late", "a request is a line; its end did not come");
	if (!control_parse(line, n, &command, &c->action, as_text, &answer))
		return answer;
	return command == CONTROL_STATUS ? status(c) : command == CONTROL_ACT ? act(c) : reload_by_request(c);
}

static void
serve(struct control *c)
{
	char line[CONTROL_REQUEST_MAX];
	struct control_client k;
	size_t n;
	bool as_text;
	enum control_line how = control_accept(&k, c->listener, &c->quit, line, sizeof(line), &n);

	if (how != CONTROL_NOBODY) {
		json_t *answer = answer_of(c, how, line, n, &as_text);

		if (as_text)
			answer_text(&k, answer);
		else
			answer_json(&k, answer);
		json_decref(answer);
	}
	control_hang_up(&k);
}

/* To the service manager, which ends and starts us where this stays away. */
static void
report_alive(struct control *c)
{
	unsigned beat = atomic_load_explicit(&c->beat, memory_order_relaxed);

	if (beat != c->seen_beat)
		notify_report(c->notify, "WATCHDOG=1");
	c->seen_beat = beat;
}

/* ---- the thread --------------------------------------------------------------- */

static void *
run(void *arg)
{
	struct control *c = arg;

	int wait_ms = c->notify != NULL && c->notify->watchdog_ms > 0 ? (int)c->notify->watchdog_ms : -1;

	while (!atomic_load(&c->quit)) {
		struct pollfd p[2] = { { .fd = c->wake[0], .events = POLLIN },
		    { .fd = c->listener, .events = POLLIN } };
		char what[16];
		ssize_t n;

		if (poll(p, c->listener >= 0 ? 2 : 1, wait_ms) < 0 && errno != EINTR)
			break;
		if (wait_ms >= 0)
			report_alive(c);
		if ((p[0].revents & POLLIN) != 0) {
			n = read(c->wake[0], what, sizeof(what));
			if (n > 0 && !atomic_load(&c->quit) && memchr(what, 'r', (size_t)n) != NULL)
				reload_by_signal(c);
		}
		if (c->listener >= 0 && (p[1].revents & POLLIN) != 0 && !atomic_load(&c->quit))
			serve(c);
	}
	atomic_store(&c->ended, true);
	return NULL;
}

/* Signals are the packet thread's. */
static bool
start_thread(struct control *c)
{
	sigset_t all, old;

	(void)sigfillset(&all);
	(void)sigdelset(&all, SIGSYS);
	(void)sigdelset(&all, SIGALRM);	/* the last resort of a stop, whoever hangs */
	(void)pthread_sigmask(SIG_SETMASK, &all, &old);
	c->running = pthread_create(&c->thread, NULL, run, c) == 0;
	(void)pthread_sigmask(SIG_SETMASK, &old, NULL);
	return c->running;
}

struct control *
control_open(const char *socket, struct worker *w, struct err *e)
{
	struct control *c = calloc(1, sizeof(*c));
	struct timespec now = { 0 };
	int before = e->n;

	if (c == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return NULL;
	}
	(void)clock_gettime(CLOCK_REALTIME, &now);
	c->w = w;
	c->run = (struct snapshot_of){ .settings = w->settings, .capture = w->capture,
	    .start_ns = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec };
	c->listener = c->wake[0] = c->wake[1] = -1;
	if (socket != NULL && socket[0] != '\0' && (c->listener = control_listen(socket, w->settings->control.group, e)) >= 0)
		memcpy(c->path, socket, strlen(socket) + 1);
	if (e->n == before && (pipe(c->wake) != 0 || fcntl(c->wake[1], F_SETFL, O_NONBLOCK) != 0))
		err_add(e, NULL, 0, 0, "no pipe for signals: %s", strerror(errno));
	if (e->n == before)
		return c;
	(void)control_close(c, NULL);
	return NULL;
}

void
control_with(struct control *c, const struct engine_reread *from, const struct settings *started,
    struct settings *running, const struct notify *notify)
{
	c->reread = (struct reread){ .from = from, .started = started, .running = running };
	c->notify = notify;
}

bool
control_start(struct control *c, struct err *e)
{
	c->run.sandbox = c->w->sandbox;
	c->run.landlock = c->w->landlock;
	if (!start_thread(c))
		err_add(e, NULL, 0, 0, "no thread to read rules again");
	return c->running;
}

void
control_signal(struct control *c)
{
	int was = errno;

	/* A full pipe holds enough requests. */
	if (c != NULL && write(c->wake[1], "r", 1) < 0)
		errno = was;
}

void
control_stop(struct control *c)
{
	atomic_store(&c->quit, true);
	/* A full pipe wakes it, too. */
	if (c->wake[1] >= 0 && write(c->wake[1], "q", 1) < 0)
		return;
}

bool
control_close(struct control *c, const _Atomic uint64_t *deadline_ns)
{
	control_stop(c);
	/* No client finds it any more, even if the thread cannot end. */
	if (c->path[0] != '\0')
		(void)unlink(c->path);
	while (c->running && !atomic_load(&c->ended)) {
		uint64_t until = deadline_ns != NULL ? atomic_load(deadline_ns) : 0;

		if (until != 0 && thread_now() >= until)
			return false;
		(void)poll(NULL, 0, 10);
	}
	if (c->running)
		(void)pthread_join(c->thread, NULL);
	for (int i = 0; i < 2; i++)
		if (c->wake[i] >= 0)
			(void)close(c->wake[i]);
	if (c->listener >= 0)
		(void)close(c->listener);
	reread_close(&c->reread);
	free(c);
	return true;
}
