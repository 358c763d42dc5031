/* The concordance board: roots and nerves by symptoms, examination, NCS, EMG, MRI on both sides; each cell opens its evidence. */
import { fill, h } from "../_js/dom.js";
import { evidenceMark } from "../_js/marks.js";

const COLUMNS = ["symptoms", "examination", "ncs", "emg", "mri"];
const SHORT = { symptoms: "Symp-toms", examination: "Exam", ncs: "NCS", emg: "EMG", mri: "MRI" };
export const COLUMN_WORDS = { symptoms: "symptoms", examination: "examination", ncs: "nerve conduction", emg: "needle EMG", mri: "MRI" };

function content(cell) {
  const parts = [];
  if (cell.s) parts.push(evidenceMark("supports"), h("span", { class: "cb-n" }, String(cell.s)));
  if (cell.a) parts.push(evidenceMark("against"), h("span", { class: "cb-n" }, String(cell.a)));
  if (!cell.s && !cell.a && cell.i) parts.push(evidenceMark("silent"));
  if (!cell.s && !cell.a && !cell.i) parts.push(evidenceMark("not tested"));
  else if (cell.t) parts.push(evidenceMark("not tested", "", 13));
  return parts;
}

/** The board; returns { element, update, focus, side }. */
export function makeBoard(app) {
  const table = h("table", { class: "cb-table", role: "grid", "aria-label": "concordance" });
  const legend = h("span", { class: "cb-legend caption" }, ...["supports", "against", "silent", "not tested"].flatMap((kind) => [evidenceMark(kind, "", 14), ` ${kind}\u2002`]));
  const note = h("div", { class: "caption cb-sides" });
  const element = h("section", { class: "cb-board", "aria-label": "concordance" }, h("div", { class: "cb-head" }, h("h3", null, "Concordance"), h("span", { class: "cb-sub" }, "each cell opens its evidence"), legend), table, note);
  let at = null; // row, side, column of the focus

  function cell(row, side, i) {
    const one = row[side][i];
    const column = COLUMNS[i];
    const chosen = app.cell.row === row.code && app.cell.column === column && app.cell.side === side;
    const key = `${row.code}|${side}|${column}`;
    const td = h("td", { role: "gridcell", class: `cb-cell${chosen ? " is-chosen" : ""}`, tabindex: key === at ? 0 : -1, "data-key": key, "aria-selected": String(chosen), "aria-label": `${row.words}, ${one.text}`, title: `${row.words}, ${one.text}`, onclick: () => app.openCell(row.code, column, side), onfocus: () => { at = key; } }, h("span", { class: "cb-marks" }, ...content(one)));
    td.addEventListener("keydown", (event) => keys(event, td));
    return td;
  }

  function keys(event, td) {
    if (event.key === "Enter") {
      event.preventDefault();
      event.stopPropagation();
      const [row, side, column] = td.dataset.key.split("|");
      app.openCell(row, column, side, true);
      return;
    }
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const grid = [...table.querySelectorAll("tbody tr")].map((tr) => [...tr.querySelectorAll(".cb-cell")]);
    const y = grid.findIndex((cells) => cells.includes(td));
    const next = (grid[y + step[0]] || [])[grid[y].indexOf(td) + step[1]];
    if (next) go(next);
  }

  function go(td) {
    for (const one of table.querySelectorAll('.cb-cell[tabindex="0"]')) one.setAttribute("tabindex", "-1");
    td.setAttribute("tabindex", "0");
    td.focus({ preventScroll: true });
  }

  function update() {
    const { board, side, sides } = app.state;
    const had = table.contains(document.activeElement);
    const known = board.map((row) => row.code);
    if (!at || !known.includes(at.split("|")[0])) at = app.cell.row ? `${app.cell.row}|${app.cell.side}|${app.cell.column}` : board.length ? `${board[0].code}|left|symptoms` : null;
    const heads = (of) => COLUMNS.map((name) => h("th", { scope: "col", "aria-label": `${of}, ${COLUMN_WORDS[name]}` }, SHORT[name]));
    fill(table, h("thead", null,
      h("tr", { class: "cb-side-names" }, h("th", { colspan: 5 }, side === "left" ? "LEFT, the side of the complaint" : "LEFT"), h("th", null), h("th", { colspan: 5 }, side === "right" ? "RIGHT, the side of the complaint" : "RIGHT")),
      h("tr", null, ...heads("left"), h("th", { "aria-label": "root or nerve" }), ...heads("right"))),
    h("tbody", null, ...board.map((row) => h("tr", null, ...COLUMNS.map((_, i) => cell(row, "left", i)), h("th", { scope: "row", class: "cb-rowhead" }, row.words), ...COLUMNS.map((_, i) => cell(row, "right", i))))));
    if (had) { const again = table.querySelector(`[data-key="${at}"]`) || table.querySelector(".cb-cell"); if (again) go(again); }
    const told = [["complaint", sides.complaint], ["examination", sides.examination], ["nerve tests", sides.edx], ["MRI", sides.mri]].filter(([, of]) => of).map(([what, of]) => `${what} ${of}`);
    fill(note, told.length ? `Side by source, as given: ${told.join(", ")}.` : "No side given yet.", ...sides.conflicts.map((text) => h("div", { class: "cb-conflict" }, text)));
    table.hidden = !board.length;
  }

  /** Move the focus to the other side of the same row. */
  function goSide(side) {
    const key = at && at.split("|");
    const td = key && table.querySelector(`[data-key="${key[0]}|${side}|${key[2]}"]`);
    if (td) go(td);
  }
  return { element, update, goSide, focus: () => { const td = table.querySelector('.cb-cell[tabindex="0"]'); if (td) td.focus({ preventScroll: true }); } };
}
