/* What is this discharge: the measured features beside the proposed name, look-alikes and why not, and the reader's own name. */
import { fill, h } from "../_js/dom.js";
import { evidenceMark } from "../_js/marks.js";

/** The panel; returns { element, update, openOther }. */
export function makeNaming(app) {
  const head = h("div", { class: "ne-head" }, h("span", { class: "ne-name" }, "What is this discharge?"));
  const caption = h("span", { class: "caption" });
  head.append(caption);
  const body = h("div", { class: "ne-reading" });
  const names = h("div", { class: "ne-names" });
  const said = h("div", { class: "ne-said" });
  const element = h("section", { class: "ne-naming", "aria-label": "what is this discharge" }, head, body, names, said);
  let chosen = 0;
  let last = "";
  const other = h("select", { class: "ne-other", "aria-label": "another name", onchange: () => { if (other.value) app.name(other.value); other.value = ""; app.focus(); } },
    h("option", { value: "" }, "Other\u2026 O"), ...app.fixed.names.filter((one) => !one.key).map((one) => h("option", { value: one.code }, one.words)));

  function table(source) {
    return h("table", { class: "ne-features" }, h("tbody", null, ...source.rows.map((row) => h("tr", null, h("td", null, row.caption), h("td", null, h("b", null, row.text)), h("td", { class: "caption", title: row.source }, row.note)))));
  }

  function verdict(naming) {
    if (naming.code === "cannot_tell") return h("div", { class: "ne-verdict" }, evidenceMark("cannot be judged"), h("b", null, "Cannot tell"), h("span", { class: "caption" }, naming.reason));
    return h("div", { class: "ne-verdict" }, evidenceMark("supports"), h("b", null, `${naming.words[0].toUpperCase()}${naming.words.slice(1)}`), h("span", { class: "ne-fit", title: "0 to 1: how well its features fit, less how well the next class fits; no probability" }, `fit ${naming.confidence.toFixed(2)}`));
  }

  function update() {
    const { reading } = app.state;
    const key = reading ? `${reading.stretch}/${reading.start_s}/${reading.end_s}` : "";
    if (key !== last) { chosen = 0; last = key; }
    caption.textContent = reading ? "proposed from the shaded stretch" : "";
    const buttons = app.fixed.names.filter((one) => one.key).map((one) => h("button", { disabled: !reading, "aria-pressed": String(Boolean(reading && app.nameOf(reading) === one.code)), onclick: () => app.name(one.code) }, { fibrillation: "Fib", positive_sharp_wave: "PSW", cannot_tell: "Cannot tell" }[one.code] || one.words, h("kbd", null, one.key)));
    other.disabled = !reading;
    // the reader's name stands apart from the proposed one, and where they differ both are said
    const mine = reading ? app.nameOf(reading) : "";
    const word = (code) => (app.fixed.names.find((one) => one.code === code) || { words: code.replaceAll("_", " ") }).words;
    said.textContent = mine ? `Named by the reader: ${word(mine)}.${reading.naming && reading.naming.code !== mine ? ` Proposed: ${reading.naming.words}.` : ""}` : "";
    fill(names, ...buttons.slice(0, 2), other, ...buttons.slice(2));
    if (!reading) { fill(body, h("p", { class: "ne-empty" }, app.state.stretch ? "Nothing is shaded. Freeze, then drag over the discharge; X shades what is seen." : "Put the needle in first.")); return; }
    if (reading.sentence) { fill(body, h("p", { class: "ne-empty" }, reading.sentence)); return; }
    const moves = reading.insertions.map((one) => h("div", { class: "ne-move" }, h("div", null, `Needle moved ${(one.stop_s - one.start_s).toFixed(2)} s; activity outlasts it by ${one.after_ms} ms.`), verdict(one.naming)));
    const { sources } = reading;
    const source = sources[Math.min(chosen, sources.length - 1)];
    const tabs = sources.length > 1 ? h("div", { class: "ne-sources", role: "group", "aria-label": "discharges in the stretch" }, ...sources.map((one, i) => h("button", { "aria-pressed": String(i === chosen), onclick: () => { chosen = i; update(); } }, `${i + 1}: ${one.naming.words}, ${one.n}`))) : null;
    const looks = source ? source.naming.look_alikes.slice(0, 3).map((one) => h("div", { class: "ne-look" }, evidenceMark("against"), h("span", null, `${one.words[0].toUpperCase()}${one.words.slice(1)}`), h("span", { class: "caption" }, one.against))) : [];
    fill(body, ...moves, tabs, source ? table(source) : h("p", { class: "ne-empty" }, `No discharge stands out of the noise (${reading.noise_uv} \u00b5V).`), source ? verdict(source.naming) : null, ...looks,
      reading.n_more ? h("div", { class: "caption" }, `${reading.n_more} smaller sources are not listed.`) : null, ...reading.limits.map((text) => h("div", { class: "caption" }, text)));
  }

  return { element, update, openOther: () => { other.focus(); if (other.showPicker) { try { other.showPicker(); } catch { /* only in answer to a gesture */ } } } };
}
