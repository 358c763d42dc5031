/* Two boxes that are never mixed: the software's sentences, each opening its evidence; the reader's own conclusion, signed. */
import { fill, h, message } from "../_js/dom.js";
import { evidenceMark } from "../_js/marks.js";

/* Sentences of one paragraph go together. */
const PARAGRAPHS = [["question", "red flag", "adequacy", "side"], ["function", "activity", "evidence"], ["structure", "time"], ["fit", "competing", "confidence"], ["not tested", "next"]];

/** The software's sentences; returns { element, update, fail, focus, showPatient }. */
export function makeSoftware(app) {
  const body = h("div");
  const page = h("div", { class: "cb-patient" });
  const patient = h("details", null, h("summary", null, "Page for the patient, in plain words"), page);
  patient.addEventListener("toggle", () => { if (patient.open) app.send({ type: "patient" }); });
  const count = h("span", { class: "cb-sub" });
  const answer = h("div", { "aria-live": "polite" });
  const element = h("section", { class: "cb-software", "aria-label": "software's sentences" }, h("div", { class: "cb-head" }, h("h3", null, "Software, from the facts above"), count), body, answer, patient);
  let open = -1;
  let striking = -1;
  let version = app.state.version;

  const spans = () => [...body.querySelectorAll(".cb-sentence")];
  const goTo = (n) => { const at = spans().find((span) => span.dataset.n === String(n)); if (at) at.focus({ preventScroll: true }); };

  function keys(event, n, one, act) {
    const all = spans();
    const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
    if (event.key === "Enter" || event.key === " ") act();
    else if (step) { const next = all[all.indexOf(event.currentTarget) + step]; if (next) next.focus({ preventScroll: false }); } else if (event.key.toLowerCase() === "s" && !event.ctrlKey && !event.metaKey && !event.altKey) ask(n, one);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** Open the form that strikes a sentence; a struck one stands again. */
  function ask(n, one) {
    fill(answer);
    if (one.struck) { app.send({ type: "restore", sentence: one.text }); return; }
    open = n;
    striking = n;
    update();
    const empty = [...body.querySelectorAll(".cb-strike input")].find((input) => !input.value);
    if (empty) empty.focus({ preventScroll: true });
  }

  function form(n, one) {
    if (!one.can_strike) return h("span", { class: "cb-strike caption" }, "A red flag is not struck; it is set aside in the banner, with a name and a reason.");
    const reader = h("input", { type: "text", class: "cb-reader", "aria-label": "reader", placeholder: "reader", value: app.state.reading.reader });
    const reason = h("input", { type: "text", class: "cb-reason", "aria-label": "why it is struck", placeholder: "why, kept with the case" });
    const instead = h("input", { type: "text", class: "cb-reason", "aria-label": "your words instead", placeholder: "your words instead (if any)" });
    const stop = () => { striking = -1; fill(answer); update(); goTo(n); };
    const go = h("button", { onclick: () => app.send({ type: "strike", sentence: one.text, reason: reason.value, instead: instead.value, reader: reader.value }) }, "Strike it");
    for (const input of [reader, reason, instead]) input.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go.click(); } else if (event.key === "Escape") { event.preventDefault(); event.stopPropagation(); stop(); } });
    return h("span", { class: "cb-strike" }, reader, reason, instead, go, h("button", { onclick: stop }, "Leave it"));
  }

  const told = (one) => `struck by ${one.reader}: ${one.reason}${one.instead ? ` \u2013 instead: ${one.instead}` : ""}`;

  function under(one, n) {
    const rests = one.evidence.length ? `Rests on: ${one.evidence.map((item) => item.words.replace(/\.$/, "")).join("; ")}.` : "Rests on what is missing.";
    return h("span", { class: "cb-rests" }, rests, " ", striking === n ? form(n, one) : h("button", { class: "cb-link", onclick: () => ask(n, one) }, one.struck ? "let it stand again" : "strike it", h("kbd", null, "S")));
  }

  function sentence(one, n) {
    const lands = one.evidence.find((item) => item.row);
    const act = () => { open = open === n ? -1 : n; striking = -1; if (lands) app.openCell(lands.row, lands.column, lands.side); update(); goTo(n); };
    const words = one.struck ? h("s", null, one.text) : one.text;
    return [h("span", { class: `cb-sentence${one.struck ? " is-struck" : ""}`, role: "button", tabindex: "0", "data-n": n, "aria-expanded": String(open === n), "aria-label": one.struck ? `${told(one.struck)}: ${one.text}` : one.text, onclick: act, onkeydown: (event) => keys(event, n, one, act) }, words),
      one.struck ? h("span", { class: "cb-struck-by" }, ` ${told(one.struck)}`) : null, " ", open === n ? under(one, n) : null];
  }

  function update() {
    const { sentences, row, struck_before: before } = app.state.software;
    const active = body.contains(document.activeElement) ? document.activeElement : null;
    const had = active && (active.dataset.n ?? (active.closest(".cb-strike, .cb-rests") ? String(open) : undefined));
    if (version !== app.state.version) { version = app.state.version; patient.open = false; striking = -1; fill(answer); }
    const n = sentences.filter((one) => one.struck).length;
    count.textContent = `each sentence opens its evidence${n ? `; ${n} struck, left out of the impression` : "; S strikes it"}`;
    const fit = row.number === "none" || app.state.is_empty ? null : h("p", { class: "cb-fit" }, h("b", null, row.words), ` (row ${row.number}, ${row.probability.toFixed(2)}, interval ${row.low.toFixed(2)} to ${row.high.toFixed(2)}): `, `complaint ${row.complaint}; nerve tests ${row.edx}; MRI ${row.mri}.`);
    const numbered = sentences.map((one, i) => [one, i]);
    const known = PARAGRAPHS.flat();
    const groups = [...PARAGRAPHS, null].map((parts) => numbered.filter(([one]) => (parts ? parts.includes(one.part) : !known.includes(one.part)))).filter((group) => group.length);
    const earlier = before.length ? h("details", null, h("summary", null, `${before.length} struck before, not said any more`), ...before.map((one) => h("div", null, h("s", null, one.sentence), ` ${told(one)} `, h("button", { class: "cb-link", onclick: () => app.send({ type: "restore", sentence: one.sentence }) }, "forget it")))) : null;
    fill(body, h("div", { class: "cb-paragraphs" }, ...groups.map((group) => h("p", { class: "cb-sentences" }, ...group.flatMap(([one, i]) => sentence(one, i)).filter(Boolean)))), fit, earlier, row.explanations.length ? h("details", null, h("summary", null, "Possible explanations, for the clinician to choose"), ...row.explanations.map((text) => h("div", null, text))) : null);
    if (had) goTo(had);
  }
  /** Headings and paragraphs of the page. */
  function showPatient({ text }) {
    const struck = app.state.software.sentences.some((one) => one.struck);
    fill(page, struck ? message("warn", "Sentences of the software are struck.", "This page follows the software's result; read it before it is given.") : null, ...text.split("\n").filter(Boolean).map((line) => (line.startsWith("#") ? h("p", null, h("b", null, line.replace(/^#+ /, ""))) : h("p", null, line.replaceAll("*", "")))));
  }
  const fail = (error) => fill(answer, message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, [error.got && error.got !== "''" && `Got ${error.got}.`, error.expected && `Expected ${error.expected}.`].filter(Boolean).join(" ")));
  return { element, update, showPatient, fail, focus: () => { const first = spans()[0]; if (first) first.focus({ preventScroll: false }); } };
}

/** The reader's conclusion; returns { element, update, fail, checklist }. */
export function makeReading(app) {
  const text = h("textarea", { rows: 4, "aria-label": "reader's conclusion", placeholder: "The reader's own words." });
  const reader = h("input", { type: "text", class: "cb-reader", "aria-label": "reader", placeholder: "reader" });
  const sign = h("button", { onclick: () => { keep(); app.send({ type: "sign" }); } }, "Sign");
  const check = h("button", { onclick: () => { keep(); app.send({ type: "check" }); } }, "Check the words");
  const why = h("span", { class: "cb-sub" });
  const status = h("span", { class: "cb-sub" });
  const gaps = h("div", { class: "cb-gaps" });
  const answer = h("div", { "aria-live": "polite" });
  const element = h("section", { class: "cb-reading", "aria-label": "reader's conclusion" }, h("div", { class: "cb-head" }, h("h3", null, "Reader's conclusion"), h("span", { class: "cb-sub" }, "kept apart, never overwritten"), status), text, h("div", { class: "cb-sign" }, reader, sign, check, why), answer, gaps);
  let timer = 0;
  const keep = () => { clearTimeout(timer); timer = 0; app.send({ type: "write", text: text.value, reader: reader.value }); };
  const later = () => { clearTimeout(timer); timer = setTimeout(keep, 700); ready(); };
  text.addEventListener("input", later);
  reader.addEventListener("input", later);
  text.addEventListener("blur", () => { if (timer) keep(); });
  reader.addEventListener("blur", () => { if (timer) keep(); });

  function gap(one) {
    if (one.answer) return h("div", { class: "cb-item" }, evidenceMark("silent"), h("span", { class: "cb-item-words" }, one.words, h("span", { class: "caption" }, ` ${one.kind === "side_settled" ? "Settled" : "Waived"} by ${one.answer.reader}: ${one.answer.reason}`)));
    if (one.kind === "red_flag_set_aside") return h("div", { class: "cb-item" }, evidenceMark("cannot be judged"), h("span", { class: "cb-item-words" }, `${one.words} Set aside in the banner, or resolved, before signing.`));
    const reason = h("input", { type: "text", class: "cb-reason", placeholder: one.kind === "side_settled" ? "which side is right, and why" : "why it can stay open", "aria-label": `reason: ${one.words}` });
    const go = h("button", { onclick: () => app.send({ type: "waive", about: one.about, reason: reason.value, reader: reader.value }) }, one.kind === "side_settled" ? "Settle" : "Waive");
    reason.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); go.click(); } });
    return h("div", { class: "cb-item" }, evidenceMark("not tested"), h("span", { class: "cb-item-words" }, one.words), reason, go);
  }

  function ready() {
    const { n_open: n } = app.state.reading;
    const lacks = [!text.value.trim() && "the conclusion", !reader.value.trim() && "the reader's name", n && `${n} ${n === 1 ? "gap" : "gaps"} answered or waived`].filter(Boolean);
    check.disabled = !text.value.trim();
    sign.disabled = Boolean(lacks.length) || app.state.is_empty;
    why.textContent = lacks.length ? `signing needs: ${lacks.join(", ")}` : app.state.reading.is_signed ? "signed as it stands" : "ready to sign";
  }

  function update() {
    const found = app.state.reading;
    if (document.activeElement !== text && !timer) text.value = found.draft;
    if (document.activeElement !== reader && !timer) reader.value = found.reader;
    status.textContent = found.is_signed ? `signed, ${found.signed_by}, ${found.signed_at}` : found.is_changed ? `signed by ${found.signed_by}; changed since` : found.draft ? `draft${found.reader ? `, ${found.reader}` : ""}` : "";
    element.classList.toggle("is-signed", found.is_signed);
    if (!gaps.contains(document.activeElement) || !(document.activeElement.value || "")) fill(gaps, ...found.gaps.map(gap));
    ready();
    if (answer.dataset.draft !== found.draft) fill(answer);
  }

  /** What the text still lacks, by the checklist of a written impression; it never blocks the signature. */
  function checklist({ percent, passed, points, forbidden }) {
    answer.dataset.draft = text.value;
    const missing = points.filter((one) => one.state === "missing");
    const met = points.filter((one) => one.state === "met").length;
    fill(answer, message(forbidden.length ? "warn" : "info", `${met} of ${met + missing.length} points of the checklist met${passed ? "" : `, ${percent.toFixed(0)} %`}.`, "It looks for words and can miss good sentences; it does not hold the signature back."),
      ...forbidden.map((one) => h("div", { class: "cb-caveat is-strong" }, one)), ...missing.map((one) => h("div", { class: "cb-caveat" }, h("b", null, `${one.words[0].toUpperCase()}${one.words.slice(1)}. `), one.advice)));
  }
  return { element, update, checklist, fail: (error) => fill(answer, message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, [error.got, error.expected && `Expected ${error.expected}.`].filter(Boolean).join(" "))) };
}
