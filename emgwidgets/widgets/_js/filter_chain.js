/* The chain of display filters as buttons: change, switch off, remove, add. It filters nothing. */
import { fill, h } from "./dom.js";
import { makeKnob } from "./knob.js";
import { parseSize, rate, step125 } from "./format.js";

const KINDS = [["high_pass", "high-pass"], ["low_pass", "low-pass"], ["notch", "notch"], ["rectify", "rectify"], ["envelope", "envelope"]];
const OFFERED = { high_pass: 20, low_pass: 10000, notch: 50, rectify: null, envelope: 5 }; // 20 Hz to 10 kHz: usual band of needle EMG (see docs)

const filterWords = (step) => { const name = KINDS.find(([kind]) => kind === step.kind)[1]; return step.frequency_hz ? `${name} ${rate(step.frequency_hz)}` : name; };

/** options: steps() -> steps, set(steps), most() -> half the sampling rate, notes() -> sentences, leave(); and where they are
 *  wanted raw (word for what is not filtered), first() -> elements before the filters, also() -> elements of the editor,
 *  opened() when a filter is edited. Returns { element, editor, update, close }. */
export function makeFilterChain({ steps, set, most, notes, leave, raw = "as recorded", first = () => [], also = () => [], opened = () => {} }) {
  const element = h("div", { class: "tv-chain" });
  const editor = h("div", { class: "tv-editor" });
  let edited = -1;

  const changeEdited = (fields) => set(steps().map((step, i) => (i === edited ? { ...step, ...fields } : step)));
  const close = () => { edited = -1; update(); leave(); };

  function drawEditor() {
    const step = steps()[edited];
    if (!step) { fill(editor); return; }
    const knob = makeKnob({
      caption: "Frequency", leave: close, step: (way) => changeEdited({ frequency_hz: step125(steps()[edited].frequency_hz, way) }),
      type: (text) => { const hz = parseSize(text, "Hz", 1); if (hz) changeEdited({ frequency_hz: hz }); return Boolean(hz); },
    });
    if (step.frequency_hz) knob.set("Frequency", rate(step.frequency_hz), Math.round((Math.log10(step.frequency_hz) % 1) * 3) + 4);
    fill(editor, step.frequency_hz ? knob.element : null,
      h("button", { "aria-pressed": String(step.is_on), onclick: () => changeEdited({ is_on: !step.is_on }) }, step.is_on ? "On" : "Off"),
      h("button", { onclick: () => { const rest = steps().filter((_, i) => i !== edited); edited = -1; set(rest); } }, "Remove"), ...also(), h("button", { onclick: close }, "Done"));
  }

  function update() {
    const buttons = steps().flatMap((step, i) => [
      h("span", { class: "tv-then", "aria-hidden": "true" }, "\u203a"),
      h("button", { class: step.is_on ? "" : "is-off", "aria-pressed": i === edited ? "true" : null, title: "Change or switch off", onclick: () => { opened(); edited = i === edited ? -1 : i; update(); } }, step.is_on ? filterWords(step) : `${filterWords(step).split(" ")[0]} off`)]);
    const add = h("select", { class: "tv-add", "aria-label": "add a filter", onchange: () => {
      if (!add.value) return;
      const offered = OFFERED[add.value];
      opened();
      edited = steps().length;
      set([...steps(), { kind: add.value, frequency_hz: offered && offered >= most() ? step125(most(), -1) : offered, is_on: true }]);
    } }, h("option", { value: "" }, "+"), ...KINDS.map(([kind, name]) => h("option", { value: kind }, name)));
    fill(element, h("span", { class: "tv-raw" }, h("i", null), raw), ...first(), ...buttons, h("span", { class: "tv-then", "aria-hidden": "true" }, "\u203a"), add,
      notes().length ? h("span", { class: "caption" }, notes().join("; ")) : null);
    drawEditor();
  }
  return { element, editor, update, close: () => { edited = -1; } };
}
