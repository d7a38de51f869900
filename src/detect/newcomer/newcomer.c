#include "detect/newcomer/newcomer.h"

#include <stdlib.h>

#include "base/str.h"
#include "detect/say.h"
#include "detect/slots.h"

#define WAYS	4u	/* devices that share a row of the table */
#define CLIENTS	6u	/* remembered for each device */

struct client {
	struct addr	 addr;
	uint64_t	 first_ns, last_ns;	/* last 0: free */
	bool		 late;			/* came when the others were settled */
	bool		 proven;		/* it was answered: nobody made it up */
};

struct device {
	struct addr	 addr;
	uint64_t	 first_ns, last_ns;	/* last 0: free */
	uint8_t		 proto;			/* enum op_proto */
	bool		 proven;		/* it answered */
	struct client	 clients[CLIENTS];
};

struct newcomer {
	struct detect_env	 env;
	uint64_t		 settle_ns, term_ns;
	uint32_t		 n_rows;
	struct device		*devices;	/* n_rows * WAYS */
	char			 text[160];	/* {what} of the finding in hand */
};

static void *
newcomer_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct newcomer *d = calloc(1, sizeof(*d));

	if (d == NULL)
		goto no_memory;
	d->env = *env;
	d->settle_ns = s->newcomer_settle_s * SECOND;
	d->term_ns = s->newcomer_term_s * SECOND;
	d->n_rows = (uint32_t)(s->devices + WAYS - 1) / WAYS;
	d->devices = calloc((size_t)d->n_rows * WAYS, sizeof(*d->devices));
	if (d->devices != NULL)
		return d;
no_memory:
	err_add(e, NULL, 0, 0, "no memory for the detector of new clients: lower "
	    "detect.devices in the configuration");
	free(d);
	return NULL;
}

static void
newcomer_close(void *arg)
{
	struct newcomer *d = arg;

	if (d != NULL)
		free(d->devices);
	free(d);
}

static size_t
newcomer_memory(const void *arg)
{
	const struct newcomer *d = arg;

	return sizeof(*d) + (size_t)d->n_rows * WAYS * sizeof(*d->devices);
}

/* Would the first be missed less?  Addresses can be made up by the thousand, answers
 * cannot. */
static bool
cheaper(uint64_t last_ns, bool proven, uint64_t than_ns, bool than_proven)
{
	if (last_ns == 0 || than_ns == 0)
		return last_ns == 0 && than_ns != 0;
	return proven != than_proven ? !proven : last_ns < than_ns;
}

/* The device's entry; for a new one that is evicted which was quiet longest in its row,
 * of those that never answered before others. */
static struct device *
device_of(struct newcomer *d, const struct addr *a, uint8_t proto, uint64_t now_ns)
{
	uint64_t at = (slots_key(d->env.key, proto, a) >> 32) * d->n_rows >> 32;
	struct device *row = &d->devices[at * WAYS], *oldest = row;

	for (uint32_t i = 0; i < WAYS; i++) {
		if (row[i].last_ns != 0 && row[i].proto == proto && addr_same(&row[i].addr, a))
			return &row[i];
		if (cheaper(row[i].last_ns, row[i].proven, oldest->last_ns, oldest->proven))
			oldest = &row[i];
	}
	if (oldest->last_ns != 0)
		count(d->env.counters, CNT_DETECT_DEVICES);
	*oldest = (struct device){ .addr = *a, .first_ns = now_ns, .proto = proto };
	return oldest;
}

/* The same for a client of the device. */
static struct client *
client_of(const struct newcomer *d, struct device *dev, const struct addr *a, uint64_t now_ns)
{
	struct client *oldest = dev->clients;

	for (uint32_t i = 0; i < CLIENTS; i++) {
		struct client *c = &dev->clients[i];

		if (c->last_ns != 0 && addr_same(&c->addr, a))
			return c;
		if (cheaper(c->last_ns, c->proven, oldest->last_ns, oldest->proven))
			oldest = c;
	}
	if (oldest->last_ns != 0)
		count(d->env.counters, CNT_DETECT_CLIENTS);
	*oldest = (struct client){ .addr = *a, .first_ns = now_ns,
	    .late = now_ns - dev->first_ns >= d->settle_ns };
	return oldest;
}

/* "10.20.2.10 and 10.20.2.20": who was there from the beginning. */
static const char *
settled(struct newcomer *d, const struct device *dev)
{
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));
	uint32_t n = 0, said = 0;

	for (uint32_t i = 0; i < CLIENTS; i++)
		n += dev->clients[i].last_ns != 0 && !dev->clients[i].late;
	for (uint32_t i = 0; i < CLIENTS && said < 3; i++) {
		char text[ADDR_TEXT_MAX];

		if (dev->clients[i].last_ns == 0 || dev->clients[i].late)
			continue;
		(void)addr_print(&dev->clients[i].addr, text);
		strbuf_put(&to, said == 0 ? "" : said + 1 == n ? " and " : ", ");
		strbuf_put(&to, text);
		said++;
	}
	if (n > said)
		strbuf_printf(&to, " and %u more", n - said);
	return n > 0 ? d->text : "others";
}

static bool
commands(const struct operation *op)
{
	switch (op->intent) {
	case INTENT_WRITE:
	case INTENT_OPERATE:
	case INTENT_MODE:
	case INTENT_PROGRAM_WRITE:
	case INTENT_CONFIG:
	case INTENT_ALARM:
		return true;
	default:
		return false;
	}
}

/* An integrity poll tells every point of an outstation at once (g60v1: class 0). */
static bool
wants_everything(const struct operation *op)
{
	for (uint32_t i = 0; op->proto == OP_DNP3 && op->intent == INTENT_READ && i < op->n_items; i++)
		if (op->items[i].space == SPACE_OBJECT && op->items[i].number == (60u << 8 | 1))
			return true;
	return false;
}

static void
newcomer_operation(void *arg, const struct operation *op)
{
	struct newcomer *d = arg;
	const struct flow *f = op->flow;
	uint64_t now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	struct device *dev;
	struct client *c;
	struct finding say_it;
	bool command = commands(op);

	/* Connecting alone asks for nothing; what a device reports by itself neither.  Only a
	 * command is worth a word before its answer. */
	if (f == NULL || (op->phase != OP_FINISHED && !command) || !op->request.seen || op->intent == INTENT_SESSION ||
	    op->intent == INTENT_REPORT || op->outcome == OUTCOME_UNSOLICITED)
		return;
	dev = device_of(d, &f->addr[flow_server(f)], (uint8_t)op->proto, now_ns);
	c = client_of(d, dev, &f->addr[flow_client(f)], now_ns);
	dev->last_ns = now_ns;
	c->last_ns = now_ns;
	dev->proven |= op->response.seen;
	c->proven |= op->response.seen;
	if (!c->late)
		return;
	if (now_ns - c->first_ns > d->term_ns) {
		c->late = false;
		return;
	}
	say_it = say_operation(&d->env, command ? ALERT_NEWCOMER_COMMAND : wants_everything(op) ?
	    ALERT_NEWCOMER_POLL : ALERT_NEWCOMER, op, false);
	say_it.stage = command ? say_stage(op) : FINDING_WHOLE;
	say_it.what = say_it.expected = settled(d, dev);
	say_it.key = (uint64_t)op->proto;	/* all units behind one address are one matter */
	say(&d->env, &say_it);
}

static bool
newcomer_idle(const void *arg)
{
	const struct newcomer *d = arg;

	return !d->env.settings->detect.newcomer;
}

const struct detector detector_newcomer = {
	.name = "newcomer",
	.open = newcomer_open,
	.operation = newcomer_operation,
	.idle = newcomer_idle,
	.memory = newcomer_memory,
	.close = newcomer_close,
};
