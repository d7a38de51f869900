// values.js - tags: what they are now, who wrote them last, and how they went.
import { h, table, time, wire, link, part, real, number } from "./dom.js";
import { get } from "./api.js";
import { device } from "./names.js";
import { curve } from "./chart.js";
import { choose } from "./inbox.js";

export function tagsTable(rows, empty) {
	return table([["Tag", (t) => [link("/values?q=" + part(t.tag), wire(t.tag, 80)), t.at !== t.tag && h("div", { class: "soft mono" }, wire(t.at, 80))]], ["Value", (t) => t.known ? real(t.value) : "\u2013", "num"], ["Unit", (t) => wire(t.unit || "")], ["Kind", (t) => wire(t.kind || "")],
		["Quality", (t) => t.quality ? "not good (" + number(t.quality) + ")" : "good"], ["Changed", (t) => time(t.change)], ["Last written by", (t) => t.writer ? [device(t.writer), h("div", { class: "soft" }, time(t.write), t.has_write_old ? [": ", real(t.write_old), " \u2192 "] : ": ", real(t.write_value))] : h("span", { class: "soft" }, "nobody")],
		["", (t) => link("/changes?tag=" + part(t.tag), "who changed it")]], rows, empty, "Values");
}

export async function valuesPage(at) {
	const q = at.args.q || "", hours = at.args.hours || "24", r = await get("tags", { q: q.toLowerCase(), limit: 200 });
	const go = (x) => { location.hash = "#/values?" + new URLSearchParams(Object.entries({ q, hours, ...x }).filter((e) => e[1])); };
	const search = h("input", { type: "search", id: "q", value: q, placeholder: "tag, address, unit", "aria-label": "Filter values" });
	const curves = await Promise.all(r.rows.filter((t) => t.known).slice(0, q ? 6 : 0).map((t) => curve(t, Number(hours) || 24)));

	search.addEventListener("change", () => go({ q: search.value.trim() }));
	return { title: "Values", wants: ["tags"], after: () => curves.forEach((c) => c.after()), body: [h("h1", null, "Values"),
		h("div", { class: "filters" }, search, h("label", null, "Span ", choose(hours, [["1", "an hour"], ["24", "a day"], ["168", "a week"], ["8760", "a year"]], (v) => go({ hours: v })))),
		curves.length > 0 && h("section", null, h("div", { class: "charts" }, curves.map((c) => c.card))), tagsTable(r.rows, q ? "No tag fits." : "There are no tags; a tag file names what is to be kept (process.tags, thermowell values propose).")] };
}
