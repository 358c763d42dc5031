/* Says plainly that there is no kernel behind a view any more, and pales it. A kernel that is only busy is not gone. */
import { h, message } from "./dom.js";

const GONE = ["dead", "restarting", "autorestarting", "terminating"]; // words of Jupyter; after a restart the old views stay without one

/** watchKernel(root, model, words): words say what became of the work; returns a function that ends watching. */
export function watchKernel(root, model, words) {
  const kernel = (model.widget_manager || {}).kernel; // where the page has one
  if (!kernel || !kernel.statusChanged) return () => {};
  const told = (_kernel, status) => {
    if (!GONE.includes(status) || root.classList.contains("is-gone")) return;
    root.prepend(h("div", { class: "emg-gone", role: "status" }, message("error", "No kernel.", `It ended at ${new Date().toTimeString().slice(0, 5)}; what is shown is of that moment and no longer answers. ${words}`)));
    root.classList.add("is-gone");
  };
  kernel.statusChanged.connect(told);
  return () => kernel.statusChanged.disconnect(told);
}
