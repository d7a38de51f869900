/* control_client.c - the other end of the control socket: `thermowell status`, `rules reload`. */
#include "engine/control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "engine/control_socket.h"

#define WAIT_MS		60000	/* how long the answer is waited for: rules may take long to compile */

/* A sensor that does not take all of it may have answered already. */
static void
send_request(int fd, const char *p, size_t n)
{
	while (n > 0) {
		ssize_t k = write(fd, p, n);

		if (k < 0 && errno == EINTR)
			continue;
		if (k <= 0)
			return;
		p += k;
		n -= (size_t)k;
	}
}

/* Everything that comes until the sensor closes; NUL-terminated, to be freed.  NULL: nothing, too
 * much, or no memory. */
static char *
read_answer(int fd, size_t *n)
{
	size_t size = 65536;
	char *text = malloc(size);

	for (*n = 0; text != NULL;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t got = poll(&p, 1, WAIT_MS) > 0 ? read(fd, text + *n, size - *n - 1) : -1;

		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		*n += (size_t)got;
		if (*n + 1 == size) {
			char *more = size < CONTROL_ANSWER_MAX ? realloc(text, 2 * size) : NULL;

			if (more == NULL) {
				*n = 0;
				break;
			}
			text = more;
			size *= 2;
		}
	}
	if (text != NULL && *n > 0) {
		text[*n] = '\0';
		return text;
	}
	free(text);
	return NULL;
}

/* Send a request of n bytes and show what comes. */
static int
ask(const char *socket_path, enum control_command command, const char *request, size_t length, bool json, FILE *to,
    struct err *e)
{
	int fd = control_dial(socket_path, e), status = -1;
	json_t *answer = NULL;
	char *text = NULL;
	size_t n = 0;

	if (fd < 0)
		return -1;
	(void)signal(SIGPIPE, SIG_IGN);
	send_request(fd, request, length);
	text = read_answer(fd, &n);
	(void)close(fd);
	if (text == NULL)
		err_add(e, socket_path, 0, 0, "the sensor did not answer");
	else if ((answer = json_loadb(text, n, 0, NULL)) == NULL || !json_is_object(answer))
		err_add(e, socket_path, 0, 0, "the sensor there is of another version and answers: %.*s", (int)strcspn(text, "\r\n"), text);
	else if (json) {
		status = json_is_true(json_object_get(answer, "ok")) ? 0 : -1;
		(void)json_line(json_incref(answer), to);
		if (status != 0)
			err_add(e, NULL, 0, 0, "the sensor answers: %s", json_text_of(json_object_get(answer, "error"), "text"));
	} else
		status = control_print(command, answer, to, e) ? 0 : -1;
	json_decref(answer);
	free(text);
	return status;
}

int
control_ask(const char *socket_path, enum control_command command, bool json, FILE *to, struct err *e)
{
	char request[128];
	size_t n = control_request(command, request, sizeof(request));

	return ask(socket_path, command, request, n, json, to, e);
}

int
control_ask_act(const char *socket_path, const struct keep_action *a, struct err *e)
{
	char *request = control_request_act(a), *line = request;
	size_t n = request != NULL ? strlen(request) : 0;
	int status = -1;

	/* The line needs its end, where the NUL is. */
	if (line == NULL)
		err_add(e, NULL, 0, 0, "not enough memory");
	else {
		line[n] = '\n';
		status = ask(socket_path, CONTROL_ACT, line, n + 1, false, stdout, e);
	}
	free(request);
	return status;
}
