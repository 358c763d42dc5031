/* The waveforms that a finding rests on, beside its evidence: sweeps or a linked stretch on one scale, negative up. */
import { fill, h, message } from "../_js/dom.js";
import { unpack } from "../_js/envelope.js";
import { plain } from "../_js/format.js";
import { s } from "../_js/svg.js";

const NONE = -32768;
const ROW = 84;
const LEFT = 8;

/** Line through the columns of a row. */
function outline(columns, x, y) {
  const parts = [];
  for (const piece of columns.pieces) {
    let isDown = false;
    for (let i = 0; i < piece.n; i += 1) {
      if (piece.lo[i] === NONE) { isDown = false; continue; }
      const at = x(piece.start + piece.step * i).toFixed(1);
      const ends = piece.isSamples ? [piece.lo[i]] : [piece.lo[i], piece.hi[i]];
      for (const number of ends) { parts.push(`${isDown ? "L" : "M"}${at} ${y(number * columns.scale + columns.offset).toFixed(1)}`); isDown = true; }
    }
  }
  return parts.join("");
}

function picture(row, all, columns, width) {
  const x = (at) => LEFT + ((at - row.start) / all.width) * (width - 2 * LEFT);
  const zero = ROW / 2;
  const division = (ROW - 8) / 5;
  const y = (value) => Math.max(-2, Math.min(ROW + 2, zero + (value / all.per_height) * division));
  const grid = [];
  for (let k = -2; k <= 2; k += 1) grid.push(`M${LEFT} ${zero + k * division}H${width - LEFT}`);
  for (let at = Math.ceil(row.start / all.per_time - 1e-6) * all.per_time; at <= row.end + 1e-9; at += all.per_time) grid.push(`M${x(at)} 4V${ROW - 4}`);
  const band = row.band && s("rect", { x: x(row.band[0]), y: 4, width: Math.max(1, x(row.band[1]) - x(row.band[0])), height: ROW - 8, fill: "var(--band)" });
  const marks = row.markers.filter((one) => one.at >= row.start && one.at <= row.end).map((one) => s("g", null,
    s("path", { d: `M${x(one.at)} 16V${ROW - 4}`, stroke: "var(--t2)", "stroke-width": 1 }),
    s("rect", { x: x(one.at) - 6, y: 2, width: 12, height: 14, fill: one.by_hand ? "var(--t2)" : "var(--well)", stroke: "var(--t2)" }),
    s("text", { x: x(one.at), y: 13, "text-anchor": "middle", fill: one.by_hand ? "var(--well)" : "var(--t2)", "font-weight": 600 }, one.letter)));
  return s("svg", { viewBox: `0 0 ${width} ${ROW}`, class: "cb-wave", role: "img", "aria-label": row.said },
    s("path", { d: grid.join(""), stroke: "var(--grid)", fill: "none" }), s("path", { d: `M${LEFT} ${zero}H${width - LEFT}`, stroke: "var(--grid2)", fill: "none" }),
    band, s("path", { d: outline(columns, x, y), fill: "none", stroke: "var(--t1)", "stroke-width": row.is_sweep ? 1.5 : 1 }), ...marks);
}

/** The pane; returns { element, show, close, place }. */
export function makeTrace(onClose) {
  const element = h("div", { class: "cb-trace", role: "region", "aria-label": "waveform of the finding", tabindex: "-1" });
  element.hidden = true;
  const pane = { element, place: "", close, show };

  function close() { element.hidden = true; pane.place = ""; fill(element); }

  /** Draw what the kernel sent for a place of the case. */
  function show(content, buffers) {
    pane.place = content.place;
    element.hidden = false;
    const width = Math.max(260, element.clientWidth || 400);
    const scale = (row) => `${plain(content.per_height >= 1000 && row.unit === "\u00b5V" ? content.per_height / 1000 : content.per_height)} ${content.per_height >= 1000 && row.unit === "\u00b5V" ? "mV" : row.unit}/div, ${content.per_time >= 1 ? `${plain(content.per_time)} s` : `${plain(content.per_time * 1000)} ms`}/div`;
    const close_ = h("button", { class: "cb-link", onclick: () => { close(); onClose(); } }, "close");
    const { rows } = content;
    const told = rows.length ? `negative up, ${scale(rows[0])}${rows.some((row) => row.markers.length) ? "; open flag: placed by the software" : ""}` : "";
    fill(element, h("div", { class: "cb-head" }, h("b", null, rows.length ? "The waveform behind it" : "No waveform to show"), h("span", { class: "caption" }, told), close_),
      ...rows.map((row) => h("figure", null, h("figcaption", null, row.words, h("span", { class: "caption" }, ` ${row.caption}`)), picture(row, content, unpack(row.columns, buffers), width))),
      ...content.missing.map((text) => message("info", "Not shown.", text)),
      rows.length || content.missing.length ? null : h("p", { class: "caption" }, "No recording is kept with this finding: it was typed in, or its recording was not saved with the case."));
    element.focus({ preventScroll: true });
    element.scrollIntoView({ block: "nearest" });
  }
  element.addEventListener("keydown", (event) => { if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); close(); onClose(); } });
  return pane;
}
