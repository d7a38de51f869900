#include "config/options.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "config/config.h"

enum {
	OPT_SET = 256, OPT_FOLLOW, OPT_JSON, OPT_DUMP, OPT_STORE, OPT_BASELINE, OPT_LEARN, OPT_DETECT, OPT_LEARN_FIRST,
	OPT_SINCE, OPT_UNTIL, OPT_SEVERITY, OPT_ASSET, OPT_FORMAT,
	OPT_ALERT, OPT_INCIDENT, OPT_FLOW, OPT_FROM, OPT_TO, OPT_AROUND, OPT_NO_SANDBOX, OPT_FOR, OPT_FORM, OPT_LISTEN, OPT_CONTROL, OPT_STEP, OPT_TAGS
};

static const struct option longs[] = {
	{ "set",	required_argument,	NULL, OPT_SET },
	{ "follow",	no_argument,		NULL, OPT_FOLLOW },
	{ "dump-config", no_argument,		NULL, OPT_DUMP },
	{ "json",	no_argument,		NULL, OPT_JSON },
	{ "no-sandbox",	no_argument,		NULL, OPT_NO_SANDBOX },
	{ "help",	no_argument,		NULL, 'h' },
	{ "version",	no_argument,		NULL, 'V' },
	{ "learn",	no_argument,		NULL, OPT_LEARN },
	{ "detect",	no_argument,		NULL, OPT_DETECT },
	{ "learn-first", required_argument,	NULL, OPT_LEARN_FIRST },
	{ "baseline",	required_argument,	NULL, OPT_BASELINE },
	{ "store",	required_argument,	NULL, OPT_STORE },
	{ "tags",	required_argument,	NULL, OPT_TAGS },
	{ "since",	required_argument,	NULL, OPT_SINCE },
	{ "until",	required_argument,	NULL, OPT_UNTIL },
	{ "severity",	required_argument,	NULL, OPT_SEVERITY },
	{ "asset",	required_argument,	NULL, OPT_ASSET },
	{ "format",	required_argument,	NULL, OPT_FORMAT },
	{ "alert",	required_argument,	NULL, OPT_ALERT },
	{ "incident",	required_argument,	NULL, OPT_INCIDENT },
	{ "flow",	required_argument,	NULL, OPT_FLOW },
	{ "from",	required_argument,	NULL, OPT_FROM },
	{ "to",		required_argument,	NULL, OPT_TO },
	{ "around",	required_argument,	NULL, OPT_AROUND },
	{ "step",	required_argument,	NULL, OPT_STEP },
	{ "for",	required_argument,	NULL, OPT_FOR },
	{ "form",	required_argument,	NULL, OPT_FORM },
	{ "listen",	required_argument,	NULL, OPT_LISTEN },
	{ "control",	required_argument,	NULL, OPT_CONTROL },
	{ NULL, 0, NULL, 0 }
};

/* '-': arguments that are not options are returned in their order, because those
 * after -r are files.  ':' tells a missing argument from an unknown option. */
static const char shorts[] = "-:r:i:c:l:k:Ts:S:w:o:qvhV";

const char *const options_commands[] = { "alerts", "incidents", "assets", "spool", "store", "extract", "zones", "baseline", "health", "values", "verify", "check-mirror", "console", "report" };
const unsigned options_command_count = COUNTOF(options_commands);

/* State of parsing one command line. */
struct parse {
	struct options	*o;
	struct err	*e;
	bool		 in_files;	/* after -r, until an argument that is no file */
	char		*filter;	/* owned: FILTER, words joined by blanks */
};

void
options_help(FILE *to)
{
	fputs("usage: thermowell -r FILE|DIR... [options] [FILTER]   replay captures\n"
	    "       thermowell -i IFACE [-i ...] [options] [FILTER]   watch live\n"
	    "       thermowell rules check FILE... | list [--json] [-r ...] | explain [--json] SID... | reload\n"
	    "       thermowell alerts|incidents [--since T] [--severity N] [--asset A] [--format table|csv|json] [ID...]\n"
	    "       thermowell alerts|incidents acknowledge|label|archive|reopen|escalate|note ID [TEXT]\n"
	    "       thermowell assets [--format table|csv|json|netbox|cyclonedx] -r FILE|DIR...   the devices\n"
	    "       thermowell assets diff LIST.csv -r FILE|DIR...    against the list that you keep\n"
	    "       thermowell baseline status|show|diff|accept|reject|lock|unlock|reset|mode|export|import ...\n"
	    "       thermowell check-mirror -i IFACE [--for T] | -r FILE...   is the mirror port right?\n"
	    "       thermowell console --store DB [--listen ADDRESS:PORT] | token NAME   pages for a browser\n"
	    "       thermowell health [--store FILE | -r FILE|DIR...] [--asset A] [--format table|csv|json]   how devices fare\n"
	    "       thermowell extract -r FILE... --alert|--flow|--incident ID | --from T --to T  -w OUT.pcapng\n"
	    "       thermowell report -r FILE|DIR... | --store DB  -o REPORT.html [--form plant|audit]   one page to read\n"
	    "       thermowell spool show|print|replay|drop [NAME] -c FILE  lines that wait for their receivers\n"
	    "       thermowell store status|backup|restore|purge ...  what is remembered\n"
	    "       thermowell values propose -r FILE|DIR... | --store DB  names for the values that were seen\n"
	    "       thermowell values [TAG...] [--since T] [--until T] [--step 1m] [--format table|csv|influx|json] --store DB | -r FILE...\n"
	    "       thermowell verify FILE...                         has anybody changed the alerts in eve.json?\n"
	    "       thermowell zones propose -r FILE|DIR... | --store DB   zones and conduits of what was seen\n"
	    "       thermowell status [--json]                        how the running sensor is\n"
	    "       thermowell explain [--json] [TYPE|SID]            what an alert means\n"
	    "\n"
	    "  -r FILE|DIR...   captures (pcap, pcapng, gzip) or folders of them; - is standard\n"
	    "                   input.  Arguments that follow are captures too, as long as they exist.\n"
	    "  -i IFACE         an interface; may be given several times\n"
	    "  -c FILE          configuration (YAML)\n"
	    "  -l DIR           where eve.json and others go (default: .)\n"
	    "  -k none|all|auto checksum checks (default: auto)\n"
	    "  -s FILE          rules, added to those of the configuration\n"
	    "  -S FILE          rules, these alone\n"
	    "  --store FILE     database of all that is remembered\n"
	    "  --baseline FILE  the same, of the baseline alone\n"
	    "  --listen A:PORT  console: where (default: 127.0.0.1:8642)\n"
	    "  --control SOCKET console: control socket of the sensor that runs\n"
	    "  --tags FILE      names for values of the process\n"
	    "  -T               test configuration and rules, then exit\n"
	    "  --learn          learn what is normal; --detect: report what was not learned\n"
	    "  --learn-first T  learn for a time (10m, 2h), then detect\n"
	    "  --for T          check-mirror: how long to listen (90s, 10m; default: 60s)\n"
	    "  --set a.b=c      override one setting\n"
	    "  --no-sandbox     allow every system call\n"
	    "  --follow         wait for captures to grow\n"
	    "  --dump-config    print every setting, its meaning, range and value, then exit\n"
	    "  -q               quieter: errors only\n"
	    "  -v               louder: the summary even into a pipe; -v -v: what the modules do, too\n"
	    "  -h, --help       this text\n"
	    "  -V, --version    the version\n"
	    "  FILTER           a BPF expression at the end of the line; -- before it says that it is no file\n"
	    "\n"
	    "A replay on a terminal ends with a summary; records go to eve.json.\n"
	    "Exit status: 0 done, 1 could not do it, 2 wrong usage.  More: man thermowell\n", to);
}

#define FOR_MAX	(7u * 86400)	/* seconds to listen */

#define usage(r, ...) err_add((r)->e, NULL, 0, 0, __VA_ARGS__)

/* "a" "=" "b", allocated; NULL, with an error, when there is no memory. */
static char *
join(struct parse *r, const char *a, const char *between, const char *b)
{
	char *text;

	if (asprintf(&text, "%s%s%s", a, between, b) == -1) {
		usage(r, "out of memory");
		return NULL;
	}
	return text;
}

static void
add_set(struct parse *r, const char *what, char *assignment)
{
	if (assignment != NULL)
		r->o->sets[r->o->n_sets++] = (struct options_set){ what, assignment };
}

static void
add_filter(struct parse *r, const char *word)
{
	char *longer;

	if (r->filter == NULL) {
		r->filter = join(r, word, "", "");
		return;
	}
	longer = join(r, r->filter, " ", word);
	if (longer != NULL) {
		free(r->filter);
		r->filter = longer;
	}
}

/* Such a word is in no BPF expression: it was meant as a file. */
static bool
looks_like_a_file(const char *word)
{
	static const char *const suffixes[] = { ".pcap", ".pcapng", ".cap", ".gz", ".dmp" };
	size_t n = strlen(word);

	for (size_t i = 0; i < COUNTOF(suffixes); i++) {
		size_t k = strlen(suffixes[i]);

		if (n > k && strcmp(word + n - k, suffixes[i]) == 0)
			return true;
	}
	return false;
}

static bool
is_one_of(const char *word, const char *const *of, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, of[i]) == 0)
			return true;
	return false;
}

/* An argument that is no option. */
static void
take_word(struct parse *r, const char *word, bool first)
{
	if (first && strcmp(word, "explain") == 0) {
		r->o->job = OPTIONS_EXPLAIN;
		return;
	}
	if (r->o->job == OPTIONS_EXPLAIN) {
		if (r->o->word != NULL)
			usage(r, "explain takes one TYPE or SID");
		r->o->word = word;
		return;
	}
	if (first && strcmp(word, "rules") == 0) {
		r->o->job = OPTIONS_RULES;
		return;
	}
	if (r->o->job == OPTIONS_RULES && !r->in_files) {
		r->o->words[r->o->n_words++] = word;
		return;
	}
	if (first && strcmp(word, "status") == 0) {
		r->o->job = OPTIONS_STATUS;
		return;
	}
	if (r->o->job == OPTIONS_STATUS) {
		usage(r, "status takes no '%s'", word);
		return;
	}
	if (first && is_one_of(word, options_commands, options_command_count)) {
		r->o->job = OPTIONS_COMMAND;
		r->o->command = word;
		return;
	}
	if (r->o->job == OPTIONS_COMMAND && !r->in_files) {
		r->o->words[r->o->n_words++] = word;
		return;
	}
	if (r->in_files && (strcmp(word, "-") == 0 || access(word, F_OK) == 0)) {
		r->o->files[r->o->n_files++] = word;
		return;
	}
	if (r->filter == NULL && looks_like_a_file(word)) {
		if (access(word, F_OK) == 0)
			usage(r, "'%s': put -r before a capture file", word);
		else
			usage(r, "'%s': there is no such file (a FILTER that looks like one goes after --)", word);
		return;
	}
	r->in_files = false;
	add_filter(r, word);
}

/* getopt gave '?': suggest what was meant. */
static void
unknown_option(struct parse *r, const char *word)
{
	const char *best = NULL;
	unsigned least = 4, d, same = 0;

	if (word[0] != '-' || word[1] != '-') {
		usage(r, "there is no option -%c (thermowell -h shows all)", optopt);
		return;
	}
	word += 2;
	for (const struct option *o = longs; o->name != NULL; o++) {
		size_t n = strcspn(word, "=");
		char name[32];

		if (n > 0 && strncmp(o->name, word, n) == 0)
			same++;
		(void)snprintf(name, sizeof(name), "%.*s", (int)n, word);
		if ((d = str_distance(name, o->name)) < least) {
			least = d;
			best = o->name;
		}
	}
	if (optopt != 0)
		usage(r, "option --%.*s takes no value", (int)strcspn(word, "="), word);
	else if (same > 1)
		usage(r, "option --%s could mean several (thermowell -h shows all)", word);
	else
		usage(r, "there is no option --%s%s%s%s", word, best != NULL ? "; did you mean --" :
		    " (thermowell -h shows all)", best != NULL ? best : "", best != NULL ? "?" : "");
}

/* "10m" in seconds; false, with a problem: it is no time. */
static bool
take_time(struct parse *r, const char *option, const char *text, unsigned long *seconds)
{
	static const char units[] = "smhd";
	static const unsigned long of[] = { 1, 60, 3600, 86400 };
	size_t digits = strspn(text, "0123456789");
	const char *unit = text[digits] != '\0' ? strchr(units, text[digits]) : units;

	if (digits == 0 || digits > 10 || unit == NULL || (text[digits] != '\0' && text[digits + 1] != '\0')) {
		usage(r, "%s %s: give a time, as in 90s, 10m, 2h or 1d", option, text);
		return false;
	}
	*seconds = strtoul(text, NULL, 10) * of[unit - units];
	return true;
}

/* "10m": learn for so long, then detect. */
static void
take_learn_first(struct parse *r, const char *text)
{
	unsigned long s;
	char seconds[24];

	if (!take_time(r, "--learn-first", text, &s))
		return;
	(void)snprintf(seconds, sizeof(seconds), "%lu", s);
	add_set(r, "--learn-first", join(r, "baseline.learn-first", "=", seconds));
}

/* How long to listen. */
static void
take_for(struct parse *r, const char *text)
{
	unsigned long s;

	if (!take_time(r, "--for", text, &s))
		return;
	if (s == 0 || s > FOR_MAX)
		usage(r, "--for %s: give a time of 1 second to 7 days", text);
	else
		r->o->for_s = (uint32_t)s;
}

static void
add_pick(struct options *o, const char *option, const char *id)
{
	o->picks[o->n_picks++] = (struct options_pick){ option, id };
}

static void
take_option(struct parse *r, int c, int argc, char **argv)
{
	struct options *o = r->o;
	const char *word = optind > 0 && optind <= argc ? argv[optind - 1] : "";

	if (c != 1)
		r->in_files = c == 'r';
	switch (c) {
	case 'r': o->files[o->n_files++] = optarg; break;
	case 'i': o->ifaces[o->n_ifaces++] = optarg; break;
	case 'c': o->configs[o->n_configs++] = optarg; break;
	case 'l': add_set(r, "-l", join(r, "outputs.log-dir", "=", optarg)); break;
	case 'k': add_set(r, "-k", join(r, "decode.checksums", "=", optarg)); break;
	case OPT_SET: add_set(r, "--set", join(r, optarg, "", "")); break;
	case OPT_FOLLOW: add_set(r, "--follow", join(r, "capture.follow", "=", "yes")); break;
	case OPT_STORE: add_set(r, "--store", join(r, "store.file", "=", optarg)); break;
	case OPT_TAGS: add_set(r, "--tags", join(r, "process.tags", "=", optarg)); break;
	case OPT_BASELINE: add_set(r, "--baseline", join(r, "baseline.file", "=", optarg)); break;
	case OPT_STEP: o->step = optarg; break;
	case OPT_SINCE: o->since = optarg; break;
	case OPT_UNTIL: o->until = optarg; break;
	case OPT_SEVERITY: o->severity = optarg; break;
	case OPT_ASSET: o->asset = optarg; break;
	case OPT_FORMAT: o->format = optarg; break;
	case OPT_ALERT: add_pick(o, "--alert", optarg); break;
	case OPT_INCIDENT: add_pick(o, "--incident", optarg); break;
	case OPT_FLOW: add_pick(o, "--flow", optarg); break;
	case OPT_FROM: o->from = optarg; break;
	case OPT_TO: o->to = optarg; break;
	case OPT_AROUND: o->around = optarg; break;
	case OPT_FOR: take_for(r, optarg); break;
	case OPT_FORM: o->form = optarg; break;
	case 'w': o->write = optarg; break;
	case 'o': o->output = optarg; break;
	case 'T': o->job = OPTIONS_TEST; break;
	case OPT_JSON: o->json = true; break;
	case OPT_DUMP: o->job = OPTIONS_DUMP; break;
	case 'h': o->job = OPTIONS_HELP; break;
	case 'V': o->job = OPTIONS_VERSION; break;
	case 'q': o->loudness = -1; break;
	case 'v': o->loudness = o->loudness < 1 ? 1 : 2; break;
	case 's':
	case 'S':
		if (strchr(optarg, ',') != NULL)
			usage(r, "-%c %s: the name of a rule file may not hold a comma", c, optarg);
		o->rules[o->n_rules++] = optarg;
		o->rules_alone |= c == 'S';
		break;
	case OPT_NO_SANDBOX: add_set(r, "--no-sandbox", join(r, "run.sandbox", "=", "off")); break;
	case OPT_LISTEN: add_set(r, "--listen", join(r, "console.listen", "=", optarg)); break;
	case OPT_CONTROL: add_set(r, "--control", join(r, "control.socket", "=", optarg)); break;
	case OPT_LEARN: add_set(r, "--learn", join(r, "baseline.mode", "=", "learn")); break;
	case OPT_DETECT: add_set(r, "--detect", join(r, "baseline.mode", "=", "detect")); break;
	case OPT_LEARN_FIRST: take_learn_first(r, optarg); break;
	case ':':
		if (optopt > 0 && optopt < 256)
			usage(r, "option -%c needs a value (thermowell -h)", optopt);
		else
			usage(r, "option %s needs a value (thermowell -h)", word);
		break;
	default:
		unknown_option(r, word);
	}
}

/* The one command that may listen. */
static bool
is_check_mirror(const struct options *o)
{
	return o->job == OPTIONS_COMMAND && strcmp(o->command, "check-mirror") == 0;
}

/* What depends on more than one option. */
static void
check_line(struct parse *r)
{
	struct options *o = r->o;
	bool follow = false;

	for (unsigned i = 0; i < o->n_sets; i++)
		follow |= strcmp(o->sets[i].what, "--follow") == 0;
	if (o->n_files > 0 && o->n_ifaces > 0)
		usage(r, "give capture files (-r) or interfaces (-i), not both");
	else if (o->job == OPTIONS_RUN && o->n_files == 0 && o->n_ifaces == 0 && o->n_configs == 0 && r->e->n == 0)
		usage(r, "nothing to do: give capture files (-r FILE) or interfaces (-i IFACE); thermowell -h shows all");
	if (o->job != OPTIONS_COMMAND && (o->since != NULL || o->until != NULL || o->severity != NULL || o->asset != NULL ||
	    o->format != NULL))
		usage(r, "--since, --until, --severity, --asset and --format belong to alerts, incidents and their like");
	if ((o->job != OPTIONS_COMMAND || strcmp(o->command, "extract") != 0) && (o->n_picks > 0 || o->from != NULL ||
	    o->to != NULL || o->around != NULL || o->write != NULL))
		usage(r, "--alert, --incident, --flow, --from, --to, --around and -w belong to extract");
	if ((o->job != OPTIONS_COMMAND || strcmp(o->command, "report") != 0) && (o->output != NULL || o->form != NULL))
		usage(r, "-o and --form belong to report");
	if (o->step != NULL && (o->job != OPTIONS_COMMAND || strcmp(o->command, "values") != 0))
		usage(r, "--step belongs to values");
	if (o->for_s > 0 && !is_check_mirror(o))
		usage(r, "--for belongs to check-mirror");
	if (o->json && o->job == OPTIONS_COMMAND)
		o->format = o->format != NULL ? o->format : "json";
	else if (o->json && o->job != OPTIONS_RULES && o->job != OPTIONS_EXPLAIN && o->job != OPTIONS_STATUS)
		usage(r, "--json belongs to rules list, explain and reload, to explain and to status");
	if (follow && o->n_ifaces > 0)
		usage(r, "--follow is for capture files (-r)");
}

void
options_read(struct options *o, int argc, char **argv, struct err *e)
{
	struct parse r = { .o = o, .e = e };
	size_t max = (size_t)argc + 1;
	int c;

	*o = (struct options){
		.files = calloc(max, sizeof(*o->files)),
		.ifaces = calloc(max, sizeof(*o->ifaces)),
		.configs = calloc(max, sizeof(*o->configs)),
		.rules = calloc(max, sizeof(*o->rules)),
		.words = calloc(max, sizeof(*o->words)),
		.sets = calloc(max, sizeof(*o->sets)),
		.picks = calloc(max, sizeof(*o->picks)),
	};
	if (o->files == NULL || o->ifaces == NULL || o->configs == NULL ||
	    o->rules == NULL || o->words == NULL || o->sets == NULL || o->picks == NULL) {
		usage(&r, "out of memory");
		return;
	}
	opterr = 0;
	optind = 0;	/* glibc: start afresh, so that tests can call this twice */
	while ((c = getopt_long(argc, argv, shorts, longs, NULL)) != -1) {
		if (c == 1)
			take_word(&r, optarg, optind == 2);
		else
			take_option(&r, c, argc, argv);
	}
	/* What follows "--" is FILTER, even where a file has that name. */
	for (; optind < argc; optind++)
		add_filter(&r, argv[optind]);
	if (r.filter != NULL)
		add_set(&r, "FILTER", join(&r, "capture.filter", "=", r.filter));
	free(r.filter);
	check_line(&r);
}

/* Add rule files of the command line to those of the settings, or replace them. */
static void
add_rules(const struct options *o, struct settings *s, struct err *e)
{
	size_t n = 1 + (s->rules.files != NULL ? strlen(s->rules.files) : 0);
	struct strbuf b;
	char *list;

	if (o->n_rules == 0)
		return;
	for (unsigned i = 0; i < o->n_rules; i++)
		n += strlen(o->rules[i]) + 1;
	list = malloc(n);
	if (list == NULL) {
		err_add(e, NULL, 0, 0, "out of memory");
		return;
	}
	b = strbuf_on(list, n);
	if (!o->rules_alone && s->rules.files != NULL && strcmp(s->rules.files, "none") != 0)
		strbuf_put(&b, s->rules.files);
	for (unsigned i = 0; i < o->n_rules; i++)
		strbuf_printf(&b, "%s%s", b.len > 0 ? "," : "", o->rules[i]);
	free((void *)s->rules.files);
	s->rules.files = list;
}

void
options_settings(const struct options *o, struct settings *s, struct err *e, struct err *usage)
{
	config_defaults(s);
	for (unsigned i = 0; i < o->n_configs; i++)
		config_file(s, o->configs[i], e);
	for (unsigned i = 0; i < o->n_sets; i++)
		config_set(s, o->sets[i].assignment, o->sets[i].what, usage);
	config_check_sinks(s, e);
	add_rules(o, s, e);
}

void
options_interfaces(struct options *o, const struct settings *s, struct err *e)
{
	const char *list = s->capture.interfaces, *word;
	size_t n = list != NULL ? strlen(list) : 0, at = 0, len;
	const char **names;

	if (o->n_files + o->n_ifaces > 0 || (o->job != OPTIONS_RUN && !is_check_mirror(o)))
		return;
	o->iface_words = calloc(1, n + 1);
	names = realloc(o->ifaces, (n / 2 + 1) * sizeof(*names));
	if (names != NULL)
		o->ifaces = names;
	if (o->iface_words == NULL || names == NULL) {
		err_add(e, NULL, 0, 0, "out of memory");
		return;
	}
	while ((len = str_next(&list, &word)) > 0) {
		o->ifaces[o->n_ifaces++] = memcpy(o->iface_words + at, word, len);
		at += len + 1;
	}
	if (o->n_ifaces == 0)
		err_add(e, NULL, 0, 0, "nothing to do: give capture files (-r FILE) or interfaces (-i IFACE, or capture.interfaces in the configuration)");
}

void
options_free(struct options *o)
{
	for (unsigned i = 0; i < o->n_sets; i++)
		free(o->sets[i].assignment);
	free(o->files);
	free(o->ifaces);
	free(o->iface_words);
	free(o->configs);
	free(o->rules);
	free(o->words);
	free(o->sets);
	free(o->picks);
	*o = (struct options){ 0 };
}
