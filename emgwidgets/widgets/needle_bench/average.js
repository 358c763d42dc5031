/* The averaged potential with its handles: start, positive and negative peak, end; the bands are the spread of the published rules. */
import { fitCanvas, flag, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { fixed, plain, size } from "../_js/format.js";
import { drawWave } from "./waves.js";

const HEIGHT = 236;
const TOP = 24;
const FOOT = 20;
const GRAB = 12;
const FLAG = 18;
const PER_DIV = 26;
const NAMES = { S: "start", T: "positive peak", P: "negative peak", E: "end" };

/** The pane of the average; returns { element, canvas, update, paint, nudge }. */
export function makeAverage(app) {
  const head = h("div", { class: "ne-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application" });
  const numbers = h("div", { class: "ne-numbers" });
  const rules = h("div", { class: "caption ne-rules" });
  const hand = h("div", { class: "ne-unit-hand" });
  const element = h("section", { class: "ne-average", "aria-label": "average" }, head, canvas, numbers, rules, hand);
  let letter = "E";
  let drag = null;
  let place = null;

  const shown = () => app.state.units && app.state.units.shown;
  const at = (one, name) => (drag && drag.letter === name ? drag.ms : one.handles[name]);

  function paint() {
    const { colours } = app;
    const one = shown();
    const width = Math.max(element.clientWidth - 16, 240);
    const c = fitCanvas(canvas, width, HEIGHT);
    c.fillStyle = colours.well;
    c.fillRect(0, TOP, width, HEIGHT - TOP - FOOT);
    const wave = one && app.waves.get(one.key);
    if (!one || !wave) { place = null; if (!one) write(c, "no average yet", width / 2, HEIGHT / 2, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); return; }
    const length = wave.length * one.step_ms;
    const xOf = (ms) => ((ms - one.start_ms) / length) * width;
    const zero = TOP + (HEIGHT - TOP - FOOT) * 0.52;
    const yOf = (uv) => zero + (uv / app.knobs.uv) * PER_DIV;
    place = { xOf, msOf: (x) => one.start_ms + (x / width) * length };
    for (let i = 0; i <= 10; i += 1) rule(c, Math.min((i * width) / 10, width - 1), TOP, Math.min((i * width) / 10, width - 1), HEIGHT - FOOT, colours.grid);
    for (let y = zero % PER_DIV; y < HEIGHT - FOOT; y += PER_DIV) if (y > TOP) rule(c, 0, y, width, y, colours.grid);
    rule(c, 0, zero, width, zero, colours.grid2);
    c.save();
    c.beginPath(); c.rect(0, TOP, width, HEIGHT - TOP - FOOT); c.clip();
    for (const [a, b] of one.satellites_ms) { c.fillStyle = colours.panel; c.fillRect(xOf(a), TOP, xOf(b) - xOf(a), HEIGHT - TOP - FOOT); write(c, "satellite", xOf(a) + 2, TOP + 9, { colour: colours.ink3, font: colours.font }); }
    singles(c, one, xOf, yOf);
    drawWave(c, wave, one, xOf, yOf, colours.t1, 2);
    c.restore();
    spread(c, one, xOf, zero);
    const heads = sideBySide(one, xOf);
    place.heads = heads;
    for (const name of ["S", "T", "P", "E"]) {
      const ms = at(one, name);
      if (ms === undefined) continue;
      const x = xOf(ms);
      rule(c, x, TOP, x, name === "S" || name === "E" ? HEIGHT - FOOT : zero + 10, colours.t2, name === letter ? 2 : 1);
      flag(c, name, heads[name], 4, colours.t2, colours.well, colours.font, one.by_hand.includes(name) || Boolean(drag && drag.letter === name));
      if (name === letter && document.activeElement === canvas) { c.strokeStyle = colours.focus; c.lineWidth = 2; c.strokeRect(x - 10, 2, 20, 20); }
    }
    for (let i = 0; i <= 10; i += 2) write(c, `${plain(Math.round((one.start_ms + (i * length) / 10) * 10) / 10)}${i === 10 ? " ms" : ""}`, i === 0 ? 0 : i === 10 ? width : (i * width) / 10, HEIGHT - 9, { colour: colours.ink3, align: i === 0 ? "left" : i === 10 ? "right" : "center", font: colours.font });
    rule(c, width - 64, HEIGHT - FOOT - 10 - PER_DIV, width - 64, HEIGHT - FOOT - 10, colours.ink, 1.5);
    write(c, size(app.knobs.uv, "\u00b5V"), width - 59, HEIGHT - FOOT - 10 - PER_DIV / 2, { colour: colours.ink, font: colours.font });
  }

  /* marks that lie close have their flags side by side, in their order, each as near its line as it can be */
  function sideBySide(one, xOf) {
    const placed = ["S", "T", "P", "E"].filter((name) => at(one, name) !== undefined).map((name) => ({ name, x: xOf(at(one, name)) })).sort((p, q) => p.x - q.x);
    for (let pass = 0; pass < 8; pass += 1) {
      placed.forEach((right, i) => {
        const lack = i ? FLAG - (right.x - placed[i - 1].x) : 0;
        if (lack > 0) { placed[i - 1].x -= lack / 2; right.x += lack / 2; }
      });
    }
    return Object.fromEntries(placed.map(({ name, x }) => [name, x]));
  }

  /* single discharges of the current raster under its average */
  function singles(c, one, xOf, yOf) {
    const { raster, delay_ms, length_ms } = app.state.units;
    const stretch = app.stretch();
    if (one.number !== 0 || !raster || !stretch) return;
    c.globalAlpha = 0.35;
    let n = 0;
    for (let i = 0; i < raster.times_s.length && n < 20; i += 1) {
      if (raster.states[i] !== "accepted" && raster.states[i] !== "late_part_missing") continue;
      const from = Math.round((raster.times_s[i] - stretch.start_s - delay_ms / 1000) * stretch.rate_hz);
      const to = from + Math.round((length_ms / 1000) * stretch.rate_hz);
      app.tape.want(stretch, from, to);
      drawWave(c, app.tape.samples(stretch, from, to), one, xOf, yOf, app.colours.raw, 0.8);
      n += 1;
    }
    c.globalAlpha = 1;
  }

  /* where the published rules put start and end: band over the trace, bracket on the baseline */
  function spread(c, one, xOf, zero) {
    if (one.rules.length < 2) return;
    for (const name of ["onset_ms", "end_ms"]) {
      const all = one.rules.map((mark) => mark[name]);
      const [x0, x1] = [xOf(Math.min(...all)), xOf(Math.max(...all))];
      c.fillStyle = app.colours.band;
      c.fillRect(x0, TOP, Math.max(x1 - x0, 2), HEIGHT - TOP - FOOT);
      rule(c, x0, HEIGHT - FOOT - 4, x1, HEIGHT - FOOT - 4, app.colours.t2, 2);
      rule(c, x0, HEIGHT - FOOT - 8, x0, HEIGHT - FOOT, app.colours.t2);
      rule(c, x1, HEIGHT - FOOT - 8, x1, HEIGHT - FOOT, app.colours.t2);
    }
  }

  function update() {
    const one = shown();
    const isCurrent = one && one.number === 0;
    fill(head, h("span", { class: "ne-name" }, one ? `${isCurrent ? "Average" : `Unit ${one.number}, average`} of ${one.n}` : "Average"), h("span", { class: "caption" }, one ? "S start, T and P peaks, E end: drag, or letter then arrows" : ""));
    fill(numbers, ...(one ? one.numbers.flatMap((row) => [h("div", { title: row.why }, h("span", { class: "caption" }, row.caption), h("b", null, row.text))]) : []));
    rules.textContent = one ? [`Duration ${one.rules.map((mark) => `${mark.method.startsWith("by ") ? "" : "by "}${mark.method} ${fixed(mark.end_ms - mark.onset_ms, 1)}`).join(", ")} ms: ${one.rules.length > 1 ? "their spread is the interval" : "the other rules find no end"}.`, ...one.notes].join(" ") : "";
    fill(hand, one && isCurrent ? h("button", { onclick: () => app.send({ type: "keep" }) }, "Accept unit", h("kbd", null, "Enter")) : null,
      one && !isCurrent ? h("button", { onclick: () => app.send({ type: "choose_unit", number: 0 }) }, "Back to the trigger") : null, one && !isCurrent ? h("button", { onclick: () => app.send({ type: "drop", number: one.number }) }, "Take out of the gallery", h("kbd", null, "Del")) : null,
      one && one.by_hand.length ? h("button", { onclick: () => app.send({ type: "reset_handles" }) }, "Marks of the rules") : null);
    canvas.setAttribute("aria-label", one ? `Average of ${one.n}: ${one.numbers.map((row) => `${row.caption} ${row.text}`).join(", ")}. Negative up.` : "No average yet.");
    paint();
  }

  function near(event) {
    const one = shown();
    if (!one || !place) return null;
    const box = canvas.getBoundingClientRect();
    const x = event.clientX - box.left;
    const isFlag = event.clientY - box.top < TOP; // flags may stand beside their lines
    return ["S", "T", "P", "E"].filter((name) => at(one, name) !== undefined).map((name) => ({ letter: name, gap: Math.abs((isFlag ? place.heads[name] : place.xOf(at(one, name))) - x) })).filter((found) => found.gap < GRAB).sort((a, b) => a.gap - b.gap)[0] || null;
  }
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    const found = near(event);
    if (!found) return;
    letter = found.letter;
    drag = { letter, ms: shown().handles[letter] };
    canvas.setPointerCapture(event.pointerId);
    paint();
  });
  canvas.addEventListener("pointermove", (event) => {
    canvas.style.cursor = drag || near(event) ? "ew-resize" : "default";
    if (!drag || !place) return;
    drag.ms = place.msOf(event.clientX - canvas.getBoundingClientRect().left);
    paint();
  });
  canvas.addEventListener("pointerup", () => { if (!drag) return; app.send({ type: "move_handle", letter: drag.letter, time_ms: drag.ms }); drag = null; });
  canvas.addEventListener("keydown", (event) => {
    const one = shown();
    if (!one || event.ctrlKey || event.metaKey || event.altKey) return;
    const name = event.key.length === 1 ? event.key.toUpperCase() : event.key;
    if (NAMES[name]) { letter = name; paint(); } else if (name === "ArrowLeft" || name === "ArrowRight") app.send({ type: "move_handle", letter, time_ms: one.handles[letter] + (name === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 0.5 : 0.05) });
    else if ((name === "Delete" || name === "Backspace") && one.number) app.send({ type: "drop", number: one.number });
    else return;
    event.preventDefault();
    event.stopPropagation();
  });
  canvas.addEventListener("focus", () => paint());
  canvas.addEventListener("blur", () => paint());
  return { element, canvas, update, paint };
}
