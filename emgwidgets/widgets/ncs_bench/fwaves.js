/* F waves: a raster of sweeps, the direct response at its own gain, and the latency of each F on a line. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { plain } from "../_js/format.js";
import { drawSweep } from "./sweep.js";

const ROW = 24;

/** The pane; returns { element, canvas, paint }. */
export function makeFWaves(app) {
  const raster = h("canvas", { tabindex: "0", role: "application", "aria-label": "nothing given yet" });
  const line = h("canvas", { role: "img", "aria-label": "nothing given yet" });
  const numbers = h("div");
  const notes = h("div", { class: "nb-list" });
  const head = h("div", { class: "nb-head" });
  const element = h("div", { class: "nb-series" }, h("section", { class: "nb-traces" }, head, raster), h("section", { class: "nb-traces" }, h("div", { class: "nb-head" }, h("strong", null, "Latency of each F wave"), h("span", { class: "caption" }, "ms; left open circle, right filled square")), line, numbers, notes));
  const last = (side) => app.state.series.f_waves.filter((one) => one.side === side).at(-1);

  let geometry = null; // of the last painting: where a click lies
  const chosen = (run) => Math.min(Math.max(app.fSweep || 1, 1), run.ids.length);

  /** A key of the raster; returns whether it was ours. */
  function key(event) {
    const run = last(app.state.side);
    if (!run || !run.rows.length) return false;
    const number = chosen(run);
    const now = run.latencies_ms[number - 1];
    const steps = { ArrowLeft: -0.1, ArrowRight: 0.1 };
    if (event.key === "ArrowUp" || event.key === "ArrowDown") { app.fSweep = Math.min(Math.max(number + (event.key === "ArrowDown" ? 1 : -1), 1), run.ids.length); app.paint(); return true; }
    if (event.key in steps) { const from = now === null ? run.min_ms || 25 : now; app.send({ type: "place_f", sweep: number, onset_ms: Math.max(from + steps[event.key] * (event.shiftKey ? 10 : 1), 1) }); return true; }
    if (event.key === "0") { app.send({ type: "no_f", sweep: number }); return true; }
    return false;
  }

  raster.addEventListener("pointerdown", (event) => {
    const run = last(app.state.side);
    app.focus(raster);
    if (!run || !geometry) return;
    const box = raster.getBoundingClientRect();
    app.fSweep = Math.min(Math.max(Math.floor((event.clientY - box.top - 26) / ROW) + 1, 1), run.ids.length);
    const ms = geometry.msOf(event.clientX - box.left);
    if (ms > geometry.split && ms < geometry.end) app.send({ type: "place_f", sweep: app.fSweep, onset_ms: ms });
    app.paint();
  });

  function paintRaster(run) {
    const { colours } = app;
    const width = Math.max(raster.parentElement.clientWidth - 16, 300);
    const n = run ? run.ids.length : 8;
    const height = 26 + n * ROW + 26;
    const c = fitCanvas(raster, width, height);
    const first = run && app.sweep(run.ids[0]);
    const end = first ? first.start_ms + (first.n * 1000) / first.rate_hz : 50;
    const [left, right] = [30, width - 6];
    const xOf = (ms) => left + (ms / end) * (right - left);
    c.fillStyle = colours.well;
    c.fillRect(left, 18, right - left, n * ROW + 8);
    const step = end > 70 ? 10 : 5;
    for (let ms = 0; ms <= end; ms += step) { rule(c, xOf(ms), 18, xOf(ms), 26 + n * ROW, colours.grid); write(c, ms + step > end ? `${plain(ms)} ms` : plain(ms), ms + step > end ? right : xOf(ms), height - 12, { colour: colours.ink3, align: ms + step > end ? "right" : "center", font: colours.font }); }
    if (!run) { write(c, "Space gives the stimuli", (left + right) / 2, height / 2, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); return; }
    const split = Math.min(run.m_end_ms || 15, end * 0.6);
    geometry = { split, end, msOf: (x) => ((x - left) / (right - left)) * end };
    const row = chosen(run) - 1;
    c.fillStyle = colours.supw;
    c.fillRect(left, 26 + row * ROW, right - left, ROW);
    c.setLineDash([2, 3]);
    rule(c, xOf(split), 18, xOf(split), 26 + n * ROW, colours.ink2);
    c.setLineDash([]);
    write(c, "5 mV/div before", xOf(split) - 4, 9, { colour: colours.ink3, align: "right", font: colours.font });
    write(c, `${app.set.fGain} \u00b5V/div after`, xOf(split) + 4, 9, { colour: colours.ink3, font: colours.font });
    c.save();
    c.beginPath();
    c.rect(left, 18, right - left, n * ROW + 10);
    c.clip();
    run.ids.forEach((id, i) => {
      const zero = 26 + i * ROW + ROW / 2;
      const sweep = app.sweep(id);
      const latency = run.latencies_ms[i];
      const isShortest = latency !== null && latency === run.min_ms;
      drawSweep(c, sweep, xOf, (uv) => zero + (uv / 5000) * 10, colours.raw, 1, 0, split);
      drawSweep(c, sweep, xOf, (uv) => zero + Math.max(-2.2, Math.min(2.2, uv / app.set.fGain)) * 10, latency === null ? colours.raw : colours.t1, isShortest ? 2 : 1.1, split);
      if (latency !== null) rule(c, xOf(latency), zero - 8, xOf(latency), zero + 6, colours.t2, run.by_hand.includes(i + 1) ? 4 : 2);
    });
    c.restore();
    run.ids.forEach((id, i) => {
      const zero = 26 + i * ROW + ROW / 2;
      const isShortest = run.latencies_ms[i] !== null && run.latencies_ms[i] === run.min_ms;
      write(c, `${i + 1}`, left - 6, zero, { colour: isShortest ? colours.ink : colours.ink3, align: "right", weight: isShortest ? 600 : 400, font: colours.font });
      if (run.latencies_ms[i] === null) write(c, "no F in this sweep", right - 6, zero - 5, { colour: colours.ink3, align: "right", font: colours.font });
    });
    raster.setAttribute("aria-label", `${run.side} F waves: ${run.latencies_ms.filter((one) => one !== null).length} of ${run.ids.length} sweeps, shortest ${plain(run.min_ms, 4)} ms; sweep ${row + 1} chosen, ${run.latencies_ms[row] === null ? "no F wave" : `F wave at ${run.latencies_ms[row].toFixed(1)} ms${run.by_hand.includes(row + 1) ? ", placed by the reader" : ""}`}. Negative up.`);
  }

  function paintLine(runs) {
    const { colours } = app;
    const width = Math.max(line.parentElement.clientWidth - 16, 240);
    const c = fitCanvas(line, width, 128);
    const all = runs.flatMap((run) => run.latencies_ms.filter((one) => one !== null));
    if (!all.length) { write(c, "nothing yet", width / 2, 60, { colour: colours.ink3, align: "center", font: colours.font }); return; }
    const [low, high] = [Math.floor(Math.min(...all)) - 1, Math.ceil(Math.max(...all)) + 1];
    const xOf = (ms) => 24 + ((ms - low) / (high - low)) * (width - 36);
    const step = high - low > 14 ? 2 : 1;
    for (let ms = low; ms <= high; ms += step) { rule(c, xOf(ms), 4, xOf(ms), 108, colours.grid); write(c, plain(ms), xOf(ms), 118, { colour: colours.ink3, align: "center", font: colours.font }); }
    ["left", "right"].forEach((side, row) => {
      const base = 48 + row * 52;
      write(c, side[0].toUpperCase(), 4, base - 4, { colour: colours.ink, weight: 600, font: colours.font });
      const run = runs.find((one) => one.side === side);
      if (!run) { write(c, "not tested", 24, base - 4, { colour: colours.ink3, font: colours.font }); return; }
      const stacks = new Map();
      run.latencies_ms.filter((one) => one !== null).forEach((ms) => {
        const bin = Math.round(ms * 2) / 2;
        const level = stacks.get(bin) || 0;
        stacks.set(bin, level + 1);
        const [x, y] = [xOf(bin), base - level * 9];
        if (side === "left") { c.strokeStyle = colours.t1; c.lineWidth = 1.5; c.beginPath(); c.arc(x, y, 3.6, 0, 7); c.stroke(); } else { c.fillStyle = colours.t2; c.fillRect(x - 3.6, y - 3.6, 7.2, 7.2); }
      });
    });
    line.setAttribute("aria-label", runs.map((run) => `${run.side}: ${run.latencies_ms.filter((one) => one !== null).map((one) => one.toFixed(1)).join(", ")} ms`).join("; "));
  }

  function paint() {
    const runs = ["left", "right"].map(last).filter(Boolean);
    const run = last(app.state.side);
    fill(head, h("strong", null, `${app.state.side === "left" ? "Left" : "Right"} F waves, stimulus ${app.state.ramp.place}`), h("span", { class: "caption" }, run ? `${run.n} stimuli; click or \u2190 \u2192 places the F wave of the chosen sweep, \u2191 \u2193 chooses, 0: no F; thick: placed by the reader` : "not done"));
    paintRaster(run);
    paintLine(runs);
    const rows = (runs[0] || { rows: [] }).rows.map((row, i) => h("tr", null, h("td", null, row[0].replace(/ of \d+/, "")), ...["left", "right"].map((side) => { const one = last(side); return h("td", { class: `num${one ? "" : " is-none"}` }, one && one.rows[i] ? one.rows[i][1] : "not tested"); })));
    fill(numbers, rows.length ? h("table", null, h("thead", null, h("tr", null, h("th", null, "Measure"), h("th", { class: "num" }, "Left"), h("th", { class: "num" }, "Right"))), h("tbody", null, ...rows)) : null);
    fill(notes, ...(run ? run.notes : []).map((text) => h("div", { class: "caption" }, text)));
  }
  return { element, canvas: raster, paint, key };
}
