/* Inching: responses in short steps along the nerve, and the latency and size at each place. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { fixed } from "../_js/format.js";
import { drawSweep } from "./sweep.js";

const ROW = 40;

/** Lines of a text as rows of numbers; a dash or nothing is left out. */
function rowsOf(text) {
  const cells = (line) => line.trim().split(/[\s;]+/).map((cell) => (/^[-–]?$/.test(cell) ? null : Number(cell.replace(",", "."))));
  return text.split("\n").filter((line) => line.trim()).map((line) => cells(line).slice(0, 3));
}

/** The pane; returns { element, canvas, paint }. */
export function makeInching(app) {
  const head = h("div", { class: "nb-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application", "aria-label": "nothing given yet" });
  const plot = h("canvas", { role: "img", "aria-label": "nothing given yet" });
  const numbers = h("div");
  // numbers of a report: one place in a line, "mm ms mV"
  const typed = h("textarea", { rows: "6", cols: "24", placeholder: "0  3.10  9.8\n20  3.48  9.7\n40  4.62  6.1", "aria-label": "one place in a line: mm from the distal site, latency in ms, amplitude in mV" });
  typed.addEventListener("keydown", (event) => { if (event.key !== "Escape") event.stopPropagation(); });
  const take = h("button", { type: "button", onclick: () => { const ends = app.inchingEnds(); if (ends) app.send({ type: "type_inching", distal: ends[0].code, proximal: ends[1].code, rows: rowsOf(typed.value) }); } }, "Take these rows");
  const paper = h("div", { class: "nb-head" }, h("label", null, h("span", { class: "caption" }, "One place in a line: mm from the distal site, latency ms, amplitude mV"), h("br"), typed), take);
  const element = h("div", { class: "nb-series" }, h("section", { class: "nb-traces" }, head, paper, canvas), h("section", { class: "nb-traces" }, h("div", { class: "nb-head" }, h("strong", null, "Latency along the nerve"), h("span", { class: "caption" }, "bars: step between neighbours, ms; dashed: amplitude, mV")), plot, numbers));

  function paintTraces(run) {
    const { colours } = app;
    const width = Math.max(canvas.parentElement.clientWidth - 16, 280);
    const n = run ? run.points.length : 5;
    const height = 14 + n * ROW + 24;
    const c = fitCanvas(canvas, width, height);
    const view = app.view();
    const [left, right] = [58, width - 6];
    const xOf = (ms) => left + (ms / (view.msPerDiv * 10)) * (right - left);
    c.fillStyle = colours.well;
    c.fillRect(left, 6, right - left, n * ROW + 8);
    for (let i = 0; i <= 10; i += 1) { rule(c, xOf(i * view.msPerDiv), 6, xOf(i * view.msPerDiv), 14 + n * ROW, colours.grid); if (i % 2 === 0) write(c, `${i * view.msPerDiv}`, xOf(i * view.msPerDiv), height - 10, { colour: colours.ink3, align: "center", font: colours.font }); }
    if (!run) { write(c, app.fixed.is_paper ? "Type the rows in above" : "Space stimulates in steps", (left + right) / 2, height / 2, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); return; }
    c.save();
    c.beginPath();
    c.rect(left, 6, right - left, n * ROW + 8);
    c.clip();
    run.points.forEach((point, i) => {
      const zero = 14 + i * ROW + ROW * 0.72;
      if (point.id !== null) drawSweep(c, app.sweep(point.id), xOf, (uv) => zero + (uv / view.uvPerDiv) * 12, colours.t1, 1.2, 1);
      if (point.ms !== null) rule(c, xOf(point.ms), zero - 12, xOf(point.ms), zero + 8, colours.t2, 2);
    });
    c.restore();
    run.points.forEach((point, i) => write(c, `${fixed(point.mm, 0)} mm`, left - 6, 14 + i * ROW + ROW * 0.72, { colour: colours.ink3, align: "right", font: colours.font }));
    canvas.setAttribute("aria-label", `${run.side}, ${n} places: ${run.points.map((point) => `${fixed(point.mm, 0)} mm ${point.ms === null ? "no response" : `${fixed(point.ms, 2)} ms`}`).join(", ")}`);
  }

  function paintPlot(run) {
    const { colours } = app;
    const width = Math.max(plot.parentElement.clientWidth - 16, 240);
    const height = 210;
    const c = fitCanvas(plot, width, height);
    if (!run) { write(c, "nothing yet", width / 2, 90, { colour: colours.ink3, align: "center", font: colours.font }); return; }
    const [begin, end] = [run.points[0].mm, run.points.at(-1).mm];
    const xOf = (mm) => 36 + ((mm - begin) / (end - begin)) * (width - 80);
    const most = Math.max(...run.steps.map((step) => step.ms), 0.5) * 1.15;
    const yOf = (ms) => 10 + (1 - Math.max(ms, 0) / most) * (height - 44);
    for (let v = 0; v <= most; v += most > 2 ? 0.5 : 0.2) { rule(c, 36, yOf(v), width - 44, yOf(v), colours.grid); write(c, fixed(v, 1), 30, yOf(v), { colour: colours.ink3, align: "right", font: colours.font }); }
    const longest = Math.max(...run.steps.map((step) => step.ms));
    for (const step of run.steps) {
      const [x0, x1] = [xOf(step.from) + 2, xOf(step.to) - 2];
      c.fillStyle = step.ms === longest ? colours.t2 : colours.raw;
      c.fillRect(x0, yOf(step.ms), x1 - x0, yOf(0) - yOf(step.ms));
    }
    const big = Math.max(...run.points.map((point) => point.mv || 0), 1e-6) * 1.15;
    c.strokeStyle = colours.t1;
    c.lineWidth = 1.5;
    c.setLineDash([4, 3]);
    const sized = run.points.filter((point) => point.mv !== null);
    c.beginPath();
    sized.forEach((point, i) => { const y = 10 + (1 - point.mv / big) * (height - 44); if (i) c.lineTo(xOf(point.mm), y); else c.moveTo(xOf(point.mm), y); });
    c.stroke();
    c.setLineDash([]);
    if (sized.length) write(c, `${fixed(big, 1)} mV`, width - 2, 12, { colour: colours.t1, align: "right", font: colours.font });
    run.points.forEach((point) => write(c, fixed(point.mm, 0), xOf(point.mm), height - 22, { colour: colours.ink3, align: "center", font: colours.font }));
    write(c, `mm from the ${run.distal.replaceAll("_", " ")}, towards the ${run.proximal.replaceAll("_", " ")}`, width / 2, height - 6, { colour: colours.ink3, align: "center", font: colours.font });
    plot.setAttribute("aria-label", `${run.words}. ${run.verdict}`);
  }

  function paint() {
    const run = app.state.series.inching.filter((one) => one.side === app.state.side).at(-1);
    fill(head, h("strong", null, run ? `${app.state.side === "left" ? "Left" : "Right"}: ${run.distal.replaceAll("_", " ")} to ${run.proximal.replaceAll("_", " ")}` : app.inchingWords()), h("span", { class: "caption" }, run ? `${run.words}. ${run.verdict}` : "supramaximal at every place"));
    paper.hidden = !app.fixed.is_paper;
    fill(take, `Take these rows: ${app.inchingWords().replace("Inch ", "")}`);
    paintTraces(run);
    paintPlot(run);
    fill(numbers, run && run.steps.length ? h("table", null, h("thead", null, h("tr", null, h("th", null, "Step, mm"), h("th", { class: "num" }, "Latency step, ms"), h("th", { class: "num" }, "Amplitude drop, %"))), h("tbody", null, ...run.steps.map((step) => h("tr", null, h("td", null, `${fixed(step.from, 0)} to ${fixed(step.to, 0)}`), h("td", { class: "num" }, step.text), h("td", { class: "num" }, step.drop))))) : null);
  }
  return { element, canvas, paint };
}
