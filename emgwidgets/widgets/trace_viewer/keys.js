/* What the keys do, and the list that "?" shows; keys act only while the widget has focus. */
import { fill, h } from "../_js/dom.js";
import { step125 } from "../_js/format.js";
import { nextTimeBase } from "./state.js";

const LIST = [
  ["drag", "pan"], ["Shift-drag", "select; or drag above the traces"], ["I", "select two divisions"], [", .", "move the last cursor 1/10 division"], ["Shift-\u2190 \u2192", "move it one sample or pixel"],
  ["A, B", "set a cursor at the pointer"], ["X", "take the cursors away"], ["F", "fit the window to the selection"], ["Space", "play, stop"], ["M", "mute"], ["E", "export the selection"],
  ["wheel + \u2212", "time base"], ["Shift-wheel < >", "sensitivity"], ["\u2190 \u2192", "pan one division"], ["Page up, down", "pan one window"], ["Home, End", "start, end of the recording"],
  ["\u2191 \u2193", "select a channel or sweep"], ["[ ]", "page of channels"], ["V", "channels shown"], ["S", "superimpose or raster sweeps"],
  ["L, letter", "label the cursor or the selection"], ["Enter", "confirm the chosen mark"], ["C", "confidence of the chosen mark"], ["Del", "remove the chosen mark"],
  ["N, Shift-N", "next, last mark"], ["Q, Shift-Q", "next, last flag"], ["R", "repair the chosen flag"], ["Z, Shift-Z", "undo, redo, whatever it was"], ["Tab", "next part"], ["Esc", "back"], ["?", "this list"],
];

/** The list of keys over the plot. */
export function makeHelp(app) {
  const element = h("div", { class: "tv-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "tv-head" }, h("strong", null, "Keys"), h("span", { class: "caption" }, "Esc closes")),
    h("div", { class: "tv-keys", role: "list" }, ...LIST.map(([key, words]) => h("div", { role: "listitem" }, h("kbd", null, key), h("span", null, words)))));
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); close(); } });
  function close() { element.hidden = true; app.focus(); }
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); }, close };
}

/** Act on one key; returns whether it was ours. */
export function act(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const shift = event.shiftKey;
  const division = app.win.perDivision;
  const way = shift ? -1 : 1;
  const table = {
    ArrowLeft: () => (shift ? app.nudge(-1) : app.pan(-division)), ArrowRight: () => (shift ? app.nudge(1) : app.pan(division)),
    ArrowUp: () => app.stepChannel(-1), ArrowDown: () => app.stepChannel(1), "[": () => app.turnPage(-1), "]": () => app.turnPage(1),
    PageUp: () => app.pan(-division * app.win.n), PageDown: () => app.pan(division * app.win.n),
    Home: () => app.moveTo(app.info.start_s), End: () => app.moveTo(app.info.end_s),
    "+": () => zoom(app, -1), "=": () => zoom(app, -1), "-": () => zoom(app, 1), _: () => zoom(app, 1),
    "<": () => app.setSensitivity(step125(app.sens[app.channel], -1)), ">": () => app.setSensitivity(step125(app.sens[app.channel], 1)),
    ",": () => app.nudgeFar(-1), ".": () => app.nudgeFar(1), i: () => app.selectMiddle(), f: () => app.fitSelection(), e: () => app.openExport(), v: () => app.openChannels(), s: () => app.toggleRaster(), r: () => app.repairChosen(),
    a: () => app.setCursor(0), b: () => app.setCursor(1), x: () => app.clearCursors(), l: () => app.openLabels(), n: () => app.nextMark(way), q: () => app.nextFlag(way),
    " ": () => app.play(), m: () => app.audio.mute(), z: () => (shift ? app.redo() : app.undo()), c: () => app.cycleConfidence(),
    Enter: () => app.confirm(), Delete: () => app.removeMark(), Backspace: () => app.removeMark(), "?": () => app.openHelp(), Escape: () => app.back(),
  };
  const action = table[event.key] || table[event.key.toLowerCase()];
  if (!action) return false;
  action();
  return true;
}

function zoom(app, direction) {
  app.setTimeBase(nextTimeBase(app.win.perDivision, direction, app.win.n, app.info.start_s, app.info.end_s));
}
