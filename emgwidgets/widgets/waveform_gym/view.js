/* The waveform gym: a clip seen and heard, five names and "cannot tell", what decides, and what was taken for what. */
import { fill, h } from "../_js/dom.js";
import { duration, plain } from "../_js/format.js";
import { makeKnob } from "../_js/knob.js";
import { themeColours } from "../_js/canvas.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";
import { paintDischarge, paintIntervals, paintStrip, paintTrace, PLOT_PX, STRIP_PX } from "./plots.js";
import { makePlayer } from "./player.js";
import { classList, dots, matrix, scoreLine, shape } from "./side.js";

const DIVISIONS = 10;
const NARROW_PX = 980;

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-gym", tabindex: "0", role: "group", "aria-label": "Waveform gym" });
  el.append(root);
  keepClicks(root);
  const id = Math.random().toString(36).slice(2);
  const clips = { item: null, beside: null, replay: null };
  const look = { span_s: 1, uv: 100, start_s: 0, which: "item" };
  let place = -1;
  let wantsBeside = false;
  let grading = null;
  let frame = 0;
  let words = "";

  const state = () => model.get("_state");
  const told = () => state().told;
  const clip = () => clips[look.which];
  const send = (content) => model.send({ ...content, view: id, place: state().place });
  const player = makePlayer(() => { refresh(); loop(); });
  const isHeard = () => state().presentation !== "picture" || told() !== null || look.which !== "item";
  const isSeen = () => state().presentation !== "sound" || told() !== null || look.which !== "item";

  /* the picture */
  const plot = h("canvas", { class: "gym-plot", tabindex: "0", role: "img" });
  const strip = h("canvas", { class: "gym-strip", "aria-hidden": "true" });
  const covered = h("div", { class: "gym-covered" });
  const note = h("div", { class: "caption gym-note" });
  const stripWords = h("div", { class: "caption" }, "what the loudspeaker gets");
  const tools = h("div", { class: "gym-tools" });
  const choices = h("div", { class: "gym-options", role: "radiogroup", "aria-label": "Name of the activity" });
  const answer = h("div", { class: "gym-told" });
  const side = h("div", { class: "gym-side" });
  const head = h("div", { class: "gym-head" });
  const foot = h("div", { class: "gym-foot caption" });
  const left = h("div", { class: "gym-left" }, tools, h("div", { class: "gym-picture" }, note, plot, covered, stripWords, strip), choices, answer);
  root.append(head, h("div", { class: "gym-main" }, left, side), foot);

  const time = makeKnob({ caption: "Time base", step: (d) => zoom(d), type: () => false, leave: () => root.focus() });
  const gain = makeKnob({ caption: "Sensitivity", step: (d) => sensitivity(d), type: () => false, leave: () => root.focus() });
  const SPANS = [0.05, 0.1, 0.2, 0.5, 1, 2, 5];
  const GAINS = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000];

  function zoom(by) {
    const middle = look.start_s + look.span_s / 2;
    const at = Math.max(0, Math.min(SPANS.indexOf(look.span_s) + by, SPANS.length - 1));
    look.span_s = SPANS[at];
    turnTo(middle - look.span_s / 2);
  }
  function sensitivity(by) {
    const at = GAINS.findIndex((step) => step >= look.uv);
    look.uv = GAINS[Math.max(0, Math.min(at - by, GAINS.length - 1))];
    paint();
  }
  function turnTo(start_s) {
    const length = clip() ? clip().samples.length / clip().rate_hz : 0;
    look.start_s = Math.max(0, Math.min(start_s, Math.max(length - look.span_s, 0)));
    paint();
  }

  function paint() {
    const width = Math.max(300, left.clientWidth - 24);
    const colours = themeColours(root);
    const one = clip();
    const now = player.now();
    time.set("Time base", `${duration(look.span_s / DIVISIONS).replace(/\.0+ /, " ")}/div`, SPANS.indexOf(look.span_s));
    gain.set("Sensitivity", `${look.uv >= 1000 ? `${look.uv / 1000} mV` : `${look.uv} µV`}/div`, GAINS.indexOf(look.uv));
    const shown = isSeen();
    covered.hidden = shown;
    plot.style.visibility = shown ? "" : "hidden";
    strip.style.visibility = stripWords.style.visibility = shown ? "" : "hidden";
    if (!shown) fill(covered, h("b", null, "Sound alone."), " The picture comes with the answer.");
    if (one && shown) {
      paintTrace(plot, width, one, look, now, colours);
      paintStrip(strip, width, one, look, now, colours);
      plot.setAttribute("aria-label", `${words || "Trace"}, ${duration(one.samples.length / one.rate_hz)} long; shown ${look.start_s.toFixed(2)} to ${(look.start_s + look.span_s).toFixed(2)} s at ${look.uv} µV a division. Left and Right turn the page.`);
      root.dataset.painted = `${state().place}:${look.which}`;
    }
  }

  function loop() {
    cancelAnimationFrame(frame);
    const step = () => {
      const now = player.now();
      if (now === null) { paint(); return; }
      if (now >= look.start_s + look.span_s || now < look.start_s) turnTo(Math.floor(now / look.span_s) * look.span_s);
      else paint();
      frame = requestAnimationFrame(step);
    };
    frame = requestAnimationFrame(step);
  }

  /* actions */
  function ask(which) {
    if (clips[which]) return;
    send({ type: "clip", which });
  }
  function play(speed = 1) {
    if (!isHeard() || !clip()) return;
    if (player.isPlaying()) { player.stop(); return; }
    player.play(clip(), look.start_s + look.span_s >= clip().samples.length / clip().rate_hz ? 0 : look.start_s, speed);
  }
  function show(which) {
    player.stop();
    look.which = which;
    words = which === "replay" ? clips.replay.words : "";
    look.uv = clips[which].per_division_uv;
    turnTo(0);
    refresh();
  }
  function beside() {
    if (!told()) return;
    if (look.which === "beside") { show("item"); play(); return; }
    wantsBeside = true;
    if (clips.beside) { show("beside"); play(); } else ask("beside");
  }
  function choose(code) {
    if (told()) return;
    if (state().asks_grade && grading === null && ["fibrillation", "positive_sharp_wave"].includes(code)) { grading = code; refresh(); return; }
    send({ type: "answer", code });
    grading = null;
  }
  function grade(value) {
    send({ type: "answer", code: grading, grade: value });
    grading = null;
  }
  function next() {
    if (!told()) return;
    player.stop();
    send({ type: state().is_over ? "again" : "next" });
  }
  const replay = (truth, given) => send({ type: "replay", truth, answer: given });

  /* parts */
  function button(text, key, onclick, more = {}) {
    return h("button", { onclick, ...more }, text, key ? h("kbd", null, key) : null);
  }
  function drawTools() {
    const heard = isHeard();
    const why = heard ? null : "picture alone: the sound comes with the answer";
    fill(tools,
      button(player.isPlaying() ? "Stop" : "Play", "Space", () => play(), { class: "is-chosen gym-play", disabled: !heard, title: why }),
      button("Slower x4", "S", () => play(0.25), { disabled: !heard }),
      button(player.isMuted() ? "Unmute" : "Mute", "M", () => player.mute(), { "aria-pressed": String(player.isMuted()) }),
      h("label", { class: "gym-volume" }, h("span", { class: "caption" }, "Volume"), h("input", { type: "range", min: 0, max: 100, value: Math.round(100 * player.loudness()), "aria-label": "Volume", oninput: (event) => player.setLoudness(event.target.value / 100) })),
      time.element, gain.element);
    fill(note, why || (look.which === "beside" ? `beside: ${told().beside.name}` : words || `${clip() ? `${plain(clip().samples.length / clip().rate_hz)} s long; ` : ""}heard at its true rate; negative up`));
  }
  function drawOptions() {
    const t = told();
    if (grading) {
      fill(choices, h("div", { class: "gym-grade" }, h("b", null, "Its grade?"), ...[0, 1, 2, 3, 4].map((value) => button(String(value), null, () => grade(value), { "aria-label": `Grade ${value}` })), h("span", { class: "caption" }, "keys 0 to 4")));
      return;
    }
    const all = [...state().options.map((one, k) => ({ ...one, key: String(k + 1) })), { code: state().cannot_tell, name: "Cannot tell", key: "0" }];
    fill(choices, ...all.map((one) => {
      const mine = t && t.answer === one.code;
      const isTruth = t && t.truth === one.code;
      const note = mine && isTruth ? "your answer, as it is" : mine ? "your answer" : isTruth ? "as it is" : one.key === "0" && !t ? "an honest answer" : null;
      return h("button", { class: `gym-option${mine ? " is-mine" : ""}${isTruth ? " is-truth" : ""}`, role: "radio", "aria-checked": String(Boolean(mine)), "aria-disabled": String(t !== null), onclick: () => choose(one.code) }, h("kbd", null, one.key), h("span", null, one.name[0].toUpperCase() + one.name.slice(1)), note ? h("span", { class: "gym-tag" }, note) : null);
    }));
  }
  function drawTold() {
    const t = told();
    answer.hidden = !t;
    if (!t) return;
    answer.className = `gym-told${t.is_right ? " is-right" : ""}`;
    const colours = () => themeColours(root);
    const wave = h("canvas", { role: "img", "aria-label": `One discharge, averaged${t.own.first ? `; first deflection ${t.own.first}` : ""}` });
    const gaps = h("canvas", { role: "img", "aria-label": `${t.own.intervals_ms.length} intervals of this, ${t.beside.intervals_ms.length} of ${t.beside.name}` });
    const hasWave = t.own.wave.byteLength > 0;
    const hasGaps = t.own.intervals_ms.length > 1;
    const also = t.also.length ? h("p", { class: "caption" }, `Also there: ${t.also.join(", ")}.`) : null;
    const sources = t.sources.length ? h("p", { class: "caption" }, `Ranges: ${t.sources.join("; ")}.`) : null;
    fill(answer, shape(t.is_right ? "right" : "wrong"),
      h("div", { class: "gym-words" }, h("p", { role: "status" }, h("b", null, t.lead), " ", t.why), also, sources,
        h("div", { class: "gym-close" },
          hasWave ? h("figure", null, h("figcaption", { class: "caption" }, "one discharge, averaged; 2 ms/div"), wave) : null,
          h("div", { class: "gym-close-right" }, hasGaps ? h("figure", null, h("figcaption", { class: "caption" }, "intervals between discharges, log scale"), gaps) : null,
            h("div", { class: "gym-after" }, button(look.which === "beside" ? "Back to this" : `Hear it beside: ${t.beside.name}`, "B", beside), button(state().is_over ? "Another round" : "Next", "⏎", next, { class: "is-chosen gym-next" }))))));
    if (hasWave) paintDischarge(wave, 240, 130, t.own, colours());
    if (hasGaps) paintIntervals(gaps, Math.max(240, Math.min(420, left.clientWidth - 330)), 74, t, colours());
  }
  function drawSide() {
    const s = state();
    fill(side, h("section", null, h("h4", null, "What was taken for what ", h("span", { class: "caption" }, `${s.matrix.n} items`)), matrix(s.matrix, replay), scoreLine(s.score, s.yardstick)),
      s.classes.length ? h("section", null, h("h4", null, "By class ", h("span", { class: "caption" }, `share right, 90 % interval${s.classes.some((one) => one.never_miss) ? "; ! never to miss or overcall" : ""}`)), classList(s.classes)) : null,
      h("section", null, h("h4", null, "This round"), dots(s.dots, s.n), h("p", { class: "caption" }, s.is_kept ? "plus: right, minus: other, dashed: to come. Kept between starts on this machine." : "The folder of answers cannot be written: they last until the kernel stops.")));
  }
  function refresh() {
    const s = state();
    fill(head, h("strong", null, "Waveform gym"), h("span", { class: "gym-sub" }, `item ${s.place + 1} of ${s.n}, ${s.group}, level ${s.level}`), h("span", { class: "caption gym-facts" }, `generated, seed ${s.seed}; concentric needle`));
    drawTools();
    drawOptions();
    drawTold();
    drawSide();
    fill(foot, h("span", null, grading ? "0-4: grade" : "1-5: name"), grading ? null : h("span", null, "0: cannot tell"), h("span", null, "Space: play"), h("span", null, "S: slower"), h("span", null, "B: beside the look-alike"), h("span", null, "Enter: next"), h("span", null, "Left, Right: page"), h("span", null, "+ and -: sensitivity"), h("span", { class: "gym-facts" }, PURPOSE));
  }

  function changed() {
    const hadFocus = root.contains(document.activeElement);
    if (state().place !== place || (!told() && look.which !== "item")) {
      player.stop();
      Object.assign(clips, { item: null, beside: null, replay: null });
      Object.assign(look, { which: "item", start_s: 0, span_s: 1 });
      place = state().place;
      wantsBeside = false;
      grading = null;
      words = "";
      ask("item");
    }
    refresh();
    if (hadFocus && document.activeElement !== plot) root.focus({ preventScroll: true });
    paint();
  }
  function receive(content, buffers) {
    if (content.type !== "clip" || content.place !== state().place || (content.view && content.view !== id)) return;
    const bytes = (view) => view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength);
    clips[content.which] = { ...content, samples: new Float32Array(bytes(buffers[0])), sound: new Int16Array(bytes(buffers[1])) };
    if (content.which === "item") { look.uv = content.per_division_uv; paint(); refresh(); }
    else if (content.which === "replay" || wantsBeside) { wantsBeside = false; show(content.which); play(); }
  }

  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
    const onButton = event.target.tagName === "BUTTON";
    const number = Number(event.key);
    const acts = { s: () => play(0.25), m: () => player.mute(), b: beside, ArrowRight: () => turnTo(look.start_s + look.span_s), ArrowLeft: () => turnTo(look.start_s - look.span_s), "+": () => sensitivity(1), "=": () => sensitivity(1), "-": () => sensitivity(-1), "[": () => zoom(1), "]": () => zoom(-1), Escape: () => { grading = null; refresh(); } };
    const act = acts[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (event.key === " " && !onButton) { event.preventDefault(); play(); }
    else if (event.key === "Enter" && !onButton) { event.preventDefault(); next(); }
    else if (grading && number >= 0 && number <= 4 && event.key !== " ") { event.preventDefault(); grade(number); }
    else if (/^[0-5]$/.test(event.key)) { event.preventDefault(); choose(number === 0 ? state().cannot_tell : (state().options[number - 1] || {}).code); }
    else if (act) { event.preventDefault(); act(); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  let dragged = null;
  plot.addEventListener("pointerdown", (event) => { dragged = { x: event.clientX, start_s: look.start_s }; plot.setPointerCapture(event.pointerId); });
  plot.addEventListener("pointermove", (event) => { if (dragged) turnTo(dragged.start_s - ((event.clientX - dragged.x) / plot.clientWidth) * look.span_s); });
  plot.addEventListener("pointerup", () => { dragged = null; });
  plot.style.height = `${PLOT_PX}px`;
  strip.style.height = `${STRIP_PX}px`;
  const resized = new ResizeObserver(() => { root.classList.toggle("is-narrow", root.clientWidth < NARROW_PX); paint(); drawTold(); });
  resized.observe(root);
  const themed = new MutationObserver(() => { paint(); drawTold(); });
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light"] });
  model.on("change:_state", changed);
  model.on("msg:custom", receive);
  root.emgGym = { player, look, clips }; // what the tests listen to
  changed();
  const unwatch = watchKernel(root, model, "Run the cell again: progress up to the last answer is kept.");
  return () => { unwatch(); cancelAnimationFrame(frame); player.close(); resized.disconnect(); themed.disconnect(); model.off("change:_state", changed); model.off("msg:custom", receive); };
}
