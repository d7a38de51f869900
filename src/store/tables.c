/* tables.c - the columns of each kind of row. */
#include "store/schema.h"

#include "base/str.h"
#include "record/fact.h"
#include "record/operation.h"
#include "record/protocol.h"

static const char *
protocol_text(unsigned v)
{
	return v != OP_UNKNOWN && v < OP_PROTO_COUNT ? protocols[v]->name : "";
}

static const char *
alert_kind_text(unsigned v)
{
	static const char *const names[] = { [ALERT_FIRST] = "first", [ALERT_UPDATE] = "update",
		[ALERT_SUPPRESSED] = "suppressed" };

	return v < COUNTOF(names) ? names[v] : "";
}

static const char *
space_text(unsigned v)
{
	return op_space_name((enum op_space)v);
}

static const char *
fact_kind_name(unsigned v)
{
	return fact_row(v)->text;
}

static bool
fact_reals(const void *row)
{
	return fact_row(((const struct fact *)row)->key.kind)->reals;
}

#define MEMBER(member)	.offset = offsetof(ROW, member), .size = sizeof(((ROW *)0)->member)
#define TEXT(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_TEXT, .marks = marks_ }
#define ADDR(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_ADDR, .marks = marks_ }
#define MAC(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_MAC, .marks = marks_ }
#define BYTES(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_BYTES, .marks = marks_ }
#define NUMBER(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_NUMBER, .marks = marks_ }
#define REAL(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_REAL, .marks = marks_ }
#define EITHER(name_, member, marks_)	{ .name = name_, MEMBER(member), .form = COLUMN_EITHER, .marks = marks_ }
#define NAME(name_, member, marks_, text_, n_)	{ .name = name_, MEMBER(member), .form = COLUMN_NAME, \
	.marks = marks_, .text = text_, .values = n_ }
#define KEY	COLUMN_KEY
#define ONCE	COLUMN_ONCE

#define OF(member) \
	ADDR("address", member.addr, KEY), \
	NUMBER("vlan", member.vlan, KEY), \
	NUMBER("has_unit", member.has_unit, KEY), \
	NAME("protocol", member.proto, KEY, protocol_text, OP_PROTO_COUNT), \
	NUMBER("unit", member.unit, KEY)

#define ROW struct fact
static const struct column fact[] = {
	NAME("kind", key.kind, KEY, fact_kind_name, FACT_KIND_COUNT),
	ADDR("server", key.server, KEY),
	ADDR("client", key.client, KEY),
	NAME("protocol", key.proto, KEY, protocol_text, OP_PROTO_COUNT),
	NUMBER("unit", key.unit, KEY),
	NUMBER("port", key.port, KEY),
	MAC("mac", key.mac, KEY),
	NAME("space", key.space, KEY, space_text, OP_SPACE_COUNT),
	NUMBER("written", key.written, KEY),
	NUMBER("number", key.number, KEY),
	NUMBER("function", key.function, KEY),
	NUMBER("subfunction", key.subfunction, KEY),
	NUMBER("code", key.code, KEY),
	NUMBER("first", key.first, KEY),
	NUMBER("last", key.last, KEY),
	TEXT("text", key.text, KEY),
	NAME("state", state, 0, fact_state_text, FACT_STATES),
	NUMBER("first_ns", first_ns, 0),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("count", count, 0),
	EITHER("n1", n[0], 0),
	EITHER("n2", n[1], 0),
	EITHER("n3", n[2], 0),
	EITHER("n4", n[3], 0),
	EITHER("n5", n[4], 0),
	EITHER("n6", n[5], 0),
};
_Static_assert(FACT_NUMBERS == 6, "a column for each number");
#undef ROW

#define ROW struct keep_life
static const struct column life[] = {
	OF(of),
	TEXT("fact", fact, KEY),
	TEXT("stage", stage, 0),
	TEXT("why", why, 0),
	NUMBER("extended", extended, 0),
	NUMBER("since_ns", since_ns, 0),
	NUMBER("until_ns", until_ns, 0),
	NUMBER("facts", facts, 0),
	NUMBER("fresh", fresh, 0),
	NUMBER("seen", seen, 0),
};
#undef ROW

#define ROW struct keep_asset
static const struct column asset[] = {
	OF(of),
	TEXT("name", name, 0),
	TEXT("role", role, 0),
	NUMBER("confidence", confidence, 0),
	TEXT("zone", zone, 0),
	TEXT("vendor", vendor, 0),
	TEXT("model", model, 0),
	TEXT("firmware", firmware, 0),
	NUMBER("has_level", has_level, 0),
	NUMBER("level", level, 0),
	MAC("mac", mac, 0),
	NUMBER("proven", proven, 0),
	NUMBER("protocols", protocols, 0),
	NUMBER("first_ns", first_ns, 0),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("control_ns", control_ns, 0),
};
#undef ROW

#define ROW struct keep_attribute
static const struct column attribute[] = {
	OF(of),
	TEXT("key", key, KEY),
	TEXT("source", source, KEY),
	BYTES("value", value, KEY),
	NUMBER("confidence", confidence, 0),
	NUMBER("first_ns", first_ns, 0),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("count", count, 0),
};
#undef ROW

#define ROW struct keep_alert
static const struct column alert[] = {
	TEXT("uid", uid, KEY),
	NUMBER("id", id, ONCE),
	TEXT("type", type, 0),
	NUMBER("gid", gid, 0),
	NUMBER("sid", sid, 0),
	NUMBER("rev", rev, 0),
	NUMBER("severity", severity, 0),
	NAME("kind", kind, 0, alert_kind_text, ALERT_SUPPRESSED + 1),
	TEXT("signature", signature, 0),
	TEXT("sentence", sentence, 0),
	TEXT("techniques", techniques, 0),
	ADDR("src", src, 0),
	NUMBER("sport", sport, 0),
	ADDR("dst", dst, 0),
	NUMBER("dport", dport, 0),
	NUMBER("ip_proto", ip_proto, 0),
	NAME("protocol", proto, ONCE, protocol_text, OP_PROTO_COUNT),
	NUMBER("has_unit", has_unit, ONCE),
	NUMBER("unit", unit, ONCE),
	NUMBER("count", count, 0),
	NUMBER("first_ns", first_ns, ONCE),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("first_frame", first_frame, ONCE),
	NUMBER("last_frame", last_frame, 0),
	NUMBER("flow_id", flow_id, 0),
	TEXT("outcome", outcome, 0),
	TEXT("evidence", evidence, 0),
	TEXT("maintenance", maintenance, 0),
};
#undef ROW

#define ROW struct keep_incident
static const struct column incident[] = {
	TEXT("uid", uid, KEY),
	NUMBER("id", id, ONCE),
	NUMBER("severity", severity, 0),
	TEXT("title", title, 0),
	TEXT("stages", stages, 0),
	TEXT("techniques", techniques, 0),
	TEXT("advice", advice, 0),
	ADDR("attacker", attacker, 0),
	ADDR("target", target, 0),
	NUMBER("alerts", alerts, 0),
	NUMBER("closed", closed, 0),
	TEXT("maintenance", maintenance, 0),
	TEXT("part_of", part_of, 0),
	NUMBER("first_ns", first_ns, ONCE),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("first_frame", first_frame, ONCE),
	NUMBER("last_frame", last_frame, 0),
};
#undef ROW

#define ROW struct keep_member
static const struct column member[] = {
	TEXT("incident", incident, KEY),
	TEXT("alert", alert, KEY),
	NUMBER("ts_ns", ts_ns, 0),
};
#undef ROW

#define ROW struct keep_action
static const struct column action[] = {
	NUMBER("ts_ns", ts_ns, KEY),
	TEXT("who", who, KEY),
	TEXT("verb", verb, KEY),
	TEXT("object", object, KEY),
	TEXT("id", id, KEY),
	TEXT("text", text, 0),
};
#undef ROW

#define ROW struct keep_health
static const struct column health[] = {
	OF(of),
	TEXT("figure", figure, KEY),
	TEXT("object", object, KEY),
	NUMBER("hour_ns", hour_ns, KEY),
	TEXT("condition", condition, 0),
	NUMBER("count", count, 0),
	REAL("mean", mean, 0),
	REAL("median", median, 0),
	REAL("tail", tail, 0),
	REAL("worst", worst, 0),
	REAL("normal", normal, 0),
	REAL("spread", spread, 0),
	REAL("per_day", per_day, 0),
	REAL("limit", limit, 0),
	NUMBER("forecast_s", forecast_s, 0),
	NUMBER("learned", learned, 0),
};
#undef ROW

#define ROW struct keep_tag
static const struct column tag[] = {
	TEXT("tag", tag, KEY),
	NUMBER("series", series, 0),
	TEXT("at", at, 0),
	TEXT("type", type, 0),
	TEXT("unit", unit, 0),
	TEXT("tag_group", grp, 0),
	TEXT("kind", kind, 0),
	NUMBER("known", known, 0),
	REAL("value", value, 0),
	NUMBER("has_old", has_old, 0),
	REAL("old", old, 0),
	NUMBER("quality", quality, 0),
	NUMBER("first_ns", first_ns, 0),
	NUMBER("last_ns", last_ns, 0),
	NUMBER("change_ns", change_ns, 0),
	NUMBER("source_ns", source_ns, 0),
	NUMBER("count", count, 0),
	NUMBER("changes", changes, 0),
	NUMBER("written", written, 0),
	ADDR("writer", writer, 0),
	NUMBER("write_ns", write_ns, 0),
	REAL("write_value", write_value, 0),
	NUMBER("has_write_old", has_write_old, 0),
	REAL("write_old", write_old, 0),
	NUMBER("writes", writes, 0),
};
#undef ROW

/* The first comes again in the same place with the same value, where the same capture is read twice. */
#define ROW struct keep_value
static const struct column value[] = {
	NUMBER("series", series, KEY),
	NUMBER("ts_ns", ts_ns, KEY),
	REAL("value", value, ONCE),
	NUMBER("quality", quality, ONCE),
	NUMBER("source_ns", source_ns, ONCE),
	NUMBER("written", written, ONCE),
};
#undef ROW

#define ROW struct keep_span
static const struct column span[] = {
	NUMBER("series", series, KEY),
	NUMBER("start_ns", start_ns, KEY),
	REAL("min", min, 0),
	REAL("max", max, 0),
	REAL("mean", mean, 0),
	REAL("last", last, 0),
	NUMBER("count", count, 0),
	NUMBER("writes", writes, 0),
	NUMBER("quality", quality, 0),
	NUMBER("covered_ns", covered_ns, 0),
};
#undef ROW

#define ROW struct keep_deed
static const struct column deed[] = {
	NUMBER("ts_ns", ts_ns, KEY),
	NUMBER("flow_id", flow_id, KEY),
	NUMBER("tx", tx, KEY),
	NUMBER("item", item, KEY),
	ADDR("client", client, ONCE),
	ADDR("server", server, ONCE),
	NUMBER("has_unit", has_unit, ONCE),
	NUMBER("unit", unit, ONCE),
	NAME("protocol", proto, ONCE, protocol_text, OP_PROTO_COUNT),
	TEXT("function", function, ONCE),
	TEXT("intent", intent, ONCE),
	TEXT("command", command, ONCE),
	TEXT("address", address, ONCE),
	NUMBER("more", more, ONCE),
	TEXT("tag", tag, 0),
	TEXT("value", value, 0),
	TEXT("old", old, 0),
	TEXT("outcome", outcome, 0),
	TEXT("reason", reason, 0),
	NUMBER("count", count, 0),
	NUMBER("changing", changing, 0),
	NUMBER("frame", frame, ONCE),
	NUMBER("last_frame", last_frame, 0),
	NUMBER("last_ns", last_ns, 0),
};
#undef ROW

#define ROW struct keep_talk
static const struct column talk[] = {
	ADDR("client", client, KEY),
	ADDR("server", server, KEY),
	TEXT("service", service, KEY),
	TEXT("intent", intent, KEY),
	NUMBER("plant", plant, 0),
	NUMBER("count", count, 0),
	NUMBER("bytes", bytes, 0),
	NUMBER("refused", refused, 0),
	NUMBER("unanswered", unanswered, 0),
	NUMBER("first_ns", first_ns, 0),
	NUMBER("last_ns", last_ns, 0),
};
#undef ROW

#define ROW struct keep_sight
static const struct column sight[] = {
	NUMBER("run_ns", run_ns, KEY),
	TEXT("name", name, KEY),
	NUMBER("hides", hides, 0),
	NUMBER("value", value, 0),
	TEXT("text", text, 0),
	TEXT("advice", advice, 0),
	NUMBER("last_ns", last_ns, 0),
};
#undef ROW

#define TABLE(name_, columns_, row_, ...) { .name = name_, .columns = columns_, .n = COUNTOF(columns_), .row = sizeof(row_), __VA_ARGS__ }
#define LAST(row_, member)	.last = #member, .last_at = offsetof(row_, member)

const struct table store_tables[KEEP_KINDS] = {
	[KEEP_FACT] = TABLE("facts", fact, struct fact, LAST(struct fact, last_ns), .of_baseline = true, .small = true, .packed = true,
	    .reals = fact_reals, .stays = "\"state\" IN ('accepted','rejected')"),
	[KEEP_LIFE] = TABLE("life", life, struct keep_life, .of_baseline = true, .small = true, .packed = true),
	[KEEP_ASSET] = TABLE("assets", asset, struct keep_asset, LAST(struct keep_asset, last_ns), .small = true),
	[KEEP_ATTRIBUTE] = TABLE("attributes", attribute, struct keep_attribute, LAST(struct keep_attribute, last_ns)),
	[KEEP_ALERT] = TABLE("alerts", alert, struct keep_alert, LAST(struct keep_alert, last_ns), .listed = true),
	[KEEP_INCIDENT] = TABLE("incidents", incident, struct keep_incident, LAST(struct keep_incident, last_ns), .listed = true),
	[KEEP_MEMBER] = TABLE("incident_alerts", member, struct keep_member, LAST(struct keep_member, ts_ns), .small = true),
	[KEEP_ACTION] = TABLE("actions", action, struct keep_action, LAST(struct keep_action, ts_ns), .listed = true),
	[KEEP_HEALTH] = TABLE("health", health, struct keep_health, LAST(struct keep_health, hour_ns), .small = true),
	[KEEP_TAG] = TABLE("tags", tag, struct keep_tag, LAST(struct keep_tag, last_ns)),
	[KEEP_VALUE] = TABLE("tag_values", value, struct keep_value, LAST(struct keep_value, ts_ns), .small = true, .of_series = true),
	[KEEP_MINUTE] = TABLE("tag_minutes", span, struct keep_span, LAST(struct keep_span, start_ns), .small = true, .of_series = true),
	[KEEP_HOUR] = TABLE("tag_hours", span, struct keep_span, LAST(struct keep_span, start_ns), .small = true, .of_series = true),
	[KEEP_DEED] = TABLE("deeds", deed, struct keep_deed, LAST(struct keep_deed, last_ns), .listed = true, .first = "ts_ns"),
	[KEEP_TALK] = TABLE("talks", talk, struct keep_talk, LAST(struct keep_talk, last_ns), .small = true),
	[KEEP_SIGHT] = TABLE("sights", sight, struct keep_sight, LAST(struct keep_sight, last_ns), .small = true, .first = "run_ns"),
};
_Static_assert(COUNTOF(alert) <= COLUMNS_MAX, "COLUMNS_MAX columns");
#define PACKS(row) (sizeof(row) % 8 == 0 && sizeof(row) / 8 <= PACK_WORDS)
_Static_assert(PACKS(struct fact) && PACKS(struct keep_life), "PACK_WORDS words");
_Static_assert(sizeof(struct keep_alert) <= ROW_MAX && sizeof(struct keep_incident) <= ROW_MAX, "ROW_MAX bytes");
