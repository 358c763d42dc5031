/* The triggered raster: one discharge a row, aligned on its peak behind the delay line; those left out stay visible, paler. */
import { fitCanvas, flag, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { niceStep, plain, size } from "../_js/format.js";
import { drawWave } from "./waves.js";

const ROWS = 12;
const ROW = 27;
const TOP = 22;
const FOOT = 20;
const PER_DIV = 22;
const WORDS = { overlap: "overlap, left out", other_unit: "another unit", late_part_missing: "late part missing", left_out: "left out by reader" };

/** The pane of the raster; returns { element, canvas, update, frame, page }. */
export function makeRaster(app) {
  const head = h("div", { class: "ne-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application" });
  const element = h("section", { class: "ne-raster", "aria-label": "raster" }, head, canvas);
  let first = 0; // first discharge shown
  let follows = true; // the page goes with what is heard
  let chosen = -1;
  let place = null;

  const units = () => app.state.units;
  const stretch = () => app.stretch();
  const most = () => (units() && units().raster ? units().raster.times_s.length : 0);

  function paint() {
    const { colours } = app;
    const state = units();
    const width = Math.max(element.clientWidth - 16, 240);
    const height = TOP + ROWS * ROW + FOOT;
    const c = fitCanvas(canvas, width, height);
    const raster = state && state.raster;
    c.fillStyle = colours.well;
    c.fillRect(0, TOP, width, ROWS * ROW);
    if (!raster || !stretch()) { write(c, state ? state.sentence || "no discharge" : "", width / 2, TOP + 60, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); place = null; return; }
    const { delay_ms, length_ms } = state;
    const xOf = (ms) => ((ms + delay_ms) / length_ms) * width;
    const one = stretch();
    const n = Math.round((length_ms / 1000) * one.rate_hz);
    for (let i = 0; i <= 10; i += 1) rule(c, Math.min((i * width) / 10, width - 1), TOP, Math.min((i * width) / 10, width - 1), TOP + ROWS * ROW, colours.grid);
    first = Math.max(Math.min(first, most() - ROWS), 0);
    place = { rows: [] };
    c.save();
    c.beginPath(); c.rect(0, TOP, width, ROWS * ROW); c.clip();
    for (let row = 0; row < ROWS && first + row < most(); row += 1) {
      const index = first + row;
      const zero = TOP + (row + 0.62) * ROW;
      const what = raster.states[index];
      const from = Math.round((raster.times_s[index] - one.start_s - delay_ms / 1000) * one.rate_hz);
      app.tape.want(one, from, from + n);
      const wave = app.tape.samples(one, from, from + n);
      const isIn = what === "accepted" || what === "late_part_missing";
      if (index === chosen) { c.fillStyle = colours.supw; c.fillRect(0, TOP + row * ROW, width, ROW); }
      drawWave(c, wave, { start_ms: -delay_ms, step_ms: 1000 / one.rate_hz }, xOf, (uv) => zero + (uv / app.knobs.uv) * PER_DIV, isIn ? colours.t1 : colours.raw, isIn ? 1.2 : 1);
      place.rows.push({ index, top: TOP + row * ROW });
    }
    c.restore();
    for (const { index, top } of place.rows) if (WORDS[raster.states[index]]) { c.font = `11px ${colours.font}`; const words = WORDS[raster.states[index]]; const w = c.measureText(words).width + 6; c.fillStyle = colours.well; c.globalAlpha = 0.8; c.fillRect(width - w, top + 2, w, 13); c.globalAlpha = 1; write(c, words, width - 3, top + 9, { colour: colours.ink3, align: "right", font: colours.font }); }
    const x = xOf(0);
    c.setLineDash([4, 3]); rule(c, x, TOP, x, TOP + ROWS * ROW, colours.t2); c.setLineDash([]);
    flag(c, "0", x, 3, colours.t2, colours.well, colours.font, true);
    write(c, `trigger ${size(state.level_uv, "\u00b5V")}, delay ${plain(delay_ms)} ms`, x + 13, 11, { colour: colours.ink2, font: colours.font });
    const step = niceStep(length_ms, 6);
    for (let ms = Math.ceil(-delay_ms / step) * step; ms <= length_ms - delay_ms - 0.5 * step; ms += step) write(c, `${plain(ms)}`, xOf(ms), height - 9, { colour: colours.ink3, align: "center", font: colours.font });
    write(c, "ms", width - 2, height - 9, { colour: colours.ink3, align: "right", font: colours.font });
    c.fillStyle = colours.well;
    c.fillRect(0, TOP + ROWS * ROW - 14 - PER_DIV, 58, PER_DIV + 14);
    rule(c, 6, TOP + ROWS * ROW - 6 - PER_DIV, 6, TOP + ROWS * ROW - 6, colours.ink, 1.5);
    write(c, size(app.knobs.uv, "\u00b5V"), 11, TOP + ROWS * ROW - 6 - PER_DIV / 2, { colour: colours.ink, font: colours.font });
  }

  function update() {
    const state = units();
    const raster = state && state.raster;
    if (chosen >= most()) chosen = -1;
    fill(head, h("span", { class: "ne-name" }, "Raster"), h("span", { class: "caption" }, raster ? `${Math.min(first + 1, most())}\u2013${Math.min(first + ROWS, most())} of ${most()} crossings; ${raster.n_averaged} averaged` : ""));
    canvas.setAttribute("aria-label", raster ? `${most()} crossings of ${size(state.level_uv, "\u00b5V")}, ${raster.n_own} of this unit, ${raster.n_averaged} averaged, ${raster.states.filter((one) => one === "overlap").length} left out for overlap.` : state ? state.sentence : "no raster");
    paint();
  }

  /* while the sweep runs the page follows what is heard */
  function frame() {
    const state = units();
    if (!state || !state.raster || !follows || !app.player.state().isPlaying) return;
    const now = app.player.place(app.player.heard());
    if (!now || now.stretch !== stretch()) return;
    const t = now.stretch.start_s + now.sample / now.stretch.rate_hz;
    const heard = state.raster.times_s.filter((one) => one <= t).length;
    const wanted = Math.max(heard - ROWS, 0);
    if (wanted !== first) { first = wanted; update(); }
  }

  function page(way) { follows = false; first = Math.max(Math.min(first + way * ROWS, most() - ROWS), 0); update(); }
  function choose(index) { if (index < 0 || index >= most()) return; chosen = index; follows = false; if (index < first) first = index; if (index >= first + ROWS) first = index - ROWS + 1; update(); }
  function toggle() { const state = units(); if (state && state.raster && chosen >= 0) app.send({ type: "toggle", time_s: state.raster.times_s[chosen] }); }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    const y = event.clientY - canvas.getBoundingClientRect().top;
    const row = place && place.rows.find((one) => y >= one.top && y < one.top + ROW);
    if (row) choose(row.index);
  });
  canvas.addEventListener("dblclick", toggle);
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); page(Math.sign(event.deltaY) / 3); }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    const state = units();
    const does = { ArrowUp: () => choose(chosen < 0 ? first : chosen - 1), ArrowDown: () => choose(chosen < 0 ? first : chosen + 1), PageUp: () => page(-1), PageDown: () => page(1), x: toggle, X: toggle, w: () => chosen >= 0 && app.send({ type: "mean_this", time_s: state.raster.times_s[chosen] }) }[event.key];
    if (!does) return;
    event.preventDefault();
    event.stopPropagation();
    does();
  });
  return { element, canvas, update, frame, paint, toggle, mean: () => chosen >= 0 && app.send({ type: "mean_this", time_s: units().raster.times_s[chosen] }), follow: () => { follows = true; first = 0; chosen = -1; }, chosen: () => chosen };
}
