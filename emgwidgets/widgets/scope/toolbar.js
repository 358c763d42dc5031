/* Title line and toolbar of the scope: run, freeze, mark, site, knobs, filters, sound. */
import { fill, h } from "../_js/dom.js";
import { makeFilterChain } from "../_js/filter_chain.js";
import { clock, parseSize, rate, size, step125, timeBase } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";

const STATES = { new: "not started", running: "running", stalled: "silent", lost: "lost, trying again", ended: "ended", stopped: "stopped", failed: "failed" };
const SHORTEST_S = 0.0001;
const LONGEST_S = 10;

/** The title line; returns { element, update }. */
export function makeTitle(app) {
  const rates = [...new Set(app.info.channels.map((channel) => channel.rate_hz))].map(rate).join(", ");
  const n = app.info.channels.length;
  const stands = h("span", { class: "sc-stands" });
  const time = h("span", null);
  const lost = h("span", null);
  const site = h("span", { class: "tv-sub" });
  const element = h("header", { class: "tv-title" },
    h("span", { class: "tv-row" }, h("strong", null, "Scope"), h("span", { class: "tv-sub" }, app.info.title), site),
    h("span", { class: "tv-facts" }, stands, time, h("span", null, `${n} channel${n === 1 ? "" : "s"}, ${rates}`), lost));
  function update() {
    const { state } = app;
    site.textContent = app.info.sites.length ? `\u2013 ${app.info.sites[state.site]}` : "";
    fill(stands, h("i", { class: `sc-lamp is-${state.state}`, "aria-hidden": "true" }), state.frozen && state.state === "running" ? "running, picture frozen" : STATES[state.state] || state.state);
    time.textContent = clock(state.time_s || 0);
    lost.textContent = state.n_lost ? `${state.n_lost} samples lost in ${state.n_gaps} gap${state.n_gaps === 1 ? "" : "s"}` : "no sample lost";
    lost.className = state.n_lost ? "sc-warn" : "";
  }
  return { element, update };
}

/** The toolbar; returns { element, update }. */
export function makeToolbar(app) {
  const run = h("button", { onclick: () => app.startOrStop() });
  const freeze = h("button", { onclick: () => app.freezeOrGo() });
  const mark = h("button", { onclick: () => app.mark("mark"), title: "Marks this moment; L and a letter gives it a name" }, "Mark", h("kbd", null, "K"));
  const next = h("button", { onclick: () => app.nextSite(1) }, "Next", h("kbd", null, "J"));
  next.hidden = !app.info.sites.length;
  const time = makeKnob({
    caption: "Time base", leave: () => app.focus(), step: (way) => app.setTimeBase(step125(app.shownPerDivision(), way)),
    type: (text) => { const seconds = parseSize(text, "s", 1e-3); if (seconds) app.setTimeBase(seconds); return Boolean(seconds); },
  });
  const gain = makeKnob({
    caption: "Sensitivity", leave: () => app.focus(), step: (way) => app.setSensitivity(step125(app.sens[app.channel], way)),
    type: (text) => { const value = parseSize(text, app.info.channels[app.channel].unit, 1); if (value) app.setSensitivity(value); return Boolean(value); },
  });
  const chain = makeFilterChain({
    steps: () => app.filters, set: (steps) => app.setFilters(steps), most: () => app.info.channels[app.channel].rate_hz / 2, notes: () => app.filterNotes, leave: () => app.focus(),
  });
  const sound = h("button", { onclick: () => app.soundOnOff() });
  const volume = h("input", { type: "range", min: 0, max: 1, step: 0.05, value: 0.6, "aria-label": "volume", oninput: () => app.sound.setLoudness(Number(volume.value)) });
  const heard = h("div", { class: "caption" });
  const triggered = h("button", { onclick: () => app.triggerOnOff() }, "Triggered", h("kbd", null, "T"));
  const viewer = h("button", { onclick: () => app.openViewer(), title: "Holds the last minute and opens it below: cursors with measures, spectrum, firing rate, marks" }, "Viewer", h("kbd", null, "V"));
  const element = h("div", { class: "sc-bars" },
    h("div", { class: "tv-toolbar sc-hands" }, h("div", { class: "tv-row" }, run, freeze, mark, next, triggered, viewer), h("div", { class: "tv-row tv-right" }, heard, sound, volume)),
    h("div", { class: "tv-toolbar" }, time.element, gain.element,
      h("div", { class: "tv-filters" }, h("div", { class: "caption tv-one" }, "Display and sound filters; the recording stays as it comes"), chain.element), chain.editor));

  function update() {
    const { state } = app;
    const channel = app.info.channels[app.channel];
    fill(run, app.isRunning() ? "Stop" : "Start", h("kbd", null, "Space"));
    fill(freeze, state.frozen ? (app.isRunning() ? "Go on" : "Frozen") : "Freeze", h("kbd", null, "F"));
    freeze.setAttribute("aria-pressed", String(Boolean(state.frozen)));
    freeze.disabled = Boolean(state.frozen) && !app.isRunning();
    time.set("Time base", timeBase(app.shownPerDivision()), Math.max(0, Math.min(10, Math.round(Math.log10(app.shownPerDivision() / SHORTEST_S) * 2))));
    gain.set(`Sensitivity, channel ${app.channel + 1}`, `${size(app.sens[app.channel], channel.unit)}/div`, Math.max(0, Math.min(10, Math.round(Math.log10(app.sens[app.channel] / (channel.per_division / 50)) * 2))));
    chain.update();
    triggered.setAttribute("aria-pressed", String(app.isTriggered()));
    viewer.setAttribute("aria-pressed", String(app.hasViewer()));
    viewer.disabled = state.state === "new";
    updateSound();
  }
  function updateSound() {
    const isOn = app.sound.isOn();
    fill(sound, isOn ? "Sound on" : "Sound off", h("kbd", null, "M"));
    sound.setAttribute("aria-pressed", String(isOn));
    const channel = app.info.channels[app.channel];
    sound.disabled = !channel.is_voltage;
    heard.textContent = channel.is_voltage ? `Channel ${app.channel + 1}, true rate` : `${channel.unit} has no sound`;
  }
  return { element, update, updateSound, limits: [SHORTEST_S, LONGEST_S] };
}
