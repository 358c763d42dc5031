/* SVG elements in one call; no state. */

const NS = "http://www.w3.org/2000/svg";

/** Make an element: s("rect", { x: 1, class: "a", onclick: f }, child). */
export function s(tag, attributes, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}
