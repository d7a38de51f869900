#include "output/visibility.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

/* Ordered by what is worth mending first. */
static const char adv_drops[] =
	"Give the sensor more time for each packet: a larger capture.buffer, a narrower "
	"filter, or a faster machine.";
static const char adv_if[] =
	"Look at the mirror port and its cable: the interface itself dropped frames.";
static const char adv_down[] =
	"Look at the cable and the switch port: the interface went away.";
static const char adv_gap[] =
	"Look at the mirror port: it loses frames when the ports it copies carry more than "
	"it can.  A tap, or mirroring fewer ports, helps.";
static const char adv_snap[] =
	"Capture whole frames (snap length 0 or 262144).";
static const char adv_file[] =
	"The capture file was cut; take it again or accept that its end is missing.";
static const char adv_flows[] =
	"Raise the table that was full, in the settings of stream or dissect, or narrow the filter.";
static const char adv_devices[] =
	"Raise detect.devices or detect.trackers, or look for who makes so many addresses up.";
static const char adv_disk[] =
	"Make room on the disk of the log directory, or log fewer record types.";
static const char adv_mirror[] =
	"Let the switch mirror whole frames (no truncation in the ERSPAN session).";
static const char adv_secret[] =
	"Mirror a port behind the end of the encryption, where the same traffic is readable.";
static const char adv_time[] =
	"Capture with time stamps (pcapng enhanced packet blocks, or pcap).";
static const char adv_report[] =
	"The sensor lost count of what it read: please report it, with the capture if you can.";
static const char adv_link[] =
	"Frames of an unknown link type: tell the authors which tap or tunnel made them.";

/* The words of a row that deserves its own; the rest is said with the row's
 * description.  `with` is a second number that belongs to the first. */
static const struct say {
	const char	*one, *many;	/* after the number */
	enum counter_id	 with;		/* 0: none */
	const char	*with_word;
	const char	*advice;
} says[CNT_COUNT] = {
	[CNT_CAP_DROPS] = { "packet was dropped by the kernel",
	    "packets were dropped by the kernel", 0, NULL, adv_drops },
	[CNT_CAP_IFDROPS] = { "packet was dropped by the interface",
	    "packets were dropped by the interface", 0, NULL, adv_if },
	[CNT_CAP_ERRORS] = { "read from the source failed", "reads from the source failed",
	    0, NULL, NULL },
	[CNT_CAP_CUT_FILES] = { "capture file ends inside a record",
	    "capture files end inside a record", 0, NULL, adv_file },
	[CNT_CAP_DOWN] = { "time an interface went away", "times an interface went away",
	    0, NULL, adv_down },
	[CNT_CAP_RING_LEFT] = { "packet was left in the kernel's buffer when the sensor ended",
	    "packets were left in the kernel's buffer when the sensor ended", 0, NULL, NULL },
	[CNT_CAP_FILE_DROPS] = { "packet was dropped when the capture file was written",
	    "packets were dropped when the capture files were written", 0, NULL, NULL },
	[CNT_CAP_SKIPPED] = { "file is no capture and was left out",
	    "files are no captures and were left out", 0, NULL, NULL },
	[CNT_CAP_NO_TIME] = { "frame has no time: the order is the file's, every duration is unknown",
	    "frames have no time: the order is the file's, every duration is unknown", 0, NULL, adv_time },
	[CNT_DEC_INVALID] = { "frame had a malformed header", "frames had malformed headers",
	    0, NULL, NULL },
	[CNT_DEC_DUPLICATES] = { "frame came twice and was counted once",
	    "frames came twice and were counted once", 0, NULL, NULL },
	[CNT_DEC_CUT] = { "frame was cut by the snap length", "frames were cut by the snap length",
	    0, NULL, adv_snap },
	[CNT_DEC_UNKNOWN_LINK] = { "frame was of an unknown link type",
	    "frames were of an unknown link type", 0, NULL, adv_link },
	[CNT_DEFRAG_TIMEOUT] = { "fragmented datagram was never complete",
	    "fragmented datagrams were never complete", CNT_DEFRAG_LOST, "fragment", NULL },
	[CNT_DEC_UNKNOWN_TYPE] = { "frame was of an EtherType that is not followed",
	    "frames were of EtherTypes that are not followed", 0, NULL, NULL },
	[CNT_DEC_CUT_HEADER] = { "frame was cut inside a header", "frames were cut inside a header",
	    0, NULL, adv_snap },
	[CNT_DEC_MIRROR_CUT] = { "mirrored frame was cut by the switch",
	    "mirrored frames were cut by the switch", 0, NULL, adv_mirror },
	[CNT_DEC_LLC] = { "LLC frame was not followed", "LLC frames were not followed", 0, NULL, NULL },
	[CNT_DEC_MACSEC_ENCRYPTED] = { "frame was encrypted by MACsec",
	    "frames were encrypted by MACsec", 0, NULL, adv_secret },
	[CNT_DEC_ESP] = { "packet was encrypted by IPsec", "packets were encrypted by IPsec",
	    0, NULL, adv_secret },
	[CNT_DEC_ENCRYPTED] = { "packet was of a tunnel that encrypts",
	    "packets were of tunnels that encrypt", 0, NULL, adv_secret },
	[CNT_DEC_TUNNEL_OTHER] = { "packet was of a tunnel whose inside is not followed",
	    "packets were of tunnels whose inside is not followed", 0, NULL, NULL },
	[CNT_DEC_IP_PROTO] = { "IP packet was of a protocol that is not followed",
	    "IP packets were of protocols that are not followed", 0, NULL, NULL },
	[CNT_DEC_IP_LONG] = { "IP packet claimed more bytes than its frame had",
	    "IP packets claimed more bytes than their frames had", 0, NULL, NULL },
	[CNT_DEFRAG_REFUSED] = { "fragment could not be put into its datagram",
	    "fragments could not be put into their datagrams", 0, NULL, NULL },
	[CNT_FLOW_EVICTED] = { "conversation was dropped from a full table",
	    "conversations were dropped from a full table", 0, NULL, adv_flows },
	[CNT_TCP_GAPS] = { "gap in a TCP session", "gaps in TCP sessions",
	    CNT_TCP_GAP_BYTES, "byte", adv_gap },
	[CNT_TCP_SEGMENT_DROP] = { "segment was not kept because memory was full",
	    "segments were not kept because memory was full", 0, NULL, adv_flows },
	[CNT_APP_MODBUS_GAP] = { "gap was inside a Modbus conversation",
	    "gaps were inside Modbus conversations", 0, NULL, NULL },
	[CNT_APP_MODBUS_PARSER] = { "time the Modbus parser lost its place",
	    "times the Modbus parser lost its place", CNT_APP_MODBUS_BLIND, "byte", NULL },
	[CNT_APP_PAIR_EVICTED] = { "request was forgotten before its answer",
	    "requests were forgotten before their answers", 0, NULL, adv_flows },
	[CNT_APP_CONV_EVICTED] = { "conversation lost its parser state",
	    "conversations lost their parser state", 0, NULL, adv_flows },
	[CNT_TCP_UNCOMPARED] = { "byte was sent again when the first copy was not remembered any more",
	    "bytes were sent again when the first copies were not remembered any more", 0, NULL, NULL },
	[CNT_TCP_HISTORY_EVICTED] = { "time delivered bytes were forgotten before their receiver had them",
	    "times delivered bytes were forgotten before their receiver had them", 0, NULL, adv_flows },
	[CNT_TCP_BAD_SUM] = { "segment had a wrong checksum, so that its receiver takes another copy or none",
	    "segments had wrong checksums, so that their receivers take other copies or none", 0, NULL, NULL },
	[CNT_TCP_URGENT] = { "urgent byte left a plant conversation, as most receivers take it",
	    "urgent bytes left plant conversations, as most receivers take them", 0, NULL, NULL },
	[CNT_TCP_OUT_OF_WINDOW] = { "segment was too far from its session to be followed",
	    "segments were too far from their sessions to be followed", 0, NULL, NULL },
	[CNT_FLOW_REFUSED] = { "frame found no place in the table of conversations",
	    "frames found no place in the table of conversations", 0, NULL, adv_flows },
	[CNT_DETECT_DEVICES] = { "device's state was forgotten because the table was full",
	    "devices' states were forgotten because the table was full", 0, NULL, adv_devices },
	[CNT_DETECT_TRACKERS] = { "host was no longer watched for scans because the table was full",
	    "hosts were no longer watched for scans because the table was full", 0, NULL, adv_devices },
	[CNT_APP_PART_EVICTED] = { "half of a split message was dropped from a full table",
	    "halves of split messages were dropped from a full table", 0, NULL, adv_flows },
	[CNT_APP_CAND_EVICTED] = { "conversation lost its first bytes before it was known what it is",
	    "conversations lost their first bytes before it was known what they are", 0, NULL, adv_flows },
	[CNT_DEFRAG_EVICTED] = { "incomplete datagram was dropped from a full table",
	    "incomplete datagrams were dropped from a full table", 0, NULL, adv_flows },
	[CNT_APP_PORT_UNREAD] = { "byte on the port of a plant protocol was not in that protocol, nor in "
	    "another that is known", "bytes on ports of plant protocols were not in those protocols, nor in "
	    "others that are known", 0, NULL, NULL },
	[CNT_APP_UNKNOWN] = { "byte was in a protocol that the sensor does not know",
	    "bytes were in protocols that the sensor does not know", 0, NULL, NULL },
	[CNT_ACC_FRAMES_LOST] = { "frame went nobody knows where: an error of this program",
	    "frames went nobody knows where: an error of this program", 0, NULL, adv_report },
	[CNT_ACC_BYTES_LOST] = { "byte went nobody knows where: an error of this program",
	    "bytes went nobody knows where: an error of this program", 0, NULL, adv_report },
	[CNT_OUT_LOST] = { "line could not be written", "lines could not be written",
	    0, NULL, adv_disk },
};

/* Said in the bracket of another row, when that row has something to say. */
static bool
said_elsewhere(const struct counters *d, enum counter_id id)
{
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (says[i].with == id && id != 0 && says[i].with_word != NULL && d->v[i] > 0)
			return true;
	return false;
}

bool
visibility_row(enum counter_id id)
{
	return (counter_marks[id] & (COUNTER_HIDES | COUNTER_TOLD)) != 0;
}

bool
visibility_hides(enum counter_id id)
{
	return (counter_marks[id] & COUNTER_HIDES) != 0;
}

bool
visibility_blind(const struct counters *before, const struct counters *now)
{
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (now->v[i] != before->v[i] && visibility_row((enum counter_id)i))
			return true;
	return false;
}

/* 12,345 */
static void
number(struct strbuf *s, uint64_t v)
{
	char digits[24], text[32];
	int n = snprintf(digits, sizeof(digits), "%" PRIu64, v), at = 0;

	for (int i = 0; i < n; i++) {
		if (i > 0 && (n - i) % 3 == 0)
			text[at++] = ',';
		text[at++] = digits[i];
	}
	text[at] = '\0';
	strbuf_put(s, text);
}

const char *
visibility_words(enum counter_id id, uint64_t n)
{
	if (says[id].one == NULL)
		return counter_row(id)->what;
	return n == 1 ? says[id].one : says[id].many;
}

static void
say_row(const struct counters *d, enum counter_id id, struct strbuf *to)
{
	const struct say *say = &says[id];
	uint64_t n = d->v[id];

	if (say->one == NULL) {
		strbuf_put(to, counter_row(id)->what);
		strbuf_put(to, ": ");
		number(to, n);
		return;
	}
	number(to, n);
	strbuf_put(to, " ");
	strbuf_put(to, visibility_words(id, n));
	if (say->with_word == NULL || d->v[say->with] == 0)
		return;
	strbuf_put(to, " (");
	number(to, d->v[say->with]);
	strbuf_put(to, " ");
	strbuf_put(to, say->with_word);
	strbuf_put(to, d->v[say->with] == 1 ? ")" : "s)");
}

void
visibility_sentence(const struct counters *d, struct strbuf *to)
{
	bool any = false;

	strbuf_put(to, "The sensor saw ");
	number(to, d->v[CNT_DEC_PACKETS]);
	strbuf_put(to, d->v[CNT_DEC_PACKETS] == 1 ? " packet" : " packets");
	for (unsigned i = 0; i < CNT_COUNT; i++) {
		if (!visibility_hides(i) || d->v[i] == 0 || said_elsewhere(d, i))
			continue;
		strbuf_put(to, any ? "; " : ", but not everything: ");
		say_row(d, i, to);
		any = true;
	}
	if (!any)
		strbuf_put(to, " and missed nothing");
	/* A copy of a frame takes nothing away from what was seen. */
	for (unsigned i = 0; i < CNT_COUNT; i++)
		if (visibility_row(i) && !visibility_hides(i) && d->v[i] > 0) {
			strbuf_put(to, "; ");
			say_row(d, i, to);
		}
	strbuf_put(to, ".");
}

unsigned
visibility_advice(const struct counters *d, const char *advice[VISIBILITY_ADVICE_MAX])
{
	unsigned n = 0;

	for (unsigned i = 0; i < CNT_COUNT && n < VISIBILITY_ADVICE_MAX; i++) {
		bool known = says[i].advice == NULL || d->v[i] == 0;

		for (unsigned k = 0; k < n; k++)
			known = known || advice[k] == says[i].advice;
		if (!known)
			advice[n++] = says[i].advice;
	}
	return n;
}
