/* Findings of the case by kind, and the form of one: add, correct, take out. Python checks every field. */
import { fill, h, message } from "../_js/dom.js";

const GROUPS = [["head", "Question, subject"], ["symptom", "Symptoms"], ["strength", "Strength"], ["reflex", "Reflexes"], ["sensation", "Sensation"], ["sign", "Signs"], ["motor", "Motor NCS"], ["sensory", "Sensory NCS"], ["late", "Late"], ["needle", "Needle EMG"], ["mri", "MRI"]];
const NORMAL = /^(MRC 5|normal|not present|quiet at rest(, recruitment normal)?)$/;

/** The pane; returns { element, update, open, fail, done, report }. */
export function makeEntry(app) {
  const { forms, studies, muscles, levels, roots, zones, skin } = app.fixed.forms;
  const id = `cb${Math.random().toString(36).slice(2, 8)}`;
  const lists = h("div", { hidden: true }, h("datalist", { id: `${id}-muscle` }, ...muscles.map((one) => h("option", { value: one.name }))), h("datalist", { id: `${id}-zones` }, ...zones.map((name) => h("option", { value: name }))), h("datalist", { id: `${id}-skin` }, ...skin.map((one) => h("option", { value: one.name }))));
  const tabs = h("div", { class: "cb-tabs", role: "tablist", "aria-label": "kinds of findings" });
  const listed = h("div", { class: "cb-list" });
  const form = h("form", { class: "cb-form", onsubmit: (event) => { event.preventDefault(); save(); } });
  const answer = h("div", { class: "cb-answer", "aria-live": "polite" });
  const pane = h("div", { class: "cb-entry-pane" }, listed, h("div", { class: "cb-form-pane" }, form, answer));
  const summary = h("button", { class: "cb-entry-toggle", "aria-expanded": "false", onclick: () => toggle() });
  const body = h("div", { class: "cb-entry-body" }, tabs, pane);
  body.hidden = true;
  const element = h("section", { class: "cb-entry", "aria-label": "findings of the case" }, lists, summary, body);
  const state = { kind: "head", index: null, inputs: {}, studyRows: null };

  function toggle(isOpen = body.hidden) { body.hidden = !isOpen; summary.setAttribute("aria-expanded", String(isOpen)); label(); }

  function label() {
    const count = Object.entries(app.state.entries).map(([kind, rows]) => [GROUPS.find(([code]) => code === kind)[1].toLowerCase(), rows.length]).filter(([, n]) => n).map(([name, n]) => `${n} ${name}`);
    fill(summary, h("b", null, body.hidden ? "Add or correct findings" : "Findings"), h("span", { class: "cb-sub" }, count.length ? count.join(" \u00b7 ") : "nothing entered yet"), h("span", { class: "cb-caret", "aria-hidden": "true" }, body.hidden ? "\u25be" : "\u25b4"));
  }

  function input(field, value = "") {
    if (field.type === "choice") return h("select", { value }, ...field.options.map((option) => h("option", { value: option, selected: option === String(value) }, option === "" ? "\u2013" : option.replaceAll("_", " "))));
    if (field.type === "study") { const box = h("select", { onchange: () => { if (state.kind === "motor") sites(box.value, []); } }, ...studies.filter((one) => one.kind === field.options[0]).map((one) => h("option", { value: one.code, selected: one.code === value }, one.words))); return box; }
    if (field.type === "level" || field.type === "roots") return h("select", null, h("option", { value: "" }, "\u2013"), ...(field.type === "level" ? levels : roots).map((one) => h("option", { value: one, selected: one === value }, one)));
    if (field.type === "words") { const list = `${id}-${field.name}`; return h("span", null, h("input", { type: "text", list, value, spellcheck: "false", autocomplete: "off" }), h("datalist", { id: list }, ...field.options.map((one) => h("option", { value: one.replaceAll("_", " ") })))); }
    const list = { muscle: `${id}-muscle`, zones: `${id}-zones`, skin: `${id}-skin` }[field.type];
    return h("input", { type: "text", value, list: list || null, class: field.type === "number" ? "is-number" : null, inputmode: field.type === "number" ? "decimal" : null, spellcheck: "false", autocomplete: "off" });
  }

  /** One row for each site of a motor study. */
  function sites(code, rows) {
    const study = studies.find((one) => one.code === code);
    const box = state.inputs.sites;
    state.studyRows = study.sites.map((site, n) => {
      const known = rows.find((row) => row.site === site) || {};
      const make = (name, words) => h("input", { type: "text", class: "is-number", inputmode: "decimal", value: known[name] || "", "aria-label": `${site.replaceAll("_", " ")}, ${words}` });
      return { site, amplitude: make("amplitude", "amplitude mV"), latency: make("latency", "onset latency ms"), distance: n ? null : make("distance", "distance mm"), velocity: n ? make("velocity", "velocity m/s from the site before") : null, absent: h("input", { type: "checkbox", checked: known.absent, "aria-label": `${site.replaceAll("_", " ")}: no response` }) };
    });
    fill(box, h("table", null, h("thead", null, h("tr", null, ...["site", "mV", "ms", "m/s or mm", "no response"].map((text) => h("th", null, text)))), h("tbody", null, ...state.studyRows.map((row) => h("tr", null, h("td", null, row.site.replaceAll("_", " ")), h("td", null, row.amplitude), h("td", null, row.latency), h("td", null, row.velocity || row.distance), h("td", null, row.absent))))));
  }

  function draw(values = {}) {
    fill(answer);
    state.inputs = {};
    if (state.kind === "head") {
      const { head } = app.state;
      const fields = [["question", "question", "text"], ["days_since_onset", "days since onset", "number"], ["age_years", "age, years", "number"], ["sex", "sex", "choice", ["", "female", "male"]], ["height_cm", "height, cm", "number"]];
      fill(form, ...fields.map(([name, words, type, options]) => { const box = input({ type, options: options || [] }, head[name]); state.inputs[name] = box; return h("label", { class: name === "question" ? "cb-field is-wide" : "cb-field" }, h("span", { class: "caption" }, words), box); }), h("div", { class: "cb-buttons" }, h("button", { type: "submit" }, "Keep")));
      return;
    }
    const spec = forms[state.kind];
    // nothing is normal and no side is right by default: the side of the complaint is offered, the rest has to be chosen
    const sideOf = (field) => ({ ...field, options: field.options.includes("") ? field.options : ["", ...field.options] });
    const parts = spec.fields.map((given) => {
      const field = ["side", "mrc", "finding"].includes(given.name) || (state.kind === "mri" && given.name === "kind") ? sideOf(given) : given;
      if (field.type === "sites") { const box = h("div", { class: "cb-sites" }); state.inputs.sites = box; return box; }
      const box = input(field, values[field.name] ?? (field.name === "side" && ["left", "right"].includes(app.state.side) && state.kind !== "symptom" ? app.state.side : ""));
      state.inputs[field.name] = box;
      return h("label", { class: "cb-field" }, h("span", { class: "caption" }, field.unit ? `${field.label}, ${field.unit}` : field.label), box);
    });
    fill(form, h("div", { class: "cb-form-title" }, h("b", null, state.index === null ? `New: ${spec.title.toLowerCase()}` : `Correct: ${spec.title.toLowerCase()} ${state.index + 1}`)), ...parts,
      h("div", { class: "cb-buttons" }, h("button", { type: "submit" }, state.index === null ? "Add" : "Replace"), state.index === null ? null : h("button", { type: "button", onclick: () => { app.send({ type: "remove", kind: state.kind, index: state.index }); open(state.kind); } }, "Take out"), state.index === null ? null : h("button", { type: "button", onclick: () => open(state.kind) }, "New")),
      state.kind === "mri" && state.index === null ? pasted() : null);
    if (state.inputs.sites) sites(fieldBox("study").value, values.sites || []);
  }

  function pasted() {
    const text = h("textarea", { rows: 5, "aria-label": "MRI report", placeholder: "or paste an English spine MRI report; its findings are read, its words stay out of the case" });
    return h("div", { class: "cb-pasted" }, text, h("button", { type: "button", onclick: () => { if (text.value.trim()) app.send({ type: "report", text: text.value }); } }, "Read the report"), h("div", { class: "caption" }, "It replaces the MRI findings of the case; undo brings them back."));
  }

  function fieldBox(name) { const box = state.inputs[name]; return box.tagName === "SPAN" ? box.querySelector("input") : box; }

  function save() {
    fill(answer);
    const values = {};
    for (const name of Object.keys(state.inputs)) if (name !== "sites") values[name] = fieldBox(name).value;
    if (state.kind === "head") { app.send({ type: "head", values }); return; }
    if (state.kind === "sensation" && values.nerve) { const known = skin.find((one) => one.name === values.nerve); if (known) values.nerve = known.code; }
    if (state.inputs.sites) values.sites = state.studyRows.map((row) => ({ site: row.site, amplitude: row.amplitude.value, latency: row.latency.value, distance: row.distance ? row.distance.value : "", velocity: row.velocity ? row.velocity.value : "", absent: row.absent.checked }));
    app.send({ type: "enter", kind: state.kind, values, ...(state.index === null ? {} : { index: state.index }) });
  }

  /** Show the form of a kind, empty, with some fields, or with those of an entry. */
  function open(kind, values = {}, index = null, focus = true) {
    Object.assign(state, { kind, index });
    toggle(true);
    update();
    draw(values);
    if (focus) { const first = form.querySelector("input:placeholder-shown, input, select"); if (first) { first.focus({ preventScroll: false }); } element.scrollIntoView({ block: "nearest" }); }
  }

  function rows() {
    if (state.kind === "head") return [h("p", { class: "caption" }, "No name and no number that identifies: age, sex and height are all that limits need.")];
    const all = app.state.entries[state.kind];
    const ordered = [...all.filter((one) => !NORMAL.test(one.found)), ...all.filter((one) => NORMAL.test(one.found))];
    return ordered.length ? ordered.map((one) => h("button", { class: `cb-entry-row${state.index === one.index ? " is-here" : ""}${NORMAL.test(one.found) ? " is-normal" : ""}`, onclick: () => app.send({ type: "edit", kind: state.kind, index: one.index }) }, h("span", null, one.what), h("span", { class: "caption" }, one.found))) : [h("p", { class: "caption" }, "Nothing entered: not tested, which is not normal.")];
  }

  function update() {
    label();
    fill(tabs, ...GROUPS.map(([kind, words]) => h("button", { role: "tab", class: "cb-tab", "aria-selected": String(kind === state.kind), onclick: () => open(kind) }, words, kind !== "head" && app.state.entries[kind].length ? h("span", { class: "cb-count" }, String(app.state.entries[kind].length)) : null)));
    const top = listed.scrollTop;
    fill(listed, ...rows());
    listed.scrollTop = top;
  }

  function fail(error) {
    const rest = [error.got, error.expected && `Expected ${error.expected}.`].filter(Boolean).join(" ");
    fill(answer, message("error", `${error.what[0].toUpperCase()}${error.what.slice(1)}.`, rest));
    toggle(true);
  }

  /** After an entry was taken: the side stays, the rest is ready for the next one. */
  function done(kind) {
    if (kind !== state.kind) return;
    const had = element.contains(document.activeElement);
    const keep = {};
    for (const name of ["side", "study", "mrc", "finding", "days", "days_since_onset"]) if (state.inputs[name] && ["side", "days", "days_since_onset"].includes(name)) keep[name] = fieldBox(name).value;
    state.index = null;
    draw(keep);
    fill(answer, h("div", { class: "caption" }, "Entered. Undo takes it back."));
    const first = form.querySelector("input, select");
    if (first && had) first.focus({ preventScroll: true });
  }

  function report(found) {
    fill(answer, found.urgent.length ? message("error", "Urgent finding in the report.", found.urgent.join(" ")) : null, found.conflicts.length ? message("warn", "The report contradicts itself.", found.conflicts.join(" ")) : null, message("info", `${found.n} findings read.`, found.unread ? `Not understood: ${found.unread} ${found.unread === 1 ? "stretch" : "stretches"}; see and correct it on the MRI bench.` : "Nothing was left unread."));
  }
  draw();
  return { element, update, open, fail, done, report, toggle };
}
