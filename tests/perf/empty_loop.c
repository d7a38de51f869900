/* empty_loop.c - the yardstick: libpcap reads every packet of a file and
 * nothing is done with it.  Prints the number of packets. */
#include <pcap/pcap.h>
#include <stdio.h>

int
main(int argc, char **argv)
{
	char why[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *h;
	const u_char *data;
	unsigned long n = 0;
	pcap_t *p;
	int r;

	if (argc != 2 || (p = pcap_open_offline(argv[1], why)) == NULL) {
		fprintf(stderr, "usage: empty_loop FILE%s%s\n", argc == 2 ? ": " : "", argc == 2 ? why : "");
		return 2;
	}
	while ((r = pcap_next_ex(p, &h, &data)) == 1)
		n++;
	pcap_close(p);
	printf("%lu\n", n);
	return r == PCAP_ERROR_BREAK ? 0 : 1;
}
