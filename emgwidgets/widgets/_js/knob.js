/* A knob: caption, minus, value with unit, plus, detent ticks; steps 1-2-5; drag, wheel, arrow keys, or type. */
import { h, fill } from "./dom.js";

/** options: caption, step(direction), type(text) -> whether it was understood. Returns { element, set(caption, text, place) }. */
export function makeKnob(options) {
  let isTyped = false; // what is being typed is not overwritten by an answer that comes in between
  const step = (way) => { isTyped = false; options.step(way); };
  const caption = h("div", { class: "caption" });
  const input = h("input", { type: "text", spellcheck: "false", autocomplete: "off", "aria-label": options.caption });
  const less = h("button", { tabindex: "-1", "aria-label": `less ${options.caption}`, onclick: () => step(-1) }, "\u2212");
  const more = h("button", { tabindex: "-1", "aria-label": `more ${options.caption}`, onclick: () => step(1) }, "+");
  const ticks = h("div", { class: "knob-ticks", "aria-hidden": "true" });
  const element = h("div", { class: "knob" }, caption, h("div", { class: "knob-box" }, less, input, more), ticks);
  let text = "";
  let dragged = null;
  const take = () => { isTyped = false; if (!options.type(input.value)) input.value = text; };
  input.addEventListener("input", () => { isTyped = true; });
  input.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      step(event.key === "ArrowUp" ? 1 : -1);
    } else if (event.key === "Enter") {
      take();
      input.select();
    } else if (event.key === "Escape") {
      isTyped = false;
      input.value = text;
      options.leave();
    }
  });
  input.addEventListener("change", take);
  input.addEventListener("blur", () => { isTyped = false; input.value = text; });
  element.addEventListener("wheel", (event) => {
    event.preventDefault();
    step(event.deltaY < 0 ? 1 : -1);
  }, { passive: false });
  input.addEventListener("pointerdown", (event) => { dragged = { y: event.clientY }; input.setPointerCapture(event.pointerId); });
  input.addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const steps = Math.trunc((dragged.y - event.clientY) / 16);
    if (steps) { step(Math.sign(steps)); dragged.y -= Math.sign(steps) * 16; }
  });
  input.addEventListener("pointerup", () => { dragged = null; });
  function set(words, value, place) {
    caption.textContent = words;
    text = value;
    if (!isTyped) input.value = value;
    input.setAttribute("aria-label", `${words}: ${value}`);
    fill(ticks, ...Array.from({ length: 11 }, (_, i) => h("i", { class: i === place ? "is-here" : "" })));
  }
  return { element, set };
}
