// names.js - what devices are called.
import { get } from "./api.js";
import { h, link, part, wire } from "./dom.js";

let names = new Map(), assets = [], loaded = 0;

export async function loadNames(anew) {
	if (loaded && !(anew && Date.now() - loaded > 15000)) return;
	const all = [];

	for (let offset = 0; offset < 2000; offset += 200) {
		const page = await get("assets", { limit: 200, offset });

		all.push(...page.rows);
		if (!page.more) break;
	}
	assets = all;
	names = new Map();
	for (const a of all) if (!a.has_unit) names.set(a.address, a);
	loaded = Date.now();
}

export const devices = () => assets.filter((a) => !a.has_unit);
export const units = (address) => assets.filter((a) => a.has_unit && a.address === address);
export const known = (address) => names.get(address);
export const forget = () => { loaded = 0; };

// What people call it: what an operator or the device itself calls it, else its address.
export function nameOf(address) {
	const a = names.get(address);

	return (a && (a.label || a.name)) || address || "";
}

export function device(address) {
	const name = nameOf(address);

	if (!address) return h("span", { class: "soft" }, "\u2013");
	return h("span", null, link("/asset/" + part(address), wire(name, 60)), name !== address && h("span", { class: "soft mono" }, " " + address));
}

// Advice in plant words names who and whom.
export function fill(text, alert) {
	return String(text || "").replaceAll("{client}", nameOf(alert.src)).replaceAll("{device}", nameOf(alert.dst)).replaceAll("{server}", nameOf(alert.dst)).replace(/\{[^}]*\}/g, "it");
}
