/* detect_kit.h - detectors as the engine runs them: with the table of devices, shown
 * operations by their kinds.  Included after cmocka. */
#ifndef TESTS_DETECT_KIT_H
#define TESTS_DETECT_KIT_H

#include "asset/asset.h"
#include "base/err.h"
#include "detect/detect.h"

static struct settings	 settings;
static struct counters	 counters;
static struct assets	*assets;
static struct detect	*detect;
static uint64_t		 kit_now_ns;
static bool		 kit_live;	/* what the next kit_open() says */
static const struct keep *kit_keep;	/* the same; NULL: nobody keeps anything */
static struct flow_slots kit_slots;
static _Alignas(16) unsigned char kit_flow_memory[4][512];	/* for slots of flows: kit_flow() */

static inline void
kit_close(void)
{
	detect_close(detect);
	assets_close(assets);
	detect = NULL;
	assets = NULL;
}

/* The detectors of `list` (NULL-ended), with what `settings` says; counters begin anew. */
static inline void
kit_open(const struct detector *const *list, void (*on_finding)(void *arg, const struct finding *f))
{
	struct detect_env env = { .settings = &settings, .sink = { on_finding, NULL }, .counters = &counters,
	    .now_ns = &kit_now_ns, .slots = &kit_slots, .live = kit_live, .keep = kit_keep };
	static const struct detector *kept[DETECTORS_MAX + 1];	/* as long as they are open */
	struct err e = { 0 };
	unsigned n = 0;

	kit_close();
	for (; list[n] != NULL; n++)
		kept[n] = list[n];
	kept[n] = NULL;
	memset(&counters, 0, sizeof(counters));
	memset(kit_flow_memory, 0, sizeof(kit_flow_memory));
	kit_slots.size = 0;
	assets = assets_new(&(struct assets_want){ .devices = settings.detect.devices, .counters = &counters,
	    .by_vlan = settings.detect.devices_by_vlan });
	assert_non_null(assets);
	env.assets = assets;
	env.ends = assets_ends(assets);
	detect = detect_open_with(kept, &env, &e);
	assert_int_equal(e.n, 0);
	assert_int_equal(assets_open(assets), 0);
}

/* A flow that begins: the i-th one's slots are its own. */
static inline void
kit_flow(struct flow *f, unsigned i)
{
	assert_true(i < 4 && kit_slots.size <= sizeof(kit_flow_memory[0]));
	f->slots = memset(kit_flow_memory[i], 0, sizeof(kit_flow_memory[i]));
}

static inline void
kit_show(const struct operation *op)
{
	assets_operation(assets, op);
	detect_operation(detect, op);
}

/* A flow is known to the table from its first packet on. */
static inline void
kit_packet(const struct packet *p, struct flow *f, enum flow_dir dir)
{
	if (f != NULL && f->asset[0] == NULL) {
		f->addr[dir] = p->src;
		f->addr[dir ^ 1] = p->dst;
		assets_flow_begun(assets, f);
	}
	detect_packet(detect, p, f, dir);
}

static inline void
kit_flow_end(struct flow *f, enum flow_end_reason why)
{
	if (f->asset[0] == NULL)
		assets_flow_begun(assets, f);
	detect_flow_end(detect, f, why);
	assets_flow_ended(assets, f);
}

#endif
