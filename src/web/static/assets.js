// assets.js - devices, one device, and what passes between two.
import { h, section, table, time, wire, link, part, number, real, facts, severity, plural } from "./dom.js";
import { get } from "./api.js";
import { button } from "./act.js";
import { devices, units, known, device, nameOf } from "./names.js";
import { changesTable } from "./inbox.js";
import { factsTable } from "./baseline.js";
import { tagsTable } from "./values.js";

const level = (a) => a.has_level ? String(a.level / 10) : "";
const bySeverity = [["When", (a) => time(a.last)], ["Severity", (a) => severity(a.severity)], ["What", (a) => link("/alert/" + part(a.uid), wire(a.sentence, 300)), "wide"], ["Times", (a) => number(a.count), "num"]];

export async function assetsPage(at) {
	const q = (at.args.q || "").toLowerCase();
	const rows = devices().filter((a) => !q || JSON.stringify(a).toLowerCase().includes(q)).sort((a, b) => !!b.control - !!a.control || a.address.localeCompare(b.address, "en", { numeric: true }));
	const search = h("input", { type: "search", id: "q", value: at.args.q || "", placeholder: "address, name, role, vendor", "aria-label": "Filter devices" });

	search.addEventListener("change", () => { location.hash = "#/assets" + (search.value ? "?q=" + part(search.value.trim()) : ""); });
	return { title: "Devices", wants: ["assets", "actions"], body: [h("h1", null, "Devices"), h("div", { class: "filters" }, search, h("span", { class: "soft" }, plural(rows.length, "device"))),
		table([["Device", (a) => device(a.address)], ["Role", (a) => [wire(a.role || ""), a.role && h("span", { class: "soft" }, " " + number(a.confidence) + " %")]], ["Vendor, model", (a) => wire([a.vendor, a.model].filter(Boolean).join(" "), 80)], ["Firmware", (a) => wire(a.firmware || "", 40)],
			["Level", (a) => level(a), "num"], ["Zone", (a) => wire(a.zone || "")], ["First seen", (a) => time(a.first)], ["Last seen", (a) => time(a.last)]], rows.slice(0, 1000), "No device was seen yet.", "Devices")] };
}

function identity(rows) {
	return table([["What", (r) => wire(r.key)], ["Value", (r) => wire(r.value, 200), "wide"], ["Says", (r) => wire(r.source)], ["Sure", (r) => number(r.confidence) + " %", "num"], ["Last", (r) => time(r.last)]], rows, "Nothing is known but its address.", "Identity with sources");
}

function talks(rows, me) {
	return table([["With", (t) => device(t.client === me ? t.server : t.client)], ["As", (t) => t.client === me ? "client" : "server"], ["Of", (t) => [wire(t.service), t.intent && [" ", h("strong", null, wire(t.intent))]]], ["Times", (t) => number(t.count), "num"],
		["Refused", (t) => number(t.refused), "num"], ["No answer", (t) => number(t.unanswered), "num"], ["Last", (t) => time(t.last)], ["", (t) => link("/talk/" + part(t.client) + "/" + part(t.server), "conversation")]], rows, "It talked to nobody.", "Peers");
}

function health(rows) {
	const latest = new Map();

	for (const r of rows) { const k = r.figure + " " + (r.object || ""); if (!latest.has(k)) latest.set(k, r); }
	return table([["Figure", (r) => [wire(r.figure), r.object && [" ", wire(r.object, 60)]]], ["Condition", (r) => wire(r.condition)], ["Median", (r) => real(r.median), "num"], ["Worst of a hundred", (r) => real(r.tail), "num"], ["Normal", (r) => Number(r.normal) ? real(r.normal) : "learning", "num"],
		["A day", (r) => Number(r.per_day) ? (Number(r.per_day) > 0 ? "+" : "") + real(r.per_day) : "\u2013", "num"], ["Fails in", (r) => r.forecast_s ? plural(Math.round(r.forecast_s / 86400), "day") : "\u2013", "num"], ["Hour", (r) => time(r.hour)]], [...latest.values()], "Nothing is measured yet.", "Health");
}

export async function assetPage(at) {
	const a = at.parts[0] || "", d = known(a);
	const [attrs, t, alerts, deeds, h1, review, tags, said] = await Promise.all([get("attributes", { address: a, limit: 100 }), get("talks", { asset: a, limit: 100 }), get("alerts", { asset: a, limit: 50 }), get("deeds", { asset: a, limit: 50 }),
		get("health", { address: a, limit: 200 }), get("facts", { asset: a, state: "open", limit: 25 }), get("tags", { q: a + " ", limit: 50 }), get("actions", { object: "asset", id: a, limit: 20 })]);

	return { title: nameOf(a), wants: ["assets", "attributes", "alerts", "deeds", "facts", "tags", "actions", "health"], body: [
		h("section", null, h("h1", null, wire(nameOf(a), 200)), h("p", { class: "soft" }, h("span", { class: "mono wire" }, a), d && d.mac ? " \u00b7 " + d.mac : ""), h("div", { class: "filters" }, button("label", "Name it", "asset", a, "text"), button("note", "Note", "asset", a, "text"))),
		h("div", { class: "two" }, section("At a glance", null, h("div", { class: "card pad" }, d ? facts([["Role", d.role && [wire(d.role), " (" + number(d.confidence) + " %)"]], ["Vendor", d.vendor && wire(d.vendor)], ["Model", d.model && wire(d.model)], ["Firmware", d.firmware && wire(d.firmware)],
				["Level", level(d)], ["Zone", d.zone && wire(d.zone)], ["Answers", d.proven ? "yes" : "was never seen to"], ["First seen", time(d.first)], ["Last seen", time(d.last)], ["Behind it", units(a).length ? plural(units(a).length, "unit") + ": " + units(a).map((u) => u.unit).slice(0, 20).join(", ") : null],
				["Note", d.note && [wire(d.note), h("span", { class: "soft" }, " ", wire(d.noted_by))]]]) : h("p", null, "This address is not in the inventory (any more)."), said.rows.length > 0 && h("p", { class: "soft" }, "last named or noted ", time(said.rows[0].ts), " by ", wire(said.rows[0].who)))),
			section("Identity, with who says so", null, identity(attrs.rows))),
		section("Its alerts", link("/inbox?what=alerts&q=" + part(a), "all"), table(bySeverity, alerts.rows, "No alert is about it.", "Alerts")),
		section("Writes and commands", link("/changes?asset=" + part(a), "all"), changesTable(deeds.rows)),
		section("Values", null, tagsTable(tags.rows.filter((x) => (x.at || "").startsWith(a + " ")), "No tag is of this device.")),
		section("Health", null, health(h1.rows)), section("Who it talks to", null, talks(t.rows, a)),
		review.rows.length > 0 && section("To review", null, factsTable(review.rows, ""))] };
}

export async function talkPage(at) {
	const [client, server] = at.parts, both = (r) => r.rows.filter((x) => (x.src === client && x.dst === server) || (x.src === server && x.dst === client));
	const [there, back, alerts, deeds, facts1] = await Promise.all([get("talks", { client, server, limit: 50 }), get("talks", { client: server, server: client, limit: 50 }), get("alerts", { asset: client, limit: 200 }), get("deeds", { client, server, limit: 50 }), get("facts", { client, server, limit: 100 })]);

	return { title: nameOf(client) + " and " + nameOf(server), wants: ["talks", "alerts", "deeds"], body: [h("h1", null, device(client), " \u2192 ", device(server)),
		section("What is asked", null, talks([...there.rows, ...back.rows], client)), section("Writes and commands", null, changesTable(deeds.rows)),
		section("Alerts between both", null, table(bySeverity, both(alerts), "None.", "Alerts between both")), section("What is known as normal", null, factsTable(facts1.rows, "The baseline knows nothing of both."))] };
}
