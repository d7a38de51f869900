/* asset.c - the `asset` record: a device, whole, when something new is known of it. */
#include "output/eve/asset_json.h"
#include "output/eve/eve.h"

#include <stdio.h>

static void
put_addr(struct jsonw *j, const char *key, const struct addr *a)
{
	char text[ADDR_TEXT_MAX];

	(void)addr_print(a, text);
	jsonw_text(j, key, text);
}

static void
put_where(struct jsonw *j, const struct device *d)
{
	char text[18];

	jsonw_text(j, "id", d->id);
	jsonw_array(j, "addresses");
	for (uint32_t i = 0; i < d->n_addrs; i++)
		put_addr(j, NULL, &d->addr[i]);
	jsonw_array_end(j);
	if (d->n_macs > 0) {
		jsonw_array(j, "macs");
		for (uint32_t i = 0; i < d->n_macs; i++) {
			const uint8_t *m = d->mac[i];

			(void)snprintf(text, sizeof(text), "%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
			jsonw_text(j, NULL, text);
		}
		jsonw_array_end(j);
	}
	if (d->vlan != 0)
		jsonw_u64(j, "vlan", d->vlan);
	if (d->behind)
		jsonw_bool(j, "behind_gateway", true);
	if (d->has_unit) {
		jsonw_word(j, "protocol", protocols[d->proto]->name);
		jsonw_u64(j, "unit", d->unit);
	}
	if (d->disputed)
		jsonw_bool(j, "disputed", true);
	if (d->located)
		eve_location(j, "location", &d->location);
}

static void
put_text(struct jsonw *j, const char *key, const char *text)
{
	if (text[0] != '\0')
		jsonw_text(j, key, text);
}

static void
put_identity(struct jsonw *j, const struct device *d)
{
	put_text(j, "name", device_name(d));
	put_text(j, "vendor", device_text(d, ATTR_VENDOR));
	put_text(j, "model", device_model(d));
	put_text(j, "order_number", device_text(d, ATTR_ORDER_NUMBER));
	put_text(j, "firmware", device_firmware(d));
	put_text(j, "hardware", device_text(d, ATTR_HARDWARE));
	put_text(j, "serial", device_text(d, ATTR_SERIAL));
}

static void
put_role(struct jsonw *j, const struct device *d)
{
	if (d->n_roles > 0) {
		jsonw_word(j, "role", role_rows[d->roles[0].role].text);
		jsonw_array(j, "roles");
		for (uint32_t i = 0; i < d->n_roles; i++) {
			jsonw_object(j, NULL);
			jsonw_word(j, "role", role_rows[d->roles[i].role].text);
			jsonw_u64(j, "confidence", d->roles[i].confidence);
			jsonw_object_end(j);
		}
		jsonw_array_end(j);
	}
	if (d->level != LEVEL_NONE)
		jsonw_u64(j, "level", d->level);
	put_text(j, "zone", d->zone);
}

static void
put_protocols(struct jsonw *j, const char *key, uint32_t set)
{
	if (set == 0)
		return;
	jsonw_array(j, key);
	for (unsigned p = OP_UNKNOWN + 1; p < OP_PROTO_COUNT; p++)
		if ((set & PROTO_BIT(p)) != 0)
			jsonw_word(j, NULL, protocols[p]->name);
	jsonw_array_end(j);
}

static void
put_peers(struct jsonw *j, const char *key, const struct device_peer *peers, uint32_t n)
{
	if (n == 0)
		return;
	jsonw_array(j, key);
	for (uint32_t i = 0; i < n && i < DEVICE_PEERS; i++) {
		jsonw_object(j, NULL);
		put_addr(j, "ip", &peers[i].addr);
		jsonw_word(j, "protocol", protocols[peers[i].proto]->name);
		if (peers[i].writes > 0)
			jsonw_u64(j, "writes", peers[i].writes);
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

static void
put_attributes(struct jsonw *j, const struct device *d)
{
	if (d->n_values == 0)
		return;
	jsonw_array(j, "attributes");
	for (uint32_t i = 0; i < d->n_values; i++) {
		const struct device_value *v = &d->values[i];

		jsonw_object(j, NULL);
		jsonw_word(j, "name", attribute_rows[v->key].text);
		jsonw_text(j, "value", v->value);
		jsonw_word(j, "source", attribute_sources[v->source].text);
		jsonw_u64(j, "confidence", v->confidence);
		if (!v->holds)
			jsonw_bool(j, "holds", false);
		if (v->contradicted)
			jsonw_bool(j, "contradicted", true);
		if (v->first_ns != 0) {	/* the operator's word has no time */
			jsonw_time(j, "first_seen", v->first_ns);
			jsonw_time(j, "last_seen", v->last_ns);
		}
		jsonw_object_end(j);
	}
	jsonw_array_end(j);
}

void
asset_json(struct jsonw *j, const struct device *d)
{
	put_where(j, d);
	put_identity(j, d);
	put_role(j, d);
	put_protocols(j, "serves", d->serves);
	put_protocols(j, "asks", d->asks);
	put_peers(j, "clients", d->clients, d->n_clients);
	put_peers(j, "servers", d->servers, d->n_servers);
	if (d->writes > 0) {
		jsonw_u64(j, "writes", d->writes);
		jsonw_time(j, "first_write", d->first_write_ns);
		jsonw_time(j, "last_write", d->last_write_ns);
	}
	jsonw_time(j, "first_seen", d->first_ns);
	jsonw_time(j, "last_seen", d->last_ns);
	put_attributes(j, d);
}

enum format_result
eve_device(struct eve *e, const struct device *d, uint64_t now_ns, struct line *to)
{
	struct jsonw j = eve_start(e, to);

	jsonw_time(&j, "timestamp", now_ns);
	jsonw_word(&j, "event_type", "asset");
	jsonw_text(&j, "host", e->host);
	jsonw_object(&j, "ot");
	jsonw_u64(&j, "v", OT_VERSION);
	jsonw_object(&j, "asset");
	asset_json(&j, d);
	jsonw_object_end(&j);
	jsonw_object_end(&j);
	return eve_finish(&j, to);
}
