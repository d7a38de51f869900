#include "detect/new_clients/new_clients.h"

#include <stdlib.h>

#include "base/str.h"
#include "detect/emit.h"

/* Of a device: since when it is seen, by protocol; 0 not yet. */
struct settling {
	uint64_t	since_ns[OP_PROTO_COUNT];
};

/* Of a client of a device. */
struct coming {
	bool	known;
	bool	late;		/* came when the others were settled */
	bool	news;		/* its last command was reported: so is its outcome */
	uint64_t asked;		/* the operation of that; 0: none is open */
	struct steady_things did;	/* what it asked for */
};

struct new_clients {
	struct detect_env	 env;
	uint64_t		 settle_ns, term_ns;
	uint32_t		 of_device, of_client;	/* slots: struct settling, struct coming */
	char			 text[160];	/* {what} of the finding in hand */
};

static void *
new_clients_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct new_clients *d = calloc(1, sizeof(*d));

	(void)e;
	if (d == NULL)
		return NULL;
	d->env = *env;
	d->settle_ns = s->new_clients_learning_s * SECOND;
	d->term_ns = s->new_clients_forget_s * SECOND;
	if (s->new_clients) {
		d->of_device = assets_slot(env->assets, ASSET_DEVICE, sizeof(struct settling));
		d->of_client = assets_slot(env->assets, ASSET_CLIENT, sizeof(struct coming));
	}
	return d;
}

static size_t
new_clients_memory(const void *arg)
{
	(void)arg;
	return sizeof(struct new_clients);
}

static struct coming *
coming_of(const struct new_clients *d, struct asset_client *c)
{
	return asset_slot(c, d->of_client);
}

/* "10.20.2.10 and 10.20.2.20": who was there from the beginning. */
static const char *
settled(struct new_clients *d, const struct asset_client *late)
{
	struct strbuf to = strbuf_on(d->text, sizeof(d->text));
	struct asset_client *c;
	uint32_t n = 0, printed = 0;

	ASSET_EACH_CLIENT(c, late->server)
		n += c->proto == late->proto && !coming_of(d, c)->late;
	ASSET_EACH_CLIENT(c, late->server) {
		char text[ADDR_TEXT_MAX];

		if (printed == 3 || c->proto != late->proto || coming_of(d, c)->late)
			continue;
		(void)addr_print(&c->client->addr, text);
		strbuf_put(&to, printed == 0 ? "" : printed + 1 == n ? " and " : ", ");
		strbuf_put(&to, text);
		printed++;
	}
	if (n > printed)
		strbuf_printf(&to, " and %u more", n - printed);
	return n > 0 ? d->text : "others";
}

/* An integrity poll, an interrogation: all points of a station at once. */
static bool
wants_everything(const struct operation *op)
{
	for (uint32_t i = 0; op->intent == INTENT_READ && i < op->n_items; i++)
		if (op->items[i].point == POINT_CLASS_0 || op->items[i].point == POINT_ALL)
			return true;
	return false;
}

/* A client was not seen at its device before. */
static void
comes(const struct new_clients *d, struct asset_client *c, struct coming *x, uint64_t now_ns)
{
	struct settling *device = asset_slot(c->server, d->of_device);
	uint64_t *since_ns = &device->since_ns[c->proto];

	if (*since_ns == 0)
		*since_ns = now_ns;
	x->known = true;
	x->late = now_ns - *since_ns >= d->settle_ns;
}

/* Reads are one matter, commands one each. */
static bool
is_news(const struct new_clients *d, struct coming *x, enum alert_type type, const struct operation *op, uint64_t now_ns)
{
	const struct steady_times t = steady_times(&d->env);
	const uint64_t what[2] = { type, type == ALERT_NEW_CLIENT_COMMAND ?
	    (uint64_t)op->function << 32 | op->subfunction : 0 };

	return steady_thing_news(&x->did, hash_bytes(d->env.key, what, sizeof(what)), now_ns, &t);
}

static void
new_clients_operation(void *arg, const struct operation *op)
{
	struct new_clients *d = arg;
	uint64_t now_ns = op->response.seen ? op->response.ts_ns : op->request.ts_ns;
	bool command = (detect_of(op) & DETECT_OF_CHANGE) != 0;
	const struct asset_ends *at;
	struct asset_client *c;
	struct coming *x;
	struct finding f;

	/* Connecting alone asks for nothing; what a device reports by itself neither.  Only a
	 * command is worth a word before its answer. */
	if ((op->phase != OP_FINISHED && !command) || !op->request.seen || op->intent == INTENT_SESSION ||
	    op->intent == INTENT_REPORT || op->outcome == OUTCOME_UNSOLICITED)
		return;
	at = asset_ends(d->env.ends);
	if (at->server == NULL)
		return;
	c = assets_client(d->env.assets, at->server, at->client, op->proto, now_ns);
	x = coming_of(d, c);
	if (!x->known)
		comes(d, c, x, now_ns);
	if (op->response.seen && !c->proven)
		assets_prove_client(d->env.assets, c);
	if (!x->late)
		return;
	if (now_ns - c->first_ns > d->term_ns) {
		x->late = false;
		return;
	}
	f = finding_from_operation(&d->env, command ? ALERT_NEW_CLIENT_COMMAND : wants_everything(op) ?
	    ALERT_NEW_CLIENT_POLL : ALERT_NEW_CLIENT, op, false);
	/* Whoever asks the same again and again is no news; each command is until its outcome is known. */
	if (op->phase == OP_REQUESTED || op->id != x->asked) {
		x->news = is_news(d, x, f.type, op, now_ns);
		x->asked = op->phase == OP_REQUESTED ? op->id : 0;
	}
	if (!x->news)
		return;
	f.stage = command ? stage_of(op) : FINDING_WHOLE;
	f.what = f.expected = settled(d, c);
	f.key = (uint64_t)op->proto;	/* all units behind one address are one matter */
	emit(&d->env, &f);
}

static bool
new_clients_idle(const void *arg)
{
	const struct new_clients *d = arg;

	/* A baseline knows the clients of each device, and better. */
	return !d->env.settings->detect.new_clients || baseline_is_on(&d->env.settings->baseline);
}

const struct detector detector_new_clients = {
	.name = "new-clients",
	.open = new_clients_open,
	.operation = new_clients_operation,
	.requested_of = DETECT_OF_CHANGE,
	.idle = new_clients_idle,
	.memory = new_clients_memory,
	.close = free,
};
