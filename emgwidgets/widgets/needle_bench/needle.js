/* The needle in the muscle: cross-section and along the fibres; the tip is dragged, or moved by sliders and arrow keys. */
import { fill, h } from "../_js/dom.js";
import { fixed } from "../_js/format.js";

const NS = "http://www.w3.org/2000/svg";
const COMMIT_MS = 350;

function s(tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) if (value !== null && value !== undefined) element.setAttribute(name, String(value));
  if (text !== undefined) element.textContent = text;
  return element;
}

/** The pane of the needle; returns { element, update, nudge }. */
export function makeNeedle(app) {
  const head = h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "Needle"), h("span", { class: "caption" }, "drag the tip, or arrow keys; Shift for 0.1 mm"));
  const cross = s("svg", { viewBox: "0 0 250 196", class: "ne-cross", role: "img" });
  const along = s("svg", { viewBox: "0 0 250 62", class: "ne-along", role: "img" });
  const told = h("dl", { class: "ne-told" });
  const pictures = h("div", { class: "ne-pictures" }, cross, along);
  const element = h("section", { class: "ne-needle", "aria-label": "needle" }, head, h("div", { class: "ne-needle-row" }, pictures, h("div", { class: "ne-sliders" })));
  let wanted = {}; // moved by hand, not yet told
  let timer = 0;
  let drag = false;

  const place = () => ({ ...app.state.needle, ...wanted });
  const sliders = {
    depth_mm: slider("Depth", 0.5, (n) => [0, Math.ceil(2 * n.radius_mm)], (v) => `${fixed(v, 1)} mm`),
    angle_deg: slider("Angle to the skin", 5, () => [30, 150], (v) => `${fixed(v, 0)}\u00b0`),
    along_mm: slider("From end plates", 1, (n) => [-Math.floor(n.fibre_length_mm / 2), Math.floor(n.fibre_length_mm / 2)], (v) => `${fixed(v, 1)} mm`),
  };
  fill(element.querySelector(".ne-sliders"), ...Object.values(sliders).map((one) => one.element), told);

  function slider(caption, step, limits, words) {
    const value = h("b", null);
    const input = h("input", { type: "range", step: "0.1", "aria-label": caption });
    const name = () => Object.keys(sliders).find((key) => sliders[key].input === input);
    input.addEventListener("input", () => move({ [name()]: Number(input.value) }));
    input.addEventListener("change", () => commit());
    input.addEventListener("keydown", (event) => {
      const way = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1 }[event.key];
      if (!way) return;
      event.preventDefault();
      event.stopPropagation();
      const [low, high] = limits(app.state.needle);
      const size = event.shiftKey ? (name() === "angle_deg" ? 1 : 0.1) : step;
      move({ [name()]: Math.min(Math.max(Math.round((place()[name()] + way * size) * 10) / 10, low), high) });
      soon();
    });
    return { input, limits, words, value, element: h("label", { class: "ne-slider" }, h("span", null, caption, value), input) };
  }

  function move(changes) { wanted = { ...wanted, ...changes }; draw(); }
  function soon() { clearTimeout(timer); timer = setTimeout(commit, COMMIT_MS); }
  function commit() {
    clearTimeout(timer);
    if (!Object.keys(wanted).length) return;
    const { depth_mm, angle_deg, along_mm } = place();
    app.moveNeedle({ depth_mm, angle_deg, along_mm });
  }

  /** Arrow keys: up and down depth, left and right angle. */
  function nudge(event) {
    const { needle } = app.state;
    if (!needle || !app.fixed.can_move) return false;
    const fine = event.shiftKey;
    const changes = {
      ArrowDown: { depth_mm: Math.min(place().depth_mm + (fine ? 0.1 : 0.5), 2 * needle.radius_mm) }, ArrowUp: { depth_mm: Math.max(place().depth_mm - (fine ? 0.1 : 0.5), 0) },
      ArrowLeft: { angle_deg: Math.min(place().angle_deg + (fine ? 1 : 5), 150) }, ArrowRight: { angle_deg: Math.max(place().angle_deg - (fine ? 1 : 5), 30) },
    }[event.key];
    if (!changes) return false;
    for (const name of Object.keys(changes)) changes[name] = Math.round(changes[name] * 10) / 10;
    move(changes);
    soon();
    return true;
  }

  const tipOf = (n) => { const turn = (n.angle_deg * Math.PI) / 180; return [n.depth_mm * Math.cos(turn), n.depth_mm * Math.sin(turn)]; };

  function draw() {
    const n = place();
    if (!app.state.needle) return;
    const scale = 120 / (2 * n.radius_mm);
    const [cx, top] = [125, 44];
    const xy = (x, y) => [cx + x * scale, top + y * scale];
    const [tx, ty] = tipOf(n);
    const isIn = Math.hypot(tx, ty - n.radius_mm) <= n.radius_mm && Math.abs(n.along_mm) <= n.fibre_length_mm / 2;
    const turn = (n.angle_deg * Math.PI) / 180;
    const [ex, ey] = xy(-Math.cos(turn) * (36 / scale), -Math.sin(turn) * (36 / scale));
    const [px, py] = xy(tx, ty);
    const [mx, my] = xy(0, n.radius_mm);
    const bar = 5 * scale;
    fill(cross,
      s("rect", { x: 0, y: 0, width: 250, height: top, fill: "none" }),
      s("path", { d: `M6 ${top - 4} H244`, stroke: "var(--skinl)", "stroke-width": 1.5, fill: "none" }), s("text", { x: 6, y: top - 9, class: "ne-word" }, "skin"),
      s("circle", { cx: mx, cy: my, r: n.radius_mm * scale, fill: "var(--band)", stroke: "var(--ink)", "stroke-width": 1.4 }),
            s("line", { x1: ex, y1: ey, x2: px, y2: py, stroke: "var(--ink)", "stroke-width": 3 }),
      s("circle", { cx: px, cy: py, r: 12, fill: "transparent", stroke: "var(--t2)", "stroke-width": 1.3, "stroke-dasharray": "3 2" }),
      s("circle", { cx: px, cy: py, r: 3.4, fill: isIn ? "var(--t2)" : "var(--bg)", stroke: "var(--t2)", "stroke-width": 1.4 }),
      s("path", { d: `M8 188 h${bar} M8 184 v8 M${8 + bar} 184 v8`, stroke: "var(--ink3)", fill: "none" }), s("text", { x: 14 + bar, y: 192, class: "ne-word" }, "5 mm"),
      s("text", { x: 244, y: 192, class: "ne-word", "text-anchor": "end" }, "across the fibres"),
      s("text", { x: mx, y: my + n.radius_mm * scale + 13, class: "ne-word", "text-anchor": "middle" }, app.state.card.name));
    cross.setAttribute("aria-label", `Cross-section: needle ${fixed(n.depth_mm, 1)} mm in at ${fixed(n.angle_deg, 0)} degrees, tip ${isIn ? "in" : "outside"} the muscle.`);
    const long = 226 / n.fibre_length_mm;
    const x = (mm) => 125 + mm * long;
    const zone = Math.max(2 * n.end_plate_sd_mm * long, 3);
    const besides = Math.abs(x(n.along_mm) - 125) < 34; // the needle would stand in the words
    fill(along,
      s("rect", { x: x(-n.fibre_length_mm / 2), y: 18, width: n.fibre_length_mm * long, height: 22, fill: "var(--band)", stroke: "var(--ink)", rx: 10 }),
      ...[23, 27, 31, 35].map((y) => s("line", { x1: x(-n.fibre_length_mm / 2) + 6, x2: x(n.fibre_length_mm / 2) - 6, y1: y, y2: y, stroke: "var(--skinl)", "stroke-width": 0.6 })),
      s("rect", { x: 125 - zone, y: 16, width: 2 * zone, height: 26, fill: "var(--nerve)", "fill-opacity": 0.35, stroke: "var(--nerve)", "stroke-dasharray": "2 2" }), s("text", { x: 125 + (besides ? -zone - 4 : 0), y: 12, class: "ne-word", "text-anchor": besides ? "end" : "middle" }, "end plates"),
      s("line", { x1: x(n.along_mm), x2: x(n.along_mm), y1: 4, y2: 29, stroke: "var(--ink)", "stroke-width": 2.5 }), s("circle", { cx: x(n.along_mm), cy: 29, r: 3.4, fill: "var(--t2)" }),
      s("text", { x: 12, y: 56, class: "ne-word" }, "tendon"), s("text", { x: 238, y: 56, class: "ne-word", "text-anchor": "end" }, "tendon"), s("text", { x: 125, y: 56, class: "ne-word", "text-anchor": "middle" }, "along the fibres"));
    along.setAttribute("aria-label", `Along the fibres: ${fixed(Math.abs(n.along_mm), 1)} mm from the middle of the end-plate zone.`);
    for (const [name, one] of Object.entries(sliders)) {
      const [low, high] = one.limits(app.state.needle);
      Object.assign(one.input, { min: low, max: high });
      one.input.value = String(n[name]);
      one.value.textContent = one.words(n[name]);
      one.input.setAttribute("aria-valuetext", one.words(n[name]));
      one.input.disabled = !app.fixed.can_move;
    }
    const isPending = Object.keys(wanted).length > 0;
    fill(told, ...[["tip", isIn ? "in the muscle" : Math.abs(n.along_mm) > n.fibre_length_mm / 2 ? "in the tendon" : "outside the muscle"], ["end plates", `${fixed(Math.abs(n.along_mm), 0)} mm away`], ["", isPending ? "moving\u2026" : app.state.stretch ? "" : "needle is out"]].flatMap(([a, b]) => (b ? [h("dt", null, a), h("dd", null, b)] : [])));
  }

  function point(event) {
    const box = cross.getBoundingClientRect();
    const n = app.state.needle;
    const scale = (120 / (2 * n.radius_mm)) * (box.width / 250);
    return [(event.clientX - box.left - box.width / 2) / scale, (event.clientY - box.top) / scale - (44 / 250) * (box.width / scale)];
  }
  function toTip(event) {
    const [x, y] = point(event);
    const n = app.state.needle;
    const angle = Math.min(Math.max((Math.atan2(Math.max(y, 0.2), x) * 180) / Math.PI, 30), 150);
    move({ depth_mm: Math.round(Math.min(Math.max(Math.hypot(x, Math.max(y, 0)), 0), 2 * n.radius_mm) * 10) / 10, angle_deg: Math.round(angle) });
  }
  cross.addEventListener("pointerdown", (event) => { if (!app.fixed.can_move) return; drag = true; cross.setPointerCapture(event.pointerId); toTip(event); });
  cross.addEventListener("pointermove", (event) => { if (drag) toTip(event); });
  cross.addEventListener("pointerup", () => { if (drag) { drag = false; commit(); } });

  function update() {
    element.hidden = !app.state.needle;
    if (!drag) wanted = {};
    draw();
  }
  return { element, update, nudge };
}
