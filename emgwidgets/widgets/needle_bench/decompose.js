/* The decomposition: trace, one row of discharges for each unit, residual; templates beside it; a reader merges, splits, deletes, adds, moves. */
import { fitCanvas, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { fixed, size } from "../_js/format.js";
import { GAINS } from "./toolbar.js";
import { drawWave, fittingScale } from "./waves.js";
import { muscleTable } from "./units.js";

export const HUES = ["t2", "t3", "t4", "t1"];
export const SHAPES = ["bar", "ring", "dot", "cross"];
const LEFT = 46;
const TRACE = 110;
const RESIDUAL = 76;
const ROW = 18;
const FOOT = 18;
const NEAR = 7;
const TILE = 78;

/** The mode; returns { element, knobs, update, frame, paint, key }. */
export function makeDecompose(app) {
  const head = h("div", { class: "ne-head" });
  const canvas = h("canvas", { tabindex: "0", role: "application" });
  const bar = h("div", { class: "ne-edit" });
  const tiles = h("div", { class: "ne-templates" });
  const side = h("section", { class: "ne-decomp-side", "aria-label": "recruitment and edits" });
  const pane = h("section", { class: "ne-decomp-pane", "aria-label": "decomposition" }, head, canvas, bar, tiles);
  const element = h("div", { class: "ne-decomp" }, pane, side);
  let t0 = 0;
  let follows = true;
  let picked = new Set(); // labels, in the order they were picked
  let chosen = []; // { label, t }
  let cursor = null; // seconds
  let place = null;

  const data = () => app.state.decompose;
  const stretch = () => app.stretch();
  const span = () => app.knobs.s * 10;
  const residual = () => { const one = stretch(); return one && data() ? { ...one, number: -1000 * one.number - data().version } : null; };
  const colourOf = (i) => HUES[i % HUES.length];
  const shapeOf = (i) => SHAPES[(i + Math.floor(i / HUES.length)) % SHAPES.length];

  function columns(c, source, from_s, width, yOf, colour) {
    const one = source;
    const first = (from_s - one.start_s) * one.rate_hz;
    const step = (span() * one.rate_hz) / width;
    app.tape.want(one, Math.max(Math.floor(first), 0), Math.ceil(first + step * width));
    c.strokeStyle = colour;
    c.lineWidth = 1;
    c.beginPath();
    let isDown = false;
    for (let x = 0; x < width; x += 1) {
      const found = app.tape.range(one, Math.floor(first + x * step), Math.floor(first + (x + 1) * step) + 1);
      if (!found) { isDown = false; continue; }
      if (isDown) c.lineTo(LEFT + x, yOf(found[0])); else c.moveTo(LEFT + x, yOf(found[0]));
      c.lineTo(LEFT + x, yOf(found[1]) + 0.01);
      isDown = true;
    }
    c.stroke();
  }

  function paint() {
    const state = data();
    const { colours } = app;
    const width = Math.max(pane.clientWidth - 16, 320);
    const units = state ? state.units : [];
    const height = TRACE + units.length * ROW + RESIDUAL + FOOT + 8;
    const c = fitCanvas(canvas, width, height);
    place = null;
    if (!state || !units.length || !stretch()) { c.fillStyle = colours.well; c.fillRect(0, 0, width, height); write(c, state ? state.sentence || "No motor unit was found in this stretch." : "", width / 2, 60, { colour: colours.ink3, align: "center", size: 12, font: colours.font }); return; }
    const plot = width - LEFT;
    const xOf = (t) => LEFT + ((t - t0) / span()) * plot;
    place = { xOf, tOf: (x) => t0 + ((x - LEFT) / plot) * span(), rows: [] };
    c.fillStyle = colours.well;
    c.fillRect(LEFT, 0, plot, height - FOOT);
    for (let i = 0; i <= 10; i += 1) rule(c, Math.min(LEFT + (i * plot) / 10, width - 1), 0, Math.min(LEFT + (i * plot) / 10, width - 1), height - FOOT, colours.grid);
    const zero = TRACE / 2;
    const perUv = 20 / app.knobs.uv;
    rule(c, LEFT, zero, width, zero, colours.grid2);
    c.save(); c.beginPath(); c.rect(LEFT, 0, plot, TRACE); c.clip();
    columns(c, stretch(), t0, plot, (uv) => zero + uv * perUv, colours.t1);
    c.restore();
    write(c, "signal", 2, zero, { colour: colours.t1, font: colours.font });
    units.forEach((unit, i) => {
      const y = TRACE + 4 + i * ROW + ROW / 2;
      const colour = colours[colourOf(i)];
      if (picked.has(unit.label)) { c.fillStyle = colours.supw; c.fillRect(0, y - ROW / 2, width, ROW); }
      write(c, `unit ${unit.label}`, 2, y, { colour, weight: picked.has(unit.label) ? 600 : 400, font: colours.font });
      unit.times_s.forEach((t, k) => {
        const x = xOf(t);
        if (x < LEFT - 4 || x > width + 4) return;
        c.globalAlpha = 0.35 + 0.65 * unit.confidence[k];
        tick(c, x, y, colour, shapeOf(i));
        c.globalAlpha = 1;
        if (chosen.some((one) => one.label === unit.label && Math.abs(one.t - t) < 1e-6)) { c.strokeStyle = colours.focus; c.lineWidth = 2; c.strokeRect(x - 6, y - 7, 12, 14); }
      });
      place.rows.push({ label: unit.label, y });
    });
    const base = TRACE + units.length * ROW + RESIDUAL / 2 + 8;
    rule(c, LEFT, base, width, base, colours.grid2);
    c.save(); c.beginPath(); c.rect(LEFT, base - RESIDUAL / 2, plot, RESIDUAL); c.clip();
    columns(c, residual(), t0, plot, (uv) => base + uv * perUv, colours.raw);
    c.restore();
    write(c, "residual", 2, base, { colour: colours.ink3, font: colours.font });
    if (cursor !== null) { c.setLineDash([3, 3]); rule(c, xOf(cursor), 0, xOf(cursor), height - FOOT, colours.focus); c.setLineDash([]); }
    const now = app.player.state().isPlaying ? app.player.place(app.player.heard()) : null;
    if (now && now.stretch === stretch()) { const x = xOf(now.stretch.start_s + now.sample / now.stretch.rate_hz); if (x > LEFT && x < width) rule(c, x, 0, x, height - FOOT, colours.t2, 2); }
    for (let i = 0; i <= 10; i += 2) write(c, `${fixed(t0 + (i * span()) / 10, 2)}${i === 10 ? " s" : ""}`, i === 10 ? width : LEFT + (i * plot) / 10, height - 8, { colour: colours.ink3, align: i === 10 ? "right" : i ? "center" : "left", font: colours.font });
    rule(c, width - 58, TRACE - 8 - 20, width - 58, TRACE - 8, colours.ink, 1.5);
    write(c, size(app.knobs.uv, "\u00b5V"), width - 54, TRACE - 18, { colour: colours.ink, font: colours.font });
    templates();
  }

  function tick(c, x, y, colour, shape) {
    c.strokeStyle = colour;
    c.fillStyle = colour;
    c.lineWidth = 1.8;
    c.beginPath();
    if (shape === "ring") { c.arc(x, y, 3.2, 0, 7); c.stroke(); } else if (shape === "dot") { c.arc(x, y, 3, 0, 7); c.fill(); } else if (shape === "cross") { c.moveTo(x - 3, y - 3); c.lineTo(x + 3, y + 3); c.moveTo(x - 3, y + 3); c.lineTo(x + 3, y - 3); c.stroke(); } else { c.moveTo(x, y - 5); c.lineTo(x, y + 5); c.stroke(); }
  }

  let drawn = [];
  function templates() {
    const { colours } = app;
    const perDiv = fittingScale(drawn.map(({ unit }) => app.waves.get(unit.key)), app.knobs.uv, TILE / 40, GAINS);
    for (const { unit, canvas: own, i } of drawn) {
      const wave = app.waves.get(unit.key);
      const width = Math.max(own.parentElement.clientWidth - 12, 90);
      const c = fitCanvas(own, width, TILE);
      c.fillStyle = colours.well;
      c.fillRect(0, 0, width, TILE);
      rule(c, 0, TILE / 2, width, TILE / 2, colours.grid2);
      if (!wave) continue;
      const length = wave.length * data().step_ms;
      drawWave(c, wave, { start_ms: unit.start_ms, step_ms: data().step_ms }, (ms) => ((ms - unit.start_ms) / length) * width, (uv) => TILE / 2 + (uv / perDiv) * 20, colours[colourOf(i)], 1.5);
    }
  }

  function send(kind, unit, other, times) { app.send({ type: "edit", kind, unit, other: other || "", times_s: times || [] }); chosen = []; }
  const own = (label) => chosen.filter((one) => one.label === label).map((one) => one.t);
  const only = () => (chosen.length ? chosen[0].label : [...picked][0]);
  const acts = {
    merge: () => { const [a, b] = [...picked]; if (b) { send("merge", a, b); picked = new Set([a]); } },
    split: () => { if (chosen.length) send("split", chosen[0].label, "", own(chosen[0].label)); },
    remove: () => { if (chosen.length) send("delete", chosen[0].label, "", own(chosen[0].label)); else if (picked.size === 1) { send("delete", only()); picked = new Set(); } },
    move: () => { const to = [...picked].find((label) => chosen.length && label !== chosen[0].label); if (to) send("move", chosen[0].label, to, own(chosen[0].label)); },
    add: () => { if (cursor !== null) send("add", picked.size ? [...picked][0] : "", "", [cursor]); },
  };

  function can() {
    const other = [...picked].find((label) => chosen.length && label !== chosen[0].label);
    return { merge: picked.size === 2 && !chosen.length, split: chosen.length > 0, remove: chosen.length > 0 || picked.size === 1, move: Boolean(other), add: cursor !== null };
  }

  function update() {
    const state = data();
    if (!state) return;
    const labels = new Set(state.units.map((one) => one.label));
    picked = new Set([...picked].filter((one) => labels.has(one)));
    chosen = chosen.filter((one) => { const unit = state.units.find((found) => found.label === one.label); return unit && unit.times_s.some((t) => Math.abs(t - one.t) < 0.001); });
    fill(head, h("span", { class: "ne-name" }, "Decomposition"), h("span", { class: "caption" }, state.units.length ? `${state.units.length} unit${state.units.length > 1 ? "s" : ""} explain ${state.explained} % of the signal's energy; ${state.rejected.length} recurring shape${state.rejected.length === 1 ? "" : "s"} rejected; paler marks are less certain` : ""));
    const may = can();
    const button = (name, words, key, why) => h("button", { disabled: !may[name], title: why, onclick: acts[name] }, words, h("kbd", null, key));
    fill(bar, button("merge", "Merge two units", "G", "pick two units below, with Shift"), button("split", "Split off", "H", "click discharges of one unit"), button("remove", "Delete", "Del", "chosen discharges, or the picked unit"), button("move", "Give to picked unit", "J", "click discharges, then pick another unit with Shift"), button("add", "Add here", "A", "click on the signal or residual; to the picked unit, or a new one"),
      h("button", { disabled: !state.edits.length, onclick: () => app.send({ type: "undo_edit" }) }, "Undo edit", h("kbd", null, "Z")), h("button", { disabled: !state.units.length, onclick: () => app.send({ type: "keep_all" }) }, "Accept units without doubts", h("kbd", null, "Enter")));
    drawn = [];
    const focused = tiles.contains(document.activeElement) ? document.activeElement.dataset.unit : "";
    fill(tiles, ...state.units.map((unit, i) => {
      const tile = h("canvas", { "aria-hidden": "true" });
      drawn.push({ unit, canvas: tile, i });
      const words = `unit ${unit.label}: ${unit.n} discharges, ${unit.rate === null ? "no rate" : `${unit.rate} per second`}, ${unit.size} times RMS, confidence ${unit.sure}${unit.doubts.length ? `; ${unit.doubts.join("; ")}` : ""}`;
      return h("button", { class: "ne-tile", "data-unit": unit.label, "aria-pressed": String(picked.has(unit.label)), "aria-label": words, title: words, onclick: (event) => pick(unit.label, event.shiftKey || event.ctrlKey || event.metaKey) },
        h("span", { class: "ne-tile-head" }, h("b", null, `unit ${unit.label}`), h("span", { class: "caption" }, `${unit.rate === null ? "" : `${unit.rate}/s `}n ${unit.n}`)), tile,
        h("span", { class: "ne-tile-foot caption" }, h("span", null, `${unit.size} \u00d7 RMS`), h("span", null, `sure ${unit.sure}`), unit.cv === null ? null : h("span", null, `CV ${unit.cv} %`)), unit.doubts.length ? h("span", { class: "ne-doubt" }, unit.doubts[0]) : null);
    }));
    const again = focused && [...tiles.children].find((one) => one.dataset.unit === focused);
    if (again) again.focus({ preventScroll: true });
    sidePanel(state);
    canvas.setAttribute("aria-label", state.units.length ? `${state.units.map((one) => `unit ${one.label}, ${one.n} discharges${one.rate === null ? "" : ` at ${one.rate} per second`}`).join("; ")}; ${state.explained} percent explained. Negative up.` : state.sentence);
    paint();
  }

  function sidePanel(state) {
    const found = state.recruitment;
    fill(side, h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "Recruitment"), h("span", { class: "caption" }, `${app.state.effort} effort`)),
      found ? muscleTable(found.rows) : h("p", { class: "ne-empty" }, "No train, no rate."),
      found ? h("p", { class: "ne-word-line" }, h("b", null, found.pattern === "cannot tell" ? "Cannot tell" : `Proposed: ${found.pattern}${found.degree ? `, ${found.degree}` : ""}`), ` ${found.reason}`) : null,
      ...(found ? [...found.evidence, ...found.rules].map((text) => h("div", { class: "caption" }, text)) : []),
      found ? h("button", { onclick: () => app.send({ type: "accept_recruitment" }), title: "rates and ratio go into the case beside the scores" }, "Rates into the case") : null,
      h("div", { class: "ne-head ne-edits-head" }, h("span", { class: "ne-name" }, "Edits"), h("span", { class: "caption" }, state.edits.length ? `${state.edits.length}, kept as data and applied to the signal anew` : "none: as the software found it")),
      state.edits.length ? h("ol", { class: "ne-edits" }, ...state.edits.map((text) => h("li", null, text))) : null, ...state.notes.map((text) => h("div", { class: "caption" }, text)));
  }

  function pick(label, isMore) {
    if (!isMore) picked = picked.has(label) && picked.size === 1 ? new Set() : new Set([label]);
    else if (picked.has(label)) picked.delete(label);
    else picked = new Set([...picked, label].slice(-2));
    update();
  }

  function scroll(time) { const one = stretch(); if (one) t0 = Math.min(Math.max(time, one.start_s), Math.max(one.end_s - span(), one.start_s)); }

  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    if (!place) return;
    const box = canvas.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    follows = false;
    const row = place.rows.find((one) => Math.abs(one.y - y) < ROW / 2);
    if (!row) { cursor = place.tOf(x); update(); return; }
    const unit = data().units.find((one) => one.label === row.label);
    const near = unit.times_s.map((t) => ({ t, gap: Math.abs(place.xOf(t) - x) })).filter((one) => one.gap < NEAR).sort((a, b) => a.gap - b.gap)[0];
    if (!near || x < LEFT) { pick(row.label, event.shiftKey); return; }
    if (chosen.length && chosen[0].label !== row.label) chosen = [];
    const at = chosen.findIndex((one) => Math.abs(one.t - near.t) < 1e-6);
    if (at >= 0) chosen.splice(at, 1); else chosen.push({ label: row.label, t: near.t });
    update();
  });
  canvas.addEventListener("wheel", (event) => { event.preventDefault(); follows = false; scroll(t0 + (Math.sign(event.deltaY) * span()) / 5); paint(); }, { passive: false });

  /** Keys of the mode. */
  function key(event) {
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const does = { g: acts.merge, h: acts.split, j: acts.move, a: acts.add, Delete: acts.remove, Backspace: acts.remove, z: () => app.send({ type: event.shiftKey ? "redo_edit" : "undo_edit" }), Enter: () => app.send({ type: "keep_all" }), Escape: () => { chosen = []; picked = new Set(); cursor = null; update(); },
      ArrowLeft: () => { follows = false; scroll(t0 - span() / 5); paint(); }, ArrowRight: () => { follows = false; scroll(t0 + span() / 5); paint(); } }[name];
    if (!does) return false;
    does();
    return true;
  }

  let last = 0;
  function frame() {
    const state = app.player.state();
    if (!state.isPlaying || !data() || !data().units.length || performance.now() - last < 60) return;
    const now = app.player.place(app.player.heard());
    if (!now || now.stretch !== stretch()) return;
    const t = now.stretch.start_s + now.sample / now.stretch.rate_hz;
    last = performance.now();
    if (follows && (t < t0 || t > t0 + span())) scroll(t);
    if (t >= t0 - 0.2 && t <= t0 + span() + 0.2) paint();
  }

  return {
    element, knobs: [], update, frame, paint, key, showAt: (t) => { follows = false; scroll(t); paint(); }, startsAt: () => t0, begin: () => { follows = true; cursor = null; chosen = []; scroll(stretch() ? stretch().start_s : 0); },
    trains: () => (data() ? data().units.slice(0, 6).map((unit, i) => ({ label: unit.label, times_s: unit.times_s, colour: colourOf(i), shape: shapeOf(i) })) : []),
  };
}
