/* The limb under the hands: nerves, sites to click, electrodes, distances. Every site is a button for the keyboard too. */
import { fill, h } from "../_js/dom.js";
import { SIZE, plan } from "./limbs.js";

const NS = "http://www.w3.org/2000/svg";

function s(tag, attributes, ...children) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

function label(text, x, y, attributes = {}) {
  return s("text", { x, y, class: "nb-word", "text-anchor": "middle", ...attributes }, text);
}

function skin(limb) {
  const outline = limb.outlines.map((d) => s("path", { d, fill: "var(--skin)", stroke: "var(--skinl)", "stroke-width": 2.4 }));
  const edges = limb.fingers.map(([x1, y1, x2, y2, width]) => s("line", { x1, y1, x2, y2, stroke: "var(--skinl)", "stroke-width": width, "stroke-linecap": "round" }));
  const inside = limb.fingers.map(([x1, y1, x2, y2, width]) => s("line", { x1, y1, x2, y2, stroke: "var(--skin)", "stroke-width": width - 2.4, "stroke-linecap": "round" }));
  const cover = limb.outlines.map((d) => s("path", { d, fill: "var(--skin)", stroke: "none" }));
  return [...outline, ...edges, ...inside, ...cover];
}

function electrode(x, y, sign, words, mirror) {
  return s("g", { transform: `translate(${x} ${y}) scale(1 ${mirror})` }, s("title", null, words),
    s("rect", { x: -7, y: -7, width: 14, height: 14, fill: sign === "+" ? "var(--ink)" : "var(--bg)", stroke: "var(--ink)", "stroke-width": 1.4 }),
    s("text", { x: 0, y: 4, class: "nb-sign", "text-anchor": "middle", fill: sign === "+" ? "var(--bg)" : "var(--ink)" }, sign));
}

/** Points of a drawn nerve, so that a site lies on it. */
function pointAt(path, x) {
  const length = path.getTotalLength();
  let [low, high] = [0, length];
  for (let i = 0; i < 24; i += 1) {
    const middle = (low + high) / 2;
    if (path.getPointAtLength(middle).x < x) low = middle; else high = middle;
  }
  return path.getPointAtLength(low);
}

/** The picture; returns { element, update }. */
export function makeBody(app) {
  const svg = s("svg", { viewBox: `0 0 ${SIZE.width} ${SIZE.height}`, role: "group", class: "nb-limb" });
  const note = h("div", { class: "caption nb-limb-note" });
  const element = h("section", { class: "nb-body", "aria-label": "limb with sites of stimulation" }, svg, note);

  function site(one, index, x, y, mirror) {
    const isHere = one.code === app.state.site;
    const isTested = app.state.tested.includes(`${app.study().key}/${app.state.side}/${one.code}`);
    const words = `${one.words}${isHere ? ", chosen" : isTested ? ", tested" : ", not tested"}; key ${index + 1}`;
    const group = s("g", { class: "nb-site", tabindex: 0, role: "button", "aria-pressed": isHere, "aria-label": words, transform: `translate(${x} ${y}) scale(1 ${mirror})`,
      onclick: () => app.choose({ site: one.code }), onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); app.choose({ site: one.code }); } } },
    s("title", null, words), s("circle", { r: 17, fill: "transparent" }),
    s("circle", { r: one.of ? 10 : 12, fill: isHere ? "var(--ink)" : "var(--bg)", stroke: "var(--ink)", "stroke-width": 1.5, "stroke-dasharray": isTested || isHere ? null : "3 2.5" }),
    s("text", { x: 0, y: 4, "text-anchor": "middle", class: "nb-letters", fill: isHere ? "var(--bg)" : "var(--ink)" }, one.letters));
    return group;
  }

  function distance(from, to, segment, mirror) {
    const y = 212;
    const middle = (from.x + to.x) / 2;
    const error = "\u00b1 5";
    return s("g", { transform: mirror < 0 ? `translate(0 ${2 * y - 236 + 24}) scale(1 1)` : null }, s("path", { d: `M${from.x} ${y}H${to.x}M${from.x} ${y - 4}v8M${to.x} ${y - 4}v8`, stroke: "var(--ink2)", fill: "none" }),
      label(`${Math.round(segment.distance_mm)} ${error} mm`, middle, y + 16));
  }

  /** First study of the same kind along a drawn nerve. */
  function studyOn(name, study) {
    return app.fixed.studies.find((one) => one.kind === study.kind && one.limb === study.limb && one.key !== study.key && plan(one).nerve === name);
  }

  /** Places where the other studies of this kind record on this limb; a click puts the electrodes there. */
  function elsewhere(study, limb, xOf, mirror) {
    const near = new Set();
    const own = plan(study).electrodes;
    if (own) near.add(String(own[0]));
    return app.fixed.studies.filter((one) => one.kind === study.kind && one.limb === study.limb && one.key !== study.key).map((one) => {
      const place = plan(one).electrodes;
      if (!place || near.has(String(place[0]))) return null;
      near.add(String(place[0]));
      const go = () => app.choose({ study: one.key });
      return s("g", { class: "nb-electrode", tabindex: 0, role: "button", "aria-label": `record here: ${one.title}`, transform: `translate(${place[0][0]} ${place[0][1]}) scale(1 ${mirror})`, onclick: go, onkeydown: (event) => { if (event.key === "Enter") { event.preventDefault(); event.stopPropagation(); go(); } } },
        s("title", null, `record here: ${one.title}`), s("rect", { x: -10, y: -10, width: 20, height: 20, fill: "transparent", stroke: "none" }), s("rect", { x: -4.5, y: -4.5, width: 9, height: 9, fill: "var(--bg)", stroke: "var(--ink3)", "stroke-width": 1 }));
    });
  }

  function update() {
    const study = app.study();
    const { limb, xOf, nerve, electrodes } = plan(study);
    const mirror = app.state.side === "left" && study.limb === "arm" ? -1 : 1;
    const paths = Object.fromEntries(Object.entries(limb.nerves).map(([name, d]) => [name, s("path", { d, fill: "none", stroke: name === nerve ? "var(--nerve)" : "var(--nerve2)", "stroke-width": name === nerve ? 3.2 : 1.2, "stroke-dasharray": name === nerve ? null : "5 4" })]));
    const drawing = s("g", { transform: mirror < 0 ? `translate(0 ${SIZE.height}) scale(1 -1)` : null });
    // a wide unseen line over each other nerve of which a study is known: a click goes there
    const others = Object.entries(limb.nerves).filter(([name]) => name !== nerve).map(([name, d]) => [name, d, studyOn(name, study)]).filter(([, , other]) => other);
    const hits = others.map(([name, d, other]) => s("path", { d, class: "nb-nerve", onclick: () => app.choose({ study: other.key }) }, s("title", null, `${name.replaceAll("_", " ")} nerve: ${other.title}`)));
    drawing.append(...skin(limb), ...Object.values(paths), ...hits);
    fill(svg, drawing);
    const path = paths[nerve];
    const places = study.sites.map((one) => ({ one, ...(({ x, y }) => ({ x, y }))(pointAt(path, xOf(one.place_cm === null ? 50 : one.place_cm))) }));
    if (places.every((place) => place.one.place_cm === null)) places.forEach((place, i) => Object.assign(place, (({ x, y }) => ({ x, y }))(pointAt(path, 460 - i * 130))));
    if (study.record_cm !== null || electrodes) {
      const end = electrodes || [(({ x, y }) => [x, y])(pointAt(path, xOf(study.record_cm))), (({ x, y }) => [x, y])(pointAt(path, xOf(study.record_cm + 4)))];
      drawing.append(electrode(end[0][0], end[0][1], "+", "active electrode", mirror), electrode(end[1][0], end[1][1], "\u2212", "reference electrode", mirror));
    }
    drawing.append(...elsewhere(study, limb, xOf, mirror));
    const checks = study.checks.map((one) => { const on = paths[plan({ ...study, key: one.of, nerve: one.nerve }).nerve]; const { x, y } = pointAt(on, xOf(one.place_cm)); return { one, x, y: y - (one.nerve === "ulnar" ? 4 : 0) }; });
    drawing.append(...[...places, ...checks].map((place, i) => site(place.one, i, place.x, place.y, mirror)));
    const flip = (y) => (mirror < 0 ? SIZE.height - y : y);
    svg.append(...limb.lines.map((line) => s("g", null, s("line", { x1: xOf(line.at), x2: xOf(line.at), y1: 44, y2: 196, stroke: "var(--ink3)", "stroke-dasharray": "2 3" }), label(line.text, xOf(line.at), 38))));
    const segments = (app.state[app.state.side].segments || []).filter((one) => one.distance_mm);
    for (const segment of segments) {
      const [from, to] = [segment.proximal, segment.distal].map((code) => places.find((place) => place.one.code === code));
      if (from && to) svg.append(distance(from, to, segment, 1));
    }
    const chosen = [...places, ...checks].find((place) => place.one.code === app.state.site);
    if (chosen) svg.append(label(chosen.one.words, chosen.x, flip(chosen.y) + (flip(chosen.y) > 120 ? 26 : -18), { class: "nb-word nb-strong" }));
    svg.setAttribute("aria-label", `${app.state.side} ${limb.name}; ${study.title}; ${study.sites.length} sites, ${app.state.tested.filter((t) => t.startsWith(`${study.key}/${app.state.side}/`)).length} tested`);
    note.textContent = `${app.state.side === "left" ? "Left" : "Right"} ${limb.name}. Filled: site under the cathode; dashed: not stimulated; + active, \u2212 reference. Small squares: other places to record from; a click on a nerve goes to it.`;
  }
  return { element, update };
}
