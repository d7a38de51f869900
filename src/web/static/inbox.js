// inbox.js - incidents and alerts as an inbox, and the page of each.
import { h, section, severity, time, wire, link, part, plural, table, facts, number } from "./dom.js";
import { get } from "./api.js";
import { button } from "./act.js";
import { device, fill, nameOf } from "./names.js";

const isIncident = (x) => x.title !== undefined;

function marks(x) {
	return [x.escalated && h("span", { class: "mark up" }, "escalated by ", wire(x.escalated_by)), x.acknowledged && h("span", { class: "mark" }, "seen by ", wire(x.acknowledged_by)),
		x.archived && h("span", { class: "mark" }, "archived by ", wire(x.archived_by)), x.label && h("span", { class: "mark" }, wire(x.label, 60))];
}

export function verbs(x) {
	const object = isIncident(x) ? "incident" : "alert";

	return h("div", { class: "acts" }, x.archived ? button("reopen", "Reopen", object, x.uid) : [
		!x.acknowledged && button("acknowledge", "Acknowledge", object, x.uid, null, "somebody has looked at it (key: a)"),
		!x.escalated && button("escalate", "Escalate", object, x.uid, "why", "somebody else has to look at it"),
		button("archive", "Archive", object, x.uid, null, "it is dealt with (key: e)")]);
}

function row(x) {
	const to = (isIncident(x) ? "/incident/" : "/alert/") + part(x.uid);

	return h("li", { "data-uid": x.uid }, h("div", null, severity(x.severity)),
		h("div", null, h("div", { class: "title" }, h("a", { class: "open", href: "#" + to, "data-key": "open" + x.uid }, wire(x.title || x.sentence, 300))),
			h("div", { class: "meta" }, h("span", null, time(x.last)), isIncident(x) ? h("span", null, plural(x.alerts, "alert")) : h("span", null, plural(x.count, "time")),
				x.outcome && h("span", null, wire(x.outcome)), marks(x))),
		verbs(x));
}

export function list(rows, empty) {
	return rows.length === 0 ? h("div", { class: "card empty" }, empty) : h("ul", { class: "card inbox" }, rows.map(row));
}

// What is to be looked at: incidents, and alerts that are part of none.  What was escalated stands first, however old it is; then the gravest, then the latest.
export async function open(limit, args, offset = 0) {
	const of = { archived: "no", ...args }, alone = { ...of, alone: 1, severity: of.severity || 3 };
	const [i, a, ...first] = await Promise.all([get("incidents", { ...of, limit, offset }), get("alerts", { ...alone, limit, offset }),
		...(offset === 0 ? [get("incidents", { ...of, limit: 50, said: "escalate" }), get("alerts", { ...alone, limit: 50, said: "escalate" })] : [])]);
	const rows = [...new Map([i, a, ...first].flatMap((r) => r.rows).filter((x) => !x.part_of).map((x) => [x.uid, x])).values()];

	rows.sort((x, y) => !!y.escalated - !!x.escalated || !!x.acknowledged - !!y.acknowledged || x.severity - y.severity || y.last - x.last);
	return { rows, more: i.more || a.more };
}

export async function inboxPage(at) {
	const what = at.args.what || "open", q = at.args.q || "", sev = at.args.severity || "", offset = Number(at.args.offset || 0);
	const args = { q, severity: sev };
	let rows, more;

	if (what === "open") ({ rows, more } = await open(50, args, offset));
	else {
		const r = await get(what === "archived" ? "incidents" : what, { ...args, limit: 50, offset, archived: what === "archived" ? "yes" : "" });

		rows = r.rows; more = r.more;
		if (what === "archived") {
			const alerts = await get("alerts", { ...args, limit: 50, offset, archived: "yes" });

			rows = [...rows, ...alerts.rows].sort((x, y) => y.last - x.last);
			more = more || alerts.more;
		}
	}
	const go = (x) => { const n = { what, q, severity: sev, ...x }; location.hash = "#/inbox?" + new URLSearchParams(Object.entries(n).filter((e) => e[1])); };
	const search = h("input", { type: "search", id: "q", value: q, placeholder: "device, address, words", "aria-label": "Filter by text" });

	search.addEventListener("change", () => go({ q: search.value.trim(), offset: 0 }));
	return { title: "Inbox", wants: ["alerts", "incidents", "actions"], body: [h("h1", null, "Inbox"),
		h("div", { class: "filters" }, h("div", { class: "tabs", role: "group", "aria-label": "Which" }, [["open", "To look at"], ["incidents", "All incidents"], ["alerts", "All alerts"], ["archived", "Archived"]].map(([k, name]) =>
			h("button", { type: "button", "aria-pressed": String(k === what), "data-key": "tab" + k, onclick: () => go({ what: k, offset: 0 }) }, name))), search,
		h("label", null, "Severity ", choose(sev, [["", "any"], ["1", "1"], ["2", "1 and 2"], ["3", "1 to 3"]], (v) => go({ severity: v, offset: 0 })))),
		list(rows, q || sev ? "Nothing fits." : "Nothing is to be looked at."),
		(more || offset > 0) && h("div", { class: "acts more" }, offset > 0 && h("button", { type: "button", onclick: () => go({ offset: Math.max(0, offset - 50) }) }, "Later ones"), more && h("button", { type: "button", onclick: () => go({ offset: offset + 50 }) }, "Earlier ones"))] };
}

export function choose(value, options, onChange) {
	const s = h("select", null, options.map(([v, name]) => h("option", { value: v, selected: v === value }, name)));

	s.addEventListener("change", () => onChange(s.value));
	return s;
}

export function notes(actions) {
	return actions.length === 0 ? h("p", { class: "soft" }, "Nobody has said anything yet.") : h("div", null, actions.map((a) => h("div", { class: "note" }, h("div", { class: "soft" }, time(a.ts), " ", wire(a.who), " \u00b7 ", wire(a.verb)), a.text && h("div", null, wire(a.text)))));
}

export async function alertPage(at) {
	const uid = at.parts[0] || "";
	const [r, said] = await Promise.all([get("alerts", { uid, limit: 1 }), get("actions", { object: "alert", id: uid, limit: 50 })]);
	const a = r.rows[0];

	if (!a) return { title: "Alert", wants: ["alerts"], body: h("div", { class: "card pad" }, h("h1", null, "There is no such alert"), h("p", null, "It may be older than what is kept (store.alerts.days).")) };
	const near = await get("deeds", { server: a.dst, client: a.src, limit: 20 }).catch(() => ({ rows: [] }));

	return { title: a.signature, wants: ["alerts", "actions"], body: [
		h("section", null, severity(a.severity), h("h1", null, wire(a.sentence, 2000)), h("div", { class: "meta" }, marks(a)),
			h("div", { class: "filters" }, verbs(a), button("note", "Note", "alert", uid, "text"), button("label", "Label", "alert", uid, "text"),
				a.evidence ? h("a", { class: "button", href: "/api/capture?alert=" + part(uid), download: "" }, "Download its packets") : h("span", { class: "soft" }, "no capture file"))),
		h("div", { class: "two" },
			h("div", null, section("What it means", null, h("div", { class: "card pad" }, a.effect && [h("h3", null, "For the process"), h("p", null, wire(fill(a.effect, a), 2000))],
				a.check && [h("h3", null, "Check first"), h("p", null, wire(fill(a.check, a), 2000))], a.benign && [h("h3", null, "When it is a false alarm"), h("p", null, wire(fill(a.benign, a), 2000))],
				!a.effect && h("p", null, "A rule matched; its text says why it is there."))),
				section("What was said", null, h("div", { class: "card pad" }, notes(said.rows)))),
			h("div", null, section("Evidence", null, h("div", { class: "card pad" }, facts([
				["From", device(a.src)], ["To", device(a.dst)], ["Conversation", link("/talk/" + part(a.src) + "/" + part(a.dst), "between both")],
				["Ports", a.sport || a.dport ? number(a.sport) + " \u2192 " + number(a.dport) : null], ["Protocol", a.protocol && wire(a.protocol)], ["Unit", a.has_unit ? number(a.unit) : null],
				["Outcome", a.outcome && wire(a.outcome)], ["First", time(a.first)], ["Last", time(a.last)], ["Times", number(a.count)],
				["Frames", a.first_frame ? number(a.first_frame) + (a.last_frame !== a.first_frame ? " to " + number(a.last_frame) : "") : null],
				["Incident", a.incident && link("/incident/" + part(a.incident), "the whole story")], ["ATT&CK", a.techniques && wire(a.techniques)],
				["Window", a.maintenance && wire(a.maintenance)], ["Type", h("span", { class: "mono" }, wire(a.type))], ["Rule", h("span", { class: "mono" }, a.gid + ":" + a.sid + ":" + a.rev)], ["Id", h("span", { class: "mono wire" }, uid)]]))))),
		near.rows.length > 0 && section("What was changed between them", link("/changes?server=" + part(a.dst), "all changes of this device"), changesTable(near.rows))] };
}

export function changesTable(rows, empty) {
	return table([["When", (d) => time(d.ts)], ["Who", (d) => device(d.client)], ["Where", (d) => device(d.server)],
		["What", (d) => [wire(d.tag || d.address || d.command || d.function, 120), d.tag && d.address && h("div", { class: "soft mono" }, wire(d.address, 80)), h("div", { class: "soft" }, wire(d.protocol), " ", wire(d.function, 60), d.has_unit ? ", unit " + number(d.unit) : "")], "mid"],
		["Before", (d) => h("span", { class: "old" }, d.old ? wire(d.old, 80) : "\u2013"), "val"], ["Then", (d) => [wire(d.value || d.command || "\u2013", 80), d.changing ? " \u2026" : ""], "val"],
		["Outcome", (d) => [wire(d.outcome), d.reason && h("div", { class: "soft" }, wire(d.reason))]], ["Times", (d) => number(d.count), "num"]], rows, empty || "Nothing was written or commanded.", "Writes and commands");
}

export async function incidentPage(at) {
	const uid = at.parts[0] || "";
	const [r, m, said] = await Promise.all([get("incidents", { uid, limit: 1 }), get("alerts", { incident: uid, limit: 200 }), get("actions", { object: "incident", id: uid, limit: 50 })]);
	const x = r.rows[0];

	if (!x) return { title: "Incident", wants: ["incidents"], body: h("div", { class: "card pad" }, h("h1", null, "There is no such incident")) };
	const alerts = m.rows.sort((a, b) => a.first - b.first);

	return { title: x.title, wants: ["incidents", "actions", "members"], body: [
		h("section", null, severity(x.severity), h("h1", null, wire(x.title, 2000)), h("div", { class: "meta" }, marks(x)), h("div", { class: "filters" }, verbs(x), button("note", "Note", "incident", uid, "text"), button("label", "Label", "incident", uid, "text"))),
		h("div", { class: "two" }, section("What to do", null, h("div", { class: "card pad" }, h("p", null, wire(x.advice || "Look at its alerts.", 1000)), h("h3", null, "What was said"), notes(said.rows))),
			section("At a glance", null, h("div", { class: "card pad" }, facts([["Attacker", x.attacker && device(x.attacker)], ["Target", x.target ? device(x.target) : "several"], ["First", time(x.first)], ["Last", time(x.last)],
				["Alerts", number(x.alerts)], ["Stages", x.stages && wire(x.stages, 600)], ["ATT&CK", x.techniques && wire(x.techniques, 600)]])))),
		section("Step by step", m.more ? "the latest 200" : "", table([["When", (a) => time(a.first)], ["Severity", (a) => severity(a.severity)], ["What", (a) => link("/alert/" + part(a.uid), wire(a.sentence, 300)), "wide"], ["Times", (a) => number(a.count), "num"]], alerts, "Its alerts are older than what is kept.", "Alerts of the incident"))] };
}
