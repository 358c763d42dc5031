/* Kept responses of one side, sites stacked from distal to proximal, with markers to drag and their 90 % intervals. */
import { fitCanvas, flag, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { fixed, plain } from "../_js/format.js";
import { drawSweep, valueAt } from "./sweep.js";

const LEFT = 34;
const HEAD = 30;
const ROW = 116;
const FOOT = 24;
const GRAB = 12; // css pixels
const HUES = ["t1", "t2", "t3", "t4"];

/** The pane of one side; returns { element, paint }. */
export function makeTraces(app, side) {
  const head = h("div", { class: "nb-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application" });
  const element = h("section", { class: "nb-traces", "aria-label": `${side} responses` }, head, canvas);
  let place = null;
  let drag = null;

  const traces = () => app.state[side].traces;
  const shown = (trace, marker) => (drag && drag.site === trace.site && drag.letter === marker.letter ? drag.ms : marker.ms);

  function paintMarkers(c, trace, zero, top, colour, xOf, yOf) {
    const { colours } = app;
    const sweep = app.sweep(trace.id);
    trace.markers.forEach((marker) => {
      const ms = shown(trace, marker);
      const x = xOf(ms);
      const isChosen = app.marker && app.marker.side === side && app.marker.site === trace.site && app.marker.letter === marker.letter;
      if (marker.half_ms) {
        const half = Math.max(xOf(marker.half_ms) - xOf(0), 1.5);
        c.globalAlpha = 0.16;
        c.fillStyle = colour;
        c.fillRect(x - half, top + 16, 2 * half, zero - top - 10);
        c.globalAlpha = 1;
        rule(c, x - half, zero + 8, x + half, zero + 8, colour, 2);
        // ends are drawn only where they can be told apart
        if (half > 4) { rule(c, x - half, zero + 4, x - half, zero + 12, colour); rule(c, x + half, zero + 4, x + half, zero + 12, colour); }
      }
      rule(c, x, top + 16, x, zero + 6, colour, isChosen ? 2 : 1);
      flag(c, marker.letter, x, top, colour, colours.well, colours.font, marker.by_hand || Boolean(drag && drag.site === trace.site && drag.letter === marker.letter));
      if (isChosen) { c.strokeStyle = colours.focus; c.lineWidth = 2; c.strokeRect(x - 11, top - 3, 22, 22); }
      const uv = valueAt(sweep, ms);
      if (isChosen && uv !== null) {
        c.beginPath();
        c.arc(x, yOf(uv), 3.2, 0, 7);
        c.fillStyle = colour;
        c.fill();
        const sure = marker.half_ms && !drag ? ` \u00b1 ${fixed(marker.half_ms, 2)}` : "";
        const words = `${fixed(ms, 2)}${sure} ms, ${app.study().kind === "sensory" ? `${fixed(-uv, 1)} \u00b5V` : `${fixed(-uv / 1000, 2)} mV`}`;
        c.font = `600 11px ${colours.font}`;
        const width = c.measureText(words).width + 8;
        const at = x + 14 + width > place.right ? x - 14 - width : x + 14;
        c.fillStyle = colours.bg;
        c.fillRect(at, top + 1, width, 15);
        write(c, words, at + 4, top + 9, { colour, size: 11, weight: 600, font: colours.font });
      }
    });
  }

  function scaleBar(c, view, x, y, perDiv) {
    const { colours } = app;
    rule(c, x, y - 22, x, y, colours.ink, 1.5);
    rule(c, x, y, x + perDiv, y, colours.ink, 1.5);
    write(c, app.gainText(view.uvPerDiv), x + 5, y - 14, { colour: colours.ink, font: colours.font });
    write(c, `${plain(view.msPerDiv)} ms`, x + perDiv + 5, y, { colour: colours.ink, font: colours.font });
  }

  function paint() {
    const { colours } = app;
    const list = traces();
    const view = app.view();
    const width = Math.max(element.clientWidth - 16, 260);
    const rows = app.isSuperimposed ? 2 : Math.max(list.length, 2);
    const height = HEAD + rows * ROW + FOOT;
    const c = fitCanvas(canvas, width, height);
    place = { left: LEFT, right: width - 4, rows: [] };
    const plotWidth = place.right - place.left;
    const xOf = (ms) => place.left + (ms / (view.msPerDiv * 10)) * plotWidth;
    place.msOf = (x) => ((x - place.left) / plotWidth) * view.msPerDiv * 10;
    c.fillStyle = colours.well;
    c.fillRect(place.left, HEAD - 12, plotWidth, rows * ROW + 12);
    for (let i = 0; i <= 10; i += 1) rule(c, xOf(i * view.msPerDiv), HEAD - 12, xOf(i * view.msPerDiv), HEAD + rows * ROW, colours.grid);
    for (let y = HEAD - 12; y <= HEAD + rows * ROW; y += 22) rule(c, place.left, y, place.right, y, colours.grid);
    for (let i = 0; i <= 10; i += 2) write(c, `${plain(i * view.msPerDiv)}${i === 10 ? " ms" : ""}`, i === 10 ? place.right : xOf(i * view.msPerDiv), height - 10, { colour: colours.ink3, align: i === 10 ? "right" : "center", font: colours.font });
    write(c, "S", xOf(0), 8, { colour: colours.ink, align: "center", weight: 600, font: colours.font });
    list.forEach((trace, i) => {
      const row = app.isSuperimposed ? 1 : i;
      const zero = HEAD + row * ROW + ROW - 26;
      const top = app.isSuperimposed ? HEAD - 12 + i * 19 : HEAD + i * ROW - (i ? 8 : 12);
      const colour = colours[HUES[i % 4]];
      const yOf = (uv) => zero + (uv / view.uvPerDiv) * 22;
      rule(c, place.left, zero, place.right, zero, colours.grid2);
      write(c, trace.letters, place.left - 6, app.isSuperimposed ? top + 9 : zero, { colour, align: "right", size: 13, weight: 600, font: colours.font });
      c.save();
      c.beginPath();
      c.rect(place.left, HEAD - 12, plotWidth, rows * ROW + 12);
      c.clip();
      drawSweep(c, app.sweep(trace.id), xOf, yOf, colour, 1.5);
      c.restore();
      if (trace.absent) write(c, "no response", place.left + plotWidth / 2, zero - 30, { colour: colours.ink2, align: "center", size: 12, font: colours.font });
      paintMarkers(c, trace, zero, top, colour, xOf, yOf);
      place.rows.push({ trace, zero, top, xOf });
    });
    if (!list.length) write(c, app.fixed.can_stimulate ? "nothing kept on this side: stimulate, then K keeps" : "no sweep on this side", place.left + plotWidth / 2, HEAD + ROW, { colour: colours.ink3, align: "center", size: 12, font: colours.font });
    else scaleBar(c, view, place.right - Math.max(plotWidth / 10, 30) - 42, HEAD + ROW - 52, plotWidth / 10);
    const speeds = app.state[side].segments.filter((one) => one.velocity).map((one) => `${Math.round(one.distance_mm)} mm: ${one.velocity} m/s`);
    fill(head, h("strong", null, side === "left" ? "Left" : "Right"), h("span", { class: "caption" }, list.length ? [list[0].words, ...speeds].join(", ") : "not tested"));
    canvas.setAttribute("aria-label", `${side}: ${list.length ? list.map((trace) => `${trace.site.replaceAll("_", " ")} ${trace.words}`).join("; ") : "not tested"}. Negative up.`);
  }

  const at = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  function near({ x, y }) {
    let best = null;
    for (const row of place ? place.rows : []) {
      if (y < row.top - 4 || y > row.zero + 16) continue;
      for (const marker of row.trace.markers) {
        const gap = Math.abs(row.xOf(shown(row.trace, marker)) - x);
        if (gap < GRAB && (!best || gap < best.gap)) best = { gap, site: row.trace.site, letter: marker.letter };
      }
    }
    return best;
  }
  canvas.addEventListener("pointerdown", (event) => {
    const found = near(at(event));
    app.focus(canvas);
    if (!found) return;
    drag = { site: found.site, letter: found.letter, ms: null };
    const row = place.rows.find((one) => one.trace.site === found.site);
    drag.ms = row.trace.markers.find((one) => one.letter === found.letter).ms;
    app.chooseMarker({ side, site: found.site, letter: found.letter });
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const point = at(event);
    canvas.style.cursor = drag || near(point) ? "ew-resize" : "default";
    if (!drag || !place) return;
    drag.ms = Math.max(place.msOf(point.x), 0);
    app.paint();
  });
  const drop = () => {
    if (!drag) return;
    const { site, letter, ms } = drag;
    app.moveMarker(side, site, letter, ms);
    drag = null;
    app.paint();
  };
  canvas.addEventListener("pointerup", drop);
  canvas.addEventListener("pointercancel", () => { drag = null; app.paint(); });
  return { element, canvas, paint };
}
