/* commands.c - what is done to controllers, whoever does it: stop, start,
 * restart, program, configuration, firmware, files.
 *
 * A command is reported when its request was seen, because a controller that was told
 * to stop is worth a word before it is known whether it obeyed (of one that never
 * answers that would be seconds later), and again when it is over.  Which command is
 * what stands in one table.
 */
#include "detect/commands/commands.h"

#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/say.h"
#include "record/s7.h"

#define ANY		UINT32_MAX
#define USERDATA	0x0700u	/* S7: groups of userdata stand behind the jobs */
#define UMAS		90u

struct commands {
	struct detect_env	env;
	uint64_t		known[OP_PROTO_COUNT];	/* functions that a row may be about, by their
							 * last six bits: others need no search */
	char			text[64];	/* {what} of the finding in hand */
};

/* One command.  The first row that fits counts. */
static const struct command {
	enum op_proto	 proto;
	uint32_t	 function, subfunction;
	enum alert_type	 type;
} rows[] = {
	{ OP_MODBUS, 8, 1, ALERT_CTRL_RESTART },	/* Restart Communications Option */
	{ OP_MODBUS, 8, 4, ALERT_LISTEN_ONLY },		/* Force Listen Only Mode */
	{ OP_MODBUS, 125, ANY, ALERT_FIRMWARE },	/* Firmware Replacement, PI-MBUS-300 */
	{ OP_MODBUS, UMAS, 0x40, ALERT_CTRL_START },
	{ OP_MODBUS, UMAS, 0x41, ALERT_CTRL_STOP },

	{ OP_DNP3, 13, ANY, ALERT_CTRL_RESTART },	/* Cold Restart */
	{ OP_DNP3, 14, ANY, ALERT_CTRL_RESTART },	/* Warm Restart */
	{ OP_DNP3, 15, ANY, ALERT_DNP3_INIT_DATA },
	{ OP_DNP3, 16, ANY, ALERT_CTRL_RESTART },	/* Initialize Application */
	{ OP_DNP3, 17, ANY, ALERT_CTRL_START },
	{ OP_DNP3, 18, ANY, ALERT_CTRL_STOP },
	{ OP_DNP3, 19, ANY, ALERT_DNP3_SAVE_CONFIG },
	{ OP_DNP3, 27, ANY, ALERT_PROGRAM_DELETED },	/* Delete File */
	{ OP_DNP3, 31, ANY, ALERT_CONFIG_CHANGED },	/* Activate Configuration */

	{ OP_S7, 0x29, ANY, ALERT_S7_STOP },
	{ OP_S7, 0x1a, ANY, ALERT_PROGRAM_DOWNLOAD },	/* Request download */
	{ OP_S7, 0x1d, ANY, ALERT_PROGRAM_UPLOAD },	/* Start upload */
	{ OP_S7, USERDATA + 0, 0, ALERT_MODE_CHANGED },	/* STOP */
	{ OP_S7, USERDATA + 0, 1, ALERT_MODE_CHANGED },	/* warm restart */
	{ OP_S7, USERDATA + 0, 2, ALERT_MODE_CHANGED },	/* RUN */
	{ OP_S7, USERDATA + 0, 3, ALERT_MODE_CHANGED },	/* hot restart */
	{ OP_S7, USERDATA + 0, 4, ALERT_MODE_CHANGED },	/* HOLD */
	{ OP_S7, USERDATA + 0, 6, ALERT_MODE_CHANGED },	/* cold restart */
	{ OP_S7, USERDATA + 1, 8, ALERT_MODIFIED },
	{ OP_S7, USERDATA + 1, 9, ALERT_FORCED },
	{ OP_S7, USERDATA + 1, 12, ALERT_PROGRAM_DELETED },	/* memory reset */
	{ OP_S7, USERDATA + 4, 7, ALERT_ALARM_OFF },	/* ALARM_8 lock */
	{ OP_S7, USERDATA + 15, 1, ALERT_PROGRAM_DOWNLOAD },	/* NC programming */
	{ OP_S7, USERDATA + 15, 6, ALERT_PROGRAM_UPLOAD },

	{ OP_S7PLUS, 0x0556, ANY, ALERT_PROGRAM_DOWNLOAD },	/* Begin Sequence */
	{ OP_S7PLUS, 0x057c, ANY, ALERT_PROGRAM_DOWNLOAD },	/* Set Variable Substreamed */
};

/* Program invocations of S7 by the name on the wire. */
static const struct service {
	const char	*name;
	enum alert_type	 type;
	const char	*what;	/* NULL: the dissector's words */
} services[] = {
	{ "P_PROGRAM", ALERT_CTRL_START, NULL },
	{ "_INSE", ALERT_PROGRAM_ACTIVATED, "activate downloaded blocks" },
	{ "_INS2", ALERT_PROGRAM_ACTIVATED, "activate downloaded blocks" },
	{ "_MODU", ALERT_PROGRAM_ACTIVATED, "copy the working memory to the load memory" },
	{ "_GARB", ALERT_PROGRAM_ACTIVATED, "compress its memory" },
	{ "_DELE", ALERT_PROGRAM_DELETED, "program blocks" },
	{ "_N_F_DELE", ALERT_PROGRAM_DELETED, "a file" },
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
	for (unsigned i = 0; i < COUNTOF(rows); i++)
		d->known[rows[i].proto] |= UINT64_C(1) << (rows[i].function & 63);
	return d;
}

static const struct op_param *
param(const struct operation *op, const char *name)
{
	for (uint32_t i = 0; i < op->n_params; i++)
		if (!op->params[i].in_response && strcmp(op->params[i].name, name) == 0)
			return &op->params[i];
	return NULL;
}

/* "block FC 7", of a download or an upload. */
static const char *
block_words(struct commands *d, const struct operation *op)
{
	const struct s7_detail *s = op->detail;
	const struct s7_block *b = s != NULL ? s->request.block : NULL;
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));
	uint32_t n = 0;

	if (op->proto != OP_S7 || b == NULL || b->type == NULL)
		return NULL;
	for (uint32_t i = 0; i < b->number.len && i < 5; i++)
		if (b->number.p[i] >= '0' && b->number.p[i] <= '9')
			n = n * 10 + (b->number.p[i] - '0');
	strbuf_printf(&to, "block %s%u", b->type, n);
	return d->text;
}

/* The name of the file, of the DNP3 file functions (g70). */
static const char *
file_words(struct commands *d, const struct operation *op)
{
	const struct op_param *p = param(op, "filename");
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));

	if (p == NULL)
		p = param(op, "file_specification");
	if (p == NULL || p->value.kind != VALUE_BYTES || p->value.len == 0)
		return NULL;
	strbuf_put(&to, "file ");
	for (uint32_t i = 0; i < p->value.len && i < 48; i++)
		strbuf_printf(&to, "%c", p->value.bytes[i] >= 0x20 && p->value.bytes[i] < 0x7f ?
		    p->value.bytes[i] : '?');
	return d->text;
}

/* Open File: 1 reads, 2 writes, 3 appends. */
static enum alert_type
file_mode(const struct operation *op)
{
	const struct op_param *p = param(op, "operational_mode");

	return p != NULL && (p->value.u == 2 || p->value.u == 3) ? ALERT_FILE_WRITE : ALERT_FILE_READ;
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

/* What S7 does by name.  ALERT_TYPE_COUNT: nothing of ours. */
static enum alert_type
service_type(const struct operation *op, const char **what)
{
	const struct s7_detail *s = op->detail;
	const struct s7_bytes *name = s != NULL ? &s->request.service : NULL;

	for (unsigned i = 0; name != NULL && i < COUNTOF(services); i++) {
		if (strlen(services[i].name) != name->len ||
		    memcmp(services[i].name, name->p, name->len) != 0)
			continue;
		*what = services[i].what;
		return services[i].type;
	}
	return ALERT_TYPE_COUNT;
}

/* What only the kind of command tells: a table of vendors has many rows. */
static enum alert_type
by_intent(const struct operation *op)
{
	switch (op->intent) {
	case INTENT_PROGRAM_WRITE:
		return op->proto == OP_MODBUS ? ALERT_PROGRAM_DOWNLOAD : ALERT_TYPE_COUNT;
	case INTENT_PROGRAM_READ:
		/* The data dictionary is read by every operator station. */
		return op->proto == OP_MODBUS && op->subfunction != 0x26 && op->subfunction != 0x28 ?
		    ALERT_PROGRAM_UPLOAD : ALERT_TYPE_COUNT;
	case INTENT_MODE:
		return op->proto == OP_S7PLUS ? ALERT_CTRL_STOP : ALERT_TYPE_COUNT;
	default:
		return ALERT_TYPE_COUNT;
	}
}

static enum alert_type
type_of(const struct commands *d, const struct operation *op, const char **what)
{
	if (op->proto == OP_S7 && op->function == 0x28)
		return service_type(op, what);
	if (op->proto == OP_DNP3 && op->function == 25)
		return file_mode(op);
	if ((d->known[op->proto] >> (op->function & 63) & 1) == 0)
		return by_intent(op);
	for (unsigned i = 0; i < COUNTOF(rows); i++)
		if (rows[i].proto == op->proto && rows[i].function == op->function &&
		    (rows[i].subfunction == ANY || rows[i].subfunction == op->subfunction))
			return rows[i].type;
	return by_intent(op);
}

/* Where several blocks or pieces are one deed, the device is the object; where it
 * matters which file, the file is. */
static void
complete(struct commands *d, struct finding *f, const struct operation *op)
{
	switch (f->type) {
	case ALERT_PROGRAM_DOWNLOAD:
	case ALERT_PROGRAM_UPLOAD:
		f->what = block_words(d, op);
		/* System data blocks are the hardware configuration. */
		if (f->type == ALERT_PROGRAM_DOWNLOAD && f->what != NULL &&
		    strncmp(f->what, "block SDB", 9) == 0)
			f->type = ALERT_CONFIG_CHANGED;
		break;
	case ALERT_FILE_READ:
	case ALERT_FILE_WRITE:
	case ALERT_PROGRAM_DELETED:
		if (f->what == NULL)
			f->what = op->proto == OP_DNP3 ? file_words(d, op) : "the program and its memory";
		if (f->what != NULL)
			f->key ^= hash_bytes(d->env.key ^ 1, f->what, strlen(f->what));
		if (f->type == ALERT_FILE_WRITE && firmware_name(f->what))
			f->type = ALERT_FIRMWARE;
		break;
	case ALERT_CTRL_START:
		if (op->proto == OP_S7)
			f->what = op->subname;
		break;
	case ALERT_MODE_CHANGED:
		f->what = op->subname;
		f->key ^= op->subfunction + 1;
		break;
	default:
		break;
	}
}

/* S7comm-plus writes the state that it wants. */
static void
requested_state(struct finding *f, const struct operation *op)
{
	const struct op_param *p = param(op, "requested_state");

	if (p != NULL && p->value.u != 1)
		f->type = ALERT_CTRL_START;
	else if (p != NULL)
		f->type = ALERT_S7_STOP;
}

static void
commands_operation(void *arg, const struct operation *op)
{
	struct commands *d = arg;
	const char *what = NULL;
	enum alert_type type;
	struct finding f;

	if (op->intent == INTENT_READ || op->flow == NULL)
		return;
	type = type_of(d, op, &what);
	if (type == ALERT_TYPE_COUNT)
		return;
	f = say_operation(&d->env, type, op, type == ALERT_MODE_CHANGED);
	f.stage = say_stage(op);
	f.what = what;
	if (op->proto == OP_S7PLUS && type == ALERT_CTRL_STOP)
		requested_state(&f, op);
	complete(d, &f, op);
	say(&d->env, &f);
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
	.idle = commands_idle,
	.memory = commands_memory,
	.close = free,
};
