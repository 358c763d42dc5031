/* The right-hand column of the scope: channels with their meters, recording, marks and cursors. */
import { fill, h, mark, message } from "../_js/dom.js";
import { clock, duration, fixed, plain, size } from "../_js/format.js";

const METER_DIVISIONS = 5; // half the height of the selected lane is a full meter

/** Channels with their level meters; a click selects, the tick shows or hides. */
export function makeMeters(app) {
  const body = h("tbody", null);
  const element = h("section", { class: "sc-meters", "aria-label": "channels" }, h("div", { class: "tv-head" }, h("strong", null, "Channels"), h("span", { class: "caption" }, "peak and RMS of the last 0.5 s")),
    h("div", { class: "tv-scroll" }, h("table", null, h("colgroup", null, h("col", { class: "sc-c1" }), h("col", null), h("col", { class: "sc-c3" }), h("col", { class: "sc-c3" })), body)));
  let key = "";
  const rows = [];

  function build() {
    rows.length = 0;
    fill(body, ...app.info.channels.map((channel, index) => {
      const tick = h("input", { type: "checkbox", "aria-label": `show ${channel.name}`, onclick: (event) => { event.stopPropagation(); app.showHide(index); } });
      const bar = h("span", { class: "sc-bar" }, h("i", null), h("b", null));
      const peak = h("td", { class: "num" });
      const rms = h("td", { class: "num" });
      const notes = h("div", { class: "sc-notes" });
      const row = h("tr", { onclick: () => app.selectChannel(index) }, h("td", null, h("span", { class: "tv-row" }, tick, `${index + 1}`)),
        h("td", { class: "sc-name" }, h("span", { class: "sc-one", title: channel.words }, channel.words), bar, notes), peak, rms);
      rows.push({ row, tick, bar, peak, rms, notes });
      return row;
    }));
  }

  function update() {
    const next = app.info.channels.map((channel) => channel.name).join("|");
    if (next !== key) { key = next; build(); }
    const levels = app.state.levels || [];
    app.info.channels.forEach((channel, index) => {
      const { row, tick, bar, peak, rms, notes } = rows[index];
      const level = levels[index];
      row.setAttribute("aria-selected", String(index === app.channel));
      tick.checked = !app.hidden.includes(index);
      const full = METER_DIVISIONS * app.sens[index];
      const share = level && level.peak !== null ? Math.min(level.peak / full, 1) : 0;
      bar.firstChild.style.width = `${100 * share}%`;
      bar.lastChild.style.left = `${100 * (level && level.rms !== null ? Math.min(level.rms / full, 1) : 0)}%`;
      peak.textContent = level && level.peak !== null ? size(level.peak, channel.unit, 2) : "\u2013";
      rms.textContent = level && level.rms !== null ? size(level.rms, channel.unit, 2) : "\u2013";
      fill(notes, ...notesOf(level, channel).map(([kind, words]) => h("span", { class: kind === "warn" ? "sc-warn" : "" }, kind === "warn" ? mark("warn") : null, words)));
    });
  }
  return { element, update };
}

function notesOf(level, channel) {
  if (!level) return [];
  const found = [];
  if (!channel.is_voltage) return level.peak === null ? [["", "no sample"]] : [];
  if (level.limit_share > 0.005) found.push(["warn", `at the limit of the converter, ${plain(100 * level.limit_share, 2)} % of samples`]);
  if (level.mains_hz) found.push(["warn", `mains ${level.mains_hz} Hz, ${size(level.mains, channel.unit, 2)}`]);
  if (level.peak === null) found.push(["", "no sample"]);
  if (level.impedance_kohm !== null && level.impedance_kohm !== undefined) found.push(["", `${plain(level.impedance_kohm, 3)} k\u03a9`]);
  return found;
}

/** The recording: name, record and end, what is safe, and closing into a file for others. */
export function makeRecording(app) {
  const name = h("input", { type: "text", "aria-label": "file name", placeholder: "name, or the time", size: 14 });
  const button = h("button", { onclick: () => app.recordOrEnd(name.value.trim()) });
  const words = h("div", { class: "caption sc-safe" });
  const others = h("div", { class: "tv-row" });
  const element = h("section", { class: "sc-recording", "aria-label": "recording" }, h("div", { class: "tv-head" }, h("strong", null, "Recording")), h("div", { class: "tv-row" }, name, button), words, others);
  name.addEventListener("keydown", (event) => { event.stopPropagation(); if (event.key === "Enter") { app.recordOrEnd(name.value.trim()); app.focus(); } if (event.key === "Escape") app.focus(); });
  let saving = "";
  function update() {
    const { recording, recorded, note } = app.state;
    name.disabled = Boolean(recording);
    fill(button, recording ? "End" : "Record", h("kbd", null, "R"));
    button.classList.toggle("sc-rec", Boolean(recording));
    if (note) saving = "";
    fill(words, recording ? `${recording.file}: ${clock(recording.safe_s)} on disk, safe. ${recording.n_refused ? `${recording.n_refused} samples refused. ` : ""}${recording.sentence}`
      : saving || note || (recorded ? `${recorded} is whole.` : "Nothing is recorded yet."));
    fill(others, ...(recorded && !recording ? [h("span", { class: "caption" }, "close into"), ...[["EDF+", ".edf"], ["BDF+", ".bdf"], ["Case folder", "case"]].map(([kind, suffix]) => h("button", { onclick: () => { saving = `Writing ${kind} and reading it back.`; fill(words, saving); app.send({ type: "save", suffix }); } }, kind))] : []));
  }
  return { element, update, name };
}

/** Cursors of a frozen picture. */
export function makeCursors(app) {
  const body = h("tbody", null);
  const unit = h("th", { class: "num" });
  const note = h("span", { class: "caption" });
  const element = h("section", { class: "tv-cursors" }, h("div", { class: "tv-head" }, h("strong", null, "Cursors"), note), h("table", null, h("thead", null, h("tr", null, h("th", null, ""), h("th", { class: "num" }, "time s"), unit)), body));
  function update() {
    element.hidden = !app.state.frozen;
    const channel = app.info.channels[app.channel];
    unit.textContent = channel.unit;
    note.textContent = `channel ${app.channel + 1}${app.filters.some((step) => step.is_on) ? ", filtered" : ""}`;
    const found = app.readout || [];
    const row = (letter, one) => h("tr", null, h("td", null, h("span", { class: "tv-letter" }, letter)), h("td", { class: "num" }, one ? fixed(one.t_s, 4) : "\u2013"), h("td", { class: "num" }, one && one.value !== null ? plain(one.value, 3) : "\u2013"));
    const [a, b] = app.cursors;
    fill(body, row("A", found[0]), row("B", found[1]),
      h("tr", null, h("td", null, "B \u2212 A"), h("td", { class: "num" }, a !== null && b !== null ? duration(b - a) : "\u2013"), h("td", { class: "num" }, a !== null && b !== null && a !== b ? `${plain(1 / Math.abs(b - a), 3)} /s` : "")));
  }
  return { element, update };
}

/** Marks and gaps, the newest first; in a frozen picture a click goes there. */
export function makeMarks(app) {
  const list = h("tbody", null);
  const note = h("span", { class: "caption" });
  const hint = h("div", { class: "caption" });
  const [undo, redo] = ["undo", "redo"].map((way) => h("button", { onclick: () => app.turn(way) }));
  const element = h("section", { class: "tv-marks", "aria-label": "marks" }, h("div", { class: "tv-head" }, h("strong", null, "Marks"), note), h("div", { class: "tv-scroll" }, h("table", null, list)), hint,
    h("div", { class: "tv-row" }, h("button", { onclick: () => app.openLabels() }, "Label", h("kbd", null, "L")), undo, redo));
  function update() {
    const { marks = [], gaps = [], n_marks = 0 } = app.state;
    note.textContent = `${n_marks}${app.state.recording ? ", in the recording" : ""}${gaps.length ? `; ${gaps.length} gap${gaps.length === 1 ? "" : "s"}` : ""}`;
    const rows = [...marks.map((one) => ({ t: one.t_s, words: app.wordsOf(one) })), ...gaps.map((gap) => ({ t: gap.start_s, words: `gap ${duration(gap.end_s - gap.start_s)}, ${gap.n} samples`, gap }))].sort((a, b) => b.t - a.t);
    for (const [button, way, words, key] of [[undo, "undo", "Undo", "Z"], [redo, "redo", "Redo", "\u21e7Z"]]) {
      const name = (app.state.steps || {})[way];
      button.disabled = !name;
      button.title = name ? `${words}: ${name}` : "";
      fill(button, words, h("kbd", null, key));
    }
    hint.textContent = rows.length ? "" : "K marks this moment, L and a letter names it.";
    fill(list, ...rows.slice(0, 40).map((one) => h("tr", { class: one.gap ? "sc-gap" : "", onclick: () => app.goTo(one.t) }, h("td", { class: "num" }, clock(one.t) + (one.t % 1).toFixed(2).slice(1)), h("td", null, one.gap ? mark("warn") : null, one.words))));
  }
  return { element, update };
}

/** What the device says when something is wrong. */
export function makeNotice(app) {
  const element = h("div", { class: "tv-notice sc-notice", "aria-live": "polite" });
  let told = "";
  function update() {
    const { sentence, state } = app.state;
    if (sentence === told) return;
    told = sentence;
    fill(element, sentence ? message(state === "failed" ? "error" : "warn", "", sentence[0].toUpperCase() + sentence.slice(1)) : null);
  }
  return { element, update, say: (...children) => fill(element, ...children) };
}
