/* Numbers of a report: a line for each site of the chosen study, left beside right; Python checks and judges them. */
import { fill, h } from "../_js/dom.js";

const COLUMNS = [["latency_ms", "Latency", "ms"], ["peak_ms", "Peak", "ms"], ["amplitude", "Amplitude", ""], ["distance_mm", "Distance", "mm"], ["velocity_m_per_s", "Velocity", "m/s"], ["f_min_ms", "F minimum", "ms"]];
const CONDITIONS = [["skin_temperature_degc", "Skin", "\u00b0C"], ["high_pass_hz", "High-pass", "Hz"], ["low_pass_hz", "Low-pass", "Hz"]];
const CONVENTIONS = [["not_stated", "not stated"], ["baseline_to_peak", "baseline to peak, O-P"], ["peak_to_peak", "peak to peak, P-P"]];
const SUPRA = [["", "not stated"], ["yes", "yes"], ["no", "no"]];

/** A number as people type it, a comma for the point too; null for nothing, NaN for anything else. */
export function parsed(text) {
  const trimmed = text.trim().replace(",", ".").replace("\u2212", "-");
  if (!trimmed) return null;
  return /^-?\d+(\.\d+)?$/.test(trimmed) ? Number(trimmed) : NaN;
}

/** The section; returns { element, update, focus }. */
export function makeTyped(app) {
  const given = h("div", { class: "nb-row nb-given" });
  const body = h("tbody");
  const headRow = h("tr");
  const sides = h("tr");
  const table = h("table", { class: "nb-lines" }, h("thead", null, sides, headRow), body);
  const element = h("section", { class: "nb-typed", "aria-label": "numbers typed in from a report" },
    h("div", { class: "nb-head" }, h("strong", null, "Numbers without traces"), h("span", { class: "caption" }, "Type what the report says; Enter or Tab takes a number. An empty line was not tested; mark a response that was looked for and is absent.")),
    given, h("div", { class: "nb-scroll" }, table),
    h("div", { class: "caption nb-note" }, "Distance: to the active electrode at the first line, to the line above at the others. A velocity that is typed counts before the one that follows from latencies and distance."),
    app.fixed.can_stimulate || app.fixed.is_paper ? null : h("div", { class: "caption nb-note" }, "Skin, filter and supramaximal also hold for the imported sweeps of this study where they do not say."));
  let inputs = new Map();
  let shown = "";

  function read(input, name) {
    const value = parsed(input.value);
    input.setAttribute("aria-invalid", String(Number.isNaN(value)));
    if (Number.isNaN(value)) app.fail({ what: `this ${name.toLowerCase()} is not a number`, got: input.value.trim(), expected: "such as 4.2" });
    return value;
  }

  function cell(side, site, [name, words, unit]) {
    const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false", class: "nb-number", "aria-label": `${side} ${site.words}, ${words.toLowerCase()} in ${unit || app.unit()}` });
    input.addEventListener("change", () => {
      const value = read(input, words);
      if (!Number.isNaN(value)) app.send({ type: "type_in", side, site: site.code, numbers: { [name]: value } });
    });
    inputs.set(`${side}/${site.code}/${name}`, input);
    return h("td", null, input);
  }

  function absent(side, site) {
    const box = h("input", { type: "checkbox", "aria-label": `${side} ${site.words}, no response` });
    box.addEventListener("change", () => app.send({ type: "type_in", side, site: site.code, numbers: box.checked ? { is_absent: true, latency_ms: null, peak_ms: null, amplitude: null, velocity_m_per_s: null } : { is_absent: false } }));
    inputs.set(`${side}/${site.code}/is_absent`, box);
    return h("td", { class: "nb-none" }, box);
  }

  function chooser(name, words, options, of) {
    const pick = h("select", { "aria-label": words }, ...options.map(([value, text]) => h("option", { value }, text)));
    pick.addEventListener("change", () => app.send({ type: "type_conditions", numbers: { [name]: of(pick.value) } }));
    inputs.set(name, pick);
    return h("label", { class: "nb-field" }, h("span", { class: "caption" }, words), pick);
  }

  function build() {
    const study = app.study();
    const isMotor = study.kind === "motor";
    const columns = COLUMNS.filter(([name]) => (isMotor ? name !== "peak_ms" : name !== "f_min_ms"));
    inputs = new Map();
    fill(sides, h("th", null), ...["Left", "Right"].map((side) => h("th", { colspan: String(columns.length + 1), class: "nb-of" }, side)));
    const names = [...columns.map(([, words, unit]) => h("th", null, words, h("span", { class: "nb-unit" }, ` ${unit || app.unit()}`))), h("th", null, "None")];
    fill(headRow, h("th", null, "Site"), ...names, ...names.map((one) => one.cloneNode(true)));
    fill(body, ...study.sites.map((site) => h("tr", null, h("th", { scope: "row" }, site.words), ...["left", "right"].flatMap((side) => [...columns.map((column) => cell(side, site, column)), absent(side, site)]))));
    fill(given, ...CONDITIONS.map(([name, words, unit]) => {
      const input = h("input", { type: "text", inputmode: "decimal", autocomplete: "off", class: "nb-number", "aria-label": `${words} in ${unit}` });
      input.addEventListener("change", () => { const value = read(input, words); if (!Number.isNaN(value)) app.send({ type: "type_conditions", numbers: { [name]: value } }); });
      inputs.set(name, input);
      return h("label", { class: "nb-field" }, h("span", { class: "caption" }, `${words}, ${unit}`), input);
    }), chooser("convention", "Amplitude", CONVENTIONS, (value) => value), chooser("is_supramaximal", "Supramaximal", SUPRA, (value) => (value ? value === "yes" : null)));
    shown = study.key;
  }

  function put(key, value) {
    const input = inputs.get(key);
    if (!input || input === document.activeElement) return;
    if (input.type === "checkbox") { input.checked = Boolean(value); return; }
    input.value = value === null || value === undefined ? "" : String(value);
    input.removeAttribute("aria-invalid");
  }

  function update() {
    if (!app.isTyped()) return;
    if (shown !== app.study().key) build();
    const { typed } = app.state;
    for (const [name] of CONDITIONS) put(name, typed[name]);
    put("convention", typed.convention);
    put("is_supramaximal", typed.is_supramaximal === null ? "" : typed.is_supramaximal ? "yes" : "no");
    for (const side of ["left", "right"]) for (const site of app.study().sites) {
      const line = typed[side][site.code] || {};
      for (const [name] of COLUMNS) put(`${side}/${site.code}/${name}`, line[name]);
      put(`${side}/${site.code}/is_absent`, line.is_absent);
      const hasTrace = app.state[side].traces.some((one) => one.site === site.code);
      for (const name of [...COLUMNS.map(([one]) => one), "is_absent"]) { const input = inputs.get(`${side}/${site.code}/${name}`); if (input) { input.disabled = hasTrace; input.title = hasTrace ? "a trace was kept here; its numbers come from its markers" : ""; } }
    }
  }
  return { element, update, focus: (side, site) => { const input = inputs.get(`${side}/${site}/latency_ms`) || inputs.values().next().value; if (input) input.focus(); } };
}
