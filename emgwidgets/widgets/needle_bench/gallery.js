/* The gallery: every accepted unit on one scale, its start and end, and what lies beyond the limits of single units. */
import { fitCanvas, rule } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { size, plain } from "../_js/format.js";
import { resultMark } from "../_js/marks.js";
import { GAINS } from "./toolbar.js";
import { drawWave, fittingScale } from "./waves.js";

const HEIGHT = 96;
const PER_DIV = 20;
const SPAN_MS = 40;
const BEFORE_MS = 12;
const PAGE = 8;

/** The gallery; returns { element, update, paint, page }. */
export function makeGallery(app) {
  const head = h("div", { class: "ne-head" });
  const tiles = h("div", { class: "ne-tiles" });
  const element = h("section", { class: "ne-gallery", "aria-label": "unit gallery" }, head, tiles);
  const caption = h("span", { class: "caption" });
  const scale = () => fittingScale(app.state.units.gallery.map((one) => app.waves.get(one.key)), app.knobs.uv, HEIGHT / 2 / PER_DIV, GAINS);
  let first = 0;
  let drawn = [];

  function tile(one) {
    const canvas = h("canvas", { "aria-hidden": "true" });
    const isBad = one.is_large || one.is_long || one.is_polyphasic;
    const words = `unit ${one.number}: ${one.amplitude}, ${one.duration}, ${one.phases}, ${one.rate}, ${one.n} discharges`;
    const button = h("button", { class: "ne-tile", "aria-pressed": String(app.state.units.chosen === one.number), "aria-label": words, title: words, onclick: () => app.send({ type: "choose_unit", number: one.number }), onkeydown: (event) => { if (event.key === "Delete" || event.key === "Backspace") { event.preventDefault(); event.stopPropagation(); app.send({ type: "drop", number: one.number }); } } },
      h("span", { class: "ne-tile-head" }, h("b", null, `unit ${one.number}`), h("span", { class: "caption" }, `${one.rate} n ${one.n}`)), canvas,
      h("span", { class: "ne-tile-foot" }, isBad ? resultMark("A", "beyond the limits of single units or polyphasic", 13) : null, h("span", { class: one.is_large ? "is-bad" : "" }, one.amplitude), h("span", { class: one.is_long ? "is-bad" : "" }, one.duration), h("span", { class: one.is_polyphasic ? "is-bad" : "" }, one.phases), one.has_satellite ? h("span", { class: "caption" }, "satellite") : null, one.by_hand ? h("span", { class: "caption" }, "by hand") : null));
    drawn.push({ one, canvas });
    return button;
  }

  function paint() {
    const { colours } = app;
    const perDiv = scale();
    caption.textContent = app.state.units.gallery.length ? `5 ms/div, ${size(perDiv, "\u00b5V")}/div, all on one scale; marks show start and end` : "";
    for (const { one, canvas } of drawn) {
      const width = Math.max(canvas.parentElement.clientWidth - 12, 120);
      const c = fitCanvas(canvas, width, HEIGHT);
      const xOf = (ms) => ((ms + BEFORE_MS) / SPAN_MS) * width;
      c.fillStyle = colours.well;
      c.fillRect(0, 0, width, HEIGHT);
      for (let ms = -10; ms < SPAN_MS - BEFORE_MS; ms += 5) rule(c, xOf(ms), 0, xOf(ms), HEIGHT, colours.grid);
      for (let y = HEIGHT / 2 - 2 * PER_DIV; y <= HEIGHT; y += PER_DIV) rule(c, 0, y, width, y, y === HEIGHT / 2 ? colours.grid2 : colours.grid);
      drawWave(c, app.waves.get(one.key), one, xOf, (uv) => HEIGHT / 2 + (uv / perDiv) * PER_DIV, colours.t1, 1.4);
      for (const name of ["S", "E"]) if (one.handles[name] !== undefined) rule(c, xOf(one.handles[name]), HEIGHT / 2 - 12, xOf(one.handles[name]), HEIGHT / 2 + 12, colours.t2, 2);
    }
  }

  function update() {
    const { gallery, n_sites } = app.state.units;
    first = Math.max(Math.min(first, Math.floor((gallery.length - 1) / PAGE) * PAGE), 0);
    drawn = [];
    fill(tiles, ...(gallery.length ? gallery.slice(first, first + PAGE).map(tile) : [h("p", { class: "ne-empty" }, "No unit accepted yet. Enter accepts the average; Decompose finds every unit of the stretch.")]));
    fill(head, h("span", { class: "ne-name" }, "Unit gallery"), caption, h("span", { class: "ne-right caption" }, gallery.length ? `${first + 1}\u2013${Math.min(first + PAGE, gallery.length)} of ${gallery.length} units, ${plain(n_sites)} insertion${n_sites === 1 ? "" : "s"}${gallery.length > PAGE ? "; PgUp PgDn" : ""}` : ""));
    paint();
  }
  function page(way) { first = Math.max(Math.min(first + way * PAGE, app.state.units.gallery.length - 1), 0); update(); }
  element.addEventListener("keydown", (event) => { if (event.key === "PageUp" || event.key === "PageDown") { event.preventDefault(); event.stopPropagation(); page(event.key === "PageUp" ? -1 : 1); } });
  return { element, update, paint, page };
}
