// sees.js - does the sensor see: what it says of itself, and what was lost or not understood.
import { h, section, number, plural, wire, time } from "./dom.js";
import { get } from "./api.js";

// The latest run that left words about what it saw.
async function latestRun() {
	const rows = (await get("sights", { limit: 200 })).rows, last = rows.reduce((m, r) => Math.max(m, r.run || 0), 0);

	return rows.filter((r) => (r.run || 0) === last);
}

function tile(what, how, why, good) {
	return h("div", { class: "card tile " + (good === null ? "" : good ? "good" : "bad") }, h("div", { class: "what" }, what), h("div", { class: "how" }, how), h("div", { class: "why" }, why));
}

const sum = (counters, names) => names.reduce((n, k) => n + (Number(counters[k]) || 0), 0);

export async function sees() {
	const [answer, sights, quiet] = await Promise.all([get("status"), latestRun(), get("alerts", { type: "device.disconnected", archived: "no", limit: 50 })]);
	const s = answer.status, seen = s && s.visibility ? s.visibility : {};
	const hidden = sights.filter((r) => r.hides && r.value > 0), counters = (s && s.counters) || {};
	const of = (names) => s ? sum(counters, names) : hidden.filter((r) => names.includes(r.name)).reduce((n, r) => n + r.value, 0);
	const drops = s ? Number(s.dropped) || 0 : of(["capture.kernel_drops", "capture.interface_drops"]), oneSided = of(["flow.one_sided", "app_layer.one_sided", "tcp.one_sided"]);
	// What came twice is told, and hides nothing.
	const hides = (name) => { const r = sights.find((x) => x.name === name); return r ? !!r.hides : !/duplicate/.test(name); };
	const others = s ? Object.entries(seen.counters || {}).filter(([k]) => !/drops|one_sided/.test(k) && hides(k)) : hidden.filter((r) => !/drops|one_sided/.test(r.name)).map((r) => [r.name, r.value]);
	const missed = others.reduce((n, [, v]) => n + (Number(v) || 0), 0);
	const last = s && s.last_frame ? Date.parse(s.last_frame) * 1000 : sights.reduce((m, r) => Math.max(m, r.last || 0), 0);
	const advice = s ? (seen.advice || []).map((x) => typeof x === "string" ? x : x.text || JSON.stringify(x)) : hidden.map((r) => r.advice).filter(Boolean);

	return section("Does the sensor see?", null, h("div", { class: "tiles" },
		s ? tile("Sensor", "watching", [plural(s.packets, "packet"), ", last frame ", time(last)], true) : tile("Sensor", "none runs", ["the database is as it was left", last ? [", last frame ", time(last)] : ""], null),
		tile("Dropped", number(drops), drops ? "frames were lost before they were read" : "no frame was lost", drops === 0),
		tile("One-sided", number(oneSided), oneSided ? "conversations of which one direction is missing" : "both directions of each conversation", oneSided === 0),
		tile("Silent", number(quiet.rows.length) + (quiet.more ? "+" : ""), quiet.rows.length ? "devices that no longer answer" : "each device that was asked answers", quiet.rows.length === 0),
		tile("Not dissected", number(missed), missed ? plural(others.length, "kind") + " of traffic that may hide operations" : "every operation was read", missed === 0)),
		(s ? seen.sentence : hidden.length > 0) && h("details", { class: "card pad more-seen" }, h("summary", null, s ? wire(seen.sentence, 600) : "What was not seen, and what can be done about it"),
			h("ul", null, s ? others.map(([k, v]) => h("li", null, h("span", { class: "mono" }, k), " ", number(v))) : hidden.map((r) => h("li", null, number(r.value), " ", wire(r.text))),
				advice.map((x) => h("li", null, wire(x, 600))))));
}
