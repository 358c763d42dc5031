/* An exercise: a picture, a question, options by key or mouse, what decides; the first answer counts. */
import { fill, h } from "../_js/dom.js";
import { watchKernel } from "../_js/kernel_gone.js";
import { keepClicks } from "../_js/steady.js";
import { onTheme } from "../_js/themed.js";
import { drawItem, heightOf, lanesOf } from "./traces.js";

const SHAPES = {
  other: '<svg viewBox="0 0 20 20" aria-hidden="true"><path d="M10 1.5 18.5 10 10 18.5 1.5 10z" fill="none" stroke="var(--aga)" stroke-width="1.6"/><path d="M6 10h8" stroke="var(--aga)" stroke-width="2"/></svg>',
  as: '<svg viewBox="0 0 20 20" aria-hidden="true"><circle cx="10" cy="10" r="8" fill="none" stroke="var(--sup)" stroke-width="1.6"/><path d="m6 10.5 2.8 2.8L14.2 7" fill="none" stroke="var(--sup)" stroke-width="2"/></svg>',
};

function shape(kind) {
  const span = document.createElement("span");
  span.innerHTML = SHAPES[kind];
  return span.firstChild;
}

/* the histogram as words */
function spreadWords(one) {
  if (!one) return "";
  const bins = one.counts.map((n, k) => (n ? `${n} ${k === one.counts.length - 1 ? `over ${k * one.step}` : `from ${k * one.step} to ${(k + 1) * one.step}`}` : "")).filter(Boolean);
  return `. ${one.label}: ${bins.join(", ")}; ${one.limit_label}`;
}

function pairs(list) {
  return list.map(([name, value]) => h("span", null, h("span", null, name), h("b", null, value)));
}

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-ex", tabindex: "0", role: "group", "aria-label": "Exercise" });
  el.append(root);
  keepClicks(root);
  let gain = 0;
  let shown = -1;
  let canvas = null;

  const item = () => model.get("_item");
  const answers = () => model.get("_answers");
  const send = (content) => model.send(content);
  const go = (index) => { if (index >= 0 && index < answers().length) send({ type: "go", index }); };
  const choose = (choice) => { if (answers()[item().index] === null) send({ type: "answer", index: item().index, choice }); };
  const turn = (by) => { gain = Math.min(Math.max(gain + by, -4), 9); paint(); };

  function next() {
    const list = answers();
    const here = item().index;
    for (let k = 1; k <= list.length; k += 1) if (list[(here + k) % list.length] === null) return go((here + k) % list.length);
    return undefined;
  }

  function head() {
    const list = answers();
    const given = list.filter((one) => one !== null);
    const right = given.filter((one) => one.is_true).length;
    const dots = list.map((one, i) => h("button", { class: `${i === item().index ? "is-here" : ""} ${one === null ? "" : one.is_true ? "is-true" : "is-other"}`, "aria-label": `Item ${i + 1}, ${one === null ? "not answered" : one.is_true ? "as it is" : "other than it is"}`, "aria-current": i === item().index ? "true" : null, onclick: () => go(i) }, String(i + 1)));
    return h("div", { class: "ex-head" }, h("strong", null, "Exercise"), h("span", { class: "caption" }, "the first answer counts; keys 1 to 9, Enter for the next, + and - for the gain"), h("span", { class: "caption", role: "status" }, given.length ? `${right} of ${given.length} as it is${item().is_kept ? "" : "; not kept, the folder cannot be written"}` : `${list.length} items`), h("div", { class: "ex-dots" }, ...dots));
  }

  function told() {
    const one = item().told;
    if (!one) return null;
    const isTrue = answers()[item().index].is_true;
    const left = answers().some((given) => given === null);
    return h("div", { class: `ex-told${isTrue ? " is-true" : ""}`, role: "status" }, shape(isTrue ? "as" : "other"),
      h("div", null, h("p", { class: "ex-lead" }, one.lead), h("p", null, one.why), h("div", { class: "ex-found" }, ...pairs(one.found))),
      h("button", { class: "ex-next is-chosen", onclick: next, disabled: !left }, left ? "Next" : "All answered", left ? h("kbd", null, "⏎") : null));
  }

  function options() {
    const mine = answers()[item().index];
    const truth = item().told ? item().told.truth : null;
    const cards = item().options.map((text, i) => h("button", { class: `ex-option${mine && mine.choice === i ? " is-mine" : ""}${truth === i ? " is-true" : ""}`, role: "radio", "aria-checked": String(Boolean(mine && mine.choice === i)), "aria-disabled": String(mine !== null), onclick: () => choose(i) },
      h("kbd", null, String(i + 1)), h("span", null, text), mine && mine.choice === i ? h("span", { class: "ex-note" }, "your answer") : null, truth === i && !(mine && mine.choice === i) ? h("span", { class: "ex-note" }, "as it is") : null));
    return h("div", { class: "ex-options", role: "radiogroup", "aria-label": item().question }, ...cards);
  }

  function plot() {
    canvas = h("canvas", { role: "img", "aria-label": `${item().traces.length} traces in ${lanesOf(item()).length} lanes: ${[...new Set(item().traces.map((one) => one.label))].join("; ")}${spreadWords(item().spread)}` });
    return h("div", { class: "ex-plot" }, canvas, h("div", { class: "ex-gain" }, h("button", { "aria-label": "Smaller", onclick: () => turn(-1) }, "−"), h("button", { "aria-label": "Larger", onclick: () => turn(1) }, "+")));
  }

  function paint() {
    if (!canvas || !item().traces.length) return;
    const width = Math.max(320, root.clientWidth - 2);
    canvas.style.height = `${heightOf(item())}px`;
    drawItem(canvas, width, item(), gain);
    root.dataset.painted = String(item().index);
  }

  function draw() {
    const hadFocus = root.contains(document.activeElement);
    if (item().index !== shown) gain = 0;
    shown = item().index;
    fill(root, head(), h("div", { class: "ex-question" }, `${item().index + 1}. ${item().question}`), item().known.length ? h("div", { class: "ex-known" }, ...pairs(item().known)) : null, item().traces.length ? plot() : null, options(), told());
    if (hadFocus) root.focus({ preventScroll: true });
    paint();
  }

  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const number = Number(event.key);
    const onButton = event.target.tagName === "BUTTON";
    const acts = { ArrowRight: () => go(item().index + 1), ArrowLeft: () => go(item().index - 1), "+": () => turn(1), "=": () => turn(1), "-": () => turn(-1) };
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (number >= 1 && number <= item().options.length) { event.preventDefault(); choose(number - 1); }
    else if (event.key === "Enter" && !onButton) { event.preventDefault(); next(); }
    else if (acts[event.key]) { event.preventDefault(); acts[event.key](); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  const resized = new ResizeObserver(paint);
  resized.observe(root);
  const themed = onTheme(root, paint);
  model.on("change:_item", draw);
  draw();
  const unwatch = watchKernel(root, model, "Run the cell again; the exercise starts afresh.");
  return () => { unwatch(); resized.disconnect(); themed.disconnect(); model.off("change:_item", draw); };
}
