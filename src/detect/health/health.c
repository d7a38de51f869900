/* health.c - what devices say of themselves, whether they answer, and how often
 * somebody stops or restarts them. */
#include "detect/health/health.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "detect/health/evictions.h"
#include "detect/say.h"
#include "detect/slots.h"
#include "record/dnp3.h"

#define USERDATA	0x0700u	/* S7: groups of userdata stand behind the jobs */
#define PASSWORD	(USERDATA + 5)
#define UMAS		90u
#define UMAS_RESERVE	0x10u
#define EVICTIONS_FRAMES 64u	/* tables that overflow are looked at so often */
#define BURST_NS	(5 * SECOND)	/* many attempts within less say nothing of the device */
#define SILENCED	32u	/* outstations whose reports are off at a time */

/* Bits of operation.iin: IIN1 << 8 | IIN2. */
#define IIN_RESTART	0x8000u
#define IIN_TROUBLE	0x4000u
#define IIN_OVERFLOW	0x0008u
#define IIN_CORRUPT	0x0020u

struct device {
	struct slot		head;
	uint32_t		iin;
	bool			iin_known, answered, told;
	bool			good;		/* it once did what it was asked for */
	bool			reporting;	/* it sends on its own, or was told to */
	uint64_t		reports_to;	/* hash of the address that told it */
	uint64_t		heard_ns;	/* its last sign of life */
	uint32_t		silent;		/* requests in a row without an answer */
	uint64_t		silent_ns;	/* the first of them */
	struct rate_count	overflows, restarts, exceptions, stops, restart_commands;
};

/* What a device once said of itself. */
struct identity {
	struct slot		head;
	uint64_t		hash;
	char			text[40];
};

/* Reports were switched off; will they be switched on again? */
struct silenced {
	uint64_t		device;		/* key; 0: free */
	struct finding		finding;
};

struct health {
	struct detect_env		 env;
	const struct detect_settings	*s;
	struct slots			 devices, identities;
	struct silenced			 silenced[SILENCED];
	uint32_t			 n_silenced;
	uint64_t			 frames, frames_ns;	/* when the count of frames last moved */
	uint64_t			 files;	/* captures begun until then */
	bool				 blind;
	struct evictions		 evictions;
	uint64_t		 evictions_at;	/* frames when they were last looked at */
	char				 old[40];
	char			 text[80];	/* {expected} of the finding in hand */
};

static int
take(struct slots *s, const struct detect_env *env, uint64_t n, size_t size)
{
	return slots_open(s, &(struct slots_want){ .n = n, .size = size, .secret = env->key,
	    .counters = env->counters, .evicted = CNT_DETECT_DEVICES });
}

static void *
health_open(const struct detect_env *env, struct err *e)
{
	const struct detect_settings *s = &env->settings->detect;
	struct health *d = calloc(1, sizeof(*d));

	if (d == NULL || take(&d->devices, env, s->devices, sizeof(struct device)) != 0 ||
	    take(&d->identities, env, s->devices / 2 + 1, sizeof(struct identity)) != 0) {
		err_add(e, NULL, 0, 0, "no memory for the detector of health: lower detect.devices");
		if (d != NULL)
			slots_close(&d->devices);
		free(d);
		return NULL;
	}
	d->env = *env;
	d->s = s;
	return d;
}

/* A unit behind an address, or (`host`) the address. */
static uint64_t
key_of(const struct health *d, const struct operation *op, bool host)
{
	const struct addr *a = &op->flow->addr[flow_server(op->flow)];

	return slots_key(d->env.key, host ? 1 : 2 + ((uint64_t)op->proto << 32 | op->unit), a);
}

static void
say_count(struct health *d, enum alert_type type, const struct operation *op, bool from_server,
    uint32_t n, const struct rate_settings *r)
{
	struct finding f = say_operation(&d->env, type, op, from_server);

	say_rate(&f, n, r);
	say(&d->env, &f);
}

static void
say_plain(struct health *d, enum alert_type type, const struct operation *op, bool from_server)
{
	struct finding f = say_operation(&d->env, type, op, from_server);

	say(&d->env, &f);
}

/* ---- DNP3: internal indications ------------------------------------------------ */

static bool
has_indications(const struct operation *op)
{
	const struct dnp3_detail *x = op->detail;

	return x != NULL && op->response.seen && x->response.present && x->response.has_iin;
}

static void
indications(struct health *d, struct device *x, const struct operation *op)
{
	uint32_t risen = (uint32_t)op->status & ~x->iin;
	uint64_t at = op->response.ts_ns;
	uint32_t n;

	/* A state that lasts is worth a word when it is first seen; an event is
	 * one only when the time before it was seen, too. */
	if ((risen & IIN_CORRUPT) != 0)
		say_plain(d, ALERT_CONFIG_CORRUPT, op, true);
	if ((risen & IIN_TROUBLE) != 0)
		say_plain(d, ALERT_DEVICE_TROUBLE, op, true);
	if ((risen & IIN_OVERFLOW) != 0) {
		say_plain(d, ALERT_EVENT_OVERFLOW, op, true);
		n = rate_add(&x->overflows, at, d->s->overflows.within_s);
		if (n >= d->s->overflows.n)
			say_count(d, ALERT_EVENT_OVERFLOWS, op, true, n, &d->s->overflows);
	}
	if (x->iin_known && (risen & IIN_RESTART) != 0) {
		say_plain(d, ALERT_DNP3_RESTARTED, op, true);
		n = rate_add(&x->restarts, at, d->s->restarts.within_s);
		if (n >= d->s->restarts.n)
			say_count(d, ALERT_DNP3_RESTARTS, op, true, n, &d->s->restarts);
	}
	x->iin = (uint32_t)op->status;
	x->iin_known = true;
}

/* ---- DNP3: reports on the device's own account -------------------------------- */

static uint64_t
client_of(const struct health *d, const struct operation *op)
{
	return hash_bytes(d->env.key ^ 0, &op->flow->addr[flow_client(op->flow)], sizeof(struct addr)) | 1;
}

static void
forget_silenced(struct health *d, uint64_t device)
{
	for (unsigned i = 0; i < SILENCED && d->n_silenced > 0; i++)
		if (d->silenced[i].device == device) {
			d->silenced[i].device = 0;
			d->n_silenced--;
		}
}

static void
switched_off(struct health *d, struct device *x, const struct operation *op)
{
	struct finding f = say_operation(&d->env, ALERT_UNSOL_OFF, op, false);

	if (!x->reporting)
		return;
	if (x->reports_to != 0 && x->reports_to != client_of(d, op)) {
		f.stage = say_stage(op);
		f.expected = "and another master had switched them on";
		say(&d->env, &f);
		return;
	}
	if (op->phase != OP_FINISHED || op->outcome == OUTCOME_EXCEPTION)
		return;
	for (unsigned i = 0; i < SILENCED; i++) {
		if (d->silenced[i].device != 0)
			continue;
		d->silenced[i].device = x->head.key;
		d->n_silenced++;
		d->silenced[i].finding = f;
		say_number(&d->silenced[i].finding, "outstation", op->unit);
		d->silenced[i].finding.op = NULL;
		d->silenced[i].finding.flow = NULL;
		return;
	}
}

static void
reports(struct health *d, struct device *x, const struct operation *op)
{
	if (op->function == 21)
		switched_off(d, x, op);
	else if (op->phase != OP_FINISHED)
		return;
	else if (op->outcome == OUTCOME_UNSOLICITED)
		x->reporting = true;
	else if (op->function == 20 && op->outcome != OUTCOME_EXCEPTION) {
		x->reporting = true;
		x->reports_to = client_of(d, op);
		forget_silenced(d, x->head.key);
	}
}

static void
check_silenced(struct health *d, uint64_t now_ns)
{
	for (unsigned i = 0; i < SILENCED && d->n_silenced > 0; i++) {
		struct silenced *s = &d->silenced[i];
		struct device *x;
		struct strbuf to;

		if (s->device == 0 || now_ns < s->finding.ts_ns + d->s->unsolicited_off_s * SECOND)
			continue;
		x = slots_find(&d->devices, s->device);
		if (x != NULL)
			x->reporting = false;
		s->device = 0;
		d->n_silenced--;
		to = strbuf_on(d->text, sizeof(d->text));
		strbuf_printf(&to, "and did not switch them on again within %" PRIu64 " seconds",
		    d->s->unsolicited_off_s);
		s->finding.expected = d->text;
		say_number(&s->finding, "window_s", d->s->unsolicited_off_s);
		say(&d->env, &s->finding);
	}
}

/* ---- does it answer? ------------------------------------------------------------ */

static void
heard(struct device *x, uint64_t ts_ns)
{
	x->silent = 0;
	if (ts_ns > x->heard_ns)
		x->heard_ns = ts_ns;
}

static void
answered(struct device *x, uint64_t ts_ns)
{
	x->answered = true;
	x->told = false;
	heard(x, ts_ns);
}

/* That a request had no answer is known late, often when its session ends: it says
 * nothing of a device that gave a sign of life since. */
static uint32_t
unanswered(struct device *x, uint64_t ts_ns, const struct rate_settings *r)
{
	if (ts_ns <= x->heard_ns)
		return 0;
	if (x->silent == 0 || ts_ns - x->silent_ns > r->within_s * SECOND) {
		x->silent = 0;
		x->silent_ns = ts_ns;
	}
	return ++x->silent;
}

/* A device that takes every connection and request and answers none: judged unit by unit,
 * so that a new connection does not make it begin anew. */
static void
silent(struct health *d, const struct operation *op, struct device *unit)
{
	enum alert_type type = op->proto == OP_MODBUS ? ALERT_MB_SILENT : ALERT_DEVICE_SILENT;
	/* Units of Modbus hide behind gateways that speak for others.  Elsewhere whoever still
	 * sends is not silent, even if nothing of it is an answer: somebody may have changed
	 * it on its way.  Where packets are missing, the answer may be among them. */
	if (op->proto != OP_MODBUS) {
		const struct flow *f = op->flow;
		unsigned server = flow_server(f);

		if (f->spoke_ns[server] > op->request.ts_ns) {
			unit->silent = 0;
			return;
		}
		if (f->gaps[0] + f->gaps[1] > 0 || f->heard_ns[server] <= op->request.ts_ns)
			return;
	}
	if (unanswered(unit, op->request.ts_ns, &d->s->unanswered) < d->s->unanswered.n || unit->told)
		return;
	unit->told = true;
	say_count(d, type, op, false, unit->silent, &d->s->unanswered);
}

static void
answers(struct health *d, const struct operation *op, struct device *unit)
{
	struct device *host = slots_get(&d->devices, key_of(d, op, true), op->request.ts_ns);
	uint64_t sent_ns = op->flow->heard_ns[flow_server(op->flow)];

	if (op->response.seen) {
		unit->head.proven = host->head.proven = true;
		/* That a session is taken is no answer: a program that hangs above its network does so
		 * at each reconnect. */
		if (op->intent != INTENT_SESSION || op->proto == OP_MODBUS)
			answered(unit, op->request.ts_ns);	/* a unit is judged request by request */
		answered(host, op->response.ts_ns);
		return;
	}
	/* Whoever still sends is there, even if nothing that it sends is an answer: somebody
	 * may have changed it on its way. */
	if (sent_ns > op->request.ts_ns)
		heard(host, sent_ns);
	if (op->outcome != OUTCOME_UNANSWERED || op->broadcast || op->flow->packets[0] == 0 ||
	    op->flow->packets[1] == 0 || cut_short(&d->env, op))
		return;
	silent(d, op, unit);
	if (unanswered(host, op->request.ts_ns, &d->s->disconnected) >= d->s->disconnected.n &&
	    host->answered && !host->told && op->request.ts_ns - host->silent_ns >= BURST_NS) {
		host->told = true;
		say_count(d, ALERT_DISCONNECTED, op, false, host->silent, &d->s->disconnected);
	}
}

/* Attempts to connect count, too. */
static void
health_packet(void *arg, const struct packet *p, struct flow *flow, enum flow_dir dir)
{
	struct health *d = arg;
	struct device *host;
	struct finding f;

	if (p->proto != IP_TCP || p->ip_v == 0 || (p->tcp_flags & (TCP_SYN | TCP_RST)) == 0)
		return;
	if (p->tcp_flags != TCP_SYN) {
		/* Taken or refused: it is there.  A session can be cut by others. */
		if ((p->tcp_flags & TCP_RST) != 0 && flow != NULL && flow->heard_ns[dir] != 0)
			return;
		host = slots_find(&d->devices, slots_key(d->env.key, 1, &p->src));
		if (host != NULL)
			heard(host, p->ts_ns);
		return;
	}
	host = slots_find(&d->devices, slots_key(d->env.key, 1, &p->dst));
	if (host == NULL || !host->answered ||
	    unanswered(host, p->ts_ns, &d->s->disconnected) < d->s->disconnected.n || host->told ||
	    p->ts_ns - host->silent_ns < BURST_NS)
		return;
	host->told = true;
	f = say_packet(ALERT_DISCONNECTED, p, flow, dir);
	say_rate(&f, host->silent, &d->s->disconnected);
	say(&d->env, &f);
}

/* ---- commands by number, refusals, logins ---------------------------------------- */

static bool
is_stop(const struct operation *op)
{
	return (op->proto == OP_S7 && op->function == 0x29) ||
	    (op->proto == OP_DNP3 && op->function == 18) ||
	    (op->proto == OP_MODBUS && op->function == UMAS && op->subfunction == 0x41);
}

static bool
is_restart(const struct operation *op)
{
	return op->proto == OP_DNP3 && (op->function == 13 || op->function == 14);
}

/* Exception 4 of a device that works; of one that never did, it says only that
 * nobody is there. */
static void
failures(struct health *d, struct device *x, const struct operation *op)
{
	if (op->outcome == OUTCOME_ANSWERED)
		x->good = true;
	else if (op->proto == OP_MODBUS && op->outcome == OUTCOME_EXCEPTION && op->exception == 4 && x->good)
		say_plain(d, ALERT_DEVICE_FAILURE, op, true);
}

static void
counts(struct health *d, struct device *x, const struct operation *op)
{
	const struct detect_settings *s = d->s;
	uint64_t at = op->request.seen ? op->request.ts_ns : op->response.ts_ns;
	uint32_t n;

	/* Each once: when it is asked for, or when its answer is all there is of it. */
	if ((op->phase == OP_REQUESTED || !op->request.seen) && is_stop(op) && (n = rate_add(&x->stops, at, s->stops.within_s)) >= s->stops.n)
		say_count(d, ALERT_STOPS_MANY, op, false, n, &s->stops);
	if ((op->phase == OP_REQUESTED || !op->request.seen) && is_restart(op) &&
	    (n = rate_add(&x->restart_commands, at, s->restart_commands.within_s)) >= s->restart_commands.n)
		say_count(d, ALERT_RESTARTS_MANY, op, false, n, &s->restart_commands);
	if (op->phase == OP_FINISHED && op->outcome == OUTCOME_EXCEPTION &&
	    (n = rate_add(&x->exceptions, at, s->exceptions.within_s)) >= s->exceptions.n)
		say_count(d, ALERT_EXCEPTIONS_MANY, op, true, n, &s->exceptions);
}

static bool
dnp3_auth_error(const struct dnp3_message *m)
{
	for (uint32_t i = 0; m->present && i < m->n_objects; i++)
		if (m->objects[i].group == 120 && m->objects[i].variation == 7)
			return true;
	return false;
}

static void
logins(struct health *d, const struct operation *op)
{
	const struct dnp3_detail *x = op->detail;
	const char *what = NULL;
	struct finding f;

	if (op->proto == OP_S7 && op->function == PASSWORD && op->outcome == OUTCOME_EXCEPTION)
		what = "the password was refused";
	else if (op->proto == OP_S7PLUS && op->intent == INTENT_AUTH && op->outcome == OUTCOME_EXCEPTION)
		what = "the login was refused";
	else if (op->proto == OP_MODBUS && op->function == UMAS && op->subfunction == UMAS_RESERVE &&
	    op->outcome == OUTCOME_EXCEPTION)
		what = "the reservation was refused";
	else if (op->proto == OP_DNP3 && x != NULL &&
	    (dnp3_auth_error(&x->request) || dnp3_auth_error(&x->response)))
		what = "secure authentication reported an error (g120v7)";
	if (what == NULL)
		return;
	f = say_operation(&d->env, ALERT_AUTH_ERROR, op, false);
	f.what = what;
	say(&d->env, &f);
}

/* ---- identity ---------------------------------------------------------------------- */

static void
one_fact(struct health *d, const struct operation *op, uint8_t key, const char *what)
{
	/* The same question must be compared with the same question. */
	const uint64_t question[6] = { device_key(&d->env, op), op->function, op->subfunction,
	    op->n_items > 0 ? op->items[0].number : 0, op->n_items > 0 ? op->items[0].first : 0, key };
	uint64_t slot = hash_bytes(key_of(d, op, false), question, sizeof(question)) | 1, hash = 0;
	const struct op_fact *first = NULL;
	struct identity *i;
	struct strbuf text;
	struct finding f;

	for (uint32_t k = 0; k < op->n_facts; k++)
		if (op->facts[k].key == key) {
			first = first == NULL ? &op->facts[k] : first;
			hash = hash_bytes(hash, op->facts[k].bytes, op->facts[k].len) | 1;
		}
	if (first == NULL)
		return;
	i = slots_get(&d->identities, slot, op->response.ts_ns);
	i->head.proven = true;
	if (i->hash != 0 && i->hash != hash) {
		memcpy(d->old, i->text, sizeof(i->text));
		f = say_operation(&d->env, ALERT_FIRMWARE_CHANGED, op, true);
		f.what = what;
		f.expected = d->old;
		f.key ^= key;
		say(&d->env, &f);
	}
	i->hash = hash;
	text = strbuf_on(i->text, sizeof(i->text));
	for (uint16_t k = 0; k < first->len; k++)
		strbuf_printf(&text, "%c", first->bytes[k] >= 0x20 && first->bytes[k] < 0x7f ?
		    first->bytes[k] : '.');
}

/* ---- in --------------------------------------------------------------------------- */

/* What need not wait for an answer. */
static void
requested(struct health *d, const struct operation *op)
{
	struct device *x;

	if (!is_stop(op) && !is_restart(op) && !(op->proto == OP_DNP3 && op->function == 21))
		return;
	x = slots_get(&d->devices, key_of(d, op, false), op->request.ts_ns);
	counts(d, x, op);
	if (op->proto == OP_DNP3)
		reports(d, x, op);
}

static void
health_operation(void *arg, const struct operation *op)
{
	struct health *d = arg;
	struct device *x;

	if (op->flow == NULL)
		return;
	if (op->phase != OP_FINISHED) {
		requested(d, op);
		return;
	}
	x = slots_get(&d->devices, key_of(d, op, false),
	    op->response.seen ? op->response.ts_ns : op->request.ts_ns);
	answers(d, op, x);
	failures(d, x, op);
	counts(d, x, op);
	logins(d, op);
	if (op->proto == OP_DNP3) {
		if (has_indications(op))
			indications(d, x, op);
		reports(d, x, op);
	}
	if (op->n_facts > 0) {
		one_fact(d, op, FACT_FIRMWARE, "firmware version");
		one_fact(d, op, FACT_REVISION, "revision");
		one_fact(d, op, FACT_HARDWARE, "hardware version");
	}
}

static __attribute__((noinline)) void
no_traffic(struct health *d, uint64_t now_ns)
{
	struct finding f = { .type = ALERT_NO_TRAFFIC, .ts_ns = now_ns };

	say_number(&f, "window_s", (now_ns - d->frames_ns) / SECOND);
	say_number(&f, "limit_s", d->s->quiet_s);
	say(&d->env, &f);
	d->blind = true;
}

static void
health_tick(void *arg, uint64_t now_ns)
{
	struct health *d = arg;
	uint64_t frames = d->env.counters->v[CNT_DEC_PACKETS];
	uint64_t files = d->env.counters->v[CNT_CAP_FURTHER];

	/* So many can be evicted only by so many frames. */
	if (frames - d->evictions_at >= EVICTIONS_FRAMES || frames < d->evictions_at) {
		d->evictions_at = frames;
		evictions_tick(&d->evictions, &d->env, now_ns);
	}
	if (d->n_silenced > 0)
		check_silenced(d, now_ns);
	if (files != d->files) {	/* between two captures nobody listened */
		d->files = files;
		d->frames_ns = 0;
	}
	if (d->frames_ns != 0 && now_ns > d->frames_ns &&
	    now_ns - d->frames_ns >= d->s->quiet_s * SECOND && !d->blind)
		no_traffic(d, now_ns);
	if (frames != d->frames || d->frames_ns == 0 || now_ns < d->frames_ns) {
		d->frames = frames;
		d->frames_ns = now_ns;
		d->blind = false;
	}
}

/* What was counted since the last tick. */
static void
health_finish(void *arg, uint64_t now_ns)
{
	struct health *d = arg;

	d->evictions_at = UINT64_MAX;
	health_tick(arg, now_ns);
}

static bool
health_idle(const void *arg)
{
	const struct health *d = arg;

	return !d->s->health;
}

static size_t
health_memory(const void *arg)
{
	const struct health *d = arg;

	return sizeof(*d) + slots_memory(&d->devices) + slots_memory(&d->identities);
}

static void
health_close(void *arg)
{
	struct health *d = arg;

	if (d != NULL) {
		slots_close(&d->devices);
		slots_close(&d->identities);
	}
	free(d);
}

const struct detector detector_health = {
	.name = "health",
	.open = health_open,
	.packet = health_packet,
	.operation = health_operation,
	.tick = health_tick,
	.finish = health_finish,
	.idle = health_idle,
	.memory = health_memory,
	.close = health_close,
};
