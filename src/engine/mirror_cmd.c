#include "engine/mirror_cmd.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "base/thread.h"
#include "engine/commands.h"
#include "engine/summary.h"
#include "record/packet.h"
#include "record/unfollowed.h"

#define SECOND		1e9
#define LISTEN_S	60u
#define SOURCES_NAMED	4u
#define TCP_ACK		0x10u	/* who acknowledges has heard the other end */

struct job {
	struct mirror	 m;
	uint64_t	 begun_ns;
	bool		 ended, json, written;
	char		*text;		/* owned: what is to be printed */
	size_t		 n;
};

void
mirror_flow(struct mirror *m, const struct flow *f)
{
	bool both = flow_two_sided(f);
	unsigned vlan = f->n_vlan > 0 ? f->vlan[0] & 0xfffu : 0;

	m->two_sided += both;
	/* A SYN that nobody answers, or a scan's, says nothing of the mirror. */
	if (f->proto == IP_TCP && (both || ((f->tcp_flags[0] | f->tcp_flags[1]) & TCP_ACK) != 0)) {
		m->tcp++;
		m->tcp_sided += !both;
	}
	/* A tag of VLAN 0 is a priority alone. */
	m->vlans[vlan != 0 ? vlan : MIRROR_VLANS]++;
	if (f->protocol != NULL)
		m->flows_of[f->protocol->proto]++;
}

static void
put(struct mirror *m, enum mirror_check i, uint64_t part, uint64_t whole)
{
	m->checks[i].part = part;
	m->checks[i].whole = whole;
	m->checks[i].wrong = part > 0 && part >= mirror_rows[i].least && part * 1000 >= whole * mirror_rows[i].permille;
}

/* Conversations and operations each have their say: few long ones carry many operations. */
static void
judge_sides(struct mirror *m)
{
	bool by_tcp = m->operations == 0 || m->tcp_sided * m->operations > m->sided * m->tcp;
	uint64_t part = by_tcp ? m->tcp_sided : m->sided, whole = by_tcp ? m->tcp : m->operations;

	put(m, MIRROR_DIRECTION, part, whole);
	put(m, MIRROR_SIDES, part, whole);
	if (m->checks[MIRROR_DIRECTION].wrong)
		m->checks[MIRROR_SIDES].wrong = false;
}

unsigned
mirror_judge(struct mirror *m, const struct counters *c)
{
	const uint64_t *n = c->v;
	uint64_t drops = n[CNT_CAP_DROPS] + n[CNT_CAP_IFDROPS] + n[CNT_CAP_FILE_DROPS], plant = m->operations;
	uint64_t twice = n[CNT_DEC_PRP] + n[CNT_DEC_HSR] > 0 ? 0 : n[CNT_DEC_DUPLICATES];	/* there they are meant to */
	unsigned wrong = 0;

	m->frames = n[CNT_DEC_PACKETS];
	m->bytes = n[CNT_DEC_BYTES];
	for (unsigned p = 0; p < OP_PROTO_COUNT; p++)
		plant += m->flows_of[p];
	put(m, MIRROR_NOTHING, m->frames == 0 && drops == 0, 1);
	put(m, MIRROR_BROADCAST, m->tcp + m->two_sided + plant + m->plant_frames == 0 && n[CNT_DEC_ESP] + n[CNT_DEC_ENCRYPTED] +
	    n[CNT_DEC_MACSEC_ENCRYPTED] == 0 ? m->frames : 0, m->frames);
	judge_sides(m);
	put(m, MIRROR_PROTOCOLS, plant + m->plant_frames == 0 ? m->two_sided + m->tcp_sided : 0, m->two_sided + m->tcp_sided);
	put(m, MIRROR_DROPS, drops, m->frames + drops);
	put(m, MIRROR_GAPS, n[CNT_TCP_GAPS], n[CNT_DEC_TCP]);
	put(m, MIRROR_CUT, n[CNT_DEC_CUT] + n[CNT_DEC_MIRROR_CUT], m->frames);
	put(m, MIRROR_SUMS, n[CNT_DEC_IP_SUM] + n[CNT_DEC_L4_SUM] + n[CNT_TCP_BAD_SUM], m->frames);
	put(m, MIRROR_MALFORMED, n[CNT_DEC_INVALID] + n[CNT_DEC_UNKNOWN_LINK], m->frames);
	put(m, MIRROR_DUPLICATES, twice, m->frames);
	put(m, MIRROR_ENCRYPTED, n[CNT_DEC_ESP] + n[CNT_DEC_ENCRYPTED] + n[CNT_DEC_MACSEC_ENCRYPTED], m->frames);
	put(m, MIRROR_AWAY, n[CNT_CAP_DOWN], 1);
	for (unsigned i = 0; i < MIRROR_CHECKS; i++)
		wrong += m->checks[i].wrong;
	return wrong;
}

/* ---- devices ----------------------------------------------------------------------------------- */

struct weighed {
	struct inventory_at	at;
	uint64_t		weight;
	uint32_t		place;	/* in the order of addresses */
};

static int
by_weight(const void *a, const void *b)
{
	const struct weighed *x = a, *y = b;

	if (x->weight != y->weight)
		return x->weight < y->weight ? 1 : -1;
	return x->place < y->place ? -1 : 1;
}

/* Who answers by a plant's protocol, then who asks, then all others; of each the busiest first. */
static uint64_t
weigh(const struct device *d)
{
	uint64_t n = d->serves != 0 ? UINT64_C(1) << 62 : d->asks != 0 ? UINT64_C(1) << 61 : 0;

	for (uint32_t i = 0; i < d->n_clients && i < DEVICE_PEERS; i++)
		n += d->clients[i].operations;
	for (uint32_t i = 0; i < d->n_servers && i < DEVICE_PEERS; i++)
		n += d->servers[i].operations;
	return n;
}

bool
mirror_devices(struct mirror *m, const struct inventory *inv)
{
	struct weighed *of;

	if (!asset_rows_open(&m->devices, inv))
		return false;
	of = calloc((size_t)m->devices.n + 1, sizeof(*of));
	if (of == NULL)
		return false;
	for (uint32_t i = 0; i < m->devices.n; i++) {
		const struct device *d = asset_row(&m->devices, i);

		of[i] = (struct weighed){ m->devices.at[i], weigh(d), i };
		m->control += (d->serves | d->asks) != 0;
	}
	qsort(of, m->devices.n, sizeof(*of), by_weight);
	for (uint32_t i = 0; i < m->devices.n; i++)
		m->devices.at[i] = of[i].at;
	free(of);
	return true;
}

/* ---- the command ------------------------------------------------------------------------------- */

static void
on_flow(void *arg, const struct flow *f)
{
	mirror_flow(arg, f);
}

static void
on_end(void *arg, const struct engine_seen *seen)
{
	struct job *j = arg;
	struct mirror *m = &j->m;
	const struct summary *s = seen->summary;
	FILE *to = open_memstream(&j->text, &j->n);

	m->seconds = m->live ? (double)(thread_now() - j->begun_ns) / SECOND : (double)(s->last_ns - s->first_ns) / SECOND;
	m->operations = summary_operations(s);
	m->sided = s->outcomes[OUTCOME_ONE_SIDED];
	for (unsigned p = 0; p < OP_PROTO_COUNT; p++)
		for (unsigned i = 0; i < OP_INTENT_COUNT; i++)
			m->of[p] += s->operations[p][i];
	for (unsigned i = 0; seen->unfollowed != NULL && i < seen->unfollowed->n; i++)
		if (!seen->unfollowed->of[i].ip && unfollowed_plant(seen->unfollowed->of[i].number) != NULL)
			m->plant_frames += seen->unfollowed->of[i].frames;
	(void)mirror_judge(m, seen->counters);
	if (to != NULL && mirror_devices(m, seen->inventory)) {
		if (j->json)
			j->written = json_line(mirror_json(m), to);
		else {
			mirror_print(m, to);
			j->written = true;
		}
	}
	asset_rows_close(&m->devices);
	j->written = to != NULL && fclose(to) == 0 && j->written;
	j->ended = true;
}

static bool
is_right(const struct mirror *m)
{
	for (unsigned i = 0; i < MIRROR_CHECKS; i++)
		if (m->checks[i].wrong)
			return false;
	return true;
}

static void
name_sources(struct mirror *m, const char *const *names, unsigned n)
{
	struct strbuf s = strbuf_on(m->source, sizeof(m->source));

	for (unsigned i = 0; i < n && i < SOURCES_NAMED; i++)
		strbuf_printf(&s, "%s%s", i > 0 ? ", " : "", names[i]);
	if (n > SOURCES_NAMED)
		strbuf_printf(&s, " and %u more", n - SOURCES_NAMED);
}

static int
listen_there(const struct command_job *c, struct job *j, struct err *e)
{
	struct settings s = command_quietly(c->settings);
	const struct engine_run run = { .settings = &s, .files = c->files, .n_files = c->n_files, .ifaces = c->ifaces, .n_ifaces = c->n_ifaces,
	    .for_s = c->n_ifaces > 0 ? c->for_s > 0 ? c->for_s : LISTEN_S : 0, .progress = c->progress,
	    .tap = { .flow = on_flow, .arg = &j->m }, .end = on_end, .arg = j };
	int status;

	/* Nobody judges what is done there. */
	s.rules.files = "none";
	s.alert.evidence = false;
	s.output.heartbeat_s = 0;
	j->m.live = c->n_ifaces > 0;
	name_sources(&j->m, j->m.live ? c->ifaces : c->files, j->m.live ? c->n_ifaces : c->n_files);
	j->begun_ns = thread_now();
	if (j->m.live)
		log_note("engine", "listening for %u seconds", (unsigned)run.for_s);
	status = engine_run(&run, e);
	if (j->ended && !j->written)
		err_add(e, NULL, 0, 0, "not enough memory");
	else if (j->ended)
		(void)fwrite(j->text, 1, j->n, stdout);
	return status == 0 && j->ended && j->written && is_right(&j->m) ? COMMAND_DONE : COMMAND_FAILED;
}

int
mirror_command(const struct command_job *c, struct err *e)
{
	int format = command_word("--format", c->format, "text|json", e), status;
	struct job *j;

	if (format < 0)
		return COMMAND_MISUSED;
	if (c->n_words != 0 || (c->n_ifaces == 0) == (c->n_files == 0)) {
		err_add(e, NULL, 0, 0, "write: thermowell check-mirror -i IFACE [--for 60s], or -r FILE...");
		return COMMAND_MISUSED;
	}
	if (c->n_files > 0 && c->for_s > 0) {
		err_add(e, NULL, 0, 0, "--for is for an interface (-i): captures are read to their end");
		return COMMAND_MISUSED;
	}
	j = calloc(1, sizeof(*j));
	if (j == NULL) {
		err_add(e, NULL, 0, 0, "not enough memory");
		return COMMAND_FAILED;
	}
	j->json = format == 1;
	status = listen_there(c, j, e);
	free(j->text);
	free(j);
	return status;
}
