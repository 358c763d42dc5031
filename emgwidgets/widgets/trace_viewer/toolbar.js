/* Title line and toolbar: knobs, filter chain, sound, export. */
import { fill, h } from "../_js/dom.js";
import { makeFilterChain } from "../_js/filter_chain.js";
import { duration, parseSize, size, step125, timeBase } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";
import { divisions, nextTimeBase } from "./state.js";

/** The title line. */
export function makeTitle(app, sweepLayout) {
  const { info } = app;
  const n = info.channels.length;
  return h("header", { class: "tv-title" },
    h("span", { class: "tv-row" }, h("strong", null, info.title), h("span", { class: "tv-sub" }, info.subtitle), makeShow(app), sweepLayout),
    h("span", { class: "tv-facts" }, ...[duration(info.end_s - info.start_s), info.sweeps ? `${n} sweep${n === 1 ? "" : "s"}, 0 is the stimulus` : `${n} channel${n === 1 ? "" : "s"}`, `identifiers: ${info.identifiers}`].map((text) => h("span", null, text))));
}

/** The toolbar; returns { element, update }. */
export function makeToolbar(app, channels) {
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
  let mended = ""; // key of the repairs being changed
  const chain = makeFilterChain({
    steps: () => app.filters, set: (filters) => app.setFilters(filters), most: () => app.info.channels[app.channel].rate_hz / 2, notes: () => app.filterNotes, leave: () => app.focus(),
    raw: "raw", first: drawRepairs, also: () => [zeroPhase()], opened: () => { mended = ""; },
  });
  const { editor } = chain;
  const play = h("button", { onclick: () => app.play(), title: "Plays the stretch A\u2013B, or the visible window, of the selected channel. Full scale is 4 divisions." });
  const volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.6, "aria-label": "volume", oninput: () => app.audio.setLoudness(Number(volume.value)) });
  const mute = h("button", { onclick: () => app.audio.mute() });
  const sound = h("div", { class: "caption" });
  const exporter = makeExport(app);
  const element = h("div", { class: "tv-toolbar" }, time.element, gain.element, channels.element,
    h("div", { class: "tv-filters" }, h("div", { class: "caption tv-one" }, "Filter chain, drawn over the raw trace"), chain.element),
    h("div", { class: "tv-sound" }, sound, h("div", { class: "tv-row" }, play, volume, mute)),
    exporter, editor);

  /* repairs of one kind on one channel share a button */
  function repairGroups() {
    const groups = new Map();
    for (const step of app.repairs) {
      const key = `${step.kind}|${step.channel}`;
      groups.set(key, [...(groups.get(key) || []), step]);
    }
    return groups;
  }

  function drawRepairEditor(steps) {
    const isOn = steps.some((step) => step.is_on);
    const close = () => { mended = ""; update(); app.focus(); };
    fill(editor, h("button", { "aria-pressed": String(isOn), onclick: () => app.setRepairs(app.repairs.map((step) => (steps.includes(step) ? { ...step, is_on: !isOn } : step))) }, isOn ? "On" : "Off"),
      h("button", { onclick: () => { mended = ""; app.setRepairs(app.repairs.filter((step) => !steps.includes(step))); } }, "Remove"), h("button", { onclick: close }, "Done"));
  }

  function zeroPhase() {
    const isOn = app.model.get("is_zero_phase");
    return h("button", { "aria-pressed": String(isOn), title: "Zero phase: no delay, unlike an amplifier; for the whole chain", onclick: () => app.setZeroPhase(!isOn) }, "Zero phase");
  }

  function drawRepairs() {
    return [...repairGroups()].flatMap(([key, steps]) => {
      const isOn = steps.some((step) => step.is_on);
      const words = `${steps[0].kind === "unwrap" ? "unwrap" : "bridge"}${steps.length > 1 ? ` \u00d7${steps.length}` : ""}${app.info.channels.length > 1 ? `, ${steps[0].channel}` : ""}${isOn ? "" : " off"}`;
      return [h("span", { class: "tv-then", "aria-hidden": "true" }, "\u203a"),
        h("button", { class: isOn ? "" : "is-off", "aria-pressed": key === mended ? "true" : null, title: "Repaired in the view; change or switch off", onclick: () => { chain.close(); mended = key === mended ? "" : key; update(); } }, words)];
    });
  }

  function update() {
    const channel = app.info.channels[app.channel];
    time.set("Time base", timeBase(app.win.perDivision), ticksAt(app.win.perDivision, 1e-4));
    const item = app.info.sweeps && app.info.sweeps.items[app.channel];
    gain.set(item ? "Sensitivity, sweeps" : `Sensitivity, channel ${app.channel + 1}`, `${size(app.sens[app.channel], channel.unit)}/div`, ticksAt(app.sens[app.channel], channel.per_division / 50));
    chain.update();
    const repairs = repairGroups().get(mended);
    if (repairs) drawRepairEditor(repairs);
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

  return { element, update, updateSound, openExport: () => { exporter.querySelector("details").open = true; exporter.querySelector("input").focus({ preventScroll: true }); } };
}

function ticksAt(value, first) {
  return Math.max(0, Math.min(10, Math.round(Math.log10(value / first) * 2)));
}

const FILES = [["svg", "figure, SVG"], ["png", "figure, PNG"], ["csv", "table, CSV"], ["npz", "recording, NPZ"], ["edf", "recording, EDF+"]];

function makeExport(app) {
  const name = h("input", { type: "text", value: "selection", "aria-label": "file name", size: 14 });
  const kind = h("select", { "aria-label": "kind of file", onchange: () => { changed.hidden = ["svg", "png"].includes(kind.value); } }, ...FILES.filter(([code]) => !(code === "edf" && app.info.sweeps)).map(([code, words]) => h("option", { value: code }, words)));
  const isFiltered = h("input", { type: "checkbox" });
  const changed = h("label", { class: "tv-row caption" }, isFiltered, "after repairs and filters");
  changed.hidden = true;
  const ask = (how) => { app.flush(); app.send({ type: "export", kind: kind.value, name: name.value, how, is_filtered: isFiltered.checked }); };
  const box = h("details", { class: "tv-export" }, h("summary", null, "Export", h("kbd", null, "E")),
    h("div", null, h("div", { class: "caption" }, "The selection A\u2013B, or the visible window, of what is not hidden"), h("div", { class: "tv-row" }, name, kind), changed,
      h("div", { class: "tv-row" }, h("button", { onclick: () => ask("beside") }, "Beside the notebook"), h("button", { onclick: () => ask("download") }, "Download"))));
  box.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Escape") { box.open = false; app.focus(); } });
  return h("div", { class: "tv-out" }, h("div", { class: "caption" }, "Selection"), box);
}

/* continuous channels or sweeps, where a recording holds both */
function makeShow(app) {
  const { other } = app.info;
  if (!other) return null;
  const button = (show, words) => h("button", { "aria-pressed": String((app.info.sweeps ? "sweeps" : "channels") === show), onclick: () => { app.model.set("show", show); app.model.save_changes(); } }, words);
  return h("span", { class: "tv-row tv-pair", role: "group", "aria-label": "shown" }, button("channels", "Continuous"), button("sweeps", "Sweeps"));
}
