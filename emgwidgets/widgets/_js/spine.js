/* The spine from the front: levels to choose, roots of both sides that light up, findings at their zone. Right stands left.

   const spine = makeSpine({ wire, height, onPick });      // wire: what widgets.spine.spine_wire() returns
   spine.update({ region, level, lit, findings });
   lit       { "L5/left": "f" | "w" | "m" | "fm" | "wm" }: f nerve tests support the root, w they are divided, m the MRI reaches it
   findings  [{ level, side, zone, words }]
   onPick    ({ level, side, zone }) => void; a click tells side and zone by its place, Enter only the level; arrows move
             along the levels. Styles in spine.css. */
import { fill, h } from "./dom.js";
import { s } from "./svg.js";

const MIDDLE = 150;
const ZONE_X = { central: 0, subarticular: 24, foraminal: 44, extraforaminal: 62, anterior: 0 };
const LIT = { f: "nerve tests support it", w: "some nerve tests support it, others speak against it", m: "the MRI reaches it", fm: "nerve tests support it and the MRI reaches it", wm: "the MRI reaches it; nerve tests are divided" };

/** The picture; returns { element, update, focus }. */
export function makeSpine(options) {
  const { wire } = options;
  const state = { region: "lumbar", level: "", lit: {}, findings: [] };
  const svg = s("svg", { class: "sp-view", role: "group" });
  const said = h("div", { class: "caption sp-said", "aria-live": "polite" });
  const element = h("section", { class: "sp", "aria-label": "spine with levels and roots" }, h("div", { class: "sp-letters", "aria-hidden": "true" }, h("span", null, "R"), h("span", { class: "caption" }, "front view"), h("span", null, "L")), svg, said);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    event.stopPropagation();
    const all = [...svg.querySelectorAll(".sp-level")];
    const next = all[all.indexOf(event.target) + step];
    if (next) { for (const one of all) one.setAttribute("tabindex", "-1"); next.setAttribute("tabindex", "0"); next.focus({ preventScroll: true }); }
  });

  function root(name, side, path, x, y) {
    const lit = state.lit[`${name}/${side}`] || "";
    const group = s("g", { class: `sp-root${lit ? ` is-lit is-${lit}` : ""}`, role: "img", "aria-label": `${name} root, ${side}${lit ? `: ${LIT[lit]}` : ""}` }, s("title", null, `${name} root, ${side}${lit ? `: ${LIT[lit]}` : ""}`), s("path", { d: path }));
    if (lit === "fm") group.append(s("rect", { x: x - 15, y: y - 12, width: 30, height: 17, rx: 2 }));
    group.append(s("text", { x, y, "text-anchor": "middle" }, name));
    return group;
  }

  function draw() {
    const region = wire.regions[state.region];
    const bodies = region.vertebrae;
    const pitch = bodies.length > 9 ? 44 : 56;
    const disc = 14;
    const height = bodies.length * pitch + 26;
    const isNeck = state.region === "cervical";
    const top = (i) => 14 + i * pitch;
    const half = (i) => 40 + (isNeck ? 0 : 1.6 * i);
    svg.setAttribute("viewBox", `0 0 300 ${height}`);
    svg.style.maxHeight = `${options.height || 340}px`;
    const bodiesGroup = s("g", { class: "sp-bodies" }, ...bodies.map((name, i) => s("g", null,
      s("path", { d: `M${MIDDLE - half(i)} ${top(i)}H${MIDDLE + half(i)}L${MIDDLE + half(i) - 5} ${top(i) + (pitch - disc) / 2}L${MIDDLE + half(i) + 1} ${top(i) + pitch - disc}H${MIDDLE - half(i) - 1}L${MIDDLE - half(i) + 5} ${top(i) + (pitch - disc) / 2}Z` }),
      )));
    const names = s("g", null, ...bodies.map((name, i) => s("text", { x: MIDDLE, y: top(i) + (pitch - disc) / 2 + 5, "text-anchor": "middle", class: "sp-body" }, name)));
    const levels = s("g");
    const roots = s("g");
    const blobs = s("g");
    for (const one of region.levels) {
      const i = bodies.indexOf(one.upper);
      const y = top(i) + pitch - disc;
      const isHere = one.code === state.level;
      const here = state.findings.filter((found) => found.level === one.code);
      const words = `${one.code}: ${here.length ? here.map((found) => [found.zone, found.side, found.words].filter(Boolean).join(" ")).join("; ") : "no finding entered"}. Exiting ${one.exiting}, traversing ${one.traversing}.`;
      levels.append(s("g", { class: `sp-level${isHere ? " is-chosen" : ""}`, role: "button", tabindex: isHere || (!state.level && one === region.levels[0]) ? 0 : -1, "aria-pressed": isHere, "aria-label": words, "data-level": one.code,
        onclick: (event) => pick(one.code, event), onkeydown: (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); pick(one.code); } }, onfocus: () => { said.textContent = words; }, onpointerenter: () => { said.textContent = words; } },
      s("title", null, words), s("rect", { x: 4, y: y - 6, width: 292, height: disc + 12, class: "sp-hit" }), s("rect", { x: MIDDLE - half(i) - 2, y: y + 1, width: 2 * half(i) + 4, height: disc - 2, rx: 5, class: "sp-disc" }), s("text", { x: 8, y: y + 11, class: "sp-name" }, one.code)));
      for (const side of ["right", "left"]) {
        const sign = side === "right" ? -1 : 1;
        const at = (x) => MIDDLE + sign * x;
        const path = isNeck || state.region === "thoracic"
          ? `M${at(10)} ${y - 20}C${at(14)} ${y - 4} ${at(30)} ${y + 4} ${at(half(i) + 10)} ${y + 6}S${at(half(i) + 30)} ${y + 10} ${at(half(i) + 40)} ${y + 12}`
          : `M${at(9)} ${Math.max(y - pitch * 1.5, 2)}C${at(13)} ${y - pitch * 0.7} ${at(20)} ${y - pitch * 0.45} ${at(half(i) - 4)} ${y - 8}S${at(half(i) + 22)} ${y + 8} ${at(half(i) + 36)} ${y + 20}`;
        roots.append(root(one.exiting, side, path, at(half(i) + 50), y + (isNeck ? 17 : 26)));
      }
      for (const found of here) {
        const isMiddle = ["central", "anterior"].includes(found.zone) || found.side === "midline";
        const isUnsure = !isMiddle && (!found.side || !found.zone);
        const sides = isMiddle ? [0] : found.side === "right" ? [-1] : found.side === "left" ? [1] : found.zone ? [-1, 1] : [0];
        for (const sign of sides) blobs.append(s("g", { class: `sp-finding${isUnsure ? " is-unsure" : ""}` }, s("title", null, found.words), s("ellipse", { cx: MIDDLE + sign * (ZONE_X[found.zone] ?? 24), cy: y + disc / 2, rx: found.zone || isMiddle ? 11 : 26, ry: found.zone || isMiddle ? 7 : 5 })));
      }
    }
    // the last vertebra's own root, below the last disc of the region
    const last = region.levels.at(-1);
    if (state.region === "lumbar" && last) for (const side of ["right", "left"]) {
      const sign = side === "right" ? -1 : 1;
      const y = top(bodies.indexOf(last.lower)) + pitch - disc;
      roots.append(root(last.traversing, side, `M${MIDDLE + sign * 8} ${y - pitch * 1.4}C${MIDDLE + sign * 12} ${y - pitch * 0.6} ${MIDDLE + sign * 18} ${y - 16} ${MIDDLE + sign * 30} ${y + 6}`, MIDDLE + sign * 42, y + 14));
    }
    fill(svg, bodiesGroup, levels, roots, names, blobs);
    svg.querySelectorAll(".sp-hit").forEach((one) => one.parentNode.insertBefore(one, one.parentNode.firstChild));
    const lit = Object.entries(state.lit).map(([key, how]) => `${key.replace("/", " ")} (${LIT[how]})`);
    svg.setAttribute("aria-label", `${state.region} spine; ${state.findings.length} findings; lit roots: ${lit.join(", ") || "none"}`);
  }

  /** Side and zone under the pointer; none for a key. */
  function placeOf(event) {
    const matrix = event && svg.getScreenCTM();
    if (!matrix) return {};
    const x = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse()).x - MIDDLE;
    if (Math.abs(x) > 100) return {};
    const zone = Object.entries(ZONE_X).filter(([name]) => name !== "anterior").reduce((best, one) => (Math.abs(Math.abs(x) - one[1]) < Math.abs(Math.abs(x) - best[1]) ? one : best))[0];
    return { zone, side: zone === "central" ? "midline" : x < 0 ? "right" : "left" };
  }

  function pick(level, event) { if (options.onPick) options.onPick({ level, ...placeOf(event) }); }

  function update(changes = {}) {
    const had = svg.contains(document.activeElement);
    Object.assign(state, Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined)));
    draw();
    if (had) { const here = svg.querySelector('.sp-level[tabindex="0"]'); if (here) here.focus({ preventScroll: true }); }
  }
  return { element, update, focus: () => { const here = svg.querySelector('.sp-level[tabindex="0"]'); if (here) here.focus({ preventScroll: true }); } };
}
