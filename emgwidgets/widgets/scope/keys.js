/* What the keys of the scope do, and the list that "?" shows; keys act only while the widget has focus. */
import { fill, h } from "../_js/dom.js";
import { step125 } from "../_js/format.js";

const LIST = [
  ["Space", "start, stop"], ["F", "freeze with the last minute, go on"], ["K", "mark this moment"], ["L, letter", "label this moment, or the cursor"], ["Z, Shift-Z", "undo, redo your last mark"], ["J, Shift-J", "next, last muscle or site"],
  ["R", "record, end the recording"], ["M", "sound of the selected channel"], ["P", "hear the frozen window again"], ["V", "the last minute in a viewer below, with measures"], ["T", "triggered sweeps"], ["C", "clear the average"],
  ["+ \u2212, wheel", "time base"], ["< >, Shift-wheel", "sensitivity"], ["\u2191 \u2193", "select a channel"], ["\u2190 \u2192, drag", "frozen: one division back, on"], ["Page up, down", "frozen: one window"], ["Home, End", "frozen: oldest, newest"],
  ["A, B", "frozen: cursor at the pointer"], ["X", "take the cursors away"], ["N, Shift-N", "frozen: next, last mark"], ["Q, Shift-Q", "frozen: next, last gap"], ["Esc", "back"], ["?", "this list"],
];

/** The list of keys over the plot. */
export function makeHelp(app) {
  const element = h("div", { class: "tv-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "tv-head" }, h("strong", null, "Keys"), h("span", { class: "caption" }, "Esc closes")),
    h("div", { class: "tv-keys", role: "list" }, ...LIST.map(([key, words]) => h("div", { role: "listitem" }, h("kbd", null, key), h("span", null, words)))));
  const close = () => { element.hidden = true; app.focus(); };
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); close(); } });
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); }, close };
}

/** Act on one key; returns whether it was ours. */
export function act(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const shift = event.shiftKey;
  const per = app.shownPerDivision();
  const way = shift ? -1 : 1;
  const table = {
    " ": () => app.startOrStop(), f: () => app.freezeOrGo(), k: () => app.mark("mark"), l: () => app.openLabels(), j: () => app.nextSite(way), z: () => app.turn(shift ? "redo" : "undo"), r: () => app.recordOrEnd(),
    m: () => app.soundOnOff(), p: () => app.playFrozen(), t: () => app.triggerOnOff(), v: () => app.openViewer(), c: () => app.clearSweeps(),
    "+": () => app.setTimeBase(step125(per, -1)), "=": () => app.setTimeBase(step125(per, -1)), "-": () => app.setTimeBase(step125(per, 1)), _: () => app.setTimeBase(step125(per, 1)),
    "<": () => app.setSensitivity(step125(app.sens[app.channel], -1)), ">": () => app.setSensitivity(step125(app.sens[app.channel], 1)),
    ArrowUp: () => app.stepChannel(-1), ArrowDown: () => app.stepChannel(1), ArrowLeft: () => app.pan(-per), ArrowRight: () => app.pan(per),
    PageUp: () => app.pan(-10 * per), PageDown: () => app.pan(10 * per), Home: () => app.pan(-1e9), End: () => app.pan(1e9),
    a: () => app.setCursor(0), b: () => app.setCursor(1), x: () => app.clearCursors(), n: () => app.nextMark(way), q: () => app.nextGap(way), "?": () => app.openHelp(), Escape: () => app.back(),
  };
  const action = table[event.key] || table[event.key.toLowerCase()];
  if (!action) return false;
  action();
  return true;
}
