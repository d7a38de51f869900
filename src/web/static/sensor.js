// sensor.js - the sensor's own: rules and what they found, outputs, what people did.
import { h, section, table, time, wire, number, severity, link, part, facts, plural } from "./dom.js";
import { get } from "./api.js";

export async function rulesPage() {
	const [r, s] = await Promise.all([get("rules"), get("status")]);

	return { title: "Rules", wants: ["alerts"], body: [h("h1", null, "Rules and types of alerts"), h("p", { class: "soft" }, s.status ? plural(s.status.rules, "rule") + " run. " : "", "What found something, counted over all " + plural(r.of, "alert") + " that are kept:"),
		table([["Severity", (x) => severity(x.severity)], ["What", (x) => link("/inbox?what=alerts&q=" + part(x.signature), wire(x.signature, 200)), "wide"], ["Id", (x) => h("span", { class: "mono" }, x.gid + ":" + x.sid)], ["Alerts", (x) => number(x.alerts), "num"], ["Hits", (x) => number(x.hits), "num"], ["First", (x) => time(x.first)], ["Last", (x) => time(x.last)]],
			r.rules.sort((a, b) => a.severity - b.severity || b.hits - a.hits), "None has found anything.", "Rules with hits")] };
}

export async function sinksPage() {
	const s = (await get("status")).status, store = s && s.store;

	return { title: "Outputs", wants: ["alerts"], body: [h("h1", null, "Outputs"), !s ? h("div", { class: "card empty" }, "No sensor runs, or it has no control.socket.") : [
		table([["Name", (o) => wire(o.name)], ["As", (o) => wire(o.format) ], ["By", (o) => wire(o.transport)], ["Lines", (o) => number(o.lines), "num"], ["Waiting", (o) => number(o.waiting), "num"], ["Lost", (o) => [number(o.lost), o.lost_alerts ? h("div", { class: "sev2" }, "alerts: " + number(o.lost_alerts)) : ""], "num"], ["Failures", (o) => number(o.failures), "num"], ["Reconnects", (o) => number(o.reconnects), "num"], ["Now", (o) => o.problem ? h("span", { class: "sev2" }, "! ", wire(o.problem, 200)) : "good"]],
			s.outputs || [], "There are no outputs.", "Outputs"),
		store && section("Database", null, h("div", { class: "card pad" }, facts([["State", wire(store.state)], ["Rows written", number(store.rows)], ["Waiting", number(store.waiting) + " bytes"], ["Transactions", number(store.transactions)], ["Failures", number(store.failures)]]))),
		section("Sensor", null, h("div", { class: "card pad" }, facts([["Version", wire(s.program)], ["Started", time(Date.parse(s.started) * 1000)], ["Sandbox", wire(s.sandbox || "")], ["Packets", number(s.packets)], ["Operations", number(s.operations)], ["Needs a restart for", s.needs_restart ? wire(JSON.stringify(s.needs_restart)) : null]])))]] };
}

export async function actionsPage(at) {
	const n = Number(at.args.offset) || 0, r = await get("actions", { limit: 100, offset: n });
	const where = { alert: "/alert/", incident: "/incident/", asset: "/asset/" };

	return { title: "Log", wants: ["actions"], body: [h("h1", null, "What people did"), table([["When", (a) => time(a.ts)], ["Who", (a) => wire(a.who)], ["Did", (a) => wire(a.verb)], ["What", (a) => [wire(a.object), " ", where[a.object] ? link(where[a.object] + part(a.id), wire(a.id.slice(0, 40))) : h("span", { class: "mono" }, wire(a.id, 200))], "wide"], ["Text", (a) => wire(a.text || "", 300)]], r.rows, "Nobody did anything.", "Actions"),
		(r.more || n > 0) && h("div", { class: "acts more" }, n > 0 && link("/actions?offset=" + Math.max(0, n - 100), "Later ones"), " ", r.more && link("/actions?offset=" + (n + 100), "Earlier ones"))] };
}
