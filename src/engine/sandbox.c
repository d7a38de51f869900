#include "engine/sandbox.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* What the environment of a test asks for; it can make the filter louder, never wider. */
static bool
wants_trap(const struct run_settings *s)
{
	const char *word = secure_getenv("THERMOWELL_SANDBOX");

	return s->sandbox == SANDBOX_TRAP || (s->sandbox == SANDBOX_ON && word != NULL && strcmp(word, "trap") == 0);
}

/* What a sanitizer does at the end (it stops all threads and looks at them) no sensor may. */
#if defined(HAVE_SECCOMP) && !defined(TW_SANITIZED)

#include <fcntl.h>
#include <linux/netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/str.h"

#ifndef PR_SET_VMA
#define PR_SET_VMA	0x53564d41
#endif
#define ALL_BITS	0xffffffffu
#define SOCK_KIND	0xfu			/* beside SOCK_CLOEXEC and SOCK_NONBLOCK */
#define CLONE_THREADS	(CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD)
#define LOCKS_64	12			/* F_GETLK64, F_SETLK64, F_SETLKW64 where they are others */
#define CALLS_NAMED	1024			/* numbers of calls that trap mode has names for */

enum who { EVERYBODY, HELPERS };

struct call {
	const char	*name;
	enum who	 who;
	int		 refuse;	/* errno; 0: allowed */
	unsigned	 n;		/* arguments that count */
	struct { uint32_t arg, mask, value; } when[2];
};

#define CALL(name, who, why) { #name, who, 0, 0, { { 0 } } },
#define WHEN(name, who, a, m, v, why) { #name, who, 0, 1, { { a, (uint32_t)(m), (uint32_t)(v) } } },
#define BOTH(name, who, a, m, v, a2, m2, v2, why) \
	{ #name, who, 0, 2, { { a, (uint32_t)(m), (uint32_t)(v) }, { a2, (uint32_t)(m2), (uint32_t)(v2) } } },
#define REFUSE(name, err, why) { #name, EVERYBODY, err, 0, { { 0 } } },
#define REFUSE_WHEN(name, err, a, m, v, why) { #name, EVERYBODY, err, 1, { { a, (uint32_t)(m), (uint32_t)(v) } } },
static const struct call calls[] = {
#include "engine/sandbox.def"
};
static const struct call console_calls[] = {
#include "engine/sandbox_console.def"
};
#undef CALL
#undef WHEN
#undef BOTH
#undef REFUSE
#undef REFUSE_WHEN

/* What could send on a descriptor. */
static const char *const sends[] = { "write", "writev", "pwrite64", "pwritev", "pwritev2", "sendto", "send", "sendmsg", "sendmmsg" };

/* ---- trap mode ---------------------------------------------------------------- */

/* A handler has no argument, and must not ask libseccomp, which takes memory. */
static char names[CALLS_NAMED][24];

static void
on_refused_call(int sig, siginfo_t *info, void *context)
{
	const unsigned nr = (unsigned)info->si_syscall;
	char text[128];
	struct strbuf b = strbuf_on(text, sizeof(text));

	(void)sig;
	(void)context;
	strbuf_printf(&b, "thermowell: error: sandbox: system call %u (%s) is not in the table\n", nr,
	    nr < CALLS_NAMED ? names[nr] : "?");
	if (write(STDERR_FILENO, text, b.len) < 0)
		_exit(1);
	abort();
}

static void
set_trap(void)
{
	struct sigaction sa = { .sa_sigaction = on_refused_call, .sa_flags = SA_SIGINFO };

	for (int i = 0; i < CALLS_NAMED; i++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, i);

		(void)snprintf(names[i], sizeof(names[i]), "%s", name != NULL ? name : "?");
		free(name);
	}
	(void)sigaction(SIGSYS, &sa, NULL);
}

/* ---- filters ------------------------------------------------------------------ */

/* 0 or a negative errno. */
static int
add(scmp_filter_ctx filter, const struct call *c)
{
	struct scmp_arg_cmp when[2];
	int nr = seccomp_syscall_resolve_name(c->name);
	/* This machine has no such call, or libseccomp is older than it. */
	if (nr < 0)
		return 0;
	for (unsigned i = 0; i < c->n; i++)
		when[i] = SCMP_CMP(c->when[i].arg, SCMP_CMP_MASKED_EQ, c->when[i].mask, c->when[i].value);
	return seccomp_rule_add_array(filter, c->refuse != 0 ? SCMP_ACT_ERRNO((uint32_t)c->refuse) : SCMP_ACT_ALLOW, nr, c->n, when);
}

static bool
load(scmp_filter_ctx filter, int r, const char *what, struct err *e)
{
	/* Each call of a frame's wait goes through it: a tree, not a list. */
	if (r == 0)
		(void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	if (r == 0)
		r = seccomp_load(filter);
	if (filter != NULL)
		seccomp_release(filter);
	if (r != 0)
		err_add(e, NULL, 0, 0, "the kernel does not take the filter of system calls (%s): %s; --no-sandbox goes without",
		    what, strerror(-r));
	return r == 0;
}

static bool
enter(bool trap, const struct call *list, size_t n, bool helpers, const char *what, struct err *e)
{
	scmp_filter_ctx filter = seccomp_init(trap ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS);
	int r = filter != NULL ? 0 : -ENOMEM;

	for (size_t i = 0; i < n && r == 0; i++)
		if (helpers || list[i].who == EVERYBODY)
			r = add(filter, &list[i]);
	return load(filter, r, what, e);
}

/* Beside the other: what is refused here is refused, whatever that one allows. */
static bool
send_nothing_on(const int *fds, unsigned n_fds, bool trap, struct err *e)
{
	scmp_filter_ctx filter;
	int r;

	if (n_fds == 0)
		return true;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	r = filter != NULL ? 0 : -ENOMEM;
	for (size_t i = 0; i < COUNTOF(sends) && r == 0; i++) {
		int nr = seccomp_syscall_resolve_name(sends[i]);

		for (unsigned k = 0; k < n_fds && r == 0 && nr >= 0; k++)
			r = seccomp_rule_add(filter, trap ? SCMP_ACT_TRAP : SCMP_ACT_KILL_PROCESS, nr, 1,
			    SCMP_A0(SCMP_CMP_MASKED_EQ, ALL_BITS, (uint64_t)fds[k]));
	}
	return load(filter, r, "watched interfaces", e);
}

bool
sandbox_enter(const struct run_settings *s, const int *fds, unsigned n_fds, const char **how, struct err *e)
{
	bool trap = wants_trap(s);

	if (s->sandbox == SANDBOX_OFF) {
		*how = "off";
		log_warn("sandbox", "switched off: nothing limits what this process may do (--no-sandbox, run.sandbox)");
		return true;
	}
	*how = trap ? "trap" : "on";
	if (trap)
		set_trap();
	return send_nothing_on(fds, n_fds, trap, e) && enter(trap, calls, COUNTOF(calls), true, "all threads", e);
}

bool
sandbox_enter_packet_thread(const struct run_settings *s, struct err *e)
{
	return s->sandbox == SANDBOX_OFF || enter(wants_trap(s), calls, COUNTOF(calls), false, "packet thread", e);
}

bool
sandbox_enter_console(const struct run_settings *s, struct err *e)
{
	if (s->sandbox == SANDBOX_OFF)
		return true;
	if (wants_trap(s))
		set_trap();
	return enter(wants_trap(s), console_calls, COUNTOF(console_calls), true, "console", e);
}

#else

bool
sandbox_enter(const struct run_settings *s, const int *fds, unsigned n_fds, const char **how, struct err *e)
{
	(void)fds;
	(void)n_fds;
	*how = "not built";
	if (wants_trap(s) && s->sandbox == SANDBOX_TRAP) {
		err_add(e, NULL, 0, 0, "run.sandbox: built without libseccomp");
		return false;
	}
	if (s->sandbox == SANDBOX_OFF)
		*how = "off";
	return true;
}

bool
sandbox_enter_packet_thread(const struct run_settings *s, struct err *e)
{
	(void)s;
	(void)e;
	return true;
}

bool
sandbox_enter_console(const struct run_settings *s, struct err *e)
{
	return sandbox_enter_packet_thread(s, e);
}

#endif
