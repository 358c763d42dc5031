/* The bench for a spine MRI: puts the parts together and turns gestures into actions. No side is ever chosen here. */
import { makeAway } from "../_js/away.js";
import { fill, h, message } from "../_js/dom.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { PURPOSE } from "../_js/purpose.js";
import { makeSpine } from "../_js/spine.js";
import { keepClicks } from "../_js/steady.js";
import { makeAxial } from "./axial.js";
import { makeGrid } from "./grid.js";
import { makeReport } from "./report.js";
import { makeTable } from "./table.js";
import { makeVolume } from "./volume.js";

const NARROW = 1040;
const KEYS = [["\u2190 \u2192 \u2191 \u2193", "level and zone"], ["0-3", "effect on the root of the cell"], ["Enter", "row of the finding"], ["L, R", "side of the chosen finding"], ["Page up, Page down", "slice"], ["U", "next text not understood"], ["V", "volume"], ["Z, Shift-Z", "undo, redo"], ["Esc", "back to the grid"], ["?", "this list"]];

function makeHelp(app) {
  const element = h("div", { class: "mb-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "mb-head" }, h("h3", null, "Keys"), h("span", { class: "caption" }, "Esc closes")), h("dl", null, ...KEYS.flatMap(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)])));
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); element.hidden = true; app.parts.grid.focus(); } });
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); } };
}

/** The banner of a contradiction of sides, before anything else. */
function makeConflicts(app) {
  const element = h("section", { class: "mb-conflicts", "aria-label": "conflicts of sides" });
  function update() {
    const { conflicts, settled, reader } = app.state;
    const made = conflicts.map((one) => {
      const who = h("input", { type: "text", class: "mb-reader", "aria-label": "reader", placeholder: "reader", value: reader });
      const why = h("input", { type: "text", class: "mb-reason", "aria-label": "reason", placeholder: "how it was settled" });
      const send = (side) => app.send({ type: "settle", sentence: one.sentence, side, reason: why.value || (side === "ask" ? "to be asked" : ""), reader: who.value });
      return h("div", { class: "mb-conflict", role: "alert" }, message("error", "Side conflict in the report.", `${one.sentence} Nothing was swapped. Until a reader settles it, ${one.findings.length ? "this finding counts" : "it counts"} for neither side.`), h("div", { class: "mb-settle" }, who, why, h("button", { onclick: () => send("left") }, "It is left"), h("button", { onclick: () => send("right") }, "It is right"), h("button", { onclick: () => send("ask") }, "Ask the radiologist")));
    });
    const told = settled.map((one) => h("div", { class: "mb-settled" }, `${one.side === "ask" ? "To be asked" : `Settled as ${one.side}`} by ${one.reader}: ${one.reason}. (${one.about})`));
    fill(element, ...made, ...told);
    element.hidden = !made.length && !told.length;
  }
  return { element, update };
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-mb", tabindex: "-1" });
  el.append(root);
  keepClicks(root);
  const app = { model, root, fixed: model.get("_fixed"), state: model.get("_state"), volume: model.get("_volume"), at: { level: "", column: 3 }, row: null, parts: {} };
  const away = makeAway(root);
  app.send = (content) => { away.sent(); model.send(content); };
  app.cell = () => app.state.grid.find((row) => row.level === app.at.level).cells[app.at.column];
  app.goTo = (at, focus = false) => { app.at = at; const cell = app.cell(); app.row = cell.findings.find((n) => app.state.findings[n].certainty !== "negated") ?? null; local(); if (focus) app.parts.grid.focus(); app.parts.volume.follow(); };
  app.chooseRow = (index) => {
    app.row = index;
    const one = app.state.findings[index];
    const row = app.state.grid.find((found) => found.level === one.level);
    if (row) { const column = row.cells.findIndex((cell) => cell.findings.includes(index)); app.at = { level: one.level, column: column >= 0 ? column : 3 }; }
    local();
    app.parts.volume.follow();
  };

  const spine = makeSpine({ wire: app.fixed.spine, height: 420, onPick: ({ level, side, zone }) => { const row = app.state.grid.find((one) => one.level === level); const column = zone ? row.cells.findIndex((cell) => cell.zone === zone && cell.side === side) : app.at.column; app.goTo({ level, column: column < 0 ? app.at.column : column }); } });
  const parts = { conflicts: makeConflicts(app), grid: makeGrid(app), axial: makeAxial(app), volume: makeVolume(app), report: makeReport(app), table: makeTable(app) };
  app.parts = parts;
  const help = makeHelp(app);
  const title = h("header", { class: "mb-title" });
  const notice = h("div", { class: "mb-notice", "aria-live": "polite" });
  const undo = h("button", { onclick: () => app.send({ type: "undo" }) }, "Undo", h("kbd", null, "Z"));
  const redo = h("button", { onclick: () => app.send({ type: "redo" }) }, "Redo");
  const footer = h("footer", { class: "mb-foot" }, ...["Arrows: level, zone", "0-3: root effect", "L, R: type the side", "Page up / down: slice", "U: unread text", "?: all keys"].map((text) => h("span", null, text)), h("span", { class: "mb-right" }, undo, redo, h("span", null, "R on the left of pictures, as in radiology"), h("span", null, PURPOSE)));
  const spinePane = h("section", { class: "mb-spine", "aria-label": "levels and roots" }, h("div", { class: "mb-head" }, h("h3", null, "Levels and roots")), spine.element, h("div", { class: "caption" }, "Lit: the root that the chosen cell reaches. Filled: a finding at its place. Dashed: the report gives the level, but no zone or no side."));
  const middle = h("div", { class: "mb-middle" }, parts.grid.element, parts.axial.element);
  fill(root, title, away.element, parts.conflicts.element, notice, h("div", { class: "mb-upper" }, spinePane, middle, parts.volume.element), h("div", { class: "mb-lower" }, parts.report.element, parts.table.element), footer, help.element);

  function light() {
    const cell = app.cell();
    const sides = cell.side === "midline" ? [] : [cell.side];
    const lit = Object.fromEntries(sides.filter(() => /^[CTLS]\d/.test(cell.root)).map((side) => [`${cell.root}/${side}`, cell.state === "finding" ? "fm" : "m"]));
    spine.update({ region: app.state.region, level: app.at.level, lit, findings: app.state.spine.findings });
  }
  /** What follows from a choice in this view alone. */
  function local() { parts.grid.update(); parts.axial.update(); parts.table.update(); parts.report.update(); light(); }

  app.update = () => {
    const { state } = app;
    const wasIn = root.contains(document.activeElement);
    const day = h("input", { type: "text", class: "is-number", "aria-label": "day of the MRI from onset", value: state.day === null ? "" : String(state.day), onchange: () => app.send({ type: "day", day: day.value === "" ? "" : day.value }) });
    fill(title, h("span", null, h("strong", null, "MRI bench"), h("span", { class: "mb-sub" }, `${state.region} spine${state.question ? `; ${state.question}` : ""}`)), h("span", { class: "mb-sub" }, `${state.who} \u00a0 ${state.source} \u00a0 MRI on day `, day));
    undo.disabled = !state.can_undo;
    redo.disabled = !state.can_redo;
    if (app.row !== null && !state.findings[app.row]) app.row = null;
    parts.conflicts.update();
    parts.grid.update();
    if (app.row === null && app.at.level) { const first = app.cell().findings.find((n) => state.findings[n].certainty !== "negated"); app.row = first ?? null; }
    local();
    // a control that went away takes the focus with it; the keys of the page must not go with them
    if (wasIn && !root.contains(document.activeElement)) root.focus({ preventScroll: true });
    root.dataset.version = state.version;
    root.dataset.updates = Number(root.dataset.updates || 0) + 1;
  };
  const onState = () => { app.state = model.get("_state"); fill(notice); app.update(); };
  const onVolume = () => { app.volume = model.get("_volume"); parts.volume.update(); };
  const onMessage = (content, buffers) => {
    if (content.type === "heard") away.heard();
    else if (content.type === "slice") { parts.volume.receive(content, buffers[0]); root.dataset.slices = Number(root.dataset.slices || 0) + 1; } else if (content.type === "error") { fill(notice, message("error", `${content.what[0].toUpperCase()}${content.what.slice(1)}.`, [content.got && `Got ${content.got}.`, content.expected && `Expected ${content.expected}.`].filter(Boolean).join(" "))); local(); }
  };
  model.on("change:_state", onState);
  model.on("change:_volume", onVolume);
  model.on("msg:custom", onMessage);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) { if (event.key === "Escape") parts.grid.focus(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const side = (name) => { if (app.row !== null) app.send({ type: "correct", index: app.row, changes: { side: name } }); };
    const table = { l: () => side("left"), r: () => side("right"), pageup: () => parts.volume.step(-1), pagedown: () => parts.volume.step(1), u: () => parts.report.unread(), v: () => parts.volume.focus(), z: () => app.send({ type: event.shiftKey ? "redo" : "undo" }), "?": () => help.open(), escape: () => parts.grid.focus() };
    const does = table[event.key.toLowerCase()];
    if (does) { event.preventDefault(); does(); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  let width = 0;
  const sizes = new ResizeObserver(() => { if (!root.clientWidth || root.clientWidth === width) return; width = root.clientWidth; root.classList.toggle("is-narrow", width < NARROW); parts.volume.paint(); });
  sizes.observe(root);
  if (!document.body.hasAttribute("data-jp-theme-light") && window.matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.emgTheme = "dark";
  app.update();
  parts.volume.update();
  root.emgMri = app; // for tests
  const unwatch = watchKernel(root, model, "Run the cell again; what was saved into a case file is there.");
  return () => {
    unwatch();
    sizes.disconnect();
    away.leave();
    model.off("change:_state", onState);
    model.off("change:_volume", onVolume);
    model.off("msg:custom", onMessage);
  };
}
