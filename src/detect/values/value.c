/* value.c - one value: what it is, was, and who wrote it; when it is news. */
#include "detect/values/inside.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define AGAIN_NS	UINT64_C(1000000000)	/* clients that write the same in turn are news so often */

enum process_kind
value_kind(const struct present *v)
{
	return v->written ? PROCESS_SET_POINT : v->moved ? PROCESS_MEASUREMENT : PROCESS_UNKNOWN;
}

static struct addr
client_of(const struct operation *op)
{
	return op_ends_of(op).addr[OP_CLIENT];
}

/* Only what is written needs its client. */
static void
take_write(struct present *v, const struct sight *s, bool *another)
{
	const struct addr by = client_of(s->op);

	*another = !v->written || !addr_same(&v->writer, &by);
	v->writer = by;
	v->written = true;
	v->writes++;
	v->write_ns = s->ts_ns;
	v->write_value = s->value;
	v->has_write_old = v->known;
	v->write_old = v->known ? v->now : 0;
}

static void
take_value(struct present *v, const struct sight *s)
{
	if (v->known && s->value != v->now) {
		v->old = v->now;
		v->has_old = true;
		v->change_ns = s->ts_ns;
		v->changes++;
		v->moved |= !s->written;
	}
	v->now = s->value;
	v->known = true;
}

static bool
left_the_band(const struct present *v, double dead_band, double per_mille)
{
	double band = dead_band > 0 ? dead_band : fabs(v->news) * per_mille / 1000;

	/* Not below: what is no number (inf - inf) is news, too. */
	return v->now != v->news && !(fabs(v->now - v->news) <= band);
}

unsigned
value_take(struct present *v, const struct sight *s, double dead_band, double per_mille, uint64_t heartbeat_ns)
{
	const bool first = !v->seen;
	bool another = false;
	unsigned why = PROCESS_WHYS;

	/* A device tells a value back as it was written. */
	v->count++;
	v->quality = s->quality;
	v->source_ns = s->source_ns;
	if (s->written && s->known)
		take_write(v, s, &another);
	if (s->known)
		take_value(v, s);
	v->last_ns = s->ts_ns;
	if (first) {
		v->seen = true;
		v->first_ns = s->ts_ns;
	}
	if (s->written && s->known && (first || !v->news_known || v->now != v->news ||
	    (another && s->ts_ns - v->news_ns >= AGAIN_NS)))
		why = PROCESS_WRITE;
	else if (first)
		why = PROCESS_FIRST;
	/* The octet of DNP3 has the state of a binary point, too. */
	else if (((v->quality ^ v->news_quality) & (PROCESS_BAD | PROCESS_UNSURE)) != 0)
		why = PROCESS_QUALITY;
	else if (v->known && (!v->news_known || left_the_band(v, dead_band, per_mille)))
		why = PROCESS_CHANGE;
	/* Also when the clock was set back. */
	else if (heartbeat_ns != 0 && s->ts_ns - v->news_ns >= heartbeat_ns)
		why = PROCESS_HEARTBEAT;
	if (why != PROCESS_WHYS) {
		v->news = v->now;
		v->news_known = v->known;
		v->news_ns = s->ts_ns;
		v->news_quality = v->quality;
		v->dirty = true;
	}
	return why;
}

#define COPY(to, text)	((void)snprintf(to, sizeof(to), "%s", text))

void
value_row(const struct present *v, const struct value_name *n, struct keep_tag *to)
{
	memset(to, 0, sizeof(*to));
	COPY(to->tag, n->tag);
	COPY(to->at, n->at);
	COPY(to->type, n->type);
	COPY(to->unit, n->unit);
	COPY(to->grp, n->group);
	COPY(to->kind, process_kind_text(value_kind(v)));
	to->series = v->series;
	to->value = tag_plain(n->of, v->now);
	to->old = tag_plain(n->of, v->old);
	to->first_ns = v->first_ns;
	to->last_ns = v->last_ns;
	to->change_ns = v->change_ns;
	to->source_ns = v->source_ns;
	to->count = v->count;
	to->changes = v->changes;
	to->quality = v->quality;
	to->known = v->known;
	to->has_old = v->has_old;
	to->written = v->written;
	to->writer = v->writer;
	to->write_ns = v->write_ns;
	to->write_value = tag_plain(n->of, v->write_value);
	to->write_old = tag_plain(n->of, v->write_old);
	to->has_write_old = v->has_write_old;
	to->writes = v->writes;
}

void
value_from_row(struct present *v, const struct keep_tag *row)
{
	v->seen = v->restored = true;
	v->known = v->news_known = row->known;
	v->now = v->news = row->value;
	v->old = row->old;
	v->has_old = row->has_old;
	v->first_ns = row->first_ns;
	v->last_ns = v->news_ns = row->last_ns;
	v->change_ns = row->change_ns;
	v->source_ns = row->source_ns;
	v->count = row->count;
	v->changes = row->changes;
	v->quality = v->news_quality = row->quality;
	v->written = row->written;
	v->writer = row->writer;
	v->write_ns = row->write_ns;
	v->write_value = row->write_value;
	v->write_old = row->write_old;
	v->has_write_old = row->has_write_old;
	v->writes = row->writes;
	v->moved = strcmp(row->kind, process_kind_text(PROCESS_MEASUREMENT)) == 0;
}
