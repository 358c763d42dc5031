/* Knobs of the tests of many stimuli, and the button that gives them. */
import { fill, h } from "../_js/dom.js";
import { parseSize, plain } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

const LISTS = { fGain: [20, 50, 100, 200, 500, 1000], n_f: [10, 20, 32, 50, 60], rate: [1, 2, 3, 5, 10, 20, 30], n: [5, 8, 10, 20, 50], exercise: [0, 10, 30, 60], after: [0, 10, 30, 60, 120, 180, 240], step: [5, 10, 20, 25, 50] };

function next(list, value, direction) {
  const at = list.findIndex((one) => one >= value);
  return list[Math.max(0, Math.min(list.length - 1, (at < 0 ? list.length - 1 : at) + direction))];
}

/** A row of knobs for one kind of series; values live in app.set. */
export function makeSeriesKnobs(app) {
  const made = {};
  function knob(name, caption, list, unit, words) {
    made[name] = { caption, list, words, knob: makeKnob({
      caption, leave: () => app.focus(), step: (d) => { app.set[name] = next(LISTS[list], app.set[name], d); update(); app.paint(); },
      type: (text) => { const value = parseSize(text, unit, 1); const isZero = /^\s*0\b/.test(text); if (value === null && !isZero) return false; app.set[name] = isZero ? 0 : value; update(); app.paint(); return true; },
    }) };
  }
  knob("n_f", "Stimuli", "n_f", "", (v) => `${v}`);
  knob("fGain", "Sensitivity", "fGain", "\u00b5V", (v) => `${v} \u00b5V/div`);
  knob("rate", "Rate", "rate", "Hz", (v) => `${plain(v)} Hz`);
  knob("n", "Stimuli", "n", "", (v) => `${v}`);
  knob("exercise", "Exercise before", "exercise", "s", (v) => (v ? `${v} s` : "none"));
  knob("after", "Ended ago", "after", "s", (v) => `${v} s`);
  knob("step", "Step", "step", "mm", (v) => `${v} mm`);
  made.fGain.knob.element.querySelector("input").classList.add("is-long");
  const run = h("button", { class: "is-chosen", onclick: () => app.runSeries() });
  const forget = h("button", { onclick: () => app.send({ type: "forget", kind: app.mode }) }, "Start over", h("kbd", null, "R"));
  const row = h("div", { class: "nb-row" });
  const element = h("div", { class: "nb-toolbar" }, row, h("div", { class: "nb-row nb-hand" }, run, forget));
  const SHOWN = { f_waves: ["n_f", "fGain"], trains: ["rate", "n", "exercise", "after"], inching: ["step"] };

  function update() {
    const names = app.fixed.is_paper ? [] : SHOWN[app.mode] || [];
    for (const name of names) {
      const one = made[name];
      const list = LISTS[one.list];
      const at = list.findIndex((value) => value >= app.set[name]);
      one.knob.set(one.caption, one.words(app.set[name]), Math.round(((at < 0 ? list.length - 1 : at) / (list.length - 1)) * 10));
    }
    const wanted = names.map((name) => made[name].knob.element);
    if (row.children.length !== wanted.length || wanted.some((one, i) => row.children[i] !== one)) fill(row, ...wanted);
    const words = { f_waves: `Run ${app.set.n_f}`, trains: app.set.exercise ? "Exercise, then train" : "Run train", inching: app.inchingWords() }[app.mode];
    fill(run, words, h("kbd", null, "Space"));
    run.hidden = app.fixed.is_paper;
    forget.disabled = !(app.state.series[app.mode] || []).length;
  }
  return { element, update };
}
