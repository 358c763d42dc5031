/* Small helpers to make elements; no state. */

/** Make an element: h("button", { class: "x", onclick: f }, "text", child). */
export function h(tag, attributes, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

/** Replace the children of an element. */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const SHAPES = {
  warn: '<path d="M8 1.5 15 14H1z" fill="var(--warn)"/><path d="M8 6v4M8 11.2v1.5" stroke="var(--warnw)" stroke-width="1.6"/>',
  error: '<path d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" fill="var(--ab)"/><path d="m5.5 5.5 5 5m0-5-5 5" stroke="var(--abw)" stroke-width="1.6"/>',
  info: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="var(--line2)" stroke-width="1.3"/><path d="M8 7v4.5M8 4.2v1.6" stroke="var(--line2)" stroke-width="1.5"/>',
};

/** A mark of a message: triangle, octagon or circle; shape first, colour second. */
export function mark(kind) {
  const span = document.createElement("span");
  span.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${SHAPES[kind] || SHAPES.info}</svg>`;
  return span.firstChild;
}

/** The message box of the visual language. */
export function message(kind, strong, text) {
  return h("div", { class: `message ${kind}`, role: kind === "error" ? "alert" : "note" }, mark(kind), h("span", null, h("b", null, strong), text ? ` ${text}` : ""));
}
