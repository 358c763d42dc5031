/* Says when the kernel does not answer: the picture stays, numbers cannot change. */
import { h, message } from "./dom.js";

const PATIENCE_MS = 8000;

/** makeAway(root) -> { element, sent, heard, leave }: call sent() with each message and heard() with each answer. */
export function makeAway(root) {
  const element = h("div", { class: "emg-away", role: "status" });
  element.hidden = true;
  let timer = 0;
  function sent() {
    if (timer) return;
    timer = setTimeout(() => {
      timer = 0;
      element.replaceChildren(message("warn", "No answer from the kernel.", `It is busy or gone: this is the page of ${new Date().toTimeString().slice(0, 5)}, numbers cannot change. If it was restarted, run the cell again.`));
      element.hidden = false;
      root.classList.add("is-away");
    }, PATIENCE_MS);
  }
  function heard() {
    clearTimeout(timer);
    timer = 0;
    element.hidden = true;
    root.classList.remove("is-away");
  }
  return { element, sent, heard, leave: () => clearTimeout(timer) };
}
