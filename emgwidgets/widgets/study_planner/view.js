/* The study planner: body map and nerves on the left; what the tests leave open, what they cost, and the conclusion on the right. */
import { makeBodyMap } from "../_js/body_map.js";
import { fill, h, message } from "../_js/dom.js";
import { keepClicks, keepFocus } from "../_js/steady.js";

const percent = (share) => `${Math.round(100 * share)} %`;

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const fixed = model.get("_fixed");
  const state = () => model.get("_state");
  const send = (content) => { fill(error); model.send(content); };
  const error = h("div", { role: "alert" });
  const head = h("div", { class: "sp-head" });
  const right = h("div", { class: "sp-right" });
  const nerves = h("div", { class: "sp-nerves" });
  const told = h("div", { role: "status" });
  const can = new Set(fixed.muscles);
  const map = makeBodyMap({ wire: fixed.body, label: "muscles to test", schemes: ["muscles"], regions: ["arms", "forearm", "hand", "trunk", "whole"], height: 300, onPick: ({ code, side }) => pick(code, side) });
  const root = h("div", { class: "emg emg-sp", role: "group", "aria-label": "Study planner" }, head, error,
    h("div", { class: "sp-body" }, h("div", { class: "sp-left" }, h("h4", null, "Needle: click a muscle, or type its name"), map.element, h("h4", null, "Sensory nerves"), nerves), right), told);
  el.append(root);
  keepClicks(root);
  keepFocus(root);

  function pick(code, side) {
    if (side !== state().side) { fill(error, message("info", `The complaint is on the ${state().side}.`, "Muscles of that side are planned here.")); return; }
    if (!can.has(code)) { fill(error, message("info", "This muscle has no cost in the table of tests.", "Choose another one.")); return; }
    send({ type: "add", kind: "needle", code });
  }

  function heading() {
    const { patients, index, who } = state();
    const given = patients.filter((one) => one.is_done);
    const dots = patients.map((one, i) => h("button", { class: `${i === index ? "is-here" : ""} ${!one.is_done ? "" : one.is_settled ? "is-true" : "is-other"}`, "aria-current": i === index ? "true" : null, "aria-label": `Patient ${i + 1}, ${!one.is_done ? "open" : one.is_settled ? "settled" : "not settled"}`, onclick: () => send({ type: "go", index: i }) }, String(i + 1)));
    fill(head, h("strong", null, "Study planner"), h("span", { class: "caption" }, `${who} since onset; ${state().side} arm`),
      patients.length > 1 ? h("span", { class: "caption", role: "status" }, `${given.filter((one) => one.is_settled).length} of ${given.length} settled; ${patients.length} patients`) : null,
      patients.length > 1 ? h("div", { class: "sp-people" }, ...dots) : null);
  }

  function shares() {
    const { judges, truth, concluded } = state();
    const words = Object.fromEntries(fixed.places.map((one) => [one.code, one.words]));
    return state().shares.map((one) => h("div", { class: `sp-share${truth === one.code ? " is-true" : ""}` }, h("span", null, words[one.code]),
      h("div", { class: "sp-bar", role: "img", "aria-label": `${words[one.code]} ${percent(one.share)}` }, h("i", { style: `width:${100 * one.share}%` }), h("u", { style: `left:${100 * fixed.settled}%` })),
      h("b", null, percent(one.share)),
      judges ? h("button", { disabled: Boolean(concluded), "aria-label": `conclude: ${words[one.code]}`, onclick: () => send({ type: "conclude", site: one.code }) }, concluded === one.code ? "named" : "Name it") : h("span", null)));
  }

  function table() {
    const { tests, concluded } = state();
    if (!tests.length) return [h("p", { class: "caption" }, "No test yet: every place is as likely as the others.")];
    return [h("table", null, h("thead", null, h("tr", null, ...["test", "found", "cost"].map((one, i) => h("th", { class: i === 2 ? "num" : null }, one)))),
      h("tbody", null, ...tests.map((one) => h("tr", null, h("td", null, one.words), h("td", { class: one.is_abnormal ? "is-abnormal" : null }, one.found), h("td", { class: "num" }, String(one.cost)))))),
    concluded ? null : h("p", null, h("button", { onclick: () => send({ type: "take_back" }) }, "Take the last one back"))];
  }

  function following() {
    const { next, concluded } = state();
    if (!next || concluded) return [];
    return [h("h4", null, "What would settle most for its cost"), h("p", { class: "caption" }, `${next.reason} One bit halves what is open; the software weighs every place it knows, not only these ${fixed.places.length}.`),
      h("ul", { class: "sp-next" }, ...next.tests.map((one) => h("li", null, h("span", null, `${one.words}: ${one.bits} bit for ${one.cost}`),
        h("button", { onclick: () => send({ type: "add", kind: one.kind, code: one.code }) }, "Do it"),
        ...one.answers.map((text) => h("span", { class: "caption" }, text)), ...one.cautions.map((text) => h("span", { class: "caption" }, `care: ${text}`)))))];
  }

  function update() {
    const { tests, side, cost } = state();
    const done = new Set(tests.map((one) => one.code));
    const results = Object.fromEntries(tests.filter((one) => one.kind === "needle").map((one) => [`muscles/${one.code}/${side}`, { mark: one.is_abnormal ? "A" : "N", words: one.found }]));
    map.update({ results });
    heading();
    fill(nerves, ...fixed.nerves.map((one) => h("button", { disabled: done.has(one.code) || Boolean(state().concluded), onclick: () => send({ type: "add", kind: "nerve", code: one.code }) }, `${one.words} (${one.cost})`)));
    fill(right, h("h4", null, `Left open among the ${fixed.places.length}`), ...shares(), h("div", { class: "caption" }, `dashed: ${percent(fixed.settled)}, where a place counts as settled (proposal)`),
      h("p", { class: "sp-cost" }, h("b", null, `Cost ${cost}`), ` of less than ${fixed.limit}, the six muscles of the usual set (minutes + discomfort + 5 × risk; proposed)`),
      h("h4", null, "Done"), ...table(), ...following());
    const said = state().told;
    told.className = said ? `sp-told${state().is_settled ? " is-true" : ""}` : "";
    fill(told, said || null);
  }

  const onMessage = (content) => { if (content.type === "error") fill(error, message("error", `${content.what}${content.got ? `: ${content.got}` : ""}.`, content.way_out || (content.expected ? `Expected: ${content.expected}.` : ""))); };
  model.on("change:_state", update);
  model.on("msg:custom", onMessage);
  map.update({ region: "hand" });
  update();
  return () => { model.off("change:_state", update); model.off("msg:custom", onMessage); map.leave(); };
}
