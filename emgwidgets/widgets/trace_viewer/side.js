/* The right-hand column and the quality list: cursors, marks, flags. */
import { fill, h, message } from "../_js/dom.js";
import { duration, fixed, plain, size } from "../_js/format.js";
import { flagWords } from "./plot.js";

function head(title, note, right) {
  return h("div", { class: "tv-head" }, h("strong", null, title), h("span", { class: "caption" }, note || ""), right ? h("span", { class: "caption tv-right" }, right) : null);
}

/** Cursor table; update() redraws it from app.readout. */
export function makeCursors(app) {
  const box = h("section", { class: "tv-cursors", "aria-label": "cursors" });
  function update() {
    const channel = app.info.channels[app.channel];
    const isFiltered = app.filters.some((step) => step.is_on) && channel.is_voltage;
    const rows = ["A", "B"].map((letter, i) => {
      const t = app.cursors[i];
      const item = app.readout && app.readout[i];
      const value = item && t !== null && Math.abs(item.time_s - t) < 1e-9 ? item.value : null;
      return h("tr", null, h("td", { class: "tv-letter" }, letter), h("td", { class: "num" }, t === null ? h("span", { class: "caption" }, `press ${letter}`) : fixed(t, 4)),
        h("td", { class: "num", "data-value": value === null ? "" : value }, t === null ? "" : value === null ? "\u2026" : plain(value, 4)));
    });
    const [a, b] = app.cursors;
    const both = a !== null && b !== null;
    const difference = both ? b - a : null;
    const values = (app.readout || []).map((item) => item && item.value);
    const dv = both && Number.isFinite(values[0]) && Number.isFinite(values[1]) && values[0] !== null && values[1] !== null ? values[1] - values[0] : null;
    fill(box, head("Cursors", `channel ${app.channel + 1}, ${isFiltered ? "filtered" : "raw"}`),
      h("table", null, h("thead", null, h("tr", null, h("th", null), h("th", { class: "num" }, "time s"), h("th", { class: "num" }, channel.unit))),
        h("tbody", null, ...rows, h("tr", null, h("td", null, "B \u2212 A"), h("td", { class: "num" }, h("b", null, both ? duration(difference) : "\u2013")), h("td", { class: "num" }, dv === null ? "\u2013" : plain(dv, 4))),
          h("tr", null, h("td", null, "1 / (B \u2212 A)"), h("td", { class: "num" }, both && difference ? `${plain(1 / Math.abs(difference), 3)} /s` : "\u2013"), h("td", null)))));
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
  const undo = h("button", { onclick: () => app.undo() }, "Undo", h("kbd", null, "Z"));
  const remove = h("button", { onclick: () => app.removeMark() }, "Remove", h("kbd", null, "Del"));
  const table = h("div", { class: "tv-scroll" }, h("table", null, h("thead", null, h("tr", null, h("th", null, "label"), h("th", null, "from \u2013 to s"), h("th", null, "by"), h("th", null))), body));
  fill(box, title, table, h("div", { class: "tv-row" }, confirm, label, undo, remove), h("div", { class: "tv-row" }, h("label", { class: "caption" }, "reader ", reader), confidence));

  function row(mark) {
    const decimals = mark.end_s > mark.start_s ? 1 : 3;
    const times = mark.end_s > mark.start_s ? `${fixed(mark.start_s, decimals)}\u2013${fixed(mark.end_s, decimals)}` : fixed(mark.start_s, decimals);
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
    undo.disabled = !app.marks.can_undo;
    confidence.disabled = !mark;
    confidence.value = mark ? mark.confidence : "";
  }
  return { element: box, update };
}

/** Quality list of the recording. */
export function makeQuality(app) {
  const list = h("div", { class: "tv-flags" });
  const title = h("div");
  const box = h("section", { class: "tv-quality", "aria-label": "quality" }, title, list);
  function update() {
    const n = app.flags.length;
    fill(title, head("Quality", `this recording, ${n} flag${n === 1 ? "" : "s"}`, n ? "Q next" : ""));
    fill(list, ...app.flags.slice(0, 50).map((item) => {
      const element = message("warn", `${item.name}${item.channel ? `, ${item.channel}` : ""}`, `${fixed(item.start_s, 2)}\u2013${fixed(item.end_s, 2)} s. ${item.reason.replace(/\buV\b/g, "\u00b5V")}`);
      element.tabIndex = 0;
      element.addEventListener("click", () => app.chooseFlag(item));
      element.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.stopPropagation(); app.chooseFlag(item); } });
      if (item === app.chosenFlag) element.classList.add("is-here");
      return element;
    }), ...app.info.notes.slice(0, 5).map((note) => message("", "Note.", note)), n ? null : message("", "No flag.", "Saturation, mains, drift, flat and missing stretches were looked for, or are being looked for."));
  }
  return { element: box, update, words: (item) => flagWords(item), size };
}
