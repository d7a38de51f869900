/* fuzz_control.c - the control socket's two readers: what a sensor does with a request and what
 * a client does with an answer, whatever bytes come. */
#include <stdint.h>
#include <stdlib.h>

#include "engine/control_protocol.h"

int	LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void
request(const char *line, size_t n)
{
	enum control_command command;
	struct keep_action action;
	json_t *error = NULL;
	bool as_text;

	if (control_parse(line, n, &command, &action, &as_text, &error)) {
		if (command >= CONTROL_COMMANDS || error != NULL)
			abort();
		if (command == CONTROL_ACT && (action.verb[0] == '\0' || action.id[sizeof(action.id) - 1] != '\0'))
			abort();
		return;
	}
	/* Every refusal can be sent, says why, and is none that a client takes for an answer. */
	if (error == NULL || as_text || !json_is_false(json_object_get(error, "ok")) ||
	    json_text_of(json_object_get(error, "error"), "code")[0] == '\0' ||
	    json_text_of(json_object_get(error, "error"), "text")[0] == '\0')
		abort();
	json_decref(error);
}

static void
answer(const char *text, size_t n)
{
	json_t *j = json_loadb(text, n, 0, NULL);
	char *to = NULL;
	size_t size;
	FILE *f = open_memstream(&to, &size);

	if (f == NULL)
		abort();
	for (unsigned i = 0; i < CONTROL_COMMANDS; i++) {
		struct err e = { 0 };

		if (control_print((enum control_command)i, j, f, &e) != (e.n == 0))
			abort();
		err_free(&e);
	}
	(void)fclose(f);
	free(to);
	json_decref(j);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	request((const char *)data, n);
	answer((const char *)data, n);
	return 0;
}
