/* Each call is made by a process of its own, under the filter: what is forbidden ends it. */
#include "engine/sandbox.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netpacket/packet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/str.h"
#include "base/thread.h"

#define SURVIVED	0
#define NOT_ENTERED	99
#define FAILED(e)	(100 + (e))

static int wire[2];	/* as a watched interface: nothing may be sent on wire[0] */

#if defined(HAVE_SECCOMP) && !defined(TW_SANITIZED)

static bool trap, packet_thread;

/* Wait status of a child that makes this call once it is in the sandbox. */
static int
make(long (*call)(void))
{
	const struct run_settings s = { .sandbox = trap ? SANDBOX_TRAP : SANDBOX_ON };
	const char *how;
	int status = -1;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct err e = { 0 };
		const struct rlimit none = { 0, 0 };
		long r;

		(void)setrlimit(RLIMIT_CORE, &none);
		if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0 || !sandbox_enter(&s, wire, 1, &how, &e) ||
		    (packet_thread && !sandbox_enter_packet_thread(&s, &e)))
			_exit(NOT_ENTERED);
		r = call();
		_exit(r < 0 ? FAILED(errno) : SURVIVED);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static long new_packet_socket(void) { return socket(AF_PACKET, SOCK_RAW, 0); }
static long new_raw_socket(void) { return socket(AF_INET, SOCK_RAW, IPPROTO_ICMP); }
static long new_audit_socket(void) { return socket(AF_NETLINK, SOCK_RAW, 9); }
static long new_stream(void) { return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }
static long new_datagram(void) { return socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0); }
static long new_process(void) { return syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0); }
static long new_clone3(void) { return syscall(SYS_clone3, NULL, 0); }
static long run_shell(void) { return execl("/bin/sh", "sh", "-c", ":", (char *)NULL); }
static long trace(void) { return syscall(SYS_ptrace, PTRACE_TRACEME, 0, 0, 0); }
static long type_into_terminal(void) { return ioctl(0, TIOCSTI, "x"); }

static long how_much_waits(void) { int n; return ioctl(wire[1], FIONREAD, &n); }
/* That nobody is there is an answer, too. */
static long reach(void) { const struct sockaddr a = { .sa_family = AF_UNIX }; return connect(wire[1], &a, sizeof(a)) * 0; }
static long duplicate(void) { return fcntl(wire[0], F_DUPFD, 10); }
static long duplicate_plainly(void) { return dup(wire[0]); }
static long set_flags(void) { return fcntl(wire[0], F_SETFL, O_NONBLOCK); }
static long be_dumpable(void) { return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0); }
static long run_memory(void) { return mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static long take_memory(void) { return mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED ? -1 : 0; }
static long raise_limit(void) { const struct rlimit r = { 1, 1 }; return setrlimit(RLIMIT_CORE, &r); }
static long read_limit(void) { struct rlimit r; return getrlimit(RLIMIT_CORE, &r); }
static long become_root(void) { return syscall(SYS_setuid, 0); }
static long load_module(void) { return syscall(SYS_init_module, NULL, 0, ""); }
static long change_time(void) { const struct timespec t = { 0, 0 }; return clock_settime(CLOCK_REALTIME, &t); }
static long kill_parent(void) { return kill(getppid(), 0); }
static long write_on_wire(void) { return write(wire[0], "x", 1); }
static long send_on_wire(void) { return send(wire[0], "x", 1, 0); }
static long write_elsewhere(void) { return write(wire[1], "x", 1); }
static long sending_ring(void) { const int v = 1; return setsockopt(wire[0], SOL_PACKET, PACKET_TX_RING, &v, sizeof(v)); }
static long open_file(void) { return open("/dev/null", O_WRONLY | O_CLOEXEC); }

static void *
nothing(void *arg)
{
	struct thread *t = arg;

	atomic_store(&t->ended, true);
	return NULL;
}

static long
new_thread(void)
{
	static struct thread t;

	if (!thread_start(&t, nothing, &t))
		return -1;
	return pthread_join(t.id, NULL) == 0 ? 0 : -1;
}

static void *
forbidden(void *arg)
{
	(void)arg;
	(void)new_packet_socket();
	return NULL;
}

/* The filter is the process's: one thread that breaks it ends all. */
static long
thread_breaks_it(void)
{
	static struct thread t;

	return thread_start(&t, forbidden, &t) ? pthread_join(t.id, NULL) : -1;
}

static long (*const always_refused[])(void) = {
	new_packet_socket, new_raw_socket, new_audit_socket, new_process, run_shell, trace, type_into_terminal, duplicate,
	duplicate_plainly, be_dumpable, raise_limit, become_root, load_module, change_time, kill_parent, write_on_wire, send_on_wire,
	sending_ring, thread_breaks_it
};
static long (*const always_allowed[])(void) = {
	new_datagram, set_flags, take_memory, read_limit, write_elsewhere, open_file, new_thread, how_much_waits
};
/* Of others than the packet thread. */
static long (*const helpers[])(void) = { new_stream, reach };

static void
a_forbidden_call_ends_the_process(void **state)
{
	(void)state;
	trap = packet_thread = false;
	for (size_t i = 0; i < COUNTOF(always_refused); i++) {
		int status = make(always_refused[i]);

		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
			fail_msg("call %zu was not refused: status %#x", i, status);
	}
}

static void
a_call_of_the_table_is_made(void **state)
{
	(void)state;
	trap = packet_thread = false;
	for (size_t i = 0; i < COUNTOF(always_allowed); i++)
		assert_int_equal(make(always_allowed[i]), SURVIVED);
	for (size_t i = 0; i < COUNTOF(helpers); i++)
		assert_int_equal(make(helpers[i]), SURVIVED);
}

static void
the_packet_thread_may_less(void **state)
{
	(void)state;
	trap = false;
	packet_thread = true;
	for (size_t i = 0; i < COUNTOF(always_allowed); i++)
		assert_int_equal(make(always_allowed[i]), SURVIVED);
	for (size_t i = 0; i < COUNTOF(helpers); i++)
		assert_int_equal(WTERMSIG(make(helpers[i])), SIGSYS);
}

static void
what_libraries_try_fails_and_they_go_on(void **state)
{
	(void)state;
	trap = packet_thread = false;
	assert_int_equal(WEXITSTATUS(make(new_clone3)), FAILED(ENOSYS));
	assert_int_equal(WEXITSTATUS(make(run_memory)), FAILED(EACCES));
}

/* As tests run the program: the name of the call, and SIGABRT. */
static void
trap_mode_names_the_call(void **state)
{
	char text[512] = "";
	int err[2], saved = dup(STDERR_FILENO), status;
	ssize_t n;

	(void)state;
	trap = true;
	packet_thread = false;
	assert_int_equal(pipe(err), 0);
	(void)dup2(err[1], STDERR_FILENO);
	status = make(run_shell);
	(void)dup2(saved, STDERR_FILENO);
	n = read(err[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	assert_non_null(strstr(text, "(execve) is not in the table"));
	assert_int_equal(WTERMSIG(status), SIGABRT);
	(void)close(saved);
	(void)close(err[0]);
	(void)close(err[1]);
}

#endif

static void
switched_off_it_says_so(void **state)
{
	const struct run_settings s = { .sandbox = SANDBOX_OFF };
	const char *how = NULL;
	struct err e = { 0 };

	(void)state;
	assert_true(sandbox_enter(&s, wire, 1, &how, &e));
	assert_string_equal(how, "off");
	assert_true(sandbox_enter_packet_thread(&s, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#if defined(HAVE_SECCOMP) && !defined(TW_SANITIZED)
		cmocka_unit_test(a_forbidden_call_ends_the_process),
		cmocka_unit_test(a_call_of_the_table_is_made),
		cmocka_unit_test(the_packet_thread_may_less),
		cmocka_unit_test(what_libraries_try_fails_and_they_go_on),
		cmocka_unit_test(trap_mode_names_the_call),
#endif
		cmocka_unit_test(switched_off_it_says_so),
	};

	/* How the tests run the program; here both ways are tried. */
	(void)unsetenv("THERMOWELL_SANDBOX");
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, wire) != 0)
		return 1;
#if defined(HAVE_SECCOMP) && !defined(TW_SANITIZED)
	{
		int status = make(read_limit);

		if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_ENTERED) {
			puts("skipped: no filter can be set here (an emulator?)");
			return 77;
		}
	}
#endif
	return cmocka_run_group_tests(tests, NULL, NULL);
}
