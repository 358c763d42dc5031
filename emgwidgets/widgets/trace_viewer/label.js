/* The label palette: L, then the letter of a term; free words as the way out. */
import { fill, h } from "../_js/dom.js";

/** A palette over the plot. app.terms: [{ code, letter, label, short, definition, source, mark }]. */
export function makeLabels(app) {
  const words = h("input", { type: "text", placeholder: "or own words, then Enter", "aria-label": "own words", size: 26 });
  const definition = h("div", { class: "caption tv-definition" });
  const list = h("div", { class: "tv-terms" });
  const element = h("div", { class: "tv-labels", role: "dialog", "aria-label": "label", tabindex: "-1" },
    h("div", { class: "tv-head" }, h("strong", null, "Label"), h("span", { class: "caption" }, "a letter; Esc closes"), h("span", { class: "tv-right" }, words)), list, definition);
  element.hidden = true;

  function say(term) {
    definition.textContent = term ? `${term.label}: ${term.definition} ${term.source}${term.mark && term.mark !== "V" ? " (unverified)" : ""}` : "";
  }

  function open() {
    fill(list, ...app.terms.map((term) => {
      const button = h("button", { tabindex: "-1", title: term.definition, onclick: () => choose(term.code) }, h("kbd", null, term.letter), h("span", null, term.label));
      button.addEventListener("pointerenter", () => say(term));
      button.addEventListener("focus", () => say(term));
      return button;
    }));
    say(null);
    words.value = "";
    element.hidden = false;
    element.focus({ preventScroll: true });
  }

  function close() {
    element.hidden = true;
    app.focus();
  }

  function choose(label) {
    close();
    app.addMark(label);
  }

  element.addEventListener("keydown", (event) => {
    event.stopPropagation();
    if (event.key === "Escape") { event.preventDefault(); close(); return; }
    if (event.target === words) {
      if (event.key === "Enter" && words.value.trim()) choose(words.value.trim());
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.key === "Tab") return;
    const term = app.terms.find((other) => other.letter === event.key.toLowerCase());
    if (term) { event.preventDefault(); choose(term.code); }
  });
  return { element, open, close, isOpen: () => !element.hidden };
}
