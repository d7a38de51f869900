/* ndpi_name.c - names for what is not OT; the only file that knows nDPI.
 *
 * Written for libndpi 4.2 (Debian 12).  nDPI allocates while it looks at
 * packets and its hooks for that take no argument, so the memory in use stands
 * in a thread-local variable for the length of each call into it.
 *
 * Making nDPI's tables (80,000 pieces, mostly lists of addresses that 4.2 does not
 * leave out on request) takes as long as 20,000 packets.  They are made when the
 * first flow wants a name, which in a capture of control traffic alone is never;
 * the memory for them is taken at open all the same, and given back whole. */
#include "stream/internal.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/arena.h"
#include "base/buddy.h"
#include "base/log.h"
#include "base/str.h"

const char *
flow_app_name(unsigned i)
{
	static const char *const names[] = {
#define APP_NAME(text) text,
#include "stream/ndpi_names.def"
#undef APP_NAME
	};

	return i < COUNTOF(names) ? names[i] : NULL;
}

#ifdef HAVE_NDPI

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wstrict-prototypes"
#include <ndpi_api.h>
#pragma GCC diagnostic pop

#define FLOWS 1024u		/* flows looked at at a time */
#define TABLES (5u << 20)	/* bytes for nDPI's own tables; 4.2 takes 4.3 million */
#define HEAP (2u << 20)		/* bytes for what nDPI remembers of them */
#define HEAP_RESERVE (256u << 10)	/* more than one call takes */
#define NAMES 1024u		/* different names */
#define NAME_MAX_LEN 48

struct look {
	struct ndpi_flow_struct	nd;
	uint32_t		owner;	/* flow slot */
	struct link		age;
	uint16_t		seen;	/* packets shown to nDPI */
};

struct name {
	uint32_t	id;	/* master << 16 | application, +1; 0: empty */
	char		text[NAME_MAX_LEN];
};

struct namer {
	struct ndpi_detection_module_struct *mod;	/* NULL: not made yet, or `broken` */
	bool		 broken;	/* nDPI does not start */
	bool		 outside;	/* some of nDPI's memory is neither in `tables` nor in `heap` */
	struct arena	 tables;
	struct buddy	 heap;
	struct pool	 looks;
	struct list	 age;		/* oldest first */
	struct name	*names;		/* owned; open addressing, never emptied */
	uint32_t	 n_names;
	uint16_t	 max_packets;
};

/* Whose memory nDPI takes; NULL outside calls into it. */
static _Thread_local struct namer *in_use;

static void *
hook_malloc(size_t n)
{
	void *p = NULL;

	if (in_use != NULL)
		p = in_use->mod == NULL ? arena_alloc(&in_use->tables, n) : buddy_alloc(&in_use->heap, n);
	if (p != NULL)
		return p;
	/* The space was not enough, and nDPI trusts its malloc. */
	if (in_use != NULL)
		in_use->outside = true;
	return malloc(n);
}

static void
hook_free(void *p)
{
	if (in_use != NULL && (uintptr_t)p - (uintptr_t)in_use->tables.block < in_use->tables.size)
		return;		/* goes with the rest */
	if (in_use != NULL && buddy_owns(&in_use->heap, p))
		buddy_free(&in_use->heap, p);
	else
		free(p);
}

struct namer *
namer_open(const struct stream_settings *set, struct counters *c)
{
	struct namer *n = calloc(1, sizeof(*n));

	(void)c;
	if (n == NULL)
		return NULL;
	n->age = (struct list){ POOL_NONE, POOL_NONE };
	n->max_packets = (uint16_t)(set->ndpi_packets < 1000 ? set->ndpi_packets : 1000);
	n->names = calloc(NAMES, sizeof(*n->names));
	if (n->names == NULL || buddy_open(&n->heap, HEAP) != 0 ||
	    arena_open(&n->tables, TABLES) != 0 ||
	    pool_open(&n->looks, FLOWS, sizeof(struct look)) != 0) {
		namer_close(n);
		return NULL;
	}
	set_ndpi_malloc(hook_malloc);
	set_ndpi_free(hook_free);
	set_ndpi_flow_malloc(hook_malloc);
	set_ndpi_flow_free(hook_free);
	return n;
}

bool
namer_wake(struct namer *n)
{
	struct ndpi_detection_module_struct *mod;
	NDPI_PROTOCOL_BITMASK all;

	if (n->mod != NULL || n->broken)
		return n->mod != NULL;
	in_use = n;
	mod = ndpi_init_detection_module((ndpi_init_prefs)
	    (ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt));
	if (mod == NULL) {
		in_use = NULL;
		n->broken = true;
		log_warn("stream", "nDPI does not start; other traffic stays unnamed");
		return false;
	}
	NDPI_BITMASK_SET_ALL(all);
	/* To read QUIC's first packet libgcrypt is called, which allocates for itself;
	 * the flow is then named by what nDPI thinks of its ends. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
	NDPI_BITMASK_DEL(all, NDPI_PROTOCOL_QUIC);
#pragma GCC diagnostic pop
	ndpi_set_protocol_detection_bitmask2(mod, &all);
	ndpi_finalize_initialization(mod);
	in_use = NULL;
	n->mod = mod;
	return true;
}

void
namer_close(struct namer *n)
{
	if (n == NULL)
		return;
	/* Where all that nDPI has is ours, nobody need take it apart. */
	in_use = n;
	if (n->mod != NULL && n->outside)
		ndpi_exit_detection_module(n->mod);
	in_use = NULL;
	pool_close(&n->looks);
	arena_close(&n->tables);
	buddy_close(&n->heap);
	free(n->names);
	free(n);
}

size_t
namer_memory(const struct namer *n)
{
	return sizeof(*n) + pool_memory(&n->looks) + n->heap.size + n->heap.size / BUDDY_MIN +
	    NAMES * sizeof(*n->names) + n->tables.size;
}

static struct look *
look_at(const struct namer *n, uint32_t i)
{
	return pool_at(&n->looks, i);
}

static void
let_go(struct namer *n, struct slot *s)
{
	struct look *l = look_at(n, s->name);

	if (l->age.prev != POOL_NONE)
		look_at(n, l->age.prev)->age.next = l->age.next;
	else
		n->age.first = l->age.next;
	if (l->age.next != POOL_NONE)
		look_at(n, l->age.next)->age.prev = l->age.prev;
	else
		n->age.last = l->age.prev;
	in_use = n;
	ndpi_free_flow_data(&l->nd);
	in_use = NULL;
	pool_put(&n->looks, l);
	s->name = POOL_NONE;
	name_done(s);
}

/* The text of a protocol, made once: "tls.google".  NULL when the table is full. */
static const char *
name_of(struct namer *n, ndpi_protocol proto)
{
	uint32_t id = ((uint32_t)proto.master_protocol << 16 | proto.app_protocol) + 1;
	uint32_t at = (id * 0x9e3779b1u) >> 22;
	struct name *e;

	while (n->names[at % NAMES].id != 0 && n->names[at % NAMES].id != id)
		at++;
	e = &n->names[at % NAMES];
	if (e->id == 0) {
		if (n->n_names >= NAMES / 2)
			return NULL;
		n->n_names++;
		e->id = id;
		(void)ndpi_protocol2name(n->mod, proto, e->text, sizeof(e->text));
		for (char *c = e->text; *c != '\0'; c++)
			*c = (char)(*c >= 'A' && *c <= 'Z' ? *c - 'A' + 'a' : *c);
	}
	return e->text;
}

/* The protocol of ours that nDPI names so; NULL: none. */
static const struct protocol *
plant_protocol(struct namer *n, uint16_t proto)
{
	const char *name = ndpi_get_proto_name(n->mod, proto);

	return protocol_spelled(name, strlen(name));
}

/* Names that only our own dissectors may give, because they read what nDPI
 * only guesses. */
static bool
ours(struct namer *n, uint16_t proto)
{
	const struct protocol *p = plant_protocol(n, proto);

	return p != NULL && !p->by_ndpi;
}

/* OT names are never given for a port number alone. */
static bool
ot_by_port(struct namer *n, const struct look *l, uint16_t proto)
{
	return l->nd.confidence == NDPI_CONFIDENCE_MATCH_BY_PORT &&
	    (proto == NDPI_PROTOCOL_ETHERNET_IP || plant_protocol(n, proto) != NULL);
}

static void
conclude(struct namer *n, struct slot *s, struct look *l, ndpi_protocol proto)
{
	struct flow *f = &s->f;
	bool known = proto.app_protocol != NDPI_PROTOCOL_UNKNOWN ||
	    proto.master_protocol != NDPI_PROTOCOL_UNKNOWN;

	f->app_risks = l->nd.risk;
	if (!known || ours(n, proto.app_protocol) || ours(n, proto.master_protocol) ||
	    ot_by_port(n, l, proto.app_protocol) || ot_by_port(n, l, proto.master_protocol))
		return;
	f->app_proto = name_of(n, proto);
	if (proto.category != NDPI_PROTOCOL_CATEGORY_UNSPECIFIED)
		f->app_category = ndpi_category_get_name(n->mod, proto.category);
}

/* What nDPI thinks after all that it was shown. */
static void
give_up(struct namer *n, struct stream *st, struct slot *s)
{
	struct look *l = look_at(n, s->name);
	u_int8_t guessed = 0;
	ndpi_protocol proto;

	in_use = n;
	proto = ndpi_detection_giveup(n->mod, &l->nd, 1, &guessed);
	in_use = NULL;
	conclude(n, s, l, proto);
	count(st->c, s->f.app_proto != NULL ? CNT_APP_NDPI_FLOWS : CNT_APP_UNNAMED_FLOWS);
	let_go(n, s);
}

static struct look *
start(struct namer *n, struct stream *st, struct slot *s)
{
	struct look *l;

	/* The oldest are evicted: they have had their chance. */
	while ((n->looks.in_use == n->looks.n || n->heap.used + HEAP_RESERVE > n->heap.size) &&
	    n->age.first != POOL_NONE) {
		count(st->c, CNT_APP_NDPI_EVICTED);
		give_up(n, st, slot_at(st, look_at(n, n->age.first)->owner));
	}
	l = pool_get(&n->looks);
	if (l == NULL)
		return NULL;
	memset(l, 0, sizeof(*l));
	l->owner = pool_index(&st->flows, s);
	s->name = pool_index(&n->looks, l);
	s->name_state = NAME_BUSY;
	l->age = (struct link){ n->age.last, POOL_NONE };
	if (n->age.last != POOL_NONE)
		look_at(n, n->age.last)->age.next = s->name;
	else
		n->age.first = s->name;
	n->age.last = s->name;
	return l;
}

void
namer_packet(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	struct namer *n = st->namer;
	struct look *l;
	ndpi_protocol proto;
	const char *plant;

	(void)dir;
	if (s->f.protocol == NULL && p->payload_len > 0 && (plant = plant_name(p)) != NULL) {
		if (s->name_state == NAME_BUSY)
			let_go(n, s);
		name_done(s);
		s->f.app_proto = plant;
		return;
	}
	/* Without nDPI the first bytes are all that is looked at. */
	if (n == NULL && s->f.protocol == NULL && p->payload_len == 0)
		return;
	if (n == NULL || s->f.protocol != NULL) {
		namer_forget(st, s);
		name_done(s);
		return;
	}
	/* A handshake names nothing, and most flows in a plant are claimed by the
	 * first bytes that follow it: nDPI's start of a flow is worth saving. */
	if (p->l3 == NULL || p->l3_len > UINT16_MAX || (p->proto == IP_TCP && p->payload_len == 0))
		return;
	if (!namer_wake(n)) {
		name_done(s);
		return;
	}
	l = s->name_state == NAME_BUSY ? look_at(n, s->name) : start(n, st, s);
	if (l == NULL)
		return;
	in_use = n;
	proto = ndpi_detection_process_packet(n->mod, &l->nd, p->l3, (unsigned short)p->l3_len,
	    p->ts_ns / 1000000u);
	in_use = NULL;
	l->seen++;
	if (proto.app_protocol != NDPI_PROTOCOL_UNKNOWN && l->nd.check_extra_packets == 0) {
		conclude(n, s, l, proto);
		count(st->c, s->f.app_proto != NULL ? CNT_APP_NDPI_FLOWS : CNT_APP_UNNAMED_FLOWS);
		let_go(n, s);
	} else if (l->seen >= n->max_packets)
		give_up(n, st, s);
}

void
namer_forget(struct stream *st, struct slot *s)
{
	if (s->name_state == NAME_BUSY && s->f.protocol == NULL)
		give_up(st->namer, st, s);
	else if (s->name_state == NAME_BUSY)
		let_go(st->namer, s);
	name_done(s);
	if (s->f.protocol != NULL) {
		s->f.app_proto = s->f.app_category = NULL;
		s->f.app_risks = 0;
	}
}

const char *
flow_risk_name(unsigned bit)
{
	return bit > NDPI_NO_RISK && bit < NDPI_MAX_RISK ? ndpi_risk2str((ndpi_risk_enum)bit) : NULL;
}

char *
flow_app_names(void)
{
	struct ndpi_detection_module_struct *mod = ndpi_init_detection_module((ndpi_init_prefs)
	    (ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt));
	char *names = NULL;
	size_t size;
	FILE *to;

	if (mod == NULL || (to = open_memstream(&names, &size)) == NULL) {
		if (mod != NULL)
			ndpi_exit_detection_module(mod);
		return NULL;
	}
	fputc('\n', to);
	for (u_int16_t i = 1; i < ndpi_get_num_supported_protocols(mod); i++) {
		const char *name = ndpi_get_proto_name(mod, i);

		for (const char *c = name != NULL ? name : ""; *c != '\0'; c++)
			fputc(tolower((unsigned char)*c), to);
		fputc('\n', to);
	}
	ndpi_exit_detection_module(mod);
	if (fclose(to) == 0)
		return names;
	free(names);
	return NULL;
}

#else

char *
flow_app_names(void)
{
	return NULL;
}

struct namer *
namer_open(const struct stream_settings *set, struct counters *c)
{
	(void)set, (void)c;
	return NULL;
}

bool
namer_wake(struct namer *n)
{
	(void)n;
	return false;
}

void
namer_packet(struct stream *st, struct slot *s, unsigned dir, const struct packet *p)
{
	(void)st, (void)dir;
	if (s->f.protocol == NULL && p->payload_len > 0)
		s->f.app_proto = plant_name(p);
	if (s->f.protocol != NULL || p->payload_len > 0)
		name_done(s);
}

void
namer_forget(struct stream *st, struct slot *s)
{
	(void)st;
	name_done(s);
	if (s->f.protocol != NULL)
		s->f.app_proto = NULL;
}

size_t
namer_memory(const struct namer *n)
{
	(void)n;
	return 0;
}

void
namer_close(struct namer *n)
{
	(void)n;
}

const char *
flow_risk_name(unsigned bit)
{
	(void)bit;
	return NULL;
}

#endif
