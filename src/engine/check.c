/* check.c - -T: checks all that a start needs and reports every problem at once.  Nothing
 * is created or changed. */
#include "engine/engine.h"

#include <errno.h>
#include <limits.h>
#include <net/if.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "asset/list.h"
#include "base/log.h"
#include "base/str.h"
#include "asset/geoip.h"
#include "asset/maintenance.h"
#include "asset/zones.h"
#include "capture/capture.h"
#include "detect/zones/conduits.h"
#include "engine/console_run.h"
#include "engine/metrics.h"
#include "engine/names.h"
#include "engine/tags.h"
#include "output/wanted.h"
#include "output/output.h"
#include "record/outputs.h"

/* Rules that do not load, or have number and revision of another, are problems; those left out are reported. */
static void
check_rules(const struct settings *s, const struct tags *tags, struct err *e)
{
	const struct rules_from from = engine_rules_from(s, tags);
	struct rule_set set;
	struct err notes = { 0 };
	int before = e->n;
	char text[128];

	if (rules_load_settings(&set, &from, e, &notes)) {
		err_print(&notes, stderr);
		if (set.n_clashes > 0)
			err_add(e, NULL, 0, 0, "%u rule%s the number and revision of another one; see above", set.n_clashes,
			    set.n_clashes == 1 ? " has" : "s have");
		/* Rules were asked for and there are none. */
		if (e->n == before && set.n_rules + set.n_bad + set.n_skipped + set.n_disabled == 0 && s->rules.files != NULL &&
		    strcmp(s->rules.files, "none") != 0 && s->rules.files[0] != '\0')
			err_add(e, NULL, 0, 0, "rules.files: %s: there is no rule in it", s->rules.files);
		/* Next to a mistake "loaded" would mislead. */
		if (e->n == before && set.n_rules + set.n_bad + set.n_skipped > 0) {
			rule_set_summary(&set, text, sizeof(text));
			puts(text);
		}
		rule_set_free(&set);
	}
	err_free(&notes);
}

/* The folder of a file. */
static bool
folder_of(const char *path, char *to, size_t size)
{
	const char *slash = strrchr(path, '/');
	struct strbuf b = strbuf_on(to, size);

	if (slash == NULL)
		strbuf_put(&b, ".");
	else
		strbuf_printf(&b, "%.*s", slash == path ? 1 : (int)(slash - path), path);
	return !b.cut;
}

static void
check_folder(const char *path, const char *mend, struct err *e)
{
	struct stat st;

	if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
		err_add(e, path, 0, 0, "is no folder; %s", mend);
	else if (access(path, W_OK | X_OK) != 0)
		err_add(e, path, 0, 0, "cannot write there: %s; %s", strerror(errno), mend);
}

/* A file that is appended to or created, or a socket that somebody listens on. */
static void
check_target(const struct output_settings *s, const struct sink_settings *k, struct err *e)
{
	char path[OUTPUT_PATH_MAX], folder[OUTPUT_PATH_MAX];
	bool file = k->transport == OUTPUT_TRANSPORT_FILE;
	struct stat st;

	if (k->target == NULL || !transport_takes(k->transport, SINK_GROUP_PATH) || strcmp(k->target, "-") == 0 || !output_path(s, k->target, path, sizeof(path)))
		return;
	if (!file && strlen(path) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		err_add(e, path, 0, 0, "this path is too long for a socket; at most %zu bytes",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	if (stat(path, &st) == 0) {
		if (S_ISDIR(st.st_mode))
			err_add(e, path, 0, 0, "is a folder; the output \"%s\" wants a %s", k->name, file ? "file" : "socket");
		else if (!file && !S_ISSOCK(st.st_mode))
			err_add(e, path, 0, 0, "is no socket; the output \"%s\" wants one", k->name);
		else if (access(path, W_OK) != 0)
			err_add(e, path, 0, 0, "cannot be written: %s; choose another target of the output \"%s\"",
			    strerror(errno), k->name);
	}
	/* The log folder was looked at. */
	if (file && k->target[0] == '/' && folder_of(path, folder, sizeof(folder)))
		check_folder(folder, "create it or choose another target of this output", e);
}

static void
check_outputs(const struct settings *s, bool live, struct err *e)
{
	static const char mend[] = "create it, make it writable for this user, or choose another with -l";
	struct sink_settings sinks[SINKS_MAX + 1];
	unsigned n = output_sinks(&s->output, sinks);

	if (s->output.log_dir != NULL)
		check_folder(s->output.log_dir, mend, e);
	if (output_check(&s->output, live, e))
		for (unsigned i = 0; i < n; i++)
			check_target(&s->output, &sinks[i], e);
}

static void
check_control(const char *socket, struct err *e)
{
	char path[PATH_MAX];
	struct stat st;

	if (socket == NULL || socket[0] == '\0')
		return;
	if (strlen(socket) >= sizeof(((struct sockaddr_un *)0)->sun_path))
		err_add(e, socket, 0, 0, "this path is too long for a socket; at most %zu bytes",
		    sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
	else if (folder_of(socket, path, sizeof(path)) && access(path, W_OK | X_OK) != 0)
		err_add(e, socket, 0, 0, "no socket can be made there: %s; choose another control.socket or leave it empty", strerror(errno));
	else if (lstat(socket, &st) == 0 && !S_ISSOCK(st.st_mode))
		err_add(e, socket, 0, 0, "something else than a socket has this name; choose another control.socket");
}

static const struct zone *
zone_named(void *zones, const char *name)
{
	return zones_named(zones, name, strlen(name));
}

/* That they are there; to open them takes a right that who checks a configuration need not have. */
static void
check_interfaces(const char *list, struct err *e)
{
	char name[IF_NAMESIZE];

	while (str_next_text(&list, name, sizeof(name)))
		if (strcmp(name, "any") != 0 && if_nametoindex(name) == 0)
			err_add(e, NULL, 0, 0, "capture.interfaces: there is no interface \"%s\"", name);
}

static void
check_zones(const struct settings *s, struct err *e)
{
	struct zones *z = zones_open(&s->zones, e);
	const struct output_env env = { .zone_named = zone_named, .arg = z };
	struct wanted f;

	conduits_close(conduits_open(&s->zones, z, &engine_names, e));
	maintenance_close(maintenance_open(&s->maintenance, z, e));
	for (unsigned i = 0; i < s->output.n_sinks; i++)
		wanted_open(&f, &s->output.sinks[i], &env, e);
	zones_close(z);
}

int
engine_check(const struct engine_run *run, struct err *e)
{
	struct settings s = *run->settings;
	struct counters c = { { 0 } };
	struct tags *tags;
	int before = e->n;

	engine_resolve(&s);
	if (run->n_files + run->n_ifaces > 0)
		capture_close(engine_open_capture(run, &s.capture, &c, e));
	else
		check_interfaces(s.capture.interfaces, e);
	tags = tags_open(s.rules.tags, e);
	geoip_close(geoip_open(s.rules.geoip, s.rules.operators, e));
	check_zones(&s, e);
	if (s.assets.file != NULL && s.assets.file[0] != '\0') {
		struct asset_list l;

		(void)asset_list_read(&l, s.assets.file, e);
		asset_list_free(&l);
	}
	check_rules(&s, tags, e);
	tags_close(tags);
	check_outputs(&s, run->n_ifaces > 0, e);
	if (run->n_ifaces > 0 && s.alert.evidence && s.alert.evidence_dir != NULL && s.alert.evidence_dir[0] == '/') {
		struct stat st;
		char path[PATH_MAX];

		if (stat(s.alert.evidence_dir, &st) == 0)
			check_folder(s.alert.evidence_dir, "make it writable, or set alerts.evidence.enabled to no", e);
		else if (folder_of(s.alert.evidence_dir, path, sizeof(path)))
			check_folder(path, "the folder for evidence is made there; or set alerts.evidence.enabled to no", e);
	}
	check_control(s.control.socket, e);
	metrics_check(&s.metrics, e);
	console_check(&s, e);
	return e->n == before ? 0 : -1;
}
