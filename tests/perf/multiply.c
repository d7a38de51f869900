/* multiply.c - one long capture out of small ones, for measuring.
 *
 *	multiply OUT.pcap PACKETS IN.pcap...
 *
 * Repeats the inputs until PACKETS are written.  Each round is shifted in time
 * behind the one before it and gets addresses of its own (its number is added
 * to the second and third octet of IPv4 addresses), so that its sessions are
 * new sessions and not retransmissions of old ones.  Groups and broadcasts stay
 * what they are: 255.255.255.255 would become an address that nobody can have.
 * Checksums are updated incrementally (RFC 1624), so that the copies are as valid
 * as the originals.
 */
#include <pcap/pcap.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FRAME_MAX 65535u
#define FIRST_GROUP 224u	/* first octet of groups, and of what is reserved above them */

static uint16_t
get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

/* Change a 16-bit word and the checksum that covers it. */
static void
patch(uint8_t *word, uint16_t add, uint8_t *ip_sum, uint8_t *l4_sum)
{
	uint16_t old = get16(word), new = (uint16_t)(old + add);
	uint8_t *sums[2] = { ip_sum, l4_sum };

	word[0] = (uint8_t)(new >> 8);
	word[1] = (uint8_t)new;
	for (int i = 0; i < 2; i++) {
		uint32_t s;

		if (sums[i] == NULL || (i == 1 && get16(sums[i]) == 0))
			continue;
		s = (uint32_t)(uint16_t)~get16(sums[i]) + (uint16_t)~old + new;
		while (s >> 16)
			s = (s & 0xffff) + (s >> 16);
		s = ~s;
		sums[i][0] = (uint8_t)(s >> 8);
		sums[i][1] = (uint8_t)s;
	}
}

/* Give an Ethernet/IPv4 frame the addresses of its round. */
static void
readdress(uint8_t *d, uint32_t len, uint32_t round)
{
	uint32_t at = 12, ihl;
	uint8_t *ip, *l4 = NULL;

	while (at + 6 <= len && (get16(d + at) == 0x8100 || get16(d + at) == 0x88a8))
		at += 4;
	if (at + 22 > len || get16(d + at) != 0x0800)
		return;
	ip = d + at + 2;
	ihl = (ip[0] & 15u) * 4;
	if (ihl < 20 || at + 2 + ihl + 20 > len)
		return;
	if ((get16(ip + 6) & 0x1fff) == 0) {
		if (ip[9] == 6)
			l4 = ip + ihl + 16;
		else if (ip[9] == 17)
			l4 = ip + ihl + 6;
	}
	/* Octets 2 and 3 lie in different words; rounds fit 16 bits. */
	for (int a = 12; a <= 16; a += 4) {
		if (ip[a] >= FIRST_GROUP)
			continue;
		patch(ip + a, (uint16_t)(round & 0xff), ip + 10, l4);
		patch(ip + a + 2, (uint16_t)((round >> 8 & 0xff) << 8), ip + 10, l4);
	}
}

static int64_t
micros(const struct timeval *t)
{
	return (int64_t)t->tv_sec * 1000000 + t->tv_usec;
}

int
main(int argc, char **argv)
{
	static uint8_t frame[FRAME_MAX];
	char why[PCAP_ERRBUF_SIZE];
	unsigned long want = argc > 3 ? strtoul(argv[2], NULL, 10) : 0, n = 0;
	int64_t last = 0, shift = 0;
	pcap_t *dead = pcap_open_dead(DLT_EN10MB, FRAME_MAX);
	pcap_dumper_t *out = argc > 3 ? pcap_dump_open(dead, argv[1]) : NULL;

	if (out == NULL || want == 0) {
		fprintf(stderr, "usage: multiply OUT.pcap PACKETS IN.pcap...\n");
		return 2;
	}
	for (uint32_t round = 0; n < want; round++) {
		unsigned long before = n;

		for (int i = 3; i < argc && n < want; i++) {
			struct pcap_pkthdr *h, copy;
			const u_char *data;
			bool first = true;
			pcap_t *in = pcap_open_offline(argv[i], why);

			if (in == NULL || pcap_datalink(in) != DLT_EN10MB) {
				fprintf(stderr, "multiply: %s: %s\n", argv[i], in == NULL ? why : "not Ethernet");
				return 1;
			}
			while (n < want && pcap_next_ex(in, &h, &data) == 1) {
				int64_t t = micros(&h->ts);

				if (first)
					shift = n == 0 ? 0 : last + 1000000 - t;
				first = false;
				if (t + shift > last)
					last = t + shift;
				copy = *h;
				copy.ts.tv_sec = (time_t)((t + shift) / 1000000);
				copy.ts.tv_usec = (suseconds_t)((t + shift) % 1000000);
				if (copy.caplen > FRAME_MAX)
					continue;
				memcpy(frame, data, copy.caplen);
				readdress(frame, copy.caplen, round);
				pcap_dump((u_char *)out, &copy, frame);
				n++;
			}
			pcap_close(in);
		}
		if (n == before)
			break;
	}
	pcap_dump_close(out);
	pcap_close(dead);
	printf("%lu\n", n);
	return 0;
}
