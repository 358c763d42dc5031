/* The picture of the case: spine with lit roots, and the body by result; a click opens the entry of that place. */
import { makeBodyMap } from "../_js/body_map.js";
import { fill, h } from "../_js/dom.js";
import { makeSpine } from "../_js/spine.js";

const KIND_OF_LAYER = { needle: "needle", strength: "strength", sensory: "sensory", sensation: "sensation", complaint: "symptom" };

/** Pictures; returns { element, beside, update, leave }; beside is the body by result. */
export function makeAnatomy(app) {
  const spine = makeSpine({ wire: app.fixed.spine, height: 330, onPick: ({ level, side = "", zone = "" }) => { app.level = level; spine.update({ level }); const known = app.state.spine.findings.find((one) => one.level === level && (!zone || one.zone === zone) && (!side || one.side === side)); if (known) app.editEntry("mri", known.index); else app.openForm("mri", { level, side, zone }); } });
  const legend = h("div", { class: "caption" }, "Thick: nerve tests support the root; thin blue: they are divided. Dashed: the MRI reaches it. Filled name: both. A click on a level, by side and zone, opens its MRI entry.");
  const maps = ["needle", "complaint"].map((first) => {
    const bar = h("div", { class: "cb-layers", role: "group", "aria-label": "what the body shows" });
    const one = { layer: first, bar, shown: "" };
    one.map = makeBodyMap({ wire: app.fixed.body, label: "body by result", height: 300, schemes: ["muscles", "dermatome", "nerve", "zone"], onPick: (where) => app.enterPlace(KIND_OF_LAYER[one.layer], where) });
    one.map.element.querySelector('select[aria-label="what is shown"]').remove();
    return one;
  });
  const pane = (one, words) => h("section", { class: "cb-body", "aria-label": "body" }, h("div", { class: "cb-head" }, h("h3", null, "Body"), h("span", { class: "cb-sub" }, words)), one.bar, one.map.element);
  const element = h("div", { class: "cb-anatomy" },
    h("section", { class: "cb-spine", "aria-label": "spine" }, h("div", { class: "cb-head" }, h("h3", null, "Spine"), h("span", { class: "cb-sub" }, "levels and roots")), spine.element, legend),
    pane(maps[1], "complaints and findings; a click adds or opens an entry"));
  const beside = pane(maps[0], "muscles by result");

  function show(one) {
    const { layers, body, region } = app.state;
    fill(one.bar, ...layers.map(([code, words]) => h("button", { class: "cb-layer", "aria-pressed": String(code === one.layer), onclick: () => { one.layer = code; show(one); } }, words)));
    const scheme = layers.find(([code]) => code === one.layer)[2];
    const changes = { scheme, results: body[one.layer] };
    if (one.shown !== region) { one.shown = region; changes.region = region; }
    one.map.update(changes);
  }

  function update() {
    const { spine: found } = app.state;
    spine.update({ region: found.region, lit: found.lit, findings: found.findings, level: app.level });
    maps.forEach(show);
  }
  return { element, beside, update, leave: () => maps.forEach((one) => one.map.leave()) };
}
