/* expected.c - what is known of a fact's siblings, in words and as a number. */
#include "base/str.h"
#include "detect/baseline/model.h"
#include "record/item_words.h"
#include "record/operation.h"

#define NAMED 4u	/* siblings */

static bool
is_known(const struct fact *f)
{
	return f->state == FACT_LEARNED || f->state == FACT_ACCEPTED;
}

static void
put_mac(struct strbuf *to, const uint8_t *m)
{
	strbuf_printf(to, "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

static void
put_port(struct strbuf *to, const struct fact_key *k)
{
	if (k->code != IP_TCP && k->code != IP_UDP) {
		strbuf_printf(to, k->code == IP_ICMP || k->code == IP_ICMPV6 ? "ping" : "IP protocol %u", (unsigned)k->code);
		return;
	}
	strbuf_put(to, k->code == IP_UDP ? "UDP port " : "TCP port ");
	if (k->port != 0)
		strbuf_printf(to, "%u", (unsigned)k->port);
	else
		strbuf_put(to, "from 32768 on");
}

/* Of numbers that nobody knows by heart, what they stand for. */
static void
put_numbered(struct strbuf *to, const struct fact_key *k)
{
	if (k->space == SPACE_OBJECT)
		item_words(to, &(struct op_item){ .space = k->space, .number = k->number });
	else
		strbuf_printf(to, "%u", (unsigned)k->number);
}

/* What tells it from its siblings. */
static void
put_own(struct strbuf *to, const struct fact_key *k)
{
	const uint32_t varies = fact_row(k->kind)->varies;
	char text[ADDR_TEXT_MAX];

	if ((varies & FACT_HAS(CLIENT)) != 0 || (varies & FACT_HAS(SERVER)) != 0) {
		(void)addr_print((varies & FACT_HAS(CLIENT)) != 0 ? &k->client : &k->server, text);
		strbuf_put(to, text);
	} else if ((varies & FACT_HAS(MAC)) != 0)
		put_mac(to, k->mac);
	else if ((varies & FACT_HAS(PORT)) != 0)
		put_port(to, k);
	else if ((varies & FACT_HAS(RANGE)) != 0)
		strbuf_printf(to, k->first < k->last ? "%u-%u" : "%u", (unsigned)k->first, (unsigned)k->last);
	else if ((varies & FACT_HAS(FUNCTION)) != 0) {
		const uint32_t sub = k->subfunction;

		strbuf_printf(to, "%u", (unsigned)k->function);
		if (sub > 0)
			strbuf_printf(to, "/%u", (unsigned)(sub - 1));
	} else if ((varies & FACT_HAS(INTENT)) != 0)
		strbuf_put(to, op_intent_name((enum op_intent)k->code));
	else if ((varies & FACT_HAS(UNIT)) != 0)
		strbuf_printf(to, "%u", (unsigned)k->unit);
	else if ((varies & FACT_HAS(NUMBER)) != 0)
		put_numbered(to, k);
	else if ((varies & FACT_HAS(TEXT)) != 0)
		strbuf_put(to, k->text);
	else
		strbuf_printf(to, "%u", (unsigned)k->code);
	if ((varies & FACT_HAS(PORT)) != 0 && k->text[0] != '\0')
		strbuf_printf(to, " in %s", k->text);
}

/* "2026-11-01 06:00", UTC; the calendar by days since 0000-03-01. */
static void
put_time(struct strbuf *to, uint64_t ns)
{
	const uint64_t minutes = ns / (60 * SECOND), days = minutes / 1440 + 719468;
	const unsigned era = (unsigned)(days / 146097), day = (unsigned)(days % 146097);
	const unsigned year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	const unsigned of_year = day - (365 * year + year / 4 - year / 100);
	const unsigned month = (5 * of_year + 2) / 153;	/* 0: March */

	strbuf_printf(to, "%04u-%02u-%02u %02u:%02u", era * 400 + year + (month >= 10), month < 10 ? month + 3 : month - 9,
	    of_year - (153 * month + 2) / 5 + 1, (unsigned)(minutes / 60 % 24), (unsigned)(minutes % 60));
}

struct known {
	uint32_t	n;
	uint64_t	seen, since_ns;
};

static struct known
known_of(struct facts *fs, const struct fact_key *k)
{
	struct known of = { 0 };

	for (const struct fact *f = facts_sibling(fs, k, NULL); f != NULL && is_known(f); f = facts_sibling(fs, k, f)) {
		of.n++;
		of.seen += f->count;
		of.since_ns = of.since_ns == 0 || f->first_ns < of.since_ns ? f->first_ns : of.since_ns;
	}
	return of;
}

const char *
baseline_expected(struct baseline *b, const struct fact_key *k, char *to, size_t size)
{
	struct facts *fs = baseline_facts(b);
	struct known of = known_of(fs, k);
	struct strbuf text = strbuf_on(to, size);
	uint32_t named = 0;

	if (of.n == 0) {
		strbuf_put(&text, "nothing of the kind");
		return to;
	}
	for (const struct fact *f = facts_sibling(fs, k, NULL); f != NULL && named < NAMED && is_known(f); f = facts_sibling(fs, k, f)) {
		strbuf_put(&text, named == 0 ? "" : named + 1 == of.n ? " and " : ", ");
		put_own(&text, &f->key);
		named++;
	}
	if (of.n > named)
		strbuf_printf(&text, " and %u more", (unsigned)(of.n - named));
	strbuf_put(&text, " (since ");
	put_time(&text, of.since_ns);
	strbuf_printf(&text, of.seen == 1 ? ", seen once)" : ", seen %llu times)", (unsigned long long)of.seen);
	return to;
}

/* By what was seen of its siblings: 10 of nothing, and near 99 from some thousand times on. */
uint8_t
baseline_score(struct baseline *b, const struct fact_key *k)
{
	struct known of = known_of(baseline_facts(b), k);
	unsigned score = 10;

	for (uint64_t n = of.seen; n > 0 && score < 94; n /= 2)
		score += 7;
	return (uint8_t)(score < 99 ? score : 99);
}
