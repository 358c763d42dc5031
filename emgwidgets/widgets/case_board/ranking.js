/* The explanations with probability and interval, for, against, not tested; and the next tests with what each answer would do. */
import { fill, h } from "../_js/dom.js";
import { evidenceMark, resultMark } from "../_js/marks.js";
import { askReason } from "./head.js";

const NS = "http://www.w3.org/2000/svg";

function two(value) { return value.toFixed(2); }

/** Probability with its interval on a line from 0 to 1. */
function strip(one) {
  const svg = document.createElementNS(NS, "svg");
  svg.setAttribute("viewBox", "0 0 140 16");
  svg.setAttribute("class", "cb-probability");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", `${two(one.probability)}, 90 % interval ${two(one.low)} to ${two(one.high)}`);
  const x = (p) => 5 + 130 * p;
  svg.innerHTML = `<path d="M5 8H135M5 4v8M70 5v6M135 4v8" stroke="var(--line2)" fill="none"/><path d="M${x(one.low)} 8H${x(one.high)}M${x(one.low)} 3v10M${x(one.high)} 3v10" stroke="var(--ink)" stroke-width="2" fill="none"/><rect x="${x(one.probability) - 4}" y="4" width="8" height="8" fill="var(--ink)"/>`;
  return svg;
}

/** Explanations; returns { element, update }. */
export function makeRanking(app) {
  const body = h("div");
  const element = h("section", { class: "cb-ranking", "aria-label": "explanations" }, h("div", { class: "cb-head" }, h("h3", null, "Explanations"), h("span", { class: "cb-sub" }, "probability with 90 % interval")), body);
  const open = new Set();

  function reasons(one) {
    const rows = [["supports", one.for, one.n_for], ["against", one.against, one.n_against]].flatMap(([kind, texts, n]) => [...texts.map((text) => h("div", { class: "cb-item" }, evidenceMark(kind), h("span", { class: "cb-item-words" }, text))), n > texts.length ? h("div", { class: "caption cb-more" }, `and ${n - texts.length} more`) : null]);
    return h("div", { class: "cb-why" }, ...rows, one.n_silent ? h("div", { class: "caption" }, `${one.n_silent} findings are silent about it.`) : null);
  }

  function entry(one, n) {
    const grade = [one.severity, ["active", "chronic", "active and chronic", "recovering"].includes(one.activity) ? one.activity : ""].filter(Boolean).join(", ");
    return h("div", { class: "cb-explanation" },
      h("button", { class: "cb-explain", "aria-expanded": String(open.has(one.code)), onclick: () => { if (open.has(one.code)) open.delete(one.code); else open.add(one.code); update(); } }, h("span", { class: "cb-rank" }, String(n + 1)), h("span", { class: n ? "cb-name" : "cb-name is-first" }, one.words[0].toUpperCase() + one.words.slice(1), grade ? h("span", { class: "caption" }, ` ${grade}`) : null), h("b", { class: "cb-p" }, two(one.probability))),
      h("div", { class: "cb-line" }, strip(one), ...(one.n_for || one.n_against ? [evidenceMark("supports", "", 14), h("span", null, String(one.n_for)), evidenceMark("against", "", 14), h("span", null, String(one.n_against))] : []), one.n_not_tested ? evidenceMark("not tested", "", 14) : null, one.n_not_tested ? h("span", { class: "cb-untested" }, `${one.n_not_tested}: ${one.not_tested[0]}`) : null),
      open.has(one.code) ? reasons(one) : null);
  }

  function update() {
    const { explanations: e, flags } = app.state;
    if (flags.held) {
      fill(body, h("div", { class: "cb-held" }, resultMark("?"), h("div", null, h("b", null, "Ranking held back. "), "A red flag comes first; central and bilateral causes are not what these tests look for. Show it anyway with a reason that is kept:", h("div", null, askReason(app, "Show the ranking", (said) => app.send({ type: "show_ranking", ...said }))))));
      return;
    }
    const missing = e.abstains ? e.missing.filter((text) => !e.reasons.includes(text)) : e.missing;
    const adequate = e.is_adequate ? "Study adequate for the leading explanation." : missing.length ? "Study not adequate:" : "";
    fill(body,
      e.abstains ? h("div", { class: "cb-held" }, resultMark("?"), h("div", null, h("b", null, "No site is named yet; the ranking is provisional. "), e.reasons[0] || "", e.reasons.length > 1 ? h("details", null, h("summary", null, `${e.reasons.length - 1} more ${e.reasons.length === 2 ? "reason" : "reasons"}`), ...e.reasons.slice(1).map((text) => h("div", null, text))) : null)) : null,
      ...e.list.map(entry),
      h("div", { class: "cb-adequacy" }, h("div", null, `Others together ${two(e.rest)}. ${adequate}`), ...e.invalid.map((text) => h("div", { class: "cb-caveat is-warn" }, text)), ...missing.map((text) => h("div", null, text)),
        e.agreement.length ? h("details", null, h("summary", null, "How far structure and function agree"), ...e.agreement.map((one) => h("div", null, `${one.words}: ${one.percent.toFixed(0)} % (${one.low.toFixed(0)} to ${one.high.toFixed(0)} %). `, h("span", { class: "caption" }, `${one.basis} ${one.source}`)))) : null,
        e.notes.length ? h("details", null, h("summary", null, `${e.notes.length} ${e.notes.length === 1 ? "note" : "notes"} on the study`), ...e.notes.map((text) => h("div", null, text))) : null,
        h("div", { class: "caption" }, "Probabilities are calibrated on simulated studies, not on patients.")));
  }
  return { element, update };
}

/** Next tests; returns { element, update, focus }. */
export function makeNext(app) {
  const body = h("div");
  const element = h("section", { class: "cb-next", "aria-label": "next best tests", tabindex: "-1" }, h("div", { class: "cb-head" }, h("h3", null, "Next best tests"), h("span", { class: "cb-sub" }, "gain per minute and discomfort")), body);

  function test(one, n) {
    const answers = one.answers.map((answer) => `${answer.result}: ${answer.leading} ${two(answer.then)}`).join("; ");
    const chances = one.answers.map((answer) => `${answer.result} in ${Math.round(100 * answer.probability)} %`).join(", ");
    return h("div", { class: "cb-test" }, h("div", { class: "cb-test-head" }, h("span", { class: "cb-rank" }, String(n + 1)), h("b", null, one.words[0].toUpperCase() + one.words.slice(1)), h("span", { class: "caption" }, `${one.minutes} min`)), h("div", null, answers), h("div", { class: "caption" }, `expected: ${chances}`), ...one.cautions.map((text) => h("div", { class: "cb-caution" }, text)), h("button", { class: "cb-link", onclick: () => app.enterCode(one.code) }, "enter its result"));
  }

  function update() {
    const next = app.next;
    const isOld = next.version !== app.state.version;
    element.classList.toggle("is-old", isOld);
    if (app.state.flags.held) { fill(body, h("p", { class: "cb-empty" }, "Held back with the ranking.")); return; }
    fill(body, isOld ? h("div", { class: "caption" }, "being worked out anew\u2026") : null, next.stop ? h("p", null, h("b", null, next.reason)) : null, ...(next.stop && next.list.length ? [h("details", null, h("summary", null, "What would still move it most"), ...next.list.map(test))] : next.list.map(test)), next.stop ? null : h("div", { class: "caption" }, next.reason), ...next.missing.map((text) => h("div", { class: "caption" }, `Still missing: ${text}`)));
  }
  return { element, update, focus: () => element.focus({ preventScroll: true }) };
}
