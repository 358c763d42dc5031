/* What one cell of the board rests on: each finding with its bearing and where it stands in the case. */
import { fill, h } from "../_js/dom.js";
import { evidenceMark } from "../_js/marks.js";
import { COLUMN_WORDS } from "./board.js";
import { makeTrace } from "./trace.js";

const KIND_OF = [[/^symptoms\[(\d+)\]/, "symptom"], [/^examination\.strength\[(\d+)\]/, "strength"], [/^examination\.reflexes\[(\d+)\]/, "reflex"], [/^examination\.sensation\[(\d+)\]/, "sensation"], [/^examination\.signs\[(\d+)\]/, "sign"], [/^ncs\.motor\[(\d+)\]/, "motor"], [/^ncs\.sensory\[(\d+)\]/, "sensory"], [/^ncs\.late\[(\d+)\]/, "late"], [/^needle\[(\d+)\]/, "needle"], [/^mri\[(\d+)\]/, "mri"]];

/** Entry of the case that a place stands for: { kind, index }; null for none. */
export function entryAt(place) {
  for (const [pattern, kind] of KIND_OF) {
    const found = pattern.exec(place || "");
    if (found) return { kind, index: Number(found[1]) };
  }
  return null;
}

/** The pane; returns { element, update, focus, trace, openTrace }. */
export function makeEvidence(app) {
  const title = h("div", { class: "cb-head" });
  const body = h("div", { class: "cb-rows" });
  const wave = makeTrace(() => focus());
  const element = h("section", { class: "cb-evidence", "aria-label": "evidence of the chosen cell", tabindex: "-1" }, title, body, wave.element);
  let all = false;
  let more = false;
  let drawn = "";

  /** Where a finding was recorded: the button that shows it, or that nothing is kept. */
  function link(item) {
    if (!item.is_measured) return null;
    if (!item.n_traces) return h("span", { class: "caption cb-no-trace", title: "No recording is kept with this finding." }, "no trace kept");
    return h("button", { class: "cb-link", "aria-expanded": String(wave.place === item.place), onclick: () => app.send({ type: "trace", place: item.place }) }, item.n_traces === 1 ? "1 trace" : `${item.n_traces} traces`);
  }

  function row(item) {
    const at = entryAt(item.place);
    return h("div", { class: "cb-item" }, evidenceMark(item.state), h("span", { class: "cb-item-words" }, item.sentence, item.bearing ? h("span", { class: "caption" }, ` ${item.bearing[0].toUpperCase()}${item.bearing.slice(1)}.`) : null, item.source ? h("span", { class: "caption" }, ` ${item.source}`) : null),
      h("span", { class: "cb-item-links" }, link(item), at ? h("button", { class: "cb-link", onclick: () => app.editEntry(at.kind, at.index) }, "open") : null));
  }

  function missing(name) {
    return h("div", { class: "cb-item" }, evidenceMark("not tested"), h("span", { class: "cb-item-words" }, name[0].toUpperCase() + name.slice(1)), app.canEnterTest(app.cell.column, name) ? h("button", { class: "cb-link", onclick: () => app.enterTest(app.cell.column, name, app.cell.side) }, "enter") : null);
  }

  function update() {
    const { cell } = app;
    const now = `${cell.row}|${cell.column}|${cell.side}|${app.state.version}`;
    if (drawn !== now) { drawn = now; wave.close(); }
    if (!cell.row) { fill(title, h("h3", null, "Evidence")); fill(body, h("p", { class: "cb-empty" }, "Choose a cell of the board to see what it rests on.")); return; }
    fill(title, h("h3", null, `${cell.words}, ${COLUMN_WORDS[cell.column]}, ${cell.side}`), h("span", { class: "cb-sub" }, "the selected cell"));
    const spoken = cell.items.filter((item) => item.state !== "silent");
    const silent = cell.items.filter((item) => item.state === "silent");
    const counted = spoken.filter((item) => !item.repeats);
    const again = spoken.filter((item) => item.repeats);
    const shown = all ? silent : silent.slice(0, Math.max(0, 4 - spoken.length));
    fill(body, ...counted.map(row), ...(more ? again.map(row) : []),
      again.length ? h("button", { class: "cb-link", onclick: () => { more = !more; update(); } }, more ? "fewer" : `${again.length} more that go with these and are not counted twice`) : null, ...shown.map(row),
      silent.length > shown.length || (all && silent.length > 2) ? h("button", { class: "cb-link", onclick: () => { all = !all; update(); } }, all ? "fewer" : `${silent.length - shown.length} more that say nothing either way`) : null,
      ...cell.not_tested.map(missing),
      cell.items.length || cell.not_tested.length ? null : h("p", { class: "cb-empty" }, "Nothing of this kind was examined here. Not tested is not normal."));
  }
  const focus = () => element.focus({ preventScroll: true });
  /** The first waveform of the open cell; says so where none is kept. */
  function openTrace() {
    const measured = (app.cell.items || []).filter((item) => item.is_measured);
    const found = measured.find((item) => item.n_traces) || measured[0];
    if (found) app.send({ type: "trace", place: found.place });
    else wave.show({ place: "", rows: [], missing: ["Nothing in this cell was recorded; choose a cell of nerve conduction or needle EMG."] }, []);
  }
  return { element, update, focus, openTrace, trace: (content, buffers) => { wave.show(content, buffers); update(); } };
}
