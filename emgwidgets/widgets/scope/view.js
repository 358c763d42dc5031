/* The scope: puts the parts together, turns keys and gestures into requests, paints what came in every frame. Python measures. */
import { themeColours } from "../_js/canvas.js";
import { fill, h, message } from "../_js/dom.js";
import { duration, size, step125, timeBase } from "../_js/format.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { makeLiveSound } from "../_js/live_sound.js";
import { makeStore, makeSweep, unpackColumns } from "../_js/live_sweep.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";
import { makeLabels } from "../trace_viewer/label.js";
import { firstAtOnce, shortNames, shown } from "../trace_viewer/layout.js";
import { makeBelow } from "./below.js";
import { act, makeHelp } from "./keys.js";
import { lookOf } from "./plot.js";
import { makeCursors, makeMarks, makeMeters, makeNotice, makeRecording } from "./side.js";
import { makeSweeps } from "./sweeps.js";
import { makeTitle, makeToolbar } from "./toolbar.js";

const NARROW = 960; // css pixels; below it the right-hand column moves under the plot
const ALIVE_MS = 1000;
const BUSY_MS = 2500; // no sign of the kernel's main thread for so long while a request waits: a cell runs
const FULL_SCALE_DIVISIONS = 4; // as in the trace viewer: four divisions are full scale
let views = 0;

function errorBox(error) {
  const rest = [error.got && `Got ${error.got}.`, error.expected && `Expected ${error.expected}.`, error.way_out && `${error.way_out[0].toUpperCase()}${error.way_out.slice(1)}.`].filter(Boolean).join(" ");
  return message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, rest);
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-tv emg-scope" });
  el.append(root);
  keepClicks(root);
  const error = model.get("_error");
  if (error && error.what) { fill(root, h("div", { class: "tv-empty" }, errorBox(error))); return undefined; }
  return start(model, root, model.get("_info"));
}

function start(model, root, info) {
  views += 1;
  const app = {
    model, root, info, id: `${views}-${Math.random().toString(36).slice(2, 8)}`, colours: {}, state: model.get("_state"), terms: model.get("_terms"), filters: model.get("_filters"), filterNotes: model.get("_filter_notes"),
    perDivision: model.get("time_base_s"), channel: model.get("channel"), sens: [...model.get("sensitivities")], hidden: [...model.get("hidden")], names: shortNames(info.channels.map((channel) => channel.words)),
    win: null, answer: null, cursors: [null, null], readout: null, pointer: null, chosenMark: null, marks: { items: [] }, atOnce: firstAtOnce(info), first: 0, width: 0, requested: null,
  };
  app.end = () => 0;
  app.win = { start: 0, perDivision: app.perDivision, n: 10 };
  app.terms.forEach((term) => { app.known = { ...app.known, [term.code]: term }; });
  app.shortOf = (mark) => (mark.short && mark.short !== mark.label ? mark.short : mark.note && mark.label === "site" ? mark.note : mark.code ? mark.short || mark.label : (app.known[mark.label] || {}).short || mark.label);
  app.wordsOf = (mark) => (mark.code === "site" ? `site: ${mark.note}` : mark.label);
  app.send = (content) => { try { model.send({ ...content, view: app.id }); app.requested = app.requested || performance.now(); } catch { lost(true); } };
  app.isRunning = () => ["running", "stalled", "lost"].includes(app.state.state);
  app.isTriggered = () => Boolean(model.get("_trigger").source);
  app.isFrozen = () => Boolean(app.state.frozen && app.frozen);
  app.shownPerDivision = () => (app.frozen ? app.frozen.perDivision : app.perDivision);
  app.store = makeStore(info.n_streams);
  app.sound = makeLiveSound({ send: app.send, changed: () => { toolbar.updateSound(); app.sweep.touch(); } });
  app.frontNow = () => { const heard = app.sound.isOn() && !app.sound.isPlaying() ? app.sound.heard() : null; return heard === null ? undefined : heard; };

  const host = h("div", { class: "sc-host" });
  app.sweep = makeSweep(app.store, { host, look: () => app.look || { width: 0 } });
  const canvas = app.sweep.canvas;
  app.focus = () => canvas.focus({ preventScroll: true });
  const title = makeTitle(app);
  const toolbar = makeToolbar(app);
  const meters = makeMeters(app);
  const recording = makeRecording(app);
  const cursors = makeCursors(app);
  const marks = makeMarks(app);
  const notice = makeNotice(app);
  const sweeps = makeSweeps(app);
  const labels = makeLabels(app);
  const help = makeHelp(app);
  const strip = makeStrip(app);
  const below = makeBelow(app);
  app.openLabels = () => { if (app.frozen && app.cursors.every((t) => t === null)) app.say(message("", "Set a cursor first.", "A or B at the pointer; then L labels that moment.")); else labels.open(); };
  app.openHelp = help.open;
  app.say = notice.say;
  app.sweeps = sweeps;
  const away = h("div", { class: "tv-away", role: "status" }, message("warn", "The kernel is busy or gone.", "While a cell runs, recording goes on and the picture catches up; keys and buttons act when it has ended. After a restart run the cell again: what was recorded is safe."));
  away.hidden = true;
  const empty = h("div", { class: "sc-empty" }, message("", "Not started.", "Space or Start reads the device; sound comes with M."));
  const footer = h("footer", { class: "tv-foot" }, ...["Space: start, stop", "F: freeze and scroll back", "K: mark, L: label", "J: next site", "R: record", "M: sound", "T: triggered", "V: viewer", "Z: undo", "?: all keys"].map((t) => h("span", null, t)), h("span", { class: "tv-right" }, `negative up. ${PURPOSE}`));
  fill(root, title.element, toolbar.element, strip.element, h("div", { class: "tv-main" }, h("div", { class: "tv-left" }, host, labels.element, help.element, away, empty, notice.element), h("aside", { class: "tv-side sc-side" }, meters.element, recording.element, cursors.element, marks.element)), sweeps.element, footer);
  root.after(below.element);
  sweeps.element.hidden = !app.isTriggered();

  let heardAt = performance.now(); // anything from the kernel, which speaks twice a second
  function lost(isLost, isSilent) { away.hidden = !isLost; host.classList.toggle("is-away", Boolean(isLost && isSilent)); }

  /* what the view asks of the kernel */
  let wishTimer = 0;
  function wish() {
    clearTimeout(wishTimer);
    wishTimer = setTimeout(() => app.send({ type: "live", action: "columns", ...app.sweep.wish(plotWidth(), app.perDivision * 10) }), 30);
  }
  const plotWidth = () => Math.max(app.width - 84, 100);
  let isAsking = false;
  let isStale = false;
  let asked = 0;
  function askWindow() {
    if (!app.frozen) return;
    if (isAsking) { isStale = true; return; }
    isAsking = true;
    isStale = false;
    asked += 1;
    app.send({ type: "view", id: asked, start_s: app.frozen.start, end_s: app.frozen.start + app.frozen.perDivision * 10, columns: plotWidth() });
    clearTimeout(readTimer);
    readTimer = setTimeout(() => { if (app.cursors.some((t) => t !== null)) app.send({ type: "readout", channel: app.channel, cursors_s: app.cursors }); }, 40);
  }
  let readTimer = 0;
  const redraw = () => { if (!app.width) return; app.look = lookOf(app, app.width); app.sweep.redraw(); };

  /* actions */
  const bounds = () => app.state.frozen || { start_s: 0, end_s: 0 };
  function clampFrozen() {
    const { start_s, end_s } = bounds();
    const span = app.frozen.perDivision * 10;
    app.frozen.start = Math.min(Math.max(app.frozen.start, start_s), Math.max(end_s - span, start_s));
  }
  function moved() { clampFrozen(); strip.draw(); askWindow(); update(); }
  let isWished = null; // start or freeze that was asked for and not yet answered
  Object.assign(app, {
    startOrStop: () => {
      if (app.isRunning()) { app.send({ type: "stop" }); return; }
      if (isWished === null && !app.sound.isOn() && info.channels[app.channel].is_voltage) app.soundOnOff();
      isWished = true;
      app.send({ type: "start" });
    },
    freezeOrGo: () => { if (!app.state.frozen) app.send({ type: "freeze" }); else if (app.isRunning()) app.send({ type: "thaw" }); else app.say(message("", "The device is not running.", "Space starts it again.")); },
    mark: (label) => { const at = app.frozen ? app.cursors.find((t) => t !== null) : null; if (app.frozen && (at === undefined || at === null)) { app.say(message("", "Set a cursor first.", "A or B at the pointer; then K or L marks that moment.")); return; } addMark(label); },
    addMark,
    turn: (way) => { if (app.state.steps[way]) app.send({ type: way }); else app.say(message("", way === "undo" ? "No mark of yours to take back." : "No mark was taken back.", "Marks of the device and of the sites stay.")); },
    nextSite: (way) => { if (!info.sites.length) { app.say(message("", "No list of muscles.", 'Open the scope with sites=["...", "..."].')); return; } app.send({ type: "site", site: app.state.site + way }); },
    recordOrEnd: (name) => { if (app.state.recording) app.send({ type: "end" }); else app.send({ type: "record", name: name || recording.name.value.trim() }); },
    soundOnOff: () => { if (app.sound.isOn()) app.sound.silence(); else if (info.channels[app.channel].is_voltage) app.sound.listen(app.channel, FULL_SCALE_DIVISIONS * app.sens[app.channel]); toolbar.updateSound(); },
    playFrozen: () => { if (app.sound.isPlaying()) { app.sound.stopPlaying(); return; } if (!app.frozen) { app.say(message("", "Freeze first.", "F holds the picture; P then plays the visible window, or A to B.")); return; } const [a, b] = app.cursors; const both = a !== null && b !== null && a !== b; app.send({ type: "play", channel: app.channel, start_s: both ? Math.min(a, b) : app.frozen.start, end_s: both ? Math.max(a, b) : app.frozen.start + app.frozen.perDivision * 10 }); },
    openViewer: () => { if (app.hasViewer()) app.closeViewer(); else app.send({ type: "viewer", window_s: app.frozen ? [app.frozen.start, app.frozen.start + app.frozen.perDivision * 10] : null }); },
    closeViewer: () => { app.send({ type: "no viewer" }); app.focus(); },
    hasViewer: () => Boolean(model.get("_viewer")),
    triggerOnOff: () => { if (app.isTriggered()) app.send({ type: "trigger", source: "off" }); else sweeps.start(); },
    clearSweeps: () => app.send({ type: "clear" }),
    setTimeBase: (seconds, around) => {
      const value = Math.min(Math.max(seconds, toolbar.limits[0]), toolbar.limits[1]);
      if (app.frozen) { const span = app.frozen.perDivision * 10; const at = around ?? app.frozen.start + span / 2; const share = (at - app.frozen.start) / span; app.frozen.perDivision = value; app.frozen.start = at - share * value * 10; moved(); return; }
      app.perDivision = value;
      app.win.perDivision = value;
      save("time_base_s", value);
      wish();
      redraw();
      update();
    },
    setSensitivity: (value) => { app.sens[app.channel] = value; if (app.sound.isOn()) app.sound.setFullScale(FULL_SCALE_DIVISIONS * value); save("sensitivities", [...app.sens]); redraw(); update(); },
    selectChannel: (index) => { if (index < 0 || index >= info.channels.length) return; app.channel = index; if (app.hidden.includes(index)) app.showHide(index); save("channel", index); if (app.sound.isOn()) { if (info.channels[index].is_voltage) app.sound.listen(index, FULL_SCALE_DIVISIONS * app.sens[index]); else app.sound.silence(); } redraw(); askWindow(); update(); },
    stepChannel: (way) => { const all = shown(app); app.selectChannel(all[Math.max(0, Math.min(all.length - 1, all.indexOf(app.channel) + way))]); },
    showHide: (index) => { const next = app.hidden.includes(index) ? app.hidden.filter((i) => i !== index) : [...app.hidden, index]; if (next.length === info.channels.length) { update(); return; } app.hidden = next; if (next.includes(app.channel)) app.selectChannel(shown(app)[0]); save("hidden", next); redraw(); update(); },
    setFilters: (steps) => { app.filters = steps; app.send({ type: "filters", steps }); update(); },
    pan: (seconds) => { if (!app.frozen) return; app.frozen.start += seconds; moved(); },
    goTo: (t) => { if (!app.frozen) { app.say(message("", "Freeze first.", "F holds the last minute; a click then goes to the mark.")); return; } app.frozen.start = t - 2 * app.frozen.perDivision; moved(); },
    setCursor: (i) => { if (!app.frozen) return; const t = app.pointer === null ? app.frozen.start + app.frozen.perDivision * (4 + 2 * i) : app.pointer; app.cursors[i] = t; app.sweep.touch(); askWindow(); update(); redraw(); },
    clearCursors: () => { app.cursors = [null, null]; app.readout = null; redraw(); update(); },
    nextMark: (way) => nextOf((app.state.marks || []).map((mark) => mark.t_s), way),
    nextGap: (way) => nextOf((app.state.gaps || []).map((gap) => gap.start_s), way),
    back: () => { if (app.sound.isPlaying()) app.sound.stopPlaying(); else if (app.cursors.some((t) => t !== null)) app.clearCursors(); else if (app.state.frozen && app.isRunning()) app.send({ type: "thaw" }); },
  });
  function addMark(label) {
    const [a, b] = app.cursors.filter((t) => t !== null).sort((x, y) => x - y);
    const at_s = app.frozen && a !== undefined ? a : null;
    app.send({ type: "mark", label, at_s, duration_s: app.frozen && b !== undefined ? b - a : 0, channel: info.channels[app.channel].name });
  }
  function nextOf(times, way) {
    if (!app.frozen || !times.length) return;
    const middle = app.frozen.start + 2 * app.frozen.perDivision;
    const sorted = [...times].sort((x, y) => x - y);
    const found = way > 0 ? sorted.find((t) => t > middle + 1e-6) ?? sorted[0] : [...sorted].reverse().find((t) => t < middle - 1e-6) ?? sorted.at(-1);
    app.goTo(found);
  }
  function save(name, value) { model.set(name, value); model.save_changes(); }

  /* what the kernel says */
  function update() { title.update(); toolbar.update(); meters.update(); recording.update(); cursors.update(); marks.update(); canvas.setAttribute("aria-label", describe()); }
  let wasHeard = false; // a frozen picture is silent
  function onState() {
    const before = app.state;
    app.state = model.get("_state");
    app.requested = null;
    heardAt = performance.now();
    lost(false);
    empty.hidden = app.state.state !== "new";
    const { frozen } = app.state;
    if (frozen && !app.frozen) { const span = app.perDivision * 10; app.frozen = { perDivision: app.perDivision, start: Math.max(frozen.end_s - span, frozen.start_s) }; app.cursors = [null, null]; app.readout = null; wasHeard = app.sound.isOn(); if (wasHeard) app.sound.silence(); strip.element.hidden = false; strip.draw(); askWindow(); }
    else if (!frozen && app.frozen) { app.frozen = null; app.answer = null; app.cursors = [null, null]; strip.element.hidden = true; if (wasHeard) app.soundOnOff(); wasHeard = false; redraw(); }
    notice.update();
    if (before.n_marks !== app.state.n_marks) redraw();
    title.update(); meters.update(); recording.update(); marks.update(); cursors.update();
    if (before.state !== app.state.state || Boolean(before.frozen) !== Boolean(frozen)) { toolbar.update(); canvas.setAttribute("aria-label", describe()); }
    root.dataset.state = app.state.state;
    root.dataset.frozen = String(Boolean(frozen));
  }
  const receivers = {
    live: (content, buffers) => { app.store.receive(content, buffers); app.sound.receive(content, buffers); if (content.reset) redraw(); },
    view: (content, buffers) => {
      if (content.view !== app.id) return;
      isAsking = false;
      if (app.frozen) { app.answer = { start_s: content.start_s, end_s: content.end_s, streams: unpackColumns(content.streams, buffers) }; redraw(); root.dataset.answers = Number(root.dataset.answers || 0) + 1; }
      if (isStale) askWindow();
    },
    readout: (content) => { if (content.view === app.id) { app.readout = content.cursors; cursors.update(); } },
    stretch: (content, buffers) => { if (content.view !== app.id) return; const view = buffers[0]; app.sound.setFullScale(FULL_SCALE_DIVISIONS * app.sens[app.channel]); app.sound.play(new Float32Array(view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength)), content.rate_hz, content.start_s); },
    sweeps: (content, buffers) => { sweeps.receive(content, buffers || []); root.dataset.averaged = content.n_accepted; },
    error: (content) => { isAsking = false; notice.say(errorBox(content)); },
  };
  const onMessage = (content, buffers) => { heardAt = performance.now(); const receive = receivers[content.type]; if (receive) receive(content, buffers || []); };
  model.on("msg:custom", onMessage);
  const watched = {
    "change:_state": onState,
    "change:_filters": () => { app.filters = model.get("_filters"); toolbar.update(); cursors.update(); if (app.frozen) askWindow(); },
    "change:_filter_notes": () => { app.filterNotes = model.get("_filter_notes"); toolbar.update(); },
    "change:_trigger": () => { const told = model.get("_trigger"); sweeps.element.hidden = !told.source; sweeps.adopt(told); toolbar.update(); sweeps.draw(); },
    "change:_viewer": () => { below.show(model.get("_viewer")); toolbar.update(); },
    "change:time_base_s": () => { const next = model.get("time_base_s"); if (next !== app.perDivision && !app.frozen) app.setTimeBase(next); },
    "change:channel": () => { const next = model.get("channel"); if (next !== app.channel) app.selectChannel(next); },
    "change:sensitivities": () => { const next = model.get("sensitivities"); if (String(next) !== String(app.sens)) { app.sens = [...next]; redraw(); update(); } },
    "change:hidden": () => { const next = model.get("hidden"); if (String(next) !== String(app.hidden)) { app.hidden = [...next]; redraw(); update(); } },
  };
  for (const [event, receive] of Object.entries(watched)) model.on(event, receive);

  function describe() {
    const channel = info.channels[app.channel];
    const level = (app.state.levels || [])[app.channel];
    const peak = level && level.peak !== null ? `, peak ${size(level.peak, channel.unit, 3)}` : "";
    return `Live signal of ${info.channels.length} channels, ${app.state.state}${app.frozen ? `, frozen at ${duration(app.frozen.start)}` : ""}. Channel ${app.channel + 1}, ${channel.name}, ${timeBase(app.shownPerDivision())}, ${size(app.sens[app.channel], channel.unit)}/div${peak}. ${app.state.n_lost || "No"} samples lost.`;
  }

  /* gestures */
  let drag = null;
  canvas.addEventListener("pointerdown", (event) => { app.focus(); const view = app.sweep.view; if (!view) return; const lane = app.look.lanes.find((one) => event.offsetY >= one.y && event.offsetY < one.y + one.height); if (lane && !lane.isSelected) app.selectChannel(lane.index); if (app.frozen) { drag = { x: event.offsetX, start: app.frozen.start }; canvas.setPointerCapture(event.pointerId); } });
  canvas.addEventListener("pointermove", (event) => {
    const view = app.sweep.view;
    if (view) app.pointer = view.isFrozen ? view.timeAt(event.offsetX) : null;
    if (drag && app.frozen) { app.frozen.start = drag.start - ((event.offsetX - drag.x) / (app.look.right - app.look.left)) * app.frozen.perDivision * 10; moved(); }
  });
  canvas.addEventListener("pointerup", () => { drag = null; });
  canvas.addEventListener("pointerleave", () => { app.pointer = null; });
  canvas.addEventListener("wheel", (event) => {
    if (document.activeElement !== canvas) return; // the page scrolls until the scope has the focus
    event.preventDefault();
    const way = (event.deltaY || event.deltaX) > 0 ? 1 : -1;
    if (event.shiftKey) app.setSensitivity(step125(app.sens[app.channel], way));
    else app.setTimeBase(step125(app.shownPerDivision(), way), app.frozen && app.pointer !== null ? app.pointer : undefined);
  }, { passive: false });
  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab's command mode must not see them
    if (event.key === "Tab") return;
    const tag = event.target.tagName;
    if ((tag === "INPUT" && event.target.type === "text") || tag === "SELECT" || ((tag === "BUTTON" || tag === "INPUT") && ["Enter", " ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].includes(event.key))) { if (event.key === "Escape") app.focus(); return; }
    if (act(app, event)) event.preventDefault();
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  const keepFocus = () => setTimeout(() => { if (root.isConnected && !root.contains(document.activeElement)) app.focus(); });
  for (const event of ["click", "change"]) root.addEventListener(event, keepFocus);

  /* frames */
  let frame = 0;
  let firstColours = false;
  function paint() {
    frame = requestAnimationFrame(paint);
    if (!app.width || !root.isConnected) return;
    if (!app.look) redraw();
    app.look.front_s = app.frontNow();
    app.look.columns = app.frozen ? app.answer : null;
    if (app.frozen && !app.answer) return;
    if (app.sound.isPlaying()) app.sweep.touch();
    if (app.sweep.paint()) root.dataset.paints = app.sweep.counts.paints;
  }
  const alive = setInterval(() => { if (root.isConnected) { model.send({ type: "live", action: "alive", view: app.id }); const now = performance.now(); const isSilent = app.isRunning() && now - heardAt > BUSY_MS; lost(isSilent || (app.requested !== null && now - app.requested > BUSY_MS), isSilent); } }, ALIVE_MS);
  function resize() {
    const width = root.clientWidth;
    if (!width) return;
    root.classList.toggle("is-narrow", width < NARROW);
    if (!firstColours) recolour();
    const next = Math.floor(host.parentElement.clientWidth);
    if (next !== app.width) { app.width = next; wish(); }
    redraw();
    strip.draw();
    sweeps.draw();
    askWindow();
  }
  function recolour() { app.colours = themeColours(root); firstColours = Boolean(app.colours.well); redraw(); strip.draw(); sweeps.draw(); }
  const sizes = new ResizeObserver(resize);
  sizes.observe(root);
  const themes = new MutationObserver(recolour);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  if (!document.body.hasAttribute("data-jp-theme-light") && dark.matches) root.dataset.emgTheme = "dark";
  strip.element.hidden = true;
  recolour();
  onState();
  sweeps.adopt(model.get("_trigger"));
  below.show(model.get("_viewer"));
  update();
  resize();
  app.send({ type: "live", action: "hello" });
  app.send({ type: "hello" });
  app.requested = null;
  frame = requestAnimationFrame(paint);
  root.emgScope = app; // for tests
  const unwatch = watchKernel(root, model, "What was recorded is safe in its file; run the cell again to go on.");
  return () => {
    unwatch();
    below.element.remove();
    cancelAnimationFrame(frame);
    clearInterval(alive);
    clearTimeout(wishTimer);
    clearTimeout(readTimer);
    sizes.disconnect();
    themes.disconnect();
    try { model.send({ type: "live", action: "bye", view: app.id }); } catch { /* the kernel is gone */ }
    app.sound.close();
    model.off("msg:custom", onMessage);
    for (const [event, receive] of Object.entries(watched)) model.off(event, receive);
  };
}

/* the minute that is held, and where the frozen window lies in it */
function makeStrip(app) {
  const element = h("div", { class: "sc-strip", role: "slider", tabindex: "0", "aria-label": "held history" });
  const box = h("i", null);
  const words = h("span", null);
  element.append(box, words);
  const go = (event) => { const { start_s, end_s } = app.state.frozen; const share = (event.clientX - element.getBoundingClientRect().left) / element.clientWidth; app.frozen.start = start_s + share * (end_s - start_s) - app.frozen.perDivision * 5; app.pan(0); };
  let isDown = false;
  element.addEventListener("pointerdown", (event) => { if (!app.frozen) return; isDown = true; element.setPointerCapture(event.pointerId); go(event); });
  element.addEventListener("pointermove", (event) => { if (isDown && app.frozen) go(event); });
  element.addEventListener("pointerup", () => { isDown = false; });
  function draw() {
    if (!app.frozen || !app.state.frozen) return;
    const { start_s, end_s } = app.state.frozen;
    const span = Math.max(end_s - start_s, 1e-6);
    box.style.left = `${(100 * (app.frozen.start - start_s)) / span}%`;
    box.style.width = `${Math.min((100 * app.frozen.perDivision * 10) / span, 100)}%`;
    words.textContent = `${duration(span)} held, ${duration(end_s - app.frozen.start)} back`;
    element.querySelectorAll("b").forEach((tick) => tick.remove());
    for (const mark of app.state.marks || []) if (mark.t_s >= start_s) { const tick = h("b", { class: "" }); tick.style.left = `${(100 * (mark.t_s - start_s)) / span}%`; element.append(tick); }
    for (const gap of app.state.gaps || []) if (gap.end_s >= start_s) { const tick = h("b", { class: "is-gap" }); tick.style.left = `${(100 * (gap.start_s - start_s)) / span}%`; tick.style.width = `${Math.max((100 * (gap.end_s - gap.start_s)) / span, 0.2)}%`; element.append(tick); }
    element.setAttribute("aria-valuetext", words.textContent);
  }
  return { element, draw };
}
