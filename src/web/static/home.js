// home.js - the first screen: does the sensor see; what is to be looked at; what is new; the map; trends.
import { h, section, time, wire, link, plural, number } from "./dom.js";
import { get } from "./api.js";
import { sees } from "./sees.js";
import { open, list } from "./inbox.js";
import { devices, device } from "./names.js";
import { reviewList } from "./baseline.js";
import { map } from "./map.js";
import { curve } from "./chart.js";

const DAY = 86400e6;

// When this browser last left the first screen; "seen" is noted when its reader says so.
function lastVisit(now) {
	const v = Number(localStorage.getItem("visited")) || 0;

	return v > 0 && v < now ? v : now - DAY;
}

async function fresh(now) {
	const since = lastVisit(now), found = devices().filter((d) => d.first >= since).sort((a, b) => b.first - a.first), review = await get("facts", { state: "open", limit: 6 });
	const seen = h("button", { type: "button", "data-key": "seen" }, "I have seen this");

	seen.addEventListener("click", () => { localStorage.setItem("visited", String(now)); dispatchEvent(new Event("thermowell:again")); });
	return section("New since " + (since === now - DAY ? "yesterday" : "your last visit"), seen, h("p", { class: "soft" }, "since ", time(since)),
		h("div", { class: "two" },
			h("div", null, h("h3", null, plural(found.length, "new device")), found.length === 0 ? h("div", { class: "card empty" }, "No device was seen for the first time.") :
				h("div", { class: "card pad" }, h("ul", null, found.slice(0, 12).map((d) => h("li", null, device(d.address), d.role && [", ", wire(d.role)], h("span", { class: "soft" }, " ", time(d.first)))), found.length > 12 && h("li", null, link("/assets", number(found.length - 12) + " more"))))),
			h("div", null, h("h3", null, "To review: what was not learned as normal"), reviewList(review.rows, "Nothing waits for a review."), review.more && h("p", null, link("/baseline", "all of them")))));
}

async function trends() {
	const tags = (await get("tags", { limit: 100 })).rows.filter((t) => t.known && t.changes > 0).sort((a, b) => (b.kind === "set-point") - (a.kind === "set-point") || b.last - a.last).slice(0, 6);
	const curves = await Promise.all(tags.map((t) => curve(t, 24)));

	return { body: section("Trends", [h("span", { class: "soft" }, "\u25B2: written "), link("/values", "all values")], curves.length === 0 ? h("div", { class: "card empty" }, "No tag has a history yet; a tag file names what is to be kept (process.tags, thermowell values propose).") : h("div", { class: "charts" }, curves.map((c) => c.card))),
		after: () => curves.forEach((c) => c.after()) };
}

export async function home() {
	const me = await get("me"), inbox = await open(20), shown = inbox.rows.slice(0, 12);
	const [eyes, what, picture, curves] = await Promise.all([sees(), fresh(me.now), map(), trends()]);

	return { title: "Now", wants: ["alerts", "incidents", "actions", "assets", "facts", "sights", "talks", "tags"], after: curves.after, body: [
		h("h1", { class: "skip" }, "Now"), eyes,
		section("To look at", link("/inbox", inbox.rows.length > shown.length || inbox.more ? "all of them" : "the inbox"), list(shown, "Nothing is to be looked at.")),
		what, picture, curves.body] };
}
