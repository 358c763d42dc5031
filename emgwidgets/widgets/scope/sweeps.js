/* Triggered sweeps: knobs of the trigger, single sweeps under their average, counts. The kernel cuts, rejects and averages. */
import { fitCanvas, flag, rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { fixed, parseSize, plain, size, step125 } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

const HEIGHT = 230;
const ROW_HEIGHT = 12;

/** The pane; returns { element, update, receive, draw, start, settings }. */
export function makeSweeps(app) {
  const canvas = h("canvas", { role: "img", "aria-label": "triggered sweeps" });
  const counts = h("span", { class: "caption", role: "status" });
  const settings = { source: "stimulus", watched: 0, level: -50, edge: "falling", before_ms: 5, after_ms: 45, reject_above: 0, blank_ms: 0, gain: null, label: "" };
  let isRaster = false;
  let held = null;
  let asked = 0;
  const source = h("select", { "aria-label": "what starts a sweep", onchange: () => { settings.source = source.value; send(); } }, h("option", { value: "stimulus" }, "stimulus"), h("option", { value: "marker" }, "a marker"), h("option", { value: "threshold" }, "a level"), h("option", { value: "free" }, "free run"));
  const label = h("input", { type: "text", size: 10, "aria-label": "label of the marker", placeholder: "its label", onchange: () => { settings.label = label.value.trim(); send(); } });
  label.addEventListener("keydown", (event) => event.stopPropagation());
  const watched = h("select", { "aria-label": "channel watched for the trigger", onchange: () => { settings.watched = Number(watched.value); if (!app.info.channels[settings.watched].is_voltage) settings.level = Math.abs(settings.level); send(); } }, ...app.info.channels.map((channel, i) => h("option", { value: i }, `${i + 1} ${channel.words}`)));
  const edge = h("button", { onclick: () => { settings.edge = settings.edge === "rising" ? "falling" : "rising"; send(); }, title: "Direction of the numbers at the crossing; a negative deflection falls" });
  const number = (caption, name, unit, bare, least) => makeKnob({
    caption, leave: () => app.focus(),
    step: (way) => { const value = settings[name]; settings[name] = value > 0 || name !== "level" ? step125(Math.max(value, least || 0.1), way) : -step125(-value, -way); send(); },
    type: (text) => { const sign = /^\s*[-\u2212]/.test(text) ? -1 : 1; const value = parseSize(text.replace(/^\s*[-\u2212]/, ""), unit(), bare); if (value === null && !/^\s*0/.test(text)) return false; settings[name] = (value || 0) * (name === "level" ? sign : 1); send(); return true; },
  });
  const unitOf = () => app.info.channels[settings.watched].unit;
  const knobs = {
    level: number("Level", "level", unitOf, 1), before: number("Before", "before_ms", () => "ms", 1, 0.5), after: number("After", "after_ms", () => "ms", 1, 1),
    reject: number("Reject above", "reject_above", () => app.info.channels[app.channel].unit, 1, 10), blank: number("not looked at", "blank_ms", () => "ms", 1, 0.5),
    gain: makeKnob({ caption: "Sensitivity", leave: () => app.focus(), step: (way) => { settings.gain = step125(gain(), way); refresh(); }, type: (text) => { const value = parseSize(text, app.info.channels[app.channel].unit, 1); if (value) { settings.gain = value; refresh(); } return Boolean(value); } }),
  };
  const raster = h("button", { onclick: () => { isRaster = !isRaster; refresh(); }, title: "Single sweeps under one another, or over one another" });
  const controls = h("div", { class: "tv-row sc-trigger" },
    h("div", null, h("div", { class: "caption" }, "Start at"), h("div", { class: "tv-row" }, source, label, watched, edge)), knobs.level.element, knobs.before.element, knobs.after.element, knobs.reject.element, knobs.blank.element, knobs.gain.element,
    h("div", null, h("div", { class: "caption" }, "\u00a0"), h("div", { class: "tv-row" }, raster, h("button", { onclick: () => app.clearSweeps() }, "Clear", h("kbd", null, "C")))));
  const element = h("section", { class: "sc-sweeps", "aria-label": "triggered sweeps" }, h("div", { class: "tv-head" }, h("strong", null, "Triggered sweeps"), counts), controls, canvas);

  const gain = () => settings.gain || app.sens[app.channel];
  const channel = () => (held ? app.info.channels[held.head.channel] : app.info.channels[app.channel]);
  function send() { asked += 1; app.send({ type: "trigger", ...settings, channel: app.channel, asked }); refresh(); }
  function start() { send(); }

  function refresh() {
    const isLevel = settings.source === "threshold";
    source.value = settings.source;
    label.hidden = settings.source !== "marker";
    label.value = settings.label;
    watched.value = String(settings.watched);
    watched.hidden = !isLevel;
    edge.hidden = !isLevel;
    knobs.level.element.hidden = !isLevel;
    fill(edge, settings.edge === "rising" ? "rising \u2197" : "falling \u2198");
    knobs.level.set("Level", `${settings.level < 0 ? "\u2212" : ""}${size(Math.abs(settings.level), unitOf())}`, -1);
    knobs.before.set("Before", `${plain(settings.before_ms)} ms`, -1);
    knobs.after.set("After", `${plain(settings.after_ms)} ms`, -1);
    knobs.reject.set("Reject above", settings.reject_above ? size(settings.reject_above, channel().unit) : "off", -1);
    knobs.blank.set("Not looked at", settings.blank_ms ? `${plain(settings.blank_ms)} ms` : "off", -1);
    knobs.gain.set("Sensitivity", `${size(gain(), channel().unit)}/div`, -1);
    fill(raster, isRaster ? "Raster" : "Superimposed");
    draw();
  }

  /** The kernel's settings when a notebook changed them; an answer to what was changed again here since is passed over. */
  function adopt(told) {
    if (!told.source || (told.view === app.id && told.asked < asked)) return;
    for (const name of ["source", "label", "level", "edge", "before_ms", "after_ms", "blank_ms"]) if (told[name] !== undefined) settings[name] = told[name];
    settings.reject_above = told.reject_above || 0;
    const at = app.info.channels.findIndex((one) => one.name === told.watched);
    if (at >= 0) settings.watched = at;
    refresh();
  }

  function receive(head, buffers) {
    const view = buffers[0];
    held = { head, values: view ? new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)) : null };
    const n = head.n_accepted;
    counts.textContent = `${n} averaged${head.n_rejected ? `, ${head.n_rejected} rejected as artefact` : ""}${head.n_broken ? `, ${head.n_broken} broken by a gap` : ""}${n ? `; noise falls to 1/${fixed(Math.sqrt(n), 1)}` : ""}`;
    draw();
  }

  function draw() {
    const width = element.clientWidth - 24;
    if (element.hidden || width <= 0) return;
    const { colours } = app;
    const c = fitCanvas(canvas, width, HEIGHT);
    const [left, right, top, bottom] = [8, width - 8, 18, HEIGHT - 20];
    c.fillStyle = colours.well;
    c.fillRect(left, top, right - left, bottom - top);
    const [from, to] = [-settings.before_ms, settings.after_ms];
    const xOf = (ms) => left + ((ms - from) / (to - from)) * (right - left);
    for (let i = 0; i <= 10; i += 1) { const x = left + (i * (right - left)) / 10; rule(c, Math.min(Math.round(x), right - 1), top, Math.min(Math.round(x), right - 1), bottom, colours.grid); write(c, `${fixed(from + (i * (to - from)) / 10, (to - from) < 20 ? 1 : 0)}${i === 10 ? " ms" : ""}`, Math.min(x, right), bottom + 11, { colour: colours.ink3, align: i === 10 ? "right" : i ? "center" : "left", font: colours.font }); }
    const division = (bottom - top) / 8;
    for (let i = 0; i <= 8; i += 1) rule(c, left, Math.min(top + i * division, bottom - 1), right, Math.min(top + i * division, bottom - 1), i === 4 ? colours.grid2 : colours.grid);
    flag(c, settings.source === "stimulus" ? "S" : "0", Math.max(xOf(0), left + 8), 1, colours.ink2, colours.bg, colours.font);
    rule(c, xOf(0), top, xOf(0), bottom, colours.ink3);
    if (!held || !held.values) { write(c, "No sweep yet.", left + 12, top + 14, { colour: colours.ink3, font: colours.font }); return; }
    drawSweeps(c, xOf, (top + bottom) / 2, division, bottom, colours);
  }

  function drawSweeps(c, xOf, middle, division, bottom, colours) {
    const { head, values } = held;
    const one = app.info.channels[head.channel];
    const up = one.is_voltage ? 1 : -1;
    const line = (row, zero, scale, colour, lineWidth) => {
      c.strokeStyle = colour;
      c.lineWidth = lineWidth;
      c.beginPath();
      for (let i = 0; i < head.n_samples; i += 1) { const x = xOf(head.start_ms + (1000 * i) / head.rate_hz); const y = zero + (up * values[row * head.n_samples + i] * division) / scale; if (i) c.lineTo(x, y); else c.moveTo(x, y); }
      c.stroke();
    };
    c.save();
    c.beginPath();
    c.rect(xOf(-settings.before_ms), 18, xOf(settings.after_ms) - xOf(-settings.before_ms), bottom - 18);
    c.clip();
    const n = head.n_single;
    for (let k = 1; k <= n; k += 1) line(k, isRaster ? bottom - ROW_HEIGHT * (n - k + 1) : middle, gain(), colours.raw, 0.9);
    line(0, isRaster ? 18 + 2 * division : middle, gain(), colours.t1, 1.8);
    c.restore();
    write(c, `average of ${head.n_accepted}`, xOf(settings.after_ms) - 8, 28, { colour: colours.t1, align: "right", weight: 600, font: colours.font });
    write(c, `last ${n} single sweeps; ${size(gain(), one.unit)}/div, channel ${head.channel + 1}`, xOf(settings.after_ms) - 8, 42, { colour: colours.ink3, align: "right", font: colours.font });
    canvas.setAttribute("aria-label", `Average of ${head.n_accepted} sweeps of ${one.name}, ${head.n_rejected} rejected, ${plain(head.start_ms)} to ${plain(settings.after_ms)} ms, ${size(gain(), one.unit)} a division.`);
  }

  return { element, update: refresh, receive, draw, start, adopt, held: () => held };
}
