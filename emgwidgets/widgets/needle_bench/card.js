/* The card of the muscle, and the body map to choose another one. */
import { makeBodyMap } from "../_js/body_map.js";
import { fill, h, mark } from "../_js/dom.js";

const PART = { cranial: "head", shoulder: "trunk", trunk: "trunk", paraspinal: "trunk", pelvic: "trunk", arm: "arms", forearm: "forearm", hand: "hand", hip: "thigh", thigh: "thigh", leg: "leg", foot: "foot" };

/** The card; returns { element, update }. */
export function makeCard(app) {
  const element = h("section", { class: "ne-card", "aria-label": "muscle" });
  function update() {
    const { card, side } = app.state;
    const blocks = (weight) => h("span", { class: "ne-blocks", role: "img", "aria-label": `weight ${weight} of 3` }, ...[1, 2, 3].map((i) => h("i", { class: i <= weight ? "is-on" : "" })));
    const rows = [
      ["nerve", [card.nerve]], ["path", [card.path]],
      ["roots", card.roots.map((one) => h("span", { class: `ne-root${one.weight === 3 ? " is-main" : ""}` }, one.root, blocks(one.weight)))],
      ["ask for", [card.activate]],
      ["care", card.cautions.length ? card.cautions.map((one) => h("span", { class: "ne-care" }, `${one.text} `, h("span", { class: "caption" }, `(${one.source})`))) : [h("span", { class: "caption" }, "no caution on record")]],
    ];
    fill(element, h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, `${card.name}, ${side}`)),
      h("dl", null, ...rows.flatMap(([name, parts]) => [h("dt", null, name), h("dd", null, ...parts)])),
      h("div", { class: "caption" }, `roots: ${card.source}; blocks are a scale of our own`),
      card.timing ? h("div", { class: "message warn", role: "note" }, mark("warn"), h("span", null, card.timing)) : null);
  }
  return { element, update };
}

/** The body map; returns { element, update, leave }. */
export function makeMuscles(app) {
  /* other names and short forms, such as "ta" or "fdi, right" */
  function typed(text) {
    const [name, side] = text.split(",").map((part) => part.trim());
    const plain = (one) => one.toLowerCase().replace(/[^a-z0-9]+/g, " ").trim();
    const entry = app.fixed.muscles.find((one) => [one.name, one.code, ...one.aliases].some((other) => plain(other) === plain(name)));
    if (!entry) return false;
    app.choose({ muscle: entry.code, side: ["left", "right"].includes(side) ? side : app.state.side });
    return true;
  }
  const map = makeBodyMap({ wire: app.fixed.body, label: "muscles by result", schemes: ["muscles"], height: 236, onTyped: typed, onPick: ({ code, side }) => app.choose({ muscle: code, side }) });
  const head = h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "Muscles"), h("span", { class: "caption" }, "click, or type a name"));
  const element = h("section", { class: "ne-muscles" }, head, map.element);
  let shown = "";
  function update() {
    const { muscle, side, marks } = app.state;
    const results = Object.fromEntries(Object.entries(marks).map(([key, letter]) => [`muscles/${key}`, { mark: letter, words: app.rowWords(key) }]));
    const entry = app.fixed.muscles.find((one) => one.code === muscle);
    const region = PART[entry.region] || "whole";
    const changes = { results, chosen: `muscles/${muscle}/${side}` };
    if (shown !== muscle) changes.region = region; // the reader's own choice of region stays while the muscle does
    shown = muscle;
    map.update(changes);
  }
  return { element, update, leave: map.leave };
}
