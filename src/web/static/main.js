// main.js - logging in, the bar above, which page is shown, keys.
import { h, put, announce, tell } from "./dom.js";
import { get, post, listen, Refused } from "./api.js";
import { home } from "./home.js";
import { alertPage, incidentPage, inboxPage } from "./inbox.js";
import { assetsPage, assetPage, talkPage } from "./assets.js";
import { changesPage } from "./changes.js";
import { valuesPage } from "./values.js";
import { baselinePage } from "./baseline.js";
import { rulesPage, sinksPage, actionsPage } from "./sensor.js";
import { loadNames, forget } from "./names.js";

const PAGES = [
	["", "Now", home, "n"], ["inbox", "Inbox", inboxPage, "i"], ["changes", "Changes", changesPage, "c"], ["assets", "Devices", assetsPage, "d"],
	["values", "Values", valuesPage, "v"], ["baseline", "Baseline", baselinePage, "b"], ["rules", "Rules", rulesPage, "r"], ["sinks", "Outputs", sinksPage, "o"],
	["actions", "Log", actionsPage, "l"], ["alert", null, alertPage], ["incident", null, incidentPage], ["asset", null, assetPage], ["talk", null, talkPage],
];

const app = document.getElementById("app");
const state = { me: null, live: false, page: null, wait: null };

// ---- frame ----------------------------------------------------------------------------

function frame() {
	const light = h("button", { type: "button", title: "Light, dark, or as the system has it" }, "Light/dark");
	const off = h("button", { type: "button" }, "Log out");

	light.addEventListener("click", () => {
		const next = { "": "dark", dark: "light", light: "" }[document.documentElement.dataset.theme || ""];

		setTheme(next);
		announce(next ? "colours: " + next : "colours as the system has them");
	});
	off.addEventListener("click", async () => { await post("logout", {}); location.reload(); });
	app.replaceChildren(
		h("header", { class: "bar" },
			h("a", { class: "name", href: "#/" }, "thermowell" + (state.me.sensor ? " \u00b7 " + state.me.sensor : "")),
			h("nav", { "aria-label": "Pages" }, PAGES.filter((p) => p[1]).map((p) => h("a", { href: "#/" + p[0], "data-page": p[0], "aria-keyshortcuts": p[3], title: "key: " + p[3] }, p[1]))),
			h("div", { class: "who" }, h("span", { id: "heard", class: "live off" }, "not live"), h("span", { class: "wire" }, state.me.name),
				h("button", { type: "button", class: "kbdhint", onclick: keys, "aria-label": "Keys" }, h("kbd", null, "?")), light, off)),
		h("main", { id: "main", tabindex: "-1" }));
}

function setTheme(name) {
	if (name) document.documentElement.dataset.theme = name;
	else delete document.documentElement.dataset.theme;
	document.getElementById("dark").media = { dark: "all", light: "not all" }[name] || "(prefers-color-scheme: dark)";
	try { localStorage.setItem("theme", name); } catch { /* a browser that keeps nothing */ }
}

function keys() {
	const d = h("dialog", { "aria-labelledby": "keys" }, h("h2", { id: "keys" }, "Keys"),
		h("table", null, h("tbody", null, [...PAGES.filter((p) => p[1]).map((p) => [p[3], p[1]]), ["/", "Search on this page"], ["j k", "Next and previous of a list"],
			["a", "Acknowledge what is selected"], ["e", "Archive it"], ["?", "This"], ["Esc", "Close"]].map(([k, what]) => h("tr", null, h("td", null, h("kbd", null, k)), h("td", null, what))))),
		h("form", { method: "dialog", class: "acts" }, h("button", { class: "main" }, "Close")));

	document.body.append(d);
	d.addEventListener("close", () => d.remove());
	d.showModal();
}

// ---- pages -----------------------------------------------------------------------------

function route() {
	const [where, query] = location.hash.slice(1).split("?");
	const parts = where.split("/").slice(1).map((x) => { try { return decodeURIComponent(x); } catch { return x; } });

	return { name: parts[0] || "", parts: parts.slice(1), args: Object.fromEntries(new URLSearchParams(query || "")) };
}

// A page is a function of where it is; it gives { title, body, wants }: the kinds of rows after which it is shown anew.
async function show(anew) {
	const at = route(), main = document.getElementById("main");
	const page = PAGES.find((p) => p[0] === at.name) || PAGES[0];
	let made;

	for (const a of app.querySelectorAll("nav a")) {
		if (a.dataset.page === page[0]) a.setAttribute("aria-current", "page");
		else a.removeAttribute("aria-current");
	}
	try {
		await loadNames(anew);
		made = await page[2](at, state);
	} catch (e) {
		if (e instanceof Refused && e.status === 401) return login();
		made = { title: "Cannot be shown", body: h("div", { class: "card pad" }, h("h1", null, "This cannot be shown"), h("p", null, e.message)), wants: [] };
	}
	if (JSON.stringify(at) !== JSON.stringify(route())) return;
	const focus = anew && document.activeElement && main.contains(document.activeElement) ? document.activeElement.dataset.key || document.activeElement.id : null;

	// Nobody loses what they are writing.
	if (anew && main.querySelector("input:focus, textarea:focus, select:focus")) { state.late = true; return; }
	state.page = made;
	document.title = made.title + " \u00b7 thermowell";
	main.replaceChildren(...[made.body].flat(9).filter(Boolean));
	if (made.after) made.after();
	main.dataset.ready = page[0] || "now";
	if (focus) {
		const again = main.querySelector('[data-key="' + CSS.escape(focus) + '"]') || document.getElementById(focus);

		if (again) again.focus({ preventScroll: true });
	} else if (!anew) {
		main.focus({ preventScroll: true });
		scrollTo(0, 0);
		announce(made.title);
	}
}

function changed(kinds) {
	// Somebody may have given a device a name.
	if (kinds.includes("actions")) forget();
	if (!state.page || !state.page.wants.some((k) => kinds.includes(k)) || state.wait) return;
	state.wait = setTimeout(() => { state.wait = null; show(true); }, 300);
}

function onKey(e) {
	const field = e.target instanceof HTMLInputElement || e.target instanceof HTMLTextAreaElement || e.target instanceof HTMLSelectElement;

	if (e.key === "Escape" && field) { e.target.blur(); if (state.late) { state.late = false; show(true); } return; }
	if (field || e.ctrlKey || e.metaKey || e.altKey || document.querySelector("dialog[open]")) return;
	const page = PAGES.find((p) => p[3] === e.key);

	if (page) location.hash = "#/" + page[0];
	else if (e.key === "?") keys();
	else if (e.key === "/") {
		const search = document.querySelector("main input[type=search]");

		if (!search) return;
		search.focus();
	} else if (e.key === "j" || e.key === "k") {
		const rows = [...document.querySelectorAll("main ul.inbox a.open")], at = rows.indexOf(document.activeElement);

		if (rows.length === 0) return;
		rows[Math.max(0, Math.min(rows.length - 1, at + (e.key === "j" ? 1 : -1)))].focus();
	} else if (e.key === "a" || e.key === "e") {
		const row = document.activeElement.closest("ul.inbox > li"), b = row && row.querySelector('button[data-verb="' + (e.key === "a" ? "acknowledge" : "archive") + '"]');

		if (!b) return;
		b.click();
	} else return;
	e.preventDefault();
}

// ---- start -------------------------------------------------------------------------------

function login(why) {
	const field = h("input", { type: "password", id: "token", autocomplete: "off", required: true, spellcheck: "false" });
	const wrong = h("p", { class: "sev2", role: "alert" }, why || "");
	const form = h("form", null, h("label", { for: "token" }, "Token"), field, h("button", { class: "main" }, "Log in"), wrong);

	form.addEventListener("submit", async (e) => {
		e.preventDefault();
		try {
			await post("login", { token: field.value.trim() });
			start();
		} catch (x) { wrong.textContent = x.message; field.select(); }
	});
	document.title = "Log in \u00b7 thermowell";
	app.replaceChildren(h("main", { id: "main", tabindex: "-1", "data-ready": "login" }, h("div", { class: "card login" }, h("h1", null, "thermowell"),
		h("p", { class: "soft" }, "A token is made by \u201cthermowell console token NAME\u201d; what you do here is kept under that name."), form)));
	field.focus();
}

async function start() {
	const given = /^#token=([\w-]+)$/.exec(location.hash);

	try {
		if (given) {
			history.replaceState(null, "", "/");
			await post("login", { token: given[1] });
		}
		state.me = await get("me");
	} catch (e) { return login(given ? e.message : ""); }
	frame();
	if (!state.source) {
		state.source = listen(changed, (on) => {
			const heard = document.getElementById("heard");

			if (!heard) return;
			heard.textContent = on ? "live" : "not live";
			heard.classList.toggle("off", !on);
			// What came meanwhile.
			if (on && state.live === false && state.page) show(true);
			state.live = on;
		});
		addEventListener("hashchange", () => show(false));
		addEventListener("keydown", onKey);
	}
	await show(false);
}

try { setTheme(localStorage.getItem("theme") || ""); } catch { /* as the system has it */ }
// For what happens in a page after it was shown.
addEventListener("thermowell:again", () => show(true));
addEventListener("unhandledrejection", (e) => { if (e.reason instanceof Refused) { e.preventDefault(); tell(e.reason.message); } });
start();
