/* The score of every muscle: a cell is chosen and scored by key; a score that is not normal points at the stretch that proves it. */
import { fill, h } from "../_js/dom.js";
import { resultMark } from "../_js/marks.js";

/** The grid; returns { element, update, key }. */
export function makeGrid(app) {
  const { columns } = app.fixed;
  const body = h("tbody");
  const table = h("table", { role: "grid", "aria-label": "scores" }, h("thead", null, h("tr", null, h("th", null, "Muscle"), h("th", null, ""), ...columns.map((one) => h("th", { scope: "col" }, one.words.replace("- ", "\u00ad"))), h("th", null, "proof"))), body);
  const note = h("div", { class: "caption ne-note" }, "fib, psw, fasc 0 to 4; recruitment N, \u22121 to \u22123, early, none. Arrows choose a cell; 0-4 or + \u2212 score it, Delete: not tested. A score that is not normal and has no linked stretch is kept and marked unproved.");
  const clips = h("div", { class: "ne-clips" });
  const graded = h("div");
  const element = h("section", { class: "ne-grid", "aria-label": "score" }, table, clips, note, graded);

  function cell(row, one) {
    const found = row.cells[one.key];
    const isHere = row.is_here && app.state.cell === one.key;
    const words = `${row.side} ${row.name}, ${one.key.replaceAll("_", " ")}: ${found.text === "\u00b7" ? "not tested" : found.text}${found.is_proved ? "" : ", unproved"}`;
    return h("td", { class: `${found.is_abnormal ? "is-bad" : ""}${found.is_proved ? "" : " is-unproved"}${isHere ? " is-cell" : ""}${found.text === "\u00b7" ? " is-none" : ""}`, role: "gridcell", tabindex: isHere ? "0" : "-1", "data-key": one.key, "aria-selected": String(isHere), title: words, "aria-label": words,
      onclick: () => pick(row, one.key), onkeydown: (event) => { if (key(event)) { event.preventDefault(); event.stopPropagation(); } } }, found.text, found.clips.length ? h("i", { class: "ne-dot", "aria-hidden": "true" }) : null);
  }

  function pick(row, name) {
    if (row.is_here && app.state.cell === name && row.cells[name].clips.length) { app.showClip(row, name, 0); return; }
    if (!row.is_here) app.choose({ muscle: row.muscle, side: row.side });
    app.send({ type: "focus_cell", key: name });
    wantsFocus = true;
  }
  let wantsFocus = false;

  function move(way) {
    const at = columns.findIndex((one) => one.key === app.state.cell);
    wantsFocus = true;
    app.send({ type: "focus_cell", key: columns[Math.min(Math.max(at + way, 0), columns.length - 1)].key });
  }

  /** Keys of a cell. */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const name = event.key;
    const rows = app.state.grid;
    const here = rows.findIndex((one) => one.is_here);
    if (name === "ArrowLeft" || name === "ArrowRight") { move(name === "ArrowLeft" ? -1 : 1); return true; }
    if (name === "ArrowUp" || name === "ArrowDown") { const row = rows[here + (name === "ArrowUp" ? -1 : 1)]; if (row) { wantsFocus = true; const { cell: kept } = app.state; app.choose({ muscle: row.muscle, side: row.side }); app.send({ type: "focus_cell", key: kept }); } return true; }
    if (name === "Enter" && !app.state.reading) { const row = rows[here]; if (row && row.cells[app.state.cell].clips.length) { app.showClip(row, app.state.cell, 0); return true; } return false; }
    return scoreKey(event);
  }

  /** Keys that score, wherever the focus is. */
  function scoreKey(event) {
    const name = event.key;
    const column = columns.find((one) => one.key === app.state.cell);
    if (/^[0-4]$/.test(name) && Number(name) < column.n_digits) { app.send({ type: "score", value: Number(name) }); return true; }
    if (name === "+" || name === "=") { app.send({ type: "step", direction: 1 }); return true; }
    if (name === "-" || name === "_") { app.send({ type: "step", direction: -1 }); return true; }
    if (name === "Delete" || name === "Backspace") { app.send({ type: "score", value: null }); return true; }
    if (name === "n" || name === "N") { app.send({ type: "score_normal" }); return true; }
    return false;
  }

  function gradeBox(grade) {
    const button = h("button", { onclick: () => app.send({ type: "grade_rest" }), disabled: !app.state.stretch }, "Grade by the scheme", h("kbd", null, "G"));
    if (!grade) return h("div", { class: "ne-grade" }, button);
    return h("div", { class: "ne-grade" }, button, h("div", null, h("b", null, `Fibrillations and positive waves: ${grade.word}`), h("div", { class: "caption" }, grade.reason || `lasting trains at ${grade.n_sites_with} of ${grade.n_sites} places`), h("ul", null, ...grade.evidence.map((text) => h("li", null, text))), h("div", { class: "caption" }, `${grade.scheme}. ${grade.source}`)));
  }

  function update() {
    const { grid } = app.state;
    fill(graded, gradeBox(app.state.grade));
    const had = table.contains(document.activeElement);
    fill(body, ...grid.map((row) => h("tr", { "aria-selected": String(row.is_here) }, h("th", { scope: "row", onclick: () => app.choose({ muscle: row.muscle, side: row.side }) }, row.name), h("td", { class: "ne-side" }, row.side[0].toUpperCase()),
      ...(row.is_empty ? [h("td", { colspan: String(columns.length), class: "ne-untested" }, resultMark("-"), " not tested yet ", h("button", { class: "ne-start", onclick: () => { app.choose({ muscle: row.muscle, side: row.side }); app.send({ type: "score_normal" }); } }, "rest normal", h("kbd", null, "N")))] : columns.map((one) => cell(row, one))),
      h("td", null, row.n_clips ? h("button", { class: "ne-link", onclick: () => app.showClip(row, columns.find((one) => row.cells[one.key].clips.length).key, 0) }, `${row.n_clips} clip${row.n_clips > 1 ? "s" : ""}`) : null))));
    const row = grid.find((one) => one.is_here);
    const found = row ? columns.flatMap((one) => row.cells[one.key].clips.map((clip, i) => ({ one, clip, i }))) : [];
    fill(clips, ...found.map(({ one, clip, i }) => h("span", { class: "ne-clip" }, h("button", { class: "ne-link", onclick: () => app.showClip(row, one.key, i) }, `${one.key.replaceAll("_", " ")}: ${clip.start_s.toFixed(2)}\u2013${clip.end_s.toFixed(2)} s`), h("button", { class: "ne-x", "aria-label": `take away the proof of ${one.key.replaceAll("_", " ")}`, onclick: () => app.send({ type: "unlink", key: one.key, index: i }) }, "\u00d7"))),
      row && columns.some((one) => !row.cells[one.key].is_proved) ? h("span", { class: "ne-warn" }, `unproved: ${columns.filter((one) => !row.cells[one.key].is_proved).map((one) => one.key.replaceAll("_", " ")).join(", ")}`) : null);
    if (had || wantsFocus) { const cell_ = body.querySelector("td[tabindex='0']"); if (cell_) cell_.focus({ preventScroll: true }); wantsFocus = false; }
  }
  return { element, update, scoreKey };
}
