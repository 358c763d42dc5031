/* What the technique allows, and what the numbers carry: sentences from Python, each with the mark that belongs to it. */
import { fill, h, message } from "../_js/dom.js";
import { PURPOSE } from "../_js/purpose.js";
import { resultMark } from "./marks.js";

/** The column; returns { element, update }. */
export function makeTechnique(app) {
  const head = h("div", { class: "nb-head" });
  const list = h("div", { class: "nb-list" });
  const carries = h("div", { class: "nb-list" });
  const element = h("aside", { class: "nb-technique", "aria-label": "technique and what the numbers carry" }, head, list, h("div", { class: "nb-head" }, h("strong", null, "What this carries")), carries, h("div", { class: "caption nb-note" }, PURPOSE));

  function update() {
    const { technique, carried } = app.state;
    fill(head, h("strong", null, "Technique"), h("span", { class: "caption" }, `${technique.length} open`));
    fill(list, ...(technique.length ? technique.map((one) => {
      const box = message("warn", one.what, one.why);
      if (one.site) box.lastChild.append(" ", h("button", { onclick: () => app.choose({ study: one.study, side: one.side, site: one.site }) }, "Go there"));
      return box;
    }) : [h("div", { class: "caption" }, app.state.tested.length ? "nothing found that limits what was kept" : "nothing kept yet")]));
    fill(carries, ...(carried.length ? carried.map((one) => h("div", { class: "nb-carried" }, resultMark(one.mark), h("span", null, one.text))) : [h("div", { class: "caption" }, "Nothing yet: keep a response first.")]));
  }
  return { element, update };
}
