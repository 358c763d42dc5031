/* The nerve conduction bench: puts the parts together and turns gestures into actions. Python measures and judges. */
import { themeColours } from "../_js/canvas.js";
import { fill, h, message } from "../_js/dom.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { keepClicks, keepFocus } from "../_js/steady.js";
import { onTheme } from "../_js/themed.js";
import { makeBody } from "./body.js";
import { makeFWaves } from "./fwaves.js";
import { makeInching } from "./inching.js";
import { makeKnobs } from "./knobs.js";
import { makeMistakes } from "./mistakes.js";
import { act, FOOT, makeHelp } from "./keys.js";
import { makeRamp } from "./ramp.js";
import { makeSeriesKnobs } from "./series_knobs.js";
import { makeTable } from "./table.js";
import { makeTechnique } from "./technique.js";
import { makeTraces } from "./traces.js";
import { makeTrains } from "./trains.js";
import { makeTyped } from "./typed.js";

const NARROW = 960;
const TABS = [["motor", "Motor"], ["sensory", "Sensory"], ["f_waves", "F waves"], ["inching", "Inching"], ["trains", "Repetitive"], ["typed", "Type in"]];
const SERIES = ["f_waves", "inching", "trains"];

function errorWords(error) {
  const rest = [error.got && `Got ${error.got}.`, error.expected && `Expected ${error.expected}.`, error.way_out && `${error.way_out[0].toUpperCase()}${error.way_out.slice(1)}.`].filter(Boolean).join(" ");
  return message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, rest);
}

/* The state with markers where the hand has left them, until Python says the same; an answer that never comes is not waited for. */
function withMoved(state, moved) {
  if (!moved.size) return state;
  const put = (side, trace) => ({ ...trace, markers: trace.markers.map((mark) => {
    const key = `${side}/${trace.site}/${mark.letter}`;
    const hand = moved.get(key);
    if (!hand) return mark;
    if (Math.abs(hand.ms - mark.ms) < 1e-6 || performance.now() - hand.at > 2000) { moved.delete(key); return mark; }
    return { ...mark, ms: hand.ms, by_hand: true };
  }) });
  const both = Object.fromEntries(["left", "right"].map((side) => [side, { ...state[side], traces: state[side].traces.map((trace) => put(side, trace)) }]));
  return { ...state, ...both };
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-nb", tabindex: "-1" });
  el.append(root);
  keepClicks(root);
  keepFocus(root);
  const app = { model, root, fixed: model.get("_fixed"), state: model.get("_state"), sweeps: new Map(), asked: new Set(), colours: {}, marker: null, views: {}, mode: model.get("_fixed").tab || "", set: { n_f: 20, rate: 3, n: 10, exercise: 0, after: 0, step: 20, fGain: 200 }, turned: {}, turns: 0, moved: new Map(), id: Math.random().toString(36).slice(2, 10), counts: { paints: 0 } };
  app.study = () => app.fixed.studies.find((one) => one.key === app.state.study);
  app.unit = () => (app.study().kind === "sensory" ? "\u00b5V" : "mV");
  app.view = () => {
    const kind = app.study().kind;
    if (!app.views[kind]) app.views[kind] = kind === "sensory" ? { msPerDiv: 1, uvPerDiv: 10 } : { msPerDiv: 2, uvPerDiv: 5000 };
    return app.views[kind];
  };
  app.gainText = (uv) => (app.study().kind === "sensory" ? `${uv} \u00b5V` : `${uv / 1000} mV`);
  app.send = (content) => { if (content.type !== "move" && content.type !== "need") app.moved.clear(); model.send(content); };
  app.sweep = (id) => {
    if (!app.sweeps.has(id) && !app.asked.has(id)) { app.asked.add(id); queueMicrotask(ask); }
    return app.sweeps.get(id) || null;
  };
  let wanted = false;
  function ask() {
    if (wanted) return;
    wanted = true;
    setTimeout(() => { wanted = false; const ids = [...app.asked].filter((id) => !app.sweeps.has(id)); if (ids.length) app.send({ type: "need", ids }); }, 0);
  }
  app.choose = (where) => { app.marker = null; app.send({ type: "choose", ...where }); };
  app.stimulate = () => { if (app.fixed.can_stimulate) app.send({ type: "stimulate" }); };
  app.isSeries = () => SERIES.includes(app.mode);
  app.isTyped = () => app.mode === "typed";
  app.fail = (error) => fill(notice, errorWords(error));
  app.setMode = (mode) => {
    app.mode = SERIES.includes(mode) || mode === "typed" ? mode : app.fixed.is_paper ? "typed" : "";
    const kind = SERIES.includes(mode) ? "motor" : mode === "typed" ? app.study().kind : mode;
    if (app.study().kind !== kind) app.choose({ study: app.fixed.studies.find((one) => one.kind === kind).key });
    else app.update();
  };
  // inching runs over the segment that holds the chosen site: from its distal neighbour, or to its proximal one
  app.inchingEnds = () => { const sites = app.study().sites; const at = Math.min(sites.findIndex((one) => one.code === app.state.site), sites.length - 2); return at < 0 ? null : [sites[at], sites[at + 1]]; };
  app.inchingWords = () => { const ends = app.inchingEnds(); return ends ? `Inch ${ends[0].words} to ${ends[1].words}` : "one site only"; };
  app.runSeries = () => {
    if (app.mode === "f_waves") app.send({ type: "f_waves", n_stimuli: app.set.n_f });
    else if (app.mode === "trains") app.send({ type: "train", rate_hz: app.set.rate, n_stimuli: app.set.n, exercise_s: app.set.exercise, after_s: app.set.exercise ? app.set.after : 0 });
    else if (app.inchingEnds()) app.send({ type: "inching", distal: app.inchingEnds()[0].code, proximal: app.inchingEnds()[1].code, step_mm: app.set.step });
  };
  app.keep = () => app.send({ type: "keep" });
  app.clear = () => app.send({ type: "clear" });
  app.setKnob = (name, value) => {
    app.turned = { ...app.turned, [name]: value };
    app.state = { ...app.state, knobs: { ...app.state.knobs, ...app.turned } };
    knobs.update();
    mistakes.update();
    app.turns += 1;
    app.send({ type: "knobs", changes: { [name]: value }, turn: app.turns, view: app.id });
  };
  app.chooseMarker = (marker) => { app.marker = marker; app.paint(); };
  app.moveMarker = (side, site, letter, ms) => {
    // a key faster than Python answers counts from where the last one left the marker
    app.moved.set(`${side}/${site}/${letter}`, { ms, at: performance.now() });
    app.state = withMoved(app.state, app.moved);
    app.paint();
    app.send({ type: "move", side, site, letter, time_ms: ms });
  };
  app.accept = () => { if (app.marker) app.send({ type: "accept", side: app.marker.side, site: app.marker.site }); else app.send({ type: "accept" }); };
  app.focus = (element) => (element || (app.isSeries() ? series[app.mode].canvas : app.isTyped() ? root : panes[app.state.side].canvas)).focus({ preventScroll: true });
  // a number lands on its trace: the series it was counted in, the line it was typed into, or the marker it hangs on
  app.land = (row, wanted) => {
    const side = row[wanted || "right"].mark === "-" ? row.land_side || app.state.side : wanted || row.land_side || app.state.side;
    app.mode = row.tab || (row.typed.includes(side) || app.fixed.is_paper ? "typed" : "");
    const landed = { side, site: row.site, letter: row.letter };
    app.choose({ study: row.study, side, site: row.site || null });
    if (row.letter && !app.mode) app.marker = landed;
    app.landing = app.mode === "typed" ? landed : null;
    app.update();
    root.scrollIntoView({ block: "nearest" });
  };

  const notice = h("div", { class: "nb-notice", "aria-live": "polite" });
  const title = h("header", { class: "nb-title" });
  const tabs = h("div", { class: "nb-tabs", role: "tablist" });
  const knobs = makeKnobs(app);
  const mistakes = makeMistakes(app);
  const body = makeBody(app);
  const ramp = makeRamp(app);
  const panes = { left: makeTraces(app, "left"), right: makeTraces(app, "right") };
  const series = { f_waves: makeFWaves(app), inching: makeInching(app), trains: makeTrains(app) };
  const seriesKnobs = makeSeriesKnobs(app);
  const typed = makeTyped(app);
  const table = makeTable(app);
  const technique = makeTechnique(app);
  const help = makeHelp(app);
  app.openHelp = help.open;
  const legend = h("div", { class: "nb-legend caption" }, ...["filled letter: placed or accepted by reader", "open letter: proposed by software", "band and bracket: 90 % interval", "S stimulus, O onset, P negative peak, E end of negative phase"].map((t) => h("span", null, t)), h("button", { class: "nb-more nb-right", "aria-pressed": "false", onclick: () => app.superimpose() }, "Superimpose sites"));
  app.superimpose = () => { app.isSuperimposed = !app.isSuperimposed; const button = legend.lastChild; button.textContent = app.isSuperimposed ? "Sites apart" : "Superimpose sites"; button.setAttribute("aria-pressed", String(app.isSuperimposed)); app.paint(); };
  const footer = h("footer", { class: "nb-foot" }, ...FOOT.map((t) => h("span", null, t)), h("span", { class: "nb-right" }, "negative up"));
  const both = h("div", { class: "nb-both" }, panes.left.element, panes.right.element);
  fill(root, title, tabs, knobs.element, mistakes.element, seriesKnobs.element, notice, h("div", { class: "nb-upper" }, body.element, ramp.element), typed.element, ...Object.values(series).map((one) => one.element), both, legend, h("div", { class: "nb-lower" }, table.element, technique.element), footer, help.element);

  function updateTitle() {
    const study = app.study();
    fill(title, h("span", null, h("strong", null, "Nerve conduction bench"), h("span", { class: "nb-sub" }, `${app.state.side} ${study.title[0].toLowerCase()}${study.title.slice(1)}`)), h("span", { class: "nb-sub" }, `${app.fixed.title}${app.fixed.is_virtual ? `, skin ${app.state.knobs.skin_temperature_degc} \u00b0C` : ""}`));
    const kinds = TABS.filter(([kind]) => (SERIES.includes(kind) ? app.fixed.series.includes(kind) : kind === "typed" ? !app.fixed.is_paper : app.fixed.studies.some((one) => one.kind === kind)));
    const now = app.mode && !(app.fixed.is_paper && app.isTyped()) ? app.mode : study.kind;
    const pick = h("select", { "aria-label": "study", onchange: () => app.choose({ study: pick.value }) }, ...app.fixed.studies.filter((one) => one.kind === study.kind).map((one) => h("option", { value: one.key }, one.title)));
    pick.value = study.key;
    fill(tabs, ...kinds.map(([kind, words]) => h("button", { role: "tab", class: "nb-tab", "aria-selected": String(kind === now), onclick: () => app.setMode(kind) }, words)),
      h("span", { class: "nb-pick" }, pick, ...["left", "right"].map((side) => h("button", { "aria-pressed": String(side === app.state.side), onclick: () => app.choose({ side }) }, side === "left" ? "Left" : "Right", h("kbd", null, side === "left" ? "[" : "]")))));
  }

  let scheduled = 0;
  app.paint = () => {
    if (scheduled) return;
    scheduled = requestAnimationFrame(() => {
      scheduled = 0;
      if (!root.clientWidth) return;
      for (const [mode, one] of Object.entries(series)) one.element.hidden = mode !== app.mode;
      typed.element.hidden = !app.isTyped();
      ramp.element.hidden = Boolean(app.mode);
      both.hidden = legend.hidden = Boolean(app.mode);
      knobs.element.hidden = Boolean(app.mode);
      mistakes.element.hidden = (app.mode && app.mode !== "trains") || !app.fixed.is_virtual;
      mistakes.update();
      seriesKnobs.element.hidden = !app.isSeries();
      root.classList.toggle("is-series", Boolean(app.mode));
      if (app.isSeries()) series[app.mode].paint(); else if (!app.mode) { ramp.paint(); panes.left.paint(); panes.right.paint(); }
      app.counts.paints += 1;
      root.dataset.paints = app.counts.paints;
    });
  };
  app.update = () => { updateTitle(); knobs.update(); mistakes.update(); seriesKnobs.update(); body.update(); typed.update(); table.update(); technique.update(); app.paint(); };
  const onState = () => { app.state = withMoved(model.get("_state"), app.moved);
    if (app.isSeries() && app.study().kind !== "motor") app.mode = "";
    // a knob turned faster than Python answers keeps the place of the hand
    if ((app.state.turns[app.id] || 0) >= app.turns) app.turned = {};
    else app.state = { ...app.state, knobs: { ...app.state.knobs, ...app.turned } };
    fill(notice); app.update();
    if (app.landing && app.isTyped()) { typed.focus(app.landing.side, app.landing.site); app.landing = null; }
    root.dataset.states = Number(root.dataset.states || 0) + 1; };
  const onFixed = () => { app.fixed = model.get("_fixed"); app.update(); };
  const onMessage = (content, buffers) => {
    if (content.type === "sweeps") {
      content.heads.forEach((head, i) => {
        const view = buffers[i];
        const bytes = view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
        app.sweeps.set(head.id, { ...head, samples: new Float32Array(bytes) });
        app.asked.delete(head.id);
      });
      app.paint();
    } else if (content.type === "error") { app.moved.clear(); app.state = model.get("_state"); app.update(); fill(notice, errorWords(content)); }
  };
  model.on("change:_state", onState);
  model.on("change:_fixed", onFixed);
  model.on("msg:custom", onMessage);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Tab") return;
    const tag = event.target.tagName;
    if (tag === "INPUT" || tag === "SELECT" || (tag === "BUTTON" && (event.key === "Enter" || event.key === " "))) { if (event.key === "Escape") app.focus(); return; }
    if ((app.isSeries() && series[app.mode].key && !event.ctrlKey && !event.metaKey && !event.altKey && series[app.mode].key(event)) || act(app, event)) event.preventDefault();
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  const resize = () => { if (!root.clientWidth) return; app.colours = themeColours(root); root.classList.toggle("is-narrow", root.clientWidth < NARROW); app.paint(); };
  const sizes = new ResizeObserver(resize);
  sizes.observe(root);
  const themes = onTheme(root, resize);
  if (!document.body.hasAttribute("data-jp-theme-light") && window.matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.emgTheme = "dark";
  app.update();
  resize();
  root.emgBench = app; // for tests
  const unwatch = watchKernel(root, model, "Run the cell again; what was saved into a case folder is there.");
  return () => {
    unwatch();
    sizes.disconnect();
    themes.disconnect();
    cancelAnimationFrame(scheduled);
    model.off("change:_state", onState);
    model.off("change:_fixed", onFixed);
    model.off("msg:custom", onMessage);
  };
}
