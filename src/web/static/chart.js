// chart.js - curves of tags, with a mark where somebody wrote.
import uPlot from "./uplot.js";
import { h, real, time, visible, wire, link, part } from "./dom.js";
import { get } from "./api.js";

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

const two = (n) => String(n).padStart(2, "0");

// 24 hours, with the day where it changes or nothing is shorter than that.
function clock(t, all) {
	const d = new Date(t * 1000), day = d.getMonth() + 1 + "-" + two(d.getDate()), step = all.length > 1 ? all[1] - all[0] : 0;

	return step >= 86400 ? d.getFullYear() + "-" + day : (d.getHours() === 0 && d.getMinutes() === 0 && d.getSeconds() === 0 ? day + " " : "") + two(d.getHours()) + ":" + two(d.getMinutes()) + (step < 60 ? ":" + two(d.getSeconds()) : "");
}

export async function curve(tag, hours) {
	const until = tag.last + 1, since = Math.max(0, until - hours * 3600e6);
	const points = (await get("series", { series: tag.series, since, until })).points;
	const box = h("div", { class: "chart" });
	const card = h("div", { class: "card pad" }, h("div", null, h("strong", null, link("/values?q=" + part(tag.tag), wire(tag.tag, 60))), " ", h("span", { class: "num" }, real(tag.value), " ", wire(tag.unit || "")),
		tag.writer && h("div", { class: "soft" }, "last written ", time(tag.write), " by ", wire(tag.writer))), box);

	if (points.length < 2) { box.append(h("p", { class: "soft" }, "No history yet.")); return { card, after() {} }; }
	return { card, after() {
		const x = points.map((p) => p[0] / 1e6), y = points.map((p) => p[3]), writes = points.filter((p) => p[4] > 0);
		const ink = style("--soft"), line = style("--line");
		const axis = { stroke: ink, grid: { stroke: line, width: 1 }, ticks: { stroke: line }, font: "12px system-ui" };

		new uPlot({ width: Math.max(240, box.clientWidth), height: 170, cursor: { drag: { x: true, y: false } }, legend: { show: false },
			axes: [{ ...axis, values: (u, at) => at.map((t) => clock(t, at)) }, { ...axis, size: 58 }], series: [{}, { label: visible(tag.tag), stroke: style("--link"), width: 2, paths: uPlot.paths.stepped({ align: 1 }), points: { show: points.length < 60 } }],
			hooks: { draw: [(u) => {
				const big = writes.length > 40 ? 3 : 7;

				u.ctx.fillStyle = style("--s2");
				for (const w of writes) {
					const px = u.valToPos(w[0] / 1e6, "x", true), py = u.valToPos(w[3], "y", true);

					u.ctx.beginPath(); u.ctx.moveTo(px, py - big); u.ctx.lineTo(px + big, py + big * .7); u.ctx.lineTo(px - big, py + big * .7); u.ctx.fill();
				}
			}] } }, [x, y], box);
		box.setAttribute("role", "img");
		box.setAttribute("aria-label", visible(tag.tag) + ": " + points.length + " values, smallest " + real(Math.min(...points.map((p) => p[1]))) + ", largest " + real(Math.max(...points.map((p) => p[2]))) + ", written " + writes.length + " times");
	} };
}
