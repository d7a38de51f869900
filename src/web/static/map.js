// map.js - who talks to whom, one lane a Purdue level; thick lines are of those who write.
import { h, s, section, visible } from "./dom.js";
import { get } from "./api.js";
import { devices, nameOf, known } from "./names.js";

const W = 1200, BOX = { w: 168, h: 46 }, GAP = 22, LEFT = 132;
const WRITES = new Set(["write", "operate", "mode", "program-write", "config", "file", "time"]);
const LEVELS = { 50: "5 enterprise", 40: "4 business", 35: "3.5 DMZ", 30: "3 operations", 20: "2 supervision", 10: "1 control", 0: "0 process" };
const MOST = 60;

const cut = (t, n) => { const v = visible(String(t)); return v.length > n ? v.slice(0, n - 1) + "\u2026" : v; };

function place(list) {
	const lanes = new Map();

	for (const d of list) {
		const level = d.has_level ? d.level : -1;

		if (!lanes.has(level)) lanes.set(level, []);
		lanes.get(level).push(d);
	}
	const each = Math.floor((W - LEFT - GAP) / (BOX.w + GAP)), at = new Map(), rows = [];
	let y = 8;

	for (const level of [...lanes.keys()].sort((a, b) => b - a)) {
		const of = lanes.get(level).sort((a, b) => a.address.localeCompare(b.address, "en", { numeric: true })), n = Math.ceil(of.length / each), height = n * (BOX.h + GAP) + GAP;

		of.forEach((d, i) => {
			const row = Math.floor(i / each), here = Math.min(each, of.length - row * each), span = (W - LEFT - GAP) / here;

			at.set(d.address, { x: LEFT + span * (i % each) + span / 2, y: y + GAP + row * (BOX.h + GAP) + BOX.h / 2 });
		});
		rows.push({ level, y, height });
		y += height + 6;
	}
	return { at, rows, height: y + 2 };
}

function draw(list, ways, hot) {
	const { at, rows, height } = place(list);
	const lines = [];

	for (const w of ways.values()) {
		const a = at.get(w.client), b = at.get(w.server);

		if (!a || !b) continue;
		const bend = Math.abs(a.y - b.y) < 1 ? 34 : 0, mid = (a.y + b.y) / 2;

		lines.push(s("path", { class: "way" + (w.writes ? " writes" : ""), d: bend ? `M${a.x} ${a.y}C${a.x} ${a.y + bend * 2},${b.x} ${b.y + bend * 2},${b.x} ${b.y}` : `M${a.x} ${a.y}C${a.x} ${mid},${b.x} ${mid},${b.x} ${b.y}` },
			s("title", null, nameOf(w.client) + " \u2192 " + nameOf(w.server) + ": " + [...w.services].join(", "))));
	}
	return s("svg", { class: "map", viewBox: `0 0 ${W} ${height}`, role: "group", "aria-label": "Map: " + list.length + " devices by Purdue level" },
		rows.map((r) => [s("rect", { class: "lane", x: 0, y: r.y, width: W, height: r.height, rx: 8 }), s("text", { class: "lane-name", x: 14, y: r.y + 22 }, r.level < 0 ? "not known" : LEVELS[r.level] || String(r.level / 10))]),
		lines,
		list.map((d) => {
			const p = at.get(d.address), name = d.label || d.name || d.address;

			return s("a", { href: "#/asset/" + encodeURIComponent(d.address) }, s("title", null, cut(name, 100) + " " + d.address + (d.role ? ", " + d.role : "")),
				s("rect", { class: "box" + (hot.has(d.address) ? " hot" : ""), x: p.x - BOX.w / 2, y: p.y - BOX.h / 2, width: BOX.w, height: BOX.h, rx: 7 }),
				s("text", { x: p.x, y: p.y - 3, "text-anchor": "middle" }, (hot.has(d.address) ? "\u25A0 " : "") + cut(name, 21)),
				s("text", { class: "sub", x: p.x, y: p.y + 14, "text-anchor": "middle" }, cut((name === d.address ? "" : d.address + " ") + (d.role || ""), 27)));
		}));
}

export async function map(open) {
	const ways = new Map(), counts = new Map();

	for (let offset = 0; offset < 1000; offset += 200) {
		const page = await get("talks", { limit: 200, offset });

		for (const t of page.rows) {
			const key = t.client + " " + t.server, w = ways.get(key) || { client: t.client, server: t.server, writes: false, services: new Set() };

			w.writes = w.writes || WRITES.has(t.intent);
			w.services.add(t.service + (t.intent ? " " + t.intent : ""));
			ways.set(key, w);
			for (const x of [t.client, t.server]) counts.set(x, (counts.get(x) || 0) + (t.plant ? 1000 : 1));
		}
		if (!page.more) break;
	}
	const hot = new Set(open.flatMap((x) => x.severity === 1 ? [x.attacker, x.target, x.src, x.dst] : []).filter(Boolean));
	const all = devices().filter((d) => !/^(0|255|22[4-9]|23\d)\.|^ff|:ff:ff:ff$/.test(d.address));
	const weight = (d) => (hot.has(d.address) ? 1e9 : 0) + (d.control ? 1e6 : 0) + (counts.get(d.address) || 0);
	const list = all.sort((a, b) => weight(b) - weight(a)).slice(0, MOST);

	return section("Map", h("span", { class: "soft" }, all.length > MOST ? "the " + MOST + " that matter most of " + all.length + " devices; " : "", "orange and thick: writes; \u25A0: in an open incident of severity 1"),
		list.length === 0 ? h("div", { class: "card empty" }, "No device was seen yet.") : h("div", { class: "card scroll pad", tabindex: 0, role: "region", "aria-label": "Map of the plant" }, draw(list, ways, hot)));
}

export { known };
