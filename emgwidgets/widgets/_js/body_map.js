/* The body, front and back, both sides: muscles or skin areas, coloured and marked by result, to click or to reach by key.

   const map = makeBodyMap({ wire, label, regions, schemes, height, onPick });
   map.update({ region, scheme, chosen, results, dimmed });   // any part may be left out; it then stays as it was
   root.append(map.element);            // map.focus() goes to it, map.leave() when the view is gone

   wire     what emgwidgets.widgets.body_map.body_wire() returns, sent once with the widget's fixed state
   label    text for assistive technology, such as "muscles by result"
   regions  codes to offer, in order (default all); schemes  of "muscles", "dermatome", "nerve", "zone" (default all)
   height   height of the picture in px (default 250)
   onTyped  optional (text in lower case, scheme) => true when it was understood; for other names than those in the list
   onPick   ({ scheme, code, side, name }) => void, on click, Enter or a name typed in the box
   results  { "muscles/tibialis_anterior/left": { mark: "A", words: "fib 2+" } }; marks N B A 0 - ? and S (a complaint) of marks.js
   chosen   key of the chosen item, such as "muscles/soleus/right"
   dimmed   optional Set of keys that cannot be chosen now
   Styles are in body_map.css. Right stands on the left from the front, left on the left from behind; both are lettered. */
import { fill, h } from "./dom.js";
import { resultShape, resultWord } from "./marks.js";
import { s } from "./svg.js";

const MARK_PX = 14;
const SCHEMES = { muscles: "Muscles", dermatome: "Dermatomes", nerve: "Skin nerves", zone: "Complaints" };
let made = 0;

function capital(text) {
  return text ? text[0].toUpperCase() + text.slice(1) : text;
}

/** Sign of x for a side in a view that is seen from the front or from behind. */
function signOf(view, side) {
  return (view.faces === "front") === (side === "right") ? -1 : 1;
}

/** Push marks apart that would cover one another; a few rounds are enough for a body. */
function spread(marks, gap) {
  for (let round = 0; round < 12; round += 1) {
    for (let i = 0; i < marks.length; i += 1) for (let j = i + 1; j < marks.length; j += 1) {
      const [a, b] = [marks[i], marks[j]];
      const [dx, dy] = [b.x - a.x || 0.01, b.y - a.y || 0.01];
      const far = Math.hypot(dx, dy);
      if (far >= gap) continue;
      const push = (gap - far) / 2 / far;
      a.x -= dx * push; a.y -= dy * push; b.x += dx * push; b.y += dy * push;
    }
  }
}

/** The body map; returns { element, update, focus, leave }. */
export function makeBodyMap(options) {
  const { wire, onPick } = options;
  made += 1;
  const id = `bm${made}-${Math.random().toString(36).slice(2, 7)}`;
  const offered = wire.regions.filter((one) => !options.regions || options.regions.includes(one.code));
  const schemes = options.schemes || Object.keys(SCHEMES);
  const state = { region: offered[0].code, scheme: schemes[0], chosen: "", results: {}, dimmed: new Set(), current: "" };
  const names = new Map();
  for (const item of wire.items) names.set(`${item.scheme}/${item.code}`, item);
  for (const item of wire.unplaced) names.set(`muscles/${item.code}`, { ...item, scheme: "muscles" });

  const region = h("select", { "aria-label": "part of the body", onchange: () => update({ region: region.value }) }, ...offered.map((one) => h("option", { value: one.code }, one.name)));
  const scheme = h("select", { "aria-label": "what is shown", onchange: () => update({ scheme: scheme.value }) }, ...schemes.map((one) => h("option", { value: one }, SCHEMES[one])));
  const list = h("datalist", { id });
  const find = h("input", { type: "text", class: "bm-find", list: id, spellcheck: "false", autocomplete: "off", placeholder: "name, side", "aria-label": "find by name and side", onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); typed(); } else if (event.key !== "Escape" && event.key !== "Tab") event.stopPropagation(); }, onchange: () => typed() });
  const pictures = h("div", { class: "bm-pictures", role: "group" });
  const said = h("div", { class: "caption bm-said", "aria-live": "polite" });
  const rest = h("div", { class: "caption bm-rest" });
  const element = h("section", { class: "bm", "aria-label": options.label || "body" },
    h("div", { class: "bm-bar" }, offered.length > 1 ? region : null, schemes.length > 1 ? scheme : null, find, list), pictures, said, rest);
  pictures.addEventListener("keydown", keys);

  function keyOf(item, side) { return `${item.scheme}/${item.code}/${side}`; }

  function wordsOf(item, side) {
    const found = state.results[keyOf(item, side)];
    const told = found ? `${resultWord(found.mark)}${found.words ? `, ${found.words}` : ""}` : item.scheme === "zone" ? "no complaint noted" : "not tested";
    return `${capital(side)} ${item.name[0].toLowerCase() === item.name[0] || /^[A-Z][a-z]/.test(item.name) ? item.name.toLowerCase() : item.name}: ${told}.${item.words ? ` ${capital(item.words)}.` : ""}`;
  }

  function pick(item, side) {
    if (state.dimmed.has(keyOf(item, side))) return;
    state.current = keyOf(item, side);
    if (onPick) onPick({ scheme: item.scheme, code: item.code, side, name: item.name });
  }

  function typed() {
    const text = find.value.trim().toLowerCase();
    if (!text) return;
    for (const item of names.values()) {
      if (item.scheme !== state.scheme) continue;
      for (const side of ["left", "right"]) if (text === `${item.name}, ${side}`.toLowerCase()) { find.value = ""; pick(item, side); return; }
    }
    if (options.onTyped && options.onTyped(text, state.scheme)) { find.value = ""; return; }
    said.textContent = `No ${state.scheme === "muscles" ? "muscle" : "area"} of this name; choose one from the list.`;
  }

  function tell(item, side) { said.textContent = item ? wordsOf(item, side) : ""; }

  function button(item, side, sign, key) {
    const found = state.results[key];
    const letter = found ? found.mark : "";
    return s("g", { class: `bm-item${letter ? ` is-${{ N: "n", B: "b", A: "a", 0: "a", "-": "u", "?": "q", S: "s" }[letter]}` : ""}${key === state.chosen ? " is-chosen" : ""}${state.dimmed.has(key) ? " is-dimmed" : ""}`, "data-key": key, role: "button", tabindex: -1, "aria-pressed": key === state.chosen, "aria-label": wordsOf(item, side),
      onclick: () => pick(item, side), onpointerenter: () => tell(item, side), onpointerleave: () => tell(null), onfocus: () => { state.current = key; tell(item, side); } },
    s("title", null, wordsOf(item, side)), s("path", { d: item.d, transform: sign < 0 ? "scale(-1 1)" : null }));
  }

  /** One window of a view: outlines, items of both sides, marks of constant size on top. */
  function draw([code, x0, x1, y0, y1], number, height) {
    const view = wire.views[code];
    const scale = height / (y1 - y0);
    const clip = `${id}-${number}`;
    const svg = s("svg", { viewBox: `${x0} ${y0} ${x1 - x0} ${y1 - y0}`, width: Math.round((x1 - x0) * scale), height, class: "bm-view", "data-view": code });
    const outlines = (view.whole ? [1] : [1, -1]).map((sign) => s("path", { d: view.d, transform: sign < 0 ? "scale(-1 1)" : null, class: "bm-skin", "stroke-width": 1.2 / scale }));
    const cut = s("clipPath", { id: clip }, ...outlines.map((one) => { const copy = one.cloneNode(); copy.removeAttribute("class"); return copy; }));
    const skin = s("g", { "clip-path": `url(#${clip})` });
    const over = s("g", { class: "bm-over" });
    svg.append(cut, ...outlines, skin, over);
    const marks = [];
    for (const side of ["right", "left"]) {
      const sign = signOf(view, side);
      for (const item of wire.items) {
        if (item.scheme !== state.scheme) continue;
        const key = keyOf(item, side);
        const isHere = item.view === code;
        const far = !isHere && view.whole && item.bx !== undefined && wire.views[item.view].faces === view.faces && !wire.views[item.view].whole;
        if (!isHere && !far) continue;
        const [x, y] = isHere ? [item.x, item.y] : [item.bx, item.by];
        if (sign * x < x0 || sign * x > x1 || y < y0 || y > y1) continue;
        if (isHere) { const shape = button(item, side, sign, key); shape.style.strokeWidth = `${(key === state.chosen ? 2 : 0.8) / scale}px`; skin.append(shape); }
        const found = state.results[key];
        if (found || (key === state.chosen && far)) marks.push({ x: sign * x, y, item, side, key, found, far });
      }
    }
    spread(marks, (MARK_PX + 1) / scale);
    for (const one of marks) {
      const group = s("g", { class: `bm-mark${one.key === state.chosen ? " is-chosen" : ""}`, transform: `translate(${one.x} ${one.y}) scale(${MARK_PX / 16 / scale}) translate(-8 -8)`, onclick: () => pick(one.item, one.side), onpointerenter: () => tell(one.item, one.side), onpointerleave: () => tell(null) });
      group.innerHTML = `<title></title>${one.key === state.chosen ? '<rect x="-2.5" y="-2.5" width="21" height="21" fill="none" stroke="var(--ink)" stroke-width="1.6"/>' : ""}${resultShape(one.found ? one.found.mark : "-")}`;
      group.firstChild.textContent = wordsOf(one.item, one.side);
      if (one.far) { group.setAttribute("role", "button"); group.setAttribute("tabindex", "-1"); group.dataset.key = one.key; group.setAttribute("aria-label", wordsOf(one.item, one.side)); group.addEventListener("focus", () => { state.current = one.key; tell(one.item, one.side); }); }
      over.append(group);
    }
    const [first, last] = view.faces === "front" ? ["R", "L"] : ["L", "R"];
    return h("figure", { class: "bm-figure" }, h("div", { class: "bm-letters", "aria-hidden": "true" }, h("span", null, first), h("span", { class: "caption" }, view.name), h("span", null, last)), svg);
  }

  function summary(drawn) {
    const counts = {};
    const shown = new Set([...drawn.querySelectorAll("[data-key]")].map((one) => one.dataset.key));
    for (const [key, found] of Object.entries(state.results)) if (shown.has(key)) (counts[found.mark] ||= []).push(`${key.split("/")[2]} ${(names.get(key.split("/").slice(0, 2).join("/")) || { name: key }).name}`);
    const told = ["A", "0", "B", "N", "?", "S"].filter((mark) => counts[mark]).map((mark) => `${counts[mark].length} ${resultWord(mark).split(":")[0]}: ${counts[mark].slice(0, 6).join(", ")}`);
    return `${wire.regions.find((one) => one.code === state.region).name}, ${SCHEMES[state.scheme].toLowerCase()}. ${told.length ? told.join(". ") : "nothing tested here"}. Arrows move, Enter chooses.`;
  }

  /** Muscles that the drawing has no place for, as buttons; tested ones with their mark. */
  function unplaced() {
    if (state.scheme !== "muscles") return [];
    const wanted = state.region === "whole" || state.region === "head" || state.region === "trunk" ? { head: ["cranial"], trunk: ["shoulder", "pelvic"], whole: ["cranial", "shoulder", "pelvic"] }[state.region] : [];
    return wire.unplaced.filter((item) => wanted.includes(item.region));
  }

  function update(changes = {}) {
    if (changes.results) state.results = changes.results;
    if (changes.dimmed) state.dimmed = changes.dimmed;
    if (changes.chosen !== undefined) state.chosen = changes.chosen || "";
    if (changes.scheme && schemes.includes(changes.scheme)) state.scheme = changes.scheme;
    if (changes.region && offered.some((one) => one.code === changes.region)) state.region = changes.region;
    region.value = state.region;
    scheme.value = state.scheme;
    const had = pictures.contains(document.activeElement);
    const { windows } = offered.find((one) => one.code === state.region);
    const room = pictures.clientWidth || options.width || 380;
    const aspects = windows.map(([, x0, x1, y0, y1]) => (x1 - x0) / (y1 - y0));
    const isStacked = aspects[0] > 1.25 && room < 620;
    pictures.classList.toggle("is-stacked", isStacked);
    const wide = isStacked ? Math.max(...aspects) : aspects.reduce((a, b) => a + b, 0);
    const height = Math.min((options.height || 250) * (isStacked ? 0.8 : 1), (room - 10) / wide);
    fill(pictures, ...windows.map((one, number) => draw(one, number, height)));
    pictures.setAttribute("aria-label", summary(pictures));
    const items = [...names.values()].filter((item) => item.scheme === state.scheme);
    if (list.dataset.scheme !== state.scheme) { list.dataset.scheme = state.scheme; fill(list, ...items.flatMap((item) => ["left", "right"].map((side) => h("option", { value: `${item.name}, ${side}` })))); }
    const others = unplaced();
    const other = others.length ? h("select", { class: "bm-other", "aria-label": "muscles that are not in the drawing", onchange: () => { const [code, side] = other.value.split("/"); if (code) pick(others.find((one) => one.code === code), side); } }, h("option", { value: "" }, "Not in the drawing\u2026"),
      ...others.flatMap((item) => ["left", "right"].map((side) => { const found = state.results[keyOf(item, side)]; return h("option", { value: `${item.code}/${side}` }, `${item.name}, ${side}${found ? `: ${resultWord(found.mark)}` : ""}`); }))) : null;
    if (other && others.some((one) => state.chosen.startsWith(`muscles/${one.code}/`))) other.value = state.chosen.slice(8);
    fill(rest, other, state.scheme === "muscles" ? null : h("span", null, wire.note));
    const home = items_().find((one) => one.dataset.key === (state.current || state.chosen)) || items_()[0];
    if (home) { home.setAttribute("tabindex", "0"); if (had) home.focus({ preventScroll: true }); }
  }

  function items_() { return [...pictures.querySelectorAll("[data-key]")]; }

  /** Arrows go to the nearest item in that direction, across both pictures. */
  function keys(event) {
    const from = event.target.closest ? event.target.closest("[data-key]") : null;
    if (!from) return;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      event.stopPropagation();
      const [kind, code, side] = from.dataset.key.split("/");
      pick(names.get(`${kind}/${code}`), side);
      return;
    }
    const way = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!way) return;
    event.preventDefault();
    event.stopPropagation();
    const centre = (one) => { const box = one.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; };
    const [x, y] = centre(from);
    let [best, least] = [null, Infinity];
    for (const one of items_()) {
      if (one === from || one.dataset.key === from.dataset.key) continue;
      const [dx, dy] = [centre(one)[0] - x, centre(one)[1] - y];
      const along = dx * way[0] + dy * way[1];
      const aside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
      const cost = along + 2 * aside;
      if (along > 0.5 && aside < 4 * along && cost < least) [best, least] = [one, cost];
    }
    if (!best) return;
    for (const one of items_()) one.setAttribute("tabindex", "-1");
    best.setAttribute("tabindex", "0");
    best.focus({ preventScroll: true });
  }

  // marks keep their size, so the picture is drawn anew when its room changes
  let width = 0;
  const sizes = new ResizeObserver(() => { if (pictures.clientWidth && Math.abs(pictures.clientWidth - width) > 2) { width = pictures.clientWidth; update(); } });
  sizes.observe(pictures);

  return { element, update, leave: () => sizes.disconnect(), focus: () => { const home = pictures.querySelector('[tabindex="0"]'); if (home) home.focus({ preventScroll: true }); } };
}
