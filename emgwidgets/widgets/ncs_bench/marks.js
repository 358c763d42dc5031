/* The marks of one result: shape and letter first, colour second. */

const SHAPES = {
  N: '<circle cx="8" cy="8" r="6.4" fill="none" stroke="var(--ok)" stroke-width="1.4"/><text x="8" y="11" fill="var(--ok)">N</text>',
  B: '<path d="M8 .9 15.1 8 8 15.1.9 8z" fill="none" stroke="var(--ab)" stroke-width="1.4"/><text x="8" y="11" fill="var(--ab)">B</text>',
  A: '<rect x="1.5" y="1.5" width="13" height="13" fill="var(--ab)"/><text x="8" y="11.2" fill="var(--bg)">A</text>',
  0: '<rect x="1.5" y="1.5" width="13" height="13" fill="var(--ab)"/><path d="M3.5 8h9" stroke="var(--bg)" stroke-width="2"/>',
  "-": '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.3" stroke-dasharray="2.4 2"/>',
  "?": '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.3"/><path d="M2 8l6-6M2 14 14 2M8 14l6-6" stroke="var(--line2)" stroke-width=".7"/><text x="8" y="11.2" fill="var(--ink)">?</text>',
  i: '<circle cx="8" cy="8" r="6.5" fill="none" stroke="var(--line2)" stroke-width="1.3"/><path d="M8 7v4.5M8 4.2v1.6" stroke="var(--line2)" stroke-width="1.5"/>',
};
const WORDS = { N: "normal", B: "borderline: the interval crosses the limit", A: "abnormal", 0: "no response", "-": "not tested", "?": "cannot be judged", i: "criteria met" };

/** Mark of a result with its word as text alternative. */
export function resultMark(mark, reason = "") {
  const span = document.createElement("span");
  span.className = "nb-result";
  const words = [WORDS[mark] || "", reason].filter(Boolean).join(": ");
  span.title = words;
  span.setAttribute("role", "img");
  span.setAttribute("aria-label", words);
  span.innerHTML = `<svg viewBox="0 0 16 16" aria-hidden="true">${SHAPES[mark] || ""}</svg>`;
  return span;
}
