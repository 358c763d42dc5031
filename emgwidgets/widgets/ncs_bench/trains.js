/* Repetitive stimulation: the responses of a train side by side, and their size in percent of the first. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { drawSweep } from "./sweep.js";

/** The pane; returns { element, canvas, paint }. */
export function makeTrains(app) {
  const head = h("div", { class: "nb-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application", "aria-label": "nothing given yet" });
  const plot = h("canvas", { role: "img", "aria-label": "nothing given yet" });
  const numbers = h("div");
  const element = h("div", { class: "nb-series" }, h("section", { class: "nb-traces" }, head, canvas, numbers), h("section", { class: "nb-traces" }, h("div", { class: "nb-head" }, h("strong", null, "Size of each response"), h("span", { class: "caption" }, "percent of the first; trains of this side")), plot));
  const SHAPES = ["circle", "square", "diamond", "triangle"];

  function shape(c, kind, x, y, r) {
    c.beginPath();
    if (kind === "circle") c.arc(x, y, r, 0, 7);
    else if (kind === "square") c.rect(x - r, y - r, 2 * r, 2 * r);
    else if (kind === "diamond") { c.moveTo(x, y - r * 1.3); c.lineTo(x + r * 1.3, y); c.lineTo(x, y + r * 1.3); c.lineTo(x - r * 1.3, y); c.closePath(); }
    else { c.moveTo(x, y - r * 1.2); c.lineTo(x + r * 1.2, y + r); c.lineTo(x - r * 1.2, y + r); c.closePath(); }
    c.fill();
    c.stroke();
  }

  function paintTrain(run) {
    const { colours } = app;
    const width = Math.max(canvas.parentElement.clientWidth - 16, 280);
    const height = 190;
    const c = fitCanvas(canvas, width, height);
    c.fillStyle = colours.well;
    c.fillRect(0, 4, width, height - 8);
    if (!run) { write(c, "Space gives the train", width / 2, height / 2, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); return; }
    const n = Math.min(run.ids.length, 12);
    const each = (width - 20) / n;
    const top = Math.max(run.first_mv || 1, 0.2) * 1000;
    const zero = height * 0.64;
    rule(c, 0, zero, width, zero, colours.grid2);
    c.save();
    c.beginPath();
    c.rect(0, 4, width, height - 26);
    c.clip();
    for (let i = 0; i < n; i += 1) {
      const from = 10 + i * each;
      const yOf = (uv) => zero + (uv / top) * (height * 0.5);
      drawSweep(c, app.sweep(run.ids[i]), (ms) => from + (ms / 20) * each * 0.96, yOf, i === 0 || i === 3 ? colours.t1 : colours.raw, i === 0 || i === 3 ? 1.6 : 1.1, 1.5, 20);
    }
    c.restore();
    for (let i = 0; i < n; i += 1) write(c, `${i + 1}`, 10 + i * each + each * 0.4, height - 12, { colour: i === 0 || i === 3 ? colours.ink : colours.ink3, align: "center", font: colours.font });
    c.setLineDash([3, 3]);
    rule(c, 0, zero - height * 0.5, width, zero - height * 0.5, colours.t2);
    c.setLineDash([]);
    write(c, "height of the first", width - 4, zero - height * 0.5 - 8, { colour: colours.t2, align: "right", font: colours.font });
    canvas.setAttribute("aria-label", `${run.side} train ${run.words}: first response ${run.first_mv ? run.first_mv.toFixed(1) : "none"} mV, decrement ${run.decrement} percent`);
  }

  function paintPlot(runs) {
    const { colours } = app;
    const width = Math.max(plot.parentElement.clientWidth - 16, 240);
    const height = 232;
    const c = fitCanvas(plot, width, height);
    const n = Math.max(10, ...runs.map((run) => run.percents.length));
    const high = Math.max(120, ...runs.flatMap((run) => run.percents)) * 1.04;
    const low = Math.min(60, ...runs.flatMap((run) => run.percents)) * 0.94;
    const xOf = (i) => 40 + ((i - 1) / (n - 1)) * (width - 54);
    const yOf = (p) => 8 + ((high - p) / (high - low)) * (height - 40);
    const step = high - low > 200 ? 100 : high - low > 80 ? 20 : 10;
    for (let p = Math.ceil(low / step) * step; p <= high; p += step) { rule(c, 40, yOf(p), width - 12, yOf(p), p === 100 ? colours.grid2 : colours.grid); write(c, `${p}`, 34, yOf(p), { colour: colours.ink3, align: "right", font: colours.font }); }
    for (let i = 1; i <= n; i += n > 20 ? 5 : 1) write(c, `${i}`, xOf(i), height - 18, { colour: colours.ink3, align: "center", font: colours.font });
    runs.forEach((run, k) => {
      const colour = colours[["t1", "t2", "t3", "t4"][k % 4]];
      c.strokeStyle = colour;
      c.lineWidth = 1.3;
      c.beginPath();
      run.percents.forEach((p, i) => { if (i) c.lineTo(xOf(i + 1), yOf(p)); else c.moveTo(xOf(i + 1), yOf(p)); });
      c.stroke();
      c.fillStyle = k % 2 ? colours.well : colour;
      run.percents.forEach((p, i) => shape(c, SHAPES[k % 4], xOf(i + 1), yOf(p), 3.2));
    });
    write(c, "stimulus", width / 2, height - 5, { colour: colours.ink3, align: "center", font: colours.font });
    plot.setAttribute("aria-label", runs.map((run) => `${run.words}: ${run.percents.map((p) => p.toFixed(0)).join(", ")} percent`).join("; ") || "no train yet");
  }

  function paint() {
    const runs = app.state.series.trains.filter((one) => one.side === app.state.side);
    const run = runs.at(-1);
    fill(head, h("strong", null, run ? run.words : "No train yet"), h("span", { class: "caption" }, run ? "first and fourth heavy" : "10 stimuli at 2 to 3 Hz, at rest first"));
    paintTrain(run);
    paintPlot(runs);
    const mark = (k) => { const canvasMark = h("canvas", { "aria-hidden": "true", "aria-label": "mark" }); const c = fitCanvas(canvasMark, 12, 12); const colour = app.colours[["t1", "t2", "t3", "t4"][k % 4]]; c.strokeStyle = colour; c.fillStyle = k % 2 ? app.colours.well : colour; shape(c, SHAPES[k % 4], 6, 6, 3.2); return canvasMark; };
    fill(numbers, runs.length ? h("table", null, h("thead", null, h("tr", null, h("th", null, ""), h("th", null, "Train"), h("th", { class: "num" }, "1st to 4th, %"), h("th", { class: "num" }, "area, %"), h("th", { class: "num" }, "last to 1st, %"), h("th", null, "Valid"))),
      h("tbody", null, ...runs.map((one, k) => h("tr", null, h("td", null, mark(k)), h("td", null, one.words), h("td", { class: "num" }, one.decrement), h("td", { class: "num" }, one.area), h("td", { class: "num" }, one.increment), h("td", { class: one.validity.length ? "is-bad" : "" }, one.validity.length ? one.validity.join("; ") : "no reason to doubt"))))) : null);
  }
  return { element, canvas, paint };
}
