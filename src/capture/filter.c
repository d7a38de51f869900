#include "capture/filter.h"

#include <ctype.h>
#include <pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"

/* Link types at a time; mixed captures have two or three. */
#define MAX_LINKS 16

/* What may hold a packet that the expression cannot see.  No keyword in here
 * moves libpcap's offsets (`vlan`, `mpls`, `pppoes` and `geneve` do, for all
 * that follows), so it may stand before anything. */
#define CARRIERS_IP "#"		/* `carriers` of the filter: with the ports that are set */
#define CARRIERS_LINK \
	"ether proto 0x8847 or ether proto 0x8848 or ether proto 0x8864 or ether proto 0x892f or " \
	"ether proto 0x8926 or ether proto 0x893f or ether proto 0x8909 or ether proto 0x88e5 or " \
	"ether proto 0x88e7 or ether proto 0x894f or ether proto 0x9200 or ether proto 0x9300"
#define CARRIERS_TAG \
	"ether proto 0x8100 or ether proto 0x88a8 or ether proto 0x9100"

/* GRE, IP in IP (three numbers), MPLS, EtherIP, L2TP, AH; fragments; UDP that begins as
 * VXLAN, GTP-U or Geneve does. */
static const char carriers_ip[] =
	"ip proto 47 or ip proto 4 or ip proto 41 or ip proto 94 or ip proto 97 or ip proto 98 or "
	"ip proto 115 or ip proto 137 or ip proto 51 or "
	"ip6 proto 47 or ip6 proto 4 or ip6 proto 41 or ip6 proto 97 or ip6 proto 115 or "
	"ip6 proto 137 or "
	"(ip[6:2] & 0x1fff != 0) or "
	"ip6 proto 0 or ip6 proto 43 or ip6 proto 44 or ip6 proto 51 or ip6 proto 60 or "
	"udp[8:4] = 0x08000000 or (udp[8:2] & 0xf0ff = 0x30ff) or udp[10:2] = 0x6558";

/* Ports of tunnels that are let through; a program in the kernel has a limit. */
#define PORTS_MAX 32u

struct prepared {
	uint16_t	 link;
	bool		 usable;
	char		*text;		/* owned */
	struct bpf_program program;	/* owned by libpcap, if usable */
};

struct filter {
	const char	*expr;		/* borrowed */
	char		*carriers;	/* owned: carriers_ip and the ports */
	bool		 widen;
	unsigned	 n, replace;
	struct prepared	*last;		/* frames of one link type come in runs */
	struct prepared	 links[MAX_LINKS];
};

/* LINKTYPE_ and DLT_ differ where systems disagreed on DLT_ numbers. */
static const struct { uint16_t link; int dlt; } odd_links[] = {
	{ 100, DLT_ATM_RFC1483 }, { 101, DLT_RAW }, { 102, DLT_SLIP_BSDOS },
	{ 103, DLT_PPP_BSDOS }, { 106, DLT_ATM_CLIP },
};

int
filter_dlt(uint16_t link)
{
	for (size_t i = 0; i < COUNTOF(odd_links); i++)
		if (odd_links[i].link == link)
			return odd_links[i].dlt;
	if (link == LINK_RAW_BSD || link == LINK_RAW_OPENBSD)
		return DLT_RAW;
	return link;
}

uint16_t
filter_link(int dlt)
{
	for (size_t i = 0; i < COUNTOF(odd_links); i++)
		if (odd_links[i].dlt == dlt)
			return odd_links[i].link;
	return (uint16_t)dlt;
}

bool
filter_is_empty(const char *expr)
{
	return expr == NULL || expr[strspn(expr, " \t\r\n")] == '\0';
}

const char *
filter_given(const struct filter *f)
{
	return f->expr;
}

/* Put " or udp port N" behind `to` for each of a comma list; words are left out. */
static void
add_ports(struct strbuf *to, const char *ports, unsigned *n)
{
	for (;; ports += strcspn(ports, ",") + 1) {
		int len = (int)strcspn(ports, ",");

		if (isdigit((unsigned char)ports[0]) && (*n)++ < PORTS_MAX)
			strbuf_printf(to, " or udp port %.*s", len, ports);
		if (ports[len] == '\0')
			break;
	}
}

static char *
carriers(const struct tunnel_settings *ports)
{
	size_t size = sizeof(carriers_ip) + PORTS_MAX * sizeof(" or udp port 65535");
	char *text = malloc(size);
	struct strbuf to = strbuf_on(text, text != NULL ? size : 0);
	unsigned n = 0;

	if (text == NULL)
		return NULL;
	strbuf_put(&to, carriers_ip);
#define TUNNEL(id, member, name, fallback, what) \
	add_ports(&to, ports != NULL && ports->member != NULL ? ports->member : (fallback), &n);
#include "record/tunnels.def"
#undef TUNNEL
	return text;
}

struct filter *
filter_open(const char *expr, bool widen, const struct tunnel_settings *ports)
{
	struct filter *f = calloc(1, sizeof(*f));

	if (f == NULL)
		return NULL;
	f->expr = expr;
	f->widen = widen;
	f->carriers = carriers(ports);
	if (f->carriers == NULL) {
		free(f);
		return NULL;
	}
	return f;
}

static void
forget(struct prepared *p)
{
	if (p->usable)
		pcap_freecode(&p->program);
	free(p->text);
	*p = (struct prepared){ 0 };
}

void
filter_close(struct filter *f)
{
	if (f == NULL)
		return;
	for (unsigned i = 0; i < f->n; i++)
		forget(&f->links[i]);
	free(f->carriers);
	free(f);
}

static bool
has_word(const char *expr, const char *word)
{
	while (*expr != '\0') {
		size_t n = 0;

		while (isalnum((unsigned char)expr[n]))
			n++;
		if (n == strlen(word) && strncmp(expr, word, n) == 0)
			return true;
		expr += n > 0 ? n : 1;
	}
	return false;
}

/* Does the expression itself name something that moves offsets? */
static bool
moves_offsets(const char *expr)
{
	return has_word(expr, "vlan") || has_word(expr, "mpls") || has_word(expr, "pppoes") ||
	    has_word(expr, "geneve") || has_word(expr, "vxlan");
}

static char *
format(const char *fmt, const char *e, const char *carriers)
{
	/* At most three of each in a format. */
	size_t size = strlen(fmt) + 3 * (strlen(e) + strlen(carriers)) + 1;
	char *text = malloc(size), *to = text;

	if (text == NULL)
		return NULL;
	for (; *fmt != '\0'; fmt++)
		if (*fmt == '%' || *fmt == '#') {
			const char *from = *fmt == '%' ? e : carriers;

			memcpy(to, from, strlen(from));
			to += strlen(from);
		} else
			*to++ = *fmt;
	*to = '\0';
	return text;
}

/* The ways to widen, best first; % is the expression, # what carries packets over IP.  `vlan` stands last in its
 * parentheses because it moves offsets for all that follows. */
static const char *const wide_tags =
	CARRIERS_LINK " or " CARRIERS_IP " or (%) or (vlan and ("
	CARRIERS_LINK " or " CARRIERS_IP " or (%) or (vlan and ("
	CARRIERS_LINK " or " CARRIERS_TAG " or " CARRIERS_IP " or (%)))))";
static const char *const wide_carriers =
	CARRIERS_LINK " or " CARRIERS_TAG " or " CARRIERS_IP " or (%)";
static const char *const wide_own_tags = CARRIERS_LINK " or " CARRIERS_IP " or (%)";
static const char *const wide_ip = CARRIERS_IP " or (%)";

static bool
compile(pcap_t *dead, struct prepared *p, const char *fmt, const struct filter *f)
{
	char *text = format(fmt, f->expr, f->carriers);

	if (text == NULL)
		return false;
	if (pcap_compile(dead, &p->program, text, 1, PCAP_NETMASK_UNKNOWN) != 0) {
		free(text);
		return false;
	}
	if (p->usable)
		free(p->text);
	p->text = text;
	p->usable = true;
	return true;
}

/* Whoever writes `vlan 7` wants that one, so other tags do not pass for it. */
static bool
widen(pcap_t *dead, struct prepared *p, const struct filter *f)
{
	if (has_word(f->expr, "vlan"))
		return compile(dead, p, wide_own_tags, f);
	return (!moves_offsets(f->expr) && compile(dead, p, wide_tags, f)) ||
	    compile(dead, p, wide_carriers, f) || compile(dead, p, wide_ip, f);
}

/* The expression alone must be right; only then is it put into a wider one. */
static int
prepare(struct filter *f, struct prepared *p, char *why, size_t why_len)
{
	pcap_t *dead = pcap_open_dead(filter_dlt(p->link), 262144);
	struct bpf_program narrow;

	if (dead == NULL || !compile(dead, p, "%", f)) {
		(void)snprintf(why, why_len, "%s",
		    dead != NULL ? pcap_geterr(dead) : "no memory");
		if (dead != NULL)
			pcap_close(dead);
		return -1;
	}
	narrow = p->program;
	if (f->widen && widen(dead, p, f))
		pcap_freecode(&narrow);
	else
		p->program = narrow;	/* libpcap clears the program when it fails */
	pcap_close(dead);
	return 0;
}

static struct prepared *
find(struct filter *f, uint16_t link)
{
	for (unsigned i = 0; i < f->n; i++)
		if (f->links[i].link == link)
			return &f->links[i];
	return NULL;
}

int
filter_prepare(struct filter *f, uint16_t link, char *why, size_t why_len)
{
	struct prepared *p = find(f, link);

	if (p != NULL && p->usable)
		return 0;
	if (p == NULL) {
		if (f->n < MAX_LINKS)
			p = &f->links[f->n++];
		else {
			p = &f->links[f->replace++ % MAX_LINKS];
			forget(p);
		}
	}
	f->last = NULL;
	p->link = link;
	return prepare(f, p, why, why_len);
}

const char *
filter_text(struct filter *f, uint16_t link)
{
	struct prepared *p = find(f, link);

	return p != NULL && p->usable ? p->text : NULL;
}

bool
filter_pass(struct filter *f, const struct frame *frame)
{
	struct pcap_pkthdr h = { .caplen = frame->cap_len, .len = frame->wire_len };

	if (f->last == NULL || f->last->link != frame->link) {
		char why[PCAP_ERRBUF_SIZE];

		f->last = find(f, frame->link);
		if (f->last == NULL) {
			if (filter_prepare(f, frame->link, why, sizeof(why)) != 0)
				log_warn("capture", "frames of link type %u are left out: the filter "
				    "means nothing there: %s", frame->link, why);
			f->last = find(f, frame->link);
		}
	}
	return f->last->usable && pcap_offline_filter(&f->last->program, &h, frame->data) != 0;
}
