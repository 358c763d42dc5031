/* The study as a table: left beside right, the limit, and what each number says; a click lands on its trace. */
import { fill, h } from "../_js/dom.js";
import { resultMark } from "./marks.js";

function strip(cell) {
  if (!cell || cell.z === null || cell.z === undefined) return h("td", null);
  const xOf = (z) => 45 + Math.max(-42, Math.min(42, z * 11));
  const [value, low, high, limit] = [xOf(cell.z), cell.z_low === null ? null : xOf(cell.z_low), cell.z_high === null ? null : xOf(cell.z_high), cell.z_limit === null ? null : xOf(cell.z_limit)];
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 90 20");
  svg.setAttribute("class", "nb-strip");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `z ${cell.z.toFixed(1)}`);
  const wash = limit === null ? "" : limit > 45 ? `<rect x="${limit}" y="2" width="${90 - limit}" height="16" fill="var(--abw)"/>` : `<rect x="0" y="2" width="${limit}" height="16" fill="var(--abw)"/>`;
  const shape = cell.mark === "A" ? `<rect x="${value - 4}" y="6" width="8" height="8" fill="var(--ab)"/>` : `<circle cx="${value}" cy="10" r="3.6" fill="var(--bg)" stroke="var(--ok)" stroke-width="1.6"/>`;
  svg.innerHTML = `${wash}<line x1="45" x2="45" y1="3" y2="17" stroke="var(--line2)"/>${limit === null ? "" : `<line x1="${limit}" x2="${limit}" y1="2" y2="18" stroke="var(--ab)" stroke-width="1.4"/>`}${low === null || high === null ? "" : `<line x1="${low}" x2="${high}" y1="10" y2="10" stroke="var(--ok)" stroke-width="1.5"/>`}${shape}`;
  return h("td", { class: "nb-z" }, svg);
}

/** The table; returns { element, update }. */
export function makeTable(app) {
  const body = h("tbody");
  const note = h("div", { class: "caption nb-note" });
  const pick = h("select", { "aria-label": "limits to judge by" }, ...app.fixed.limits.map((one) => h("option", { value: one.code }, one.title)));
  pick.addEventListener("change", () => app.send({ type: "limits", norm_set: pick.value }));
  const flips = h("ul", { class: "nb-flips" });
  const limits = h("div", { class: "nb-limits" }, h("label", { class: "nb-row" }, h("span", { class: "caption" }, "Limits"), pick), flips);
  const table = h("table", null, h("thead", null, h("tr", null, h("th", null, "Measure"), h("th", { class: "num" }, "Left"), h("th", null), h("th", null, "z left"), h("th", { class: "num" }, "Right"), h("th", null), h("th", null, "z right"), h("th", { class: "num" }, "Limit"), h("th", null))), body);
  const empty = h("div", { class: "nb-empty" });
  const element = h("section", { class: "nb-table", "aria-label": "table of the study" }, table, empty, limits, note);

  function cell(row, side) {
    const one = row[side];
    const isBad = one.mark === "A" || one.mark === "B" || one.mark === "0";
    const land = (event) => { event.stopPropagation(); app.land(row, side); };
    return [h("td", { class: `num${isBad ? " is-bad" : one.mark === "-" ? " is-none" : ""}`, onclick: one.mark === "-" ? null : land }, one.text), h("td", { class: "nb-mark" }, resultMark(one.mark, one.reason)), strip(one)];
  }

  function update() {
    const { rows, note: words } = app.state.table;
    fill(body, ...rows.flatMap((row) => [row.nerve ? h("tr", { class: "nb-group" }, h("th", { colspan: "9", scope: "rowgroup" }, row.nerve)) : null, h("tr", { tabindex: "0", "aria-selected": String(row.study === app.state.study && row.site === app.state.site), onclick: () => app.land(row), onkeydown: (event) => { if (event.key === "Enter") { event.stopPropagation(); app.land(row); } } },
      h("td", null, row.measure), ...cell(row, "left"), ...cell(row, "right"), h("td", { class: "num", title: row.limit_source }, row.limit, row.limit_mark ? h("sup", { class: "nb-unread", title: row.limit_mark }, row.limit_mark[0]) : null), h("td", { class: "caption" }, row.unit))]));
    table.hidden = !rows.length;
    fill(empty, rows.length ? null : app.isSeries() ? "No single response kept yet; the series stand above." : "Nothing kept yet. A kept response fills a row; what is not there was not tested.");
    note.textContent = words;
    limits.hidden = !rows.length;
    const { code, before, flips: said } = app.state.limits;
    pick.value = code;
    fill(flips, ...(before ? (said.length ? said : ["Nothing stands otherwise than before."]) : []).map((one) => h("li", null, one)));
  }
  return { element, update };
}
