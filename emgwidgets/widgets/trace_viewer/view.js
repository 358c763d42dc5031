/* The trace viewer: puts the parts together, turns gestures into requests, paints once a frame. Python measures. */
import { themeColours } from "../_js/canvas.js";
import { fill, h, message } from "../_js/dom.js";
import { unpack } from "../_js/envelope.js";
import { duration, size, timeBase } from "../_js/format.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";
import { makeActions } from "./actions.js";
import { makeAudio } from "./audio.js";
import { makeChannels, makeSweepLayout } from "./channels.js";
import { wireGestures } from "./gestures.js";
import { act, makeHelp } from "./keys.js";
import { makeLabels } from "./label.js";
import { firstAtOnce, shortNames, visibleChannels } from "./layout.js";
import { drawOverview } from "./overview.js";
import { drawAtCursor, drawFiring, drawNoRate, drawSpectrum } from "./panes.js";
import { drawPlot } from "./plot.js";
import { makeCursors, makeMarks, makeQuality } from "./side.js";
import { divisions } from "./state.js";
import { makeTitle, makeToolbar } from "./toolbar.js";

const PATIENCE_MS = 4000; // longer than any answer takes; then the reader is told that none came
const NARROW = 960; // css pixels; below it the right-hand column moves under the plot
let views = 0;

function pane(title, canvas) {
  const note = h("span", { class: "caption" });
  return { note, canvas, element: h("section", { class: "tv-pane", "aria-label": title }, h("div", { class: "tv-head" }, h("strong", null, title), note), canvas) };
}

function errorBox(error) {
  const rest = [error.got && `Got ${error.got}.`, error.expected && `Expected ${error.expected}.`, error.way_out && `${error.way_out[0].toUpperCase()}${error.way_out.slice(1)}.`].filter(Boolean).join(" ");
  return message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, rest);
}

/** Called by anywidget for each view; starts afresh when the kernel shows something else of the recording. */
export function render({ model, el }) {
  let stop = mount(model, el);
  const again = () => { if (stop) stop(); el.replaceChildren(); stop = mount(model, el); };
  model.on("change:_info", again);
  return () => { model.off("change:_info", again); if (stop) stop(); };
}

function mount(model, el) {
  const root = h("div", { class: "emg emg-tv" });
  el.append(root);
  keepClicks(root);
  const error = model.get("_error");
  const info = model.get("_info");
  if (error && error.what) { fill(root, h("div", { class: "tv-empty" }, errorBox(error))); return undefined; }
  if (!info.channels || !info.channels.length) { fill(root, h("div", { class: "tv-empty" }, message("", info.title || "Nothing to draw.", info.empty || ""))); return undefined; }
  return start(model, root, info);
}

function start(model, root, info) {
  views += 1;
  const plot = h("canvas", { class: "tv-plot", tabindex: "0", role: "application" });
  const strip = h("canvas", { class: "tv-strip", tabindex: "0", role: "slider", "aria-label": "whole recording" });
  const panes = [pane("Spectrum", h("canvas", { role: "img" })), pane("Firing rate", h("canvas", { role: "img" })), pane("At the cursor", h("canvas", { role: "img" }))];
  const [w0, w1] = model.get("window_s");
  const app = {
    model, root, info, id: `${views}-${Math.random().toString(36).slice(2, 8)}`, plot, strip, colours: {}, overview: null, answers: new Map(), readout: null, panes: null,
    time: info.sweeps ? { factor: 1000, unit: "ms" } : { factor: 1, unit: "s" }, hidden: [...model.get("hidden")], repairs: model.get("_repairs"), steps: model.get("_undo"), first: 0, atOnce: firstAtOnce(info), isRaster: false,
    marks: model.get("_marks"), flags: model.get("_flags"), terms: model.get("_terms"), filters: model.get("_filters"), filterNotes: model.get("_filter_notes"),
    win: { start: w0, perDivision: (w1 - w0) / 10, n: 10 }, channel: model.get("channel"), cursors: [...model.get("cursors_s")], sens: [...model.get("sensitivities")],
    chosenMark: null, chosenFlag: null, pointer: null, lastCursor: 0, progress: "looking through the recording", counts: { paints: 0, answers: 0, requests: 0, bytes: 0 }, drawn: null, place: null, width: 0,
    timings: [],
  };
  app.names = shortNames(info.channels.map((channel) => channel.name));
  app.end = () => app.win.start + app.win.perDivision * app.win.n;
  app.send = (content) => { try { model.send({ ...content, view: app.id }); } catch { lost(true); } };
  app.focus = () => plot.focus({ preventScroll: true });
  app.audio = makeAudio(app);
  const channels = makeChannels(app);
  const sweepLayout = makeSweepLayout(app);
  const toolbar = makeToolbar(app, channels);
  const cursors = makeCursors(app);
  const marks = makeMarks(app);
  const quality = makeQuality(app);
  const labels = makeLabels(app);
  const help = makeHelp(app);
  const notice = h("div", { class: "tv-notice", "aria-live": "polite" });
  app.openLabels = labels.open;
  app.openHelp = help.open;
  app.openExport = toolbar.openExport;
  app.openChannels = channels.open;
  app.turnPage = channels.turn;
  app.say = (...children) => fill(notice, ...children);
  const away = h("div", { class: "tv-away", role: "status" }, message("warn", "No answer from the kernel.", "It is busy or gone: the picture stays, numbers cannot change. If it was restarted, run the cell again."));
  away.hidden = true;
  const footer = h("footer", { class: "tv-foot" }, ...["drag: pan", "drag above: select", "wheel: time base", "Shift + wheel: sensitivity", "A, B: cursor", "L + letter: label", "N, Q: next mark, flag", "Space: play", "?: all keys"].map((t) => h("span", null, t)), h("span", { class: "tv-right" }, `negative up. ${PURPOSE}`));
  fill(root, makeTitle(app, sweepLayout.element), toolbar.element, strip, h("div", { class: "tv-main" }, h("div", { class: "tv-left" }, plot, labels.element, channels.panel, help.element, away, notice), h("aside", { class: "tv-side" }, cursors.element, marks.element)),
    h("div", { class: "tv-panes" }, ...panes.map((p) => p.element), quality.element), footer);

  let scheduled = 0;
  let isWaiting = false;
  let waitingSince = 0;
  let isStale = true;
  let asked = 0;
  let idle = 0;
  let readTimer = 0;
  let patience = 0;
  app.paint = () => { if (!scheduled) scheduled = requestAnimationFrame(paintNow); };

  function paintNow() {
    scheduled = 0;
    if (!app.width) return;
    const { place, drawn } = drawPlot(app, plot, app.leftWidth());
    app.place = place;
    drawn.cursors_s = [...app.cursors];
    drawn.channels = drawn.lanes.length;
    app.drawn = drawn;
    drawOverview(app, strip, app.width);
    plot.setAttribute("aria-label", describe());
    strip.setAttribute("aria-valuetext", `${app.win.start.toFixed(3)} to ${app.end().toFixed(3)} s`);
    app.counts.paints += 1;
    root.dataset.paints = app.counts.paints;
    root.dataset.settled = String(!isWaiting && !isStale && app.counts.answers > 0);
    if (app.shown) { app.timings.push(performance.now() - app.shown); app.shown = 0; }
    if (app.audio.isPlaying()) app.paint();
  }

  function paintPanes() {
    const said = [drawSpectrum, info.sweeps ? drawNoRate : drawFiring, drawAtCursor].map((draw, i) => draw(app, panes[i].canvas, panes[i].element.clientWidth - 24));
    panes.forEach((p, i) => p.canvas.setAttribute("aria-label", said[i] || "nothing yet"));
    const firing = app.panes && app.panes.firing;
    panes[0].note.textContent = app.panes && app.panes.spectrum.is_part ? "of the middle of the visible window" : "of the visible window";
    panes[1].note.textContent = info.sweeps ? "" : !firing ? "1 / interval" : firing.source === "marks" ? "1 / interval, from marks" : `all peaks beyond ${firing.polarity === "negative" ? "\u2212" : "+"}${size(firing.threshold, info.channels[app.channel].unit, 2)}`;
    panes[1].note.title = "With two or more point marks in view their intervals are drawn; else every peak beyond 4 RMS of the samples below it (rule of EMGLAB), taken as one train: with several sources in view the rate means nothing; mark one source first.";
    panes[2].note.textContent = app.cursorScale && (app.readout || []).some(Boolean) ? app.cursorScale : "";
  }

  function describe() {
    const channel = info.channels[app.channel];
    const [a, b] = app.cursors;
    const { factor, unit } = app.time;
    const at = (t, digits) => (t * factor).toFixed(factor > 1 ? 2 : digits);
    const both = a !== null && b !== null ? ` Cursors ${at(a, 4)} and ${at(b, 4)} ${unit}, ${duration(Math.abs(b - a))} apart.` : "";
    const seen = app.marks.items.filter((m) => m.end_s >= app.win.start && m.start_s <= app.end()).length;
    return `Channel ${app.channel + 1}, ${channel.name}, ${at(app.win.start, 3)} to ${at(app.end(), 3)} ${unit}, ${timeBase(app.win.perDivision)}, ${size(app.sens[app.channel], channel.unit)}/div, ${seen} marks.${both}`;
  }

  app.leftWidth = () => Math.floor(plot.parentElement.clientWidth);

  /* requests: never more than one under way; the newest wish is asked when the answer is there */
  function lost(isLost) { away.hidden = !isLost; plot.classList.toggle("is-away", isLost); }
  /* a channel whose every sample in the recording is here already needs no second request */
  function isHeld(index) {
    const answer = app.answers.get(index);
    const channel = info.channels[index];
    return Boolean(answer && answer.isFresh && answer.start <= channel.start_s && answer.end >= channel.end_s && [answer.raw, answer.filtered].every((part) => !part || part.pieces.every((piece) => piece.isSamples)));
  }
  function request() {
    if (isWaiting && performance.now() - waitingSince < PATIENCE_MS) return;
    if (!isStale || !app.width) return;
    isStale = false;
    const needed = visibleChannels(app).filter((index) => !isHeld(index));
    if (!needed.length) { app.paint(); return; }
    isWaiting = true;
    clearTimeout(patience);
    patience = setTimeout(() => lost(true), PATIENCE_MS);
    waitingSince = performance.now();
    asked += 1;
    app.counts.requests += 1;
    root.dataset.settled = "false";
    app.send({ type: "view", id: asked, start_s: app.win.start, end_s: app.end(), columns: Math.min(1000, Math.round(app.leftWidth() - 84)), channels: needed });
  }
  app.want = () => { isStale = true; root.dataset.settled = "false"; app.paint(); request(); clearTimeout(idle); idle = setTimeout(settled, 140); };
  app.wantReadout = () => { clearTimeout(readTimer); readTimer = setTimeout(() => app.send({ type: "readout", channel: app.channel, cursors_s: app.cursors }), 25); };

  app.flush = () => { clearTimeout(idle); settled(); };
  function settled() {
    app.send({ type: "panes", channel: app.channel, start_s: app.win.start, end_s: app.end() });
    model.set("window_s", [app.win.start, app.end()]);
    model.set("sensitivities", [...app.sens]);
    model.set("channel", app.channel);
    model.set("cursors_s", [...app.cursors]);
    model.save_changes();
  }

  const unpacked = (heads, buffers) => heads.map((head) => ({ ...head, raw: unpack(head.raw, buffers), filtered: unpack(head.filtered, buffers) }));
  const receivers = {
    view(content, buffers) {
      if (content.view !== app.id) return;
      isWaiting = false;
      clearTimeout(patience);
      lost(false);
      for (const head of unpacked(content.channels, buffers)) {
        app.answers.set(head.channel, { start: content.start_s, end: content.end_s, raw: head.raw, filtered: head.filtered, note: head.note, isPending: head.is_pending, isFresh: !head.is_pending });
        app.counts.bytes = Math.max(app.counts.bytes, (head.raw ? head.raw.bytes : 0) + (head.filtered ? head.filtered.bytes : 0));
      }
      app.counts.answers += 1;
      app.shown = waitingSince;
      app.paint();
      request();
    },
    overview(content, buffers) { app.overview = { ...content, channels: unpacked(content.channels, buffers) }; app.want(); },
    progress(content) { app.progress = `${content.words}, ${content.done} of ${content.of}`; app.paint(); },
    refresh() { for (const answer of app.answers.values()) answer.isFresh = false; app.want(); app.wantReadout(); },
    readout(content) { if (content.view !== app.id || content.channel !== app.channel) return; app.readout = content.cursors; cursors.update(); paintPanes(); root.dataset.readouts = Number(root.dataset.readouts || 0) + 1; },
    panes(content) { if (content.view !== app.id || content.channel !== app.channel) return; app.panes = content; paintPanes(); root.dataset.panes = Number(root.dataset.panes || 0) + 1; },
    sound(content, buffers) { app.audio.receive(content, buffers); },
    marked(content) { if (content.view === app.id) { app.chosenMark = content.id; app.changed("marks"); } },
    notice(content) { if (content.view === app.id) app.say(message("", "Done.", content.words)); },
    file(content, buffers) { if (content.view === app.id) save(content, buffers[0]); },
    error(content) { isWaiting = false; app.say(errorBox(content)); },
  };
  const onMessage = (content, buffers) => { const receive = receivers[content.type]; if (receive) receive(content, buffers || []); };
  model.on("msg:custom", onMessage);

  app.changed = (what) => {
    if (what === "sound") { toolbar.updateSound(); app.paint(); return; }
    if (what === "marks") { marks.update(); app.paint(); return; }
    if (what === "flags") { quality.update(); app.paint(); return; }
    toolbar.update();
    channels.update();
    sweepLayout.update();
    cursors.update();
    if (what === "filters") quality.update();
  };
  Object.assign(app, makeActions(app));
  const watched = {
    "change:_marks": () => { app.marks = model.get("_marks"); if (!app.marks.items.some((m) => m.id === app.chosenMark)) app.chosenMark = null; app.changed("marks"); clearTimeout(idle); idle = setTimeout(settled, 140); },
    "change:_flags": () => { app.flags = model.get("_flags"); app.changed("flags"); },
    "change:_filters": () => { app.filters = model.get("_filters"); app.changed("filters"); app.want(); },
    "change:_repairs": () => { app.repairs = model.get("_repairs"); app.changed("filters"); app.want(); },
    "change:_undo": () => { app.steps = model.get("_undo"); marks.updateUndo(); },
    "change:is_zero_phase": () => app.changed("filters"),
    "change:hidden": () => { const next = model.get("hidden"); if (String(next) !== String(app.hidden)) app.setHidden(next); },
    "change:_filter_notes": () => { app.filterNotes = model.get("_filter_notes"); app.changed("filters"); },
    "change:window_s": () => app.showWindow(model.get("window_s")),
    "change:cursors_s": () => { const next = model.get("cursors_s"); if (String(next) !== String(app.cursors)) { app.cursors = [...next]; app.changed("cursors"); app.wantReadout(); app.paint(); } },
    "change:channel": () => app.selectChannel(model.get("channel")),
    "change:sensitivities": () => { const next = model.get("sensitivities"); if (String(next) !== String(app.sens)) { app.sens = [...next]; app.changed("sensitivity"); app.paint(); } },
  };
  for (const [event, receive] of Object.entries(watched)) model.on(event, receive);

  wireGestures(app);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation(); // JupyterLab's command mode must not see them
    if (event.key === "Tab") return;
    const tag = event.target.tagName;
    if (tag === "INPUT" || tag === "SELECT" || ((tag === "BUTTON" || tag === "SUMMARY") && (event.key === "Enter" || event.key === " "))) {
      if (event.key === "Escape") app.focus();
      return;
    }
    if (act(app, event)) event.preventDefault();
  });
  /* a button that was redrawn away takes the focus with it: the next key would reach the notebook */
  const keepFocus = () => setTimeout(() => { if (root.isConnected && !root.contains(document.activeElement)) app.focus(); });
  for (const event of ["click", "change"]) root.addEventListener(event, keepFocus);
  root.addEventListener("keyup", (event) => event.stopPropagation());

  function resize() {
    const width = root.clientWidth;
    if (!width) return;
    app.colours = themeColours(root); // none are known before the element is in the page
    root.classList.toggle("is-narrow", width < NARROW);
    app.width = width;
    const n = divisions(app.leftWidth() - 84);
    if (n !== app.win.n) app.win = { ...app.win, n };
    app.want();
    paintPanes();
  }
  function recolour() { app.colours = themeColours(root); app.paint(); paintPanes(); }
  const sizes = new ResizeObserver(resize);
  sizes.observe(root);
  const themes = new MutationObserver(recolour);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  if (!document.body.hasAttribute("data-jp-theme-light") && dark.matches) root.dataset.emgTheme = "dark";
  recolour();
  toolbar.update();
  channels.update();
  cursors.update();
  marks.update();
  quality.update();
  resize();
  app.wantReadout();
  app.send({ type: "hello" });
  root.emgViewer = app; // for tests: the draw list, counters and sound of this view
  const unwatch = watchKernel(root, model, "Run the cell again: marks of a file are kept beside it.");
  return () => {
    unwatch();
    sizes.disconnect();
    themes.disconnect();
    app.audio.close();
    clearTimeout(idle);
    clearTimeout(readTimer);
    clearTimeout(patience);
    cancelAnimationFrame(scheduled);
    model.off("msg:custom", onMessage);
    for (const [event, receive] of Object.entries(watched)) model.off(event, receive);
  };
}

function save(content, view) {
  const link = h("a", { href: URL.createObjectURL(new Blob([view], { type: content.mime })), download: content.name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10000);
}
