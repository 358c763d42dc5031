/* The right-hand column and the quality list: cursors, marks, flags. */
import { fill, h, message } from "../_js/dom.js";
import { duration, fixed, plain, size } from "../_js/format.js";
import { flagWords } from "./strips.js";

function head(title, note, right) {
  return h("div", { class: "tv-head" }, h("strong", null, title), h("span", { class: "caption" }, note || ""), right ? h("span", { class: "caption tv-right" }, right) : null);
}

/** Cursor table; update() redraws it from app.readout. */
export function makeCursors(app) {
  const box = h("section", { class: "tv-cursors", "aria-label": "cursors" });
  const act = (words, key, title, onclick) => h("button", { title, onclick }, words, h("kbd", null, key));
  const acts = h("div", { class: "tv-row", role: "group", "aria-label": "selection A\u2013B" }, act("Fit", "F", "Window from A to B", () => app.fitSelection()), act("Export", "E", "Figure, table or recording of A\u2013B", () => app.openExport()), act("Clear", "X", "Take the cursors away", () => app.clearCursors()));
  function update() {
    const channel = app.info.channels[app.channel];
    const isFiltered = app.filters.some((step) => step.is_on) && channel.is_voltage;
    const isRepaired = app.repairs.some((step) => step.is_on && step.channel === channel.name);
    const state = [isRepaired ? "repaired" : "", isFiltered ? "filtered" : ""].filter(Boolean).join(", ") || "raw";
    const item = app.info.sweeps && app.info.sweeps.items[app.channel];
    const rows = ["A", "B"].map((letter, i) => {
      const t = app.cursors[i];
      const item = app.readout && app.readout[i];
      const value = item && t !== null && Math.abs(item.time_s - t) < 1e-9 ? item.value : null;
      return h("tr", null, h("td", { class: "tv-letter" }, letter), h("td", { class: "num" }, t === null ? h("span", { class: "caption" }, `press ${letter}`) : fixed(t * app.time.factor, app.time.factor > 1 ? 2 : 4)),
        h("td", { class: "num", "data-value": value === null ? "" : value }, t === null ? "" : value === null ? "\u2026" : plain(value, 4)));
    });
    const [a, b] = app.cursors;
    const both = a !== null && b !== null;
    const difference = both ? b - a : null;
    const values = (app.readout || []).map((item) => item && item.value);
    const dv = both && Number.isFinite(values[0]) && Number.isFinite(values[1]) && values[0] !== null && values[1] !== null ? values[1] - values[0] : null;
    for (const button of acts.querySelectorAll("button")) button.disabled = !both || difference === 0;
    fill(box, head("Cursors", `${item ? `sweep ${item.number}` : `channel ${app.channel + 1}`}, ${state}`),
      h("table", null, h("thead", null, h("tr", null, h("th", null), h("th", { class: "num" }, `time ${app.time.unit}`), h("th", { class: "num" }, channel.unit))),
        h("tbody", null, ...rows, h("tr", null, h("td", null, "B \u2212 A"), h("td", { class: "num" }, h("b", null, both ? duration(difference) : "\u2013")), h("td", { class: "num" }, dv === null ? "\u2013" : plain(dv, 4))),
          h("tr", null, h("td", null, "1 / (B \u2212 A)"), h("td", { class: "num" }, both && difference ? `${plain(1 / Math.abs(difference), 3)} /s` : "\u2013"), h("td", null)))), acts);
  }
  return { element: box, update };
}

/** Marks table. */
export function makeMarks(app) {
  const box = h("section", { class: "tv-marks", "aria-label": "marks" });
  const reader = h("input", { type: "text", size: 4, maxlength: 12, "aria-label": "reader's initials", placeholder: "initials", value: app.model.get("reader") });
  reader.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Escape" || event.key === "Enter") app.focus(); });
  reader.addEventListener("change", () => { app.model.set("reader", reader.value.trim()); app.model.save_changes(); });
  const confidence = h("select", { "aria-label": "confidence of the chosen mark", onchange: () => app.changeMark({ confidence: confidence.value }) },
    ...["", "sure", "likely", "unsure"].map((word) => h("option", { value: word }, word || "confidence")));
  const body = h("tbody");
  const title = h("div");
  const confirm = h("button", { onclick: () => app.confirm() }, "Confirm", h("kbd", null, "\u23ce"));
  const label = h("button", { onclick: () => app.openLabels() }, "Label", h("kbd", null, "L"));
  const undo = h("button", { onclick: () => app.undo() });
  const redo = h("button", { onclick: () => app.redo() });
  const remove = h("button", { onclick: () => app.removeMark(), title: "Key Del" }, "Remove");
  const table = h("div", { class: "tv-scroll" }, h("table", null, h("thead", null, h("tr", null, h("th", null, "label"), h("th", null, `from \u2013 to ${app.time.unit}`), h("th", null, "by"), h("th", null))), body));
  fill(box, title, table, h("div", { class: "tv-row" }, confirm, label, remove), h("div", { class: "tv-row tv-undo" }, undo, redo), h("div", { class: "tv-row" }, h("label", { class: "caption" }, "reader ", reader), confidence));

  function row(mark) {
    const { factor } = app.time;
    const isLong = mark.end_s > mark.start_s;
    const decimals = factor > 1 ? 2 : isLong ? 1 : 3;
    const times = [mark.start_s, ...(isLong ? [mark.end_s] : [])].map((t) => fixed(t * factor, decimals)).join("\u2013");
    const isProposed = mark.status === "proposed";
    return h("tr", { "aria-selected": String(mark.id === app.chosenMark), title: mark.definition || mark.label, "data-id": mark.id, onclick: () => app.chooseMark(mark, true) },
      h("td", null, h(mark.id === app.chosenMark ? "b" : "span", null, mark.short)), h("td", null, times), h("td", null, mark.reader || "\u2013"), h("td", { class: "caption" }, isProposed ? h("i", null, "proposed") : mark.confidence));
  }

  function update() {
    const { items, state } = app.marks;
    fill(title, head("Marks", items.length ? `${items.length}, ${state}` : state.startsWith("not") ? `none, ${state}` : "none", "N next"));
    if (items.length) {
      const chosen = Math.max(items.findIndex((mark) => mark.id === app.chosenMark), 0);
      const first = Math.max(0, Math.min(chosen - 100, items.length - 200));
      fill(body, ...items.slice(first, first + 200).map(row));
      const selected = body.querySelector('[aria-selected="true"]');
      if (selected) table.scrollTop = Math.max(0, selected.offsetTop - table.clientHeight / 2);
    } else fill(body, h("tr", null, h("td", { colspan: 4, class: "caption" }, "none yet: A, L, then a letter")));
    const mark = items.find((item) => item.id === app.chosenMark);
    confirm.disabled = !(mark && mark.status === "proposed");
    remove.disabled = !mark;
    updateUndo();
    confidence.disabled = !mark;
    confidence.value = mark ? mark.confidence : "";
  }
  function updateUndo() {
    for (const [button, words, key, name] of [[undo, app.steps.undo, "Z", "Undo"], [redo, app.steps.redo, "\u21e7Z", "Redo"]]) {
      button.disabled = !words;
      button.title = words ? `${name}: ${words}` : `Nothing to ${name.toLowerCase()}`;
      fill(button, words ? `${name} ${words}` : name, h("kbd", null, key));
    }
  }
  return { element: box, update, updateUndo };
}

/** Quality list of the recording. */
export function makeQuality(app) {
  const list = h("div", { class: "tv-flags" });
  const title = h("div");
  const box = h("section", { class: "tv-quality", "aria-label": "quality" }, title, list);
  const isOn = (item) => (item.repair === "notch" ? app.filters.some((step) => step.kind === "notch" && step.is_on)
    : app.repairs.some((step) => step.is_on && step.kind === item.repair && step.channel === item.channel && Math.abs(step.start_s - item.start_s) < 1e-9));
  const takeOff = (item) => (item.repair === "notch" ? app.setFilters(app.filters.filter((step) => step.kind !== "notch"))
    : app.setRepairs(app.repairs.filter((step) => !(step.kind === item.repair && step.channel === item.channel && Math.abs(step.start_s - item.start_s) < 1e-9))));
  function repairButton(item) {
    if (!item.repair) return null;
    const on = isOn(item);
    const button = h("button", { class: "tv-repair", "aria-pressed": String(on), title: on ? "In the chain above; press to take it off" : "Adds a step to the chain above; the samples stay as they are" }, on ? `${item.repair_words}: on` : item.repair_words);
    button.addEventListener("click", (event) => { event.stopPropagation(); if (on) takeOff(item); else app.repair([item]); });
    return button;
  }
  function repairAll() {
    const codes = [...new Set(app.flags.map((item) => item.repair).filter((code) => code && code !== "notch"))];
    return codes.map((code) => {
      const items = app.flags.filter((item) => item.repair === code && !isOn(item));
      return items.length > 1 ? h("button", { class: "tv-repair", onclick: () => app.repair(items) }, `${items[0].repair_words} all ${items.length}`) : null;
    });
  }
  app.repairChosen = () => { const item = app.chosenFlag; if (item && item.repair && !isOn(item)) app.repair([item]); };
  function update() {
    const n = app.flags.length;
    fill(title, head("Quality", `this recording, ${n} flag${n === 1 ? "" : "s"}`, n ? "Q next" : ""), h("div", { class: "tv-row" }, ...repairAll()));
    const span = app.info.end_s - app.info.start_s; // what is about the whole recording comes last: nothing is to be found there
    const sorted = [...app.flags].sort((a, b) => Number(a.end_s - a.start_s >= 0.9 * span) - Number(b.end_s - b.start_s >= 0.9 * span));
    const at = Math.max(0, Math.min(sorted.indexOf(app.chosenFlag) - 25, n - 50));
    fill(list, ...sorted.slice(at, at + 50).map((item) => {
      const element = message("warn", `${item.name}${item.channel ? `, ${item.channel}` : ""}`, `${fixed(item.start_s, 2)}\u2013${fixed(item.end_s, 2)} s. ${item.reason.replace(/\buV\b/g, "\u00b5V")}`);
      const button = repairButton(item);
      if (button) element.lastChild.append(h("span", { class: "tv-offer" }, button));
      element.tabIndex = 0;
      element.addEventListener("click", () => app.chooseFlag(item));
      element.addEventListener("keydown", (event) => { if (event.key === "Enter" && event.target === element) { event.stopPropagation(); app.chooseFlag(item); } });
      if (item === app.chosenFlag) element.classList.add("is-here");
      return element;
    }), ...app.info.notes.slice(0, 5).map((note) => message("", "Note.", note)), n ? null : message("", "No flag.", app.info.sweeps ? "Sweeps are not looked through for faults; judge them by eye." : "Saturation, mains, drift, flat and missing stretches were looked for, or are being looked for."));
    if (n > 50) list.append(h("div", { class: "caption" }, `50 of ${n} listed; Q goes through all`));
    const here = list.querySelector(".is-here");
    if (here) list.scrollTop = Math.max(0, here.offsetTop - list.offsetTop - 8);
  }
  return { element: box, update, words: (item) => flagWords(item), size };
}
