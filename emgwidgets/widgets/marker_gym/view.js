/* Place the marker: one response, one letter; drag, click or arrow keys, Enter places it; then truth, rules, tolerance. */
import { fitCanvas, flag, rule, themeColours, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { onTheme } from "../_js/themed.js";
import { fixed } from "../_js/format.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";

const HEIGHT = 300;
const AXIS = 20;
const ROWS = 8;
const GAINS = [2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000];
const DIVISIONS = [0.2, 0.5, 1, 2, 5];

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-mg", tabindex: "0", role: "group", "aria-label": "Place the marker" });
  const canvas = h("canvas", { tabindex: "-1", role: "img" });
  const head = h("div", { class: "mg-head" });
  const known = h("div", { class: "mg-known" });
  const tools = h("div", { class: "mg-tools" });
  const answer = h("div", { class: "mg-told" });
  const table = h("div", { class: "mg-table" });
  root.append(head, known, tools, h("div", { class: "mg-plot" }, canvas), answer, table, h("div", { class: "mg-foot caption" }, "Left, Right: 0.02 ms, with Shift 0.2 ms   + and -: sensitivity   [ and ]: time base   Enter: place, next   " + PURPOSE));
  el.append(root);
  keepClicks(root);
  let place = -1;
  let at = 0;
  let gain = 100;
  let division = 2;
  let centre = 0;
  let samples = new Float32Array(0);
  const state = () => model.get("_state");
  const told = () => state().told;
  const left = () => Math.max(state().first_ms, centre - 5 * division);
  const width = () => Math.max(400, root.clientWidth - 2);
  const x = (ms) => ((ms - left()) / (10 * division)) * width();
  const timeAt = (px) => left() + (px / width()) * 10 * division;
  const last = () => state().first_ms + (samples.length - 1) * state().step_ms;

  function move(ms) {
    if (told()) return;
    at = Math.max(state().first_ms, Math.min(ms, last()));
    if (x(at) < 0 || x(at) > width()) centre = at;
    paint();
  }
  function turn(by) { gain = GAINS[Math.max(0, Math.min(GAINS.indexOf(gain) + by, GAINS.length - 1))]; draw(); }
  function zoom(by) {
    division = DIVISIONS[Math.max(0, Math.min(DIVISIONS.indexOf(division) + by, DIVISIONS.length - 1))];
    centre = told() ? told().true_ms : at;
    draw();
  }
  function enter() { model.send(told() ? { type: "next", place: state().place } : { type: "place", place: state().place, time_ms: at }); }

  function paint() {
    const c = fitCanvas(canvas, width(), HEIGHT);
    const colours = themeColours(root);
    const bottom = HEIGHT - AXIS;
    c.fillStyle = colours.well;
    c.fillRect(0, 0, width(), bottom);
    for (let k = 0; k <= 10; k += 1) rule(c, (k * width()) / 10, 0, (k * width()) / 10, bottom, colours.grid);
    for (let k = 0; k <= ROWS; k += 1) rule(c, 0, (k * bottom) / ROWS, width(), (k * bottom) / ROWS, k * 2 === ROWS ? colours.grid2 : colours.grid);
    const y = (uv) => bottom / 2 + (uv / gain) * (bottom / ROWS); // negative is up
    const base = median(samples);
    if (told()) {
      const t = told();
      c.fillStyle = colours.band;
      c.fillRect(x(t.true_ms - t.tolerance_ms), 0, x(t.true_ms + t.tolerance_ms) - x(t.true_ms - t.tolerance_ms), bottom);
    }
    c.save();
    c.beginPath();
    c.rect(0, 0, width(), bottom);
    c.clip();
    c.strokeStyle = colours.t1;
    c.lineWidth = 1.5;
    c.beginPath();
    const { first_ms: first, step_ms: step } = state();
    const from = Math.max(0, Math.floor((left() - first) / step) - 1);
    const to = Math.min(samples.length, Math.ceil((left() + 10 * division - first) / step) + 2);
    for (let k = from; k < to; k += 1) { const [px, py] = [x(first + k * step), y(samples[k] - base)]; if (k === from) c.moveTo(px, py); else c.lineTo(px, py); }
    c.stroke();
    if (told()) {
      told().rules.forEach(([name, ms], k) => { rule(c, x(ms), bottom - 14 * (k + 1) - 4, x(ms), bottom, colours.ink3); write(c, name, x(ms) + 4, bottom - 14 * (k + 1) + 2, { colour: colours.ink3, font: colours.font }); });
      rule(c, x(told().true_ms), 0, x(told().true_ms), bottom, colours.sup, 2);
      write(c, "truth", x(told().true_ms) + 4, 26, { colour: colours.sup, weight: 600, font: colours.font });
    }
    rule(c, x(at), 0, x(at), bottom, colours.t2, told() ? 1 : 2);
    c.restore();
    flag(c, state().letter, Math.max(9, Math.min(x(at), width() - 9)), 0, colours.t2, colours.bg, colours.font, told() !== null);
    for (let k = 0; k <= 10; k += 2) write(c, `${fixed(left() + k * division, division < 1 ? 1 : 0)}${k === 10 ? " ms" : ""}`, (k * width()) / 10, HEIGHT - 8, { colour: colours.ink3, align: k === 0 ? "left" : k === 10 ? "right" : "center", font: colours.font });
    canvas.setAttribute("aria-label", `Response; marker ${state().letter} at ${fixed(at, 2)} ms, ${gain} µV and ${division} ms a division${told() ? `; truth ${fixed(told().true_ms, 2)} ms` : ""}`);
    readout.textContent = `${state().letter} ${fixed(at, 2)} ms, ${fixed(valueAt(at) - base, 1)} µV`;
    root.dataset.painted = String(state().place);
    root.dataset.at = String(at);
  }
  const valueAt = (ms) => samples[Math.max(0, Math.min(Math.round((ms - state().first_ms) / state().step_ms), samples.length - 1))] || 0;
  const readout = h("b", { class: "mg-readout", role: "status" });

  function draw() {
    const s = state();
    const t = told();
    fill(head, h("strong", null, "Place the marker"), h("span", null, `item ${s.place + 1} of ${s.n}: ${s.kind} (${s.letter})`), h("span", { class: "caption mg-right" }, s.is_kept ? "kept between starts on this machine" : "not kept: the folder of answers cannot be written"));
    fill(known, ...s.known.map(([name, value]) => h("span", null, h("span", { class: "caption" }, name), " ", h("b", null, value))));
    fill(tools, h("button", { onclick: () => turn(1), "aria-label": "Less sensitive" }, "−"), h("span", { class: "mg-value" }, `${gain >= 1000 ? `${gain / 1000} mV` : `${gain} µV`}/div`), h("button", { onclick: () => turn(-1), "aria-label": "More sensitive" }, "+"),
      h("button", { onclick: () => zoom(1), "aria-label": "Longer time base" }, "−"), h("span", { class: "mg-value" }, `${division} ms/div`), h("button", { onclick: () => zoom(-1), "aria-label": "Shorter time base" }, "+"), readout,
      h("button", { class: "is-chosen mg-right", onclick: enter }, t ? (s.is_over ? "Another round" : "Next") : "Place it", h("kbd", null, "⏎")));
    answer.hidden = !t;
    if (t) {
      answer.className = `mg-told${t.verdict === "within" ? " is-within" : ""}`;
      const spread = t.rules.length > 1 ? ` Published rules on this trace: ${t.rules.map(([name, ms]) => `${name} ${fixed(ms, 2)}`).join(", ")} ms; spread ${fixed(Math.max(...t.rules.map((one) => one[1])) - Math.min(...t.rules.map((one) => one[1])), 2)} ms.` : t.rules.length ? ` The software: ${fixed(t.rules[0][1], 2)} ms.` : "";
      fill(answer, h("p", { role: "status" }, h("b", null, t.words), spread), h("p", { class: "caption" }, t.published));
    }
    fill(table, s.summary.length ? h("table", null, h("thead", null, h("tr", null, ...["landmark", "placed", "within", "gross", "median error", "own agreement"].map((name, k) => h("th", { class: k ? "num" : null }, name)))), h("tbody", null, ...s.summary.map((row) => h("tr", null, h("td", null, row.name), ...[row.n, row.within, row.gross, `${fixed(row.median_ms, 2)} ms`, row.agreement === null ? `after 20 repeats (${row.repeats} so far)` : fixed(row.agreement, 2)].map((value) => h("td", { class: "num" }, String(value))))))) : null);
    paint();
  }
  function changed() {
    const s = state();
    const hadFocus = root.contains(document.activeElement);
    if (s.place !== place) {
      place = s.place;
      samples = new Float32Array(s.samples.buffer.slice(s.samples.byteOffset, s.samples.byteOffset + s.samples.byteLength));
      division = DIVISIONS.find((step) => 10 * step >= s.end_ms - s.start_ms) || 5;
      gain = GAINS.find((step) => step * 4 >= s.size_uv) || 10000;
      centre = s.start_ms + 5 * division;
      at = (s.start_ms + s.end_ms) / 2;
    }
    if (s.told) at = s.told.placed_ms;
    draw();
    if (hadFocus) root.focus({ preventScroll: true });
  }
  let isDown = false;
  canvas.addEventListener("pointerdown", (event) => { isDown = true; canvas.setPointerCapture(event.pointerId); move(timeAt(event.offsetX)); root.focus({ preventScroll: true }); });
  canvas.addEventListener("pointermove", (event) => { if (isDown) move(timeAt(event.offsetX)); });
  canvas.addEventListener("pointerup", () => { isDown = false; });
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = event.shiftKey ? 0.2 : 0.02;
    const acts = { ArrowLeft: () => move(at - step), ArrowRight: () => move(at + step), "+": () => turn(-1), "=": () => turn(-1), "-": () => turn(1), "[": () => zoom(1), "]": () => zoom(-1) };
    if (event.key === "Enter" && event.target.tagName !== "BUTTON") { event.preventDefault(); enter(); }
    else if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  const resized = new ResizeObserver(paint);
  resized.observe(root);
  const themed = onTheme(root, paint);
  model.on("change:_state", changed);
  changed();
  const unwatch = watchKernel(root, model, "Run the cell again: progress up to the last answer is kept.");
  return () => { unwatch(); resized.disconnect(); themed.disconnect(); model.off("change:_state", changed); };
}

function median(samples) {
  const sorted = Array.from(samples.length > 4000 ? samples.filter((_, k) => k % 8 === 0) : samples).sort((a, b) => a - b);
  return sorted.length ? sorted[Math.floor(sorted.length / 2)] : 0;
}
