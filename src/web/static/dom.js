// dom.js - elements out of texts, never out of HTML; and how times, numbers and names of others look.

// h("p", { class: "soft" }, "text", element, ...): what is null or false is left out; every string becomes a text node.
export function h(tag, props, ...children) {
	const e = document.createElement(tag);

	for (const [k, v] of Object.entries(props || {})) {
		if (v === null || v === undefined || v === false) continue;
		if (k.startsWith("on")) e.addEventListener(k.slice(2), v);
		else if (v === true) e.setAttribute(k, "");
		else e.setAttribute(k, String(v));
	}
	return put(e, ...children);
}

const SVG = "http://www.w3.org/2000/svg";

export function s(tag, props, ...children) {
	const e = document.createElementNS(SVG, tag);

	for (const [k, v] of Object.entries(props || {})) if (v !== null && v !== undefined) e.setAttribute(k, String(v));
	return put(e, ...children);
}

export function put(e, ...children) {
	for (const c of children.flat(9)) {
		if (c === null || c === undefined || c === false) continue;
		e.append(c instanceof Node ? c : document.createTextNode(visible(String(c))));
	}
	return e;
}

// What nobody sees, or what turns the direction of writing, is shown by its number.
const HIDDEN = /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

export function visible(text) {
	return text.replace(HIDDEN, (c) => "\u2039" + c.codePointAt(0).toString(16).padStart(4, "0") + "\u203a");
}

// A text from the wire: apart from what stands around it, and not longer than a line of a book.
export function wire(text, most = 400) {
	const t = String(text ?? "");

	return h("span", { class: "wire", title: t.length > most ? visible(t.slice(0, 2000)) : null }, t.length > most ? t.slice(0, most) + "\u2026" : t);
}

const two = (n) => String(n).padStart(2, "0");

// Microseconds since 1970, in the time of the reader; the title has it in UTC to the microsecond.
export function time(us, now) {
	if (!us) return h("span", { class: "soft" }, "\u2013");
	const d = new Date(us / 1000), n = new Date((now || Date.now() * 1000) / 1000);
	const day = d.getFullYear() === n.getFullYear() && d.getMonth() === n.getMonth() && d.getDate() === n.getDate() ? "" :
		d.getFullYear() + "-" + two(d.getMonth() + 1) + "-" + two(d.getDate()) + " ";

	return h("time", { class: "time", datetime: d.toISOString(), title: d.toISOString().slice(0, -1) + two(us % 1000) + "Z" },
		day + two(d.getHours()) + ":" + two(d.getMinutes()) + ":" + two(d.getSeconds()));
}

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const few = new Intl.NumberFormat("en", { maximumSignificantDigits: 5, useGrouping: true });

export function number(v) { return grouped.format(Number(v) || 0).replaceAll(",", "\u202f"); }
export function real(v) { return v === undefined || v === "" || !isFinite(Number(v)) ? "\u2013" : few.format(Number(v)).replaceAll(",", "\u202f"); }
export function plural(n, one, many) { return number(n) + " " + (Number(n) === 1 ? one : many || one + "s"); }

const WORDS = ["", "act now", "look today", "know of it", "for the file"];

// Told by shape and word; colour comes on top.
export function severity(n) {
	const shapes = [null, s("path", { d: "M1 1h10v10H1z" }), s("path", { d: "M6 .8 11.6 11H.4z" }), s("circle", { cx: 6, cy: 6, r: 5 }),
		s("circle", { cx: 6, cy: 6, r: 4.2, fill: "none", stroke: "currentColor", "stroke-width": 1.6 })];

	n = n >= 1 && n <= 4 ? n : 4;
	return h("span", { class: "sev sev" + n }, s("svg", { width: 12, height: 12, viewBox: "0 0 12 12", fill: "currentColor", "aria-hidden": "true" }, shapes[n]), n + " " + WORDS[n]);
}

export function section(title, end, ...children) {
	return h("section", { "aria-label": title }, h("div", { class: "head" }, h("h2", null, title), end && h("div", { class: "end" }, end)), ...children);
}

// columns: [name, row => content, class]; an empty list says so in words.
export function table(columns, rows, empty, label) {
	if (rows.length === 0) return empty && h("div", { class: "card empty" }, empty);
	return h("div", { class: "card scroll", tabindex: 0, role: "region", "aria-label": "Table: " + (label || columns.map((c) => c[0]).join(", ")) }, h("table", null,
		h("thead", null, h("tr", null, columns.map((c) => h("th", { scope: "col", class: c[2] }, c[0] || h("span", { class: "skip" }, "Actions"))))),
		h("tbody", null, rows.map((r) => h("tr", null, columns.map((c) => h("td", { class: c[2] }, c[1](r))))))));
}

export function facts(pairs) {
	return h("dl", { class: "facts" }, pairs.filter((p) => p && p[1] !== null && p[1] !== undefined && p[1] !== "").map((p) => [h("dt", null, p[0]), h("dd", null, p[1])]));
}

export function link(to, ...children) { return h("a", { href: "#" + to }, ...children); }
export const part = (x) => encodeURIComponent(x);

export function announce(text) { document.getElementById("live").textContent = visible(text); }

let toast;
export function tell(text) {
	announce(text);
	if (toast) toast.remove();
	toast = h("div", { class: "toast" }, text);
	document.body.append(toast);
	setTimeout(() => toast && toast.remove(), 5000);
}
