/* replay.c - an ordinary main() for a fuzz target: run it over its corpus.
 *
 * So `make check` holds every compiler and every build to what the fuzzers
 * found.  Without arguments the corpus is $srcdir/tests/fuzz/corpus/X for a
 * program called replay_X; otherwise each argument is a file or a folder.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define INPUT_MAX (16u << 20)	/* bytes; more is not a corpus file */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Run one file from a block of exactly its size, so that reading on is seen. */
static int
replay_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data = NULL;
	long len = -1;
	int rc = -1;

	if (f != NULL && fseek(f, 0, SEEK_END) == 0)
		len = ftell(f);
	if (len < 0 || len > (long)INPUT_MAX || fseek(f, 0, SEEK_SET) != 0)
		goto out;
	data = malloc(len > 0 ? (size_t)len : 1);
	if (data == NULL || fread(data, 1, (size_t)len, f) != (size_t)len)
		goto out;
	(void)LLVMFuzzerTestOneInput(data, (size_t)len);
	rc = 0;
out:
	if (rc != 0)
		fprintf(stderr, "%s: cannot be read\n", path);
	free(data);
	if (f != NULL)
		fclose(f);
	return rc;
}

/* Run a file, or every file of a folder in the order of their names.  The
 * number of files run, or -1. */
static int
replay(const char *path)
{
	struct dirent **names;
	struct stat st;
	char file[4096];
	int n, run = 0;

	if (stat(path, &st) != 0) {
		perror(path);
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return replay_file(path) == 0 ? 1 : -1;
	n = scandir(path, &names, NULL, alphasort);
	if (n < 0) {
		perror(path);
		return -1;
	}
	for (int i = 0; i < n; i++) {
		if (names[i]->d_name[0] != '.' && run >= 0) {
			snprintf(file, sizeof(file), "%s/%s", path, names[i]->d_name);
			run = replay_file(file) == 0 ? run + 1 : -1;
		}
		free(names[i]);
	}
	free(names);
	return run;
}

int
main(int argc, char **argv)
{
	const char *srcdir = getenv("srcdir"), *name = strstr(argv[0], "replay_");
	char corpus[4096];
	int n, total = 0;

	(void)LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
	for (int i = 1; i < argc; i++) {
		if ((n = replay(argv[i])) < 0)
			return 1;
		total += n;
	}
	if (argc == 1) {
		if (name == NULL) {
			fprintf(stderr, "usage: %s FILE|FOLDER...\n", argv[0]);
			return 2;
		}
		snprintf(corpus, sizeof(corpus), "%s/tests/fuzz/corpus/%s",
		    srcdir != NULL ? srcdir : ".", name + strlen("replay_"));
		if ((total = replay(corpus)) < 0)
			return 1;
	}
	printf("%d inputs\n", total);
	return 0;
}
