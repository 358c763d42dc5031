/* Pictures follow a change of JupyterLab's theme. It hides its pages meanwhile, so the redraw waits until the widget is seen again. */
const WAIT_MS = 60;
const MOST_WAITS = 50; // a widget in a hidden tab is redrawn by its size when it is shown

/** Call redraw after each change of theme; returns an observer to disconnect. */
export function onTheme(root, redraw) {
  let waiting = 0;
  const look = (n) => {
    clearTimeout(waiting);
    if (root.clientWidth) redraw(); else if (n) waiting = setTimeout(() => look(n - 1), WAIT_MS);
  };
  const themes = new MutationObserver(() => look(MOST_WAITS));
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  return { disconnect: () => { clearTimeout(waiting); themes.disconnect(); } };
}
