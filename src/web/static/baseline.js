// baseline.js - what is normal, and what waits for a word of the operator.
import { h, section, table, time, wire, number, plural } from "./dom.js";
import { get } from "./api.js";
import { button } from "./act.js";
import { device } from "./names.js";
import { choose } from "./inbox.js";

export function factsTable(rows, empty) {
	return table([["Fact", (f) => h("span", { class: "mono" }, wire(f.text, 300)), "wide"], ["State", (f) => wire(f.state)], ["Times", (f) => number(f.count), "num"], ["First", (f) => time(f.first)], ["Last", (f) => time(f.last)],
		["", (f) => h("div", { class: "acts" }, f.state !== "accepted" && button("accept", "Accept", "baseline", f.text, null, "it is normal: learn it"), f.state !== "rejected" && button("reject", "Reject", "baseline", f.text, null, "it is not: it alerts each time it comes back"))]], rows, empty, "facts");
}

// The same where there is little room.
export function reviewList(rows, empty) {
	return rows.length === 0 ? h("div", { class: "card empty" }, empty) : h("ul", { class: "card inbox review" }, rows.map((f) => h("li", null,
		h("div", null, h("div", { class: "mono" }, wire(f.text, 200)), h("div", { class: "meta" }, h("span", null, time(f.last)), h("span", null, plural(f.count, "time")))),
		h("div", { class: "acts" }, button("accept", "Accept", "baseline", f.text, null, "it is normal: learn it"), button("reject", "Reject", "baseline", f.text, null, "it is not: it alerts each time it comes back")))));
}

export async function baselinePage(at) {
	const state = at.args.state || "open", q = at.args.q || "", n = Number(at.args.offset) || 0;
	const [r, life] = await Promise.all([get("facts", { state: state === "all" ? "" : state, q, limit: 100, offset: n }), get("life", { limit: 200 })]);
	const go = (x) => { location.hash = "#/baseline?" + new URLSearchParams(Object.entries({ state, q, ...x }).filter((e) => e[1])); };
	const search = h("input", { type: "search", id: "q", value: q, placeholder: "text of a fact", "aria-label": "Filter facts" });
	const stages = new Map();

	for (const l of life.rows) stages.set(l.stage, (stages.get(l.stage) || 0) + 1);
	search.addEventListener("change", () => go({ q: search.value.trim(), offset: 0 }));
	return { title: "Baseline", wants: ["facts", "life", "actions"], body: [h("h1", null, "Baseline"), h("p", { class: "soft" }, "What was learned as normal. What is open deviated and waits for a word: accept it, and it is normal; reject it, and it alerts again."),
		section("Facts", null, h("div", { class: "filters" }, h("label", null, "State ", choose(state, [["open", "open"], ["learned", "learned"], ["accepted", "accepted"], ["rejected", "rejected"], ["expired", "expired"], ["all", "all"]], (v) => go({ state: v, offset: 0 }))), search),
			factsTable(r.rows, state === "open" ? "Nothing waits for a review." : "There are none."), (r.more || n > 0) && h("div", { class: "acts more" }, n > 0 && h("button", { type: "button", onclick: () => go({ offset: Math.max(0, n - 100) }) }, "Later ones"), r.more && h("button", { type: "button", onclick: () => go({ offset: n + 100 }) }, "Earlier ones"))),
		section("How far learning is", h("span", { class: "soft" }, [...stages].map(([k, v]) => plural(v, "kind") + " of facts: " + k).join(", ")), table([["Device", (l) => device(l.address)], ["Kind of fact", (l) => wire(l.fact)], ["Stage", (l) => wire(l.stage)], ["Facts", (l) => number(l.facts), "num"], ["New an hour", (l) => number(l.fresh), "num"], ["Since", (l) => time(l.since)], ["Until", (l) => time(l.until)], ["Why longer", (l) => wire(l.why || "", 120)]],
			life.rows, "Nothing is learned: baseline.mode is off, or there is no baseline in this database.", "Learning"))] };
}
