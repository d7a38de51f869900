/* What a process may open once its files are limited: what was named, and nothing else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "engine/landlock.h"

static char folder[] = "/tmp/test_landlock.XXXXXX";
#include "folder_kit.h"
static const char *in_force = "";

static const char *
at(const char *name)
{
	static char paths[64][128];
	static unsigned i;
	char *path = paths[i++ % 64];

	(void)snprintf(path, sizeof(paths[0]), "%s/%s", folder, name);
	return path;
}

static int
touch(const char *name)
{
	int fd = open(at(name), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : errno;
}

static int
reads(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd >= 0)
		(void)close(fd);
	return fd >= 0 ? 0 : errno;
}

/* In a process of its own: the number of the first thing that is not as it should be; 0 none. */
static int
limited(void)
{
	const struct landlock_path paths[] = {
		{ at("db/plant.db"), LANDLOCK_OF_FILE, true }, { at("etc/tokens"), LANDLOCK_OF_FILE, false }, { at("evidence/not/there"), LANDLOCK_FOLDER, false },
		{ "", LANDLOCK_OF_FILE, true }, { NULL, LANDLOCK_FOLDER, true }, { at("etc/link"), LANDLOCK_OF_FILE, false }, { at("one"), LANDLOCK_FILE, true },
	};
	struct err e = { 0 };
	const char *how;
	int n = 0;

#define IS(what, is) do { n++; if ((what) != (is)) return n; } while (0)
	IS(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 0);
	how = landlock_enter(paths, sizeof(paths) / sizeof(paths[0]), &e);
	IS(how != NULL && strcmp(how, in_force) == 0, 1);
	if (strcmp(how, "on") != 0)
		return 0;
	/* Beside a database all that SQLite does, and no folder. */
	IS(reads(at("db/plant.db")), 0);
	IS(touch("db/plant.db-wal"), 0);
	IS(unlink(at("db/plant.db-wal")), 0);
	IS(mkdir(at("db/new"), 0700) != 0 && errno == EACCES, 1);
	IS(symlink("/etc/passwd", at("db/passwd")) != 0 && errno == EACCES, 1);
	/* Read alone. */
	IS(reads(at("etc/tokens")), 0);
	IS(touch("etc/tokens"), EACCES);
	IS(touch("etc/new"), EACCES);
	IS(unlink(at("etc/tokens")) != 0 && errno == EACCES, 1);
	IS(rename(at("etc/tokens"), at("db/tokens")) != 0, 1);
	/* A folder that is not there stands for the one above; a link for what it leads to; a file for itself. */
	IS(reads(at("evidence/a.pcap")), 0);
	IS(reads(at("elsewhere/real")), 0);
	IS(touch("one"), 0);
	/* Nothing else, whoever asks. */
	IS(reads(at("other/secret")), EACCES);
	IS(reads("/etc/passwd"), EACCES);
	IS(touch("other/new"), EACCES);
	return 0;
}

static void
what_is_not_named_cannot_be_opened(void **state)
{
	static const char *const folders[] = { "db", "etc", "evidence", "other", "elsewhere" }, *const files[] = { "db/plant.db", "etc/tokens", "evidence/a.pcap",
	    "other/secret", "elsewhere/real", "one" };
	struct err e = { 0 };
	int how = 0;
	pid_t pid;

	(void)state;
	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
		assert_int_equal(mkdir(at(folders[i]), 0700), 0);
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		assert_int_equal(touch(files[i]), 0);
	assert_int_equal(symlink("../elsewhere/real", at("etc/link")), 0);
	/* What this kernel can. */
	pid = fork();
	if (pid == 0) {
		const char *word = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ? landlock_enter(NULL, 0, &e) : NULL;

		_exit(word == NULL ? 9 : strcmp(word, "on") == 0 ? 0 : strcmp(word, "not supported") == 0 ? 1 : 2);
	}
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_true(WIFEXITED(how) && WEXITSTATUS(how) <= 2);
	in_force = (const char *const[]){ "on", "not supported", "not built" }[WEXITSTATUS(how)];
	print_message("Landlock: %s\n", in_force);
	pid = fork();
	if (pid == 0)
		_exit(limited());
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_true(WIFEXITED(how));
	assert_int_equal(WEXITSTATUS(how), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(what_is_not_named_cannot_be_opened) };

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
