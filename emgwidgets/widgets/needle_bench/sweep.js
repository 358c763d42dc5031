/* The free-running sweep: played samples as columns on the clock of the loudspeaker; frozen, a window of the stretch to shade. */
import { rule, write } from "../_js/canvas.js";
import { fill, h } from "../_js/dom.js";
import { duration, fixed, plain, size, timeBase } from "../_js/format.js";
import { makeStore, makeSweep, unpackColumns } from "../_js/live_sweep.js";

const DIVISIONS = 10;
const HEIGHT = 208;
const HEAD = 16;
const FOOT = 18;
const GRAB = 6;
const SHORTEST_S = 0.02; // a shorter drag is a click

/** Columns of a stretch of the log, as live/feed.py would send them. */
function columnsOf(first, n, per_s, rangeOf) {
  const values = new Float32Array(2 * n).fill(NaN);
  for (let i = 0; i < n; i += 1) {
    const found = rangeOf((first + i) / per_s, (first + i + 1) / per_s);
    if (found) [values[i], values[n + i]] = found;
  }
  return { head: { stream: 0, zero_s: 0, first, n, columns_per_s: per_s, has_range: true, buffer: 0 }, buffers: [new DataView(values.buffer)] };
}

/** The pane of the sweep; returns { element, update, frame, tapeArrived }. */
export function makeFree(app) {
  const { player, tape } = app;
  const head = h("div", { class: "ne-head" });
  const host = h("div", { class: "ne-host" });
  const seek = h("input", { type: "range", class: "ne-seek", min: "0", max: "1000", step: "1", "aria-label": "place in the stretch" });
  const foot = h("div", { class: "ne-under" });
  const element = h("section", { class: "ne-free", "aria-label": "sweep" }, head, host, foot);
  const store = makeStore(1);
  let perS = 0;
  let sent = 0; // next column
  let seq = 0;
  let view = null; // frozen: { stretch, s0 } in seconds of the stretch
  let answer = null; // its columns
  let drag = null;
  const sweep = makeSweep(store, { host, look });
  const canvas = sweep.canvas;
  canvas.classList.add("ne-canvas");

  const sweep_s = () => app.knobs.s * DIVISIONS;
  const width = () => Math.max(host.clientWidth, 300);
  const uvPerPx = () => app.knobs.uv / ((HEIGHT - HEAD - FOOT) / 8);
  const zero = () => HEAD + (HEIGHT - HEAD - FOOT) / 2;

  function look() {
    const w = width();
    return {
      width: w, height: HEIGHT, left: 0, right: w, sweep_s: sweep_s(), colours: app.colours, ground, overlay, columns: answer, front_s: player.heard(),
      lanes: [{ stream: 0, row: 0, y: HEAD, height: HEIGHT - HEAD - FOOT, zero_y: zero(), perPixel: uvPerPx(), colour: app.colours.t1, width: 1, isPositiveUp: false, centre: 0 }],
    };
  }

  function ground(c) {
    const { colours } = app;
    const w = width();
    c.fillStyle = colours.well;
    c.fillRect(0, HEAD, w, HEIGHT - HEAD - FOOT);
    for (let i = 0; i <= DIVISIONS; i += 1) rule(c, Math.min((i * w) / DIVISIONS, w - 1), HEAD, Math.min((i * w) / DIVISIONS, w - 1), HEIGHT - FOOT, colours.grid);
    for (let i = 0; i <= 8; i += 1) rule(c, 0, HEAD + (i * (HEIGHT - HEAD - FOOT)) / 8, w, HEAD + (i * (HEIGHT - HEAD - FOOT)) / 8, i === 4 ? colours.grid2 : colours.grid);
  }

  /* places where one stretch ends and another begins, in the sweep that runs */
  function joins(c, now) {
    for (const one of player.log()) {
      if (one.u0 < now.start_s || one.u0 > now.front_s || one.u0 === 0) continue;
      const before = player.place(one.u0 - 0.001);
      if (!before || before.stretch === one.stretch) continue;
      const x = now.xOf(one.u0);
      rule(c, x, HEAD, x, HEIGHT - FOOT, app.colours.line2);
      write(c, one.stretch.effort === "insert" ? `insertion ${one.stretch.insertion}` : one.stretch.effort, x + 4, HEAD + 8, { colour: app.colours.ink3, font: app.colours.font });
    }
  }

  function shade(c, now, from, to, words, colour) {
    const [x0, x1] = [Math.max(now.xOf(from), 0), Math.min(now.xOf(to), width())];
    if (x1 <= 0 || x0 >= width()) return;
    c.fillStyle = app.colours.band;
    c.fillRect(x0, HEAD, x1 - x0, HEIGHT - HEAD - FOOT);
    c.setLineDash([4, 3]);
    rule(c, x0, HEAD, x0, HEIGHT - FOOT, colour);
    rule(c, x1, HEAD, x1, HEIGHT - FOOT, colour);
    c.setLineDash([]);
    if (words) write(c, words, Math.max(x0, 0) + 4, HEAD + 8, { colour: app.colours.ink, weight: 600, font: app.colours.font });
  }

  function triangles(c, now, times, colour, row) {
    c.fillStyle = colour;
    for (const t of times) {
      const x = now.xOf(t);
      if (x < 0 || x > width()) continue;
      const y = HEIGHT - FOOT - 4 - row * 9;
      c.beginPath(); c.moveTo(x, y - 6); c.lineTo(x + 4, y); c.lineTo(x - 4, y); c.fill();
    }
  }

  function overlay(c, now) {
    const { colours } = app;
    const w = width();
    if (now.isFrozen && view) {
      for (const one of app.state.named) if (one.stretch === view.stretch.number) { rule(c, now.xOf(one.start_s), HEIGHT - FOOT - 1, now.xOf(one.end_s), HEIGHT - FOOT - 1, colours.t2, 3); write(c, one.words, Math.max(now.xOf(one.start_s), 0) + 2, HEAD + 24, { colour: colours.t2, font: colours.font }); }
      for (const [a, b] of view.stretch.moved_s) { const [x0, x1] = [now.xOf(a), now.xOf(b)]; if (x1 > 0 && x0 < w) { rule(c, x0, HEAD + 2, x1, HEAD + 2, colours.t2, 3); write(c, "needle moves", Math.max(x0, 0) + 2, HEAD + 10, { colour: colours.t2, font: colours.font }); } }
      const reading = app.state.reading;
      if (drag && drag.isShading) shade(c, now, Math.min(drag.from, drag.to), Math.max(drag.from, drag.to), duration(Math.abs(drag.to - drag.from)), colours.t1);
      else if (reading && reading.stretch === view.stretch.number) {
        shade(c, now, reading.start_s, reading.end_s, `${fixed(reading.start_s, 2)} \u2013 ${fixed(reading.end_s, 2)} s`, colours.t1);
        reading.sources.slice(0, 3).forEach((source, i) => triangles(c, now, source.times_s, [colours.ink, colours.t3, colours.t4][i], i));
      }
      if (app.state.stretch && view.stretch.number === app.state.stretch.number) drawTrains(c, (times) => times.map(now.xOf), w);
      const at = player.state().isPlaying ? player.place(player.heard()) : null;
      if (at && at.stretch === view.stretch) heardLine(c, now.xOf(at.stretch.start_s + at.sample / at.stretch.rate_hz), w);
      for (let i = 0; i <= DIVISIONS; i += 2) write(c, `${fixed(view.s0 + i * app.knobs.s, app.knobs.s < 0.05 ? 3 : 2)}${i === DIVISIONS ? " s" : ""}`, i === 0 ? 0 : i === DIVISIONS ? w : (i * w) / DIVISIONS, HEIGHT - 8, { colour: colours.ink3, align: i === 0 ? "left" : i === DIVISIONS ? "right" : "center", font: colours.font });
    } else {
      joins(c, now);
      drawTrains(c, (times) => runningXs(now, times), w);
      if (!now.isStrobe) heardLine(c, now.xOf(now.front_s), w);
      for (let i = 0; i <= DIVISIONS; i += 2) write(c, `${plain(i * app.knobs.s * 1000)}${i === DIVISIONS ? " ms" : ""}`, i === 0 ? 0 : i === DIVISIONS ? w : (i * w) / DIVISIONS, HEIGHT - 8, { colour: colours.ink3, align: i === 0 ? "left" : i === DIVISIONS ? "right" : "center", font: colours.font });
    }
    scale(c, w);
  }

  /* trains of units beneath the trace; each has its own shape and hue */
  function drawTrains(c, xsOf, w) {
    app.trains().slice(0, 8).forEach((train, row) => {
      const y = HEIGHT - FOOT - 6 - row * 10;
      const colour = app.colours[train.colour];
      c.strokeStyle = colour;
      c.fillStyle = colour;
      c.lineWidth = 1.6;
      for (const x of xsOf(train.times_s)) {
        if (x < -4 || x > w + 4) continue;
        c.beginPath();
        if (train.shape === "ring") { c.arc(x, y, 3, 0, 7); c.stroke(); } else if (train.shape === "dot") { c.arc(x, y, 2.6, 0, 7); c.fill(); } else if (train.shape === "cross") { c.moveTo(x - 3, y - 3); c.lineTo(x + 3, y + 3); c.moveTo(x - 3, y + 3); c.lineTo(x + 3, y - 3); c.stroke(); } else { c.moveTo(x, y - 4); c.lineTo(x, y + 4); c.stroke(); }
      }
      write(c, train.label, 2, y, { colour, weight: 600, font: app.colours.font });
    });
  }

  /* places in the running sweep of times in the stretch under it */
  function runningXs(now, times) {
    const xs = [];
    for (const one of player.log()) {
      if (one.u1 < now.start_s || one.u0 > now.front_s || !app.state.stretch || one.stretch.number !== app.state.stretch.number) continue;
      const t0 = one.stretch.start_s + one.first / one.stretch.rate_hz;
      for (const t of times) { const u = one.u0 + (t - t0); if (t >= t0 && u <= one.u1 && u >= now.start_s && u <= now.front_s) xs.push(now.xOf(u)); }
    }
    return xs;
  }

  function heardLine(c, x, w) {
    const { colours } = app;
    if (x < -1 || x > w + 1) return;
    rule(c, x, HEAD, x, HEIGHT - FOOT, colours.t2, 2);
    c.fillStyle = colours.t2;
    c.beginPath(); c.moveTo(x, HEAD); c.lineTo(x - 5, HEAD - 8); c.lineTo(x + 5, HEAD - 8); c.fill();
    const isRight = x > w - 90;
    const state = player.state();
    const words = state.isMuted || !state.isSounding ? "now, silent" : "heard now";
    write(c, words, isRight ? x - 9 : x + 9, HEAD - 6, { colour: colours.t2, weight: 600, align: isRight ? "right" : "left", font: colours.font });
  }

  function scale(c, w) {
    const { colours } = app;
    const [x, y, across, up] = [w - w / DIVISIONS - 66, HEIGHT - FOOT - 26, w / DIVISIONS, (HEIGHT - HEAD - FOOT) / 8];
    c.globalAlpha = 0.85;
    c.fillStyle = colours.well;
    c.fillRect(x - 4, y - up - 6, across + 66, up + 14);
    c.globalAlpha = 1;
    rule(c, x, y - up, x, y, colours.ink, 1.5);
    rule(c, x, y, x + across, y, colours.ink, 1.5);
    write(c, size(app.knobs.uv, "\u00b5V"), x + 5, y - up + 4, { colour: colours.ink, font: colours.font });
    write(c, `${plain(app.knobs.s * 1000)} ms`, x + across + 5, y, { colour: colours.ink, font: colours.font });
  }

  /* played moments to columns; a column spans whole samples of the tape */
  function rangeAt(u0, u1) {
    const [a, b] = [player.place(u0 + 1e-7), player.place(u1 - 1e-7)];
    if (!a || !b) return null;
    if (a.stretch === b.stretch && b.sample >= a.sample) return tape.range(a.stretch, Math.round(a.sample), Math.round(b.sample) + 1);
    return tape.range(b.stretch, Math.floor(b.sample), Math.floor(b.sample) + 1);
  }

  function push(upTo) {
    const last = Math.floor(upTo * perS);
    if (last <= sent) return;
    const { head: one, buffers } = columnsOf(sent, last - sent, perS, rangeAt);
    seq += 1;
    store.receive({ seq, reset: false, streams: [one], marks: [], gaps: [] }, buffers);
    sent = last;
  }

  function restart() {
    const wish = sweep.wish(width(), sweep_s());
    perS = wish.columns_per_s;
    const u = player.heard();
    sent = Math.max(Math.floor((u - 2 * sweep_s()) * perS), 0);
    seq += 1;
    store.receive({ seq, reset: true, streams: [], marks: [], gaps: [] }, []);
    push(u);
    sweep.redraw();
  }

  function freezeAt() {
    const at = player.place(Math.max(player.heard() - 1e-6, 0));
    if (!at) { view = null; answer = null; return; }
    const log = player.log();
    const run = log[log.length - 1];
    const time = at.stretch.start_s + at.sample / at.stretch.rate_hz;
    const begun = run && run.stretch === at.stretch ? at.stretch.start_s + run.first / at.stretch.rate_hz : at.stretch.start_s;
    show(at.stretch, Math.max(Math.min(begun, time - 0.2 * sweep_s()), time - sweep_s()));
  }

  /** Show a window of a stretch, frozen. */
  function show(stretch, s0) {
    view = { stretch, s0: Math.min(Math.max(s0, stretch.start_s - 0.0), Math.max(stretch.end_s - sweep_s(), stretch.start_s)) };
    refill();
  }

  function refill() {
    if (!view) return;
    const { stretch, s0 } = view;
    const n = Math.min(Math.round(width()), Math.ceil(sweep_s() * stretch.rate_hz));
    const per_s = n / sweep_s();
    const from = (s0 - stretch.start_s) * stretch.rate_hz;
    tape.want(stretch, Math.floor(from), Math.ceil(from + sweep_s() * stretch.rate_hz));
    const step = stretch.rate_hz / per_s;
    const made = columnsOf(0, n, per_s, (a) => { const i = Math.round(a * per_s); const first = Math.floor(from + i * step); return first < 0 || first >= tape.nSamples(stretch) ? null : tape.range(stretch, first, Math.floor(from + (i + 1) * step) + 1); });
    answer = { start_s: s0, end_s: s0 + sweep_s(), streams: unpackColumns([{ ...made.head, zero_s: s0 }], made.buffers) };
    sweep.redraw();
  }

  /* buttons of the head */
  const mute = h("button", { onclick: (event) => { player.wake(); player.mute(); if (event.detail) app.focus(); } });
  const freeze = h("button", { onclick: (event) => { toggle(); if (event.detail) app.focus(); } });
  const replay = h("button", { onclick: (event) => { doReplay(); if (event.detail) app.focus(); } }, "Replay 30 s", h("kbd", null, "B"));
  const shaded = h("button", { onclick: (event) => { playShaded(); if (event.detail) app.focus(); } }, "Play shaded", h("kbd", null, "L"));
  const volume = h("input", { type: "range", min: "0", max: "1", step: "0.02", "aria-label": "volume", oninput: () => { player.wake(); player.setLoudness(Number(volume.value)); } });
  const title = h("span", { class: "ne-name" });
  const told = h("span", { class: "caption" });
  fill(head, title, told, h("span", { class: "ne-hand" }, h("label", { class: "ne-volume" }, "Volume", volume), mute, freeze, replay, shaded));
  fill(foot, seek, h("span", { class: "caption ne-where" }));

  function toggle() {
    if (player.state().isPlaying && !view) { player.freeze(); freezeAt(); } else { view = null; answer = null; player.resume(); restart(); }
    app.changed("player");
  }

  function doReplay() { view = null; answer = null; player.replay(); restart(); app.changed("player"); }

  function playShaded() {
    const { reading } = app.state;
    if (!reading || !view || reading.stretch !== view.stretch.number) return;
    player.once(view.stretch, reading.start_s, reading.end_s);
  }

  seek.addEventListener("input", () => {
    const { stretch } = app.state;
    if (!stretch) return;
    const time = stretch.start_s + (Number(seek.value) / 1000) * (stretch.end_s - stretch.start_s);
    if (view) { show(app.stretch(), time - sweep_s() / 2); app.changed("player"); } else { player.listen(app.stretch(), time); restart(); }
  });
  seek.addEventListener("change", () => { if (app.state.mode !== "free") app.lookHere(); });

  const at = (event) => { const box = canvas.getBoundingClientRect(); return { x: event.clientX - box.left, y: event.clientY - box.top }; };
  canvas.addEventListener("pointerdown", (event) => {
    canvas.focus({ preventScroll: true });
    if (!app.state.stretch) return;
    if (!view) { player.freeze(); freezeAt(); app.changed("player"); return; }
    const t = sweep.view && sweep.view.isFrozen ? sweep.view.timeAt(at(event).x) : view.s0;
    const reading = app.state.reading;
    const edge = reading && reading.stretch === view.stretch.number ? ["start_s", "end_s"].find((name) => Math.abs(sweep.view.xOf(reading[name]) - at(event).x) < GRAB) : null;
    drag = edge ? { from: edge === "start_s" ? reading.end_s : reading.start_s, to: t, isShading: true, x: at(event).x } : { from: t, to: t, isShading: false, x: at(event).x };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drag || !sweep.view) return;
    drag.to = Math.min(Math.max(sweep.view.timeAt(at(event).x), view.stretch.start_s), view.stretch.end_s);
    if (Math.abs(at(event).x - drag.x) > 4) drag.isShading = true;
    sweep.touch();
  });
  canvas.addEventListener("pointerup", () => {
    if (!drag) return;
    const { from, to, isShading } = drag;
    drag = null;
    if (isShading && Math.abs(to - from) >= SHORTEST_S) app.select(view.stretch, Math.min(from, to), Math.max(from, to));
    sweep.touch();
  });
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    if (event.shiftKey) app.turn("uv", event.deltaY + event.deltaX < 0 ? -1 : 1);
    else if (view) { show(view.stretch, view.s0 + Math.sign(event.deltaY) * sweep_s() / 5); app.changed("player"); }
    else app.turn("s", event.deltaY < 0 ? -1 : 1);
  }, { passive: false });

  /** Keys of the sweep when it is frozen: arrows move the window, with Shift the end of the shade. */
  function key(event) {
    if (!view || !["ArrowLeft", "ArrowRight", "Home", "End"].includes(event.key)) return false;
    const way = event.key === "ArrowLeft" ? -1 : 1;
    if (event.shiftKey) {
      const reading = app.state.reading && app.state.reading.stretch === view.stretch.number ? app.state.reading : { start_s: view.s0 + sweep_s() * 0.25, end_s: view.s0 + sweep_s() * 0.75 };
      app.select(view.stretch, reading.start_s, Math.max(reading.end_s + way * app.knobs.s, reading.start_s + app.knobs.s));
      return true;
    }
    show(view.stretch, event.key === "Home" ? view.stretch.start_s : event.key === "End" ? view.stretch.end_s : view.s0 + way * sweep_s() / 5);
    app.changed("player");
    return true;
  }

  /** Shade what is seen, whole. */
  function shadeAll() {
    if (!app.state.stretch) return;
    if (!view) { player.freeze(); freezeAt(); }
    if (view) app.select(view.stretch, Math.max(view.s0, view.stretch.start_s), Math.min(view.s0 + sweep_s(), view.stretch.end_s));
  }

  /** Bring the shaded stretch into the window. */
  function showShaded() {
    const { reading } = app.state;
    if (!reading) return;
    const stretch = app.stretchOf(reading.stretch);
    if (!stretch) return;
    if (player.state().isPlaying) player.freeze();
    const middle = (reading.start_s + reading.end_s) / 2;
    show(stretch, Math.min(middle - sweep_s() / 2, reading.start_s - 0.05 * sweep_s()));
  }

  /* what the line of the running sweep is, and why it may be silent */
  function soundWords(now) {
    if (now.isRefused) return "this browser gives no sound here: the sweep runs silently";
    if (now.isMuted) return "muted: M brings the sound back";
    if (!now.isSounding) return "silent: the browser waits for a click or a key before it lets sound begin";
    return "the line is the loudspeaker: what it crosses is heard";
  }

  let lastWords = "";
  function frame() {
    if (!element.offsetParent) return;
    if (!view) push(player.heard());
    if (view && player.state().isPlaying) sweep.touch();
    sweep.paint();
    const now = player.place(Math.max(player.heard() - 1e-6, 0));
    const time = view ? view.s0 : now ? now.stretch.start_s + now.sample / now.stretch.rate_hz : null;
    const words = time === null ? "" : `${fixed(time, 1)} s of ${fixed((now || view).stretch.end_s, 0)} s`;
    if (words !== lastWords) {
      lastWords = words;
      foot.lastChild.textContent = words;
      const { stretch } = view || now || {};
      if (stretch && document.activeElement !== seek) seek.value = String(Math.round(((time - stretch.start_s) / (stretch.end_s - stretch.start_s)) * 1000));
      if (player.state().kind === "replay") told.textContent = `replay, ${fixed(-player.left(), 0)} s`;
    }
  }

  function update() {
    const { state } = app;
    const now = player.state();
    title.textContent = state.stretch ? `${state.effort === "insert" ? "Needle in, then rest" : state.effort === "rest" ? "Rest" : `${state.effort[0].toUpperCase()}${state.effort.slice(1)} effort`}${app.fixed.can_move ? `, insertion ${state.stretch.insertion}` : ""}` : "Sweep";
    told.textContent = !state.stretch ? "the needle is out: I puts it in" : now.isWaiting ? "waiting for the signal" : now.kind === "replay" && now.isPlaying ? "replay" : view ? player.log().length ? "frozen: drag over a stretch to measure and name it" : "Space: listen; drag over a stretch to measure and name it" : soundWords(now);
    fill(mute, now.isMuted ? "Muted" : "Mute", h("kbd", null, "M"));
    mute.setAttribute("aria-pressed", String(now.isMuted));
    fill(freeze, now.isPlaying && !view ? "Freeze" : player.log().length ? "Run" : "Listen", h("kbd", null, "Space"));
    volume.value = String(now.loudness);
    for (const one of [freeze, replay]) one.disabled = !state.stretch;
    seek.disabled = !state.stretch;
    shaded.disabled = !(view && state.reading && state.reading.stretch === view.stretch.number);
    const reading = state.reading;
    const found = reading && reading.sources.map((one) => `${one.n} discharges, ${one.naming.words}`).join("; ");
    canvas.setAttribute("aria-label", state.stretch ? `${title.textContent}; ${size(app.knobs.uv, "\u00b5V")} and ${timeBase(app.knobs.s)}; ${view ? "frozen" : "running"}${reading ? `; shaded ${fixed(reading.start_s, 2)} to ${fixed(reading.end_s, 2)} s: ${found || reading.sentence || "no discharge"}` : ""}. Negative up.` : "No needle in the muscle.");
    sweep.touch();
  }

  return {
    element, canvas, update, frame, restart, toggle, doReplay, playShaded, key, shadeAll, showShaded, sweep, store,
    run: () => { view = null; answer = null; restart(); },
    show,
    frozen: () => view,
    refill: () => { if (view) refill(); },
    resized: () => { if (view) refill(); restart(); },
  };
}
