/* assets_formats.c - the inventory as other programs take it. */
#include "command/assets.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "output/eve/asset_json.h"
#include "record/protocol.h"

#define LINE	(256u << 10)	/* a device is less than 64 KiB */

static const char *
role_of(const struct device *d)
{
	return d->n_roles > 0 ? role_rows[d->roles[0].role].text : "";
}

/* ---- CSV ---------------------------------------------------------------------------------- */

static void
csv_list(FILE *to, const struct device *d, bool macs)
{
	char text[DEVICE_ADDRS * ADDR_TEXT_MAX], one[ADDR_TEXT_MAX];
	struct strbuf s = strbuf_on(text, sizeof(text));

	for (unsigned i = 0; i < (macs ? d->n_macs : d->n_addrs); i++) {
		if (macs)
			(void)asset_mac(d, i, one);
		else
			(void)addr_print(&d->addr[i], one);
		strbuf_printf(&s, "%s%s", i > 0 ? " " : "", one);
	}
	command_csv(to, text, false);
}

void
assets_csv(struct asset_rows *r, FILE *to)
{
	static const uint8_t keys[] = { ATTR_VENDOR, ATTR_MODEL, ATTR_PRODUCT, ATTR_ORDER_NUMBER, ATTR_FIRMWARE, ATTR_REVISION,
	    ATTR_HARDWARE, ATTR_SERIAL, ATTR_NAME, ATTR_STATION, ATTR_PLANT, ATTR_HOSTNAME, ATTR_SYSTEM, ATTR_RUN_STATE, ATTR_KEY_POSITION,
	    ATTR_PROTECTION };
	char text[ASSET_PROTOCOLS];

	fputs("id,address,protocol,unit,addresses,macs", to);
	for (unsigned i = 0; i < COUNTOF(keys); i++)
		fprintf(to, ",%s", attribute_rows[keys[i]].text);
	fputs(",role,confidence,level,zone,protocols,country,operator,first_seen,last_seen\n", to);
	for (uint32_t i = 0; i < r->n; i++) {
		const struct device *d = asset_row(r, i);

		command_csv(to, d->id, true);
		command_csv(to, asset_address(d, text), false);
		command_csv(to, d->behind ? protocols[d->proto]->name : "", false);
		(void)snprintf(text, sizeof(text), "%" PRIu32, d->unit);
		command_csv(to, d->behind ? text : "", false);
		csv_list(to, d, false);
		csv_list(to, d, true);
		for (unsigned k = 0; k < COUNTOF(keys); k++)
			command_csv(to, device_text(d, (enum attribute_key)keys[k]), false);
		command_csv(to, role_of(d), false);
		(void)snprintf(text, sizeof(text), "%u", d->n_roles > 0 ? (unsigned)d->roles[0].confidence : 0u);
		command_csv(to, d->n_roles > 0 ? text : "", false);
		(void)snprintf(text, sizeof(text), "%u", (unsigned)d->level);
		command_csv(to, d->level != LEVEL_NONE ? text : "", false);
		command_csv(to, d->zone, false);
		command_csv(to, asset_protocols(d, text), false);
		command_csv(to, d->located ? d->location.country : "", false);
		command_csv(to, d->located ? d->location.operator_ : "", false);
		command_csv(to, command_time_text((int64_t)d->first_ns, text), false);
		command_csv(to, command_time_text((int64_t)d->last_ns, text), false);
		fputc('\n', to);
	}
}

/* ---- JSON: an object a line ------------------------------------------------------------------- */

void
assets_json(struct asset_rows *r, FILE *to)
{
	char *line = malloc(LINE);

	for (uint32_t i = 0; line != NULL && i < r->n; i++) {
		struct jsonw j = jsonw_on(line, LINE);

		jsonw_object(&j, NULL);
		asset_json(&j, asset_row(r, i));
		jsonw_object_end(&j);
		if (!j.full)
			fprintf(to, "%.*s\n", (int)j.len, line);
	}
	free(line);
}

/* ---- CycloneDX 1.6 ------------------------------------------------------------------------------ */

static void
property(struct jsonw *j, const char *name, const char *value)
{
	char text[64];

	if (value[0] == '\0')
		return;
	(void)snprintf(text, sizeof(text), "thermowell:%s", name);
	jsonw_object(j, NULL);
	jsonw_text(j, "name", text);
	jsonw_text(j, "value", value);
	jsonw_object_end(j);
}

static void
organization(struct jsonw *j, const char *vendor)
{
	if (vendor[0] == '\0')
		return;
	jsonw_object(j, "manufacturer");
	jsonw_text(j, "name", vendor);
	jsonw_object_end(j);
}

static void
component(struct jsonw *j, const struct device *d)
{
	const char *vendor = device_text(d, ATTR_VENDOR), *firmware = device_firmware(d), *model = device_model(d);
	char text[ASSET_PROTOCOLS], ref[DEVICE_ID_MAX + 16];

	jsonw_object(j, NULL);
	jsonw_word(j, "type", "device");
	jsonw_text(j, "bom-ref", d->id);
	organization(j, vendor);
	jsonw_text(j, "name", model[0] != '\0' ? model : d->id);
	if (device_value(d, ATTR_HARDWARE) != NULL)
		jsonw_text(j, "version", device_text(d, ATTR_HARDWARE));
	if (firmware[0] != '\0') {
		(void)snprintf(ref, sizeof(ref), "%s#firmware", d->id);
		jsonw_array(j, "components");
		jsonw_object(j, NULL);
		jsonw_word(j, "type", "firmware");
		jsonw_text(j, "bom-ref", ref);
		organization(j, vendor);
		jsonw_text(j, "name", model[0] != '\0' ? model : "firmware");
		jsonw_text(j, "version", firmware);
		jsonw_object_end(j);
		jsonw_array_end(j);
	}
	jsonw_array(j, "properties");
	property(j, "id", d->id);
	property(j, "address", d->n_addrs > 0 ? asset_address(d, text) : "");
	property(j, "mac", asset_mac(d, 0, text));
	property(j, "role", role_of(d));
	property(j, "protocols", asset_protocols(d, text));
	property(j, "zone", d->zone);
	for (uint32_t i = 0; i < d->n_values; i++)
		if (d->values[i].holds && d->values[i].key != ATTR_VENDOR)
			property(j, attribute_rows[d->values[i].key].text, d->values[i].value);
	jsonw_array_end(j);
	jsonw_object_end(j);
}

void
assets_cyclonedx(struct asset_rows *r, FILE *to)
{
	char *line = malloc(LINE);
	uint64_t last_ns = 0;
	char text[40];

	if (line == NULL)
		return;
	for (uint32_t i = 0; i < r->n; i++)
		last_ns = asset_row(r, i)->last_ns > last_ns ? r->d.last_ns : last_ns;
	fputs("{\"$schema\":\"http://cyclonedx.org/schema/bom-1.6.schema.json\",\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"version\":1,\n\"metadata\":{", to);
	if (last_ns != 0)
		fprintf(to, "\"timestamp\":\"%s\",", command_time_text((int64_t)(last_ns / 1000000000 * 1000000000), text));
	fputs("\"tools\":{\"components\":[{\"type\":\"application\",\"name\":\"thermowell\",\"version\":\"" PACKAGE_VERSION "\"}]}},\n\"components\":[", to);
	for (uint32_t i = 0; i < r->n; i++) {
		struct jsonw j = jsonw_on(line, LINE);

		component(&j, asset_row(r, i));
		fprintf(to, "%s%.*s", i > 0 ? ",\n" : "\n", (int)(j.full ? 0 : j.len), line);
	}
	fputs("\n]}\n", to);
	free(line);
}
