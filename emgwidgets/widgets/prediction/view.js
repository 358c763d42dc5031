/* A question and its options; keys 1 to 6 choose, the first choice counts. */
import { fill, h } from "../_js/dom.js";
import { keepClicks, keepFocus } from "../_js/steady.js";

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-pr" });
  el.append(root);
  keepClicks(root);
  keepFocus(root);

  function choose(index) {
    if (model.get("choice") !== null) return;
    model.set("choice", index);
    model.save_changes();
  }

  function draw() {
    const { question, options } = model.get("_content");
    const choice = model.get("choice");
    const isDone = choice !== null;
    const cards = options.map((text, i) => {
      const isMine = choice === i;
      return h("button", { class: `pr-option${isMine ? " is-mine" : ""}`, role: "radio", "aria-checked": String(isMine), "aria-disabled": String(isDone && !isMine), onclick: () => choose(i) },
        h("kbd", null, String(i + 1)), h("span", { class: "pr-text" }, text), isMine ? h("span", { class: "pr-note" }, "your choice") : null);
    });
    fill(root, h("div", { class: "pr-head" }, h("strong", null, "Predict first"), h("span", { class: "caption" }, "before any number is shown; the first choice is kept, and shown again at the end"), h("span", { class: "caption pr-state" }, isDone ? "answered" : "not answered")),
      h("div", { class: "pr-question" }, question), h("div", { class: "pr-options", role: "radiogroup", "aria-label": question }, ...cards));
  }
  model.on("change:choice", draw);
  model.on("change:_content", draw);
  root.addEventListener("keydown", (event) => {
    event.stopPropagation();
    const number = Number(event.key);
    if (number >= 1 && number <= model.get("_content").options.length) { event.preventDefault(); choose(number - 1); }
  });
  root.addEventListener("keyup", (event) => event.stopPropagation());
  draw();
  return () => { model.off("change:choice", draw); model.off("change:_content", draw); };
}
