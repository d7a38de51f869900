// api.js - what is asked of the sensor's console, and nothing of anywhere else.

export class Refused extends Error {
	constructor(status, text) { super(text); this.status = status; }
}

async function answer(r) {
	let body = {};

	try { body = await r.json(); } catch { /* an answer without one */ }
	if (!r.ok) throw new Refused(r.status, body.error || "the console answers " + r.status);
	return body;
}

export async function get(what, args) {
	const q = new URLSearchParams();

	for (const [k, v] of Object.entries(args || {})) if (v !== null && v !== undefined && v !== "") q.set(k, v);
	return answer(await fetch("/api/" + what + (q.size ? "?" + q : ""), { credentials: "same-origin", cache: "no-store" }));
}

// A picture, as its text; "": there is nothing to draw.
export async function drawing(what) {
	const r = await fetch("/api/" + what, { credentials: "same-origin", cache: "no-store" });

	if (!r.ok) await answer(r);
	return r.status === 204 ? "" : r.text();
}

export async function post(what, body) {
	return answer(await fetch("/" + what, { method: "POST", credentials: "same-origin", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }));
}

// What an operator says of something; `text` may be left out.
export const say = (verb, object, id, text) => post("say", text ? { verb, object, id, text } : { verb, object, id });

// Calls changed(["alerts", ...]) when the database has something new, and state(true or false) when it does and does not hear.
export function listen(changed, state) {
	const source = new EventSource("/events");

	source.addEventListener("open", () => state(true));
	source.addEventListener("error", () => state(false));
	source.addEventListener("changed", (e) => changed(JSON.parse(e.data)));
	return source;
}
