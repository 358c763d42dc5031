/* The two vocabularies of marks, never mixed in one column: the result of one measurement, and evidence for one
   explanation. Shape and letter first, colour second. */

const RESULTS = {
  N: ["normal", '<circle cx="8" cy="8" r="6.4" fill="var(--bg)" stroke="var(--ok)" stroke-width="1.4"/><text x="8" y="11" fill="var(--ok)">N</text>'],
  B: ["borderline: the interval crosses the limit", '<path d="M8 .9 15.1 8 8 15.1.9 8z" fill="var(--bg)" stroke="var(--ab)" stroke-width="1.4"/><text x="8" y="11" fill="var(--ab)">B</text>'],
  A: ["abnormal", '<rect x="1.5" y="1.5" width="13" height="13" fill="var(--ab)"/><text x="8" y="11.2" fill="var(--bg)">A</text>'],
  0: ["no response", '<rect x="1.5" y="1.5" width="13" height="13" fill="var(--ab)"/><path d="M3.5 8h9" stroke="var(--bg)" stroke-width="2"/>'],
  "-": ["not tested", '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.3" stroke-dasharray="2.4 2"/>'],
  "?": ["cannot be judged", '<rect x="2" y="2" width="12" height="12" fill="var(--bg)" stroke="var(--line2)" stroke-width="1.3"/><path d="M2 8l6-6M2 14 14 2M8 14l6-6" stroke="var(--line2)" stroke-width=".7"/><text x="8" y="11.2" fill="var(--ink)">?</text>'],
  S: ["complaint", '<path d="M8 1.2 14.8 6.2 12.2 14.2H3.8L1.2 6.2z" fill="var(--bg)" stroke="var(--ink)" stroke-width="1.2"/><text x="8" y="11.6" fill="var(--ink)">S</text>'],
};

const EVIDENCE = {
  supports: ["supports", '<circle cx="8" cy="8" r="6.6" fill="var(--sup)"/><path d="M8 4.6v6.8M4.6 8h6.8" stroke="var(--bg)" stroke-width="1.8"/>'],
  against: ["against", '<path d="M8 .9 15.1 8 8 15.1.9 8z" fill="none" stroke="var(--aga)" stroke-width="1.6"/><path d="M4.8 8h6.4" stroke="var(--aga)" stroke-width="1.8"/>'],
  silent: ["says nothing either way", '<circle cx="8" cy="8" r="2.6" fill="none" stroke="var(--line2)" stroke-width="1.3"/>'],
  "not tested": ["not tested", '<rect x="2" y="2" width="12" height="12" fill="none" stroke="var(--line2)" stroke-width="1.3" stroke-dasharray="2.4 2"/>'],
  "cannot be judged": ["cannot be judged", RESULTS["?"][1]],
};

/** The word of a result letter. */
export function resultWord(letter) {
  return (RESULTS[letter] || [""])[0];
}

/** Inner SVG of a result in a box of 16 by 16. */
export function resultShape(letter) {
  return (RESULTS[letter] || ["", ""])[1];
}

function span(className, words, inner, size) {
  const element = document.createElement("span");
  element.className = className;
  element.title = words;
  element.setAttribute("role", "img");
  element.setAttribute("aria-label", words);
  element.innerHTML = `<svg viewBox="0 0 16 16" width="${size}" height="${size}" aria-hidden="true">${inner}</svg>`;
  return element;
}

/** Result of one measurement as an element; words come after its own word. */
export function resultMark(letter, words = "", size = 16) {
  const [own, inner] = RESULTS[letter] || ["", ""];
  return span("emg-mark", [own, words].filter(Boolean).join(": "), inner, size);
}

/** Evidence for one explanation as an element: supports, against, silent, not tested, cannot be judged. */
export function evidenceMark(kind, words = "", size = 16) {
  const [own, inner] = EVIDENCE[kind] || ["", ""];
  return span("emg-mark", [own, words].filter(Boolean).join(": "), inner, size);
}
