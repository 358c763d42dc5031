/* Stimulator and amplifier: knobs and the three buttons of the hand on the stimulator. */
import { fill, h } from "../_js/dom.js";
import { parseSize, plain, rate } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

const WIDTHS = [0.05, 0.1, 0.2, 0.5, 1];
const SWEEPS = [0.5, 1, 2, 3, 5, 10];
const GAINS = { motor: [100, 200, 500, 1000, 2000, 5000, 10000], sensory: [1, 2, 5, 10, 20, 50, 100] };
const HIGHS = [0.5, 2, 5, 10, 20, 30, 100, 500];
const LOWS = [500, 1000, 2000, 3000, 5000, 10000];
const AVERAGES = [1, 5, 10, 20, 50, 100];

function neighbour(list, value, direction) {
  const index = list.findIndex((one) => one >= value * 0.999);
  const at = index < 0 ? list.length - 1 : index;
  return list[Math.max(0, Math.min(list.length - 1, at + direction))];
}

function place(list, value) {
  const index = list.findIndex((one) => one >= value * 0.999);
  return Math.round(((index < 0 ? list.length - 1 : index) / (list.length - 1)) * 10);
}

/** Next current: fine when small, coarse when large. */
export function nextCurrent(current, direction) {
  const step = (direction > 0 ? current < 10 : current <= 10) ? 1 : (direction > 0 ? current < 30 : current <= 30) ? 2 : 5;
  return Math.max(0, Math.min(100, Math.round(current + direction * step)));
}

/** The toolbar; returns { element, update }. */
export function makeKnobs(app) {
  const leave = () => app.focus();
  const state = (name) => app.state.knobs[name];
  const typed = (unit, bare, set) => (text) => { const value = parseSize(text, unit, bare); if (value !== null) set(value); return value !== null; };
  const current = makeKnob({ caption: "Current", leave, step: (d) => app.setKnob("current_ma", nextCurrent(state("current_ma"), d)), type: typed("mA", 1, (v) => app.setKnob("current_ma", Math.min(v, 100))) });
  const pulse = makeKnob({ caption: "Pulse", leave, step: (d) => app.setKnob("pulse_width_ms", neighbour(WIDTHS, state("pulse_width_ms"), d)), type: typed("ms", 1, (v) => app.setKnob("pulse_width_ms", v)) });
  const average = makeKnob({ caption: "Averaged", leave, step: (d) => app.setKnob("n_averaged", neighbour(AVERAGES, state("n_averaged"), d)), type: typed("", 1, (v) => app.setKnob("n_averaged", Math.max(1, Math.round(v)))) });
  const setView = (changes) => { Object.assign(app.view(), changes); update(); app.paint(); };
  const sweep = makeKnob({ caption: "Sweep", leave, step: (d) => setView({ msPerDiv: neighbour(SWEEPS, app.view().msPerDiv, d) }), type: typed("ms", 1, (v) => setView({ msPerDiv: v })) });
  const gain = makeKnob({ caption: "Sensitivity", leave, step: (d) => setView({ uvPerDiv: neighbour(GAINS[app.study().kind], app.view().uvPerDiv, d) }), type: (text) => { const v = parseSize(text, "\u00b5V", app.study().kind === "sensory" ? 1 : 1000); if (v) setView({ uvPerDiv: v }); return Boolean(v); } });
  const high = makeKnob({ caption: "High-pass", leave, step: (d) => app.setKnob("high_pass_hz", neighbour(HIGHS, state("high_pass_hz"), d)), type: typed("Hz", 1, (v) => app.setKnob("high_pass_hz", v)) });
  const low = makeKnob({ caption: "Low-pass", leave, step: (d) => app.setKnob("low_pass_hz", neighbour(LOWS, state("low_pass_hz"), d)), type: typed("Hz", 1, (v) => app.setKnob("low_pass_hz", v)) });
  const stimulate = h("button", { class: "is-chosen", onclick: () => app.stimulate() }, app.fixed.takes_current ? "Stimulate" : "Take next", h("kbd", null, "Space"));
  const keep = h("button", { onclick: () => app.keep() }, "Keep", h("kbd", null, "K"));
  const clear = h("button", { onclick: () => app.clear(), title: "Forget the stimuli at this site that were not kept" }, "New ramp", h("kbd", null, "R"));
  const left = h("div", { class: "nb-row" });
  const element = h("div", { class: "nb-toolbar" }, left, h("div", { class: "nb-row nb-hand" }, stimulate, clear, keep));

  function update() {
    const { knobs } = app.state;
    const view = app.view();
    const isSensory = app.study().kind === "sensory";
    current.set("Current", `${plain(knobs.current_ma, 3)} mA`, Math.round(knobs.current_ma / 10));
    pulse.set("Pulse", `${plain(knobs.pulse_width_ms, 3)} ms`, place(WIDTHS, knobs.pulse_width_ms));
    average.set("Averaged", `${knobs.n_averaged}`, place(AVERAGES, knobs.n_averaged));
    sweep.set("Sweep", `${plain(view.msPerDiv)} ms/div`, place(SWEEPS, view.msPerDiv));
    gain.set("Sensitivity", `${app.gainText(view.uvPerDiv)}/div`, place(GAINS[app.study().kind], view.uvPerDiv));
    high.set("High-pass", rate(knobs.high_pass_hz), place(HIGHS, knobs.high_pass_hz));
    low.set("Low-pass", rate(knobs.low_pass_hz), place(LOWS, knobs.low_pass_hz));
    const hand = app.fixed.can_stimulate ? [...(app.fixed.takes_current ? [current.element, pulse.element] : []), ...(isSensory ? [average.element] : [])] : [];
    const wanted = [...hand, sweep.element, gain.element, ...(app.fixed.is_virtual ? [high.element, low.element] : [])];
    // moved only when the set changes, so that a focused knob keeps its focus
    if (left.children.length !== wanted.length || wanted.some((one, i) => left.children[i] !== one)) fill(left, ...wanted);
    for (const button of [stimulate, keep, clear]) button.hidden = !app.fixed.can_stimulate;
    keep.disabled = !app.state.ramp.shots.length;
    clear.disabled = app.state.ramp.shots.length < 2;
  }
  return { element, update };
}
