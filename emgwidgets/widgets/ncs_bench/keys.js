/* What the keys do, and the list that "?" shows; keys act only while the widget has focus. */
import { fill, h } from "../_js/dom.js";
import { nextCurrent } from "./knobs.js";

export const FOOT = ["1-9: site", "[ ]: side", "Space: stimulate", "Up / Down: current", "R: new ramp", "K: keep", "O P E, then Left / Right: move marker 0.02 ms, with Shift 0.2 ms", "Enter: accept proposal", "S: superimpose", "T: type in", "Z: undo", "?: all keys"];
const LIST = [["1-9", "site under the cathode"], ["[ ]", "left, right side"], ["Space", "stimulate"], ["\u2191 \u2193", "current"], ["R", "new ramp at this site"], ["K", "keep the last response"], ["O P E", "choose a marker of the kept response"],
  ["\u2190 \u2192", "move it 0.02 ms, with Shift 0.2 ms"], ["Enter", "accept the proposed markers"], ["Z, Shift-Z", "undo, redo"], ["T", "type numbers in, or back to the traces"], ["S", "sites on one baseline, or apart"], ["Tab", "next part"], ["Esc", "back to the traces"], ["F waves", "\u2191 \u2193 sweep, \u2190 \u2192 0.1 ms, 0 no F"], ["?", "this list"]];

/** The list of keys. */
export function makeHelp(app) {
  const element = h("div", { class: "nb-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "nb-head" }, h("strong", null, "Keys"), h("span", { class: "caption" }, "Esc closes")), h("dl", null, ...LIST.flatMap(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)])));
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); element.hidden = true; app.focus(); } });
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); } };
}

function nudge(app, amount) {
  const { marker } = app;
  if (!marker) return;
  const trace = app.state[marker.side].traces.find((one) => one.site === marker.site);
  const found = trace && trace.markers.find((one) => one.letter === marker.letter);
  if (found) app.moveMarker(marker.side, marker.site, marker.letter, Math.max(found.ms + amount, 0));
}

function pick(app, letter) {
  const { state } = app;
  const site = app.marker && app.marker.side === state.side ? app.marker.site : state.site;
  const trace = state[state.side].traces.find((one) => one.site === site) || state[state.side].traces[0];
  if (trace && trace.markers.length) app.chooseMarker({ side: state.side, site: trace.site, letter });
}

/** Act on one key; returns whether it was ours. */
export function act(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const { key, shiftKey } = event;
  const current = app.state.knobs.current_ma;
  const table = {
    " ": () => (app.isSeries() ? app.runSeries() : app.isTyped() ? null : app.stimulate()), ArrowUp: () => app.setKnob("current_ma", nextCurrent(current, 1)), ArrowDown: () => app.setKnob("current_ma", nextCurrent(current, -1)),
    ArrowLeft: () => nudge(app, shiftKey ? -0.2 : -0.02), ArrowRight: () => nudge(app, shiftKey ? 0.2 : 0.02),
    r: () => (app.isSeries() ? app.send({ type: "forget", kind: app.mode }) : app.clear()), k: () => app.keep(), o: () => pick(app, "O"), p: () => pick(app, "P"), e: () => pick(app, "E"),
    Enter: () => app.accept(), z: () => app.send({ type: shiftKey ? "redo" : "undo" }), "[": () => app.choose({ side: "left" }), "]": () => app.choose({ side: "right" }),
    t: () => app.setMode(app.isTyped() ? app.study().kind : "typed"), s: () => app.superimpose(),
    Escape: () => { app.marker = null; app.paint(); }, "?": () => app.openHelp(),
  };
  const does = table[key] || table[key.toLowerCase()];
  if (does) { does(); return true; }
  const number = Number(key);
  const site = number >= 1 && [...app.study().sites, ...app.study().checks][number - 1];
  if (site) { app.choose({ site: site.code }); return true; }
  return false;
}
