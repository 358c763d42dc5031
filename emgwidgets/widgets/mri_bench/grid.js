/* Level by zone by side: in each cell what was read and the root it reaches; squares are the effect on it, 0 to 3. */
import { fill, h } from "../_js/dom.js";

const HEADS = ["extra-foram.", "foram\u00adinal", "sub-articular", "central", "sub-articular", "foram\u00adinal", "extra-foram."];
const EFFECT_WORDS = ["no effect on the root", "contact", "displaced", "compressed"];

/** Three squares, as many filled as the effect; a question mark where the report leaves the effect open. */
export function squares(effect, isHedged = false) {
  const span = h("span", { class: `mb-squares${isHedged ? " is-hedged" : ""}`, "aria-hidden": "true" });
  span.append(...[1, 2, 3].map((n) => h("i", { class: n <= effect ? "is-full" : "" })), ...(isHedged ? [h("b", null, "?")] : []));
  return span;
}

/** The grid; returns { element, update, focus }. */
export function makeGrid(app) {
  const table = h("table", { class: "mb-grid", role: "grid", "aria-label": "levels by zone and side" });
  const regions = h("span", { class: "mb-regions" });
  const element = h("section", { class: "mb-grid-pane", "aria-label": "levels by zone and side" }, h("div", { class: "mb-head" }, h("h3", null, "Level by zone by side"), h("span", { class: "mb-sub" }, "squares: 1 contact, 2 displaced, 3 compressed; ?: left open"), regions), table,
    h("div", { class: "caption mb-note" }, "Under each cell the likeliest root it reaches. Circle: read, no finding. \u201cnot read\u201d: the report does not speak of the level, which is not normal."));

  function look(cell) {
    if (cell.state === "not read") return h("span", { class: "caption" }, "not read");
    if (cell.state === "read") return h("span", { class: "mb-ring" }, "\u25cb");
    if (cell.state === "conflict") return h("span", { class: "mb-unsure" }, "side ?");
    return cell.effect ? squares(cell.effect, cell.hedged) : h("span", { class: "mb-dot", title: "finding without a stated effect" }, "\u25cf");
  }

  function update() {
    const { grid, region } = app.state;
    const had = table.contains(document.activeElement);
    if (!grid.some((row) => row.level === app.at.level)) { const told = (cell) => cell.zone !== "central" && ["finding", "conflict"].includes(cell.state); const first = grid.find((row) => row.cells.some(told)) || grid.find((row) => row.cells.some((cell) => cell.state === "finding")) || grid.at(-1); const i = first.cells.findIndex(told); app.at = { level: first.level, column: i >= 0 ? i : 3 }; }
    fill(regions, ...["cervical", "thoracic", "lumbar"].map((name) => h("button", { "aria-pressed": String(name === region), onclick: () => app.send({ type: "region", region: name }) }, name)));
    fill(table, h("thead", null, h("tr", null, h("th", null), h("th", { colspan: 3, class: "mb-side" }, "R"), h("th", { class: "mb-side" }, "midline"), h("th", { colspan: 3, class: "mb-side" }, "L")), h("tr", null, h("th", null), ...HEADS.map((text) => h("th", null, text)))),
      h("tbody", null, ...grid.map((row) => h("tr", null, h("th", { scope: "row", class: row.level === app.at.level ? "is-here" : "" }, row.level, row.loose.length ? h("span", { class: "mb-loose", title: `no zone or side given: ${row.loose.join("; ")}` }, "no zone") : null), ...row.cells.map((cell, i) => {
        const isHere = row.level === app.at.level && i === app.at.column;
        const words = `${row.level}, ${cell.side}, ${cell.zone}: ${cell.words}${cell.state === "finding" ? `, ${EFFECT_WORDS[cell.effect]}${cell.hedged ? ", left open by the report" : ""}` : ""}; reaches ${cell.root}`;
        const td = h("td", { role: "gridcell", class: `mb-cell is-${cell.state.replace(" ", "-")}${isHere ? " is-chosen" : ""}`, tabindex: isHere ? 0 : -1, "aria-selected": String(isHere), "aria-label": words, title: words, "data-cell": `${row.level}|${i}`, onclick: () => app.goTo({ level: row.level, column: i }, true) }, look(cell), h("span", { class: "mb-root" }, cell.root));
        return td;
      })))));
    if (had) focus();
  }
  table.addEventListener("keydown", (event) => {
    const { grid } = app.state;
    const y = grid.findIndex((row) => row.level === app.at.level);
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    if (step) {
      event.preventDefault();
      event.stopPropagation();
      const row = grid[Math.min(Math.max(y + step[0], 0), grid.length - 1)];
      app.goTo({ level: row.level, column: Math.min(Math.max(app.at.column + step[1], 0), 6) }, true);
      return;
    }
    if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); app.parts.table.focusRow(); return; }
    if (/^[0-3]$/.test(event.key)) {
      event.preventDefault();
      event.stopPropagation();
      const cell = grid[y].cells[app.at.column];
      app.send({ type: "effect", level: app.at.level, zone: cell.zone, side: cell.side, effect: Number(event.key) });
    }
  });
  function focus() { const td = table.querySelector('.mb-cell[tabindex="0"]'); if (td) td.focus({ preventScroll: true }); }
  return { element, update, focus };
}
