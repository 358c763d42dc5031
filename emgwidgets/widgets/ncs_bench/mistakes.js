/* Second row of knobs: the limb, the electrodes and the tape; the mistakes of technique are made here on purpose. */
import { fill, h } from "../_js/dom.js";
import { plain } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

/** caption, knob, unit, values; the middle of the values is how it should be, except for the skin. */
const ROWS = [
  ["Skin", "skin_temperature_degc", "\u00b0C", [22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32, 33, 33.5, 34, 35, 36]],
  ["Cathode moved", "shift_mm", "mm", [-20, -15, -10, -5, 0, 5, 10, 15, 20]],
  ["Tape reads wrong by", "distance_error_mm", "mm", [-20, -15, -10, -5, 0, 5, 10, 15, 20]],
  ["Electrode off", "electrode_offset_mm", "mm", [0, 3, 6, 9, 12, 15, 18, 21]],
  ["Towards next nerve", "spread_mm", "mm", [0, 5, 10, 15, 20]],
  ["Electrode slips", "slip_mm", "mm", [0, 1, 2, 3, 4, 5]],
  ["Mains", "mains_uv", "\u00b5V", [0, 5, 10, 20, 50, 100, 200, 500, 1000]],
];

const BOTH = ["skin_temperature_degc", "electrode_offset_mm", "mains_uv"];

function place(values, value) {
  const index = values.findIndex((one) => one >= value - 1e-9);
  return index < 0 ? values.length - 1 : index;
}

/** The row; returns { element, update }. */
export function makeMistakes(app) {
  const made = ROWS.map(([caption, name, unit, values]) => {
    const turn = (d) => app.setKnob(name, values[Math.max(0, Math.min(values.length - 1, place(values, app.state.knobs[name]) + d))]);
    const type = (text) => { const value = Number.parseFloat(text); if (Number.isFinite(value)) app.setKnob(name, Math.min(Math.max(value, values[0]), values[values.length - 1])); return Number.isFinite(value); };
    return { caption, name, unit, values, knob: makeKnob({ caption, leave: () => app.focus(), step: turn, type }) };
  });
  const reversed = h("button", { "aria-pressed": "false", onclick: () => app.setKnob("is_reversed", !app.state.knobs.is_reversed), title: "Cathode and anode changed over" }, "Anode first");
  const open = h("button", { class: "nb-more", "aria-expanded": "false", onclick: () => { isOpen = !isOpen; update(); } }, "Limb, electrodes, tape");
  const row = h("div", { class: "nb-row nb-mistakes" });
  let isOpen = Boolean(app.fixed.shows_technique);
  fill(row, ...made.map((one) => one.knob.element), reversed);
  const element = h("div", { class: "nb-setup" }, open, row);

  function update() {
    const { knobs } = app.state;
    row.hidden = !isOpen;
    open.setAttribute("aria-expanded", String(isOpen));
    for (const one of made) one.knob.set(one.caption, `${plain(knobs[one.name], 4)} ${one.unit}`, Math.round((place(one.values, knobs[one.name]) / (one.values.length - 1)) * 10));
    // what a train can show, and what only a single stimulus can
    const isTrain = app.isSeries();
    for (const one of made) one.knob.element.hidden = (one.name === "slip_mm") !== isTrain && !BOTH.includes(one.name) || (one.name === "spread_mm" && app.study().kind === "sensory");
    reversed.hidden = isTrain;
    reversed.setAttribute("aria-pressed", String(Boolean(knobs.is_reversed)));
  }
  return { element, update };
}
