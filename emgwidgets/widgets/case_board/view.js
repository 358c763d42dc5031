/* The page of one case: puts the parts together and turns gestures into actions. Python judges; a named reader concludes. */
import { makeAway } from "../_js/away.js";
import { fill, h, message } from "../_js/dom.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";
import { makeAnatomy } from "./anatomy.js";
import { makeBoard } from "./board.js";
import { makeEntry } from "./entry.js";
import { makeEvidence } from "./evidence.js";
import { makeHead } from "./head.js";
import { makeNext, makeRanking } from "./ranking.js";
import { makeReading, makeSoftware } from "./reading.js";
import { makeTiming } from "./timing.js";
import { makeVersus } from "./versus.js";

const NARROW = 1040;
const KEYS = [["\u2190 \u2191 \u2193 \u2192", "cell of the board"], ["Enter", "evidence of the cell"], ["L, R", "left, right side"], ["N", "next test"], ["F", "red flags"], ["T", "waveform behind the cell"], ["W", "software's words; arrows between sentences"], ["S", "strike the sentence, or let it stand again"], ["E", "findings: add or correct"], ["B", "board"], ["Z, Shift-Z", "undo, redo"], ["Tab", "next part"], ["Esc", "back to the board"], ["?", "this list"]];

function makeHelp(app) {
  const element = h("div", { class: "cb-help", role: "dialog", "aria-label": "keys", tabindex: "-1" });
  element.hidden = true;
  fill(element, h("div", { class: "cb-head" }, h("h3", null, "Keys"), h("span", { class: "caption" }, "Esc closes")), h("dl", null, ...KEYS.flatMap(([key, words]) => [h("dt", null, h("kbd", null, key)), h("dd", null, words)])));
  element.addEventListener("keydown", (event) => { event.stopPropagation(); if (["Escape", "?", "Enter"].includes(event.key)) { event.preventDefault(); element.hidden = true; app.parts.board.focus(); } });
  return { element, open: () => { element.hidden = false; element.focus({ preventScroll: true }); } };
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-cb", tabindex: "-1" });
  el.append(root);
  keepClicks(root);
  const app = { model, root, fixed: model.get("_fixed"), state: model.get("_state"), cell: model.get("_cell"), next: model.get("_next"), level: "", parts: {}, timer: 0, started: 0 };
  const away = makeAway(root);
  app.send = (content) => { app.started = performance.now(); away.sent(); model.send(content); };
  app.openCell = (row, column, side, focus = false) => { app.wantsFocus = focus; app.send({ type: "choose", row, column, side }); if (focus && app.cell.row === row && app.cell.column === column && app.cell.side === side) app.parts.evidence.focus(); };
  app.openForm = (kind, values = {}, index = null) => app.parts.entry.open(kind, values, index);
  app.editEntry = (kind, index) => app.send({ type: "edit", kind, index });
  const { muscles, studies, skin } = app.fixed.forms;
  const muscleCalled = (name) => muscles.find((one) => one.code === name.replaceAll(" ", "_") || one.name.toLowerCase() === name.toLowerCase());
  /** A test by the words or the code of its study; a late response goes by the words behind its comma. */
  const testCalled = (name) => { const late = /^(F wave|H reflex), (.*)$/.exec(name); const own = late ? late[2] : name; const study = studies.find((one) => one.words === own || one.code === own.replaceAll(" ", "_")); return study && { kind: late ? "late" : study.kind, values: { study: study.code, ...(late ? { kind: late[1] === "F wave" ? "f_wave" : "h_reflex" } : {}) } }; };
  app.canEnterTest = (column, name) => Boolean(column === "emg" ? muscleCalled(name) : testCalled(name));
  app.enterTest = (column, name, side) => {
    const test = column === "emg" ? null : testCalled(name);
    if (column === "emg" && muscleCalled(name)) app.openForm("needle", { muscle: muscleCalled(name).name, side });
    else if (test) app.openForm(test.kind, { ...test.values, side });
  };
  app.enterCode = (code) => {
    const [kind, study, side] = code.split(".");
    if (kind === "needle") app.enterTest("emg", study, side);
    else if (["f_wave", "h_reflex"].includes(kind)) app.openForm("late", { kind, study, side });
    else app.enterTest("ncs", study, side);
  };
  /** A place of the body: open its entry where there is one, else the form with the place filled in. */
  app.enterPlace = (kind, { code, side, name }) => {
    const places = { needle: { muscle: name, side }, strength: { muscle: name, side }, sensory: { study: code, side }, sensation: { root: code, area: `${code} dermatome`, side }, symptom: { place: name, side } }[kind];
    const start = `${name}, ${side}`.toLowerCase();
    const known = app.state.entries[kind].find((one) => (kind === "symptom" ? one.what.toLowerCase().endsWith(`, ${name.toLowerCase()}`) && one.found.toLowerCase().startsWith(side) : one.what.toLowerCase() === start));
    if (known) app.editEntry(kind, known.index);
    else app.openForm(kind, places);
  };

  const parts = { head: makeHead(app), timing: makeTiming(app), board: makeBoard(app), versus: makeVersus(app), ranking: makeRanking(app), evidence: makeEvidence(app), next: makeNext(app), anatomy: makeAnatomy(app), entry: makeEntry(app), software: makeSoftware(app), reading: makeReading(app) };
  app.parts = parts;
  const help = makeHelp(app);
  const notice = h("div", { class: "cb-notice", "aria-live": "polite" });
  const { problems } = app.fixed;
  const unused = h("div", { class: "cb-notice" }, ...(problems.length ? [message("error", `${problems.length} ${problems.length === 1 ? "entry" : "entries"} of the file could not be used.`, "The rest works; the file is not written over."), h("details", null, h("summary", null, "Which"), ...problems.map((text) => h("div", { class: "caption" }, text)))] : []));
  const empty = h("div", { class: "cb-start" }, h("p", null, "An empty case: type what is known, in any order. What is not entered counts as not tested."), h("div", { class: "cb-buttons" }, ...[["head", "Question and subject"], ["symptom", "Add a symptom"], ["mri", "Read an MRI report"]].map(([kind, words]) => h("button", { onclick: () => app.openForm(kind) }, words))));
  const undo = h("button", { onclick: () => app.send({ type: "undo" }) }, "Undo", h("kbd", null, "Z"));
  const redo = h("button", { onclick: () => app.send({ type: "redo" }) }, "Redo");
  const footer = h("footer", { class: "cb-foot" }, ...["Arrows: cell", "Enter: evidence", "L / R: side", "N: next test", "F: red flags", "T: waveform", "W, S: words, strike", "E: findings", "?: all keys"].map((text) => h("span", null, text)), h("span", { class: "cb-right" }, undo, redo, h("span", null, "tables: left on the left; pictures: as seen by the examiner, lettered"), h("span", null, PURPOSE)));
  const upper = h("div", { class: "cb-upper" }, parts.board.element, parts.ranking.element);
  const middle = h("div", { class: "cb-middle" }, parts.evidence.element, parts.next.element, parts.anatomy.beside);
  const lower = h("div", { class: "cb-lower" }, parts.software.element, parts.reading.element);
  fill(root, parts.head.element, unused, away.element, notice, empty, parts.entry.element, parts.versus.element, parts.timing.element, upper, middle, lower, parts.anatomy.element, footer, help.element);

  app.update = () => {
    const { is_empty: isEmpty } = app.state;
    const wasIn = root.contains(document.activeElement);
    empty.hidden = !isEmpty;
    root.classList.toggle("is-empty", isEmpty);
    undo.disabled = !app.state.can_undo;
    redo.disabled = !app.state.can_redo;
    upper.hidden = middle.hidden = lower.hidden = isEmpty;
    parts.timing.element.hidden = isEmpty && app.state.day === null;
    for (const part of Object.values(parts)) part.update();
    // a control that went away takes the focus with it; the keys of the page must not go with them
    if (wasIn && !root.contains(document.activeElement)) root.focus({ preventScroll: true });
    root.dataset.version = app.state.version;
    root.dataset.updates = Number(root.dataset.updates || 0) + 1;
    if (app.started) root.dataset.took = Math.round(performance.now() - app.started);
    if (app.next.version !== app.state.version) { clearTimeout(app.timer); app.timer = setTimeout(() => model.send({ type: "next" }), 200); }
  };
  const onState = () => { app.state = model.get("_state"); app.cell = model.get("_cell"); fill(notice); app.update(); };
  const onCell = () => { app.cell = model.get("_cell"); parts.board.update(); parts.evidence.update(); if (app.wantsFocus) { app.wantsFocus = false; parts.evidence.focus(); } };
  const onNext = () => { app.next = model.get("_next"); parts.next.update(); parts.versus.update(); };
  const onMessage = (content, buffers) => {
    if (content.type === "heard") away.heard();
    else if (content.type === "values") parts.entry.open(content.kind, content.values, content.index);
    else if (content.type === "entered") parts.entry.done(content.kind);
    else if (content.type === "checklist") parts.reading.checklist(content);
    else if (content.type === "patient") parts.software.showPatient(content);
    else if (content.type === "trace") parts.evidence.trace(content, buffers);
    else if (content.type === "report") parts.entry.report(content);
    else if (content.type === "error") {
      if (["enter", "head", "report", "edit", "remove"].includes(content.of)) parts.entry.fail(content);
      else if (["strike", "restore"].includes(content.of)) parts.software.fail(content);
      else if (["sign", "write", "waive", "check"].includes(content.of)) parts.reading.fail(content);
      else fill(notice, message("error", `${content.what[0].toUpperCase()}${content.what.slice(1)}.`, [content.got && `Got ${content.got}.`, content.expected && `Expected ${content.expected}.`].filter(Boolean).join(" ")));
    }
  };
  model.on("change:_state", onState);
  model.on("change:_cell", onCell);
  model.on("change:_next", onNext);
  model.on("msg:custom", onMessage);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (["INPUT", "SELECT", "TEXTAREA"].includes(event.target.tagName)) { if (event.key === "Escape") parts.board.focus(); return; }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const table = { l: () => parts.board.goSide("left"), r: () => parts.board.goSide("right"), n: () => parts.next.focus(), f: () => parts.head.toggle(), t: () => parts.evidence.openTrace(), w: () => parts.software.focus(), e: () => parts.entry.open(app.state.is_empty ? "head" : "symptom"), b: () => parts.board.focus(), z: () => app.send({ type: event.shiftKey ? "redo" : "undo" }), "?": () => help.open(), escape: () => parts.board.focus() };
    const does = table[event.key.toLowerCase()];
    if (does) { event.preventDefault(); does(); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  let width = 0;
  const sizes = new ResizeObserver(() => { if (!root.clientWidth || root.clientWidth === width) return; width = root.clientWidth; root.classList.toggle("is-narrow", width < NARROW); parts.timing.update(); });
  sizes.observe(root);
  if (!document.body.hasAttribute("data-jp-theme-light") && window.matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.emgTheme = "dark";
  app.update();
  root.emgBoard = app; // for tests
  const unwatch = watchKernel(root, model, "Run the cell again; what was saved into a case file is there.");
  return () => {
    unwatch();
    sizes.disconnect();
    parts.anatomy.leave();
    clearTimeout(app.timer);
    away.leave();
    model.off("change:_state", onState);
    model.off("change:_cell", onCell);
    model.off("change:_next", onNext);
    model.off("msg:custom", onMessage);
  };
}
