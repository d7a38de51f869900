/* identity.c - a device whose firmware, revision or hardware is another one than before. */
#include "detect/health/health.h"

#include <stdlib.h>

#include "base/str.h"
#include "detect/emit.h"

/* What a device answered to one question. */
struct answer {
	struct slot	head;
	uint64_t	hash;		/* 0: nothing yet */
	char		text[40];	/* the first of it, to be read */
};

struct identity {
	struct health		h;
	struct slots		answers;	/* by device and question */
	char			before[40];	/* {expected} of the finding in hand */
};

static void *
identity_open(const struct detect_env *env, struct err *e)
{
	struct identity *d = health_open(env, sizeof(*d), 0);

	if (d == NULL || (!d->h.off && slots_open(&d->answers, &(struct slots_want){
	    .n = env->settings->detect.devices / 2 + 1, .size = sizeof(struct answer), .secret = env->key,
	    .counters = env->counters, .evicted = CNT_DETECT_DEVICES }) != 0)) {
		err_add(e, NULL, 0, 0, "no memory for what devices say of themselves: lower detect.devices");
		free(d);
		return NULL;
	}
	return d;
}

/* The same question must be compared with the same question. */
static uint64_t
key_of(const struct identity *d, const struct operation *op, uint8_t key)
{
	const struct op_ends ends = op_ends_of(op);
	const uint64_t question[] = { device_key(&d->h.env, op), op->function, op->subfunction,
	    op->n_items > 0 ? op->items[0].number : 0, op->n_items > 0 ? op->items[0].first : 0, key };

	return hash_bytes(slots_key(d->h.env.key, 0, &ends.addr[OP_SERVER]), question, sizeof(question)) | 1;
}

static void
changed(struct identity *d, const struct operation *op, uint8_t key, const char *what, const struct answer *a)
{
	struct finding f = finding_from_operation(&d->h.env, ALERT_FIRMWARE_CHANGED, op, true);

	memcpy(d->before, a->text, sizeof(a->text));
	f.what = what;
	f.expected = d->before;
	f.key ^= key;
	emit(&d->h.env, &f);
}

static void
compare(struct identity *d, const struct operation *op, uint8_t key, const char *what)
{
	const struct op_fact *first = NULL;
	uint64_t hash = 0;
	struct strbuf text;
	struct answer *a;

	for (uint32_t k = 0; k < op->n_facts; k++)
		if (op->facts[k].key == key) {
			first = first == NULL ? &op->facts[k] : first;
			hash = hash_bytes(hash, op->facts[k].bytes, op->facts[k].len) | 1;
		}
	if (first == NULL)
		return;
	a = slots_get(&d->answers, key_of(d, op, key), op->response.ts_ns);
	a->head.proven = true;
	if (a->hash != 0 && a->hash != hash)
		changed(d, op, key, what, a);
	a->hash = hash;
	text = strbuf_on(a->text, sizeof(a->text));
	for (uint16_t k = 0; k < first->len; k++)
		strbuf_printf(&text, "%c", first->bytes[k] >= 0x20 && first->bytes[k] < 0x7f ?
		    first->bytes[k] : '.');
}

static void
identity_finished(void *arg, const struct operation *op)
{
	struct identity *d = arg;

	compare(d, op, FACT_FIRMWARE, "firmware version");
	compare(d, op, FACT_REVISION, "revision");
	compare(d, op, FACT_HARDWARE, "hardware version");
}

static size_t
identity_memory(const void *arg)
{
	const struct identity *d = arg;

	return health_memory(d) + slots_memory(&d->answers);
}

static void
identity_close(void *arg)
{
	struct identity *d = arg;

	slots_close(&d->answers);
	free(d);
}

const struct detector detector_identity = {
	.name = "identity",
	.open = identity_open,
	.finished = identity_finished,
	.of = DETECT_OF_FACTS,
	.idle = health_idle,
	.memory = identity_memory,
	.close = identity_close,
};
