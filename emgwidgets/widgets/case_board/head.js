/* Title, and the red flags before everything else: stated when none is there, a banner that only a named reader sets aside. */
import { fill, h, mark } from "../_js/dom.js";

/** Reader and reason, kept with the case; send gets both. */
export function askReason(app, words, send) {
  const reader = h("input", { type: "text", "aria-label": "reader", placeholder: "reader", value: app.state.reading.reader, class: "cb-reader" });
  const reason = h("input", { type: "text", "aria-label": "reason", placeholder: "reason, kept with the case", class: "cb-reason" });
  const go = h("button", { onclick: () => send({ reason: reason.value, reader: reader.value }) }, words);
  for (const input of [reader, reason]) input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go.click(); } });
  return h("span", { class: "cb-ask" }, reader, reason, go);
}

function octagon() {
  const span = document.createElement("span");
  span.className = "cb-octagon";
  span.innerHTML = '<svg viewBox="0 0 26 26" width="26" height="26" aria-hidden="true"><path d="M8.2 1.5h9.6l6.7 6.7v9.6l-6.7 6.7H8.2l-6.7-6.7V8.2z" fill="#fff"/><path d="M13 6.5v8M13 17.4v2.6" stroke="var(--urg)" stroke-width="2.8"/></svg>';
  return span;
}

/** Title and red flags; returns { element, update, focus }. */
export function makeHead(app) {
  const title = h("header", { class: "cb-title" });
  const flags = h("section", { class: "cb-flags", "aria-label": "red flags", tabindex: "-1" });
  const review = h("div", { class: "cb-review" });
  review.hidden = true;
  const element = h("div", null, title, flags, review);
  const toggle = () => { review.hidden = !review.hidden; if (!review.hidden) { const first = review.querySelector("button"); if (first) first.focus({ preventScroll: true }); } else flags.focus({ preventScroll: true }); };

  function bar() {
    const { flags: f } = app.state;
    const link = h("button", { class: "cb-link", onclick: toggle }, "Review", h("kbd", null, "F"));
    if (f.urgent) {
      const named = f.present.map((one) => one.words).join(", ");
      const rest = f.urgent.replace("Urgent medical evaluation, not an electrodiagnostic question. ", "");
      flags.className = "cb-flags cb-urgent";
      flags.setAttribute("role", "alert");
      fill(flags, octagon(), h("div", { class: "cb-urgent-words" }, h("strong", null, "Urgent medical evaluation, not an electrodiagnostic question."), h("p", null, rest), h("p", { class: "cb-found" }, f.present.flatMap((one) => one.found).filter((text) => !f.urgent.includes(text)).slice(0, 4).join(" ")),
        h("p", { class: "cb-small" }, "The board below stays visible and stays second. Only a named reader can set this banner aside, with a reason that is kept."),
        h("details", null, h("summary", null, "Set aside"), askReason(app, `Set aside: ${named}`, (said) => app.send({ type: "set_aside", ...said }))), link));
      return;
    }
    flags.removeAttribute("role");
    const aside = f.present.filter((one) => one.answer);
    const named = f.present.map((one) => one.words).join(", ");
    const asked = `${f.n_asked} of ${f.count} asked or looked for`;
    flags.className = `cb-flags ${f.n_present ? "cb-warned" : "cb-none"}`;
    const words = f.n_present
      ? [h("b", null, `Red flags: ${f.n_present} of ${f.count}, ${named}. `), aside.length ? `Set aside by ${aside[0].answer.reader}: ${aside[0].answer.reason} (${aside[0].answer.at}).` : "Not new or not urgent by itself; keep it in mind."]
      : [h("b", null, f.n_asked ? `Red flags: none of ${f.count} found. ` : `Red flags: none of ${f.count} asked yet. `), f.n_asked ? `${asked}. ` : "", f.n_asked < f.count ? `Not asked: ${f.flags.filter((one) => one.state === "not asked").map((one) => one.words).join(", ")}.` : "Absence does not exclude."];
    fill(flags, mark(f.n_present ? "warn" : "info"), h("span", null, ...words, " ", link));
  }

  function questions() {
    const answers = [["present", "present"], ["absent", "not present"], ["not asked", "not asked"]];
    fill(review, h("div", { class: "cb-questions" }, ...app.state.flags.flags.map((one) => h("div", { class: "cb-question" }, h("span", null, one.words), h("span", { class: "cb-answers", role: "group", "aria-label": one.words },
      ...answers.map(([state, words]) => h("button", { "aria-pressed": String(one.state === state), disabled: one.state === "present" && !one.by_hand && state !== "present", title: one.state === "present" && !one.by_hand ? one.found.join(" ") : null, onclick: () => app.send({ type: "flag", code: one.code, state }) }, words)))))),
    h("p", { class: "caption" }, "An answer stands in the case as a sign of the examination. A flag once raised is only set aside by a named reader with a reason, even when its answer is corrected."));
  }

  function update() {
    const { state } = app;
    const day = state.day === null ? "onset not given" : `day ${state.day}`;
    fill(title, h("span", null, h("strong", null, "Case board"), h("span", { class: "cb-sub" }, state.question || "no question yet")), h("span", { class: "cb-sub" }, `${state.who} \u00a0 ${day} \u00a0 no identifiers`));
    const wasIn = flags.contains(document.activeElement);
    bar();
    if (wasIn) flags.focus({ preventScroll: true });
    const had = review.contains(document.activeElement) ? [...review.querySelectorAll("button")].indexOf(document.activeElement) : -1;
    questions();
    if (had >= 0) { const again = review.querySelectorAll("button")[had]; if (again) again.focus({ preventScroll: true }); }
  }
  return { element, update, toggle };
}
