/* Effort, display knobs, filters and the mode of the bench. */
import { fill, h } from "../_js/dom.js";
import { parseSize, rate, size, timeBase } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

export const SWEEPS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];
export const GAINS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];
const HIGHS = [2, 5, 10, 20, 50, 100, 500, 1000];
const LOWS = [500, 1000, 2000, 5000, 10000, 20000];
const EFFORTS = [["insert", "Insert", "I"], ["rest", "Rest", "R"], ["slight", "Slight", "S"], ["moderate", "Moderate", "D"], ["full", "Full", "E"]];
const MODES = [["free", "Free run"], ["triggered", "Triggered"], ["decompose", "Decompose"], ["interference", "Interference"]];

/** The neighbour of a value in a list. */
export function neighbour(list, value, direction) {
  const index = list.findIndex((one) => one >= value * 0.999);
  const at = index < 0 ? list.length - 1 : index;
  return list[Math.max(0, Math.min(list.length - 1, at + direction))];
}

function place(list, value) {
  const index = list.findIndex((one) => one >= value * 0.999);
  return Math.round(((index < 0 ? list.length - 1 : index) / (list.length - 1)) * 10);
}

/** The toolbar; returns { element, update }. */
export function makeToolbar(app) {
  const leave = () => app.focus();
  const typed = (unit, bare, set) => (text) => { const value = parseSize(text, unit, bare); if (value !== null) set(value); return value !== null; };
  const sweep = makeKnob({ caption: "Sweep", leave, step: (d) => app.turn("s", d), type: typed("s", 0.001, (v) => app.setView({ s: Math.min(Math.max(v, 0.001), 2) })) });
  const gain = makeKnob({ caption: "Sensitivity", leave, step: (d) => app.turn("uv", -d), type: typed("\u00b5V", 1, (v) => app.setView({ uv: v })) });
  const high = makeKnob({ caption: "High-pass", leave, step: (d) => app.filter("high_pass_hz", neighbour(HIGHS, app.state.filters.high_pass_hz, d)), type: typed("Hz", 1, (v) => app.filter("high_pass_hz", v)) });
  const low = makeKnob({ caption: "Low-pass", leave, step: (d) => app.filter("low_pass_hz", neighbour(LOWS, app.state.filters.low_pass_hz, d)), type: typed("Hz", 1, (v) => app.filter("low_pass_hz", v)) });
  for (const one of [high, low]) one.element.classList.add("is-short");
  const efforts = h("div", { class: "ne-segments", role: "group", "aria-label": "effort" });
  const modes = h("div", { class: "ne-segments", role: "group", "aria-label": "mode" });
  const caption = h("div", { class: "caption" });
  const extra = h("span", { class: "ne-extra" });
  const element = h("div", { class: "ne-toolbar" }, h("div", null, caption, efforts), sweep.element, gain.element, high.element, low.element, h("div", { class: "ne-mode" }, h("div", { class: "caption" }, "Mode"), modes), extra);

  /* the buttons stay the same elements, and with them the focus */
  function segments(group, wanted, chosen, act) {
    const isSame = group.children.length === wanted.length && wanted.every(([code], i) => group.children[i].dataset.code === code);
    if (!isSame) fill(group, ...wanted.map(([code, words, key]) => h("button", { "data-code": code, ...(key ? { "aria-keyshortcuts": key, title: `key ${key}` } : {}), onclick: (event) => { act(code); if (event.detail) app.focus(); } }, words)));
    for (const one of group.children) one.setAttribute("aria-pressed", String(one.dataset.code === chosen));
  }

  function update() {
    const { state, knobs } = app;
    caption.textContent = app.fixed.can_move ? "Effort" : "Effort, as stated";
    segments(efforts, EFFORTS.filter(([code]) => app.fixed.can_move || code !== "insert"), state.stretch ? state.effort : "", (code) => app.effort(code));
    segments(modes, MODES.filter(([code]) => app.modes[code]), state.mode, (code) => app.send({ type: "set_mode", mode: code }));
    modes.parentElement.hidden = Object.keys(app.modes).length < 2;
    const wanted = app.mode().knobs;
    if (extra.children.length !== wanted.length || wanted.some((one, i) => extra.children[i] !== one)) fill(extra, ...wanted);
    extra.hidden = !wanted.length;
    sweep.set("Sweep", timeBase(knobs.s), place(SWEEPS, knobs.s));
    gain.set("Sensitivity", `${size(knobs.uv, "\u00b5V")}/div`, place(GAINS, knobs.uv));
    high.set("High-pass", rate(state.filters.high_pass_hz), place(HIGHS, state.filters.high_pass_hz));
    low.set("Low-pass", rate(state.filters.low_pass_hz), place(LOWS, state.filters.low_pass_hz));
  }
  return { element, update };
}
