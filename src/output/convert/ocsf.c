/* ocsf.c - OCSF: alerts and incidents are Detection Findings, devices Device Inventory Info, conversations and
 * operations Network Activity; what has no attribute stands below `unmapped`. */
#include "output/convert/parts.h"

#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "record/alert_type.h"

static void *
ocsf_open(const struct convert_settings *s, struct err *e)
{
	(void)e;
	return (void *)(uintptr_t)s;
}

static void
ocsf_close(void *own)
{
	(void)own;
}

static void
put_text(struct conversion *c, const char *path, const char *text)
{
	conversion_put(c, path, json_string(text));
}

static void
put_int(struct conversion *c, const char *path, json_int_t v)
{
	conversion_put(c, path, json_integer(v));
}

struct class_row {
	unsigned	 uid, category;
	const char	*name, *category_name;
};

static const struct class_row classes[] = {
	{ 2004, 2, "Detection Finding", "Findings" },
	{ 4001, 4, "Network Activity", "Network Activity" },
	{ 5001, 5, "Device Inventory Info", "Discovery" },
	{ 0, 0, "Base Event", "Uncategorized" },
};

static const char *
activity_name(unsigned activity)
{
	switch (activity) {
	case 2:		return "Collect";	/* of a device */
	case 6:		return "Traffic";
	default:	return "Other";
	}
}

/* Network Activity needs an end; what has none is a Base Event. */
static unsigned
class_of(const struct conversion *c)
{
	if (c->record->class_uid == 4001 && path_text(c->eve, "src_ip")[0] == '\0' && path_text(c->eve, "dest_ip")[0] == '\0' &&
	    path_text(c->eve, "ether.src_mac")[0] == '\0')
		return 0;
	return c->record->class_uid;
}

static void
put_class(struct conversion *c, unsigned uid)
{
	const struct class_row *k = classes;
	const char *kind = path_text(c->eve, "ot.kind");
	const struct kind_row *row = kind_row(kind[0] != '\0' ? kind : path_text(c->eve, "ot.incident.kind"));
	unsigned activity = uid == c->record->class_uid ? c->record->activity : 99;
	const char *name = activity_name(activity);

	while (k->uid != uid)
		k++;
	if (uid == 2004) {
		if (row == NULL)
			row = kind_row("first");
		activity = row->activity;
		name = row->activity_name;
		put_int(c, "status_id", row->status);
		put_text(c, "status", row->status_name);
		conversion_put(c, "is_alert", json_true());
	}
	put_int(c, "category_uid", k->category);
	put_text(c, "category_name", k->category_name);
	put_int(c, "class_uid", k->uid);
	put_text(c, "class_name", k->name);
	put_int(c, "activity_id", activity);
	put_text(c, "activity_name", name);
	put_int(c, "type_uid", (json_int_t)k->uid * 100 + activity);
	conversion_put(c, "type_name", json_sprintf("%s: %s", k->name, name));
}

/* The same in each replay, and another one for each record: updates of an alert share ot.id. */
static void
put_metadata(struct conversion *c)
{
	const char *kind = path_text(c->eve, "ot.kind"), *id = path_text(c->eve, "ot.id"),
	    *time = json_text_of(c->eve, "timestamp");

	put_text(c, "metadata.version", standard_version(STANDARD_OCSF));
	put_text(c, "metadata.product.name", SENSOR_VENDOR);
	put_text(c, "metadata.product.vendor_name", SENSOR_VENDOR);
	put_text(c, "metadata.product.version", PACKAGE_VERSION);
	put_text(c, "metadata.original_time", time);
	if (kind[0] == '\0')
		kind = path_text(c->eve, "ot.incident.kind");
	if (id[0] != '\0')
		conversion_put(c, "metadata.uid", json_sprintf("%s:%s:%s", id, kind, time));
}

/* What an alert says of the baseline: what was seen, what was expected. */
static void
put_anomaly(struct conversion *c)
{
	const char *type = path_text(c->eve, "ot.type"), *what = path_text(c->eve, "ot.evidence.what"),
	    *expected = path_text(c->eve, "ot.evidence.expected"), *device = path_text(c->eve, "dest_ip");
	const char *title = path_text(c->eve, "alert.signature");
	json_t *analysis, *numbers, *seen, *v;
	const char *key;

	if (strncmp(type, "baseline.", 9) != 0)
		return;
	if (device[0] == '\0')
		device = path_text(c->eve, "src_ip");
	numbers = path_get(c->eve, "ot.evidence.numbers");
	seen = json_pack("[{s:s}]", "value", what[0] != '\0' ? what : path_text(c->eve, "ot.sentence"));
	json_object_foreach(numbers, key, v)
		(void)json_array_append_new(seen, json_pack("{s:o}", "value",
		    json_sprintf("%s: %" JSON_INTEGER_FORMAT, key, json_integer_value(v))));
	json_decref(numbers);
	analysis = json_pack("{s:[{s:s, s:s}], s:[{s:s, s:s, s:o}]}",
	    "analysis_targets", "name", device[0] != '\0' ? device : "the plant", "type", "Device",
	    "anomalies", "observation_parameter", type + 9, "observation_type", title, "observations", seen);
	if (expected[0] != '\0')
		(void)json_object_set_new(analysis, "baselines", json_pack("[{s:s, s:s, s:[{s:s}]}]",
		    "observation_parameter", type + 9, "observation_type", title, "observations", "value", expected));
	conversion_put(c, "anomaly_analyses[]", analysis);
}

/* How it was found. */
static void
put_analytic(struct conversion *c)
{
	const char *text = path_text(c->eve, "ot.type");
	enum alert_type type = alert_type_by_text(text);
	bool learned = strncmp(text, "baseline.", 9) == 0;

	put_int(c, "finding_info.analytic.type_id", learned ? 2 : 1);
	put_text(c, "finding_info.analytic.type", learned ? "Behavioral" : "Rule");
	if (type != ALERT_TYPE_COUNT && type != ALERT_RULE)
		put_text(c, "risk_details", alert_type_row(type)->effect);
}

static void
put_device(struct conversion *c)
{
	const char *role = path_text(c->eve, "ot.asset.role");
	const struct device_type_row *t = device_type_row(role);

	put_int(c, "device.type_id", t != NULL ? (json_int_t)t->id : role[0] != '\0' ? 99 : 0);
	put_text(c, "device.type", t != NULL ? t->caption : role[0] != '\0' ? role : "Unknown");
}

/* What OCSF demands where something stands at all. */
static void
put_required(struct conversion *c, unsigned uid)
{
	char path[64];
	json_t *v;

	if (json_object_get(c->out, "severity_id") == NULL) {
		put_int(c, "severity_id", severity_row(0)->ocsf);
		put_text(c, "severity", severity_row(0)->caption);
	}
	(void)snprintf(path, sizeof(path), "%sconnection_info", c->record->at);
	v = strncmp(path, "evidences", 9) == 0 ? json_object_get(json_array_get(json_object_get(c->out, "evidences"), 0),
	    "connection_info") : json_object_get(c->out, path);
	if (v != NULL)
		c->failed |= json_object_set_new(v, "direction_id", json_integer(0)) != 0;
	if (uid == 2004) {
		conversion_put(c, "finding_info.uid", json_string(path_text(c->out, "metadata.original_time")));
		conversion_put(c, "finding_info.title", json_string(c->record->title));
		conversion_put(c, "finding_info.analytic.uid", json_string(c->record->event_type));
	}
}

/* Addresses, for who searches by them. */
static void
put_observables(struct conversion *c)
{
	static const struct { const char *eve; const char *name; int id; const char *type; } rows[] = {
		{ "src_ip", "src_endpoint.ip", 2, "IP Address" },
		{ "dest_ip", "dst_endpoint.ip", 2, "IP Address" },
		{ "ot.incident.attacker", "src_endpoint.ip", 2, "IP Address" },
		{ "ot.incident.targets", "target", 2, "IP Address" },
		{ "ot.asset.addresses", "device.ip", 2, "IP Address" },
		{ "ot.asset.macs", "device.mac", 3, "MAC Address" },
		{ "ether.src_mac", "src_endpoint.mac", 3, "MAC Address" },
		{ "ether.dest_mac", "dst_endpoint.mac", 3, "MAC Address" },
	};

	for (unsigned i = 0; i < COUNTOF(rows); i++) {
		json_t *v = path_get(c->eve, rows[i].eve);

		for (size_t k = 0; k < (json_is_array(v) ? json_array_size(v) : json_is_string(v)); k++) {
			json_t *one = json_is_array(v) ? json_array_get(v, k) : v;
			const char *at = strncmp(rows[i].name, "device", 6) != 0 && rows[i].name[0] != 't' ? c->record->at : "";

			if (json_is_string(one))
				conversion_put(c, "observables[]", json_pack("{s:o, s:i, s:s, s:O}", "name",
				    json_sprintf("%s%s", at, rows[i].name), "type_id", rows[i].id, "type", rows[i].type, "value", one));
		}
		json_decref(v);
	}
}

static enum convert_result
ocsf_convert(void *own, const char *line, size_t n, struct text *to)
{
	struct conversion c;
	enum convert_result r = conversion_begin(&c, ON_OCSF, line, n);
	unsigned uid;

	(void)own;
	if (r != CONVERT_OK)
		return r;
	c.out = json_object();
	uid = class_of(&c);
	put_class(&c, uid);
	put_metadata(&c);
	if (uid == 2004) {
		put_analytic(&c);
		put_anomaly(&c);
	}
	if (uid == 5001)
		put_device(&c);
	put_observables(&c);
	if (uid != c.record->class_uid)
		c.record = record_row(NULL);
	conversion_fields(&c);
	put_required(&c, uid);
	r = conversion_print(&c, "unmapped", to);
	conversion_end(&c);
	return r;
}

const struct converter converter_ocsf = {
	.name = "ocsf", .content_type = "application/json",
	.open = ocsf_open, .convert = ocsf_convert, .close = ocsf_close,
};
