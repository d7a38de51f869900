/* devices.c - operations that look for devices, functions, places or passwords. */
#include "detect/scan/tracks.h"

static const struct addr *
client_of(const struct operation *op)
{
	return &op->flow->addr[flow_client(op->flow)];
}

static const struct addr *
server_of(const struct operation *op)
{
	return &op->flow->addr[flow_server(op->flow)];
}

static uint64_t
time_of(const struct operation *op)
{
	return op->request.seen ? op->request.ts_ns : op->response.ts_ns;
}

/* Asked in vain, or for nothing but who is there. */
static bool
is_probe(const struct scan *d, const struct operation *op)
{
	if (op->broadcast)
		return false;
	if (op->outcome == OUTCOME_UNANSWERED) {
		/* Who once did what it was asked for need not be found: it is slow, or the network loses messages. */
		const struct asset_unit *unit = d->env.ends != NULL ? asset_ends(d->env.ends)->unit : NULL;

		return (unit == NULL || !unit->obeyed) && op->flow->packets[0] > 0 && op->flow->packets[1] > 0;
	}
	if (op->outcome == OUTCOME_EXCEPTION && protocols[op->proto]->unit.gateway)
		return true;
	return op->intent == INTENT_IDENTIFY;
}

static void
probing(struct scan *d, const struct operation *op)
{
	const struct addr *server = server_of(op), *client = client_of(op);
	uint64_t at = op->request.ts_ns, what = track_hash(d, server) ^ device_key(&d->env, op);
	const struct rate_settings *r = &d->s->plc;
	enum alert_type type = ALERT_PLC_SCAN;
	struct finding f;
	uint32_t n;

	if (!op->request.seen)
		return;
	/* Everybody uses one or two TSAPs of a controller. */
	if (op->command == CMD_CONNECT) {
		type = ALERT_TSAP_SCAN;
		r = &d->s->tsaps;
		if (!track_different(d, track_pair(d, TRACK_TSAP, client, server), what, at, r, &n))
			return;
	} else if (!is_probe(d, op) || !track_different(d, track_pair(d, TRACK_PLC, client, NULL), what, at, r, &n))
		return;
	f = finding_from_operation(&d->env, type, op, false);
	f.key = 0;
	f.any_dst = type == ALERT_PLC_SCAN;
	track_emit(d, &f, n, r);
}

/* Different functions that a device does not know, or places that it has not. */
static void
trying(struct scan *d, const struct operation *op, enum alert_type type, uint64_t what)
{
	bool functions = type == ALERT_FUNCTION_SCAN;
	const struct rate_settings *r = functions ? &d->s->functions : &d->s->points;
	struct finding f;
	uint32_t n;

	if (!track_different(d, track_pair(d, functions ? TRACK_FUNCTIONS : TRACK_POINTS, client_of(op), server_of(op)),
	    hash_bytes(device_key(&d->env, op), &what, sizeof(what)), time_of(op), r, &n))
		return;
	f = finding_from_operation(&d->env, type, op, false);
	track_emit(d, &f, n, r);
}

static uint64_t
function_of(const struct operation *op)
{
	return (uint64_t)op->function << 32 | op->subfunction;
}

static uint64_t
place_of(const struct op_item *it)
{
	return (uint64_t)it->space << 56 ^ (uint64_t)it->number << 24 ^ it->first;
}

static void
refusals(struct scan *d, const struct operation *op)
{
	bool each = false;

	if ((op->refused & OP_REFUSED_FUNCTION) != 0) {
		trying(d, op, ALERT_FUNCTION_SCAN, function_of(op));
		return;
	}
	if ((op->refused & OP_REFUSED_ADDRESS) == 0)
		return;
	/* Where items have an answer each, those that were refused; of an object the status is its quality. */
	for (uint32_t i = 0; i < op->n_items; i++)
		if (op->items[i].space != SPACE_OBJECT && op->items[i].status != 0) {
			trying(d, op, ALERT_POINT_SCAN, place_of(&op->items[i]));
			each = true;
		}
	if (!each)
		trying(d, op, ALERT_POINT_SCAN, op->n_items > 0 ? place_of(&op->items[0]) : 0);
}

/* An attempt to log in, to reserve a device, or to open a session that was refused. */
static bool
is_login(const struct operation *op)
{
	return op->command == CMD_LOGIN || op->login_refused != NULL ||
	    (op->command == CMD_SESSION && op->intent == INTENT_SESSION && op->outcome == OUTCOME_EXCEPTION);
}

static void
logging_in(struct scan *d, const struct operation *op)
{
	const struct addr *client = client_of(op), *server = server_of(op);
	uint64_t at = time_of(op);
	uint32_t few, many;
	struct finding f;
	bool guesses, logins;

	if (!is_login(op))
		return;
	guesses = track_often(d, track_pair(d, TRACK_GUESSES, client, server), at, &d->s->guessing, &many);
	logins = track_often(d, track_pair(d, TRACK_LOGINS, client, server), at, &d->s->logins, &few);
	if (!guesses && !logins)
		return;
	f = finding_from_operation(&d->env, guesses ? ALERT_GUESSING : ALERT_LOGINS, op, false);
	track_emit(d, &f, guesses ? many : few, guesses ? &d->s->guessing : &d->s->logins);
}

void
devices_operation(struct scan *d, const struct operation *op)
{
	probing(d, op);
	refusals(d, op);
	logging_in(d, op);
}
