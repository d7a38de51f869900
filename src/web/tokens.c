#include "web/tokens.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "base/sum.h"
#include "web/listen.h"

#define TOKEN_BYTES	24u
#define LINE_SIZE	192u
#define HEX		"0123456789abcdef"
#define NAME_CHARS	"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-"

static void
as_hex(const uint8_t *p, size_t n, char *to)
{
	for (size_t i = 0; i < n; i++) {
		to[2 * i] = HEX[p[i] >> 4];
		to[2 * i + 1] = HEX[p[i] & 15];
	}
	to[2 * n] = '\0';
}

static void
hash_of(const char *token, char to[WEB_HASH_SIZE])
{
	uint8_t sum[SUM_SHA256];

	sum_sha256((const uint8_t *)token, strlen(token), sum);
	as_hex(sum, sizeof(sum), to);
}

bool
web_random(char *to, size_t n)
{
	uint8_t bytes[32];

	if (n > sizeof(bytes) || getrandom(bytes, n, 0) != (ssize_t)n)
		return false;
	as_hex(bytes, n, to);
	explicit_bzero(bytes, sizeof(bytes));
	return true;
}

/* ---- the file ------------------------------------------------------------------------ */

static bool
is_name(const char *name, size_t n)
{
	return n > 0 && n < WEB_NAME_SIZE && strspn(name, NAME_CHARS) >= n;
}

static bool
read_line(const char *line, struct web_token *t)
{
	size_t name = strcspn(line, " \t"), blank = strspn(line + name, " \t");
	const char *hash = line + name + blank;
	size_t n = strspn(hash, HEX);

	if (!is_name(line, name) || n != WEB_HASH_SIZE - 1 || (hash[n] != '\0' && strchr(" \t\r", hash[n]) == NULL))
		return false;
	memcpy(t->name, line, name);
	t->name[name] = '\0';
	memcpy(t->hash, hash, n);
	t->hash[n] = '\0';
	return true;
}

static bool
read_lines(const char *path, FILE *from, struct web_tokens *t, struct err *e)
{
	char line[LINE_SIZE];
	bool good = true;

	for (int number = 1; good && fgets(line, sizeof(line), from) != NULL; number++) {
		size_t n = strcspn(line, "\n");
		const bool whole = line[n] == '\n' || feof(from);

		line[n] = '\0';
		if (line[0] == '\0' || line[0] == '#')
			good = whole;
		else if (t->n == WEB_TOKENS)
			good = false;
		else
			good = whole && read_line(line, &t->of[t->n++]);
		if (!good)
			err_add(e, path, number, 0, t->n == WEB_TOKENS && whole ? "at most %u tokens" : "a line is NAME HASH DATE, as thermowell console token writes it",
			    WEB_TOKENS);
	}
	return good;
}

bool
web_tokens_read(const char *path, struct web_tokens *t, struct err *e)
{
	FILE *from = fopen(path, "re");
	struct stat st;
	bool good = false;

	t->n = 0;
	if (from == NULL) {
		err_add(e, path, 0, 0, "the tokens of the console cannot be read: %s; thermowell console token makes one", strerror(errno));
		return false;
	}
	if (fstat(fileno(from), &st) != 0 || !S_ISREG(st.st_mode) || (st.st_mode & 077) != 0)
		err_add(e, path, 0, 0, "others may read or write it: chmod 600 %s", path);
	else
		good = read_lines(path, from, t, e);
	(void)fclose(from);
	return good;
}

const struct web_token *
web_tokens_find(const struct web_tokens *t, const char *token)
{
	const struct web_token *found = NULL;
	char hash[WEB_HASH_SIZE];

	/* All of them, so that the time says nothing. */
	hash_of(token, hash);
	for (unsigned i = 0; i < t->n; i++)
		if (web_is_same(hash, t->of[i].hash))
			found = &t->of[i];
	return found;
}

bool
web_token_new(struct web_token *t, const char *name, char token[WEB_TOKEN_SIZE])
{
	(void)snprintf(t->name, sizeof(t->name), "%s", name);
	memcpy(token, "tw-", 3);
	if (!web_random(token + 3, TOKEN_BYTES))
		return false;
	hash_of(token, t->hash);
	return true;
}

bool
web_tokens_add(const char *path, const char *name, char token[WEB_TOKEN_SIZE], struct err *e)
{
	struct web_tokens have = { 0 };
	struct web_token one;
	time_t now = time(NULL);
	char line[LINE_SIZE], date[16] = "";
	struct tm tm;
	ssize_t n;
	int fd;

	if (!is_name(name, strlen(name))) {
		err_add(e, NULL, 0, 0, "\"%s\": a name has letters, digits, '.', '_' and '-', at most %u", name, WEB_NAME_SIZE - 1);
		return false;
	}
	/* What is there must be whole, and for nobody else. */
	if (access(path, F_OK) == 0 && !web_tokens_read(path, &have, e))
		return false;
	if (have.n == WEB_TOKENS) {
		err_add(e, path, 0, 0, "it has %u tokens already; take one out", WEB_TOKENS);
		return false;
	}
	fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (gmtime_r(&now, &tm) != NULL)
		(void)strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	if (fd < 0 || !web_token_new(&one, name, token))
		err_add(e, path, 0, 0, "no token can be made: %s", strerror(errno));
	else {
		/* In one piece: what is torn is refused when it is read. */
		n = snprintf(line, sizeof(line), "%s %s %s\n", one.name, one.hash, date);
		if (write(fd, line, (size_t)n) == n && fsync(fd) == 0 && close(fd) == 0)
			return true;
		err_add(e, path, 0, 0, "it cannot be written: %s", strerror(errno));
	}
	if (fd >= 0)
		(void)close(fd);
	return false;
}
