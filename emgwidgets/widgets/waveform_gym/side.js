/* The right-hand column: what was taken for what, share right by class with its interval, the items of this round. */
import { h } from "../_js/dom.js";

const SHAPES = {
  right: '<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="9" fill="var(--sup)"/><path d="M10 5.5v9M5.5 10h9" stroke="var(--bg)" stroke-width="2"/></svg>',
  wrong: '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 1.5 18.5 10 10 18.5 1.5 10z" fill="none" stroke="var(--aga)" stroke-width="1.8"/><path d="M6 10h8" stroke="var(--aga)" stroke-width="2"/></svg>',
  none: '<svg viewBox="0 0 20 20" aria-hidden="true"><rect x="3" y="3" width="14" height="14" fill="none" stroke="var(--line2)" stroke-dasharray="3 2"/></svg>',
};

/** A mark: filled disc with plus, open diamond with minus, dashed square. */
export function shape(kind) {
  const span = document.createElement("span");
  span.innerHTML = SHAPES[kind];
  return span.firstChild;
}

/** The matrix; a filled square right, an open square other, its size by count; a cell replays its last item. */
export function matrix(one, replay) {
  if (!one.rows.length) return h("p", { class: "caption" }, "Rows: truth, columns: your first answer. It fills as you answer.");
  const most = Math.max(1, ...one.counts.flat());
  const rows = one.rows.map((row, r) => h("tr", null, h("th", { scope: "row", title: row.name }, row.short), ...one.columns.map((column, k) => {
    const n = one.counts[r][k];
    const isHere = one.here && one.here[0] === r && one.here[1] === k;
    const isRight = row.code === column.code;
    const size = 12 + Math.round(12 * Math.sqrt(n / most));
    return h("td", { class: isHere ? "is-here" : null }, n ? h("button", { class: isRight ? "is-right" : "is-other", style: `width:${size}px;height:${size}px`, "aria-label": `${row.name} answered ${column.short}: ${n}; replay the last`, title: "replay the last of these", onclick: () => replay(row.code, column.code) }, String(n)) : null);
  })));
  return h("div", null, h("p", { class: "caption" }, `Rows: truth, columns: your first answer.${one.here ? " Outlined: this item." : ""} A number replays its last item.`),
    h("table", { class: "gym-matrix" }, h("thead", null, h("tr", null, h("th", null, ""), ...one.columns.map((column) => h("th", { scope: "col" }, h("span", null, column.short))))), h("tbody", null, ...rows)),
    one.n_left_out ? h("p", { class: "caption" }, `${one.n_left_out} more classes are in confusion().`) : null);
}

/** Right of all, and the published yardstick. */
export function scoreLine(score, yardstick) {
  if (!score.n) return null;
  return h("div", { class: "gym-score" }, h("div", null, "Right: ", h("b", null, `${score.right} of ${score.n}, ${Math.round((100 * score.right) / score.n)} %`), h("span", { class: "caption" }, ` (${Math.round(score.low_percent)}-${Math.round(score.high_percent)})`)), h("p", { class: "caption" }, yardstick));
}

/** Share right with its interval on a line from 0 to 1, and when the class comes back. */
export function classList(rows) {
  return h("div", { class: "gym-classes" }, ...rows.slice(0, 10).map((row) => h("div", { title: row.is_mastered ? "mastered" : row.reason },
    h("span", { class: "gym-class" }, row.name, row.never_miss ? h("abbr", { title: "never to miss or overcall" }, " !") : null),
    h("span", { class: "gym-bar", role: "img", "aria-label": `${row.right} of ${row.n} right, interval ${Math.round(100 * row.low)} to ${Math.round(100 * row.high)} %` }, h("i", { style: `left:${100 * row.low}%;width:${100 * (row.high - row.low)}%` }), h("b", { style: `left:${100 * row.share}%` })),
    h("span", { class: "caption" }, row.is_mastered ? "mastered" : row.due || `${row.right}/${row.n}`))));
}

/** One mark an item. */
export function dots(given, n) {
  const marks = Array.from({ length: n }, (_, k) => shape(k >= given.length ? "none" : given[k] ? "right" : "wrong"));
  const line = h("div", { class: "gym-dots", role: "img", "aria-label": `${given.filter(Boolean).length} right of ${given.length}, ${n - given.length} to come` });
  line.append(...marks);
  return line;
}
