// changes.js - who changed this value: every write and command, found by tag, address, device or value.
import { h, plural } from "./dom.js";
import { get } from "./api.js";
import { changesTable } from "./inbox.js";

export async function changesPage(at) {
	const { q = "", server = "", client = "", asset = "", tag = "", offset = "0" } = at.args, n = Number(offset) || 0;
	const r = await get("deeds", { q, server, client, asset, tag, limit: 100, offset: n });
	const go = (x) => { location.hash = "#/changes?" + new URLSearchParams(Object.entries({ q, server, client, asset, tag, ...x }).filter((e) => e[1])); };
	const search = h("input", { type: "search", id: "q", value: q, placeholder: "tag, address, value, command", "aria-label": "Which value" });
	const only = Object.entries({ server, client, asset, tag }).filter((e) => e[1]);

	search.addEventListener("change", () => go({ q: search.value.trim() }));
	return { title: "Who changed it", wants: ["deeds"], body: [h("h1", null, "Who changed it"), h("p", { class: "soft" }, "Every write and command, the latest first: who did it, what was there before, what came of it."),
		h("div", { class: "filters" }, search, only.map(([k, v]) => h("button", { type: "button", title: "take this filter away", onclick: () => go({ [k]: "" }) }, k + " " + v + " \u00d7")), h("span", { class: "soft" }, plural(r.rows.length, "change") + (r.more ? ", more behind" : ""))),
		changesTable(r.rows, q || only.length ? "No change fits." : undefined),
		(r.more || n > 0) && h("div", { class: "acts more" }, n > 0 && h("button", { type: "button", onclick: () => go({ offset: Math.max(0, n - 100) }) }, "Later ones"), r.more && h("button", { type: "button", onclick: () => go({ offset: n + 100 }) }, "Earlier ones"))] };
}
