/* The trace viewer of the frozen minute, under the scope: a widget of its own, shown here. */
import { fill, h, message } from "../_js/dom.js";
import { duration } from "../_js/format.js";

/** Returns { element, show }; show(id) with the id of the viewer's model, or "" to take it away. */
export function makeBelow(app) {
  const words = h("span", { class: "caption" });
  const place = h("div", null);
  const head = h("div", { class: "sc-below-head" }, h("strong", null, "Viewer of the held minute"), words, h("span", null, h("button", { onclick: () => app.closeViewer() }, "Close", h("kbd", null, "V"))));
  const element = h("section", { class: "emg emg-below", "aria-label": "viewer of the held minute" }, head, place);
  element.hidden = true;
  let shown = "";
  async function show(id) {
    if (id === shown) return;
    shown = id;
    element.hidden = !id;
    if (app.root.dataset.emgTheme) element.dataset.emgTheme = app.root.dataset.emgTheme;
    fill(place);
    if (!id) return;
    const { frozen } = app.state;
    words.textContent = frozen ? `${duration(frozen.end_s - frozen.start_s)}; marks made here are the viewer's, not the recording's` : "";
    try {
      const manager = app.model.widget_manager;
      const view = await manager.create_view(await manager.get_model(id));
      if (shown !== id) return;
      fill(place, view.el);
      place.scrollIntoView({ block: "nearest", behavior: "smooth" });
    } catch {
      fill(place, message("warn", "This page cannot show one widget in another.", "Run scope.to_viewer() in a cell."));
    }
  }
  return { element, show };
}
