// act.js - what an operator says, with a word about it where one is needed.
import { h, tell } from "./dom.js";
import { say } from "./api.js";
import { forget } from "./names.js";

const again = () => dispatchEvent(new Event("thermowell:again"));

export async function act(verb, object, id, text, done) {
	await say(verb, object, id, text);
	if (object === "asset") forget();
	tell(done);
	again();
}

// A question with a field for a text; `must`: it is needed.
export function ask(title, must, onText) {
	const field = h("input", { type: "text", id: "why", maxlength: 200, required: must });
	const d = h("dialog", { "aria-labelledby": "asked" }, h("form", { method: "dialog" }, h("h2", { id: "asked" }, title),
		h("label", { for: "why" }, must ? "Text" : "Why (may be empty)"), field,
		h("div", { class: "acts" }, h("button", { type: "button", onclick: () => d.close() }, "Cancel"), h("button", { class: "main", value: "yes" }, "OK"))));

	document.body.append(d);
	d.addEventListener("close", async () => {
		d.remove();
		if (d.returnValue === "yes") await onText(field.value.trim());
	});
	d.showModal();
}

const DONE = { acknowledge: "acknowledged", archive: "archived", reopen: "reopened", escalate: "escalated", note: "noted", label: "labelled", accept: "accepted", reject: "rejected" };

// A button for a verb; `needs`: "text" it must have one, "why" it may.
export function button(verb, label, object, id, needs, title) {
	const b = h("button", { type: "button", "data-verb": verb, "data-key": verb + id, title: title }, label);

	b.addEventListener("click", () => {
		const go = async (text) => { b.disabled = true; try { await act(verb, object, id, text, label + ": " + DONE[verb]); } finally { b.disabled = false; } };

		if (needs) ask(label, needs === "text", go);
		else go("");
	});
	return b;
}
