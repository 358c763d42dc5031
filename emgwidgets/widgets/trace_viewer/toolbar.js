/* Title line and toolbar: knobs, filter chain, sound, export. */
import { fill, h } from "../_js/dom.js";
import { duration, parseSize, plain, rate, size, step125, timeBase } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";
import { divisions, nextTimeBase } from "./state.js";

const KINDS = [["high_pass", "high-pass"], ["low_pass", "low-pass"], ["notch", "notch"], ["rectify", "rectify"], ["envelope", "envelope"]];
// first values offered by the plus button; the reader sets them. 20 Hz to 10 kHz: usual band of needle EMG (see docs)
const OFFERED = { high_pass: 20, low_pass: 10000, notch: 50, rectify: null, envelope: 5 };

/** Words of a filter. */
export function filterWords(step) {
  const name = KINDS.find(([kind]) => kind === step.kind)[1];
  return step.frequency_hz ? `${name} ${rate(step.frequency_hz)}` : name;
}

/** The title line. */
export function makeTitle(app) {
  const { info } = app;
  const n = info.channels.length;
  return h("header", { class: "tv-title" },
    h("span", null, h("strong", null, info.title), h("span", { class: "tv-sub" }, info.subtitle)),
    h("span", { class: "tv-facts" }, ...[duration(info.end_s - info.start_s), `${n} channel${n === 1 ? "" : "s"}`, `identifiers: ${info.identifiers}`].map((text) => h("span", null, text))));
}

/** The toolbar; returns { element, update }. */
export function makeToolbar(app) {
  const time = makeKnob({
    caption: "Time base", leave: () => app.focus(),
    step: (direction) => app.setTimeBase(nextTimeBase(app.win.perDivision, direction, app.win.n, app.info.start_s, app.info.end_s)),
    type: (text) => { const seconds = parseSize(text, "s", 1e-3); if (seconds) app.setTimeBase(seconds); return Boolean(seconds); },
  });
  const gain = makeKnob({
    caption: "Sensitivity", leave: () => app.focus(),
    step: (direction) => app.setSensitivity(step125(app.sens[app.channel], direction)),
    type: (text) => { const value = parseSize(text, app.info.channels[app.channel].unit, 1); if (value) app.setSensitivity(value); return Boolean(value); },
  });
  const chain = h("div", { class: "tv-chain" });
  const editor = h("div", { class: "tv-editor" });
  const play = h("button", { onclick: () => app.play(), title: "Plays the stretch A\u2013B, or the visible window, of the selected channel. Full scale is 4 divisions." });
  const volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.6, "aria-label": "volume", oninput: () => app.audio.setLoudness(Number(volume.value)) });
  const mute = h("button", { onclick: () => app.audio.mute() });
  const sound = h("div", { class: "caption" });
  const element = h("div", { class: "tv-toolbar" }, time.element, gain.element,
    h("div", { class: "tv-filters" }, h("div", { class: "caption" }, "Filter chain, drawn over the raw trace"), chain, editor),
    h("div", { class: "tv-sound" }, sound, h("div", { class: "tv-row" }, play, volume, mute)),
    makeExport(app));
  let edited = -1;

  function setChain(filters) { app.setFilters(filters); }

  function drawEditor() {
    const step = app.filters[edited];
    if (!step) { fill(editor); return; }
    const change = (fields) => setChain(app.filters.map((other, i) => (i === edited ? { ...other, ...fields } : other)));
    const close = () => { edited = -1; drawEditor(); app.focus(); };
    const knob = makeKnob({
      caption: "Frequency", leave: close, step: (direction) => change({ frequency_hz: step125(app.filters[edited].frequency_hz, direction) }),
      type: (text) => { const hz = parseSize(text, "Hz", 1); if (hz) change({ frequency_hz: hz }); return Boolean(hz); },
    });
    if (step.frequency_hz) knob.set("Frequency", rate(step.frequency_hz), Math.round((Math.log10(step.frequency_hz) % 1) * 3) + 4);
    fill(editor, step.frequency_hz ? knob.element : null,
      h("button", { "aria-pressed": String(step.is_on), onclick: () => change({ is_on: !step.is_on }) }, step.is_on ? "On" : "Off"),
      h("button", { onclick: () => { const rest = app.filters.filter((_, i) => i !== edited); edited = -1; setChain(rest); } }, "Remove"),
      h("button", { onclick: close }, "Done"));
  }

  function drawChain() {
    const buttons = app.filters.flatMap((step, i) => [
      h("span", { class: "tv-then", "aria-hidden": "true" }, "\u203a"),
      h("button", { class: step.is_on ? "" : "is-off", "aria-pressed": i === edited ? "true" : null, title: "Change or switch off", onclick: () => { edited = i === edited ? -1 : i; update(); } }, step.is_on ? filterWords(step) : `${filterWords(step).split(" ")[0]} off`)]);
    const add = h("select", { class: "tv-add", "aria-label": "add a filter", onchange: () => {
      const kind = add.value;
      if (!kind) return;
      const most = app.info.channels[app.channel].rate_hz / 2;
      const offered = OFFERED[kind];
      const hz = offered && offered >= most ? step125(most, -1) : offered;
      edited = app.filters.length;
      setChain([...app.filters, { kind, frequency_hz: hz, is_on: true }]);
    } }, h("option", { value: "" }, "+"), ...KINDS.map(([kind, words]) => h("option", { value: kind }, words)));
    fill(chain, h("span", { class: "tv-raw" }, h("i", null), "raw"), ...buttons, h("span", { class: "tv-then", "aria-hidden": "true" }, "\u203a"), add,
      app.filterNotes.length ? h("span", { class: "caption" }, app.filterNotes.join("; ")) : null);
  }

  function update() {
    const channel = app.info.channels[app.channel];
    time.set("Time base", timeBase(app.win.perDivision), ticksAt(app.win.perDivision, 1e-4));
    gain.set(`Sensitivity, channel ${app.channel + 1}`, `${size(app.sens[app.channel], channel.unit)}/div`, ticksAt(app.sens[app.channel], channel.per_division / 50));
    drawChain();
    drawEditor();
    updateSound();
  }

  function updateSound() {
    const channel = app.info.channels[app.channel];
    fill(play, app.audio.isPlaying() ? "Stop" : "Play", h("kbd", null, "Space"));
    play.disabled = !channel.is_voltage;
    fill(mute, app.audio.isMuted() ? "Muted" : "Mute", h("kbd", null, "M"));
    mute.setAttribute("aria-pressed", String(app.audio.isMuted()));
    sound.textContent = channel.is_voltage ? "Sound, true rate" : `Sound: ${channel.unit} has none`;
  }

  return { element, update, updateSound };
}

function ticksAt(value, first) {
  return Math.max(0, Math.min(10, Math.round(Math.log10(value / first) * 2)));
}

function makeExport(app) {
  const name = h("input", { type: "text", value: "selection", "aria-label": "file name", size: 14 });
  const kind = h("select", { "aria-label": "kind of file" }, h("option", { value: "svg" }, "SVG"), h("option", { value: "png" }, "PNG"), h("option", { value: "csv" }, "CSV"));
  const ask = (how) => { app.send({ type: "export", kind: kind.value, name: name.value, how }); };
  const box = h("details", { class: "tv-export" }, h("summary", null, "Export"),
    h("div", null, h("div", { class: "caption" }, "The stretch A\u2013B, or the visible window"), h("div", { class: "tv-row" }, name, kind),
      h("div", { class: "tv-row" }, h("button", { onclick: () => ask("beside") }, "Beside the notebook"), h("button", { onclick: () => ask("download") }, "Download"))));
  box.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Escape") { box.open = false; app.focus(); } });
  return h("div", { class: "tv-out" }, h("div", { class: "caption" }, "Selection"), box);
}
