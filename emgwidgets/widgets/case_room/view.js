/* The room of an unknown case: the story, tests with their cost, the log with what led after each, and the conclusion. */
import { fill, h, message } from "../_js/dom.js";
import { PURPOSE } from "../_js/purpose.js";
import { keepClicks } from "../_js/steady.js";

const KINDS = [["motor", "Motor nerves"], ["sensory", "Sensory nerves"], ["needle", "Muscles"]];
const LONGEST = 100;

/** Called by anywidget for each view. */
export function render({ model, el }) {
  const root = h("div", { class: "emg emg-cr", role: "group", "aria-label": "Unknown case" });
  el.append(root);
  keepClicks(root);
  let side = "left";
  let kind = "sensory";
  let wanted = "";
  let site = "";
  let hasFlag = false;
  const fixed = () => model.get("_fixed");
  const state = () => model.get("_state");
  const isDone = (one) => state().done.some((done) => done.kind === one.kind && done.study === one.study && done.side === side);
  const send = (content) => model.send(content);

  function list(name, lines) {
    return lines.length ? h("div", { class: "cr-line" }, h("span", { class: "caption" }, name), h("span", null, lines.join("; "))) : null;
  }
  function story() {
    const f = fixed();
    return h("div", { class: "cr-story" }, list("complaint", f.symptoms), list("strength (others 5)", f.strength), list("reflexes (others normal)", f.reflexes), list("sensation", f.sensation), list("signs", f.signs),
      f.strength.length + f.reflexes.length + f.sensation.length + f.signs.length ? null : h("div", null, "The examination is normal."));
  }
  function pick() {
    const shown = fixed().tests.filter((one) => one.kind === kind && one.words.toLowerCase().includes(wanted.toLowerCase()));
    const box = h("input", { type: "text", placeholder: "find", value: wanted, "aria-label": "Find a test", oninput: (event) => { wanted = event.target.value; draw(); } });
    return h("div", { class: "cr-pick" },
      h("div", { class: "cr-row" }, h("span", { class: "cr-choice", role: "group", "aria-label": "kind of test" }, ...KINDS.map(([code, words]) => h("button", { "aria-pressed": String(kind === code), onclick: () => { kind = code; wanted = ""; draw(); } }, words))),
        h("span", { class: "cr-choice", role: "group", "aria-label": "side" }, ...["left", "right"].map((one) => h("button", { "aria-pressed": String(side === one), onclick: () => { side = one; draw(); } }, one === "left" ? "L left" : "R right"))), box),
      h("div", { class: "cr-tests", role: "listbox", "aria-label": "Tests and their costs" }, ...shown.map((one) => {
        const done = isDone(one);
        return h("button", { class: done ? "is-done" : null, disabled: done || Boolean(state().score), title: one.caution || null, onclick: () => send({ type: "do", kind: one.kind, study: one.study, side }) }, h("span", null, one.words, one.caution ? " *" : ""), h("span", { class: "caption" }, done ? "done" : `cost ${one.cost}`));
      })),
      h("div", { class: "cr-row" }, h("button", { disabled: state().has_read_mri, onclick: () => send({ type: "mri" }) }, state().has_read_mri ? "MRI report is open" : "Open the MRI report"), h("span", { class: "caption" }, "cost: minutes, discomfort and five times the risk (proposed numbers); * a caution")));
  }
  /** What was done, and the MRI report under it. */
  function right() {
    return h("div", { class: "cr-right-side" }, log(), state().report ? h("div", { class: "cr-report" }, h("span", { class: "caption" }, "MRI report"), h("blockquote", { tabindex: "0" }, state().report)) : null);
  }
  function log() {
    const s = state();
    const head = h("div", { class: "cr-lead" }, h("span", { class: "caption" }, "leads now"), h("b", null, s.leading), h("span", null, `${s.percent.toFixed(0)} %`), h("span", { class: "caption cr-right" }, `cost ${s.cost.toFixed(0)}`));
    if (!s.done.length) return h("div", { class: "cr-log" }, head, h("p", { class: "caption" }, "No test yet. What leads rests on the story alone. Choose the test that would move it most."));
    return h("div", { class: "cr-log" }, head, h("table", null, h("thead", null, h("tr", null, h("th", null, "test"), h("th", null, "showed"), h("th", null, "then led"), h("th", { class: "num" }, "cost"))),
      h("tbody", null, ...s.done.map((one) => h("tr", null, h("td", null, `${one.words}, ${one.side === "left" ? "L" : "R"}`), h("td", null, one.showed), h("td", null, one.leading, h("span", { class: "cr-bar", role: "img", "aria-label": `${one.percent.toFixed(0)} %` }, h("i", { style: `width:${(LONGEST * one.percent) / 100}px` })), h("span", { class: "caption" }, `${one.percent.toFixed(0)} %`)), h("td", { class: "num" }, one.cost.toFixed(0)))))));
  }
  function end() {
    const s = state();
    if (s.score) {
      return h("div", { class: "cr-score", role: "status" }, h("p", null, h("b", null, `${s.score.points.toFixed(0)} of 100 points.`), ` What may be concluded: ${s.score.impression}. The trap was: ${s.score.trap}.`),
        h("table", null, h("tbody", null, ...s.score.rows.map(([name, points, why]) => h("tr", null, h("td", { class: "num" }, `${points >= 0 ? "+" : "\u2212"}${Math.abs(points).toFixed(0)}`), h("td", null, name), h("td", null, why))))),
        s.is_kept ? null : h("p", { class: "caption" }, "Not kept: the folder of answers cannot be written."));
    }
    const choose = h("select", { "aria-label": "Site", onchange: (event) => { site = event.target.value; draw(); } }, h("option", { value: "" }, "choose a site"), ...s.sites.map(([code, words]) => h("option", { value: code, selected: code === site }, words)));
    const flag = h("label", null, h("input", { type: "checkbox", checked: hasFlag, onchange: (event) => { hasFlag = event.target.checked; } }), " red flag: urgent review first");
    return h("div", { class: "cr-end cr-row" }, h("b", null, "Conclude"), choose, flag, h("button", { class: "is-chosen", disabled: !site, onclick: () => send({ type: "conclude", site, red_flag: hasFlag }) }, "Sign"), h("span", { class: "caption" }, "the first conclusion counts; judged from the tests you did"));
  }
  function draw() {
    const f = fixed();
    const place = document.activeElement && root.contains(document.activeElement) ? document.activeElement.tagName : null;
    fill(root, h("div", { class: "cr-head" }, h("strong", null, `Case ${f.code}`), h("span", null, `${f.person}, day ${f.day === null ? "?" : Math.round(f.day)}: ${f.question}`), h("span", { class: "caption cr-right" }, `Invented patient. ${PURPOSE}`)), story(), h("div", { class: "cr-main" }, pick(), right()), state().problem ? message("error", state().problem) : null, end());
    if (place === "INPUT") { const box = root.querySelector(".cr-pick input"); box.focus(); box.setSelectionRange(wanted.length, wanted.length); }
  }
  root.addEventListener("keydown", (event) => event.stopPropagation());
  root.addEventListener("keyup", (event) => event.stopPropagation());
  model.on("change:_state", draw);
  draw();
  return () => { model.off("change:_state", draw); };
}
