/* report_audit.c - requirement by requirement: what was observed, what cannot be, what needs a document.  Never a verdict. */
#include "web/report_parts.h"

#include <inttypes.h>
#include <string.h>

#include "base/str.h"

enum kind { OBSERVED, PARTLY, NOT_SEEN, DOCUMENT };

/* What the figures are about. */
#define FIGURES(F) F(NONE) F(LOGINS) F(SPOOFING) F(OUTSIDE) F(DEEDS) F(NEW_DEVICES) F(REMOTE) F(SESSIONS) F(EVENTS) F(STORAGE) F(SENSOR) F(TIME) \
	F(INTEGRITY) F(PROGRAMS) F(REFUSED) F(HIJACK) F(CHAIN) F(CLEAR) F(CRYPTO) F(ZONES) F(CONDUITS) F(PERSONAL) F(MONITORING) F(FLOODS) \
	F(ANSWERING) F(UPLOADS) F(SERVICES) F(INVENTORY) F(DETECTION) F(DECISIONS) F(INCIDENTS) F(VENDORS) F(FIRMWARE)
#define ENUM(name) FIGURE_##name,
enum figure { FIGURES(ENUM) FIGURE_COUNT };
#undef ENUM

enum standard {
#define AUDIT_STANDARD(id, name, what) STANDARD_##id,
#include "web/audit.def"
	STANDARDS
};

static const struct { const char *name, *what; } standards[] = {
#define AUDIT_STANDARD(id, name, what) { name, what },
#include "web/audit.def"
};

static const struct requirement {
	enum standard	 standard;
	const char	*clause, *title;
	enum kind	 kind;
	enum figure	 figure;
	const char	*words;
} requirements[] = {
#define AUDIT(standard, clause, title, kind, figure, words) { STANDARD_##standard, clause, title, kind, FIGURE_##figure, words },
#include "web/audit.def"
};

/* ---- counting ------------------------------------------------------------------------------ */

/* Is `text` one of these words ("a b c")?  One with a '*' at an end stands for all that go on so. */
static bool
is_among(const char *text, const char *words)
{
	const size_t length = strlen(text);

	while (*words != '\0') {
		size_t n = strcspn(words, " ");

		if (n > 0 && words[n - 1] == '*' ? strncmp(text, words, n - 1) == 0 :
		    n > 0 && words[0] == '*' ? length >= n - 1 && memcmp(text + length - (n - 1), words + 1, n - 1) == 0 :
		    n == length && memcmp(text, words, n) == 0)
			return true;
		words += n + (words[n] == ' ');
	}
	return false;
}

/* Over the rows of a kind: `x` is one of them, what follows is added for it.  `words`: what is_among() takes; NULL: whatever it is. */
#define SUM(name, KIND, row, ...) \
static uint64_t \
name(const struct view *v, const char *words) \
{ \
	uint64_t n = 0; \
\
	(void)words; \
	for (uint32_t i = 0; i < view_n(v, KIND); i++) { \
		const struct keep_##row *x = view_##row(v, i); \
\
		n += (__VA_ARGS__); \
	} \
	return n; \
}
SUM(alerts_of, KEEP_ALERT, alert, is_among(x->type, words))
SUM(deeds_of, KEEP_DEED, deed, words == NULL || is_among(x->command, words) ? x->count : 0)
SUM(talks_of, KEEP_TALK, talk, is_among(x->service, words))	/* pairs of client and server by service */
SUM(outside_talks, KEEP_TALK, talk, addr_is_public(&x->client) || addr_is_public(&x->server))
SUM(refused_operations, KEEP_TALK, talk, x->refused)
SUM(plant_operations, KEEP_TALK, talk, x->plant ? x->count : 0)
SUM(answering_assets, KEEP_ASSET, asset, x->proven)
SUM(actions_of, KEEP_ACTION, action, is_among(x->object, words))
SUM(gaps, KEEP_SIGHT, sight, x->hides && x->value > 0)
SUM(incidents_of, KEEP_INCIDENT, incident, x->part_of[0] == '\0')
#undef SUM

static uint64_t
assets_with(const struct view *v, size_t offset)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++)
		n += ((const char *)view_asset(v, i))[offset] != '\0';
	return n;
}

static uint64_t
facts_of(const struct view *v, unsigned state)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_FACT); i++)
		n += view_fact(v, i)->state == state;
	return n;
}

static uint64_t
zones_of_assets(const struct view *v)
{
	uint64_t n = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_ASSET); i++) {
		const char *zone = view_asset(v, i)->zone;
		bool again = zone[0] == '\0';

		for (uint32_t k = 0; k < i && !again; k++)
			again = strcmp(view_asset(v, k)->zone, zone) == 0;
		n += !again;
	}
	return n;
}

/* ---- figures in words ----------------------------------------------------------------------- */

/* "12 alerts of refused logins". */
static void
say(struct html *h, uint64_t n, const char *of)
{
	html_raw(h, "<span class=\"figure-in\"><b>");
	html_number(h, n);
	html_f(h, "</b> %s</span>", of);
}

#define PLAIN_SERVICES	"http telnet ftp* tftp snmp smb* netbios* vnc pop3 imap smtp rlogin rsh syslog tcp/21 tcp/23 tcp/80 udp/69 udp/161"
#define CRYPTO_SERVICES	"tls* ssh https quic openvpn wireguard ipsec dtls"
#define REMOTE_SERVICES	"rdp* ssh vnc telnet teamviewer anydesk winrm tcp/22 tcp/23 tcp/3389 tcp/5900"
#define PERSON_SERVICES	"smtp* pop* imap* whatsapp* telegram* skype* teams* zoom* xmpp* jabber* irc sip* signal* discord* facebook* webex*"

static const struct { enum figure of; const char *types, *words; } by_alerts[] = {
	{ FIGURE_LOGINS, "auth.*", "alerts about refused or guessed logins" },
	{ FIGURE_SPOOFING, "arp.spoofing baseline.mac baseline.identity baseline.announced", "alerts that an address or identity changed its device" },
	{ FIGURE_NEW_DEVICES, "client.new* baseline.device baseline.peer*", "alerts about new devices or clients" },
	{ FIGURE_SESSIONS, "sessions.*", "alerts about too many sessions" },
	{ FIGURE_SENSOR, "sensor.* store.failed", "alerts of the sensor about itself" },
	{ FIGURE_INTEGRITY, "protocol.malformed evasion.* packet.crafted message.length", "alerts about malformed or forged messages" },
	{ FIGURE_HIJACK, "session.* packet.crafted arp.spoofing", "alerts about sessions that were taken over or forged" },
	{ FIGURE_CONDUITS, "zone.*", "alerts about traffic that no conduit allows" },
	{ FIGURE_FLOODS, "commands.flood reports.flood operations.flood icmp.flood sessions.flood arp.flood baseline.flood device.unresponsive", "alerts about floods and devices that stopped answering" },
	{ FIGURE_ANSWERING, "*.busy *.unresponsive exceptions.many device.disconnected", "alerts about devices that were busy or did not answer" },
};

static void
put_services(struct html *h, const struct view *v, enum figure f)
{
	switch (f) {
	case FIGURE_OUTSIDE:
		say(h, outside_talks(v, NULL), "conversations with public addresses");
		say(h, alerts_of(v, "internet.ot baseline.outside"), "alerts about them");
		break;
	case FIGURE_REMOTE:
		say(h, talks_of(v, REMOTE_SERVICES), "conversations of remote access (RDP, SSH, VNC, Telnet and their like)");
		break;
	case FIGURE_CLEAR:
		say(h, talks_of(v, PLAIN_SERVICES), "conversations of services in the clear");
		say(h, plant_operations(v, NULL), "operations of plant protocols, which none of them encrypts");
		break;
	case FIGURE_CRYPTO:
		say(h, talks_of(v, CRYPTO_SERVICES), "encrypted conversations");
		break;
	case FIGURE_PERSONAL:
		say(h, talks_of(v, PERSON_SERVICES), "conversations of mail, chat or calls");
		break;
	default:
		say(h, view_n(v, KEEP_TALK), "pairs of client and server by service, listed in the report of the plant");
		break;
	}
}

static void
put_devices(struct html *h, const struct view *v, enum figure f)
{
	say(h, answering_assets(v, NULL), "devices answered");
	if (f != FIGURE_FIRMWARE)
		say(h, assets_with(v, offsetof(struct keep_asset, vendor)), "with a vendor");
	if (f == FIGURE_INVENTORY)
		say(h, assets_with(v, offsetof(struct keep_asset, model)), "with a model");
	if (f != FIGURE_VENDORS)
		say(h, assets_with(v, offsetof(struct keep_asset, firmware)), "with a firmware version");
	else
		say(h, outside_talks(v, NULL), "conversations with public addresses");
}

static void
put_detection(struct html *h, const struct view *v)
{
	uint64_t runs = 0;

	for (uint32_t i = 0; i < view_n(v, KEEP_SIGHT); i++)
		runs += strcmp(view_sight(v, i)->name, "source.0") == 0;
	say(h, runs > 0 ? report_sight(v, "detect.rules.loaded") / runs : 0, "rules");
	say(h, facts_of(v, FACT_LEARNED) + facts_of(v, FACT_ACCEPTED), "facts of a baseline");
	say(h, view_n(v, KEEP_ALERT), "alerts");
	say(h, incidents_of(v, NULL), "incidents");
}

static void
put_monitoring(struct html *h, const struct view *v)
{
	uint64_t first, last;

	if (view_span(v, &first, &last)) {
		html_raw(h, "<span class=\"figure-in\"><b>");
		html_duration(h, last - first);
		html_raw(h, "</b> from first to last frame</span>");
	}
	say(h, report_sight(v, "decoder.pkts"), "frames");
	say(h, gaps(v, NULL), "kinds of gaps in what was seen");
}

static void
put_figure(struct html *h, const struct view *v, enum figure f)
{
	for (size_t i = 0; i < COUNTOF(by_alerts); i++)
		if (by_alerts[i].of == f) {
			say(h, alerts_of(v, by_alerts[i].types), by_alerts[i].words);
			return;
		}
	switch (f) {
	case FIGURE_NONE:	break;
	case FIGURE_DEEDS:	say(h, deeds_of(v, NULL), "writes and commands, each with its client"); break;
	case FIGURE_EVENTS:	say(h, deeds_of(v, NULL), "writes and commands"); say(h, view_n(v, KEEP_ALERT), "alerts"); break;
	case FIGURE_STORAGE:	say(h, view_n(v, KEEP_ALERT), "alerts kept"); say(h, alerts_of(v, "store.failed sensor.disk.low"), "alerts that storage failed or is short"); break;
	case FIGURE_TIME:	say(h, deeds_of(v, "time"), "settings of clocks"); say(h, talks_of(v, "ntp* udp/123"), "conversations of NTP"); break;
	case FIGURE_PROGRAMS:	say(h, deeds_of(v, "download firmware activate config config-save file-write delete erase"), "changes of programs, firmware, configuration or files"); break;
	case FIGURE_REFUSED:	say(h, refused_operations(v, NULL), "operations that devices refused"); break;
	case FIGURE_CHAIN:	say(h, view_n(v, KEEP_ALERT), "alerts; those of a live sensor are chained"); break;
	case FIGURE_ZONES:	say(h, zones_of_assets(v), "zones with devices"); say(h, alerts_of(v, "zone.*"), "alerts about traffic between them"); break;
	case FIGURE_UPLOADS:	say(h, deeds_of(v, "upload file-read"), "programs and files read out of devices"); break;
	case FIGURE_MONITORING:	put_monitoring(h, v); break;
	case FIGURE_DETECTION:	put_detection(h, v); break;
	case FIGURE_DECISIONS:	say(h, actions_of(v, "alert incident"), "decisions about alerts and incidents"); say(h, actions_of(v, "baseline"), "about facts of the baseline"); break;
	case FIGURE_INCIDENTS:	say(h, incidents_of(v, NULL), "incidents"); say(h, actions_of(v, "alert incident"), "decisions of operators"); break;
	case FIGURE_INVENTORY:
	case FIGURE_VENDORS:
	case FIGURE_FIRMWARE:	put_devices(h, v, f); break;
	default:		put_services(h, v, f); break;
	}
}

static const char *const kind_words[] = { "observed", "observed in part", "not observable by a passive sensor", "needs your document" };

static void
put_standard(struct html *h, const struct view *v, enum standard of)
{
	static const char *const ids[] = { "iec-62443-3-3", "cip-015-1", "nis2-21" };
	unsigned n[4] = { 0 };

	_Static_assert(COUNTOF(ids) == STANDARDS, "each standard has an anchor");
	for (size_t i = 0; i < COUNTOF(requirements); i++)
		if (requirements[i].standard == of)
			n[requirements[i].kind]++;
	report_section(h, ids[of], standards[of].name, standards[of].what);
	html_f(h, "<p>%u observed, %u in part, %u not observable, %u need a document.</p>", n[OBSERVED], n[PARTLY], n[NOT_SEEN], n[DOCUMENT]);
	report_table(h, standards[of].name, "Clause|Requirement|What a passive sensor can say|Figures of this report");
	for (size_t i = 0; i < COUNTOF(requirements); i++) {
		const struct requirement *r = &requirements[i];

		if (r->standard != of)
			continue;
		html_f(h, "<tr><th scope=\"row\">%s</th><td>%s</td><td><span class=\"k k%u\">%s</span> %s</td><td>", r->clause, r->title, r->kind,
		    kind_words[r->kind], r->words);
		put_figure(h, v, r->figure);
		html_raw(h, "</td></tr>");
	}
	report_table_end(h);
	report_section_end(h);
}

void
report_audit(struct html *h, const struct view *v)
{
	html_raw(h, "<p class=\"notice\">This page gives evidence and no verdict. What is marked as observed was seen in traffic, in the time and at the place "
	    "named above; it says nothing of other times and places. Whether a requirement is met is for the auditor to judge.</p>");
	for (unsigned s = 0; s < STANDARDS; s++)
		put_standard(h, v, (enum standard)s);
}
