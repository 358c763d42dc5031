/* The interference pattern: turns per second against mean amplitude of every epoch, beside a cloud that says what it is. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { niceStep, plain } from "../_js/format.js";

const HEIGHT = 300;
const [LEFT, TOP, RIGHT, FOOT] = [52, 12, 12, 34];
const LOOKS = { slight: ["t3", "ring"], moderate: ["t2", "diamond"], full: ["t1", "dot"] };

/** The mode; returns { element, knobs, update, frame, paint, key }. */
export function makeEffort(app) {
  const head = h("div", { class: "ne-head" });
  const canvas = h("canvas", { tabindex: "0", role: "img" });
  const legend = h("div", { class: "caption ne-legend" });
  const table = h("div");
  const keep = h("div");
  const words = h("p", { class: "ne-word-line" });
  const element = h("div", { class: "ne-effort" }, h("section", { "aria-label": "turns and amplitude" }, head, canvas, legend), h("section", { "aria-label": "interference pattern" }, h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "Interference pattern"), h("span", { class: "caption" }, "turns of 100 \u00b5V or more; means over the epochs")), table, words, keep));
  let dots = [];

  const data = () => app.state.interference;

  function paint() {
    const state = data();
    const { colours } = app;
    const width = Math.max(canvas.parentElement.clientWidth - 16, 280);
    const c = fitCanvas(canvas, width, HEIGHT);
    c.fillStyle = colours.well;
    c.fillRect(LEFT, TOP, width - LEFT - RIGHT, HEIGHT - TOP - FOOT);
    dots = [];
    if (!state) return;
    const most = (values, least) => Math.max(least, ...values) * 1.08;
    const [xMax, yMax] = [most([...state.epochs.map((one) => one.turns), ...state.cloud.map((row) => row[0])], 300), most([...state.epochs.map((one) => one.uv), ...state.cloud.map((row) => row[2])], 400)];
    const xOf = (v) => LEFT + (v / xMax) * (width - LEFT - RIGHT);
    const yOf = (v) => HEIGHT - FOOT - (v / yMax) * (HEIGHT - TOP - FOOT);
    for (let v = 0, step = niceStep(xMax, 6); v <= xMax; v += step) { rule(c, xOf(v), TOP, xOf(v), HEIGHT - FOOT, colours.grid); write(c, plain(v), xOf(v), HEIGHT - FOOT + 10, { colour: colours.ink3, align: "center", font: colours.font }); }
    for (let v = 0, step = niceStep(yMax, 5); v <= yMax; v += step) { rule(c, LEFT, yOf(v), width - RIGHT, yOf(v), colours.grid); write(c, plain(v), LEFT - 6, yOf(v), { colour: colours.ink3, align: "right", font: colours.font }); }
    write(c, "turns per second", (width + LEFT) / 2, HEIGHT - 7, { colour: colours.ink2, align: "center", font: colours.font });
    c.save(); c.translate(10, HEIGHT / 2); c.rotate(-Math.PI / 2); write(c, "mean amplitude of a turn, \u00b5V", 0, 0, { colour: colours.ink2, align: "center", font: colours.font }); c.restore();
    if (state.cloud.length) {
      c.beginPath();
      state.cloud.forEach(([x, , high], i) => (i ? c.lineTo(xOf(x), yOf(high)) : c.moveTo(xOf(x), yOf(high))));
      [...state.cloud].reverse().forEach(([x, low]) => c.lineTo(xOf(x), yOf(low)));
      c.closePath();
      c.fillStyle = colours.band;
      c.fill();
      c.setLineDash([4, 3]); c.strokeStyle = colours.ok; c.lineWidth = 1.2; c.stroke(); c.setLineDash([]);
      const [x, , high] = state.cloud[Math.floor(state.cloud.length / 2)];
      write(c, "simulated, healthy", xOf(x) - 8, yOf(high) - 12, { colour: colours.ok, align: "right", font: colours.font });
    }
    for (const one of state.epochs) {
      const [hue, shape] = LOOKS[one.effort];
      const [x, y] = [xOf(one.turns), yOf(one.uv)];
      c.strokeStyle = colours[hue]; c.fillStyle = colours[hue]; c.lineWidth = 1.5;
      c.beginPath();
      if (shape === "diamond") { c.moveTo(x, y - 4.5); c.lineTo(x + 4.5, y); c.lineTo(x, y + 4.5); c.lineTo(x - 4.5, y); c.closePath(); c.stroke(); } else { c.arc(x, y, 3.4, 0, 7); if (shape === "dot") c.fill(); else c.stroke(); }
      dots.push({ one, x, y });
    }
    canvas.setAttribute("aria-label", `${state.n} epochs; ${state.words} ${state.rows.map((row) => `${row.effort}: ${row.turns} turns, ${row.uv}`).join("; ")}.`);
  }

  function update() {
    const state = data();
    if (!state) return;
    fill(head, h("span", { class: "ne-name" }, "Turns and amplitude"), h("span", { class: "caption" }, state.epochs.length ? `${state.n} epochs of ${plain(Math.round((state.epochs[0].end_s - state.epochs[0].start_s) * 100) / 100)} s; click one to hear it` : ""));
    fill(legend, h("span", null, "\u25cb slight"), h("span", null, "\u25c7 moderate"), h("span", null, "\u25cf full"), h("span", null, `cloud: ${state.cloud_words}`));
    fill(table, state.rows.length ? h("table", null, h("thead", null, h("tr", null, ...["effort", "place", "epochs", "turns", "amplitude", "peak ratio", "activity", "small segments", "envelope"].map((text) => h("th", null, text)))),
      h("tbody", null, ...state.rows.map((row) => h("tr", null, ...[row.take > 1 ? `${row.effort}, take ${row.take}` : row.effort, row.insertion, row.n, row.turns, row.uv, row.ratio, row.activity, row.segments, row.envelope].map((text) => h("td", null, String(text))))))) : null);
    fill(keep, state.rows.some((row) => row.effort === "full") ? h("button", { onclick: () => app.send({ type: "accept_interference" }), title: "means of turns and amplitude at full effort go into the case" }, "Means at full effort into the case") : null);
    fill(words, state.words, ...state.sentences.map((text) => ` ${text}`));
    paint();
  }

  canvas.addEventListener("pointerdown", (event) => {
    const box = canvas.getBoundingClientRect();
    const near = dots.map((dot) => ({ ...dot, gap: Math.hypot(dot.x - (event.clientX - box.left), dot.y - (event.clientY - box.top)) })).sort((a, b) => a.gap - b.gap)[0];
    const stretch = near && near.gap < 10 ? app.stretchOf(near.one.stretch) : null;
    if (!stretch) return;
    app.player.wake();
    app.free.run();
    app.player.once(stretch, near.one.start_s, near.one.end_s);
  });
  return { element, knobs: [], update, frame: () => {}, paint, key: () => false };
}
