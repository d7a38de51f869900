/* commands.c - what is done to controllers, whoever does it: stop, start,
 * restart, program, configuration, firmware, files.
 *
 * A command is reported when its request was seen, because a controller that was told
 * to stop is worth a word before it is known whether it obeyed (of one that never
 * answers that would be seconds later), and again when it is over.  Which function is
 * which command its dissector knows (operation.command).
 */
#include "detect/commands/commands.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "asset/ask.h"
#include "base/str.h"
#include "detect/emit.h"
#include "record/protocol.h"

struct commands {
	struct detect_env	env;
	char			text[64];	/* {what} of the finding in hand */
};

/* Which alert tells of a command; what has no row is none of ours. */
static const struct row {
	uint8_t		 type;		/* enum alert_type */
	bool		 reported;
	bool		 by_device;	/* not told to a device: it says so itself */
	const char	*what;		/* {what}, where it is always the same */
} rows[OP_COMMAND_COUNT] = {
#define REPORT(command, alert, ...) [CMD_##command] = { .type = ALERT_##alert, .reported = true, __VA_ARGS__ }
	REPORT(START, CTRL_START),
	REPORT(STOP, CTRL_STOP),
	REPORT(RESTART, CTRL_RESTART),
	REPORT(RESTART_PROGRAM, CTRL_RESTART),
	REPORT(RESTART_LINK, CTRL_RESTART),
	REPORT(MODE, CTRL_STOP),
	REPORT(MODE_REPORT, MODE_CHANGED, .by_device = true),
	REPORT(DOWNLOAD, PROGRAM_DOWNLOAD),
	REPORT(UPLOAD, PROGRAM_UPLOAD),
	REPORT(ACTIVATE, PROGRAM_ACTIVATED, .what = "activate downloaded blocks"),
	REPORT(PROGRAM_SAVE, PROGRAM_ACTIVATED, .what = "copy the working memory to the load memory"),
	REPORT(COMPRESS, PROGRAM_ACTIVATED, .what = "compress its memory"),
	REPORT(DELETE, PROGRAM_DELETED, .what = "program blocks"),
	REPORT(ERASE, PROGRAM_DELETED, .what = "the program and its memory"),
	REPORT(FILE_DELETE, PROGRAM_DELETED),
	REPORT(FILE_READ, FILE_READ),
	REPORT(FILE_WRITE, FILE_WRITE),
	REPORT(FIRMWARE, FIRMWARE),
	REPORT(CONFIG, CONFIG_CHANGED),
	REPORT(CONFIG_SAVE, DNP3_SAVE_CONFIG),
	REPORT(DATA_RESET, DNP3_INIT_DATA),
	REPORT(FORCE, FORCED),
	REPORT(MODIFY, MODIFIED),
	REPORT(LISTEN_ONLY, LISTEN_ONLY),
	REPORT(ALARM_OFF, ALARM_OFF),
#undef REPORT
};

static void *
commands_open(const struct detect_env *env, struct err *e)
{
	struct commands *d = calloc(1, sizeof(*d));

	if (d == NULL) {
		err_add(e, NULL, 0, 0, "no memory for the detector of commands");
		return NULL;
	}
	d->env = *env;
	return d;
}

/* "block FC7", of a download or an upload; NULL where no block is named. */
static const char *
block_words(struct commands *d, const struct operation *op)
{
	const struct op_param *type = op_request_param(op, "block_type"), *number = op_request_param(op, "block_number");
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));

	if (type == NULL || number == NULL)
		return NULL;
	strbuf_printf(&to, "block %.*s%" PRIu64, (int)type->value.len, (const char *)type->value.bytes,
	    number->value.u);
	return d->text;
}

/* "file firmware.bin"; NULL where none is named. */
static const char *
file_words(struct commands *d, const struct operation *op)
{
	const struct op_param *p = op_request_param(op, "filename");
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));

	if (p == NULL)
		p = op_request_param(op, "file_specification");
	if (p == NULL || p->value.kind != VALUE_BYTES || p->value.len == 0)
		return NULL;
	strbuf_put(&to, "file ");
	for (uint32_t i = 0; i < p->value.len && i < 48; i++)
		strbuf_printf(&to, "%c", p->value.bytes[i] >= 0x20 && p->value.bytes[i] < 0x7f ?
		    p->value.bytes[i] : '?');
	return d->text;
}

static bool
firmware_name(const char *what)
{
	static const char *const signs[] = { ".bin", ".fw", ".hex", ".s19", "firm", "FIRM", "upgrade" };

	for (unsigned i = 0; what != NULL && i < COUNTOF(signs); i++)
		if (strstr(what, signs[i]) != NULL)
			return true;
	return false;
}

/* Protocols with alerts of their own for a command that others have, too. */
static enum alert_type
own_type(enum op_proto proto, enum op_command command, enum alert_type type)
{
	return command == CMD_STOP && protocols[proto]->family == OP_S7 ? ALERT_S7_STOP : type;
}

/* A backup: the same client takes programs of this device as long as the baseline knows. */
static bool
is_backup(const struct commands *d, const struct operation *op)
{
	const struct asset_ask *q = d->env.ask;

	return op->command == CMD_UPLOAD && q != NULL && q->is_usual != NULL && q->arg != NULL && q->is_usual(q->arg, op);
}

/* Where several blocks or pieces are one deed, the device is the object; where it
 * matters which file, the file is. */
static void
complete(struct commands *d, struct finding *f, const struct operation *op)
{
	switch (op->command) {
	case CMD_DOWNLOAD:
	case CMD_UPLOAD:
	case CMD_CONFIG:
		f->what = block_words(d, op);
		break;
	case CMD_FILE_READ:
	case CMD_FILE_WRITE:
		f->what = file_words(d, op);
		if (op->command == CMD_FILE_WRITE && firmware_name(f->what))
			f->type = ALERT_FIRMWARE;
		break;
	case CMD_FILE_DELETE:
		f->what = file_words(d, op);
		if (f->what == NULL && op->n_params > 0)	/* named in a way of its own */
			f->what = "a file";
		break;
	case CMD_START:
		f->what = op->action;
		break;
	case CMD_MODE_REPORT:
		f->what = op->subname;
		f->key ^= op->subfunction + 1;
		break;
	default:
		break;
	}
	if (f->what != NULL && (f->type == ALERT_PROGRAM_DELETED || op->command == CMD_FILE_READ ||
	    op->command == CMD_FILE_WRITE))
		f->key ^= hash_bytes(d->env.key ^ 1, f->what, strlen(f->what));
}

static void
commands_operation(void *arg, const struct operation *op)
{
	struct commands *d = arg;
	const struct row *row = &rows[op->command];
	struct finding f;

	if (!row->reported || op->intent == INTENT_READ)
		return;
	f = finding_from_operation(&d->env, own_type(op->proto, op->command, (enum alert_type)row->type), op,
	    row->by_device);
	f.stage = stage_of(op);
	f.what = row->what;
	if (is_backup(d, op))
		f.type = ALERT_PROGRAM_BACKUP;
	complete(d, &f, op);
	emit(&d->env, &f);
}

static bool
commands_idle(const void *arg)
{
	const struct commands *d = arg;

	return !d->env.settings->detect.commands;
}

static size_t
commands_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct commands);
}

const struct detector detector_commands = {
	.name = "commands",
	.open = commands_open,
	.operation = commands_operation,
	.of = DETECT_OF_COMMAND,
	.idle = commands_idle,
	.memory = commands_memory,
	.close = free,
};
