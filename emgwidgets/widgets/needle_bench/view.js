/* The needle bench: puts the parts together and turns gestures into actions. Python simulates, measures and scores. */
import { themeColours } from "../_js/canvas.js";
import { fill, h, message } from "../_js/dom.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { onTheme } from "../_js/themed.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";
import { makeCard, makeMuscles } from "./card.js";
import { makeGrid } from "./grid.js";
import { makeDecompose } from "./decompose.js";
import { makeEffort } from "./effort.js";
import { act, FOOT, makeHelp } from "./keys.js";
import { makeNaming } from "./naming.js";
import { makeNeedle } from "./needle.js";
import { makeUnits } from "./units.js";
import { makeWaves } from "./waves.js";
import { makePlayer } from "./player.js";
import { makeFree } from "./sweep.js";
import { makeTape } from "./tape.js";
import { GAINS, makeToolbar, neighbour, SWEEPS } from "./toolbar.js";

const NARROW = 960;
/* what may take longer than a blink, and the word shown until it is done */
const SIGN_MS = 350;
const LONG_MS = 4000; // then the kernel is more likely still busy with the other cells
const SLOW = { set_effort: "simulating \u2026", move_needle: "simulating \u2026", choose: "simulating \u2026", set_mode: "measuring \u2026", select: "measuring \u2026", set_filters: "filtering \u2026", grade_rest: "grading \u2026" };
const FIRST = { insert: { s: 0.1, uv: 50 }, rest: { s: 0.1, uv: 50 }, slight: { s: 0.1, uv: 200 }, moderate: { s: 0.1, uv: 500 }, full: { s: 0.1, uv: 1000 } };

function errorWords(error) {
  const rest = [error.got && `Got ${error.got}.`, error.expected && `Expected ${error.expected}.`, error.way_out && `${error.way_out[0].toUpperCase()}${error.way_out.slice(1)}.`].filter(Boolean).join(" ");
  return message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, rest);
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-ne" });
  el.append(root);
  keepClicks(root);
  const app = { model, root, fixed: model.get("_fixed"), state: model.get("_state"), colours: {}, knobs: { ...(FIRST[model.get("_state").effort] || FIRST.rest) }, heads: new Map(), heard: -1, gains: {}, modes: {}, showsMuscle: model.get("_state").mode === "free" };
  let waiting = 0;
  app.send = (content) => {
    model.send(content);
    if (!SLOW[content.type]) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => { for (const old of title.querySelectorAll(".ne-busy")) old.remove(); title.firstChild.append(h("span", { class: "ne-busy", role: "status" }, SLOW[content.type])); waiting = setTimeout(() => { const sign = title.querySelector(".ne-busy"); if (sign) sign.textContent = `${SLOW[content.type]} the kernel may still be running other cells`; }, LONG_MS); }, SIGN_MS);
  };
  app.stretch = () => app.state.stretch && app.stretchOf(app.state.stretch.number);
  app.stretchOf = (number) => app.heads.get(number) || null;
  app.choose = (where) => app.send({ type: "choose", ...where });
  app.effort = (effort) => { app.player.wake(); app.send({ type: "set_effort", effort }); };
  app.moveNeedle = (place) => { app.player.wake(); app.send({ type: "move_needle", ...place }); };
  app.filter = (name, value) => app.send({ type: "set_filters", [name]: value });
  app.select = (stretch, start_s, end_s) => app.send({ type: "select", stretch: stretch.number, start_s, end_s });
  app.name = (code) => app.send({ type: "name", code });
  app.showClip = (row, key, index) => { wantsShaded = true; app.send({ type: "show_clip", muscle: row.muscle, side: row.side, key, index }); };
  app.nameOf = (reading) => { const found = app.state.named.find((one) => one.stretch === reading.stretch && one.start_s === reading.start_s && one.end_s === reading.end_s); return found ? found.code : ""; };
  app.rowWords = (key) => { const [muscle, side] = key.split("/"); const row = app.state.grid.find((one) => one.muscle === muscle && one.side === side); return row ? app.fixed.columns.filter((one) => row.cells[one.key].is_abnormal).map((one) => `${one.words.replaceAll("- ", "")} ${row.cells[one.key].text}`).join(", ") : ""; };
  app.setView = (changes) => {
    Object.assign(app.knobs, changes);
    if (changes.uv && app.state.stretch) app.gains[app.state.effort] = changes.uv;
    app.player.retune();
    app.toolbar.update();
    if (changes.s) app.free.resized(); else app.free.sweep.redraw();
    app.modePaint();
    app.free.update();
  };
  app.turn = (name, direction) => app.setView({ [name]: neighbour(name === "s" ? SWEEPS : GAINS, app.knobs[name], direction) });
  app.focus = () => app.free.canvas.focus({ preventScroll: true });
  /* a long recording is measured around what is heard */
  app.lookHere = () => {
    const one = app.stretch();
    if (!one || one.end_s - one.start_s <= 60 || one.is_growing) return;
    const frozen = app.free.frozen();
    const at = app.player.place(app.player.heard());
    app.send({ type: "look_at", time_s: frozen ? frozen.s0 : at ? at.stretch.start_s + at.sample / at.stretch.rate_hz : one.start_s });
  };
  app.toGrid = () => { const cell = root.querySelector(".ne-grid td[tabindex='0']"); if (cell) cell.focus({ preventScroll: true }); };
  app.changed = () => { app.free.update(); root.dataset.player = JSON.stringify(app.player.state()); };

  let wantsShaded = false;
  app.tape = makeTape(app, () => { app.player.schedule(); app.free.refill(); app.modePaint(); });
  app.player = makePlayer(app, app.tape);
  app.waves = makeWaves(app, () => app.modePaint());
  app.free = makeFree(app);
  app.modes = { free: { element: null, knobs: [], update: () => {}, frame: () => {}, paint: () => {}, key: () => false }, triggered: makeUnits(app), decompose: makeDecompose(app), interference: makeEffort(app) };
  app.mode = () => app.modes[app.state.mode] || app.modes.free;
  app.trains = () => (app.mode().trains ? app.mode().trains() : []);
  app.modePaint = () => { app.mode().paint(); };
  app.toolbar = makeToolbar(app);
  app.card = makeCard(app);
  app.muscles = makeMuscles(app);
  app.needle = makeNeedle(app);
  app.naming = makeNaming(app);
  app.grid = makeGrid(app);
  const help = makeHelp(app);
  app.openHelp = help.open;

  const notice = h("div", { class: "ne-notice", "aria-live": "polite" });
  const title = h("header", { class: "ne-title" });
  const limits = h("div", { class: "ne-notice", "aria-label": "limits of the recording" });
  fill(limits, app.fixed.limits.length ? message("warn", "What this recording does not allow.", app.fixed.limits.join(" ")) : null);
  const footer = h("footer", { class: "ne-foot" });
  const upper = h("div", { class: "ne-upper" }, app.card.element, app.muscles.element, app.needle.element);
  const lower = h("div", { class: "ne-lower" }, app.grid.element, app.naming.element);
  const panes = Object.values(app.modes).map((one) => one.element).filter(Boolean);
  fill(root, title, app.toolbar.element, limits, notice, upper, app.free.element, ...panes, lower, footer, help.element);

  function updateMode() {
    const isFree = app.state.mode === "free";
    for (const one of panes) one.hidden = one !== app.mode().element;
    upper.hidden = !isFree && !app.showsMuscle;
    upper.classList.toggle("is-bare", !app.state.needle);
    app.naming.element.hidden = !isFree;
    lower.classList.toggle("is-whole", !isFree);
    fill(footer, ...(FOOT[app.state.mode] || FOOT.free).map((t) => h("span", null, t)), h("span", { class: "ne-right" }, `negative up. ${PURPOSE}`));
    app.mode().update();
  }

  function updateTitle() {
    const { state, fixed } = app;
    const name = state.card.name;
    const what = state.stretch ? `${state.effort === "insert" ? "" : state.effort === "rest" ? "at rest, " : `${state.effort} effort, `}${fixed.can_move ? `insertion ${state.stretch.insertion}` : fixed.is_live ? "live" : "recorded"}` : "needle out";
    fill(title, h("span", null, h("strong", null, "Needle bench"), h("span", { class: "ne-sub" }, `${state.side} ${name[0].toLowerCase()}${name.slice(1)}, ${what}`), state.mode === "free" ? null : h("button", { class: "ne-fold", "aria-expanded": String(app.showsMuscle), onclick: () => { app.showsMuscle = !app.showsMuscle; app.update(); } }, app.showsMuscle ? "Hide muscle and needle" : "Muscle and needle")), h("span", { class: "ne-sub" }, `${fixed.title}; ${fixed.electrode}, ${state.filters.high_pass_hz} Hz \u2013 ${state.filters.low_pass_hz / 1000} kHz`));
  }

  /* a button that was drawn anew must not take the keys of the bench with it: outside they are those of the notebook */
  const keepFocus = (had) => { if (had && (!document.activeElement || document.activeElement === document.body)) app.focus(); };
  app.update = () => {
    const had = root.contains(document.activeElement);
    updateTitle();
    for (const one of [app.toolbar, app.card, app.muscles, app.needle, app.free, app.grid, app.naming]) one.update();
    updateMode();
    keepFocus(had);
    root.dataset.states = Number(root.dataset.states || 0) + 1;
  };

  /* the same head object for the same stretch, so that the player knows it again */
  function takeHead() {
    const head = app.state.stretch;
    if (head && !app.heads.has(head.number)) app.heads.set(head.number, head);
  }

  let filters = JSON.stringify(app.state.filters);
  function onState() {
    const before = app.state;
    app.state = model.get("_state");
    clearTimeout(waiting);
    if (before.mode !== app.state.mode) { app.lookHere(); app.showsMuscle = app.state.mode === "free"; if (app.mode().begin) app.mode().begin(); }
    takeHead();
    fill(notice);
    const now = JSON.stringify(app.state.filters);
    if (now !== filters) { filters = now; app.tape.clear(); app.free.restart(); app.free.refill(); }
    if (app.state.heard !== app.heard) follow(before);
    app.update();
  }

  /* Python has put the needle somewhere, or shows a proof */
  function follow(before) {
    app.heard = app.state.heard;
    const stretch = app.stretch();
    if (!stretch) return;
    const { effort } = app.state;
    const wanted = app.gains[effort] || FIRST[effort].uv;
    if (!before.stretch || before.effort !== effort) app.setView({ uv: wanted });
    if (wantsShaded || app.state.reading) { wantsShaded = false; app.free.showShaded(); return; }
    app.player.listen(stretch, app.state.start_at_s);
    app.free.run();
  }

  const onMessage = (content, buffers) => {
    if (content.type === "blocks") app.tape.take(content, buffers);
    else if (content.type === "live_tape") { const growing = app.heads.get(content.stretch); if (growing) app.tape.grow(growing, content, buffers); }
    else if (content.type === "waves") app.waves.take(content, buffers);
    else if (content.type === "error") { clearTimeout(waiting); updateTitle(); fill(notice, errorWords(content)); }
  };
  model.on("change:_state", onState);
  model.on("msg:custom", onMessage);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Tab") return;
    const tag = event.target.tagName;
    if (tag === "INPUT" || tag === "SELECT" || (tag === "BUTTON" && (event.key === "Enter" || event.key === " "))) { if (event.key === "Escape") app.focus(); return; }
    if (act(app, event)) event.preventDefault();
  });
  root.addEventListener("pointerdown", () => app.player.wake(), true);
  root.addEventListener("keydown", () => app.player.wake(), true);
  root.addEventListener("keyup", (event) => event.stopPropagation());
  root.addEventListener("click", () => setTimeout(() => keepFocus(true), 0));
  let wide = 0;
  const resize = () => {
    if (!root.clientWidth) return;
    app.colours = themeColours(root);
    root.classList.toggle("is-narrow", root.clientWidth < NARROW);
    if (root.clientWidth !== wide) { wide = root.clientWidth; app.free.resized(); }
    app.free.sweep.redraw();
    app.free.update();
    app.modePaint();
  };
  const refresh = setInterval(() => { if (app.fixed.is_live && app.state.mode === "triggered" && app.player.state().isPlaying && root.clientWidth) app.send({ type: "refresh" }); }, 2500);
  const sizes = new ResizeObserver(resize);
  sizes.observe(root);
  const themes = onTheme(root, resize);
  if (!document.body.hasAttribute("data-jp-theme-light") && window.matchMedia("(prefers-color-scheme: dark)").matches) root.dataset.emgTheme = "dark";
  takeHead();
  app.heard = app.state.heard;
  app.update();
  resize();
  // what was put under the sweep before this view existed is shown, and heard when the reader says so
  const first = app.stretch();
  if (first && first.is_growing) { app.player.listen(first, first.end_s); app.free.run(); }
  else if (first) {
    app.player.cue(first, app.state.start_at_s);
    if (app.state.reading) app.free.showShaded(); else app.free.show(first, app.state.start_at_s);
    app.free.update();
  }
  let frame = 0;
  const loop = () => { frame = requestAnimationFrame(loop); if (root.clientWidth) { app.free.frame(); app.mode().frame(); } };
  loop();
  root.emgBench = app; // for tests
  const unwatch = watchKernel(root, model, "Run the cell again; what was saved into a case folder is there.");
  return () => {
    unwatch();
    cancelAnimationFrame(frame);
    clearInterval(refresh);
    app.player.close();
    app.muscles.leave();
    sizes.disconnect();
    themes.disconnect();
    model.off("change:_state", onState);
    model.off("msg:custom", onMessage);
  };
}
