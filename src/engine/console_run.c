#include "engine/console_run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/json.h"
#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "engine/control.h"
#include "engine/landlock.h"
#include "engine/rights.h"
#include "engine/sandbox.h"
#include "store/list.h"
#include "web/listen.h"

#define SECOND		UINT64_C(1000000000)
#define STATUS_NS	SECOND		/* a status is this old, at most */
#define END_MS		2000		/* how long it may take to end */
#define PAUSE_MAX	60u		/* seconds between two starts */
#define STEADY_NS	(60 * SECOND)	/* it ran well */

/* What the pages need of the sensor. */
struct host {
	const struct settings	*s;
	int			(*act)(void *arg, const struct keep_action *a, struct err *e);	/* NULL: through the control socket */
	void			*arg;
	char			*status;	/* the last one */
	uint64_t		 status_ns;
	const char		*landlock;	/* what it said (landlock.h); "off": run.sandbox */
};

static volatile sig_atomic_t stop;

static void
on_stop(int sig)
{
	(void)sig;
	stop = 1;
}

/* ---- what goes through the sensor ------------------------------------------------------ */

/* The control socket of the sensor that has the database.  False: none has it, or it has no socket. */
static bool
socket_of(const struct settings *s, char *to, size_t size)
{
	if (!store_in_use(s->store.file, to, size))
		return false;
	if (to[0] == '\0' && s->control.socket != NULL)
		(void)snprintf(to, size, "%s", s->control.socket);
	return to[0] != '\0';
}

static int
act(void *arg, const struct keep_action *a, struct err *e)
{
	struct host *h = arg;
	struct keep_action now = *a;
	char socket[128];

	now.ts_ns = thread_wall();
	if (h->act != NULL)
		return h->act(h->arg, &now, e);
	if (socket_of(h->s, socket, sizeof(socket)))
		return control_ask_act(socket, &now, e);
	err_add(e, NULL, 0, 0, "the sensor takes no words from here: it has no control.socket");
	return -1;
}

static char *
ask_status(const struct settings *s)
{
	struct err ignored = { 0 };
	char socket[128], *text = NULL;
	size_t n = 0;
	FILE *to;
	int r;

	if (!socket_of(s, socket, sizeof(socket)) || (to = open_memstream(&text, &n)) == NULL)
		return NULL;
	r = control_ask(socket, CONTROL_STATUS, true, to, &ignored);
	err_free(&ignored);
	if (fclose(to) != 0 || r != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static char *
status(void *arg)
{
	struct host *h = arg;
	uint64_t now = thread_now();

	if (h->status == NULL || now - h->status_ns > STATUS_NS) {
		free(h->status);
		h->status = ask_status(h->s);
		h->status_ns = now;
	}
	return h->status != NULL ? strdup(h->status) : NULL;
}

static struct web_want
want_of(struct host *h, char *evidence, size_t size)
{
	const struct settings *s = h->s;
	const char *dir = s->alert.evidence_dir != NULL ? s->alert.evidence_dir : "";

	if (dir[0] == '/' || dir[0] == '\0' || s->output.log_dir == NULL)
		(void)snprintf(evidence, size, "%s", dir);
	else
		(void)snprintf(evidence, size, "%s/%s", s->output.log_dir, dir);
	return (struct web_want){ .listen = s->console.listen, .certificate = s->console.certificate, .key = s->console.key,
	    .tokens = s->console.tokens, .names = s->console.names, .store = s->store.file, .baseline_file = s->baseline.file,
	    .baseline = s->baseline.name, .evidence = evidence, .sensor = s->output.sensor, .act = act, .status = status, .arg = h };
}

void
console_check(const struct settings *s, struct err *e)
{
	struct host h = { .s = s };
	char evidence[4096];
	struct web_want w = want_of(&h, evidence, sizeof(evidence));

	if (w.listen == NULL || w.listen[0] == '\0')
		return;
	web_check(&w, e);
	if (s->control.socket == NULL || s->control.socket[0] == '\0')
		err_add(e, NULL, 0, 0, "console.listen: what operators say goes through control.socket, which has to be set");
}

/* ---- the process that answers ---------------------------------------------------------- */

static void
catch_signals(void)
{
	struct sigaction on = { .sa_handler = on_stop }, off = { .sa_handler = SIG_IGN }, usual = { .sa_handler = SIG_DFL };

	stop = 0;
	(void)sigaction(SIGTERM, &on, NULL);
	(void)sigaction(SIGINT, &on, NULL);
	(void)sigaction(SIGHUP, &off, NULL);
	(void)sigaction(SIGUSR1, &off, NULL);
	(void)sigaction(SIGPIPE, &off, NULL);
	(void)sigaction(SIGCHLD, &usual, NULL);
}

/* It reads what it shows, and the tokens; it writes beside the databases alone: SQLite's own files, and rows where no sensor runs. */
static bool
limit_files(struct host *h, const struct web_want *w, struct err *e)
{
	const struct landlock_path paths[] = {
		{ w->store, LANDLOCK_OF_FILE, true }, { w->baseline_file, LANDLOCK_OF_FILE, true }, { w->tokens, LANDLOCK_OF_FILE, false },
		{ w->evidence, LANDLOCK_FOLDER, false }, { "/dev/urandom", LANDLOCK_FILE, false },
	};

	h->landlock = h->s->run.sandbox == SANDBOX_OFF ? "off" : landlock_enter(paths, COUNTOF(paths), e);
	/* Beside a sensor that one says it. */
	if (h->landlock != NULL && h->act != NULL)
		log_note("console", "Landlock for its files: %s", h->landlock);
	return h->landlock != NULL;
}

/* Rights are gone.  `ready` is called when it answers. */
static bool
answer(struct web *web, struct host *h, const struct web_want *w, void (*ready)(void *arg), void *arg, struct err *e)
{
	if (!web_start(web, e) || !limit_files(h, w, e) || !sandbox_enter_console(&h->s->run, e))
		return false;
	if (ready != NULL)
		ready(arg);
	web_serve(web, &stop);
	return true;
}

bool
console_run(const struct console_alone *alone, struct err *e)
{
	const struct settings *s = alone->settings;
	struct host h = { .s = s, .act = alone->act, .arg = alone->arg };
	char evidence[4096];
	struct web_want w = want_of(&h, evidence, sizeof(evidence));
	struct web *web;
	bool good;

	w.own = alone->own;
	web = web_open(&w, e);
	catch_signals();
	good = web != NULL && rights_drop(&s->run, true, e) && answer(web, &h, &w, alone->ready, alone->arg, e);
	web_close(web);
	free(h.status);
	return good;
}

/* ---- beside a sensor -------------------------------------------------------------------- */

struct keeper {
	const struct settings *s;
	struct host	 host;
	const struct web_want *want;
	struct web	*web;
	int		 life;		/* closed when the sensor has ended */
	int		 report;	/* problems of the first start, or an empty line and `landlock`; -1: nobody waits for them any more */
};

static void
report_ready(void *arg)
{
	const struct keeper *k = arg;

	if (k->report >= 0 && dprintf(k->report, "\n%s\n", k->host.landlock) < 0)
		stop = 1;
}

static void
report_problems(const struct keeper *k, const struct err *e)
{
	for (const struct err_item *it = e->first; it != NULL; it = it->next) {
		char line[1024];
		int n = snprintf(line, sizeof(line), "%s%s%s\n", it->file != NULL ? it->file : "", it->file != NULL ? ": " : "", it->text);

		n = n < (int)sizeof(line) ? n : (int)sizeof(line) - 1;
		if (k->report < 0)
			log_error("console", "%.*s", n - 1, line);
		else if (write(k->report, line, (size_t)n) < 0)
			return;
	}
}

/* In a process of its own. */
static _Noreturn void
be_console(struct keeper *k, pid_t keeper)
{
	struct err e = { 0 };
	bool good;

	(void)prctl(PR_SET_PDEATHSIG, SIGTERM);
	(void)prctl(PR_SET_NAME, "console");
	(void)close(k->life);
	if (getppid() != keeper)
		_exit(0);
	good = answer(k->web, &k->host, k->want, report_ready, k, &e);
	report_problems(k, &e);
	_exit(good ? 0 : 1);
}

/* Wait until the child has ended or the sensor has.  False: the sensor has. */
static bool
wait_for(const struct keeper *k, pid_t child, int *how)
{
	while (!stop) {
		struct pollfd p = { .fd = k->life, .events = POLLIN };

		if (waitpid(child, how, WNOHANG) == child)
			return true;
		if (poll(&p, 1, 200) > 0)
			break;
	}
	(void)kill(child, SIGTERM);
	for (int ms = 0; ms < END_MS; ms += 20) {
		if (waitpid(child, how, WNOHANG) == child)
			return false;
		(void)poll(NULL, 0, 20);
	}
	(void)kill(child, SIGKILL);
	return false;
}

static void
report_end(int how, unsigned pause)
{
	if (WIFSIGNALED(how))
		log_error("console", "its process was ended by signal %d (%s); it is started again in %u s", WTERMSIG(how), strsignal(WTERMSIG(how)), pause);
	else
		log_error("console", "its process ended with status %d; it is started again in %u s", WEXITSTATUS(how), pause);
}

static _Noreturn void
keep_console(struct keeper *k)
{
	unsigned pause = 1;
	int how = 0;

	for (;;) {
		const uint64_t begun = thread_now();
		const pid_t keeper = getpid(), child = fork();
		struct pollfd p = { .fd = k->life, .events = POLLIN };

		if (child == 0)
			be_console(k, keeper);
		/* Who waits hears from the child alone. */
		if (k->report >= 0)
			(void)close(k->report);
		if (child < 0 || !wait_for(k, child, &how))
			_exit(0);
		/* What cannot start at all has said so; it is a setting. */
		if (k->report >= 0 && WIFEXITED(how) && WEXITSTATUS(how) != 0 && thread_now() - begun < SECOND * 5)
			_exit(1);
		k->report = -1;
		pause = thread_now() - begun > STEADY_NS ? 1 : pause < PAUSE_MAX / 2 ? pause * 2 : PAUSE_MAX;
		report_end(how, pause);
		if (poll(&p, 1, (int)pause * 1000) > 0 || stop)
			_exit(0);
	}
}

/* What the process reported, into `e`; true: it answers, and what limits its files is in `landlock`. */
static bool
hear(int fd, char landlock[CONSOLE_LANDLOCK], struct err *e)
{
	char text[4096];
	size_t n = 0;
	ssize_t got;

	while (n < sizeof(text) - 1 && ((got = read(fd, text + n, sizeof(text) - 1 - n)) > 0 || (got < 0 && errno == EINTR))) {
		n += got > 0 ? (size_t)got : 0;
		text[n] = '\0';
		if (n > 1 && text[0] == '\n' && text[n - 1] == '\n') {
			(void)snprintf(landlock, CONSOLE_LANDLOCK, "%.*s", (int)(n - 2), text + 1);
			return true;
		}
	}
	text[n] = '\0';
	for (char *line = text, *end; (end = strchr(line, '\n')) != NULL; line = end + 1) {
		*end = '\0';
		err_add(e, NULL, 0, 0, "%s", line);
	}
	if (n == 0)
		err_add(e, NULL, 0, 0, "console.listen: its process ended at once");
	return false;
}

bool
console_begin(const struct settings *s, const struct net_watched *watched, struct console_child *to, struct err *e)
{
	struct keeper k = { .s = s, .host = { .s = s } };
	char evidence[4096];
	struct web_want w = want_of(&k.host, evidence, sizeof(evidence));
	int life[2] = { -1, -1 }, report[2] = { -1, -1 };
	union web_where where;
	char why[256];
	bool good = false;
	pid_t pid = -1;

	if (w.listen == NULL || w.listen[0] == '\0')
		return true;
	if (web_where(w.listen, &where) > 0 && !net_may_listen(watched, &where.any, why, sizeof(why))) {
		err_add(e, NULL, 0, 0, "console.listen: %s", why);
		return false;
	}
	k.want = &w;
	k.web = web_open(&w, e);
	if (k.web != NULL && pipe2(life, O_CLOEXEC) == 0 && pipe2(report, O_CLOEXEC) == 0 && (pid = fork()) < 0)
		err_add(e, NULL, 0, 0, "console.listen: no process: %s", strerror(errno));
	if (pid == 0) {
		struct err mine = { 0 };

		(void)close(life[1]);
		(void)close(report[0]);
		k.life = life[0];
		k.report = report[1];
		(void)prctl(PR_SET_NAME, "console-keeper");
		catch_signals();
		if (rights_drop(&s->run, true, &mine))
			keep_console(&k);
		report_problems(&k, &mine);
		_exit(1);
	}
	web_close(k.web);
	(void)close(life[0]);
	(void)close(report[1]);
	if (pid > 0)
		good = hear(report[0], to->landlock, e);
	(void)close(report[0]);
	if (good) {
		to->life = life[1];
		log_note("console", "pages at %s; Landlock for its files: %s", s->console.listen, to->landlock);
	} else
		(void)close(life[1]);
	return good;
}

void
console_end(struct console_child *c)
{
	if (c->life >= 0)
		(void)close(c->life);
	c->life = -1;
}
