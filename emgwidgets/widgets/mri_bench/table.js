/* Findings as rows, each corrected in place; what was read stays in the report beside it. */
import { fill, h } from "../_js/dom.js";

const SIDES = ["", "left", "right", "bilateral", "midline"];
const ZONES = ["", "central", "subarticular", "foraminal", "extraforaminal", "anterior"];
const CERTAINTIES = ["definite", "probable", "possible", "negated"];

/** The table; returns { element, update }. */
export function makeTable(app) {
  const body = h("tbody");
  const table = h("table", { class: "mb-findings" }, h("thead", null, h("tr", null, ...["", "Level", "Side", "Zone", "Finding", "mm", "Root effect", "Certainty", ""].map((text) => h("th", null, text)))), body);
  const kinds = h("select", { "aria-label": "finding" }, ...app.fixed.kinds.map((one) => h("option", { value: one }, one.replaceAll("_", " "))));
  kinds.value = "disc_protrusion";
  const add = h("div", { class: "mb-add" }, kinds, h("button", { onclick: () => { const cell = app.cell(); app.send({ type: "add", kind: kinds.value, level: app.at.level, zone: cell.zone, side: cell.side }); } }, "Add at the chosen cell"));
  const note = h("div", { class: "caption" });
  const more = h("div", { class: "mb-more" });
  const element = h("section", { class: "mb-rows", "aria-label": "findings" }, table, more, add, note);
  let all = false;

  function choose(options, value, words, send) {
    const box = h("select", { "aria-label": words, onchange: () => send(box.value) }, ...options.map((one) => h("option", { value: one }, one.replaceAll("_", " ") || "\u2013")));
    box.value = value;
    return box;
  }

  function row(one) {
    const fix = (changes) => app.send({ type: "correct", index: one.index, changes });
    const size = h("input", { type: "text", class: "is-number", value: one.size_mm, "aria-label": `size of finding ${one.index + 1}, mm`, onchange: () => fix({ size_mm: size.value }) });
    return h("tr", { "aria-selected": String(one.index === app.row), "data-row": one.index, class: one.certainty === "negated" ? "is-negated" : "", onclick: (event) => { if (!["SELECT", "INPUT", "BUTTON"].includes(event.target.tagName)) app.chooseRow(one.index); } },
      h("td", { class: "caption" }, String(one.index + 1), one.corrected ? h("span", { title: "corrected by hand" }, "*") : null), h("td", null, choose(["", ...app.fixed.levels], one.level, "level", (level) => fix({ level }))),
      h("td", null, choose(SIDES, one.side, "side", (side) => fix({ side })), one.conflict ? h("span", { class: "mb-flag" }, "conflict") : null), h("td", null, choose(ZONES, one.zone, "zone", (zone) => fix({ zone }))),
      h("td", null, one.words, one.raw ? h("span", { class: "caption" }, ` \u201c${one.raw}\u201d`) : null), h("td", null, size), h("td", null, one.effect || "\u2013"), h("td", null, choose(CERTAINTIES, one.certainty, "certainty", (certainty) => fix({ certainty }))), h("td", null, h("button", { class: "mb-link", "aria-label": `take finding ${one.index + 1} out`, onclick: () => app.send({ type: "remove", index: one.index }) }, "out")));
  }

  /** Kind, grade by a named scale, migration and basis of counting of the chosen finding. */
  function details() {
    const one = app.row === null ? null : app.state.findings[app.row];
    if (!one) { fill(more); return; }
    const fix = (changes) => app.send({ type: "correct", index: one.index, changes });
    const scales = Object.entries(app.fixed.scales);
    const graded = ["", ...scales.flatMap(([scale, grades]) => grades.map((grade) => `${scale}: ${grade}`))];
    const field = (words, box) => h("label", null, h("span", { class: "caption" }, `${words} `), box);
    fill(more, h("b", null, `Finding ${one.index + 1}`), field("kind", choose(app.fixed.kinds, one.kind, "kind", (kind) => fix({ kind }))), field("grade", choose(graded, one.scale ? `${one.scale}: ${one.grade}` : "", "grade by scale", (value) => { const [scale, grade] = value ? value.split(": ") : ["", ""]; fix({ scale, grade }); })),
      field("migration", choose(["", "cranial", "caudal"], one.migration, "migration", (migration) => fix({ migration }))), field("vertebrae counted by", choose(["", ...app.fixed.numbering], one.numbering_basis, "basis of counting", (basis) => fix({ numbering_basis: basis }))));
  }

  function update() {
    const { findings } = app.state;
    details();
    const had = document.activeElement && body.contains(document.activeElement) ? [document.activeElement.closest("tr").dataset.row, document.activeElement.getAttribute("aria-label")] : null;
    const denied = findings.filter((one) => one.certainty === "negated");
    const shown = findings.filter((one) => one.certainty !== "negated" || all || one.index === app.row);
    fill(body, ...shown.map(row), denied.length ? h("tr", null, h("td", { colspan: "9" }, h("button", { class: "mb-link", onclick: () => { all = !all; update(); } }, all ? "hide what was looked for and not seen" : `${denied.length} looked for and not seen`))) : null);
    table.hidden = !findings.length;
    note.textContent = findings.length ? "A correction takes the place of what was read, is marked with *, and can be undone." : "No finding yet: not read is not normal.";
    if (had) { const again = [...body.querySelectorAll(`tr[data-row="${had[0]}"] [aria-label]`)].find((one) => one.getAttribute("aria-label") === had[1]); if (again) again.focus({ preventScroll: true }); }
  }
  /** Go to the row of the chosen finding. */
  function focusRow() { const box = body.querySelector(`tr[data-row="${app.row}"] select`); if (box) box.focus({ preventScroll: false }); }
  return { element, update, focusRow };
}
