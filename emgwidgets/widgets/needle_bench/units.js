/* The mode of motor units: trigger and delay knobs, raster, average with handles, the table of the muscle, the gallery. */
import { fill, h, mark } from "../_js/dom.js";
import { parseSize, plain, size } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";
import { resultMark } from "../_js/marks.js";
import { makeAverage } from "./average.js";
import { makeGallery } from "./gallery.js";
import { makeRaster } from "./raster.js";
import { GAINS, neighbour } from "./toolbar.js";

const DELAYS = [1, 2, 5, 10, 15, 20, 30];
const LENGTHS = [5, 10, 20, 30, 50, 100];

/** The table of the muscle; also used beside a decomposition. */
export function muscleTable(rows, extra) {
  return h("table", null, h("thead", null, h("tr", null, h("th", null, "Measure"), h("th", { class: "num" }, "value"), h("th", { class: "num" }, "limit"), h("th", null, ""))),
    h("tbody", null, ...rows.map((row) => h("tr", { title: row.why }, h("td", null, row.caption), h("td", { class: `num${row.mark === "A" ? " is-bad" : ""}` }, row.text), h("td", { class: "num caption" }, row.limit), h("td", null, resultMark(row.mark, row.why)))), ...(extra || [])));
}

/** The mode; returns { element, knobs, update, frame, paint, key }. */
export function makeUnits(app) {
  const raster = makeRaster(app);
  const average = makeAverage(app);
  const gallery = makeGallery(app);
  const muscle = h("section", { class: "ne-muscle", "aria-label": "this muscle" });
  const element = h("div", { class: "ne-units" }, h("div", { class: "ne-units-row" }, raster.element, average.element, muscle), gallery.element);
  const leave = () => raster.canvas.focus({ preventScroll: true });
  const units = () => app.state.units;
  const set = (changes) => app.send({ type: "set_trigger", ...changes });
  function turnLevel(way) {
    const level = units().level_uv;
    const sign = Math.sign(level) || 1;
    const next = neighbour([...GAINS.flatMap((one) => [one, one * 1.5])].sort((a, b) => a - b), Math.abs(level), way);
    set({ level_uv: sign * next });
  }
  const trigger = makeKnob({ caption: "Trigger", leave, step: turnLevel, type: (text) => { const sign = /^\s*[-\u2212]/.test(text) ? -1 : 1; const value = parseSize(text.replace(/^\s*[-\u2212]/, ""), "\u00b5V", 1); if (value !== null) set({ level_uv: sign * value }); return value !== null; } });
  const delay = makeKnob({ caption: "Delay", leave, step: (d) => set({ delay_ms: neighbour(DELAYS, units().delay_ms, d) }), type: (text) => { const value = parseSize(text, "ms", 1); if (value !== null) set({ delay_ms: value }); return value !== null; } });
  const length = makeKnob({ caption: "Length", leave, step: (d) => set({ length_ms: neighbour(LENGTHS, units().length_ms, d) }), type: (text) => { const value = parseSize(text, "ms", 1); if (value !== null) set({ length_ms: value }); return value !== null; } });

  function table() {
    const { table: rows, limits, gallery: kept, filter_note: note } = units();
    fill(muscle, h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "This muscle"), h("span", { class: "caption" }, kept.length ? `${kept.length} unit${kept.length > 1 ? "s" : ""}` : "no unit accepted")), note ? h("div", { class: "message warn", role: "note" }, mark("warn"), h("span", null, `${note} `, h("button", { class: "ne-start", onclick: () => app.filter("high_pass_hz", 5) }, "Set 5 Hz"))) : null, rows.length ? muscleTable(rows) : null,
      ...limits.map((text) => h("div", { class: "caption" }, text)), kept.length ? h("div", { class: "caption" }, `Limits: ${[...new Set(rows.map((row) => row.why))].slice(0, 1)}. Others: point at a row.`) : null,
      kept.length ? h("button", { onclick: () => app.send({ type: "accept_measures" }), title: "the means go into the case beside the scores" }, "Means into the case") : null);
  }

  function update() {
    const state = units();
    if (!state) return;
    trigger.set("Trigger", size(state.level_uv, "\u00b5V", 2), Math.round(Math.min(Math.abs(state.level_uv) / 1000, 1) * 10));
    delay.set("Delay", `${plain(state.delay_ms)} ms`, DELAYS.indexOf(state.delay_ms));
    length.set("Length", `${plain(state.length_ms)} ms`, LENGTHS.indexOf(state.length_ms));
    raster.update();
    average.update();
    table();
    gallery.update();
  }

  /* discharges under the sweep: those of the unit and other crossings */
  function trains() {
    const { raster: found } = units() || {};
    if (!found) return [];
    const mine = found.times_s.filter((_, i) => found.states[i] !== "other_unit");
    const others = found.times_s.filter((_, i) => found.states[i] === "other_unit");
    return [{ label: "unit", times_s: mine, colour: "t2", shape: "bar" }, ...(others.length ? [{ label: "other", times_s: others, colour: "t3", shape: "ring" }] : [])];
  }

  /** Keys of the mode. */
  function key(event) {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const focusOn = (letter) => { average.canvas.focus({ preventScroll: true }); average.canvas.dispatchEvent(new KeyboardEvent("keydown", { key: letter })); };
    const does = { PageUp: () => gallery.page(-1), PageDown: () => gallery.page(1), Enter: () => app.send({ type: "keep" }), t: () => trigger.element.querySelector("input").focus(), y: () => delay.element.querySelector("input").focus(), h: () => focusOn("E"), v: () => raster.canvas.focus({ preventScroll: true }), x: raster.toggle, w: raster.mean }[name];
    if (!does) return false;
    does();
    return true;
  }
  return { element, knobs: [trigger.element, delay.element, length.element], update, frame: raster.frame, key, paint: () => { raster.paint(); average.paint(); gallery.paint(); }, begin: raster.follow, trains };
}
