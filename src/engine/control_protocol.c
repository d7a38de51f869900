#include "engine/control_protocol.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"
#include "engine/status_text.h"

static const char *const names[CONTROL_COMMANDS] = {
	[CONTROL_STATUS] = "status",
	[CONTROL_RULES_RELOAD] = "rules-reload",
	[CONTROL_ACT] = "act",
};

const char *
control_command_name(enum control_command c)
{
	return names[c];
}

/* ---- the sensor's side -------------------------------------------------------- */

static enum control_command
command_of(const char *name)
{
	for (unsigned i = 0; i < CONTROL_COMMANDS; i++)
		if (strcmp(names[i], name) == 0)
			return (enum control_command)i;
	return CONTROL_COMMANDS;
}

json_t *
control_done(enum control_command command, json_t *members)
{
	json_t *answer = json_pack("{s:i, s:s, s:b}", "version", CONTROL_VERSION, "command", names[command], "ok", 1);

	if (members != NULL && json_object_update_missing(answer, members) != 0) {
		json_decref(answer);
		answer = NULL;
	}
	json_decref(members);
	return answer;
}

json_t *
control_error(enum control_command command, const char *code, const char *text)
{
	return json_pack("{s:i, s:s*, s:b, s:{s:s, s:o}}", "version", CONTROL_VERSION,
	    "command", command != CONTROL_COMMANDS ? names[command] : NULL, "ok", 0,
	    "error", "code", code, "text", json_from_text(text));
}

json_t *
control_problems(const struct err *e)
{
	json_t *list = json_array();

	for (const struct err_item *it = e->first; it != NULL; it = it->next) {
		json_t *one = json_pack("{s:o*, s:o*, s:o*, s:o}", "file", it->file != NULL ? json_from_text(it->file) : NULL,
		    "line", it->line > 0 ? json_integer(it->line) : NULL,
		    "column", it->column > 0 ? json_integer(it->column) : NULL, "text", json_from_text(it->text));

		if (json_array_append_new(list, one) != 0) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

/* The error of a request that is JSON; NULL: none, and `command` is set. */
static json_t *
check(const json_t *request, enum control_command *command)
{
	const json_t *version = json_object_get(request, "version"), *name = json_object_get(request, "command");
	char text[256];

	if (!json_is_object(request))
		return control_error(CONTROL_COMMANDS, "no-object", "a request is an object: {\"command\":\"status\"}");
	if (version != NULL && (!json_is_integer(version) || json_integer_value(version) < 1))
		return control_error(CONTROL_COMMANDS, "bad-version", "the version of a request is a number, now 1");
	if (version != NULL && json_integer_value(version) > CONTROL_VERSION) {
		(void)snprintf(text, sizeof(text), "this sensor speaks version %d", CONTROL_VERSION);
		return control_error(CONTROL_COMMANDS, "bad-version", text);
	}
	if (!json_is_string(name))
		return control_error(CONTROL_COMMANDS, "no-command", "\"command\" is missing or is no text");
	*command = command_of(json_string_value(name));
	if (*command == CONTROL_COMMANDS) {
		(void)snprintf(text, sizeof(text), "there is no command \"%.32s\"; there are %s, %s and %s", json_string_value(name),
		    names[CONTROL_STATUS], names[CONTROL_RULES_RELOAD], names[CONTROL_ACT]);
		return control_error(CONTROL_COMMANDS, "unknown-command", text);
	}
	return NULL;
}

#define ACT_PARTS(a)	{ \
	{ "verb", (a)->verb, sizeof((a)->verb), true }, { "object", (a)->object, sizeof((a)->object), true }, \
	{ "id", (a)->id, sizeof((a)->id), true }, { "who", (a)->who, sizeof((a)->who), true }, \
	{ "text", (a)->text, sizeof((a)->text), false } }

/* The members of an action.  The error, or NULL. */
static json_t *
read_action(const json_t *request, struct keep_action *a)
{
	const struct { const char *name; char *to; size_t size; bool needed; } parts[] = ACT_PARTS(a);
	char text[128];

	memset(a, 0, sizeof(*a));
	for (size_t i = 0; i < COUNTOF(parts); i++) {
		const json_t *j = json_object_get(request, parts[i].name);
		size_t n = json_is_string(j) ? json_string_length(j) : 0;

		if ((n == 0 && parts[i].needed) || (j != NULL && !json_is_string(j)) || n >= parts[i].size) {
			(void)snprintf(text, sizeof(text), "\"%s\" of an act is a text of %s%zu bytes", parts[i].name,
			    parts[i].needed ? "1 to " : "at most ", parts[i].size - 1);
			return control_error(CONTROL_ACT, "bad-act", text);
		}
		if (n > 0)
			memcpy(parts[i].to, json_string_value(j), n);
	}
	return NULL;
}

bool
control_parse(const char *line, size_t n, enum control_command *command, struct keep_action *action, bool *as_text,
    json_t **error)
{
	static const char word[] = "rules-reload";
	json_error_t why;
	json_t *request;
	char text[JSON_ERROR_TEXT_LENGTH + 64];

	*command = CONTROL_RULES_RELOAD;
	*as_text = n == sizeof(word) - 1 && memcmp(line, word, n) == 0;
	if (*as_text)
		return true;
	*command = CONTROL_COMMANDS;
	request = json_loadb(line, n, JSON_REJECT_DUPLICATES, &why);
	if (request == NULL) {
		(void)snprintf(text, sizeof(text), "the request is no JSON: %s (column %d)", why.text, why.column);
		*error = control_error(CONTROL_COMMANDS, "not-json", text);
		return false;
	}
	*error = check(request, command);
	if (*command == CONTROL_ACT && (*error = read_action(request, action)) != NULL)
		*command = CONTROL_COMMANDS;
	json_decref(request);
	return *command != CONTROL_COMMANDS;
}

/* ---- the client's side -------------------------------------------------------- */

size_t
control_request(enum control_command command, char *to, size_t size)
{
	struct strbuf b = strbuf_on(to, size);

	strbuf_printf(&b, "{\"version\":%d,\"command\":\"%s\"}\n", CONTROL_VERSION, names[command]);
	return b.len;
}

char *
control_request_act(const struct keep_action *a)
{
	json_t *request = json_pack("{s:i, s:s, s:o, s:o, s:o, s:o, s:o}", "version", CONTROL_VERSION, "command", names[CONTROL_ACT],
	    "verb", json_from_text(a->verb), "object", json_from_text(a->object), "id", json_from_text(a->id),
	    "who", json_from_text(a->who), "text", json_from_text(a->text));
	char *text = request != NULL ? json_dumps(request, JSON_COMPACT) : NULL;

	json_decref(request);
	return text;
}

static void
print_problems(const json_t *list, FILE *to)
{
	const json_t *one;
	size_t i;

	json_array_foreach(list, i, one) {
		const char *file = json_text_of(one, "file");

		fprintf(to, "%s:%" JSON_INTEGER_FORMAT ":%" JSON_INTEGER_FORMAT ": %s\n", file[0] != '\0' ? file : "thermowell",
		    json_number_of(one, "line"), json_number_of(one, "column"), json_text_of(one, "text"));
	}
}

bool
control_print(enum control_command command, const json_t *answer, FILE *to, struct err *e)
{
	const json_t *error = json_object_get(answer, "error");
	bool ok = json_is_true(json_object_get(answer, "ok"));

	if (!ok)
		err_add(e, NULL, 0, 0, "the sensor answers: %s", error != NULL ? json_text_of(error, "text") :
		    "no, and does not say why");
	else if (command == CONTROL_STATUS)
		status_text(json_object_get(answer, "status"), to);
	else if (command == CONTROL_RULES_RELOAD)
		fputs("ok: the rules were read and take over with the next packet\n", to);
	print_problems(json_object_get(answer, "problems"), to);
	return ok;
}
