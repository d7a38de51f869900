// map.js - who talks to whom by Purdue level: the picture of the report (web/map.c), taken over element by element.
import { h, s, section } from "./dom.js";
import { drawing } from "./api.js";

// What it is made of; anything else is left out.
const ELEMENTS = new Set(["svg", "g", "a", "defs", "marker", "path", "rect", "circle", "line", "text", "tspan", "title"]);
const ATTRIBUTES = new Set(["class", "id", "d", "x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "rx", "width", "height", "viewBox", "transform", "refX", "refY", "orient",
	"markerWidth", "markerHeight", "markerUnits", "marker-end", "marker-start"]);

function copy(from) {
	if (from.nodeType === Node.TEXT_NODE) return from.data;
	if (from.nodeType !== Node.ELEMENT_NODE || !ELEMENTS.has(from.localName)) return null;
	const props = {};

	for (const a of from.attributes) {
		if (ATTRIBUTES.has(a.name)) props[a.name] = a.value;
		else if (a.name === "href" && a.value.startsWith("#d-")) props.href = "#/asset/" + encodeURIComponent(a.value.slice(3));
		else if (a.name === "href" && a.value === "#devices") props.href = "#/assets";
	}
	return s(from.localName, props, [...from.childNodes].map(copy));
}

export async function map() {
	const text = await drawing("map");
	const from = text ? new DOMParser().parseFromString(text, "image/svg+xml").documentElement : null;
	const picture = from && from.localName === "svg" ? copy(from) : null;

	if (picture) {
		picture.setAttribute("role", "group");
		picture.setAttribute("aria-label", "Devices by Purdue level and who talks to whom; the page Devices lists the same");
	}
	return section("Map", h("span", { class: "soft" }, "thin: reads; thick with an arrow: writes; dashed: of an attacker (!), to what was attacked (\u25CE); \u2715: no conduit allows it; dotted frame: a zone"),
		!picture ? h("div", { class: "card empty" }, "Nobody was seen to talk to anybody yet.") : h("div", { class: "card scroll pad", tabindex: 0, role: "region", "aria-label": "Map of the plant" }, picture));
}
