/* Keeps the hand's place when a redraw replaces what it holds: a pressed button keeps its click, a focused control its focus.
   A field that is left by pressing a button sends its value, and the answer may redraw the button before it is released. */

const PRESSABLE = "button, summary, label, a[href], [role=button], [role=tab], [role=option]";
const FOCUSABLE = `${PRESSABLE}, input, select, textarea, [tabindex]`;
const STILL_PX = 6; // a hand that moved farther has let go elsewhere on purpose

const signature = (one) => [one.tagName, one.getAttribute("aria-label"), one.getAttribute("name"), JSON.stringify(one.dataset || {}), one.matches("input, select, textarea") ? "" : one.textContent].join("\n");

/** A control as it can be found again after a redraw: by what it says, and its place among those that say the same. */
function remember(root, one, kinds) {
  const told = signature(one);
  const alike = () => [...root.querySelectorAll(kinds)].filter((other) => signature(other) === told);
  const before = alike();
  const at = before.indexOf(one);
  return () => {
    if (one.isConnected) return one;
    const now = alike();
    return now.length === before.length ? now[at] || null : null; // one more or one less: which it was cannot be told
  };
}

/** keepClicks(root): from here on, as long as root lives; it listens on root alone and needs no end. */
export function keepClicks(root) {
  root.addEventListener("pointerdown", (down) => {
    const one = down.button === 0 && down.target.closest && down.target.closest(PRESSABLE);
    if (!one || one === root || !root.contains(one)) return;
    const find = remember(root, one, PRESSABLE);
    const ended = new AbortController();
    const up = (event) => {
      if (event.pointerId !== down.pointerId) return;
      ended.abort();
      const isStill = event.type === "pointerup" && Math.hypot(event.clientX - down.clientX, event.clientY - down.clientY) < STILL_PX;
      const now = isStill ? find() : null;
      // still the same and under the pointer: the browser clicks by itself
      if (!now || (now === one && one.contains(event.target)) || now.matches(":disabled") || !now.getClientRects().length) return;
      now.dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, composed: true, detail: 1 }));
    };
    for (const type of ["pointerup", "pointercancel"]) document.addEventListener(type, up, { capture: true, signal: ended.signal });
  }, true);
}

/** keepFocus(root): where a redraw took the focused control away and nothing else was focused, its successor gets the focus. */
export function keepFocus(root) {
  let find = null;
  root.addEventListener("focusin", (event) => { find = event.target !== root && event.target.matches(FOCUSABLE) ? remember(root, event.target, FOCUSABLE) : null; });
  root.addEventListener("focusout", (event) => {
    const was = find;
    // some browsers tell of the leaving before the control is gone: whether it was taken away shows when the script has ended
    queueMicrotask(() => { if (find === was && event.target.isConnected) find = null; });
  });
  new MutationObserver(() => {
    if (!find || (document.activeElement && document.activeElement !== document.body)) return;
    const now = find();
    if (now) now.focus({ preventScroll: true });
  }).observe(root, { childList: true, subtree: true });
}
