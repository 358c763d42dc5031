/* The report keeps its words: what was read, what was negated, what contradicts itself, what was not understood. */
import { fill, h, message } from "../_js/dom.js";

const WORDS = { finding: "finding", negated: "negated", conflict: "conflict", unread: "not understood", urgent: "urgent" };

/** The pane; returns { element, update, unread }. */
export function makeReport(app) {
  const text = h("div", { class: "mb-text", tabindex: "0", "aria-label": "report" });
  const notes = h("div", { class: "mb-notes" });
  const area = h("textarea", { rows: 5, "aria-label": "MRI report", placeholder: "Paste an English spine MRI report." });
  const paste = h("div", { class: "mb-paste" }, area, h("button", { onclick: () => { if (area.value.trim()) app.send({ type: "report", text: area.value }); } }, "Read the report"));
  const more = h("details", null, h("summary", null, "Read another report"), h("div"));
  const legend = h("span", { class: "mb-legend" }, ...Object.entries(WORDS).slice(0, 4).map(([kind, words]) => h("span", { class: `mb-piece is-${kind}` }, words)));
  const element = h("section", { class: "mb-report", "aria-label": "report" }, h("div", { class: "mb-head" }, h("h3", null, "Report"), h("span", { class: "mb-sub" }, "what was read, and from which words"), legend), text, notes, more);
  let at = -1;

  function piece(one) {
    if (one.kind === "plain") return document.createTextNode(one.text);
    const finding = one.index === null ? null : app.state.findings[one.index];
    const told = `${WORDS[one.kind]}${finding ? `: ${finding.level} ${finding.words}` : ""}`;
    const mark = h(finding ? "button" : "span", { class: `mb-piece is-${one.kind}${one.index !== null && one.index === app.row ? " is-here" : ""}`, title: told, onclick: finding ? () => app.chooseRow(one.index) : null }, one.text);
    if (finding && one.kind !== "negated") mark.append(h("sup", null, String(one.index + 1)));
    return mark;
  }

  function update() {
    const { report } = app.state;
    const isThere = report.pieces.length > 0;
    text.hidden = legend.hidden = !isThere;
    more.hidden = !isThere;
    if (isThere) { if (!more.contains(paste)) more.lastChild.append(paste); } else if (paste.parentNode !== element) element.append(paste);
    fill(text, ...report.pieces.map(piece));
    fill(notes, ...report.urgent.map((one) => message("error", "Urgent finding.", one)), ...report.conflicts.map((one) => message("warn", "The report contradicts itself.", one)),
      isThere ? h("div", { class: "caption" }, [report.numbering && `${report.numbering[0].toUpperCase()}${report.numbering.slice(1)}.`, report.unread ? `${report.unread} ${report.unread === 1 ? "stretch" : "stretches"} not understood (U).` : "Nothing left unread.", report.urgent.length ? "" : "Urgent findings: none in the text.", report.repairs ? `Typing errors settled: ${report.repairs}.` : ""].filter(Boolean).join(" ")) : h("div", { class: "caption" }, "No report read; findings can be entered in the grid and the table. The words of a report are not kept in the case."));
  }

  /** Go to the next stretch that was not understood. */
  function unread() {
    const all = [...text.querySelectorAll(".is-unread")];
    if (!all.length) return;
    at = (at + 1) % all.length;
    all.forEach((one, n) => one.classList.toggle("is-here", n === at));
    all[at].scrollIntoView({ block: "nearest" });
  }
  return { element, update, unread };
}
