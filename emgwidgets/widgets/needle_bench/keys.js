/* What the keys do, and the list that "?" shows; keys act only while the widget has focus. */
import { fill, h } from "../_js/dom.js";

export const FOOT = {
  free: ["Arrows: needle", "I R S D E: insert, rest, slight, moderate, full effort", "Space: freeze, run", "B: replay 30 s", "M: mute", "X: shade", "F P O U: name it", "Enter: link as proof", "0-4: score", "?: all keys"],
  triggered: ["T: trigger", "Y: delay", "V: raster, then arrows", "X: leave out, take in", "W: this unit is meant", "H: handles, then S P T E and arrows", "Enter: accept unit", "PgUp PgDn: gallery", "Space: freeze, run", "?: all keys"],
  decompose: ["click: discharge or unit, Shift for two", "G: merge", "H: split off", "Del: delete", "J: give to unit", "A: add at the click", "Z: undo edit", "Enter: accept units", "Arrows: window", "?: all keys"],
  interference: ["click a dot: hear its epoch", "S D E: slight, moderate, full effort", "I: insert at another place", "Space: freeze, run", "?: all keys"],
};
const LIST = [["\u2191 \u2193", "needle depth 0.5 mm, with Shift 0.1 mm"], ["\u2190 \u2192", "angle 5\u00b0, with Shift 1\u00b0; frozen: move the window"], ["I", "insert: a new needle movement"], ["R S D E", "rest, slight, moderate, full effort"], ["Space", "freeze and run"], ["B", "replay the last 30 s"], ["M", "mute"],
  ["drag", "shade a stretch of the trace; frozen Shift-\u2190 \u2192: its end"], ["X", "shade what is seen"], ["L", "play the shaded stretch"], ["F P U", "name it: fibrillation, positive sharp wave, cannot tell"], ["O", "another name"], ["Enter", "link the shaded stretch as proof of the chosen cell"], ["0-4, + \u2212", "score the chosen cell"], ["N", "everything at rest not scored yet is normal"],
  ["Delete", "not tested"], ["T", "to the grid: arrows choose a cell, Enter goes to its proof"], ["G", "grade over the insertions by the scheme"], ["[ ]", "left, right side"], [", .", "time base"], ["< >", "sensitivity"], ["Z, Shift-Z", "undo, redo"], ["Tab", "next part"], ["Esc", "shade nothing; back to the sweep"], ["?", "this list"],
  ["T, Y", "units: trigger level, delay line"], ["V, X, W", "units: to the raster; leave a discharge out; this unit is meant"], ["H, S P T E", "units: to the handles; choose one; arrows move it 0.05 ms, with Shift 0.5 ms"], ["Enter", "accept the unit, or every unit without doubts"],
  ["G H J A", "decompose: merge two picked units; split chosen discharges off; give them to another unit; add one at the click"]];

/** The list of keys. */
export function makeHelp(app) {
  const element = h("div", { class: "ne-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "Keys"), h("span", { class: "caption" }, "Esc closes")), h("dl", null, ...LIST.flatMap(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)])));
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); element.hidden = true; app.focus(); } });
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); } };
}

/** Act on one key; returns whether it was ours. */
export function act(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { key, shiftKey } = event;
  if (app.mode().key(event)) return true;
  if (key.startsWith("Arrow") || key === "Home" || key === "End") return app.free.key(event) || app.needle.nudge(event);
  const one = key.length === 1 ? key.toLowerCase() : key;
  const table = {
    " ": () => app.free.toggle(), b: () => app.free.doReplay(), m: () => { app.player.wake(); app.player.mute(); }, i: () => app.effort("insert"), r: () => app.effort("rest"), s: () => app.effort("slight"), d: () => app.effort("moderate"), e: () => app.effort("full"),
    x: () => app.free.shadeAll(), l: () => app.free.playShaded(), f: () => app.name("fibrillation"), p: () => app.name("positive_sharp_wave"), u: () => app.name("cannot_tell"), o: () => app.naming.openOther(), Enter: () => app.send({ type: "link" }),
    g: () => app.send({ type: "grade_rest" }), t: () => app.toGrid(), "[": () => app.choose({ side: "left" }), "]": () => app.choose({ side: "right" }), ",": () => app.turn("s", -1), ".": () => app.turn("s", 1), "<": () => app.turn("uv", -1), ">": () => app.turn("uv", 1),
    z: () => app.send({ type: shiftKey ? "redo" : "undo" }), Escape: () => { app.send({ type: "unselect" }); app.focus(); }, "?": () => app.openHelp(),
  };
  if (table[one]) { table[one](); return true; }
  return app.grid.scoreKey(event);
}
