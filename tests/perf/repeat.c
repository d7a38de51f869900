/* repeat.c - days out of ten minutes: the same stations again and again, never twice the same.
 *
 *	repeat OUT.pcap|- SEED FIRST ROUNDS [-p PLAN] IN.pcap...
 *
 * Writes rounds FIRST to FIRST + ROUNDS - 1, each of one input, in turn, at the time at which it comes when round 0 begins with
 * the first input's own time: a second file with the next FIRST goes on where the first ended.  In each round sessions have other
 * ephemeral ports and sequence numbers, hosts other IP ids, frames come up to a fifth of a second earlier or later, and what
 * the inputs of a controller read moves a little: input registers of Modbus, reals of S7.  A register that a client counts up
 * every ten seconds (COUNTER) goes on counting over the rounds.  The outstation, which begins with the inputs, restarts in none
 * but the first.  Checksums are made anew.  What an operator writes (SETPOINT) is another value within the usual range each round.
 *
 * PLAN says of rounds what is not as in others, a line each: "ROUND INPUT JUMP_MS ABSENT SILENT FROM TO".  Which input (from 0; without a line it
 * is the first one), by how much the clock of the sensor is set from then on, hosts that are away ("-" or addresses with "," between), and a host
 * that says nothing and that nobody asks between two seconds of the round.
 */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 65535u
#define EPHEMERAL 32768u	/* from here on a port is the client's */
#define EPHEMERAL_N 28232u
#define KNOT_US 7000000		/* the clock runs early or late by a line between values this far apart */
#define EARLY_US 200000
#define PAUSE_US 1000000	/* between two rounds */
#define COUNTER 9u		/* holding register that the HMI of pcaps/plant counts up, */
#define COUNTS 60u		/* so often a round */
#define SETPOINT 0u		/* holding register that the operator sets by one write, */
#define SETPOINT_LOW 80u
#define SETPOINT_HIGH 85u	/* within these */
#define AWAY 4u

/* What is not as in other rounds. */
struct plan {
	uint32_t	round;
	int		input;
	int64_t		jump_us;	/* from here on */
	uint32_t	away[AWAY];	/* IPv4 addresses; 0: none */
	uint32_t	silent;		/* between these two, of the round */
	int64_t		from_us, to_us;
};
static struct plan *plan;
static uint32_t n_plan;

static uint64_t seed;

/* What chance gives for these three numbers. */
static uint64_t
dice(uint64_t a, uint64_t b, uint64_t c)
{
	uint64_t x = seed * 0x9e3779b97f4a7c15u + a * 0xbf58476d1ce4e5b9u + b * 0x94d049bb133111ebu + c;

	for (int i = 0; i < 3; i++) {
		x ^= x >> 31;
		x *= 0x9e3779b97f4a7c15u;
	}
	return x ^ x >> 29;
}

static uint32_t
get16(const uint8_t *p)
{
	return (uint32_t)p[0] << 8 | p[1];
}

static uint32_t
get32(const uint8_t *p)
{
	return get16(p) << 16 | get16(p + 2);
}

static void
put16(uint8_t *p, uint32_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static void
put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t
sum(const uint8_t *p, uint32_t n, uint32_t s)
{
	for (; n > 1; p += 2, n -= 2)
		s += get16(p);
	if (n)
		s += (uint32_t)p[0] << 8;
	while (s >> 16)
		s = (s & 0xffff) + (s >> 16);
	return s;
}

/* The ports of this round; the side that has an ephemeral one is the client. */
static uint32_t
port_of(uint32_t port, uint32_t round)
{
	if (port < EPHEMERAL || port >= EPHEMERAL + EPHEMERAL_N)
		return port;
	return EPHEMERAL + (port - EPHEMERAL + round * 1031) % EPHEMERAL_N;
}

static void
modbus(uint8_t *p, uint32_t n, bool answer, uint32_t round)
{
	if (n < 9 || get16(p + 2) != 0 || get16(p + 4) + 6 != n)
		return;
	if (p[7] == 4 && answer && p[8] + 9u == n)
		for (uint32_t at = 9; at + 2 <= n; at += 2) {
			uint32_t v = get16(p + at);

			if (v > 50)
				put16(p + at, v + (uint32_t)(dice(round, get16(p), at) % 3) - 1);
		}
	if (p[7] == 6 && n == 12 && get16(p + 8) == COUNTER)
		put16(p + 10, get16(p + 10) + round * COUNTS);
	if (p[7] == 6 && n == 12 && get16(p + 8) == SETPOINT && get16(p + 10) >= SETPOINT_LOW && get16(p + 10) <= SETPOINT_HIGH)
		put16(p + 10, SETPOINT_LOW + (uint32_t)(dice(round, get16(p + 10), 3) % (SETPOINT_HIGH - SETPOINT_LOW + 1)));
	if (p[7] == 3 && answer && p[8] + 9u == n && p[8] > 2 * COUNTER)
		put16(p + 9 + 2 * COUNTER, get16(p + 9 + 2 * COUNTER) + round * COUNTS);
}

/* The items of an answer to Read Var: those of many reals are measurements. */
static void
s7(uint8_t *p, uint32_t n, uint32_t round)
{
	if (n < 21 || p[0] != 3 || p[7] != 0x32 || p[8] != 3 || p[19] != 4)
		return;
	for (uint32_t at = 21, i = 0; i < p[20] && at + 4 <= n; i++) {
		uint32_t len = p[at + 1] == 4 || p[at + 1] == 5 || p[at + 1] == 3 ? (get16(p + at + 2) + 7) / 8 : get16(p + at + 2);

		if (len >= 24 && len % 4 == 0 && at + 4 + len <= n)
			for (uint32_t k = at + 4; k < at + 4 + len; k += 4) {
				uint32_t bits = get32(p + k);
				float v;

				memcpy(&v, &bits, sizeof v);
				v *= 1.0f + ((float)(dice(round, k, get16(p + 11)) % 2001) - 1000.0f) * 2e-6f;
				memcpy(&bits, &v, sizeof bits);
				put32(p + k, bits);
			}
		at += 4 + len + (len & 1);
	}
}

static uint32_t
dnp3_crc(const uint8_t *p, uint32_t n)
{
	uint32_t crc = 0;

	for (uint32_t i = 0; i < n; i++) {
		crc ^= p[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xa6bcu : 0);
	}
	return ~crc & 0xffff;
}

/* Link frames with a response in them: "device restart" of its indications goes. */
static void
dnp3(uint8_t *p, uint32_t n, uint32_t round)
{
	while (round > 0 && n >= 10 && p[0] == 5 && p[1] == 0x64 && p[2] >= 5) {
		uint32_t user = p[2] - 5u, whole = 10 + user + (user + 15) / 16 * 2, block = user < 16 ? user : 16, crc;

		if (whole > n)
			return;
		if (user >= 5 && (p[12] == 129 || p[12] == 130)) {
			p[13] &= 0x7f;
			crc = dnp3_crc(p + 10, block);
			p[10 + block] = (uint8_t)crc;
			p[11 + block] = (uint8_t)(crc >> 8);
		}
		p += whole;
		n -= whole;
	}
}

static void
sack(uint8_t *o, uint32_t n, uint32_t add)
{
	for (uint32_t at = 0; at + 1 < n;) {
		if (o[at] == 0)
			return;
		if (o[at] == 1) {
			at++;
			continue;
		}
		if (o[at + 1] < 2 || at + o[at + 1] > n)
			return;
		if (o[at] == 5)
			for (uint32_t k = at + 2; k + 4 <= at + o[at + 1]; k += 4)
				put32(o + k, get32(o + k) + add);
		at += o[at + 1];
	}
}

/* ip: header of ihl bytes; n: length of what is behind it. */
static void
transport(uint8_t *ip, uint8_t *l4, uint32_t n, uint32_t round)
{
	bool tcp = ip[9] == 6;
	uint32_t head, src = get16(l4), dst = get16(l4 + 2), check;

	put16(l4, port_of(src, round));
	put16(l4 + 2, port_of(dst, round));
	if (tcp) {
		bool up = src >= EPHEMERAL;
		uint64_t key = (uint64_t)(up ? src : dst) << 32 ^ get32(ip + 12) ^ get32(ip + 16);
		uint32_t mine = (uint32_t)dice(round, key, up), other = (uint32_t)dice(round, key, !up);

		head = (uint32_t)(l4[12] >> 4) * 4;
		if (head < 20 || head > n)
			return;
		put32(l4 + 4, get32(l4 + 4) + mine);
		if (l4[13] & 0x10)
			put32(l4 + 8, get32(l4 + 8) + other);
		sack(l4 + 20, head - 20, other);
		if (src == 502 || dst == 502)
			modbus(l4 + head, n - head, src == 502, round);
		if (src == 20000)
			dnp3(l4 + head, n - head, round);
		if (src == 102)
			s7(l4 + head, n - head, round);
	}
	uint8_t *at = l4 + (tcp ? 16 : 6);
	if (!tcp && get16(at) == 0)
		return;
	put16(at, 0);
	check = sum(l4, n, sum(ip + 12, 8, ip[9] + n));
	put16(at, ~check & 0xffff);
	if (!tcp && get16(at) == 0)
		put16(at, 0xffff);
}

static void
renew(uint8_t *d, uint32_t len, uint32_t round)
{
	uint8_t *ip = d + 14;
	uint32_t ihl, total, id;

	if (len < 34 || get16(d + 12) != 0x0800)
		return;
	ihl = (ip[0] & 15u) * 4;
	total = get16(ip + 2);
	if (ihl < 20 || total < ihl || 14 + total > len)
		return;
	id = get16(ip + 4);
	if (id > 1) {		/* 0 is what some always send, and 1 what a tool does */
		id = (id + (uint32_t)dice(round, get32(ip + 12), 0)) & 0xffff;
		put16(ip + 4, id < 2 ? id + 2 : id);
	}
	if ((get16(ip + 6) & 0x3fff) == 0 && ((ip[9] == 6 && total - ihl >= 20) || (ip[9] == 17 && total - ihl >= 8)))
		transport(ip, ip + ihl, total - ihl, round);
	put16(ip + 10, 0);
	put16(ip + 10, ~sum(ip, ihl, 0) & 0xffff);
}

static int64_t
micros(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

/* How early or late the clock of this round is at this time since its begin. */
static int64_t
drift(uint32_t round, int64_t us)
{
	int64_t knot = us / KNOT_US, part = us % KNOT_US, v[2];

	for (int i = 0; i < 2; i++)
		v[i] = (int64_t)(dice(round, (uint64_t)(knot + i), 7) % (2 * EARLY_US)) - EARLY_US;
	return v[0] + (v[1] - v[0]) * part / KNOT_US;
}

static pcap_t *
input(const char *path)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *in = pcap_open_offline(path, why);

	if (in == NULL || pcap_datalink(in) != DLT_EN10MB) {
		fprintf(stderr, "repeat: %s: %s\n", path, in == NULL ? why : "not Ethernet");
		exit(1);
	}
	return in;
}

/* First time and length of an input. */
static void
span(const char *path, int64_t *begin, int64_t *length)
{
	pcap_t *in = input(path);
	struct pcap_pkthdr *h;
	const u_char *data;
	int64_t last = 0;

	*begin = -1;
	while (pcap_next_ex(in, &h, &data) == 1) {
		last = micros(&h->ts);
		if (*begin < 0)
			*begin = last;
	}
	*length = last - *begin + PAUSE_US;
	pcap_close(in);
}

static const struct plan *
plan_of(uint32_t round)
{
	static const struct plan usual;
	uint32_t lo = 0, hi = n_plan;

	while (lo < hi) {
		uint32_t mid = (lo + hi) / 2;

		if (plan[mid].round < round)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < n_plan && plan[lo].round == round ? &plan[lo] : &usual;
}

static uint32_t
address(const char *text)
{
	unsigned a, b, c, d;

	return sscanf(text, "%u.%u.%u.%u", &a, &b, &c, &d) == 4 ? a << 24 | b << 16 | c << 8 | d : 0;
}

static void
read_plan(const char *path)
{
	FILE *f = fopen(path, "r");
	struct plan p;
	char away[128], silent[32];
	long long jump_ms;
	double from, to;

	if (f == NULL) {
		perror(path);
		exit(1);
	}
	while (memset(&p, 0, sizeof(p)), fscanf(f, "%u %d %lld %127s %31s %lf %lf", &p.round, &p.input, &jump_ms, away, silent, &from, &to) == 7) {
		unsigned n = 0;

		for (char *w = strtok(away, ","); w != NULL && n < AWAY; w = strtok(NULL, ","))
			p.away[n++] = address(w);
		p.jump_us = jump_ms * 1000;
		p.silent = address(silent);
		p.from_us = (int64_t)(from * 1e6);
		p.to_us = (int64_t)(to * 1e6);
		plan = realloc(plan, (n_plan + 1) * sizeof(*plan));
		if (plan == NULL)
			exit(1);
		plan[n_plan++] = p;
	}
	fclose(f);
}

/* Is this frame of somebody who is away, or silent now? */
static bool
is_left_out(const struct plan *p, const uint8_t *d, uint32_t len, int64_t us)
{
	uint32_t ends[2];

	if (len < 42 || (get16(d + 12) != 0x0800 && get16(d + 12) != 0x0806))
		return false;
	ends[0] = get32(d + (get16(d + 12) == 0x0800 ? 26 : 28));
	ends[1] = get32(d + (get16(d + 12) == 0x0800 ? 30 : 38));
	for (int i = 0; i < 2; i++) {
		if (p->silent != 0 && ends[i] == p->silent && us >= p->from_us && us < p->to_us)
			return true;
		for (unsigned k = 0; k < AWAY; k++)
			if (p->away[k] != 0 && ends[i] == p->away[k])
				return true;
	}
	return false;
}

static unsigned long
one_round(pcap_dumper_t *out, const char *path, uint32_t round, int64_t begin, int64_t at, int64_t *last)
{
	const struct plan *not_usual = plan_of(round);
	static uint8_t frame[FRAME_MAX];
	pcap_t *in = input(path);
	struct pcap_pkthdr *h, copy;
	const u_char *data;
	unsigned long n = 0;

	while (pcap_next_ex(in, &h, &data) == 1) {
		int64_t us = micros(&h->ts) - begin, t = at + us + drift(round, us);

		if (h->caplen > FRAME_MAX || is_left_out(not_usual, data, h->caplen, us))
			continue;
		if (t < *last)
			t = *last;
		*last = t;
		copy = *h;
		copy.ts.tv_sec = (time_t)(t / 1000000);
		copy.ts.tv_usec = (suseconds_t)(t % 1000000);
		memcpy(frame, data, h->caplen);
		renew(frame, h->caplen, round);
		pcap_dump((u_char *)out, &copy, frame);
		n++;
	}
	pcap_close(in);
	return n;
}

int
main(int argc, char **argv)
{
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	const bool planned = argc > 6 && strcmp(argv[5], "-p") == 0;
	char **in = argv + (planned ? 7 : 5);
	pcap_dumper_t *out = argc > 5 ? pcap_dump_open(dead, argv[1]) : NULL;
	int64_t begin[16], length[16], at, last = 0;
	unsigned long n = 0;
	uint32_t first, rounds;
	int n_in = argc - (planned ? 7 : 5);

	if (out == NULL || n_in < 1 || n_in > 16) {
		fprintf(stderr, "usage: repeat OUT.pcap|- SEED FIRST ROUNDS [-p PLAN] IN.pcap...\n");
		return 2;
	}
	seed = strtoull(argv[2], NULL, 10);
	first = (uint32_t)strtoul(argv[3], NULL, 10);
	rounds = (uint32_t)strtoul(argv[4], NULL, 10);
	for (int i = 0; i < n_in; i++)
		span(in[i], &begin[i], &length[i]);
	if (planned)
		read_plan(argv[6]);
	at = begin[0];
	for (uint32_t r = 0; r < first + rounds; r++) {
		int i = planned ? plan_of(r)->input : (int)(r % (uint32_t)n_in);

		if (i < 0 || i >= n_in)
			return 2;
		at += plan_of(r)->jump_us;
		/* A clock that was set back goes through the same time again. */
		if (plan_of(r)->jump_us < 0)
			last = 0;
		if (r >= first)
			n += one_round(out, in[i], r, begin[i], at, &last);
		at += length[i];
	}
	pcap_dump_close(out);
	pcap_close(dead);
	fprintf(stderr, "%lu\n", n);
	return 0;
}
