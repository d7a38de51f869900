/* assets.c - `thermowell assets`: the inventory of captures, as tables and for other programs. */
#include "command/assets.h"

#include <stdlib.h>
#include <string.h>

#include "asset/geoip.h"
#include "asset/list.h"
#include "asset/vendors.h"
#include "base/hash.h"
#include "base/str.h"
#include "engine/assets_keep.h"
#include "record/protocol.h"

#define FORMATS "table|csv|json|netbox|cyclonedx"
enum { TABLE, CSV, JSON, NETBOX, CYCLONEDX };

struct assets_job {
	int		 format;
	const char	*diff;		/* FILE, or NULL */
	const char	*part;
	struct err	*e;
	int		 status;
};

static void
show(void *arg, const struct inventory *inv)
{
	struct assets_job *job = arg;
	struct asset_rows r;
	int n;

	if (!asset_rows_open(&r, inv)) {
		err_add(job->e, NULL, 0, 0, "not enough memory");
		job->status = COMMAND_FAILED;
		return;
	}
	if (job->diff != NULL) {
		n = assets_diff(&r, job->diff, stdout, job->e);
		job->status = n == 0 ? COMMAND_DONE : COMMAND_FAILED;
	} else if (job->format == TABLE) {
		(void)assets_table(&r, "", true, UINT32_MAX, stdout);
		assets_contradictions(&r, stdout);
		assets_coverage(&r, stdout);
	} else if (job->format == CSV)
		assets_csv(&r, stdout);
	else if (job->format == JSON)
		assets_json(&r, stdout);
	else if (job->format == NETBOX)
		assets_netbox(&r, job->part, stdout);
	else
		assets_cyclonedx(&r, stdout);
	asset_rows_close(&r);
}

static bool
read_words(const struct command_job *job, struct assets_job *to, struct err *e)
{
	unsigned n = job->n_words;

	to->format = command_word("--format", job->format, FORMATS, e);
	if (to->format < 0)
		return false;
	if (n > 0 && strcmp(job->words[0], "diff") == 0) {
		if (n != 2)
			err_add(e, NULL, 0, 0, "assets diff takes one FILE: thermowell assets diff FILE -r CAPTURE...");
		else
			to->diff = job->words[1];
		return n == 2;
	}
	if (n > 1 || (n == 1 && (to->format != NETBOX || !assets_netbox_has(job->words[0])))) {
		err_add(e, NULL, 0, 0, "assets takes no '%s': thermowell assets [diff FILE] [--format " FORMATS
		    "] -r CAPTURE...; with netbox also sites, manufacturers, device-roles, device-types, devices, interfaces, mac-addresses or ip-addresses", job->words[n - 1]);
		return false;
	}
	to->part = n == 1 ? job->words[0] : NULL;
	return true;
}

/* What a sensor remembers. */
static int
from_store(const struct settings *s, struct assets_job *job)
{
	struct counters counters = { { 0 } };
	struct assets *a = assets_new(&(struct assets_want){ .devices = s->detect.devices, .by_vlan = s->detect.devices_by_vlan,
	    .key = HASH_REPLAY_KEY, .counters = &counters });
	struct vendors *v = s->assets.vendors != NULL && s->assets.vendors[0] != '\0' ? vendors_open(s->assets.vendors, job->e) : NULL;
	struct geoip *geoip = geoip_open(s->rules.geoip, s->rules.operators, job->e);
	struct inventory *inv = a != NULL ? inventory_open(a, &(struct inventory_want){ .devices = s->detect.devices,
	    .key = HASH_REPLAY_KEY, .counters = &counters, .vendors = v, .locate = geoip != NULL ? geoip_locate : NULL,
	    .geoip = geoip }) : NULL;
	struct asset_list l = { 0 };

	job->status = COMMAND_FAILED;
	if (inv == NULL || assets_open(a) != 0)
		err_add(job->e, NULL, 0, 0, "not enough memory");
	else if (assets_keep_read(s, a, inv, job->e) == 0 &&
	    (s->assets.file == NULL || s->assets.file[0] == '\0' || asset_list_read(&l, s->assets.file, job->e) == 0)) {
		asset_list_teach(&l, a, inv);
		job->status = COMMAND_DONE;
		show(job, inv);
	}
	asset_list_free(&l);
	inventory_close(inv);
	assets_close(a);
	vendors_close(v);
	geoip_close(geoip);
	return job->status;
}

int
assets_command(const struct command_job *job, struct err *e)
{
	struct assets_job assets = { .e = e, .status = COMMAND_DONE };
	struct settings quiet = command_quietly(job->settings);
	const struct engine_run run = { .settings = &quiet, .files = job->files, .n_files = job->n_files,
	    .inventory = show, .arg = &assets };

	if (!read_words(job, &assets, e))
		return COMMAND_MISUSED;
	if (job->n_files == 0 && job->settings->store.file != NULL && job->settings->store.file[0] != '\0')
		return from_store(job->settings, &assets);
	if (job->n_files == 0) {
		err_add(e, NULL, 0, 0, "give captures (thermowell assets -r FILE|DIR...) or a database (--store FILE)");
		return COMMAND_MISUSED;
	}
	quiet.rules.files = "none";	/* nobody judges */
	return engine_run(&run, e) == 0 ? assets.status : COMMAND_FAILED;
}
